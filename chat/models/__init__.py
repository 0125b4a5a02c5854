"""The nouns of the chat, one a file."""

from chat.models.account_event import AccountEvent
from chat.models.audit_entry import AuditEntry
from chat.models.epoch import Epoch
from chat.models.invitation import Invitation
from chat.models.membership import Membership
from chat.models.mention import Mention
from chat.models.message import Message
from chat.models.message_version import MessageVersion
from chat.models.reaction import Reaction
from chat.models.report import Report
from chat.models.restriction import Restriction
from chat.models.room import Room
from chat.models.room_slug import RoomSlug
from chat.models.session import Session
from chat.models.sign_up_link import SignUpLink
from chat.models.tries import Tries
from chat.models.user import User

__all__ = [
    "AccountEvent",
    "AuditEntry",
    "Epoch",
    "Invitation",
    "Membership",
    "Mention",
    "Message",
    "MessageVersion",
    "Reaction",
    "Report",
    "Restriction",
    "Room",
    "RoomSlug",
    "Session",
    "SignUpLink",
    "Tries",
    "User",
]
