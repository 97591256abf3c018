"""The official tables of an edition as rows of boxes, merged labels and heads included, driven by the form alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from gongkai.core.messages import number_text
from gongkai.core.model import Field, Form, Group, Name, Table
from gongkai.forms import one_of_each

_MONEY = {"万元": 10_000, "元": 1, "": 10_000}


@dataclass(frozen=True, slots=True)
class Box:
    """One printed cell: its characters, the rows and columns it covers, the path of the official cell it prints (none for a label).

    A box that covers no column is a paragraph between two parts of the table.
    """

    text: str
    rows: int = 1
    columns: int = 1
    path: str = ""


Line = tuple[Box, ...]
Sheet = tuple[Line, ...]
Sheets = Mapping[str, Sheet]
Values = Mapping[str, "float | str | None"]


@dataclass(frozen=True, slots=True)
class Style:
    """How numbers are printed.

    Money in ``万元`` or ``元``, or in ``万元`` that only the head names (empty); ``minus`` before a decrease (``-`` or ``减 ``),
    ``plus`` before an increase.
    """

    money: str = "万元"
    minus: str = "-"
    plus: str = ""


def print_value(official: Field, value: float | str | None, style: Style = Style()) -> str:
    """Print one value as an authority would; text is printed as it is, None as nothing.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> fields = {f.path: f for f in load_form("2019").fields}
    >>> print_value(fields["disclosure/procurement/amount_yuan"], 14725700)
    '1472.57万元'
    >>> print_value(fields["disclosure/permits/change"], -16, Style(minus="减 "))
    '减 16'
    """
    if value is None or isinstance(value, str):
        return value or ""
    if official.unit == "yuan":
        return number_text(Decimal(number_text(value)) / _MONEY[style.money]) + style.money
    if not official.signed or not value:
        return number_text(value)
    return f"{style.minus if value < 0 else style.plus}{number_text(abs(value))}"


def layout(form: Form, values: Values, style: Style = Style()) -> dict[str, Sheet]:
    """Lay the values out as the official tables print them, merged labels and heads included.

    Parameters
    ----------
    form : Form
        The edition; nothing about its tables is known here.
    values : mapping of str to float, str or None
        By path ``table/item/measure``; what is missing or None is left blank, text is printed as it is.
    style : Style
        How numbers are printed.

    Returns
    -------
    dict of str to tuple
        For each table its rows, each a tuple of boxes; a merged cell is there once, where it starts.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> sheets = layout(load_form("2019"), {"disclosure/permits/change": -16})
    >>> [(box.text, box.columns) for box in sheets["disclosure"][4]]
    [('第二十条第（五）项', 4)]
    >>> [box.text for box in sheets["disclosure"][6]]
    ['行政许可', '', '-16', '']
    """
    given = {tuple(path.split("/")[:2]) for path, value in values.items() if value is not None}
    form = one_of_each(form, lambda table, item: (table, item) in given)
    printed = {f.path: print_value(f, values.get(f.path), style) for f in form.fields}
    return {code: _across(table, printed) if table.across else _down(table, printed) for code, table in form.tables.items()}


def _down(table: Table, printed: Mapping[str, str]) -> Sheet:
    """Lay out a table whose items stand below each other."""
    stub = max(len(_labels_to(table, name)) for name in table.items.values())
    most = max(len(g.measures) for g in table.groups)
    return tuple(line for group in table.groups for line in _group(table, group, stub, most, printed))


def _group(table: Table, group: Group, stub: int, most: int, printed: Mapping[str, str]) -> Iterator[Line]:
    """Lay out rows that share their columns; where they have fewer than the table, the last one is wider."""
    sizes = [1] * (len(group.measures) - 1) + [1 + most - len(group.measures)]
    if group.zh:
        yield (Box(group.zh, 1, stub + most),)
    heads = [_over_all(table) + _labels_to(table, table.measures[m]) for m in group.measures]
    yield from _head_lines(heads, sizes, Box(group.corner, max(map(len, heads)), stub))
    labels = list(_outline([_labels_to(table, table.items[i]) for i in group.items], [1] * len(group.items), stub))
    for row, item in enumerate(group.items):
        paths = [f"{table.code}/{item}/{measure}" for measure in group.measures]
        stubs = (Box(text, run, extent) for _, leaf, text, run, extent in labels if leaf == row)
        yield (*stubs, *(Box(printed[path], 1, size, path) for path, size in zip(paths, sizes, strict=True)))


def _across(table: Table, printed: Mapping[str, str]) -> Sheet:
    """Lay out a table whose items stand side by side over one row of values."""
    lines: list[Line] = []
    for group in table.groups:
        pairs = [(item, measure) for item in group.items for measure in group.measures]
        heads = [_over_all(table) + _labels_to(table, table.items[i]) + _labels_to(table, table.measures[m]) for i, m in pairs]
        paths = [f"{table.code}/{item}/{measure}" for item, measure in pairs]
        lines += [*_head_lines(heads, [1] * len(heads)), tuple(Box(printed[path], path=path) for path in paths)]
    return tuple(lines)


def _labels_to(table: Table, name: Name) -> tuple[str, ...]:
    """Return the labels of a row or column from the outermost merged label to its own."""
    return (*(table.spans[code] for code in name.under), name.zh)


def _over_all(table: Table) -> tuple[str, ...]:
    """Return the merged labels that cover all columns, since no single row or column has them."""
    owned = {code for name in (*table.items.values(), *table.measures.values()) for code in name.under}
    return tuple(text for code, text in table.spans.items() if code not in owned)


def _head_lines(paths: Sequence[tuple[str, ...]], sizes: Sequence[int], corner: Box | None = None) -> Iterator[Line]:
    placed = sorted(_outline(paths, sizes, max(map(len, paths))))
    for level, boxes in groupby(placed, key=lambda b: b[0]):
        line = tuple(Box(text, extent, run) for _, _, text, run, extent in boxes)
        yield (corner, *line) if corner and not level else line


def _outline(paths: Sequence[tuple[str, ...]], sizes: Sequence[int], depth: int) -> Iterator[tuple[int, int, str, int, int]]:
    """Merge equal labels of neighbours: yields level, first row or column, text, number of rows or columns, number of levels."""
    for leaf, path in enumerate(paths):
        for level, text in enumerate(path[:-1]):
            stem = path[: level + 1]
            if not leaf or paths[leaf - 1][: level + 1] != stem:
                yield level, leaf, text, sum(size for p, size in zip(paths, sizes, strict=True) if p[: level + 1] == stem), 1
        yield len(path) - 1, leaf, path[-1], sizes[leaf], depth - len(path) + 1


def placed(sheet: Sheet) -> list[list[tuple[int, Box]]]:
    """Give each row's boxes the columns where they start.

    Examples
    --------
    >>> sheet = (Box("甲", rows=2), Box("乙")), (Box("丙"),)
    >>> [[(x, box.text) for x, box in row] for row in placed(sheet)]
    [[(0, '甲'), (1, '乙')], [(1, '丙')]]
    """
    held: list[set[int]] = [set() for _ in sheet]
    rows = []
    for index, line in enumerate(sheet):
        x, row = 0, []
        for box in line:
            while x in held[index]:
                x += 1
            row.append((x, box))
            for below in held[index : index + box.rows]:
                below.update(range(x, x + box.columns))
        rows.append(row)
    return rows


def reach(sheet: Sheet) -> list[int]:
    """Return how many columns each row reaches, the merged cells that stand in it included."""
    ends = [0] * len(sheet)
    for index, row in enumerate(placed(sheet)):
        for x, box in row:
            for below in range(index, min(index + box.rows, len(sheet))):
                ends[below] = max(ends[below], x + box.columns)
    return ends
