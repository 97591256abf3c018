"""The parts of ruled tables on their pages -> rows: a table that goes on after a page break is one, and so is what the break cuts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gongkai.core.model import Cell, Row
from gongkai.core.text import is_value, ordinal_key
from gongkai.readers.glyphs import Glyph, lines_of, shown_of
from gongkai.readers.pdf.lattice import Lattice

_EDGE = 3.0
_FULL = 2.4
_LONG = 200
_LINE, _FOOT, _HAIR = 1.6, 4.0, 0.05


@dataclass(slots=True)
class Part:
    """The part of a table that stands on one page, with the characters in each cell."""

    page: int
    lattice: Lattice
    glyphs: list[list[Glyph]]


@dataclass(slots=True)
class _Held:
    """One cell of a part: the columns that it covers, and the room that its last line leaves, in letters.

    ``tall`` says that it covers several rows, ``ends`` that it reaches the lower edge of the part.
    """

    text: str
    x0: int
    x1: int
    room: float
    tall: bool
    ends: bool
    alternatives: tuple[str, ...] = ()

    def go_on(self, below: _Held) -> None:
        """Take what stands of the cell on the next page."""
        texts = [_joined(a, b) for a in (self.text, *self.alternatives) for b in (below.text, *below.alternatives)]
        self.text, *others = texts
        self.alternatives = tuple(others)

    @property
    def valued(self) -> bool:
        return bool(self.text) and is_value(self.text)

    @property
    def place(self) -> tuple[int, int]:
        return self.x0, self.x1


def _joined(above: str, below: str) -> str:
    return "\n".join(t for t in (above, below) if t)


@dataclass(slots=True)
class _Printed:
    """One row of a part: the cells that start in it."""

    page: int
    cells: list[_Held]

    @property
    def empty(self) -> bool:
        return not any(c.text or c.alternatives for c in self.cells)

    @property
    def valued(self) -> bool:
        return any(c.valued for c in self.cells)


def parts_of(number: int, lattices: Sequence[Lattice], glyphs: Sequence[Glyph]) -> tuple[list[Part], list[Glyph]]:
    """Give each cell its characters; return the tables in which something stands, and the characters outside of all tables."""
    parts = [Part(number, lattice, [[] for _ in lattice.boxes]) for lattice in lattices]
    over = [_runs_over(lattice, glyphs) for lattice in lattices]
    outside: list[Glyph] = []
    held: list[tuple[Part, int] | None] = []
    for glyph in glyphs:
        part = next((p for p, more in zip(parts, over, strict=True) if p.lattice.holds(glyph.cx, glyph.cy, more)), None)
        held.append((part, part.lattice.box_at(glyph.cx, glyph.cy)) if part else None)
    _take_back(held, glyphs)
    for glyph, place in zip(glyphs, held, strict=True):
        (place[0].glyphs[place[1]] if place else outside).append(glyph)
    return [p for p in parts if any(p.glyphs)], outside


def _runs_over(lattice: Lattice, glyphs: Sequence[Glyph]) -> float:
    """Return how far the text of a row that the page break cuts runs over the end of its rules: a line, the last of the page."""
    end = lattice.ys[-1]
    below = [g for g in glyphs if g.cy > end] if lattice.open_bottom else []
    strip = [g for g in below if g.cy - end <= _LINE * g.size]
    inside = all(lattice.xs[0] <= g.cx <= lattice.xs[-1] for g in strip)
    return _LINE * strip[0].size if strip and inside and all(g in strip or g.cy - end > _FOOT * g.size for g in below) else 0.0


def _take_back(held: list[tuple[Part, int] | None], glyphs: Sequence[Glyph]) -> None:
    """Give a cell back what runs out of it over the text of the cell below: it was written right after what stands in it."""
    by_cell: dict[tuple[int, int], list[int]] = {}
    for i, place in enumerate(held):
        if place:
            by_cell.setdefault((id(place[0]), place[1]), []).append(i)
    for indices in by_cell.values():
        for i in sorted(indices) if _overprinted([glyphs[i] for i in indices]) else ():
            place, before = held[i], held[i - 1] if i else None
            if place and before and before[0] is place[0] and _above(place[0].lattice, before[1], place[1]):
                held[i] = before


def _overprinted(glyphs: Sequence[Glyph]) -> bool:
    """Say whether one character is printed over another: never where each stands behind the one before, or on a line below."""
    if all(b.turn == a.turn and (b.y - a.y > a.size if b.y != a.y else b.x0 >= a.x1 - _HAIR) for a, b in pairwise(glyphs)):
        return False
    return any(b.x0 - a.x1 < -min(a.x1 - a.x0, b.x1 - b.x0) / 2 for line in lines_of(glyphs) for a, b in pairwise(line) if a.text.strip())


def _above(lattice: Lattice, one: int, other: int) -> bool:
    a, b = lattice.boxes[one], lattice.boxes[other]
    return (a.x0, a.x1) == (b.x0, b.x1) and a.y1 == b.y0


def continues(before: Part, after: Part) -> bool:
    """Say whether two parts on pages that follow each other have the same edges; at the left a merged column may be lost."""
    few, many = sorted((before.lattice.xs, after.lattice.xs), key=len)
    edges = [abs(few[i] - many[i]) <= _EDGE for i in (0, -1)]
    return after.page == before.page + 1 and edges[1] and (edges[0] or all(any(abs(x - y) <= _EDGE for y in many) for x in few))


def table_rows(parts: Sequence[Part], number: int) -> Iterator[Row]:
    """Turn the parts of a table into its rows, those that a page break cuts made whole."""
    columns = _united([p.lattice.xs for p in parts])
    rows: list[_Printed] = []
    for before, part in zip([None, *parts], parts, strict=False):
        printed = _printed_rows(part, columns)
        if before and rows and printed:
            _mend_merged(rows, printed[0])
            if _cut(rows[-1], printed[0], before.lattice.open_bottom or part.lattice.open_top):
                rows[-1] = _stitched(rows[-1], printed.pop(0))
        rows += printed
    kept = [r for r in rows if not r.empty]
    last = max((c.x1 for r in kept for c in r.cells if c.text or not any(r.valued for r in kept)), default=0)
    for n, row in enumerate(kept, 1):
        cells = tuple(Cell(c.text, c.x0, c.x1, f"p{row.page} t{number} r{n} c{c.x0 + 1}", c.alternatives) for c in row.cells if c.x0 < last)
        alone = cells[0].text if len(cells) == 1 else ""
        if len(alone) > _LONG:
            yield from (Row((Cell(text, 0, 1, cells[0].where),)) for text in alone.split("\n"))
        else:
            yield Row(cells, number, "grid")


def _united(parts: Sequence[tuple[float, ...]]) -> list[float]:
    """Unite the column positions of a table's parts."""
    united: list[float] = []
    for x in sorted(x for xs in parts for x in xs):
        if not united or x - united[-1] > _EDGE:
            united.append(x)
    return united


