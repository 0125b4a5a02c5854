"""Pages in this process: clients that are browsers, one who is logged in, and a mail server that takes mails."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from chat import limits
from chat.actions import newcomers, passwords
from chat.models import User
from chat.rates import Buckets
from chat.web import visitor
from chat.web.accounts import entering, mail
from tests.cast import Cast

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """All clients here come from one address."""
    monkeypatch.setattr(entering, "_sign_up_rates", Buckets(limits.SIGN_UP_BURST, limits.SIGN_UPS_PER_SECOND))
    monkeypatch.setattr(visitor, "_visitor_rates", Buckets(limits.VISITOR_BURST, limits.VISITORS_PER_SECOND))
    monkeypatch.setattr(newcomers, "_guests", Buckets(limits.GUEST_BURST, limits.GUESTS_PER_SECOND))


@pytest.fixture
def ana(cast: Cast) -> User:
    """A member with a password."""
    return passwords.change(cast.ana, PASSWORD)


@pytest.fixture
def at_home(client: Client, ana: User) -> Client:
    """Ana's browser."""
    enter(client, "Ana")
    return client


@pytest.fixture
def mails(settings: Any, mailoutbox: list[Any]) -> Iterator["Mails"]:
    settings.CHAT_MAIL = True
    settings.DEFAULT_FROM_EMAIL = "chat@example.org"
    yield Mails(mailoutbox)
    written()


class Mails:
    def __init__(self, outbox: list[Any]) -> None:
        self._outbox = outbox

    def __call__(self) -> list[Any]:
        """All that have been sent, what is on its way too."""
        written()
        return self._outbox


def written() -> None:
    """Wait until the mails that are on their way have been sent."""
    mail._worker.submit(lambda: None).result()


def enter(client: Client, name: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/account/log-in/", {"name": name, "password": password, **more})


def who(client: Client) -> str | None:
    """Who the start page says one is; None for one without a row."""
    me: User | None = client.get("/").context["me"]
    return me.display_name if me else None
