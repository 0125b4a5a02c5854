"""Who may send which frame where: every kind of frame, by every kind of person, in every kind of room.

The frames are those that the wire knows, so that a new one without a row here fails.
"""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chat import limits
from chat.actions import accounts, moderation, rooms
from chat.models import Membership, Message, MessageVersion, Reaction, Room, User
from chat.text import ids
from chat.wire.codes import Close
from chat.wire.commands import Command
from tests.cast import Cast
from tests.integration.queries.test_people import logged_in, visiting
from tests.integration.realtime.crowd import Socket, Stage, stage

pytestmark = pytest.mark.django_db(transaction=True)

# What is done with each frame: in a room where two messages of one's own (1, 2) and two of another's (3, 4) stand.
FRAMES: dict[str, dict[str, dict[str, Any]]] = {
    "hello": {"hello": {}},
    "send": {"send": {"client_id": str(ids.uuid7()), "message": "hi"}},
    "edit": {"edit": {"id": 1, "message": "other"}, "edit another's": {"id": 3, "message": "other"}},
    "delete": {"delete": {"id": 2}, "delete another's": {"id": 4}},
    "react": {"react": {"id": 3, "emoji": "👍", "op": "add"}},
    "history": {"history": {"after": 0}},
    "presence": {"presence": {"state": "idle"}},
    "typing": {"typing": {}},
    "read": {"read": {"id": 4}},
}
ANSWERS = {"hello", "ack", "done", "history", "error"}
UNANSWERED = {"presence", "typing", "read"}

LISTEN = {"hello", "history", "presence", "read"}  # whoever is let in
SPEAK = {*LISTEN, "send", "edit", "delete", "react", "typing"}
MODERATE = {*SPEAK, "delete another's"}
RETRACT = {*LISTEN, "delete"}
CLEAR_UP = {*RETRACT, "delete another's"}  # where nobody writes any more

# Ana is a member of each room that has any, Mia moderates it, Olga owns it; the visitor was let in as a guest. Bo and
# the guest are outside, but for the direct room, which is Ana's and Bo's. Sara is of the staff, Zoe was deactivated.
# The muted and the banned one were members.
EVERYBODY = "guest visitor bo ana mia olga sara zoe muted banned".split()
TABLE: dict[str, dict[str, set[str] | Close]] = {
    "public": {
        **dict.fromkeys(EVERYBODY, SPEAK), "mia": MODERATE, "olga": MODERATE, "sara": MODERATE,
        "muted": RETRACT, "zoe": Close.REMOVED, "banned": Close.REMOVED,
    },
    "members only": {
        "guest": RETRACT, "visitor": SPEAK, "bo": RETRACT, "ana": SPEAK, "mia": MODERATE, "olga": MODERATE,
        "sara": MODERATE, "zoe": Close.REMOVED, "muted": RETRACT, "banned": Close.REMOVED,
    },
    "private": {
        "guest": Close.NO_ROOM, "visitor": SPEAK, "bo": Close.NO_ROOM, "ana": SPEAK, "mia": MODERATE, "olga": MODERATE,
        "sara": Close.NO_ROOM, "zoe": Close.REMOVED, "muted": RETRACT, "banned": Close.NO_ROOM,
    },
    "archive": {
        **dict.fromkeys(EVERYBODY, LISTEN), "mia": CLEAR_UP, "olga": CLEAR_UP, "sara": CLEAR_UP,
        "zoe": Close.REMOVED, "banned": Close.REMOVED,
    },
    "private archive": {
        "guest": Close.NO_ROOM, "visitor": LISTEN, "bo": Close.NO_ROOM, "ana": LISTEN, "mia": CLEAR_UP,
        "olga": CLEAR_UP, "sara": Close.NO_ROOM, "zoe": Close.REMOVED, "muted": LISTEN, "banned": Close.NO_ROOM,
    },
    "direct": {**dict.fromkeys(EVERYBODY, Close.NO_ROOM), "ana": SPEAK, "bo": SPEAK, "zoe": Close.REMOVED},
    "deleted": {**dict.fromkeys(EVERYBODY, Close.NO_ROOM), "zoe": Close.REMOVED},
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "public": {"kind": "public"},
    "members only": {"kind": "public", "members_only": True},
    "private": {"kind": "private"},
    "archive": {"kind": "public", "archived_at": "2026-01-01T00:00:00Z"},
    "private archive": {"kind": "private", "archived_at": "2026-01-01T00:00:00Z"},
    "deleted": {"kind": "deleted"},
}


class Person(NamedTuple):
    user: User
    session: str


