"""The password of an operator who is a program: from a file, or from the environment.

Owns what a good file of a secret is, and the variables' names. A password never stands in the
arguments: every user of the machine can read those.
"""

import os
import re
import stat
from pathlib import Path
from typing import Final

from livehelp.wire.base import MAX_PASSWORD

VARIABLE: Final = "LIVEHELP_PASSWORD"
_OTHERS: Final = 0o077
# Four bytes a character are UTF-8's worst; and the line's end.
_MOST_BYTES: Final = 4 * MAX_PASSWORD + 2


def variable_of(operator: str) -> str:
    """Return the variable of one operator: ``LIVEHELP_PASSWORD_DANA``."""
    return f"{VARIABLE}_{re.sub(r'[^A-Z0-9]', '_', operator.upper())}"


def password_in_environment(operator: str) -> str:
    """Return what is set for the operator, or else for all; empty if nothing is."""
    return os.environ.get(variable_of(operator)) or os.environ.get(VARIABLE, "")


def password_from(path: Path | None, operator: str) -> str:
    """Return the password: the first line of the file, or without one the environment's.

    A file that others may read is refused, as ssh does with its keys: nobody reads the warnings of
    a program that runs by itself.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is open to others, or there is no password; the words say what to do.
    """
    if path is None:
        password = password_in_environment(operator)
        if not password:
            raise ValueError(
                f"no password: set {VARIABLE} (or {variable_of(operator)}), "
                "or name a file: --password-file FILE."
            )
        return password
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS:
            raise ValueError(f"{path} is open to others, and holds a password: chmod 600 {path}")
        first = file.readline(_MOST_BYTES)
    try:
        password = first.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError(f"the password in {path} is not UTF-8.") from None
    if not password:
        raise ValueError(f"the first line of {path} is empty; it must be the password.")
    return password
