"""The report: which rules of the document held, which failed, which could not be tried.

A rule is cited by its mark, ``P-3.2``; the tables of a chapter that have none by ``chapter 6``.
Owns the marks on the tests and the words at the end. Must not know what a rule says.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import pytest

MARK: Final = "rule"
PROPERTY: Final = "rule"  # of a test report, so that it reaches the summary from other processes
NOT_TRIED: Final = "not tried: "
# The names of so many failed tests are a line or two; pytest lists them all.
SHOWN: Final = 2


@dataclass
class Verdict:
    """What became of one rule's tests."""

    passed: int = 0
    failed: list[str] = field(default_factory=list[str])
    not_tried: list[str] = field(default_factory=list[str])


def marks_of(item: pytest.Item) -> list[str]:
    """Return the rules that a test tests."""
    return [str(rule) for mark in item.iter_markers(MARK) for rule in mark.args]


def note_rules(items: Iterable[pytest.Item]) -> None:
    """Write into each test's report which rules it tests."""
    for item in items:
        item.user_properties += [(PROPERTY, rule) for rule in marks_of(item)]


def not_tried(why: str) -> None:
    """Pass over a test of a server that is not ours, for a reason that the report shows."""
    pytest.skip(f"{NOT_TRIED}{why}")


def verdicts(reports: Iterable[pytest.TestReport]) -> dict[str, Verdict]:
    """Return what became of each rule that had a test in this run, in the document's order."""
    found: dict[str, Verdict] = {}
    for report in reports:
        for name, rule in report.user_properties:
            if name == PROPERTY:
                _judge(found.setdefault(str(rule), Verdict()), report)
    return dict(sorted(found.items(), key=lambda pair: _place(pair[0])))


def summary(found: dict[str, Verdict]) -> Iterator[str]:
    """Yield the lines of the report."""
    failed = {rule: v for rule, v in found.items() if v.failed}
    partly = {rule: v for rule, v in found.items() if v.not_tried and not v.failed}
    held = len(found) - len(failed) - len(partly)
    yield (
        f"Rules that held: {held}; failed: {len(failed)}; not tried, or not wholly: {len(partly)}."
    )
    for rule, verdict in failed.items():
        more = f", and {len(verdict.failed) - SHOWN} more" if len(verdict.failed) > SHOWN else ""
        yield f"{rule} failed: {', '.join(verdict.failed[:SHOWN])}{more}"
    for rule, verdict in partly.items():
        word = "not wholly tried" if verdict.passed else "not tried"
        yield f"{rule} {word}: {'; '.join(sorted(set(verdict.not_tried)))}"


def _judge(verdict: Verdict, report: pytest.TestReport) -> None:
    if report.failed:
        verdict.failed.append(report.nodeid.rpartition("/")[2])
    elif report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        verdict.not_tried.append(reason.removeprefix("Skipped: ").removeprefix(NOT_TRIED))
    elif report.when == "call":
        verdict.passed += 1


def _place(rule: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", rule)]
