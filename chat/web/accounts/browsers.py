"""Remembers in a browser who has logged in there, so that others who guess at a name do not keep its owner out."""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from chat.actions.log_ins import Browser
from chat.models import User
from chat.web import address

_SALT = "chat.browser"
_MOST_PEOPLE = 10


def of(request: HttpRequest) -> Browser:
    """What is not our own writing is a browser that knows nobody."""
    here = address.of(request)
    try:
        said = signing.loads(
            request.COOKIES.get(settings.BROWSER_COOKIE_NAME, ""), salt=_SALT, max_age=settings.SESSION_COOKIE_AGE
        )
    except signing.BadSignature:
        return Browser(here)
    return Browser(here, said["mark"], frozenset(said["people"]))


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    known = of(request)
    people = [person.pk, *(known.people - {person.pk})][:_MOST_PEOPLE]
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        signing.dumps({"mark": known.mark or secrets.token_hex(8), "people": people}, salt=_SALT),
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
