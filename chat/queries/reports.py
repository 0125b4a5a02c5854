"""The reports that wait for those who moderate, and what was done about the others."""

from typing import NamedTuple

from chat import limits, policy
from chat.models import Message, Report, Room
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


def one(viewer: Viewer, report: int) -> Report | None:
    """A report that the viewer may answer or see the answer of."""
    found = Report.objects.filter(policy.moderated(viewer, "room__"), pk=report)
    return found.select_related("room", "author", "reporter", "handled_by").first()


def sees_room(viewer: Viewer, report: Report) -> bool:
    """Whether the viewer can look into the room that the report is from."""
    return Room.objects.filter(policy.visible(viewer), pk=report.room_id).exists()


def reportable(room: int, number: int) -> Message | None:
    """The message, for who may see the room, as long as it has words."""
    return Message.objects.filter(room=room, number=number, deleted_at=None).select_related("author").first()
