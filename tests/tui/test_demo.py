"""The demo's screen: against a whole server, and its looks while the time stands still."""

from typing import Any

import pytest
from textual.pilot import Pilot

from livehelp.client.states import LinkUp
from livehelp.testkit.server import ServerProcess
from livehelp.wire.base import MAX_TEXT
from livehelp.wire.events import Opened
from livehelp.wire.signals import Position, Visit
from tests.tui.screens import text_of, typed, until
from tests.tui.told import HOSTILE, NOW, REF, joined, opened, said, server_hello, stopped_clock
from tui.demo.app import DemoApp
from tui.demo.visitor import NAME, PLACE, TOPIC
from tui.operator.overview_state import OverviewState
from tui.operator.reducer import apply as operator_heard
from tui.operator.state import OperatorState
from tui.visitor.reducer import apply as visitor_heard
from tui.visitor.state import MAX_UNSENT, VisitorState
from tui.widgets.composer import Composer
from tui.widgets.conversation_view import ConversationView

# A port that nothing listens on: discard, which only root could open.
NOBODY = "127.0.0.1:9"


def demo_of(server: ServerProcess) -> DemoApp:
    return DemoApp(server.address, server.operator, server.password)


async def waiting(pilot: Pilot[Any], app: DemoApp) -> None:
    await until(pilot, lambda: app.operator.may_take and app.visitor.state.position)


async def talking(pilot: Pilot[Any], app: DemoApp) -> None:
    """Take the visitor; one types as the operator then."""
    await waiting(pilot, app)
    await pilot.press("f2")
    await until(pilot, lambda: app.operator.helping and app.visitor.state.operators)


@pytest.mark.anyio
async def test_both_sides_type_and_each_sees_the_others_lines(live_server: ServerProcess) -> None:
    app = demo_of(live_server)
    async with app.run_test(size=(100, 30)) as pilot:
        await waiting(pilot, app)
        screen = text_of(app)
        assert "Pat waits for help, on the left. F2: dana takes the visit." in screen
        assert "You are next. 1 operator is here." in screen
        for fact in ("127.0.0.1", "livehelp 0.1.0", PLACE, TOPIC):
            assert fact in screen
        await typed(pilot, "Is anybody there")
        await pilot.press("enter")

        await pilot.press("f2")
        await until(pilot, lambda: app.operator.helping and app.visitor.state.operators)
        assert "dana is helping you" in text_of(app)
        await typed(pilot, HOSTILE)
        await until(pilot, lambda: "dana is typing ..." in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: text_of(app).count(HOSTILE) == 2)

        await pilot.press("tab")
        await typed(pilot, "My plates are worn")
        await until(pilot, lambda: "Pat is typing ..." in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: text_of(app).count("My plates are worn") == 2)
        assert text_of(app).count("Is anybody there") == 2

        await pilot.press("f10")
        await until(pilot, lambda: text_of(app).count("The conversation has ended.") == 2)
        assert "The visit has ended. Enter leaves" in text_of(app)
        await pilot.press("enter")
    assert app.return_value == app.visitor.state.reference != ""


@pytest.mark.anyio
async def test_enter_and_f10_on_the_operators_side_are_the_operators(
    live_server: ServerProcess,
) -> None:
    app = demo_of(live_server)
    async with app.run_test(size=(80, 24)) as pilot:
        await waiting(pilot, app)
        assert "Pat waits. Enter takes the visit" in text_of(app)
        await pilot.press("enter")
        assert not app.operator.state.taking, "one types as the visitor"
        await pilot.press("tab", "enter")
        await until(pilot, lambda: app.operator.helping and app.visitor.state.operators)
        await pilot.press("f10")
        await until(pilot, lambda: app.visitor.ended)
        assert "dana ended the conversation" in text_of(app)
        await pilot.press("escape")
        assert app.return_code is None, "only the keys that are named leave"
        await pilot.press("enter")
    assert app.return_value


