"""Small pieces of sentences, the same on a screen and in a pipe: names, counts, the queue.

Owns nothing else; loads nothing heavy, for the first screen needs it.
"""

from typing import Final

from livehelp.wire.text import clean_name

# What a visitor without a name is called in the transcript: the wire wants one.
NAMELESS: Final = "Visitor"


def names(people: tuple[str, ...]) -> str:
    """Return ``Ann``, ``Ann and Ben`` or ``Ann, Ben and Cy``."""
    clean = [clean_name(person) for person in people]
    if len(clean) < 2:
        return "".join(clean)
    return f"{', '.join(clean[:-1])} and {clean[-1]}"


def count(number: int, one: str, many: str) -> str:
    """Return ``1 operator`` or ``3,000 operators``."""
    return f"{number:,} {one if number == 1 else many}"


def operators_here(number: int) -> str:
    """Return how many operators there are, as a sentence."""
    if not number:
        return "No operator is here at the moment."
    verb = "is" if number == 1 else "are"
    return f"{count(number, 'operator', 'operators')} {verb} here."


def place_in_queue(position: int, waiting: int, operators: int) -> str:
    """Return what a visitor who waits is told: the place (1 is next) and who is here."""
    here = operators_here(operators)
    if waiting == 1 or position == 1:
        return f"You are next. {here}"
    return f"You are number {position} of {waiting}. {here}"
