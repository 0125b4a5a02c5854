"""What stands beside every page: one's own rooms and nobody else's, and the ways that are open to one."""

import json
import re
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from chat import limits
from chat.actions import memberships, rooms
from chat.models import Room, User
from tests.cast import Cast
from tests.integration.queries.test_people import logged_in, visiting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _static(static_root: object) -> None:
    """The pages name their files by the hashes of these."""


def at(client: Client, who: User | str | None) -> Client:
    if who is not None:
        client.cookies[site.SESSION_COOKIE_NAME] = logged_in(who) if isinstance(who, User) else visiting(who)
    return client


def entries(answer: Any) -> dict[str, str]:
    """The rooms in the list by their slugs, with what aria-current says of each."""
    found = re.findall(r'data-entry="([^"]+)"(?: aria-current="(\w+)")?', answer.content.decode())
    return dict(found)


def test_one_finds_ones_own_rooms_beside_every_page(client: Client, cast: Cast) -> None:
    direct = rooms.talk(cast.ana, [cast.mia.pk])
    at(client, cast.ana)

    for path in ("/", "/account/", "/rooms/new/", "/direct/"):
        assert entries(client.get(path)) == {cast.den.slug: "", direct.slug: ""}, path
    assert "Mia" in client.get("/").content.decode()


def test_the_room_whose_page_this_is_is_marked_whether_it_is_ones_own_or_not(client: Client, cast: Cast) -> None:
    at(client, cast.ana)
    assert entries(client.get(f"/chat/{cast.den.slug}/")) == {cast.den.slug: "page"}
    assert entries(client.get(f"/chat/{cast.den.slug}/people/")) == {cast.den.slug: "true"}
    assert entries(client.get("/chat/lobby/")) == {"lobby": "page", cast.den.slug: ""}


def test_who_has_no_rooms_is_shown_public_ones_and_never_others(client: Client, cast: Cast) -> None:
    for name in range(limits.SUGGESTED_ROOMS):
        rooms.enter(None, f"room-{name}")
    for who in (None, cast.bo):
        shown = entries(at(client, who).get("/"))
        assert len(shown) == limits.SUGGESTED_ROOMS
        assert not any(slug.startswith("~") for slug in shown)


def test_a_guest_who_was_let_in_finds_the_room_again(client: Client, cast: Cast) -> None:
    assert entries(at(client, cast.keys["visitor"]).get("/")) == {cast.den.slug: ""}


def test_a_room_that_one_was_removed_from_is_gone(client: Client, cast: Cast) -> None:
    memberships.remove(cast.mia, cast.den.pk, cast.ana.pk)
    assert cast.den.slug not in entries(at(client, cast.ana).get("/"))


def test_what_is_archived_comes_last(client: Client, cast: Cast) -> None:
    old = rooms.make(cast.ana, Room.Kind.PRIVATE, "Old")
    rooms.archive(cast.ana, old.pk)
    assert list(entries(at(client, cast.ana).get("/"))) == [cast.den.slug, old.slug]


def test_the_ways_are_those_that_are_open(client: Client, cast: Cast, settings: Any) -> None:
    settings.CHAT_ROOMS_BY = "members"
    guest = at(client, cast.keys["visitor"]).get("/").content.decode()
    member = at(Client(), cast.ana).get("/").content.decode()
    staff = at(Client(), cast.sara).get("/").content.decode()

    assert [way in guest for way in ("data-new-room", "data-new-direct", "data-log-out")] == [False] * 3
    assert 'href="/account/sign-up/"' in guest
    assert [way in member for way in ("data-new-room", "data-new-direct", "data-log-out")] == [True] * 3
    assert ['href="/admin/"' in page for page in (guest, member, staff)] == [False, False, True]


def test_the_ways_in_have_nothing_beside_them(client: Client, cast: Cast) -> None:
    for path in ("/account/log-in/", "/account/sign-up/", "/account/reset/"):
        assert "data-sidebar" not in client.get(path).content.decode()


def test_a_stranger_to_a_private_room_sees_the_page_of_one_that_is_not_there(client: Client, cast: Cast) -> None:
    absent = rooms.make(cast.olga, Room.Kind.PRIVATE, "Gone")
    rooms.delete(cast.olga, absent.pk)
    for who in (None, cast.bo):
        at(client, who)
        pages = [client.get(f"/chat/{slug}/") for slug in (cast.den.slug, absent.slug)]
        assert [page.status_code for page in pages] == [404, 404]
        assert pages[0].content == pages[1].content


def test_the_page_of_a_room_learns_who_belongs_to_it(client: Client, cast: Cast) -> None:
    answer = at(client, cast.ana).get(f"/chat/{cast.den.slug}/members.json")
    assert answer.json() == {
        "people": [
            {"id": person.pk, "name": name, "role": role}
            for person, name, role in (
                (cast.olga, "Olga", "owner"),
                (cast.mia, "Mia", "moderator"),
                (cast.ana, "Ana", "member"),
                (cast.visitor, "Visitor", "guest"),
            )
        ],
        "more": False,
    }


def test_the_page_of_a_room_says_what_one_may_do_there(client: Client, cast: Cast) -> None:
    shown: dict[str, set[str]] = {}
    for who in ("ana", "mia", "olga"):
        page = at(Client(), getattr(cast, who)).get(f"/chat/{cast.den.slug}/").content.decode()
        shown[who] = set(re.findall(r'href="/chat/[^/"]+/(\w+)/" data-right="[^"]+">', page))
        data = json.loads(re.search(r'<script id="page"[^>]*>(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
        assert ("moderate" in data["room"]["may"]) == (who != "ana")

    assert shown["ana"] == {"people", "leave"}
    assert shown["mia"] == shown["olga"] == {"people", "invitations", "settings", "reports", "audit", "leave"}
