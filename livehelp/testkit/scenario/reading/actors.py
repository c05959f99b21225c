"""Reads the actors of a scenario."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, cast, get_args

from livehelp.testkit.scenario.location import Mistake, Unreadable
from livehelp.testkit.scenario.model import (
    NOT_NAMES,
    SOMEBODY,
    Act,
    Actor,
    LinkStep,
    ServerStep,
    Side,
    Step,
    Together,
    TranscriptCheck,
    each_step,
)
from livehelp.testkit.scenario.reading.document import Entries, Node, Text
from livehelp.testkit.scenario.reading.fields import entries_of, switch_of, text_of, unknown, wrong

ACTOR_FIELDS: Final = {
    "visitor": ("place", "token", "client", "version"),
    "operator": ("account", "place", "client", "version"),
}


def read_actor(name: Text, node: Node) -> Actor:
    """Return an actor as ``actors`` has it; raises ``Unreadable``."""
    if isinstance(node, Text) and not node.text and name_in(name.text) != name.text:
        words = f"a colon and a blank are missing, as in: {name_in(name.text)}: visitor"
        raise wrong(name, words)
    if not name.text or name.text in NOT_NAMES:
        raise wrong(name, f"`{name.text}` means something else in a step; choose another name")
    fields: dict[str, Node] = {}
    side = node
    if isinstance(node, Entries) and len(node.entries) == 1:
        [(side, inside)] = node.entries
        for field, value in entries_of(inside, "what an actor has", "{place: Kiosk 7}"):
            known = ACTOR_FIELDS.get(side.text, ())
            if side.text in ACTOR_FIELDS and field.text not in known:
                raise unknown(field, known, f"something that {SOMEBODY[side.text]} has")
            fields[field.text] = value
    if not isinstance(side, Text) or side.text not in get_args(Side):
        raise wrong(node, "an actor is `visitor` or `operator`, or such as {visitor: {token: yes}}")
    texts = {field: text_of(value, field) for field, value in fields.items() if field != "token"}
    return Actor(
        name.text,
        cast("Side", side.text),
        texts.get("account", name.text),
        texts.get("place"),
        texts.get("client"),
        texts.get("version"),
        token="token" in fields and switch_of(fields["token"]),
    )


def name_in(text: str) -> str:
    """Return the name that ``text`` begins with; there may be no colon and blank behind it."""
    return re.split(r"[:\s]", text, maxsplit=1)[0]


def as_they_act(actors: Mapping[str, Actor], steps: Iterable[Step]) -> dict[str, Actor]:
    """Return the actors with what their steps tell of them; raises ``Unreadable``."""
    first: dict[str, Step] = {}
    seeds: dict[str, int | None] = {}  # of those with a failing link
    for step in each_step(tuple(steps)):
        if isinstance(step, LinkStep):
            seed = seeds.setdefault(step.actor, step.seed)
            if seed is None:
                seeds[step.actor] = step.seed
            elif step.seed not in {None, seed}:
                words = f"one seed is for all that is drawn on a link, and above it is {seed}"
                raise Unreadable(Mistake(step.location, words))
        elif not isinstance(step, ServerStep | Together | TranscriptCheck):
            first.setdefault(step.actor, step)
    found: dict[str, Actor] = {}
    for name, actor in actors.items():
        begins = first.get(name)
        signs_in = isinstance(begins, Act) and begins.action.name == "sign in"
        found[name] = replace(actor, linked=name in seeds, seed=seeds.get(name), signs_in=signs_in)
    return found
