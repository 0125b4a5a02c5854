"""Puts people and long logs into the database of a subject; run by its `manage.py shell`."""

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from chat.actions import messages, rooms
from chat.models import Message, Room, User
from chat.models.session import SessionStore
from chat.text import ids

TEXT = "The quick brown fox *jumps* over the lazy dog, and then it does so again, to make a hundred bytes of it."


@transaction.atomic
def members(count: int, spread: int) -> None:
    """So many, logged in, each in one of the rooms b0, b1 ... before; prints the keys of their sessions."""
    password = make_password("secret")
    people = [User(password=password) for _ in range(count)]
    for number, member in enumerate(people):
        member.take_name(f"Member {number}")
    for number, member in enumerate(User.objects.bulk_create(people)):
        rooms.enter(member, f"b{number % spread}")
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(member.pk), member.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session.create()
        print(session.session_key)


def log(slug: str, last: int) -> None:
    """A room with that many messages, by all members in turn: copies of one, whatever columns it has."""
    people = list(User.objects.order_by("pk").values_list("pk", flat=True))
    rooms.enter(User.objects.get(pk=people[0]), slug)
    room = Room.objects.get(slug=slug)
    messages.commit([messages.Post(room.pk, people[0], ids.uuid7(), TEXT)])
    own = {"number": "i", "seq": "i", "author_id": f"{people[0]} + i % {len(people)}", "client_id": _client_id(room.pk)}
    columns = [field.column for field in Message._meta.local_concrete_fields if not field.primary_key]
    values = [own.get(column, f"said.{column}") for column in columns]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            f"WITH RECURSIVE numbers (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM numbers WHERE i < {last})"
            f" INSERT INTO chat_message ({', '.join(columns)}) SELECT {', '.join(values)}"
            f" FROM numbers, chat_message said WHERE said.room_id = {room.pk} AND said.number = 1"
        )
        Room.objects.filter(pk=room.pk).update(last_seq=last)
        cursor.execute("ANALYZE")


def _client_id(room: int) -> str:
    """One for each, by rising number, as time-ordered ones are."""
    if connection.vendor == "postgresql":
        return f"(lpad(to_hex({room}), 8, '0') || lpad(to_hex(i), 24, '0'))::uuid"
    return f"printf('%08x%024x', {room}, i)"
