"""How long the link waits before it tries again: longer each time, until it held for a while."""

import pytest

from livehelp.client import LinkLost, LinkUp, Timing, VisitorClient, reconnecting
from livehelp.wire.commands import ClientHello
from tests.client.peer import Desk, open_desk, server_hello

pytestmark = pytest.mark.anyio
MILLISECOND = 0.001


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every wait is the longest that it may be."""
    monkeypatch.setattr(reconnecting, "_chance", lambda: 1)


async def turned_away(desk: Desk, visitor: VisitorClient) -> float:
    """Cut the next connection before its hello; return how long the client waits."""
    await (await desk.accept()).cut()
    lost = await anext(visitor)
    assert isinstance(lost, LinkLost)
    return lost.retry_in


@pytest.mark.parametrize(("stable", "then"), [(0, 1), (3_600, 16)])
async def test_the_wait_doubles_and_falls_back_only_after_a_link_that_held(
    stable: float, then: int
) -> None:
    timing = Timing(first_retry=MILLISECOND, longest_retry=1, stable=stable)
    async with (
        open_desk(greets=False) as desk,
        VisitorClient.connect(desk.address, wait=True, timing=timing) as visitor,
    ):
        waits = [await turned_away(desk, visitor) for _ in range(4)]
        assert waits == [n * MILLISECOND for n in (1, 2, 4, 8)]
        end = await desk.accept()
        await end.expect(ClientHello)
        await end.send(server_hello())
        assert await anext(visitor) == LinkUp(resumed=False)
        await end.cut()
        lost = await anext(visitor)
        assert isinstance(lost, LinkLost)
        assert lost.retry_in == then * MILLISECOND
