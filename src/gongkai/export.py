"""A report's tables as files that spreadsheets open: Chinese intact, and no text of a document ever run as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai import __version__
from gongkai.errors import UsageError
from gongkai.report import STATUSES, Report
from gongkai.texts import refuse_language, say

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("cells", "findings", "sections", "figures", "checks")
LONGEST = 32_000
_FORMULA = re.compile(r"[\s\x00]*[=+\-@＝＋－＠\t\r]")
_HARMLESS = re.compile(r"[+\-]?\d[\d.,]*|-+")
_WIDTHS = {"message": 60, "message_zh": 60, "text": 80, "printed": 30, "label": 36, "phrase": 40, "sentence": 80, "item": 28, "measure": 26}


def write_csv(report: Report, target: str | Path) -> list[Path]:
    """Write a report as CSV that Excel opens in Chinese.

    Parameters
    ----------
    report : Report
        The report.
    target : path
        ``*.csv``: the cells alone; another name: a folder with a file for each table.

    Returns
    -------
    list of Path
        What was written. Text that a spreadsheet would run as a formula has an apostrophe before it; numbers are written as they are.

    Raises
    ------
    UsageError
        If the file cannot be written.
    """
    path = Path(target)
    if path.suffix.lower() == ".csv":
        return [write_frame(report.cells, path)]
    return [write_frame(getattr(report, name), path / f"{name}.csv") for name in TABLES]


def write_excel(report: Report, target: str | Path, language: str = "zh") -> Path:
    """Write a report as an Excel workbook: what it is and how to read it, then a sheet for each table.

    Parameters
    ----------
    report : Report
        The report.
    target : path
        The workbook, ``*.xlsx``.
    language : {"zh", "en"}
        The language of the first sheet.

    Raises
    ------
    UsageError
        If the file cannot be written or has another ending.
    """
    import xlsxwriter

    refuse_language(language)
    path = Path(target)
    if path.suffix.lower() != ".xlsx":
        raise UsageError(
            str(path), ("以 .xlsx 结尾的文件名", "a name ending in .xlsx"), (path.name, path.name), ("改正文件名", "correct the name")
        )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    try:
        _make_folder(path)
        with xlsxwriter.Workbook(str(path), options) as book:
            # A fixed date, so that the same report gives the same bytes.
            book.set_properties({"title": report.title or "", "created": datetime(2000, 1, 1)})
            bold = book.add_format({"bold": True, "bg_color": "#F2F5F8", "border": 1})
            _fill_about(book.add_worksheet("about"), report, language, bold)
            for name in TABLES:
                _fill(book.add_worksheet(name), getattr(report, name), bold)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise _unwritable(path, error) from error
    return path


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula; one apostrophe less gives the text back.

    Examples
    --------
    >>> [harmless(t) for t in ("=1+1", "-16", "—", "+cmd|x", "--", "沁县", "'=x")]
    ["'=1+1", '-16', '—', "'+cmd|x", '--', '沁县', "''=x"]
    """
    bare = text.lstrip("'")
    return f"'{text}" if _FORMULA.match(bare) and not _HARMLESS.fullmatch(bare) else text


def write_frame(frame: pd.DataFrame, path: Path) -> Path:
    texts = [name for name, kind in frame.dtypes.items() if kind == "str"]
    safe = frame.assign(**{str(name): frame[name].map(harmless, na_action="ignore") for name in texts})
    try:
        _make_folder(path)
        safe.to_csv(path, index=False, float_format="%.15g", encoding="utf-8-sig", lineterminator="\r\n")
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def _make_folder(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)


def _unwritable(path: Path, error: Exception) -> UsageError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    advice = ("检查路径和权限；若文件已在 Excel 中打开，请先关闭", "check path and permissions; close the file if it is open in Excel")
    return UsageError(str(path), ("可写入的文件", "a file that can be written"), (reason, reason), advice)


def _fill(sheet: Any, frame: pd.DataFrame, bold: Any) -> None:
    """Write a table; what is missing stays an empty cell, and a text too long for a cell goes on in the next row."""
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(frame.columns):
        sheet.write_string(0, column, name, bold)
        sheet.set_column(column, column, _WIDTHS.get(name, 14))
    row = 1
    for record in frame.itertuples(index=False, name=None):
        for part in _parts(record):
            _write_row(sheet, row, part)
            row += 1
    if len(frame):
        sheet.autofilter(0, 0, row - 1, len(frame.columns) - 1)


def _parts(record: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    longest = max((len(v) for v in record if isinstance(v, str)), default=0)
    for start in range(0, max(longest, 1), LONGEST):
        yield tuple(v[start : start + LONGEST] if isinstance(v, str) and len(v) > LONGEST else v for v in record)


def _write_row(sheet: Any, row: int, record: tuple[Any, ...]) -> None:
    import pandas as pd

    for column, value in enumerate(record):
        if isinstance(value, str):
            sheet.write_string(row, column, value)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif not pd.isna(value):
            sheet.write_number(row, column, float(value))


def _fill_about(sheet: Any, report: Report, language: str, bold: Any) -> None:
    """Say on the first sheet which report this is and what the statuses mean."""
    facts = {
        "title": report.title, "authority": report.authority, "year": report.year, "division_code": report.division_code,
        "scope": report.scope, "published": report.published, "source": report.source, "form": report.form, "file": report.document.name,
        "sha256": report.document.sha256, "gongkai": __version__,
    }  # fmt: skip
    statuses = {say(f"status.{s}", language) + f" ({s})": say(f"meaning.{s}", language) for s in STATUSES}
    rows = [*facts.items(), ("", ""), (say("export.standing", language), ""), ("", ""), *statuses.items()]
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    for number, (name, value) in enumerate(rows):
        sheet.write_string(number, 0, name, bold if name in facts else None)
        sheet.write_string(number, 1, "" if value is None else str(value))
