"""Every setting of the server with its default and the reason for it.

Owns the values only; how they are read (file, environment, option) is the command's matter.
"""

import math
from dataclasses import dataclass, field
from typing import Final

import platformdirs

from livehelp.port import DEFAULT_PORT
from livehelp.wire.base import MAX_ANSWERS, MAX_QUESTION, MAX_TOPIC
from livehelp.wire.text import clean_name
from server.net.listeners import parse_listen

_TIMES: Final = (
    "hello_timeout",
    "half_line_timeout",
    "idle_timeout",
    "operator_idle_timeout",
    "visit_grace",
    "operator_grace",
    "shutdown_grace",
    "ticket_hours",
)
_FEWEST: Final = {
    "max_connections": (2, "a visitor and an operator are two"),
    "max_waiting": (1, "at least one visitor must be able to wait"),
}
# Two screens of 80 columns by 24 rows: whoever has more to say loses the reader, and it is in every
# hello of the server, which has to fit in a line of the wire.
MAX_NOTICE: Final = 4_000
# Rows of a menu that somebody at a kiosk still looks through; they are in every hello, too.
MAX_TOPICS: Final = 50
LOG_LEVELS: Final = ("debug", "info", "warning", "error")

# The policy's own words (POLICY "Live Help"), shown before anything can be typed.
NOTICE: Final = (
    "Please do not put confidential and personal information such as social security number, "
    "date of birth, bank account and credit card information, mother's maiden name or medical "
    "information in your Live Help communications. Your privacy cannot be protected or insured "
    "during Live Help."
)


def default_database() -> str:
    """Return the URL of the SQLite file that is used when nothing else is said."""
    return f"sqlite:///{platformdirs.user_data_path('livehelp') / 'livehelp.db'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment decides. Times are in seconds unless the name says otherwise."""

    # Loopback, because nothing should face a network by accident.
    listen: tuple[str, ...] = (f"127.0.0.1:{DEFAULT_PORT}",)
    database: str = field(default_factory=default_database)
    # An older database is changed only when told: a roll-back may still need the old one.
    upgrade: bool = False

    notice: str = NOTICE
    topics: tuple[str, ...] = ("Vehicles and licences", "Taxes", "Benefits", "This portal")
    questions: tuple[str, ...] = (
        "Was your question answered?",
        "How could we have helped better?",
    )

    # A hand at nc needs a few seconds to paste a line; a scanner that says nothing gets no more.
    hello_timeout: float = 30.0
    # Half a line and then silence is a broken client; a slow phone link sends a line within this.
    half_line_timeout: float = 60.0
    # Without a heartbeat we only know silence. Half an hour is a long phone call in between.
    idle_timeout: float = 1800.0
    # A staff sign-in ends after half an hour in which the operator pressed no key, as NIST SP
    # 800-63B (2017) has it at AAL2.
    operator_idle_timeout: float = 1800.0
    # A visitor whose link broke may come back this long; then the visit is closed.
    visit_grace: float = 1800.0
    # An operator's SSH may reconnect this long before the visitors go back to the queue.
    operator_grace: float = 120.0
    # Peers get this long to take what is still in their outboxes when the server stops.
    shutdown_grace: float = 5.0

    # 10,000 open visits with their operators; about 250 MB at the worst. One descriptor each.
    max_connections: int = 20_000
    # A hundred operators with five-minute visits need more than eight hours for 10,000: a longer
    # queue is a promise that nobody keeps. A change copies it, at this length in 0.2 ms (measured).
    max_waiting: int = 10_000
    # A sign-in ends after a working day with its overtime: 12 hours in the same publication.
    ticket_hours: float = 12.0

    # Reverse DNS tells visitors' addresses to the resolver; a deployment may not want that.
    resolve_hosts: bool = True
    log_level: str = "info"
    # "text", "json", or "auto": text on a terminal, JSON otherwise.
    log_format: str = "auto"

    def __post_init__(self) -> None:
        """Refuse what cannot work, before anything is opened.

        Raises:
            ValueError: says which setting, what is wrong, and what would be right.
        """
        if not self.listen:
            raise ValueError(
                f"listen: name at least one address, for example 127.0.0.1:{DEFAULT_PORT}."
            )
        for address in self.listen:
            try:
                parse_listen(address)
            except ValueError as why:
                raise ValueError(f"listen: {why}") from None
        _check_words(self)
        for name in _TIMES:
            _check_time(name, getattr(self, name))
        for name, (fewest, why_not) in _FEWEST.items():
            if getattr(self, name) < fewest:
                raise ValueError(f"{name}: {why_not}.")
        if self.log_level not in LOG_LEVELS:
            one_of = ", ".join(LOG_LEVELS)
            raise ValueError(f"log_level: one of {one_of}, not {self.log_level!r}.")
        if self.log_format not in {"auto", "text", "json"}:
            raise ValueError(f"log_format: auto, text or json, not {self.log_format!r}.")


def _check_words(settings: Settings) -> None:
    """Refuse what visitors could be shown, and not send back: a topic, or an answered question."""
    if len(settings.notice) > MAX_NOTICE:
        raise ValueError(
            f"notice: it has {len(settings.notice):,} characters, and at most {MAX_NOTICE:,} are "
            "read. Name a page that tells the rest."
        )
    if len(settings.topics) > MAX_TOPICS:
        raise ValueError(f"topics: at most {MAX_TOPICS} can be looked through; name fewer.")
    if len(settings.questions) > MAX_ANSWERS:
        raise ValueError(f"questions: at most {MAX_ANSWERS} can be answered; ask fewer.")
    for name, longest in (("topic", MAX_TOPIC), ("question", MAX_QUESTION)):
        for words in getattr(settings, f"{name}s"):
            if not clean_name(words) or len(words) > longest:
                raise ValueError(
                    f"{name}s: {words!r} is no {name}: one has 1 to {longest} characters."
                )


def _check_time(name: str, value: float) -> None:
    least = "0 or more" if name == "shutdown_grace" else "more than 0"
    if not math.isfinite(value):
        raise ValueError(f"{name}: must be a number that time can reach, not {value}.")
    if value < 0 or (value == 0 and name != "shutdown_grace"):
        raise ValueError(f"{name}: must be {least}, not {value}.")
