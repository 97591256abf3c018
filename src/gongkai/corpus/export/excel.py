"""Excel: a sheet that says what the workbook is, a sheet for each table; nothing is a formula, and what a sheet cannot hold goes on."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai import __version__
from gongkai.core.messages import say
from gongkai.report import STATUSES, Report

if TYPE_CHECKING:
    import pandas as pd

# Excel's limits: characters of a cell (32,767, less some for escapes), rows of a sheet.
LONGEST, MOST_ROWS = 32_000, 1_048_576
_WIDTHS = {"message": 60, "message_zh": 60, "text": 80, "printed": 30, "label": 36, "phrase": 40, "sentence": 80, "item": 28, "measure": 26,
           "meaning": 60, "path": 40, "title": 40, "value": 18}  # fmt: skip
SIMULATED = "simulated"
_Table = tuple[str, "pd.DataFrame"]


def facts_of(source: object, tables: Sequence[_Table], language: str) -> Mapping[str, object]:
    """Say what a workbook holds: which report, or how many rows of each table."""
    told = {SIMULATED: say("simulated.yes", language, n=len(invented))} if (invented := simulated_reports(source)) else {}
    if not isinstance(source, Report):
        return {**told, **{name: len(table) for name, table in tables}, "gongkai": __version__}
    return {
        **told,
        "title": source.title, "authority": source.authority, "year": source.year, "division_code": source.division_code,
        "scope": source.scope, "published": source.published, "source": source.source, "form": source.form, "file": source.document.name,
        "sha256": source.document.sha256, "gongkai": __version__,
    }  # fmt: skip


def simulated_reports(source: object) -> Collection[str]:
    """Return the ids of those reports of a corpus, a mapping of tables or a report that are simulated."""
    if isinstance(source, Report):
        return {source.report_id} if source.simulated else set()
    reports = source.get("reports") if isinstance(source, Mapping) else getattr(source, "reports", None)
    return set() if reports is None else {*reports.loc[reports[SIMULATED], "report_id"]}


def write_workbook(path: Path, tables: Iterable[_Table], facts: Mapping[str, object], language: str) -> None:
    """Write all tables; row by row, so that a large one needs no memory of its own."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
    made, hindered = io.BytesIO(), None
    try:
        with xlsxwriter.Workbook(made, options) as book:
            # A fixed date, so that the same report gives the same bytes.
            book.set_properties({"title": str(facts.get("title") or ""), "created": datetime(2000, 1, 1)})
            bold = book.add_format({"bold": True, "bg_color": "#F2F5F8", "border": 1})
            _fill_about(book.add_worksheet("about"), facts, language, bold)
            for name, table in tables:
                _write_table(book, name, table, bold)
    except (xlsxwriter.exceptions.FileCreateError, OSError) as error:
        hindered = _hindrance(error)
    # Raised here, after the unfinished archive is discarded: otherwise it complains of the full disk once more when it is collected.
    if hindered:
        raise hindered
    path.write_bytes(made.getbuffer())


def _hindrance(error: Exception) -> OSError:
    """Return the ``OSError`` that an error of the library wraps, without a reference to the unfinished workbook."""
    said = error if isinstance(error, OSError) else error.args[0]
    return OSError(said.errno, said.strerror)


def _write_table(book: Any, name: str, table: pd.DataFrame, bold: Any) -> None:
    """Write a table on as many sheets as its rows need."""
    rows = chain.from_iterable(map(_rows_short_enough, table.itertuples(index=False, name=None)))
    for number in count(1):
        head = list(islice(rows, 1))
        if number > 1 and not head:
            return
        sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
        _fill_sheet(sheet, list(table.columns), chain(head, islice(rows, MOST_ROWS - 2)), bold)


def _fill_sheet(sheet: Any, columns: Sequence[str], rows: Iterable[tuple[Any, ...]], bold: Any) -> None:
    """Write one sheet; what is missing stays an empty cell, and a text too long for a cell goes on in the next row."""
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name, bold)
        sheet.set_column(column, column, _WIDTHS.get(name, 14))
    row = 0
    for row, record in enumerate(rows, 1):
        _write_row(sheet, row, record)
    if row:
        sheet.autofilter(0, 0, row, len(columns) - 1)


def _rows_short_enough(record: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
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


def _fill_about(sheet: Any, facts: Mapping[str, object], language: str, bold: Any) -> None:
    """Say on the first sheet what this is and what the statuses mean."""
    statuses = {say(f"status.{s}", language) + f" ({s})": say(f"meaning.{s}", language) for s in STATUSES}
    rows = [*facts.items(), ("", ""), (say("export.standing", language), ""), ("", ""), *statuses.items()]
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    for number, (name, value) in enumerate(rows):
        sheet.write_string(number, 0, name, bold if name in facts else None)
        sheet.write_string(number, 1, "" if value is None else str(value))
