"""The operator's app against a whole server."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from textual.pilot import Pilot

from livehelp.client import OperatorClient, TokenFile, VisitorClient
from livehelp.testkit.server import ServerProcess
from tests.tui.screens import pasted, text_of, until
from tests.tui.told import HOSTILE
from tui.operator.app import OperatorApp
from tui.operator.state import Stage
from tui.widgets.composer import Composer

pytestmark = pytest.mark.anyio
WIDE = (120, 40)


async def signed_in(app: OperatorApp, pilot: Pilot[None], server: ServerProcess) -> None:
    """Sign in as a person does."""
    await until(pilot, lambda: app.state.connection.up)
    await pasted(pilot, server.password)
    await pilot.press("enter")
    await until(pilot, lambda: app.state.stage is Stage.DESK and app.state.overview.roster)


async def test_a_visitor_enters_is_taken_is_answered_and_goes(live_server: ServerProcess) -> None:
    app = OperatorApp(live_server.address, name="dana")
    async with (
        app.run_test(size=WIDE) as pilot,
        VisitorClient.connect(live_server.address, place="kiosk 7") as ann,
    ):
        await signed_in(app, pilot, live_server)
        assert "Nobody waits. You will hear a bell." in text_of(app)

        started = await ann.start(name=f"Ann {HOSTILE}"[:40], topic="Taxes [b]x[/b]")
        await until(pilot, lambda: app.state.unseen)
        assert app.state.rings == 1
        assert "NEW" in text_of(app)

        await pilot.press("f2")
        await until(pilot, lambda: app.state.may_write)
        await until(pilot, lambda: "Taxes [b]x[/b]" in text_of(app))
        assert "kiosk 7" in text_of(app)
        assert app.state.news == ()

        await ann.typing(on=True)
        await until(pilot, lambda: "is typing ..." in text_of(app))
        await ann.say(HOSTILE)
        await until(pilot, lambda: HOSTILE in text_of(app))

        await pasted(pilot, "Good morning")
        await pilot.press("enter")
        assert (await ann.expect_line("Good morning")).session == started.session

        await ann.end()
        await until(pilot, lambda: "The visitor ended it" in text_of(app))
        await pilot.press("f10")
        await until(pilot, lambda: app.state.desk == ())
        assert "Nobody waits. You will hear a bell." in text_of(app)


async def test_a_wrong_password_is_told_and_can_be_put_right(live_server: ServerProcess) -> None:
    app = OperatorApp(live_server.address)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.connection.up)
        await pasted(pilot, "dana")
        await pilot.press("enter")
        await pasted(pilot, "wrong")
        assert "wrong" not in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.state.problem)
        assert app.state.stage is Stage.SIGN_IN
        await signed_in(app, pilot, live_server)


async def test_a_server_that_dies_costs_nothing_and_drafts_stay(live_server: ServerProcess) -> None:
    app = OperatorApp(live_server.address, name="dana")
    async with (
        app.run_test(size=WIDE, notifications=True) as pilot,
        VisitorClient.connect(live_server.address) as ann,
    ):
        await signed_in(app, pilot, live_server)
        await ann.start(name="Ann", topic="Taxes")
        await until(pilot, lambda: app.state.unseen)
        await pilot.press("f2")
        await until(pilot, lambda: app.state.may_write)
        await pasted(pilot, "one")
        await pilot.press("enter")
        await ann.expect_line("one")

        live_server.kill()
        await until(pilot, lambda: "Connection lost." in text_of(app))
        assert "NOT CONNECTED" in text_of(app)
        await pasted(pilot, "two")
        await pilot.press("enter")
        await pasted(pilot, "a draft")
        assert "sending ..." in text_of(app)
        await pilot.press("f2")
        await until(pilot, lambda: "Take the visitor when" in text_of(app))
        assert not app.state.taking

        live_server.start()
        await ann.expect_line("two", within=20)
        await until(pilot, lambda: app.state.connection.up and "connected" in text_of(app))
        assert app.state.stage is Stage.DESK
        assert app.screen.query_one(Composer).text == "a draft"
        chat = app.state.chat(app.state.current)
        assert [e.text for e in chat.talk.entries if e.mine] == ["one", "two"]


async def test_two_visitors_have_their_own_drafts_unread_marks_and_numbers(
    live_server: ServerProcess,
) -> None:
    app = OperatorApp(live_server.address, name="dana")
    async with AsyncExitStack() as stack:
        pilot = await stack.enter_async_context(app.run_test(size=WIDE))
        await signed_in(app, pilot, live_server)
        people: list[VisitorClient] = []
        for name in ("Ann", "Bob"):
            client = VisitorClient.connect(live_server.address)
            visitor = await stack.enter_async_context(client)
            await visitor.start(name=name, topic="Taxes")
            people.append(visitor)
            await until(pilot, lambda: app.state.unseen)
            await pilot.press("f2")
            await until(pilot, lambda: app.state.may_write and not app.state.unseen)
        ann, bob = people
        await until(pilot, lambda: app.state.current == bob.session)

        await pasted(pilot, "to Bob")
        await ann.say("Hello?")
        await until(pilot, lambda: "* 1 Ann" in text_of(app))
        assert "1 new" in text_of(app)

        await pilot.press("f8")
        await until(pilot, lambda: app.state.current == ann.session)
        composer = app.screen.query_one(Composer)
        assert composer.text == ""
        assert "1 new" not in text_of(app)
        await pilot.press("alt+2")
        await until(pilot, lambda: app.state.current == bob.session)
        assert composer.text == "to Bob"
        await pilot.press("ctrl+up")
        await until(pilot, lambda: app.state.current == ann.session)
        await pilot.press("escape", "2")
        await until(pilot, lambda: app.state.current == bob.session)
        await pilot.press("escape", "up")
        await until(pilot, lambda: app.state.current == ann.session)


async def test_after_an_end_the_next_conversation_can_be_written_in_at_once(
    live_server: ServerProcess,
) -> None:
    app = OperatorApp(live_server.address, name="dana")
    async with (
        app.run_test(size=(80, 24)) as pilot,
        VisitorClient.connect(live_server.address) as ann,
        VisitorClient.connect(live_server.address) as bob,
    ):
        await signed_in(app, pilot, live_server)
        for name, client in (("Ann", ann), ("Bob", bob)):
            await client.start(name=name, topic="Taxes")
            await until(pilot, lambda: app.state.unseen)
            await pilot.press("f2")
            await until(pilot, lambda: app.state.may_write and not app.state.unseen)
        await until(pilot, lambda: app.state.current == bob.session)
        assert "F10 End" in text_of(app)
        await pilot.press("f10", "y")
        await until(pilot, lambda: "F10 Put away" in text_of(app))
        assert "This conversation has ended." in text_of(app)
        await pilot.press("f10")
        await pilot.pause()
        await pasted(pilot, "Still here")
        await pilot.press("enter")
        await ann.expect_line("Still here")

        # With none left the list has the keys, for the next who comes.
        await pilot.press("f10", "y")
        await until(pilot, lambda: "F10 Put away" in text_of(app))
        await pilot.press("f10")
        await until(pilot, lambda: "Take somebody first (F2)." in text_of(app))
        async with VisitorClient.connect(live_server.address) as cy:
            await cy.start(name="Cy", topic="Taxes")
            await until(pilot, lambda: app.state.unseen)
            await pilot.press("down")
            await until(pilot, lambda: "Cy waits. Enter takes the visit" in text_of(app))
            assert "Take this visitor first (Enter)." in text_of(app)
            await pilot.press("enter")
            await until(pilot, lambda: "Write here. Enter sends." in text_of(app))


async def test_the_footer_names_only_the_keys_that_do_something(
    live_server: ServerProcess,
) -> None:
    app = OperatorApp(live_server.address, name="dana")
    async with (
        app.run_test(size=(80, 24)) as pilot,
        VisitorClient.connect(live_server.address) as ann,
    ):
        await signed_in(app, pilot, live_server)
        await until(pilot, lambda: text_of(app).endswith("F2 Take F3 Card Ctrl+Q Leave"))
        await ann.start(name="Ann", topic="Taxes")
        await until(pilot, lambda: "F8 New" in text_of(app))
        await pilot.press("f2")
        await until(pilot, lambda: app.state.may_write)
        for key in ("F4 Note", "F5 Hand on", "F10 End"):
            await until(pilot, lambda key=key: key in text_of(app))
        assert "F8 New" not in text_of(app)


async def test_a_note_is_marked_and_reaches_operators_only(live_server: ServerProcess) -> None:
    app = OperatorApp(live_server.address, name="dana")
    async with (
        app.run_test(size=(80, 24)) as pilot,
        VisitorClient.connect(live_server.address) as ann,
    ):
        await signed_in(app, pilot, live_server)
        await ann.start(name="Ann", topic="Taxes")
        await until(pilot, lambda: app.state.unseen)
        await pilot.press("f2")
        await until(pilot, lambda: app.state.may_write)
        await pasted(pilot, "draft")
        await pilot.press("f4")
        await until(pilot, lambda: "NOTE: Ann will not see what you write now." in text_of(app))
        await pasted(pilot, "She moved")
        await pilot.press("f5")
        await until(pilot, lambda: "Your note is not stored yet." in text_of(app))
        await pilot.press("escape", "f10")
        await until(pilot, lambda: "What you have not sent" in text_of(app))
        await pilot.press("n")
        await until(pilot, lambda: app.focused is app.screen.query_one(Composer))
        await pilot.press("enter")
        await until(pilot, lambda: "Note by dana" in text_of(app))
        await until(pilot, lambda: not app.state.chat(app.state.current).talk.unsent)
        assert text_of(app).count("She moved") == 1
        # One note, then one talks again, with the draft of before.
        composer = app.screen.query_one(Composer)
        assert composer.text == "draft"
        await pilot.press("enter")
        assert (await ann.expect_line()).text == "draft"
        assert "moved" not in str(ann.seen)


async def test_a_transfer_is_picked_from_the_roster(
    live_server: ServerProcess,
) -> None:
    live_server.add_operator("eli")
    app = OperatorApp(live_server.address, name="dana")
    async with (
        OperatorClient.connect(live_server.address) as eli,
        VisitorClient.connect(live_server.address) as ann,
        app.run_test(size=(80, 24)) as pilot,
    ):
        await eli.login("eli", live_server.password)
        await signed_in(app, pilot, live_server)
        await until(pilot, lambda: len(app.state.overview.roster) == 2)
        started = await ann.start(name="Ann", topic="Taxes")
        await until(pilot, lambda: app.state.unseen)
        await pilot.press("f2")
        await until(pilot, lambda: app.state.may_write)

        await pilot.press("f5")
        await until(pilot, lambda: "Hand Ann to" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.state.desk == ())
        await until(pilot, lambda: eli.overview.visits[started.session].operators == ("eli",))

        # And back again, by eli's hand: it is marked.
        await eli.transfer(started.session, "dana")
        await until(pilot, lambda: app.state.desk == (started.session,))
        assert "* 1 Ann" in text_of(app)

        # Into the queue.
        await pilot.press("alt+1", "f5")
        await until(pilot, lambda: "Back in the queue" in text_of(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: [v.session for v in app.state.overview.waiting])
        assert app.state.desk == ()


async def test_nobody_who_came_back_has_to_say_it_again(
    live_server: ServerProcess, tmp_path: Path
) -> None:
    tokens = TokenFile(tmp_path / "tokens")
    app = OperatorApp(live_server.address, name="dana")
    async with app.run_test(size=WIDE) as pilot:
        await signed_in(app, pilot, live_server)
        async with VisitorClient.connect(live_server.address, tokens=tokens) as ann:
            first = await ann.start(name="Ann", topic="Change of address")
            await ann.say("I moved to Georgetown")
            await ann.end()
        async with VisitorClient.connect(live_server.address, tokens=tokens) as ann:
            await ann.start(name="Ann", topic="The same again")
            await until(pilot, lambda: app.state.overview.waiting)
            await pilot.press("f2")
            await until(pilot, lambda: "I moved to Georgetown" in text_of(app))
            assert "Said the time before" in text_of(app)
            assert first.session in text_of(app)


async def test_the_card_unfolds_on_a_small_terminal(live_server: ServerProcess) -> None:
    app = OperatorApp(live_server.address, name="dana")
    async with (
        app.run_test(size=(80, 24)) as pilot,
        VisitorClient.connect(live_server.address, place="kiosk 7") as ann,
    ):
        await signed_in(app, pilot, live_server)
        started = await ann.start(name="Ann", topic="Taxes")
        await until(pilot, lambda: app.state.unseen)
        await pilot.press("f2")
        await until(pilot, lambda: app.state.may_write)
        assert started.session not in text_of(app)
        await pilot.press("f3")
        await until(pilot, lambda: started.session in text_of(app) and "kiosk 7" in text_of(app))
        assert "F10 End" in text_of(app)
        await pilot.press("f3")
        await until(pilot, lambda: started.session not in text_of(app))


async def test_leaving_signs_out_after_a_question(live_server: ServerProcess) -> None:
    app = OperatorApp(live_server.address, name="dana")
    async with VisitorClient.connect(live_server.address) as ann:
        await ann.start(name="Ann", topic="Taxes")
        async with app.run_test(size=(80, 24)) as pilot:
            await signed_in(app, pilot, live_server)
            await pilot.press("f2")
            await until(pilot, lambda: app.state.may_write)
            await pilot.press("ctrl+q")
            words = "Your 1 visitor goes back in the queue. Sign out?"
            await until(pilot, lambda: words in text_of(app))
            await pilot.press("enter")
            await until(pilot, lambda: app.return_code is not None)
        async with OperatorClient.connect(live_server.address) as dana:
            await dana.login(live_server.operator, live_server.password)
            assert [visit.name for visit in dana.overview.waiting] == ["Ann"]
