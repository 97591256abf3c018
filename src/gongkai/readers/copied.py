"""A table copied from a browser as text: each paragraph on a line of its own, a tab between two cells, empty lines between two rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gongkai.core.model import Cell, Row
from gongkai.core.shown import Look, shown_text
from gongkai.core.text import is_value

# As many tabs alone on their lines as one small table has.
_FEWEST_TABS = 5
# One or two are strays.
_FEWEST_PIPES = 3
_MOST_LABELS = 3
_WIDEST = 40
_NEVER = 1_000_000
_HEADING = re.compile(r"[一二三四五六七]、|（[一二三四五六七八九]）")
_LONG = 40
_ONE_CELL = re.compile(r"\s*\|(?:[^|]*\|)?[^|]*")
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
    pairs = list(pairwise(tokens))
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
        yield Row(tuple(_cell(c, x, c[0].line if c else line) for x, c in enumerate(cells)), 0, "tabs" if dense else "grid")


def _lead(cell: list[_Token], dense: bool) -> tuple[list[_Token], list[_Token]]:
    """Part the paragraphs before a row from its first cell."""
    if len(cell) > 1 and (_upright(cell) == len(cell) if dense else all(len(t.text) <= _PART for t in cell)):
        return [], cell
    return cell[:-1], cell[-1:]


def _end(cell: Sequence[_Token], before: Sequence[Sequence[_Token]], dense: bool) -> int:
    """Return how many paragraphs of the last cell that was begun belong to it: none of what follows its number, no heading, no prose."""
    if dense:
        counted = any(not c or is_value(c[0].text) for c in before[1:_WIDEST])
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


def _has_label(row: str) -> bool:
    """Say whether a row has begun with its labels or has numbers, in contrast to a row of heads, below which another row begins."""
    cells = row.strip("|").split("|")
    return len(cells) <= _MOST_LABELS or any(map(is_value, cells))


def joined_pipes(lines: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Join the rows of a table drawn with pipes that were broken behind each cell: a pipe alone is an empty cell.

    Examples
    --------
    >>> joined_pipes(list(enumerate(["| 规章 |", "1 |", "|", "| 14 |", "| 办法 |", "|", "|", "|", "文字"])))
    [(0, '| 规章 |1 || 14 |'), (4, '| 办法 ||||'), (8, '文字')]
    """
    alone = sum(line.strip() == "|" for _, line in lines)
    if not any(len(line.strip()) > 1 and "|" in line for _, line in lines):
        return [(number, line.replace("|", "\t") if alone >= _FEWEST_TABS else line) for number, line in lines]
    if alone < _FEWEST_PIPES or _begin_cells(lines):
        return list(lines)
    if _are_bare(lines):
        return list(_joined_bare(lines))
    joined: list[tuple[int, str]] = []
    for number, line in lines:
        bare, before = line.strip(), joined[-1][1].strip() if joined else ""
        goes_on = bare.endswith("|") and (not bare.startswith("|") or bare == "|")
        number_alone = bool(re.fullmatch(r"\|[^|]+\|", bare)) and is_value(bare.strip("|"))
        labelled = bool(before) and "|" not in before and len(before) <= _LONG and not is_value(before) and (bare == "|" or number_alone)
        if labelled:
            joined[-1] = (joined[-1][0], f"| {before} {'||' if bare == '|' else bare}")
        elif re.match(r"\|\s*[^|\s].*\|$", before) and (goes_on or (number_alone and _has_label(before))):
            joined[-1] = (joined[-1][0], before + (bare if goes_on else bare[1:]))
        else:
            joined.append((number, bare if bare.startswith("|") else line))
    return joined


def closed_pipes(lines: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Give each row the pipes at its ends, where pipes only part the cells: an empty cell may stand first or last.

    Examples
    --------
    >>> closed_pipes([(1, "规章 | 0 | "), (2, "办法 | 1 | 2"), (3, "决定 |  | 3"), (4, "文字")])
    [(1, '| 规章 | 0 | |'), (2, '| 办法 | 1 | 2|'), (3, '| 决定 |  | 3|'), (4, '文字')]
    """
    piped = [line.strip() for _, line in lines if _is_piped(line)]
    opened = 2 * sum(line.startswith("|") for line in piped) > len(piped)
    closed = 5 * sum(line.endswith("|") for line in piped) > 4 * len(piped)
    if len(piped) < _FEWEST_PIPES or (opened and closed):
        return list(lines)
    before, behind = "" if opened else "| ", "" if closed else "|"
    return [(number, f"{before}{line}{behind}" if _is_piped(line) else line) for number, line in lines]


def _is_piped(line: str) -> bool:
    return "|" in line and bool(line.strip(" \t|"))


def _begin_cells(lines: Sequence[tuple[int, str]]) -> bool:
    """Say whether a pipe on a line of its own begins each cell, and is no empty one."""
    begun = [a.strip() == "|" for (_, a), (_, b) in pairwise(lines) if re.fullmatch(r"[^|]*[^|\s][^|]*\|", b.strip())]
    return 2 * sum(begun) > len(begun)


def _are_bare(lines: Sequence[tuple[int, str]]) -> bool:
    """Say whether rows begin without a pipe, so that each pipe ends a cell."""
    several = [line.lstrip().startswith("|") for _, line in lines if line.count("|") > 1]
    return len(several) > 2 * sum(several)


def _joined_bare(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Join to its row what begins with the pipe of an empty cell: a line end is all that stands in such a cell."""
    row: tuple[int, str] | None = None
    for number, line in lines:
        if row and row[1].rstrip().endswith("|") and _ONE_CELL.fullmatch(line):
            row = (row[0], row[1].rstrip() + line.strip())
            continue
        if row:
            yield row
        row = (number, line)
    if row:
        yield row
