"""The cells of a sheet that are shown -> rows and paragraphs: a cell that fills the width of its table, or stands alone, is a paragraph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from gongkai.core.model import Cell, Row
from gongkai.core.text import is_value
from gongkai.readers.limits import within
from gongkai.readers.sheets.places import WIDEST, Area, Place

# Text, and the other texts that it may be.
Shown = tuple[str, tuple[str, ...]]
_LONG = 40


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one sheet holds: cells by row and column, the areas that are merged, and which rows and columns are hidden."""

    cells: dict[Place, Shown] = field(default_factory=dict)
    merged: Sequence[Area] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


class _Line(NamedTuple):
    """One row of a sheet: the cells that show something, and where all its cells begin and end, of which a merged one is there once."""

    filled: tuple[Cell, ...]
    where: str = ""
    columns: Callable[[], Sequence[tuple[int, int]]] = tuple

    @property
    def valued(self) -> bool:
        return any(is_value(c.text) for c in self.filled)


def sheet_rows(sheet: Sheet, number: int, before: int) -> Iterator[Row]:
    """Turn one sheet into rows; neighbouring rows that are no paragraphs are one table."""
    lines = list(_lines(sheet, number))
    table, block = before, list[_Line]()
    for line, prose in zip(lines, _prose(lines), strict=True):
        if line.filled and not prose:
            block.append(line)
            continue
        table += bool(block)
        yield from _table(block, table)
        block = []
        for cell in line.filled:
            yield from (Row((Cell(text, 0, 1, cell.where),)) for text in cell.text.split("\n"))
    yield from _table(block, table + 1)


def _lines(sheet: Sheet, number: int) -> Iterator[_Line]:
    """Yield the rows that show something, and an empty one where others lie between; what a merged cell covers is not there again."""
    filled = {place for place, (text, others) in sheet.cells.items() if text or others}
    bottom, right = max((r for r, _ in filled), default=-1), max((c for _, c in filled), default=-1)
    within("cells", (bottom + 1) * (right + 1))
    ends, moved, covered = _merged(sheet, bottom, right)
    cells = {moved.get(place, place): sheet.cells[place] for place in filled}
    columns = [c for c in range(right + 1) if c not in sheet.hidden_columns]
    last = -1
    seen = sorted((r, c) for r, c in cells if r not in sheet.hidden_rows and c not in sheet.hidden_columns)
    for r, places in groupby(seen, key=itemgetter(0)):
        if any(between not in sheet.hidden_rows for between in range(last + 1, r)):
            yield _Line(())
        where = f"sheet {number} r{r + 1} c"
        shown = ((p, p[1], *cells[p]) for p in places if p not in covered)
        found = tuple(Cell(text, c, ends.get(p, c + 1), f"{where}{c + 1}", others) for p, c, text, others in shown)
        yield _Line(found, where, partial(_columns, r, columns, ends, covered))
        last = r


def _columns(r: int, columns: Sequence[int], ends: Mapping[Place, int], covered: Set[Place]) -> list[tuple[int, int]]:
    return [(c, ends.get((r, c), c + 1)) for c in columns if (r, c) not in covered]


def _merged(sheet: Sheet, bottom: int, right: int) -> tuple[dict[Place, int], dict[Place, Place], set[Place]]:
    """Say where each merged cell ends, where it is shown if its own row or column is hidden, and what it covers."""
    ends: dict[Place, int] = {}
    moved: dict[Place, Place] = {}
    covered: set[Place] = set()
    area = 0
    for top, left, low, end in sheet.merged:
        area = within("cells", area + max(min(low, bottom) + 1 - top, 0) * max(min(end, right) + 1 - left, 0))
        rows = [r for r in range(top, min(low, bottom) + 1) if r not in sheet.hidden_rows]
        columns = [c for c in range(left, min(end, right) + 1) if c not in sheet.hidden_columns]
        if not rows or not columns:
            continue
        first = (rows[0], columns[0])
        moved |= {(top, left): first} if first != (top, left) else {}
        ends[first] = min(end, WIDEST) + 1
        covered |= {(r, c) for r in rows for c in columns if (r, c) != first}
    return ends, moved, covered


def _prose(lines: Sequence[_Line]) -> list[bool]:
    """Say of each row whether it is a paragraph or a heading: one cell, which is long, or as wide as the table, or outside of any."""
    found: list[bool] = []
    for i, line in enumerate(lines):
        inside = i > 0 and bool(lines[i - 1].filled) and not found[i - 1]
        after = lines[i + 1] if i + 1 < len(lines) else None
        alone = len(line.filled) == 1 and not line.valued
        found.append(alone and (not inside or _is_long(line) or _parts(line, lines[i - 1], after)))
    return found


def _parts(line: _Line, before: _Line, after: _Line | None) -> bool:
    """Say whether a cell alone in its row ends the table above it, or stands over the next part of it."""
    return _is_wide(line, before, after) or (_heads(after) and not _is_label(line, before))


def _is_label(line: _Line, before: _Line) -> bool:
    """Say whether a cell alone in its row is a label whose numbers are blank: beside a merged one, or merged as the label above it is."""
    cell = line.filled[0]
    merged = cell.x1 - cell.x0 > 1 and (cell.x0, cell.x1) in {(c.x0, c.x1) for c in before.filled}
    return (cell.x0 > 0 and line.columns()[0][0] == cell.x0) or merged


def _is_long(line: _Line) -> bool:
    text = line.filled[0].text
    return len(text) > _LONG or "。" in text


def _is_wide(line: _Line, before: _Line, after: _Line | None) -> bool:
    """Say whether a cell alone in its row is merged over all the columns that the rows beside it fill."""
    cell = line.filled[0]
    beside = [c for near in (before, after) if near and len(near.filled) > 1 for c in near.filled]
    return cell.x1 - cell.x0 > 1 and cell.x0 <= min((c.x0 for c in beside), default=0) and cell.x1 >= max((c.x1 for c in beside), default=0)


def _heads(after: _Line | None) -> bool:
    """Say whether what follows begins something new: prose, or the heads of a table."""
    if after is None or not after.filled:
        return False
    return _is_long(after) if len(after.filled) == 1 else not after.valued


def _table(block: Sequence[_Line], number: int) -> Iterator[Row]:
    """Turn neighbouring rows into rows of one table, without the columns at its sides in which nothing stands."""
    filled = [c for line in block for c in line.filled]
    left, right = min((c.x0 for c in filled), default=0), max((c.x1 for c in filled), default=0)
    for line in block:
        shown = {c.x0: c for c in line.filled}
        cells = (shown.get(x0) or Cell("", x0, x1, f"{line.where}{x0 + 1}") for x0, x1 in line.columns() if left <= x0 < right)
        yield Row(tuple(cells), number, "grid")
