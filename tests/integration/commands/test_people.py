"""What the operator does at the console: make people and links, tidy up."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client

from chat import limits
from chat.actions import accounts, tries
from chat.actions.tries import Bound
from chat.models import AccountEvent, Session, Tries, User
from tests.cast import Cast
from tests.integration.queries.test_people import logged_in
from tests.integration.sessions import user_of
from tests.integration.web.conftest import PASSWORD, enter

pytestmark = pytest.mark.django_db(transaction=True)


def run(monkeypatch: pytest.MonkeyPatch, *words: str, typed: str = "") -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    said = io.StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


@pytest.mark.parametrize(
    ("flags", "rights"), [([], (False, False)), (["--staff"], (True, False)), (["--superuser"], (True, True))]
)
def test_a_person_made_at_the_console_can_log_in(
    client: Client, monkeypatch: pytest.MonkeyPatch, flags: list[str], rights: tuple[bool, bool], settings: Any
) -> None:
    settings.CHAT_SIGN_UP = "closed"

    assert run(monkeypatch, "add_person", "Ana Li", *flags, typed=f"{PASSWORD}\n") == "Ana Li can log in.\n"

    assert User.objects.values_list("is_staff", "is_superuser").get(display_name="Ana Li") == rights
    assert enter(client, "ana li").status_code == 302


@pytest.mark.parametrize(("name", "password"), [("Ana", PASSWORD), ("", PASSWORD), ("Eve", "short"), ("Eve", "")])
def test_one_that_cannot_be_made_is_a_sentence(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, name: str, password: str
) -> None:
    with pytest.raises(CommandError, match=r"\w\.$"):
        run(monkeypatch, "add_person", name, typed=f"{password}\n")


def test_only_the_staff_may_have_a_name_that_speaks_for_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError):
        run(monkeypatch, "add_person", "Admin", typed=f"{PASSWORD}\n")

    run(monkeypatch, "add_person", "Admin", "--superuser", typed=f"{PASSWORD}\n")
    assert User.objects.get().display_name == "Admin"


def test_a_link_made_at_the_console_lets_one_person_in(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHAT_SIGN_UP = "invitation"
    path = run(monkeypatch, "sign_up_link", "--days", "2").strip()

    assert client.post(path, {"name": "Eve", "password": PASSWORD}).status_code == 302
    assert Client().post(path, {"name": "Adam", "password": PASSWORD}).status_code == 400


def test_tidying_removes_what_is_over_and_nothing_else(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = logged_in(cast.ana), logged_in(cast.ana)
    Session.objects.filter(session_key=old).update(expire_date=F("expire_date") - timedelta(days=400))
    over, running = Bound(("over",), 1, 10), Bound(("running",), 1, 10)
    tries.take(over)
    tries.take(running)
    Tries.objects.filter(key=over.key).update(all_back_at=F("all_back_at") - timedelta(seconds=11))
    accounts.rename(cast.ana, "Anna")
    accounts.rename(cast.ana, "Anne")
    first = AccountEvent.objects.earliest("pk").pk
    AccountEvent.objects.filter(pk=first).update(at=F("at") - timedelta(seconds=limits.EVENT_SECONDS + 1))

    assert run(monkeypatch, "tidy").splitlines() == [
        "sessions: 1",
        "tries: 1",
        "account events: 1",
        "bans and mutes: 0",
        "invitations: 0",
        "deleted rooms: 0",
    ]

    assert user_of(new)
    assert Tries.objects.get().key == running.key
    assert AccountEvent.objects.count() == 1
