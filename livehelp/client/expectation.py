"""What a script waits for: which message, and how long; and the words when it does not come.

Owns the comparison and the failure. Must not know the link: ``client`` brings the messages.
"""

import re
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, Final, Generic, TypeAlias, TypeVar, cast, get_args

import anyio
from anyio.lowlevel import checkpoint
from msgspec import Struct

from livehelp.client.errors import LiveHelpError
from livehelp.client.message_log import MessageLog, Watch, in_words
from livehelp.client.states import Incoming

M = TypeVar("M", bound=Incoming)
Take: TypeAlias = Callable[[], bool]
More: TypeAlias = Callable[[], Awaitable[None]]
# So many messages are looked at in a millisecond or two; then others have their turn.
_A_TURN: Final = 256


class ExpectationFailed(LiveHelpError, AssertionError):
    """What was expected did not come; the words list what did, with times."""


class CannotExpect(LiveHelpError, TypeError):
    """What was asked for can never come; the words say what can."""


class Expectation(Generic[M]):
    """One message that is expected.

    Args:
        kind: Its type: an event, a signal, or a state of the link.
        fields: What its fields must be. A compiled pattern is searched for, all else compared.
        where: What else must be true of it.
        apart_from: What must not be true of it; it goes without saying.

    Raises:
        CannotExpect: no such kind ever comes, or it has no such field.
    """

    def __init__(
        self,
        kind: type[M],
        fields: dict[str, Any],
        where: Callable[[M], bool] | None,
        *,
        apart_from: Callable[[M], bool] | None = None,
    ) -> None:
        _check(kind, fields)
        self.kind = kind
        self._fields = fields
        self._where = where
        self._apart_from = apart_from

    async def met(self, seen: MessageLog, take: Take, more: More, within: float) -> M:
        """Return the message, waiting for it.

        Args:
            seen: The record: what has come is looked at first.
            take: Takes the next message that has come into the record; false without any.
            more: Waits for news in the record or to be taken; raises ``EndOfStream`` for none.
            within: How long to wait for more, in seconds.

        Raises:
            ExpectationFailed: it did not come in time, or the link has ended.
        """
        __tracebackhide__ = True
        found, why = await self._search(seen, take, more, within)
        if found is None:
            what = f"was expected, and {why}."
            if (missed := seen.passed(self.kind, self.fits)) is not None:
                when = f"\nOne came at {missed.when:.3f} s"
                what += f"{when}, but an earlier expectation had gone past it."
            raise self._failure(seen, what)
        return found

    async def not_met(self, seen: MessageLog, take: Take, more: More, within: float) -> None:
        """Wait, and hold that the message has not come and does not; arguments as ``met``.

        Raises:
            ExpectationFailed: it came.
        """
        __tracebackhide__ = True
        found, _ = await self._search(seen, take, more, within)
        if found is not None:
            raise self._failure(seen, f"must not come, and it came: {in_words(found)}")

    async def _search(
        self, seen: MessageLog, take: Take, more: More, within: float
    ) -> tuple[M | None, str]:
        """Return the message, or why the waiting ended, a clause."""
        with seen.watching(self.kind, self.fits) as watch:
            await _read(watch, take)
            with anyio.move_on_after(within):
                while not watch.done:
                    try:
                        await more()
                    except anyio.EndOfStream:
                        return None, "the link has ended"
                    await _read(watch, take)
            await _read(watch, take)  # what came in time, and before the machine had time for it
            return watch.found, f"did not come within {within:g} s"

    def fits(self, message: M) -> bool:
        """Return whether ``message`` is the one."""
        return (
            all(_equal(getattr(message, name), value) for name, value in self._fields.items())
            and not (self._apart_from is not None and self._apart_from(message))
            and (self._where is None or self._where(message))
        )

    def _failure(self, seen: MessageLog, what: str) -> ExpectationFailed:
        words = [f"{self} {what}"]
        if seen.dropped:
            words.append(f"The first {seen.dropped} of all are not kept, so not looked at.")
        words += [seen.head, str(seen)]
        words.append(f"{seen.now:8.3f}    (the waiting ended)")
        return ExpectationFailed("\n".join(words))

    def __str__(self) -> str:
        """Return it as in "Line with text='Hello'"."""
        fields = [f"{name}{_shown(value)}" for name, value in self._fields.items()]
        if self._where is not None:
            fields.append("a condition of the script")
        return " with ".join([self.kind.__name__, *filter(None, [" and ".join(fields)])])


def _check(kind: object, fields: dict[str, Any]) -> None:
    """See that there can be such a message. What never comes would be waited for, or pass."""
    if not isinstance(kind, type) or not issubclass(kind, Struct):
        raise CannotExpect(f"{kind!r} is not one kind of message, such as Joined.")
    if not any(issubclass(one, kind) for one in get_args(Incoming)):
        raise CannotExpect(
            f"{kind.__name__} of {kind.__module__} never comes. What comes are the events of "
            "livehelp.wire.events, the signals of livehelp.wire.signals, and the link's states."
        )
    known = kind.__struct_fields__
    if unknown := sorted(set(fields) - set(known)):
        raise CannotExpect(
            f"{kind.__name__} has no field {', '.join(unknown)}; it has {', '.join(known)}."
        )


async def _read(watch: Watch[Any], take: Take) -> None:
    """Take what has come, up to the message that is looked for."""
    for number in count(1):
        if watch.done or not take():
            return
        if number % _A_TURN == 0:
            await checkpoint()


def line_fields(
    text: str | None, match: str | re.Pattern[str] | None, name: str | None, **others: str | None
) -> dict[str, Any]:
    """Return what the fields of a line must be: what of it is given.

    Raises:
        CannotExpect: both a text and a pattern are, or the pattern is none.
    """
    if text is not None and match is not None:
        raise CannotExpect("Expect the whole line, or a pattern in it (match=), not both.")
    try:
        wanted = {"text": text if match is None else re.compile(match), "name": name, **others}
    except re.error as error:
        raise CannotExpect(f"{match!r} is no regular expression: {error}.") from None
    return {key: value for key, value in wanted.items() if value is not None}


def _equal(actual: object, wanted: object) -> bool:
    if not isinstance(wanted, re.Pattern):
        return actual == wanted
    pattern = cast("re.Pattern[str]", wanted)
    return isinstance(actual, str) and pattern.search(actual) is not None


def _shown(wanted: object) -> str:
    if not isinstance(wanted, re.Pattern):
        return f"={wanted!r}"
    return f" matching /{cast('re.Pattern[str]', wanted).pattern}/"
