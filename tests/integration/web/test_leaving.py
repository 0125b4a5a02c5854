"""Logging out here and everywhere, being deactivated, being forgotten: for this browser and for all others."""

import pytest
from django.test import Client

from chat.actions import accounts
from chat.models import AccountEvent, Session, User
from chat.models.session import GUEST_KEY, TIE
from chat.wire.announcements import Account, AnyNews
from tests.cast import Cast
from tests.integration.sessions import user_of
from tests.integration.web.conftest import PASSWORD, enter, who

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def elsewhere(static_root: object, ana: User) -> Client:
    """Ana's other browser."""
    client = Client()
    enter(client, "Ana")
    return client


def test_logging_out_ends_this_session_and_clears_what_the_browser_kept(
    at_home: Client, elsewhere: Client, ana: User, announced: list[AnyNews]
) -> None:
    key, tie = at_home.session.session_key, at_home.session[TIE]

    answer = at_home.post("/account/log-out/")

    assert answer.status_code == 200
    assert answer["Clear-Site-Data"] == '"storage"'
    assert "js/main/gone" in answer.content.decode()
    assert answer.cookies["session"].value == ""
    assert user_of(key or "") is None
    assert announced == [Account("logged_out", ana.pk, tie, "Ana")]
    assert (who(at_home), who(elsewhere)) == (None, "Ana")


def test_the_admins_button_logs_out_as_ours_does(at_home: Client, ana: User, announced: list[AnyNews]) -> None:
    assert at_home.post("/admin/logout/").status_code == 200

    assert who(at_home) is None
    assert [news.change for news in announced if isinstance(news, Account)] == ["logged_out"]


def test_an_old_cookie_is_nobody_after_a_log_out(at_home: Client, ana: User) -> None:
    stolen = Client()
    stolen.cookies["session"] = at_home.cookies["session"].value
    assert who(stolen) == "Ana"

    at_home.post("/account/log-out/")

    assert who(stolen) is None


@pytest.mark.parametrize("path", ["/account/log-out/", "/account/log-out-everywhere/", "/admin/logout/"])
def test_a_link_logs_nobody_out_and_clears_nothing(at_home: Client, path: str) -> None:
    answer = at_home.get(path)

    assert answer.status_code == 302
    assert "Clear-Site-Data" not in answer
    assert who(at_home) == "Ana"


def test_logging_out_everywhere_ends_all_sessions(
    at_home: Client, elsewhere: Client, ana: User, announced: list[AnyNews]
) -> None:
    assert at_home.post("/account/log-out-everywhere/").status_code == 200

    assert (who(at_home), who(elsewhere)) == (None, None)
    assert Account("logged_out_everywhere", ana.pk, name="Ana") in announced
    assert not Session.objects.filter(user=ana).exists()


def test_a_guest_may_log_out_too_and_is_somebody_new_then(client: Client, cast: Cast) -> None:
    client.get("/chat/lobby/")
    guest = accounts.guest(client.session[GUEST_KEY])

    client.post("/account/log-out/")
    client.get("/chat/lobby/")

    assert accounts.guest(client.session[GUEST_KEY]) != guest


# Deactivating and deleting


def test_who_deactivates_is_out_everywhere_and_stays_out(
    at_home: Client, elsewhere: Client, ana: User, announced: list[AnyNews]
) -> None:
    assert at_home.post("/account/deactivate/", {"password": PASSWORD}).status_code == 200

    assert Account("deactivated", ana.pk, name="Ana") in announced
    assert who(at_home) is None
    assert elsewhere.get("/").status_code == 403
    assert enter(at_home, "Ana").status_code == 403


def test_who_deletes_is_forgotten(at_home: Client, elsewhere: Client, ana: User) -> None:
    assert at_home.post("/account/delete/", {"password": PASSWORD}).status_code == 200

    assert User.objects.get(pk=ana.pk).display_name == ""
    assert (who(at_home), who(elsewhere)) == (None, None)
    assert enter(at_home, "Ana").status_code == 400


@pytest.mark.parametrize("path", ["/account/deactivate/", "/account/delete/"])
def test_neither_happens_without_the_password(at_home: Client, ana: User, path: str) -> None:
    for sent in ({}, {"password": ""}, {"password": "wrong"}):
        answer = at_home.post(path, sent)
        assert answer.status_code == 400
    assert "This is not your password." in answer.content.decode()
    assert at_home.get(path).status_code == 200

    assert User.objects.get(pk=ana.pk).is_active
    assert not AccountEvent.objects.filter(change__in=("deactivated", "deleted")).exists()


def test_a_guest_is_forgotten_with_a_button(client: Client, cast: Cast) -> None:
    client.get("/chat/lobby/")
    guest = accounts.guest(client.session[GUEST_KEY])
    assert "password" not in client.get("/account/delete/").content.decode().split("<form")[1]

    client.post("/account/delete/")

    assert User.objects.get(pk=guest.pk).deleted_at
    assert who(client) is None


def test_who_is_nobody_has_nothing_to_delete(client: Client, cast: Cast) -> None:
    assert client.post("/account/delete/")["Location"] == "/"
    assert client.post("/account/deactivate/")["Location"] == "/account/log-in/?next=%2Faccount%2Fdeactivate%2F"
