"""Whatever a peer sends: it gets a clear answer or is closed, and everybody else is unharmed."""

import errno
import json
import random
import socket
from typing import Any, ClassVar, Final

import pytest
import trio
from trio.testing import MockClock

from livehelp.wire.commands import (
    Answer,
    Interview,
    RequestTranscript,
    Say,
    SetTopic,
)
from livehelp.wire.connection import MAX_ERRORS
from livehelp.wire.events import Line
from livehelp.wire.frames import MAX_CLIENT_LINE
from livehelp.wire.replies import Ack, Error, ErrorCode
from livehelp.wire.signals import Bye
from server.net.stream import SocketListener
from tests.server.harness import Client
from tests.server.house import House, Server

pytestmark = pytest.mark.trio
# What is typed below, and as JSON would keep it. Four bytes and more: two are found by chance in
# one database of thirty, for there are hashes and checksums in it.
OBEYED: Final = (
    *("\x1b[2J", "\x1b[31m", "\x1b]0;", "\x9b2J", "\x1b[5m", "\x1b[1m", "\x1b[0m", "ann\x1b"),
    *("\u202eecalp", "this\u202e", "Ta\x00xes", "\\u001b", "\\u0007", "\\u0000"),
)


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
    assert [typed for typed in OBEYED if typed.encode() in content] == []
    assert "\x1b" not in str(dana.heard)


async def test_text_that_looks_like_sql_or_markup_is_kept_as_it_was_typed(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor("Robert'); DROP TABLE session;--")
    text = "'; DELETE FROM event; -- [red]x[/red] [@click=app.quit]y[/] %s {0} \\u0041"

    await ann.say(text)

    assert house.texts(ann.session) == [text]


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


class Forbidden(socket.socket):
    """A listening socket whose first connections the system does not hand over."""

    reasons: ClassVar[list[int]] = []

    def accept(self) -> tuple[socket.socket, Any]:
        if self.reasons:
            raise OSError(self.reasons.pop(0), "forbidden")
        return super().accept()


async def test_a_connection_that_comes_to_nothing_does_not_end_the_listener() -> None:
    with Forbidden(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        # A firewall's rule, a network that went down, a peer that left again.
        Forbidden.reasons = [errno.EPERM, errno.ENETDOWN, errno.ECONNABORTED, errno.EPROTO]
        client = await trio.open_tcp_stream(*sock.getsockname())
        accepted = await SocketListener(sock).accept()

        assert accepted.peer == "127.0.0.1"
        assert Forbidden.reasons == []
        await accepted.aclose()
        await client.aclose()
