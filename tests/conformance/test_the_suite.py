"""The tests are tested: a server that does wrong fails them, in words that help its author."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from tests.conformance import test_asking, test_connection, test_lines
from tests.conformance.almost import (
    Fault,
    acks_twice,
    almost_a_server,
    lost_acks,
    no_type,
    other_refs,
    too_long,
    wrong_protocol,
)
from tests.conformance.desk import Desk
from tests.conformance.target import Target, named
from tests.conformance.wire import Broken

# What never comes is not waited for long.
WITHIN: Final = 0.2
ROOT: Final = Path(__file__).parents[2]
# A whole run of the suite is started: a second for pytest, and much more on a busy machine.
RUN_SECONDS: Final = 50


@pytest.mark.parametrize(
    ("fault", "check", "words"),
    [
        pytest.param(
            wrong_protocol,
            test_connection.test_the_server_answers_with_the_protocol_that_was_named,
            "2 == 1",
            id="another protocol",
        ),
        pytest.param(
            lost_acks,
            test_asking.test_the_last_128_commands_of_a_run_are_known,
            "the reply to ref 2 did not come within 0.2 s",
            id="lost acks",
        ),
        pytest.param(
            other_refs,
            test_asking.test_a_reply_repeats_the_ref_of_its_command,
            "the reply to ref 41 did not come",
            id="other refs",
        ),
        pytest.param(
            acks_twice,
            test_asking.test_64_commands_may_be_unanswered_and_each_is_answered_once_by_its_ref,
            "",
            id="acks twice",
        ),
        pytest.param(
            no_type,
            test_lines.test_a_line_over_tcp_is_answered_with_a_line,
            "[P-2.7] that is no object with a text 'type'",
            id="no type",
        ),
        pytest.param(
            too_long,
            test_lines.test_a_line_over_tcp_is_answered_with_a_line,
            "[P-2.5] a line of 140",
            id="a line that is too long",
        ),
    ],
)
def test_a_server_that_does_wrong_fails(
    fault: Fault, check: Callable[[Desk], None], words: str
) -> None:
    with (
        almost_a_server(fault, WITHIN) as target,
        closing(Desk(target)) as desk,
        pytest.raises(AssertionError) as failure,
    ):
        check(desk)
    assert words in str(failure.value)


def test_a_failure_shows_the_whole_exchange_with_times() -> None:
    with (
        almost_a_server(lost_acks, WITHIN) as target,
        closing(Desk(target)) as desk,
        pytest.raises(Broken) as failure,
    ):
        desk.visitor().do("say", text="hello?")
    first, *exchange = str(failure.value).splitlines()
    assert first == "the reply to ref 2 did not come within 0.2 s"
    assert all(re.match(r" +\d+\.\d{3} (->|<-|--) ", line) for line in exchange)
    ways = [line.split()[1:3] for line in exchange]
    assert [way for way, _ in ways] == ["->", "<-", "->", "<-", "<-", "->"]
    assert exchange[-1].endswith('-> {"type":"say","text":"hello?","ref":2}')


def run(target: Target, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the suite as the author of another server does."""
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    # Nothing more than that author needs: pytest, and the plugin that its settings name.
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | {
        f"LIVEHELP_PASSWORD_{name.upper()}": word for name, word in target.passwords.items()
    }
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/conformance", "-p", "pytest_timeout"),
            *("-p", "no:cacheprovider", "--within", str(target.within)),
            *("--server", f"{target.host}:{target.port}"),
            *arguments,
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )


def test_the_report_says_which_rules_failed() -> None:
    with almost_a_server(wrong_protocol, WITHIN) as target:
        done = run(target, "-k", "protocol_that_was_named or cut_means_nothing")
    assert done.returncode == 1
    assert "Rules that held: 1; failed: 2; not tried, or not wholly: 0." in done.stdout
    assert "P-3.4 failed: test_connection.py::test_the_server_answers_with_the" in done.stdout


def test_a_server_that_is_named_is_used_and_what_takes_too_long_is_not_tried(
    target: Target,
) -> None:
    done = run(
        target,
        *("-k", "cut_means_nothing or does_not_come_back_is_closed or was_killed", "--patience=1"),
    )
    assert done.returncode == 0, done.stdout
    assert "P-4.7 not tried: visit_grace of 1800 s; see --patience" in done.stdout
    assert "P-5.3 not tried: it takes a server that may be stopped" in done.stdout


@pytest.mark.parametrize(
    ("address", "operators", "words"),
    [
        ("there:5483", ["dana"], "Two operators are needed"),
        ("there:5483", ["dana", "dana"], "Two operators are needed"),
        ("there:5483", ["dana", "lee"], "Put the password of lee into the environment"),
        ("nonsense", ["dana", "kim"], "name it as host:port"),
    ],
)
def test_a_server_that_is_named_wrongly_is_refused_in_words(
    address: str, operators: list[str], words: str
) -> None:
    environment = {"LIVEHELP_PASSWORD_DANA": "one", "LIVEHELP_PASSWORD_KIM": "two"}
    with pytest.raises(ValueError, match=words):
        named(address, operators, environment)


def test_one_password_may_be_for_all_and_each_may_have_its_own() -> None:
    environment = {"LIVEHELP_PASSWORD": "one", "LIVEHELP_PASSWORD_KIM": "two"}
    target = named("[::1]:5483", ["dana", "kim"], environment)
    assert (target.host, target.port) == ("::1", 5483)
    assert target.passwords == {"dana": "one", "kim": "two"}
