"""The server on a real PostgreSQL: the same promises, with two servers writing at the same time."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import trio

from livehelp.testkit.server import PASSWORD
from livehelp.wire.commands import Say
from livehelp.wire.events import Line
from livehelp.wire.replies import Ack
from server.auth.passwords import hash_password
from storage.archive import Archive
from tests.server.harness import Client
from tests.server.house import House
from tests.storage import postgres

pytestmark = pytest.mark.trio


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgres.server() as first:
        made = postgres.create_database(first)
        archive = Archive.open(made)
        archive.add_operator("dana", hash_password(PASSWORD), datetime.now(UTC))
        archive.close()
        yield made


def log_of(url: str, reference: str) -> list[tuple[int, str | None]]:
    archive = Archive.open(url)
    try:
        found = archive.transcript(reference)
        assert found is not None
        return [(event.seq, event.text) for event in found.events]
    finally:
        archive.close()


async def test_a_visit_is_held_and_kept_in_postgresql(house: House, url: str) -> None:
    server = await house.serve(database=url)
    ann, dana = await server.pair()

    ack = await ann.say("hello", ref=1)
    await dana.until(Line, text="hello")
    await dana.send(Say(text="good morning", session=ann.session, ref=1))
    await ann.until(Line, text="good morning")

    assert ack.seq == 3
    assert log_of(url, ann.session)[2:] == [(3, "hello"), (4, "good morning")]


async def test_two_servers_on_one_postgresql_write_one_log(house: House, url: str) -> None:
    here = await house.serve(database=url)
    ann, _ = await here.pair()
    there = await house.serve(database=url)
    away = await there.operator("dana")
    await away.resume(ann.session)
    each = 40

    async def talk(client: Client, who: str) -> None:
        for n in range(each):
            await client.send(Say(text=f"{who} {n}", session=ann.session, ref=n + 1))

    async with trio.open_nursery() as talking:
        talking.start_soon(talk, ann, "ann")
        talking.start_soon(talk, away, "away")
    for client in (ann, away):
        while not any(isinstance(m, Ack) and m.ref == each for m in client.heard):
            await client.read()

    log = log_of(url, ann.session)
    assert [seq for seq, _ in log] == list(range(1, 2 * each + 3))
    for who in ("ann", "away"):
        said = [text for _, text in log if text and text.startswith(who)]
        assert said == [f"{who} {n}" for n in range(each)]
