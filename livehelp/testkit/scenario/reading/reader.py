"""Reads a whole scenario file, and collects every mistake in it."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

from livehelp.testkit.scenario.location import Location, Mistake, Unreadable
from livehelp.testkit.scenario.model import (
    Actor,
    LinkStep,
    Scenario,
    ServerAct,
    ServerStep,
    Step,
    Together,
    TranscriptCheck,
)
from livehelp.testkit.scenario.reading.action import ActionReader
from livehelp.testkit.scenario.reading.actors import as_they_act, name_in, read_actor
from livehelp.testkit.scenario.reading.document import MAX_BYTES, Entries, Node, Text, read_document
from livehelp.testkit.scenario.reading.fields import (
    entries_of,
    items_of,
    listed,
    number_of,
    refuse_waiting,
    seconds_of,
    switch_of,
    text_of,
    unknown,
    wrong,
)

T = TypeVar("T")
TOP_LEVEL: Final = ("about", "server", "actors", "steps")
# Options of `livehelp serve` that a scenario may set. Not where it listens and what it keeps.
OPTIONS: Final[dict[str, Literal["time", "number", "switch", "text"]]] = {
    "topics": "text",
    "questions": "text",
    "notice": "text",
    "hello-timeout": "time",
    "half-line-timeout": "time",
    "idle-timeout": "time",
    "operator-idle-timeout": "time",
    "visit-grace": "time",
    "operator-grace": "time",
    "shutdown-grace": "time",
    "max-connections": "number",
    "max-waiting": "number",
    "ticket-hours": "number",
    "resolve-hosts": "switch",
}
ALONE: Final = "alone"
_LINK: Final = "link "
_SERVER_ACTS: Final[tuple[ServerAct, ...]] = get_args(ServerAct)


def read_file(path: Path) -> Scenario:
    """Return the scenario in the file at ``path``.

    Raises:
        Unreadable: it cannot be read, or is no scenario.
    """
    location = Location(str(path), 0)
    try:
        data = path.read_bytes()
    except OSError as why:
        raise Unreadable(Mistake(location, why.strerror or str(why))) from None
    if len(data) > MAX_BYTES:
        raise Unreadable(
            Mistake(location, f"this is longer than {MAX_BYTES} bytes: no scenario is")
        )
    try:
        return read_text(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as why:
        line = data.count(b"\n", 0, why.start) + 1
        words = "this line is no text in UTF-8; save the file in that encoding"
        raise Unreadable(Mistake(Location(str(path), line), words)) from None


def read_text(text: str, file: str) -> Scenario:
    """Return the scenario in ``text``; ``file`` is its name. Raises ``Unreadable``."""
    return _Reader(text, file).read()


class _Reader:
    """Reads one file, and goes on after a mistake, to tell of all of them at once."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._mistakes: list[Mistake] = []

    def read(self) -> Scenario:
        root = read_document(self._text, self._file)
        top: dict[str, Node] = {}
        for name, node in entries_of(root, "a scenario", "actors: {pat: visitor}"):
            if name.text not in TOP_LEVEL:
                self._mistakes += unknown(name, TOP_LEVEL, "a part of a scenario").mistakes
            top[name.text] = node
        for needed in ("actors", "steps"):
            if needed not in top:
                words = f"there is no `{needed}`; a scenario has `actors` and `steps` at least"
                raise Unreadable(*self._mistakes, Mistake(root.location, words))
        about = self._kept(lambda: text_of(top["about"], "`about`") if "about" in top else "", "")
        fresh: tuple[tuple[str, ...], bool] = ((), False)
        options, alone = self._kept(
            lambda: _server(top["server"]) if "server" in top else fresh, fresh
        )
        actors = self._actors(top["actors"])
        steps = self._steps("steps", top["steps"], ActionReader(actors))
        if self._mistakes:
            raise Unreadable(*self._mistakes)
        return Scenario(self._file, about, options, as_they_act(actors, steps), steps, alone)

    def _kept(self, read: Callable[[], T], otherwise: T) -> T:
        """Return what ``read`` returns; a mistake is noted."""
        try:
            return read()
        except Unreadable as why:
            self._mistakes += why.mistakes
            return otherwise

    def _actors(self, node: Node) -> dict[str, Actor]:
        actors: dict[str, Actor] = {}
        for name, each in entries_of(node, "`actors`", "{pat: visitor, dana: operator}"):
            try:
                actors[name.text] = read_actor(name, each)
            except Unreadable as why:
                self._mistakes += why.mistakes
                # So that its steps do not make more mistakes of this one.
                meant = name_in(name.text)
                actors[meant] = Actor(meant, "visitor", meant)
        return actors

    def _steps(self, name: str, node: Node, actions: ActionReader) -> tuple[Step, ...]:
        items = self._kept(lambda: items_of(node, name), ())
        found = [self._kept(lambda item=item: self._step(item, actions), None) for item in items]
        return tuple(step for step in found if step is not None)

    def _step(self, item: Node, actions: ActionReader) -> Step:
        if not isinstance(item, Entries) or len(item.entries) != 1:
            refuse_waiting(item, item)
            raise self._no_step(item, actions.actors)
        [(who, what)] = item.entries
        location, source = item.location, item.source
        if who.text == "server":
            return ServerStep(location, source, _server_act(what))
        if who.text == "together":
            return Together(location, source, self._steps(who.text, what, actions))
        if who.text == "transcript":
            return _check(what, source, actions, self._visitors(actions))
        if who.text.startswith(_LINK):
            return self._link(who, what, source, actions)
        known = actions.actors
        if who.text not in known:
            refuse_waiting(who, item)
            others = ["server", "together", "transcript", *(f"link {name}" for name in known)]
            raise unknown(who, [*known, *others], "an actor")
        return actions.read(known[who.text], what, source)

    def _no_step(self, item: Node, actors: Mapping[str, Actor]) -> Unreadable:
        """Return the error that ``item`` has no colon, or too many."""
        words = re.split(r"[:\s]+", item.text) if isinstance(item, Text) else []
        if len(words) > 1 and words[0] in actors:
            return wrong(item, f"a colon and a blank are missing after `{words[0]}`")
        return wrong(item, 'a step is one line with who and what, such as: - pat: say "hello"')

    def _visitors(self, actions: ActionReader) -> list[str]:
        return [actor.name for actor in actions.actors.values() if actor.side == "visitor"]

    def _link(self, who: Text, what: Node, source: str, actions: ActionReader) -> LinkStep:
        actor = who.text.removeprefix(_LINK).strip()
        if actor not in actions.actors:
            raise unknown(Text(who.location, actor), actions.actors, "an actor")
        fault, *words = _words_of(what, "link pat: profile train seed 7").split()
        rest = Text(what.location, " ".join(words))
        match fault:
            case "cut" | "stall":
                seconds = seconds_of(rest) if words or fault == "stall" else 0.0
                return LinkStep(who.location, source, actor, fault, seconds)
            case "half-open" | "mend" if not words:
                return LinkStep(who.location, source, actor, fault)
            case "profile" if words:
                return LinkStep(who.location, source, actor, fault, 0.0, *_profile(rest, words))
            case _:
                faults = "`cut 2s`, `stall 1s`, `half-open`, `mend` or `profile train seed 7`"
                raise wrong(what, f"a link can {faults}")