def _printed_rows(part: Part, columns: Sequence[float]) -> list[_Printed]:
    """Group the cells of a part by the row in which they start."""
    at = [min(range(len(columns)), key=lambda i: abs(columns[i] - x)) for x in part.lattice.xs]
    end = len(part.lattice.ys) - 1
    rows: Mapping[int, _Printed] = {y: _Printed(part.page, []) for y in range(end)}
    for box, glyphs in zip(part.lattice.boxes, part.glyphs, strict=True):
        width, lines = part.lattice.xs[box.x1] - part.lattice.xs[box.x0], list(lines_of(glyphs))
        text, others = shown_of(lines, width)
        held = _Held(text, at[box.x0], at[box.x1], _room(lines, width), box.y1 - box.y0 > 1, box.y1 == end, others)
        rows[box.y0].cells.append(held)
    return [row for row in rows.values() if row.cells]


def _room(lines: Sequence[Sequence[Glyph]], width: float) -> float:
    """Return how many letters more the last line of a cell could hold."""
    last = [line for line in lines if line[0].turn == 0][-1:]
    return (width - last[0][-1].x1 + last[0][0].x0) / last[0][0].size if last else 0.0


def _mend_merged(rows: Sequence[_Printed], below: _Printed) -> None:
    """Give a merged label that a page break cuts what stands of it on the next page."""
    pairs = [(next((c for row in reversed(rows) for c in row.cells if c.place == cell.place), None), cell) for cell in below.cells]
    begins = any(cell.text and not (above and above.ends) for above, cell in pairs)
    for above, cell in pairs:
        if not above or not above.ends or above.valued or cell.valued:
            continue
        goes_on = above.text and cell.text and not ordinal_key(cell.text) and cell.text != above.text
        if (above.tall and cell.tall and not cell.text) or (goes_on and (above.tall or cell.tall or begins)):
            above.go_on(cell)
            above.ends = cell.ends
            below.cells.remove(cell)


def _cut(above: _Printed, below: _Printed, certain: bool) -> bool:
    """Say whether a page break cuts one row into these two: no cell but a label is in both, and what is there goes on.

    A row without rule at the break is cut for ``certain``; else the last line of a label must be full, or the row below have none.
    """
    if above.empty or below.empty:
        return certain
    pairs = [(a, b) for a in above.cells for b in below.cells if a.place == b.place]
    both = [(a, b) for a, b in pairs if a.text and b.text]
    paired = {id(b) for _, b in pairs}
    if any(b.text and id(b) not in paired for b in below.cells) or any(a.valued or b.valued or ordinal_key(b.text) for a, b in both):
        return False
    if certain:
        return True
    if above.valued and below.valued:
        return False
    label = next((b for a, b in pairs if not a.tall), None)
    return bool(label and not label.text) or (bool(both) and all(a.room <= _FULL for a, _ in both))


def _stitched(above: _Printed, below: _Printed) -> _Printed:
    """Make one row of the two parts of a row."""
    others = {c.place: c for c in below.cells}
    for cell in above.cells:
        other = others.pop(cell.place, None)
        if other:
            cell.go_on(other)
            cell.room, cell.ends = other.room, other.ends
    cells = sorted([*above.cells, *others.values()], key=lambda c: c.x0)
    return _Printed(below.page if above.empty else above.page, cells)