@pytest.mark.anyio
async def test_a_visitor_may_end_before_anybody_came(live_server: ServerProcess) -> None:
    app = demo_of(live_server)
    async with app.run_test(size=(80, 24)) as pilot:
        await waiting(pilot, app)
        await pilot.press("tab", "ctrl+e")
        await until(pilot, lambda: app.visitor.ended and "Nobody waits." in text_of(app))
        await pilot.press("enter")
    assert app.return_value


@pytest.mark.anyio
async def test_the_side_that_one_types_on_is_marked_in_words_whichever_key_chose_it(
    live_server: ServerProcess,
) -> None:
    app = demo_of(live_server)
    async with app.run_test(size=(80, 24)) as pilot:
        await talking(pilot, app)
        for key, here in (
            ("tab", "VISITOR"),
            ("f6", "OPERATOR"),
            ("shift+tab", "VISITOR"),
        ):
            await pilot.press(key)
            await until(pilot, lambda here=here: f"> {here}" in text_of(app))
            assert text_of(app).count("> ") == 1
            assert text_of(app).count("you type here") == 1
        await pilot.click("#operator Composer")
        await until(pilot, lambda: "> OPERATOR" in text_of(app))


@pytest.mark.anyio
async def test_a_lost_server_is_told_on_both_sides_and_nothing_typed_is_lost(
    live_server: ServerProcess,
) -> None:
    app = demo_of(live_server)
    async with app.run_test(size=(80, 24)) as pilot:
        await talking(pilot, app)
        live_server.kill()
        await until(pilot, lambda: text_of(app).count("Connection lost.") == 2)
        await typed(pilot, "one")
        await pilot.press("enter", "tab")
        await typed(pilot, "two")
        await pilot.press("enter")
        assert text_of(app).count("sending ...") == 2
        live_server.start()
        await until(pilot, lambda: text_of(app).count("one") == text_of(app).count("two") == 2)
        assert "Connection lost" not in text_of(app)


@pytest.mark.anyio
async def test_a_password_that_is_wrong_is_told_and_no_visit_is_opened(
    live_server: ServerProcess,
) -> None:
    app = DemoApp(live_server.address, live_server.operator, "not the password")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.operator.state.problem)
        assert app.operator.state.problem.split()[0] in text_of(app)
        await pilot.press("ctrl+q")
    assert app.return_value is None


@pytest.mark.anyio
async def test_one_may_leave_while_there_is_no_server() -> None:
    app = DemoApp(NOBODY, "dana", "secret")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No connection yet" in text_of(app))
        await pilot.press("ctrl+q")
    assert app.return_value is None


class StillDemo(DemoApp):
    """A demo that connects to nothing: a test tells it what was heard."""

    def __init__(self) -> None:
        super().__init__(NOBODY, "dana", "", clock=stopped_clock())

    def begin(self) -> None:
        """Begin nothing."""

    def shows(self, visitor: VisitorState, operator: OperatorState) -> None:
        self.visitor.change(visitor)
        self.operator.change(operator)


class ClosingDemo(StillDemo):
    """Its clock ticks once more when everything is gone from the screen."""

    def on_unmount(self) -> None:
        self.visitor.show()
        self.operator.show()


def floor_of(enters: Opened, *operators: str) -> OverviewState:
    """The floor with the one visit on it."""
    seen = Visit(
        session=enters.session,
        seq=enters.seq,
        phase="active" if operators else "waiting",
        at=enters.at,
        name=enters.name,
        topic=enters.topic,
        client=enters.client,
        version=enters.version,
        ip=enters.ip,
        host=enters.host,
        place=enters.place,
        operators=operators,
    )
    one = (seen,)
    return OverviewState(
        {seen.session: seen}, () if operators else one, one[: len(operators)], ("dana",)
    )


