"""What a program does to a link, whom it leads where, and its limits."""

import math
from pathlib import Path

import anyio
import pytest
from anyio.abc import ByteStream, SocketStream

from livehelp import relaying
from livehelp.client import Address
from livehelp.testkit.faults import Profile, Side, flaky_link, link
from livehelp.testkit.faults.fault_schedule import FaultSchedule
from livehelp.testkit.faults.forwarder import MAX_ON_THE_WAY, READ_BYTES, Forwarder
from tests.testkit.faults.ends import Peer, far_end, line

pytestmark = pytest.mark.anyio
# What takes longer waits for what it should not.
PATIENCE = 10.0


async def test_a_cut_by_hand_breaks_every_connection_and_new_ones_until_it_is_over() -> None:
    async with line("reset=0%") as it:
        ends = [*await it.connect(), *await it.connect()]
        it.link.cut(seconds=math.inf)
        for end in ends:
            assert await end.rest() == (0, "FIN")
        await (await it.call()).rest()
        assert [str(told) for told in it.told] == [
            "connection 1: cut by FIN (new ones for inf s too) as called for (seed 0)",
            "connection 2: cut by FIN (new ones for inf s too) as called for (seed 0)",
            "a connection was turned away: the link is cut",
        ]
        it.link.mend()
        await it.connect()
        assert it.link.connections == 3


async def test_after_a_cut_without_a_time_the_next_connection_works() -> None:
    async with line("reset=100%") as it:
        client, _ = await it.connect()
        it.link.cut()
        assert await client.rest() == (0, "RST")
        client, server = await it.connect()
        await client.send(b"here")
        assert await server.read(4) == b"here"


@pytest.mark.parametrize("slow", ["rate=1B/s,chunk=1000B", "delay=86400s"])
async def test_a_slow_link_is_mended_at_once_also_for_what_is_on_its_way(slow: str) -> None:
    async with line(slow) as it:
        client, server = await it.connect()
        await client.send(bytes(2_000))
        await anyio.wait_all_tasks_blocked()
        it.link.mend()
        with anyio.fail_after(PATIENCE):
            await server.read(2_000)


async def test_a_connection_that_is_on_its_way_to_the_server_is_cut_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dial = relaying.dial
    async with line() as it:

        async def dial_and_cut(to: Address) -> SocketStream | None:
            server = await dial(to)
            it.link.cut()
            return server

        monkeypatch.setattr(relaying, "dial", dial_and_cut)
        client, server = await it.connect()
        assert await client.rest() == await server.rest() == (0, "FIN")
        assert it.link.connections == 0


async def test_a_stall_by_hand_holds_new_connections_up_too() -> None:
    async with line() as it:
        first, first_server = await it.connect()
        it.link.stall(math.inf)
        second, second_server = await it.connect()
        for client in (first, second):
            await client.send(b"held")
        await anyio.wait_all_tasks_blocked()
        assert first_server.hears_nothing
        assert second_server.hears_nothing
        it.link.mend()
        assert await first_server.read(4) == await second_server.read(4) == b"held"
        assert [str(fault) for fault in it.faults] == [
            "connection 1: stalled for inf s as called for (seed 0)"
        ]


async def test_a_stall_by_hand_ends_by_itself() -> None:
    async with line() as it:
        client, server = await it.connect()
        it.link.stall(0.001)
        await client.send(b"late")
        assert await server.read(4) == b"late"


async def test_a_stall_by_hand_holds_up_what_waits_for_its_turn_on_a_slow_link() -> None:
    async with line("rate=1B/s,chunk=1000B") as it:
        client, server = await it.connect()
        await client.send(bytes(2_000))
        await server.read(1_000)
        await anyio.wait_all_tasks_blocked()
        it.link.stall(math.inf)
        it.link.use(Profile())  # now it is the turn of the rest
        await anyio.wait_all_tasks_blocked()
        assert server.hears_nothing
        it.link.mend()
        assert await server.read(1_000) == bytes(1_000)


@pytest.mark.parametrize("side", ["client", "server", "both"])
async def test_half_open_by_hand_leaves_the_side_without_a_word_and_new_ones_work(
    side: Side,
) -> None:
    async with line() as it:
        client, server = await it.connect()
        it.link.half_open(side)
        for name, end in (("client", client), ("server", server)):
            if side not in {name, "both"}:
                assert await end.rest() == (0, "FIN")
        await (client if side != "server" else server).send(b"Hello?")
        other, other_server = await it.connect()
        await other.send(b"there")
        assert await other_server.read(5) == b"there"
        for name, end in (("client", client), ("server", server)):
            if side in {name, "both"}:
                assert end.hears_nothing


async def test_a_half_open_connection_is_forgotten_when_its_last_side_hangs_up() -> None:
    async with line() as it:
        client, server = await it.connect()
        it.link.half_open("both")
        await client.close()
        await anyio.wait_all_tasks_blocked()
        assert server.hears_nothing
        await server.finish()
        assert await server.rest() == (0, "FIN")


async def test_the_oldest_half_open_connection_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "MAX_STALE", 2)
    async with line() as it:
        clients: list[Peer] = []
        for _ in range(3):
            client, server = await it.connect()
            clients.append(client)
            it.link.half_open()
            assert await server.rest() == (0, "FIN")
        assert await clients[0].rest() == (0, "FIN")
        assert clients[1].hears_nothing
        assert clients[2].hears_nothing


