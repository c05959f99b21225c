"""Whatever a peer sends: it gets a clear answer or is closed, and everybody else is unharmed."""

import gc
import io
import json
import random
import tracemalloc

import pytest
import trio
from trio.testing import MockClock

from livehelp.wire.commands import (
    Answer,
    End,
    Interview,
    Login,
    Note,
    RequestTranscript,
    Resume,
    Say,
    SetTopic,
    Start,
    Take,
    Transfer,
)
from livehelp.wire.connection import MAX_ERRORS
from livehelp.wire.events import Line, Opened
from livehelp.wire.frames import MAX_CLIENT_LINE
from livehelp.wire.replies import Ack, Error, ErrorCode
from livehelp.wire.signals import Bye
from tests.server.gate import Gate
from tests.server.harness import KEY, Client
from tests.server.house import House, Server

pytestmark = pytest.mark.trio


async def works(server: Server) -> bool:
    """Return whether somebody else can be helped as if nothing had happened."""
    ann, dana = await server.pair()
    await ann.say("can you hear me?")
    await dana.until(Line, text="can you hear me?")
    await dana.say("I can.", session=ann.session)
    await ann.until(Line, text="I can.")
    await ann.end()
    await ann.stream.aclose()
    await dana.stream.aclose()
    await server.emptied()
    return True


async def test_a_line_of_a_megabyte_is_told_to_be_too_long_and_closed(house: House) -> None:
    server = await house.serve()
    ann = await server.guest()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(pour, ann, b"x" * 1_000_000 + b"\n")
        rest = await ann.rest()

    assert [m.code for m in rest if isinstance(m, Error)] == [ErrorCode.LINE_TOO_LONG]
    assert await works(server)


async def test_a_megabyte_without_an_end_is_closed_before_it_is_all_there(house: House) -> None:
    server = await house.serve()
    ann = await server.guest()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pour, ann, b"x" * 1_000_000)
        rest = await ann.rest()
    assert [m.code for m in rest if isinstance(m, Error)] == [ErrorCode.LINE_TOO_LONG]


async def test_the_longest_line_there_may_be_is_taken(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    say = json.dumps({"type": "say", "text": "\u20ac" * 2_000, "ref": 1}).encode()

    await ann.raw(say.ljust(MAX_CLIENT_LINE) + b"\r\n")

    assert (await ann.until(Ack)).seq == 2
    assert house.texts(ann.session) == ["\u20ac" * 2_000]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param(b"\xff\xfe\x00garbage", ErrorCode.BAD_JSON, id="no UTF-8"),
        pytest.param(b'{"type":"say","text":"\xff"}', ErrorCode.BAD_JSON, id="no UTF-8 inside"),
        pytest.param(b"hello?", ErrorCode.BAD_JSON, id="no JSON"),
        pytest.param(b'{"x":' + b"[" * 5_000, ErrorCode.BAD_JSON, id="nested"),
        pytest.param(b"[]", ErrorCode.BAD_FIELD, id="no object"),
        pytest.param(b"{}", ErrorCode.BAD_FIELD, id="no type"),
        pytest.param(b'{"type":"drop_tables"}', ErrorCode.UNKNOWN_TYPE, id="unknown"),
        pytest.param(b'{"type":"line"}', ErrorCode.UNKNOWN_TYPE, id="a server's"),
        pytest.param(b'{"type":"say"}', ErrorCode.BAD_FIELD, id="field missing"),
        pytest.param(b'{"type":"say","text":5}', ErrorCode.BAD_FIELD, id="field of a wrong type"),
        pytest.param(b'{"type":"say","text":""}', ErrorCode.BAD_FIELD, id="field too short"),
        pytest.param(
            b'{"type":"say","text":"%s"}' % (b"x" * 2_001), ErrorCode.BAD_FIELD, id="too long"
        ),
        pytest.param(b'{"type":"say","text":"hi","ref":0}', ErrorCode.BAD_FIELD, id="ref 0"),
        pytest.param(
            b'{"type":"say","text":"hi","ref":1e400}', ErrorCode.BAD_FIELD, id="ref without end"
        ),
    ],
)
async def test_what_is_no_message_is_answered_with_what_is_wrong_with_it(
    house: House, line: bytes, code: ErrorCode
) -> None:
    server = await house.serve()
    ann = await server.visitor()

    await ann.raw(line + b"\n")
    answer = await ann.refused()

    assert answer.code is code
    assert 10 < len(answer.message) < 300
    assert answer.message.isprintable()
    assert (await ann.say("and go on")).seq == 2


async def test_who_errs_twenty_times_is_closed(house: House) -> None:
    server = await house.serve()
    ann = await server.guest()

    await ann.raw(b"what?\n" * (MAX_ERRORS + 5))
    codes = [m.code for m in await ann.rest() if isinstance(m, Error)]

    assert codes == [ErrorCode.BAD_JSON] * MAX_ERRORS + [ErrorCode.TOO_MANY_ERRORS]
    assert await works(server)


