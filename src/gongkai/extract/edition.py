"""A document -> the edition of the form that it uses, and what it prints of that edition's tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise

from gongkai.core.errors import NotAReport, UsageError
from gongkai.core.model import Document, Field, Finding, Form, Reading, Row
from gongkai.core.text import is_value, label_key, squeeze
from gongkai.extract.alignment.match import match_table
from gongkai.extract.alignment.strips import LONGEST_LABEL, Found
from gongkai.extract.alignment.tables import find_headings, find_table
from gongkai.extract.alignment.tokens import tokenise
from gongkai.extract.identities import Aligned, align
from gongkai.extract.lists.statistics import Statistics, read_statistics
from gongkai.extract.narrative.sections import is_title
from gongkai.forms import editions, load_form, one_of_each
from gongkai.forms.keys import known_keys, measure_keys, title_keys

FEWEST_ROWS = 2
FEWEST_HEADINGS = 2
_HEAD = 12
_PART = re.compile(r"(?:^|[。；:：\s\u4e00-\u9fff])([一二三四五六七八]|[1-8])、")
# The head of an indicator list whose rows follow on the same line: there is a list, but it cannot be read.
_LOST_LIST = re.compile("统计表.{0,4}指标")
LISTS, NARRATIVE = "statistics", "narrative"


@dataclass(frozen=True, slots=True)
class Printed:
    """What a document prints: its edition, its rows (a row a label), each table, the indicator lists beside them, and what is in doubt."""

    form: Form
    rows: tuple[Row, ...]
    found: tuple[Found, ...]
    statistics: Statistics | None
    findings: tuple[Finding, ...] = ()

    @property
    def prose(self) -> list[Row]:
        """The paragraphs that stand outside the tables, and beside no report; a gap in a line of prose parts nothing."""
        taken = {r for t in self.found for r in range(*t.span)}
        free = [row for r, row in enumerate(self.rows) if r not in taken and row.kind in ("line", "spaces") and not row.aside]
        return [row if row.kind == "line" else _one_cell(row) for row in free]


def identify_edition(document: Document, code: str | None = None, year: Callable[[], int | None] = lambda: None) -> Printed:
    """Choose the edition whose labels the document prints; where two fit, the year decides, and without a year the newest.

    Parameters
    ----------
    document : Document
    code : str, optional
        An edition that the caller names.
    year : callable
        Says the reporting year, if it is known; asked only where two editions fit.

    Raises
    ------
    NotAReport
        If the document prints no row of a form, no indicator list and no headings of a report.
    UsageError
        If there is no such edition.
    """
    if code is not None and code not in editions():
        known = "、".join(editions())
        raise UsageError("form=", (f"已知的表样：{known}", f"one of {known}"), (code, code), ("改用已知的表样", "name a known edition"))
    statistics = read_statistics(document.rows) if code in (None, LISTS) else None
    rows = tuple(row for r, row in enumerate(document.rows) if not (statistics and statistics.covers(r)))
    tried = [_tables(rows, form, statistics) for form in _likely(rows, [code] if code else editions())]
    most = max(map(_evidence, tried), default=0)
    fitting = [one for one in tried if _evidence(one) == most and sum(len(t.strips) for t in one.found) >= FEWEST_ROWS]
    if fitting:
        return fitting[0] if len(fitting) == 1 else _by_year(fitting, year())
    if statistics or (code in (None, NARRATIVE) and _is_narrative(rows)):
        return Printed(load_form(LISTS if statistics else NARRATIVE), rows, (), statistics, statistics.findings if statistics else ())
    raise NotAReport(
        document.name, ("政府信息公开工作年度报告", "an annual report with its tables or headings"), _seen(document),
        ("检查文件是否为年度报告正文", "check that the file is the report itself"),
    )  # fmt: skip


def _is_narrative(rows: Sequence[Row]) -> bool:
    """Say whether paragraphs are a report: the official headings, or one title of a report and numbered parts that report on it."""
    lines = ["".join(c.text for c in row.cells) for row in rows if len(row.cells) == 1 and not row.aside]
    if sum(label_key(line) in _all_titles() for line in lines) >= FEWEST_HEADINGS:
        return True
    head = [re.sub(r"^(?:标题|名称)[:：]", "", line).strip() for line in lines[:_HEAD]]
    titles = {squeeze(t) for t in (*head, *(f"{a}{b}" for a, b in pairwise(head))) if is_title(t) and re.search(r"20\d\d|二[〇○零]", t)}
    text = squeeze("".join(lines))
    parts = len(set(_PART.findall(text)))
    years = {y for t in titles for y in re.findall(r"20\d\d", t)}
    told = parts > FEWEST_HEADINGS and text.count("公开") > FEWEST_HEADINGS
    return bool(titles) and len(years) <= 1 and told and not _LOST_LIST.search(text)


def _one_cell(row: Row) -> Row:
    return Row((replace(row.cells[0], text="".join(c.text for c in row.cells), x1=row.cells[-1].x1),))


def read_tables(printed: Printed) -> tuple[Form, Aligned]:
    """Turn what was found of the tables into one reading of every cell that the document can have, and return the form as it has it."""
    named = {(t.table.code, s.item) for t in printed.found for s in t.strips}
    form = one_of_each(printed.form, lambda table, item: (table, item) in named)
    there = set(form.fields)
    lines = [line for table in printed.found for line in match_table(table, printed.rows) if there.issuperset(line.fields)]
    return form, align(form, lines, partial(_status_of_missing, printed.found, printed.rows))


def all_cells(printed: Printed, aligned: Aligned) -> tuple[Reading, ...]:
    """Return a reading for every row that the edition can have, in form order, and then those of the lists beside its tables."""
    read = {r.field: r for r in aligned.readings}
    lists = printed.statistics.readings if printed.statistics else ()
    return (*(read.get(f) or Reading(f, None, "absent") for f in printed.form.fields), *lists)


def _tables(printed: tuple[Row, ...], form: Form, statistics: Statistics | None) -> Printed:
    rows = tokenise(printed, form)
    headings = find_headings(rows, form)
    found = tuple(find_table(rows, headings, form, table) for table in form.tables.values())
    return Printed(form, rows, found, statistics, statistics.findings if statistics else ())


def _likely(rows: Sequence[Row], codes: Sequence[str]) -> list[Form]:
    """Keep the editions of whose labels the document prints most, so that only those are read to the end that can fit."""
    keys = {label_key(c.text) for row in rows for c in row.cells if len(c.text) <= LONGEST_LABEL and not is_value(c.text)}
    forms = [form for form in map(load_form, codes) if form.tables]
    printed = [len(keys & known_keys(form.code)) for form in forms]
    return [form for form, n in zip(forms, printed, strict=True) if n == max(printed)]


def _evidence(one: Printed) -> int:
    """Count what a document prints of an edition: its rows with values, and the heads of its columns."""
    count = 0
    for table in one.found:
        keys = {label_key(c.text) for row in one.rows[slice(*table.span)] for c in row.cells if not is_value(c.text)}
        count += len(table.strips) + len(keys & measure_keys(one.form.code, table.table.code).keys())
    return count


def _by_year(fitting: Sequence[Printed], year: int | None) -> Printed:
    """Settle editions that fit alike, and say so."""
    in_force = [one for one in fitting if year is not None and one.form.first_year <= year <= one.form.last_year]
    chosen = (in_force or sorted(fitting, key=lambda one: one.form.first_year))[-1]
    note = Finding("edition_alike", words={"form_zh": chosen.form.zh, "form_en": chosen.form.en})
    return Printed(chosen.form, chosen.rows, chosen.found, chosen.statistics, (*chosen.findings, note))


def _status_of_missing(found: Sequence[Found], rows: Sequence[Row], field: Field) -> str:
    """A row that the document does not name is absent, unless a row of numbers without a label could be it."""
    table = next(t for t in found if t.table.code == field.table)
    n = next(len(g.measures) for g in table.table.groups if field.item in g.items)
    spare = sum(is_value(c.text) and bool(c.text.strip()) for r in table.strays for c in rows[r].cells)
    run_on = any(sum(bool(c.text.strip()) for c in s.own) >= len(s.fields) + n for s in table.strips)
    return "uncertain" if run_on or spare >= min(n, 2) else "absent"


@cache
def _all_titles() -> frozenset[str]:
    return frozenset(key for code in editions() for key in title_keys(code))


def _seen(document: Document) -> tuple[str, str]:
    line = next((c.text for row in document.rows for c in row.cells if c.text.strip()), "")[:40]
    first = "".join(c if c.isprintable() else "·" for c in line)
    return f"没有官方表格的文档（开头是“{first}”）", f"a document without any row of an official form (it begins “{first}”)"
