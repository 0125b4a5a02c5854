"""What the staff sees and changes in Django's admin; each change goes through the actions."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from chat.admin.people import PersonAdmin
from chat.admin.rooms import AuditEntryAdmin, RoomAdmin
from chat.admin.sign_up_links import SignUpLinkAdmin

__all__ = ["AuditEntryAdmin", "PersonAdmin", "RoomAdmin", "SignUpLinkAdmin"]

admin.site.site_header = admin.site.site_title = _("Chat")
admin.site.index_title = _("What the staff looks after")
admin.site.unregister(Group)  # rights here are not a matter of groups
