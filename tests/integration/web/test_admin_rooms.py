"""Rooms in the admin: the staff archives and deletes them by the actions, and changes nothing past these."""

from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from chat.actions import accounts, rooms
from chat.models import AuditEntry, Membership, Room
from tests.cast import Cast, say
from tests.integration.queries.test_people import logged_in

pytestmark = pytest.mark.django_db(transaction=True)

ROOMS, LOG = "/admin/chat/room/", "/admin/chat/auditentry/"


@pytest.fixture
def staff(static_root: Any, cast: Cast) -> Client:
    client = Client()
    client.cookies[site.SESSION_COOKIE_NAME] = logged_in(cast.sara)
    return client


def select(client: Client, action: str, *chosen: Room, **more: str) -> Any:
    given = {"action": action, "_selected_action": [room.pk for room in chosen], **more}
    return client.post(ROOMS, given, follow=True)


def test_rooms_are_looked_through_without_what_was_said_there(staff: Client, cast: Cast) -> None:
    say(cast.den, cast.ana, "among ourselves")
    for path in (ROOMS, f"{ROOMS}?q=den", f"{ROOMS}{cast.den.pk}/change/"):
        page = staff.get(path)
        assert page.status_code == 200
        assert "Den" in page.content.decode()
        assert "among ourselves" not in page.content.decode()


@pytest.mark.parametrize("who", ["olga", "ana", "visitor"])
def test_only_the_staff_gets_there(cast: Cast, static_root: Any, who: str) -> None:
    client = Client()
    client.cookies[site.SESSION_COOKIE_NAME] = logged_in(getattr(cast, who))

    for path in (ROOMS, LOG, f"{ROOMS}{cast.den.pk}/delete/"):
        assert client.get(path).status_code == 302
    assert client.post(f"{ROOMS}{cast.den.pk}/delete/", {"post": "yes"}).status_code == 302
    assert Room.objects.filter(pk=cast.den.pk).exists()


def test_nothing_is_written_past_the_actions(staff: Client, cast: Cast) -> None:
    entry = AuditEntry.objects.all()[0]
    for path in (f"{ROOMS}add/", f"{ROOMS}{cast.den.pk}/change/", f"{LOG}add/", f"{LOG}{entry.pk}/change/",
                 f"{LOG}{entry.pk}/delete/"):  # fmt: skip
        assert staff.post(path, {"title": "Mine", "post": "yes"}).status_code == 403, path
    assert staff.get(f"{LOG}{entry.pk}/change/").status_code == 200
    assert Room.objects.get(pk=cast.den.pk).title == "Den"
    assert "delete_selected" not in staff.get(LOG).content.decode()


def test_rooms_are_archived_opened_again_and_deleted(staff: Client, cast: Cast) -> None:
    direct = rooms.talk(cast.ana, [cast.bo.pk])

    page = select(staff, "archive", cast.den, direct).content.decode()
    assert Room.objects.get(pk=cast.den.pk).is_archived
    assert not Room.objects.get(pk=direct.pk).is_archived
    assert "A direct conversation" in page
    select(staff, "revive", cast.den)
    assert not Room.objects.get(pk=cast.den.pk).is_archived

    staff.post(f"{ROOMS}{cast.den.pk}/delete/", {"post": "yes"})
    select(staff, "delete_selected", direct, cast.lobby, post="yes")

    assert not Room.objects.filter(pk__in=(cast.den.pk, direct.pk, cast.lobby.pk)).exists()
    log = AuditEntry.objects.filter(kind="deleted")
    assert {entry.actor for entry in log} == {cast.sara}
    assert "Den" in staff.get(LOG).content.decode()


def test_the_rooms_of_somebody_whose_account_is_deleted_pass_on(cast: Cast) -> None:
    accounts.delete(cast.olga)

    assert Membership.objects.get(room=cast.den, role="owner").person == cast.mia
    assert not Membership.objects.filter(person=cast.olga).exists()
