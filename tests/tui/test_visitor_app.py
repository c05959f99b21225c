"""The visitor's app against a whole server, and against one that a test cuts off."""

from pathlib import Path
from typing import TypeVar

import anyio
import pytest
from textual.widgets import Input

from livehelp.client import OperatorClient, TokenFile
from livehelp.testkit.server import ServerProcess
from livehelp.wire.commands import (
    Answer,
    Command,
    End,
    Interview,
    Ping,
    RequestTranscript,
    Resume,
    Say,
    Start,
    Typing,
)
from livehelp.wire.events import Closed, Opened
from livehelp.wire.replies import Ack, Earlier, Error, ErrorCode, Resumed, Started
from livehelp.wire.signals import Position
from tests.client.peer import ServerEnd as Peer
from tests.client.peer import open_desk
from tests.tui.screens import pasted, text_of, until
from tests.tui.told import HOSTILE, NOW, REF, closed, joined, opened, said, stopped_clock
from tui.visitor.app import VisitorApp
from tui.visitor.state import Stage
from tui.widgets.composer import Composer

C = TypeVar("C", bound=Command)

pytestmark = pytest.mark.anyio


async def next_of(peer: Peer, kind: type[C]) -> C:
    """Return the next command of this kind; signs of life and of typing are left out."""
    command = await peer.hear()
    while isinstance(command, Ping | Typing):
        command = await peer.hear()
    assert isinstance(command, kind), command
    return command


async def started(peer: Peer) -> Start:
    """Answer ``start`` as the server does."""
    start = await next_of(peer, Start)
    key = start.key or "k" * 43
    await peer.send(Started(session=REF, seq=1, key=key, ref=start.ref))
    await peer.send(opened(name=start.name, topic=start.topic))
    return start


async def test_a_whole_visit_from_the_notice_to_the_thanks(
    live_server: ServerProcess, tmp_path: Path
) -> None:
    tokens = TokenFile(tmp_path / "tokens")
    app = VisitorApp(live_server.address, tokens=tokens, place="kiosk 7")
    async with (
        OperatorClient.connect(live_server.address) as dana,
        app.run_test(size=(80, 24)) as pilot,
    ):
        await dana.login(live_server.operator, live_server.password)
        await until(pilot, lambda: app.state.server)
        assert "confidential" in text_of(app)

        # Name, Enter, the second topic, Enter; Enter begins.
        await pasted(pilot, "Ann Lee")
        await pilot.press("enter", "down", "enter")
        await until(pilot, lambda: app.focused is not None and app.focused.id == "begin")
        await pilot.press("enter")
        await until(pilot, lambda: app.state.position)
        assert "You are next. 1 operator is here." in text_of(app)

        session = app.state.reference
        assert (await dana.take()).session == session
        await until(pilot, lambda: app.state.operators)
        assert "dana is helping you" in text_of(app)

        await pasted(pilot, "Hello there")
        await pilot.press("enter")
        await until(pilot, lambda: "sent" in text_of(app))
        await dana.say(session, f"Good morning {HOSTILE}")
        await until(pilot, lambda: HOSTILE in text_of(app))

        await pilot.press("f10")
        await until(pilot, lambda: "End this conversation?" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.state.stage is Stage.INTERVIEW)
        await pasted(pilot, "Yes")
        await pilot.press("f2")
        await until(pilot, lambda: "Your answers were saved." in text_of(app))
        assert session in text_of(app)
        assert tokens.load(live_server.address) is not None
        await pilot.press("enter")
    assert app.return_code == 0


async def test_a_server_that_dies_costs_nothing_and_typing_goes_on(
    live_server: ServerProcess,
) -> None:
    app = VisitorApp(live_server.address)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.server)
        app.begin("Ann", "Taxes")
        await until(pilot, lambda: app.state.stage is Stage.TALKING)
        await pasted(pilot, "one")
        await pilot.press("enter")
        await until(pilot, lambda: app.state.talk.entries and not app.state.talk.unsent)

        live_server.kill()
        await until(pilot, lambda: "Connection lost. You can go on typing" in text_of(app))
        await pasted(pilot, "two")
        await pilot.press("enter")
        await pasted(pilot, "a draft")
        assert "sending ..." in text_of(app)

        live_server.start()
        await until(pilot, lambda: app.state.connection.up and not app.state.talk.unsent)
        assert "Connection lost" not in text_of(app)
        assert app.screen.query_one(Composer).text == "a draft"
        own = [entry.text for entry in app.state.talk.entries if entry.mine]
        assert own == ["one", "two"]


async def test_the_form_needs_a_topic_and_says_so() -> None:
    async with open_desk() as desk:
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.state.server)
            await pilot.press("f2")
            assert "Please choose a topic, or write one in your own words." in text_of(app)
            await pasted(pilot, "x")
            assert app.focused is not None
            assert app.focused.id == "topic"
            assert "Please choose a topic" not in text_of(app)
            await pilot.press("enter")
            peer = await desk.accept()
            start = await started(peer)
            assert (start.name, start.topic) == ("Visitor", "x")
            await until(pilot, lambda: app.state.stage is Stage.TALKING)


