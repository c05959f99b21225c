"""The user guide names the keys that the screens have: all of them, and no others."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

from livehelp.wire.base import MAX_TEXT
from tui.demo.app import DemoApp
from tui.demo.operator import OperatorSide
from tui.operator.main_screen import MainScreen
from tui.operator.session_list import SessionList
from tui.operator.sign_in import SignInScreen
from tui.operator.transfer import Transfer
from tui.operator.visitor_details import VisitorDetails
from tui.visitor.conversation_screen import ConversationScreen
from tui.visitor.goodbye import GoodbyeScreen
from tui.visitor.interview import InterviewScreen
from tui.visitor.welcome import WelcomeScreen
from tui.widgets.composer import Composer
from tui.widgets.confirm import Confirm
from tui.widgets.conversation_view import ConversationView

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "user-guide.md").read_text(encoding="utf-8")

Parts = tuple[type[DOMNode], ...]
TALK: Parts = (Composer, ConversationView)
# What stands on the screen in each chapter.
CHAPTERS: dict[str, Parts] = {
    "For visitors": (
        *(WelcomeScreen, ConversationScreen, InterviewScreen, GoodbyeScreen),
        *(*TALK, Confirm),
    ),
    "For operators": (
        *(SignInScreen, MainScreen, SessionList, VisitorDetails, Transfer),
        *(*TALK, Confirm),
    ),
    "Try both sides": (DemoApp, OperatorSide, *TALK),
}
# A conversation's own two keys are not worth a row where both sides are on the screen.
NOT_IN_THE_DEMO = {"home", "end"}
SPOKEN = {"escape": "esc", "pageup": "page up", "pagedown": "page down"}

chapters = pytest.mark.parametrize("chapter", CHAPTERS)


def text_of(chapter: str) -> str:
    """Return one chapter of the guide."""
    return GUIDE.split(f"\n## {chapter}\n")[1].split("\n## ")[0]


def keys_in(text: str) -> set[str]:
    """Return the keys that ``text`` names; ``A to B`` stands for all between two numbers."""
    keys = {key.lower() for key in re.findall(r"<kbd>(.+?)</kbd>", text)}
    for first, last in re.findall(r"<kbd>Alt\+(\d)</kbd> to <kbd>Alt\+(\d)</kbd>", text):
        keys |= {f"alt+{number}" for number in range(int(first), int(last) + 1)}
    return keys


def bindings_of(parts: Parts, *, inherited: bool) -> Iterator[tuple[str, str]]:
    """Give each key, as the guide writes it, and what the footer says of it (or nothing)."""
    for part in parts:
        for kind in part.__mro__ if inherited else (part,):
            for binding in kind.__dict__.get("BINDINGS", ()):
                made = binding if isinstance(binding, Binding) else Binding(*binding)
                shown = made.description if made.show else ""
                for key in made.key.split(","):
                    yield SPOKEN.get(key.strip(), key.strip()), shown


@chapters
def test_every_key_that_the_guide_names_does_something(chapter: str) -> None:
    bound = {key for key, _ in bindings_of(CHAPTERS[chapter], inherited=True)}
    assert keys_in(text_of(chapter)) <= bound


@chapters
def test_every_key_of_the_screens_is_in_the_guide(chapter: str) -> None:
    bound = {key for key, _ in bindings_of(CHAPTERS[chapter], inherited=False)}
    if chapter == "Try both sides":
        bound -= NOT_IN_THE_DEMO
    assert bound <= keys_in(text_of(chapter))


@chapters
def test_the_guide_calls_a_key_what_the_footer_calls_it(chapter: str) -> None:
    shown = {pair for pair in bindings_of(CHAPTERS[chapter], inherited=False) if pair[1]}
    rows = re.findall(r"^\| (.*?<kbd>.*?) \| (.*?) \| .* \|$", text_of(chapter), re.MULTILINE)
    labels = {label for _, label in rows} - {""}
    for keys, label in rows:
        assert not label or {(key, label) for key in keys_in(keys)} & shown
    assert labels >= {label for _, label in shown}


def test_the_pictures_and_places_that_the_guide_points_to_are_there() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        file, _, anchor = target.partition("#")
        assert (DOCS / file).exists()
        if anchor:
            text = (DOCS / file).read_text(encoding="utf-8") if file else GUIDE
            headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}


def test_the_pictures_fetch_nothing_from_the_network() -> None:
    pictures = sorted((DOCS / "pictures").glob("*.svg"))
    assert [picture.stem for picture in pictures] == ["demo", "operator", "visitor"]
    for picture in pictures:
        links = re.findall(r"\w+://[^\s\"')]+", picture.read_text(encoding="utf-8"))
        assert set(links) == {"http://www.w3.org/2000/svg"}


def test_the_guide_knows_the_limit_of_a_line() -> None:
    assert f"{MAX_TEXT:,} characters" in GUIDE
