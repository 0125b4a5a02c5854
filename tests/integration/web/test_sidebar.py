"""What stands beside every page: one's own rooms and nobody else's, and the ways that are open to one."""

import json
import re
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from chat import limits
from chat.actions import memberships, reads, rooms
from chat.models import Membership, Room, User
from tests.cast import Cast, say
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


# How the list is arranged


def shown(client: Client) -> dict[str, tuple[str, str]]:
    """The rooms in the list in their order, with the number that stands there, and how many speak to one."""
    page = client.get("/account/").content.decode()
    assert page.count("data-entry=") == page.count("data-entry-count")
    counts = re.findall(
        r'data-entry="([^"]+)".*?data-unread="(\d+)" data-mentions="(\d+)"( hidden)?>.*?data-entry-number>([^<]*)<',
        page,
        re.DOTALL,
    )
    return {slug: ("" if hidden else number, mentions) for slug, _, mentions, hidden, number in counts}


def arrange(client: Client, do: str, room: Room | None = None, **fields: str) -> int:
    about = {"room": room.slug} if room else {}
    return client.post("/rooms/mine/", {"do": do, **about, **fields}).status_code


@pytest.fixture
def ana(client: Client, cast: Cast) -> Client:
    for slug in ("kitchen", "lobby"):
        rooms.enter(cast.ana, slug)
    Membership.objects.update(read=0)
    return at(client, cast.ana)


def test_what_is_unread_stands_beside_each_room(ana: Client, cast: Cast) -> None:
    say(cast.den, cast.mia, *["hi"] * 99, "@ana")
    say(cast.lobby, cast.bo, "one", "two @here")
    arrange(ana, "mute", cast.lobby)

    assert shown(ana) == {cast.lobby.slug: ("", "1"), cast.den.slug: ("99+", "1"), cast.kitchen.slug: ("", "0")}
    assert 'data-unread="0"' in ana.get("/chat/lobby/").content.decode()  # where one is, the page counts by itself


def test_starred_rooms_stand_above_the_others(ana: Client, cast: Cast) -> None:
    first = next(iter(shown(ana)))
    assert first != cast.lobby.slug
    assert arrange(ana, "star", cast.lobby) == 302
    assert next(iter(shown(ana))) == cast.lobby.slug
    arrange(ana, "unstar", cast.lobby)

    assert next(iter(shown(ana))) == first


def test_a_hidden_room_comes_back_when_something_new_is_said_and_stays(ana: Client, cast: Cast) -> None:
    say(cast.den, cast.mia, "before")
    arrange(ana, "hide", cast.den)
    assert cast.den.slug not in shown(ana)
    assert cast.den.slug in ana.get("/rooms/mine/").content.decode()
    assert cast.den.slug in entries(ana.get(f"/chat/{cast.den.slug}/"))  # where one is
    [number] = say(cast.den, cast.mia, "after")
    assert shown(ana)[cast.den.slug] == ("1", "0")
    reads.keep([reads.NOTHING._replace(room=cast.den.pk, person=cast.ana.pk).forward(number, "")])
    assert cast.den.slug in shown(ana)
    arrange(ana, "hide", cast.den)
    arrange(ana, "show", cast.den)

    assert cast.den.slug in shown(ana)


def test_rooms_are_put_in_order_by_hand_and_by_activity_again(ana: Client, cast: Cast) -> None:
    say(cast.lobby, cast.bo, "one")
    say(cast.kitchen, cast.bo, "two")
    say(cast.den, cast.mia, "three")
    assert list(shown(ana)) == [cast.den.slug, "kitchen", "lobby"]

    arrange(ana, "up", cast.lobby, above="kitchen")
    assert list(shown(ana)) == [cast.den.slug, "lobby", "kitchen"]
    arrange(ana, "down", cast.den, below="kitchen")
    assert list(shown(ana)) == ["lobby", "kitchen", cast.den.slug]
    say(cast.kitchen, cast.bo, "four")
    assert list(shown(ana)) == ["lobby", "kitchen", cast.den.slug]
    rooms.enter(cast.ana, "new")
    assert list(shown(ana))[-1] == "new"
    arrange(ana, "sort", by="activity")
    assert list(shown(ana))[:3] == ["new", "kitchen", cast.den.slug]
    arrange(ana, "sort", by="hand")

    assert list(shown(ana)) == ["lobby", "kitchen", cast.den.slug, "new"]


def test_of_what_one_is_notified_is_kept_for_each_room(ana: Client, cast: Cast) -> None:
    for level in ("mentions", "nothing", "all", ""):
        assert arrange(ana, "notify", cast.den, level=level) == 302
        assert Membership.objects.get(person=cast.ana, room=cast.den).notify == level
        assert (f'data-notify="{level}"' in ana.get("/").content.decode()) is bool(level), "for the page's script"
    assert arrange(ana, "notify", cast.den, level="sometimes") == 400


@pytest.mark.parametrize("do", ["star", "mute", "hide", "show", "notify", "up", "down"])
def test_only_rooms_of_ones_own_are_arranged(ana: Client, cast: Cast, do: str) -> None:
    rooms.enter(None, "park")
    around = {"above": "kitchen", "below": "kitchen", "level": "all"}
    before = list(Membership.objects.order_by("pk").values())

    for slug in ("park", cast.hidden.slug, "nowhere", "no slug", ""):
        answer = ana.post("/rooms/mine/", {"do": do, "room": slug, **around})
        assert answer.status_code in (400, 404), slug
    for beside in ("park", cast.hidden.slug):
        assert ana.post("/rooms/mine/", {"do": "up", "room": "kitchen", "above": beside}).status_code == 404
    assert list(Membership.objects.order_by("pk").values()) == before
    assert Client().post("/rooms/mine/", {"do": do, "room": "lobby", **around}).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    assert at(strict, cast.ana).post("/rooms/mine/", {"do": do, "room": "lobby", **around}).status_code == 403


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
