"""The indicator lists of 2014 to 2018: any list that a document prints -> its cells, its table, its sums and their findings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from gongkai.core.codes import State, Status
from gongkai.core.model import Cell, Check, Field, Finding, Form, Group, Identity, Name, Reading, Row, Table
from gongkai.core.text import read_as_printed
from gongkai.extract.alignment.match import Line, Slot, open_slot, spreads
from gongkai.extract.checks import check_identities, table_findings, unclaimed
from gongkai.extract.identities import Aligned, align, deduce
from gongkai.extract.lists.heads import Column
from gongkai.extract.lists.kinds import bracketed_unit, knowledge, told_apart, units
from gongkai.extract.lists.listing import Entry, Listing, find_listings, glued
from gongkai.extract.lists.outline import Node, has_unit, outline, row_name, unique_names
from gongkai.forms import load_form

TABLE, SUM = "statistics", "statistics_total"
_MOST_READINGS = 200
_EN = {"year": "Year", "cumulative": "Cumulative"}


@dataclass(frozen=True, slots=True)
class Statistics:
    """The indicator lists of one document.

    Attributes
    ----------
    readings : tuple of Reading
        One for each printed indicator and column, in reading order; values and units as printed.
    table : Table
        The table ``statistics`` of this document: its items and measures are those that it prints.
    checks : tuple of Check
        The sums that the list itself spells out, evaluated.
    findings : tuple of Finding
        What a careful reader would question in it.
    spans : tuple of (int, int)
        The rows that each list takes, its head included.
    """

    readings: tuple[Reading, ...]
    table: Table
    identities: tuple[Identity, ...]
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """One indicator: what is printed of it, its place in the outline, its code, the list that it is in."""

    entry: Entry
    node: Node
    code: str
    fields: tuple[Field, ...]


def read_statistics(rows: Sequence[Row]) -> Statistics | None:
    """Read every indicator list of a document, whatever its indicators and columns are.

    Parameters
    ----------
    rows : sequence of Row
        All rows of the document.

    Returns
    -------
    Statistics or None
        None where the document prints no such list.

    Examples
    --------
    >>> from gongkai.readers import read_document
    >>> text = "统计指标\\t单位\\t统计数\\n（一）收到申请数\\t件\\t3\\n1.当面申请数\\t件\\t1\\n2.传真申请数\\t件\\t—\\n"
    >>> statistics = read_statistics(read_document(text.encode()).rows)
    >>> [(r.field.item, r.field.measure, r.value, r.field.unit, r.status) for r in statistics.readings]
    [('收到申请数', 'year', 3.0, '件', 'printed'), ('当面申请数', 'year', 1.0, '件', 'printed'), ('传真申请数', 'year', None, '件', 'mark')]
    """
    lists = _whole_lists(find_listings(rows))
    return _statistics(lists, rows) if lists else None


def with_statistics(form: Form, statistics: Statistics) -> Form:
    """Append the lists of a document to an edition, which then has their table, cells and sums beside its own."""
    return replace(
        form, tables={**form.tables, TABLE: statistics.table}, fields=(*form.fields, *(r.field for r in statistics.readings)),
        identities=(*form.identities, *statistics.identities),
    )  # fmt: skip


def _whole_lists(parts: Sequence[Listing]) -> list[Listing]:
    """Join what a page break parted: the same columns again, and other rows."""
    lists: list[Listing] = []
    for part in parts:
        if lists and lists[-1].measures == part.measures and not _repeats(lists[-1], part):
            lists[-1] = lists[-1].joined(part)
        else:
            lists.append(part)
    return lists


def _repeats(before: Listing, part: Listing) -> bool:
    """Say whether a list prints the same rows as the one before: then it is another authority's."""
    known = {row_name(e.label) for e in before.entries}
    return 2 * sum(row_name(e.label) in known for e in part.entries) > len(part.entries)


def _statistics(lists: Sequence[Listing], rows: Sequence[Row]) -> Statistics | None:
    """Turn lists into readings by the same steps as the official tables: lines, alignment, checks, findings."""
    named = _named(lists)
    items = [item for one in named for item in one if item.fields]
    if not items:
        return None
    table = _table(lists, named)
    sums = tuple(s for one in named for s in _sums(one))
    lines = [_line(item, rows) for item in items]
    form = replace(load_form(TABLE), tables={TABLE: table}, fields=tuple(f for i in items for f in i.fields), identities=sums)
    aligned = _aligned(form, lines)
    checks = check_identities(form, aligned)
    strays = (r for one in lists for r in one.strays)
    findings = (*_of_cells(aligned, checks, rows), *_doubled(items, rows), *unclaimed(TABLE, strays, rows))
    return Statistics(aligned.readings, table, sums, checks, findings, tuple(span for one in lists for span in one.spans))


