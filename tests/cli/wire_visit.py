"""The least of a client: a socket, and lines of JSON."""

import json
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from livehelp.testkit.server import ServerProcess


class Talker:
    """One connection, its hello said."""

    def __init__(self, link: socket.socket, role: str) -> None:
        self._link = link
        self._lines = link.makefile("rb")
        self.send(type="hello", protocol=1, role=role)
        self.wait_for("hello")

    def send(self, **message: object) -> None:
        self._link.sendall(json.dumps(message).encode() + b"\n")

    def wait_for(self, *types: str) -> dict[str, Any]:
        """Return the next message of one of these types."""
        while line := self._lines.readline():
            message: dict[str, Any] = json.loads(line)
            if message["type"] in types:
                return message
        raise AssertionError(f"The server hung up before any {types} came.")

    def close(self) -> None:
        self._lines.close()


@contextmanager
def talker(server: ServerProcess, role: str) -> Generator[Talker]:
    with socket.create_connection((server.host, server.port), timeout=20) as link:
        talking = Talker(link, role)
        yield talking
        talking.close()


def hold_a_visit(server: ServerProcess, name: str, topic: str, lines: Sequence[str]) -> str:
    """Open a session and say something; return its reference."""
    with talker(server, "visitor") as visitor:
        visitor.send(type="start", name=name, topic=topic, ref=1)
        reference: str = visitor.wait_for("started")["session"]
        for ref, text in enumerate(lines, 2):
            visitor.send(type="say", text=text, ref=ref)
            visitor.wait_for("ack")
        return reference


def sign_in(server: ServerProcess, name: str, password: str) -> str:
    """Return what the server answers an operator: ``logged_in``, or the code of an error."""
    with talker(server, "operator") as operator:
        operator.send(type="login", name=name, password=password, ref=1)
        answer = operator.wait_for("logged_in", "error")
        return "logged_in" if answer["type"] == "logged_in" else str(answer["code"])
