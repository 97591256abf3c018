"""From one document to one report: the spine, and what the user then holds in the hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from gongkai import findings as words
from gongkai.align import Aligned, align
from gongkai.errors import NotAReport, UsageError
from gongkai.figures import check_figures, compare_with_tables, read_figures
from gongkai.forms import editions, load_form, one_of_each
from gongkai.forms.keys import measure_keys
from gongkai.front import Front, read_front
from gongkai.labels import find_headings, find_table
from gongkai.match import match_table
from gongkai.model import Check, Document, Field, Figure, Finding, Form, Reading, Row, Section
from gongkai.readers import Source, read_document
from gongkai.reconcile import check_identities, document_findings, table_findings
from gongkai.sections import missing_sections, split_sections
from gongkai.strips import Found
from gongkai.text import is_value, label_key
from gongkai.unpack import unpack

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.citation import Citation

FEWEST_ROWS = 2
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
    "report_id": TEXT, "phrase": TEXT, "value": NUMBER, "unit": TEXT, "section": TEXT, "approximate": "bool", "where": TEXT,
    "sentence": TEXT,
}  # fmt: skip
CHECK_COLUMNS = {
    "report_id": TEXT, "code": TEXT, "table": TEXT, "item": TEXT, "measure": TEXT, "left": NUMBER, "right": NUMBER, "state": TEXT,
}  # fmt: skip


def read_report(
    source: Source, *, year: int | None = None, division_code: str | None = None, form: str | None = None, scope: str | None = None
) -> Report:
    """Read one annual report into the cells of its official form, with the findings of every check.

    Parameters
    ----------
    source : path, bytes or binary file
        The document; its content decides how it is read, not its name.
    year, division_code, form, scope : optional
        What the caller knows. It overrides what is detected; where the document says otherwise, that is a finding.

    Returns
    -------
    Report

    Raises
    ------
    ReportError
        If the source cannot be opened as a document, or nothing of a report is recognisable in it.

    Examples
    --------
    >>> report = read_report("data/raw/qinxian-2019.txt")
    >>> report.year, report.form, len(report.cells)
    (2019, '2019', 198)
    """
    document = read_document(source)
    full, rows, found = identify_form(document, form)
    edition = one_of_each(full, _printed_rows(found))
    aligned = read_tables(edition, found, rows)
    checks = check_identities(edition, aligned)
    parts = split_sections(document, edition, _prose(rows, found))
    numbers = read_figures(parts)
    front = read_front(document, parts)
    notices = [
        *table_findings(edition, aligned, checks, found, rows),
        *_prose_findings(edition, aligned, parts, numbers, year or front.year),
        *front.findings,
        *_contradictions(front, year=year, scope=scope),
        *document_findings(document, edition, year or front.year),
    ]
    return Report(
        document, edition, _all_rows(full, aligned), checks, tuple(notices), parts, numbers, year or front.year, front.authority,
        division_code, scope or front.scope, front.title, front.published, front.source_url,
    )  # fmt: skip


def identify_form(document: Document, code: str | None = None) -> tuple[Form, tuple[Row, ...], tuple[Found, ...]]:
    """Choose the edition whose labels the document prints; return its rows, a row a label, and what was found of each table."""
    if code is not None and code not in editions():
        known = "、".join(editions())
        raise UsageError("form=", (f"已知的表样：{known}", f"one of {known}"), (code, code), ("改用已知的表样", "name a known edition"))
    tried = [_tables(document.rows, form) for form in map(load_form, [code] if code else editions())]
    form, rows, found = max(tried, key=_evidence)
    if sum(len(t.strips) for t in found) < FEWEST_ROWS:
        raise NotAReport(
            document.name, ("政府信息公开工作年度报告及其表格", "an annual report with its standard tables"), _seen(document),
            ("检查文件是否为年度报告正文", "check that the file is the report itself"),
        )  # fmt: skip
    return form, rows, found


def _evidence(tried: tuple[Form, tuple[Row, ...], tuple[Found, ...]]) -> int:
    """Count what a document prints of an edition: its rows with values, and the heads of its columns."""
    form, rows, found = tried
    count = 0
    for table in found:
        keys = {label_key(c.text) for row in rows[slice(*table.span)] for c in row.cells if not is_value(c.text)}
        count += len(table.strips) + len(keys & measure_keys(form.code, table.table.code).keys())
    return count


def _printed_rows(found: Sequence[Found]) -> Callable[[str, str], bool]:
    printed = {(t.table.code, s.item) for t in found for s in t.strips}
    return lambda table, item: (table, item) in printed


def _all_rows(form: Form, aligned: Aligned) -> tuple[Reading, ...]:
    """Return a reading for every row that the edition can have, in form order: a row replaced by its alternative is absent."""
    read = {r.field: r for r in aligned.readings}
    return tuple(read.get(f) or Reading(f, None, "absent") for f in form.fields)


def read_tables(form: Form, found: Sequence[Found], rows: Sequence[Row]) -> Aligned:
    """Turn what was found of the tables into one reading of every official cell."""
    lines = [line for table in found for line in match_table(table, rows)]
    return align(form, lines, partial(_status_of_missing, found, rows))


def _tables(printed: Sequence[Row], form: Form) -> tuple[Form, tuple[Row, ...], tuple[Found, ...]]:
    rows = unpack(printed, form)
    headings = find_headings(rows, form)
    return form, rows, tuple(find_table(rows, headings, form, table) for table in form.tables.values())


def _status_of_missing(found: Sequence[Found], rows: Sequence[Row], field: Field) -> str:
    """A row that the document does not name is absent, unless a row of numbers without a label could be it."""
    table = next(t for t in found if t.table.code == field.table)
    n = next(len(g.measures) for g in table.table.groups if field.item in g.items)
    spare = sum(is_value(c.text) and bool(c.text.strip()) for r in table.strays for c in rows[r].cells)
    run_on = any(sum(bool(c.text.strip()) for c in s.own) >= len(s.fields) + n for s in table.strips)
    return "uncertain" if run_on or spare >= min(n, 2) else "absent"


def _prose(rows: Sequence[Row], found: Sequence[Found]) -> list[Row]:
    """Return the paragraphs that stand outside the tables."""
    taken = {r for t in found for r in range(*t.span)}
    return [row for r, row in enumerate(rows) if r not in taken and row.kind == "line" and not row.aside]


def _prose_findings(form: Form, aligned: Aligned, parts: Sequence[Section], numbers: Sequence[Figure], year: int | None) -> list[Finding]:
    values = {r.field.path: r.value for r in aligned.readings}
    inside, _ = check_figures(parts)
    return [*inside, *compare_with_tables(numbers, values.get, year), *missing_sections(parts, form)]


def _contradictions(front: Front, **said: object) -> list[Finding]:
    """Compare what the caller said with what the document prints."""
    printed = {"year": front.year, "scope": front.scope}
    return [
        Finding("contradicts_manifest", expected=str(value), observed=str(printed[key]), words={"key": key})
        for key, value in said.items()
        if value is not None and printed[key] is not None and value != printed[key]
    ]


def _seen(document: Document) -> tuple[str, str]:
    first = next((c.text for row in document.rows for c in row.cells if c.text.strip()), "")[:40]
    return f"没有官方表格的文档（开头是“{first}”）", f"a document without any row of an official form (it begins “{first}”)"


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
    body, retrieved_at : str or None
        What the collector's manifest says, if there is one.
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
    body: str | None = None
    retrieved_at: str | None = None

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

    def table(self, name: str, language: str = "zh") -> pd.DataFrame:
        """Return one table of the official form as people know it: labels as rows, applicants or measures as columns."""
        from gongkai.show import table_frame

        return table_frame(self.edition, self.readings, name, language)

    def explain(self, path: str, language: str = "zh") -> str:
        """Say why one official cell has its value: printed characters, place, readings weighed, identities."""
        from gongkai.explain import explain

        return explain(self.edition, self.reading(path), self.readings, self.evaluated, self.notices, self.document, language)

    def cite(self, path: str, language: str = "zh") -> Citation:
        """Cite one official cell: a text, a BibTeX entry, and the key under which the cell is found again."""
        from gongkai.citation import cite

        return cite(self, path, language)

    def _repr_html_(self) -> str:
        from gongkai.show import form_html

        return form_html(self.edition, self.readings, self.notices, heading=self.title or self.document.name)

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
    return pd.DataFrame({name: pd.Series(list(values), dtype=kind) for (name, kind), values in zip(columns.items(), data, strict=True)})


def _distance(known: str, asked: str) -> float:
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(known, asked)
