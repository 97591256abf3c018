"""Doubtful cells -> a list for the person who decides them, the most consequential first; and decisions back -> corrections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import State, Status
from gongkai.core.data import packaged
from gongkai.core.errors import ReportError, UsageError, refuse_language
from gongkai.core.findings import cell_name
from gongkai.core.messages import LANGUAGES, Words, both, joined, number_text, say
from gongkai.core.model import Identity, Reading
from gongkai.core.tables import columns_of, csv_of, rows_of
from gongkai.core.text import squeeze
from gongkai.corpus.held import Held
from gongkai.extract.corrections import COLUMNS, CORRECTIONS, NO_VALUE
from gongkai.extract.identities import weigh

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.report import Report

SHEET = "worklist"
_DOUBTFUL = (Status.UNCERTAIN, Status.UNREADABLE)
# Findings about one cell that has a number, which may be wrong.
_QUESTIONED = ("crossing", "implausible_amount", "money_scale", "doubted_sum")
_DECIDED = "corrected"
_KEY = ["report_id", "table", "item", "measure"]
_MOST_CANDIDATES = 12


@cache
def columns(part: str) -> tuple[str, ...]:
    """Return the columns of a work list: the ``drafted`` ones, or the ``person``'s."""
    return tuple(packaged(__package__, "worklist.toml")[part])


def worklist(corpus: Held, language: str = "zh", everything: bool = False) -> pd.DataFrame:
    """List the cells that a person should decide, as ``Corpus.worklist`` says."""
    import pandas as pd

    refuse_language(language)
    doubted = _doubted(corpus, everything)
    paths = dict(zip(corpus.reports["report_id"], corpus.reports["path"], strict=True))
    aside = {*corpus.set_aside["report_id"].dropna()}
    rows: list[dict[str, Any]] = []
    for report_id, own in doubted.groupby("report_id", sort=False):
        report = _read_again(corpus, str(report_id))
        for cell in own.to_dict("records"):
            known = {"path": paths[report_id], "in_panel": report_id not in aside}
            rows.append(_row({str(name): value for name, value in cell.items()}, report, language) | known)
    found = pd.DataFrame(rows, columns=[*columns("drafted"), "weight"])
    found = found.sort_values(
        ["in_panel", "open", "weight", "path", "cell"], ascending=[False, False, False, True, True], ignore_index=True
    )
    found = found.astype({"open": "int64", "in_panel": "bool"} | {n: "str" for n in columns("drafted") if n not in ("open", "in_panel")})
    return found.drop(columns="weight").assign(**dict.fromkeys(columns("person"), ""))


def _doubted(corpus: Held, everything: bool) -> pd.DataFrame:
    """Return the cells of which no number can be told, or one is questioned; with ``everything`` also all that were put back."""
    cells, findings = corpus.cells, corpus.findings
    named = findings[findings["item"].notna() & findings["measure"].notna()]
    told = named.groupby(_KEY)["code"].agg(set).rename("codes")
    listed = cells.merge(told, left_on=_KEY, right_index=True, how="left")
    codes = listed["codes"].map(lambda found: found if isinstance(found, set) else set())
    open_cell = listed["status"].isin([*_DOUBTFUL, *([Status.REALIGNED] if everything else [])])
    wanted = open_cell | codes.map(lambda found: bool(found & {*_QUESTIONED}))
    return listed[wanted & ~codes.map(lambda found: _DECIDED in found)]


def _read_again(corpus: Held, report_id: str) -> Report | None:
    """Read a document again for its candidates; where it is gone or has changed, the tables must do."""
    try:
        return corpus.read(report_id)
    except ReportError:
        return None


def _row(cell: Mapping[str, Any], report: Report | None, language: str) -> dict[str, Any]:
    """Say of one cell what is printed, what it may be, what each reading would break, and how much hangs on it."""
    path = "/".join(cell[name] for name in _KEY[1:])
    known = {name: None if cell[name] != cell[name] else cell[name] for name in ("where", "printed", "status")}
    row = {"report_id": cell["report_id"], "cell": path, "name": path, "open": 0, "weight": 0.0, **known}
    row["value"] = number_text(cell["value"]) if cell["value"] == cell["value"] and cell["value"] is not None else ""
    row |= {"candidates": "", "breaks": "", "findings": ""}
    if report is None:
        return {name: "" if value is None else value for name, value in row.items()}
    reading = report.reading(path)
    identities = [c.identity for c in report.contents.checks if reading.field in c.identity.terms]
    values = {r.field: r.value for r in report.readings}
    options = [value for value in dict.fromkeys(reading.candidates) if value is not None]
    broken = [_broken(identities, values, reading, value) for value in options]
    row["name"] = cell_name(report.edition, reading.field, language) if reading.field.table in report.edition.tables else path
    row["candidates"] = "; ".join(map(number_text, options[:_MOST_CANDIDATES])) + (" …" if len(options) > _MOST_CANDIDATES else "")
    row["breaks"] = "; ".join(
        f"{number_text(value)}: {say('explain.comma', language).join(_identity_name(i, language) for i in found) or '—'}"
        for value, found in list(zip(options, broken, strict=True))[:_MOST_CANDIDATES]
    )
    row["open"] = sum(weigh(i, {**values, reading.field: None})[0] == State.UNDECIDED for i in identities)
    row["weight"] = float(max(options) - min(options)) if options else 0.0
    row["findings"] = " ".join(_said(report, reading, language))
    return {name: "" if value is None else value for name, value in row.items()}


