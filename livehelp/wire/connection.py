"""The two ends of one connection, without the connection: bytes in, messages out.

Owns the order of things on the wire (``hello`` first, once, in both directions), the protocol
version, and how many errors a peer is forgiven. Must not know sockets, clocks, or what a
session is.
"""

from enum import Enum, auto
from typing import Final

from livehelp.wire.codec import decode_command, decode_server_message, encode
from livehelp.wire.commands import ClientHello, Command
from livehelp.wire.errors import LocalProtocolError, RemoteProtocolError
from livehelp.wire.frames import MAX_CLIENT_LINE, MAX_SERVER_LINE, LineBuffer
from livehelp.wire.replies import Error, ErrorCode, ServerHello
from livehelp.wire.signals import Bye, ServerMessage

PROTOCOL: Final = 1
# A person typing JSON into nc errs a few times in a visit; a program that errs more is broken,
# and answering it for ever would be free work for an attacker.
MAX_ERRORS: Final = 20


class State(Enum):
    """Where one direction of a connection stands."""

    HELLO = auto()
    OPEN = auto()
    CLOSED = auto()


class ServerConnection:
    """The server's end: commands come in, replies, events and signals go out."""

    __slots__ = ("_errors", "_lines", "hello", "theirs")

    def __init__(self) -> None:
        self._lines = LineBuffer(MAX_CLIENT_LINE)
        self._errors = 0
        self.theirs = State.HELLO
        self.hello: ClientHello | None = None

    def receive(self, data: bytes) -> list[Command | RemoteProtocolError]:
        """Return what ``data`` completes, in order; errors stand where their message stood.

        After an error that is ``fatal`` nothing more is read: answer it and close.
        """
        if self.closed:
            return []
        found: list[Command | RemoteProtocolError] = []
        try:
            for line in self._lines.feed(data):
                try:
                    found.append(self._in_turn(decode_command(line)))
                except RemoteProtocolError as error:
                    found.extend(self._counted(error))
                    if self.closed:
                        break
        except RemoteProtocolError as too_long:
            found.extend(self._counted(too_long))
        return found

    @property
    def closed(self) -> bool:
        """True after a fatal error: nothing more is read."""
        return self.theirs is State.CLOSED

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished line are held."""
        return self._lines.pending

    def _in_turn(self, command: Command) -> Command:
        if self.theirs is State.OPEN:
            if type(command) is ClientHello:
                raise RemoteProtocolError(
                    ErrorCode.HELLO_TWICE, "You have said hello already; go on."
                )
            return command
        if type(command) is not ClientHello:
            raise RemoteProtocolError(
                ErrorCode.HELLO_FIRST,
                'Say hello first: {"type":"hello","protocol":1,"role":"visitor"}',
                ref=getattr(command, "ref", None),
            )
        if command.protocol != PROTOCOL:
            raise RemoteProtocolError(
                ErrorCode.PROTOCOL,
                f"This server speaks protocol {PROTOCOL}, you asked for {command.protocol}. "
                "Update the older of the two.",
                fatal=True,
            )
        self.hello = command
        self.theirs = State.OPEN
        return command

    def _counted(self, error: RemoteProtocolError) -> list[RemoteProtocolError]:
        self._errors += 1
        if error.fatal:
            self.theirs = State.CLOSED
            return [error]
        if self._errors < MAX_ERRORS:
            return [error]
        self.theirs = State.CLOSED
        last = RemoteProtocolError(
            ErrorCode.TOO_MANY_ERRORS, f"That was error number {MAX_ERRORS}. Goodbye.", fatal=True
        )
        return [error, last]


class ClientConnection:
    """The client's end: replies, events and signals come in, commands go out."""

    __slots__ = ("_lines", "_ours", "hello", "theirs")

    def __init__(self) -> None:
        self._lines = LineBuffer(MAX_SERVER_LINE)
        self._ours = State.HELLO
        self.theirs = State.HELLO
        self.hello: ServerHello | None = None

    def send(self, command: Command) -> bytes:
        """Return the bytes of ``command``.

        Raises:
            LocalProtocolError: the first message is no hello, or a later one is.
        """
        is_hello = type(command) is ClientHello
        if is_hello != (self._ours is State.HELLO):
            raise LocalProtocolError("A connection begins with one hello, and has no other.")
        self._ours = State.OPEN
        return encode(command)

    def receive(self, data: bytes) -> list[ServerMessage]:
        """Return the messages that ``data`` completes.

        A message of an unknown type is passed over: a newer server may tell more than an older
        kiosk needs.

        Raises:
            RemoteProtocolError: the server is no Live Help server, or is broken; close. What
                ``data`` held before the fault is not returned: whoever resumes has it again.
        """
        found: list[ServerMessage] = []
        for line in self._lines.feed(data):
            try:
                message = decode_server_message(line)
            except RemoteProtocolError as error:
                if error.code is not ErrorCode.UNKNOWN_TYPE or self.theirs is State.HELLO:
                    raise
            else:
                found.append(self._in_turn(message))
        return found

    @property
    def is_foreign(self) -> bool:
        """True when what has come, before any hello, cannot be the beginning of a message."""
        begun = self._lines.held.lstrip()
        return self.theirs is State.HELLO and begun != b"" and not begun.startswith(b"{")

    def _in_turn(self, message: ServerMessage) -> ServerMessage:
        if type(message) is ServerHello:
            self._greeted(message)
        elif self.theirs is State.HELLO and not _may_come_before_hello(message):
            raise RemoteProtocolError(
                ErrorCode.HELLO_FIRST, "The server did not say hello.", fatal=True
            )
        return message

    def _greeted(self, hello: ServerHello) -> None:
        if self.theirs is State.OPEN:
            raise RemoteProtocolError(
                ErrorCode.HELLO_TWICE, "The server said hello twice.", fatal=True
            )
        if hello.protocol != PROTOCOL:
            raise RemoteProtocolError(
                ErrorCode.PROTOCOL,
                f"The server speaks protocol {hello.protocol}, this program {PROTOCOL}. "
                "Update the older of the two.",
                fatal=True,
            )
        self.theirs = State.OPEN
        self.hello = hello


def _may_come_before_hello(message: ServerMessage) -> bool:
    """A refusal (an error, a goodbye) may be all that a server says."""
    return isinstance(message, Error | Bye)
