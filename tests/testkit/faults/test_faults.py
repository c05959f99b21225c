"""Each fault, between two real sockets."""

from itertools import pairwise

import anyio
import pytest

from livehelp.testkit.faults import Profile
from tests.testkit.faults.ends import line

pytestmark = pytest.mark.anyio
DATA = bytes(range(256)) * 6
# Longer than any test lives: a wait that only ``mend`` or the link's end can end.
EVER = "86400s"


async def test_a_good_link_passes_everything_on_and_the_ends_too() -> None:
    async with line() as it:
        client, server = await it.connect()
        await client.send(DATA)
        assert await server.read(len(DATA)) == DATA
        await client.finish()
        assert await server.rest() == (0, "FIN")
        await server.send(DATA)  # one way has ended, the other has not
        assert await client.read(len(DATA)) == DATA
        await server.finish()
        assert await client.rest() == (0, "FIN")
        assert (it.link.connections, it.told) == (1, [])


@pytest.mark.parametrize(("share", "how"), [("0%", "FIN"), ("100%", "RST")])
async def test_a_cut_falls_on_its_byte_and_ends_both_sides(share: str, how: str) -> None:
    async with line(f"cut=1000B,reset={share}") as it:
        client, server = await it.connect()
        await client.send(DATA)
        assert await server.rest() == (1000, how)
        assert await client.rest() == (0, how)
        (fault,) = it.faults
        assert (fault.kind, fault.direction, fault.at) == ("cut", "up", 1000)
        assert fault.reset is (how == "RST")


async def test_bytes_to_the_client_are_counted_by_themselves() -> None:
    async with line("cut=1000B,reset=0%") as it:
        client, server = await it.connect()
        await client.send(DATA[:999])
        await server.read(999)
        await server.send(DATA)
        assert await client.rest() == (1000, "FIN")
        assert [(fault.direction, fault.at) for fault in it.faults] == [("down", 1000)]


async def test_a_cut_at_no_byte_at_all_comes_at_once() -> None:
    async with line("cut=0B,reset=0%") as it:
        client, server = await it.connect()
        assert await client.rest() == await server.rest() == (0, "FIN")


async def test_while_the_link_is_down_new_connections_are_cut_at_once() -> None:
    async with line(f"cut=10B,down={EVER}") as it:
        client, _ = await it.connect()
        await client.send(DATA)
        await client.rest()
        for _ in range(2):
            await (await it.call()).rest()
        assert [str(told) for told in it.told[1:]] == [
            "a connection was turned away: the link is cut"
        ] * 2
        assert it.link.connections == 1
        it.link.mend()
        client, server = await it.connect()
        await client.send(DATA)
        assert await server.read(len(DATA)) == DATA


async def test_a_stall_holds_both_ways_up_and_then_everything_comes() -> None:
    async with line(f"stall=1000B,pause={EVER}") as it:
        client, server = await it.connect()
        await client.send(DATA)
        assert await server.read(1000) == DATA[:1000]
        await server.send(DATA)
        await anyio.wait_all_tasks_blocked()
        assert server.hears_nothing
        assert client.hears_nothing
        assert [(fault.kind, fault.at) for fault in it.faults] == [("stall", 1000)]
        it.link.mend()
        assert await server.read(536) == DATA[1000:]
        assert await client.read(len(DATA)) == DATA


async def test_stalls_come_again_and_end_by_themselves() -> None:
    async with line("stall=500B,pause=1ms") as it:
        client, server = await it.connect()
        await client.send(DATA)
        assert await server.read(len(DATA)) == DATA
        assert [(fault.kind, fault.at) for fault in it.faults] == [
            ("stall", at) for at in (500, 1000, 1500)
        ]


async def test_of_a_half_open_connection_the_client_is_not_told() -> None:
    async with line("half-open=1000B") as it:
        client, server = await it.connect()
        await client.send(DATA)
        assert await server.rest() == (1000, "FIN")
        await client.send(b"Is anybody there?")
        await it.connect()  # by now the link has heard the question
        assert client.hears_nothing


async def test_of_a_half_open_connection_the_server_is_not_told() -> None:
    async with line("half-open=1000B,side=server") as it:
        client, server = await it.connect()
        await client.send(DATA)
        assert await client.rest() == (0, "FIN")
        assert await server.read(1000) == DATA[:1000]
        assert server.hears_nothing


async def test_of_a_half_open_connection_nobody_is_told() -> None:
    async with line("half-open=1000B,side=both") as it:
        client, server = await it.connect()
        await client.send(DATA)
        assert await server.read(1000) == DATA[:1000]
        await server.send(DATA)
        other, _ = await it.connect()
        assert other.hears_nothing
        assert client.hears_nothing
        assert server.hears_nothing


async def test_a_delay_is_kept_and_so_is_the_order() -> None:
    async with line("delay=20ms,jitter=20ms") as it:
        client, server = await it.connect()
        began = anyio.current_time()
        for first, last in pairwise(range(0, len(DATA) + 1, 64)):
            await client.send(DATA[first:last])
        assert await server.read(len(DATA)) == DATA
        assert anyio.current_time() - began >= 0.02


async def test_a_slow_drip_takes_its_time() -> None:
    async with line("rate=20kB/s") as it:
        client, server = await it.connect()
        began = anyio.current_time()
        await client.send(DATA)
        assert await server.read(len(DATA)) == DATA
        # The last drop is sent when the time for those before it is over: 1,000 bytes a drop.
        assert anyio.current_time() - began >= 0.05


async def test_small_writes_lose_nothing() -> None:
    async with line("chunk=1..8B") as it:
        client, server = await it.connect()
        await client.send(DATA)
        assert await server.read(len(DATA)) == DATA


async def test_after_a_doubled_cut_the_server_has_two_connections_at_once() -> None:
    async with line(f"cut=1000B,double=100%,late={EVER}") as it:
        client, first = await it.connect()
        await client.send(DATA)
        assert await first.read(1000) == DATA[:1000]
        await client.rest()
        client, second = await it.connect()
        await client.send(b"again")
        assert await second.read(5) == b"again"
        assert first.hears_nothing


async def test_what_was_on_its_way_at_a_doubled_cut_arrives_late() -> None:
    async with line("cut=1000B,double=100%,late=1ms,reset=0%") as it:
        client, server = await it.connect()
        await client.send(DATA)
        assert await server.read(1536) == DATA
        assert await server.rest() == (0, "FIN")
        assert await client.rest() == (0, "FIN")


async def test_nothing_comes_late_after_a_client_that_had_said_its_last() -> None:
    async with line("double=100%,late=1ms,reset=0%") as it:
        client, server = await it.connect()
        await client.send(b"last")
        await client.finish()
        assert await server.read(4) == b"last"
        assert await server.rest() == (0, "FIN")
        it.link.cut()
        assert await client.rest() == (0, "FIN")
        await server.send_until_nobody_hears()


async def test_a_server_that_hangs_up_first_gets_nothing_late() -> None:
    async with line(f"cut=1000B,double=100%,late={EVER},reset=0%") as it:
        client, server = await it.connect()
        await client.send(DATA)
        await server.read(1000)
        await server.finish()
        assert await server.rest() == (0, "FIN")


async def test_another_profile_counts_from_now_on() -> None:
    async with line() as it:
        client, server = await it.connect()
        await client.send(DATA)
        await server.read(len(DATA))
        it.link.use(Profile.parse("cut=100B,reset=0%"))
        await client.send(DATA)
        assert await server.rest() == (100, "FIN")
        assert it.link.profile == Profile.parse("cut=100B,reset=0%")
        assert it.faults[0].at == len(DATA) + 100