def _broken(identities: Sequence[Identity], values: Mapping[Any, float | None], reading: Reading, value: float) -> list[Identity]:
    return [i for i in identities if weigh(i, {**values, reading.field: value})[0] == State.BROKEN]


def _identity_name(identity: Identity, language: str) -> str:
    return say(f"identity.{identity.code}", language)


def _said(report: Report, reading: Reading, language: str) -> Iterator[str]:
    """Yield what the findings say of a cell, its row or its column."""
    from gongkai.core.findings import message

    f = reading.field
    for found in report.contents.findings:
        if found.table == f.table and found.item in (f.item, None) and found.measure in (f.measure, None) and (found.item or found.measure):
            yield message(found, report.edition, language)


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions that were given back: where they stand now, how many are ``new``, ``same`` and ``open``, and which were changed."""

    path: Path
    new: int
    same: int
    open: int
    changed: tuple[tuple[str, str, str], ...]


def take_back(corpus: Held, sheet: Path, folder: Path) -> tuple[Decided, bytes]:
    """Turn a work list that was filled in into rows of ``corrections.csv``; return what became of it, and the file to be written.

    Raises
    ------
    UsageError
        If a decision cannot be meant, lacks its reason or who decided, or is of a cell that prints something else: every such line is
        named, and none is taken.
    """
    header = columns_of(sheet)
    if missing := [name for name in ("report_id", "cell", *columns("person")) if name not in header]:
        raise UsageError.of("worklist.no_sheet", sheet, missing=", ".join(missing))
    target = folder / CORRECTIONS
    known = {(row["report_id"], row["cell"]): row for _, row in rows_of(target)} if target.is_file() else {}
    order = (*COLUMNS, *(name for name in (columns_of(target) if target.is_file() else ()) if name not in COLUMNS))
    given = [(number, row) for number, row in rows_of(sheet)]
    decided = [(number, row) for number, row in given if row["decision"]]
    printed = _printed(corpus, [row for _, row in decided])
    faults = [fault for number, row in decided for fault in _faults(number, row, printed)]
    faults += _twice(decided)
    if faults:
        raise UsageError.of("worklist.faults", sheet, faults=joined(faults))
    new, same, changed = 0, 0, list[tuple[str, str, str]]()
    for _, row in decided:
        key = (row["report_id"], row["cell"])
        made = _correction(row, printed[key] or "")
        before = known.get(key)
        if before and all(before.get(name, "") == made[name] for name in ("value", "reason", "decided_by")):
            same += 1
            continue
        if before:
            changed.append(("#".join(key), before["value"] or Status.UNCERTAIN, made["value"] or Status.UNCERTAIN))
        new += before is None
        known[key] = {**(before or {}), **made}
    return Decided(target, new, same, len(given) - len(decided), tuple(changed)), csv_of(order, [*known.values()])


def _correction(row: Mapping[str, str], printed: str) -> dict[str, str]:
    value = _decision(row["decision"])
    return {
        "report_id": row["report_id"], "cell": row["cell"], "printed": printed.strip(), "value": value or "",
        "reason": row["reason"], "decided_by": row["decided_by"],
    }  # fmt: skip


def _faults(number: int, row: Mapping[str, str], printed: Mapping[tuple[str, str], str | None]) -> Iterator[Words]:
    """Say, in both languages, what of one decision cannot be taken."""
    key = (row["report_id"], row["cell"])
    if key not in printed:
        yield both("worklist.no_cell", number=number, cell="#".join(key))
    elif "printed" in row and squeeze(row["printed"]) != squeeze(printed[key] or ""):
        yield both("worklist.other", number=number, printed=row["printed"], found=printed[key] or "")
    if _decision(row["decision"]) is None:
        yield both("worklist.decision", number=number, decision=row["decision"])
    for name in ("reason", "decided_by"):
        if not row[name]:
            yield both("worklist.lacking", number=number, column=name)


def _twice(decided: Sequence[tuple[int, Mapping[str, str]]]) -> list[Words]:
    seen: dict[tuple[str, str], int] = {}
    found = []
    for number, row in decided:
        first = seen.setdefault((row["report_id"], row["cell"]), number)
        if first != number:
            found.append(both("worklist.twice", number=number, first=first, cell=row["cell"]))
    return found


def _printed(corpus: Held, decided: Sequence[Mapping[str, str]]) -> Mapping[tuple[str, str], str | None]:
    """Return what the decided cells print, as the corpus quotes it."""
    cells = corpus.cells_of([row["report_id"] for row in decided])
    paths = cells["table"] + "/" + cells["item"] + "/" + cells["measure"]
    printed = cells["printed"].astype("object").where(cells["printed"].notna(), None)
    return dict(zip(zip(cells["report_id"], paths, strict=True), printed, strict=True))


def _decision(said: str) -> str | None:
    """Return what a correction holds of a decision: a number, nothing (none can be told), or why there is none; None where it is neither.

    Examples
    --------
    >>> [_decision(said) for said in ("12", "1,200", "存疑", "空白", "blank", "一打")]
    ['12', '1200', '', 'blank', 'blank', None]
    """
    words = {say(f"status.{status}", language): status for status in (Status.UNCERTAIN, *NO_VALUE) for language in LANGUAGES}
    if (status := words.get(said.lower(), said.lower())) in (Status.UNCERTAIN, *NO_VALUE):
        return "" if status == Status.UNCERTAIN else str(status)
    try:
        return number_text(float(said.replace(",", "").replace("，", "")))
    except (ValueError, OverflowError):
        return None
