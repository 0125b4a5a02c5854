"""Where a request comes from, for bounds that hold for an address."""

from django.http import HttpRequest


def of(request: HttpRequest) -> str | None:
    """The visitor's address, or None where it is not known, and nobody may use up what is meant for all."""
    return request.META.get("REMOTE_ADDR") or None
