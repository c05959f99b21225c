"""What the random runs have found, each as the smallest test that shows it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from livehelp.client import LinkLost, OperatorClient
from livehelp.client.log_cursor import LogCursor
from livehelp.testkit.server import PASSWORD, ServerProcess
from livehelp.wire.commands import End, Login, Recall, Resume, Say, Start, Take, Transfer
from livehelp.wire.replies import Ack, Error, ErrorCode, Pong, Resumed, Started
from livehelp.wire.signals import Bye, Roster
from tests.client.peer import AT_ONCE, meanwhile, open_desk, take
from tests.client.words import (
    SESSION,
    closed,
    joined,
    left,
    line,
    logged_in,
    opened,
    resumed,
    visit,
)
from tests.durability.caller import Caller, code_of

Call: TypeAlias = Callable[..., Caller]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path, ("dana", "kim")) as server:
        yield server


@pytest.fixture
def call(server: ServerProcess) -> Iterator[Call]:
    """Connect to the server, with fields of the hello."""
    with ExitStack() as calls:

        def call(**hello: str | None) -> Caller:
            caller = Caller((server.host, server.port), **hello)
            calls.callback(caller.close)
            return caller

        yield call


def test_an_ack_that_comes_after_we_left_does_not_stand_for_what_others_said_before() -> None:
    progress = LogCursor(SESSION)
    progress.event(opened())
    progress.hold(at_risk=[7])
    progress.leave()
    progress.own(4)
    progress.answered(7)

    progress.hold()
    for event in (opened(), line(2), line(3), line(4), line(5)):
        progress.event(event)

    assert progress.resumed() == [line(2), line(3), line(5)]


def test_our_lines_in_a_log_that_we_left_are_told_by_their_acks_alone() -> None:
    progress = LogCursor(SESSION)
    progress.event(opened())
    progress.hold(at_risk=[7])
    progress.event(line(2))
    progress.event(line(3))

    assert progress.leave() == []
    progress.own(3)
    assert progress.answered(7) == [line(2)]
    assert progress.news(left(4)) == [left(4)]


@pytest.mark.anyio
async def test_a_visit_that_ends_while_its_log_is_on_its_way_is_told_in_order() -> None:
    log = [opened(), joined(2), left(3), joined(4, "Eve"), line(5), left(6, "Eve"), joined(7)]
    async with (
        open_desk() as desk,
        OperatorClient.connect(desk.address, timing=AT_ONCE) as operator,
    ):
        end = await desk.accept()
        here = visit(seq=7, operators=("Dana",))
        async with meanwhile(operator.login, "Dana", "secret"):
            await end.send(logged_in((await end.expect(Login)).ref, 1), here)
            ref = (await end.expect(Resume)).ref
            await end.send(closed(8), *log, closed(8), resumed(8, ref=ref))
        _up, _visit, *told = await take(operator, 2 + len(log) + 1)

        assert told == [*log, closed(8)]
        assert not operator.overview.visits
        assert operator.overview.mine == ()


@pytest.mark.anyio
async def test_a_refusal_of_long_ago_is_not_why_a_link_was_lost() -> None:
    async with (
        open_desk() as desk,
        OperatorClient.connect(desk.address, timing=AT_ONCE) as operator,
    ):
        end = await desk.accept()
        await end.send(Error(code=ErrorCode.BAD_FIELD, message="That was wrong."), Pong())
        await end.cut()

        _up, lost = await take(operator, 2)
        assert isinstance(lost, LinkLost)
        assert lost.why == "the server closed the connection"


def test_a_handover_sent_again_is_acked_again_though_the_other_operator_has_gone_since(
    call: Call,
) -> None:
    session = started(call(role="visitor")).session
    dana, kim = call(role="operator", run="danas-run"), call(role="operator")
    dana.sign_in(name="dana", password=PASSWORD)
    kim.sign_in(name="kim", password=PASSWORD)
    dana.ask(Take(session=session, ref=1))
    handover = Transfer(session=session, to="kim", ref=2)
    ack = dana.ask(handover)
    dana.until(Roster, lambda roster: "kim" in roster.operators)
    kim.close()
    dana.until(Roster, lambda roster: "kim" not in roster.operators)

    assert dana.ask(handover) == ack
    assert code_of(dana.ask(Transfer(session=session, to="kim", ref=3))) == "no_operator"


def test_what_a_lost_connection_sent_late_does_not_take_the_visit_from_the_new_one(
    call: Call,
) -> None:
    visit = started(call(role="visitor", run="anns-run"))
    older = call(role="visitor", run="anns-run")
    newer = call(role="visitor", run="anns-run")
    back = Resume(session=visit.session, after=1, key=visit.key)
    assert isinstance(newer.ask(back), Resumed)

    older.post(back)  # was on its way when its link was lost

    older.until(Bye, lambda bye: bye.reason == "replaced")
    assert isinstance(newer.ask(Say(text="I am still here", ref=1)), Ack)
    newer.barrier()
    assert not [message for message in newer.heard if isinstance(message, Bye)]


def test_who_was_in_a_visit_that_is_over_may_recall_whether_or_not_it_is_still_in_memory(
    server: ServerProcess, call: Call
) -> None:
    first = call(role="visitor")
    token = started(first, remember=True).token
    first.ask(End())
    ann, dana = call(role="visitor", token=token), call(role="operator")
    session = started(ann).session
    ticket = dana.sign_in(name="dana", password=PASSWORD).ticket
    dana.ask(Take(session=session))
    ann.ask(End())
    here = dana.ask(Recall(session=session, ref=7))
    server.restart()
    dana = call(role="operator")
    dana.sign_in(ticket=ticket)

    assert dana.ask(Recall(session=session, ref=7)) == here
    assert code_of(dana.ask(Recall(session="NONE-SUCH", ref=8))) == "no_session"


def started(caller: Caller, *, remember: bool = False) -> Started:
    """Start a visit."""
    reply = caller.ask(Start(name="Ann", topic="Taxes", remember=remember))
    assert isinstance(reply, Started)
    return reply
