"""A visit without a screen: for a pipe, a braille line, a dumb terminal.

Owns the order of things in one visit: the notice, what it is about, the talk, the questions. What
is typed is said, what comes is written, line by line. Must not know how a line looks (``telling``).
"""

import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import anyio
from anyio.abc import TaskGroup

from livehelp.client.address import Address
from livehelp.client.errors import LinkDown, LiveHelpError, Refused
from livehelp.client.states import Incoming, LinkEnded
from livehelp.client.tokens import TokenFile
from livehelp.client.visitor import VisitorClient
from livehelp.streams.formatter import Formatter
from livehelp.streams.prompt import Prompt, Unreadable
from livehelp.streams.questions import Questions
from livehelp.streams.shutdown import FAREWELL_SECONDS, Shutdown, task_group, watched
from livehelp.streams.stdio import Output
from livehelp.wire.base import MAX_TEXT
from livehelp.wire.events import Closed, Line
from livehelp.wire.replies import ErrorCode
from livehelp.wire.text import clean_name, clean_text

FAILED: Final = 1
# A line that is just this is not said: it ends the visit.
END: Final = "/end"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOptions:
    """What the command line asks for.

    Attributes:
        name, topic: As the visitor gives them; None: to be asked for.
        until_answered: After the end of the input, leave as soon as an operator has answered.
        seconds: After the end of the input, stay this long at most, whatever is waited for; None:
            until the end.
    """

    name: str | None = None
    topic: str | None = None
    until_answered: bool = False
    seconds: float | None = None

    @property
    def stays(self) -> bool:
        """True if the end of the input was told not to be the end of the visit."""
        return self.until_answered or self.seconds is not None


async def visit_plain(
    address: Address,
    dialogue: Prompt,
    out: Output,
    wishes: VisitOptions,
    *,
    tokens: TokenFile | None,
    place: str | None,
) -> int:
    """Visit the help desk; return the exit code.

    Raises:
        CannotConnect: there is no server to be reached.
        Refused: the server did not open a session, or did not end it.
        OSError: the output could not be written.
    """
    # The client first: when it is closed its stream ends, and with it the telling.
    async with (
        task_group() as tellers,
        VisitorClient.connect(address, tokens=tokens, place=place) as client,
        watched(out) as leaving,
    ):
        visit = _Visit(client, dialogue, leaving, wishes)
        with leaving.work, leaving.minding_output():
            try:
                leaving.code = await visit.run(tellers)
            except LinkDown:
                await anyio.sleep_forever()  # the teller says why the link has ended, and leaves
        await visit.farewell()
    return leaving.result()


