"""The pages of rooms: who gets which, what their forms do, and what they say when they do not."""

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as site
from django.test import Client
from django.urls import get_resolver, reverse

from chat import limits
from chat.actions import invitations, memberships, moderation, newcomers, rooms
from chat.models import AuditEntry, Invitation, Membership, Message, Report, Restriction, Room, User
from chat.rates import Buckets
from chat.web.rooms import deeds, urls, wording
from tests.cast import Cast, edit, say
from tests.integration.queries.test_people import logged_in, visiting
from tests.integration.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db

Browser = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _fresh_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "_rates", Buckets(limits.MANAGE_BURST, limits.MANAGES_PER_SECOND))
    monkeypatch.setattr(newcomers, "_rooms", Buckets(limits.ROOM_BURST, limits.ROOMS_PER_SECOND))


@pytest.fixture
def browser(cast: Cast, static_root: object) -> Browser:
    """The browser of one of the cast; `nobody` has never been here."""

    def open_(who: str) -> Client:
        client = Client()
        if who == "visitor":
            client.cookies[site.SESSION_COOKIE_NAME] = visiting(cast.keys["visitor"])
        elif who != "nobody":
            client.cookies[site.SESSION_COOKIE_NAME] = logged_in(getattr(cast, who))
        return client

    return open_


