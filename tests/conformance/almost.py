"""Almost a server: it says hello, opens sessions and acks lines, and does one thing wrong.

Owns just enough of the protocol for the tests of the tests. Each fault is what an honest author of
another server could get wrong.
"""

import json
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

from tests.conformance.target import Target

Message = dict[str, Any]
# Takes what the server is about to answer, and returns what it answers instead.
Fault = Callable[[Message], list[Message]]
AT: Final = "2005-12-19T15:04:05Z"

OPENED: Final = {"topic": "Taxes", "client": "unknown", "version": "unknown", "ip": "127.0.0.1"}


def wrong_protocol(answer: Message) -> list[Message]:
    """Say hello in another protocol than the one that was named."""
    return [answer | {"protocol": 2}] if answer["type"] == "hello" else [answer]


def lost_acks(answer: Message) -> list[Message]:
    """Store lines, and never say so."""
    return [] if answer["type"] == "ack" else [answer]


def acks_twice(answer: Message) -> list[Message]:
    """Answer each command twice."""
    return [answer, answer] if answer["type"] == "ack" else [answer]


def other_refs(answer: Message) -> list[Message]:
    """Count refs by itself, and do not repeat the command's."""
    return [answer | {"ref": answer["ref"] + 1} if "ref" in answer else answer]


def no_type(answer: Message) -> list[Message]:
    """Send something else as the type."""
    return [answer | {"type": 5}]


def too_long(answer: Message) -> list[Message]:
    """Send lines that no client need read."""
    return [answer | {"notice": "x" * 140_000}]


@contextmanager
def almost_a_server(fault: Fault, within: float) -> Generator[Target]:
    """Run one; its target has this patience, in seconds, and operators that do not work."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        threading.Thread(target=_listen, args=(listener, fault), daemon=True).start()
        try:
            yield Target(
                host=host, port=port, passwords={"dana": "none", "kim": "none"}, within=within
            )
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _listen(listener: socket.socket, fault: Fault) -> None:
    while True:
        try:
            link, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(link, fault), daemon=True).start()


def _serve(link: socket.socket, fault: Fault) -> None:
    seq = 1
    try:
        with link, link.makefile("rb") as lines:
            for line in lines:
                if not line.strip():
                    continue
                command = json.loads(line)
                seq += command["type"] == "say"
                for answer in _answers(command, seq):
                    for message in fault(answer):
                        link.sendall(json.dumps(message).encode() + b"\n")
    except OSError:
        return  # the client has gone


def _answers(command: Message, seq: int) -> list[Message]:
    session = "K7P4-MXQ2"
    ref = {"ref": command["ref"]} if "ref" in command else {}
    opened = {"type": "opened", "session": session, "seq": 1, "at": AT, "name": "Pat"} | OPENED
    match command["type"]:
        case "hello":
            head = {"type": "hello", "protocol": 1, "server": "almost", "version": "0"}
            return [head | {"at": AT, "notice": "Nothing confidential, please."}]
        case "ping":
            return [{"type": "pong"}]
        case "start":
            started = {"type": "started", "session": session, "seq": 1, "key": command["key"]}
            return [started | ref, opened]
        case "resume":
            return [
                opened,
                {"type": "resumed", "session": session, "seq": 1, "phase": "closed"} | ref,
            ]
        case "say":
            return [{"type": "ack", "session": session, "seq": seq} | ref]
        case _:
            return [{"type": "error", "code": "unknown_type", "message": "Not here."} | ref]
