"""The reader's words: for refusals, for lengths of time, for what the audit log says."""

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chat.models import AuditEntry, Membership, Report, Room
from chat.wire.codes import ChatError

_Kind, _Role, _Outcome = AuditEntry.Kind, Membership.Role, Report.Outcome

ROLES = {
    _Role.OWNER: _("owner"),
    _Role.MODERATOR: _("moderator"),
    _Role.MEMBER: _("member"),
    _Role.GUEST: _("guest"),
}

OUTCOMES = {
    _Outcome.DISMISSED: _("Nothing had to be done"),
    _Outcome.DELETED: _("The message was deleted"),
    _Outcome.MUTED: _("The author was muted"),
    _Outcome.BANNED: _("The author was banned"),
}

# After the name of who did it; before the name of the person it was done to, if there is one.
DEEDS = {
    _Kind.MADE: _("opened the room"),
    _Kind.TITLED: _("changed the title or topic"),
    _Kind.RENAMED: _("renamed the room"),
    _Kind.MADE_PRIVATE: _("made the room private"),
    _Kind.MADE_PUBLIC: _("made the room public"),
    _Kind.MEMBERS_ONLY: _("let only members write"),
    _Kind.OPENED: _("let everybody write"),
    _Kind.SLOWED: _("changed slow mode"),
    _Kind.ARCHIVED: _("archived the room"),
    _Kind.REVIVED: _("opened the archived room again"),
    _Kind.DELETED: _("deleted the room"),
    _Kind.ADDED: _("added"),
    _Kind.INVITED: _("made an invitation link"),
    _Kind.JOINED: _("became a member"),
    _Kind.REVOKED: _("revoked an invitation link"),
    _Kind.LEFT: _("left the room"),
    _Kind.REMOVED: _("removed"),
    _Kind.ROLE: _("gave another role to"),
    _Kind.MUTED: _("muted"),
    _Kind.UNMUTED: _("lifted the mute of"),
    _Kind.BANNED: _("banned"),
    _Kind.UNBANNED: _("lifted the ban of"),
    _Kind.MESSAGE_DELETED: _("deleted a message by"),
    _Kind.REPORT_HANDLED: _("answered a report about"),
}


_KINDS = {
    Room.Kind.PUBLIC: _("public"),
    Room.Kind.PRIVATE: _("private"),
    Room.Kind.DIRECT: _("direct"),
}


def detail(entry: AuditEntry) -> str:
    """What else the log says of a deed, in the reader's words where they are ours."""
    said = entry.detail
    match entry.kind:
        case _Kind.MADE:
            return str(_KINDS[Room.Kind(said)])
        case _Kind.ROLE:
            return str(ROLES[_Role(said)])
        case _Kind.SLOWED:
            return duration(int(said)) if int(said) else gettext("none")
        case _Kind.INVITED:
            return ngettext("for %(count)s person", "for %(count)s people", int(said)) % {"count": said}
        case _Kind.JOINED if said:
            return gettext("by a link of %(name)s") % {"name": said}
    return said


def sentence(refusal: ChatError) -> str:
    return gettext(refusal.message)


def duration(seconds: int) -> str:
    """A length of time in its largest whole unit."""
    if seconds % 86_400 == 0:
        return ngettext("%(count)s day", "%(count)s days", seconds // 86_400) % {"count": seconds // 86_400}
    if seconds % 3_600 == 0:
        return ngettext("%(count)s hour", "%(count)s hours", seconds // 3_600) % {"count": seconds // 3_600}
    if seconds % 60 == 0:
        return ngettext("%(count)s minute", "%(count)s minutes", seconds // 60) % {"count": seconds // 60}
    return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
