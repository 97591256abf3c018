"""What programs leave that convert tables into text: merged cells repeated, NaN where nothing stands, commas between cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from gongkai.core.model import Cell, Row
from gongkai.core.text import is_value

_LEFTOVER = re.compile(r"NaN|nan|NaT|<NA>|None|Unnamed: ?\d+(?:_level_\d+)?")
_REST = re.compile(r"\| (?=\|)")
_GAP = re.compile(r"\s{2,}|\d\s|\s\d")
_AMOUNT = re.compile(r"[\d,.]+\s+\D{1,3}")
_LONG = 40
_MOST_LINES = 10
# As often as a program repeats a merged head; two alike beside each other may be a form's own.
_REPEATED = 3


def printed(text: str) -> str:
    """Leave out what such a program writes into a cell that is empty, or above a column without a head.

    Examples
    --------
    >>> [printed(t) for t in ("NaN", "Unnamed: 3", "Unnamed: 0_level_1", "规章", "NA", "('行政诉讼', '总计')")]
    ['', '', '', '规章', 'NA', '总计']
    """
    if text.startswith("('") and text.endswith("')"):  # the heads of several rows above one column
        text = next((head for head in reversed(text[2:-2].split("', '")) if not _LEFTOVER.fullmatch(head)), "")
    return "" if _LEFTOVER.fullmatch(text) else text


def without_rests(lines: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Leave out the cells that a program writes for the rest of a merged one, where it writes an empty cell in another way.

    Examples
    --------
    >>> without_rests([(1, "| 行政许可 | 5 | | |"), (2, "| 行政处罚 |  | | |")])
    [(1, '| 行政许可 | 5 |'), (2, '| 行政处罚 |  |')]
    """
    table = [line for _, line in lines if line.startswith("|")]
    both = any("|  |" in line for line in table) and any("| |" in line for line in table)
    return [(number, _REST.sub("", line) if line.startswith("|") else line) for number, line in lines] if both else list(lines)


def comma_records(lines: Sequence[tuple[int, str]]) -> dict[int, tuple[int, list[str]]]:
    """Find the tables whose cells are parted by commas: (lines, cells) of each record by the number of its first line.

    Examples
    --------
    >>> comma_records([(1, "2019年,我县公开信息3,240条"), (2, "规章,0,1"), (3, '"办法,规定",2,"1,024"')])
    {2: (1, ['规章', '0', '1']), 3: (1, ['办法,规定', '2', '1,024'])}
    """
    found: dict[int, tuple[int, list[str]]] = {}
    for parted, block in groupby(_records(lines), key=lambda record: len(record[2])):
        records = list(block)
        words = any(c and not is_value(c) for _, _, cells in records for c in cells)
        numbers = any(c and is_value(c) for _, _, cells in records for c in cells[1:])
        if parted > 1 and len(records) > 1 and words and numbers:
            found |= {number: (size, cells) for number, size, cells in records}
    return found


