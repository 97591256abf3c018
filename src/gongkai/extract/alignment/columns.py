"""The heads above a group of rows -> the order of its columns, the units that they print, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from gongkai.core.model import Cell, Form, Group, Row, Table
from gongkai.core.text import is_value, label_key, money_unit, without_readings
from gongkai.forms.keys import measure_keys

Pattern = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Heads:
    """What the heads of a group say: its measures from left to right, the unit of each, and the columns where they stand.

    A column that the document does not have is left out: every number of its rows stands under another head. ``doubtful`` says that
    the columns were moved, and no place tells where to.
    """

    order: tuple[str, ...]
    units: Mapping[str, str]
    pattern: Pattern | None
    doubtful: bool = False


def read_heads(above: Sequence[Row], first: Row, form: Form, table: Table, group: Group) -> Heads:
    """Read the rows above the ``first`` row of a group; heads that are damaged leave the official order."""
    measures = measure_keys(form.code, table.code)
    heads: dict[str, tuple[int, int, Cell]] = {}
    in_grid = first.kind == "grid" and any(measures.get(label_key(c.text)) for row in above if row.kind == "grid" for c in row.cells)
    for r, row in enumerate(above):
        for c, cell in enumerate(row.cells if row.kind == "grid" or not in_grid else ()):  # a head that fell out of its table has no place
            code = measures.get("" if is_value(cell.text) else label_key(cell.text))
            if code in group.measures:
                heads[code] = (r, c, cell)
    units = {code: u for code, (_, _, cell) in heads.items() if (u := money_unit(without_readings(cell.text)))}
    if _is_flat(heads, above, table):
        places = {code: (r, c) for code, (r, c, _) in heads.items()}
        return Heads(_by_reading(places, table, group), units, None, _is_torn(above, table, group))
    by_place = sorted(heads, key=lambda code: heads[code][2].x0)
    pattern = tuple((heads[code][2].x0, heads[code][2].x1) for code in by_place)
    if len(heads) != len(group.measures):
        cut = len(heads) > 1 and apart(pattern) and _stands_under(first, pattern)
        return Heads(tuple(by_place), units, pattern) if cut else Heads(group.measures, units, None)
    if apart(pattern) and _stands_under(first, pattern, all_of_them=False):
        return Heads(tuple(by_place), units, pattern, _is_torn(above, table, group) and _is_wider(above, first))
    one_row = len({r for r, _, _ in heads.values()}) == 1
    moved_heads = not one_row and tuple(by_place) != group.measures and not _overlaps(first, pattern)
    if first.kind == "spaces" and apart(pattern) and not moved_heads and all(above[r].kind == "spaces" for r, _, _ in heads.values()):
        return Heads(tuple(by_place), units, pattern if one_row else None, _is_torn(above, table, group))
    places = {code: (r, c) for code, (r, c, _) in heads.items() if one_row or above[r].kind != "spaces"}
    moved = _is_torn(above, table, group) or _is_moved(above, table, group)
    return Heads(_by_reading(places, table, group), units, pattern if one_row and apart(pattern) else None, moved)


def _overlaps(row: Row, pattern: Pattern) -> bool:
    """Say whether every value of a row stands below some part of a head."""
    values = [c for c in row.cells if c.text.strip() and is_value(c.text)]
    return all(any(min(c.x1, b) > max(c.x0, a) for a, b in pattern) for c in values)


def _is_flat(heads: Mapping[str, tuple[int, int, Cell]], above: Sequence[Row], table: Table) -> bool:
    """Say whether a merged head stands in the same row as the heads below it: then several rows of heads were printed as one."""
    merged = {label_key(table.spans[u]) for code in heads for u in table.measures[code].under}
    rows = {r for code, (r, _, _) in heads.items() if table.measures[code].under}
    return any(label_key(c.text) in merged for r in rows for c in above[r].cells if above[r].kind != "grid")


def _is_wider(above: Sequence[Row], first: Row) -> bool:
    """Say whether the positions of heads cannot be trusted: a grid's reach beyond its values, elsewhere nothing says how wide one is."""
    return first.kind != "grid" or any(c.x1 > first.cells[-1].x1 for row in above for c in row.cells if row.kind == "grid")


def _is_torn(above: Sequence[Row], table: Table, group: Group) -> bool:
    """Say whether a merged head occurs more often than any head below it: then columns were moved away from under it."""
    words = ([label_key(c.text) for c in row.cells if not is_value(c.text)] for row in above)
    keys = [k for row in words for k, _ in groupby(row)]  # pandas repeats a merged head over each of its columns
    spans = [keys.count(label_key(table.spans[u])) for u in {u for m in group.measures for u in table.measures[m].under}]
    return max(spans, default=0) > max((keys.count(label_key(table.measures[m].zh)) for m in group.measures), default=0)


def _is_moved(above: Sequence[Row], table: Table, group: Group) -> bool:
    """Say whether a merged head and those beside it are read in another order than the form's: a column left its place for another's."""
    spans = {m: label_key(table.spans[u[-1]]) for m in group.measures if (u := table.measures[m].under)}
    tops = dict.fromkeys(spans.get(m) or label_key(table.measures[m].zh) for m in group.measures)
    printed = [[label_key(c.text) for c in row.cells if not is_value(c.text)] for row in above]
    rows = [[k for k, _ in groupby(keys) if k in tops] for keys in printed if not set(spans.values()).isdisjoint(keys)]
    return any(keys != [k for k in tops if k in keys] for keys in rows)


def _by_reading(places: Mapping[str, tuple[int, int]], table: Table, group: Group) -> tuple[str, ...]:
    """Order the columns as their heads are read: those under one merged head among themselves, all of them where nothing is merged.

    A head beside a merged one is read before or after it by how many rows it covers, which says nothing of its place; nor do the
    heights of aligned heads.
    """
    order = list(group.measures)
    unders = {table.measures[code].under for code in order}
    for under in unders if len(unders) == 1 else unders - {()}:
        spots = [i for i, code in enumerate(group.measures) if table.measures[code].under == under]
        alike = [group.measures[i] for i in spots]
        for i, code in zip(spots, sorted(alike, key=places.__getitem__) if set(alike) <= places.keys() else alike, strict=True):
            order[i] = code
    return tuple(order)


def apart(pattern: Sequence[tuple[int, int]]) -> bool:
    """Say whether columns follow each other without overlap."""
    return all(a[1] <= b[0] for a, b in pairwise(pattern))


def united(patterns: Sequence[Sequence[tuple[int, int]]]) -> Pattern | None:
    """Combine the positions of columns over several rows, if the columns still do not overlap."""
    columns = tuple((min(a for a, _ in column), max(b for _, b in column)) for column in zip(*patterns, strict=True))
    return columns if apart(columns) else None


def _stands_under(row: Row, pattern: Pattern, all_of_them: bool = True) -> bool:
    """Say whether a row's values stand exactly under the heads, under all of them or, where cells are blank, under some."""
    places = [(c.x0, c.x1) for c in row.cells if c.text.strip() and is_value(c.text)]
    return tuple(places) == pattern if all_of_them or row.kind not in ("grid", "tabs") else set(places) <= set(pattern)
