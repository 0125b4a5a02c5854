"""What a message said before it was edited, for those who may see it."""

from typing import NamedTuple

from chat import limits, policy
from chat.models import Message, MessageVersion
from chat.policy import Denied, Viewer
from chat.queries import rooms
from chat.wire.codes import Code


class History(NamedTuple):
    message: Message
    versions: list[MessageVersion]  # newest first, without what it says now


def of_message(viewer: Viewer, room: int, number: int) -> History:
    """Raises Denied: not_found, forbidden."""
    seen = rooms.of_key(viewer, room)
    message = Message.objects.filter(room=room, number=number, deleted_at=None).select_related("author").first()
    if message is None or viewer is None:
        raise Denied(Code.NOT_FOUND)
    policy.read_versions(viewer, *seen, message.author_id)
    found = MessageVersion.objects.filter(room=room, number=number).order_by("-seq")
    return History(message, list(found[: limits.MESSAGE_VERSIONS]))
