"""Rules on a page -> tables: rules that touch are one table, boxes with no rule between them are one cell."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gongkai.readers.limits import Tally, within

_TOUCH = 2.0
_JOIN = 3.0
_SHORTEST = 4.0
_MOST = 1500


class Rule(NamedTuple):
    """A straight rule along x or y: where it stands (``at``), and from where to where it runs."""

    at: float
    start: float
    end: float


class GridBox(NamedTuple):
    """One cell of a lattice: columns [x0, x1) and rows [y0, y1)."""

    x0: int
    x1: int
    y0: int
    y1: int


class Lattice(NamedTuple):
    """One table's rules: the positions of its columns and rows, its cells, and whether its first and last rows stand open.

    ``owner`` names the cell that each place (column, row) between the rules belongs to.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    boxes: tuple[GridBox, ...]
    owner: Mapping[tuple[int, int], int]
    open_top: bool
    open_bottom: bool

    def holds(self, x: float, y: float, over: float = 0.0) -> bool:
        """Say whether a point lies inside the table, or no more than ``over`` below it."""
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1] + over

    def box_at(self, x: float, y: float) -> int:
        """Return the index of the cell in which a point lies."""
        column = min(max(bisect_right(self.xs, x) - 1, 0), len(self.xs) - 2)
        return self.owner[column, min(max(bisect_right(self.ys, y) - 1, 0), len(self.ys) - 2)]


def find_tables(across: Sequence[Rule], down: Sequence[Rule], snap: float, crossings: Tally | None = None) -> list[Lattice]:
    """Turn the horizontal and vertical rules of a page into tables, from top to bottom; where they cross is counted.

    Examples
    --------
    >>> across = [Rule(y, 0, 90) for y in (0, 20, 40)]
    >>> table, = find_tables(across, [Rule(0, 0, 40), Rule(30, 20, 40), Rule(90, 0, 40)], 2)
    >>> table.boxes
    (GridBox(x0=0, x1=2, y0=0, y1=1), GridBox(x0=0, x1=1, y0=1, y1=2), GridBox(x0=1, x1=2, y0=1, y1=2))
    """
    groups = list(_touching(joined(across), joined(down), crossings or Tally("pdf_all_crossings")))
    free = [rule for h, v in groups if not h for rule in v]
    found = [_lattice(h, v + _left_edges(free, v), snap) for h, v in groups if h and len(v) > 1]
    return sorted((t for t in found if len(t.xs) > 2), key=lambda t: (t.ys[0], t.xs[0]))


def joined(rules: Sequence[Rule], shortest: float = _SHORTEST) -> list[Rule]:
    """Join the pieces of one rule: borders are drawn cell by cell, or as dots."""
    whole: list[Rule] = []
    for at, start, end in sorted((round(r.at * 2) / 2, r.start, r.end) for r in rules):
        if whole and whole[-1].at == at and start - whole[-1].end <= _JOIN:
            whole[-1] = Rule(at, whole[-1].start, max(end, whole[-1].end))
        else:
            whole.append(Rule(at, start, end))
    long = [r for r in whole if r.end - r.start >= shortest]
    return sorted(long, key=lambda r: r.start - r.end)[:_MOST]


