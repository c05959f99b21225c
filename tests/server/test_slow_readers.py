"""A peer that does not read slows nobody: it is dropped alone, and has lost nothing."""

from functools import partial

import pytest
import trio
from trio.testing import MockClock

from livehelp.wire.commands import Say
from livehelp.wire.events import Line
from livehelp.wire.replies import Ack
from livehelp.wire.signals import Presence
from server.delivery.hub import PAGE
from server.net.send_queue import MAX_QUEUED, SendQueue
from tests.server.harness import Client, seqs
from tests.server.house import House, Server
from tests.server.slow import WIDE, narrow

pytestmark = pytest.mark.trio


async def test_who_reads_nothing_is_dropped_alone_and_resumes_with_everything(
    house: House,
) -> None:
    server = await narrow(house)
    dana = await server.operator()
    ann, ben = await server.visitor(), await server.visitor("Ben")
    await dana.take(ann.session)
    await dana.take(ben.session)
    # More than the kernel's buffers and ours can hold of what she does not read.
    count = 0
    while ann_is_there(server, ann):
        count += 1
        await dana.send(Say(text=WIDE, session=ann.session, ref=count))
        await dana.until(Ack, ref=count)
    await dana.barrier()
    lost = [m for m in dana.heard if isinstance(m, Presence)]
    assert [(m.session, m.online) for m in lost] == [(ann.session, False)]
    assert count * 8_000 > MAX_QUEUED

    await dana.say("not slowed", ref=count + 1, session=ben.session)
    assert (await ben.until(Line)).text == "not slowed"
    back = await server.guest()
    await back.resume(ann.session, key=ann.key)
    assert seqs(back.heard, ann.session) == list(range(1, count + 3))
    assert back.lines == [WIDE] * count


async def test_a_slow_reader_gets_every_byte_in_order(house: House) -> None:
    server = await narrow(house)
    dana = await server.operator()
    ann = await server.visitor()
    await dana.take(ann.session)
    said = [f"{n} {'x' * 1_990}" for n in range(150)]
    await dana.send(*[Say(text=text, ref=n) for n, text in enumerate(said, start=1)])
    await dana.until(Ack, ref=len(said))

    await ann.until(Line, text=said[-1])

    assert ann.lines == said


async def test_a_replay_of_the_widest_lines_waits_for_its_reader(house: House) -> None:
    server = await narrow(house)
    ann, dana = await server.pair()
    await ann.stream.aclose()
    count = 2 * PAGE
    for n in range(1, count + 1):
        await dana.send(Say(text=WIDE, ref=n))
    await dana.until(Ack, ref=count)
    back = await server.guest()

    await back.resume(ann.session, key=ann.key)

    assert seqs(back.heard, ann.session) == list(range(1, count + 3))
    assert back.lines == [WIDE] * count


async def test_who_leaves_in_the_middle_of_a_replay_is_not_let_in(house: House) -> None:
    server = await narrow(house)
    ann, dana = await server.pair()
    await ann.stream.aclose()
    await dana.send(*[Say(text=WIDE, ref=n) for n in range(1, 2 * PAGE)])
    await dana.until(Ack, ref=2 * PAGE - 1)
    lee = await server.operator("lee")
    await dana.transfer(ann.session, to="lee")
    await lee.until(Line)  # the replay has begun

    await lee.stream.aclose()
    while len(server.service.connections) > 1:
        await trio.lowlevel.checkpoint()
    await dana.barrier()

    assert server.service.sessions.rooms[ann.session].subscribers == []


class HalfDuplex:
    """A stream whose kernel takes as many bytes as the test says."""

    def __init__(self) -> None:
        self.room = 0
        self.taken = b""
        self.more = trio.Event()

    def try_send(self, data: bytes) -> int:
        taken = data[: self.room]
        self.room -= len(taken)
        self.taken += taken
        return len(taken)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        left = bytes(data)
        while left := left[self.try_send(left) :]:
            await self.more.wait()

    def make_room(self, size: int) -> None:
        self.room += size
        self.more.set()
        self.more = trio.Event()


async def test_bytes_that_fit_in_part_keep_their_place(nursery: trio.Nursery) -> None:
    stream = HalfDuplex()
    outbox = SendQueue(stream, nursery.start_soon, partial(pytest.fail, "it did not overflow"))
    stream.make_room(3)
    outbox.push(b"hello\n")
    outbox.push(b"world\n")
    outbox.push_signal(b"typing\n")
    assert stream.taken == b"hel"

    stream.make_room(4)
    await trio.testing.wait_all_tasks_blocked()
    assert stream.taken == b"hello\nw"
    stream.make_room(100)
    await outbox.drained()

    outbox.push_signal(b"position\n")
    assert stream.taken == b"hello\nworld\nposition\n"


async def test_an_outbox_that_overflows_says_so_once_and_takes_nothing_more(
    nursery: trio.Nursery,
) -> None:
    stream, overflows = HalfDuplex(), list[bool]()
    outbox = SendQueue(stream, nursery.start_soon, partial(overflows.append, True))
    outbox.push(b"x" * MAX_QUEUED)
    assert not overflows

    outbox.push(b"y")
    outbox.push(b"z")
    await outbox.drained()

    assert overflows == [True]
    assert outbox.broken
    stream.make_room(10)
    outbox.push(b"late")
    await trio.testing.wait_all_tasks_blocked()
    assert b"late" not in stream.taken


async def test_a_replay_and_a_goodbye_may_wait_for_one_reader_at_once(
    nursery: trio.Nursery,
) -> None:
    stream = HalfDuplex()
    outbox = SendQueue(stream, nursery.start_soon, partial(pytest.fail, "it did not overflow"))
    outbox.push(b"x" * (MAX_QUEUED - 10))
    async with trio.open_nursery() as waiting:
        waiting.start_soon(outbox.send, b"a piece")
        waiting.start_soon(outbox.drained)
        waiting.start_soon(outbox.drained)
        await trio.testing.wait_all_tasks_blocked()

        stream.make_room(MAX_QUEUED)

    assert stream.taken.endswith(b"xa piece")


async def test_a_goodbye_waits_a_moment_for_its_reader_and_no_longer(
    house: House, mock_clock: MockClock
) -> None:
    server = await narrow(house, shutdown_grace=5)
    dana = await server.operator()
    ann = await server.visitor()
    await dana.take(ann.session)
    # More than the kernel holds, less than it and the outbox hold.
    for n in range(1, 36):
        await dana.send(Say(text=WIDE, ref=n))
        await dana.until(Ack, ref=n)
    server.running.stop()
    await dana.rest()
    assert not server.ended.is_set()

    mock_clock.jump(5.5)
    await server.ended.wait()


def ann_is_there(server: Server, ann: Client) -> bool:
    return server.service.sessions.rooms[ann.session].visitor is not None
