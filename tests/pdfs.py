"""Small PDFs for the tests, drawn mark by mark: texts and rules in points from the upper left corner of a page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

WIDTH, HEIGHT = 595, 842
FONT = files("gongkai.studies") / "fonts" / "GongkaiSansSC-Regular.otf"


class Text(NamedTuple):
    x: float
    y: float
    text: str
    size: float = 10
    turn: int = 0


class Rule(NamedTuple):
    x0: float
    y0: float
    x1: float
    y1: float


Mark = Text | Rule
Cell = str | tuple[str, int, int]


def pdf(*pages: Sequence[Mark]) -> bytes:
    """Draw pages of marks."""
    import matplotlib
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.lines import Line2D

    out, font = io.BytesIO(), FontProperties(fname=str(FONT))
    with matplotlib.rc_context({"pdf.fonttype": 3}), PdfPages(out) as book:
        for marks in pages:
            figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
            for mark in marks:
                if isinstance(mark, Text):
                    at = (mark.x / WIDTH, 1 - mark.y / HEIGHT)
                    figure.text(*at, mark.text, fontproperties=font, size=mark.size, rotation=mark.turn, ha="left", va="baseline")
                else:
                    xs, ys = (mark.x0 / WIDTH, mark.x1 / WIDTH), (1 - mark.y0 / HEIGHT, 1 - mark.y1 / HEIGHT)
                    figure.add_artist(Line2D(xs, ys, linewidth=0.5, color="black", solid_capstyle="butt"))
            book.savefig(figure)
    return out.getvalue()


def table(lines: Sequence[Sequence[Cell]], widths: Sequence[float], x: float = 60, y: float = 100, height: float = 20) -> list[Mark]:
    """Draw a ruled table; a cell is its text, or (text, columns, rows), and ``\\n`` begins another line in it."""
    edges = [x + sum(widths[:i]) for i in range(len(widths) + 1)]
    tall = [max(height, max((12 * _text(c).count("\n") + 20 for c in line if _rows(c) == 1), default=0)) for line in lines]
    tops = [y + sum(tall[:i]) for i in range(len(lines) + 1)]
    marks: list[Mark] = []
    taken: set[tuple[int, int]] = set()
    for r, line in enumerate(lines):
        at = 0
        for cell in line:
            while (r, at) in taken:
                at += 1
            columns, rows = (1, 1) if isinstance(cell, str) else cell[1:]
            taken |= {(r + j, at + i) for j in range(rows) for i in range(columns)}
            marks += _box(edges[at], tops[r], edges[at + columns], tops[r + rows])
            marks += [Text(edges[at] + 2, tops[r] + 14 + 12 * n, t) for n, t in enumerate(_text(cell).split("\n")) if t]
    return marks


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell[0]


def _rows(cell: Cell) -> int:
    return 1 if isinstance(cell, str) else cell[2]


def _box(x0: float, y0: float, x1: float, y1: float) -> list[Mark]:
    return [Rule(x0, y0, x1, y0), Rule(x0, y1, x1, y1), Rule(x0, y0, x0, y1), Rule(x1, y0, x1, y1)]
