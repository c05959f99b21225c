"""The conversation with the operator.

Owns the layout of the talk and its keys. Must not know how lines travel.
"""

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer

from tui.visitor.screen import VisitorScreen
from tui.visitor.state import Stage, VisitorState
from tui.widgets.composer import Composer
from tui.widgets.confirm import Confirm
from tui.widgets.conversation_view import ConversationView
from tui.widgets.top_bar import TopBar

_WRITE: Final = "Write here. Enter sends."
_TOO_MUCH: Final = "Too many lines wait for the connection. Please wait until it is back."


class ConversationScreen(VisitorScreen):
    """Conversation, status, composer."""

    CSS_PATH = "conversation_screen.tcss"
    AUTO_FOCUS = "#composer"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Go on", key_display="Enter"),
        Binding("f10", "end", "End", key_display="F10"),
        # Some terminals keep F10 for themselves. The composer's own Ctrl+E has to give way.
        Binding("ctrl+e", "end", show=False, priority=True),
        Binding("ctrl+q", "leave", "Leave", key_display="Ctrl+Q", priority=True),
    ]

    def compose(self) -> ComposeResult:
        """Build the screen."""
        yield TopBar(id="top")
        yield ConversationView(self.visit.clock, id="talk")
        yield TopBar(id="status")
        yield Composer(hint=_WRITE, send=self._send, id="composer")
        yield Footer(show_command_palette=False)

    @property
    def begun(self) -> str:
        """What stands in the composer."""
        written = not self.has_class("-ended") and self.query_one(Composer).text.strip()
        return "What you have not sent will be lost." if written else ""

    def show(self, state: VisitorState) -> None:
        """Show the conversation; once it has ended only Enter is left to press."""
        super().show(state)
        self.query_one(ConversationView).show(state.talk.entries)
        ended = state.stage is Stage.ENDED
        if ended != self.has_class("-ended"):
            self.set_class(ended, "-ended")
            self.query_one(Composer).disabled = ended
            if ended:
                self.query_one(ConversationView).focus()
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be ended twice, and one goes on only after the end."""
        del parameters
        talking = self.visit.state.stage is Stage.TALKING
        return {"end": talking, "go_on": not talking}.get(action, True)

    def _send(self, text: str) -> None:
        if self.visit.state.may_type:
            self.visit.say(text)
            return
        self.query_one(Composer).set_draft(text)
        self.visit.ring()
        self.visit.tell(_TOO_MUCH)

    @on(Composer.TooLong)
    def _too_long(self) -> None:
        self.visit.ring()

    @on(Composer.Typing)
    def _typing(self, event: Composer.Typing) -> None:
        self.visit.typing(on=event.on)

    @on(Composer.Paged)
    def _page(self, event: Composer.Paged) -> None:
        self.query_one(ConversationView).page(event.pages)

    def action_go_on(self) -> None:
        """Leave the ended conversation for the next screen."""
        self.visit.go_on()

    def action_end(self) -> None:
        """Ask, then end."""

        def answered(yes: bool) -> None:
            if yes:
                self.visit.end()

        question = " ".join(filter(None, ("End this conversation?", self.begun)))
        self.visit.ask(Confirm(question, yes="End it", no="Go on talking"), answered)
