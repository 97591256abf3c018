"""What a document has the place for and nothing in it: a form that nobody filled in, a table, a section."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from gongkai.core.codes import Status
from gongkai.core.model import Figure, Finding, Form, Reading, Section
from gongkai.core.text import squeeze
from gongkai.extract.alignment.match import Line
from gongkai.extract.identities import Aligned
from gongkai.extract.narrative.sections import is_title, section_code
from gongkai.forms import in_force

# A table of which fewer rows stand there was cut off rather than left empty.
_FEWEST_ROWS = 3
# Instructions of the blank form stand in brackets; more words than these are somebody's own.
_ASIDE, _OWN_WORDS = re.compile(r"[（(][^（）()]*[）)]|[_…\s]"), 40
# What stands under a heading beside a picture: its caption, or where to look.
_CAPTION = re.compile(r"(?:[（(]?(?:详?见|如)?(?:下|附|上)?[图表](?:片|格|表)?\d*[^，。；\n]{0,20}[）)]?|\W)*")


def empty_tables(aligned: Aligned) -> frozenset[str]:
    """Return the tables whose rows are all there and none of which prints anything behind its label."""
    rows: dict[str, list[bool]] = defaultdict(list)
    for choice in aligned.choices:
        rows[choice.line.fields[0].table].append(_prints_nothing(choice.line))
    across = {c.line.fields[0].table for c in aligned.choices if len({f.item for f in c.line.fields}) > 1}
    return frozenset(t for t, empty in rows.items() if all(empty) and (len(empty) >= _FEWEST_ROWS or t in across))


def _prints_nothing(line: Line) -> bool:
    """Say whether nothing stands behind a label: no cell with text, and none that the reader could make no sense of."""
    slots = [slot for candidate in line.candidates for slot in candidate]
    if slots and all(slot.status == Status.BLANK for slot in slots):
        return True
    behind = squeeze(line.source).replace(squeeze(line.label or ""), "")
    return line.reason == "no_cells" and not re.search(r"\w", behind)


def hollow_findings(
    form: Form, aligned: Aligned, parts: Sequence[Section], figures: Sequence[Figure], year: int | None, authority: str | None
) -> list[Finding]:
    """Say that the form is blank, or which tables and official sections are empty.

    Parameters
    ----------
    form : Form
        The edition that the document uses.
    aligned : Aligned
        The readings of its tables.
    parts, figures
        Its sections, and the numbers in them.
    year : int or None
        The reporting year, by which official sections are expected where the document has no table.
    authority : str or None
        Who reports: what somebody has put a name to is no blank form, however empty.

    Returns
    -------
    list of Finding
        ``blank_form``, or ``empty_table`` for each; ``table_not_text`` for a section that is headed as the one of a table and has neither
        table nor text (on the page the table may be a picture); ``empty_section`` for others.
    """
    there = {r.field.table for r in aligned.readings if r.status != Status.ABSENT}
    empty = [t for t in form.tables if t in empty_tables(aligned)]
    if empty and set(empty) == there and not (figures or authority) and _own_words(parts) < _OWN_WORDS:
        return [Finding("blank_form", where=_first(aligned.readings, empty[0]))]
    return [*(Finding("empty_table", t, where=_first(aligned.readings, t)) for t in empty), *_bare(parts, form, there, year)]


def without_told_better(findings: Sequence[Finding], hollow: Sequence[Finding]) -> tuple[Finding, ...]:
    """Leave out the findings that tell what another one explains: the table is not absent, it is only not there as text."""
    pictured = {f.words["table"] for f in hollow if f.code == "table_not_text"}
    absent = (f for f in findings if f.code == "absent_table" and f.table in pictured)
    foreign = (f for f in findings if pictured and f.code == "foreign_year" and f.words["tables"] == "no")
    explained = [*absent, *foreign]
    return tuple(f for f in findings if f not in explained)


def _own_words(parts: Sequence[Section]) -> int:
    lines = [line for s in parts for line in s.text.split("\n") if not is_title(line)]
    return sum(len(_ASIDE.sub("", line)) for line in lines)


def _first(readings: Sequence[Reading], table: str) -> str | None:
    return next((r.where for r in readings if r.field.table == table and r.where), None)


def _bare(parts: Sequence[Section], form: Form, there: Collection[str], year: int | None) -> Iterator[Finding]:
    official = form if form.tables else in_force(year)
    if official is None:
        return
    titles = dict(official.sections)
    tables = {code: t.code for t in official.tables.values() for code, names in official.sections if names == t.headings}
    for code, section, text in _headed(parts, official):
        table = tables.get(code)
        if table is None and not text:
            yield Finding("empty_section", where=section.where, words={"section": titles[code][0]})
        if table is not None and table not in there and _CAPTION.fullmatch(text):
            words = {"section": titles[code][0], "table": table}
            yield Finding("table_not_text", table if form.tables else None, where=section.where, words=words)


def _headed(parts: Sequence[Section], official: Form) -> Iterator[tuple[str, Section, str]]:
    """Yield the official sections with all the text below their headings. The last thing in a file may be cut off, not empty."""
    for index, section in enumerate(parts):
        code = section_code(section.title, official) if section.level == 1 else None
        below = parts[index:]
        end = next((i for i, s in enumerate(below) if i and s.level == 1), len(below))
        if code and (end < len(below) or len(parts) > len(official.sections)):
            yield code, section, squeeze("".join(f"{s.title if i else ''}{s.text}" for i, s in enumerate(below[:end])))
