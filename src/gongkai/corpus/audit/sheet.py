"""The sheet that an auditor fills in, blind: the official cell, the source's own table drawn again, an empty column."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.core import findings
from gongkai.core.errors import UsageError, of_system, refuse_language
from gongkai.core.files import refuse_unwritable, whole, write
from gongkai.core.messages import LANGUAGES, both, number_text, place_words, say
from gongkai.core.model import Document, Row
from gongkai.core.report_ids import as_report_id
from gongkai.core.text import width
from gongkai.corpus.codebook import code_label
from gongkai.corpus.export.excel import LONGEST
from gongkai.forms import load_form

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("number", "file", "table", "row", "column", "unit", "place", "answer", "remark")
_WIDTHS = {"number": 8, "file": 36, "table": 24, "row": 44, "column": 24, "place": 30, "answer": 18, "remark": 30}
# Rows shown before the first row that the table was read from, so that its heads are visible.
_HEADS = 4
_MOST_DRAWN = 400
_CELL = re.compile(r" c\d+$")


def write_sheet(
    key: pd.DataFrame, cells: pd.DataFrame, open_document: Callable[[str], Document], target: str | Path, language: str = "zh"
) -> list[Path]:
    """Write the blind sheet and, beside it, the key.

    Parameters
    ----------
    key : DataFrame
        What :func:`gongkai.corpus.audit.draw` returned.
    cells : DataFrame
        The corpus's cells, which say where each table stands in its document.
    open_document : callable
        Gives the document of a report's id; ``corpus.document``.
    target : path
        The workbook, ``*.xlsx``; it is never written over, since a filled-in sheet is hours of work. The key gets the ending
        ``.key.parquet``, so that nobody sees it by chance.
    language : {"zh", "en"}
        The language of the sheet.

    Returns
    -------
    list of Path
        The sheet and the key. The sheet says which rows of the document hold the table and not which cell was read: the auditor must
        find the cell too.
    """
    import xlsxwriter

    refuse_language(language)
    path = refuse_sheet(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    places = {**{k: list(g) for k, g in cells[cells["report_id"].isin(key["report_id"])].groupby(["report_id", "table"])["where"]}}
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, options) as book:
        audit, source = book.add_worksheet("audit"), book.add_worksheet("source")
        drawn = _draw_tables(source, key, places, open_document, book.add_format({"bold": True}), language)
        _fill_sheet(audit, key, drawn, book, language)
    beside = key_path(path)
    # Written only when complete: after a missing document or a full disk, half a sheet would block the next attempt.
    with whole(beside) as scratch:
        key.to_parquet(scratch, index=False)
    write(path, made.getvalue())
    return [path, beside]


def read_sheet(filled: str | Path, key: str | Path | None = None) -> tuple[pd.DataFrame, pd.Series[str]]:
    """Read a sheet that was filled in, and its key; what :func:`gongkai.corpus.audit.judge` takes.

    Raises
    ------
    UsageError
        If the key is not there, or the file is no sheet of an audit.
    """
    import pandas as pd
    from python_calamine import CalamineError, CalamineWorkbook

    beside = Path(key) if key else key_path(Path(filled))
    for path in (Path(filled), beside):
        if not path.is_file():
            raise UsageError.of("audit.no_file", path, sheet=both("audit.sheet"))
    try:
        header, *rows = CalamineWorkbook.from_path(str(filled)).get_sheet_by_name("audit").to_python()
        place = [header.index(h) for c in ("number", "answer") for h in (say(f"audit.{c}", x) for x in LANGUAGES) if h in header]
        answers = pd.Series({int(str(row[place[0]]).split(".")[0]): _answer_text(row[place[1]]) for row in rows}, dtype="str")
        drawn = pd.read_parquet(beside)
        return drawn.assign(report_id=drawn["report_id"].map(as_report_id).astype("str")), answers
    except OSError as error:
        raise of_system(error, "audit.sheet", filled) from error
    except (CalamineError, ValueError, IndexError) as error:
        said = str(error).splitlines()[0]
        raise UsageError.of("audit.other_file", filled, sheet=both("audit.sheet"), said=said) from error


def key_path(sheet: Path) -> Path:
    """Return where the key of a sheet stands."""
    return sheet.with_suffix(".key.parquet")


def _answer_text(value: object) -> str:
    return number_text(value) if isinstance(value, int | float) else str(value)


def refuse_sheet(target: str | Path, option: str = "") -> Path:
    """Refuse an output that is not named ``*.xlsx``, that exists already, or that cannot be written.

    Examples
    --------
    >>> refuse_sheet("核查.xlsx").name
    '核查.xlsx'
    """
    path = refuse_unwritable(target, option=option)
    if path.suffix.lower() != ".xlsx" or path.exists() or key_path(path).exists():
        raise UsageError.of("audit.target_of_option" if option else "audit.target", path, name=path.name, option=option)
    return path


def _fill_sheet(sheet: Any, key: pd.DataFrame, drawn: dict[tuple[str, str], tuple[int, str]], book: Any, language: str) -> None:
    head, open_cell = (
        book.add_format({"bold": True, "bg_color": "#F2F5F8", "border": 1}),
        book.add_format({"bg_color": "#FFF8DC", "border": 1}),
    )
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, say(f"audit.{name}", language), head)
        sheet.set_column(column, column, _WIDTHS.get(name, 10))
    sheet.write_comment(
        0, COLUMNS.index("answer"), say("audit.how", language), {"visible": True, "width": 420, "height": 130, "start_col": 9}
    )
    rows: Iterator[Any] = key.itertuples()
    for line, row in enumerate(rows, 1):
        first, place = drawn[row.report_id, row.table]
        sheet.write_number(line, 0, row.number)
        for column, text in enumerate((row.path, *_official_names(row, language), _unit(row.unit, language)), 1):
            sheet.write_string(line, column, text)
        sheet.write_url(line, 6, f"internal:'source'!A{first + 1}", string=place)
        sheet.write_blank(line, 7, None, open_cell)


def _unit(unit: str, language: str) -> str:
    """Return the unit of an answer that names none."""
    return say(f"audit.{unit}", language) if unit in ("count", "yuan") else unit


def _official_names(row: Any, language: str) -> tuple[str, str, str]:
    """Name the table, the row and the column as the official form does; a list of indicators names its own."""
    form, table = load_form(row.form), code_label("table", row.table, language)
    if row.table not in form.tables:
        return table, row.item, row.measure
    return table, findings.place(form, row.table, row.item, None, language), findings.place(form, row.table, None, row.measure, language)


def _draw_tables(
    sheet: Any, key: pd.DataFrame, places: dict[Any, list[str]], open_document: Callable[[str], Document], bold: Any, language: str
) -> dict[tuple[str, str], tuple[int, str]]:
    """Draw each table once and return where: the line of the sheet, and the places in the document in words."""
    drawn: dict[tuple[str, str], tuple[int, str]] = {}
    sheet.set_column(0, 0, 44)
    line = 0
    report: Any
    for report, part in key.groupby("report_id", sort=False):
        document, path = open_document(report), part["path"].iloc[0]
        for table in dict.fromkeys(part["table"]):
            first, last = _found(document, places.get((report, table), []))
            ends = (_CELL.sub("", document.rows[n].where) for n in (first, last))
            place = " – ".join(dict.fromkeys(place_words(where, language) for where in ends))
            rows = document.rows[max(first - _HEADS, 0) : last + 2][:_MOST_DRAWN]
            drawn[report, table] = (line, place)
            sheet.write_string(line, 0, f"{path} · {place}", bold)
            for offset, row in enumerate(rows, 1):
                for column, text in _places_in_rows(row):
                    sheet.write_string(line + offset, column, text[:LONGEST])
            line += len(rows) + 2
    return drawn


def _found(document: Document, places: Sequence[str | None]) -> tuple[int, int]:
    """Return the first and the last row that a table was read from; of the whole document where nothing of it was found."""
    lines = {cell.where: number for number, row in enumerate(document.rows) for cell in row.cells}
    lines |= {row.where: number for number, row in enumerate(document.rows)}
    found = [lines[p] for p in places if isinstance(p, str) and p in lines]
    return (min(found), max(found)) if found else (0, len(document.rows) - 1)


def _places_in_rows(row: Row) -> Iterator[tuple[int, str]]:
    """Yield the column and text of each cell of a row; where the document has no columns, the whole row goes into one cell with spaces."""
    if row.kind in ("grid", "tabs"):
        yield from ((cell.x0, cell.text) for cell in row.cells)
        return
    line = ""
    for cell in row.cells:
        line += " " * max(cell.x0 - width(line), 1 if line else 0) + cell.text
    yield 0, line
