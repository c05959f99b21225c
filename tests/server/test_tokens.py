"""The token: the cookie that ties a visit to the one before, and to nothing else."""

import hashlib

import pytest

from livehelp.wire.commands import Recall, Say, Start
from livehelp.wire.events import Line, Noted, Opened
from livehelp.wire.replies import Ack, ErrorCode
from livehelp.wire.signals import Bye
from tests.server.gate import Gate
from tests.server.harness import Client, seqs
from tests.server.house import House, Server

pytestmark = pytest.mark.trio


async def remembered(server: Server, **hello: str | None) -> Client:
    """Return a visitor in a session, with a token for the next visit."""
    ann = await server.guest(**hello)
    await ann.start(remember=True)
    return ann


async def test_the_next_visit_is_told_of_the_one_before_and_tied_to_it(house: House) -> None:
    server = await house.serve()
    first = await remembered(server)
    await first.end()

    again = await server.connect()
    hello = await again.hello(token=first.token)
    await again.start(remember=True)
    opened = await again.until(Opened)

    assert hello.earlier is not None
    assert (hello.earlier.session, hello.earlier.name) == (first.session, "Ann")
    assert (hello.earlier.topic, hello.earlier.open) == ("Taxes", False)
    assert opened.previous == first.session
    assert again.token not in {None, first.token}


async def test_a_visit_that_was_cut_off_is_offered_and_resumed_by_token_alone(
    house: House,
) -> None:
    server = await house.serve()
    first = await remembered(server)
    await first.say("cut off after this")
    await first.stream.aclose()

    again = await server.connect()
    hello = await again.hello(token=first.token)
    assert hello.earlier is not None
    assert hello.earlier.open
    await again.resume(hello.earlier.session)

    assert seqs(again.heard, first.session) == [1, 2]
    assert again.lines == ["cut off after this"]
    assert (await again.say("and on")).seq == 3


async def test_a_token_opens_its_own_visit_and_no_other(house: House) -> None:
    server = await house.serve()
    first = await remembered(server)
    other = await server.visitor("Ben")
    again = await server.guest(token=first.token)

    with pytest.raises(Exception, match="not_yours"):
        await again.resume(other.session)


async def test_a_token_that_was_never_minted_is_no_error(house: House) -> None:
    server = await house.serve()
    ann = await server.connect()

    hello = await ann.hello(token="t" * 43)

    assert hello.earlier is None
    await ann.start(remember=True)
    assert (await ann.until(Opened)).previous is None


async def test_a_made_up_token_neither_waits_for_the_writer_nor_holds_it_up(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann = await server.visitor()
    gate.shut()
    await ann.send(Say(text="on its way to the disk", ref=1))
    await gate.holds("on its way to the disk")

    hello = await (await server.connect()).hello(token="t" * 43)

    assert hello.earlier is None
    assert not gate.written[1:], "the line was stored before the hello was answered"
    gate.open()
    await ann.until(Ack, ref=1)


async def test_the_old_token_dies_when_the_new_one_is_used_and_its_reuse_revokes_the_chain(
    house: House,
) -> None:
    server = await house.serve()
    first = await remembered(server)
    second = await remembered(server, token=first.token)
    assert (await (await server.connect()).hello(token=second.token)).earlier is not None

    stolen = await (await server.connect()).hello(token=first.token)
    assert stolen.earlier is None
    revoked = await (await server.connect()).hello(token=second.token)
    assert revoked.earlier is None

    reused = [entry for entry in house.archive.audit_entries() if entry.action == "token_reused"]
    assert len(reused) == 1
    assert reused[0].subject == first.session


async def test_a_third_visit_on_one_connection_is_tied_to_the_second(house: House) -> None:
    server = await house.serve()
    first = await remembered(server)
    again = await remembered(server, token=first.token)
    second = again.session
    await again.end()

    await again.start(remember=True)

    third = house.archive.session(again.session)
    assert third is not None
    assert third.previous == second


async def test_the_operator_recalls_the_visit_before_so_that_nobody_repeats_themselves(
    house: House,
) -> None:
    server = await house.serve()
    first = await remembered(server)
    dana = await server.operator()
    await dana.take(first.session)
    await first.say("My number is 42.")
    await dana.note("knows the form")
    await first.end()
    again = await remembered(server, token=first.token)
    await again.say("It is me again.")
    lee = await server.operator("lee")
    await lee.take(again.session)

    await lee.send(Recall(session=again.session, ref=8))
    before = await lee.before(Ack, ref=8)

    assert seqs(before, first.session) == [1, 2, 3, 4, 5]
    assert [m.text for m in before if isinstance(m, Line | Noted)] == [
        "My number is 42.",
        "knows the form",
    ]
    read = [e for e in house.archive.audit_entries() if e.action == "transcript_read"]
    assert [(e.actor, e.subject) for e in read] == [("lee", first.session)]


async def test_there_is_nothing_to_recall_without_a_token(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()

    refusal = await dana.refused(Recall(session=ann.session, ref=1))

    assert (refusal.code, refusal.ref) == (ErrorCode.NO_EARLIER, 1)


async def test_only_who_helps_the_visitor_may_recall_their_visit_before(house: House) -> None:
    server = await house.serve()
    first = await remembered(server)
    await first.end()
    again = await remembered(server, token=first.token)
    dana = await server.operator()

    refusal = await dana.refused(Recall(session=again.session))

    assert refusal.code is ErrorCode.NOT_YOURS
    assert not seqs(await dana.barrier(), first.session)


async def test_the_same_start_again_gets_a_token_that_works(house: House) -> None:
    server = await house.serve()
    first = await server.guest()
    await first.start(key="k" * 43, remember=True)
    second = await server.guest()

    await second.start(key="k" * 43, remember=True)

    assert second.token != first.token
    hello = await (await server.connect()).hello(token=second.token)
    assert hello.earlier is not None


async def test_a_copy_of_the_start_that_comes_late_does_not_take_the_token_away(
    house: House,
) -> None:
    server = await house.serve()
    lost = await server.guest(run="ann-1")
    kept = await server.guest(run="ann-1")
    await kept.start(key="k" * 43, remember=True)

    await lost.send(Start(name="Ann", topic="Taxes", key="k" * 43, remember=True))
    assert isinstance((await lost.rest())[-1], Bye)

    hello = await (await server.connect()).hello(token=kept.token)
    assert hello.earlier is not None


async def test_the_database_holds_hashes_and_no_secret(house: House) -> None:
    server = await house.serve()
    ann = await remembered(server)
    dana = await server.operator()
    await dana.take(ann.session)
    await server.stop()

    content = b"".join(path.read_bytes() for path in house.database.parent.glob("livehelp.db*"))

    assert ann.token is not None
    for secret in (ann.token, ann.key, dana.ticket, "correct horse"):
        assert secret.encode() not in content
    assert hashlib.sha256(ann.key.encode()).digest() in content
