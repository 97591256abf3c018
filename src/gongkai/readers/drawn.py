"""Tables that a text browser draws with lines: cells that span rows and columns, and labels that run over several lines."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, groupby, pairwise
from operator import attrgetter

from gongkai.core.model import Cell, Row
from gongkai.core.text import is_value, width

BARS = frozenset("│┃║|")
_CORNERS = frozenset("┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛╔╦╗╠╬╣╚╩╝+")
_RULES = frozenset("─━═-")
_SNAP = 3


@dataclass(slots=True)
class _Open:
    """A cell that is being read: where it starts, its columns, its lines so far."""

    line: int
    x0: int
    x1: int
    texts: list[str] = field(default_factory=list)


def is_drawn(line: str) -> bool:
    """Say whether a line belongs to a drawn table.

    Examples
    --------
    >>> is_drawn("├───┼──┤"), is_drawn("│规章│0│"), is_drawn("规章 | 0")
    (True, True, False)
    """
    return any(c in "─━═│┃║├┼┤┌└" for c in line)


def drawn_rows(lines: Sequence[tuple[int, str]]) -> Iterator[Row]:
    """Turn the numbered lines of one drawn table into rows of its grid, a cell where it starts."""
    edges = _edges(lines)
    done: list[_Open] = []
    cells: dict[tuple[int, int], _Open] = {}
    for number, line in lines:
        segments = list(_segments(line, edges))
        for x0, x1, text in segments:
            if text is not None:
                cells.setdefault((x0, x1), _Open(number, x0, x1)).texts.append(text)
        done += [cells.pop(key) for key in _closed(list(cells), [(x0, x1) for x0, x1, text in segments if text is None])]
    done += cells.values()
    for line_number, row in groupby(sorted(done, key=attrgetter("line", "x0")), key=attrgetter("line")):
        where = f"line {line_number}"
        yield Row(tuple(Cell(_joined(c.texts), c.x0, c.x1, f"{where} c{i}") for i, c in enumerate(row, 1)), 0, "grid")


def _closed(cells: Sequence[tuple[int, int]], rules: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the cells below which a rule stands; rules follow each other from left to right."""
    return [(x0, x1) for x0, x1 in cells if (n := bisect_left(rules, (x1,))) and x0 < rules[n - 1][1]]


def _joined(texts: Sequence[str]) -> str:
    """Join the lines of a cell: what a line end parts is Chinese and needs no space; two numbers below each other are not one."""
    lines = [line for t in texts if (line := t.strip())]
    return (" " if all(map(is_value, lines)) else "").join(lines)


def _edges(lines: Sequence[tuple[int, str]]) -> list[int]:
    """Return the columns where vertical lines stand, as the corners of the rules show them."""
    rules = [line for _, line in lines if not _RULES.isdisjoint(line)]
    return sorted({at for line in rules for at, c in _columns(line) if c in _CORNERS})


def _columns(line: str, doubtful: int = 2) -> Iterator[tuple[int, str]]:
    """Yield each character with its display column."""
    return zip(accumulate((_width(c, doubtful) for c in line), initial=0), line, strict=False)


@cache
def _width(character: str, doubtful: int) -> int:
    """Return how many columns a character takes; the lines themselves are one column wide."""
    if character in BARS or character in _CORNERS or character in _RULES:
        return 1
    return width(character, doubtful)


def _segments(line: str, edges: Sequence[int]) -> Iterator[tuple[int, int, str | None]]:
    """Part a line at its vertical lines: (x0, x1, text), the text None where a rule closes the cells above."""
    for (i, a), (j, b) in pairwise(_cuts(line, edges)):
        inner = line[i + 1 : j]
        yield _snapped(a, edges), _snapped(b, edges), None if inner and all(c in _RULES for c in inner) else inner


def _cuts(line: str, edges: Sequence[int]) -> list[tuple[int, int]]:
    """Return where a line is cut and in which column: a character of doubtful width is as wide as the edges say."""
    known = frozenset(edges)
    if known and all(at in known for at, c in _columns(line) if c in BARS or c in _CORNERS):
        return [(i, at) for i, (at, c) in enumerate(_columns(line)) if c in BARS or c in _CORNERS]
    tried = [[(i, at) for i, (at, c) in enumerate(_columns(line, n)) if c in BARS or c in _CORNERS] for n in (1, 2)]
    return min(tried, key=lambda cuts: sum(at not in known for _, at in cuts))


def _snapped(at: int, edges: Sequence[int]) -> int:
    """A character of another width moves a bar by a column or two; it still belongs to the nearest edge."""
    n = bisect_left(edges, at)
    near = min(edges[max(n - 1, 0) : n + 1], key=lambda e: abs(e - at), default=at)
    return near if abs(near - at) <= _SNAP else at
