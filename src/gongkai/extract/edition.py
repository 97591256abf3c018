"""A document -> the edition of the form that it uses, and what it prints of that edition's tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gongkai.core.codes import Status
from gongkai.core.errors import UsageError
from gongkai.core.memory import unswept
from gongkai.core.model import Document, Finding, Form, Reading, Row
from gongkai.core.text import is_value, label_key, plain, simplified, without_readings
from gongkai.extract.alignment.match import match_table
from gongkai.extract.alignment.strips import Found
from gongkai.extract.alignment.tables import find_headings, find_table
from gongkai.extract.alignment.tokens import LONGEST_LABEL, lexicon, tokenise
from gongkai.extract.identities import Aligned, align
from gongkai.extract.lists.glued import part_lists
from gongkai.extract.lists.statistics import Statistics, read_statistics
from gongkai.extract.narrative.recognise import is_narrative, not_a_report, only_encloses_a_form
from gongkai.forms import editions, in_force, load_form, one_of_each
from gongkai.forms.keys import known_keys, measure_keys

FEWEST_ROWS = 2
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


@unswept()
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
        raise UsageError.of("edition.unknown", "form=", known=known, code=code)
    every = part_lists(document.rows) if code in (None, LISTS) else document.rows
    statistics = read_statistics(every) if code in (None, LISTS) else None
    listed = {r for span in statistics.spans for r in range(*span)} if statistics else set()
    rows = tuple(row for r, row in enumerate(every) if r not in listed)
    likely, alike = _likely(rows, [code] if code else editions(), year)
    tried = [_tables(rows, form, statistics) for form in likely]
    most = max(map(_evidence, tried), default=0)
    fitting = [one for one in tried if _evidence(one) == most and sum(len(t.strips) for t in one.found) >= FEWEST_ROWS]
    if fitting and not only_encloses_a_form(document, rows):
        return _by_year(fitting, year()) if alike or len(fitting) > 1 else fitting[0]
    if statistics or (code in (None, NARRATIVE) and not fitting and is_narrative(document, rows)):
        return Printed(load_form(LISTS if statistics else NARRATIVE), rows, (), statistics, statistics.findings if statistics else ())
    raise not_a_report(document)


def _one_cell(row: Row) -> Row:
    return Row((replace(row.cells[0], text="".join(c.text for c in row.cells), x1=row.cells[-1].x1),))


@unswept()
def read_tables(printed: Printed) -> tuple[Form, Aligned]:
    """Turn what was found of the tables into one reading of every cell that the document can have, and return the form as it has it."""
    named = {(t.table.code, s.item) for t in printed.found for s in t.strips}
    form = one_of_each(printed.form, lambda table, item: (table, item) in named)
    there = set(form.fields)
    lines = [line for table in printed.found for line in match_table(table, printed.rows) if there.issuperset(line.fields)]
    return form, align(form, lines)


def all_cells(printed: Printed, aligned: Aligned) -> tuple[Reading, ...]:
    """Return a reading for every row that the edition can have, in form order, and then those of the lists beside its tables."""
    read = {r.field: r for r in aligned.readings}
    lists = printed.statistics.readings if printed.statistics else ()
    return (*(read.get(f) or Reading(f, None, Status.ABSENT) for f in printed.form.fields), *lists)


def _tables(printed: tuple[Row, ...], form: Form, statistics: Statistics | None) -> Printed:
    rows = tokenise(printed, form)
    headings = find_headings(rows, form)
    found = tuple(find_table(rows, headings, form, table) for table in form.tables.values())
    return Printed(form, rows, found, statistics, statistics.findings if statistics else ())


def _likely(rows: Sequence[Row], codes: Sequence[str], year: Callable[[], int | None]) -> tuple[list[Form], bool]:
    """Keep the editions of whose labels the document prints most, so that only those are read to the end that can fit.

    Those that give it the very same words would read it alike: of them the one that the year decides for is kept, and True is said.
    Where no word of a form is printed, no edition is.
    """
    keys = {label_key(c.text) for row in rows for c in row.cells if len(c.text) <= LONGEST_LABEL and not is_value(c.text)}
    forms = [form for form in map(load_form, codes) if form.tables]
    printed = [len(keys & known_keys(form.code)) for form in forms]
    likely = [form for form, n in zip(forms, printed, strict=True) if n == max(printed)]
    words = [_words(rows, form) for form in likely] if len(likely) > 1 else []
    if words and all(found == words[0] for found in words):
        return ([_in_force(likely, year())], True) if words[0] else ([], False)
    return likely, False


def _words(rows: Sequence[Row], form: Form) -> frozenset[str]:
    """Return the words of the tables of a form that stand anywhere in a document, be they glued to others."""
    texts = {c.text for row in rows for c in row.cells if not is_value(c.text)}
    found = {label_key(w) for t in texts for w in lexicon(form.code).words.findall(simplified(plain(without_readings(t))))}
    return known_keys(form.code) & found


def _in_force(forms: Sequence[Form], year: int | None) -> Form:
    """Return the edition that was in force in a year, the newest where none of them was or no year is known."""
    prescribed = in_force(year)
    return prescribed if prescribed and prescribed in forms else max(forms, key=lambda form: form.first_year)


def _evidence(one: Printed) -> int:
    """Count what a document prints of an edition: its rows with values, and the heads of its columns."""
    count = 0
    for table in one.found:
        keys = {label_key(c.text) for row in one.rows[slice(*table.span)] for c in row.cells if not is_value(c.text)}
        count += len(table.strips) + len(keys & measure_keys(one.form.code, table.table.code).keys())
    return count


def _by_year(fitting: Sequence[Printed], year: int | None) -> Printed:
    """Settle editions that fit alike, and say so."""
    form = _in_force([one.form for one in fitting], year)
    chosen = next(one for one in fitting if one.form is form)
    note = Finding("edition_alike", words={"form_zh": chosen.form.zh, "form_en": chosen.form.en})
    return Printed(chosen.form, chosen.rows, chosen.found, chosen.statistics, (*chosen.findings, note))
