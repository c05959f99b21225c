"""The conversation: who said what, when, and what became of one's own lines.

Owns the scrolling of entries: staying at the end, telling of what is below, selecting text. The
rows of an entry are made once and kept, so that a long talk costs no more a line than a short one.
Must not know sessions or the wire.
"""

from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.clock import Clock
from tui.conversation import DeliveryStatus, Entry
from tui.widgets.rows import Looks, Spec, row, rows_of, specs_of

# What is drawn at most. A talk of this many entries is hours long; the transcript has it all.
_MAX_SHOWN: Final = 2_000
# What is over is dropped in steps, so that not every line draws all of them again.
_DROP_STEP: Final = 500


class ConversationView(ScrollView, can_focus=True):
    """A scrolling conversation. ``show`` gives it what to show."""

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "conversation--mine",
        "conversation--theirs",
        "conversation--note",
        "conversation--quiet",
        "conversation--problem",
        "conversation--below",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("end", "scroll_end", "To the end", show=False),
        Binding("home", "scroll_home", "To the start", show=False),
    ]
    DEFAULT_CSS = """
    ConversationView {
        padding: 0 1; background: $background; overflow-x: hidden;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        & .conversation--mine { color: $primary; text-style: bold; }
        & .conversation--theirs { color: $accent; text-style: bold; }
        & .conversation--note { color: $accent; text-style: italic; }
        & .conversation--quiet { color: $text-muted; }
        & .conversation--problem { color: $error; text-style: bold; }
        & .conversation--below { background: $panel; color: $accent; text-style: bold; }
    }
    """

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002, Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._entries: tuple[Entry, ...] = ()
        self._empty = ""
        self._specs: list[Spec] = []
        self._blocks: list[list[Strip]] = []
        self._rows: list[Strip] = []
        self._more_below = False
        # Whether the reader is at the end, as of the last scrolling: a smaller window or a new
        # line moves the end away from the reader, not the reader from the end.
        self._follows = True

    def show(self, entries: tuple[Entry, ...], *, empty: str = "", jump: bool = False) -> None:
        """Show ``entries``, or the words ``empty`` if there are none.

        Whoever is at the end stays there; whoever reads further up is not moved, but told. An own
        line goes to the end, for one sees what one says. ``jump`` goes there whatever was shown
        before: another conversation comes into view.
        """
        if entries is self._entries and empty == self._empty and not jump:
            return
        jump = jump or _writes(self._entries, entries)
        over = len(entries) - _MAX_SHOWN
        if over > 0:
            entries = entries[-(-over // _DROP_STEP) * _DROP_STEP :]
        self._entries, self._empty = entries, empty
        self._draw(jump=jump)

    def page(self, pages: int) -> None:
        """Scroll by a page, up if negative."""
        if pages < 0:
            self.scroll_page_up(animate=False)
        else:
            self.scroll_page_down(animate=False)

    def _draw(self, *, jump: bool = False, afresh: bool = False) -> None:
        width = self.scrollable_content_region.width
        if not self.is_mounted or width <= 0:
            return
        self._follows = self._follows or jump
        rows_before = len(self._rows)
        if afresh:
            self._specs.clear()
        self._draw_blocks(width)
        if not self._rows and self._empty:
            self._rows = self._in_the_middle(width)
        self.virtual_size = Size(width, len(self._rows))
        if self._follows:
            self._more_below = False
            self._to_end()
        else:
            self._more_below = self._more_below or len(self._rows) > rows_before
        self.refresh()

    def _to_end(self) -> None:
        # Forced: the first rows that do not fit come before Textual shows the scroll bar.
        self.scroll_end(animate=False, immediate=True, force=True, x_axis=False)

    def _draw_blocks(self, width: int) -> None:
        specs = specs_of(self._entries)
        looks = self._looks()
        blocks: list[list[Strip]] = []
        for number, spec in enumerate(specs):
            kept = number < len(self._specs) and self._specs[number].same(spec)
            blocks.append(
                self._blocks[number] if kept else rows_of(spec, width, looks, self._clock)
            )
        self._specs, self._blocks = specs, blocks
        self._rows = [row for block in blocks for row in block]

    def _looks(self) -> Looks:
        style = self.get_visual_style
        return Looks(
            text=self.visual_style,
            mine=style("conversation--mine"),
            theirs=style("conversation--theirs"),
            note=style("conversation--note"),
            quiet=style("conversation--quiet"),
            problem=style("conversation--problem"),
        )

    def _in_the_middle(self, width: int) -> list[Strip]:
        quiet = self.get_visual_style("conversation--quiet")
        lines = Content.assemble((self._empty, quiet)).wrap(width, align="center")
        above = max(0, (self.scrollable_content_region.height - len(lines)) // 2)
        return [
            row(line, width, self.visual_style)
            for line in (*[Content()] * above, *(line.center(width) for line in lines))
        ]

    def on_resize(self, _: events.Resize) -> None:
        """Wrap again at the new width."""
        self._draw(afresh=True)

    def notify_style_update(self) -> None:
        """Draw again in the new colours."""
        super().notify_style_update()
        self._draw(afresh=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Note whether the end is in view; the hint that there is more goes then."""
        super().watch_scroll_y(old_value, new_value)
        self._follows = self.is_vertical_scroll_end
        if self._more_below and self._follows:
            self._more_below = False
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one row of the screen."""
        width = self.scrollable_content_region.width
        if self._more_below and y == self.scrollable_content_region.height - 1:
            hint = Content("↓ more below: Page Down").center(width)
            return row(hint, width, self.get_visual_style("conversation--below"))
        number = y + self.scroll_offset.y
        if number >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        return self._selected(self._rows[number], number).apply_offsets(0, number)

    def _selected(self, strip: Strip, number: int) -> Strip:
        selection = self.text_selection
        if selection is None or (part := selection.get_span(number)) is None:
            return strip
        start, end = part[0], (strip.cell_length if part[1] == -1 else part[1])
        style = self.screen.get_component_rich_style("screen--selection")
        middle = strip.crop(start, end).apply_style(style)
        return Strip.join([strip.crop(0, start), middle, strip.crop(end)])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, for the clipboard."""
        text = "\n".join(strip.text.rstrip() for strip in self._rows)
        return selection.extract(text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is selected."""
        del selection
        self.refresh()


def _writes(before: tuple[Entry, ...], now: tuple[Entry, ...]) -> bool:
    """Tell whether an own line has been written: what is on its way stands last."""
    return bool(now) and now[-1].fate is DeliveryStatus.SENDING and now[-1] not in before[-1:]
