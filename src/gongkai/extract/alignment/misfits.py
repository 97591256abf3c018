"""Rows that do not fit their table, which are too long or too short, or print where none of the others does -> what each can be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, islice, pairwise, product

from gongkai.core.model import Cell
from gongkai.core.text import MARKS, plain
from gongkai.extract.alignment.strips import Strip

MOST_READINGS = 4000
SURPLUS = 3


def misfit(strip: Strip, cells: Sequence[Cell]) -> tuple[Sequence[Sequence[Cell]], str]:
    """Return the cells that a row can be read from, and why they are in doubt; none where it fits its table."""
    n = len(strip.fields)
    if elsewhere := _out_of_place(strip, cells):
        return [moved for kept in elsewhere for moved in _without_rest(strip, kept)], "surplus"
    if strip.nameless or strip.kind not in ("grid", "tabs"):
        return [], ""
    if len(cells) == n and has_gaps(cells) and not any(c.alternatives for c in cells):
        apart = [t for c in cells for t in tokens_of(c)] if strip.kind == "tabs" else []
        return [*islice(product(*map(_meant, cells)), MOST_READINGS), *([apart] if len(apart) == n else [])], "gap"
    return [], ""


def _without_rest(strip: Strip, cells: Sequence[Cell]) -> list[list[Cell]]:
    """Put an empty cell that a merged label may have left wherever one may have been lost."""
    return with_first_lost(cells) if strip.rest and not cells[0].text.strip() else [list(cells)]


def with_one_lost(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Put the empty cell at the end of a row wherever one may have been lost; it may also stand where it is."""
    n = len(cells)
    return [[*cells[:i], replace(cells[-1], where=cells[i].where), *cells[i:-1]] for i in range(n - 1, -1, -1)]


def with_first_lost(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Put the empty cell at the beginning of a row wherever one may have been lost behind what a merged label left there."""
    return [[*cells[1 : i + 1], replace(cells[0], where=cells[i].where), *cells[i + 1 :]] for i in range(len(cells))]


def _out_of_place(strip: Strip, own: Sequence[Cell]) -> list[Sequence[Cell]]:
    """Return what a row can be that is longer than the others of its table, or that prints where none of them does."""
    n, filled = len(strip.fields), [c for c in own if c.text.strip()]
    cells = _from_first_column(strip, own)
    if strip.kind not in ("grid", "tabs") or not filled or len(cells) <= n:
        return []
    if strip.kind == "tabs" and has_gaps(cells) and sum(len(tokens_of(c)) for c in cells) == n:  # two numbers in one cell, and no other
        return []
    if len(filled) == n == len(core_of(cells)) and (n > 1 or filled[0] is cells[0]):  # blanks around what is whole, or behind it
        return []
    if not strip.layout.padded or cells[-1].x1 > strip.layout.end > 0:
        return _shortened(cells, n)
    places = {(c.x0, c.x1) for c in cells}
    if strip.pattern and strip.pattern[0] in places and not {(c.x0, c.x1) for c in filled} <= set(strip.pattern):
        return _shortened(cells[: max(n, cells.index(filled[-1]) + 1)], n)  # blanks behind fill the row up
    return []


def _from_first_column(strip: Strip, cells: Sequence[Cell]) -> Sequence[Cell]:
    """Leave out the empty cells between a label and the first column: a merged label covers them."""
    first = next((i for i, c in enumerate(cells) if strip.pattern and (c.x0, c.x1) == strip.pattern[0]), 0)
    return cells if any(c.text.strip() for c in cells[:first]) else cells[first:]


def _shortened(cells: Sequence[Cell], n: int) -> list[Sequence[Cell]]:
    """Leave out as many cells as there are too many, any of them; or join two in which one number may have been split."""
    if len(cells) - n > SURPLUS:
        return []
    pairs = enumerate(pairwise(cells)) if len(cells) == n + 1 else ()
    joined = [(i, replace(a, text=a.text + b.text)) for i, (a, b) in pairs if re.fullmatch(r"[1-9]\d*", a.text) and b.text.isdigit()]
    return [*combinations(cells, n), *([*cells[:i], whole, *cells[i + 2 :]] for i, whole in joined)]


def _meant(cell: Cell) -> list[Cell]:
    """Return what a cell of a grid can mean in which spaces part digits: one number, or any of them."""
    tokens = tokens_of(cell)
    return [replace(cell, text="".join(t.text for t in tokens), alternatives=()), *tokens] if len(tokens) > 1 else [cell]


def core_of(cells: Sequence[Cell]) -> list[Cell]:
    """Drop the blanks before the first printed cell and after the last."""
    filled = [i for i, c in enumerate(cells) if c.text.strip()]
    return list(cells[filled[0] : filled[-1] + 1]) if filled else []


def has_gaps(cells: Sequence[Cell]) -> bool:
    """Say whether white space parts two numbers in one cell."""
    return any(len(tokens_of(c)) > 1 for c in cells)


def tokens_of(cell: Cell) -> list[Cell]:
    """Part a cell into the numbers that white space parts in it."""
    words = plain(cell.text).split()
    known = not cell.alternatives or "".join(words) in cell.alternatives
    if len(words) > 1 and known and all(re.fullmatch(r"[\d,]+", w) or w in MARKS for w in words):
        return [replace(cell, text=w, alternatives=()) for w in words]
    return [cell] if words else []