async def test_behind_the_name_one_stands_on_the_first_topic_and_enter_chooses_it(
    live_server: ServerProcess,
) -> None:
    app = VisitorApp(live_server.address)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.server)
        await pilot.press("f2")
        assert "Please choose a topic" in text_of(app)
        await pilot.press("enter")
        assert app.screen.query_one("#topic", Input).value == "Vehicles and licences"
        await until(pilot, lambda: "Please choose a topic" not in text_of(app))


async def test_begin_waits_for_the_notice() -> None:
    async with open_desk(greets=False) as desk:
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24)) as pilot:
            await pasted(pilot, "Ann")
            await pilot.press("f2")
            assert app.state.stage is Stage.WELCOME
            assert "Connecting to the help desk." in text_of(app)


async def test_a_refused_start_comes_back_to_the_form_with_what_was_typed() -> None:
    async with open_desk() as desk:
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.state.server)
            app.begin("Ann", "Taxes")
            peer = await desk.accept()
            start = await next_of(peer, Start)
            why = "All lines are busy. Please try again in a few minutes."
            await peer.send(Error(code=ErrorCode.NO_OPERATOR, message=why, ref=start.ref))
            await until(pilot, lambda: app.state.problem)
            assert why in text_of(app)


async def test_a_line_keeps_its_mark_through_a_cut_and_is_said_once() -> None:
    async with open_desk() as desk:
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.state.server)
            app.begin("Ann", "Taxes")
            peer = await desk.accept()
            await started(peer)
            await peer.send(joined())
            await until(pilot, lambda: app.state.operators)
            await pasted(pilot, "hello")
            await pilot.press("enter")
            say = await next_of(peer, Say)
            assert "sending ..." in text_of(app)
            await peer.cut()

            peer = await desk.accept()
            resume = await next_of(peer, Resume)
            # The line was stored before the link broke; its ack was lost.
            await peer.send(said(3, "hello", name="Ann"))
            await peer.send(Resumed(session=REF, seq=3, phase="active"))
            again = await next_of(peer, Say)
            assert (resume.after, again.ref) == (2, say.ref)
            await peer.send(Ack(ref=again.ref, session=REF, seq=3))
            await until(pilot, lambda: not app.state.talk.unsent)
            assert text_of(app).count("hello") == 1
            assert "sent" in text_of(app)


async def test_a_refused_line_is_marked_and_says_why() -> None:
    async with open_desk() as desk:
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.state.server)
            app.begin("Ann", "Taxes")
            peer = await desk.accept()
            await started(peer)
            await until(pilot, lambda: app.state.stage is Stage.TALKING)
            await pasted(pilot, "hello")
            await pilot.press("enter")
            say = await next_of(peer, Say)
            refusal = Error(code=ErrorCode.OUT_OF_TURN, message="It has ended.", ref=say.ref)
            await peer.send(refusal)
            await until(pilot, lambda: "NOT SENT: It has ended." in text_of(app))


async def test_an_open_earlier_visit_is_offered_and_taken_up() -> None:
    earlier = Earlier(session=REF, name="Ann Lee", topic="Taxes", at=NOW, open=True)
    async with open_desk() as desk:
        desk.earlier = earlier
        app = VisitorApp(desk.address, clock=stopped_clock())
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "is still open." in text_of(app))
            assert f"Your conversation {REF} of 23 Nov 14:02" in text_of(app)
            await pilot.press("enter")
            peer = await desk.accept()
            resume = await next_of(peer, Resume)
            await peer.send(opened(), joined(), said(3, "I was here before"))
            await peer.send(Resumed(session=REF, seq=3, phase="active", ref=resume.ref))
            await until(pilot, lambda: "I was here before" in text_of(app))
            assert app.state.stage is Stage.TALKING


async def test_an_open_earlier_visit_can_be_left_for_a_new_one() -> None:
    earlier = Earlier(session=REF, name="Ann Lee", topic="Taxes", at=NOW, open=True)
    async with open_desk() as desk:
        desk.earlier = earlier
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "is still open." in text_of(app))
            await pilot.press("escape")
            await pilot.pause()
            assert app.state.stage is Stage.WELCOME
            # The name need not be typed again.
            assert "Ann Lee" in text_of(app)


async def test_an_end_by_the_operator_is_read_first_then_the_interview_can_be_skipped() -> None:
    async with open_desk() as desk:
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.state.server)
            app.begin("Ann", "Taxes")
            peer = await desk.accept()
            await started(peer)
            await peer.send(joined(), said(3, "Goodbye!", by="operator"), closed(4))
            await until(pilot, lambda: app.state.stage is Stage.ENDED)
            assert "Goodbye!" in text_of(app)
            assert "The conversation has ended." in text_of(app)
            await pilot.press("enter")
            await until(pilot, lambda: "Were you helped?" in text_of(app))
            await pilot.press("escape")
            await until(pilot, lambda: f"{REF}" in text_of(app) and "Thank you" in text_of(app))


