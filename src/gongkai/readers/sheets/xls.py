"""XLS -> sheets: what Excel shows of the values, formats and fonts that the old format holds."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from gongkai.readers.colours import WHITE, Colour
from gongkai.readers.decoding import Unreadable
from gongkai.readers.limits import within
from gongkai.readers.sheets.layout import Sheet, Shown
from gongkai.readers.sheets.places import Place
from gongkai.readers.sheets.typeset import CellStyle, Font, number_shown, text_shown

# Twips and 256ths of a character: what is lower or narrower shows nothing.
_FLAT, _NARROW, _TINY = 40, 52, 40
_FORMULAS, _BOF, _EOF, _UNCALCULATED = (0x0006, 0x0206, 0x0406), (0x0009, 0x0209, 0x0409, 0x0809), 0x000A, 0x005E
_SOLID = 1


def read_sheets(data: bytes) -> Iterator[Sheet]:
    """Yield the visible sheets of a workbook, in their order."""
    import xlrd

    try:
        with open(os.devnull, "w") as silent:
            book = xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, on_demand=True, logfile=silent)
            for index in range(book.nsheets):
                sheet = book.sheet_by_index(index)
                if not sheet.visibility:
                    yield _sheet(book, sheet, dict(_uncalculated(book, index)))
                book.unload_sheet(index)
    except Unreadable:
        raise
    # The library says of damage whatever its parts come to: a lost index, a wrong length, a failed assertion.
    except Exception as error:
        raise Unreadable("xls") from error


def _sheet(book: Any, sheet: Any, uncalculated: dict[Place, bool]) -> Sheet:
    import xlrd

    fonts = [_font(book, f) for f in book.font_list]
    styles = [CellStyle(book.format_map[xf.format_key].format_str, fonts[xf.font_index], _paper(book, xf)) for xf in book.xf_list]
    zeros = bool(getattr(sheet, "show_zero_values", 1))
    last = max((r for r in range(sheet.nrows) if any(sheet.row_types(r))), default=-1)
    width = max((sheet.row_len(r) for r in range(last + 1)), default=0)
    within("cells", (last + 1) * width)
    cells: dict[Place, Shown] = {}
    for r in range(last + 1):
        for c, kind in enumerate(sheet.row_types(r)):
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                continue
            style, value = styles[sheet.cell_xf_index(r, c)], sheet.cell_value(r, c)
            if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
                text, others = number_shown(float(value), style, bool(book.datemode), zeros)
                cells[r, c] = ("=…", (text,)) if uncalculated.get((r, c)) and not value else (text, others)
            elif kind == xlrd.XL_CELL_TEXT:
                runs = list(_runs(str(value), sheet.rich_text_runlist_map.get((r, c), ()), fonts))
                cells[r, c] = text_shown(runs, style) if value or (r, c) not in uncalculated else ("", ("=…",))
            elif kind == xlrd.XL_CELL_BOOLEAN:
                cells[r, c] = ("TRUE" if value else "FALSE"), ()
            elif kind == xlrd.XL_CELL_ERROR:
                cells[r, c] = xlrd.error_text_from_code.get(value, "#ERROR!"), ()
    rows = frozenset(r for r, row in sheet.rowinfo_map.items() if row.hidden or (row.has_default_height == 0 and row.height < _FLAT))
    columns = frozenset(c for c, column in sheet.colinfo_map.items() if column.hidden or column.width < _NARROW)
    within("merges", len(sheet.merged_cells))
    return Sheet(cells, tuple((top, left, low - 1, right - 1) for top, low, left, right in sheet.merged_cells), rows, columns)


def _font(book: Any, font: Any) -> Font:
    return Font(bool(font.struck_out), font.escapement in (1, 2), _colour(book, font.colour_index), font.height <= _TINY)


def _colour(book: Any, index: int) -> Colour | None:
    """Return a colour of the workbook's palette, None where it is the system's own for text."""
    found = book.colour_map.get(index)
    return (found[0] / 255, found[1] / 255, found[2] / 255) if found else None


def _paper(book: Any, xf: Any) -> Colour | None:
    """Return the colour behind a cell: white where it has none, None where two colours are mixed."""
    background = xf.background
    if background.fill_pattern == 0:
        return WHITE
    return _colour(book, background.pattern_colour_index) if background.fill_pattern == _SOLID else None


def _runs(text: str, starts: Any, fonts: list[Font]) -> Iterator[tuple[Font | None, str]]:
    """Part a string where its font changes; up to the first change it has the cell's."""
    places = [(0, None), *starts, (len(text), None)]
    for (start, font), (end, _) in pairwise(places):
        if text[start:end]:
            yield (fonts[font] if font is not None and font < len(fonts) else None), text[start:end]


def _uncalculated(book: Any, index: int) -> Iterator[tuple[Place, bool]]:
    """Yield the formulas of a sheet without a stored number, and whether the file says that nothing was calculated.

    Programs that write formulas and cannot calculate store an empty text (xlwt) or a 0 under a mark for the whole sheet.
    """
    memory, at, marked, depth = book.mem, book._sh_abs_posn[index], False, 0
    while at + 4 <= len(memory):
        code, length = struct.unpack("<HH", memory[at : at + 4])
        depth += (code in _BOF) - (code == _EOF)
        marked |= code == _UNCALCULATED
        if code in _FORMULAS and length >= 16 and depth == 1:
            row, column = struct.unpack("<HH", memory[at + 4 : at + 8])
            result = memory[at + 10 : at + 18]
            if (result[6:8] == b"\xff\xff" and result[0] == 3) or marked:
                yield (row, column), marked
        if depth <= 0:
            return
        at += 4 + length