def text(answer: Any) -> str:
    """What one reads on the page, beside the list of rooms that stands on each."""
    page = re.sub(r"<(script|svg|template|nav).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


# Who gets which page

EVERYBODY = "nobody visitor bo ana mia olga sara zoe".split()
GUARDED = {  # of the den, for who may see it at all: the status that each of its people gets
    "settings": {"mia": 200, "olga": 200},
    "people": {"visitor": 200, "ana": 200, "mia": 200, "olga": 200},
    "members": {"visitor": 200, "ana": 200, "mia": 200, "olga": 200},
    "person": {"mia": 200, "olga": 200},
    "invitations": {"mia": 200, "olga": 200},
    "reports": {"mia": 200, "olga": 200},
    "audit": {"mia": 200, "olga": 200},
    "join": {},
    "leave": {"visitor": 200, "ana": 200, "mia": 200, "olga": 200},
    "report": {"visitor": 200, "ana": 200, "mia": 200, "olga": 200},
    "reported": {"visitor": 200, "ana": 200, "mia": 200, "olga": 200},
    "versions": {"ana": 200, "mia": 200, "olga": 200},
}
OPEN = {  # not of one room: the status for those who do not get 200
    "new": {"zoe": 403},
    "mine": {"nobody": 403, "zoe": 403},
    "direct": {"nobody": 403, "visitor": 403, "zoe": 403},
    "invite": {"visitor": 302, "ana": 302, "mia": 302, "olga": 302, "zoe": 200},
    "site_reports": dict.fromkeys("nobody visitor bo ana mia olga".split(), 404) | {"zoe": 403},
    "site_audit": dict.fromkeys("nobody visitor bo ana mia olga".split(), 404) | {"zoe": 403},
    "one_report": dict.fromkeys("nobody visitor bo ana".split(), 404) | {"zoe": 403},
}
INSIDE = {"visitor", "ana", "mia", "olga"}


def expected(name: str, who: str) -> int:
    if name in OPEN:
        return OPEN[name].get(who, 200)
    if who == "zoe":
        return 403
    return GUARDED[name].get(who, 403) if who in INSIDE else 404


def test_every_page_about_rooms_has_a_row_in_the_table() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == GUARDED.keys() | OPEN.keys()


@pytest.fixture
def addresses(cast: Cast) -> dict[str, str]:
    """Of every page, where it is: about the den, Ana, and what she has said there."""
    say(cast.den, cast.ana, "rude words")
    edit(cast.den, cast.ana, 1, "other words")
    moderation.report(cast.visitor, cast.den.pk, 1, "rude")
    given = {
        "room": cast.den.slug,
        "number": 1,
        "person": cast.ana.pk,
        "report": Report.objects.get().pk,
        "token": invitations.make(cast.mia, cast.den.pk, 3600, 5),
    }
    return {pattern.name: _reverse(pattern.name, given) for pattern in urls.urlpatterns}


def _reverse(name: str, given: dict[str, Any]) -> str:
    [(_, parameters)] = get_resolver(urls.__name__).reverse_dict.getlist(name)[0][0]
    return reverse(f"rooms:{name}", kwargs={one: given[one] for one in parameters})


@pytest.mark.parametrize("name", [*GUARDED, *OPEN])
def test_each_page_is_for_those_whom_the_table_says(
    browser: Browser, cast: Cast, addresses: dict[str, str], name: str
) -> None:
    got = {who: browser(who).get(addresses[name]).status_code for who in EVERYBODY}

    assert got == {who: expected(name, who) for who in EVERYBODY}


@pytest.mark.parametrize("name", GUARDED)
def test_to_a_stranger_a_hidden_room_is_as_one_that_is_not_there(
    browser: Browser, cast: Cast, addresses: dict[str, str], name: str
) -> None:
    """The whole answer, not only its status; also where something is sent there."""
    absent = addresses[name].replace(quote(cast.den.slug), quote("~" + "a" * 20))
    assert absent != addresses[name]
    for who in ("nobody", "bo", "sara"):
        client = browser(who)
        client.get("/")  # has a session from here on
        for ask in (client.get, client.post):
            hidden, nothing = ask(addresses[name]), ask(absent)
            assert hidden.status_code == nothing.status_code == 404
            assert hidden.content == nothing.content
            assert dict(hidden.headers) == dict(nothing.headers)


def test_a_banned_person_is_told_so_where_the_room_is_known_to_all(browser: Browser, cast: Cast) -> None:
    moderation.ban(cast.sara, cast.lobby.pk, cast.bo.pk)

    for path in ("/chat/lobby/", "/chat/lobby/people/", "/chat/lobby/join/"):
        assert browser("bo").get(path).status_code == 403


@pytest.mark.parametrize("who", EVERYBODY)
def test_nothing_is_done_without_the_token_of_the_form(
    browser: Browser, cast: Cast, addresses: dict[str, str], who: str
) -> None:
    client = browser(who)
    client.handler.enforce_csrf_checks = True
    before = AuditEntry.objects.count()
    for name, path in addresses.items():
        answer = client.post(path, {"do": name})
        assert answer.status_code in (403, 404, 405), name
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("what", ["", "nonsense", "delete"])
def test_a_form_that_a_page_does_not_have_is_refused(browser: Browser, cast: Cast, what: str) -> None:
    assert browser("mia").post(f"/chat/{cast.den.slug}/settings/", {"do": what, "title": "Den"}).status_code == 400
    assert Room.objects.get(pk=cast.den.pk).kind == "private"


@pytest.mark.parametrize("number", ["0", "99", "9223372036854775808", "9" * 40])
def test_numbers_that_are_nowhere_are_not_found(browser: Browser, cast: Cast, number: str) -> None:
    olga, sara = browser("olga"), browser("sara")
    for path in (f"{number}/report/", f"{number}/versions/", f"people/{number}/"):
        assert olga.get(f"/chat/{cast.den.slug}/{path}").status_code == 404
    assert sara.get(f"/reports/{number}/").status_code == 404


def test_an_old_name_leads_to_the_page_under_the_new_one(browser: Browser, cast: Cast) -> None:
    room = rooms.make(cast.olga, Room.Kind.PUBLIC, "Tea")
    say(room, cast.ana, "hi")
    rooms.rename(cast.olga, room.pk, "Coffee")
    olga = browser("olga")

    for path in ("", "settings/", "people/", "1", "1/report/", f"people/{cast.ana.pk}/"):
        answer = olga.get(f"/chat/tea/{path}")
        assert (answer.status_code, answer["Location"]) == (302, f"/chat/coffee/{path}"), path
    assert olga.get("/chat/TEA/settings/")["Location"] == "/chat/coffee/settings/"


# The directory, new rooms, direct rooms


def test_the_directory_shows_and_finds_public_rooms(browser: Browser, cast: Cast) -> None:
    rooms.make(cast.olga, Room.Kind.PUBLIC, "聊天室", "about tea")
    client = browser("nobody")

    assert {"lobby", "kitchen", "聊天室"} <= set(re.findall(r"[\w]+", text(client.get("/"))))
    found = text(client.get("/", {"q": "聊天 TEA"}))
    assert "聊天室" in found
    assert "lobby" not in found
    for nothing in ("nothing like this", "%", "\x00", "<script>", "x" * 10_000):
        answer = client.get("/", {"q": nothing})
        assert answer.status_code == 200
    assert "No public room says “Den”" in text(client.get("/", {"q": "Den"}))


def test_a_long_directory_is_turned_page_by_page(browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIST_ROWS", 2)
    for name in ("one", "two", "three"):
        rooms.enter(None, name)
    client = browser("nobody")

    seen: list[str] = []
    path = "/?q="
    while path:
        page = client.get(path).content.decode()
        seen += re.findall(r'data-room="([^"]+)"', page)
        path = html.unescape(_link(page, "next"))

    assert sorted(seen) == sorted(["one", "two", "three", "lobby", "kitchen"])
    for odd in ("0", "-1", "x", "9" * 30, "²"):
        assert client.get("/", {"page": odd}).status_code == 200


def _link(page: str, rel: str) -> str:
    found = re.search(rf'href="([^"]*)" rel="{rel}"', page)
    return found[1] if found else ""


@pytest.mark.parametrize("kind", ["public", "private"])
def test_a_room_is_opened_and_entered(browser: Browser, cast: Cast, kind: str) -> None:
    answer = browser("ana").post("/rooms/new/", {"do": "new", "title": "Tea Time", "topic": "tea", "kind": kind})

    room = Room.objects.get(title="Tea Time")
    assert (answer.status_code, answer["Location"]) == (302, f"/chat/{quote(room.slug)}/")
    assert (room.kind, room.topic) == (kind, "tea")
    assert browser("ana").get(answer["Location"]).status_code == 200


def test_a_guest_opens_public_rooms_where_anybody_may(browser: Browser, cast: Cast, settings: Any) -> None:
    client = browser("nobody")
    assert 'value="private"' not in client.get("/rooms/new/").content.decode()
    assert client.post("/rooms/new/", {"do": "new", "title": "Mine", "kind": "private"}).status_code == 400
    assert client.post("/rooms/new/", {"do": "new", "title": "Mine", "kind": "public"}).status_code == 302

    settings.CHAT_ROOMS_BY = "members"
    assert client.get("/rooms/new/").status_code == 403
    assert client.post("/rooms/new/", {"do": "new", "title": "Two", "kind": "public"}).status_code == 403
    assert 'href="/rooms/new/"' not in client.get("/").content.decode()


@pytest.mark.parametrize("title", ["", "lobby", "a/b", "~abc", "x" * 101, "\x00"])
def test_what_cannot_be_a_room_stays_in_the_form_and_is_explained(browser: Browser, cast: Cast, title: str) -> None:
    before = Room.objects.count()

    answer = browser("ana").post("/rooms/new/", {"do": "new", "title": title, "kind": "public"})

    assert answer.status_code == 400
    assert "field__error" in answer.content.decode()
    assert Room.objects.count() == before


def test_new_rooms_from_one_address_are_bounded(browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newcomers, "_rooms", Buckets(2, 0.001))
    ana = browser("ana")

    made = [
        ana.post("/rooms/new/", {"do": "new", "title": f"Room {number}", "kind": "public"}).status_code
        for number in range(4)
    ]

    assert made == [302, 302, 429, 429]


def test_forms_sent_by_one_person_are_bounded(browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "_rates", Buckets(2, 0.001))
    path = f"/chat/{cast.den.slug}/settings/"

    sent = [browser("mia").post(path, {"do": "slow", "seconds": "5"}).status_code for _ in range(3)]

    assert sent == [302, 302, 429]
    assert browser("olga").post(path, {"do": "slow", "seconds": "5"}).status_code == 302


def test_a_direct_room_is_begun_with_people_who_are_found_by_name(browser: Browser, cast: Cast) -> None:
    ana = browser("ana")
    assert _found(ana.get("/direct/", {"q": "B O"})) == [cast.bo.pk]
    assert _found(ana.get("/direct/", {"q": "visitor"})) == [cast.visitor.pk], "a guest by the whole name"
    answer = ana.get("/direct/", {"q": "a", "with": [cast.bo.pk, cast.ana.pk, "x"]})
    assert _found(answer) == [cast.mia.pk, cast.olga.pk, cast.sara.pk], "neither oneself, nor who is gone or a guest"
    assert re.findall(r'name="with" value="(\d+)"', answer.content.decode()) == [str(cast.bo.pk)]

    one = ana.post("/direct/", {"do": "direct", "person": [cast.visitor.pk, cast.bo.pk]})
    other = ana.post("/direct/", {"do": "direct", "person": [cast.bo.pk, cast.visitor.pk, cast.bo.pk][:2]})
    assert one["Location"] == other["Location"]
    assert "Bo, Visitor" in text(ana.get(one["Location"]))
    assert browser("bo").get(one["Location"]).status_code == 200
    assert browser("mia").get(one["Location"]).status_code == 404


@pytest.mark.parametrize("words", ["", " ", "nobody", "%", "_", "\x00", "x" * 10_000, "Zoe", "Ana"])
def test_a_search_for_people_finds_nobody_who_is_not_there(browser: Browser, cast: Cast, words: str) -> None:
    answer = browser("ana").get("/direct/", {"q": words})
    assert answer.status_code == 200
    assert _found(answer) == []


def _found(answer: Any) -> list[int]:
    return [int(key) for key in re.findall(r'data-found="(\d+)"', answer.content.decode())]


@pytest.mark.parametrize("given", [[], ["x"], ["9" * 40], list(range(1, 40)), ["0"], [""], ["\x00"], ["me"], ["zoe"]])
def test_whom_one_cannot_talk_to_is_explained(browser: Browser, cast: Cast, given: list[str]) -> None:
    people = {"me": cast.ana.pk, "zoe": cast.zoe.pk}
    answer = browser("ana").post("/direct/", {"do": "direct", "person": [people.get(one, one) for one in given]})

    assert answer.status_code in (400, 404)
    assert "field__error" in answer.content.decode()
    assert not Room.objects.filter(kind="direct").exists()


# Settings


def den(cast: Cast) -> Room:
    return Room.objects.get(pk=cast.den.pk)


def test_a_room_is_changed_on_its_settings_page(browser: Browser, cast: Cast) -> None:
    olga = browser("olga")
    path = f"/chat/{cast.den.slug}/settings/"

    def send(do: str, **given: str) -> str:
        answer = olga.post(path, {"do": do, **given})
        assert answer.status_code == 302, text(answer)
        return str(answer["Location"])

    assert send("title", title="New title", topic="New topic") == path.replace("~", "~")
    assert (den(cast).title, den(cast).topic) == ("New title", "New topic")
    send("slow", seconds="30")
    assert den(cast).slow_seconds == 30
    send("slow", seconds="")
    assert den(cast).slow_seconds == 0
    send("archive")
    assert den(cast).is_archived
    send("revive")
    assert not den(cast).is_archived
    path = send("public", slug="Open den")
    assert (path, den(cast).kind) == ("/chat/open-den/settings/", "public")
    send("members_only", members_only="on")
    assert den(cast).members_only
    send("members_only", members_only="")
    assert not den(cast).members_only
    path = send("rename", slug="Den")
    assert path == "/chat/den/settings/"
    path = send("private")
    assert den(cast).kind == "private"
    assert quote(den(cast).slug) in path
    assert olga.get(path).status_code == 200
    assert send("delete", title="New title") == "/"
    assert not Room.objects.filter(pk=cast.den.pk).exists()


def test_moderators_have_the_rules_on_their_page_and_not_the_room(browser: Browser, cast: Cast) -> None:
    page = browser("mia").get(f"/chat/{cast.den.slug}/settings/").content.decode()

    assert set(re.findall(r'data-do="(\w+)"', page)) == {"slow"}
    page = browser("olga").get(f"/chat/{cast.den.slug}/settings/").content.decode()
    assert set(re.findall(r'data-do="(\w+)"', page)) == {"title", "slow", "public", "archive", "delete"}


def test_what_was_refused_is_explained_beside_what_was_typed(browser: Browser, cast: Cast) -> None:
    olga = browser("olga")
    path = f"/chat/{cast.den.slug}/settings/"

    for do, given in (
        ("title", {"title": ""}), ("title", {"title": "a\u202eb"}), ("public", {"slug": "lobby"}),
        ("public", {"slug": "a/b"}), ("delete", {"title": "Dan"}), ("slow", {"seconds": "7"}),
    ):  # fmt: skip
        answer = olga.post(path, {"do": do, **given})
        assert answer.status_code == 400, do
        page = answer.content.decode()
        assert "field__error" in page[page.index(f'data-do="{do}"') :]
        for typed in given.values():
            assert html.escape(typed) in page
    assert (den(cast).title, den(cast).kind) == ("Den", "private")


# People


def test_the_people_of_a_room_are_listed_by_rank_with_those_kept_out(browser: Browser, cast: Cast) -> None:
    moderation.ban(cast.mia, cast.den.pk, cast.bo.pk, reason="spam")

    page = text(browser("mia").get(f"/chat/{cast.den.slug}/people/"))
    assert re.search(r"Olga owner Mia moderator Ana member Visitor guest", page)
    assert "Bo spam banned" in page
    for who in ("ana", "visitor"):
        page = text(browser(who).get(f"/chat/{cast.den.slug}/people/"))
        assert "Olga" in page
        assert "spam" not in page


def test_somebody_is_added_by_name(browser: Browser, cast: Cast) -> None:
    path = f"/chat/{cast.den.slug}/people/"
    assert browser("mia").post(path, {"do": "add", "name": "BO"}).status_code == 302
    assert Membership.objects.filter(room=cast.den, person=cast.bo).exists()

    for name, status in (("bo", 400), ("Nobody", 404), ("Zoe", 404), ("", 400)):
        answer = browser("mia").post(path, {"do": "add", "name": name})
        assert answer.status_code == status, name
        assert "field__error" in answer.content.decode()
    assert browser("ana").post(path, {"do": "add", "name": "Sara"}).status_code == 400  # has no such form


def test_what_can_be_done_about_a_person_is_done_on_their_page(browser: Browser, cast: Cast) -> None:
    say(cast.den, cast.ana, "hi")
    path = f"/chat/{cast.den.slug}/people/{cast.ana.pk}/"
    olga = browser("olga")

    def send(do: str, then: str = path, **given: str) -> None:
        answer = olga.post(path, {"do": do, **given})
        assert (answer.status_code, answer["Location"]) == (302, then), text(answer)
        assert olga.get(then).status_code == 200

    send("role", role="moderator")
    assert Membership.objects.get(room=cast.den, person=cast.ana).role == "moderator"
    send("role", role="member")
    send("mute", seconds="600", reason="calm down")
    assert Restriction.objects.get().kind == "mute"
    assert "calm down" in text(olga.get(path))
    send("unmute")
    send("remove", then=f"/chat/{cast.den.slug}/people/")
    assert not Membership.objects.filter(room=cast.den, person=cast.ana).exists()
    send("ban", seconds="", reason="spam")
    assert Restriction.objects.get().expires_at is None
    send("unban")
    assert not Restriction.objects.exists()


def test_a_guest_is_banned_with_the_address(browser: Browser, cast: Cast) -> None:
    rooms.enter(cast.visitor, "lobby", address="192.0.2.7")
    path = f"/chat/{cast.den.slug}/people/{cast.visitor.pk}/"

    assert browser("mia").post(path, {"do": "ban", "by_address": "on"}).status_code == 400
    assert browser("mia").post(path, {"do": "ban", "seconds": "3600", "by_address": "on"}).status_code == 302

    assert Restriction.objects.get().address
    page = browser("mia").get(f"/chat/{cast.den.slug}/people/{cast.ana.pk}/").content.decode()
    assert "by_address" not in page


def test_a_page_about_a_person_is_there_for_neighbours_only(browser: Browser, cast: Cast) -> None:
    path = f"/chat/{cast.den.slug}/people"
    assert browser("mia").get(f"{path}/{cast.ana.pk}/").status_code == 200
    assert browser("mia").get(f"{path}/{cast.bo.pk}/").status_code == 404
    say(cast.lobby, cast.bo, "elsewhere")
    assert browser("mia").get(f"{path}/{cast.bo.pk}/").status_code == 404


def test_only_what_can_be_done_is_offered(browser: Browser, cast: Cast) -> None:
    def offered(who: str, whom: User) -> set[str]:
        page = browser(who).get(f"/chat/{cast.den.slug}/people/{whom.pk}/").content.decode()
        return set(re.findall(r'data-do="(\w+)"', page))

    assert offered("mia", cast.ana) == {"mute", "remove", "ban"}
    assert offered("olga", cast.ana) == {"role", "mute", "remove", "ban"}
    assert offered("olga", cast.visitor) == {"mute", "remove", "ban"}
    assert offered("mia", cast.olga) == offered("mia", cast.mia) == set()
    assert offered("olga", cast.olga) == {"role"}


def test_one_joins_and_leaves(browser: Browser, cast: Cast) -> None:
    Room.objects.filter(pk=cast.lobby.pk).update(members_only=True)
    ana = browser("ana")

    assert ana.get("/chat/lobby/join/").status_code == 200
    assert ana.post("/chat/lobby/join/", {"do": "join"})["Location"] == "/chat/lobby/"
    assert Membership.objects.filter(room=cast.lobby, person=cast.ana).exists()
    assert ana.get("/chat/lobby/join/").status_code == 403
    assert ana.get("/chat/lobby/leave/").status_code == 200
    assert ana.post("/chat/lobby/leave/", {"do": "leave"})["Location"] == "/"
    assert not Membership.objects.filter(room=cast.lobby, person=cast.ana).exists()
    assert browser("visitor").get("/chat/lobby/join/").status_code == 403


# Invitations


def link_on(page: str) -> str:
    found = re.search(r'value="http://testserver(/invite/[^"]+/)"', page)
    assert found, page
    return found[1]


def test_a_link_is_made_shown_once_and_revoked(browser: Browser, cast: Cast) -> None:
    path = f"/chat/{cast.den.slug}/invitations/"
    mia = browser("mia")

    made = mia.post(path, {"do": "make", "seconds": "3600", "uses": "5"})

    assert made.status_code == 200
    link = link_on(made.content.decode())
    assert browser("bo").get(link).status_code == 200
    page = mia.get(path).content.decode()
    assert "/invite/" not in page
    assert "used 0 of 5 times" in text(mia.get(path))
    key = Invitation.objects.get().pk
    assert mia.post(path, {"do": "revoke", "invitation": str(key)}).status_code == 302
    assert browser("bo").get(link).status_code == 404
    for odd in ("", "x", "0", "9" * 40):
        assert mia.post(path, {"do": "revoke", "invitation": odd}).status_code == 400
    for odd in ({"seconds": "1", "uses": "5"}, {"seconds": "3600", "uses": "7"}, {}):
        assert mia.post(path, {"do": "make", **odd}).status_code == 400


@pytest.fixture
def link(cast: Cast) -> str:
    return reverse("rooms:invite", args=[invitations.make(cast.mia, cast.den.pk, 3600, 5)])


def test_who_is_logged_in_accepts_with_one_click(browser: Browser, cast: Cast, link: str) -> None:
    bo = browser("bo")
    page = text(bo.get(link))
    assert "You are invited to Den" in page
    assert "Mia" in page
    assert "Come in as Bo" in page
    assert not Membership.objects.filter(room=cast.den, person=cast.bo).exists()

    answer = bo.post(link, {"do": "accept"})

    assert answer["Location"] == f"/chat/{quote(cast.den.slug)}/"
    assert bo.get(answer["Location"]).status_code == 200
    assert bo.get(link)["Location"] == answer["Location"]


def test_who_has_never_been_here_comes_in_as_a_guest(browser: Browser, cast: Cast, link: str) -> None:
    client = browser("nobody")
    page = client.get(link).content.decode()
    assert "Come in as a guest" in page
    assert f"/account/log-in/?next={quote(link, safe='/')}" in page
    before = User.objects.count()

    answer = client.post(link, {"do": "accept"})

    assert User.objects.count() == before + 1
    assert client.get(answer["Location"]).status_code == 200
    assert Membership.objects.get(room=cast.den, person=User.objects.order_by("-pk")[0]).role == "guest"


def test_on_a_site_without_guests_one_logs_in_first_and_comes_back(
    browser: Browser, cast: Cast, link: str, settings: Any
) -> None:
    settings.CHAT_GUESTS = False
    client = browser("nobody")
    page = client.get(link)

    assert page.status_code == 200
    assert "Come in" not in text(page)
    assert client.post(link, {"do": "accept"}).status_code >= 400
    cast.bo.set_password(PASSWORD)
    cast.bo.save()
    answer = client.post("/account/log-in/", {"name": "Bo", "password": PASSWORD, "next": link})
    assert answer["Location"] == link
    assert client.post(link, {"do": "accept"})["Location"] == f"/chat/{quote(cast.den.slug)}/"


def test_a_link_that_lets_nobody_in_tells_nothing(browser: Browser, cast: Cast, link: str) -> None:
    def told(who: str, path: str = link) -> set[bytes]:
        client = browser(who)
        client.get("/")
        answers = [client.get(path), client.post(path, {"do": "accept"})]
        assert [answer.status_code for answer in answers] == [404, 404]
        return {answer.content for answer in answers}

    told_of = told("bo", "/invite/nonsense/") | told("nobody", "/invite/nonsense/")
    moderation.ban(cast.mia, cast.den.pk, cast.bo.pk)
    told_of |= told("bo")
    rooms.archive(cast.olga, cast.den.pk)
    told_of |= told("nobody")
    rooms.delete(cast.olga, cast.den.pk)
    told_of |= told("nobody")

    assert len(told_of) == 1
    assert b"Den" not in told_of.pop()


# Reports, versions, the audit log


def test_a_message_is_reported_and_the_report_answered(browser: Browser, cast: Cast) -> None:
    say(cast.den, cast.ana, "rude <b>words</b>")
    path = f"/chat/{cast.den.slug}/1/report/"
    visitor = browser("visitor")

    assert "rude <b>words</b>" in text(visitor.get(path))
    assert visitor.post(path, {"do": "report", "reason": " "}).status_code == 400
    answer = visitor.post(path, {"do": "report", "reason": "very rude"})
    assert visitor.get(answer["Location"]).status_code == 200

    mia = browser("mia")
    queue = mia.get(f"/chat/{cast.den.slug}/reports/")
    assert "very rude" in text(queue)
    one = f"/reports/{Report.objects.get().pk}/"
    assert one in queue.content.decode()
    assert mia.post(one, {"do": "answer", "outcome": "muted", "seconds": ""}).status_code == 400
    assert mia.post(one, {"do": "answer", "outcome": "forgiven"}).status_code == 400
    answer = mia.post(one, {"do": "answer", "outcome": "deleted", "note": "as agreed", "seconds": ""})
    assert answer["Location"] == f"/chat/{quote(cast.den.slug)}/reports/"
    assert Message.objects.get(room=cast.den).deleted_at is not None
    assert "very rude" not in text(mia.get(answer["Location"]))
    assert "The message was deleted" in text(mia.get(f"{answer['Location']}?handled=yes"))
    shown = mia.get(one)
    assert "as agreed" in text(shown)
    assert 'data-do="answer"' not in shown.content.decode()
    assert mia.post(one, {"do": "answer", "outcome": "dismissed"}).status_code == 400


def test_the_staff_answer_reports_of_rooms_that_they_do_not_see(browser: Browser, cast: Cast) -> None:
    say(cast.den, cast.ana, "rude")
    moderation.report(cast.visitor, cast.den.pk, 1, "very rude")
    sara = browser("sara")

    assert "very rude" in text(sara.get("/reports/"))
    one = f"/reports/{Report.objects.get().pk}/"
    answer = sara.post(one, {"do": "answer", "outcome": "banned", "seconds": "3600"})

    assert answer["Location"] == "/reports/"
    assert Restriction.objects.get().person == cast.ana
    assert sara.get(f"/chat/{cast.den.slug}/").status_code == 404


def test_earlier_versions_are_shown_as_text(browser: Browser, cast: Cast) -> None:
    say(cast.den, cast.ana, "<script>first</script>")
    edit(cast.den, cast.ana, 1, "second")

    page = browser("ana").get(f"/chat/{cast.den.slug}/1/versions/")

    assert "&lt;script&gt;first" in page.content.decode()
    assert text(page).index("second") < text(page).index("first")


def test_the_audit_log_is_read_by_pages(browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIST_ROWS", 2)
    memberships.add(cast.mia, cast.den.pk, cast.bo.pk)
    rooms.set_title(cast.olga, cast.den.pk, "<i>Den</i>", "")
    moderation.ban(cast.olga, cast.den.pk, cast.bo.pk, reason="spam")
    mia = browser("mia")

    first = mia.get(f"/chat/{cast.den.slug}/audit/")
    assert "Olga banned Bo for good: spam" in text(first)
    assert "<i>Den</i>" in text(first)
    older = mia.get(html.unescape(_link(first.content.decode(), "next")))
    assert "Mia added Bo" in text(older)
    assert "Olga opened the room" in text(older)
    for odd in ("x", "-1", "0", "9" * 30):
        assert mia.get(f"/chat/{cast.den.slug}/audit/", {"before": odd}).status_code == 200
    assert "Olga banned Bo" in text(browser("sara").get("/audit/"))


def test_every_deed_of_the_log_has_words(browser: Browser, cast: Cast) -> None:
    assert set(wording.DEEDS) == set(AuditEntry.Kind)
    assert set(wording.ROLES) == set(Membership.Role)
    assert set(wording.OUTCOMES) == set(Report.Outcome)


# The room's own page


def test_the_page_of_a_private_room_is_as_that_of_any_room(browser: Browser, cast: Cast) -> None:
    say(cast.den, cast.ana, "among ourselves")

    for who in ("visitor", "ana", "mia", "olga"):
        page = browser(who).get(f"/chat/{cast.den.slug}/")
        assert page.status_code == 200
        assert "among ourselves" in text(page)
    for who in ("nobody", "bo", "sara"):
        for path in ("", "1"):
            assert browser(who).get(f"/chat/{cast.den.slug}/{path}").status_code == 404
        assert "Den" not in text(browser(who).get("/"))


def test_no_page_of_rooms_is_kept_by_a_browser_or_proxy(browser: Browser, addresses: dict[str, str]) -> None:
    for name, path in addresses.items():
        who = next(one for one in EVERYBODY if expected(name, one) == 200) if name != "join" else "mia"
        answer = browser(who).get(path)
        assert answer.status_code in (200, 403), name
        assert answer.status_code == 403 or "no-store" in answer["Cache-Control"], name
