"""Serves pages over ASGI: a request goes through all of Django in one hop to a thread.

Left to itself Django crosses from the event loop to a thread and back for each middleware, twice, because one of them
(WhiteNoise) knows no asynchronous way; that was most of a page's cost. Every middleware and view here is synchronous.
"""

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class Pages(ASGIHandler):
    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """In the request's own thread, where Django looks after the database connection before and after it."""
        return await sync_to_async(self.get_response)(request)
