"""The chat's application, in which one address blocks the event loop for good: what the watchdog is for.

`/stuck/python` runs in Python; `/stuck/c` is a call into C that does not let go of the interpreter.
"""

import re
from typing import Any

from chatsite.asgi import application as site


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope.get("path") == "/stuck/python":
        while True:
            pass
    if scope.get("path") == "/stuck/c":
        re.fullmatch("(a+)+", "a" * 60 + "!")
    await site(scope, receive, send)
