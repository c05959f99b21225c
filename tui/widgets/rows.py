"""Entries as rows of the screen.

Owns how an entry looks at a width: the speaker's name and time above, the text indented, the mark
of an own line at the right. Must not know scrolling, or which entries there are.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from tui.clock import Clock
from tui.conversation import DeliveryStatus, Entry, Kind

# Longer rows are hard to read back along (typographers: 45 to 75 characters).
_MEASURE: Final = 76
_INDENT: Final = 2
# Lines of one speaker that are further apart get a new heading, so that each time is right to
# within this.
_SAME_HEADING: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Looks:
    """The styles of the parts, as the widget's style sheet has them."""

    text: Style
    mine: Style
    theirs: Style
    note: Style
    quiet: Style
    problem: Style


@dataclass(frozen=True, slots=True)
class Spec:
    """All that one entry's rows depend on, besides width and looks."""

    entry: Entry
    heading: bool
    gap: bool
    newest_sent: bool

    def same(self, other: "Spec") -> bool:
        """Tell whether the rows would be the same; the entry by identity, it is frozen."""
        return self.entry is other.entry and (self.heading, self.gap, self.newest_sent) == (
            other.heading,
            other.gap,
            other.newest_sent,
        )


def specs_of(entries: tuple[Entry, ...]) -> list[Spec]:
    """Return how each entry stands among the others.

    Only the newest of the own lines that were sent says so; an older one without a mark was.
    """
    newest = next((e for e in reversed(entries) if e.fate is DeliveryStatus.SENT), None)
    specs: list[Spec] = []
    before: Entry | None = None
    for entry in entries:
        heading = before is None or not _continues(before, entry)
        # A run of events reads as one block; everything else gets air.
        gap = before is not None and heading and not (before.kind is entry.kind is Kind.EVENT)
        specs.append(Spec(entry, heading, gap, entry is newest))
        before = entry
    return specs


def _continues(before: Entry, entry: Entry) -> bool:
    return (
        entry.kind is not Kind.EVENT
        and before.kind is entry.kind
        and before.who == entry.who
        and before.mine == entry.mine
        and entry.at - before.at < _SAME_HEADING
    )


def rows_of(spec: Spec, width: int, looks: Looks, clock: Clock) -> list[Strip]:
    """Return the rows of one entry, each exactly ``width`` cells."""
    entry = spec.entry
    lines = [Content()] if spec.gap else []
    if entry.kind is Kind.EVENT:
        lines += _event(entry, width, looks, clock)
    else:
        if spec.heading:
            lines += _heading(entry, looks, clock).wrap(width)
        lines += _body(spec, width, looks)
    return [row(line, width, looks.text) for line in lines]


def row(line: Content, width: int, style: Style) -> Strip:
    """Return ``line`` as a row of exactly ``width`` cells."""
    strip = Strip(line.render_segments(style))
    return strip.adjust_cell_length(width, style.rich_style)


def _heading(entry: Entry, looks: Looks, clock: Clock) -> Content:
    time = (f"  {clock.hour(entry.at)}", looks.quiet)
    if entry.kind is Kind.NOTE:
        return Content.assemble(
            (f"Note by {entry.who}", looks.note), time, ("  the visitor cannot see it", looks.quiet)
        )
    if entry.mine:
        return Content.assemble(("You", looks.mine), time)
    return Content.assemble((entry.who, looks.theirs), time)


def _event(entry: Entry, width: int, looks: Looks, clock: Clock) -> list[Content]:
    first, *rest = entry.text.split("\n")
    head = Content.assemble((f"{first}  {clock.hour(entry.at)}", looks.quiet))
    lead, *below = _indented(head, width)
    lines = [Content.assemble(("- ", looks.quiet), lead[_INDENT:]), *below]
    for line in rest:
        lines += _indented(Content.assemble((line, looks.quiet)), width)
    return lines


def _measure(width: int) -> int:
    # One column stays free, so that a mark does not touch the scroll bar.
    return max(1, min(width - 1, _MEASURE))


def _body(spec: Spec, width: int, looks: Looks) -> list[Content]:
    entry = spec.entry
    if entry.kind is Kind.NOTE:
        lines = _indented(Content.assemble((entry.text, looks.note)), width, lead="| ")
    else:
        lines = _indented(Content(entry.text), width)
    mark = _mark(spec, looks)
    if mark:
        lines = _marked(lines, mark, width)
    return lines


def _indented(text: Content, width: int, lead: str = "") -> list[Content]:
    before = " " * _INDENT + lead
    room = max(1, _measure(width) - len(before))
    return [Content.assemble(before, line) for line in text.wrap(room)]


def _mark(spec: Spec, looks: Looks) -> Content:
    match spec.entry.fate:
        case DeliveryStatus.SENDING:
            return Content.assemble(("sending ...", looks.quiet))
        case DeliveryStatus.NOT_SENT:
            return Content.assemble((f"NOT SENT: {spec.entry.why}", looks.problem))
        case DeliveryStatus.SENT if spec.newest_sent:
            return Content.assemble(("sent", looks.quiet))
        case _:
            return Content()


def _marked(lines: list[Content], mark: Content, width: int) -> list[Content]:
    """Put the mark at the right of the last row, or on rows of its own if there is no room."""
    measure = _measure(width)
    last = lines[-1]
    room = measure - last.cell_length - mark.cell_length
    if room >= 2:
        return [*lines[:-1], Content.assemble(last, " " * room, mark)]
    return [*lines, *_indented(mark, width)]
