"""What the staff sees and changes in Django's admin; each change goes through the actions."""

from chat.admin.people import PersonAdmin
from chat.admin.rooms import AuditEntryAdmin, RoomAdmin
from chat.admin.sign_up_links import SignUpLinkAdmin

__all__ = ["AuditEntryAdmin", "PersonAdmin", "RoomAdmin", "SignUpLinkAdmin"]
