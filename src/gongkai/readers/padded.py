"""Tables that a program has filled up with spaces, counting characters and not their width -> the cells of each line, the empty ones too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

# Such programs part two columns by two spaces, whatever stands in them.
_BETWEEN = 2
_FEWEST_LINES = 2


def padded_cells(lines: Sequence[tuple[int, str]]) -> dict[int, list[str]]:
    """Return the cells of each line of such a table by the number of the line; a line of spaces alone has none.

    Where a line ends tells how many cells it has: its last one is filled up as well.

    Examples
    --------
    >>> padded_cells([(1, "信息内容     制发件数  废止件数"), (2, "规章             3   "), (3, "规范性文件    17        "), (4, "结束。")])
    {1: ['信息内容', '制发件数', '废止件数'], 2: ['规章', '', '3'], 3: ['规范性文件', '17', '']}
    """
    found: dict[int, list[str]] = {}
    for filled, part in groupby(lines, key=lambda line: "  " in line[1].strip() or line[1].endswith("  ")):
        table = list(part)
        columns = _columns([line for _, line in table if line.strip()]) if filled and not any("\t" in line for _, line in table) else []
        if columns and all(_width(line, columns) for _, line in table if line.strip()):
            found |= {number: _cells(line, columns) for number, line in table}
    return found


def _columns(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return where characters stand in any of the lines: columns are parted where all of them have spaces."""
    marked = sorted({i for line in lines for i, c in enumerate(line) if not c.isspace()})
    if len(lines) < _FEWEST_LINES or not any(line.endswith(" ") for line in lines):
        return []
    starts = [marked[0], *(b for a, b in pairwise(marked) if b - a > _BETWEEN)]
    ends = [*(a + 1 for a, b in pairwise(marked) if b - a > _BETWEEN), marked[-1] + 1]
    columns = list(zip(starts, ends, strict=True))
    return columns if len(columns) > 1 and not any("  " in line[a:b].strip() for line in lines for a, b in columns) else []


def _width(line: str, columns: Sequence[tuple[int, int]]) -> int:
    """Return how many cells a line has, or 0 where it does not end as a line does that was filled up."""
    ends = [*(start - _BETWEEN for start, _ in columns[1:]), max(len(line), columns[-1][1])]
    return next((i for i, ((_, least), most) in enumerate(zip(columns, ends, strict=True), 1) if least <= len(line) <= most), 0)


def _cells(line: str, columns: Sequence[tuple[int, int]]) -> list[str]:
    if not line.strip():
        return []
    spare = len(line) - columns[-1][1] >= _BETWEEN  # a column in which nothing stands anywhere
    return [*(line[a:b].strip() for a, b in columns[: _width(line, columns)]), *([""] if spare else [])]
