"""A document -> its marks: titles, headings, numbered parts and labels, by which one report or set of tables is told from another."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from gongkai.core.model import Row
from gongkai.core.text import is_value, label_key, simplified, squeeze, without_readings
from gongkai.extract.alignment.tokens import key_of
from gongkai.extract.edition import Printed
from gongkai.extract.narrative.sections import bare_line, is_furniture, is_title, is_title_tail
from gongkai.extract.narrative.titles import named_by, unlabelled
from gongkai.forms import load_form
from gongkai.forms.keys import every_title, item_keys, measure_keys

LISTS, OVERVIEW = "statistics", "overview"
_LONGEST_HEADING, _LONGEST_PLACE = 45, 30
# A paragraph this long tells something; a heading, a link or a line of a directory does not.
_TELLING = 20
# The heads of a table across have so many rows at most above its values, of which there are more than a heading has numbers.
_HEADS, _FEWEST = 4, 3
_DATED = re.compile(r"^\s*20\d\d年\d{1,2}月\d{1,2}日\s*")  # the last line of the report before, where its line end was lost
_BRACKETED = re.compile(r"\s*[（(]")
_TOP = re.compile(r"第?([一二三四五六七八九十]|\d)(?:部分|[、.．])(?!\d)")
_STATED = re.compile(r"(20\d\d)年[^。；，]{0,24}?公[开開][^。；]{0,16}?(?:报告|年报|情况)")
# A place and its government are one authority; its departments are others.
_GOVERNMENT = re.compile(r"(?:党工委|党委)?(?:人民政府|政府|管委会|管理委员会|办事处)?(?:办公室|办公厅)?$")
# The sentence with which a report begins, whatever its title; in the middle of a report it says the same of that report.
_OPENING = re.compile(
    r"(?:报告|汇报|公布|公开)如下|本(?:年度)?(?:报告|年报)(?:由|是|中|按照|内容|所列|根据)"
    r"|(?:现|特|予)[^。，]{0,12}(?:公布|发布|公开)[^。，]{0,30}(?:报告|年报)"
)


class Kind(StrEnum):
    """What a mark is: a title, an official heading, a numbered part, a label with values, a paragraph, an opening sentence."""

    TITLE, SECTION, PART, ITEM, PROSE, OPENING = "title", "section", "part", "item", "prose", "opening"


# What a report tells, and not only says of itself.
TOLD = (Kind.SECTION, Kind.PART, Kind.ITEM)


class Mark(NamedTuple):
    """What stands in a row of the document: the ``kind``, its ``key`` (of a label: its table and item), the printed ``text``."""

    row: int
    kind: Kind
    key: tuple[str, str]
    text: str


_Seen = tuple[str, tuple[str, str]]  # the kind and the key of a mark


def find_marks(rows: Sequence[Row], printed: Printed) -> list[Mark]:
    """Return the marks of a document in reading order; ``row`` counts the document's own rows."""
    at = {row.where: r for r, row in reversed(list(enumerate(rows)))}
    found: list[Mark] = []
    for n, row in enumerate(printed.rows):
        r = at.get(row.where, 0)
        found += _row_marks(row, r, printed, rows[r - 1] if r else None, printed.rows[n + 1 : n + 1 + _HEADS])
    lists = printed.statistics.spans if printed.statistics else ()
    found += [mark for span in lists for r in range(*span) for mark in _list_marks(rows[r], r)]
    return sorted(found, key=lambda mark: mark.row)


def _row_marks(row: Row, r: int, printed: Printed, before: Row | None, behind: Sequence[Row]) -> Iterator[Mark]:
    filled, known = [c.text for c in row.cells if c.text.strip()], _labels(printed.form.code)
    items = {key: known[key] for cell in row.cells if (key := key_of(cell)) in known}
    for key, table in items.items():
        if any(map(_prints_values, behind)) if printed.form.tables[table].across else _has_values(row, behind):
            yield Mark(r, Kind.ITEM, (table, key), key)
    title = None if items else _title(filled, before, behind[:1])
    if title:
        yield Mark(r, Kind.TITLE, ("", ""), title)
    if len(filled) == 1 and not items and not (title and is_title(filled[0])):
        yield from _line_marks(filled[0], r)


