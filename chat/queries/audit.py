"""The audit log of one room, or of the site."""

from typing import NamedTuple

from chat import limits
from chat.models import AuditEntry
from chat.models.audit_entry import AuditEntries


class Page(NamedTuple):
    entries: list[AuditEntry]
    more: bool


def of_room(room: int, before: int | None = None) -> Page:
    """Newest first, below the entry `before` if it is given. Who may read it, policy.moderate says."""
    return _page(AuditEntry.objects.filter(room=room), before)


def of_site(before: int | None = None) -> Page:
    """The same of all rooms, those that are gone too; for the site's staff."""
    return _page(AuditEntry.objects.all(), before)


def _page(found: AuditEntries, before: int | None) -> Page:
    if before is not None:
        found = found.filter(pk__lt=before)
    entries = list(found.select_related("actor", "person").order_by("-pk")[: limits.LIST_ROWS + 1])
    return Page(entries[: limits.LIST_ROWS], len(entries) > limits.LIST_ROWS)
