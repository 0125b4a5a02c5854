"""Guests are made once and named as wished where that is free; nobody takes a name that looks like another's."""

import pytest

from chat import limits
from chat.actions import accounts
from chat.models import User
from chat.queries import people
from chat.text import names
from chat.wire.announcements import AnyNews, Renamed
from chat.wire.codes import ChatError, Code
from tests.cast import Cast
from tests.integration.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_guest_is_the_same_for_the_same_secret() -> None:
    one = accounts.guest("secret one")

    assert accounts.guest("secret one", "Another Name") == one
    assert accounts.guest("secret two") != one
    assert one.is_guest
    assert not one.has_usable_password()
    assert names.display_name(one.display_name) == one.display_name


def test_the_secret_itself_is_not_kept() -> None:
    accounts.guest("secret one")

    for row in User.objects.values():
        assert "secret one" not in str(row)


def test_a_guest_is_made_once_however_many_tabs_ask_at_the_same_moment() -> None:
    made = together(*[lambda: accounts.guest("secret", "Ana").pk] * 6)

    assert len(set(made)) == 1
    assert User.objects.count() == 1


def test_a_name_wished_by_many_at_the_same_moment_is_had_by_one() -> None:
    made = together(
        *[lambda secret=f"secret {number}": accounts.guest(secret, "Ana").display_name for number in range(6)]
    )

    assert len({names.key(name) for name in made}) == 6
    assert "Ana" in made
    assert all(name.startswith("Ana") for name in made)


@pytest.mark.parametrize("wished", ["Ana", "ana", "Аna", "Á na", "ＡＮＡ"])
def test_a_wished_name_that_looks_like_a_taken_one_gets_a_suffix(cast: Cast, wished: str) -> None:
    name = accounts.guest("secret", wished).display_name

    assert name != wished
    assert name.endswith(" 2")
    assert names.key(name) != names.key("Ana")


@pytest.mark.parametrize("wished", ["", "   ", "\x00", "x" * 41, "\u202eevil", "\ufdfa" * 40, "\ud800"])
def test_a_wish_that_is_no_name_gets_a_made_up_one(wished: str) -> None:
    name = accounts.guest("secret", wished).display_name

    assert names.display_name(name) == name


def test_a_name_that_everybody_wants_is_still_given_out() -> None:
    given = [accounts.guest(f"secret {number}", "x" * limits.NAME_LENGTH).display_name for number in range(12)]

    assert len(set(given)) == 12
    assert all(len(name) <= limits.NAME_LENGTH for name in given)


def test_who_makes_guests_may_be_refused_and_who_is_known_is_not_asked() -> None:
    def refuse() -> None:
        raise ChatError(Code.RATE_LIMITED, "Too many.")

    known = accounts.guest("secret")
    assert accounts.guest("secret", before_making=refuse) == known
    with pytest.raises(ChatError):
        accounts.guest("another secret", before_making=refuse)

    assert User.objects.count() == 1


def test_a_new_name_is_kept_and_announced(cast: Cast, announced: list[AnyNews]) -> None:
    accounts.rename(cast.visitor, "  Vera   Li ")

    assert User.objects.get(pk=cast.visitor.pk).display_name == "Vera Li"
    assert User.objects.get(pk=cast.visitor.pk).username == "Vera-Li"
    assert announced == [Renamed(person=cast.visitor.pk, name="Vera Li")]
    assert people.of_guest_key(cast.keys["visitor"]) == cast.visitor


@pytest.mark.parametrize("typed", ["Ana", "ANA", "Аna", "a-n-a", "Á N A"])
def test_a_name_that_looks_like_somebody_elses_is_refused(cast: Cast, announced: list[AnyNews], typed: str) -> None:
    with pytest.raises(ChatError) as caught:
        accounts.rename(cast.visitor, typed)

    assert caught.value.code is Code.BAD_REQUEST
    assert User.objects.get(pk=cast.visitor.pk).display_name == "Visitor"
    assert announced == []


@pytest.mark.parametrize("typed", ["", " ", "x" * 41, "a\x00b", "\u202ea", "...", "\ufdfa" * 40, "\ud800"])
def test_a_new_name_that_is_none_is_refused(cast: Cast, typed: str) -> None:
    with pytest.raises(ChatError) as caught:
        accounts.rename(cast.visitor, typed)

    assert caught.value.code is Code.BAD_REQUEST


def test_ones_own_name_in_another_spelling_is_free(cast: Cast, announced: list[AnyNews]) -> None:
    assert accounts.rename(cast.ana, "ANA").display_name == "ANA"
    announced.clear()

    accounts.rename(cast.ana, "ANA")

    assert announced == []


def test_of_two_who_want_one_name_at_the_same_moment_one_gets_it(cast: Cast) -> None:
    def take(user: User) -> str:
        try:
            return accounts.rename(user, "Queen").display_name
        except ChatError as refusal:
            return refusal.code

    outcomes = together(*[lambda user=user: take(user) for user in (cast.ana, cast.bo, cast.visitor)])

    assert sorted(outcomes) == ["Queen", "bad_request", "bad_request"]


def test_a_member_can_log_in_and_a_guest_has_nothing_to_log_in_with(cast: Cast) -> None:
    member = User.objects.create_user("Eve Adams", password="correct horse")

    assert member.check_password("correct horse")
    assert (member.username, member.display_name, member.is_guest) == ("Eve-Adams", "Eve Adams", False)
    assert not cast.visitor.check_password("")
