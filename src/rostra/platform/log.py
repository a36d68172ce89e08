"""Structured logs: a past-tense event, then facts with units. Repeats fold into one line a second."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, Final, Literal, cast

import structlog

from rostra.platform.clock import Clock, SystemClock

_Event = MutableMapping[str, Any]
_CHATTY: Final = ("aioice", "aiortc", "httpx", "httpcore", "libav", "alembic", "aiosqlite", "_granian", "nats")
"""Libraries of which only warnings are of use."""
_SECRET_WORDS: Final = ("ticket", "token", "secret", "password", "authorization", "cookie")


class FoldRepeats:
    """Lets the first line of an event through and counts its repeats for `window_s`.

    The next line of the same event after the window says `repeated=N`. A flood of one error thus costs one
    line a second instead of the disk. At most 1,024 events are remembered; beyond that the oldest is dropped.
    """

    def __init__(self, clock: Clock, window_s: float = 1.0) -> None:
        self._clock = clock
        self._window_s = window_s
        self._seen: dict[tuple[str, str, str], list[float]] = {}

    def __call__(self, _: Any, __: str, event: _Event) -> _Event:
        if event.get("level") in ("debug", "info"):
            return event
        key = (str(event.get("logger")), str(event.get("event")), str(event.get("broadcast_id", "")))
        now = self._clock.monotonic()
        entry = self._seen.get(key)
        if entry is not None and now - entry[0] < self._window_s:
            entry[1] += 1
            raise structlog.DropEvent
        if entry is not None and entry[1]:
            event["repeated"] = int(entry[1])
        self._seen.pop(key, None)
        self._seen[key] = [now, 0]
        if len(self._seen) > 1024:
            del self._seen[next(iter(self._seen))]
        return event


def hide_secrets(_: Any, __: str, event: _Event) -> _Event:
    """Blank out any fact whose name says that it is a secret."""
    for name in event:
        if any(word in name for word in _SECRET_WORDS):
            event[name] = "[hidden]"
    return event


def configure_logging(
    form: Literal["json", "console"] = "console", level: str = "info", *, clock: Clock | None = None
) -> None:
    """Send every log line of the process, libraries included, to standard error."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Callable[..., Any]] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    render: list[Callable[..., Any]] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if form == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                sort_keys=False,
                exception_formatter=structlog.dev.plain_traceback,  # the rich one shows locals, secrets among them
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            FoldRepeats(clock or SystemClock()),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))