def scene(*, taken: bool) -> tuple[VisitorState, OperatorState]:
    """What both sides know when Pat waits, or when dana and Pat have begun to talk."""
    enters = opened(name=NAME, topic=TOPIC, place=PLACE)
    hello = said(3, "Good morning Pat. Which county are you in?", by="operator", name="dana")
    reply = said(4, "Franklin county. [bold]Do I need the old plates?", name=NAME)
    visitor = VisitorState().greeted(server_hello())
    place = Position(session=REF, position=1, waiting=1, operators=1)
    for message in (LinkUp(resumed=False), enters, place):
        visitor = visitor_heard(visitor, message, NOW)
    floor = floor_of(enters)
    operator = OperatorState().signing_in("dana").signed_in("dana", OverviewState(roster=("dana",)))
    for message in (LinkUp(resumed=False), enters):
        operator = operator_heard(operator, message, floor, NOW)
    if not taken:
        return visitor, operator
    floor = floor_of(enters, "dana")
    operator = operator.look_at(REF).take_asked().take_answered(floor, REF)
    for message in (joined(), hello, reply):
        visitor = visitor_heard(visitor, message, NOW)
        operator = operator_heard(operator, message, floor, NOW)
    return visitor, operator


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("taken", [False, True], ids=["waiting", "talking"])
def test_the_demo_looks_as_it_should(snap_compare: Any, size: tuple[int, int], taken: bool) -> None:
    app = StillDemo()

    async def play(pilot: Pilot[Any]) -> None:
        app.shows(*scene(taken=taken))
        if taken:
            await pilot.press("tab")
            await typed(pilot, "Yes, bring them")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.anyio
async def test_the_line_of_advice_is_never_cut_off_at_80_columns() -> None:
    app = StillDemo()
    async with app.run_test(size=(80, 24)) as pilot:
        hints: set[str] = set()
        waiting_visitor, waiting_operator = scene(taken=False)
        visitor, operator = scene(taken=True)
        for states in (
            (VisitorState(), OperatorState()),
            (waiting_visitor, waiting_operator),
            (visitor, operator),
            (visitor.go_on(), operator),
        ):
            app.shows(*states)
            # Whole on the screen; a hint that is cut off never is.
            await until(pilot, lambda: app.hint in text_of(app))
            hints.add(app.hint)
        assert len(hints) == 4


@pytest.mark.anyio
async def test_a_line_too_many_for_a_lost_link_stays_where_it_was_written() -> None:
    app = StillDemo()
    async with app.run_test(size=(80, 24)) as pilot:
        visitor, operator = scene(taken=True)
        for number in range(1, MAX_UNSENT + 1):
            visitor = visitor.typed(number, "line", NOW)
        app.shows(visitor, operator)
        await pilot.pause()
        await typed(pilot, "more")
        await pilot.press("enter")
        await pilot.pause()
        assert app.visitor.query_one(Composer).text == "more"


@pytest.mark.anyio
async def test_the_page_keys_scroll_the_conversation_above_the_composer() -> None:
    app = StillDemo()
    async with app.run_test(size=(80, 24)) as pilot:
        visitor, operator = scene(taken=True)
        for number in range(1, MAX_UNSENT + 1):
            visitor = visitor.typed(number, "line", NOW)
        app.shows(visitor, operator)
        await pilot.pause()
        talk = app.visitor.query_one(ConversationView)
        end = talk.scroll_offset.y
        await pilot.press("pageup")
        await pilot.pause()
        assert talk.scroll_offset.y < end
        await pilot.press("pagedown")
        await pilot.pause()
        assert talk.scroll_offset.y == end


@pytest.mark.anyio
async def test_more_than_can_be_sent_stays_where_it_was_written() -> None:
    app = StillDemo()
    async with app.run_test(size=(80, 24)) as pilot:
        app.shows(*scene(taken=True))
        await pilot.pause()
        composer = app.visitor.query_one(Composer)
        composer.load_text("x" * (MAX_TEXT + 1))
        await pilot.press("enter")
        await pilot.pause()
        assert len(composer.text) == MAX_TEXT + 1
        assert "1 too many" in text_of(app)


@pytest.mark.anyio
async def test_a_tick_while_the_app_closes_shows_nothing_and_fails_nothing() -> None:
    async with ClosingDemo().run_test(size=(80, 24)) as pilot:
        await pilot.pause()
