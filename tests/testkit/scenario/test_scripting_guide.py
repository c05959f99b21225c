"""The guide for testers: what it shows can be read, and its tables leave nothing out."""

import re
from pathlib import Path

import pytest

from livehelp.testkit.scenario.actions import actions_of
from livehelp.testkit.scenario.message_types import MESSAGE_TYPES
from livehelp.testkit.scenario.reading.reader import read_text
from livehelp.testkit.scenario.transcript_checks import ALIASES, TRANSCRIPT_FIELDS
from tests.testkit.scenario.conftest import EXAMPLE

GUIDE = (Path(__file__).parents[3] / "docs" / "scripting.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


def test_the_guide_shows_the_example() -> None:
    assert any(EXAMPLE in example for example in EXAMPLES)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_guide_can_be_read(number: int) -> None:
    assert read_text(EXAMPLES[number], "guide.yaml").steps


def test_the_guide_names_every_action_message_type_and_check() -> None:
    names = {
        *actions_of("visitor"),
        *actions_of("operator"),
        *MESSAGE_TYPES,
        *TRANSCRIPT_FIELDS,
        *ALIASES,
    }
    assert {name for name in names if not re.search(rf"`{re.escape(name)}\b", GUIDE)} == set()


def test_the_guide_names_every_field_that_can_be_expected() -> None:
    by_others = {"operator", "operators"}
    fields = {field for kind in MESSAGE_TYPES.values() for field in kind.fields} - by_others
    assert {field for field in fields if f"`{field}`" not in GUIDE} == set()
