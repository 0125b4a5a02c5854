"""Answers a request that failed: with a calm 503 where the database was away, as Django would otherwise."""

import logging
import sqlite3
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error

from chat import limits
from chat.wire.codes import Code

logger = logging.getLogger(__name__)

_RESULT = 0xFF  # SQLite's code without what it says more exactly


@requires_csrf_token
def failed(request: HttpRequest) -> HttpResponse:
    """The site's handler500; Django calls it while it handles the error, and writes a traceback unless told not to."""
    error = sys.exc_info()[1]
    if error is None or not _is_database_away(error):
        return server_error(request)
    logger.warning("the database was away for %s %s (%s)", request.method, request.path, _first_line(error))
    response = _unavailable(request)
    response.headers["Retry-After"] = str(limits.PAGE_RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark
    return response


def _unavailable(request: HttpRequest) -> HttpResponse:
    if request.accepts("text/html"):
        return HttpResponse(loader.get_template("503.html").render(), status=503)
    message = "The server cannot reach its database; try again in a moment."
    return JsonResponse({"code": Code.UNAVAILABLE, "message": message}, status=503)


def _is_database_away(error: BaseException) -> bool:
    """Gone, locked, too slow or full. That a statement is wrong is SQLite's OperationalError too, and not meant."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.OperationalError):
        return getattr(cause, "sqlite_errorcode", 0) & _RESULT != sqlite3.SQLITE_ERROR
    return isinstance(error, OperationalError | InterfaceError)


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
