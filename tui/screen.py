"""What the screens of both apps have in common.

Owns the two things that an app asks of its screens. Must not know which app it is.
"""

from typing import Generic, TypeVar

from textual.screen import Screen

S = TypeVar("S")


class StageScreen(Screen[None], Generic[S]):
    """A screen of one stage, which is shown the app's state whenever that changes."""

    def show(self, state: S) -> None:
        """Show ``state``; called whenever it changed, and each second while time matters."""
        raise NotImplementedError