class _Visit:
    """One visit, from the notice to the thanks."""

    def __init__(
        self, client: VisitorClient, dialogue: Prompt, leaving: Shutdown, wishes: VisitOptions
    ) -> None:
        assert client.server is not None, "a client that did not wait has its server's hello"
        self._client = client
        self._dialogue = dialogue
        self._leaving = leaving
        self._wishes = wishes
        self._questions = Questions(dialogue, client.server)
        self._name = ""
        self._closed = anyio.Event()
        self._news = anyio.Event()
        self._reading = anyio.CancelScope()
        self._patience = anyio.CancelScope()
        self._spoken = self._heard = 0
        self._unsaid = 0

    async def run(self, tellers: TaskGroup) -> int:
        """Do all of it; return the exit code."""
        with self._patience:
            if not await self._begin(tellers):
                return 0
            await self._talk()
        return await self._part()

    async def _begin(self, tellers: TaskGroup) -> bool:
        """Show the notice, ask what is not known yet, and open the session; False: not wanted."""
        await self._questions.notice()
        earlier = self._client.server.earlier if self._client.server else None
        if earlier is not None and await self._questions.go_on():
            self._name = clean_name(earlier.name)
            tellers.start_soon(self._tell)
            async with self._dialogue.read_ahead(self._input_ends):
                await self._client.resume_earlier()
            return True
        name = self._wishes.name or await self._questions.name()
        topic = self._wishes.topic or (name and await self._questions.topic())
        if not name or not topic:
            return False
        self._name = name
        tellers.start_soon(self._tell)
        async with self._dialogue.read_ahead(self._input_ends):
            await self._client.start(name=name, topic=topic)
        return True

    async def _talk(self) -> None:
        """Say what is typed, and stay for the answers."""
        while (line := await self._next_line()) is not None:
            if isinstance(line, str) and line.strip() == END:
                break
            await self._say(line)
        if self._dialogue.ended:
            self._input_ends()
            if self._wishes.stays or not self._dialogue.by_hand:
                await self._stay()

    async def _part(self) -> int:
        """End what is not ended, ask the questions, say thanks; return the exit code."""
        if self._client.session is None:
            await self._dialogue.write("* No answer came in time. Nothing has been said.\n")
            return FAILED
        if cut_short := self._patience.cancelled_caught and not self._dialogue.ended:
            await self._dialogue.write("* The time is over, and not all has been said.\n")
        ended_here = not self._closed.is_set()
        over = await self._end()
        asked = over and not (self._dialogue.ended or cut_short)
        saved = True
        if asked and (self._dialogue.by_hand or ended_here):
            saved = await self._questions.interview(self._client, wait=not ended_here)
        missed = self._wishes.until_answered and not self._answered
        if missed and not cut_short:  # else that was said already
            in_time = " in time" if self._patience.cancelled_caught else ""
            await self._dialogue.write(f"* Nobody answered{in_time}.\n")
        await self._dialogue.write(
            f"Thank you, {self._name}. "
            f"The reference of this conversation is {clean_name(self._client.session)}.\n"
        )
        return FAILED if missed or self._unsaid or cut_short or not (over and saved) else 0

    async def farewell(self) -> None:
        """End what was broken off, so that no operator waits for somebody who has gone."""
        if self._client.session and self._client.connected and not self._closed.is_set():
            with anyio.move_on_after(FAREWELL_SECONDS), suppress(LiveHelpError):
                await self._client.end()

    @property
    def _answered(self) -> bool:
        return self._heard > self._spoken

    def _input_ends(self) -> None:
        """From the end of the input on, the time counts that the command line gives."""
        if self._wishes.seconds is not None and self._patience.deadline == math.inf:
            self._patience.deadline = anyio.current_time() + self._wishes.seconds

    async def _next_line(self) -> str | Unreadable | None:
        """Return what is typed next; None at the end, of the input or of the conversation."""
        with anyio.CancelScope() as self._reading:
            return None if self._closed.is_set() else await self._dialogue.read()
        return None

    async def _say(self, line: str | Unreadable) -> None:
        if isinstance(line, Unreadable):
            why = f"{line.why}."
        elif not clean_text(line):
            return
        elif len(line) > MAX_TEXT:
            why = f"it has {len(line):,} characters, and a line may have {MAX_TEXT:,}."
        else:
            try:
                async with self._dialogue.read_ahead(self._input_ends):
                    ack = await self._client.say(line)
            except Refused as refused:
                why = clean_text(refused.message)
            else:
                self._spoken = ack.seq or 0
                return
        self._unsaid += 1
        await self._dialogue.write(f"* Not sent: {why}\n")

    async def _stay(self) -> None:
        """Wait for the end that an operator makes, or for what the command line asks."""
        until_answered = self._wishes.until_answered
        while not self._closed.is_set() and not (until_answered and self._answered):
            self._news = anyio.Event()
            await self._news.wait()

    async def _end(self) -> bool:
        """End the visit; return whether the server knows that it is over."""
        with anyio.move_on_after(FAREWELL_SECONDS):
            if not self._closed.is_set():
                try:
                    await self._client.end()
                except Refused as refused:
                    if refused.code is not ErrorCode.OUT_OF_TURN:  # an operator was quicker
                        raise
            await self._closed.wait()
            return True
        await self._dialogue.write("* The server does not answer; it may not know of the end.\n")
        return False

    async def _tell(self) -> None:
        """Write what comes, until the client is closed."""
        teller = Formatter()
        with self._leaving.minding_output():
            async for message in self._client:
                await self._dialogue.write(teller.text_for(message, datetime.now(UTC)))
                self._take_in(message)

    def _take_in(self, message: Incoming) -> None:
        match message:
            case Line(by="operator", seq=seq):
                self._heard = seq
            case Closed():
                self._closed.set()
                self._reading.cancel()
            case LinkEnded():
                self._leaving.now(FAILED)
            case _:
                return
        self._news.set()