@pytest.fixture
def people(cast: Cast) -> dict[str, Person]:
    guest = accounts.guest("a guest's secret", "Guest")
    muted, banned = (User.objects.create_user(name) for name in ("Muted", "Banned"))
    members = {name: getattr(cast, name) for name in "bo ana mia olga sara zoe".split()}
    members |= {"muted": muted, "banned": banned}
    return {name: Person(user, logged_in(user)) for name, user in members.items()} | {
        "guest": Person(guest, visiting("a guest's secret")),
        "visitor": Person(cast.visitor, visiting(cast.keys["visitor"])),
    }


@pytest.fixture
async def here(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(limits, "TYPING_PEOPLE", 100)
    async with stage(monkeypatch) as opened:
        yield opened


def make_room(kind: str, people: dict[str, Person]) -> Room:
    if kind == "direct":
        return rooms.talk(people["ana"].user, [people["bo"].user.pk])
    room = rooms.make(people["olga"].user, Room.Kind.PRIVATE, kind)
    roles = {"visitor": "guest", "mia": "moderator", "ana": "member", "muted": "member"}
    Membership.objects.bulk_create(
        Membership(room=room, person=people[name].user, role=role) for name, role in roles.items()
    )
    moderation.mute(people["olga"].user, room.pk, people["muted"].user.pk, 3600)
    moderation.ban(people["olga"].user, room.pk, people["banned"].user.pk)
    slug = f"public-{room.pk}" if KINDS[kind]["kind"] == "public" else room.slug
    Room.objects.filter(pk=room.pk).update(slug=slug, **KINDS[kind])
    return Room.objects.get(pk=room.pk)


def fill(room: Room, mine: User, others: User) -> None:
    """What the frames are about, and nothing else."""
    MessageVersion.objects.filter(room=room).delete()
    Reaction.objects.filter(room=room).delete()
    Message.objects.filter(room=room).delete()
    Message.objects.bulk_create(
        Message(
            room=room, number=number, seq=number, author=author, client_id=ids.uuid7(), text="hi", html="hi",
            created_at=timezone.now(),
        )
        for number, author in enumerate([mine, mine, others, others], 1)
    )  # fmt: skip
    Room.objects.filter(pk=room.pk, last_seq__lt=4).update(last_seq=4)


async def deeds_of(socket: Socket, witness: Socket) -> set[str]:
    """What is answered otherwise than with an error; of typing, whether another one hears of it."""
    done = set()
    heard = len(witness.of("typing"))
    for kind, variants in FRAMES.items():
        for name, fields in variants.items():
            answer = await ask(socket, kind, fields)
            if answer["type"] != "error":
                done.add(name)
            else:
                assert answer["code"] in ("forbidden", "read_only"), answer
    return done if len(witness.of("typing")) > heard else done - {"typing"}


async def ask(socket: Socket, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The answer; for a frame that has none, that of what was asked right after it."""
    before = len(answers(socket))
    marks = {"ref": kind} if kind in ("edit", "delete", "react", "history") else {}
    socket.send(type=kind, **marks, **fields)
    if kind in UNANSWERED:
        socket.send(type="history", ref="after it", after=0)
    await socket.until(lambda: len(answers(socket)) > before)
    return answers(socket)[before]


def answers(socket: Socket) -> list[dict[str, Any]]:
    return [event for event in socket.events if event["type"] in ANSWERS]


def test_every_frame_has_a_row() -> None:
    assert {kind.__struct_config__.tag for kind in Command.__subclasses__()} == FRAMES.keys()


@pytest.mark.parametrize("kind", TABLE)
async def test_each_may_do_what_the_table_says(here: Stage, people: dict[str, Person], kind: str) -> None:
    room = await sync_to_async(make_room)(kind, people)
    others = ("ana", "bo") if kind == "direct" else ("olga", "mia")
    witnesses = {
        name: await here.socket(room.slug, session=people[name].session).enter() for name in others if kind != "deleted"
    }

    got: dict[str, set[str] | Close] = {}
    for name, person in people.items():
        another = others[name == others[0]]
        await sync_to_async(fill)(room, person.user, people[another].user)
        socket = here.socket(room.slug, session=person.session)
        socket.send(type="hello")
        code = await outcome(socket)
        got[name] = await deeds_of(socket, witnesses[another]) if code is None else code
        await socket.leave()

    assert got == TABLE[kind]


async def outcome(socket: Socket) -> Close | None:
    """How it was let in: None, or the code that it was closed with."""
    try:
        await socket.until(lambda: bool(socket.of("presence")))
    except AssertionError:
        assert not socket.of("hello"), "the room was told to one who is not let in"
        return socket.code
    return None
