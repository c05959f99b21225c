"""A whole load against a real server, small and short."""

import sqlite3
from contextlib import closing
from typing import Any

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from livehelp.background import background
from livehelp.testkit.faults import flaky_link
from livehelp.testkit.load import LoadRunner, Plan, Summary
from livehelp.testkit.load.operators import Operator
from livehelp.testkit.load.plan import Due
from livehelp.testkit.load.runner import ARRIVING_NOW, TALKING, LoadError
from livehelp.testkit.load.stats import Stats
from livehelp.testkit.load.visits import Slot
from livehelp.testkit.server import ServerProcess
from livehelp.testkit.server.process import PASSWORD
from tests.testkit.load.conftest import NAMES
from tests.testkit.load.dropping_proxy import dropping_proxy

pytestmark = pytest.mark.anyio


def small(**fields: Any) -> Plan:
    sizes: dict[str, Any] = {"visitors": 6, "rate": 60.0, "seconds": 1.0, "lines_per_visit": 3}
    return Plan(**{**sizes, "operators": len(NAMES), **fields})


def runner_for(plan: Plan, address: str, server: int | None = None) -> LoadRunner:
    return LoadRunner(plan, address, dict.fromkeys(NAMES, PASSWORD), server)


async def talking(runner: LoadRunner) -> None:
    while runner.phase != TALKING or not runner.stats.delivered:
        await anyio.lowlevel.checkpoint()


async def test_every_line_is_said_acked_and_delivered(server: ServerProcess) -> None:
    runner = runner_for(small(), server.address, server.pid)
    await runner.run()
    stats = runner.stats
    assert (stats.said, stats.acked, stats.delivered) == (60, 60, 60)
    assert (stats.lost, stats.unsaid, stats.links_lost) == (0, 0, 0)
    assert not stats.errors
    assert len(stats.delivery_times) == len(stats.ack_times) == 60


async def test_what_is_counted_is_what_is_stored(server: ServerProcess) -> None:
    runner = runner_for(small(), server.address)
    await runner.run()
    server.stop()
    with closing(sqlite3.connect(server.database)) as database:
        stored = dict(database.execute("SELECT kind, count(*) FROM event GROUP BY kind").fetchall())
    assert stored["line"] == runner.stats.said
    assert stored["opened"] == stored["closed"] == runner.stats.visits > 6


async def test_the_figures_are_those_of_the_stats(server: ServerProcess) -> None:
    runner = runner_for(small(), server.address, server.pid)
    await runner.run()
    summary = Summary.of(runner, stopped=False)
    assert summary.kept
    assert summary.delivered == 60
    assert summary.seconds >= 1.0
    assert summary.ack_ms.p50 <= summary.ack_ms.p90 <= summary.ack_ms.p99 <= summary.ack_ms.max
    assert summary.server_percent is not None
    assert "60 said, 60 acked, 60 delivered" in str(summary)
    assert "promise    kept" in str(summary)


async def test_a_load_that_is_stopped_goes_home_and_has_lost_nothing(
    server: ServerProcess,
) -> None:
    runner = runner_for(small(seconds=600.0), server.address)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        await talking(runner)
        runner.stop()
    assert runner.stats.delivered == runner.stats.acked == runner.stats.said > 0
    assert Summary.of(runner, stopped=True).kept
    assert "stopped after" in str(Summary.of(runner, stopped=True))


async def test_a_load_that_is_stopped_while_operators_sign_in_does_not_begin(
    server: ServerProcess,
) -> None:
    runner = runner_for(small(), server.address)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        while not runner.signed_in:
            await anyio.lowlevel.checkpoint()
        runner.stop()
    assert runner.signed_in < len(NAMES)
    assert (runner.stats.visits, runner.stats.errors) == (0, {})
    assert "not all came" in str(Summary.of(runner, stopped=True))


async def test_a_load_that_is_stopped_while_visitors_come_does_not_say_that_all_came(
    server: ServerProcess,
) -> None:
    runner = runner_for(small(), server.address)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        while runner.phase != ARRIVING_NOW:
            await anyio.lowlevel.checkpoint()
        runner.stop()
    summary = Summary.of(runner, stopped=True)
    assert summary.arrival_seconds is None
    assert str(summary).startswith("stopped before all visitors were in talk\n")
    assert summary.kept
    assert summary.done


async def test_visitors_do_not_all_connect_at_once() -> None:
    here = most = 0

    async def hang_up(stream: SocketStream) -> None:
        nonlocal here, most
        async with stream:
            here += 1
            most = max(most, here)
            await stream.receive()
            here -= 1

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        stats, address = Stats(), f"127.0.0.1:{port}"
        operator = Operator(address, "dana", PASSWORD, stats)
        arriving = anyio.CapacityLimiter(2)
        async with background() as server:
            server.start_soon(listener.serve, hang_up)
            async with anyio.create_task_group() as visitors:
                for number in range(6):
                    slot = Slot(number, address, operator, arriving, stats)
                    slot.give(Due(at=0.0, slot=number, by="visitor", words="Hello", last=True), 0.0)
                    slot.finish()
                    visitors.start_soon(slot.run)
    assert stats.errors == {"CannotConnect": 6}
    assert most <= 2


async def test_links_that_are_cut_lose_no_line_and_are_counted(server: ServerProcess) -> None:
    async with flaky_link(server.address) as link:
        # Nobody comes or goes meanwhile: the cut finds 6 visitors and 3 operators.
        runner = runner_for(small(seconds=2.0, lines_per_visit=0), link.address)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(runner.run)
            await talking(runner)
            link.cut(0.5)  # some tries fail, which is no loss
    assert runner.stats.links_lost == 9
    assert Summary.of(runner, stopped=False).kept
    assert runner.stats.acked == runner.stats.delivered > 0


async def test_a_server_that_dies_under_the_load_is_no_success(
    server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livehelp.testkit.load.runner.LEAVING_SECONDS", 0.1)
    runner = runner_for(small(seconds=1.5, lines_per_visit=0), server.address)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        await talking(runner)
        server.kill()
    stats, summary = runner.stats, Summary.of(runner, stopped=False)
    assert stats.links_lost == 9
    assert stats.errors == {"visits that did not end": 6}
    assert stats.said + stats.unsaid == 90
    assert not summary.done
    assert len(stats.ack_times) == len(stats.delivery_times) == 90
    # Half of the lines were due after the first third, and nobody has answered them.
    assert summary.ack_ms.p50 > 100
    assert f"{stats.unsaid} lines were due and never said" in str(summary)
    assert "said and never acked" in str(summary)


async def test_nobody_there_is_said_in_words(server: ServerProcess) -> None:
    server.stop()
    with pytest.raises(LoadError, match="operator load1 cannot sign in: Cannot connect"):
        await runner_for(small(), server.address).run()


async def test_an_operator_who_is_not_let_in_ends_the_load(server: ServerProcess) -> None:
    with pytest.raises(LoadError, match="operator load1 cannot sign in"):
        await LoadRunner(small(), server.address, dict.fromkeys(NAMES, "wrong")).run()


async def test_a_line_that_was_acked_and_never_came_is_found(
    server: ServerProcess,
) -> None:
    async with dropping_proxy(server.address) as relay:
        runner = runner_for(small(), relay.address)
        await runner.run()
    assert relay.dropped == 1
    summary = Summary.of(runner, stopped=False)
    assert not summary.kept
    assert (summary.lost, summary.acked - summary.delivered) == (1, 1)
    assert "BROKEN: 1 lost, 0 duplicated, 0 out of order" in str(summary)
