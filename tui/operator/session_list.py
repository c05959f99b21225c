"""The list at the left: one's own sessions, and who waits.

Owns the look of the list and moving in it. Draws only the rows that are in view: hundreds may wait.
Must not know what is done with a session.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from livehelp.wire.signals import Visit
from livehelp.wire.text import clean_name
from tui.clock import span
from tui.operator.state import OperatorState

# Signs, so that no meaning rests on a colour: in view, something new, neither.
_IN_VIEW, _NEW, _NOTHING = "> ", "* ", "  "


@dataclass(frozen=True, slots=True)
class Item:
    """One row or two of the list; ``session`` is empty for a heading."""

    session: str
    lines: tuple[str, ...]
    marked: bool = False
    in_view: bool = False


def items_of(state: OperatorState, now: datetime, width: int) -> list[Item]:
    """Return what the list shows, in its order: one's own sessions, then who waits."""
    own = [_own(state, session, number, width) for number, session in enumerate(state.desk, 1)]
    # The answer to a take may be here before the floor knows of it.
    others = [visit for visit in state.floor.waiting if visit.session not in state.desk]
    waiting = [_waiting(state, visit, now, width) for visit in others]
    items = [Item("", (f"My visitors  {len(own)}",)), *own]
    if not own:
        items.append(Item("", ("  none yet",)))
    items += [Item("", ("",)), Item("", (f"Waiting  {len(waiting)}",)), *waiting]
    if not waiting:
        items.append(Item("", ("  nobody",)))
    return items


def _own(state: OperatorState, session: str, number: int, width: int) -> Item:
    visit, chat = state.visit(session), state.chat(session)
    name = clean_name(visit.name) if visit else session
    if chat.ended:
        right = "ended"
    elif visit and not visit.online:
        right = "LINK LOST"
    else:
        right = ""
    if chat.unread:
        right = " ".join(filter(None, (f"{chat.unread} new", right)))
    head = f"{number if number < 10 else '-'} {name}"
    topic = clean_name(visit.topic) if visit else ""
    marked = bool(chat.unread)
    in_view = session == state.current
    rows = _rows(_sign(in_view=in_view, marked=marked), head, right, topic, width)
    return Item(session, rows, marked, in_view)


def _waiting(state: OperatorState, visit: Visit, now: datetime, width: int) -> Item:
    marked = visit.session in state.unseen
    right = span(visit.at, now)
    if not visit.online:
        right = "LINK LOST"
    elif marked:
        right = f"NEW {right}"
    in_view = visit.session == state.current
    sign = _sign(in_view=in_view, marked=marked)
    rows = _rows(sign, clean_name(visit.name), right, clean_name(visit.topic), width)
    return Item(visit.session, rows, marked, in_view)


def _sign(*, in_view: bool, marked: bool) -> str:
    if marked:
        return _NEW
    return _IN_VIEW if in_view else _NOTHING


def _rows(sign: str, head: str, right: str, below: str, width: int) -> tuple[str, str]:
    end = Content(right)
    room = max(1, width - len(sign) - end.cell_length - 1)
    start = Content(head).truncate(room, ellipsis=True)
    first = f"{sign}{start.plain}{' ' * (room - start.cell_length + 1)}{right}"
    indent = 2 * len(sign)
    second = Content(below).truncate(max(1, width - indent), ellipsis=True)
    return (first, f"{' ' * indent}{second.plain}")


class SessionList(ScrollView, can_focus=True):
    """The list. Moving in it looks at a session; Enter opens it, or takes who waits."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "visits--heading",
        "visits--new",
        "visits--below",
        "visits--in-view",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open", key_display="Enter"),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-5)", show=False),
        Binding("pagedown", "move(5)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
    ]

    class Looked(Message):
        """The operator moved to ``session``."""

        def __init__(self, session: str) -> None:
            super().__init__()
            self.session = session

    class Chosen(Message):
        """The operator pressed Enter on ``session``, or its number, or clicked it."""

        def __init__(self, session: str) -> None:
            super().__init__()
            self.session = session

    def __init__(self) -> None:
        super().__init__(id="visits")
        self._items: list[Item] = []
        self._rows: list[tuple[Item, int]] = []
        self._own: tuple[str, ...] = ()
        self._state: tuple[OperatorState, datetime] | None = None

    def show(self, state: OperatorState, now: datetime) -> None:
        """Show the list, the session in view highlighted and in sight."""
        self._state = (state, now)
        width = self.scrollable_content_region.width
        if width <= 0:
            return
        before = next((item.session for item in self._items if item.in_view), "")
        self._own = state.desk
        items = items_of(state, now, width)
        if items == self._items:
            return
        self._items = items
        self._rows = [(item, line) for item in items for line in range(len(item.lines))]
        self.virtual_size = Size(width, len(self._rows))
        self.refresh()
        if state.current != before:
            self._into_sight()

    def on_resize(self) -> None:
        """Cut the rows anew at the new width."""
        if self._state is not None:
            self._items = []
            self.show(*self._state)

    def render_line(self, y: int) -> Strip:
        """Return one row of the screen."""
        width = self.scrollable_content_region.width
        number = y + self.scroll_offset.y
        if number >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        item, line = self._rows[number]
        style = self.visual_style + self.get_visual_style(self._look(item, line))
        strip = Strip(Content(item.lines[line]).render_segments(style))
        return strip.adjust_cell_length(width, style.rich_style)

    @staticmethod
    def _look(item: Item, line: int) -> str:
        if not item.session:
            return "visits--heading"
        if item.in_view:
            return "visits--in-view"
        if line:
            return "visits--below"
        return "visits--new" if item.marked else "visits--below"

    @property
    def may_choose(self) -> bool:
        """True if the list has the session in view."""
        return any(item.in_view for item in self._items)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is opened where nothing is in view."""
        del parameters
        return self.may_choose if action == "choose" else True

    def action_choose(self) -> None:
        """Open the session in view, or take who waits."""
        for item in self._items:
            if item.in_view:
                self.post_message(self.Chosen(item.session))

    def action_move(self, by: int) -> None:
        """Look at another session of the list."""
        choices = [item for item in self._items if item.session]
        if choices:
            before = -1 if by > 0 else len(choices)
            at = next((n for n, item in enumerate(choices) if item.in_view), before)
            self.post_message(self.Looked(choices[max(0, min(len(choices) - 1, at + by))].session))

    def on_click(self, event: events.Click) -> None:
        """Open what was clicked, or take who waits there: the second click, the first looks."""
        number = event.get_content_offset_capture(self).y + self.scroll_offset.y
        if 0 <= number < len(self._rows):
            item, _ = self._rows[number]
            if item.session:
                self.post_message((self.Chosen if item.in_view else self.Looked)(item.session))

    def on_key(self, event: events.Key) -> None:
        """Go to one's own session of that number."""
        number = "123456789".find(event.character or "-")
        if 0 <= number < len(self._own):
            event.stop()
            self.post_message(self.Chosen(self._own[number]))

    def _into_sight(self) -> None:
        rows = [n for n, (item, _) in enumerate(self._rows) if item.in_view]
        if rows:
            region = Region(0, rows[0], 1, len(rows))
            self.scroll_to_region(region, animate=False, force=True, immediate=True)
