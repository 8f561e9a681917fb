"""Logging: structlog's and the standard library's records alike, one line each, to standard error."""

import logging
import sys
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
        "filters": {"clients": {"()": "config.logs.ClientsFault"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["clients"]}},
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
