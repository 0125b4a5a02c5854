"""From a cookie to a person in one query; keys may rotate, and nobody is lost or flushed by looking."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from chat import limits, policy
from chat.actions import accounts
from chat.models import Session, User
from chat.models.session import GUEST_KEY, SessionStore
from chat.policy import Denied
from chat.queries import entering, people
from chat.queries.entering import Visitor, row_of
from chat.queries.people import Presently
from chat.wire.announcements import Account
from chat.wire.codes import Code
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def logged_in(user: User, **more: Any) -> str:
    """The key of a session as Django's own log-in leaves it."""
    store = SessionStore()
    store.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            **more,
        }
    )
    store.save()
    assert store.session_key
    return store.session_key


def visiting(secret: str) -> str:
    store = SessionStore()
    store[GUEST_KEY] = secret
    store.save()
    assert store.session_key
    return store.session_key


def visitor_of(session_key: str) -> Visitor:
    return entering.visitor(session_key)[0]


def test_a_member_is_known_by_the_session_in_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    key = logged_in(cast.ana)

    with django_assert_num_queries(1):
        visitor = visitor_of(key)

    assert (visitor.user, visitor.guest_key) == (row_of(cast.ana), None)


def test_a_guest_is_known_by_the_session_in_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    key = visiting(cast.keys["visitor"])

    with django_assert_num_queries(1):
        visitor = visitor_of(key)

    assert (visitor.user, visitor.guest_key) == (row_of(cast.visitor), cast.keys["visitor"])


def test_a_guest_without_a_row_is_known_by_the_secret_alone(cast: Cast) -> None:
    visitor = visitor_of(visiting("nobody's yet"))

    assert (visitor.user, visitor.guest_key) == (None, "nobody's yet")


@pytest.mark.parametrize("key", ["", "x" * 32, "'; DROP TABLE", "é" * 10])
def test_a_session_that_is_none_is_nobody(cast: Cast, key: str) -> None:
    visitor = visitor_of(key)

    assert (visitor.user, visitor.guest_key) == (None, None)


def test_an_old_session_is_nobody(cast: Cast) -> None:
    key = logged_in(cast.ana)
    assert visitor_of(key).user
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert visitor_of(key).user is None


def test_after_a_change_of_password_the_session_is_nobody(cast: Cast) -> None:
    key = logged_in(cast.ana)
    assert visitor_of(key).user
    cast.ana.set_password("another")
    cast.ana.save()

    assert visitor_of(key).user is None


def test_who_was_sent_away_is_known_as_such(cast: Cast) -> None:
    """Or a guest would come back as somebody new for ever."""
    member, guest = logged_in(cast.ana), visiting(cast.keys["visitor"])
    User.objects.update(is_active=False)

    for key in (member, guest):
        found = visitor_of(key).user
        assert found
        with pytest.raises(Denied) as caught:
            policy.be_here(found)
        assert caught.value.code is Code.FORBIDDEN


def test_a_session_has_a_tie_that_outlives_its_key(cast: Cast) -> None:
    store = SessionStore(logged_in(cast.ana))
    tie = visitor_of(store.session_key or "").tie
    assert len(tie) == 32

    store.cycle_key()
    store.save()
    assert visitor_of(store.session_key or "").tie == tie
    store.flush()
    store[GUEST_KEY] = "another"
    store.save()
    assert visitor_of(store.session_key or "").tie not in ("", tie)


def test_a_session_that_is_used_is_renewed_now_and_then_and_no_more_often(cast: Cast) -> None:
    key = logged_in(cast.ana)
    assert not seen(key).modified

    Session.objects.update(expire_date=F("expire_date") - timedelta(seconds=limits.RENEWAL_SECONDS + 60))
    store = seen(key)
    assert store.modified
    store.save()
    assert not seen(key).modified


def seen(key: str) -> SessionStore:
    store = SessionStore(key)
    assert SESSION_KEY in store
    return store


def test_what_happened_to_people_is_told_from_a_moment_on(cast: Cast) -> None:
    accounts.rename(cast.bo, "Bob")
    moment = timezone.now()
    assert people.events_since(moment) == {}

    accounts.rename(cast.ana, "Anna")
    accounts.deactivate(cast.visitor)

    assert list(people.events_since(moment).values()) == [
        Account("renamed", cast.ana.pk, "", "Anna"),
        Account("deactivated", cast.visitor.pk, "", "Visitor"),
    ]


def test_how_it_is_with_people_now_is_told_with_the_ties_of_their_sessions(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    keys = [logged_in(cast.ana), logged_in(cast.ana), visiting(cast.keys["visitor"]), logged_in(cast.zoe)]
    logged_in(cast.mia)
    visiting("nobody's yet")
    Session.objects.filter(session_key=keys[1]).update(expire_date=timezone.now())
    ties = [Session.objects.get(session_key=key).tie for key in keys]

    with django_assert_num_queries(3):
        found = people.presently([cast.ana.pk, cast.bo.pk, cast.visitor.pk, cast.zoe.pk, 10**9])

    assert found == {
        cast.ana.pk: Presently(True, False, 0, frozenset({ties[0]})),
        cast.bo.pk: Presently(True, False, 0, frozenset()),
        cast.visitor.pk: Presently(True, True, 0, frozenset({ties[2]})),
        cast.zoe.pk: Presently(False, False, 0, frozenset({ties[3]})),
    }
    assert [found[cast.ana.pk].holds(tie) for tie in (ties[0], ties[1], "")] == [True, False, False]
    assert [found[cast.visitor.pk].holds(tie) for tie in (ties[2], ties[0], "")] == [True, False, True]


def test_a_session_whose_person_is_gone_is_nobody(cast: Cast) -> None:
    key = logged_in(cast.ana)
    User.objects.filter(pk=cast.ana.pk).delete()

    assert visitor_of(key).user is None


def test_a_new_secret_key_with_the_old_as_fallback_loses_nobody(cast: Cast) -> None:
    with override_settings(SECRET_KEY="o" * 50):
        member, guest = logged_in(cast.ana), visiting(cast.keys["visitor"])

    with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=["o" * 50]):
        assert visitor_of(member).user == row_of(cast.ana)
        assert visitor_of(guest).user == row_of(cast.visitor)


def test_without_the_fallback_nobody_is_known_and_nothing_is_flushed(cast: Cast) -> None:
    with override_settings(SECRET_KEY="o" * 50):
        key = logged_in(cast.ana)
        data = Session.objects.get(session_key=key).session_data

    with override_settings(SECRET_KEY="n" * 50):
        assert visitor_of(key).user is None

    assert Session.objects.get(session_key=key).session_data == data
    with override_settings(SECRET_KEY="o" * 50):
        assert visitor_of(key).user == row_of(cast.ana)


def test_a_guest_is_known_by_the_secret_and_by_nothing_like_it(cast: Cast) -> None:
    assert people.of_guest_key(cast.keys["visitor"]) == cast.visitor
    for other in ("", cast.keys["visitor"] + " ", cast.visitor.guest_key, "\ud800", "\x00"):
        assert people.of_guest_key(other or "") is None
