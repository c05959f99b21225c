"""``livehelp visit`` and ``livehelp operate`` in a real terminal, against a real server."""

from contextlib import ExitStack

import pytest

from livehelp.testkit.server import ServerProcess
from tests.tui.terminal import CTRL_Q, DOWN, ESCAPE, F2, F10, terminal


@pytest.mark.timeout(120)
def test_a_visit_in_two_terminals_through_a_server_that_dies(live_server: ServerProcess) -> None:
    with ExitStack() as stack:
        operator = stack.enter_context(
            terminal("operate", live_server.address, "--name", live_server.operator)
        )
        operator.wait_for("Connected.")
        operator.type(f"{live_server.password}\r")
        operator.wait_for("Nobody waits.")
        assert live_server.password not in operator.text()

        visitor = stack.enter_context(
            terminal("visit", live_server.address, "--no-token", "--place", "kiosk 7")
        )
        visitor.wait_for("1 operator is here.")
        assert "confidential" in visitor.text()
        visitor.type("Ann [red]Lee\r")
        visitor.type(f"{DOWN}\r")  # the first topic
        visitor.type(F2)
        visitor.wait_for("You are next. 1 operator is here.")

        bells = operator.bells
        operator.wait_for("NEW")
        assert operator.bells > bells
        operator.type(F2)
        operator.wait_for("You are talking with Ann [red]Lee")
        visitor.wait_for("dana is helping you")

        visitor.type("Hello\rsecond")
        visitor.wait_for("sent")
        operator.wait_for("Hello")

        live_server.kill()
        visitor.wait_for("Connection lost. You can go on typing")
        operator.wait_for("Connection lost.")
        visitor.type(" line\r")
        visitor.wait_for("sending ...")
        live_server.start()
        operator.wait_for("second line")
        visitor.wait_for("dana is helping you")
        operator.type("Good morning\r")
        visitor.wait_for("Good morning")

        visitor.type(F10)
        visitor.wait_for("End this conversation?")
        visitor.type("\r")
        visitor.wait_for("To ask for the transcript by e-mail")
        visitor.type(ESCAPE)
        visitor.wait_for("Thank you, Ann [red]Lee.")
        visitor.type("\r")
        assert visitor.ended() == 0

        operator.wait_for("The visitor ended it")
        operator.type(F10)
        operator.wait_for("Nobody waits.")
        operator.type(CTRL_Q)
        assert operator.ended() == 0


@pytest.mark.timeout(120)
def test_alt_and_a_number_or_enter_are_keys_and_type_nothing(live_server: ServerProcess) -> None:
    with ExitStack() as stack:
        visitors = [
            stack.enter_context(terminal("visit", live_server.address, "--no-token"))
            for _ in range(2)
        ]
        operator = stack.enter_context(
            terminal("operate", live_server.address, "--name", live_server.operator)
        )
        operator.wait_for("Connected.")
        operator.type(f"{live_server.password}\r")
        operator.wait_for("Nobody waits.")
        for visitor, name in zip(visitors, ("Ann", "Bob"), strict=True):
            visitor.wait_for("Connected.")
            visitor.type(f"{name}\t{name}'s matter\r")
            visitor.wait_for("You are next.")
            operator.wait_for(f"{name}'s matter")
            operator.type(F2)
            operator.wait_for(f"You are talking with {name}")

        # All in one burst, as over a slow line: each line stays with its visitor.
        operator.type("\x1b1one\x1b\rtwx\x7fo\x1b2three\x1b1\r\x1b2\r")
        visitors[0].wait_for("two")
        rows = [row.strip() for row in visitors[0].text().splitlines()]
        assert rows[rows.index("one") + 1] == "two"
        visitors[1].wait_for("three")
        assert "two" not in visitors[1].text()
