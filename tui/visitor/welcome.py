"""The first screen: what must not be typed, who is asking, and about what.

Owns the form. Must not know how a session is opened.
"""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, Input, Static

from livehelp.wire.base import MAX_NAME, MAX_TOPIC
from livehelp.wire.text import clean_name, clean_text
from livehelp.words import NAMELESS, operators_here
from tui.visitor.screen import VisitorActions, VisitorScreen
from tui.visitor.state import Stage, VisitorState
from tui.visitor.topics import Topics
from tui.widgets.field import NEXT_FIELD, Field
from tui.widgets.top_bar import TopBar


class Name(Field):
    """The name, from which Enter goes on at once: the next key belongs to what comes then."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.named", show=False, priority=True)
    ]


class WelcomeScreen(VisitorScreen):
    """Name, topic, and one key to begin."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "begin", "Begin", key_display="F2"),
        NEXT_FIELD,
        Binding("ctrl+q", "leave", "Leave", key_display="Ctrl+Q", priority=True),
    ]

    def __init__(self, visit: VisitorActions) -> None:
        super().__init__(visit)
        self._topics: tuple[str, ...] = ()
        self._greeted = False

    def compose(self) -> ComposeResult:
        """Build the form."""
        yield TopBar(id="top")
        with VerticalScroll(id="form", can_focus=False), Vertical(classes="sheet"):
            yield Static(id="notice")
            yield Name("Your name", id="name", hint="or leave it empty", limit=MAX_NAME)
            yield Field("It is about", id="topic", hint="in a few words", limit=MAX_TOPIC)
            yield Topics(self._choose, id="topics")
            with Horizontal(id="start"):
                yield Button("Begin", id="begin", variant="primary", compact=True)
                yield Static(id="here")
        yield TopBar(id="status")
        yield Footer(show_command_palette=False)

    def show(self, state: VisitorState) -> None:
        """Show what the server says of itself, once it has said it."""
        super().show(state)
        self.query_one("#begin", Button).disabled = state.stage is Stage.STARTING
        server = state.server
        notice = self.query_one("#notice", Static)
        if server is None:
            notice.update(Content("Connecting to the help desk. You can fill in the form."))
            return
        notice.update(Content(clean_text(server.notice)))
        notice.border_title = Content("Before you begin")
        self.query_one("#here", Static).update(Content(operators_here(server.operators)))
        if server.topics != self._topics:
            self._offer(server.topics)
        if not self._greeted and server.earlier is not None:
            self._greeted = True
            name = self.query_one("#name", Input)
            name.value = name.value or clean_name(server.earlier.name)

    def _offer(self, topics: tuple[str, ...]) -> None:
        self._topics = topics
        options = self.query_one(Topics)
        options.clear_options()
        options.add_options([Content(clean_name(topic)) for topic in topics])
        options.set_class(bool(topics), "-offered")

    def _choose(self, number: int) -> None:
        self.query_one("#topic", Input).value = clean_name(self._topics[number])
        self.set_focus(self.query_one("#begin", Button))  # at once, as in action_named

    def action_named(self) -> None:
        """Go on from the name to what it is about."""
        # Not focus(), which comes a turn later: the next key would still go to the name.
        self.set_focus(self.query_one("#topics" if self._topics else "#topic"))

    @on(Input.Submitted, "#topic")
    @on(Button.Pressed, "#begin")
    def action_begin(self) -> None:
        """Begin, if there is a topic and the notice has been shown."""
        if self.visit.state.server is None or self.visit.state.stage is Stage.STARTING:
            self.visit.ring()
            return
        topic = clean_name(self.query_one("#topic", Input).value)
        if not topic:
            self.advise("Please choose a topic, or write one in your own words.")
            self.query_one("#topics" if self._topics else "#topic").focus()
            return
        name = clean_name(self.query_one("#name", Input).value) or NAMELESS
        self.visit.begin(name, topic)
