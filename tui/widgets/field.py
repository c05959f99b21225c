"""A label and one row to type into, and the key that goes to the next one.

Owns the look of a form's row. Must not know which form it stands in.
"""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input, Static

# Before the field sees it: what is typed right behind a Tab belongs to the next field.
NEXT_FIELD: Final = Binding("tab", "app.focus_next", "Next field", key_display="Tab", priority=True)


class Field(Container):
    """A labelled input; ``id`` names the input. ``above`` puts the label on its own rows."""

    DEFAULT_CSS = """
    Field {
        height: auto; layout: horizontal;
        & > Static { width: 14; height: auto; color: $text-muted; }
        & > Input { width: 1fr; }
        &.-above { layout: vertical; }
        &.-above > Static { width: 100%; }
    }
    """

    def __init__(
        self,
        label: str,
        *,
        id: str,  # noqa: A002, Textual's name
        hint: str = "",
        value: str = "",
        password: bool = False,
        limit: int,
        above: bool = False,
    ) -> None:
        super().__init__(classes="-above" if above else "")
        self._label = label
        self.input = Input(
            value,
            placeholder=hint,
            id=id,
            password=password,
            max_length=limit,
            compact=True,
        )
        self.input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """Build the row."""
        yield Static(Content(self._label))
        yield self.input


class Question(Field):
    """A field from which Enter goes on, as Tab does and for the same reason.

    A password that is typed right behind the name must not stand where it can be read.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.focus_next", show=False, priority=True)
    ]
