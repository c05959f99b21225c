"""What a script waits for: which message, and how long; and the words when it does not come.

Owns the comparison and the failure. Must not know the link: ``client`` brings the messages.
"""

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from livehelp.client.errors import LiveHelpError
from livehelp.client.seen import Seen
from livehelp.client.states import Incoming

M = TypeVar("M", bound=Incoming)


class ExpectationFailed(LiveHelpError, AssertionError):
    """What was expected did not come; the words list what did, with times."""


class Expectation(Generic[M]):
    """One message that is expected.

    Args:
        kind: Its type: an event, a signal, or a state of the link.
        fields: What its fields must be. A compiled pattern is searched for, all else compared.
        where: What else must be true of it.
    """

    def __init__(
        self, kind: type[M], fields: dict[str, Any], where: Callable[[M], bool] | None
    ) -> None:
        if unknown := sorted(set(fields) - set(kind.__struct_fields__)):
            raise TypeError(f"{kind.__name__} has no field {', '.join(unknown)}.")
        self.kind = kind
        self._fields = fields
        self._where = where

    def fits(self, message: M) -> bool:
        """Return whether ``message`` is the one."""
        return all(
            _equal(getattr(message, name), value) for name, value in self._fields.items()
        ) and (self._where is None or self._where(message))

    def failure(self, seen: Seen, why: str) -> ExpectationFailed:
        """Return the error that says what was seen instead.

        Args:
            seen: What was.
            why: Why the waiting ended, a clause.
        """
        words = [f"{self} was expected, and {why}."]
        if (missed := seen.passed(self.kind, self.fits)) is not None:
            words.append(
                f"One came at {missed.when:.3f} s, but an earlier expectation had gone past it."
            )
        part = f", the last of {seen.count}" if seen.more else ""
        words.append(f"What this client saw (<-) and asked (->), in seconds since it began{part}:")
        words.append(str(seen))
        words.append(f"{seen.now:8.3f}    (the waiting ended)")
        return ExpectationFailed("\n".join(words))

    def __str__(self) -> str:
        """Return it as in "Line with text='Hello'"."""
        fields = [f"{name}{_shown(value)}" for name, value in self._fields.items()]
        if self._where is not None:
            fields.append("a condition of the script")
        return " with ".join([self.kind.__name__, *filter(None, [" and ".join(fields)])])


def _equal(actual: object, wanted: object) -> bool:
    if not isinstance(wanted, re.Pattern):
        return actual == wanted
    pattern = cast("re.Pattern[str]", wanted)
    return isinstance(actual, str) and pattern.search(actual) is not None


def _shown(wanted: object) -> str:
    if not isinstance(wanted, re.Pattern):
        return f"={wanted!r}"
    return f" matching /{cast('re.Pattern[str]', wanted).pattern}/"
