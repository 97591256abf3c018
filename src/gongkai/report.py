"""One annual report, read: what the user holds in the hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gongkai import findings as words
from gongkai.errors import UsageError
from gongkai.model import Check, Document, Figure, Finding, Form, Reading, Section

if TYPE_CHECKING:
    import pandas as pd

STATUSES = ("printed", "blank", "mark", "absent", "realigned", "uncertain", "unreadable")
TEXT, NUMBER = "str", "Float64"
CELL_COLUMNS = {
    "report_id": TEXT, "table": TEXT, "item": TEXT, "measure": TEXT, "label": TEXT, "value": NUMBER, "unit": TEXT,
    "status": TEXT, "deduced": NUMBER, "printed": TEXT, "where": TEXT,
}  # fmt: skip
FINDING_COLUMNS = dict.fromkeys(
    ("report_id", "code", "level", "table", "item", "measure", "expected", "observed", "message", "message_zh", "where"), TEXT
)
SECTION_COLUMNS = dict.fromkeys(("report_id", "number", "title", "text", "where"), TEXT)
FIGURE_COLUMNS = {
    "report_id": TEXT, "phrase": TEXT, "value": NUMBER, "unit": TEXT, "section": TEXT, "approximate": "bool", "where": TEXT, "sentence": TEXT,
}  # fmt: skip
CHECK_COLUMNS = {
    "report_id": TEXT, "code": TEXT, "table": TEXT, "item": TEXT, "measure": TEXT, "left": NUMBER, "right": NUMBER, "state": TEXT,
}  # fmt: skip


@dataclass(frozen=True)
class Report:
    """One annual report, read into its official form.

    Attributes
    ----------
    document : Document
        What the reader found in the file.
    edition : Form
        The edition of the official form that it was read by.
    readings : tuple of Reading
        One for every cell of the form, in form order; what ``cells`` is made from.
    year : int or None
        The year that the report is about.
    authority, division_code, scope, title, published, source : str or None
        What is printed, or what the caller said; ``scope`` is ``organ``, ``government``, ``area`` or None.
    """

    document: Document
    edition: Form
    readings: tuple[Reading, ...]
    evaluated: tuple[Check, ...]
    notices: tuple[Finding, ...]
    parts: tuple[Section, ...]
    numbers: tuple[Figure, ...]
    year: int | None
    authority: str | None
    division_code: str | None
    scope: str | None
    title: str | None
    published: str | None
    source: str | None

    @property
    def report_id(self) -> str:
        """First 12 hex digits of the document's SHA-256: same bytes, same report."""
        return self.document.sha256[:12]

    @property
    def form(self) -> str:
        """Code of the edition, such as ``2019``."""
        return self.edition.code

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row for every cell of the official form, always the same rows in the same order."""
        return _frame(CELL_COLUMNS, [self._cell(r) for r in self.readings])

    @cached_property
    def findings(self) -> pd.DataFrame:
        """One row for everything that a careful reader would question, the gravest first."""
        ranked = sorted(self.notices, key=lambda f: words.LEVELS.index(words.level(f.code)))
        return _frame(FINDING_COLUMNS, [self._finding(f) for f in ranked])

    @cached_property
    def sections(self) -> pd.DataFrame:
        """The narrative, its sentences whole again across lines and pages."""
        return _frame(SECTION_COLUMNS, [(self.report_id, s.number, s.title, s.text, s.where) for s in self.parts])

    @cached_property
    def figures(self) -> pd.DataFrame:
        """The numbers in the prose."""
        rows = [(self.report_id, f.phrase, f.value, f.unit, f.section, f.approximate, f.where, f.sentence) for f in self.numbers]
        return _frame(FIGURE_COLUMNS, rows)

    @cached_property
    def checks(self) -> pd.DataFrame:
        """Every identity of the form, evaluated; ``chose`` marks those that were used to choose a reading and count as no check passed."""
        rows = [(self.report_id, c.identity.code, c.identity.left[0].table, c.identity.item, c.identity.measure, c.left, c.right, c.state)
                for c in self.evaluated]  # fmt: skip
        return _frame(CHECK_COLUMNS, rows)

    def reading(self, path: str) -> Reading:
        """Return the reading of one official cell, such as ``applications/granted/total``.

        Raises
        ------
        UsageError
            If the form has no such cell.
        """
        found = self._by_path.get(path)
        if found is None:
            near = ", ".join(sorted(self._by_path, key=lambda p: _distance(p, path))[:3])
            raise UsageError(
                path, ("官方表样中的单元格，如 " + near, f"a cell of the official form, such as {near}"), ("没有这一格", "no such cell"),
                ("单元格名见 report.cells", "see report.cells for the names"),
            )  # fmt: skip
        return found

    @cached_property
    def _by_path(self) -> Mapping[str, Reading]:
        return {r.field.path: r for r in self.readings}

    def _cell(self, r: Reading) -> tuple[Any, ...]:
        f = r.field
        return self.report_id, f.table, f.item, f.measure, r.label, r.value, f.unit, r.status, r.deduced, r.printed, r.where

    def _finding(self, f: Finding) -> tuple[Any, ...]:
        texts = (words.message(f, self.edition, "en"), words.message(f, self.edition, "zh"))
        return self.report_id, f.code, words.level(f.code), f.table, f.item, f.measure, f.expected, f.observed, *texts, f.where


def _frame(columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Turn rows into a DataFrame whose columns have the contract's types even where it is empty."""
    import pandas as pd

    data = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return pd.DataFrame({name: pd.array(list(values), dtype=kind) for (name, kind), values in zip(columns.items(), data, strict=True)})


def _distance(known: str, asked: str) -> float:
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(known, asked)
