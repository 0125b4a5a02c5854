"""Who may not be on the site sees the ways in and nothing else, whatever address they try."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from chat.actions import accounts, newcomers
from chat.models import Session, User
from chat.models.session import GUEST_KEY
from chat.rates import Buckets
from chat.web import visitor
from tests.cast import Cast, say
from tests.integration.web.conftest import PASSWORD, enter, who
from tests.integration.web.test_entering import forms

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = [*forms(), "/chat/lobby/1?x=1", "/chat/~hidden/", "/no/such/page", "/admin/", "/admin/chat/user/"]
WAYS_IN = {
    "/invite/7/",
    "/account/log-in/",
    "/account/log-out/",
    "/account/reset/",
    "/account/reset/sent/",
    "/account/reset/7/7/",
    "/account/email/confirm/7/",
    "/account/sign-up/",
    "/account/sign-up/7/",
    "/admin/logout/",
}


@pytest.fixture
def private(settings: Any) -> None:
    settings.CHAT_GUESTS = False
    settings.CHAT_SIGN_UP = "closed"


@pytest.mark.parametrize("path", PATHS)
def test_a_private_site_leads_strangers_to_the_log_in_from_everywhere(
    client: Client, cast: Cast, private: None, path: str
) -> None:
    answer = client.get(path)

    if path in WAYS_IN - {"/account/sign-up/", "/account/sign-up/7/", "/account/log-out/", "/admin/logout/"}:
        assert answer.status_code in (200, 404)
        assert "Lobby" not in answer.content.decode()
    elif path in WAYS_IN:
        assert answer["Location"] in ("/", "/account/log-in/")
    else:
        assert (answer.status_code, answer["Location"]) == (302, f"/account/log-in/?next={quote(path, safe='')}")
    assert "session" not in client.cookies
    assert not Session.objects.exists()


def test_all_ways_in_are_addresses_of_the_site() -> None:
    assert set(forms()) >= WAYS_IN


def test_a_stranger_makes_nothing_on_a_private_site(client: Client, cast: Cast, private: None) -> None:
    before = User.objects.count()

    assert client.post("/me/name/", {"name": "Eve"})["Location"] == "/account/log-in/"
    assert client.post("/me/name/", {"name": "Eve"}, headers={"accept": "application/json"}).status_code == 401
    assert client.post("/account/", {"name": "Eve"}).status_code == 302
    assert client.post("/account/sign-up/", {"name": "Eve", "password": PASSWORD})["Location"] == "/account/log-in/"
    assert User.objects.count() == before


def test_a_guest_of_before_is_a_stranger_there(client: Client, cast: Cast, settings: Any) -> None:
    client.get("/chat/lobby/")
    accounts.guest(client.session[GUEST_KEY])
    assert client.get("/chat/lobby/").status_code == 200
    settings.CHAT_GUESTS = False

    assert client.get("/chat/lobby/").status_code == 302


def test_a_member_sees_all_of_a_private_site(client: Client, ana: User, cast: Cast, private: None) -> None:
    say(cast.lobby, ana, "among ourselves")
    answer = enter(client, "Ana", next="/chat/lobby/")

    assert "among ourselves" in client.get(answer["Location"]).content.decode()


# Who was sent away


@pytest.mark.parametrize("path", ["/", "/chat/lobby/", "/account/", "/account/password/", "/open/?room=x"])
def test_a_deactivated_member_is_told_so_on_every_page(at_home: Client, ana: User, path: str) -> None:
    accounts.deactivate(ana)

    answer = at_home.get(path)

    assert answer.status_code == 403
    assert "This account is deactivated" in answer.content.decode()


def test_a_deactivated_guest_is_told_so_and_makes_no_further_guest(client: Client, cast: Cast) -> None:
    client.get("/chat/lobby/")
    guest = accounts.guest(client.session[GUEST_KEY])
    accounts.deactivate(guest)
    before = User.objects.count()

    assert client.get("/chat/lobby/").status_code == 403
    answer = client.post("/me/name/", {"name": "Eve"}, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert User.objects.count() == before


def test_who_is_let_in_again_goes_on_as_before(at_home: Client, ana: User) -> None:
    accounts.deactivate(ana)
    assert at_home.get("/").status_code == 403

    accounts.reactivate(ana)

    assert who(at_home) == "Ana"


def test_a_deactivated_person_can_leave_the_browser_to_another(at_home: Client, ana: User) -> None:
    accounts.deactivate(ana)
    assert 'action="/account/log-out/"' in at_home.get("/").content.decode()

    assert at_home.post("/account/log-out/").status_code == 200
    assert who(at_home) is None


# Who only looks


@pytest.fixture
def three_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each kind from one address."""
    monkeypatch.setattr(visitor, "_visitor_rates", Buckets(3, 0.001))
    monkeypatch.setattr(newcomers, "_guests", Buckets(3, 0.001))


def look(address: str) -> None:
    """As one who has never been here."""
    assert Client().get("/chat/lobby/", REMOTE_ADDR=address).status_code == 200


def test_who_only_looks_leaves_a_bounded_number_of_sessions(static_root: Path, cast: Cast, three_each: None) -> None:
    for _ in range(6):
        look("192.0.2.7")
    assert Session.objects.count() == 3

    look("192.0.2.8")
    assert Session.objects.count() == 4


def test_giving_oneself_a_name_makes_a_bounded_number_of_guests(
    static_root: Path, cast: Cast, three_each: None
) -> None:
    before = User.objects.count()

    assert [name_oneself("192.0.2.7", f"Eve {number}") for number in range(5)] == [200] * 3 + [429] * 2
    assert User.objects.count() == before + 3
    assert name_oneself("192.0.2.8", "Adam") == 200


def name_oneself(address: str, name: str) -> int:
    headers = {"accept": "application/json"}
    return Client().post("/me/name/", {"name": name}, REMOTE_ADDR=address, headers=headers).status_code


def test_where_the_address_is_not_known_nobody_uses_up_what_is_for_all(
    static_root: Path, cast: Cast, three_each: None
) -> None:
    for _ in range(6):
        look("")

    assert Session.objects.count() == 6
