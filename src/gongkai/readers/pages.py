"""Pages of characters and rules -> rows: tables that go on after a page break are one, and so are the rows that it cuts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gongkai.model import Cell, Row
from gongkai.readers.glyphs import Glyph, Piece, lines_of, text_of
from gongkai.readers.lattice import Lattice, Rule, find_tables
from gongkai.readers.spaced import arranged
from gongkai.text import is_page_mark, is_value, ordinal_key

_SNAP, _SNAP_EM = 2.0, 0.35
_EDGE = 3.0
_FULL = 2.4
_LONG, _SHORT = 200, 40
_UNITS = 2
_MARGIN = 3
_OFTEN = 0.6


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its characters, its horizontal and vertical rules, in points from its upper left corner."""

    glyphs: tuple[Glyph, ...]
    across: tuple[Rule, ...]
    down: tuple[Rule, ...]


@dataclass(slots=True)
class _Part:
    """The part of a table that stands on one page: the text of each cell, and the room that its last line leaves, in letters."""

    page: int
    lattice: Lattice
    glyphs: list[list[Glyph]]
    texts: list[str] = field(default_factory=list)
    room: list[float] = field(default_factory=list)


@dataclass(slots=True)
class _Line:
    """One line outside the tables."""

    page: int
    y: float
    pieces: list[Piece]
    row: bool

    @property
    def text(self) -> str:
        return " ".join(p.text for p in self.pieces)


def rows_of(pages: Sequence[Page]) -> Iterator[Row]:
    """Turn pages into rows and lines in reading order."""
    blocks = _without_running([list(_blocks(page, number)) for number, page in enumerate(pages, 1)])
    chains = _chains(blocks)
    table = 0
    lines: Counter[int] = Counter()
    for page in blocks:
        for block in page:
            if isinstance(block, _Line):
                lines[block.page] += 1
                yield _line_row(block, lines[block.page])
            elif id(block) in chains:
                table += 1
                yield from _table_rows(chains[id(block)], table)


