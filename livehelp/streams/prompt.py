"""Plain text with a person or a script at the other end: write, and ask for a line.

Owns the encoding, and the end of the input. Must not know what a visit is.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from livehelp.streams.stdio import Lines, Output, TooLong
from livehelp.wire.text import clean_text


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands in the place of a line that is no text; ``why`` is a clause."""

    why: str


class Prompt:
    """Standard input and output as text.

    Args:
        lines: What is typed.
        out: Where to write.
        by_hand: Whether a person types, at a terminal.
        encoding: Of both.

    Attributes:
        ended: True once the input has ended; a terminal's may go on.
    """

    def __init__(self, lines: Lines, out: Output, *, by_hand: bool, encoding: str) -> None:
        self.by_hand = by_hand
        self.ended = False
        self._lines = lines
        self._out = out
        self._encoding = encoding

    async def write(self, text: str) -> None:
        """Write ``text`` as it is; what the encoding has no letter for is written as an escape.

        Raises:
            BrokenPipeError: nobody reads any more.
        """
        if text:
            await self._out.write(text.encode(self._encoding, "backslashreplace"))

    def read_ahead(self, at_end: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        """Return ``Lines.read_ahead``."""
        return self._lines.read_ahead(at_end)

    async def read(self) -> str | Unreadable | None:
        """Return the next line, None at the end of the input."""
        try:
            line = await anext(self._lines)
        except StopAsyncIteration:
            self.ended = True
            return None
        if isinstance(line, TooLong):
            return Unreadable("it is too long to be sent at once")
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError:
            return Unreadable(f"it is no text in {self._encoding}")

    async def ask(self, question: str) -> str | None:
        """Return the answer, cleaned and perhaps empty; None at the end of the input."""
        # A terminal shows the answer, and its Enter, behind the question.
        end = " " if self.by_hand else "\n"
        while not self.ended:
            await self.write(f"{question}{end}")
            answer = await self.read()
            if isinstance(answer, str):
                return clean_text(answer)
            if answer is not None:
                await self.write(f"That was not taken: {answer.why}.\n")
            elif self.by_hand:
                await self.write("\n")
        return None
