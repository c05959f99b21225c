"""Chance that can be had again: the same seed and bytes, the same faults at the same bytes."""

from itertools import pairwise

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp.testkit.faults import Fault, Profile
from livehelp.testkit.faults.fault import Direction
from livehelp.testkit.faults.fault_schedule import FaultSchedule
from tests.testkit.faults.ends import line

ALL = Profile.parse(
    "stall=50..400B,pause=1..9s,cut=1500..3000B,down=1..9s,double=50%,half-open=3500..4000B"
)
TOTAL = 5_000


def schedule(
    profile: Profile = ALL, *, seed: int = 7, connection: int = 1, direction: Direction = "up"
) -> FaultSchedule:
    return FaultSchedule(profile, seed=seed, connection=connection, direction=direction)


def met(chances: FaultSchedule, reads: list[int]) -> tuple[list[Fault], set[int]]:
    """Pass bytes that come in such pieces; return the faults and where writes ended."""
    faults: list[Fault] = []
    ends: set[int] = set()
    passed = 0
    for read in reads:
        end = min(TOTAL, passed + read)
        while True:
            while fault := chances.due(passed):
                faults.append(fault)
            if passed == end:
                break
            remaining_bytes = chances.remaining_bytes(passed)
            passed += (
                end - passed if remaining_bytes is None else min(remaining_bytes, end - passed)
            )
            ends.add(passed)
    return faults, ends


SPLIT = st.lists(st.integers(1, 700)).map(lambda reads: [*reads, TOTAL])


@given(seed=st.integers(), reads=SPLIT)
def test_however_the_bytes_come_the_faults_are_the_same(seed: int, reads: list[int]) -> None:
    faults, _ = met(schedule(seed=seed), reads)
    assert faults == met(schedule(seed=seed), [TOTAL])[0]
    assert {fault.kind for fault in faults} == {"stall", "cut", "half-open"}
    assert [fault.at for fault in faults] == sorted(fault.at for fault in faults)


@given(seed=st.integers(), reads=SPLIT)
def test_small_writes_end_where_they_ended_before(seed: int, reads: list[int]) -> None:
    small = Profile.parse("chunk=1..16B")
    whole = met(schedule(small, seed=seed), [TOTAL])[1]
    split = met(schedule(small, seed=seed), reads)[1]
    assert whole <= split
    assert all(b - a <= 16 for a, b in pairwise([0, *sorted(whole)]))


@pytest.mark.parametrize("kind", ["stall", "cut", "half-open"])
def test_a_profile_without_one_fault_has_the_others_where_they_were(kind: str) -> None:
    without = Profile.parse(f"{ALL},{kind}=none")
    everything = met(schedule(), [TOTAL])[0]
    assert met(schedule(without), [TOTAL])[0] == [f for f in everything if f.kind != kind]


def test_seeds_connections_and_directions_differ() -> None:
    sets = [
        schedule(),
        schedule(seed=8),
        schedule(connection=2),
        schedule(direction="down"),
    ]
    first = [met(each, [TOTAL])[0][0].at for each in sets]
    assert len(set(first)) == len(first)


def test_a_seed_written_down_long_ago_still_means_the_same() -> None:
    fault = schedule(Profile.parse("cut=1..1000kB")).due(1_000_000)
    assert fault is not None
    assert (fault.at, fault.reset) == (195_824, False)


def test_shares_are_kept() -> None:
    profile = Profile.parse("cut=0B,reset=20%,double=70%")
    drawn = [schedule(profile, connection=number).due(0) for number in range(1_000)]
    faults = [fault for fault in drawn if fault is not None]
    assert len(faults) == 1_000
    assert 150 < sum(fault.reset for fault in faults) < 250
    assert 650 < sum(fault.late > 0 for fault in faults) < 750


def test_a_stall_of_no_bytes_does_not_come_for_ever() -> None:
    chances = schedule(Profile.parse("stall=0B"))
    assert chances.due(0) is not None
    assert chances.due(0) is None
    assert chances.due(1) is not None


def test_a_drip_falls_twenty_times_a_second() -> None:
    assert schedule(Profile.parse("rate=200B/s")).remaining_bytes(0) == 10
    assert schedule(Profile.parse("rate=1B/s")).remaining_bytes(0) == 1
    assert schedule(Profile.parse("rate=200B/s,chunk=3B")).remaining_bytes(0) == 3


async def faults_of_a_talk(size: int) -> list[Fault]:
    """Send 5,000 bytes to the server, so many at a time, over a link that stalls and then cuts."""
    async with line("stall=50..400B,pause=0s,cut=1500..3000B,reset=0%", seed=7) as it:
        client, server = await it.connect()

        async def send() -> None:
            try:
                for _ in range(TOTAL // size):
                    await client.send(bytes(size))
            except anyio.BrokenResourceError:
                pass  # that is the cut

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send)
            await server.rest()
        return it.faults


@pytest.mark.anyio
async def test_a_link_fails_the_same_way_again() -> None:
    faults = await faults_of_a_talk(size=5_000)
    assert [fault.kind for fault in faults].count("cut") == 1
    assert faults == await faults_of_a_talk(size=10)
    profile = Profile.parse("stall=50..400B,pause=0s,cut=1500..3000B,reset=0%")
    drawn = met(schedule(profile), [TOTAL])[0]
    assert faults == drawn[: len(faults)]
