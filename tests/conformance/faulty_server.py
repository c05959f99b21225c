"""A correct server behind a relay that does one thing wrong; ``faults`` has what."""

import json
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Final, TypeAlias

from tests.conformance.target import Target

Message: TypeAlias = dict[str, Any]
CHUNK: Final = 65_536


class PassThrough:
    """What passes on one connection. Nothing is wrong with it; a fault changes that.

    Args:
        shared: What the connections of one relay know together.
    """

    def __init__(self, shared: Message) -> None:
        self.shared = shared

    def up(self, command: Message) -> list[Message]:
        """Return what the server gets instead of a command."""
        return [command]

    def down(self, answer: Message) -> list[Message]:
        """Return what the client gets instead of a message of the server."""
        return [answer]


Fault: TypeAlias = type[PassThrough]


@contextmanager
def faulty_server(target: Target, fault: Fault, within: float) -> Generator[Target]:
    """Run a relay to ``target``; what it yields has this patience, in seconds."""
    shared: Message = {}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(
            target=_listen, args=(listener, target, lambda: fault(shared)), daemon=True
        ).start()
        host, port = listener.getsockname()
        try:
            yield replace(target, host=host, port=port, within=within)
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _listen(listener: socket.socket, target: Target, passing: Callable[[], PassThrough]) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_join, args=(client, target, passing()), daemon=True).start()


def _join(client: socket.socket, target: Target, passing: PassThrough) -> None:
    with client, socket.create_connection((target.host, target.port)) as server:
        up = threading.Thread(target=_pass_on, args=(client, server, passing.up), daemon=True)
        up.start()
        _pass_on(server, client, passing.down)
        up.join()


def _pass_on(
    source: socket.socket, sink: socket.socket, change: Callable[[Message], list[Message]]
) -> None:
    """Pass lines on until the source ends. What came in one piece goes on in one piece."""
    half = b""
    with suppress(OSError):
        while data := source.recv(CHUNK):
            *lines, half = (half + data).split(b"\n")
            sink.sendall(b"".join(_changed(line, change) for line in lines))
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _changed(line: bytes, change: Callable[[Message], list[Message]]) -> bytes:
    try:
        message = json.loads(line)
    except ValueError:
        return line + b"\n"
    return b"".join(json.dumps(m).encode() + b"\n" for m in change(message))
