"""Logging: structlog's and the standard library's records alike, one line each, to standard error."""

import logging
import sys
import threading
import time
from collections import Counter
from typing import Any

import structlog

FORMATS = ("plain", "json")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def drop_request(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Leave out the request object that Django attaches: its text may hold a query's values."""
    event.pop("request", None)
    return event


LONGEST_FAULT = 300
"""Characters that are logged of what a client did wrong: its head holds as much as it likes."""


class ClientsFault(logging.Filter):
    """Has what Django refuses of a request (a host that is not ours, too many fields) logged as one line, for it is
    the client's fault: a traceback would say where in Django it was found."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            text = record.getMessage()
            record.msg, record.args = text[:LONGEST_FAULT] + "…" * (len(text) > LONGEST_FAULT), ()
        return True


AT_WILL = ("apaas.authentication", "apaas.company_sign_in", "django.security.")
"""The beginnings of the loggers in which every request of anybody can write a line."""
MOST_AT_WILL = 30
"""So many lines of one of them a process writes in a minute."""


class Capped(logging.Filter):
    """Lets nobody fill the disk: over the cap lines are counted only, and the next that is written says how many."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.begun = time.monotonic()
        self.written: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        kind = next((name for name in AT_WILL if record.name.startswith(name)), "")
        if not kind:
            return True
        with self.lock:
            if time.monotonic() - self.begun >= 60:
                self.begun = time.monotonic()
                self.written.clear()
            if self.written[kind] >= MOST_AT_WILL:
                self.left_out[kind] += 1
                return False
            self.written[kind] += 1
            more = self.left_out.pop(kind, 0)
            last = self.written[kind] == MOST_AT_WILL
        notes = [f"… and {more} more before this"] if more else []
        notes += ["… more of this minute are only counted"] if last else []
        if notes:
            _say_besides(record, "; ".join(notes))
        return True


def _say_besides(record: logging.LogRecord, note: str) -> None:
    """Adds to a line of structlog's, which is still a dictionary, or to one of the standard library's."""
    if isinstance(record.msg, dict):
        record.msg = {**record.msg, "note": note}
    else:
        record.msg, record.args = f"{record.getMessage()} {note}", ()


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    drop_request,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logging_settings(*, level: str, form: str) -> dict[str, Any]:
    """The LOGGING setting. A level that doesn't exist is INFO here; a system check names it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "config.logs.line_formatter", "form": form}},
        "filters": {"clients": {"()": "config.logs.ClientsFault"}, "capped": {"()": "config.logs.Capped"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["clients", "capped"]}
        },
        "root": {"handlers": ["stderr"], "level": level if level in LEVELS else "INFO"},
        # Django's own handlers (a console in DEBUG, mail to admins) would say everything twice.
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # A client's fault (4xx) is told to the client; whoever runs the server is told of a 5xx.
            "django.request": {"level": "ERROR"},
            # Says at INFO what it did of each sign-in, at WARNING who failed and who is locked.
            "axes": {"level": "WARNING"},
            # Says at every start, at INFO, that it knows its own tasks.
            "procrastinate.blueprints": {"level": "WARNING"},
            "procrastinate.periodic": {"level": "WARNING"},
        },
    }


def line_formatter(form: str) -> logging.Formatter:
    """The formatter of every record: readable text, or one JSON object a line."""
    renderers: list[structlog.typing.Processor]
    if form == "json":
        renderers = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        console = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
        renderers = [console]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
    )


def configure_structlog() -> None:
    """Let structlog's loggers write through the standard library's, so that LOG_LEVEL holds for both."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED[:-1],
            structlog.stdlib.PositionalArgumentsFormatter(),
            _SHARED[-1],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
