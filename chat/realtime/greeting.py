"""The answer to a hello: who one is, which room this is, and what this server can do."""

from msgspec import UNSET

from chat import limits
from chat.queries.standings import PersonRow
from chat.realtime.entrance import Entered
from chat.wire import events

FEATURES = ["history", "presence", "typing", "edit", "delete", "react", "reply", "mentions", "read", "unread"]


def answer(entered: Entered, user: PersonRow, epoch: str) -> events.Hello:
    """`user` is the person as they are called by now; `epoch` as the wire has it."""
    return events.Hello(
        user=events.Person(user.pk, user.display_name, user.is_guest),
        room=entered.described,
        epoch=epoch,
        seq=entered.numbers.seq,
        read=entered.read,
        limits={
            "message": limits.MESSAGE_LENGTH,
            "frame": limits.FRAME_BYTES,
            "burst": limits.MESSAGE_BURST,
            "per_second": limits.MESSAGES_PER_SECOND,
            "edit_seconds": limits.EDIT_SECONDS,
        },
        tick=limits.TICK_SECONDS,
        features=FEATURES,
        key=entered.key or UNSET,
    )
