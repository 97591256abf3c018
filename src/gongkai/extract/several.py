"""A document -> the rows of the one report that it is: two reports are refused by name, a second set of tables is set aside and named."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile
from typing import NamedTuple

from gongkai.core.errors import SeveralReports
from gongkai.core.messages import LANGUAGES, Words, both, place_words, say, texts
from gongkai.core.model import Document, Finding, Form, Row
from gongkai.core.text import is_value
from gongkai.extract.edition import Printed
from gongkai.extract.lists.glued import part_lists
from gongkai.extract.marks import LISTS, OVERVIEW, TOLD, Kind, Mark, differ, find_marks, named, repeats, section_of, sets_of, starts
from gongkai.extract.narrative.front_matter import read_front
from gongkai.extract.narrative.sections import is_title, split_sections

# A directory is headings alone; where a report is, as much again stands between them.
_BETWEEN = 2
_LEAST_PROSE = 200  # characters: a few sentences, more than a notice beside a link
_LONGEST_HEAD = 45
_FIRST = frozenset("一1")  # the numbers of a first part
_APPENDED = re.compile(r"\s*(?:附件|附表|附录|附)")


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the document's rows that may be a report of its own, with its marks."""

    start: int
    end: int
    marks: tuple[Mark, ...]
    why: str = ""
    known: dict[Kind, frozenset[tuple[str, str]]] = field(default_factory=dict, compare=False, repr=False)

    def keys(self, kind: Kind) -> frozenset[tuple[str, str]]:
        if kind not in self.known:
            self.known[kind] = frozenset(m.key for m in self.marks if m.kind == kind)
        return self.known[kind]

    def joined(self, other: _Part, why: str) -> _Part:
        """Return one part of this one and the next; what each prints is looked up once, so that a thousand headings cost no more."""
        known = {kind: self.keys(kind) | other.keys(kind) for kind in TOLD}
        return _Part(self.start, other.end, (*self.marks, *other.marks), why, known)

    def of(self, *kinds: Kind) -> list[Mark]:
        return [m for m in self.marks if m.kind in kinds]

    @property
    def title(self) -> str:
        """The title under which its first heading or table stands; another title on a page may be a link."""
        told = next((m.row for m in self.of(*TOLD)), self.end)
        titles = self.of(Kind.TITLE)
        above = [m for m in titles if m.row <= told]
        return (above or titles[:1])[-1].text if titles else ""

    @property
    def is_told(self) -> bool:
        """Whether something stands between its headings."""
        return self.end - self.start >= _BETWEEN * max(len(self.of(Kind.SECTION)), 1)

    @property
    def tells(self) -> bool:
        """Whether it says as much as a report: rows of tables, headings, numbered parts or paragraphs."""
        prose = sum(len(m.text) for m in self.of(Kind.PROSE))
        return self.is_told and (prose >= _LEAST_PROSE or any(len(self.keys(kind)) > 1 for kind in TOLD))

    @property
    def opens(self) -> bool:
        """Whether it begins as a report does: with an opening sentence, an overview or a first part."""
        marks = self.of(Kind.OPENING, Kind.SECTION, Kind.PART)
        return any(m.kind == Kind.OPENING or m.key[1] == OVERVIEW or m.key[1] in _FIRST for m in marks if m.row == marks[0].row)

    @property
    def is_bare(self) -> bool:
        """Whether each of its rows is a title or a heading."""
        return len({m.row for m in self.of(Kind.TITLE, Kind.SECTION, Kind.PART)}) == self.end - self.start

    @property
    def is_empty(self) -> bool:
        return not self.of(*TOLD) and not self.tells


class _Report(NamedTuple):
    """How a report of several is named: its title, the year and the place of that, who publishes it, where it begins."""

    title: str
    year: int | None
    place: str
    authority: str
    where: str | None


def own_report(document: Document, printed: Printed) -> tuple[Document, tuple[Finding, ...]]:
    """Return the document without the tables that are not its report's, and what was set aside.

    Parameters
    ----------
    document : Document
        The document as its reader found it.
    printed : Printed
        What it prints, taken as one report.

    Returns
    -------
    document : Document
        The same where it prints one set of tables; then there is no finding.
    findings : tuple of Finding
        One for each set of tables that was set aside.

    Raises
    ------
    SeveralReports
        If it holds reports on several years or of several authorities; each is named.
    """
    document = replace(document, rows=part_lists(document.rows))  # as what it prints was read: places in lists count these rows
    marks = find_marks(document.rows, printed)
    parts = _parts(marks, len(document.rows))
    if len(parts) > 1:
        _refuse_several(document, parts, printed.form)
    own = max(parts, key=lambda part: (min(len(part.keys(Kind.SECTION)), _BETWEEN), part.tells, -part.start))
    cuts = [(part.start, part.end, "") for part in parts if part is not own and not part.is_bare]
    cuts += _second_sets(own, document, printed.form)
    if not cuts:
        return document, ()
    gone = {r for a, b, _ in cuts for r in range(a, b)}
    rows = tuple(row for r, row in enumerate(document.rows) if r not in gone)
    return replace(document, rows=rows), tuple(_finding(document.rows, cut, printed) for cut in sorted(cuts))


