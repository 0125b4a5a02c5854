"""Where one goes on to after a log-in: a page of this site, or the start page."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def asked_for(request: HttpRequest) -> str:
    """What `next` says, if it is a path of this site; else nothing."""
    given = request.POST.get("next") or request.GET.get("next") or ""
    return given if given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None) else ""


def next_page(request: HttpRequest) -> str:
    return asked_for(request) or reverse("home")
