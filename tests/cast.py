"""The people and rooms that database tests speak of, and their ways to say something."""

from dataclasses import dataclass, field
from uuid import UUID

from chat.actions import accounts, messages, rooms
from chat.actions.messages import Delete, Done, Edit, Outcome, Post, Posted, React
from chat.models import Epoch, Membership, Room, User
from chat.text import ids


@dataclass
class Cast:
    """Ana and Bo are members of the site, the visitor is a guest, Sara is its staff, Zoe was sent away.

    The lobby, the kitchen and the archive are public and nobody's own. The den is private: Olga owns it, Mia moderates
    it, Ana is a member, the visitor was let in as a guest, Bo is outside. `hidden` is nobody's to see.
    """

    ana: User
    bo: User
    olga: User
    mia: User
    visitor: User
    sara: User
    zoe: User
    lobby: Room
    kitchen: Room
    den: Room
    hidden: Room
    archive: Room
    keys: dict[str, str] = field(default_factory=dict)  # the secrets of guests


def gather() -> Cast:
    """Make everybody, in a database that may have been emptied."""
    if not Epoch.objects.exists():
        Epoch.objects.create()
    ana, bo, olga, mia, zoe = (User.objects.create_user(name) for name in ("Ana", "Bo", "Olga", "Mia", "Zoe"))
    User.objects.filter(pk=zoe.pk).update(is_active=False)
    visitor = accounts.guest("a visitor's secret", "Visitor")
    den = rooms.make(olga, Room.Kind.PRIVATE, "Den")
    for person, role in ((mia, "moderator"), (ana, "member"), (visitor, "guest")):
        Membership.objects.create(room=den, person=person, role=role)
    return Cast(
        ana,
        bo,
        olga,
        mia,
        visitor,
        User.objects.create_user("Sara", is_staff=True),
        User.objects.get(pk=zoe.pk),
        rooms.enter(None, "lobby").room,
        rooms.enter(None, "kitchen").room,
        den,
        Room.objects.create(slug="~hidden", title="Hidden", kind=Room.Kind.PRIVATE),
        Room.objects.create(slug="archive", title="Archive", archived_at="2026-01-01T00:00:00Z"),
        {"visitor": "a visitor's secret"},
    )


def post(room: Room, author: User, text: str = "hi", client_id: UUID | None = None) -> Post:
    return Post(room.pk, author.pk, client_id or ids.uuid7(), text)


def say(room: Room, author: User, *texts: str) -> list[int]:
    """Say things in one commit; their numbers."""
    return [_number(outcome) for outcome in messages.commit([post(room, author, text) for text in texts])]


def edit(room: Room, author: User, number: int, text: str) -> int:
    return _done(messages.commit([Edit(room.pk, author.pk, number, text)])[0])


def delete(room: Room, author: User, number: int) -> int:
    return _done(messages.commit([Delete(room.pk, author.pk, number)])[0])


def react(room: Room, person: User, number: int, emoji: str = "👍", *, add: bool = True) -> int:
    return _done(messages.commit([React(room.pk, person.pk, number, emoji, add)])[0])


def _number(outcome: Outcome) -> int:
    assert isinstance(outcome, Posted), outcome
    return outcome.number


def _done(outcome: Outcome) -> int:
    assert isinstance(outcome, Done), outcome
    return outcome.seq