def _title(filled: Sequence[str], before: Row | None, behind: Sequence[Row]) -> str | None:
    """Return the title that a row prints: alone, behind the word for it, within a line that gaps part, or together with the next line."""
    if not any("公" in text for text in filled):
        return None
    texts = [piece for text in filled for piece in unlabelled(simplified(without_readings(text))).split("  ")]
    texts += [piece for text in filled if len(text) > _LONGEST_HEADING for piece in text.split() if named(piece)[0]]
    if title := next((t for t in texts if is_title(t)), None):
        return _with_place(_DATED.sub("", title), before)
    below = "".join(c.text for row in behind for c in row.cells)
    joined = filled[0] + below if len(filled) == 1 and max(len(filled[0]), len(below)) <= _LONGEST_PLACE else ""
    return joined if joined and not is_title(below) and not section_of(joined) and is_title(joined) else None


def _has_values(row: Row, behind: Sequence[Row]) -> bool:
    """Say whether a label is that of a row: cells for values stand beside it, or alone on the next line."""
    return any(is_value(c.text) for c in row.cells) or (bool(behind) and all(is_value(c.text) for c in behind[0].cells))


def _prints_values(row: Row) -> bool:
    return sum(is_value(c.text) for c in row.cells) >= _FEWEST


def _line_marks(text: str, r: int) -> Iterator[Mark]:
    """Read a line of prose: an official heading, a numbered part, a paragraph."""
    if (code := section_of(text)) and not _BRACKETED.match(text):
        yield Mark(r, Kind.SECTION, ("", code), text)
    if number := _TOP.match(bare_line(text)):
        yield Mark(r, Kind.PART, ("", number[1]), text)
    if len(text) > _TELLING:
        yield Mark(r, Kind.PROSE, ("", ""), text)
    if _OPENING.search(squeeze(text)):
        yield Mark(r, Kind.OPENING, ("", ""), text)


def _list_marks(row: Row, r: int) -> Iterator[Mark]:
    """Read a row of an indicator list: its first cell that is no value."""
    label = next((squeeze(c.text) for c in row.cells if not is_value(c.text)), "")
    if any(c.text.strip() and is_value(c.text) for c in row.cells) and label:
        yield Mark(r, Kind.ITEM, (LISTS, label), label)


def section_of(text: str) -> str | None:
    """Return the official section that a line is the heading of, or None.

    Examples
    --------
    >>> section_of("一、总体情况"), section_of("（一）平台建设")
    ('overview', None)
    """
    return every_title().get(label_key(text)) if 2 < len(text) <= _LONGEST_HEADING else None


@cache
def _labels(code: str) -> Mapping[str, str]:
    """Return the labels that name one row (of a table across: one item) of a form and nothing else, each with its table."""
    tables = load_form(code).tables
    names = [(key, table) for table in tables for key, items in item_keys(code, table).items() if len(items) == 1]
    heads = {key for table in tables for key in measure_keys(code, table)}
    return {key: table for key, table in names if key not in heads and sum(key == other for other, _ in names) == 1}


def _with_place(title: str, before: Row | None) -> str:
    """Put the place before a title that stands without it, on the line before."""
    place = bare_line("".join(c.text for c in before.cells)) if before and is_title_tail(title) else ""
    fits = re.fullmatch(r"[\u4e00-\u9fff（）()\s]+", place) and len(place) <= _LONGEST_PLACE
    return f"{place if fits and not (is_furniture(place) or is_title(place)) else ''}{bare_line(title)}"


def named(text: str) -> tuple[int | None, str]:
    """Return the year and the place by which a title, or an opening sentence, names its report; a page's path is no place.

    Examples
    --------
    >>> named("沁县2019年政府信息公开年度报告"), named("首页>信息公开年报"), named("现公布2012年凤安镇信息公开年度报告。")
    ((2019, '沁县'), (None, ''), (2012, ''))
    """
    if not is_title(text):
        stated = _STATED.search(squeeze(text))
        return (int(stated[1]) if stated else None), ""
    year, place = named_by(text)
    return year, place if re.fullmatch(r"(?!.*(?:首页|位置))[\u4e00-\u9fff（）()]+", place) else ""


