"""A log-in tells nothing but yes or no, costs the same either way, and cannot be tried for ever."""

from typing import Any

import pytest
from django.contrib.auth import hashers

from chat import limits
from chat.actions import accounts, log_ins, passwords, tries
from chat.actions.log_ins import Browser, WrongPassword
from chat.actions.tries import Bound
from chat.models import Tries, User
from chat.policy import Denied
from chat.wire.codes import ChatError, Code
from tests.cast import Cast
from tests.integration.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"
HOME = Browser("192.0.2.1")


@pytest.fixture
def ana(cast: Cast) -> User:
    return passwords.change(cast.ana, PASSWORD)


def outcome(name: str, password: str = "wrong", browser: Browser = HOME) -> str:
    try:
        return f"in as {log_ins.check(name, password, browser).display_name}"
    except WrongPassword:
        return "wrong"
    except ChatError as refusal:
        return refusal.code


@pytest.mark.parametrize("spelling", ["Ana", "ana", "ANA", " a-n-a ", "Ána", "Аna"])
def test_any_spelling_of_the_name_will_do(ana: User, spelling: str) -> None:
    assert log_ins.check(spelling, PASSWORD, HOME) == ana


def test_whoever_has_no_password_is_answered_like_nobody(cast: Cast, ana: User) -> None:
    accounts.delete(cast.bo)
    refusals = set()
    for name in ("Ana", "Nobody", "Visitor", "Bo", f"deleted {cast.bo.pk}", "", "\x00", "x" * 5000):
        for password in ("", "wrong", "!", "\x00", "x" * 5000):
            try:
                log_ins.check(name, password, Browser(None, "some browser"))
            except WrongPassword as refusal:
                refusals.add((refusal.code, refusal.message))
            Tries.objects.all().delete()

    assert len(refusals) == 1


