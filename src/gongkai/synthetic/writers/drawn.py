"""A table drawn with lines, as text browsers do: merged cells are one field, long labels are broken inside theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.core.messages import places
from gongkai.forms.layout import Sheet, placed, reach

_WIDEST, _NARROW = 38, 10
# By what meets in a corner: above, below, left, right.
_CORNERS = {
    "0101": "┌", "0111": "┬", "0110": "┐", "1101": "├", "1111": "┼", "1110": "┤", "1001": "└", "1011": "┴", "1010": "┘",
    "0011": "─", "1100": "│", "0000": " ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _PlacedBox:
    """One cell: rows [r0, r1), columns [c0, c1), its text, and how wide its lines may be."""

    r0: int
    r1: int
    c0: int
    c1: int
    text: str
    most: int


def draw(sheet: Sheet) -> list[str]:
    """Draw a table.

    Examples
    --------
    >>> from gongkai.forms.layout import Box
    >>> print("\\n".join(draw(((Box("规章", rows=2), Box("甲"), Box("")), (Box("3", columns=2),)))))
    ┌────┬──┬──┐
    │    │甲│  │
    │规章├──┴──┤
    │    │3    │
    └────┴─────┘
    """
    fields = _placed_boxes(sheet)
    rows, columns = len(sheet), max(reach(sheet))
    widths = _sizes([(f.c0, f.c1, max(min(places(f.text), f.most), *map(places, _unbroken_pieces(f.text)), 2)) for f in fields], columns)
    lines = {f: _broken(f.text, sum(widths[f.c0 : f.c1]) + f.c1 - f.c0 - 1) for f in fields}
    heights = _sizes([(f.r0, f.r1, len(lines[f])) for f in fields], rows)
    across, down = (_starts(sizes) for sizes in (widths, heights))
    canvas = [[" "] * (across[-1] + 1) for _ in range(down[-1] + 1)]
    edges: set[tuple[int, int, str]] = set()
    for f in fields:
        top, left, bottom, right = down[f.r0], across[f.c0], down[f.r1], across[f.c1]
        edges |= {(y, x, side) for y in (top, bottom) for x in range(left, right) for side in "─"}
        edges |= {(y, x, side) for x in (left, right) for y in range(top, bottom) for side in "│"}
        _write_lines(canvas, lines[f], top + 1 + (bottom - top - 1 - len(lines[f])) // 2, left + 1)
    _rule(canvas, edges)
    return ["".join(line) for line in canvas]


def _placed_boxes(sheet: Sheet) -> list[_PlacedBox]:
    valued = {x for row in placed(sheet) for x, box in row if box.path}
    return [
        _PlacedBox(r, min(r + box.rows, len(sheet)), x, x + box.columns, box.text, _WIDEST if box.path or x not in valued else _NARROW)
        for r, row in enumerate(placed(sheet))
        for x, box in row
    ]


def _sizes(spans: Sequence[tuple[int, int, int]], count: int) -> list[int]:
    """Return the size of each row or column that holds all cells; a cell over several adds what is missing to its last."""
    sizes = [1] * count
    for a, b, needed in sorted(spans, key=lambda s: s[1] - s[0]):
        sizes[b - 1] += max(0, needed - sum(sizes[a:b]) - (b - a - 1))
    return sizes


def _starts(sizes: Sequence[int]) -> list[int]:
    """Return where each row or column begins: a rule stands before each, and one at the end."""
    starts = [0]
    for size in sizes:
        starts.append(starts[-1] + size + 1)
    return starts


def _write_lines(canvas: list[list[str]], lines: Sequence[str], y: int, x: int) -> None:
    for row, line in enumerate(lines, y):
        at = x
        for character in line:
            canvas[row][at] = character
            if places(character) == 2:
                canvas[row][at + 1] = ""
            at += places(character)


def _rule(canvas: list[list[str]], edges: set[tuple[int, int, str]]) -> None:
    """Draw the rules, a corner wherever they meet."""
    for y, x in (
        {(y, x) for y, x, _ in edges} | {(y, x + 1) for y, x, s in edges if s == "─"} | {(y + 1, x) for y, x, s in edges if s == "│"}
    ):
        meets = ((y - 1, x, "│"), (y, x, "│"), (y, x - 1, "─"), (y, x, "─"))
        canvas[y][x] = _CORNERS["".join(str(int(m in edges)) for m in meets)]


def _broken(text: str, most: int) -> list[str]:
    """Break a text into lines that are no wider than the field; a number is never broken."""
    lines: list[str] = []
    line = ""
    for word in _unbroken_pieces(text):
        if line and places(line + word) > most:
            lines, line = [*lines, line.rstrip()], word.lstrip()
        else:
            line += word
    return [*lines, line]


def _unbroken_pieces(text: str) -> list[str]:
    return re.findall(r"\s*(?:[\x21-\x7e]+|.)", text) or [""]
