"""What the kernel writes about processes is read right."""

import os
import subprocess
import sys

import pytest

from benchmarks.procfs import (
    TICKS_PER_SECOND,
    ProcessStat,
    cpu_s,
    family,
    parse_machine,
    parse_pss,
    parse_stat,
    pss_kib,
)

STAT = (
    "4321 (live (help) 1) S 1234 4321 4321 0 -1 4194560 5000 70 0 0 "
    "11 22 33 44 20 0 3 0 99999 123456789 4567 18446744073709551615\n"
)
ROLLUP = """\
55d0c0000000-7ffd00000000 ---p 00000000 00:00 0                          [rollup]
Rss:               20480 kB
Pss:               12345 kB
Pss_Dirty:          9999 kB
Shared_Clean:       4000 kB
"""
CPU = "cpu  100 2 30 4000 50 6 7 89 0 0\ncpu0 50 1 15 2000 25 3 3 44 0 0\n"


def test_stat_is_read_from_behind_a_name_with_spaces_and_parentheses() -> None:
    assert parse_stat(STAT) == ProcessStat(pid=4321, parent=1234, ticks=11 + 22 + 33 + 44)


def test_pss_is_the_line_of_that_name_and_no_other() -> None:
    assert parse_pss(ROLLUP) == 12345


def test_a_rollup_without_pss_is_refused() -> None:
    with pytest.raises(ValueError, match="no Pss"):
        parse_pss("Rss: 1 kB\n")


def test_the_machine_is_busy_with_all_but_idling_and_waiting_for_the_disk() -> None:
    found = parse_machine(CPU)

    assert round(found.busy_s * TICKS_PER_SECOND) == 100 + 2 + 30 + 6 + 7
    assert round(found.stolen_s * TICKS_PER_SECOND) == 89


def test_a_family_is_a_process_with_its_children_and_theirs() -> None:
    parents = {10: 1, 30: 20, 20: 10, 40: 1, 50: 40}
    processes = {pid: ProcessStat(pid, parent, ticks=0) for pid, parent in parents.items()}

    assert family(10, processes) == {10, 20, 30}


def test_the_usage_of_this_process_counts_its_children() -> None:
    waits = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]
    alone = pss_kib(os.getpid())
    with subprocess.Popen(waits, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        # A Python of its own has at least two megabytes that nobody shares.
        assert pss_kib(os.getpid()) > alone + 2_000
        assert cpu_s(os.getpid()) > 0
        child.communicate()
