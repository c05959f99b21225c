"""At 80x24 nothing is cut off, no meaning rests on colours, and the first paint loads little."""

import subprocess
import sys
from typing import Any

import pytest
from textual.widget import Widget
from textual.widgets import Button, Footer, Input

from livehelp.client.states import LinkEnded, LinkUp
from tests.tui.scenes import OperatorScene, VisitorScene
from tests.tui.screens import text_of, until
from tests.tui.told import NOW
from tui.operator.overview_state import FloorView
from tui.widgets.composer import Composer
from tui.widgets.top_bar import TopBar

pytestmark = pytest.mark.anyio
SMALL = (80, 24)


def all_of(app: Any, *kinds: type[Widget]) -> list[Widget]:
    return [widget for kind in kinds for widget in app.screen.query(kind)]


def assert_whole(app: Any) -> None:
    """Every bar, field, button and the footer's last key is inside the screen, unclipped."""
    for widget in all_of(app, TopBar, Input, Button, Footer):
        if not widget.display:
            continue
        region = widget.region
        assert region.width > 0, widget
        assert app.screen.region.contains_region(region), widget
        clip = app.screen.find_widget(widget).clip
        assert clip.contains_region(region), widget
    assert "Ctrl+Q Leave" in text_of(app).splitlines()[-1] or "Enter Leave" in text_of(app)


async def test_the_visitors_form_fits() -> None:
    app = VisitorScene()
    async with app.run_test(size=SMALL) as pilot:
        await app.greeted(pilot)
        assert_whole(app)
        assert "3 operators are here." in text_of(app)


async def test_the_visitors_talk_fits() -> None:
    app = VisitorScene()
    async with app.run_test(size=SMALL) as pilot:
        await app.lost(pilot)
        assert_whole(app)
        words = "Connection lost. You can go on typing; trying again in 4 s"
        assert words in text_of(app)
        assert "Are you still there?" in text_of(app)


async def test_the_visitors_interview_fits() -> None:
    app = VisitorScene()
    async with app.run_test(size=SMALL) as pilot:
        await app.talking(pilot)
        app.go_on()
        await pilot.pause()
        assert_whole(app)


async def test_the_operators_desk_fits_and_unfolds() -> None:
    app = OperatorScene()
    async with app.run_test(size=SMALL) as pilot:
        await app.busy(pilot)
        assert_whole(app)
        assert not app.screen.query_one("#card").display
        await pilot.press("f3")
        await pilot.pause()
        assert_whole(app)
        assert app.screen.query_one("#card").display
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert not app.screen.query_one("#card").display
        await pilot.press("f3")
        await pilot.pause()
        columns = [app.screen.query_one(name).display for name in ("#visits", "#talk", "#card")]
        assert columns == [True, True, True]
        assert_whole(app)


async def test_without_colours_every_state_still_has_its_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = OperatorScene()
    async with app.run_test(size=(120, 40)) as pilot:
        assert app.no_color
        await app.busy(pilot)
        shown = text_of(app)
        for word in ("NEW", "2 new", "LINK LOST", "Note by eli", "sent", "connected"):
            assert word in shown
        await pilot.press("f4")
        await pilot.pause()
        assert "Note: the visitor cannot see it." in text_of(app)


@pytest.mark.parametrize("module", ["tui.visitor.app", "tui.operator.app"])
def test_the_screens_load_no_server_no_storage_and_no_trio(module: str) -> None:
    code = f"""
import sys
import {module}
heavy = ("trio", "sqlmodel", "sqlalchemy", "alembic", "server", "storage", "typer")
print(*(name for name in heavy if name in sys.modules))
"""
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert loaded == ""


def test_the_visitors_first_screen_loads_neither_the_client_nor_the_messages() -> None:
    code = """
import sys
import tui.visitor.app
later = ("livehelp.client", "livehelp.wire.events", "anyio", "textual.widgets._text_area")
print(*(name for name in later if name in sys.modules))
"""
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert loaded == ""


async def test_a_link_that_ended_leads_to_the_form_and_back_to_the_desk_with_its_draft() -> None:
    app = OperatorScene()
    async with app.run_test(size=SMALL) as pilot:
        await app.busy(pilot)
        await app.hear(pilot, LinkEnded("Sign in again. Your ticket has expired."))
        await until(pilot, lambda: "Sign in to the help desk" in text_of(app))
        assert "Your ticket has expired." in text_of(app)
        app.sign_in("dana", "not asked here")
        assert app.state.connection.words(NOW) == "Connecting ..."
        await app.hear(pilot, LinkUp(resumed=False))
        app.change(app.state.signed_in("dana", FloorView.of(app.floor)))
        await until(pilot, lambda: "You are talking with Ann Lee" in text_of(app))
        assert app.screen.query_one(Composer).text == "Can"
