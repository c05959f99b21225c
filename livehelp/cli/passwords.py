"""Operators' passwords from the environment, for commands that play operators.

Owns what is said when some are missing; the variables' names are ``livehelp.streams.password``'s.
"""

from collections.abc import Iterable

from livehelp.cli.errors import fail
from livehelp.streams.password import VARIABLE, password_in_environment, variable_of


def passwords_of(operators: Iterable[str]) -> dict[str, str]:
    """Return the password of each operator: ``LIVEHELP_PASSWORD_DANA``, or what is set for all.

    Raises:
        typer.Exit: there are some without any, as the person has been told.
    """
    found: dict[str, str] = {}
    lacking: list[str] = []
    for operator in operators:
        if password := password_in_environment(operator):
            found[operator] = password
        else:
            lacking.append(variable_of(operator))
    if lacking:
        names = ", ".join(lacking)
        raise fail(f"set {names} (or {VARIABLE}) to the operators' passwords there.", 2)
    return found
