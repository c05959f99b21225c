"""Operators' passwords from the environment, for commands that play operators.

Owns the variables' names. A password never stands in the arguments: every user of the machine can
read those.
"""

import os
import re
from collections.abc import Iterable

from livehelp.cli.problems import fail
from livehelp.streams.password import VARIABLE


def passwords_of(operators: Iterable[str]) -> dict[str, str]:
    """Return the password of each operator: ``LIVEHELP_PASSWORD_DANA``, or what is set for all.

    Raises:
        typer.Exit: there are some without any, as the person has been told.
    """
    found: dict[str, str] = {}
    lacking: list[str] = []
    for operator in operators:
        own = f"{VARIABLE}_{re.sub(r'[^A-Z0-9]', '_', operator.upper())}"
        if password := os.environ.get(own) or os.environ.get(VARIABLE):
            found[operator] = password
        else:
            lacking.append(own)
    if lacking:
        names = ", ".join(lacking)
        raise fail(f"set {names} (or {VARIABLE}) to the operators' passwords there.", 2)
    return found
