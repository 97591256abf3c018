"""Long table of cells -> one row for each report and one column for each operand: values, and the status of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gongkai.core.codes import Status
from gongkai.core.schema import TEXT
from gongkai.indicators.definitions import Term, cells_of

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]

ABOUT = ("report_id", "form", "year", "division_code", "scope", "published", "body", "unit_id")
# Statuses from worst to best. A status is stored as its index in this list; NOWHERE is the index for cells that an edition does not have.
WORST_FIRST = (
    Status.UNREADABLE, Status.UNCERTAIN, Status.ABSENT, Status.BLANK, Status.MARK, 
    "not_contradicted", "deduced", "blank_as_zero", Status.REALIGNED, Status.PRINTED,
)  # fmt: skip
CODE = {status: n for n, status in enumerate(WORST_FIRST)}
NOWHERE = len(WORST_FIRST)


class Frames(NamedTuple):
    """What is read of a report or of a corpus: the same DataFrames of both."""

    reports: pd.DataFrame
    cells: pd.DataFrame
    checks: pd.DataFrame
    findings: pd.DataFrame

    @classmethod
    def of(cls, source: Any) -> Frames:
        """Take the frames of a corpus, or of anything that has them, or make those of one report."""
        import pandas as pd

        own = getattr(source, "reports", None)
        reports = pd.DataFrame([{name: getattr(source, name, None) for name in ABOUT}]) if own is None else own
        whole = reports.assign(**{name: None for name in ABOUT if name not in reports}).reset_index(drop=True)
        kinds = {name: TEXT for name in ABOUT if name != "year"} | {"year": "Int64"}
        return cls(whole.astype(kinds), source.cells, source.checks, source.findings)

    def listed(self) -> Flags:
        """Say which reports print an indicator list, on its own or beside the form."""
        flags: Flags = self.reports["report_id"].isin(self.cells["report_id"][self.cells["table"] == "statistics"]).to_numpy(bool)
        return flags

    def rows(self, report_ids: pd.Series) -> Codes:
        """Return the row of each report, -1 where it has none."""
        return _positions(report_ids, list(self.reports["report_id"]))


@dataclass(frozen=True)
class Wide:
    """Operands by report: ``values`` (NaN where there is none), ``codes`` of their statuses, and the column of each path."""

    values: Floats
    codes: Codes
    column: Mapping[str, int]

    def term(self, term: Term) -> tuple[Floats, Codes]:
        """Return the value and the worst status of a term: of its first alternative that a document has."""
        total, worst = np.full(len(self.values), np.nan), np.full(len(self.values), NOWHERE)
        found = np.zeros(len(self.values), bool)
        for path in term.paths:
            columns = [self.column[cell] for cell in cells_of(path)]
            values, codes = self.values[:, columns], self.codes[:, columns]
            here = present(codes)
            take = ~found & (here | (worst == NOWHERE))
            summed = np.where(codes == NOWHERE, 0.0, values).sum(axis=1)
            total = np.where(take, np.where((codes == NOWHERE).all(axis=1), np.nan, summed), total)
            worst = np.where(take, codes.min(axis=1), worst)
            found |= here
        return term.sign * total, np.where(worst == NOWHERE, CODE[Status.ABSENT], worst)

    def taken(self, term: Term, cells: frozenset[str]) -> Flags:
        """Say in which reports a term is read from any of these cells: they are of its first alternative that the document has."""
        found, hit = np.zeros((2, len(self.values)), bool)
        for own in map(cells_of, term.paths):
            here = ~found & present(self.codes[:, [self.column[cell] for cell in own]])
            hit |= here & (not cells.isdisjoint(own))
            found |= here
        return hit


def present(codes: Codes) -> Flags:
    """Say for each row whether a document has any of these cells."""
    flags: Flags = ((codes != NOWHERE) & (codes != CODE[Status.ABSENT])).any(axis=1)
    return flags


def widen(frames: Frames, paths: Sequence[str], accept: Sequence[str], blank_as_zero: bool) -> Wide:
    """Set out the cells of these paths by report, with a value only where their status is accepted."""
    column = {path: n for n, path in enumerate(paths)}
    shape = len(frames.reports), len(column)
    values, codes, proofs = np.full(shape, np.nan), np.full(shape, NOWHERE), np.full(shape, np.nan)
    rows, columns = frames.rows(frames.cells["report_id"]), _column_of_cells(frames.cells, column)
    wanted = (rows >= 0) & (columns >= 0)
    at = rows[wanted], columns[wanted]
    for name, filled in (("value", values), ("deduced", proofs)):
        filled[at] = frames.cells[name].to_numpy(float, na_value=np.nan)[wanted]
    codes[at] = _positions(frames.cells["status"], WORST_FIRST)[wanted]
    return Wide(*_accepted(values, codes, proofs, accept, blank_as_zero), column)


def _accepted(values: Floats, codes: Codes, proofs: Floats, accept: Sequence[str], blank_as_zero: bool) -> tuple[Floats, Codes]:
    """Keep the values of accepted statuses, and use deduced values if asked; a blank counts as zero only where the sums prove it."""
    kept = np.where(np.isin(codes, [CODE[status] for status in accept]), values, np.nan)
    if blank_as_zero:
        blank = codes == CODE[Status.BLANK]
        kept = np.where(blank & (proofs == 0), 0.0, kept)
        codes = np.where(blank & (proofs == 0), CODE["blank_as_zero"], np.where(blank & np.isnan(proofs), CODE["not_contradicted"], codes))
    if "deduced" in accept:
        proven = np.isnan(kept) & ~np.isnan(proofs)
        kept, codes = np.where(proven, proofs, kept), np.where(proven, CODE["deduced"], codes)
    return kept, codes


def _column_of_cells(cells: pd.DataFrame, column: Mapping[str, int]) -> Codes:
    """Return the column index of each cell, -1 where it is no operand. No path text is built, since there may be millions of cells."""
    parts = [path.split("/") for path in column]
    names = [sorted({part[k] for part in parts}) for k in range(3)]
    lookup = np.full([len(known) + 1 for known in names], -1)
    for n, part in enumerate(parts):
        lookup[tuple(names[k].index(part[k]) for k in range(3))] = n
    found: Codes = lookup[tuple(_positions(cells[key], names[k]) for k, key in enumerate(("table", "item", "measure")))]
    return found


def _positions(column: pd.Series, known: Sequence[str]) -> Codes:
    """Return the place of each text in a list, -1 where it is not in it."""
    import pandas as pd

    codes, texts = pd.factorize(column)
    place = {text: n for n, text in enumerate(known)}
    return np.array([*(place.get(text, -1) for text in texts), -1], dtype=np.int64)[codes]
