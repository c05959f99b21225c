"""The exit interview, and the wish for a transcript. All of it is voluntary.

Owns the form. Must not know how answers travel.
"""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, Input, Static

from livehelp.wire.base import MAX_EMAIL, MAX_TEXT
from livehelp.wire.text import clean_name, clean_text
from tui.visitor.screen import VisitorScreen
from tui.widgets.confirm import Confirm
from tui.widgets.field import NEXT_FIELD, Question
from tui.widgets.top_bar import TopBar


class InterviewScreen(VisitorScreen):
    """One row a question, each may stay empty; Escape skips all."""

    CSS_PATH = "interview.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "send", "Send", key_display="F2"),
        Binding("escape", "skip", "Skip", key_display="Esc"),
        NEXT_FIELD,
        Binding("ctrl+q", "leave", "Leave", key_display="Ctrl+Q", priority=True),
    ]

    def compose(self) -> ComposeResult:
        """Build the form from the server's questions."""
        yield TopBar(id="top")
        with VerticalScroll(id="form", can_focus=False), Vertical(classes="sheet"):
            intro = "Thank you. If you like, answer a few questions. Leave empty what you want."
            yield Static(Content(intro), id="intro")
            for number, question in enumerate(self._questions):
                label = clean_name(question)
                yield Question(label, id=f"answer-{number}", limit=MAX_TEXT, above=True)
            label = "To ask for the transcript by e-mail, give your address:"
            yield Question(label, id="email", limit=MAX_EMAIL, above=True)
            yield Button("Send", id="send", variant="primary", compact=True)
        yield TopBar(id="status")
        yield Footer(show_command_palette=False)

    @property
    def _questions(self) -> tuple[str, ...]:
        server = self.visit.state.server
        return server.questions if server else ()

    @on(Button.Pressed, "#send")
    def action_send(self) -> None:
        """Send what was answered, and go on."""
        email = self.query_one("#email", Input).value.strip()
        if email and not _looks_like_email(email):
            self.advise("That is no e-mail address. Correct it, or leave it empty.")
            self.query_one("#email", Input).focus()
            return
        answers = [
            (question, answer)
            for number, question in enumerate(self._questions)
            if (answer := clean_text(self.query_one(f"#answer-{number}", Input).value))
        ]
        self.visit.answer(answers, email)

    @property
    def begun(self) -> str:
        """What was answered."""
        written = any(field.value.strip() for field in self.query(Input))
        return "Your answers are not sent." if written else ""

    def action_skip(self) -> None:
        """Go on without answers; after a question, if there are some."""
        if not self.begun:
            self.visit.go_on()
            return

        def answered(yes: bool) -> None:
            if yes:
                self.visit.go_on()

        question = f"{self.begun} Skip the questions all the same?"
        self.visit.ask(Confirm(question, yes="Skip", no="Go back"), answered)


def _looks_like_email(text: str) -> bool:
    """Tell what the wire accepts: one ``@`` with something on both sides, and no spaces."""
    before, at, after = text.partition("@")
    return bool(before and at and after) and "@" not in after and len(text.split()) == 1
