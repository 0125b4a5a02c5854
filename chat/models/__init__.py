"""The nouns of the chat, one a file."""

from chat.models.epoch import Epoch
from chat.models.message import Message
from chat.models.room import Room
from chat.models.session import Session
from chat.models.user import User

__all__ = ["Epoch", "Message", "Room", "Session", "User"]
