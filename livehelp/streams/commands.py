"""One line of a program, carried out by an operator's client.

Owns which of the protocol's commands a program may give, and the answer to each. Must not know
where the lines come from. The program's ``ref`` is its own: the client has others on the wire.
"""

from typing import Final

from msgspec.structs import replace

from livehelp.client.errors import Refused
from livehelp.client.operator import OperatorClient
from livehelp.streams.stdio import TooLong
from livehelp.wire.base import Message
from livehelp.wire.codec import decode_command
from livehelp.wire.commands import (
    ClientHello,
    Command,
    End,
    Login,
    Logout,
    Note,
    Ping,
    Recall,
    Resume,
    Say,
    SetTopic,
    Take,
    Transfer,
    Typing,
)
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.frames import MAX_CLIENT_LINE
from livehelp.wire.replies import Ack, Error, ErrorCode, Pong

_DONE: Final = "livehelp does that by itself; leave it out."
_TOO_LONG: Final = f"A line may have at most {MAX_CLIENT_LINE} bytes; this one was passed over."


class Commands:
    """Carries out a program's lines, one after the other.

    Attributes:
        signed_out: True after ``logout``: there is nothing more to be done.
    """

    def __init__(self, client: OperatorClient) -> None:
        self.signed_out = False
        self._client = client

    async def answer(self, line: bytes | TooLong) -> list[Message]:
        """Carry out one line and return what there is to tell; last the reply, if there is one.

        Raises:
            LinkDown: the link ended before there was an answer.
        """
        if isinstance(line, TooLong):
            return [Error(code=ErrorCode.LINE_TOO_LONG, message=_TOO_LONG)]
        try:
            command = decode_command(line)
        except RemoteProtocolError as wrong:
            return [Error(code=wrong.code, message=wrong.message, ref=wrong.ref)]
        ref: int | None = getattr(command, "ref", None)
        try:
            return await self._carry_out(command, ref)
        except Refused as refused:
            return [Error(code=refused.code, message=refused.message, ref=ref)]

    async def _carry_out(self, command: Command, ref: int | None) -> list[Message]:
        match command:
            case Ping():
                return [Pong()]
            case Logout():
                await self._client.logout()
                self.signed_out = True
                return [Ack(ref=ref)]
            case Take(session=session):
                return [replace(await self._client.take(session), ref=ref)]
            case Typing(on=on):
                await self._client.typing(self._named(command.session), on)
                return []
            case Recall():
                return await self._recall(command, ref)
            case ClientHello() | Login() | Resume():
                raise Refused(ErrorCode.OUT_OF_TURN, _DONE)
            case Say() | Note() | SetTopic() | Transfer() | End():
                return [replace(await self._in_session(command), ref=ref)]
            case _:
                raise Refused(ErrorCode.NOT_YOURS, "Only a visitor does that.")

    async def _in_session(self, command: Say | Note | SetTopic | Transfer | End) -> Ack:
        session = self._named(command.session)
        match command:
            case Say(text=text):
                return await self._client.say(session, text)
            case Note(text=text):
                return await self._client.note(session, text)
            case SetTopic(topic=topic):
                return await self._client.set_topic(session, topic)
            case Transfer(to=to):
                return await self._client.transfer(session, to)
            case End():
                return await self._client.end(session)

    async def _recall(self, command: Recall, ref: int | None) -> list[Message]:
        events = await self._client.recall(self._named(command.session))
        last = events[-1]
        return [*events, Ack(ref=ref, session=last.session, seq=last.seq)]

    def _named(self, session: str | None) -> str:
        """Return the session that a command means: [P-4.5] lets it be left out."""
        if session is not None:
            return session
        mine = [visit.session for visit in self._client.overview.mine]
        if not mine:
            raise Refused(ErrorCode.NO_SESSION, "You are in no session. Take a visitor first.")
        if len(mine) > 1:
            words = f"Name the session; you are in {', '.join(mine)}."
            raise Refused(ErrorCode.WHICH_SESSION, words)
        return mine[0]
