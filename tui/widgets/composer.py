"""Where a person types.

Owns the draft: several lines, Enter sends, a limit with a counter near its end. Tells when somebody
types and stops. Must not know to whom it goes, or whether the link is up: typing always goes on.
"""

from collections.abc import Callable
from typing import ClassVar, Final, cast

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from livehelp.wire.base import MAX_TEXT
from livehelp.wire.text import clean_text

# From here on the counter shows: a line or two before the end, early enough to round off.
_COUNT_FROM: Final = MAX_TEXT - 200
# A paste is cut here. More can never be sent, and wrapping a megabyte would stall the screen.
_MAX_PASTE: Final = 2 * MAX_TEXT
# Silence after which "is typing" is taken back. Long enough to think about a word.
_TYPING_PAUSE: Final = 5.0


class Composer(TextArea):
    """A box of one to four rows. Ctrl+J or Shift+Enter begins a new line.

    Args:
        hint: What stands there while nothing is written.
        send: Is given what Enter was pressed on: clean, not empty, not too long. It is called, and
            no message, which would come late: the next key may bring another visitor into view.
        id: The widget's name in the style sheet.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", show=False),
        Binding("ctrl+j,shift+enter,alt+enter", "new_line", "New line", key_display="Ctrl+J"),
    ]

    DEFAULT_CSS = """
    Composer {
        height: auto; max-height: 6; min-height: 3;
        border: round $border-blurred; background: $background;
        &:focus { border: round $border; }
        & .text-area--cursor-line { background: $background; }
        & .text-area--placeholder { color: $text-muted; }
    }
    """

    class TooLong(Message):
        """Enter was pressed on more than can be sent; the counter says how much more."""

    class Typing(Message):
        """The person began (``on``) or stopped typing."""

        def __init__(self, *, on: bool) -> None:
            super().__init__()
            self.on = on

    class Paged(Message):
        """Page Up (-1) or Page Down (1): meant for the conversation above."""

        def __init__(self, pages: int) -> None:
            super().__init__()
            self.pages = pages

    def __init__(
        self,
        *,
        hint: str,
        send: Callable[[str], None],
        id: str | None = None,  # noqa: A002, Textual's name
    ) -> None:
        super().__init__(placeholder=Content(hint), id=id, soft_wrap=True, tab_behavior="focus")
        # A cursor that does not blink is calmer, and a picture of the screen is always the same.
        self.cursor_blink = False
        self.highlight_cursor_line = False
        self._send = send
        self._typing = False
        self._pause: Timer | None = None
        self._cut = False

    @property
    def over(self) -> int:
        """How many characters too many there are."""
        return max(0, len(clean_text(self.text)) - MAX_TEXT)

    def set_draft(self, text: str) -> None:
        """Show another draft, the cursor at its end."""
        if text != self.text:
            self._cut = False
            self.load_text(text)
            self.move_cursor(self.document.end)
        self._rest()

    def counter(self) -> str:
        """Return what the counter shows, empty far from the limit."""
        if over := self.over:
            # Who sends the parts must know that the last one is not here.
            what = (
                ", and the paste was cut off" if self._cut else ": shorten it, or send it in parts"
            )
            return f"{over:,} too many{what}"
        length = len(self.text)
        return f"{length:,} of {MAX_TEXT:,}" if length >= _COUNT_FROM else ""

    def action_new_line(self) -> None:
        """Begin a new line in the draft."""
        self.replace("\n", *self.selection)

    async def on_key(self, event: events.Key) -> None:
        """Do what a key is bound to in its turn, between the characters before and after it.

        Textual would pass the key up to the app, and type what came behind it meanwhile: of a burst
        ``a``, Ctrl+J, ``b`` would become ``ab`` and an empty line, and what is written to one
        visitor would go to the next.
        """
        if event.is_printable:
            return
        if event.key in {"pageup", "pagedown"}:
            self.post_message(self.Paged(-1 if event.key == "pageup" else 1))
        elif (bound := self.screen.active_bindings.get(event.key)) and bound.enabled:
            app = cast("App[object]", self.app)
            if not await app.run_action(bound.binding.action, bound.node):
                return  # nothing is selected to copy: the key goes on to whom it means something
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Paste text without what a terminal would obey."""
        event.stop()
        event.prevent_default()
        text = clean_text(event.text)
        room = max(0, _MAX_PASTE - len(self.text))
        self._cut = self._cut or len(text) > room
        if pasted := text[:room]:
            result = self.replace(pasted, *self.selection)
            self.move_cursor(result.end_location)
        self.border_subtitle = Content(self.counter())

    def on_text_area_changed(self) -> None:
        """Tell that somebody is typing, and show the counter."""
        self._cut = self._cut and self.over > 0
        self.border_subtitle = Content(self.counter())
        if not self.text:
            self._rest()
            return
        if not self._typing:
            self._typing = True
            self.post_message(self.Typing(on=True))
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(_TYPING_PAUSE, self._rest)

    def action_submit(self) -> None:
        """Send the draft, if it is one."""
        text = clean_text(self.text)
        if not text:
            return
        if self.over:
            self.post_message(self.TooLong())
            return
        self.load_text("")
        self._rest()
        self._send(text)

    def _rest(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        if self._typing:
            self._typing = False
            self.post_message(self.Typing(on=False))
