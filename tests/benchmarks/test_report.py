"""Tables and warnings say what the figures are."""

from dataclasses import replace
from pathlib import Path

import msgspec

from benchmarks.machine import filesystem_of
from benchmarks.report import medians, tables, warnings
from benchmarks.results import SilenceResult, TalkResult

TALK = TalkResult(
    name="W1",
    pairs=500,
    thought_s=0.0,
    seconds=8.0,
    lines=96_000,
    lines_per_s=12_000.0,
    p50_ms=40.0,
    p99_ms=60.0,
    max_ms=80.0,
    server_us_per_line=70.0,
    server_percent=98.0,
    load_percent=40.0,
    others_percent=3.0,
    steal_percent=0.0,
    server_mib=80.0,
    kib_per_connection=9.0,
    arrival_s=2.0,
    said=120_000,
    acked=120_000,
    delivered=120_000,
    stored=120_000,
    stored_different=120_000,
    broken_logs=0,
    faults=0,
    fault_texts=(),
)
SILENCE = SilenceResult(
    name="W3",
    connections=5000,
    until="waiting",
    kib_per_connection=8.0,
    server_mib=120.0,
    arrivals_per_s=900.0,
    server_us_per_arrival=800.0,
    idle_percent=0.5,
    stored_sessions=5000,
)


def test_equal_counts_keep_the_promise_and_warn_of_nothing() -> None:
    assert TALK.kept_the_promise
    assert SILENCE.kept_the_promise
    assert warnings([TALK, SILENCE]) == []


def test_a_line_stored_twice_breaks_the_promise() -> None:
    broken = replace(TALK, stored=120_001)

    assert not broken.kept_the_promise
    assert "120001 stored (120000 different)" in warnings([broken])[0]


def test_a_session_that_is_not_stored_breaks_the_promise() -> None:
    broken = replace(SILENCE, stored_sessions=4999)

    assert not broken.kept_the_promise
    assert "4999" in warnings([broken])[0]


def test_a_load_that_fills_its_core_is_told() -> None:
    assert "the load used 97 %" in warnings([replace(TALK, load_percent=97.0)])[0]


def test_other_programs_that_disturb_are_told() -> None:
    assert "other programs used 80 %" in warnings([replace(TALK, others_percent=80.0)])[0]


def test_of_three_runs_the_one_in_the_middle_is_shown_whole() -> None:
    runs = [replace(TALK, server_us_per_line=us, p99_ms=us) for us in (90.0, 70.0, 80.0)]

    assert medians(runs) == [runs[2]]


def test_at_a_pace_the_middle_is_by_p99() -> None:
    paced = replace(TALK, name="W2", pairs=200, thought_s=1.0)
    runs = [replace(paced, p99_ms=ms, server_us_per_line=-ms) for ms in (5.0, 3.0, 9.0)]

    assert medians(runs) == [runs[0]]


def test_workloads_of_other_sizes_are_not_mixed() -> None:
    hello = replace(SILENCE, until="hello", stored_sessions=0)
    small = replace(TALK, pairs=50)

    assert medians([TALK, SILENCE, small, hello]) == [TALK, SILENCE, small, hello]


def test_a_table_has_a_row_for_each_workload_and_straight_columns() -> None:
    lines = tables([TALK, replace(TALK, pairs=50)]).splitlines()

    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
    assert "12,000" in lines[2]


def test_figures_survive_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(TALK), type=TalkResult) == TALK


def test_a_folder_is_on_the_file_system_mounted_nearest_to_it() -> None:
    mounts = "/dev/a / ext4 rw 0 0\ntmpfs /srv tmpfs rw 0 0\n/dev/b /srv/disk xfs rw 0 0\n"

    assert filesystem_of(Path("/srv/disk/x"), mounts) == "xfs"
    assert filesystem_of(Path("/srv/diskette"), mounts) == "tmpfs"
    assert filesystem_of(Path("/home"), mounts) == "ext4"
