"""Carries out the actions of an operator with the client library."""

from contextlib import AbstractAsyncContextManager

import anyio

from livehelp.client.operator import OperatorClient
from livehelp.testkit.scenario.model import Act
from livehelp.testkit.scenario.playing.outcome import StepFailed
from livehelp.testkit.scenario.playing.player import TIMING, Player
from livehelp.testkit.scenario.playing.transcript import transcript_of
from livehelp.testkit.scenario.timeouts import QUIET_PERIOD
from livehelp.testkit.scenario.transcript_checks import as_text, differences
from livehelp.wire.events import Joined
from livehelp.wire.replies import Ack


class Operator(Player[OperatorClient]):
    """An operator."""

    def _connection(self, address: str) -> AbstractAsyncContextManager[OperatorClient]:
        actor = self.actor
        return OperatorClient.connect(
            address,
            client=actor.client or "livehelp",
            version=actor.version,
            place=actor.place,
            wait=actor.linked,  # a failing link may fail at once
            timing=TIMING,
        )

    async def sign_in(self, password: str | None = None) -> None:
        """Connect if need be, and sign in; raises what the client raises."""
        await self.enter()
        account = self.actor.account
        await self.client.login(account, password or self.context.server.password(account))

    async def _carry_out(self, step: Act) -> None:
        action, values = step.action.name, step.values
        match action:
            case "leave":
                await self.leave()
            case "come back":
                await self.connect()
                await self.sign_in()
            case "sign in":
                await self.sign_in(str(values["password"]) if "password" in values else None)
            case "sign out":
                await self.client.logout()
            case "take":
                await self._told(await self.client.take(self._to_take(step)))
            case _:
                await self._in_visit(step, self._visit(step))

    async def _in_visit(self, step: Act, session: str) -> None:
        client, values = self.client, step.values
        match step.action.name:
            case "say":
                await client.say(session, str(values["text"]))
            case "note":
                await client.note(session, str(values["text"]))
            case "topic":
                await client.set_topic(session, str(values["text"]))
            case "transfer":
                await client.transfer(session, str(values["to"]) or None)
            case "typing":
                await client.typing(session, bool(values["on"]))
            case "end":
                await client.end(session)
            case "recall":
                transcript = transcript_of(await client.recall(session))
                if wrong := differences(transcript, step.checks, self.questions):
                    log = as_text(transcript)
                    raise StepFailed(f"{'; '.join(wrong)}.\nThe earlier visit was:\n{log}")
            case action:
                raise AssertionError(action)

    async def _told(self, taken: Ack) -> None:
        """Wait for the visit's log; signals, such as who is typing, come only after it."""
        client = self.client
        while not any(
            isinstance(message, Joined)
            and (message.session, message.seq) == (taken.session, taken.seq)
            for message in client.seen
        ):
            # An expectation of a step beside this one may be the one that reads it.
            with anyio.move_on_after(QUIET_PERIOD):
                await anext(client)

    def _to_take(self, step: Act) -> str | None:
        """Return whom to take; None leaves the choice to the server."""
        if "of" in step.values:
            return self.context.visits.of(str(step.values["of"]))
        if self.context.server.own:
            return None
        # On a server that others use, who has waited longest may be somebody else's visitor.
        waiting = [visit.session for visit in self.client.overview.waiting]
        ours = [session for session in waiting if self.ours(session, None)]
        if not ours:
            raise StepFailed("No visitor of this scenario waits.")
        return ours[0]

    def _visit(self, step: Act) -> str:
        """Return the visit that is meant: the one named, or the only one."""
        named = step.values.get("of") or (step.action.name != "transfer" and step.values.get("to"))
        if named:
            return self.context.visits.of(str(named))
        mine = [v.session for v in self.client.overview.mine if self.ours(v.session, None)]
        # A note after the end, or a word in somebody else's visit that will be refused.
        possible = mine or self.context.visits.present
        if len(possible) != 1:
            word = "to" if "to" in step.action.fields and step.action.name != "transfer" else "of"
            raise StepFailed(
                f"{self.actor.name} is in {len(mine)} visits of this scenario; say which one is "
                f"meant, as in `{word}: pat`."
            )
        return possible[0]
