"""Damages of rows and numbers, such as a copier or converter does; each returns the damaged tables and what they still print.

A row is named by ``table/item``, a cell by its path. The damages of labels, heads and surroundings stand in ``defaced``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gongkai.core.model import Form
from gongkai.forms.layout import Box, Line, Sheet, Sheets


@dataclass(frozen=True, slots=True)
class Damaged:
    """Damaged tables, and what they still print.

    Attributes
    ----------
    sheets : mapping of str to tuple
    truth : mapping of str to str or None
        For each official cell that was touched, what the document still prints of it, or None where it is gone.
    clean : bool
        Whether each of them still stands alone in its own cell: then it is read as it is printed, even where that is a mistake.
    codes : tuple of str
        Findings of which one names the row, the column or the table. None: a reader may pass over the damage in silence.
    """

    sheets: Sheets
    truth: Mapping[str, str | None] = field(default_factory=dict)
    clean: bool = False
    codes: tuple[str, ...] = ()


LOST = ("absent", "absent_table")
MOVED = ("realigned", "uncertain", "unreadable", "unclaimed", *LOST)


def delete_row(sheets: Sheets, row: str) -> Damaged:
    """Leave a row of the form (``applications/granted``) out of the document.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = delete_row(layout(load_form("2019"), {}), "applications/denied.state_secret")
    >>> [box.text for box in damaged.sheets["applications"][7]][:2], damaged.sheets["applications"][7][0].rows
    (['（三）不予公开', '2.其他法律行政法规禁止公开'], 7)
    """
    table, index, _ = find_row(sheets, row)
    sheet = sheets[table]
    tall = tuple(replace(box, rows=box.rows - 1) for box in sheet[index] if box.rows > 1)
    below = [(*(() if k else tall), *line) for k, line in enumerate(sheet[index + 1 :])]
    truth = {box.path: None for box in sheet[index] if box.path}
    return Damaged({**sheets, table: (*grown(sheet[:index], index, -1), *below)}, truth, codes=(*LOST, "unclaimed"))


def double_row(sheets: Sheets, row: str) -> Damaged:
    """Print a row twice.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = double_row(layout(load_form("2019"), {}), "disclosure/permits")
    >>> [line[0].text for line in damaged.sheets["disclosure"][6:8]]
    ['行政许可', '行政许可']
    """
    table, index, _ = find_row(sheets, row)
    sheet = sheets[table]
    line = tuple(replace(box, rows=box.rows + 1) if box.rows > 1 else box for box in sheet[index])
    again = tuple(box for box in sheet[index] if box.rows == 1)
    twice = (*grown(sheet[:index], index, 1), line, again, *sheet[index + 1 :])
    return Damaged({**sheets, table: twice}, printed(sheet[index]), codes=("duplicate_row", *MOVED))


def swap_rows(sheets: Sheets, row: str, other: str) -> Damaged:
    """Print two rows of a table in each other's place, their own labels with them; merged labels stay.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = swap_rows(layout(load_form("2019"), {}), "disclosure/regulations", "disclosure/normative_documents")
    >>> [line[0].text for line in damaged.sheets["disclosure"][2:4]]
    ['规范性文件', '规章']
    """
    table, a, _ = find_row(sheets, row)
    _, b, _ = find_row(sheets, other)
    lines = list(sheets[table])
    one, two = ([box for box in lines[i] if box.rows > 1] for i in (a, b))
    lines[a], lines[b] = (*one, *_low(sheets[table][b])), (*two, *_low(sheets[table][a]))
    return Damaged({**sheets, table: tuple(lines)})


def spill(sheets: Sheets, row: str, before: int, text: str = "0") -> Damaged:
    """Let a merged cell spill: one cell too many stands before the value at position ``before`` (at the end where there is none).

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = spill(layout(load_form("2019"), {"disclosure/fees/items_last_year": 35}), "disclosure/fees", 0)
    >>> [box.text for box in damaged.sheets["disclosure"][14]]
    ['行政事业性收费', '0', '35', '']
    """
    table, index, start = find_row(sheets, row)
    line, at = sheets[table][index], start + before
    return _with_line(sheets, table, index, (*line[:at], Box(text), *line[at:]))


def glue(sheets: Sheets, row: str, first: int, count: int = 2, between: str = "", wide: bool = False) -> Damaged:
    """Print ``count`` values from position ``first`` on in one cell, so that the row is short.

    The cells after it move up, unless the one cell is as ``wide`` as they were.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> values = {"disclosure/regulations/newly_made": 5, "disclosure/regulations/newly_disclosed": 1}
    >>> damaged = glue(layout(load_form("2019"), values), "disclosure/regulations", 0)
    >>> [box.text for box in damaged.sheets["disclosure"][2]]
    ['规章', '51', '']
    """
    table, index, start = find_row(sheets, row)
    line, at = sheets[table][index], start + first
    glued = line[at : at + count]
    one = Box(between.join(box.text for box in glued), 1, sum(box.columns for box in glued) if wide else 1)
    damaged = _with_line(sheets, table, index, (*line[:at], one, *line[at + count :]))
    return replace(damaged, codes=()) if between else damaged


def split_number(sheets: Sheets, path: str, digits: int = 1) -> Damaged:
    """Print a number in two cells, its first ``digits`` in the one and the rest in the other.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = split_number(layout(load_form("2019"), {"disclosure/fees/items_last_year": 35}), "disclosure/fees/items_last_year")
    >>> [box.text for box in damaged.sheets["disclosure"][14]]
    ['行政事业性收费', '3', '5', '']
    """
    table, index, at = find_cell(sheets, path)
    line = sheets[table][index]
    parts = (Box(line[at].text[:digits]), replace(line[at], text=line[at].text[digits:], path=""))
    return _with_line(sheets, table, index, (*line[:at], *parts, *line[at + 1 :]))


def misprint(sheets: Sheets, path: str, text: str) -> Damaged:
    """Print another number, as a mistake of the authority: the value is kept as printed, and broken sums must be reported.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = misprint(layout(load_form("2019"), {}), "review/reconsideration/total", "7")
    >>> damaged.truth, damaged.clean
    ({'review/reconsideration/total': '7'}, True)
    """
    table, index, at = find_cell(sheets, path)
    line = sheets[table][index]
    changed = _with_line(sheets, table, index, (*line[:at], replace(line[at], text=text), *line[at + 1 :]))
    return Damaged(changed.sheets, {path: text}, clean=True)


def leave_zeros(sheets: Sheets, tables: Iterable[str], instead: str = "") -> Damaged:
    """Leave every zero of some tables blank, or print a mark for it: neither is a zero.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = leave_zeros(layout(load_form("2019"), {"review/reconsideration/total": 0}), ["review"], "—")
    >>> damaged.truth
    {'review/reconsideration/total': '—'}
    """
    chosen = set(tables)
    zeros = [box.path for code in chosen for line in sheets[code] for box in line if box.path and box.text == "0"]
    left = {path: instead for path in zeros}
    changed = {code: retyped(sheet, left) if code in chosen else sheet for code, sheet in sheets.items()}
    return Damaged(
        changed, left, clean=True, codes=(() if not zeros else ("blank", "uncertain", "realigned") if not instead else ("mark",))
    )


def group_thousands(sheets: Sheets) -> Damaged:
    """Print whole numbers with thousands separators: 1,234.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = group_thousands(layout(load_form("2019"), {"disclosure/permits/decisions": 1234567}))
    >>> damaged.sheets["disclosure"][6][-1].text
    '1,234,567'
    """
    return _reprinted(sheets, {box.path: f"{int(box.text):,}" for box in numbers(sheets) if box.text.isdigit()})


def widen(sheets: Sheets) -> Damaged:
    """Print numbers in full width: １２．５万元.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> widen(layout(load_form("2019"), {"disclosure/permits/decisions": 12})).sheets["disclosure"][6][-1].text
    '１２'
    """
    wide = {c: c + 0xFEE0 for c in range(0x21, 0x7F)}
    return _reprinted(sheets, {box.path: box.text.translate(wide) for box in numbers(sheets)})


def add_units(form: Form, sheets: Sheets, unit: str = "件") -> Damaged:
    """Print a unit behind every count.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> form = load_form("2019")
    >>> add_units(form, layout(form, {"disclosure/permits/decisions": 12})).sheets["disclosure"][6][-1].text
    '12件'
    """
    counted = {f.path for f in form.fields if f.unit == "count"}
    return _reprinted(sheets, {box.path: box.text + unit for box in numbers(sheets) if box.path in counted and box.text[-1:].isdigit()})


def numbers(sheets: Sheets) -> list[Box]:
    """Return every official cell that prints something."""
    return [box for sheet in sheets.values() for line in sheet for box in line if box.path and box.text]


def find_row(sheets: Sheets, row: str) -> tuple[str, int, int]:
    """Return the table of a row of the form, the line that prints it, and its first official cell there."""
    table = row.split("/")[0]
    places = ((i, k) for i, line in enumerate(sheets[table]) for k, box in enumerate(line) if box.path.startswith(f"{row}/"))
    return table, *next(places)


def find_cell(sheets: Sheets, path: str) -> tuple[str, int, int]:
    """Return the table of an official cell, the line that prints it, and its place there."""
    table = path.split("/")[0]
    return table, *next((i, k) for i, line in enumerate(sheets[table]) for k, box in enumerate(line) if box.path == path)


def printed(*lines: Line) -> dict[str, str | None]:
    """Return what rows print of their official cells."""
    return {box.path: box.text for line in lines for box in line if box.path}


def beside(sheet: Sheet, index: int) -> dict[str, str | None]:
    """Return what is printed by the row above and the row below something inserted: the last row with official cells, and this one."""
    above = [line for line in sheet[:index] if any(box.path for box in line)]
    return printed(*above[-1:], *sheet[index : index + 1])


def retyped(sheet: Sheet, texts: Mapping[str, str]) -> Sheet:
    """Print other characters in some official cells."""
    return tuple(tuple(replace(box, text=texts.get(box.path, box.text)) for box in line) for line in sheet)


def _reprinted(sheets: Sheets, texts: Mapping[str, str]) -> Damaged:
    """Print the same numbers with other characters: every value stays."""
    return Damaged({code: retyped(sheet, texts) for code, sheet in sheets.items()})


def _low(line: Line) -> list[Box]:
    return [box for box in line if box.rows == 1]


def grown(above: Sequence[Line], index: int, by: int) -> list[Line]:
    """Let the merged labels that begin above a row and reach it cover more rows, or fewer."""
    return [tuple(replace(b, rows=b.rows + by * (k + b.rows > index)) for b in line) for k, line in enumerate(above)]


def _with_line(sheets: Sheets, table: str, index: int, line: Line) -> Damaged:
    """Replace a row by a changed one that prints all its values, though some in the wrong place."""
    sheet = sheets[table]
    truth = printed(sheet[index])
    return Damaged({**sheets, table: (*sheet[:index], line, *sheet[index + 1 :])}, truth, codes=MOVED)
