"""One row with something on the left and something on the right.

Owns how the two share the width: the right side is kept whole, the left one is cut with an
ellipsis. Must not know what they say.
"""

from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

# Between the two sides, so that they never read as one sentence.
_GAP: Final = 2


class TopBar(Widget):
    """A row of text; ``left`` and ``right`` are set whenever they change."""

    DEFAULT_CSS = """
    TopBar { height: 1; width: 1fr; padding: 0 1; }
    """

    left: reactive[Content] = reactive(Content())
    right: reactive[Content] = reactive(Content())

    def render(self) -> Content:
        """Return the row at the present width."""
        width = self.content_size.width
        right = self.right.truncate(width, ellipsis=True)
        room = max(0, width - right.cell_length - (_GAP if right else 0))
        left = self.left.truncate(room, ellipsis=True)
        space = max(0, width - left.cell_length - right.cell_length)
        return Content.assemble(left, " " * space, right)
