"""An operator who is a program: what happens goes out as JSON lines, commands come in as such.

Owns the order of things in one run: sign in, carry out, sign out. The shape of each line is
docs/protocol.md's, and the ``link`` lines are ours. Must not know where the password comes from.
"""

import math
from contextlib import suppress
from functools import partial
from typing import Final, Literal

import anyio
import msgspec

from livehelp.client.address import Address
from livehelp.client.errors import LinkDown, LiveHelpError
from livehelp.client.operator import OperatorClient
from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkUp
from livehelp.streams.commands import Commands
from livehelp.streams.shutdown import FAREWELL_SECONDS, Shutdown, task_group, watched
from livehelp.streams.stdio import Lines, Output
from livehelp.wire.base import Message
from livehelp.wire.codec import encode
from livehelp.wire.replies import LoggedIn

FAILED: Final = 1
# After the end of the input, for the answers: a server that starts anew is back by then.
ANSWER_SECONDS: Final = 60.0


class LinkNews(Message, frozen=True, tag="link"):
    """How the link stands: ``why`` it was lost or has ended, the seconds until the next try."""

    state: Literal["up", "lost", "ended"]
    resumed: bool | None = None
    why: str | None = None
    retry_in: float | None = None


async def operate_json(
    address: Address, name: str, password: str, lines: Lines, out: Output, *, stay: bool
) -> int:
    """Work at the desk until the program has no more to say; return the exit code.

    Commands are carried out one after the other, and answered in that order. At the end of
    ``lines`` the operator signs out; from then on it waits ``ANSWER_SECONDS`` for
    an answer at most, unless it is to stay.

    Args:
        address: Where the server is.
        name: The operator.
        password: Theirs.
        lines: The program's commands.
        out: Where to tell.
        stay: Go on telling after the end of ``lines``.

    Raises:
        CannotConnect: there is no server to be reached.
        Refused: the server did not let the operator in.
        LinkDown: the link ended before it could.
        OSError: the output could not be written.
    """
    # The client first: when it is closed its stream ends, and the teller with the last of it.
    async with task_group() as tellers, OperatorClient.connect(address) as client:
        opening = _line_of(await anext(client), client)
        opening += _without_ticket(await client.login(name, password))
        commands = Commands(client)
        async with watched(out) as leaving:
            with leaving.work, leaving.minding_output():
                await out.write(opening)
                tellers.start_soon(_tell, client, out, leaving)
                await _work(commands, lines, out, leaving, stay=stay)
                if stay and not commands.signed_out:
                    await anyio.sleep_forever()
            if client.connected and not commands.signed_out:
                with anyio.move_on_after(FAREWELL_SECONDS), suppress(LiveHelpError):
                    await client.logout()
        if leaving.code:
            tellers.cancel_scope.cancel()  # whoever stopped us does not wait for a slow reader
    return leaving.result()


async def _work(
    commands: Commands, lines: Lines, out: Output, leaving: Shutdown, *, stay: bool
) -> None:
    seconds = math.inf if stay else ANSWER_SECONDS
    try:
        async for line in lines:
            if isinstance(line, bytes) and not line.strip():
                continue  # [P-2.3]
            answers: list[Message] | None = None
            with anyio.CancelScope() as patience:
                async with lines.read_ahead(partial(_hurry, patience, seconds)):
                    answers = await commands.answer(line)
            if answers is None:
                why = f"The input has ended, and no answer came within {seconds:g} seconds."
                await out.write(encode(LinkNews(state="ended", why=why)))
                return leaving.now(FAILED)
            await out.write(b"".join(map(encode, answers)))
            if commands.signed_out:
                return None
    except LinkDown:
        await anyio.sleep_forever()  # `_tell` says why the link has ended, and then ends this


def _hurry(scope: anyio.CancelScope, seconds: float) -> None:
    scope.deadline = anyio.current_time() + seconds


async def _tell(client: OperatorClient, out: Output, leaving: Shutdown) -> None:
    """Write what comes, until the client is closed."""
    with leaving.minding_output():
        async for message in client:
            await out.write(_line_of(message, client))
            if isinstance(message, LinkEnded):
                leaving.now(FAILED)


def _line_of(message: Incoming, client: OperatorClient) -> bytes:
    match message:
        case LinkUp(resumed=resumed):
            up = encode(LinkNews(state="up", resumed=resumed))
            return (encode(client.server) if client.server else b"") + up
        case LinkLost(why=why, retry_in=seconds):
            return encode(LinkNews(state="lost", why=why, retry_in=round(seconds, 3)))
        case LinkEnded(why=why):
            return encode(LinkNews(state="ended", why=why))
        case _:
            return encode(message)


def _without_ticket(signed_in: LoggedIn) -> bytes:
    """The ticket opens the desk, the client keeps it, and the output of a program is logged."""
    fields = msgspec.to_builtins(signed_in)
    del fields["ticket"]
    fields.pop("ref", None)
    return msgspec.json.encode(fields) + b"\n"