async def test_commands_before_the_hello_are_refused_and_the_hello_still_works(
    house: House,
) -> None:
    server = await house.serve()
    ann = await server.connect()
    await ann.raw(b'{"type":"start","name":"Ann","topic":"Taxes","ref":3}\n')
    refusal = await ann.refused()
    assert (refusal.code, refusal.ref) == (ErrorCode.HELLO_FIRST, 3)

    await ann.hello()
    await ann.start()


async def test_nothing_is_sent_before_the_clients_hello(house: House) -> None:
    server = await house.serve()
    ann = await server.connect()
    await server.pair()

    await ann.raw(b"\r\n\n")
    hello = await ann.hello()

    assert ann.heard == [hello]


async def test_a_second_hello_is_refused_and_changes_nothing(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()

    await ann.raw(b'{"type":"hello","protocol":1,"role":"operator"}\n')

    assert (await ann.refused()).code is ErrorCode.HELLO_TWICE
    assert (await ann.refused(Note(text="I am an operator now"))).code is ErrorCode.NOT_YOURS


async def test_another_protocol_version_is_told_which_is_spoken_here(house: House) -> None:
    server = await house.serve()
    ann = await server.connect()

    await ann.raw(b'{"type":"hello","protocol":2,"role":"visitor"}\n')
    *_, error = await ann.rest()

    assert isinstance(error, Error)
    assert error.code is ErrorCode.PROTOCOL
    assert "protocol 1" in error.message


async def test_a_visitor_can_do_nothing_that_is_an_operators(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    other = await server.visitor("Ben")
    for command in (
        Note(text="note"),
        SetTopic(topic="topic"),
        Take(session=other.session),
        Transfer(session=ann.session),
        Login(name="dana", password="correct horse battery staple"),
    ):
        assert (await ann.refused(command)).code is ErrorCode.NOT_YOURS
    assert house.kinds(ann.session) == house.kinds(other.session) == ["opened"]


async def test_who_has_not_signed_in_can_do_nothing_at_the_desk(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    stranger = await server.guest(role="operator")
    for command in (
        Say(text="hi", session=ann.session),
        Take(session=ann.session),
        Resume(session=ann.session, key=ann.key),
        End(session=ann.session),
    ):
        assert (await stranger.refused(command)).code is ErrorCode.LOGIN_FIRST
    assert (await stranger.refused(Start(name="x", topic="y"))).code is ErrorCode.NOT_YOURS
    await server.visitor("Ben")
    assert not any(isinstance(m, Opened) for m in await stranger.barrier())


@pytest.mark.parametrize(
    "command",
    [
        Say(text="hi", ref=7),
        End(ref=7),
        Interview(answers=(Answer(question="q", answer="a"),), ref=7),
        RequestTranscript(email="ann@example.org", ref=7),
    ],
)
async def test_a_visitor_without_a_visit_is_told_to_start_one(
    house: House, command: Say | End | Interview | RequestTranscript
) -> None:
    server = await house.serve()
    ann = await server.guest()

    refusal = await ann.refused(command)

    assert (refusal.code, refusal.ref) == (ErrorCode.NO_SESSION, 7)


async def test_commands_out_of_turn_are_refused_with_their_ref(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    dana = await server.operator()
    early = Interview(answers=(Answer(question="q", answer="a"),), ref=1)
    assert (await ann.refused(early)).code is ErrorCode.OUT_OF_TURN
    first = await dana.refused(Say(text="hi", session=ann.session, ref=2))
    assert (first.code, first.ref) == (ErrorCode.OUT_OF_TURN, 2)
    await ann.end()
    late = await ann.refused(Say(text="one more thing", ref=3))
    assert (late.code, late.ref) == (ErrorCode.OUT_OF_TURN, 3)
    taken = await dana.refused(Take(session=ann.session, ref=4))
    assert (taken.code, taken.ref) == (ErrorCode.OUT_OF_TURN, 4)


async def test_an_operator_may_not_speak_in_a_session_they_are_not_in(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    lee = await server.operator("lee")

    for command in (Say(text="hi", session=ann.session), End(session=ann.session)):
        assert (await lee.refused(command)).code is ErrorCode.NOT_YOURS
    assert (await lee.refused(Say(text="hi", session="ZZZZ-ZZZZ"))).code is ErrorCode.NO_SESSION
    assert (await lee.refused(Say(text="hi"))).code is ErrorCode.NO_SESSION
    assert await dana.news() == await ann.news() == []


async def test_an_operator_in_two_sessions_must_say_which(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    ben = await server.visitor("Ben")
    await dana.take(ben.session)

    refusal = await dana.refused(Say(text="hi", ref=1))

    assert refusal.code is ErrorCode.WHICH_SESSION
    assert ann.session in refusal.message
    assert ben.session in refusal.message


async def test_half_a_line_and_silence_is_closed_after_a_while(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(half_line_timeout=60)
    ann, ben = await server.visitor("Ann"), await server.visitor("Ben")
    await ann.raw(b'{"type":"say","text":"I was going to')
    await arrived(server, ann)
    mock_clock.jump(50)
    await ben.say("whole")
    mock_clock.jump(15)
    *_, bye = await ann.rest()

    assert isinstance(bye, Bye)
    assert bye.reason == "half_line"
    assert (await ben.say("still here")).seq == 3


async def test_a_line_in_two_halves_is_one_line(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    await ann.raw(b'{"type":"say","text":"one \xe2\x82')
    await arrived(server, ann)
    await ann.raw(b'\xac each","ref":1}\n')

    assert (await ann.until(Ack)).seq == 2
    assert house.texts(ann.session) == ["one \u20ac each"]


async def test_what_terminals_would_obey_is_removed_before_it_is_stored(house: House) -> None:
    server = await house.serve()
    ann = await server.guest(client="\x1b[2Jkiosk", place="\u202eecalp", version="\x071")
    await ann.start(name="An\x1b[31mn\r\nsystem: hello", topic="Ta\x00xes")
    await ann.say("see \x1b]0;title\x07this\u202e \x9b2Jnow")
    refusal = await ann.refused(Say(text="\x1b[2J\x07\u200b", ref=9))
    assert (refusal.code, refusal.ref) == (ErrorCode.EMPTY_TEXT, 9)
    dana = await server.operator()
    await dana.take(ann.session)
    await dana.note("\x1b[5mblinks")
    await dana.send(SetTopic(topic="\x1b[1mTax forms"))
    await dana.until(Ack, seq=5)
    await ann.end()
    await ann.send(
        Interview(answers=(Answer(question="\x1b[1mWhy?", answer="\x1b[0mBecause"),)),
        RequestTranscript(email="ann\x1b@example.org"),
    )
    await ann.until(Ack, seq=8)

    transcript = house.archive.transcript(ann.session)
    assert transcript is not None
    assert (transcript.session.visitor_name, transcript.session.topic) == (
        "Ann system: hello",
        "Tax forms",
    )
    assert (transcript.session.client, transcript.session.place) == ("kiosk", "ecalp")
    assert [e.text for e in transcript.events if e.text] == ["see this now", "blinks"]
    assert transcript.interview == (("Why?", "Because"),)
    content = b"".join(path.read_bytes() for path in house.database.parent.glob("livehelp.db*"))
    assert not any(sign in content for sign in (b"\x1b[", b"\x1b]", "\u202e".encode()))
    assert "\x1b" not in str(dana.heard)


async def test_text_that_looks_like_sql_or_markup_is_kept_as_it_was_typed(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor("Robert'); DROP TABLE session;--")
    text = "'; DELETE FROM event; -- [red]x[/red] [@click=app.quit]y[/] %s {0} \\u0041"

    await ann.say(text)

    assert house.texts(ann.session) == [text]


async def test_connections_that_break_off_anywhere_leave_nothing_behind(house: House) -> None:
    server = await house.serve()
    talk = (
        b'{"type":"hello","protocol":1,"role":"visitor"}\n'
        b'{"type":"start","name":"Ann","topic":"Taxes","ref":1}\n'
        b'{"type":"say","text":"hi","ref":2}\n{"type":"end","ref":3}\n'
    )
    for cut in range(0, len(talk), 7):
        client = await server.connect()
        await client.raw(talk[:cut])
        await client.stream.aclose()
    await server.emptied()
    await server.settled()

    rooms = server.service.sessions.rooms.values()
    assert all(room.visitor is None and not room.members for room in rooms)
    assert all(room.phase != "closed" for room in rooms)
    assert await works(server)


async def test_who_is_dropped_while_their_visit_is_being_stored_may_come_back_to_it(
    house: House, gate: Gate, mock_clock: MockClock
) -> None:
    server = await house.serve()
    dana = await server.operator()
    gate.shut()
    ann = await server.guest(heartbeat=5)
    await ann.send(Start(name="Ann", topic="Taxes", key=KEY))
    await gate.sees("opened")
    mock_clock.jump(13)
    *_, bye = await ann.rest()
    gate.open()
    opened = await dana.until(Opened)

    assert isinstance(bye, Bye)
    room = server.service.sessions.rooms[opened.session]
    assert (room.visitor, room.members) == (None, [])
    back = await server.guest()
    assert (await back.start(key=KEY)).session == opened.session


async def test_ten_thousand_random_frames_harm_nobody(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    dice = random.Random(20051219)  # noqa: S311 - the same noise at every run
    commands = [
        *(b'{"type":"ping"}', b'{"type":"typing","on":true}', b'{"type":"end"}'),
        b'{"type":"start","name":"x","topic":"y","remember":true}',
        b'{"type":"say","text":"noise","session":"%s"}' % ann.session.encode(),
        b'{"type":"say","text":"noise"}',
        b'{"type":"resume","session":"%s","after":0}' % ann.session.encode(),
        b'{"type":"take","session":"%s"}' % ann.session.encode(),
        b'{"type":"note","text":"x"}',
        b'{"type":"recall"}',
        b'{"type":"logout"}',
        b'{"type":"hello","protocol":1,"role":"operator"}',
    ]

    async def rave(frames: int, seed: int) -> None:
        """Send frames, on a new connection whenever the server has had enough of one."""
        own = random.Random(seed)  # noqa: S311
        while frames:
            client = await server.connect()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(drain, client)
                if own.random() < 0.8:
                    role = own.choice([b"visitor", b"operator"])
                    await pour(client, b'{"type":"hello","protocol":1,"role":"%s"}\n' % role)
                batch = min(frames, own.randint(1, 60))
                frames -= batch
                await pour(client, b"".join(frame(own, commands) for _ in range(batch)))
                await client.stream.aclose()

    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(rave, 1_250, dice.randrange(2**32))
        for n in range(1, 41):
            await ann.say(f"line {n}", ref=n)
            await dana.until(Line, text=f"line {n}")

    while len(server.service.connections) > 2:
        await trio.lowlevel.checkpoint()
    assert house.texts(ann.session) == [f"line {n}" for n in range(1, 41)]
    assert (await ann.say("unharmed")).session == ann.session


async def test_a_thousand_visits_and_strangers_leave_no_table_longer_than_before(
    house: House, log: io.StringIO
) -> None:
    server = await house.serve()
    dana = await server.operator()
    service = server.service

    async def wave() -> None:
        for _ in range(10):
            async with trio.open_nursery() as nursery:
                for _ in range(5):
                    nursery.start_soon(visit)
                    nursery.start_soon(stranger)

    async def visit() -> None:
        async with await server.connect() as ann:
            await ann.hello(run="same run")
            await ann.start()
            await ann.say("hi", ref=1)
            await ann.end()

    async def stranger() -> None:
        async with await server.connect() as other:
            await other.raw(b"GET / HTTP/1.1\r\n")
            assert (await other.refused()).code is ErrorCode.BAD_JSON

    await wave()
    await dana.barrier()
    while len(service.connections) > 1:
        await trio.lowlevel.checkpoint()
    dana.heard.clear()
    server.clients.clear()
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(10):
            await wave()
            await dana.barrier()
            dana.heard.clear()
            server.clients.clear()
            log.truncate(0)
        while len(service.connections) > 1:
            await trio.lowlevel.checkpoint()
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    server.clients.append(dana)

    assert service.sessions.rooms == {}
    assert len(service.floor.queue) == 0
    # 1,000 connections and 500 visits: a table that kept any of them would hold a megabyte.
    assert kept < 200_000


async def test_an_operator_who_looks_at_closed_visits_keeps_none_of_them_in_memory(
    house: House,
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    await ann.end()
    await ann.stream.aclose()
    while len(server.service.connections) > 1:
        await trio.lowlevel.checkpoint()

    await dana.note("after the end", session=ann.session)
    await dana.resume(ann.session)
    await dana.refused(Say(text="too late", session=ann.session))

    assert server.service.sessions.rooms == {}
    assert house.kinds(ann.session) == ["opened", "joined", "closed", "noted"]
    refusal = await dana.refused(Say(text="which?"))
    assert refusal.code is ErrorCode.NO_SESSION


async def pour(client: Client, data: bytes) -> None:
    """Send as much as the server takes."""
    try:
        await client.raw(data)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return


async def drain(client: Client) -> None:
    """Read without looking, for what answers noise is not always for us to parse."""
    try:
        while await client.stream.receive_some():
            pass
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return


async def arrived(server: Server, client: Client) -> None:
    """Wait until the server has read all that the client sent."""
    while not any(c.wire.pending for c in server.service.connections):
        await trio.lowlevel.checkpoint()


def frame(dice: random.Random, commands: list[bytes]) -> bytes:
    """Return a line: a command, a command gone wrong, or noise."""
    kind = dice.random()
    if kind < 0.3:
        return dice.choice(commands) + b"\n"
    if kind < 0.6:
        command = bytearray(dice.choice(commands))
        for _ in range(dice.randint(1, 4)):
            command[dice.randrange(len(command))] = dice.randrange(256)
        return bytes(command) + b"\n"
    return dice.randbytes(dice.randint(0, 200)) + dice.choice([b"\n", b"\r\n", b""])