def differ(one: tuple[int | None, str], other: tuple[int | None, str]) -> bool:
    """Say whether two titles, each by its year and its place, are those of two reports; what one of them leaves open parts nothing.

    Examples
    --------
    >>> differ((2019, "沁县"), (2020, "")), differ((2019, "山西省沁县"), (2019, "沁县人民政府")), differ((2019, "沁县"), (None, "沁县局"))
    (True, False, True)
    """
    years, places = {one[0], other[0]} - {None}, [_GOVERNMENT.sub("", place) for _, place in (one, other)]
    return len(years) > 1 or (all(places) and not any(a.endswith(b) for a, b in (places, places[::-1])))


def starts(marks: Sequence[Mark]) -> list[tuple[int, str]]:
    """Return the rows at which another report, or another set of tables under headings, may begin, each with what speaks for it."""
    found: list[tuple[int, str]] = []
    title: tuple[int | None, str] = (None, "")
    since: set[_Seen] = set()
    for mark in marks:
        own = named(mark.text) if mark.kind in (Kind.TITLE, Kind.OPENING) else (None, "")
        other = mark.kind == Kind.TITLE and (differ(title, own) if any(title) else _has_told(since))
        why = Kind.TITLE if other else _begins(mark, since)
        title = own if other else (own[0] or title[0], own[1] or title[1])
        if why:
            found.append((mark.row, why))
            since = set()
        since.add((mark.kind, mark.key))
    return found


def _begins(mark: Mark, since: Set[_Seen]) -> str:
    """Say why a heading or a sentence may begin another report, or a section that was there, after what stands before it."""
    if mark.kind == Kind.OPENING and _has_told(since):
        return Kind.OPENING
    if mark.kind != Kind.SECTION:
        return ""
    seen = {key[1] for kind, key in since if kind == Kind.SECTION}
    if mark.key[1] == OVERVIEW:
        listed = {key for _, key in since if key[0] == LISTS}  # a list of indicators ends a report of its years
        parts = {key for kind, key in since if kind == Kind.PART}
        return OVERVIEW if seen - {OVERVIEW} or max(len(parts), len(listed)) >= _FEWEST else ""
    return Kind.SECTION if mark.key[1] in seen else ""


def _has_told(since: Set[_Seen]) -> bool:
    return len({key for kind, key in since if kind in TOLD}) >= _FEWEST


def sets_of(marks: Sequence[Mark], table: str, code: str) -> list[list[Mark]]:
    """Part the labels of one table of a form into its sets: in another, labels of the one before stand again, half of them at least.

    A set may begin behind a paragraph or a heading, where a label stands again, or where the order of the form goes back.
    """
    order = {key: n for n, key in enumerate(_labels(code))}
    runs: list[list[Mark]] = []
    rows: dict[tuple[str, str], int] = {}  # where each label of the present run stands
    parted = True
    for mark in marks:
        if mark.kind in (Kind.SECTION, Kind.PROSE) or mark.key[0] != table:
            parted = parted or mark.kind in (Kind.SECTION, Kind.PROSE)
            continue
        known = [] if parted else runs[-1]
        back = known and order.get(mark.key[1], 0) < order.get(known[-1].key[1], 0)
        if parted or back or rows.get(mark.key, mark.row) != mark.row:
            runs.append([])
            rows = {}
        parted = False
        rows[mark.key] = mark.row
        runs[-1].append(mark)
    sets: list[list[Mark]] = []
    for run in runs:
        if not sets or (len(run) > 1 and any(repeats({m.key for m in one}, {m.key for m in run}) for one in sets)):
            sets.append(run)
        else:
            sets[-1].extend(run)
    return sets


def repeats(one: Collection[tuple[str, str]], other: Collection[tuple[str, str]]) -> bool:
    """Say whether labels are the same set again: two at least, and half of the shorter; one row may stand on both sides of a page."""
    shared = len({*one} & {*other})
    return shared > 1 and 2 * shared >= min(len(one), len(other))
