"""Reports results as text, as JSON, and as the JUnit XML that CI servers read.

The text has what visitors typed: whatever a terminal would obey, or XML cannot hold, is escaped.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from livehelp.testkit.scenario.playing.outcome import Failure, Outcome, Result

RESULTS: Final[tuple[Result, ...]] = ("passed", "failed", "error", "not run")
# As much of the conversation as a person reads; --json has all of it.
_SHOWN: Final = 20
# What a terminal would obey (C0 and C1 controls, bidi), and the code points that XML 1.0 forbids.
_OBEYED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def line_of(outcome: Outcome) -> str:
    """Return one outcome as a line, with what the scenario shows, or why it was not run."""
    words = f"not run: {outcome.reason}" if outcome.reason else outcome.about
    line = f"{outcome.result:7}  {outcome.seconds:5.2f} s  {outcome.file}  {words}".rstrip()
    if outcome.left:
        line += f"\n    still open on that server: {', '.join(outcome.left)}"
    return plain(line)


def failure_of(outcome: Outcome, failure: Failure) -> str:
    """Return what somebody needs to find out why a scenario failed."""
    lines = [f"{failure.where}: {failure.step}".removesuffix(": "), *failure.words.splitlines()]
    done = outcome.conversation[-_SHOWN:]
    before = "What was done before, in seconds since the scenario began:"
    lines.append(before if done else "Nothing was done before.")
    if earlier := outcome.conversation[:-_SHOWN]:
        # What came, and what went wrong on a link, is indented under its step.
        steps = sum(not each.words.startswith(" ") for each in earlier)
        lines.append(f"({steps} earlier step{'' if steps == 1 else 's'} passed; -v shows all)")
    lines += [str(happening) for happening in done]
    if outcome.seed:
        lines.append(f"To have the same chance again: --seed {outcome.seed}")
    return plain("\n    ".join(lines))


def sum_of(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return the last line: how many went how."""
    counts = Counter(outcome.result for outcome in outcomes)
    words = [f"{counts[result]} {result}" for result in RESULTS if counts[result]]
    return f"{', '.join(words)}, in {seconds:.1f} s"


def json_of(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Return everything as JSON values."""
    found = list(outcomes)
    counts = Counter(outcome.result for outcome in found)
    return {
        **{result.replace(" ", "_"): counts[result] for result in RESULTS},
        "scenarios": [asdict(outcome) for outcome in found],
    }


def junit_of(outcomes: Iterable[Outcome]) -> bytes:
    """Return everything as JUnit XML: a suite for each folder, in it a case for each scenario.

    No more than the schema knows that Jenkins' xUnit plugin holds it to (junit-10.xsd).
    """
    by_folder: dict[Path, list[Outcome]] = {}
    for outcome in outcomes:
        by_folder.setdefault(Path(outcome.file).parent, []).append(outcome)
    suites = ET.Element("testsuites")
    for folder, found in by_folder.items():
        name = _class_name(folder)
        counts = Counter(outcome.result for outcome in found)
        suite = ET.SubElement(
            suites,
            "testsuite",
            name=name,
            tests=str(len(found)),
            failures=str(counts["failed"]),
            errors=str(counts["error"]),
            skipped=str(counts["not run"]),
            time=f"{sum(outcome.seconds for outcome in found):.3f}",
        )
        for outcome in found:
            _add_case(suite, name, outcome)
    ET.indent(suites)
    return ET.tostring(suites, encoding="utf-8", xml_declaration=True)


def _class_name(folder: Path) -> str:
    """Return a folder as CI servers show it, as a path of packages."""
    parts = [part for part in folder.parts if part not in {folder.anchor, ".."}]
    return plain(".".join(parts)) or "scenarios"


def _add_case(suite: ET.Element, classname: str, outcome: Outcome) -> None:
    name = plain(Path(outcome.file).stem)
    time = f"{outcome.seconds:.3f}"
    case = ET.SubElement(suite, "testcase", classname=classname, name=name, time=time)
    if outcome.failure is not None:
        tag = "error" if outcome.result == "error" else "failure"
        message = plain(outcome.failure.words.partition("\n")[0])
        told = ET.SubElement(case, tag, message=message)
        told.text = failure_of(outcome, outcome.failure)
    elif outcome.reason:
        ET.SubElement(case, "skipped", message=plain(outcome.reason))


def plain(text: str) -> str:
    """Return ``text`` with what a terminal would obey written as escapes."""
    return _OBEYED.sub(lambda found: ascii(found[0])[1:-1], text)
