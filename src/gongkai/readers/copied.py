"""A table copied from a browser as text: each paragraph on a line of its own, a tab between two cells, empty lines between two rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gongkai.core.model import Cell, Row
from gongkai.core.shown import Look, shown_text
from gongkai.core.text import is_value

# As many tabs alone on their lines as one small table has.
_FEWEST_TABS = 5
_NEVER = 1_000_000
_HEADING = re.compile(r"[一二三四五六七]、|（[一二三四五六七八九]）")
_LONG = 40
# Parts of one head that stand below each other are this short: 商业 / 企业.
_PART = 6


@dataclass(frozen=True, slots=True)
class _Token:
    """A tab (no text) or a paragraph, and how many lines end between it and the token before."""

    text: str
    line: int
    gap: int

    @property
    def ends_table(self) -> bool:
        return bool(_HEADING.match(self.text)) or len(self.text) > _LONG


def is_copied(lines: Sequence[tuple[int, str]]) -> bool:
    """Say whether tabs on lines of their own part the cells.

    Examples
    --------
    >>> is_copied(list(enumerate(["规章", *["\\t", "0"] * 5]))), is_copied([(1, "规章\\t0\\t0")])
    (True, False)
    """
    alone = sum("\t" in line and not line.strip() for _, line in lines)
    return alone >= _FEWEST_TABS and alone > sum("\t" in line.strip() for _, line in lines)


def copied_rows(lines: Sequence[tuple[int, str]], row_of: Callable[[str, str], Iterator[Row]]) -> Iterator[Row]:
    """Turn numbered lines into rows; what stands in no row of several cells is read as the lines that it is."""
    tokens = list(_tokens(lines))
    apart = _apart(tokens)
    row: list[list[_Token]] = [[]]
    for token in tokens:
        if token.gap >= apart:
            yield from _rows(row, row_of, apart == _NEVER)
            row = [[]]
        if token.text:
            row[-1].append(token)
        else:
            row.append([])
    yield from _rows(row, row_of, apart == _NEVER)


def _tokens(lines: Sequence[tuple[int, str]]) -> Iterator[_Token]:
    gap = 0
    for number, line in lines:
        for i, piece in enumerate(line.split("\t")):
            if i:
                yield _Token("", number, gap)
                gap = 0
            if text := " ".join(piece.split()):
                yield _Token(text, number, gap)
                gap = 0
        gap += 1


def _apart(tokens: Sequence[_Token]) -> int:
    """Return how many line ends part two rows: one more than stand before and behind a tab together; never, where no row is parted so."""
    pairs = list(zip(tokens, tokens[1:], strict=False))
    before = Counter(b.gap for a, b in pairs if a.text and not b.text)
    after = Counter(b.gap for a, b in pairs if b.text and not a.text)
    apart = 1 + sum(c.most_common(1)[0][0] for c in (before, after) if c)
    return apart if sum(t.gap >= apart for t in tokens) >= 2 else _NEVER


def _rows(row: Sequence[list[_Token]], row_of: Callable[[str, str], Iterator[Row]], dense: bool) -> Iterator[Row]:
    """Part a run of cells where its table ends within a cell, since the text behind a table begins no row."""
    cells: list[list[_Token]] = []
    for i, cell in enumerate(row):
        end = _end(cell, cells, dense) if cells else 0
        if cells:
            cells.append(cell[:end])
        if end < len(cell) or not cells:
            yield from _made(cells, row_of, dense)
            lead, own = _lead(cell[end:], dense) if i < len(row) - 1 else (cell[end:], [])
            yield from (r for t in lead for r in row_of(t.text, f"line {t.line}"))
            cells = [own] if own or not lead else []
    yield from _made(cells, row_of, dense)


def _made(cells: Sequence[Sequence[_Token]], row_of: Callable[[str, str], Iterator[Row]], dense: bool) -> Iterator[Row]:
    """Make a row; where no empty lines part the rows, one of words alone may be several, and each paragraph stays a line."""
    if dense and not any(not c or is_value(c[0].text) for c in cells):
        yield from (r for cell in cells for t in cell for r in row_of(t.text, f"line {t.line}"))
    elif len(cells) > 1:
        line = next((c[0].line for c in cells if c), 0)
        yield Row(tuple(_cell(c, x, c[0].line if c else line) for x, c in enumerate(cells)), 0, "tabs")


def _lead(cell: list[_Token], dense: bool) -> tuple[list[_Token], list[_Token]]:
    """Part the paragraphs before a row from its first cell."""
    if len(cell) > 1 and (_upright(cell) == len(cell) if dense else all(len(t.text) <= _PART for t in cell)):
        return [], cell
    return cell[:-1], cell[-1:]


def _end(cell: Sequence[_Token], before: Sequence[Sequence[_Token]], dense: bool) -> int:
    """Return how many paragraphs of the last cell that was begun belong to it: none of what follows its number, no heading, no prose."""
    if dense:
        counted = any(c and is_value(c[0].text) for c in before[1:]) or any(not c for c in before[1:])
        return 0 if cell and counted and not is_value(cell[0].text) else _upright(cell) or min(1, len(cell))
    ends = (i for i, t in enumerate(cell) if t.ends_table or (i and is_value(cell[0].text) and not is_value(t.text)))
    return next(ends, len(cell))


def _upright(cell: Sequence[_Token]) -> int:
    """Return how many paragraphs are a head set upright: one character or two in each."""
    short = next((i for i, t in enumerate(cell) if len(t.text) > 2 or is_value(t.text)), len(cell))
    return short if short > 2 or any(len(t.text) == 1 for t in cell[:short]) else 0


def _cell(paragraphs: Sequence[_Token], x: int, line: int) -> Cell:
    """Join the paragraphs of a cell: words without a gap, numbers as what cannot be told."""
    numbers = len(paragraphs) > 1 and all(is_value(t.text) for t in paragraphs)
    text, others = shown_text([(Look.SHOWN, ("\n" if numbers else "").join(t.text for t in paragraphs))])
    return Cell(text, x, x + 1, f"line {line} c{x + 1}", others)
