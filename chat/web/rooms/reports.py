"""Reports: made by somebody who reads, answered by those who keep order."""

from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chat import limits, policy
from chat.actions import moderation
from chat.models import Message, Report, User
from chat.policy import Denied
from chat.queries import reports as reads
from chat.queries import versions as message_versions
from chat.web import visitor
from chat.web.rooms import fields, paging, wording
from chat.web.rooms.access import Place, of_room, refused
from chat.web.rooms.deeds import Deed, serve

_Outcome = Report.Outcome
_SECONDS = [3_600, 86_400, 604_800, 2_592_000]


# A message, for those who read it


class _Report(Deed):
    do = "report"
    submit = _("Report it")
    reason = fields.reason(_("What is wrong with it?"), required=True)

    def __init__(self, place: Place, number: int, **kwargs: Any) -> None:
        self._place, self._number = place, number
        super().__init__(**kwargs)

    def act(self, person: User) -> str:
        moderation.report(person, self._place.room.pk, self._number, self.cleaned_data["reason"])
        return reverse("rooms:reported", args=[self._place.room.slug, self._number])


@of_room(policy.report)
def report(request: HttpRequest, place: Place, number: int) -> HttpResponse:
    message = _message(place, number)
    return serve(
        request,
        "room_settings/report.html",
        [partial(_Report, place, number)],
        lambda: {"place": place, "message": message},
    )


@of_room(policy.report)
def reported(request: HttpRequest, place: Place, number: int) -> HttpResponse:
    return render(request, "room_settings/reported.html", {"place": place, "number": number})


@of_room()
def versions(request: HttpRequest, place: Place, number: int) -> HttpResponse:
    """What a message said before it was edited."""
    try:
        history = message_versions.of_message(place.viewer, place.room.pk, number)
    except Denied as refusal:
        raise refused(refusal) from None
    context = {"place": place, "message": history.message, "versions": history.versions}
    return render(request, "room_settings/versions.html", context)


def _message(place: Place, number: int) -> Message:
    message = reads.reportable(place.room.pk, number)
    if message is None:
        raise Http404
    return message


# The queues


@of_room(policy.regulate)
def of_one_room(request: HttpRequest, place: Place) -> HttpResponse:
    return _queue(request, place)


@require_safe
@never_cache
def of_site(request: HttpRequest) -> HttpResponse:
    """Of all rooms at once, for the staff."""
    try:
        policy.look_after_the_site(visitor.person(request))
    except Denied as refusal:
        raise refused(refusal) from None
    return _queue(request, None)


def _queue(request: HttpRequest, place: Place | None) -> HttpResponse:
    handled, page = request.GET.get("handled") == "yes", paging.number(request)
    viewer = place.viewer if place else visitor.person(request)
    found = reads.queue(viewer, place.room.pk if place else None, handled=handled, page=page)
    rows = [{"report": one, "outcome": _outcome(one)} for one in found.reports]
    links = paging.links(request, page, more=found.more)
    return render(request, "room_settings/reports.html", {"place": place, "rows": rows, "handled": handled, **links})


def _outcome(report: Report) -> Any:
    return wording.OUTCOMES[_Outcome(report.outcome)] if report.outcome else ""


# One report, for those who answer it

_ANSWERS = {
    _Outcome.DISMISSED: _("Nothing: it is all right"),
    _Outcome.DELETED: _("Delete the message"),
    _Outcome.MUTED: _("Mute its author"),
    _Outcome.BANNED: _("Ban its author"),
}


class _Answer(Deed):
    do = "answer"
    submit = _("Answer the report")
    outcome = forms.ChoiceField(
        label=_("What is to be done"), choices=[(one.value, words) for one, words in _ANSWERS.items()]
    )
    seconds = fields.seconds(
        _("For how long, where the author is muted or banned"),
        _SECONDS,
        limits.RESTRICTION_SECONDS,
        first=_("For good"),
    )
    note = fields.reason(_("Note"))

    def __init__(self, report: Report, **kwargs: Any) -> None:
        self._report = report
        super().__init__(**{"initial": {"seconds": _SECONDS[1]}, **kwargs})

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("outcome") == _Outcome.MUTED and not given.get("seconds"):
            self.add_error("seconds", _("A mute has an end."))
        return given

    def act(self, person: User) -> str:
        given = self.cleaned_data
        moderation.handle(person, self._report.pk, given["outcome"], given["note"], seconds=given["seconds"])
        return _back(self._report, person)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, report: int) -> HttpResponse:
    viewer = visitor.person(request)
    found = reads.one(viewer, report)
    if found is None or viewer is None:
        raise Http404
    makes = [] if found.outcome else [partial(_Answer, found)]
    context = {"report": found, "outcome": _outcome(found), "back": _back(found, viewer)}
    return serve(request, "room_settings/one_report.html", makes, lambda: context)


def _back(report: Report, viewer: User) -> str:
    """The queue that this person comes from: the room's, or that of the site where the room is hidden to the staff."""
    if reads.sees_room(viewer, report):
        return reverse("rooms:reports", args=[report.room.slug])
    return reverse("rooms:site_reports")
