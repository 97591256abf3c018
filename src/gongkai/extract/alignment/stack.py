"""Heads whose characters stand below each other over several lines -> heads in one row, each where its first line stood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from gongkai.core.model import Cell, Row
from gongkai.core.text import is_value, label_key

_LONGEST = 8
_MOST_LINES = 6
_FEWEST = 3
Piece = tuple[int, Cell]


def stack(rows: Sequence[Row], known: frozenset[str]) -> Iterator[Row]:
    """Put together, in every run of lines of short words parted by spaces, what stands below each other and makes a label of the form."""
    for words, run in groupby(rows, key=_is_words):
        lines = list(run)
        yield from _stacked(lines, known) if words and any(row.kind == "spaces" for row in lines) else lines


def _is_words(row: Row) -> bool:
    return row.kind in ("spaces", "line") and all(len(c.text) <= _LONGEST and not is_value(c.text) for c in row.cells)


def _stacked(lines: Sequence[Row], known: frozenset[str]) -> Iterator[Row]:
    labels = [label for column in _columns(lines) for label in _labels(column, known)]
    if sum(len(label) > 1 for label in labels) < _FEWEST:
        yield from lines
        return
    for i, row in enumerate(lines):
        here = sorted((label for label in labels if label[0][0] == i), key=lambda label: label[0][1].x0)
        cells = tuple(replace(label[0][1], text="".join(c.text for _, c in label)) for label in here)
        if cells:
            yield replace(row, cells=cells, kind="spaces" if len(cells) > 1 else "line")


def _columns(lines: Sequence[Row]) -> list[list[Piece]]:
    """Follow each column downwards: a word belongs below the word that it overlaps most."""
    columns: list[list[Piece]] = []
    for i, row in enumerate(lines):
        for cell in row.cells:
            best = max(columns, key=lambda column: _overlap(column[-1][1], cell), default=None)
            if best is None or _overlap(best[-1][1], cell) <= 0:
                columns.append([(i, cell)])
            else:
                best.append((i, cell))
    return columns


def _overlap(a: Cell, b: Cell) -> int:
    return min(a.x1, b.x1) - max(a.x0, b.x0)


def _labels(column: Sequence[Piece], known: frozenset[str]) -> Iterator[Sequence[Piece]]:
    """Part a column into labels of the form, the longest first; what makes none stands alone."""
    at = 0
    while at < len(column):
        size = next((n for n in range(_MOST_LINES, 1, -1) if label_key("".join(c.text for _, c in column[at : at + n])) in known), 1)
        yield column[at : at + size]
        at += size
