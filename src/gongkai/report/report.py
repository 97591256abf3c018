"""``read_report`` leads from a document to a ``Report`` step by step; ``Report`` is what users work with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gongkai.core import findings as finding_words
from gongkai.core.errors import UsageError
from gongkai.core.model import Contents, Document, Figure, Finding, Form, Reading, Section
from gongkai.core.report_ids import report_id_of
from gongkai.core.schema import frame, schemas
from gongkai.extract.checks import authority_level, check_identities, document_findings, implausible_amounts, table_findings
from gongkai.extract.corrections import Correction, correct
from gongkai.extract.edition import Printed, all_cells, identify_edition, read_tables
from gongkai.extract.hollow import hollow_findings, without_told_better
from gongkai.extract.identities import Aligned
from gongkai.extract.lists.statistics import with_statistics
from gongkai.extract.narrative.claims import compare_with_tables
from gongkai.extract.narrative.figures import read_figures
from gongkai.extract.narrative.front_matter import Front, read_front
from gongkai.extract.narrative.sections import missing_sections, split_sections
from gongkai.extract.narrative.sums import check_figures
from gongkai.extract.several import own_report
from gongkai.places import body_of, is_simulated, locate
from gongkai.readers import Source, read_document

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.report.citation import Citation

# From this reporting year on, six sections are prescribed.
FIRST_PRESCRIBED = 2019
STATUSES = schemas()["cells"].columns["status"].codes


def read_report(
    source: Source, *, year: int | None = None, division_code: str | None = None, form: str | None = None, scope: str | None = None,
    corrections: Sequence[Correction] = (),
) -> Report:  # fmt: skip
    """Read one annual report into the cells of its official form, with the findings of every check.

    It is read in this process: ``gongkai.readers.limits`` refuse what would fill the memory, but a library that crashes takes the kernel
    with it. :func:`gongkai.read_corpus` and the command line read strangers' documents in a process of their own, watched from outside.

    Parameters
    ----------
    source : path, bytes or binary file
        The document; its content decides how it is read, not its name.
    year, division_code, form, scope : optional
        What the caller knows. It overrides what is detected; where the document says otherwise, that is a finding.
    corrections : sequence of Correction
        What a person read otherwise in this document; each gives a finding.

    Returns
    -------
    Report

    Raises
    ------
    ReportError
        If the source cannot be opened as a document, nothing of a report is recognisable in it, or it holds several reports.

    Examples
    --------
    >>> read_report("data/raw/qinxian-2019.txt").form
    '2019'
    """
    document = read_document(source)
    own, printed, second = _own_tables(document, form, year)
    edition, aligned = read_tables(printed)
    aligned, corrected = correct(edition, aligned, corrections)
    checks = check_identities(edition, aligned)
    sections = split_sections(own, edition, printed.prose)
    figures = read_figures(sections)
    front = read_front(own, sections, edition)
    hollow = hollow_findings(edition, aligned, sections, figures, year or front.year, front.authority)
    findings = [
        *hollow, *corrected, *second, *table_findings(aligned, checks, printed.found, printed.rows),
        *_prose_findings(edition, aligned, sections, figures, year or front.year),
        *front.findings,
        *_contradictions(front, year=year, scope=scope),
        *implausible_amounts(aligned.readings, lambda: authority_level(front.title, front.authority, division_code, year or front.year)),
        *document_findings(document, edition, year or front.year),
        *printed.findings,
    ]  # fmt: skip
    lists = printed.statistics
    return Report(
        document, with_statistics(edition, lists) if lists else edition, all_cells(printed, aligned),
        Contents((*checks, *(lists.checks if lists else ())), without_told_better(findings, hollow), sections, figures),
        year or front.year, front.authority, division_code, scope or front.scope, front.title, front.published, front.source_url,
        body_of(front.authority, front.title),
    )  # fmt: skip


def _own_tables(document: Document, form: str | None, year: int | None) -> tuple[Document, Printed, tuple[Finding, ...]]:
    """Find what the document prints of its own report, and what it prints beside that."""
    printed = identify_edition(document, form, lambda: year or read_front(document, ()).year)
    own, second = own_report(document, printed)
    return own, identify_edition(own, form, lambda: year or read_front(own, ()).year) if second else printed, second


def _prose_findings(
    form: Form, aligned: Aligned, sections: Sequence[Section], figures: Sequence[Figure], year: int | None
) -> list[Finding]:
    values = {r.field.path: r.value for r in aligned.readings}
    inside, _ = check_figures(sections)
    missing = missing_sections(sections, form) if form.first_year >= FIRST_PRESCRIBED else []
    return [*inside, *compare_with_tables(figures, values.get, year), *missing]


def _contradictions(front: Front, **said: object) -> list[Finding]:
    """Compare what the caller said with what the document prints."""
    printed = {"year": front.year, "scope": front.scope}
    return [
        Finding("contradicts_manifest", expected=str(value), observed=str(printed[key]), words={"key": key})
        for key, value in said.items()
        if value is not None and printed[key] is not None and value != printed[key]
    ]


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
    contents : Contents
        Its checks, findings, sections and figures as objects; ``checks``, ``findings``, ``sections`` and ``figures`` are their tables.
    year : int or None
        The year that the report is about.
    authority, division_code, scope, title, published, source : str or None
        What is printed, or what the caller said; ``scope`` is ``organ``, ``government``, ``area`` or None.
    body : str or None
        Which kind of body reports, ``government``, ``department`` or ``street_or_town``: as its title and name say, or the manifest.
    retrieved_at, use, unit_id, located_by : str or None
        What the collector's manifest says, if there is one; which unit the division is through the years, and how its code is known.
    has_namesakes : bool
        Whether its corpus holds another report of the same division, body and year.
    """

    document: Document
    edition: Form
    readings: tuple[Reading, ...]
    contents: Contents
    year: int | None
    authority: str | None
    division_code: str | None
    scope: str | None
    title: str | None
    published: str | None
    source: str | None
    body: str | None = None
    retrieved_at: str | None = None
    unit_id: str | None = None
    located_by: str | None = None
    use: str | None = None
    has_namesakes: bool = False

    @property
    def report_id(self) -> str:
        """``r`` and the first 12 hex digits of the document's SHA-256: same bytes, same report."""
        return report_id_of(self.document.sha256)

    @property
    def form(self) -> str:
        """Code of the edition, such as ``2019``."""
        return self.edition.code

    @cached_property
    def simulated(self) -> bool:
        """Whether its division, known or named by its title or authority, is of a province that does not exist."""
        return is_simulated(self.division_code, locate(self.title, self.authority, year=self.year).code)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row for every cell of the official form, always the same rows in the same order."""
        return frame("cells", self.rows("cells"))

    @cached_property
    def findings(self) -> pd.DataFrame:
        """One row for everything that a careful reader would question, the gravest first."""
        return frame("findings", self.rows("findings"))

    @cached_property
    def sections(self) -> pd.DataFrame:
        """The narrative by section; sentences that line or page breaks cut are joined again."""
        return frame("sections", self.rows("sections"))

    @cached_property
    def figures(self) -> pd.DataFrame:
        """The numbers in the prose."""
        return frame("figures", self.rows("figures"))

    @cached_property
    def checks(self) -> pd.DataFrame:
        """Every identity of the form, evaluated; ``chose`` marks those that were used to choose a reading and count as no check passed."""
        return frame("checks", self.rows("checks"))

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """Return the rows of one of the report's tables as plain values, in the order of its columns.

        Examples
        --------
        >>> read_report("data/raw/qinxian-2019.txt").rows("cells")[0][1:4]
        ('disclosure', 'regulations', 'newly_made')
        """
        ranked = sorted(self.contents.findings, key=lambda f: finding_words.LEVELS.index(finding_words.level(f.code)))
        made: Mapping[str, Callable[[], list[tuple[Any, ...]]]] = {
            "cells": lambda: [self._cell(r) for r in self.readings],
            "findings": lambda: [finding_row(self.report_id, f, self.edition) for f in ranked],
            "sections": lambda: [(self.report_id, s.number, s.title, s.text, s.where) for s in self.contents.sections],
            "figures": lambda: [
                (self.report_id, f.phrase, f.value, f.unit, f.section, f.approximate, f.where, f.sentence) for f in self.contents.figures
            ],
            "checks": lambda: [
                (self.report_id, c.identity.code, c.identity.left[0].table, c.identity.item, c.identity.measure, c.left, c.right, c.state)
                for c in self.contents.checks
            ],
        }
        return made[table]()

    def with_findings(self, more: Sequence[Finding]) -> Report:
        """Return the report with further findings behind its own."""
        return replace(self, contents=replace(self.contents, findings=(*self.contents.findings, *more)))

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
            raise UsageError.of("report.no_cell", path, near=near)
        return found

    def table(self, name: str, language: str = "zh") -> pd.DataFrame:
        """Return one table of the official form as people know it: labels as rows, applicants or measures as columns."""
        from gongkai.report.view import table_frame

        return table_frame(self.edition, self.readings, name, language)

    def explain(self, path: str, language: str = "zh") -> str:
        """Say why one official cell has its value: printed characters, place, readings weighed, identities."""
        from gongkai.report.explain import explain

        return explain(self.edition, self.reading(path), self.readings, self.contents, self.document, language)

    def cite(self, path: str, language: str = "zh") -> Citation:
        """Cite one official cell: a text, a BibTeX entry, and the key under which the cell is found again."""
        from gongkai.report.citation import cite

        return cite(self, path, language)

    def __repr__(self) -> str:
        cells = Counter(r.status for r in self.readings)
        counts = ", ".join(f"{status} {cells[status]}" for status in STATUSES if cells[status]) or "—"
        about = f"{(self.title or self.document.name)!r}, year={self.year}, form={self.form!r}, findings={len(self.contents.findings)}"
        return f"Report({about}, {len(self.readings)} cells: {counts})"

    def _repr_html_(self) -> str:
        from gongkai.report.view import form_html

        return form_html(self.edition, self.readings, self.contents.findings, heading=self.title or self.document.name)

    @cached_property
    def _by_path(self) -> Mapping[str, Reading]:
        return {r.field.path: r for r in self.readings}

    def _cell(self, r: Reading) -> tuple[Any, ...]:
        f = r.field
        return self.report_id, f.table, f.item, f.measure, r.label, r.value, f.unit, r.status, r.deduced, r.printed, r.where


def finding_row(report_id: str, f: Finding, form: Form | None) -> tuple[Any, ...]:
    """Turn a finding into its row of the table, its message in both languages."""
    said = (finding_words.message(f, form, "en"), finding_words.message(f, form, "zh"))
    return report_id, f.code, finding_words.level(f.code), f.table, f.item, f.measure, f.expected, f.observed, *said, f.where


def _distance(known: str, asked: str) -> float:
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(known, asked)