async def test_answers_and_the_wish_for_a_transcript_are_sent() -> None:
    async with open_desk() as desk:
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.state.server)
            app.begin("Ann", "Taxes")
            peer = await desk.accept()
            await started(peer)
            await until(pilot, lambda: app.state.stage is Stage.TALKING)
            app.end()
            end = await next_of(peer, End)
            await peer.send(closed(2, by="visitor"), Ack(ref=end.ref, session=REF, seq=2))
            await until(pilot, lambda: app.state.stage is Stage.INTERVIEW)
            await pasted(pilot, "Yes")
            await pilot.press("enter")
            await pasted(pilot, "nobody")
            await pilot.press("f2")
            assert "That is no e-mail address." in text_of(app)
            await pasted(pilot, "@example.org")
            assert "That is no e-mail address." not in text_of(app)
            await pilot.press("escape")
            await until(pilot, lambda: "Your answers are not sent. Skip" in text_of(app))
            await pilot.press("n", "ctrl+q")
            await until(pilot, lambda: "Your answers are not sent. Leave" in text_of(app))
            await pilot.press("n")
            await pilot.press("f2")
            interview = await next_of(peer, Interview)
            wish = await next_of(peer, RequestTranscript)
            assert interview.answers == (Answer(question="Were you helped?", answer="Yes"),)
            assert wish.email == "nobody@example.org"
            assert "Your answers are being sent ..." in text_of(app)
            for command in (interview, wish):
                await peer.send(Ack(ref=command.ref, session=REF, seq=3))
            await until(pilot, lambda: "Your answers were saved." in text_of(app))
            assert "The transcript was requested for nobody@example.org." in text_of(app)


async def test_leaving_in_the_middle_asks_first() -> None:
    async with open_desk() as desk:
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await until(pilot, lambda: app.state.server)
            app.begin("Ann", "Taxes")
            await started(await desk.accept())
            await until(pilot, lambda: app.state.stage is Stage.TALKING)
            await pilot.press("ctrl+q")
            await until(pilot, lambda: "Leave all the same?" in text_of(app))
            await pilot.press("escape")
            await pilot.pause()
            assert app.is_running
            await pilot.press("ctrl+c")
            await until(pilot, lambda: "Ctrl+Q leaves." in text_of(app))
            await pasted(pilot, "a draft")
            for key in ("f10", "ctrl+q"):
                await pilot.press(key)
                await until(pilot, lambda: "What you have not sent" in text_of(app))
                await pilot.press("n")
            await pilot.press("ctrl+q", "y")
            with anyio.fail_after(5):
                while app.is_running and app.return_code is None:
                    await pilot.pause()


@pytest.mark.parametrize("returns", [True, False], ids=["with a token", "without"])
async def test_leaving_ends_the_conversation_that_nobody_can_come_back_to(
    live_server: ServerProcess, tmp_path: Path, returns: bool
) -> None:
    tokens = TokenFile(tmp_path / "tokens") if returns else None
    app = VisitorApp(live_server.address, tokens=tokens)
    async with OperatorClient.connect(live_server.address) as dana:
        await dana.login(live_server.operator, live_server.password)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.state.server)
            app.begin("Ann", "Taxes")
            await until(pilot, lambda: app.state.stage is Stage.TALKING)
            await dana.expect(Opened)
            await pilot.press("ctrl+q")
            words = "You can go on with the" if returns else "Leaving ends the"
            await until(pilot, lambda: words in text_of(app))
            await pilot.press("y")
            await until(pilot, lambda: app.return_code is not None)
        if returns:
            assert [visit.name for visit in dana.overview.waiting] == ["Ann"]
        else:
            await dana.expect(Closed)


async def test_a_dialogue_goes_when_the_conversation_ends_meanwhile() -> None:
    async with open_desk() as desk:
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.state.server)
            app.begin("Ann", "Taxes")
            peer = await desk.accept()
            await started(peer)
            await until(pilot, lambda: app.state.stage is Stage.TALKING)
            app.end()
            await next_of(peer, End)
            await pilot.press("f10")
            await until(pilot, lambda: "End this conversation?" in text_of(app))
            await peer.send(closed(2, by="visitor"))
            await until(pilot, lambda: "Were you helped?" in text_of(app))


async def test_a_long_wait_shows_the_place_as_it_changes() -> None:
    async with open_desk() as desk:
        app = VisitorApp(desk.address)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.state.server)
            app.begin("Ann", "Taxes")
            peer = await desk.accept()
            await started(peer)
            for place in (5, 4, 3):
                await peer.send(Position(session=REF, position=place, waiting=5, operators=3))
                words = f"You are number {place} of 5. 3 operators are here."
                await until(pilot, lambda words=words: words in text_of(app))


async def test_a_server_that_is_not_there_yet_is_waited_for() -> None:
    async with open_desk() as desk:
        address = desk.address
    app = VisitorApp(address)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No connection yet" in text_of(app))
        async with open_desk() as desk:
            await desk.open(int(address.rpartition(":")[2]))
            await until(pilot, lambda: app.state.server)
            assert "Do not type secrets." in text_of(app)