async def test_of_many_half_open_at_once_no_more_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "MAX_STALE", 2)
    async with line() as it:
        ends = [await it.connect() for _ in range(6)]
        it.link.half_open()
        for _, server in ends:
            assert await server.rest() == (0, "FIN")
        await anyio.wait_all_tasks_blocked()
        assert sum(client.hears_nothing for client, _ in ends) == 2


async def test_more_connections_than_there_are_files_for_are_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relaying, "MAX_CONNECTIONS", 1)
    async with line() as it:
        client, server = await it.connect()
        assert await (await it.call()).rest() == (0, "FIN")
        assert [str(told) for told in it.told] == [
            "a connection was turned away: there are 1 already"
        ]
        await client.send(b"first")
        assert await server.read(5) == b"first"
        await client.finish()
        await server.finish()
        assert await client.rest() == (0, "FIN")
        await anyio.wait_all_tasks_blocked()
        await it.connect()  # there is room again


async def test_connections_that_are_on_their_way_to_the_server_count_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dialling = anyio.Event()

    async def dial_for_ever(_to: Address) -> None:
        dialling.set()
        await anyio.sleep_forever()

    monkeypatch.setattr(relaying, "MAX_CONNECTIONS", 1)
    monkeypatch.setattr(relaying, "dial", dial_for_ever)
    async with line() as it:
        first = await it.call()
        await dialling.wait()
        assert await (await it.call()).rest() == (0, "FIN")
        assert first.hears_nothing


async def test_where_no_server_is_a_connection_is_closed_at_once() -> None:
    async with line() as it:
        told: list[object] = []
        async with flaky_link("unix:/nowhere", tell=told.append) as nowhere:
            assert await (await it.call(nowhere)).rest() == (0, "FIN")
            assert nowhere.connections == 0
        assert [str(each) for each in told] == [
            "a connection was turned away: nobody answers at unix:/nowhere"
        ]


async def test_a_link_leads_to_a_socket_file(tmp_path: Path) -> None:
    async with (
        far_end(tmp_path / "socket") as far,
        flaky_link(far.address, profile=Profile.parse("cut=3B,reset=100%")) as to_file,
        line() as it,
    ):
        client = await it.call(to_file)
        server = await far.accept()
        await client.send(b"file")
        assert await server.read(3) == b"fil"
        assert await client.rest() == (0, "RST")


async def test_a_side_that_resets_resets_the_other() -> None:
    async with line("cut=3B,reset=100%") as it, flaky_link(it.link.address) as outer:
        client = await it.call(outer)
        await client.send(b"Hello")
        assert await client.rest() == (0, "RST")
        assert outer.connections == 1


async def test_at_the_links_end_every_connection_ends() -> None:
    async with line() as it:
        async with flaky_link(it.far.address) as short:
            client = await it.call(short)
            server = await it.far.accept()
        assert (await client.rest())[0] == (await server.rest())[0] == 0


async def test_what_the_block_raises_comes_out_as_it_is() -> None:
    with pytest.raises(LookupError, match="mine"):
        async with flaky_link("127.0.0.1:5483"):
            raise LookupError("mine")


async def test_a_block_that_is_cancelled_ends_without_a_word() -> None:
    with anyio.CancelScope() as scope:
        async with flaky_link("127.0.0.1:5483"):
            scope.cancel()
            await anyio.sleep_forever()
    assert scope.cancelled_caught


@pytest.mark.parametrize(
    ("to", "listen", "words"),
    [
        ("http://x", "127.0.0.1:0", "no address of a server"),
        ("127.0.0.1", "unix:/x", "write host:port to listen on"),
        ("127.0.0.1", "two words:0", "no address"),
    ],
)
async def test_a_bad_address_is_told_in_words(to: str, listen: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        async with flaky_link(to, listen=listen):
            pass


class Endless(ByteStream):
    """A source that never ends, and a sink that takes nothing."""

    def __init__(self) -> None:
        self.given = 0

    async def receive(self, max_bytes: int = 65_536) -> bytes:
        await anyio.lowlevel.checkpoint()
        self.given += max_bytes
        return bytes(max_bytes)

    async def send(self, item: bytes) -> None:  # noqa: ARG002 - the shape is the stream's
        await anyio.sleep_forever()

    async def send_eof(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


async def test_a_reader_that_takes_nothing_holds_up_its_writer() -> None:
    async def nothing(*_: object) -> None:
        pass

    stream = Endless()
    schedule = FaultSchedule(Profile(), seed=0, connection=1, direction="up")
    forwarder = Forwarder(stream, stream, schedule, nothing, nothing)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(forwarder.read)
        tasks.start_soon(forwarder.write)
        await anyio.wait_all_tasks_blocked()
        # Beside the queue, one piece is being written, and one waits for room in it.
        assert stream.given == (MAX_ON_THE_WAY + 2) * READ_BYTES
        tasks.cancel_scope.cancel()
    # What was torn apart in the middle of a write must not arrive late.
    assert forwarder.rest() == b""
    forwarder.close()
