"""A table chopped by a crawler: each group of its rows a table of its own, under a heading and an invented head."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from gongkai.core.model import Table
from gongkai.forms.layout import Box, Line, Sheet, placed

_NAMED, _COUNTED = "类别", "数据"


def chop(table: Table, sheet: Sheet) -> Sheet:
    """Cut one table into several; what stood between them becomes paragraphs.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> form = load_form("2021")
    >>> pieces = chop(form.tables["applications"], layout(form, {"applications/new_received/total": 7})["applications"])
    >>> [[box.text for box in line][-2:] for line in pieces[:3]]
    [['### 一、本年新收政府信息公开申请数量'], ['数据6', '总计'], ['', '7']]
    """
    if table.across:
        return tuple(_by_item(table, sheet))
    if not table.groups:
        return sheet
    if len(table.groups) > 1:
        return tuple(_outside(line[0].text) if _is_title(line, sheet) else line for line in sheet)
    return tuple(_by_label(table, sheet))


def _outside(text: str, level: int = 3) -> Line:
    return (Box(f"{'#' * level} {text}", columns=0),)


def _is_title(line: Line, sheet: Sheet) -> bool:
    """Say whether one label stands over the whole table."""
    return len(line) == 1 and line[0].columns > 1 and not line[0].path and any(len(other) > 1 for other in sheet)


def _by_label(table: Table, sheet: Sheet) -> Iterator[Line]:
    """Chop a table at its merged labels; its head is lost."""
    rows = placed(sheet)
    stub = min((x for row in rows for x, box in row if box.path), default=1)
    first = next((i for i, row in enumerate(rows) if any(box.path for _, box in row)), len(rows))
    held: list[tuple[int, str]] = []
    pieces: list[tuple[str, Line]] = []
    for i, row in enumerate(rows[first:]):
        if len(row) == 1 and not row[0][1].path:
            pieces.append(("", (Box(row[0][1].text, columns=0),)))
            continue
        labels = [box for x, box in row if x < stub]
        held = [(end, text) for end, text in held if end > i] + [(i + box.rows, box.text) for box in labels[:-1]]
        own = labels[-1].text if labels else ""
        values = tuple(Box(box.text, path=box.path) for x, box in row if x >= stub)
        pieces.append((held[-1][1] if held else own, (Box(own), *values)))
    counted = len(table.groups[0].measures) - 1
    last = table.measures[table.groups[0].measures[-1]].zh
    head = (Box(_NAMED), *(Box(f"{_COUNTED}{n + 1}") for n in range(counted)), Box(last))
    for over, lines in groupby(pieces, key=lambda p: p[0]):
        yield from (_outside(over), head) if over else ()
        yield from (line for _, line in lines)


def _by_item(table: Table, sheet: Sheet) -> Iterator[Line]:
    """Chop a table whose items stand side by side into one table an item."""
    printed = [line for line in sheet if any(box.path for box in line)]
    for item in table.items.values():
        names = (*(table.spans[code] for code in item.under), item.zh)
        yield _outside(f"{names[0]}（{names[1]}）" if len(names) > 1 else names[0])
        heads = [table.measures[m].zh for m in table.groups[0].measures]
        yield tuple(Box(text) for text in heads)
        of_item = (tuple(box for i, box in enumerate(values) if _item_at(values, i) == item.code) for values in printed)
        yield from filter(None, of_item)


def _item_at(values: Line, index: int) -> str:
    """Name the item whose value a box prints, or stands after."""
    printed = [i for i, box in enumerate(values) if box.path]
    before = max((i for i in printed if i <= index), default=printed[0])
    return values[before].path.split("/")[1]
