"""Signing in.

Owns the form for name and password. Must not know how they are checked; keeps no password.
"""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Button, Footer, Input, Static

from livehelp.wire.base import MAX_NAME, MAX_PASSWORD
from livehelp.wire.text import clean_name
from tui.link_status import Link
from tui.operator.screen import OperatorScreen
from tui.operator.state import OperatorState, Stage
from tui.widgets.field import NEXT_FIELD, Field, Question
from tui.widgets.top_bar import TopBar


class SignInScreen(OperatorScreen):
    """Name, password, Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        NEXT_FIELD,
        Binding("ctrl+q", "leave", "Leave", key_display="Ctrl+Q", priority=True),
    ]

    def compose(self) -> ComposeResult:
        """Build the form."""
        yield TopBar(id="top")
        with Container(id="middle"), Vertical(id="sign-in"):
            yield Static("Sign in to the help desk", id="title")
            name = self.desk.first_name
            yield Question("Name", id="name", value=name, limit=MAX_NAME)
            yield Field("Password", id="password", password=True, limit=MAX_PASSWORD)
            yield Button("Sign in", id="enter", compact=True)
            yield Static(id="problem")
        yield TopBar(id="status")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin at the first empty field."""
        super().on_mount()
        self.query("#password" if self.desk.first_name else "#name").focus()

    def show(self, state: OperatorState) -> None:
        """Show how signing in goes."""
        super().show(state)
        busy = state.stage is Stage.SIGNING_IN
        words = "Signing in ..." if busy else state.problem
        problem = self.query_one("#problem", Static)
        problem.update(Content(words))
        problem.set_class(busy, "-busy")
        self.query_one("#enter", Button).disabled = busy
        status = self.query_one("#status", TopBar)
        status.left = Content(self._link(state))
        status.set_class(state.troubled, "-troubled")

    def _link(self, state: OperatorState) -> str:
        if state.connection.link is Link.ENDED and state.problem:
            return "Not connected."  # the form itself says why
        return state.connection.words(self.desk.clock.now()) or "Connected."

    @on(Input.Submitted, "#password")
    @on(Button.Pressed, "#enter")
    def _enter(self) -> None:
        if self.desk.state.stage is Stage.SIGNING_IN:
            return
        name = clean_name(self.query_one("#name", Input).value)
        password = self.query_one("#password", Input)
        if not name or not password.value:
            self.query_one("#password" if name else "#name").focus()
            return
        self.desk.sign_in(name, password.value)
        password.value = ""