@pytest.mark.parametrize("name", ["Ana", "Nobody", "Visitor", "Zoe"])
def test_every_try_hashes_exactly_once(ana: User, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    hashed: list[str] = []
    hasher = type(hashers.get_hasher("default"))
    for way in ("encode", "verify"):
        real = getattr(hasher, way)
        monkeypatch.setattr(
            hasher, way, lambda self, *given, real=real, way=way: hashed.append(way) or real(self, *given)
        )

    assert outcome(name) == "wrong"

    assert len(hashed) == 1


def test_who_is_deactivated_learns_it_with_the_right_password_only(ana: User) -> None:
    accounts.deactivate(ana)

    assert outcome("Ana", "wrong") == "wrong"
    with pytest.raises(Denied) as caught:
        log_ins.check("Ana", PASSWORD, HOME)
    assert caught.value.code is Code.FORBIDDEN


def test_after_some_tries_even_the_right_password_has_to_wait(ana: User) -> None:
    assert [outcome("Ana") for _ in range(limits.LOG_IN_TRIES)] == ["wrong"] * limits.LOG_IN_TRIES

    with pytest.raises(ChatError) as caught:
        log_ins.check("Ana", PASSWORD, HOME)
    assert caught.value.code is Code.RATE_LIMITED
    assert 0 < (caught.value.retry_after or 0) <= limits.LOG_IN_WAIT_SECONDS
    later(limits.LOG_IN_WAIT_SECONDS)
    assert outcome("Ana", PASSWORD) == "in as Ana"


def test_a_name_that_is_nobodys_has_to_wait_as_well(ana: User) -> None:
    assert [outcome("Nobody") for _ in range(limits.LOG_IN_TRIES + 1)][-1] == "rate_limited"


def test_many_tries_at_the_same_moment_are_all_counted(ana: User) -> None:
    outcomes = together(*[lambda: outcome("Ana")] * (limits.LOG_IN_TRIES + 3))

    assert sorted(outcomes) == ["rate_limited"] * 3 + ["wrong"] * limits.LOG_IN_TRIES


def test_another_spelling_is_no_further_try(ana: User) -> None:
    spellings = ["Ana", "ANA", "а n a", "Ána", "A-N-A", "ana"][: limits.LOG_IN_TRIES + 1]

    assert [outcome(spelling) for spelling in spellings][-1] == "rate_limited"


def test_who_guesses_from_one_address_keeps_nobody_out_elsewhere(ana: User) -> None:
    for _ in range(limits.LOG_IN_TRIES + 1):
        outcome("Ana", browser=Browser("198.51.100.66"))

    assert outcome("Ana", PASSWORD) == "in as Ana"


def test_one_who_guesses_at_many_names_is_stopped_and_others_at_the_address_log_in_where_they_are_known(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ADDRESS_TRIES", 7)
    assert [outcome(f"Name {number}") for number in range(8)] == ["wrong"] * 7 + ["rate_limited"]

    assert outcome("Ana", PASSWORD) == "rate_limited"
    assert outcome("Ana", PASSWORD, Browser("192.0.2.1", "ana's own", frozenset({ana.pk}))) == "in as Ana"


def test_behind_a_proxy_that_tells_no_addresses_nobody_is_kept_out_by_others(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ADDRESS_TRIES", 3)
    for number in range(9):
        assert outcome(f"Name {number}", browser=Browser(None)) == "wrong"

    assert outcome("Ana", PASSWORD, Browser(None)) == "in as Ana"


def test_guesses_from_many_addresses_are_stopped_but_not_the_persons_own_browser(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NAME_TRIES", 8)
    outcomes = [outcome("Ana", browser=Browser(f"192.0.2.{number}")) for number in range(10)]
    assert outcomes == ["wrong"] * 8 + ["rate_limited"] * 2

    own = Browser("192.0.2.99", "ana's own", frozenset({ana.pk}))
    assert outcome("Ana", PASSWORD, own) == "in as Ana"
    assert [outcome("Ana", browser=own) for _ in range(limits.LOG_IN_TRIES + 1)][-1] == "rate_limited"


def test_a_browser_of_somebody_else_gives_no_further_tries(ana: User, cast: Cast) -> None:
    for _ in range(limits.LOG_IN_TRIES):
        outcome("Ana")

    assert outcome("Ana", PASSWORD, HOME._replace(mark="bo's", people=frozenset({cast.bo.pk}))) == "rate_limited"


def test_only_tries_that_fail_count(ana: User) -> None:
    for _ in range(3 * limits.LOG_IN_TRIES):
        assert outcome("Ana", PASSWORD) == "in as Ana"


def test_without_rates_nothing_is_counted(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATE_LIMITS", False)
    for _ in range(3 * limits.LOG_IN_TRIES):
        assert outcome("Ana") == "wrong"
    assert not Tries.objects.exists()


def test_ones_own_password_cannot_be_guessed_either_from_within(ana: User) -> None:
    for _ in range(limits.LOG_IN_TRIES):
        with pytest.raises(WrongPassword):
            log_ins.confirm(ana, "wrong")

    with pytest.raises(ChatError) as caught:
        log_ins.confirm(ana, PASSWORD)
    assert caught.value.code is Code.RATE_LIMITED
    later(limits.LOG_IN_WAIT_SECONDS)
    log_ins.confirm(ana, PASSWORD)


def test_the_table_tells_neither_names_nor_addresses(ana: User) -> None:
    outcome("Ana")

    for row in Tries.objects.values():
        assert "192.0.2" not in str(row)
        assert "Ana" not in str(row)


# Counting


def test_tries_come_back_one_by_one() -> None:
    bound = Bound(("x",), 2, 10)

    assert [tries.take(bound) for _ in range(2)] == [0, 0]
    assert 0 < tries.take(bound) <= 10
    later(10)
    assert tries.take(bound) == 0
    assert tries.take(bound) > 0
    later(1000)
    assert [tries.take(bound) == 0 for _ in range(3)] == [True, True, False]


def test_of_several_bounds_all_have_to_hold_or_none_is_counted() -> None:
    tight, wide = Bound(("tight",), 1, 10), Bound(("wide",), 2, 10)
    assert tries.take(tight, wide) == 0
    for _ in range(5):
        assert tries.take(wide, tight) > 0

    assert tries.take(wide) == 0
    tries.give_back(tight)
    assert tries.take(tight) == 0


def later(seconds: float) -> None:
    """As if so much time had passed."""
    for row in Tries.objects.all():
        row.all_back_at -= Bound((), 1, seconds).wait
        row.save()


def test_few_statements_for_a_try(django_assert_num_queries: Any) -> None:
    bounds = [Bound((str(number),), 5, 10) for number in range(3)]
    tries.take(*bounds)
    with django_assert_num_queries(5):  # savepoints none: begin, make, lock, update, commit
        tries.take(*bounds)
