"""Profiles as people write them."""

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livehelp.testkit.faults import PROFILES, Profile
from livehelp.testkit.faults.profile import MAX_BYTES, MAX_SECONDS, SETTINGS, SIDES

TIMES = st.floats(0, MAX_SECONDS)
SIZES = st.integers(0, MAX_BYTES)
SHARES = st.floats(0, 1)


def ranges(ends: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(ends, ends).map(lambda pair: (min(pair), max(pair)))


PIECES = ranges(st.integers(1, MAX_BYTES))
ANY_PROFILE = st.builds(
    Profile,
    delay=TIMES,
    jitter=TIMES,
    rate=st.none() | st.integers(1, MAX_BYTES),
    chunk=st.none() | PIECES,
    stall=st.none() | ranges(SIZES),
    pause=ranges(TIMES),
    cut=st.none() | ranges(SIZES),
    reset=SHARES,
    down=ranges(TIMES),
    double=SHARES,
    late=ranges(TIMES),
    half_open=st.none() | ranges(SIZES),
    side=st.sampled_from(SIDES),
)


@given(profile=ANY_PROFILE)
@example(profile=Profile(cut=(1, MAX_BYTES), delay=5e-324, pause=(0.1, MAX_SECONDS)))
def test_what_is_written_is_read_back_equal(profile: Profile) -> None:
    assert Profile.parse(str(profile)) == profile
    assert Profile.parse(profile) == profile


@given(text=st.text(alphabet="cut=delay.,0123456789kMBms%/ -e", max_size=40))
def test_whatever_is_written_is_a_profile_or_told_in_words(text: str) -> None:
    try:
        Profile.parse(text)
    except ValueError as why:
        assert str(why).endswith(".")  # noqa: PT017 - most texts are refused, some are not


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        ("good", Profile()),
        ("delay=40ms,jitter=20ms", Profile(delay=0.04, jitter=0.02)),
        ("cut=500..4000B", Profile(cut=(500, 4000))),
        ("cut=500B..4kB", Profile(cut=(500, 4000))),
        ("cut=1.5kB", Profile(cut=(1500, 1500))),
        ("down=200ms..2s", Profile(down=(0.2, 2.0))),
        (" rate = 1kB/s , chunk = 1..8B ", Profile(rate=1000, chunk=(1, 8))),
        ("half-open=1MB,side=both", Profile(half_open=(1_000_000, 1_000_000), side="both")),
        ("reset=12.5%,double=100%", Profile(reset=0.125, double=1.0)),
        ("drip,chunk=none", Profile(rate=200)),
        ("drip,rate=none,chunk=none,reset=none", Profile()),
    ],
)
def test_units_ranges_and_shares(text: str, profile: Profile) -> None:
    assert Profile.parse(text) == profile


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        (Profile(), "good"),
        (Profile(delay=0.04, cut=(500, 4000)), "delay=40ms,cut=500..4000B"),
        (Profile(pause=(0.5, 3)), "pause=0.5..3s"),
        (Profile(stall=(2000, 20_000), rate=250_000), "rate=250kB/s,stall=2..20kB"),
        (Profile(cut=(0, 0), half_open=(1_000_000, 1_000_000)), "cut=0B,half-open=1MB"),
        (Profile(delay=1e-7), "delay=0.0001ms"),
    ],
)
def test_the_written_form_is_short(profile: Profile, text: str) -> None:
    assert str(profile) == text


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_with_a_name_has_settings_words_and_something_in_its_place(name: str) -> None:
    words, settings = PROFILES[name]
    profile = Profile.parse(name)
    assert words
    assert Profile.parse(str(profile)) == profile
    assert bool(settings) is (profile != Profile())
    assert Profile.parse(f"{name},delay=1s").delay == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no profile; there are good, office"),
        ("trian", "'trian' is no profile; there are good, office, phone, train"),
        ("delay=1s,train", "'train': a profile's name comes first"),
        ("cuts=3B", "'cuts' is no setting of a failing link; there are delay, jitter"),
        ("delay=fast", "delay=fast: write a time"),
        ("delay=40", "delay=40: write a time"),
        ("delay=1..2s", "delay=1..2s: write a time"),
        ("delay=2d", "delay=2d: write a time"),
        ("down=-1s", "down=-1s: write a time or a range of times, such as"),
        ("down=2..1s", "down: the first number of a range is the smaller one"),
        ("down=0..90000s", "down: at most 86400s"),
        ("delay=" + "9" * 20 + "s", "write a time"),
        ("cut=half", "cut=half: write bytes or a range of bytes"),
        ("cut=1.5B", "cut=1.5B: write bytes"),
        ("cut=٣B", "write bytes"),
        ("chunk=0..8B", "chunk: at least 1B"),
        ("rate=0B/s", "rate: at least 1B/s"),
        ("rate=2000000000MB/s", "rate: at most 1000000000MB/s"),
        ("rate=1..2B/s", "write bytes a second, such as"),
        ("rate=200B", "write bytes a second, such as"),
        ("reset=0.5", "reset=0.5: write a share, such as 10%"),
        ("reset=1..2%", "write a share"),
        ("double=101%", "double: at most 100%"),
        ("side=mine", "side=mine: write one of client, server, both"),
    ],
)
def test_what_is_wrong_is_told_with_its_setting_and_what_is_right(text: str, words: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the words are looked at below
        Profile.parse(text)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "settings",
    [{"delay": -1.0}, {"delay": math.nan}, {"cut": (5, 2)}, {"reset": 2.0}, {"side": "mine"}],
)
def test_a_program_is_told_too(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        Profile(**settings)


def test_every_setting_can_be_written() -> None:
    assert tuple(SETTINGS) == Profile.__struct_fields__
