"""Half of the demo's screen: what one of the two people sees.

Owns the layout of a side and how it says that one types there. Must not know whose side it is, or
how anything travels.
"""

from typing import Final, cast

from textual import events, on
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.clock import Clock
from tui.conversation import Entry
from tui.widgets.composer import Composer
from tui.widgets.conversation_view import ConversationView
from tui.widgets.top_bar import TopBar

_HERE: Final = "you type here"
_NOT_HERE: Final = "Tab: type here"
_WRITE: Final = "Write here. Enter sends."


class Side(Vertical):
    """A title, something to read first, the conversation, how things stand, and the composer.

    Args:
        title: Whose side it is.
        first: What is shown above the conversation until the two talk.
        clock: Where the time comes from.
        id: The widget's name in the style sheet.
    """

    class Changed(Message):
        """What this side shows has changed."""

    class Rang(Message):
        """The bell is due."""

    class Entered(Message):
        """The person types on ``side`` now."""

        def __init__(self, side: "Side") -> None:
            super().__init__()
            self.side = side

    def __init__(self, title: str, first: Widget, clock: Clock, *, id: str) -> None:  # noqa: A002, Textual's name
        super().__init__(id=id)
        self.clock = clock
        self._title = title
        self._first = first

    def compose(self) -> ComposeResult:
        """Build the side."""
        yield TopBar(classes="title")
        yield self._first
        yield ConversationView(self.clock)
        yield Static(classes="status")
        yield Composer(hint="", send=self.say)

    def on_mount(self) -> None:
        """Nobody types here yet, and there is nothing to write to."""
        self.query_one(Composer).disabled = True
        self.mark(here=False)

    def say(self, text: str) -> None:
        """Send a line."""
        raise NotImplementedError

    def enter(self) -> None:
        """Put the cursor where one types; while there is nothing to write to, nearby."""
        composer = self.query_one(Composer)
        target = self.query_one(ConversationView) if composer.disabled else composer
        target.focus(scroll_visible=False)

    def mark(self, *, here: bool) -> None:
        """Say whether it is here that one types: by a sign, in words, and by a heavier frame."""
        self.set_class(here, "-here")
        title = self.query_one(".title", TopBar)
        title.left = Content(f"{'>' if here else ' '} {self._title}")
        closed = self.query_one(Composer).disabled
        title.right = Content("" if closed else _HERE if here else _NOT_HERE)

    def paint(
        self,
        entries: tuple[Entry, ...],
        *,
        status: str,
        typist: str,
        troubled: bool,
        may_write: bool,
        empty: str = "",
        closed: str = "",
    ) -> None:
        """Show how things stand.

        Args:
            entries: The conversation,
            empty: and the words for none.
            status: The sentence that matters most now; it may take both rows of the status.
            typist: Who is typing, in words, or nothing.
            troubled: Whether the status tells of a problem.
            may_write: Whether there is anybody to write to,
            closed: and what stands where one writes while there is not.
        """
        if not cast("App[object]", self.app).is_running:
            return  # the app closes: what is shown goes before the last tick
        self.query_one(ConversationView).show(entries, empty=empty)
        words = self.query_one(".status", Static)
        words.update(Content("\n".join(filter(None, (status, typist)))))
        words.set_class(troubled, "-troubled")
        composer = self.query_one(Composer)
        composer.placeholder = Content(_WRITE if may_write else closed)
        if composer.disabled is may_write:
            composer.disabled = not may_write
            here = self.has_class("-here")
            self.mark(here=here)
            if here:
                self.enter()
        self.post_message(self.Changed())

    def give_back(self, text: str) -> None:
        """Put a line that could not be sent back where it was written."""
        self.query_one(Composer).set_draft(text)
        self.post_message(self.Rang())

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Tell that one types here now: Tab or the mouse brought the cursor."""
        self.post_message(self.Entered(self))

    @on(Composer.TooLong)
    def _too_long(self) -> None:
        self.post_message(self.Rang())

    @on(Composer.Paged)
    def _page(self, event: Composer.Paged) -> None:
        self.query_one(ConversationView).page(event.pages)
