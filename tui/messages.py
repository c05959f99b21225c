"""What the link worker posts to the app.

Owns the three Textual messages between them. Loads no client: the first screen needs it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from textual.message import Message

if TYPE_CHECKING:
    from livehelp.client.states import Incoming

C = TypeVar("C")


class ClientReady(Message, Generic[C]):
    """The worker holds ``client`` now. The app may look at it; commands go through the worker."""

    def __init__(self, client: C) -> None:
        super().__init__()
        self.client = client


class MessageReceived(Message):
    """The client heard ``what``: an event, a signal, or how the link stands."""

    def __init__(self, what: "Incoming") -> None:
        super().__init__()
        self.what = what


class RequestDone(Message):
    """A request was answered; ``apply`` tells whoever asked, in the app's own turn."""

    def __init__(self, apply: Callable[[], None]) -> None:
        super().__init__()
        self.apply = apply