def _records(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield (number of the line, lines, cells); one cell where commas do not part cells. Within quotation marks a line may end."""
    at = 0
    while at < len(lines):
        number, line = lines[at]
        size = 1
        while line.count('"') % 2 and size < _MOST_LINES and at + size < len(lines):
            line, size = f"{line}\n{lines[at + size][1]}", size + 1
        cells = next(csv.reader([line]), []) if "," in line and not re.search(r"[\t|│]", line) and line.count('"') % 2 == 0 else []
        if not _are_cells(cells):
            cells, size = [line], 1
        yield number, size, [printed(" ".join(c.split())) for c in cells]
        at += size


def _are_cells(cells: Sequence[str]) -> bool:
    """Say whether commas part cells, and not the words of a sentence, the columns of spaces or the thousands of a number."""
    thousands = any(re.search(r"\D\d{1,3}$", a) and re.match(r"\d{3}", b) and not is_value(a) for a, b in pairwise(cells))
    words = any((_GAP.search(c.strip()) and not _AMOUNT.fullmatch(c.strip())) or len(c) > 3 * _LONG or "。" in c for c in cells)
    return len(cells) > 1 and not thousands and not words


def restored(read: Iterable[Row]) -> Iterator[Row]:
    """Put merged cells together again where a program wrote them out in each of their columns."""
    for (table, _), block in groupby(read, key=lambda row: (row.table, len(row.cells))):
        some = list(block)
        rows = _uncounted(some) if table else some
        yield from _merged(rows) if table and any(map(_repeats, rows)) and rows[0].kind != "spaces" else rows


def _repeats(row: Row) -> bool:
    texts = [c.text for c in row.cells]
    return any(texts[i] and len(set(texts[i : i + _REPEATED])) == 1 and not is_value(texts[i]) for i in range(len(texts) - _REPEATED + 1))


def _uncounted(rows: list[Row]) -> list[Row]:
    """Drop the numbers from 0 that a program puts over columns and before rows that have no names."""
    heads = [c.text for c in rows[0].cells if c.text]
    if len(heads) > 1 and heads == [str(i) for i in range(len(heads))]:
        rows = rows[1:]
    firsts = [row.cells[0].text for row in rows]
    numbered = firsts[next((i for i, text in enumerate(firsts) if text), len(firsts)) :]
    unnamed = 0 < len(numbered) < len(firsts) and all(c.text for c in rows[0].cells[1:])
    if (len(numbered) >= _REPEATED or unnamed) and numbered == [str(i) for i in range(len(numbered))]:
        rows = [replace(row, cells=row.cells[1:]) for row in rows]
    return rows


def _merged(rows: Sequence[Row]) -> Iterator[Row]:
    """Merge neighbours that say the same: words always, numbers where they do so in every row below heads that are merged themselves."""
    at = 0
    while at < len(rows):
        end = next((i for i in range(at + 1, len(rows)) if _is_head(rows[i]) and not _goes_on(rows, i)), len(rows))
        block = rows[at:end]
        heads = next(
            (i for i, row in enumerate(block) if any(c.text and is_value(c.text) for c in row.cells) or not _names(row)), len(block)
        )
        below = block[max(heads - 1, 0) :] if _is_head(block[0]) else []
        one = {i for i in range(1, len(block[0].cells)) if below and all(row.cells[i].text == row.cells[i - 1].text for row in below)}
        yield from (_joined(row, one) for row in block)
        at = end


def _is_head(row: Row) -> bool:
    """Say whether a row names all its columns."""
    last = max((i for i, c in enumerate(row.cells) if c.text), default=0)  # a longer row may have added a column to all others
    return last > 0 and all(c.text and not is_value(c.text) for c in row.cells[: last + 1])


def _names(row: Row) -> bool:
    """Say whether a row names columns, though perhaps not all of them: it is no label of a row without numbers."""
    words = {c.text for c in row.cells if c.text}
    return len(words) > 1 and 2 * sum(bool(c.text) for c in row.cells) > len(row.cells)


def _goes_on(rows: Sequence[Row], i: int) -> bool:
    """Say whether a row of heads only parts further what the heads right above it have merged."""
    return _is_head(rows[i - 1]) and len({c.text for c in rows[i - 1].cells}) > 1


def _joined(row: Row, one: Container[int]) -> Row:
    """Join the cells of one row that were written out: the same words, and what stands in columns that are one."""
    kept: list[Cell] = []
    for i, cell in enumerate(row.cells):
        words = i > 0 and cell.text == row.cells[i - 1].text and bool(cell.text) and not is_value(cell.text)
        if i and kept[-1].x1 == cell.x0 and (words or i in one):
            kept[-1] = replace(kept[-1], x1=cell.x1)
        else:
            kept.append(cell)
    return replace(row, cells=tuple(kept))


def without_leftovers(rows: Sequence[Row]) -> Iterator[Row]:
    """Take for lines the titles, headings and sentences of a sheet that was written out as one table, all of its cells but one empty."""
    several = [i for i, row in enumerate(rows) if sum(bool(c.text) for c in row.cells) > 1]
    for i, row in enumerate(rows):
        filled = [c for c in row.cells if c.text]
        alone = row.kind == "tabs" and len(filled) == 1 and filled[0] is row.cells[0] and len(row.cells) >= _REPEATED
        outside = not several or not several[0] < i < several[-1]
        prose = alone and (outside or len(filled[0].text) > _LONG or "。" in filled[0].text or _begins(rows[i + 1 :]))
        yield Row((replace(filled[0], x1=filled[0].x0 + 1),)) if prose else row


def _begins(after: Sequence[Row]) -> bool:
    """Say whether what follows begins something new: prose, or the heads of a table."""
    filled = [c.text for c in after[0].cells if c.text] if after else []
    if len(filled) == 1:
        return len(filled[0]) > _LONG or "。" in filled[0]
    return bool(filled) and not any(map(is_value, filled))
