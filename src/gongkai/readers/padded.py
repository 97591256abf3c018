"""Tables that a program filled up with spaces, counting characters and not their width -> the cells of each line, empty ones too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from gongkai.core.text import width

# Such programs part two columns by two spaces or more, always as many, whatever stands in them.
_BETWEEN = 2
_FEWEST_LINES = 2
_PARTED = re.compile(r"[\t|│]")


def padded_cells(lines: Sequence[tuple[int, str]]) -> dict[int, list[str]]:
    """Return the cells of each line of such a table by the number of the line; a line of spaces alone has none.

    Where a line ends tells how many cells it has: its last one is filled up as well.

    Examples
    --------
    >>> padded_cells([(1, "信息内容     制发件数  废止件数"), (2, "规章             3   "), (3, "规范性文件    17        "), (4, "结束。")])
    {1: ['信息内容', '制发件数', '废止件数'], 2: ['规章', '', '3'], 3: ['规范性文件', '17', '']}
    """
    found: dict[int, list[str]] = {}
    for empty, part in groupby(lines, key=lambda line: not line[1] or bool(_PARTED.search(line[1]))):
        block = list(part)
        whole = [] if empty else _table(block)
        pieces = [whole] if whole else [_table(list(few)) for few_are, few in groupby(block, key=_is_filled_up) if few_are and not empty]
        found |= {number: cells for piece in pieces for number, cells in piece}
    return found


def _is_filled_up(line: tuple[int, str]) -> bool:
    return "  " in line[1].strip() or line[1].endswith("  ")


def _table(block: Sequence[tuple[int, str]]) -> list[tuple[int, list[str]]]:
    """Part all lines of a block into cells, but those of one cell that nothing fills up; nothing where any of them does not fit."""
    table = [line for line in block if _is_filled_up(line)]
    columns = _columns([text for _, text in table if text.strip()], [text for _, text in block])
    if not columns or not all(_width(text, columns) for _, text in table if text.strip()):
        return []
    return [(number, _cells(text, columns)) for number, text in table]


def _columns(lines: Sequence[str], block: Sequence[str]) -> list[tuple[int, int]]:
    """Return where characters stand in any of the lines: columns are parted where all of them have spaces.

    A column in which nothing stands has no width, and leaves only the spaces around it.
    """
    marked = sorted({i for line in block for i, c in enumerate(line) if not c.isspace()})
    if len(lines) < _FEWEST_LINES:
        return []
    starts = [marked[0], *(b for a, b in pairwise(marked) if b - a > _BETWEEN)]
    ends = [*(a + 1 for a, b in pairwise(marked) if b - a > _BETWEEN), marked[-1] + 1]
    columns = _with_empty(list(zip(starts, ends, strict=True)))
    whole = len(columns) > 1 and not any("  " in line[a:b].strip() for line in lines for a, b in columns)
    return columns if whole and (any(line.endswith(" ") for line in lines) or _is_counted(lines, starts)) else []


def _with_empty(columns: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put in the columns of no width; the first column may be wider than what stands in it."""
    every, usual = list(columns[:2]), _between(columns)
    for start, end in columns[2:]:
        if (start - every[-1][1]) % usual == 0:
            every += [(at, at) for at in range(every[-1][1] + usual, start, usual)]
        every.append((start, end))
    return every


def _between(columns: Sequence[tuple[int, int]]) -> int:
    """Return how many spaces part two columns."""
    return min((b[0] - a[1] for a, b in pairwise(columns[1:])), default=_BETWEEN)


def _is_counted(lines: Sequence[str], starts: Sequence[int]) -> bool:
    """Say whether every cell begins where its column does if characters are counted, though not if their width is."""
    begins = [(line, found.start()) for line in lines for found in re.finditer(r"\S+(?: \S+)*", line)]
    return all(at in starts for _, at in begins) and len({width(line[:at]) for line, at in begins}) > len(starts)


def _width(line: str, columns: Sequence[tuple[int, int]]) -> int:
    """Return how many cells a line has, or 0 where it does not end as a line does that was filled up."""
    ends = [*(start - _between(columns) for start, _ in columns[1:]), max(len(line), columns[-1][1])]
    return next((i for i, ((_, least), most) in enumerate(zip(columns, ends, strict=True), 1) if least <= len(line) <= most), 0)


def _cells(line: str, columns: Sequence[tuple[int, int]]) -> list[str]:
    if not line.strip():
        return []
    behind = (len(line) - columns[-1][1]) // _between(columns)  # columns of no width at the end
    return [*(line[a:b].strip() for a, b in columns[: _width(line, columns)]), *[""] * behind]
