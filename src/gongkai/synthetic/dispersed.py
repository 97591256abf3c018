"""Damages of whole tables, such as converters and crawlers do that know no table; they share none of the reader's assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from gongkai.forms.layout import Box, Sheet, Sheets
from gongkai.synthetic.damages import MOVED, Damaged, beside, find_row, grown, printed
from gongkai.synthetic.defaced import first_row

STRANGERS = ("行政检查", "罚没收入", "其他主动公开文件", "政务微博")
APPENDED = "附件：全县各部门汇总"


def tear_labels(sheets: Sheets, row: str, count: int) -> Damaged:
    """Print the labels of some rows from ``row`` on in a block, and their numbers in a block behind it, a row a line.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> torn = tear_labels(layout(load_form("2019"), {"disclosure/regulations/newly_made": 3}), "disclosure/regulations", 2)
    >>> [[box.text for box in line] for line in torn.sheets["disclosure"][2:6]]
    [['规章'], ['规范性文件'], ['3', '', ''], ['', '', '']]
    """
    table, index, _ = find_row(sheets, row)
    sheet = sheets[table]
    lines = [*takewhile(lambda line: any(box.path for box in line), sheet[index : index + count])]
    labels = [tuple(replace(box, rows=1) for box in line if not box.path) for line in lines]
    numbers = [tuple(box for box in line if box.path) for line in lines]
    above = tuple(tuple(replace(b, rows=min(b.rows, index - i)) for b in line) for i, line in enumerate(sheet[:index]))
    torn = (*above, *filter(None, labels), *numbers, *sheet[index + len(lines) :])
    return Damaged({**sheets, table: torn}, printed(*lines))


def flatten_heads(sheets: Sheets, table: str) -> Damaged:
    """Print all heads of a group of rows in one line, in reading order.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> flat = flatten_heads(layout(load_form("2019"), {}), "applications").sheets["applications"][0]
    >>> [box.text for box in flat][1:6]
    ['申请人情况', '自然人', '法人或其他组织', '总计', '商业企业']
    """
    sheet = sheets[table]
    first = first_row(sheet)
    heads = tuple(Box(box.text) for line in sheet[:first] for box in line)
    return Damaged({**sheets, table: (heads, *sheet[first:])} if first else sheets, printed(*sheet))


def add_stranger(sheets: Sheets, row: str, label: str, numbers: Sequence[str]) -> Damaged:
    """Print a row that is not on the form behind one that is, with as many of the ``numbers`` as that has.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> added = add_stranger(layout(load_form("2019"), {}), "disclosure/permits", "行政检查", ["7", "8", "9"])
    >>> [box.text for box in added.sheets["disclosure"][7]]
    ['行政检查', '7', '8', '9']
    """
    table, index, start = find_row(sheets, row)
    line = sheets[table][index]
    labels = [replace(box, text=label, rows=1) for box in line[start - 1 : start] if not box.path]
    own = [replace(box, text=text, path="") for box, text in zip(line[start:], numbers, strict=False)]
    sheet = (*grown(sheets[table][: index + 1], index + 1, 1), (*labels, *own), *sheets[table][index + 1 :])
    truth = beside(sheets[table], index + 1) | printed(line)
    return Damaged({**sheets, table: sheet}, truth, codes=MOVED)


def append_tables(sheets: Sheets, times: int = 3, title: str = APPENDED) -> Damaged:
    """Print a second set of tables, as of an appendix, behind the last one; every number is some ``times`` as much.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> sheets = layout(load_form("2019"), {})
    >>> appended = append_tables(sheets).sheets["review"]
    >>> appended[4][0].text, len(appended) - 5 == sum(map(len, sheets.values()))
    ('附件：全县各部门汇总', True)
    """
    last = list(sheets)[-1]
    second: Sheet = tuple(tuple(_times(box, times) for box in line) for sheet in sheets.values() for line in sheet)
    return Damaged({**sheets, last: (*sheets[last], (Box(title, columns=0),), *second)}, codes=("second_tables", *MOVED))


def _times(box: Box, times: int) -> Box:
    return replace(box, path="", text=str(times * int(box.text)) if box.path and box.text.isdigit() else box.text)


def lose_cell(sheets: Sheets, row: str, at: int) -> Damaged:
    """Leave one value of a row out, so that those behind it move up.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> lost = lose_cell(layout(load_form("2019"), {"disclosure/permits/decisions": 5}), "disclosure/permits", 0)
    >>> [box.text for box in lost.sheets["disclosure"][6]], lost.truth["disclosure/permits/items_last_year"]
    (['行政许可', '', '5'], None)
    """
    table, index, start = find_row(sheets, row)
    line, sheet = sheets[table][index], sheets[table]
    gone = line[start + at]
    left = (*line[: start + at], *line[start + at + 1 :])
    truth = printed(line) | {gone.path: None}
    return Damaged({**sheets, table: (*sheet[:index], left, *sheet[index + 1 :])}, truth)


def add_cell(sheets: Sheets, row: str, before: int, text: str = "") -> Damaged:
    """Print a cell too many in a row, an empty one unless ``text`` says otherwise; the row may be any, also one without a sum."""
    table, index, start = find_row(sheets, row)
    sheet, line, at = sheets[table], sheets[table][index], start + before
    longer = (*line[:at], Box(text), *line[at:])
    return Damaged({**sheets, table: (*sheet[:index], longer, *sheet[index + 1 :])}, printed(line))
