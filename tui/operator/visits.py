"""The list at the left: who waits, and one's own sessions.

Owns the look of the list and moving in it. Must not know what is done with a session.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from livehelp.wire.signals import Visit
from livehelp.wire.text import clean_name
from tui.clock import span
from tui.operator.state import OperatorState

_MARK = "* "
_NO_MARK = "  "


@dataclass(frozen=True, slots=True)
class Item:
    """One row or two of the list; ``ref`` is empty for a heading."""

    ref: str
    lines: tuple[str, ...]
    marked: bool = False


def items_of(state: OperatorState, now: datetime, width: int) -> list[Item]:
    """Return what the list shows, in its order: one's own sessions, then who waits."""
    own = [_own(state, ref, number, width) for number, ref in enumerate(state.desk, 1)]
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


def _own(state: OperatorState, ref: str, number: int, width: int) -> Item:
    visit, chat = state.visit(ref), state.chat(ref)
    name = clean_name(visit.name) if visit else ref
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
    return Item(ref, _rows(head, right, topic, marked=marked, width=width), marked)


def _waiting(state: OperatorState, visit: Visit, now: datetime, width: int) -> Item:
    marked = visit.session in state.fresh
    right = span(visit.at, now)
    if marked:
        right = f"NEW {right}"
    rows = _rows(clean_name(visit.name), right, clean_name(visit.topic), marked=marked, width=width)
    return Item(visit.session, rows, marked)


def _rows(head: str, right: str, below: str, *, marked: bool, width: int) -> tuple[str, str]:
    mark = _MARK if marked else _NO_MARK
    end = Content(right)
    room = max(1, width - len(mark) - end.cell_length - 1)
    start = Content(head).truncate(room, ellipsis=True)
    first = f"{mark}{start.plain}{' ' * (room - start.cell_length + 1)}{right}"
    indent = 4
    second = Content(below).truncate(max(1, width - indent), ellipsis=True)
    return (first, f"{' ' * indent}{second.plain}")


class Visits(OptionList):
    """The list. Moving in it looks at a session; Enter opens it, or takes who waits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Open or take", key_display="Enter"),
    ]

    class Looked(Message):
        """The operator moved to ``ref``."""

        def __init__(self, ref: str) -> None:
            super().__init__()
            self.ref = ref

    class Chosen(Message):
        """The operator pressed Enter on ``ref``, or its number."""

        def __init__(self, ref: str) -> None:
            super().__init__()
            self.ref = ref

    def __init__(self) -> None:
        super().__init__(id="visits", markup=False, compact=True)
        self._items: list[Item] = []
        self._own: tuple[str, ...] = ()
        self._expected: int | None = None

    def show(self, state: OperatorState, now: datetime) -> None:
        """Show the list, the session in view highlighted."""
        self._own = state.desk
        items = items_of(state, now, max(10, self.scrollable_content_region.width))
        at = next((n for n, item in enumerate(items) if item.ref == state.current != ""), None)
        if items != self._items:
            self._items = items
            self._expected = at
            self.clear_options()
            self.add_options([_option(item) for item in items])
        if self.highlighted != at:
            self._expected = at
            self.highlighted = at

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        # The message may be older than the list, and is none of ours if we moved the highlight.
        moved = event.option_index == self.highlighted != self._expected
        if moved and event.option_id is not None:
            self.post_message(self.Looked(event.option_id))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Chosen(event.option_id))

    def on_key(self, event: events.Key) -> None:
        """Go to one's own session of that number."""
        number = "123456789".find(event.character or "-")
        if 0 <= number < len(self._own):
            event.stop()
            self.post_message(self.Chosen(self._own[number]))


def _option(item: Item) -> Option:
    text = "\n".join(item.lines)
    if not item.ref:
        style = "dim" if text.startswith(" ") else "bold"
        return Option(Content.assemble((text, style)), disabled=True)
    style = "bold" if item.marked else ""
    return Option(Content.assemble((item.lines[0], style), "\n", item.lines[1]), id=item.ref)
