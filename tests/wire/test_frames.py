"""Bytes to lines: cuts, ends, and the bound."""

import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.frames import MAX_CLIENT_LINE, LineBuffer
from livehelp.wire.replies import ErrorCode
from tests.wire.harness import cut

SMALL = 8
streams = st.lists(
    st.sampled_from([b"\n", b"\r\n", b"\r", b" ", b"ab", b"\xff", b"12345678", b"123456789"])
).map(b"".join)


def lines_of(limit: int, *chunks: bytes) -> tuple[list[bytes], str | None]:
    """Return the lines and the code of the fatal error that ended them, if one did."""
    buffer = LineBuffer(limit)
    lines: list[bytes] = []
    try:
        for chunk in chunks:
            lines.extend(buffer.feed(chunk))
    except RemoteProtocolError as error:
        return lines, error.code if error.fatal else "not fatal"
    return lines, None


@given(streams, st.lists(st.integers(min_value=0)))
@example(b"12345678\r\n123456789\nab\n", [8, 9, 10])
def test_any_cut_of_the_bytes_gives_the_same_lines_and_the_same_error(
    data: bytes, places: list[int]
) -> None:
    # The line feed decides: without it a line one byte over the limit may yet end in a CR.
    data += b"\n"
    assert lines_of(SMALL, *cut(data, places)) == lines_of(SMALL, data)


@given(streams)
def test_one_byte_at_a_time_gives_the_same_lines(data: bytes) -> None:
    data += b"\n"
    single = [data[i : i + 1] for i in range(len(data))]
    assert lines_of(SMALL, *single) == lines_of(SMALL, data)


def test_a_line_feed_or_cr_lf_ends_a_line_and_blank_lines_are_skipped() -> None:
    assert lines_of(SMALL, b"one\ntwo\r\n\n\r\n  \t\nthree\n") == ([b"one", b"two", b"three"], None)


def test_only_one_carriage_return_belongs_to_the_end() -> None:
    assert lines_of(SMALL, b"one\r\r\n") == ([b"one\r"], None)


def test_an_unfinished_line_is_kept_and_given_once_it_ends() -> None:
    buffer = LineBuffer(SMALL)
    assert list(buffer.feed(b"hal")) == []
    assert buffer.pending == 3
    assert list(buffer.feed(b"f\nre")) == [b"half"]
    assert buffer.pending == 2


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(("length", "accepted"), [(7, True), (8, True), (9, False)])
def test_the_limit_counts_the_bytes_of_the_line_without_its_end(
    length: int, accepted: bool, end: bytes
) -> None:
    lines, code = lines_of(SMALL, b"x" * length + end)
    assert lines == ([b"x" * length] if accepted else [])
    assert code == (None if accepted else ErrorCode.LINE_TOO_LONG)


def test_a_line_that_never_ends_is_refused_as_soon_as_it_cannot_fit() -> None:
    assert lines_of(SMALL, b"x" * 9) == ([], None)  # the ninth could have been the \r
    assert lines_of(SMALL, b"x" * 10) == ([], ErrorCode.LINE_TOO_LONG)


def test_the_lines_before_a_long_one_are_given_first() -> None:
    assert lines_of(SMALL, b"one\ntwo\n123456789\nthree\n") == (
        [b"one", b"two"],
        ErrorCode.LINE_TOO_LONG,
    )


def test_the_words_name_the_limit() -> None:
    with pytest.raises(RemoteProtocolError, match="at most 16384 bytes") as caught:
        list(LineBuffer(MAX_CLIENT_LINE).feed(b"x" * (MAX_CLIENT_LINE + 1) + b"\n"))
    assert caught.value.ref is None


@given(st.lists(streams))
def test_never_more_than_the_limit_and_a_carriage_return_is_held(chunks: list[bytes]) -> None:
    buffer = LineBuffer(SMALL)
    for chunk in chunks:
        try:
            list(buffer.feed(chunk))
        except RemoteProtocolError:
            assert buffer.pending == 0
        assert buffer.pending <= SMALL + 1


def test_memory_stays_flat_under_a_flood_without_a_line_feed() -> None:
    chunk = b"x" * 4096
    buffer = LineBuffer(MAX_CLIENT_LINE)
    refused = 0
    tracemalloc.start()
    try:
        for _ in range(2_000):  # 8 MB
            try:
                list(buffer.feed(chunk))
            except RemoteProtocolError:
                refused += 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused == 400  # every fifth chunk goes over 16 KiB
    # What is held, and the copy that a read makes of it: two buffers and a chunk.
    assert peak < 3 * MAX_CLIENT_LINE
