"""Asks before each page whether its visitor may be on the site at all; a page that is open says so itself."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.deprecation import MiddlewareMixin

from chat import policy
from chat.policy import Denied
from chat.web import visitor
from chat.wire.codes import Code

View = TypeVar("View", bound=Callable[..., Any])


def open_to_strangers(view: View) -> View:
    """A page that is there for those who may not be on the site: the ways in, and the way out."""
    view.open_to_strangers = True  # type: ignore[attr-defined]
    return view


class Gate(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        try:
            policy.be_here(visitor.person(request))
        except Denied as refusal:
            return None if _is_open(request) else _turn_away(request, refusal)
        return None


def _is_open(request: HttpRequest) -> bool:
    try:
        return getattr(resolve(request.path_info).func, "open_to_strangers", False)
    except Resolver404:
        return False


def _turn_away(request: HttpRequest, refusal: Denied) -> HttpResponse:
    """To the log-in page, and from there back; who is deactivated is told so. A script gets the code."""
    stranger = refusal.code is Code.LOG_IN_NEEDED
    if not request.accepts("text/html"):
        return JsonResponse({"code": refusal.code, "message": refusal.message}, status=401 if stranger else 403)
    if not stranger:
        return render(request, "account/deactivated.html", status=403)
    back = f"?{urlencode({'next': request.get_full_path()})}" if request.method in ("GET", "HEAD") else ""
    return HttpResponseRedirect(reverse("account:log_in") + back)
