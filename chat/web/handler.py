"""Serves pages over ASGI: a request goes through all of Django in one hop, to one of a few threads that stay.

Left to itself Django crosses from the event loop to a thread and back for each middleware, twice, because one of them
(WhiteNoise) knows no asynchronous way; and it makes a thread, and with it a connection to the database, for each
request, however many come at once. Every middleware and view here is synchronous.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from chat import limits


class Pages(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(limits.PAGE_THREADS, thread_name_prefix="page")

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, copy_context().run, self._answer, request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        """Django's own care for a connection (is it old, has it failed) is taken in another thread: here it is ours."""
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
