"""XLSX and XLS -> rows and paragraphs, as Excel shows them."""

from __future__ import annotations

from collections.abc import Iterator

from gongkai.core.model import Row
from gongkai.readers.decoding import Content, Unreadable
from gongkai.readers.limits import counted
from gongkai.readers.sheets import xls, xlsx
from gongkai.readers.sheets.layout import Sheet, sheet_rows
from gongkai.readers.zipped import is_kind

FORMAT = "xlsx"
PRIORITY = 0
_OLE = b"\xd0\xcf\x11\xe0"
_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def recognises(data: bytes) -> bool:
    """Say whether a file is a workbook, of the old kind or the new, or one that a password locks."""
    if data.startswith(_OLE):
        return _ENCRYPTED in data or any(name in data for name in _STREAMS)
    return is_kind(data, xlsx.ROOT)


def read(data: bytes) -> Content:
    """Turn the visible sheets of a workbook into rows and paragraphs."""
    old = data.startswith(_OLE)
    if old and _ENCRYPTED in data:
        raise Unreadable("locked_office")
    rows = tuple(counted(_rows(xls.read_sheets(data) if old else xlsx.read_sheets(data))))
    if not rows:
        raise Unreadable("workbook_empty")
    return Content(rows, "biff" if old else "ooxml", format="xls" if old else "xlsx")


def _rows(sheets: Iterator[Sheet]) -> Iterator[Row]:
    """Number the sheets and rows as they are shown."""
    count = 0
    for number, sheet in enumerate(sheets, 1):
        for row in sheet_rows(sheet, number, count):
            count += 1
            yield row
