"""Whoever types faster than the screen draws types nothing into the wrong field."""

import sys

import pexpect

from livehelp.stage import ServerProcess

PATIENCE = 20


def test_a_name_a_tab_and_a_password_sent_in_one_burst_sign_the_operator_in(
    live_server: ServerProcess,
) -> None:
    command = ["-m", "livehelp", "operate", live_server.address]
    screen: pexpect.spawn[str] = pexpect.spawn(
        sys.executable, command, dimensions=(24, 80), timeout=PATIENCE, encoding="utf-8"
    )
    try:
        screen.expect("Password")
        screen.send(f"{live_server.operator}\t{live_server.password}\r")
        screen.expect("Waiting")
    finally:
        screen.close(force=True)
