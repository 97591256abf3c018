"""XLSX and XLS -> rows and paragraphs: a cell that fills the width of its table, or stands alone, is a paragraph."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gongkai.core.model import Cell, Row
from gongkai.core.text import is_value
from gongkai.readers.decoding import Content, Unreadable
from gongkai.readers.zipped import MOST_BYTES, members, part, unpacked

FORMAT = "xlsx"
PRIORITY = 0
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WORKBOOK = "xl/workbook.xml"
_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_REFERENCE = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
MOST_CELLS = 2_000_000
_LONG = 40


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of a sheet: its cells, blank ones too, of which a merged one is there once."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def filled(self) -> list[Cell]:
        return [c for c in self.cells if c.text]

    @property
    def valued(self) -> bool:
        return any(is_value(c.text) for c in self.filled)


def recognises(data: bytes) -> bool:
    """Say whether a file is a workbook, of the old kind or the new, or one that a password locks."""
    if data.startswith(_ZIP):
        return _WORKBOOK in members(data)
    return data.startswith(_OLE) and (_ENCRYPTED in data or any(name in data for name in _STREAMS))


def read(data: bytes) -> Content:
    """Turn the visible sheets of a workbook into rows and paragraphs."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    old = data.startswith(_OLE)
    if old and _ENCRYPTED in data:
        raise Unreadable("加密的 Office 文件（需要密码）", "an encrypted Office file (it needs a password)")
    if not old:
        _refuse_bombs(data)
    rows: list[Row] = []
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            shown = [s for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
            shown = [s for s in shown if s.visible == SheetVisibleEnum.Visible] or shown
            for number, name in enumerate((s.name for s in shown), 1):
                rows += _sheet_rows(book.get_sheet_by_name(name), number, len(rows))
    except CalamineError as error:
        kind = "XLS" if old else "XLSX"
        raise Unreadable(f"损坏或加密的 {kind} 文件", f"a damaged or encrypted {kind} file") from error
    if not rows:
        raise Unreadable("没有内容的工作簿", "a workbook without content")
    return Content(tuple(rows), "biff" if old else "ooxml", format="xls" if old else "xlsx")


def _refuse_bombs(data: bytes) -> None:
    """Refuse what would unpack to more than a report can be, and sheets whose far corner would fill the memory."""
    if unpacked(data) > MOST_BYTES:
        raise Unreadable(f"解压后超过 {MOST_BYTES // 10**6} MB 的文件", f"more than {MOST_BYTES // 10**6} MB when unpacked")
    for name in members(data):
        if name.startswith("xl/worksheets/"):
            places = [(_column(letters), int(row)) for letters, row in _REFERENCE.findall(part(data, name))]
            if places and max(c for c, _ in places) * max(r for _, r in places) > MOST_CELLS:
                raise Unreadable(f"超过 {MOST_CELLS} 个单元格的工作表", f"a sheet of more than {MOST_CELLS} cells")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_rows(sheet: Any, number: int, before: int) -> Iterator[Row]:
    """Turn one sheet into rows; neighbouring rows that are no paragraphs are one table."""
    lines = list(_lines(sheet, number))
    table, block = before, list[_Line]()
    for line, prose in zip(lines, _prose(lines), strict=True):
        if line.filled and not prose:
            block.append(line)
            continue
        table += bool(block)
        yield from _table(block, table)
        block = []
        for cell in line.filled:
            yield from (Row((Cell(text, 0, 1, cell.where),)) for text in cell.text.split("\n"))
    yield from _table(block, table + 1)


def _lines(sheet: Any, number: int) -> Iterator[_Line]:
    """Yield the rows of a sheet; what a merged cell covers is not there again."""
    merged = {start: end for start, end in sheet.merged_cell_ranges or ()}
    covered = {(r, c) for (a, b), (y, x) in merged.items() for r in range(a, y + 1) for c in range(b, min(x, 1000) + 1) if (r, c) != (a, b)}
    for r, values in enumerate(sheet.to_python(skip_empty_area=False)):
        cells = []
        for c, value in enumerate(values):
            if (r, c) not in covered:
                x1 = merged.get((r, c), (r, c))[1] + 1
                cells.append(Cell(_printed(value), c, x1, f"sheet {number} r{r + 1} c{c + 1}"))
        yield _Line(r + 1, tuple(cells))


def _printed(value: Any) -> str:
    """Return a cell as text: whole numbers without a point, numbers without an exponent or the noise of binary fractions."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, datetime.datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    lines = (" ".join(line.split()) for line in str(value).splitlines())
    return "\n".join(line for line in lines if line)


def _prose(lines: Sequence[_Line]) -> list[bool]:
    """Say of each row whether it is a paragraph or a heading: one cell, which is long, or as wide as the table, or outside of any."""
    found: list[bool] = []
    for i, line in enumerate(lines):
        inside = i > 0 and bool(lines[i - 1].filled) and not found[i - 1]
        after = lines[i + 1] if i + 1 < len(lines) else None
        alone = len(line.filled) == 1 and not line.valued
        found.append(alone and (not inside or _is_long(line) or _parts(line, lines[i - 1], after)))
    return found


def _parts(line: _Line, before: _Line, after: _Line | None) -> bool:
    """Say whether a cell alone in its row ends the table above it, or stands over the next part of it."""
    return _is_wide(line, before, after) or (_heads(after) and not _is_label(line, before))


def _is_label(line: _Line, before: _Line) -> bool:
    """Say whether a cell alone in its row is a label whose numbers are blank: beside a merged one, or merged as the label above it is."""
    cell = line.filled[0]
    merged = cell.x1 - cell.x0 > 1 and (cell.x0, cell.x1) in {(c.x0, c.x1) for c in before.filled}
    return (cell.x0 > 0 and line.cells[0] is cell) or merged


def _is_long(line: _Line) -> bool:
    text = line.filled[0].text
    return len(text) > _LONG or "。" in text


def _is_wide(line: _Line, before: _Line, after: _Line | None) -> bool:
    """Say whether a cell alone in its row is merged over all the columns that the rows beside it fill."""
    cell = line.filled[0]
    beside = [c for near in (before, after) if near and len(near.filled) > 1 for c in near.filled]
    return cell.x1 - cell.x0 > 1 and cell.x0 <= min((c.x0 for c in beside), default=0) and cell.x1 >= max((c.x1 for c in beside), default=0)


def _heads(after: _Line | None) -> bool:
    """Say whether what follows begins something new: prose, or the heads of a table."""
    if after is None or not after.filled:
        return False
    return _is_long(after) if len(after.filled) == 1 else not after.valued


def _table(block: Sequence[_Line], number: int) -> Iterator[Row]:
    """Turn neighbouring rows into rows of one table, without the columns at its sides in which nothing stands."""
    filled = [c for line in block for c in line.filled]
    left, right = min((c.x0 for c in filled), default=0), max((c.x1 for c in filled), default=0)
    for line in block:
        yield Row(tuple(c for c in line.cells if left <= c.x0 < right), number, "grid")
