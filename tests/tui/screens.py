"""Driving an app in a test: waiting for the thing itself, and reading the screen as text.

Owns no expectation. ``until`` gives the app its turns and looks again; a test that waits for what
never comes is ended by pytest's time limit, with the screen in the failure.
"""

from collections.abc import Callable
from typing import Any

import anyio
from textual.app import App
from textual.events import Paste
from textual.pilot import Pilot

# Before a test gives up and shows the screen: more than any server here needs on a slow machine.
_PATIENCE = 30.0


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Wait until ``condition`` holds, and all that follows from it is on the screen."""
    with anyio.move_on_after(_PATIENCE):
        while not condition():
            await pilot.pause()
        await pilot.pause()
        return
    raise AssertionError("It never came. The screen:\n" + text_of(pilot.app))


def text_of(app: App[Any]) -> str:
    """Return what the terminal shows, row by row."""
    # Textual has no public way to read the screen as rows.
    strips = app.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage]
    return "\n".join(strip.text.rstrip() for strip in strips)


async def pasted(pilot: Pilot[Any], text: str) -> None:
    """Paste ``text`` where the cursor is: much quicker than typing it."""
    focused = pilot.app.focused
    assert focused is not None
    focused.post_message(Paste(text))
    await pilot.pause()


async def typed(pilot: Pilot[Any], text: str) -> None:
    """Type ``text`` as a person does, a key at a time."""
    for character in text:
        await pilot.press("space" if character == " " else character)
