"""Damages of labels, heads and surroundings that only the tests do; those of simulated reports stand in ``gongkai.synthetic.defaced``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gongkai.core.model import Form
from gongkai.forms.layout import Box, Line, Sheet, Sheets, placed
from gongkai.synthetic.damages import Damaged, beside, printed
from gongkai.synthetic.defaced import each_label, first_row, is_wide, relabelled

FOREIGN = (("项目", "数量", "备注"), ("政务微博", "12", ""), ("政府公报", "4", "季刊"), ("其他", "7", ""), ("总计", "23", ""))


def cut_label(sheets: Sheets, row: str, keep: int) -> Damaged:
    """Let only the last line of a label survive, its last ``keep`` characters."""
    return relabelled(sheets, row, lambda text: text[-keep:])


def lose_label(sheets: Sheets, row: str) -> Damaged:
    """Leave the label of a row blank.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> [box.text for box in lose_label(layout(load_form("2019"), {}), "disclosure/permits").sheets["disclosure"][6]]
    ['', '', '', '']
    """
    return relabelled(sheets, row, lambda text: "")


def add_pinyin(sheets: Sheets) -> Damaged:
    """Print a reading aid in brackets behind each Chinese character of a label."""
    return each_label(sheets, lambda text: re.sub(r"([一-鿿])", r"\1(zì)", text))


def in_traditional(document: str) -> str:
    """Print a whole document in traditional characters.

    Examples
    --------
    >>> in_traditional("行政许可")
    '行政許可'
    """
    from opencc import OpenCC

    converted: str = OpenCC("s2t").convert(document)
    return converted


def swap_columns(form: Form, table: str, one: str, other: str) -> Form:
    """Return the form with two columns of a table in each other's place, for :func:`layout`: the heads move with the numbers.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> swapped = swap_columns(load_form("2019"), "disclosure", "newly_made", "total_disclosed")
    >>> [box.text for box in layout(swapped, {})["disclosure"][1]]
    ['信息内容', '对外公开总数量', '本年新公开数量', '本年新制作数量']
    """
    places = {one: other, other: one}
    body = form.tables[table]
    groups = tuple(
        replace(g, measures=tuple(places.get(m, m) for m in g.measures)) if {one, other} <= set(g.measures) else g for g in body.groups
    )
    return replace(form, tables={**form.tables, table: replace(body, groups=groups)})


def explain_heads(sheets: Sheets, text: str = "（指2019年增加或减少的事项数，减用负值表示，如-8）") -> Damaged:
    """Print an explanation with numbers behind every head.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> explain_heads(layout(load_form("2019"), {}), "（如-8）").sheets["disclosure"][1][1].text
    '本年新制作数量（如-8）'
    """

    def explained(sheet: Sheet) -> Iterator[Line]:
        for line in sheet:
            heads = len(line) > 1 and not any(box.path for box in line)
            yield tuple(replace(b, text=b.text + text) if heads and b.columns == 1 else b for b in line)

    return Damaged({code: tuple(explained(sheet)) for code, sheet in sheets.items()})


def set_upright(sheets: Sheets, table: str) -> Damaged:
    """Set the lowest heads of a table upright, as narrow columns have them: each letter a row of its own.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> upright = set_upright(layout(load_form("2019"), {}), "review")
    >>> [[box.text for box in line][-5:] for line in upright.sheets["review"][2:6]]
    [['结', '结', '其', '尚', '总'], ['果', '果', '他', '未', '计'], ['维', '纠', '结', '审', ''], ['持', '正', '果', '结', '']]
    """
    sheet = sheets[table]
    first = first_row(sheet)
    heads = [[box for box in line if line is sheet[first - 1] or box.rows > 1] for line in sheet[:first]]
    letters = max(len(box.text) for line in heads for box in line)
    leaves = sorted(
        ((x, box.text) for i, row in enumerate(placed(sheet)[:first]) for x, box in row if i + box.rows == first), key=lambda h: h[0]
    )
    over = [tuple(replace(b, text="" if b in heads[i] else b.text) for b in line) for i, line in enumerate(sheet[: first - 1])]
    upright = [tuple(Box(text[k : k + 1]) for _, text in leaves) for k in range(letters)]
    flat = [tuple(replace(b, rows=min(b.rows, first - 1 - i)) for b in line) for i, line in enumerate(over)]
    return Damaged({**sheets, table: (*flat, *upright, *sheet[first:])}, printed(*sheet))


def lose_heads(sheets: Sheets, table: str) -> Damaged:
    """Leave out the rows that name the columns of a table.

    Where the items stand side by side nothing says which numbers they are; elsewhere a unit that the head names is lost.
    """
    sheet = sheets[table]
    heads = {i for i, line in enumerate(sheet) if not any(box.path for box in line) and not is_wide(line, sheet)}
    left = tuple(line for i, line in enumerate(sheet) if i not in heads)
    all_heads = all(any(box.path for box in line) for line in left) and len(left) == 1
    hurt = {box.path: box.text for line in sheet for box in line if box.path and (all_heads or box.path.endswith("_yuan"))}
    return Damaged({**sheets, table: left}, hurt)


def skew_heads(sheets: Sheets, table: str, column: int) -> Damaged:
    """Let one head of a table span a column more than the numbers below it, so that the heads after it stand beside theirs."""
    sheet = sheets[table]
    first = first_row(sheet)
    rows = placed(sheet)
    heads = [(i, k) for i in range(first) for k, (x, box) in enumerate(rows[i]) if x + box.columns > column >= x and k]
    if not heads:
        return Damaged(sheets)
    row, at = heads[-1]
    lines = [tuple(replace(b, columns=b.columns + ((i, k) == (row, at))) for k, b in enumerate(line)) for i, line in enumerate(sheet)]
    return Damaged({**sheets, table: tuple(lines)}, printed(*sheet))


def stand_beside(
    sheets: Sheets, table: str, rows: Sequence[Sequence[str]] = FOREIGN, title: str = "其他公开情况：", after: bool = True
) -> Damaged:
    """Print a table of another kind before or after one of the form's, with numbers and a row 总计 of its own."""
    foreign: Sheet = ((Box(title, columns=0),), *(tuple(Box(text) for text in row) for row in rows))
    sheet = sheets[table]
    end: Sheet = ((Box("以上为本单位情况。", columns=0),),)
    return Damaged({**sheets, table: (*sheet, *foreign) if after else (*foreign, *end, *sheet)}, beside(sheet, len(sheet)) if after else {})
