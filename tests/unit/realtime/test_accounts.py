"""Log-outs, new passwords, new names and the ends of accounts: heard in whatever way and order, sockets obey."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chat import limits
from chat.queries import people
from chat.queries.people import Presently
from chat.realtime import accounts
from chat.realtime.accounts import Accounts
from chat.wire.announcements import Account, AccountChange
from chat.wire.codes import ChatError, Close, Code
from tests.unit.realtime.model import settled

ANA, BO = 1, 2


class Socket:
    def __init__(self, person: int | None, tie: str) -> None:
        self.person, self.tie = person, tie
        self.name = "?"
        self.code: Close | None = None
        self.asked_again = 0

    def ask_again(self) -> None:
        self.asked_again += 1

    def still_in(self, sessions_ended: int) -> None:
        self.sessions_ended = sessions_ended

    def called(self, name: str) -> None:
        self.name = name

    def send_away(self, code: Close) -> None:
        self.code = self.code or code


class Site:
    """One process, and what the database would say."""

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()
        self.names: list[tuple[int, str]] = []
        self.people: dict[int, Presently] = {}
        self.events: dict[int, Account] = {}
        self.reads: list[Any] = []
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.accounts = Accounts(self, self.sockets, lambda *renamed: self.names.append(renamed))  # type: ignore[arg-type]

    async def run(self, work: Callable[..., Any], *args: Any) -> Any:
        self.reads.append((work, *args))
        await asyncio.sleep(0)
        if self.away:
            raise ChatError(Code.UNAVAILABLE)
        found = {key: self.people[key] for key in args[0] if key in self.people} if work is people.presently else None
        await self.gate.wait()
        return dict(self.events) if found is None else found

    def open(self, person: int | None, tie: str = "") -> Socket:
        socket = Socket(person, tie)
        self.sockets.add(socket)
        self.accounts.entering(socket)
        return socket

    def has(self, person: int, *ties: str, active: bool = True, guest: bool = False) -> None:
        self.people[person] = Presently(active, guest, 0, frozenset(ties))

    async def rest(self) -> None:
        await asyncio.sleep(0)
        await settled(lambda: self.accounts._asking is None)

    async def look(self) -> None:
        await self.accounts._look()
        await self.rest()


@pytest.fixture
async def site() -> Site:
    return Site()


async def test_the_end_of_a_session_ends_all_that_was_opened_with_it_and_nothing_else(site: Site) -> None:
    tabs, phone, bo = [site.open(ANA, "desk"), site.open(ANA, "desk")], site.open(ANA, "phone"), site.open(BO, "bo")

    site.accounts.happened(Account(AccountChange.LOGGED_OUT, ANA, "desk"))

    assert [tab.code for tab in tabs] == [Close.LOGGED_OUT] * 2
    assert phone.code is bo.code is None
    assert site.reads == []


async def test_the_session_of_somebody_without_a_row_may_end_too(site: Site) -> None:
    reader, other = site.open(None, "desk"), site.open(None, "")

    site.accounts.happened(Account(AccountChange.LOGGED_OUT, None, "desk"))

    assert reader.code is Close.LOGGED_OUT
    assert other.code is None


async def test_the_end_of_a_session_without_a_tie_ends_nobody_elses(site: Site) -> None:
    """Of a session from before there were ties."""
    old, guest, reader = site.open(ANA, ""), site.open(BO, ""), site.open(None, "")
    site.has(ANA)

    site.accounts.happened(Account(AccountChange.LOGGED_OUT, ANA, ""))
    site.accounts.happened(Account(AccountChange.LOGGED_OUT, None, ""))
    await site.rest()

    assert old.code is Close.LOGGED_OUT
    assert guest.code is reader.code is None


@pytest.mark.parametrize(
    "change", [AccountChange.PASSWORD_CHANGED, AccountChange.LOGGED_OUT_EVERYWHERE, "something new"]
)
async def test_only_those_sockets_stay_whose_session_still_leads_to_the_person(site: Site, change: str) -> None:
    here, elsewhere, bo = site.open(ANA, "here"), site.open(ANA, "elsewhere"), site.open(BO, "bo")
    site.has(ANA, "here")
    site.has(BO, "bo")

    site.accounts.happened(Account(change, ANA, "here"))
    await site.rest()

    assert (here.code, elsewhere.code, bo.code) == (None, Close.LOGGED_OUT, None)


async def test_word_of_a_change_that_comes_late_ends_nothing_that_was_opened_after_it(site: Site) -> None:
    site.has(ANA, "after")
    after = site.open(ANA, "after")

    for _ in range(3):
        site.accounts.happened(Account(AccountChange.PASSWORD_CHANGED, ANA, "before"))
    await site.rest()

    assert after.code is None


async def test_a_guest_with_a_key_and_no_session_stays_a_guest_until_they_are_none(site: Site) -> None:
    guest = site.open(ANA, "")
    site.has(ANA, guest=True)
    site.accounts.happened(Account("something new", ANA))
    await site.rest()
    assert guest.code is None

    site.has(ANA, "signed up")
    site.accounts.happened(Account(AccountChange.PASSWORD_CHANGED, ANA))
    await site.rest()

    assert guest.code is Close.LOGGED_OUT


@pytest.mark.parametrize("change", [AccountChange.DEACTIVATED, AccountChange.DELETED])
async def test_whose_account_has_ended_is_out_everywhere(site: Site, change: str) -> None:
    sockets = [site.open(ANA, "desk"), site.open(ANA, "phone"), site.open(ANA, "")]
    site.has(ANA, "desk", "phone", active=False)

    site.accounts.happened(Account(change, ANA))
    await site.rest()

    assert {socket.code for socket in sockets} == {Close.REMOVED}


async def test_whose_rights_on_the_site_changed_goes_on_and_is_asked_for_in_the_rooms(site: Site) -> None:
    sara, ana = site.open(BO, "sara"), site.open(ANA, "desk")
    site.has(BO, "sara")

    site.accounts.happened(Account(AccountChange.RIGHTS_CHANGED, BO))
    await site.rest()

    assert sara.code is None
    assert (sara.asked_again, ana.asked_again) == (1, 0)


async def test_who_is_back_by_the_time_the_word_comes_stays(site: Site) -> None:
    ana = site.open(ANA, "desk")
    site.has(ANA, "desk")

    site.accounts.happened(Account(AccountChange.DEACTIVATED, ANA))
    await site.rest()

    assert ana.code is None


async def test_a_new_name_is_known_to_all_sockets_of_the_person_and_told_where_they_are_seen(site: Site) -> None:
    ana, tab, bo = site.open(ANA, "desk"), site.open(ANA, "phone"), site.open(BO, "bo")

    site.accounts.happened(Account(AccountChange.RENAMED, ANA, name="Anna"))

    assert (ana.name, tab.name, bo.name) == ("Anna", "Anna", "?")
    assert site.names == [(ANA, "Anna")]
    assert site.reads == []


async def test_a_new_name_that_is_found_in_the_database_too_is_told_once(site: Site) -> None:
    def rename(key: int, name: str) -> None:
        site.events[key] = Account(AccountChange.RENAMED, ANA, name=name)

    site.open(ANA, "desk")
    site.accounts.happened(Account(AccountChange.RENAMED, ANA, name="Anna"))
    rename(1, "Anna")
    await site.look()
    assert site.names == [(ANA, "Anna")]

    site.has(ANA, "desk")
    site.accounts.happened(
        Account(AccountChange.PASSWORD_CHANGED, ANA, "desk", "Annie")
    )  # its word of the name was lost
    rename(2, "Annie")
    await site.look()
    await site.look()
    assert site.names == [(ANA, "Anna"), (ANA, "Annie")]


# On the way in


async def test_one_who_was_being_looked_up_when_the_session_ended_ends_too(site: Site) -> None:
    site.accounts.happened(Account(AccountChange.LOGGED_OUT, ANA, "desk"))

    late = site.open(ANA, "desk")
    assert late.code is None, "it is in the middle of entering"
    await asyncio.sleep(0)

    assert late.code is Close.LOGGED_OUT


async def test_one_who_was_being_looked_up_when_something_happened_is_asked_for(site: Site) -> None:
    site.has(ANA, "other")
    site.accounts.happened(Account(AccountChange.PASSWORD_CHANGED, ANA, name="Ana"))
    site.accounts.happened(Account(AccountChange.RENAMED, ANA, name="Anna"))
    await site.rest()

    late, fine = site.open(ANA, "desk"), site.open(ANA, "other")
    await site.rest()

    assert (late.name, fine.name) == ("Anna", "Anna")
    assert (late.code, fine.code) == (Close.LOGGED_OUT, None)


async def test_what_happened_is_not_remembered_for_ever(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(accounts, "monotonic", lambda: now)
    site.accounts.happened(Account(AccountChange.LOGGED_OUT, ANA, "desk"))
    site.accounts.happened(Account(AccountChange.RENAMED, ANA, name="Anna"))
    site.open(None)
    now += limits.ACCOUNT_NEWS_SECONDS - 1
    await site.look()
    assert site.accounts._people
    assert site.accounts._ended

    now += 2
    await site.look()

    assert not site.accounts._people
    assert not site.accounts._ended


# When the word was lost


async def test_what_was_not_heard_is_found_by_the_look_and_taken_once(site: Site) -> None:
    ana, bo = site.open(ANA, "desk"), site.open(BO, "bo")
    site.has(BO, active=False)
    site.events = {7: Account(AccountChange.LOGGED_OUT, ANA, "desk"), 8: Account(AccountChange.RENAMED, 3, name="Cy")}
    await site.look()
    assert (ana.code, bo.code) == (Close.LOGGED_OUT, None)

    site.events[6] = Account(AccountChange.DEACTIVATED, BO)  # keys do not commit in their order
    await site.look()
    await site.look()

    assert bo.code is Close.REMOVED
    assert site.names == [(3, "Cy")]
    look = people.events_since
    assert [work for work, *_ in site.reads] == [look, look, people.presently, look]


async def test_a_process_without_sockets_looks_at_nothing(site: Site) -> None:
    await site.look()

    assert site.reads == []


async def test_while_the_database_is_away_the_question_stays_open(site: Site) -> None:
    ana = site.open(ANA, "desk")
    site.has(ANA)
    site.away = True
    site.accounts.happened(Account(AccountChange.PASSWORD_CHANGED, ANA))
    await site.rest()
    assert ana.code is None
    with pytest.raises(ChatError):
        await site.look()

    site.away = False
    await site.look()

    assert ana.code is Close.LOGGED_OUT


async def test_what_happens_while_an_answer_is_on_its_way_is_asked_for_again(site: Site) -> None:
    ana = site.open(ANA, "desk")
    site.has(ANA, "desk")
    site.gate.clear()
    site.accounts.happened(Account(AccountChange.PASSWORD_CHANGED, ANA))
    await settled(lambda: bool(site.reads))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    site.has(ANA, active=False)
    site.accounts.happened(Account(AccountChange.DEACTIVATED, ANA))
    site.gate.set()
    await site.rest()

    assert len(site.reads) == 2
    assert ana.code is Close.REMOVED
