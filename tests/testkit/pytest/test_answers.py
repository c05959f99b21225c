"""What a scripted operator answers."""

import pytest

from livehelp.testkit.pytest.answers import Answers


def test_the_first_rule_that_is_found_in_the_line_answers() -> None:
    answers = Answers({"plates": "one", "p": "two"})
    assert answers.to("my plates") == "one"
    assert answers.to("my papers") == "two"


def test_a_line_that_no_rule_fits_has_no_answer() -> None:
    assert Answers({"plates": "one"}).to("hello") is None


def test_what_the_pattern_found_comes_in_the_answer() -> None:
    answers = Answers({r"form (\w+) for (?P<whom>\w+)": "{1}, {whom}, {0}, {{1}}"})
    assert answers.to("a form TC96 for me, please") == "TC96, me, form TC96 for me, {1}"


def test_a_group_that_found_nothing_is_nothing() -> None:
    assert Answers({r"form( \w+)?$": "form{1}!"}).to("the form") == "form!"


def test_what_visitors_write_is_never_taken_for_a_rule() -> None:
    assert Answers({"(.+)": "you said {1}"}).to("{0} {1} {x}") == "you said {0} {1} {x}"


@pytest.mark.parametrize(
    "answer", ["{1}", "{name}", "{0.format}", "{", "}", "{0!r}", "{0:>9}", "{}{}"]
)
def test_an_answer_that_cannot_be_made_is_told_before_anybody_asks(answer: str) -> None:
    with pytest.raises(ValueError, match="cannot be made: in braces there can be 0; a brace"):
        Answers({"hello": answer})


def test_a_pattern_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"'hel\(o' is no regular expression: missing \)"):
        Answers({"hel(o": "Good morning"})
