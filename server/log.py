"""The server's log: text on a terminal, JSON lines otherwise.

Owns the set-up of structlog. No log line may hold what people typed, a token, a key or a ticket.
"""

import os
import sys
from contextlib import suppress

import structlog


class PatientLogger(structlog.WriteLogger):
    """Writes lines, and drops those that cannot be written.

    A full disk is when a log has most to say, and the log is often on that very disk; or a pipe has
    lost its reader. Neither may end a visit, so neither is raised.
    """

    def msg(self, message: str) -> None:
        """Write ``message`` as one line, if that is possible."""
        with suppress(OSError, ValueError):  # ValueError: the stream has been closed
            super().msg(message)

    log = debug = info = warning = error = exception = critical = msg


def set_up_log(level: str, form: str) -> None:
    """Send the log to standard error, so that standard output stays for results.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        form: ``text``, ``json``, or ``auto`` (text when standard error is a terminal).
    """
    stream = sys.stderr
    on_terminal = stream.isatty()
    as_text = form == "text" or (form == "auto" and on_terminal)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Tracebacks show no local variables: those hold what people typed, and passwords. Printing them
    # also held up the event loop for a second each (measured).
    last: list[structlog.typing.Processor] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=on_terminal and not os.environ.get("NO_COLOR"),
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
        if as_text
        else [
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(),
        ]
    )
    structlog.configure(
        processors=shared + last,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: PatientLogger(stream),
        cache_logger_on_first_use=False,
    )
