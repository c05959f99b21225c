"""Whoever types faster than the screen draws types nothing into the wrong field."""

import pytest

from livehelp.testkit.server import ServerProcess
from tests.tui.terminal import F2, F10, terminal


@pytest.mark.parametrize("on", ["\t", "\r"], ids=["Tab", "Enter"])
def test_a_name_and_a_password_sent_in_one_burst_sign_the_operator_in(
    live_server: ServerProcess, on: str
) -> None:
    with terminal("operate", live_server.address) as operator:
        operator.wait_for("Connected.")
        operator.type(f"{live_server.operator}{on}{live_server.password}\r")
        operator.wait_for("Waiting  0")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("on", ["\t", "\r"], ids=["Tab", "Enter"])
def test_both_forms_of_a_visitor_may_be_filled_in_in_one_burst_each(
    live_server: ServerProcess, on: str
) -> None:
    with terminal("visit", live_server.address, "--no-token") as visitor:
        visitor.wait_for("No operator is here")
        visitor.type("Pat\tWorn plates\r")
        visitor.wait_for("You are next.")
        visitor.type(F10)
        visitor.wait_for("End this conversation?")
        visitor.type("y")
        visitor.wait_for("give your address")
        reference = visitor.text().split()[4]
        visitor.type(f"Yes, thank you{on}More plates{on}pat@example.org{F2}")
        visitor.wait_for("Your answers were saved.")
    stored = live_server.command("transcript", reference)
    for words in ("Pat", "Worn plates", "Yes, thank you\n", "More plates\n", "pat@example.org"):
        assert words in stored


@pytest.mark.parametrize("begin", [F2, "\r"], ids=["F2", "Enter"])
def test_a_topic_may_be_chosen_and_the_visit_begun_in_one_burst(
    live_server: ServerProcess, begin: str
) -> None:
    with terminal("visit", live_server.address, "--no-token") as visitor:
        visitor.wait_for("No operator is here")
        visitor.type(f"Pat\r\r{begin}")
        visitor.wait_for("You are next.")
        assert "You asked for help: Vehicles and licences" in visitor.text()
