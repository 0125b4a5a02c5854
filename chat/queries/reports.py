"""The reports that wait for those who moderate, and what was done about the others."""

from typing import NamedTuple

from chat import limits, policy
from chat.models import Report
from chat.policy import Viewer


class Page(NamedTuple):
    reports: list[Report]
    more: bool


def queue(viewer: Viewer, room: int | None = None, *, handled: bool = False, page: int = 1) -> Page:
    """Of one room or of all that the viewer moderates: what waits, oldest first; or what is handled, newest first."""
    found = Report.objects.filter(policy.moderated(viewer, "room__"))
    if room is not None:
        found = found.filter(room=room)
    found = (
        found.exclude(outcome="").order_by("-handled_at", "-pk") if handled else found.filter(outcome="").order_by("pk")
    )
    first = (min(max(page, 1), limits.LIST_PAGES) - 1) * limits.LIST_ROWS
    reports = list(
        found.select_related("room", "author", "reporter", "handled_by")[first : first + limits.LIST_ROWS + 1]
    )
    return Page(reports[: limits.LIST_ROWS], len(reports) > limits.LIST_ROWS)