def _touching(across: list[Rule], down: list[Rule], total: Tally) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Group rules that touch, directly or through others."""
    parent = list(range(len(across) + len(down)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    ordered = sorted((v.at, j) for j, v in enumerate(down, len(across)))
    crossings = 0
    for i, h in enumerate(across):
        first, last = (bisect_right(ordered, (at, 0)) for at in (h.start - _TOUCH, h.end + _TOUCH))
        for _, j in ordered[first:last]:
            v = down[j - len(across)]
            if v.start - _TOUCH <= h.at <= v.end + _TOUCH:
                parent[root(i)] = root(j)
                crossings += 1
        within("pdf_crossings", crossings)
    total.add(crossings)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for i, rule in enumerate(across + down):
        groups[root(i)][i >= len(across)].append(rule)
    yield from groups.values()


def _left_edges(free: Sequence[Rule], down: Sequence[Rule]) -> list[Rule]:
    """Return the vertical rules at the left of a table that touch nothing: a cell there goes over the whole page.

    Rules at both sides are a frame around the table.
    """
    top, bottom = min(v.start for v in down), max(v.end for v in down)
    beside = [f for f in free if min(f.end, bottom) - max(f.start, top) > max(f.end - f.start, bottom - top) / 2]
    return [] if any(f.at > max(v.at for v in down) for f in beside) else beside


def _lattice(across: list[Rule], down: list[Rule], snap: float) -> Lattice:
    """Lay the lattice of one table; where its outer rules are missing, the ends of the others stand for them."""
    xs = _snapped([v.at for v in down] + [min(h.start for h in across), max(h.end for h in across)], snap)
    ys = _snapped([h.at for h in across] + [min(v.start for v in down), max(v.end for v in down)], snap)
    h_edges = {(_nearest(ys, h.at), i) for h in across for i in _covered(xs, h)}
    v_edges = {(_nearest(xs, v.at), j) for v in down for j in _covered(ys, v)}
    top, bottom = ({(y, i) for i in range(len(xs) - 1)} for y in (0, len(ys) - 1))
    boxes, owner = _boxes(len(xs) - 1, len(ys) - 1, h_edges, v_edges)
    return Lattice(xs, ys, boxes, owner, not top <= h_edges, not bottom <= h_edges)


def _snapped(positions: list[float], snap: float) -> tuple[float, ...]:
    """Make one position of those nearer to each other than ``snap``."""
    groups: list[list[float]] = []
    for p in sorted(positions):
        if groups and p - groups[-1][-1] <= snap:
            groups[-1].append(p)
        else:
            groups.append([p])
    return tuple(sum(g) / len(g) for g in groups)


def _nearest(positions: Sequence[float], at: float) -> int:
    return min(range(len(positions)), key=lambda i: abs(positions[i] - at))


def _covered(positions: Sequence[float], rule: Rule) -> Iterator[int]:
    """Yield the stretches between positions that a rule runs along for more than half."""
    for i in range(len(positions) - 1):
        a, b = positions[i], positions[i + 1]
        if min(rule.end, b) - max(rule.start, a) > (b - a) / 2:
            yield i


def _boxes(
    columns: int, rows: int, h_edges: set[tuple[int, int]], v_edges: set[tuple[int, int]]
) -> tuple[tuple[GridBox, ...], dict[tuple[int, int], int]]:
    """Return the cells, row by row, and which of them each place belongs to: places with no rule between them are one cell."""
    boxes: list[GridBox] = []
    owner: dict[tuple[int, int], int] = {}
    for y in range(rows):
        for x in range(columns):
            if (x, y) not in owner:
                cell = _grown((x, y), columns, rows, h_edges, v_edges)
                owner |= dict.fromkeys(cell, len(boxes))
                first = [i for i, j in cell if j == y]
                boxes.append(GridBox(min(first), max(first) + 1, y, max(j for _, j in cell) + 1))
    return tuple(boxes), owner


def _grown(
    start: tuple[int, int], columns: int, rows: int, h_edges: set[tuple[int, int]], v_edges: set[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Return the places that can be reached from one without crossing a rule."""
    cell, edge = {start}, [start]
    while edge:
        i, j = edge.pop()
        ways = (((i + 1, j), (i + 1, j) in v_edges), ((i - 1, j), (i, j) in v_edges),
                ((i, j + 1), (j + 1, i) in h_edges), ((i, j - 1), (j, i) in h_edges))  # fmt: skip
        for (a, b), ruled in ways:
            if not ruled and 0 <= a < columns and 0 <= b < rows and (a, b) not in cell:
                cell.add((a, b))
                edge.append((a, b))
    return cell
