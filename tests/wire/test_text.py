"""Typed text: what a terminal would obey goes, what people write stays."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livehelp.wire.text import clean_name, clean_text

# What the rules are about comes up often; surrogates cannot come off the wire, but may be typed.
hostile = st.text(
    st.sampled_from("\x1b[]0;m\x07\\\x9b\x9c\x9dP\r\n\t \u200c\u200d\u202e\u2066\u200b\ufeff\xada")
    | st.characters()
)


@given(hostile)
@example("a\x1b\x1b[31m[31mb")
@example("\r\u200b\n")
@example("\u200d \u200c")
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert clean_name(clean_name(text)) == clean_name(text)


@given(hostile)
def test_the_result_is_never_longer(text: str) -> None:
    assert len(clean_text(text)) <= len(text)
    assert len(clean_name(text)) <= len(clean_text(text))


@given(hostile)
def test_no_control_or_format_character_is_left_but_line_feeds_and_joiners(text: str) -> None:
    left = {c for c in clean_text(text) if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"}}
    assert left <= {"\n", "\u200c", "\u200d"}
    assert "\n" not in clean_name(text)


@given(hostile)
def test_a_result_is_empty_or_shows_something(text: str) -> None:
    clean = clean_text(text)
    assert not clean or any(not c.isspace() and c not in "\u200c\u200d" for c in clean)
    assert clean == clean.strip()


@pytest.mark.parametrize(
    ("hostile_text", "clean"),
    [
        pytest.param("\x1b[31mred\x1b[0m alert", "red alert", id="colours"),
        pytest.param("\x1b[2J\x1b[1;1Hfake screen", "fake screen", id="clear-and-home"),
        pytest.param("\x1b]0;new title\x07text", "text", id="window-title"),
        pytest.param(
            "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click", id="hyperlink"
        ),
        pytest.param("\x1bP1$r0m\x1b\\after", "after", id="device-control-string"),
        pytest.param("\x9b31mred \x9d0;title\x9cplain", "red plain", id="eight-bit-controls"),
        pytest.param("\x1b]no end, but words", "]no end, but words", id="unended-string-stays"),
        pytest.param("50\x1b", "50", id="lone-escape"),
        pytest.param("\x1b\x1b[1m[1mx", "[1mx", id="escape-inside-an-escape"),
        pytest.param("bell\x07 back\x08 delete\x7f nul\x00", "bell back delete nul", id="c0"),
        pytest.param("next\x85line \x84\x8d", "next line", id="c1"),
        pytest.param("exe.\u202etxt\u202c", "exe.txt", id="bidi-override"),
        pytest.param("\u2066a\u2067b\u2068c\u2069\u200e\u200f\u061c", "abc", id="bidi-isolates"),
        pytest.param("Da\u200bna\ufeff \u2060K\xadim", "Dana Kim", id="zero-width-and-soft-hyphen"),
        pytest.param("tag\U000e0041\U000e007f", "tag", id="tag-characters"),
        pytest.param("\ud800half\udfff", "half", id="surrogates"),
        pytest.param("private\ue000\U000f0000", "private", id="private-use"),
        pytest.param("unassigned\u0378", "unassigned", id="unassigned"),
        pytest.param("tab\there\x0bv\x0cf", "tab here v f", id="tabs-are-spaces"),
        pytest.param("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour", id="line-ends"),
        pytest.param("a\u2028b\u2029c", "a b c", id="unicode-separators"),
        pytest.param("  \n edges \n ", "edges", id="edges"),
        pytest.param("\u200d\u200c \u200d", "", id="nothing-to-see"),
        pytest.param("\u3164", "", id="hangul-filler"),
        pytest.param("\u115f\u1160 \uffa0", "", id="more-fillers"),
        pytest.param("\u2800\u2800", "", id="empty-braille"),
        pytest.param("\ufe0f\u034f\U000e0100", "", id="selectors-of-nothing"),
        pytest.param("", "", id="empty"),
    ],
)
def test_what_a_terminal_would_obey_is_taken_out(hostile_text: str, clean: str) -> None:
    assert clean_text(hostile_text) == clean


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Plain words, 100 % of them.", id="ascii"),
        pytest.param("J\u00fcrgen \u017d\u00ed\u017eka", id="accents"),
        pytest.param("e\u0301 combining", id="combining"),
        pytest.param("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", id="family"),
        pytest.param("\U0001f3f3\ufe0f\u200d\U0001f308 \U0001f44d\U0001f3fd", id="flag-and-skin"),
        pytest.param("\U0001f1fa\U0001f1f8", id="regional-indicators"),
        pytest.param("\u1100\u1160\u11a8 \u8fbb\U000e0101", id="filler-and-selector-at-work"),
        pytest.param("\U0001faef newer than the tables", id="unassigned-pictograph"),
        pytest.param("\u0915\u094d\u200d\u0937 \u0915\u094d\u200c\u0937", id="devanagari-joiners"),
        pytest.param("\u0d05\u0d35\u0d28\u0d4d\u200d", id="malayalam-chillu-ends-in-a-joiner"),
        pytest.param("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", id="persian-non-joiner"),
        pytest.param("\u05e9\u05dc\u05d5\u05dd", id="hebrew"),
        pytest.param("\u4f60\u597d\u3000\u4e16\u754c", id="wide-space"),
        pytest.param("no\u00a0break", id="no-break-space"),
        pytest.param("[red]markup[/red] [@click=app.quit]x[/]", id="markup-is-only-text"),
        pytest.param("two\nlines\n\nof text", id="line-feeds"),
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert clean_text(text) == text


def test_a_name_is_one_line_with_single_spaces() -> None:
    assert clean_name("  Pat \t\r\n van\u00a0\u3000der\x1b[1m  Berg ") == "Pat van der Berg"


@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" ")))
def test_ordinary_text_only_loses_its_edges(text: str) -> None:
    words = f" a{text}"  # with a letter: of marks and fillers alone nothing may be left
    assert clean_text(words) == words.strip()
