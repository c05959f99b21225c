"""The server process that other tests stand on: it starts, stops, dies and comes back."""

import json
import socket

import pytest

from tests.server.live import LiveServer


def hello(server: LiveServer) -> dict[str, object]:
    with socket.create_connection((server.host, server.port)) as link, link.makefile("rb") as lines:
        link.sendall(b'{"type":"hello","protocol":1,"role":"visitor"}\n')
        return json.loads(lines.readline())


def test_it_answers_on_its_address_and_again_after_a_stop_a_kill_and_a_restart(
    live_server: LiveServer,
) -> None:
    assert hello(live_server)["type"] == "hello"
    assert live_server.stop() == 0
    with pytest.raises(ConnectionRefusedError):
        hello(live_server)

    live_server.restart()
    assert hello(live_server)["type"] == "hello"
    live_server.kill()
    with pytest.raises(ConnectionRefusedError):
        hello(live_server)

    live_server.restart()
    assert hello(live_server)["type"] == "hello"
    assert live_server.database.exists()
