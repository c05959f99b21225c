"""What a value must be: a regular expression is searched for, all else is compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp.testkit.scenario.matcher import (
    Count,
    Each,
    Matcher,
    Pairs,
    Same,
    text_matcher,
    written,
)


@pytest.mark.parametrize(
    ("text", "actual", "fits"),
    [
        ("hello", "hello", True),
        ("hello", "hello you", False),
        ("/hel+o/", "oh, helllo you", True),
        ("/hel+o/", "heo", False),
        ("/", "/", True),
        ("//", "//", True),
        ("/a", "a", False),
    ],
)
def test_a_text_is_compared_and_a_regular_expression_is_searched_for(
    text: str, actual: str, *, fits: bool
) -> None:
    assert text_matcher(text).fits(actual) is fits


@given(st.text())
def test_any_text_can_be_asked_for_exactly(text: str) -> None:
    matcher = text_matcher(written(text))
    assert matcher.fits(text)
    assert not matcher.fits(text + "x")
    assert not matcher.fits("x" + text)


@pytest.mark.parametrize(
    ("matcher", "good", "bad"),
    [
        (Count(2), ["a", "b"], ["a"]),
        (Count(1), {"a": 1}, 1),
        (Each((Same("a"), text_matcher("/b/"))), ("a", "abc"), ["a"]),
        (Each((Same("a"),)), ["a"], "a"),
        (Pairs((("q", Same("a")),)), {"q": "a"}, {"q": "a", "r": "b"}),
        (Pairs((("q", Same("a")),)), {"q": "a"}, ["q"]),
        (Same(None), None, ""),
    ],
)
def test_lists_and_mappings_fit_as_a_whole(matcher: Matcher, good: object, bad: object) -> None:
    assert matcher.fits(good)
    assert not matcher.fits(bad)


def test_a_matcher_reads_as_it_is_written() -> None:
    whole = Pairs(
        (("a", Each((Same("x"), text_matcher("/y/")))), ("b", Same(True)), ("c", Count(2)))
    )
    assert str(whole) == "{a: [x, /y/], b: yes, c: 2}"
    assert str(Same(None)) == "none"