def _aligned(form: Form, lines: Sequence[Line]) -> Aligned:
    """Read each row as it is printed or not at all: sums of a list may prove missing values, but never choose a reading."""
    alone = align(replace(form, identities=()), lines)
    return replace(alone, readings=deduce(form, alone.readings))


def _named(lists: Sequence[Listing]) -> list[list[_Item]]:
    """Give every row of every list its code and its fields; a second list's rows are told apart by its title."""
    outlines = [outline(one.entries, one.has_units) for one in lists]
    codes: list[str] = []
    for one, nodes in zip(lists, outlines, strict=True):
        title, own = row_name(one.title), unique_names(nodes)
        known = set(codes) if title else set()
        codes += [f"{title}.{code}" if code in known else code for code in own]
    unique = told_apart(codes)
    number = iter(range(1, len(codes) + 1))
    return [
        [_item(one, entry, node, next(unique), number) for entry, node in zip(one.entries, nodes, strict=True)]
        for one, nodes in zip(lists, outlines, strict=True)
    ]


def _item(one: Listing, entry: Entry, node: Node, code: str, number: Iterator[int]) -> _Item:
    if node.heads:
        return _Item(entry, node, code, ())
    columns, n = one.columns, next(number)
    parted = glued(entry)
    printed = [parted[1]] if parted else entry.cells
    cells = printed if len(printed) == len(columns) and not entry.doubt else [None] * len(columns)
    return _Item(entry, node, code, tuple(
        Field(TABLE, code, c.measure, _unit(entry, c, cell), False, f"sta_{n:03d}_{_short(c, k)}")
        for k, (c, cell) in enumerate(zip(columns, cells, strict=True), 1)
    ))  # fmt: skip


def _short(column: Column, position: int) -> str:
    return {"year": "year", "cumulative": "cum"}.get(column.measure, f"m{position}")


def _unit(entry: Entry, column: Column, cell: Cell | None) -> str:
    """Return the unit as printed: with the number, else in the column's head, else in the row, else in the label's brackets."""
    own = read_as_printed(cell.text, units(), whole=False).unit if cell else ""
    return own or column.unit or (entry.unit if has_unit(entry) else "") or bracketed_unit(entry.label)


def _table(lists: Sequence[Listing], named: Sequence[Sequence[_Item]]) -> Table:
    """Describe what the document prints as a table of a form: its rows and columns, and the headings above them."""
    items: dict[str, Name] = {}
    measures: dict[str, Name] = {}
    spans: dict[str, str] = {}
    groups: list[Group] = []
    for one, own in zip(lists, named, strict=True):
        spans |= {item.code: item.entry.label for item in own if not item.fields}
        rows = [item for item in own if item.fields]
        items |= {i.code: Name(i.code, i.entry.label, i.entry.label, i.fields[0].short[4:7], under=_under(i, own)) for i in rows}
        measures |= {c.measure: Name(c.measure, c.head, _EN.get(c.measure, c.head), _short(c, k)) for k, c in enumerate(one.columns, 1)}
        groups.append(Group(tuple(i.code for i in rows), one.measures, corner=one.corner))
    titles = dict(load_form(TABLE).sections)[TABLE]
    return Table(TABLE, titles[0], "Statistics of information disclosure", titles, False, items, measures, tuple(groups), spans)


def _under(item: _Item, own: Sequence[_Item]) -> tuple[str, ...]:
    """Return the headings that a row stands under, the outermost first."""
    above: list[str] = []
    parent = item.node.parent
    while parent is not None:
        above[:0] = [own[parent].code] * own[parent].node.heads
        parent = own[parent].node.parent
    return tuple(above)


def _line(item: _Item, rows: Sequence[Row]) -> Line:
    """Turn one row into what it can be read as: as it stands, or every way in which its numbers can be spread over the columns."""
    entry, fields = item.entry, item.fields
    row = rows[entry.row]
    source = " ".join(c.text for r in range(entry.row, entry.last + 1) for c in rows[r].cells if c.text.strip())
    readings, reason = _readings(entry, len(fields))
    parted = glued(entry)
    candidates = tuple(dict.fromkeys(tuple(map(_slot, fields, cells)) for cells in islice(readings, _MOST_READINGS)))
    return Line(fields, parted[0] if parted else entry.label, entry.row, row.where, source, candidates, not reason, reason)


