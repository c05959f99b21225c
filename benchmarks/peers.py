"""One connection of the load: a raw socket, and what is under way on it.

Owns the socket and the bytes of the lines it says. Must not know when to say them.
"""

import secrets
import socket
from typing import Final, Literal

from benchmarks.errors import LoadError
from livehelp.wire.base import Message
from livehelp.wire.codec import encode
from livehelp.wire.commands import ClientHello, Say
from livehelp.wire.connection import PROTOCOL

Address = tuple[str, int]
Role = Literal["visitor", "operator"]

# The text of every line, in bytes; the same as for the servers we compare with.
LINE_SIZE: Final = 100
# The width of a line's number in its text: more than a run can say. Filled with spaces, not
# zeros: the guard against sensitive data looks for long runs of digits.
_WIDTH: Final = 8


class Peer:
    """A visitor or an operator, as bytes on a socket.

    Attributes:
        expected: The mark that must be in the next line this peer gets; empty when its partner
            has nothing on the way.
        expected_since: When the partner wrote that line, in monotonic nanoseconds.
        held: The beginning of a line whose end was not read yet.
        ref: The number of the last command.
        unacked: How the ack of this peer's last line must read; empty when it has come.
    """

    __slots__ = (
        "_mark", "_say", "_send", "_socket", "expected", "expected_since", "fd", "held", "pair",
        "partner", "receive", "receive_into", "ref", "role", "unacked",
    )  # fmt: skip

    def __init__(self, address: Address, role: Role, pair: int) -> None:
        # To a listener on the loopback a blocking connect returns at once.
        self._socket = socket.create_connection(address, timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        self.receive = self._socket.recv
        self.receive_into = self._socket.recv_into
        self._send = self._socket.send
        self.fd = self._socket.fileno()
        self.role: Role = role
        self.pair = pair
        self.partner = self
        self.ref = 0
        self.held = b""
        self.expected = b""
        self.expected_since = 0
        self.unacked = b""
        self._mark = b""
        self._say = b""

    def close(self) -> None:
        """Close the socket; may be called twice."""
        self._socket.close()

    def write(self, message: Message) -> None:
        """Send a message of the arrival, where speed does not matter."""
        self.send(encode(message))

    def send(self, data: bytes) -> None:
        """Send ``data`` now and whole.

        What a peer writes is far under a socket's buffer, and it never has two lines on the way;
        a send that does not fit means that the server has stopped reading.

        Raises:
            LoadError: it did not fit, or the connection is gone.
        """
        try:
            whole = self._send(data) == len(data)
        except OSError as why:
            raise LoadError(f"The {self.role} of pair {self.pair} lost the link: {why}.") from why
        if not whole:
            raise LoadError(f"The server reads nothing from the {self.role} of pair {self.pair}.")

    def hello(self) -> ClientHello:
        """Return the first message of this connection.

        It names a run, as our own client does, so that the server does its work of knowing
        commands again by their ``ref``. It promises no heartbeat.
        """
        return ClientHello(
            protocol=PROTOCOL,
            role=self.role,
            client="benchmark",
            version="1",
            run=secrets.token_urlsafe(12),
        )

    def next_ref(self) -> int:
        """Return the next command's number."""
        self.ref += 1
        return self.ref

    def meet(self, partner: "Peer", session: str) -> None:
        """Get ready to talk with ``partner`` in ``session``.

        A line's text begins with a mark of who says it and its number, so that no two lines of a
        run are alike, and a partner knows the one line that it must get next.
        """
        self.partner = partner
        mark = b"~%c%4d." % (self.role[:1].encode(), self.pair)
        filler = "abcdefghijklmnopqrstuvwxyz" * (LINE_SIZE // 26 + 1)
        text = "MARK" + filler[: LINE_SIZE - len(mark) - _WIDTH - 1]
        # Operators help several visitors, so their client names the session; a visitor's need not.
        named = session if self.role == "operator" else None
        whole = encode(Say(text=text, session=named, ref=0)).replace(b'"ref":0', b'"ref":%d')
        self._mark = mark + b"%%%dd~" % _WIDTH
        self._say = whole.replace(b"MARK", self._mark)

    def say(self, now: int) -> None:
        """Say the next line; ``now`` (monotonic nanoseconds) is when it counts as written."""
        ref = self.ref = self.ref + 1
        partner = self.partner
        partner.expected = self._mark % ref
        partner.expected_since = now
        self.unacked = b'"ref":%d,' % ref
        self.send(self._say % (ref, ref))
