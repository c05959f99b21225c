"""The visitor's card: who this is, and what was said the time before.

Owns the layout of what the policy lets operators see. Must not know how it was fetched.
"""

from datetime import datetime
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from livehelp.wire.signals import Visit
from livehelp.wire.text import clean_name
from livehelp.words import names
from tui.clock import Clock, span
from tui.operator.chat import Chat
from tui.operator.state import OperatorState
from tui.widgets.conversation_view import ConversationView

_LABEL: Final = 10


def facts_of(visit: Visit, chat: Chat, clock: Clock, now: datetime) -> list[tuple[str, str]]:
    """Return label and value of each row of the card, in its order."""
    since = f"{clock.hour(visit.at)} ({span(visit.at, now)})"
    link = "ended" if chat.ended else "connected" if visit.online else "LINK LOST"
    rows = [
        ("Name", visit.name),
        ("Topic", visit.topic),
        ("Reference", visit.session),
        ("Since", since),
        ("Link", link),
        ("With", names(visit.operators) or "nobody yet"),
        ("Client", f"{visit.client} {visit.version}"),
        ("Host", visit.host or "-"),
        ("IP", visit.ip),
        ("Place", visit.place or "-"),
        ("Earlier", visit.previous or "no earlier visit"),
    ]
    return [(label, clean_name(value)) for label, value in rows]


class Facts(Widget):
    """Labels and values, the values wrapped beside their labels at whatever width there is."""

    DEFAULT_CSS = "Facts { height: auto; padding: 0 1; }"

    rows: reactive[tuple[tuple[str, str], ...]] = reactive((), layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many rows the facts take at ``width``."""
        del container, viewport
        return len(self._lines(width))

    def render(self) -> Content:
        """Return the facts at the present width."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        return [line for label, value in self.rows for line in _row(label, value, width)]


class VisitorDetails(VerticalScroll, can_focus=False):
    """The card. ``show`` gives it what to show."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.focus_previous", show=False),
    ]
    DEFAULT_CSS = """
    VisitorDetails {
        & #earlier-head { height: auto; padding: 0 1; margin-top: 1; text-style: bold; }
        & #earlier { height: 1fr; min-height: 6; padding: 0 1; }
    }
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(id="card")
        self._clock = clock

    def compose(self) -> ComposeResult:
        """Build the facts, and the earlier conversation below them."""
        yield Facts()
        yield Static(id="earlier-head")
        yield ConversationView(self._clock, id="earlier")

    def show(self, state: OperatorState, now: datetime) -> None:
        """Show the visitor in view."""
        visit, chat = state.visit(state.current), state.chat(state.current)
        facts, head = self.query_one(Facts), self.query_one("#earlier-head", Static)
        earlier = self.query_one("#earlier", ConversationView)
        if visit is None:
            facts.rows = (("Nobody is in view.", ""),)
            head.display = earlier.display = False
            return
        facts.rows = tuple(facts_of(visit, chat, self._clock, now))
        head.display = earlier.display = bool(visit.previous)
        entries = chat.earlier.entries if chat.earlier else ()
        # With the day: the times alone would look like today's.
        when = f", {self._clock.day(entries[0].at)}" if entries else ""
        head.update(Content(f"Said the time before{when}"))
        earlier.show(entries, empty=chat.earlier_words)


def _row(label: str, value: str, width: int) -> list[Content]:
    first, *rest = Content(value).wrap(max(1, width - _LABEL)) or [Content()]
    head = Content.assemble((label.ljust(_LABEL), "dim"), first)
    return [head, *(Content.assemble(" " * _LABEL, line) for line in rest)]
