"""Whether the server under test is down, and which steps cannot work then."""

from collections.abc import Iterable
from typing import Final

from livehelp.testkit.scenario.location import Location
from livehelp.testkit.scenario.model import Act, ServerStep, Step, Together, each_step

_DOWN: Final = {"kill": "killed", "stop": "stopped"}
_UP: Final = frozenset({"start", "restart"})
_HINT: Final = "Put this step and `server: start` under one `together:`."


class Downtime:
    """What a scenario knows of its server's being down.

    Args:
        steps: All of the scenario.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        self._last: ServerStep | None = None
        self._beside_a_start = frozenset(_beside_a_start(steps))

    def done(self, step: ServerStep) -> None:
        """Note what has happened to the server."""
        if step.what in _DOWN:
            self._last = step
        elif step.what in _UP:
            self._last = None

    def why(self) -> str:
        """Return that the server is down, a sentence; "" if it is not."""
        if self._last is None:
            return ""
        done, line = _DOWN[self._last.what], self._last.location.line
        return f"The server was {done} in line {line} and has not been started since."

    def explain(self, failure: str) -> str:
        """Return the words of a failure with the outage in their first line, if there is one."""
        first, newline, rest = failure.partition("\n")
        why = self.why()
        return failure if why in first else f"{first} {why}{newline}{rest}"

    def ends(self, step: Act) -> str:
        """Return why ``step`` can never be carried out now, and what to do; "" if it can.

        A refusal may be the client's own, and then needs no server.
        """
        asks = (
            step.action.sends and step.action.name != "typing" and step.values.get("answers") != ()
        )
        if not asks or step.refused is not None or step.location in self._beside_a_start:
            return ""
        return f"{why} {_HINT}" if (why := self.why()) else ""


def _beside_a_start(steps: Iterable[Step]) -> Iterable[Location]:
    """Return the steps that begin together with one that starts the server."""
    for step in steps:
        if isinstance(step, Together):
            inside = tuple(each_step(step.steps))
            if any(isinstance(each, ServerStep) and each.what in _UP for each in inside):
                yield from (each.location for each in inside)
            else:
                yield from _beside_a_start(step.steps)
