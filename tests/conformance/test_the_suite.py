"""The tests are tested: a server that does wrong fails them, in words that help its author."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.conformance import (
    faults,
    test_asking,
    test_connection,
    test_lines,
    test_refs,
    test_replacing,
    test_session,
)
from tests.conformance.desk import Desk
from tests.conformance.faulty_server import Fault, PassThrough, faulty_server
from tests.conformance.target import Target, named
from tests.conformance.wire import Broken

# What never comes is not waited for long; what does come has the time that a busy machine needs.
WITHIN: Final = 1.0
ROOT: Final = Path(__file__).parents[2]
# A whole run of the suite is started: a second for pytest, and much more on a busy machine.
RUN_SECONDS: Final = 50
Check = Callable[[Desk], None]
TAKE: Final[Check] = partial(
    test_connection.test_who_has_not_signed_in_may_only_sign_in_and_ping, kind="take", fields={}
)
NOT_THEIRS: Final[Check] = partial(
    test_connection.test_what_only_visitors_send_is_not_yours_before_signing_in_too,
    kind="start",
    fields={"name": "Pat", "topic": "Taxes"},
)
# What is done wrong, the test that must see it, and words of what it says then.
FAULTS: Final[list[tuple[Fault, Check, str]]] = [
    (
        faults.WrongProtocol,
        test_connection.test_the_server_answers_with_the_protocol_that_was_named,
        "2 == 1",
    ),
    (
        faults.LostAcks,
        test_refs.test_the_last_128_commands_of_a_run_are_known,
        "the reply to ref 2 did not come within 1 s",
    ),
    (
        faults.OtherRefs,
        test_asking.test_a_reply_repeats_the_ref_of_its_command,
        "the reply to ref 9007199254740991 did not come",
    ),
    (
        faults.AcksTwice,
        test_asking.test_64_commands_may_be_unanswered_and_each_is_answered_once_by_its_ref,
        "",
    ),
    (
        faults.NoType,
        test_lines.test_a_line_over_tcp_is_answered_with_a_line,
        "[P-2.7] that is no object with a text 'type'",
    ),
    (
        faults.TooLong,
        test_lines.test_a_line_over_tcp_is_answered_with_a_line,
        "[P-2.5] a line of 140",
    ),
    # P-3.6
    (faults.NeedsNoLogin, TAKE, "should be refused with 'login_first'"),
    (faults.NoPingBeforeLogin, TAKE, "'pong'"),
    (faults.LoginFirstForAll, NOT_THEIRS, "should be refused with 'not_yours'"),
    (
        faults.SilentOnTyping,
        test_connection.test_typing_is_answered_until_one_has_signed_in,
        "a reply did not come",
    ),
    # P-4.5
    (
        faults.NamesNeeded,
        test_session.test_who_is_in_one_session_need_not_name_it,
        "'say' was refused",
    ),
    (
        faults.LastSession,
        test_session.test_an_operator_in_several_must_say_which,
        "should be refused with 'which_session'",
    ),
    (
        faults.OnlyWhatIsResumed,
        test_session.test_who_takes_another_is_in_two_sessions_at_once,
        "which_session",
    ),
    (
        faults.OnlyWhatIsResumed,
        test_session.test_who_comes_back_into_several_must_say_which_though_only_one_is_resumed,
        "which_session",
    ),
    (
        faults.OnlyWhatIsResumed,
        test_session.test_who_comes_back_into_one_session_need_not_name_it_before_it_is_resumed,
        "'say' was refused with 'no_session'",
    ),
    (
        faults.NoneIsMany,
        test_session.test_who_is_in_none_is_told_so,
        "should be refused with 'no_session'",
    ),
    (
        faults.LastComeFirstServed,
        test_session.test_take_without_a_session_takes_who_has_waited_longest,
        "",
    ),
    # P-5.5
    (faults.ForgetsRuns, test_refs.test_the_same_line_again_is_acked_again_and_stored_once, ""),
    (
        faults.KnowsOnlyLines,
        test_refs.test_every_command_that_writes_events_is_known_again_on_another_connection,
        "",
    ),
    (faults.ForgetsOldRefs, test_refs.test_the_last_128_commands_of_a_run_are_known, ""),
    (faults.ForgetsOldRuns, test_refs.test_the_last_32_runs_of_a_session_are_known, ""),
    (faults.RemembersErrors, test_refs.test_an_error_is_not_remembered, "was refused"),
    (
        faults.CarriesOutLate,
        test_refs.test_what_was_refused_is_not_carried_out_behind_a_later_command_of_its_run,
        "should be refused with 'out_of_turn'",
    ),
    (
        faults.OneRunForAll,
        test_refs.test_without_a_run_a_ref_is_known_on_its_own_connection_only,
        "",
    ),
    # P-5.16
    (
        faults.NoGoodbye,
        test_replacing.test_a_second_connection_of_a_visitor_replaces_the_first,
        "the server closed the connection before 'bye'",
    ),
    (
        faults.OtherReason,
        test_replacing.test_a_second_connection_of_a_visitor_replaces_the_first,
        "the server closed the connection before 'bye'",
    ),
    (
        faults.ForgetsRuns,
        test_replacing.test_what_a_lost_connection_of_a_visitor_sends_late_is_not_carried_out,
        "'bye'",
    ),
    (
        faults.ForgetsRunsOfOperators,
        test_replacing.test_an_operators_connection_is_replaced_by_a_later_one_of_the_same_run,
        "'bye'",
    ),
    (
        faults.ForgetsRunsOfOperators,
        test_replacing.test_an_operator_who_signs_in_late_on_a_lost_connection_is_replaced,
        "'bye'",
    ),
]


@contextmanager
def desk_of(target: Target, fault: Fault) -> Generator[Desk]:
    """A desk on a server that does wrong; it is put in order by the good one."""
    with faulty_server(target, fault, WITHIN) as wrong:
        desk = Desk(wrong)
        try:
            yield desk
        finally:
            desk.target = target
            desk.close()


@pytest.mark.parametrize(
    ("fault", "check", "words"),
    FAULTS,
    ids=[f"{number} {fault.__name__}" for number, (fault, *_) in enumerate(FAULTS)],
)
def test_a_server_that_does_wrong_fails(
    target: Target, fault: Fault, check: Check, words: str
) -> None:
    with desk_of(target, fault) as desk, pytest.raises(AssertionError) as failure:
        check(desk)
    assert words in str(failure.value)


def test_the_relay_itself_does_nothing_wrong(target: Target) -> None:
    for check in dict.fromkeys(check for _, check, _ in FAULTS):
        with desk_of(target, PassThrough) as desk:
            check(desk)


def test_a_failure_shows_the_whole_exchange_with_times(target: Target) -> None:
    with desk_of(target, faults.LostAcks) as desk, pytest.raises(Broken) as failure:
        desk.visitor().do("say", text="hello?")
    first, *exchange = str(failure.value).splitlines()
    assert first == "the reply to ref 2 did not come within 1 s"
    assert all(re.match(r" +\d+\.\d{3} (->|<-|--) ", line) for line in exchange)
    said = [line.split(maxsplit=2)[2] for line in exchange if " -> " in line]
    assert [json.loads(message)["type"] for message in said] == ["hello", "start", "say"]
    assert [line for line in exchange if ' <- {"type": "opened"' in line]


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


def test_the_report_says_which_rules_failed(target: Target) -> None:
    with faulty_server(target, faults.WrongProtocol, WITHIN) as wrong:
        done = run(wrong, "-k", "protocol_that_was_named or cut_means_nothing")
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
