"""The result of one scenario as frozen records, and the exceptions that end one early."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

# An error is a defect of Live Help, or of what it stands on; not of what is tested.
Result: TypeAlias = Literal["passed", "failed", "error", "not run"]
STOPPED: Final = "the run was stopped before it was done"


class StepFailed(Exception):
    """A step did not hold; the words say what was expected, and what was seen."""


class NotHere(Exception):
    """A scenario cannot be run on this server; the words say why."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done or came: seconds since the scenario began, and what."""

    when: float
    words: str

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.when:8.3f} {self.words}"


@dataclass(frozen=True, slots=True)
class Failure:
    """The step that did not hold.

    Attributes:
        where: The file and the line.
        step: The step as it is written.
        words: What was expected, and what was seen.
    """

    where: str
    step: str
    words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one scenario went.

    Attributes:
        seed: What chance was drawn from: with it the same happens again.
        failure: Only of one that failed, or in which an error was.
        reason: Why it was not run.
        left: Its visits that are still open on a server that others use.
    """

    file: str
    about: str
    result: Result
    seconds: float
    seed: int
    conversation: tuple[Happening, ...] = ()
    failure: Failure | None = None
    reason: str = ""
    left: tuple[str, ...] = ()
