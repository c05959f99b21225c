"""A fault as a line for a person."""

import pytest

from livehelp.testkit.faults import Fault

CUT_AND_DOWN = (
    "connection 3: cut by FIN (new ones for 1.25 s too; the server's side 0.5 s later) "
    "after 0 bytes to the server (seed 7)"
)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            Fault(kind="cut", connection=3, seed=7, direction="up", at=1204, reset=True),
            "connection 3: cut by RST after 1,204 bytes to the server (seed 7)",
        ),
        (
            Fault(kind="cut", connection=3, seed=7, direction="up", seconds=1.25, late=0.5),
            CUT_AND_DOWN,
        ),
        (
            Fault(kind="stall", connection=1, seed=7, seconds=2),
            "connection 1: stalled for 2 s as called for (seed 7)",
        ),
        (
            Fault(kind="half-open", connection=2, seed=7, direction="up", at=0, side="both"),
            "connection 2: half-open (neither side is told) after 0 bytes to the server (seed 7)",
        ),
    ],
)
def test_a_fault_reads_as_a_sentence(fault: Fault, words: str) -> None:
    assert str(fault) == words
