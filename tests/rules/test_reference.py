"""A session's short name: made, said, typed and read."""

import re

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from livehelp.wire.base import MAX_REFERENCE
from server.rules.reference import (
    ALPHABET,
    NAMES,
    REFERENCE_BITS,
    make_reference,
    parse_reference,
)
from tests.rules.harness import STEADY

NUMBERS = st.integers(0, 2**REFERENCE_BITS - 1)


def test_the_alphabet_has_nothing_that_looks_like_another_and_no_vowel():
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert not set(ALPHABET) & set("01OILAEUBGSZ")


@STEADY
@examples(NUMBERS)
def test_a_reference_is_two_groups_of_four_and_reads_back_as_itself(number: int):
    reference = make_reference(number)
    assert re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", reference)
    assert len(reference) <= MAX_REFERENCE
    assert parse_reference(reference) == reference


@STEADY
@examples(NUMBERS)
def test_a_reference_is_understood_however_it_is_typed(number: int):
    reference = make_reference(number)
    bare = reference.replace("-", "")
    for typed in (
        reference.lower(),
        bare,
        f"  {' '.join(bare)}\n",
        reference.replace("-", " - "),
        reference.replace("-", "\u2013"),
    ):
        assert parse_reference(typed) == reference


def test_a_look_alike_is_read_as_what_was_meant():
    assert parse_reference("bgsz-uk7p") == "8652-VK7P"


@STEADY
@examples(NUMBERS)
def test_every_reference_is_made_by_one_number_in_each_range_of_that_many(number: int):
    symbols = make_reference(number).replace("-", "")
    places = (ALPHABET.index(s) * len(ALPHABET) ** n for n, s in enumerate(symbols))
    assert sum(places) == number % NAMES


def test_the_last_range_is_cut_short_by_too_little_to_be_measured():
    assert 2**REFERENCE_BITS // NAMES > 100_000_000


@pytest.mark.parametrize("number", [-1, 2**REFERENCE_BITS])
def test_a_number_of_other_than_the_named_bits_is_refused(number: int):
    with pytest.raises(ValueError, match=f"A reference is made of {REFERENCE_BITS} random bits"):
        make_reference(number)


@pytest.mark.parametrize(
    ("typed", "symbol"),
    [
        ("K7P4-MXQ0", "0"),
        ("OOOO", "O"),
        ("k7p4mxq1", "1"),
        ("K7P4_MXQ2", "_"),
        ("\u017f777", "\u017f"),
    ],
)
def test_a_symbol_that_no_reference_has_is_named(typed: str, symbol: str):
    with pytest.raises(ValueError, match=re.escape(f"A reference has no {symbol!r}: it is made")):
        parse_reference(typed)


@pytest.mark.parametrize(("typed", "length"), [("", 0), ("K7P4", 4), ("K7P4-MXQ2-3", 9)])
def test_a_reference_of_the_wrong_length_is_counted_for_the_person(typed: str, length: int):
    with pytest.raises(ValueError, match=f"A reference has 8 letters .*; this has {length}"):
        parse_reference(typed)
