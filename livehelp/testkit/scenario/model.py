"""A scenario as frozen records: its actors, its steps, and the default timeouts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from livehelp.testkit.scenario.actions import Action
from livehelp.testkit.scenario.location import Location
from livehelp.testkit.scenario.matcher import Matcher
from livehelp.testkit.scenario.message_types import MessageType
from livehelp.wire.replies import ErrorCode

Side: TypeAlias = Literal["visitor", "operator"]
SOMEBODY: Final[Mapping[str, str]] = {"visitor": "a visitor", "operator": "an operator"}
# What happens to a server; see ServerProcess, which does it.
ServerAct: TypeAlias = Literal["kill", "stop", "start", "restart", "disk full", "disk free"]
# What means something else in a step, or in `by:`.
NOT_NAMES: Final = frozenset(
    {"server", "together", "transcript", "visitor", "operator", "system", "queue", "the queue"}
)
# What the words of an action mean: a text, a switch, somebody, answers by question.
Value: TypeAlias = str | bool | tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in a scenario.

    Attributes:
        name: As the steps call them.
        side: Of the desk.
        account: An operator's name at the server.
        location, client, version: What a client says of itself; None: nothing, or as usual.
        token: A visitor keeps a token from visit to visit.
        linked: Something happens to this actor's link; then
        seed: it may be said which chance its profile draws from.
        signs_in: The operator signs in with a step of their own, not before the first one.
    """

    name: str
    side: Side
    account: str
    place: str | None = None
    client: str | None = None
    version: str | None = None
    token: bool = False
    linked: bool = False
    seed: int | None = None
    signs_in: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something.

    Attributes:
        values: What the words after the action mean, by field.
        checks: What a transcript that it brings must be.
        refused: The refusal that is expected; None: it must be carried out.
        within: Seconds until it must be answered.
    """

    location: Location
    source: str
    actor: str
    action: Action
    values: Mapping[str, Value]
    checks: Mapping[str, Matcher]
    refused: ErrorCode | None
    within: float


@dataclass(frozen=True, slots=True)
class Expect:
    """Something comes to somebody within ``within`` seconds, or (``never``) does not.

    Attributes:
        of: The visitor whose visit it is in; None: of any visit of this scenario.
        fields: What its fields must be.
        again: Only what comes after what was expected last: it must not come once more.
        to_the_end: It must not come later in the scenario either.
    """

    location: Location
    source: str
    actor: str
    kind: MessageType
    of: str | None
    fields: Mapping[str, Matcher]
    never: bool
    within: float
    again: bool = False
    to_the_end: bool = False

    def __str__(self) -> str:
        """Return what is expected, in the file's words."""
        words = [f"{name}: {matcher}" for name, matcher in self.fields.items()]
        if self.of is not None:
            words.insert(0, f"of: {self.of}")
        if self.again:
            words.append("again: yes")
        return f"{self.kind.name} {{{', '.join(words)}}}" if words else self.kind.name


@dataclass(frozen=True, slots=True)
class LinkStep:
    """Something happens to an actor's link: ``fault`` is the word for it."""

    location: Location
    source: str
    actor: str
    fault: Literal["cut", "stall", "half-open", "mend", "profile"]
    seconds: float = 0.0
    profile: str = ""
    seed: int | None = None  # of all that is drawn on this link, whenever


@dataclass(frozen=True, slots=True)
class ServerStep:
    """Something happens to the server."""

    location: Location
    source: str
    what: ServerAct


@dataclass(frozen=True, slots=True)
class Together:
    """Steps that begin at once; all must hold."""

    location: Location
    source: str
    steps: "tuple[Step, ...]"


@dataclass(frozen=True, slots=True)
class TranscriptCheck:
    """What the stored transcript of a visitor's last visit must be."""

    location: Location
    source: str
    of: str
    checks: Mapping[str, Matcher]


Step: TypeAlias = Act | Expect | LinkStep | ServerStep | Together | TranscriptCheck


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole file.

    Attributes:
        file: Its name.
        about: What it shows, a sentence.
        options: Of ``livehelp serve``; none: any server will do.
        alone: It would see what others do on the same server.
        actors: By name, in the order of the file.
    """

    file: str
    about: str
    options: tuple[str, ...]
    actors: Mapping[str, Actor]
    steps: tuple[Step, ...]
    alone: bool = False

    @property
    def accounts(self) -> tuple[str, ...]:
        """The names of its operators at the server."""
        operators = [actor for actor in self.actors.values() if actor.side == "operator"]
        return tuple(dict.fromkeys(actor.account for actor in operators))  # two may share one

    @property
    def own_server(self) -> str | None:
        """Why it can run on a server of its own only; None if any will do."""
        if self.options:
            return "it needs a server with options of its own"
        if self.alone:
            return "it needs a server that nobody else uses"
        if any(isinstance(step, ServerStep) for step in each_step(self.steps)):
            return "it needs a server that may be stopped"
        return None


def each_step(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Return all steps in the order of the file, those inside others too."""
    for step in steps:
        yield step
        if isinstance(step, Together):
            yield from each_step(step.steps)
