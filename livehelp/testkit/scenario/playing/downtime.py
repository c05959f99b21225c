"""When a scenario's own server is down, and which steps can do nothing about it.

Owns what was done to the server last, and the words for it. Must not wait.
"""

from collections.abc import Iterable
from typing import Final

from livehelp.testkit.scenario.location import Place
from livehelp.testkit.scenario.model import Act, ServerStep, Step, Together, each_step

_DOWN: Final = {"kill": "killed", "stop": "stopped"}
_UP: Final = frozenset({"start", "restart"})
_ADVICE: Final = "Put this step and `server: start` under one `together:`."


class Outage:
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
        done, line = _DOWN[self._last.what], self._last.place.line
        return f"The server was {done} in line {line} and has not been started since."

    def tell_with(self, failure: str) -> str:
        """Return the words of a failure with the outage in their first line, if there is one."""
        first, newline, rest = failure.partition("\n")
        why = self.why()
        return failure if why in first else f"{first} {why}{newline}{rest}"

    def ends(self, step: Act) -> str:
        """Return why ``step`` can never be carried out now, and what to do; "" if it can.

        A refusal may be the client's own, and then needs no server.
        """
        asks = step.verb.sends and step.verb.name != "typing" and step.values.get("answers") != ()
        if not asks or step.refused is not None or step.place in self._beside_a_start:
            return ""
        return f"{why} {_ADVICE}" if (why := self.why()) else ""


def _beside_a_start(steps: Iterable[Step]) -> Iterable[Place]:
    """Return the steps that begin together with one that starts the server."""
    for step in steps:
        if isinstance(step, Together):
            inside = tuple(each_step(step.steps))
            if any(isinstance(each, ServerStep) and each.what in _UP for each in inside):
                yield from (each.place for each in inside)
            else:
                yield from _beside_a_start(step.steps)
