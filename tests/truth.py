"""What a reading of a damaged document may say of each cell, and how it is counted.

right      the value that is printed; or none where none is printed, with the status that says which kind of nothing;
           or none, and a finding that names the row, where the damage itself took the cell away
flagged    no value although it stands undamaged, and a finding says so
wrong      another value, and a finding names its row or column
missed     no value, and nothing says so, or a status that is not true
silent     another value, and nobody notices: the one thing that must not happen
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from damages import Case
from strategies import MARKS, UNMARKED

from gongkai import Report
from gongkai.core.model import Reading

OUTCOMES = ("right", "flagged", "wrong", "missed", "silent")
_OPEN = ("uncertain", "unreadable", "absent")


@dataclass(frozen=True)
class Expected:
    """What is printed of a cell, and whether the damage excuses that it is not read."""

    value: float | None
    status: str
    excused: bool = False


def expected(case: Case) -> Mapping[str, Expected]:
    """Say of every cell what a reader can know."""
    truth, values = case.damaged.truth, case.values
    unseen = _unseen_rows(case)
    return {path: _expected(path, truth, values[path], path.rpartition("/")[0] in unseen, case.damaged.clean) for path in values}


def _expected(path: str, truth: Mapping[str, str | None], value: float, unseen: bool, clean: bool) -> Expected:
    if path not in truth:
        return Expected(value, "printed", unseen)
    text = truth[path]
    if text is None:
        return Expected(None, "absent", True)
    if not clean:
        return Expected(value, "printed", True)
    if not text or text in MARKS:
        return Expected(None, "mark" if text else "blank", unseen)
    return Expected(float(text) if text.isdigit() else value, "printed")


def _unseen_rows(case: Case) -> set[str]:
    """Name the rows in which a blank cell leaves no trace: its neighbours may be anywhere."""
    blank = {path for path, text in case.damaged.truth.items() if text == "" and case.damaged.clean}
    if case.printing.layout == "crawled":  # a blank at either end of a row cannot be told from the fields of merged cells
        blank &= case.edition.ends
    elif case.printing.layout not in UNMARKED:
        return set()
    across = {t.code for t in case.edition.form.tables.values() if t.across and case.printing.layout in UNMARKED}
    tables = across & {path.split("/")[0] for path in blank}
    return {path.rpartition("/")[0] for path in blank} | {row for row in case.edition.rows if row.split("/")[0] in tables}


def outcomes(case: Case, report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield for each cell of the edition its path, the outcome, and what was expected and read."""
    wanted = expected(case)
    named = {(f.table, f.item, f.measure) for f in report.contents.findings}
    for reading in report.readings:
        f = reading.field
        noticed = bool({(f.table, f.item, f.measure), (f.table, f.item, None), (f.table, None, f.measure), (f.table, None, None)} & named)
        known = wanted.get(f.path, Expected(None, "absent"))
        yield f.path, _outcome(reading, known, noticed), f"printed {known.value} ({known.status}), read {reading.value} ({reading.status})"


def _outcome(reading: Reading, known: Expected, noticed: bool) -> str:
    if reading.value is not None:
        return "right" if reading.value == known.value else "wrong" if noticed else "silent"
    if known.value is None and (reading.status == known.status or (known.excused and reading.status in _OPEN)):
        return "right"
    if reading.status not in _OPEN[: 3 if known.excused else 2] or not noticed:
        return "missed"
    return "right" if known.excused else "flagged"


def tally(case: Case, report: Report) -> tuple[Counter[str], list[str]]:
    """Count the outcomes of one document, and list what is not right."""
    found = list(outcomes(case, report))
    return Counter(outcome for _, outcome, _ in found), [f"{outcome} {path}: {what}" for path, outcome, what in found if outcome != "right"]
