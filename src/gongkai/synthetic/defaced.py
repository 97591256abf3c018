"""What happens to labels, heads and what stands between and beside the rows, each kind with the truth that it leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gongkai.core.model import Form
from gongkai.forms.layout import Box, Line, Sheet, Sheets, placed, reach
from gongkai.synthetic.damages import Damaged, beside, find_row, grown, printed

NUMBERINGS = ("{}.", "{}、", "（{}）", "({})", "①", "{} ")
_NUMBERED = re.compile(r"(\d)\.(?=\D)")
FOREIGN = (("项目", "数量", "备注"), ("政务微博", "12", ""), ("政府公报", "4", "季刊"), ("其他", "7", ""), ("总计", "23", ""))


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


def cut_label(sheets: Sheets, row: str, keep: int) -> Damaged:
    """Let only the last line of a label survive, its last ``keep`` characters."""
    return _relabelled(sheets, row, lambda text: text[-keep:])


def misprint_label(sheets: Sheets, row: str, at: int, character: str) -> Damaged:
    """Print one wrong character in a label."""
    return _relabelled(sheets, row, lambda text: text[:at] + character + text[at + 1 :])


def lose_label(sheets: Sheets, row: str) -> Damaged:
    """Leave the label of a row blank.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> [box.text for box in lose_label(layout(load_form("2019"), {}), "disclosure/permits").sheets["disclosure"][6]]
    ['', '', '', '']
    """
    return _relabelled(sheets, row, lambda text: "")


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
        first = _first_row(sheet)
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

    return _each_label(sheets, lambda text: _NUMBERED.sub(numbered, text, count=1) if _NUMBERED.match(text) else text)


def add_pinyin(sheets: Sheets) -> Damaged:
    """Print a reading aid in brackets behind each Chinese character of a label."""
    return _each_label(sheets, lambda text: re.sub(r"([一-鿿])", r"\1(zì)", text))


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
    first = _first_row(sheet)
    heads = [[box for box in line if line is sheet[first - 1] or box.rows > 1] for line in sheet[:first]]
    letters = max(len(box.text) for line in heads for box in line)
    leaves = sorted(
        ((x, box.text) for i, row in enumerate(placed(sheet)[:first]) for x, box in row if i + box.rows == first), key=lambda h: h[0]
    )
    over = [tuple(replace(b, text="" if b in heads[i] else b.text) for b in line) for i, line in enumerate(sheet[: first - 1])]
    upright = [tuple(Box(text[k : k + 1]) for _, text in leaves) for k in range(letters)]
    flat = [tuple(replace(b, rows=min(b.rows, first - 1 - i)) for b in line) for i, line in enumerate(over)]
    return Damaged({**sheets, table: (*flat, *upright, *sheet[first:])}, printed(*sheet))


def label_of(sheets: Sheets, row: str) -> str:
    """Return the label that stands next to a row's values."""
    table, index, start = find_row(sheets, row)
    return sheets[table][index][start - 1].text


def lose_heads(sheets: Sheets, table: str) -> Damaged:
    """Leave out the rows that name the columns of a table.

    Where the items stand side by side nothing says which numbers they are; elsewhere a unit that the head names is lost.
    """
    sheet = sheets[table]
    heads = {i for i, line in enumerate(sheet) if not any(box.path for box in line) and not _is_wide(line, sheet)}
    left = tuple(line for i, line in enumerate(sheet) if i not in heads)
    all_heads = all(any(box.path for box in line) for line in left) and len(left) == 1
    hurt = {box.path: box.text for line in sheet for box in line if box.path and (all_heads or box.path.endswith("_yuan"))}
    return Damaged({**sheets, table: left}, hurt)


def skew_heads(sheets: Sheets, table: str, column: int) -> Damaged:
    """Let one head of a table span a column more than the numbers below it, so that the heads after it stand beside theirs."""
    sheet = sheets[table]
    first = _first_row(sheet)
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


def _first_row(sheet: Sheet) -> int:
    """Return the first line that prints official cells."""
    return next((i for i, line in enumerate(sheet) if any(box.path for box in line)), len(sheet))


def _is_wide(line: Line, sheet: Sheet) -> bool:
    return len(line) == 1 and line[0].columns == max(reach(sheet))


def _heads_above(sheet: Sheet, index: int) -> Sheet:
    """Return the rows that name the columns of a row."""
    valued = [i for i in range(index) if any(box.path for box in sheet[i])]
    blocks = [i for i in range(index) if not any(box.path for box in sheet[i]) and not _is_wide(sheet[i], sheet)]
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


def _relabelled(sheets: Sheets, row: str, change: Callable[[str], str]) -> Damaged:
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


def _each_label(sheets: Sheets, change: Callable[[str], str]) -> Damaged:
    def changed(box: Box) -> Box:
        return box if box.path else replace(box, text=change(box.text))

    return Damaged({code: tuple(tuple(map(changed, line)) for line in sheet) for code, sheet in sheets.items()})