def _parts(marks: Sequence[Mark], n: int) -> list[_Part]:
    """Part a document where something of a report that it has told already begins anew."""
    places = dict([(0, ""), *starts(marks)])
    at, bounds = [m.row for m in marks], pairwise([*sorted(places), n])
    pieces = [_Part(a, b, tuple(marks[bisect_left(at, a) : bisect_left(at, b)]), places[a]) for a, b in bounds]
    parts: list[_Part] = []
    for piece in _with_their_titles(pieces):
        if parts and not any(_repeated(part, piece) for part in parts):
            parts[-1] = parts[-1].joined(piece, parts[-1].why)
        else:
            parts.append(piece)
    return parts


def _with_their_titles(pieces: Sequence[_Part]) -> Iterator[_Part]:
    """Join pieces that tell nothing, such as links to other years' reports, to what follows them; the last to what precedes it."""
    held: _Part | None = None
    for i, piece in enumerate(pieces):
        whole = held.joined(piece, piece.why) if held else piece
        held = whole if piece.is_empty and i + 1 < len(pieces) else None
        if held is None:
            yield whole


def _repeated(one: _Part, other: _Part) -> bool:
    """Say whether a part prints again what is printed once in a report: rows of its tables, or its headings with prose under them."""
    if repeats(one.keys(Kind.ITEM), other.keys(Kind.ITEM)):
        return True
    shared = one.keys(Kind.SECTION) & other.keys(Kind.SECTION), one.keys(Kind.PART) & other.keys(Kind.PART)
    listed = [{table == LISTS for table, _ in part.keys(Kind.ITEM)} for part in (one, other)]
    told = one.is_told and other.is_told and (len(shared[0]) > 1 or len(shared[1]) > _BETWEEN)
    if other.why in (Kind.TITLE, Kind.OPENING, OVERVIEW) and (told or [{True}, {False}] in (listed, listed[::-1])):
        return True
    return other.why in (Kind.TITLE, Kind.OPENING) and one.tells and (one.opens or bool(one.title)) and other.tells and other.opens


def _refuse_several(document: Document, parts: Sequence[_Part], form: Form) -> None:
    """Refuse parts that are reports on different years or of different authorities; an appendix without a text of its own is none."""
    reports = [_front(document, part, form) for part in parts if not _is_appended(part, document.rows)]
    if any(_others(one, other) for i, one in enumerate(reports) for other in reports[:i]):
        raise _several(document, reports)


def _others(one: _Report, other: _Report) -> bool:
    """Say whether two parts are reports on different years or, by their titles or where one has none by who signs, of different places."""
    titled = bool(one.place and other.place)
    first, second = ((r.year, r.place if titled else r.authority) for r in (one, other))
    return differ(first, second)


def _is_appended(part: _Part, rows: Sequence[Row]) -> bool:
    """Say whether a part is headed as an appendix and has tables alone."""
    head = (c.text for row in rows[max(part.start - 1, 0) : part.start + 1] for c in row.cells)
    return ("", OVERVIEW) not in part.keys(Kind.SECTION) and any(_APPENDED.match(text) for text in head)


def _front(document: Document, part: _Part, form: Form) -> _Report:
    """Read what a part says about itself, its title first."""
    rows = document.rows[part.start : part.end]
    alone = replace(document, rows=rows, meta={})
    front = read_front(alone, split_sections(alone, form, [row for row in rows if len(row.cells) == 1]), form)
    title = part.title or front.title or ""
    year, place = named(title)
    return _Report(title, year or front.year, place, front.authority or place, rows[0].where if part.start else None)


def _several(document: Document, reports: Sequence[_Report]) -> SeveralReports:
    named = [_named(report) for report in reports]
    listed = Words(*(say("several.comma", code).join(name.in_language(code) for name in named) for code in LANGUAGES))
    return SeveralReports.of("edition.several", document.name, n=len(reports), reports=listed, advice=_parting(document))


