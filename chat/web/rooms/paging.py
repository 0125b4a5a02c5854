"""Pages of a list, by their number or by what the last one ended with."""

from typing import Any

from django.http import HttpRequest

from chat import limits


def number(request: HttpRequest) -> int:
    """The page that is asked for, from 1; what is no such number counts as the first."""
    given = request.GET.get("page", "")
    return min(max(int(given), 1), limits.LIST_PAGES) if given.isdecimal() and len(given) < 9 else 1


def links(request: HttpRequest, page: int, *, more: bool) -> dict[str, Any]:
    """The addresses of the pages before and after this one, where there are such."""
    return {
        "newer": _address(request, page=page - 1) if page > 1 else "",
        "older": _address(request, page=page + 1) if more and page < limits.LIST_PAGES else "",
    }


def before(request: HttpRequest) -> int | None:
    """The key below which the list goes on; None is its beginning."""
    given = request.GET.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None


def links_before(request: HttpRequest, last: int | None) -> dict[str, Any]:
    """The addresses of the list's beginning and of what follows below the key `last`."""
    return {
        "newer": request.path if before(request) is not None else "",
        "older": _address(request, before=last) if last is not None else "",
    }


def _address(request: HttpRequest, **changed: Any) -> str:
    asked = request.GET.copy()
    for name, value in changed.items():
        asked[name] = str(value)
    return f"{request.path}?{asked.urlencode()}"
