"""What the screens of both apps have in common.

Owns what an app asks of its screens. Must not know which app it is.
"""

from typing import Generic, TypeVar

from textual.screen import Screen

S = TypeVar("S")


class StageScreen(Screen[None], Generic[S]):
    """A screen of one stage, which is shown the app's state whenever that changes."""

    @property
    def begun(self) -> str:
        """What is written here and would be lost by leaving, as a sentence; empty if nothing is."""
        return ""

    def show(self, state: S) -> None:
        """Show ``state``; called whenever it changed, and each second while time matters."""
        raise NotImplementedError
