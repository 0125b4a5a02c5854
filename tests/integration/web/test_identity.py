"""Who is logged in stays so through a change of the site's key, on the page and on the socket, in many tabs at once."""

from typing import Any

import pytest
from django.contrib.auth import HASH_SESSION_KEY
from django.test import Client, override_settings

from chat.actions import accounts
from chat.models import Session, User
from chat.models.session import GUEST_KEY, TIE
from tests.cast import Cast
from tests.integration.sessions import user_of
from tests.integration.web.conftest import enter, who
from tests.integration.web.test_entering import be_a_guest

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = "o" * 50, "n" * 50


def test_a_new_key_with_the_old_one_as_fallback_logs_nobody_out(client: Client, ana: User) -> None:
    with override_settings(SECRET_KEY=OLD):
        enter(client, "Ana")
        key, tie, before = client.session.session_key, client.session[TIE], client.session[HASH_SESSION_KEY]
    tab = Client()
    tab.cookies["session"] = client.cookies["session"].value

    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert user_of(key or "") == ana
        assert (who(client), who(tab), who(client)) == ("Ana", "Ana", "Ana")  # both with the same old cookie
        assert (client.session.session_key, client.session[TIE]) == (key, tie)
        assert client.session[HASH_SESSION_KEY] != before

    with override_settings(SECRET_KEY=NEW):  # what has been seen meanwhile is signed anew
        assert who(client) == "Ana"
        assert user_of(key or "") == ana


def test_a_guest_stays_the_same_through_a_new_key(client: Client, cast: Cast) -> None:
    with override_settings(SECRET_KEY=OLD):
        guest = be_a_guest(client)
        key = client.session.session_key

    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert who(client) == guest.display_name
        assert user_of(key or "") == guest


def test_without_the_fallback_everybody_is_a_stranger(client: Client, ana: User) -> None:
    with override_settings(SECRET_KEY=OLD):
        enter(client, "Ana")

    with override_settings(SECRET_KEY=NEW):
        assert who(client) is None


def test_a_password_changed_elsewhere_ends_this_session_on_its_next_page(at_home: Client, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(password="argon2$other")

    assert who(at_home) is None
    assert not Session.objects.filter(user=ana).exists()


def test_who_one_is_costs_one_query(
    at_home: Client, client: Client, ana: User, django_assert_num_queries: Any, cast: Cast
) -> None:
    with django_assert_num_queries(1):
        at_home.get("/words.js")
    guest = Client()
    guest.get("/chat/lobby/")
    accounts.guest(guest.session[GUEST_KEY])
    with django_assert_num_queries(1):
        guest.get("/words.js")
    with django_assert_num_queries(0):
        Client().get("/words.js")
