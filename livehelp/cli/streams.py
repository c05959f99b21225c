"""``livehelp visit --plain`` and ``livehelp operate --json``: the streams, from the command line.

Owns the check of their options, their standard input and output, and their exit code. What they
do is in ``livehelp.streams``.
"""

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import NoReturn

import anyio
import typer

from livehelp.cli.errors import explained, fail
from livehelp.cli.options import seconds_of
from livehelp.client.address import Address
from livehelp.client.errors import LiveHelpError
from livehelp.client.tokens import TokenFile
from livehelp.streams.prompt import Prompt
from livehelp.streams.stdio import Lines, Output
from livehelp.wire.base import MAX_NAME, MAX_TOPIC
from livehelp.wire.frames import MAX_CLIENT_LINE
from livehelp.wire.text import clean_name
from livehelp.words import NAMELESS


def run_plain(
    address: str,
    *,
    remember: bool,
    place: str | None,
    name: str | None,
    topic: str | None,
    until_answered: bool,
    at_most: str | None,
) -> NoReturn:
    """Run ``livehelp visit --plain``.

    Raises:
        typer.Exit: always, with the exit code.
    """
    from livehelp.streams.visit_plain import VisitOptions, visit_plain

    _need_streams()
    by_hand = sys.stdin.isatty()
    with explained(ValueError, code=2):
        server = Address.parse(address)
        wishes = VisitOptions(
            name=_short("--name", name, MAX_NAME) or (None if by_hand else NAMELESS),
            topic=_short("--topic", topic, MAX_TOPIC),
            until_answered=until_answered,
            seconds=None if at_most is None else seconds_of("--for", at_most),
        )
        if wishes.topic is None and not by_hand:
            raise ValueError("say what it is about, for nobody is asked in a pipe: --topic TOPIC.")
    # A screen's encoding is the terminal's; input and output have one, by the locale.
    encoding = sys.stdout.encoding
    lines, out = Lines(sys.stdin.fileno(), MAX_CLIENT_LINE), Output(sys.stdout.fileno())
    dialogue = Prompt(lines, out, by_hand=by_hand, encoding=encoding)
    tokens = TokenFile() if remember else None
    _run(lambda: visit_plain(server, dialogue, out, wishes, tokens=tokens, place=place))


def run_json(address: str, *, name: str | None, password_file: Path | None, stay: bool) -> NoReturn:
    """Run ``livehelp operate --json``.

    Raises:
        typer.Exit: always, with the exit code.
    """
    from livehelp.streams.operate_json import operate_json
    from livehelp.streams.password import password_from

    _need_streams()
    with explained(ValueError, OSError, code=2):
        server = Address.parse(address)
        operator = _short("--name", name, MAX_NAME)
        if operator is None:
            raise ValueError("say who signs in: --name NAME, or set LIVEHELP_OPERATOR.")
        password = password_from(password_file, operator)
    lines, out = Lines(sys.stdin.fileno(), MAX_CLIENT_LINE), Output(sys.stdout.fileno())
    _run(lambda: operate_json(server, operator, password, lines, out, stay=stay))


def _run(stream: Callable[[], Coroutine[object, object, int]]) -> NoReturn:
    with explained(LiveHelpError, OSError):
        raise typer.Exit(anyio.run(stream))


def _short(option: str, text: str | None, limit: int) -> str | None:
    """Return ``text`` as the server would have it; None if nothing is left of it."""
    cleaned = clean_name(text or "")
    if len(cleaned) > limit:
        raise ValueError(f"{option} may have {limit} characters; this has {len(cleaned)}.")
    return cleaned or None


def _need_streams() -> None:
    # Closed ones (<&-, >&-) are None; their numbers may be those of our own sockets by now.
    if sys.stdin is None or sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise fail("standard input and output must be open; take /dev/null for none.", 2)
