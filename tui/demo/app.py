"""``livehelp demo`` by hand: a visitor and an operator on one screen, both of them you.

Owns the screen, its keys, and the one line that says what to do next. Each side has a connection
of its own to the running server, and nothing passes between the two but through it. Must not know
where that server came from, or what is printed when the demo is over.
"""

from pathlib import Path
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Footer

from tui.app import CalmApp
from tui.clock import Clock
from tui.demo.operator import OperatorSide
from tui.demo.side import Side
from tui.demo.visitor import NAME, VisitorSide
from tui.widgets.top_bar import TopBar

# Waiting times and countdowns are shown in whole seconds or minutes.
_TICK: Final = 1.0
# From this height on, the visitor's card leaves the conversation below it half of the screen.
_TALL: Final = 34


class DemoApp(CalmApp[str | None], inherit_bindings=False):
    """The demo; its result is the reference of the visit, None if none was opened.

    Args:
        address: Where the server is.
        operator: The account to sign in with,
        password: and its password.
        clock: Where the time comes from.
    """

    TITLE = "Live Help demo"
    CSS_PATH: ClassVar = [
        Path(__file__).parents[1] / "app.tcss",
        Path(__file__).with_name("demo.tcss"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "take", f"Take {NAME}", key_display="F2"),
        Binding("enter", "finish", "Leave, print the transcript", key_display="Enter"),
        Binding("tab", "other_side", "Other side", key_display="Tab", priority=True),
        Binding("shift+tab,f6", "other_side", show=False, priority=True),
        Binding("f10", "end", "End the visit", key_display="F10"),
        # Some terminals keep F10 for themselves. The composer's own Ctrl+E has to give way.
        Binding("ctrl+e", "end", show=False, priority=True),
        Binding("ctrl+c", "help_quit", show=False),
        Binding("ctrl+q", "leave", "Leave", key_display="Ctrl+Q", priority=True),
    ]

    def __init__(
        self, address: str, operator: str, password: str, *, clock: Clock | None = None
    ) -> None:
        super().__init__(clock)
        self.visitor = VisitorSide(address, self.clock)
        self.operator = OperatorSide(address, operator, password, self.clock)
        self._operator_name = operator
        self._here: Side = self.visitor
        self._visitor_comes = False
        self._offered: tuple[bool, ...] = ()

    def compose(self) -> ComposeResult:
        """Build the screen."""
        yield TopBar(id="hint")
        with Horizontal(id="sides"):
            yield self.visitor
            yield self.operator
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begin, once there is something to look at."""
        self._enter(self._here)
        self._show()
        self.set_interval(_TICK, self._tick)
        self.call_after_refresh(self.begin)

    def begin(self) -> None:
        """Sign the operator in; the visitor comes when somebody is there."""
        self._visitor_comes = True
        self.operator.begin()

    def on_resize(self, event: events.Resize) -> None:
        """Keep the visitor's card in view where there is room."""
        self.set_class(event.size.height >= _TALL, "-tall")

    @property
    def hint(self) -> str:
        """What to do next, for somebody who has never seen this."""
        if self.visitor.ended:
            return "The visit has ended. Enter leaves and prints the transcript as it was stored."
        if self.operator.helping:
            return "You play both. Type, and Enter sends. Tab: the other side. F10: end the visit."
        if self.visitor.talking:
            return f"{NAME} waits for help, on the left. F2: {self._operator_name} takes the visit."
        return "One moment: an operator signs in, then a visitor enters."

    # What the sides tell.

    @on(Side.Changed)
    def _changed(self) -> None:
        if self.operator.ready and self._visitor_comes:
            self._visitor_comes = False
            self.visitor.begin()
        self._show()

    @on(Side.Entered)
    def _entered(self, event: Side.Entered) -> None:
        self._mark(event.side)

    @on(Side.Rang)
    def _rang(self) -> None:
        self.bell()

    def _show(self) -> None:
        if not self.is_running:
            return  # the app closes: as the sides
        self.query_one("#hint", TopBar).left = Content(self.hint)
        offered = (self.operator.may_take, self.visitor.talking, self.visitor.ended)
        if offered != self._offered:
            # Only then: the footer is built anew, which shows.
            self._offered = offered
            self.refresh_bindings()

    def _tick(self) -> None:
        self.visitor.show()
        self.operator.show()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done now, and nothing else."""
        if action == "take":
            return self.operator.may_take
        if action == "end":
            return self.visitor.talking
        if action == "finish":
            return self.visitor.ended
        return super().check_action(action, parameters)

    def action_take(self) -> None:
        """Let the operator take the visitor, and type as the operator."""
        self._enter(self.operator)
        self.operator.take()

    def action_other_side(self) -> None:
        """Type as the other one."""
        self._enter(self.operator if self._here is self.visitor else self.visitor)

    def _enter(self, side: Side) -> None:
        # Marked at once: the cursor follows the mark when the side opens for writing.
        self._mark(side)
        side.enter()

    def _mark(self, here: Side) -> None:
        self._here = here
        for side in (self.visitor, self.operator):
            side.mark(here=side is here)

    def action_end(self) -> None:
        """End the visit: as the one who types, or as the visitor while there is no operator."""
        side = self.operator if self._here is self.operator else self.visitor
        (side if self.operator.helping else self.visitor).end()

    def action_finish(self) -> None:
        """Leave after the end."""
        self.action_leave()

    def action_leave(self) -> None:
        """Leave; what was said so far is in the transcript."""
        self.exit(self.visitor.state.reference or None)


def run_demo(address: str, operator: str, password: str) -> str | None:
    """Run the demo in this terminal until the person leaves.

    Args:
        address: Where a server runs.
        operator: An account there,
        password: and its password.

    Returns:
        The reference of the visit, for its transcript; None if no visit was opened.
    """
    return DemoApp(address, operator, password).run()
