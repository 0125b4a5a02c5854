"""What the log looks like: structlog's lines for people or for machines, whoever writes them.

No line has a message's words, a cookie, or a token: paths that hold one are masked here, wherever they come from, and
queries are never logged.
"""

import logging
import re
from typing import Any, Literal

import msgspec
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.types import EventDict, Processor

Format = Literal["human", "json"]

# What stands behind these is as good as a key, for as long as it holds.
_SECRET_PATHS = re.compile(
    r"(/invite/|/account/sign-up/|/account/email/confirm/|/account/reset/(?!sent/))[^\s?\"'<>&]+"
)
_MASKED = ("event", "path", "exception")
_NEEDS_QUOTES = re.compile(r"[\s\"=\x00-\x1f\x7f]")


def formatter(style: Format) -> logging.Formatter:
    """For `LOGGING`; sets structlog up to write through it too."""
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper("iso"),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *common, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    render = _as_json if style == "json" else _as_line
    return ProcessorFormatter(
        foreign_pre_chain=[*common, _calm],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _mask,
            render,
        ],
    )


def _calm(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """No traceback of a request that was refused: anybody can send one, and it is no mistake of ours."""
    name = str(event["logger"])
    if name.startswith("django.security") or (name == "django.request" and event["level"] != "error"):
        event["exc_info"] = None
    return event


def _mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for name in _MASKED:
        value = event.get(name)
        if isinstance(value, str) and "/" in value:
            event[name] = _SECRET_PATHS.sub(r"\1***", value)
    return event


def _as_json(_logger: Any, _method: str, event: EventDict) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def _as_line(_logger: Any, _method: str, event: EventDict) -> str:
    head = f"{event.pop('timestamp')} {event.pop('level').upper()} {event.pop('logger')}: {event.pop('event')}"
    exception = event.pop("exception", "")
    facts = "".join([f" {name}={_shown(value)}" for name, value in event.items()])
    return f"{head}{facts}\n{exception}" if exception else head + facts


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = str(value)
    return repr(text) if _NEEDS_QUOTES.search(text) else text
