"""The last screen: thank you, and the reference to come back with.

Owns the words of goodbye. Must not know what was said.
"""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Footer, Static

from tui.visitor.screen import VisitorScreen
from tui.visitor.state import VisitorState
from tui.widgets.top_bar import TopBar


class GoodbyeScreen(VisitorScreen):
    """Thank you, and one key to leave."""

    CSS_PATH = "goodbye.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape", "leave", "Leave", key_display="Enter"),
        Binding("ctrl+q", "leave", show=False, priority=True),
    ]

    def compose(self) -> ComposeResult:
        """Build the screen."""
        yield TopBar(id="top")
        with Container(id="middle"), Vertical(id="card"):
            yield Static(id="thanks")
            yield Static(Content("The reference of this conversation is"))
            yield Static(id="reference")
            yield Static(Content("Say it if you come back or call about the same matter."))
            yield Static(id="kept")
        yield TopBar(id="status")
        yield Footer(show_command_palette=False)

    def show(self, state: VisitorState) -> None:
        """Show the reference, and whether the answers arrived."""
        super().show(state)
        self.query_one("#thanks", Static).update(Content(f"Thank you, {state.name}."))
        self.query_one("#reference", Static).update(Content(state.reference))
        self.query_one("#kept", Static).update(Content(state.kept))