def _named(report: _Report) -> Words:
    """Name one report by its title, year, authority and place."""
    place = Words(*(place_words(report.where, code) for code in LANGUAGES)) if report.where else both("several.start")
    return both(
        "several.report", place=place, authority=report.authority or both("several.no_authority"),
        name=both("several.titled", title=report.title) if report.title else both("several.untitled"),
        year=both("several.year", year=report.year) if report.year else both("several.no_year"),
    )  # fmt: skip


def _parting(document: Document) -> Words:
    """Say how reports are parted in a file of this format."""
    return both(f"several.part_{document.format if f'part_{document.format}' in texts()['several'] else 'text'}")


def _second_sets(own: _Part, document: Document, form: Form) -> list[tuple[int, int, str]]:
    """Return the rows of the sets of tables that are not the report's own: its own stand under the heading of their section."""
    by_table = {table: sets_of(own.marks, table, form.code) for table in dict.fromkeys(m.key[0] for m in own.of(Kind.ITEM))}
    headings = {m.row: m.key[1] for m in own.of(Kind.SECTION)}
    chosen = {table: _own_set(table, sets, headings) for table, sets in by_table.items()}
    foreign = [s for table, sets in by_table.items() for s in sets if s is not chosen[table]]
    foreign += [s for table, s in chosen.items() if len(by_table[table]) == 1 and _goes_on(s, foreign, headings)]
    kept = {m.row for s in by_table.values() for one in s if not any(one is f for f in foreign) for m in one}
    cuts = [(*_stretch(s, document.rows, kept), s[0].key[0]) for s in foreign]
    if any(a <= r < b for a, b, _ in cuts for r in kept):
        raise SeveralReports.of("edition.glued", document.name, advice=_parting(document))
    return cuts


def _own_set(table: str, sets: Sequence[list[Mark]], headings: Mapping[int, str]) -> list[Mark]:
    """Choose the set under its own heading, of those the first that has half of the most rows at least: a few rows compare years."""
    most = max(len(s) for s in sets)
    return max(sets, key=lambda s: (_section(s, headings) == table, 2 * len(s) >= most, -s[0].row))


def _section(one: Sequence[Mark], headings: Mapping[int, str]) -> str | None:
    """Return the section under whose heading a set of labels stands."""
    above = [r for r in headings if r <= one[0].row]
    return headings[max(above)] if above else None


def _goes_on(one: Sequence[Mark], foreign: Sequence[Sequence[Mark]], headings: Mapping[int, str]) -> bool:
    """Say whether a table follows a set that is not the report's own, with no heading between: then it belongs to that."""
    before = max((s[-1].row for s in foreign if s[-1].row < one[0].row), default=None)
    if before is None or one[0].key[0] == LISTS:
        return False
    return not any(before < r <= one[0].row for r in headings)


def _stretch(one: Sequence[Mark], rows: Sequence[Row], kept: Collection[int]) -> tuple[int, int]:
    """Return the rows that a set takes: its caption and heads above, and the values that follow its last label."""
    first, behind = one[0].row, one[-1].row + 1
    above = takewhile(lambda r: r not in kept and _heads(rows[r]), range(first - 1, -1, -1))
    below = takewhile(lambda r: r not in kept and all(is_value(c.text) for c in rows[r].cells), range(behind, len(rows)))
    return min(above, default=first), max(below, default=behind - 1) + 1


def _heads(row: Row) -> bool:
    """Say whether a row may be a head or a caption of a table: no values, no heading of a section, no title, no paragraph."""
    filled = [c.text for c in row.cells if c.text.strip()]
    if any(map(is_value, filled)):
        return False
    alone = filled[0] if len(filled) == 1 else ""
    told = section_of(alone) or is_title(alone) or (alone and alone.rstrip()[-1:] in "。；：")
    return bool(filled) and len(alone) <= _LONGEST_HEAD and not told


def _finding(rows: Sequence[Row], cut: tuple[int, int, str], printed: Printed) -> Finding:
    start, end, table = cut
    text = next((t for row in rows[start:end] if (t := " ".join(c.text for c in row.cells if c.text.strip()))), "")
    known = table if table in printed.form.tables or (table == LISTS and printed.statistics) else None
    return Finding("second_tables", known, observed=text, where=rows[start].where,
                   words={"printed": text[:_LONGEST_HEAD], "end_zh": place_words(rows[end - 1].where, "zh"),
                          "end": place_words(rows[end - 1].where, "en")})  # fmt: skip
