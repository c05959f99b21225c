"""Standard input and output as lines, under both event loops."""

import os
import pty
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import pytest

from livehelp.streams.stdio import Lines, Output, TooLong

pytestmark = pytest.mark.anyio
LIMIT = 10


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe's ends: for reading and for writing. A test may close the second or both."""
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):  # the test has closed it
            os.close(end)


async def all_of(lines: Lines) -> list[bytes | None]:
    """Every line; None where one was too long."""
    with anyio.fail_after(5):
        return [None if isinstance(line, TooLong) else line async for line in lines]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"one\ntwo\n", [b"one", b"two"]),
        (b"one\r\n\r\ntwo", [b"one", b"", b"two"]),
        (b"0123456789\n", [b"0123456789"]),
        (b"0123456789x\nnext\n", [None, b"next"]),
        (b"one\n" + b"x" * 200_000 + b"\ntwo\n", [b"one", None, b"two"]),
        (b"one\n" + b"x" * 200_000, [b"one", None]),
    ],
)
async def test_a_file_is_read_as_lines(
    tmp_path: Path, data: bytes, lines: list[bytes | None]
) -> None:
    path = tmp_path / "in"
    path.write_bytes(data)
    with path.open("rb") as file:
        assert await all_of(Lines(file.fileno(), LIMIT)) == lines


@pytest.fixture
def device(request: pytest.FixtureRequest) -> Iterator[int]:
    """The file descriptor of a device."""
    descriptor = os.open(request.param, os.O_RDWR)
    yield descriptor
    os.close(descriptor)


@pytest.mark.parametrize("device", ["/dev/null"], indirect=True)
async def test_nothing_is_in_dev_null(device: int) -> None:
    assert await all_of(Lines(device, LIMIT)) == []


async def test_a_line_comes_when_its_end_has_been_written(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    lines = Lines(reading, LIMIT)
    os.write(writing, b"one\ntw")
    with anyio.fail_after(5):
        assert await anext(lines) == b"one"
        with anyio.move_on_after(0) as waited:
            await anext(lines)
        assert waited.cancelled_caught
        os.write(writing, b"o\n")
        assert await anext(lines) == b"two"


async def test_a_terminal_is_read_on_after_ctrl_d() -> None:
    keyboard, terminal = pty.openpty()
    try:
        os.write(keyboard, b"one\n\x04two\n")
        lines = Lines(terminal, LIMIT)
        assert await anext(lines) == b"one"
        with pytest.raises(StopAsyncIteration):
            await anext(lines)
        assert await anext(lines) == b"two"
    finally:
        os.close(keyboard)
        os.close(terminal)


async def test_what_is_written_goes_out_whole_though_the_reader_is_slow(
    pipe: tuple[int, int],
) -> None:
    reading, writing = pipe
    out = Output(writing)
    written = b"".join(b"%09d\n" % number for number in range(50_000))
    read = b""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(out.write, written[:250_000])
        tasks.start_soon(out.write, written[250_000:])
        with anyio.fail_after(20):
            while len(read) < len(written):
                await anyio.wait_readable(reading)
                read += os.read(reading, 65_536)
    assert sorted(read.split(b"\n")) == sorted(written.split(b"\n"))


async def test_a_reader_who_goes_away_is_noticed_and_writing_fails(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    out = Output(writing)
    with anyio.move_on_after(0.01) as too_early:
        await out.reader_gone()
    assert too_early.cancelled_caught
    os.close(reading)
    with anyio.fail_after(5):
        await out.reader_gone()
        with pytest.raises(BrokenPipeError):
            await out.write(b"one\n")


async def test_a_pipe_that_is_open_for_both_ways_has_a_reader_of_its_own(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    both = os.open(tmp_path / "fifo", os.O_RDWR)
    try:
        out = Output(both)
        await out.write(b"one\n")
        with anyio.move_on_after(0.01) as waited:
            await out.reader_gone()
        assert waited.cancelled_caught
    finally:
        os.close(both)


async def test_reading_ahead_finds_the_end_and_loses_no_line(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    lines = Lines(reading, LIMIT)
    os.write(writing, b"one\ntwo\nthree")
    ended = anyio.Event()
    assert await anext(lines) == b"one"
    async with lines.read_ahead(ended.set):
        await anyio.wait_all_tasks_blocked()
        assert not ended.is_set()
        os.close(writing)
        with anyio.fail_after(5):
            await ended.wait()
    assert await all_of(lines) == [b"two", b"three"]
    assert await all_of(lines) == []


@pytest.mark.parametrize("device", ["/dev/full"], indirect=True)
async def test_a_full_disk_is_an_error_with_words(device: int) -> None:
    with pytest.raises(OSError, match="No space left on device: 'standard output'"):
        await Output(device).write(b"one\n")
