"""Small pieces of sentences: lists of names, and counts.

Owns nothing else; loads nothing heavy, for the first screen needs it.
"""

from livehelp.wire.text import clean_name


def names(people: tuple[str, ...]) -> str:
    """Return ``Ann``, ``Ann and Ben`` or ``Ann, Ben and Cy``."""
    clean = [clean_name(person) for person in people]
    if len(clean) < 2:
        return "".join(clean)
    return f"{', '.join(clean[:-1])} and {clean[-1]}"


def count(number: int, one: str, many: str) -> str:
    """Return ``1 operator`` or ``3 operators``."""
    return f"{number} {one if number == 1 else many}"
