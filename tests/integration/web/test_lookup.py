"""What the quick switcher finds: public rooms for everybody, people for who may talk to them, nothing hidden."""

from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from chat import limits
from chat.actions import rooms
from chat.models import Room, User
from chat.rates import Buckets
from chat.web import lookup
from tests.cast import Cast
from tests.integration.queries.test_people import logged_in, visiting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "_rates", Buckets(limits.LOOKUP_BURST, limits.LOOKUPS_PER_SECOND))


def found(client: Client, who: User | str | None, words: str) -> tuple[list[str], list[str]]:
    """The titles of rooms and the names of people."""
    answer = ask(client, who, words)
    assert answer.status_code == 200
    told = answer.json()
    return [room["title"] for room in told["rooms"]], [person["name"] for person in told["people"]]


def ask(client: Client, who: User | str | None, words: str) -> Any:
    if who is not None:
        client.cookies[site.SESSION_COOKIE_NAME] = logged_in(who) if isinstance(who, User) else visiting(who)
    return client.get("/lookup.json", {"q": words}, headers={"accept": "application/json"})


def test_public_rooms_are_found_by_a_part_of_their_names_in_any_script(client: Client, cast: Cast) -> None:
    rooms.make(cast.ana, Room.Kind.PUBLIC, "产品设计讨论组")
    assert found(client, cast.bo, "讨论") == (["产品设计讨论组"], [])
    assert found(client, None, "ITCH")[0] == ["kitchen"]
    (room,) = ask(client, None, "kitchen").json()["rooms"]
    assert room == {"slug": "kitchen", "title": "kitchen", "kind": "public", "url": "/chat/kitchen/"}


def test_ones_own_rooms_are_found_too_by_what_they_are_called_for_oneself(client: Client, cast: Cast) -> None:
    rooms.talk(cast.ana, [cast.mia.pk])
    assert found(client, cast.ana, "DEN")[0] == ["Den"]
    assert found(client, cast.ana, "mia") == (["Mia"], ["Mia"])
    assert [room["kind"] for room in ask(client, cast.ana, "mia").json()["rooms"]] == ["direct"]


def test_what_is_hidden_archived_or_not_asked_for_is_not_found(client: Client, cast: Cast) -> None:
    for words in ("den", "hidden", "archive"):
        assert found(client, cast.bo, words)[0] == [], words
    for words in ("", "  ", "\x00"):
        assert found(client, cast.bo, words) == ([], []), words


def test_people_are_found_by_who_may_talk_to_them(client: Client, cast: Cast) -> None:
    assert found(client, cast.ana, "o") == (["lobby"], ["Bo", "Olga"])
    assert found(client, cast.ana, "ana") == ([], []), "not oneself"
    assert found(client, cast.ana, "zoe") == ([], []), "nor who was sent away"
    assert found(Client(), cast.keys["visitor"], "bo")[1] == []
    assert found(Client(), None, "bo")[1] == []


def test_who_asks_too_often_waits(client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "_rates", Buckets(2, 0.1))
    for _ in range(2):
        assert ask(client, cast.ana, "a").status_code == 200
    refused = ask(client, cast.ana, "a")
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate_limited"
    assert 0 < refused.json()["retry_after"] <= 10
    assert ask(Client(), cast.bo, "a").status_code == 200


def test_a_site_without_guests_tells_strangers_nothing(client: Client, cast: Cast, settings: Any) -> None:
    settings.CHAT_GUESTS = False
    answer = ask(client, None, "lobby")
    assert answer.status_code == 401
    assert "lobby" not in answer.content.decode()


def test_no_more_than_a_few_are_told(client: Client, cast: Cast) -> None:
    for number in range(limits.FOUND_ROOMS + 3):
        rooms.enter(None, f"many-{number}")
    for number in range(limits.FOUND_PEOPLE + 3):
        User.objects.create_user(f"Many {number}")
    told = found(client, cast.ana, "many")
    assert [len(part) for part in told] == [limits.FOUND_ROOMS, limits.FOUND_PEOPLE]