def _readings(entry: Entry, n: int) -> tuple[Iterator[Sequence[Cell | None]], str]:
    """Return the ways to read the cells of a row, and why it cannot be read as it stands, if it cannot."""
    parted = glued(entry) if n == 1 and not entry.filled else None
    if parted:
        place = entry.cells or [Cell("", 0, 1, "")]
        number = replace(parted[1], where=place[0].where)
        return iter([[number], *([place] if entry.cells else [])]), "merged"
    if not entry.cells:
        return iter([[None] * n]), "no_cells"
    if entry.doubt in ("short", "surplus"):
        return (cells[entry.codes :] for cells in _spread(entry.filled, n + entry.codes)), entry.doubt
    if entry.kind == "tabs" and entry.filled and not entry.cells[-1].text.strip():
        return _spread(entry.filled, n), "short"
    return iter([entry.cells]), entry.doubt or ("glued" if entry.kind == "glued" else "")


def _spread(cells: Sequence[Cell], n: int) -> Iterator[Sequence[Cell | None]]:
    """Yield the ways to spread printed numbers over n columns, as a row of the official tables would be read."""
    for reading in spreads(cells, n):
        yield [replace(held[0], text="".join(c.text for c in held)) if held else None for held in reading]


def _slot(field: Field, cell: Cell | None) -> Slot:
    if cell is None:
        return Slot(None, Status.UNCERTAIN, None, "")
    whole = bool(field.unit) and field.unit not in knowledge()["words"]["fractions"]
    number = read_as_printed(cell.text, units(), whole)
    others = [read_as_printed(t, units(), whole) for t in cell.alternatives]
    return open_slot(cell, (number, *others)) or Slot(number.value, number.status, cell.text, cell.where, number.unit)


@cache
def known_sums() -> tuple[tuple[str, frozenset[str], str], ...]:
    """Return the sums that lists spell out: the key of the total, the keys of its parts, and the total's label."""
    return tuple((sum_key(s["total"]), frozenset(map(sum_key, s["parts"])), s["total"]) for s in knowledge()["sums"])


def sum_key(label: str) -> str:
    """Fold the label of a row to what the terms of a sum are compared by.

    Examples
    --------
    >>> sum_key("行政复议数量") == sum_key("行政复议总数")
    True
    """
    return re.sub(r"总?[数數][量]?$", "", row_name(label))


def _sums(own: Sequence[_Item]) -> Iterator[Identity]:
    """Yield the sums that a list spells out: a total, and directly under it its known parts, numbered from 1, no more and no fewer."""
    under: dict[int | None, list[_Item]] = defaultdict(list)
    spelt = {(total, parts) for total, parts, _ in known_sums()}
    for item in own:
        under[item.node.parent].append(item)
    for i, total in enumerate(own):
        parts = under.get(i, [])
        keys = [sum_key(p.node.key) for p in parts]
        known = (sum_key(total.node.key), frozenset(keys)) in spelt and len(set(keys)) == len(keys)
        if known and total.fields and all(p.fields for p in parts) and [p.node.number for p in parts] == list(range(1, len(parts) + 1)):
            for fields in zip(total.fields, *(p.fields for p in parts), strict=True):
                yield Identity(SUM, fields[1:], fields[:1], total.code, None)


def _of_cells(aligned: Aligned, checks: Sequence[Check], rows: Sequence[Row]) -> Iterator[Finding]:
    """Yield what is to be said of cells and sums; a broken sum names the column too."""
    broken = iter(c for c in checks if c.state == State.BROKEN)
    for finding in table_findings(aligned, checks, (), rows):
        yield replace(finding, measure=next(broken).identity.right[0].measure) if finding.code == SUM else finding


def _doubled(items: Sequence[_Item], rows: Sequence[Row]) -> Iterator[Finding]:
    """Report a row that stands twice under the same heading: both are kept."""
    seen: set[tuple[str, int | None]] = set()
    for item in items:
        key = item.node.key, item.node.parent
        if key in seen and re.search(r"\.\d+$", item.code):
            words = {"reason": "", "reason_zh": ""}
            yield Finding("duplicate_row", TABLE, item.code, None, where=rows[item.entry.row].where, words=words)
        seen.add(key)
