"""Carries out the actions of a visitor with the client library."""

from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Final, cast

from livehelp.client.errors import LiveHelpError, Refused
from livehelp.client.tokens import TokenFile
from livehelp.client.visitor import VisitorClient
from livehelp.testkit.scenario.model import Act
from livehelp.testkit.scenario.playing.outcome import StepFailed
from livehelp.testkit.scenario.playing.player import TIMING, Player
from livehelp.wire.events import Closed
from livehelp.wire.replies import ErrorCode

# Of a visitor who just starts: what the talk is about is not always what a scenario is about.
TOPIC: Final = "A question"


class Visitor(Player[VisitorClient]):
    """A visitor."""

    def _connection(self, address: str) -> AbstractAsyncContextManager[VisitorClient]:
        actor = self.actor
        folder = Path(self.context.folder) / actor.name.replace("/", "_")
        return VisitorClient.connect(
            address,
            tokens=TokenFile(folder) if actor.token else None,
            client=actor.client or "livehelp",
            version=actor.version,
            place=actor.place,
            wait=actor.linked,  # a failing link may fail at once
            timing=TIMING,
        )

    async def _carry_out(self, step: Act) -> None:
        match step.action.name:
            case "leave":
                await self.leave()
            case "come back":
                await self.connect()
            case "start" | "go on":
                await self.enter()
                session = await self._begun(step)
                self.context.visits.begin(self.actor.name, session)
            case _:
                await self.enter()
                await self._in_visit(step)

    def _hint(self, refused: Refused) -> str:
        name = self.actor.name
        if refused.code is not ErrorCode.NO_SESSION or name not in self.context.visits.visitors:
            return ""
        words = f"{name} is not in the visit from before; "
        if self.actor.token:
            return f"{words}`go on` first."
        token = f"write `{name}: {{visitor: {{token: yes}}}}` under `actors`"
        return f"{words}`start` another one. To go on with that one, {token}, and `go on` here."

    async def end_visit(self) -> None:
        """End the visit, if it is open and this visitor is there."""
        if self._here:
            with suppress(LiveHelpError):
                await self.client.end()
                await self.client.expect(Closed)

    async def _begun(self, step: Act) -> str:
        """Begin a visit or go on with one, and return its reference."""
        if step.action.name == "go on":
            return (await self.client.resume_earlier()).session
        name = str(step.values.get("name", self.actor.name.capitalize()))
        topic = str(step.values.get("topic", TOPIC))
        return (await self.client.start(name=name, topic=topic)).session

    async def _in_visit(self, step: Act) -> None:
        client, values = self.client, step.values
        match step.action.name:
            case "say":
                await client.say(str(values["text"]))
            case "typing":
                await client.typing(bool(values["on"]))
            case "end":
                await client.end()
            case "request transcript":
                await client.request_transcript(str(values["email"]))
            case "interview":
                given = cast("tuple[tuple[str, str], ...]", values["answers"])
                if given:  # skipped, it is not sent
                    await client.interview({self._question(q): answer for q, answer in given})
            case action:
                raise AssertionError(action)

    def _question(self, written: str) -> str:
        """Return the question: one of the server's by its number, or the words themselves."""
        if not written.isdigit() or int(written) < 1:
            return written
        questions = self.client.server.questions if self.client.server else ()
        if int(written) > len(questions):
            raise StepFailed(f"The server asks {len(questions)} questions; there is no {written}.")
        return questions[int(written) - 1]
