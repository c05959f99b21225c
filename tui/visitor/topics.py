"""The topics that are offered, as a list to choose from.

Owns where one stands in it, and that a choice is made in its turn. Must not know what it is for.
"""

from collections.abc import Callable

from textual.widgets import OptionList


class Topics(OptionList):
    """The list.

    Args:
        choose: Is given the number of the topic that Enter was pressed on, or that was clicked. It
            is called, and no message, which would come late: the next key may begin the visit.
        id: The widget's name in the style sheet.
    """

    def __init__(self, choose: Callable[[int], None], *, id: str) -> None:  # noqa: A002, Textual's name
        super().__init__(id=id, markup=False, compact=True)
        self._choose = choose

    def on_focus(self) -> None:
        """Stand on the first, so that one sees where one is and that Enter chooses."""
        if self.highlighted is None:
            self.highlighted = 0

    def action_select(self) -> None:
        """Choose what one stands on."""
        if self.highlighted is not None:
            self._choose(self.highlighted)
