"""The nouns of the chat, one a file."""

from chat.models.account_event import AccountEvent
from chat.models.epoch import Epoch
from chat.models.message import Message
from chat.models.room import Room
from chat.models.session import Session
from chat.models.sign_up_link import SignUpLink
from chat.models.tries import Tries
from chat.models.user import User

__all__ = ["AccountEvent", "Epoch", "Message", "Room", "Session", "SignUpLink", "Tries", "User"]
