"""The shared widgets: the conversation's rows and scrolling, the composer's draft and limits."""

from collections.abc import Iterable

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.events import Paste

from livehelp.sentences import Reader
from livehelp.wire.base import MAX_TEXT
from livehelp.wire.events import AnyEvent
from tests.tui.screens import text_of, typed, until
from tests.tui.told import ESCAPES, HOSTILE, NOW, later, noted, said, stopped_clock
from tui.conversation import Conversation
from tui.event_entries import add_event
from tui.widgets.composer import Composer
from tui.widgets.confirm import Confirm
from tui.widgets.conversation_view import ConversationView
from tui.widgets.top_bar import TopBar

pytestmark = pytest.mark.anyio
VISITOR = Reader()


def talk_of(events: Iterable[AnyEvent]) -> Conversation:
    talk = Conversation()
    for event in events:
        talk = add_event(talk, event, VISITOR)
    return talk


def lines(count: int) -> Conversation:
    return talk_of(said(n, f"line {n}", by="operator") for n in range(1, count + 1))


class Shown(App[None]):
    """A conversation above a composer."""

    CSS = "Conversation { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.talk = ConversationView(stopped_clock())
        self.submitted: list[str] = []
        self.composer = Composer(hint="Write here.", send=self.submitted.append)
        self.typing: list[bool] = []
        self.too_long = 0

    def compose(self) -> ComposeResult:
        yield self.talk
        yield self.composer

    def on_mount(self) -> None:
        self.composer.focus()

    def on_composer_typing(self, event: Composer.Typing) -> None:
        self.typing.append(event.on)

    def on_composer_too_long(self) -> None:
        self.too_long += 1

    def on_composer_paged(self, event: Composer.Paged) -> None:
        self.talk.page(event.pages)


async def test_lines_of_one_speaker_stand_under_one_heading() -> None:
    app = Shown()
    async with app.run_test(size=(40, 20)) as pilot:
        talk = talk_of([said(1, "one"), said(2, "two"), said(3, "three", by="operator")])
        app.talk.show(talk.entries)
        await pilot.pause()
        rows = [row.strip() for row in text_of(app).splitlines()[:8]]
        assert rows[:7] == ["You  14:02", "one", "two", "", "dana  14:02", "three", ""]


async def test_a_heading_comes_again_after_a_while() -> None:
    app = Shown()
    async with app.run_test(size=(40, 20)) as pilot:
        talk = Conversation().typed(1, "one", "Ann", NOW).typed(2, "two", "Ann", later(600))
        app.talk.show(talk.entries)
        await pilot.pause()
        assert "You  14:02" in text_of(app)
        assert "You  14:12" in text_of(app)


async def test_long_and_wide_text_is_wrapped_and_never_cut() -> None:
    app = Shown()
    async with app.run_test(size=(40, 20)) as pilot:
        text = "A long line that does not fit in one row. " + "日本語" * 12 + " " + "x" * 50
        app.talk.show(talk_of([said(1, text, by="operator")]).entries)
        await pilot.pause()
        shown = "".join(text_of(app).split())
        assert "".join(text.split()) in shown


async def test_only_the_newest_line_that_was_sent_says_so() -> None:
    app = Shown()
    async with app.run_test(size=(50, 20)) as pilot:
        talk = Conversation().typed(1, "one", "Ann", NOW).typed(2, "two", "Ann", NOW)
        app.talk.show(talk.entries)
        await pilot.pause()
        assert text_of(app).count("sending ...") == 2
        app.talk.show(talk.acked(1, 1).entries)
        await pilot.pause()
        assert text_of(app).count("sending ...") == 1
        assert text_of(app).count("sent") == 1
        app.talk.show(talk.acked(1, 1).acked(2, 2).entries)
        await pilot.pause()
        assert text_of(app).count("sent") == 1


async def test_a_note_says_that_the_visitor_cannot_see_it() -> None:
    app = Shown()
    async with app.run_test(size=(60, 20)) as pilot:
        app.talk.show(talk_of([noted(1, "She moved")]).entries)
        await pilot.pause()
        assert "Note by eli  14:02  the visitor cannot see it" in text_of(app)
        assert "| She moved" in text_of(app)


async def test_markup_and_escape_sequences_are_shown_as_text_or_not_at_all() -> None:
    app = Shown()
    async with app.run_test(size=(70, 20)) as pilot:
        events = [
            said(1, HOSTILE, by="operator", name="[b]dana[/b]"),
            said(2, ESCAPES, by="operator", name="da\x1bna"),
        ]
        app.talk.show(talk_of(events).entries)
        await pilot.pause()
        assert HOSTILE in text_of(app)
        assert "[b]dana[/b]" in text_of(app)
        assert all(row.isprintable() for row in text_of(app).splitlines())
        # Nothing in it can be clicked.
        clickable = [
            segment.style.meta.get("@click")
            for y in range(20)
            for segment in app.talk.render_line(y)
            if segment.style is not None
        ]
        assert not any(clickable)


async def test_whoever_is_at_the_end_stays_there() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        for count in range(1, 30):
            app.talk.show(lines(count).entries)
            await pilot.pause()
            assert f"line {count}" in text_of(app)
        await pilot.resize_terminal(40, 9)
        await pilot.pause()
        assert "line 29" in text_of(app)


async def test_whoever_reads_further_up_is_told_of_more_and_not_moved() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.talk.show(lines(30).entries)
        await pilot.pause()
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        before = text_of(app).splitlines()[:5]
        app.talk.show(lines(31).entries)
        await pilot.pause()
        assert text_of(app).splitlines()[:5] == before
        assert "more below: Page Down" in text_of(app)
        await pilot.press("pagedown", "pagedown", "pagedown")
        await until(pilot, lambda: "line 31" in text_of(app))
        assert "more below" not in text_of(app)


