"""Guests are made once and named as wished where that is free; nobody takes a name that looks like another's."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from chat import limits, policy
from chat.actions import accounts, emails, memberships, passwords, rooms, sessions, sign_up_links
from chat.actions.accounts import NameTaken
from chat.actions.passwords import WeakPassword
from chat.models import AccountEvent, Membership, Message, Session, SignUpLink, User
from chat.policy import Denied
from chat.queries import entering, log, people
from chat.text import names
from chat.wire.announcements import Account, AnyNews
from chat.wire.codes import ChatError, Code
from tests.cast import Cast, say
from tests.integration.queries.test_people import logged_in, visiting
from tests.integration.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def visitor_of(session_key: str) -> entering.Visitor:
    return entering.visitor(session_key)[0]


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


@pytest.mark.parametrize(
    "wished", ["", "   ", "\x00", "x" * 41, "\u202eevil", "\ufdfa" * 40, "\ud800", "Admin", "Staff"]
)
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
    assert announced == [Account("renamed", cast.visitor.pk, name="Vera Li")]
    assert events() == [("renamed", cast.visitor.pk, "")]
    assert people.of_guest_key(cast.keys["visitor"]) == cast.visitor


@pytest.mark.parametrize("typed", ["Ana", "ANA", "Аna", "a-n-a", "Á N A", "Admin", "EVERY0NE"])
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


def events() -> list[tuple[str, int | None, str]]:
    return list(AccountEvent.objects.order_by("pk").values_list("change", "person", "session_tie"))


# Becoming a member

PASSWORD = "correct horse battery"


def test_who_signs_up_is_a_member_with_a_password_hashed_by_argon2(announced: list[AnyNews]) -> None:
    member = accounts.sign_up("Eve Adams", PASSWORD, email="eve@example.org")

    assert (member.username, member.display_name, member.kind) == ("Eve-Adams", "Eve Adams", "member")
    assert (member.email, member.email_confirmed_at) == ("eve@example.org", None)
    assert not member.is_staff
    assert member.password.startswith("argon2$argon2id$")
    assert PASSWORD not in str(User.objects.values().get(pk=member.pk))
    assert announced == []


@pytest.mark.parametrize("name", [None, "Vera"])
def test_a_guest_who_signs_up_keeps_the_row_and_what_was_said(
    cast: Cast, announced: list[AnyNews], name: str | None
) -> None:
    number = say(cast.lobby, cast.visitor, "before")[0]
    announced.clear()

    member = accounts.sign_up(name or "Visitor", PASSWORD, guest=cast.visitor)

    assert member.pk == cast.visitor.pk
    assert User.objects.get(pk=member.pk).kind == "member"
    assert Message.objects.get(room=cast.lobby, number=number).author_id == member.pk
    renamed = [Account("renamed", member.pk, name=name)] if name else []
    assert announced == [Account("password_changed", member.pk, name=name or "Visitor"), *renamed]


def test_a_claimed_guests_secret_lets_nobody_in(cast: Cast) -> None:
    accounts.sign_up("Vera", PASSWORD, guest=cast.visitor)

    assert people.of_guest_key(cast.keys["visitor"]) is None
    assert accounts.guest(cast.keys["visitor"]).pk != cast.visitor.pk


def test_a_guest_is_claimed_once_however_often_at_the_same_moment(cast: Cast) -> None:
    def claim(name: str) -> str:
        try:
            return accounts.sign_up(name, PASSWORD, guest=cast.visitor).display_name
        except ChatError as refusal:
            return refusal.code

    outcomes = together(*[lambda name=name: claim(name) for name in ("Vera", "Wera", "Xera")])

    assert sorted(outcomes)[1:] == ["forbidden", "forbidden"]
    assert User.objects.get(pk=cast.visitor.pk).display_name == sorted(outcomes)[0]


def test_a_member_or_a_deactivated_guest_is_nobody_to_claim(cast: Cast) -> None:
    for somebody in (cast.ana, accounts.deactivate(cast.visitor)):
        with pytest.raises(Denied):
            accounts.sign_up("Vera", PASSWORD, guest=somebody)

    assert not User.objects.get(pk=cast.ana.pk).has_usable_password()


@pytest.mark.parametrize("name", ["Ana", "ANA", "Аna", "A n a", "Á-na", "Visitor", "Zoe", "PauI", "Moderator"])
def test_nobody_signs_up_under_a_name_like_anothers(cast: Cast, name: str) -> None:
    """A member's, a guest's, that of one who was sent away: the answer is the same."""
    User.objects.create_user("Paul")

    with pytest.raises(NameTaken):
        accounts.sign_up(name, PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "password123", "1234567890123", "EveAdams2026", "x" * 5000])
def test_a_password_that_is_easy_to_guess_is_refused_with_reasons(password: str) -> None:
    with pytest.raises(WeakPassword) as caught:
        accounts.sign_up("EveAdams2026", password)

    assert caught.value.reasons
    assert User.objects.count() == 0


def test_nobody_signs_up_where_that_is_closed(settings: Any) -> None:
    for setting, token in (("closed", None), ("closed", sign_up_links.make(None).token), ("invitation", None)):
        settings.CHAT_SIGN_UP = setting
        with pytest.raises(Denied):
            accounts.sign_up("Eve", PASSWORD, token=token)

    assert User.objects.count() == 0


def test_a_sign_up_link_lets_as_many_in_as_it_has_uses(settings: Any) -> None:
    settings.CHAT_SIGN_UP = "invitation"
    token = sign_up_links.make(None, uses=2).token

    def use(name: str) -> str:
        try:
            return accounts.sign_up(name, PASSWORD, token=token).display_name
        except Denied as refusal:
            return refusal.code

    outcomes = together(*[lambda name=name: use(name) for name in ("Ana", "Bo", "Cy")])

    assert outcomes.count("not_found") == 1
    assert User.objects.count() == 2


def test_a_link_that_is_old_withdrawn_or_made_up_lets_nobody_in(settings: Any) -> None:
    settings.CHAT_SIGN_UP = "invitation"
    withdrawn = sign_up_links.make(None).token
    sign_up_links.revoke(SignUpLink.objects.get())
    for token in (sign_up_links.make(None, seconds=-1).token, withdrawn, "made up", "", "\x00", "\ud800"):
        with pytest.raises(Denied):
            accounts.sign_up("Eve", PASSWORD, token=token)


def test_a_use_is_not_lost_on_a_name_that_is_taken(cast: Cast, settings: Any) -> None:
    settings.CHAT_SIGN_UP = "invitation"
    token = sign_up_links.make(None).token
    with pytest.raises(NameTaken):
        accounts.sign_up("Ana", PASSWORD, token=token)

    assert accounts.sign_up("Eve", PASSWORD, token=token)


def test_only_the_staff_makes_links(cast: Cast) -> None:
    with pytest.raises(Denied):
        sign_up_links.make(cast.ana)
    with pytest.raises(Denied):
        sign_up_links.make(accounts.deactivate(accounts.set_rights(cast.bo, is_staff=True, is_superuser=False)))

    assert sign_up_links.make(accounts.set_rights(cast.ana, is_staff=True, is_superuser=False))


def test_where_there_are_no_guests_none_is_made_and_none_may_be_here(cast: Cast, settings: Any) -> None:
    settings.CHAT_GUESTS = False

    for secret in ("a new secret", cast.keys["visitor"]):
        with pytest.raises(Denied) as caught:
            accounts.guest(secret)
        assert caught.value.code is Code.LOG_IN_NEEDED
    policy.be_here(cast.ana)


# Coming and going


def test_who_is_deactivated_is_refused_until_the_staff_lets_them_in_again(cast: Cast, announced: list[AnyNews]) -> None:
    accounts.deactivate(cast.visitor)
    accounts.deactivate(cast.visitor)

    assert announced == [Account("deactivated", cast.visitor.pk, name="Visitor")]
    with pytest.raises(Denied) as caught:
        accounts.guest(cast.keys["visitor"])
    assert caught.value.code is Code.FORBIDDEN

    accounts.reactivate(cast.visitor)
    assert accounts.guest(cast.keys["visitor"]) == cast.visitor


def test_of_a_deleted_person_only_the_row_is_left(cast: Cast, announced: list[AnyNews]) -> None:
    member = accounts.sign_up("Eve Adams", PASSWORD, email="eve@example.org")
    accounts.prefer(member, language="zh-hans", time_zone="Asia/Tokyo")
    number = say(cast.lobby, member, "I was here")[0]
    announced.clear()

    accounts.delete(member)

    row = User.objects.values().get(pk=member.pk)
    assert not re.search(r"eve|adams|zh-hans|tokyo|argon2", str(row), re.IGNORECASE)
    assert (row["display_name"], row["is_active"]) == ("", False)
    page = log.changed_since(policy.EVERYTHING, cast.lobby.pk, 0, 10)
    assert [(message.id, message.message, message.user.name) for message in page.messages] == [
        (number, "I was here", "")
    ]
    assert announced == [Account("deactivated", member.pk, name="Eve Adams"), Account("deleted", member.pk)]
    with pytest.raises(Denied):
        policy.be_here(User.objects.get(pk=member.pk))


def test_who_joins_or_leaves_the_staff_is_told_of(cast: Cast, announced: list[AnyNews]) -> None:
    accounts.set_rights(cast.ana, is_staff=True, is_superuser=False)

    assert announced == [Account("rights_changed", cast.ana.pk, name="Ana")]
    assert events() == [("rights_changed", cast.ana.pk, "")]


def test_a_deleted_person_is_never_changed_again_and_the_name_is_free(cast: Cast) -> None:
    accounts.delete(cast.ana)

    changes: list[Callable[[], Any]] = [
        lambda: accounts.rename(cast.ana, "Anna"),
        lambda: accounts.reactivate(cast.ana),
        lambda: accounts.delete(cast.ana),
        lambda: accounts.prefer(cast.ana, language="", time_zone=""),
        lambda: accounts.set_rights(cast.ana, is_staff=True, is_superuser=True),
        lambda: passwords.change(cast.ana, PASSWORD),
        lambda: accounts.sign_up("Anna", PASSWORD, guest=cast.ana),
    ]
    for change in changes:
        with pytest.raises(ChatError):
            change()
    assert accounts.sign_up("Ana", PASSWORD).pk != cast.ana.pk


def test_a_deleted_persons_rooms_go_to_others(cast: Cast) -> None:
    room = rooms.make(cast.ana, "private", "Ours")
    memberships.add(cast.ana, room.pk, cast.bo.pk)

    accounts.delete(cast.ana)

    assert list(Membership.objects.filter(room=room).values_list("person", "role")) == [(cast.bo.pk, "owner")]
    assert not Membership.objects.filter(person=cast.ana).exists()


def test_many_may_be_deleted(cast: Cast) -> None:
    for person in (cast.ana, cast.bo, cast.visitor):
        accounts.delete(person)

    assert User.objects.filter(display_name="").count() == 3


# Sessions


def test_logging_out_ends_the_session_and_names_its_tie(cast: Cast, announced: list[AnyNews]) -> None:
    for key, person in ((logged_in(cast.ana), cast.ana), (visiting(cast.keys["visitor"]), cast.visitor)):
        tie = visitor_of(key).tie
        announced.clear()

        sessions.end(key)
        sessions.end(key)

        assert announced == [Account("logged_out", person.pk, tie, person.display_name)]
        assert visitor_of(key).user is None
    assert len(events()) == 2


def test_a_session_without_a_person_ends_as_nobodys(cast: Cast, announced: list[AnyNews]) -> None:
    key = visiting("nobody's yet")
    sessions.end(key)
    sessions.end(None)

    assert [(news.change, news.person) for news in announced if isinstance(news, Account)] == [("logged_out", None)]


def test_logging_out_everywhere_ends_all_of_ones_own_sessions(cast: Cast, announced: list[AnyNews]) -> None:
    mine, others = [logged_in(cast.ana), logged_in(cast.ana)], logged_in(cast.bo)

    sessions.end_all(cast.ana)

    assert [visitor_of(key).user for key in mine] == [None, None]
    assert visitor_of(others).user == entering.row_of(cast.bo)
    assert announced == [Account("logged_out_everywhere", cast.ana.pk, name="Ana")]


def test_another_password_ends_the_other_sessions(cast: Cast, announced: list[AnyNews]) -> None:
    here, there = logged_in(cast.ana), logged_in(cast.ana)
    tie = visitor_of(here).tie

    member = passwords.change(cast.ana, PASSWORD, tie)

    assert member.check_password(PASSWORD)
    assert visitor_of(there).user is None
    assert list(Session.objects.filter(user=cast.ana).values_list("tie", flat=True)) == [tie]
    assert announced == [Account("password_changed", cast.ana.pk, tie, "Ana")]


def test_a_guest_has_no_password_to_change(cast: Cast) -> None:
    with pytest.raises(ChatError):
        passwords.change(cast.visitor, PASSWORD)

    assert not User.objects.get(pk=cast.visitor.pk).has_usable_password()


# E-mail


def test_an_address_counts_once_its_owner_has_confirmed_it(cast: Cast) -> None:
    passwords.change(cast.ana, PASSWORD)
    emails.change(cast.ana, "ana@example.org")
    assert people.reachable_at("ana@example.org") == []

    emails.confirm(cast.ana.pk, "ana@example.org")
    assert people.reachable_at("ANA@example.org") == [cast.ana]

    emails.change(cast.ana, "ana@example.org")
    assert people.reachable_at("ana@example.org") == [cast.ana]
    emails.change(cast.ana, "ana@elsewhere.example")
    assert people.reachable_at("ana@elsewhere.example") == people.reachable_at("ana@example.org") == []


def test_only_the_address_that_is_given_now_is_confirmed(cast: Cast) -> None:
    emails.change(cast.ana, "new@example.org")
    for person, address in ((cast.ana, "old@example.org"), (cast.bo, "new@example.org"), (cast.bo, ""), (cast.zoe, "")):
        with pytest.raises(ChatError):
            emails.confirm(person.pk, address)

    assert not User.objects.filter(email_confirmed_at__isnull=False).exists()


def test_who_cannot_log_in_is_not_written_to(cast: Cast) -> None:
    for person in (cast.ana, cast.bo):
        emails.change(person, "both@example.org")
        emails.confirm(person.pk, "both@example.org")
    assert people.reachable_at("both@example.org") == []
    for person in (cast.ana, cast.bo):
        passwords.change(person, PASSWORD)
    accounts.deactivate(cast.bo)

    assert people.reachable_at("both@example.org") == [cast.ana]
