"""One connection to a server: say something, hear something, and never wait for ever.

Owns the socket, the cutting into lines, and the record of all that passed, which every failure
shows. Knows the form of a line (chapter 2) and how a reply names its command (chapter 5). Must not
know what a session is, and imports nothing but the standard library.
"""

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Self, TypeAlias, cast

Message: TypeAlias = dict[str, Any]

# [P-2.5]: a server's line, in bytes without its end.
MAX_SERVER_LINE: Final = 131_072
# What answers a command, [P-5.2].
REPLIES: Final = frozenset({"hello", "started", "resumed", "logged_in", "ack", "error", "pong"})
# Seconds. A server on the same machine answers in milliseconds, one that is far away and busy in
# less than this; changes of the queue and the roster may be told a second late.
WITHIN: Final = 10.0
# A failure shows the end of the exchange, and of each line its beginning: a screenful.
SHOWN_LINES: Final = 40
SHOWN_BYTES: Final = 240


class Broken(AssertionError):
    """The server did not do what was waited for. The words end with the whole exchange."""


class Client:
    """One connection, which says only what it is told to say.

    Args:
        host, port: The server.
        within: How long an answer may take, in seconds, when a test does not say otherwise.
        window: The bytes that the kernel may hold of what is not read; None is its own choice.

    Attributes:
        heard: Every message that came, in order, waited for or not.
        session, key: The visitor's session, once there is one.
        name, ticket: The operator's, once signed in.
    """

    def __init__(
        self, host: str, port: int, within: float = WITHIN, window: int | None = None
    ) -> None:
        self.heard: list[Message] = []
        self.session = self.key = self.name = self.ticket = ""
        self._untaken: list[Message] = []
        self._record: list[tuple[float, str, str]] = []
        self._half = b""
        self._ref = 0
        self._within = within
        self._began = time.monotonic()
        self._socket = socket.socket(
            socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM
        )
        if window is not None:  # before connecting: it is told to the other end then
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self._socket.settimeout(within)
        try:
            self._socket.connect((host, port))
        except OSError:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    # --- saying -------------------------------------------------------------------------------

    def raw(self, data: bytes) -> None:
        """Send bytes as they are. What a server that has closed does not take is lost."""
        self._note("->", data.decode(errors="backslashreplace").rstrip("\n"))
        try:
            self._socket.settimeout(self._within)
            self._socket.sendall(data)
        except OSError as why:
            self._note("--", f"not all of it was taken: {why}")

    def send(self, kind: str, **fields: Any) -> None:
        """Send one message, and wait for nothing."""
        self.raw(line(kind, **fields))

    def ask(self, kind: str, **fields: Any) -> Message:
        """Send a command with a ``ref`` of its own, or the given one, and return its reply."""
        self._ref = fields.setdefault("ref", self._ref + 1)
        self.send(kind, **fields)
        return self.reply(fields["ref"])

    def do(self, kind: str, **fields: Any) -> Message:
        """Send a command and return its reply; a refusal is a failure."""
        reply = self.ask(kind, **fields)
        if reply["type"] == "error":
            raise self.broken(f"{kind!r} was refused with {reply.get('code')!r}")
        return reply

    def refused(self, code: str, kind: str, **fields: Any) -> Message:
        """Send a command that must be refused with ``code``; return the error."""
        return self._expect_code(code, self.ask(kind, **fields), kind)

    def refused_raw(self, code: str, data: bytes) -> Message:
        """Send bytes that must be answered with the error ``code``; return the error."""
        self.raw(data)
        return self._expect_code(code, self.answer(), "this")

    # --- hearing ------------------------------------------------------------------------------

    def wait(self, kind: str, within: float | None = None, **fields: Any) -> Message:
        """Return the first message of this type with these fields that was not returned before.

        Others stay for later: signals come in no particular order. An error that nobody has asked
        for is a failure at once.
        """

        def fits(message: Message) -> bool:
            if message["type"] == kind:
                return all(message.get(name) == value for name, value in fields.items())
            if message["type"] == "error":
                raise self.broken(f"an error came while {_told(kind, fields)} was waited for")
            return False

        return self._find(fits, _told(kind, fields), within)

    def reply(self, ref: int) -> Message:
        """Return the reply with this ``ref``, [P-5.1]."""
        return self._find(
            lambda m: m["type"] in REPLIES and m.get("ref") == ref,
            f"the reply to ref {ref}",
        )

    def answer(self) -> Message:
        """Return the next reply, whatever it answers; not a ``resumed`` that nobody asked for."""
        return self._find(
            lambda m: m["type"] in REPLIES and (m["type"] != "resumed" or "ref" in m),
            "a reply",
        )

    def settle(self) -> None:
        """Exchange ``ping`` and ``pong``: what the server had sent before is heard then."""
        self.send("ping")
        self._find(lambda m: m["type"] == "pong", "'pong'")

    def listen(self, seconds: float) -> None:
        """Hear what comes in so many seconds."""
        until = time.monotonic() + seconds
        while self._receive(until) is not None:
            pass

    def end(self) -> list[Message]:
        """Read until the server closes; return what was not returned before."""
        until = time.monotonic() + self._within
        while (more := self._receive(until)) is not False:
            if more is None:
                raise self.broken(f"the server did not close within {self._within:g} s")
        rest, self._untaken = self._untaken, []
        return rest

    def all(self, kind: str, **fields: Any) -> list[Message]:
        """Return every message heard of this type with these fields."""
        return [
            message
            for message in self.heard
            if message["type"] == kind
            and all(message.get(name) == value for name, value in fields.items())
        ]

    # --- leaving ------------------------------------------------------------------------------

    def cut(self) -> None:
        """Lose the link: no word, and nothing more is read."""
        if self._socket.fileno() >= 0:
            # The kernel tells the server at once (RST), whatever is still on its way.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._socket.close()

    def bye(self, reason: str, within: float | None = None) -> Message:
        """Return the server's ``bye`` for this reason; it must be the last word."""
        bye = self.wait("bye", within, reason=reason)
        self.end()
        if self.heard[-1] != bye:
            raise self.broken("something came after 'bye'")
        return bye

    def leave(self) -> None:
        """Close in order: returns when the server has seen it and closed its side."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
            self.end()
        except (OSError, Broken):
            pass
        finally:
            self._socket.close()

    # --- inside -------------------------------------------------------------------------------

    def broken(self, words: str) -> Broken:
        """Return a failure with these words and the exchange so far."""
        return Broken(f"{words}\n{self.exchange()}")

    def exchange(self) -> str:
        """Return what passed, with seconds since the connection was made."""
        left_out = len(self._record) - SHOWN_LINES
        head = [f"  ... {left_out} lines before"] if left_out > 0 else []
        return "\n".join(
            [*head, *(f"{at:8.3f} {way} {text}" for at, way, text in self._record[-SHOWN_LINES:])]
        )

    def _expect_code(self, code: str, reply: Message, what: str) -> Message:
        if reply["type"] != "error" or reply.get("code") != code:
            raise self.broken(f"{what!r} should be refused with {code!r}")
        return reply

    def _find(
        self, fits: Callable[[Message], bool], what: str, within: float | None = None
    ) -> Message:
        within = self._within if within is None else within
        until = time.monotonic() + within
        looked_at = 0
        while True:
            while looked_at < len(self._untaken):
                if fits(self._untaken[looked_at]):
                    return self._untaken.pop(looked_at)
                looked_at += 1
            more = self._receive(until)
            if more is None:
                raise self.broken(f"{what} did not come within {within:g} s")
            if not more:
                raise self.broken(f"the server closed the connection before {what}")

    def _receive(self, until: float) -> bool | None:
        """Take in what has come. False: the stream has ended. None: the time is over."""
        left = until - time.monotonic()
        if left <= 0:
            return None
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(65_536)
        except TimeoutError:
            return None
        except OSError:
            data = b""
        if not data:
            self._note("--", "the server closed the connection")
            return False
        for message in self._messages(data):
            self.heard.append(message)
            self._untaken.append(message)
        return True

    def _messages(self, data: bytes) -> Iterator[Message]:
        *lines, self._half = (self._half + data).split(b"\n")
        for raw in lines:
            self._note("<-", raw.decode(errors="backslashreplace"))
            if raw.strip():
                yield self._message(raw.removesuffix(b"\r"))

    def _message(self, raw: bytes) -> Message:
        if len(raw) > MAX_SERVER_LINE:
            raise self.broken(f"[P-2.5] a line of {len(raw)} bytes came")
        try:
            message: object = json.loads(raw.decode(), object_pairs_hook=_once_each)
        except ValueError as why:
            raise self.broken(f"[P-2.2, P-2.7] that is no JSON object in UTF-8: {why}") from None
        if not isinstance(message, dict) or not isinstance(
            cast("Message", message).get("type"), str
        ):
            raise self.broken("[P-2.7] that is no object with a text 'type'")
        return cast("Message", message)

    def _note(self, way: str, text: str) -> None:
        if len(text) > SHOWN_BYTES:
            text = f"{text[:SHOWN_BYTES]} ... ({len(text)} characters)"
        self._record.append((time.monotonic() - self._began, way, text))


def line(kind: str, **fields: Any) -> bytes:
    """Return a message as the bytes of one line; a field that is None is left out."""
    message = {"type": kind} | {name: value for name, value in fields.items() if value is not None}
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return text.encode() + b"\n"


def _once_each(pairs: list[tuple[str, Any]]) -> Message:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"a name comes twice among {names}")
    return dict(pairs)


def _told(kind: str, fields: Message) -> str:
    return f"{kind!r} with {fields}" if fields else repr(kind)