async def test_whoever_reads_further_up_sees_what_they_say() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.talk.show(lines(30).entries)
        await pilot.pause()
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        app.talk.show(lines(30).typed(1, "I have read it.", "", NOW).entries)
        await pilot.pause()
        assert "I have read it." in text_of(app)


async def test_another_conversation_begins_at_its_end() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.talk.show(lines(30).entries)
        await pilot.pause()
        await pilot.press("pageup")
        app.talk.show(lines(40).entries, jump=True)
        await pilot.pause()
        assert "line 40" in text_of(app)


async def test_a_conversation_of_hours_shows_its_last_part() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.talk.show(lines(2_300).entries)
        await pilot.pause()
        assert "line 2300" in text_of(app)
        await pilot.press("tab")
        app.talk.focus()
        await pilot.press("home")
        await until(pilot, lambda: "line 501" in text_of(app))


async def test_what_is_selected_can_be_copied() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.talk.show(talk_of([said(1, "K123-456", by="operator")]).entries)
        await pilot.pause()
        await pilot.mouse_down(app.talk, offset=(3, 1))
        await pilot.hover(app.talk, offset=(11, 1))
        await pilot.mouse_up(app.talk, offset=(11, 1))
        assert app.screen.get_selected_text() == "K123-456"


async def test_enter_sends_and_ctrl_j_begins_a_new_line() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        await typed(pilot, "one")
        await pilot.press("ctrl+j")
        await typed(pilot, "two")
        await pilot.press("enter")
        await pilot.pause()
        assert app.submitted == ["one\ntwo"]
        assert app.composer.text == ""


async def test_shift_enter_begins_a_new_line_where_the_terminal_tells_it_apart() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        await typed(pilot, "a")
        await pilot.press("shift+enter")
        await typed(pilot, "b")
        assert app.composer.text == "a\nb"


async def test_an_empty_draft_is_not_sent() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("enter", "space", "ctrl+j", "enter")
        await pilot.pause()
        assert app.submitted == []


async def test_the_composer_grows_to_four_rows_and_no_further() -> None:
    app = Shown()
    async with app.run_test(size=(40, 16)) as pilot:
        heights: list[int] = []
        for _ in range(6):
            heights.append(app.composer.size.height)
            await pilot.press("x", "ctrl+j")
            await pilot.pause()
        assert heights == [1, 2, 3, 4, 4, 4]


async def test_near_the_limit_a_counter_shows_and_over_it_nothing_is_sent_or_lost() -> None:
    app = Shown()
    async with app.run_test(size=(60, 16)) as pilot:
        app.composer.set_draft("x" * (MAX_TEXT - 201))
        await pilot.pause()
        assert "of 2,000" not in text_of(app)
        await typed(pilot, "xx")
        await pilot.pause()
        assert "1,801 of 2,000" in text_of(app)
        app.composer.set_draft("x" * (MAX_TEXT + 7))
        await pilot.press("enter")
        await pilot.pause()
        assert "7 too many: shorten it, or send it in parts" in text_of(app)
        assert (app.submitted, app.too_long) == ([], 1)
        assert len(app.composer.text) == MAX_TEXT + 7


async def test_a_paste_is_cleaned_and_bounded() -> None:
    app = Shown()
    async with app.run_test(size=(60, 16)) as pilot:
        app.composer.post_message(Paste(f"two\r\nlines {ESCAPES}"))
        await pilot.pause()
        assert app.composer.text.startswith("two\nlines ")
        assert app.composer.text.replace("\n", "").isprintable()
        app.composer.post_message(Paste("y" * 1_000_000))
        await pilot.pause()
        assert len(app.composer.text) == 2 * MAX_TEXT
        assert "2,000 too many, and the paste was cut off" in text_of(app)
        app.composer.set_draft("y" * (MAX_TEXT + 1))
        await pilot.pause()
        assert "1 too many: shorten it, or send it in parts" in text_of(app)


async def test_typing_is_told_once_and_taken_back_when_the_line_goes() -> None:
    app = Shown()
    async with app.run_test(size=(60, 16)) as pilot:
        await typed(pilot, "hello")
        await pilot.press("enter")
        await pilot.pause()
        assert app.typing == [True, False]
        await typed(pilot, "h")
        await pilot.press("backspace")
        await pilot.pause()
        assert app.typing == [True, False, True, False]


async def test_a_bar_cuts_the_left_side_and_keeps_the_right_one() -> None:
    class OneBar(App[None]):
        def compose(self) -> ComposeResult:
            bar = TopBar()
            bar.left, bar.right = Content("a long sentence at the left"), Content("right")
            yield bar

    app = OneBar()
    async with app.run_test(size=(24, 3)) as pilot:
        await pilot.pause()
        assert text_of(app).splitlines()[0] == " a long sentenc…  right"


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("enter",), True),
        (("y",), True),
        (("n",), False),
        (("escape",), False),
        (("right", "enter"), False),
        (("tab", "enter"), False),
    ],
)
async def test_a_question_is_answered_by_key(keys: tuple[str, ...], answer: bool) -> None:
    app = Shown()
    async with app.run_test(size=(60, 16)) as pilot:
        answers: list[bool | None] = []
        app.push_screen(Confirm("[b]Really[/b]?", yes="Yes", no="No"), answers.append)
        await pilot.pause()
        assert "[b]Really[/b]?" in text_of(app)
        await pilot.press(*keys)
        await pilot.pause()
        assert answers == [answer]
