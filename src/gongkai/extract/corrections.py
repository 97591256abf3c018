"""Corrections made by hand: one row each, tied to the document's bytes and to the printed text, with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gongkai.core.codes import Status
from gongkai.core.errors import StaleCorrection, UsageError
from gongkai.core.messages import listed, number_text
from gongkai.core.model import Finding, Form, Reading
from gongkai.core.report_ids import as_report_id
from gongkai.core.tables import rows_of
from gongkai.extract.identities import Aligned, deduce

CORRECTIONS = "corrections.csv"
COLUMNS = ("report_id", "cell", "printed", "value", "reason", "decided_by")
# How a finding shows that there is no number.
UNTOLD = "—"
# What may stand in place of a number: the reason why the cell has none.
NO_VALUE = (Status.BLANK, Status.MARK, Status.ABSENT)


@dataclass(frozen=True, slots=True)
class Correction:
    """One cell of one document, what is printed there as gongkai quotes it, and what a person read, with the reason and who decided.

    Without a ``value`` the cell has the ``status``, ``uncertain`` where none can be told.
    """

    report_id: str
    cell: str
    printed: str
    value: float | None
    reason: str
    decided_by: str = ""
    status: str = Status.UNCERTAIN

    @property
    def said(self) -> str:
        """The reason, and who gave it where that is known."""
        return f"{self.reason} — {self.decided_by}" if self.decided_by else self.reason


def read_corrections(folder: str | Path | None) -> Mapping[str, tuple[Correction, ...]]:
    """Return the corrections of a folder by report; a folder without ``corrections.csv``, or none, has none.

    Raises
    ------
    UsageError
        If the file lacks a column, or a row lacks its reason or has a value that is no number.

    Examples
    --------
    >>> read_corrections(None)
    {}
    """
    path = Path(folder or "") / CORRECTIONS
    if folder is None or not path.is_file():
        return {}
    found: dict[str, tuple[Correction, ...]] = {}
    for number, row in rows_of(path):
        one = _correction(path, number, row)
        found[one.report_id] = (*found.get(one.report_id, ()), one)
    return found


def _correction(path: Path, number: int, row: Mapping[str, str]) -> Correction:
    try:
        status = Status(row["value"]) if row["value"] in NO_VALUE else Status.UNCERTAIN
        value = float(row["value"]) if row["value"] and row["value"] not in NO_VALUE else None
        whole = all(row[c] for c in ("report_id", "cell", "reason"))
    except (KeyError, ValueError):
        whole = False
    if not whole:
        shown = ", ".join(f"{k}={v}" for k, v in row.items())
        raise UsageError.of("corrections.row", f"{path}:{number}", columns=listed(COLUMNS), shown=shown)
    who = row.get("decided_by", "")
    return Correction(as_report_id(row["report_id"]), row["cell"], row["printed"], value, row["reason"], who, status)


def correct(form: Form, aligned: Aligned, corrections: Sequence[Correction]) -> tuple[Aligned, list[Finding]]:
    """Put what a person read in the place of what was read by machine, and say so of each cell.

    A corrected cell is ``realigned``, and one whose correction gives no value is ``uncertain``, or what the correction says; the printed
    text stays as it is.

    Raises
    ------
    StaleCorrection
        If a correction names a cell that the form does not have, or quotes text that is not printed there.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> form = load_form("2019")
    >>> read = Aligned((Reading(form.fields[0], None, "unreadable", "l2"),), (), frozenset())
    >>> one = Correction("r0123456789ab", "disclosure/regulations/newly_made", "l2", 12, "the digit 1 is typed as a letter")
    >>> correct(form, read, [one])[0].readings[0].value
    12
    """
    if not corrections:
        return aligned, []
    by_cell = {c.cell: c for c in corrections}
    read = {r.field.path: r for r in aligned.readings}
    for one in corrections:
        if (there := read.get(one.cell)) is None or (there.printed or "").strip() != one.printed.strip():
            raise _stale(one, there)
    changed = [_corrected(r, by_cell[r.field.path]) if r.field.path in by_cell else r for r in aligned.readings]
    return replace(aligned, readings=deduce(form, changed)), [_finding(read[c.cell], c) for c in corrections]


def refuse_unmatched(corrections: Mapping[str, Sequence[Correction]], known: set[str]) -> None:
    """Refuse corrections of documents that are not there.

    Raises
    ------
    StaleCorrection
        Naming the first of them.
    """
    for report_id, group in corrections.items():
        if report_id not in known:
            raise _stale(group[0], None)


def _corrected(r: Reading, c: Correction) -> Reading:
    return replace(r, value=c.value, status=c.status if c.value is None else Status.REALIGNED, deduced=None, candidates=())


def _finding(r: Reading, c: Correction) -> Finding:
    table, item, measure = r.field.key
    before, after = _text(r.value), _text(c.value) if c.status == Status.UNCERTAIN else str(c.status)
    return Finding("corrected", table, item, measure, before, after, r.where, {"reason": c.said})


def _text(value: float | None) -> str:
    return UNTOLD if value is None else number_text(value)


def _stale(c: Correction, r: Reading | None) -> StaleCorrection:
    where, printed = f"{CORRECTIONS}: {c.report_id} {c.cell}", c.printed
    if r is None:
        return StaleCorrection.of("corrections.no_cell", where, printed=printed)
    return StaleCorrection.of("corrections.stale", where, printed=printed, found=r.printed or "")
