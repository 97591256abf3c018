"""Damages of labels, of heads and of what stands between rows; each returns the damaged tables and what they still print."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from gongkai.forms.layout import Box, Line, Sheet, Sheets, placed, reach
from gongkai.synthetic.damages import Damaged, beside, find_row, grown

NUMBERINGS = ("{}.", "{}、", "（{}）", "({})", "①", "{} ")
_NUMBERED = re.compile(r"(\d)\.(?=\D)")


def interrupt(sheets: Sheets, row: str, text: str, inside: bool = False) -> Damaged:
    """Print something between the row above and this one: a note, a page mark, a bare number.

    It stands outside, and the table goes on below, or ``inside`` in a cell as wide as the table.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = interrupt(layout(load_form("2019"), {}), "disclosure/normative_documents", "— 5 —")
    >>> [line[0].text for line in damaged.sheets["disclosure"][2:5]]
    ['规章', '— 5 —', '规范性文件']
    """
    table, index, _ = find_row(sheets, row)
    sheet = sheets[table]
    index = 0 if not any(box.path for line in sheet[:index] for box in line) else index
    if inside:
        free = max(reach(sheet)) - sum(box.columns for box in _held(sheet, index))
        return Damaged({**sheets, table: (*grown(sheet[:index], index, 1), (Box(text, 1, free),), *sheet[index:])}, beside(sheet, index))
    above, below = _torn(sheet, index)
    return Damaged({**sheets, table: (*above, (Box(text, columns=0),), *below)}, beside(sheet, index))


def break_page(sheets: Sheets, row: str, mark: str = "— 5 —", repeat: bool = False) -> Damaged:
    """Let a page end before a row; the merged labels go on blank, and the head is repeated or not.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = break_page(layout(load_form("2019"), {}), "applications/denied.prohibited_by_law", repeat=True)
    >>> [line[0].text for line in damaged.sheets["applications"][8:13]]
    ['— 5 —', '（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）', '自然人', '商业企业', '']
    """
    table, index, _ = find_row(sheets, row)
    sheet = sheets[table]
    above, below = _torn(sheet, index)
    parts = (*above, (Box(mark, columns=0),), *(_heads_above(sheet, index) if repeat else ()), *below)
    return Damaged({**sheets, table: parts}, beside(sheet, index))


def break_row(sheets: Sheets, row: str, letters: int, mark: str = "— 5 —", below: bool = False) -> Damaged:
    """Let a page end within a row: the first ``letters`` of its label stand on the one page, the rest on the next.

    Its values stay with the first part, or go with the rest (``below``).

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> damaged = break_row(layout(load_form("2019"), {}), "disclosure/permits", 2)
    >>> [[box.text for box in line] for line in damaged.sheets["disclosure"][6:9]]
    [['行政', '', '', ''], ['— 5 —'], ['许可', '', '', '']]
    """
    table, index, start = find_row(sheets, row)
    sheet = sheets[table]
    above, rest = _torn(sheet, index + 1) if index + 1 < len(sheet) else (sheet, ())
    line = sheet[index]
    label, values = line[:start], line[start:]
    empty = tuple(replace(box, text="", path="") for box in values)
    first, last = _cut(label, letters), tuple(replace(b, text=b.text[letters:]) if k == len(label) - 1 else b for k, b in enumerate(label))
    blank = tuple(replace(box, text="", rows=1) for box in last[:-1])
    held = _held(sheet, index) if start == 1 or not label or all(b.rows == 1 for b in label) else ()
    upper = (*first, *(empty if below else values))
    lower = (*held, *blank, *last[-1:], *(values if below else empty))
    parts = (*above[:index], upper, (Box(mark, columns=0),), lower, *rest)
    return Damaged({**sheets, table: parts}, beside(sheet, index))


def misprint_label(sheets: Sheets, row: str, at: int, character: str) -> Damaged:
    """Print one wrong character in a label."""
    return relabelled(sheets, row, lambda text: text[:at] + character + text[at + 1 :])


def drop_merged(sheets: Sheets, keep_place: bool = False) -> Damaged:
    """Leave out the labels that are merged over several rows, so that rows differ in length; or only their words.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> drop_merged(layout(load_form("2019"), {})).sheets["applications"][5][0].text
    '（一）予以公开'
    """

    def dropped(box: Box) -> tuple[Box, ...]:
        return ((replace(box, text=""),) if keep_place else ()) if box.rows > 1 else (box,)

    return _each_row(sheets, lambda line: tuple(b for box in line for b in dropped(box)))


def repeat_merged(sheets: Sheets) -> Damaged:
    """Print a label that is merged over several rows in each of them."""

    def repeated(sheet: Sheet) -> Sheet:
        first = first_row(sheet)
        return (*sheet[:first], *((*_held(sheet, i), *_flat(line)) for i, line in enumerate(sheet) if i >= first))

    return Damaged({code: repeated(sheet) for code, sheet in sheets.items()})


def renumber(sheets: Sheets, style: str) -> Damaged:
    """Number the rows in another style: ``{}、`` for ``1、``; ``①`` for circled numbers.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> renumber(layout(load_form("2019"), {}), "①").sheets["applications"][7][1].text
    '①属于国家秘密'
    """

    def numbered(found: re.Match[str]) -> str:
        return chr(ord("①") + int(found[1]) - 1) if style == "①" else style.format(found[1])

    return each_label(sheets, lambda text: _NUMBERED.sub(numbered, text, count=1) if _NUMBERED.match(text) else text)


def label_of(sheets: Sheets, row: str) -> str:
    """Return the label that stands next to a row's values."""
    table, index, start = find_row(sheets, row)
    return sheets[table][index][start - 1].text


