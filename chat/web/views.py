"""The room's page, and the change of one's name."""

from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chat import limits, policy
from chat.models import Room
from chat.policy import STRANGER, Denied, Viewer
from chat.queries import log, rooms
from chat.text import names
from chat.web import renaming, shown, sidebar, visitor
from chat.web.rooms.access import refused
from chat.wire import events
from chat.wire.codes import ChatError, Code

_ROOM_PAGES = ("people", "members", "settings", "invitations", "reports", "audit", "join", "leave")


class _Opened(NamedTuple):
    """A room as its page shows it; `epoch` is None while nobody has entered it yet."""

    room: events.Room
    epoch: str | None
    log: log.Page
    more: events.More


@require_safe
@never_cache
def room(request: HttpRequest, room: str, number: int | None = None) -> HttpResponse:
    """A room's page, at its newest messages or around one of them."""
    try:
        slug = names.slug(room)
    except names.BadName:
        raise Http404 from None
    if number and number >= 2**63:  # no counter gets there, and no database takes it
        raise Http404
    if slug != room:
        return redirect("message", slug, number) if number else redirect("room", slug)
    viewer = visitor.person(request)
    try:
        opened = _open(viewer, slug, number)
    except Denied as refusal:
        raise refused(refusal) from None
    if opened.room.slug != slug:  # it was renamed
        return redirect("message", opened.room.slug, number) if number else redirect("room", opened.room.slug)
    visitor.remember_guest(request)
    context = _room_context(viewer, opened, number) | {"sidebar": sidebar.of(request, opened.room)}
    return render(request, "room/room.html", context)


@require_POST
def rename(request: HttpRequest) -> HttpResponse:
    """Change one's name; JSON for the page's script, a redirect back for a form without one."""
    try:
        user = renaming.rename(visitor.person_to_write(request), request.POST.get("name", ""))
    except ChatError as refusal:
        return JsonResponse({"code": refusal.code, "message": refusal.message}, status=_status(refusal.code))
    if request.accepts("text/html"):
        return HttpResponseRedirect(reverse("home"))
    return JsonResponse({"user": {"id": user.pk, "name": user.display_name, "guest": user.is_guest}})


def _status(code: Code) -> int:
    return {Code.FORBIDDEN: 403, Code.RATE_LIMITED: 429, Code.UNAVAILABLE: 503, Code.INTERNAL: 500}.get(code, 400)


def _open(viewer: Viewer, slug: str, number: int | None) -> _Opened:
    """Raises Denied(not_found). A room that may come to be with the first socket has a page already."""
    try:
        found, standing = rooms.find(viewer, slug)
    except Denied as refusal:
        if refusal.code is not Code.NOT_FOUND:
            raise
        policy.make_by_entering(viewer, slug)
        if number or rooms.exists(slug):
            raise
        unborn = rooms.described(viewer, Room(slug=slug, title=slug), STRANGER)
        return _Opened(unborn, None, log.Page([], 0, 0, False), events.More(False, False))
    epoch = f"{rooms.epoch_key()}.{found.pk}"
    who = policy.visible(viewer)
    page, more = log.opening(who, found.pk, number, limits.PAGE_MESSAGES, viewer=viewer.pk if viewer else None)
    return _Opened(rooms.described(viewer, found, standing), epoch, page, more)


def _room_context(viewer: Viewer, opened: _Opened, focus: int | None) -> dict[str, Any]:
    frames = msgspec.to_builtins(opened.log.messages)
    slug = opened.room.slug
    return {
        "room": opened.room,
        "days": _days(frames),
        "me": shown.person(viewer.pk, viewer.display_name, guest=viewer.is_guest) if viewer else None,
        "page": {
            "room": msgspec.to_builtins(opened.room),
            "epoch": opened.epoch,
            "seq": opened.log.seq,
            "messages": frames,
            "more": msgspec.to_builtins(opened.more),
            "focus": focus,
            "urls": {
                "socket": f"/ws/chat/{quote(slug)}/",
                "name": reverse("name"),
                "room": reverse("room", args=[slug]),
                "permalink": reverse("message", args=[slug, 0]),
                "report": reverse("rooms:report", args=[slug, 0]),
                "versions": reverse("rooms:versions", args=[slug, 0]),
                "person": reverse("rooms:person", args=[slug, 0]),
                **{page: reverse(f"rooms:{page}", args=[slug]) for page in _ROOM_PAGES},
            },
            "limits": {
                "message": limits.MESSAGE_LENGTH,
                "frame": limits.FRAME_BYTES,
                "name": limits.NAME_LENGTH,
                "history": limits.PAGE_MESSAGES,
                "idle_seconds": limits.IDLE_SECONDS,
                "typing_seconds": limits.TYPING_SECONDS,
                "typing_shown_seconds": limits.TYPING_SHOWN_SECONDS,
            },
            "me": {"id": viewer.pk, "name": viewer.display_name, "guest": viewer.is_guest} if viewer else None,
        },
    }


def _days(frames: list[dict[str, Any]]) -> list[tuple[date, list[dict[str, Any]]]]:
    """The messages by the day they were said on; what a template would work out for each is ready here."""
    messages = [
        {**frame, "user": shown.person(**frame["user"]), "when": localtime(datetime.fromisoformat(frame["ts"]))}
        for frame in frames
    ]
    return [(day, list(said)) for day, said in groupby(messages, lambda message: message["when"].date())]