def _words_of(node: Node, example: str) -> str:
    """Return what happens to something that is no person."""
    if isinstance(node, Text) and node.text.strip():
        return node.text
    raise wrong(node, f"what happens here is said in words, without braces, as in: {example}")


def _server(node: Node) -> tuple[tuple[str, ...], bool]:
    """Return the options of the server, and whether nobody else may use it."""
    if isinstance(node, Text) and node.text == "fresh":
        return (), False
    entries = node.entries if isinstance(node, Entries) else ()
    if len(entries) != 1 or entries[0][0].text != "fresh":
        raise wrong(node, "`server` is `fresh`, or with options {fresh: {visit-grace: 2s}}")
    options: list[str] = []
    alone = False
    for name, value in entries_of(entries[0][1], "what a server has", "{visit-grace: 2s}"):
        if name.text == ALONE:
            alone = switch_of(value)
            continue
        match OPTIONS.get(name.text):
            case "time":
                options += [f"--{name.text}", f"{seconds_of(value):g}"]
            case "number":
                options += [f"--{name.text}", str(number_of(value))]
            case "switch":
                options.append(f"--{'' if switch_of(value) else 'no-'}{name.text}")
            case "text":
                options += [f"--{name.text}", text_of(value, name.text)]
            case None:
                raise unknown(name, [ALONE, *OPTIONS], "an option of a scenario's server")
    return tuple(options), alone


def _server_act(node: Node) -> ServerAct:
    what = _words_of(node, "server: kill")
    for act in _SERVER_ACTS:
        if what == act:
            return act
    raise unknown(Text(node.location, what), _SERVER_ACTS, "something that happens to a server")


def _check(node: Node, source: str, actions: ActionReader, visitors: list[str]) -> TranscriptCheck:
    fields = entries_of(node, "`transcript`", "{lines: 2, operator: dana}")
    of = [actions.visitor(value) for name, value in fields if name.text == "of"]
    if not of and len(visitors) != 1:
        words = f"whose transcript is it? Write `of:` and one of {listed(visitors)}"
        raise wrong(node, words)
    checks = actions.checks(pair for pair in fields if pair[0].text != "of")
    return TranscriptCheck(node.location, source, (of or visitors)[0], checks)


def _profile(node: Text, words: list[str]) -> tuple[str, int | None]:
    """Return a profile and its seed; the library says what is wrong with it."""
    from livehelp.testkit.faults import Profile  # noqa: PLC0415 - few scenarios have one

    seed: int | None = None
    if len(words) > 2 and words[-2] == "seed":
        seed = number_of(Text(node.location, words[-1]))
        words = words[:-2]
    profile = " ".join(words)
    try:
        Profile.parse(profile)
    except ValueError as why:
        raise wrong(node, str(why)) from None
    return profile, seed
