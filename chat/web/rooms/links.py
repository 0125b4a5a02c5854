"""Invitation links: those of a room, and the page that one leads to."""

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat import limits, policy
from chat.actions import invitations
from chat.models import User
from chat.policy import Viewer
from chat.queries import invitations as reads
from chat.web import visitor
from chat.web.gate import open_to_strangers
from chat.web.rooms import fields
from chat.web.rooms.access import Place, of_room
from chat.web.rooms.deeds import Deed, serve

_SECONDS = [3_600, 86_400, 604_800, 2_592_000]
_USES = [1, 5, 25, 100]


class _Make(Deed):
    """Stays on its page with the link, which is never shown again."""

    do = "make"
    heading = _("Make a link")
    lead = _("Whoever has the link can come in, also without an account.")
    submit = _("Make a link")
    seconds = fields.seconds(_("For how long"), _SECONDS, limits.INVITATION_SECONDS)
    uses = forms.TypedChoiceField(
        label=_("How many people it lets in"),
        choices=[(uses, str(uses)) for uses in _USES if uses <= limits.INVITATION_USES],
        coerce=int,
    )

    link = ""

    def __init__(self, request: HttpRequest, place: Place, **kwargs: Any) -> None:
        self._request, self._place = request, place
        super().__init__(**{"initial": {"seconds": 604_800, "uses": 25}, **kwargs})

    def act(self, person: User) -> None:
        given = self.cleaned_data
        secret = invitations.make(person, self._place.room.pk, given["seconds"], given["uses"])
        self.link = self._request.build_absolute_uri(reverse("rooms:invite", args=[secret]))


class _Revoke(Deed):
    do = "revoke"
    submit = _("Revoke")
    invitation = forms.IntegerField(min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, place: Place, **kwargs: Any) -> None:
        self._place = place
        super().__init__(**kwargs)

    def act(self, person: User) -> str:
        invitations.revoke(person, self._place.room.pk, self.cleaned_data["invitation"])
        return reverse("rooms:invitations", args=[self._place.room.slug])


@of_room(policy.invite)
def links(request: HttpRequest, place: Place) -> HttpResponse:
    return serve(
        request,
        "room_settings/invitations.html",
        [partial(_Make, request, place), partial(_Revoke, place)],
        lambda: {"place": place, "invitations": reads.of_room(place.room.pk)},
    )


class _Accept(Deed):
    do = "accept"

    def __init__(self, secret: str, **kwargs: Any) -> None:
        self._secret = secret
        super().__init__(**kwargs)

    def act(self, person: User) -> str:
        return reverse("room", args=[invitations.accept(person, self._secret).slug])


@open_to_strangers
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, token: str) -> HttpResponse:
    """What a link leads to: which room, by whom, and as whom one comes in. A link that lets nobody in tells nothing."""
    invitation = reads.of_secret(token)
    viewer = _viewer(request)
    if invitation is None or not policy.allows(policy.admit, invitation.room):
        return _void(request)
    if viewer is not None:
        standing = reads.standing(invitation, viewer)
        if standing.role is not None:
            return redirect("room", invitation.room.slug)
        if not policy.allows(policy.accept, viewer, invitation.room, standing):
            return _void(request)
    guests = policy.allows(policy.be_here, None)
    context = {"invitation": invitation, "me": viewer, "guests": guests, "next": request.path}
    return serve(request, "room_settings/invite.html", [partial(_Accept, token)], lambda: context)


def _viewer(request: HttpRequest) -> Viewer:
    """Who has followed the link; nobody yet, where one has to log in first."""
    viewer = visitor.person(request)
    return viewer if policy.allows(policy.be_here, viewer) else None


def _void(request: HttpRequest) -> HttpResponse:
    return render(request, "room_settings/no_invitation.html", status=404)