def first_row(sheet: Sheet) -> int:
    """Return the first line that prints official cells."""
    return next((i for i, line in enumerate(sheet) if any(box.path for box in line)), len(sheet))


def is_wide(line: Line, sheet: Sheet) -> bool:
    """Say whether a line is one box as wide as the table."""
    return len(line) == 1 and line[0].columns == max(reach(sheet))


def _heads_above(sheet: Sheet, index: int) -> Sheet:
    """Return the rows that name the columns of a row."""
    valued = [i for i in range(index) if any(box.path for box in sheet[i])]
    blocks = [i for i in range(index) if not any(box.path for box in sheet[i]) and not is_wide(sheet[i], sheet)]
    last = blocks[-1] if blocks else -1
    first = max((i for i in valued if i < last), default=-1)
    return tuple(sheet[i] for i in blocks if i > first)


def _torn(sheet: Sheet, index: int) -> tuple[Sheet, Sheet]:
    """Tear a sheet before a row; a merged label that reaches below goes on there as a blank cell."""
    above = tuple(tuple(replace(b, rows=min(b.rows, index - i)) for b in line) for i, line in enumerate(sheet[:index]))
    reaching = [
        (x, replace(box, text="", rows=i + box.rows - index))
        for i, row in enumerate(placed(sheet)[:index])
        for x, box in row
        if i + box.rows > index
    ]
    rest = [*reaching, *placed(sheet)[index]]
    first = tuple(box for _, box in sorted(rest, key=lambda at: at[0]))
    return above, (first, *sheet[index + 1 :])


def _held(sheet: Sheet, index: int) -> Line:
    """Return the merged labels that began above a row and stand beside it, one row high."""
    boxes = [(x, b) for i, row in enumerate(placed(sheet)[:index]) for x, b in row if i + b.rows > index]
    return tuple(replace(box, rows=1) for _, box in sorted(boxes, key=lambda at: at[0]))


def _flat(line: Line) -> Line:
    return tuple(replace(box, rows=1) for box in line)


def _cut(label: Line, letters: int) -> Line:
    return (*(replace(b, rows=1) for b in label[:-1]), replace(label[-1], text=label[-1].text[:letters])) if label else ()


def relabelled(sheets: Sheets, row: str, change: Callable[[str], str]) -> Damaged:
    """Change the label of one row."""
    table, index, start = find_row(sheets, row)
    line = sheets[table][index]
    renamed = tuple(replace(b, text=change(b.text)) if k == start - 1 else b for k, b in enumerate(line))
    truth = beside(sheets[table], index)
    return Damaged({**sheets, table: (*sheets[table][:index], renamed, *sheets[table][index + 1 :])}, truth)


def _each_row(sheets: Sheets, change: Callable[[Line], Line]) -> Damaged:
    """Change every row that prints official cells; heads stay."""

    def changed(sheet: Sheet) -> Sheet:
        return tuple(change(line) if any(box.path for box in line) else line for line in sheet)

    return Damaged({code: changed(sheet) for code, sheet in sheets.items()})


def each_label(sheets: Sheets, change: Callable[[str], str]) -> Damaged:
    """Change the text of every box that is no official cell."""

    def changed(box: Box) -> Box:
        return box if box.path else replace(box, text=change(box.text))

    return Damaged({code: tuple(tuple(map(changed, line)) for line in sheet) for code, sheet in sheets.items()})
