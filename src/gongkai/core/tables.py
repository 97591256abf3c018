"""Tables that a person has filled in, as programs and spreadsheets save them: CSV in any of their shapes, or an Excel workbook."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from gongkai.core.errors import UsageError, of_system
from gongkai.core.files import open_regular
from gongkai.core.messages import number_text

EXCEL = ".xlsx"
# Under this name stands what a line has beyond its columns.
UNNAMED = ""
# What a spreadsheet puts between two fields: a comma, where commas are decimal marks a semicolon, in "Unicode text" a tab.
_SEPARATORS = ",;\t"
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


# How an archive and an old Office file begin: no text, whatever the name says.
_PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table as texts by column, each with its number in the file; rows with nothing in them are left out.

    What stands under no heading is under ``UNNAMED``, where there is such.

    Parameters
    ----------
    path : Path
        ``*.xlsx``, of which the first sheet is read, or CSV: UTF-8 with or without a mark, UTF-16, or GBK, parted by commas, semicolons
        or tabs.

    Raises
    ------
    UsageError
        If the file cannot be opened, or is no workbook though its name says so.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "清单.csv")
    >>> _ = path.write_bytes("path;year\\r\\n沁县.txt;2019\\r\\n".encode("gb18030"))
    >>> list(rows_of(path)), columns_of(path)
    ([(2, {'path': '沁县.txt', 'year': '2019'})], ['path', 'year'])
    """
    header, lines = _read(path)
    for number, line in lines:
        named = {name: sys.intern(text.strip()) for name, text in zip(header, line, strict=False) if name}
        surplus = [text.strip() for text in (*(t for n, t in zip(header, line, strict=False) if not n), *line[len(header) :])]
        row = {name: named.get(name, "") for name in header if name} | ({UNNAMED: " ".join(surplus).strip()} if any(surplus) else {})
        if any(row.values()):
            yield number, row


def columns_of(path: Path) -> list[str]:
    """Return the names of a table's columns, in their order."""
    return [name for name in _read(path)[0] if name]


def decoded(data: bytes) -> str:
    """Return the text of a table, as programs or a Chinese spreadsheet save it.

    Examples
    --------
    >>> [decoded("沁县".encode(code)) for code in ("utf-8-sig", "utf-16", "gb18030")]
    ['沁县', '沁县', '沁县']
    """
    if data[:2] in _WIDE:
        return data.decode(_WIDE[data[:2]], errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _read(path: Path) -> tuple[list[str], Iterator[tuple[int, Sequence[str]]]]:
    """Return the head of a table, and its numbered lines."""
    try:
        with open_regular(path) as file:
            data = file.read()
    except OSError as error:
        raise of_system(error, "file.readable", path) from error
    lines = _sheet(path, data) if path.suffix.lower() == EXCEL or data.startswith(_PACKED) else _csv(data)
    _, header = next(lines, (1, []))
    return [name.strip() for name in header], lines


def _csv(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    # A long field is a line that is told among the others: no field is longer than the file.
    csv.field_size_limit(max(csv.field_size_limit(), len(data)))
    text = decoded(data)
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    lines = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1)
    return ((number, line) for number, line in lines if line)


def _sheet(path: Path, data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    except (CalamineError, ValueError, IndexError) as error:
        raise UsageError.of("table.no_workbook", path, said=str(error).splitlines()[0]) from error
    return ((number, [_text(value) for value in row]) for number, row in enumerate(rows, 1))


def _text(value: object) -> str:
    """Return what a cell of a sheet says as a table of texts would: a whole number without a point, a day as ISO writes it."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def csv_of(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return a table as CSV that Excel opens in Chinese: UTF-8 with its mark, commas.

    Examples
    --------
    >>> csv_of(["path"], [{"path": "沁县"}]).decode("utf-8-sig")
    'path\\r\\n沁县\\r\\n'
    """
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, columns, restval="", extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue().encode("utf-8-sig")