def _blocks(page: Page, number: int) -> Iterator[_Part | _Line]:
    """Yield the tables and lines of a page from top to bottom."""
    sizes = sorted(g.size for g in page.glyphs)
    size = sizes[len(sizes) // 2] if sizes else 0.0
    tables = [_Part(number, t, [[] for _ in t.boxes]) for t in find_tables(page.across, page.down, max(_SNAP, _SNAP_EM * size))]
    outside: list[Glyph] = []
    for glyph in page.glyphs:
        part = next((t for t in tables if t.lattice.holds(glyph.cx, glyph.cy)), None)
        if part:
            part.glyphs[part.lattice.box_at(glyph.cx, glyph.cy)].append(glyph)
        else:
            outside.append(glyph)
    lines = [_Line(number, line.y, line.pieces, line.row) for line in arranged(list(lines_of(outside)))]
    found: list[_Part | _Line] = [_filled(t) for t in tables if any(t.glyphs)]
    yield from sorted(found + lines, key=_top)


def _top(block: _Part | _Line) -> float:
    return block.y if isinstance(block, _Line) else block.lattice.ys[0]


def _filled(part: _Part) -> _Part:
    """Read the text of each cell."""
    xs = part.lattice.xs
    for box, glyphs in zip(part.lattice.boxes, part.glyphs, strict=True):
        part.texts.append(text_of(glyphs))
        last = [line for line in lines_of(glyphs) if line[0].turn == 0][-1:]
        room = (xs[box.x1] - xs[box.x0] - last[0][-1].x1 + last[0][0].x0) / last[0][0].size if last else 0.0
        part.room.append(room)
    return part


def _without_running(pages: list[list[_Part | _Line]]) -> list[list[_Part | _Line]]:
    """Leave out the heads and feet that most pages repeat; they would stand in the middle of a sentence."""

    def key(line: _Line) -> tuple[str, int]:
        return re.sub(r"\d+", "0", line.text), round(line.y / _EDGE)

    edges = [[b for b in (*page[:_MARGIN], *page[-_MARGIN:]) if isinstance(b, _Line)] for page in pages]
    counted = Counter(k for edge in edges for k in {key(b) for b in edge})
    often = {k for k, n in counted.items() if n > 1 and n >= _OFTEN * len(pages) and not is_page_mark(k[0])}
    return [[b for b in page if not (isinstance(b, _Line) and key(b) in often)] for page in pages]


def _chains(pages: Sequence[Sequence[_Part | _Line]]) -> dict[int, list[_Part]]:
    """Put together the parts of each table, under its first."""
    chains: dict[int, list[_Part]] = {}
    open_chain: list[_Part] | None = None
    for page in pages:
        body = [b for b in page if isinstance(b, _Part) or not is_page_mark(b.text)]
        for index, block in enumerate(body):
            if not isinstance(block, _Part):
                continue
            if index == 0 and open_chain and _continues(open_chain[-1], block):
                chain = open_chain
                chain.append(block)
            else:
                chain = chains[id(block)] = [block]
            open_chain = chain if index == len(body) - 1 else None
        if not body or not isinstance(body[-1], _Part):
            open_chain = None
    return chains


def _continues(before: _Part, after: _Part) -> bool:
    """Say whether two parts have the same outer edges on pages that follow each other."""
    a, b = before.lattice.xs, after.lattice.xs
    return after.page == before.page + 1 and abs(a[0] - b[0]) <= _EDGE and abs(a[-1] - b[-1]) <= _EDGE


@dataclass(slots=True)
class _Printed:
    """One row of a part: the cells that start in it, and the room after the last line of each."""

    cells: list[Cell]
    room: list[float]
    page: int

    @property
    def empty(self) -> bool:
        return not any(c.text for c in self.cells)

    @property
    def valued(self) -> bool:
        return any(c.text and is_value(c.text) for c in self.cells)


def _table_rows(parts: Sequence[_Part], number: int) -> Iterator[Row]:
    """Turn the parts of a table into its rows, those that a page break cuts made whole."""
    columns = _columns([p.lattice.xs for p in parts])
    rows: list[_Printed] = []
    for before, part in zip([None, *parts], parts, strict=False):
        printed = _printed_rows(part, columns)
        if before and rows and printed and _cut(rows[-1], printed[0], before.lattice.open_bottom or part.lattice.open_top):
            rows[-1] = _stitched(rows[-1], printed.pop(0))
        rows += printed
    kept = [r for r in rows if not r.empty]
    last = max((c.x1 for r in kept for c in r.cells if c.text), default=0)
    for n, row in enumerate(kept, 1):
        cells = tuple(replace(c, where=f"p{row.page} t{number} r{n} c{c.x0 + 1}") for c in row.cells if c.x0 < last)
        alone = cells[0].text if len(cells) == 1 else ""
        if len(alone) > _LONG:
            yield from (Row((Cell(text, 0, 1, cells[0].where),)) for text in alone.split("\n"))
        else:
            yield Row(cells, number, "grid")


def _columns(parts: Sequence[tuple[float, ...]]) -> list[float]:
    """Unite the column positions of a table's parts."""
    united: list[float] = []
    for x in sorted(x for xs in parts for x in xs):
        if not united or x - united[-1] > _EDGE:
            united.append(x)
    return united


def _printed_rows(part: _Part, columns: Sequence[float]) -> list[_Printed]:
    """Group the cells of a part by the row in which they start."""
    at = [min(range(len(columns)), key=lambda i: abs(columns[i] - x)) for x in part.lattice.xs]
    rows: dict[int, _Printed] = {}
    for box, text, room in zip(part.lattice.boxes, part.texts, part.room, strict=True):
        row = rows.setdefault(box.y0, _Printed([], [], part.page))
        row.cells.append(Cell(text, at[box.x0], at[box.x1], ""))
        row.room.append(room)
    return [rows[y] for y in sorted(rows)]


def _cut(above: _Printed, below: _Printed, certain: bool) -> bool:
    """Say whether a page break cuts one row into these two: no cell but a label is in both, and what is there goes on."""
    if above.empty or below.empty:
        return certain
    if above.valued and below.valued and not certain:
        return False
    pairs = [(a, room, b) for a, room in zip(above.cells, above.room, strict=True) for b in below.cells if (a.x0, a.x1) == (b.x0, b.x1)]
    both = [(a, room, b) for a, room, b in pairs if a.text and b.text]
    if any(is_value(a.text) or is_value(b.text) or ordinal_key(b.text) or room > _FULL for a, room, b in both):
        return False
    paired = {id(b) for _, _, b in pairs}
    return bool(both) or (certain and all(id(b) in paired for b in below.cells if b.text))


def _stitched(above: _Printed, below: _Printed) -> _Printed:
    """Make one row of the two parts of a row."""
    by_place = {(c.x0, c.x1): c for c in below.cells}
    cells, room = [], []
    for cell, left in zip(above.cells, above.room, strict=True):
        other = by_place.pop((cell.x0, cell.x1), None)
        cells.append(replace(cell, text="\n".join(t for t in (cell.text, other.text if other else "") if t)))
        room.append(left)
    cells += by_place.values()
    room += [0.0] * len(by_place)
    order = sorted(range(len(cells)), key=lambda i: cells[i].x0)
    page = below.page if above.empty else above.page
    return _Printed([cells[i] for i in order], [room[i] for i in order], page)


def _line_row(line: _Line, number: int) -> Row:
    """Turn a line into one cell, or into cells that wide gaps part, where they are no words of a sentence."""
    where = f"p{line.page} line {number}"
    short = all(len(p.text) <= _SHORT and "。" not in p.text for p in line.pieces)
    if len(line.pieces) > 1 and (line.row or (short and len(line.pieces) > 2)):
        cells = (Cell(p.text, round(p.x0 * _UNITS), round(p.x1 * _UNITS), f"{where} c{i}") for i, p in enumerate(line.pieces, 1))
        return Row(tuple(cells), 0, "spaces")
    return Row((Cell(line.text, 0, 1, where),))
