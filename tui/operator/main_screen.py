"""The help desk: the list, the conversation, the card.

Owns the layout and the keys. Must not know how anything travels.
"""

from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Footer

from tui.operator.screen import OperatorActions, OperatorScreen
from tui.operator.session_list import SessionList
from tui.operator.state import OperatorState
from tui.operator.transfer import Receiver, Transfer
from tui.operator.visitor_details import VisitorDetails
from tui.widgets.composer import Composer
from tui.widgets.confirm import Confirm
from tui.widgets.conversation_view import ConversationView
from tui.widgets.top_bar import TopBar

# Keys that are offered only while they do something.
_SOMETIMES: Final = ("note", "transfer", "end", "put_away", "news")
# Narrower than this the card would leave the conversation less than half of the screen.
_WIDE: Final = 110


class MainScreen(OperatorScreen):
    """List, conversation and card; the card folds away on a narrow terminal."""

    CSS_PATH = "main_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "take", "Take", key_display="F2"),
        Binding("f3", "card", "Card", key_display="F3"),
        Binding("f4", "note", "Note", key_display="F4"),
        Binding("f5", "transfer", "Hand on", key_display="F5"),
        Binding("f8", "news", "New", key_display="F8"),
        Binding("f10", "end", "End", key_display="F10"),
        Binding("f10", "put_away", "Put away", key_display="F10"),
        # Some terminals keep F10 for themselves. The composer's own Ctrl+E has to give way.
        Binding("ctrl+e", "end", show=False, priority=True),
        Binding("ctrl+e", "put_away", show=False, priority=True),
        Binding("ctrl+up,alt+up", "move(-1)", show=False),
        Binding("ctrl+down,alt+down", "move(1)", show=False),
        *(Binding(f"alt+{n}", f"go({n})", show=False) for n in range(1, 10)),
        Binding("escape", "list", show=False),
        Binding("ctrl+q", "leave", "Leave", key_display="Ctrl+Q", priority=True),
    ]

    def __init__(self, desk: OperatorActions) -> None:
        super().__init__(desk)
        self._shown = ""
        self._noting: bool = False
        self._offered: tuple[bool, ...] = ()

    def compose(self) -> ComposeResult:
        """Build the three columns."""
        yield TopBar(id="top")
        with Horizontal(id="columns"):
            yield SessionList()
            with Vertical(id="middle"):
                yield ConversationView(self.desk.clock, id="talk")
                yield Composer(hint="", send=self.desk.write, id="composer")
            yield VisitorDetails(self.desk.clock)
        yield TopBar(id="status")
        yield Footer(show_command_palette=False, compact=True)

    def on_resize(self, event: events.Resize) -> None:
        """Show the card where there is room."""
        self.set_class(event.size.width >= _WIDE, "-wide")

    def show(self, state: OperatorState) -> None:
        """Show the desk."""
        super().show(state)
        now = self.desk.clock.now()
        chat = state.chat(state.current)
        other = state.current != self._shown
        self.query_one(SessionList).show(state, now)
        talk = self.query_one("#talk", ConversationView)
        talk.show(chat.talk.entries, empty=_empty(state), jump=other)
        status = self.query_one("#status", TopBar)
        status.left = Content(state.status(now))
        status.right = Content(chat.typist(now))
        status.set_class(state.troubled, "-troubled")
        self._show_composer(state, other=other)
        self.query_one(VisitorDetails).show(state, now)
        visit = state.visit(state.current)
        if visit is not None and visit.previous and not (chat.earlier or chat.earlier_words):
            self.desk.recall(state.current)
        self._offer_keys()

    def _offer_keys(self) -> None:
        offered = (*map(self._may, _SOMETIMES), self.query_one(SessionList).may_choose)
        if offered != self._offered:
            # Only then: the footer is built anew, which shows.
            self._offered = offered
            self.refresh_bindings()

    def _show_composer(self, state: OperatorState, *, other: bool) -> None:
        composer = self.query_one(Composer)
        chat = state.chat(state.current)
        composer.placeholder = Content(_hint(state))
        if composer.has_focus and not state.may_write:
            # Before it is disabled, which would leave the keys to nobody for a moment.
            self.set_focus(self.query_one(SessionList))
        composer.disabled = not state.may_write
        if other or chat.noting != self._noting:
            self._keep_draft()
            self._shown, self._noting = state.current, chat.noting
            composer.set_draft(chat.written)
            composer.set_class(chat.noting, "-note")
            title = "Note: the visitor cannot see it. Esc: talk" if chat.noting else ""
            composer.border_title = Content(title)
        if not state.may_write and self.focused is None:
            self.query_one(SessionList).focus()

    def _keep_draft(self) -> None:
        """What stands in the composer belongs to the session and the mode it was shown for."""
        self.desk.draft(self._shown, self.query_one(Composer).text, noting=self._noting)

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done now, and nothing else."""
        if action in _SOMETIMES:
            return self._may(action)
        return super().check_action(action, parameters)

    def _may(self, action: str) -> bool:
        state = self.desk.state
        if action == "news":
            return bool(state.news)
        if action == "put_away":
            return state.current in state.desk and not state.may_write
        return state.may_write

    def action_take(self) -> None:
        """Take who has waited longest."""
        self.desk.take()

    def action_card(self) -> None:
        """Unfold or fold the card."""
        self.toggle_class("-card")

    def action_note(self) -> None:
        """Write a note, or go back to talking."""
        noting = not self.desk.state.chat(self.desk.state.current).noting
        self.desk.note(noting=noting)
        self.query_one(Composer).focus()

    def action_list(self) -> None:
        """Leave a note, or go to the list."""
        if self.desk.state.chat(self.desk.state.current).noting:
            self.desk.note(noting=False)
        else:
            self.query_one(SessionList).focus()

    def action_news(self) -> None:
        """Look at the next session with something new."""
        for session in self.desk.state.news[:1]:
            self._open(session)

    def action_move(self, by: int) -> None:
        """Look at the session above or below in the list."""
        state = self.desk.state
        sessions = [*state.desk, *(v.session for v in state.floor.waiting)]
        if sessions:
            at = sessions.index(state.current) if state.current in sessions else -by
            self._open(sessions[max(0, min(len(sessions) - 1, at + by))])

    def action_go(self, number: int) -> None:
        """Go to one's own session of that number."""
        if number <= len(self.desk.state.desk):
            self._open(self.desk.state.desk[number - 1])

    def action_transfer(self) -> None:
        """Choose to whom the session goes."""
        state = self.desk.state

        def chosen(receiver: Receiver) -> None:
            self.desk.transfer(receiver.name)

        others = tuple(name for name in state.floor.roster if name != state.me)
        note = bool(state.chat(state.current).note_draft.strip())
        self.desk.ask(Transfer(state.visitor, others, note_begun=note), chosen)

    def action_end(self) -> None:
        """Ask, then end."""

        def answered(yes: bool) -> None:
            if yes:
                self.desk.end()

        state = self.desk.state
        question = f"End the conversation with {state.visitor}?"
        if state.chat(state.current).begun:
            question += " What you have not sent will be lost."
        self.desk.ask(Confirm(question, yes="End it", no="Go on talking"), answered)

    def action_put_away(self) -> None:
        """Put the ended conversation away, and go on with the next."""
        self.desk.put_away()
        self.to_composer()

    def _open(self, session: str) -> None:
        self.desk.look_at(session)
        self.to_composer()

    def to_composer(self) -> None:
        """Put the cursor where one types, or on the list if there is nothing to write to."""
        self.query_one(Composer if self.desk.state.may_write else SessionList).focus()

    # What the widgets tell.

    @on(SessionList.Looked)
    def _looked(self, event: SessionList.Looked) -> None:
        self.desk.look_at(event.session)

    @on(SessionList.Chosen)
    def _chosen(self, event: SessionList.Chosen) -> None:
        if event.session in {visit.session for visit in self.desk.state.floor.waiting}:
            self.desk.take(event.session)
        else:
            self._open(event.session)

    @on(Composer.Changed)
    def _drafted(self) -> None:
        self._keep_draft()

    @on(Composer.TooLong)
    def _too_long(self) -> None:
        self.desk.ring()

    @on(Composer.Typing)
    def _typing(self, event: Composer.Typing) -> None:
        self.desk.typing(on=event.on)

    @on(Composer.Paged)
    def _page(self, event: Composer.Paged) -> None:
        self.query_one("#talk", ConversationView).page(event.pages)


def _empty(state: OperatorState) -> str:
    if state.current:
        return ""
    if state.floor.waiting:
        return "Somebody waits. F2 takes who has waited longest."
    return "Nobody waits. You will hear a bell."


def _hint(state: OperatorState) -> str:
    """Return what stands where one writes, while nothing is written."""
    if state.may_write:
        return "Write here. Enter sends."
    if state.current in state.desk:
        return "This conversation has ended."
    return "Take this visitor first (Enter)." if state.waits else "Take somebody first (F2)."
