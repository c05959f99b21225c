"""Both apps as they look, at the smallest size and at a comfortable one."""

from collections.abc import Awaitable, Callable
from pathlib import PurePath
from typing import Any, Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.tui.scenes import OperatorScene, VisitorScene
from tests.tui.screens import text_of

SMALL, WIDE = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "120x40"])
SMALL_ONLY = pytest.mark.parametrize("size", [SMALL], ids=["80x24"])
VisitorStep = Callable[[VisitorScene, Pilot[Any]], Awaitable[None]]
OperatorStep = Callable[[OperatorScene, Pilot[Any]], Awaitable[None]]
Run = Callable[[Pilot[Any]], Awaitable[None]]


class Compare(Protocol):
    """pytest-textual-snapshot's fixture."""

    def __call__(
        self,
        app: str | PurePath | App[Any],
        *,
        terminal_size: tuple[int, int],
        run_before: Run,
    ) -> bool: ...


async def form(app: VisitorScene, pilot: Pilot[Any]) -> None:
    await app.greeted(pilot)
    assert "2,000" not in text_of(app)


async def waiting(app: VisitorScene, pilot: Pilot[Any]) -> None:
    await app.waiting(pilot)


async def talking(app: VisitorScene, pilot: Pilot[Any]) -> None:
    await app.talking(pilot)


async def lost(app: VisitorScene, pilot: Pilot[Any]) -> None:
    await app.lost(pilot)


async def ending(app: VisitorScene, pilot: Pilot[Any]) -> None:
    await app.talking(pilot)
    await pilot.press("f10")
    await pilot.pause()


async def interview(app: VisitorScene, pilot: Pilot[Any]) -> None:
    await app.talking(pilot)
    app.go_on()
    await pilot.pause()


async def thanks(app: VisitorScene, pilot: Pilot[Any]) -> None:
    await interview(app, pilot)
    app.go_on()
    await pilot.pause()


@SIZES
@pytest.mark.parametrize("scene", [form, talking])
def test_the_visitors_screen(
    snap_compare: Compare, scene: VisitorStep, size: tuple[int, int]
) -> None:
    app = VisitorScene()
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: scene(app, pilot))


@SMALL_ONLY
@pytest.mark.parametrize("scene", [waiting, lost, ending, interview, thanks])
def test_the_visitors_other_screens(
    snap_compare: Compare, scene: VisitorStep, size: tuple[int, int]
) -> None:
    app = VisitorScene()
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: scene(app, pilot))


async def sign_in(app: OperatorScene, pilot: Pilot[Any]) -> None:
    await pilot.pause()
    assert app.state.me == ""


async def empty_desk(app: OperatorScene, pilot: Pilot[Any]) -> None:
    await app.at_desk(pilot)


async def busy_desk(app: OperatorScene, pilot: Pilot[Any]) -> None:
    await app.busy(pilot)


async def note(app: OperatorScene, pilot: Pilot[Any]) -> None:
    await app.busy(pilot)
    await pilot.press("f4", "n", "o")
    await pilot.pause()


async def hand_on(app: OperatorScene, pilot: Pilot[Any]) -> None:
    await app.busy(pilot)
    await pilot.press("f5")
    await pilot.pause()


async def card(app: OperatorScene, pilot: Pilot[Any]) -> None:
    await app.busy(pilot)
    await pilot.press("f3")
    await pilot.pause()


@SIZES
@pytest.mark.parametrize("scene", [empty_desk, busy_desk])
def test_the_operators_screen(
    snap_compare: Compare, scene: OperatorStep, size: tuple[int, int]
) -> None:
    app = OperatorScene()
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: scene(app, pilot))


@SMALL_ONLY
@pytest.mark.parametrize("scene", [sign_in, note, hand_on, card])
def test_the_operators_other_screens(
    snap_compare: Compare, scene: OperatorStep, size: tuple[int, int]
) -> None:
    app = OperatorScene()
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: scene(app, pilot))
