"""Writes a scenario from a stored log (``discussion`` in ``livehelp transcript --json``)."""

import re
from collections.abc import Mapping, Sequence
from itertools import chain, count
from typing import Any, Final

from livehelp.testkit.scenario.matcher import NONE, written
from livehelp.testkit.scenario.model import NOT_NAMES
from livehelp.testkit.scenario.yaml_text import as_yaml

Log = Sequence[Mapping[str, Any]]
# A visit that was left is closed when this is over, so that nobody waits for half an hour.
_GRACE: Final = "200ms"
_WITHIN: Final = "20s"


def scenario_of(log: Log) -> str:
    """Return a scenario in which the same happens as in ``log``, as YAML."""
    return _Writer(log).text()


class _Writer:
    """Goes through one log."""

    def __init__(self, log: Log) -> None:
        self._log = log
        opened = log[0]
        self._names: dict[str, str] = {}
        self._visitor = self._word(opened["name"], "visitor")
        accounts = dict.fromkeys(name for event in log for name in _operators_in(event))
        self._operators = {account: self._word(account, "operator") for account in accounts}
        self._steps: list[str] = []
        self._options: dict[str, str] = {}
        self._inside: list[str] = []
        self._away: dict[str, str] = {}  # how they will come back
        self._given: str | None = None

    def text(self) -> str:
        """Return the whole file."""
        for event in self._log:
            self._event(event)
        self._check()
        opened = self._log[0]
        told = ("place",) if opened.get("client") == "livehelp" else ("place", "client", "version")
        visitor = {name: opened[name] for name in told if opened.get(name)}
        lines = ["about: Made of a stored session."]
        server = f"{{fresh: {as_yaml(self._options)}}}" if self._options else "fresh"
        lines += [f"server: {server}", "actors:"]
        inside = f"{{visitor: {as_yaml(visitor)}}}" if visitor else "visitor"
        lines.append(f"  {self._visitor}: {inside}")
        for account, name in self._operators.items():
            whole = (
                "operator" if account == name else f"{{operator: {as_yaml({'account': account})}}}"
            )
            lines.append(f"  {name}: {whole}")
        return "\n".join([*lines, "steps:", *self._steps, ""])

    def _word(self, name: str, otherwise: str) -> str:
        """Return a word of its own for somebody."""
        word = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        free = re.fullmatch(r"[a-z][a-z0-9-]*", word) and word not in NOT_NAMES
        numbered = (f"{word if free else otherwise}-{number}" for number in count(1))
        names = chain([word] if free else [], numbered)
        found = next(each for each in names if each not in self._names)
        self._names[found] = name
        return found

    def _event(self, event: Mapping[str, Any]) -> None:
        match event["event"]:
            case "opened":
                fields = {"name": event["name"], "topic": event["topic"]}
                self._do(self._visitor, {"start": fields})
            case "line":
                self._line(event)
            case "joined":
                self._joined(self._operators[event["operator"]])
            case "left":
                self._left(self._operators[event["operator"]], event["reason"])
            case "transferred":
                to = event.get("to")
                self._given = self._operators[to] if to else None
                fields = {"transfer": self._visitor, "to": self._given or "the queue"}
                self._do(self._operators[event["operator"]], fields)
            case "noted" | "topic_set" as kind:
                said = {"note": event["text"]} if kind == "noted" else {"topic": event["topic"]}
                self._by(event, said)
            case "closed":
                self._closed(event)
            case _:
                self._asked(event)

    def _asked(self, event: Mapping[str, Any]) -> None:
        """Do what a visitor does about the end; what the server found out by itself is left out."""
        if event["event"] == "interview_answered":
            answers = {each["question"]: each["answer"] for each in event["answers"]}
            # A question may have the name of what every action takes, `within` or `refused`.
            self._do(self._visitor, {"interview": {"answers": answers}})
        elif event["event"] == "transcript_requested":
            self._do(self._visitor, {"request transcript": event["email"]})

    def _line(self, event: Mapping[str, Any]) -> None:
        heard = {"text": written(event["text"]), "within": _WITHIN}
        if event["by"] == "visitor":
            self._do(self._visitor, {"say": event["text"]})
            for operator in self._inside:
                self._do(operator, {"expect": "line", "by": self._visitor, **heard})
        else:
            operator = self._operators[event["name"]]
            self._do(operator, {"say": event["text"]})
            self._do(self._visitor, {"expect": "line", "by": operator, **heard})

    def _joined(self, operator: str) -> None:
        self._back(operator)
        self._inside.append(operator)
        if self._given == operator:
            self._given = None
        else:
            self._do(operator, {"take": self._visitor})
        self._do(operator, {"expect": "joined", "by": operator, "within": _WITHIN})

    def _left(self, operator: str, reason: str) -> None:
        if operator in self._inside:
            self._inside.remove(operator)
        if reason == "transferred":
            return
        if reason == "gone":
            self._options["operator-grace"] = _GRACE
        signed_out = reason == "logged_out"
        self._do(operator, {"sign out" if signed_out else "leave": ""})
        self._away[operator] = "sign in" if signed_out else "come back"
        fields = {"expect": "left", "by": operator, "reason": reason, "within": _WITHIN}
        self._do(self._visitor, fields)

    def _back(self, operator: str) -> None:
        """Let an operator who was away be there."""
        if operator in self._away:
            self._do(operator, {self._away.pop(operator): ""})

    def _by(self, event: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        operator = self._operators[event.get("operator") or event["name"]]
        self._back(operator)
        self._do(operator, {**fields, "of": self._visitor})

    def _closed(self, event: Mapping[str, Any]) -> None:
        self._inside.clear()
        match event["by"]:
            case "visitor":
                self._do(self._visitor, {"end": ""})
            case "operator":
                operator = self._operators[event["name"]]
                self._do(operator, {"end": self._visitor})
                closed = {"expect": "closed", "by": operator, "within": _WITHIN}
                self._do(self._visitor, closed)
            case _:
                self._idle_close()

    def _idle_close(self) -> None:
        """Let the visitor's link be cut for longer than the server waits, and come back."""
        self._options["visit-grace"] = _GRACE
        self._steps.append(f"  - link {self._visitor}: cut 3s")
        closed = {"expect": "closed", "by": "system", "reason": "idle", "within": _WITHIN}
        self._do(self._visitor, closed)

    def _check(self) -> None:
        """Hold at the end that the same is stored."""
        lines = [written(event["text"]) for event in self._log if event["event"] == "line"]
        notes = [written(event["text"]) for event in self._log if event["event"] == "noted"]
        joined = [event["operator"] for event in self._log if event["event"] == "joined"]
        operators = [self._operators[account] for account in dict.fromkeys(joined)]
        ended = [event["by"] for event in self._log if event["event"] == "closed"]
        topics = [event["topic"] for event in self._log if "topic" in event]
        emails = [event["email"] for event in self._log if "email" in event]
        answers = {
            each["question"]: written(each["answer"])
            for event in self._log
            for each in event.get("answers", ())
        }
        fields = {
            "visitor": written(self._log[0]["name"]),
            "topic": written(topics[-1]),
            "lines": lines or NONE,
            "notes": notes or NONE,
            "operators": operators or NONE,
            "ended by": ended[0] if ended else NONE,
            "interview": answers or NONE,
            "email": written(emails[-1]) if emails else NONE,
        }
        self._steps.append(f"  - transcript: {as_yaml(fields)}")

    def _do(self, who: str, fields: Mapping[str, Any]) -> None:
        [(action, word), *rest] = fields.items()
        plain = not rest and word in ("", self._visitor)
        what = f"{action} {word}".rstrip() if plain else as_yaml(fields)
        self._steps.append(f"  - {who}: {what}")


def _operators_in(event: Mapping[str, Any]) -> list[str]:
    """Return the accounts that an event names."""
    named = [event.get("operator"), event.get("to")]
    if event["by"] == "operator":
        named.append(event.get("name"))
    return [name for name in named if name]
