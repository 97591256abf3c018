"""The way back: the cells of an edition, printed as a document, whole or with one damage whose truth is known.

What is printed is driven by the form alone. ``layout`` gives the official tables as rows of boxes, the damages change boxes,
and the writers turn boxes and a story into a page or a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import reduce
from html import escape
from itertools import groupby

from gongkai.forms import one_of_each
from gongkai.model import Field, Form, Group, Name, Table
from gongkai.text import width

LAYOUTS = ("tabs", "spaces", "lines")
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Box:
    """One printed cell: its characters, the rows and columns it covers, the path of the official cell it prints (none for a label)."""

    text: str
    rows: int = 1
    columns: int = 1
    path: str = ""


Line = tuple[Box, ...]
Sheet = tuple[Line, ...]
Sheets = Mapping[str, Sheet]
Values = Mapping[str, "float | str | None"]


@dataclass(frozen=True, slots=True)
class Style:
    """How numbers are printed: money in ``万元`` or ``元``; ``minus`` before a decrease (``-`` or ``减 ``), ``plus`` before an increase."""

    money: str = "万元"
    minus: str = "-"
    plus: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """What stands around the tables. ``prose`` gives the paragraphs of a section by its code; other sections get a neutral sentence."""

    place: str = "青石县"
    year: int = 2019
    title: str = ""
    published: str = ""
    prose: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        return self.title or f"{self.place}{self.year}年政府信息公开工作年度报告"

    @property
    def signature(self) -> tuple[str, str]:
        return f"{self.place}人民政府办公室", self.published or f"{self.year + 1}年1月20日"


@dataclass(frozen=True, slots=True)
class Damaged:
    """Damaged sheets, and for each official cell of the row what is still printed of it somewhere, or None where it is gone."""

    sheets: Sheets
    truth: Mapping[str, str | None]


def print_value(official: Field, value: float | str | None, style: Style = Style()) -> str:
    """Print one value as an authority would; text is printed as it is, None as nothing.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> fields = {f.path: f for f in load_form("2019").fields}
    >>> print_value(fields["disclosure/procurement/amount_yuan"], 14725700)
    '1472.57万元'
    >>> print_value(fields["disclosure/permits/change"], -16, Style(minus="减 "))
    '减 16'
    """
    if value is None or isinstance(value, str):
        return value or ""
    if official.unit == "yuan":
        return _plain_decimal(Decimal(str(round(value, 2))) / (10_000 if style.money == "万元" else 1)) + style.money
    if not official.signed or not value:
        return f"{value:.0f}"
    return f"{style.minus if value < 0 else style.plus}{abs(value):.0f}"


def _plain_decimal(number: Decimal) -> str:
    shown = f"{number:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def layout(form: Form, values: Values, style: Style = Style()) -> dict[str, Sheet]:
    """Lay the values out as the official tables print them, merged labels and heads included.

    Parameters
    ----------
    form : Form
        The edition; nothing about its tables is known here.
    values : mapping of str to float, str or None
        By path ``table/item/measure``; what is missing or None is left blank, text is printed as it is.
    style : Style
        How numbers are printed.

    Returns
    -------
    dict of str to tuple
        For each table its rows, each a tuple of boxes; a merged cell is there once, where it starts.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> sheets = layout(load_form("2019"), {"disclosure/permits/change": -16})
    >>> [(box.text, box.columns) for box in sheets["disclosure"][4]]
    [('第二十条第（五）项', 4)]
    >>> [box.text for box in sheets["disclosure"][6]]
    ['行政许可', '', '-16', '']
    """
    given = {tuple(path.split("/")[:2]) for path, value in values.items() if value is not None}
    form = one_of_each(form, lambda table, item: (table, item) in given)
    printed = {f.path: print_value(f, values.get(f.path), style) for f in form.fields}
    return {code: _across(table, printed) if table.across else _down(table, printed) for code, table in form.tables.items()}


def _down(table: Table, printed: Mapping[str, str]) -> Sheet:
    """Lay out a table whose items stand below each other."""
    stub = max(len(_names(table, name)) for name in table.items.values())
    most = max(len(g.measures) for g in table.groups)
    return tuple(line for group in table.groups for line in _group(table, group, stub, most, printed))


def _group(table: Table, group: Group, stub: int, most: int, printed: Mapping[str, str]) -> Iterator[Line]:
    """Lay out rows that share their columns; where they have fewer than the table, the last one is wider."""
    sizes = [1] * (len(group.measures) - 1) + [1 + most - len(group.measures)]
    if group.zh:
        yield (Box(group.zh, 1, stub + most),)
    heads = [_over_all(table) + _names(table, table.measures[m]) for m in group.measures]
    yield from _head(heads, sizes, Box(group.corner, max(map(len, heads)), stub))
    labels = list(_outline([_names(table, table.items[i]) for i in group.items], [1] * len(group.items), stub))
    for row, item in enumerate(group.items):
        paths = [f"{table.code}/{item}/{measure}" for measure in group.measures]
        stubs = (Box(text, run, extent) for _, leaf, text, run, extent in labels if leaf == row)
        yield (*stubs, *(Box(printed[path], 1, size, path) for path, size in zip(paths, sizes, strict=True)))


def _across(table: Table, printed: Mapping[str, str]) -> Sheet:
    """Lay out a table whose items stand side by side over one row of values."""
    lines: list[Line] = []
    for group in table.groups:
        pairs = [(item, measure) for item in group.items for measure in group.measures]
        heads = [_over_all(table) + _names(table, table.items[i]) + _names(table, table.measures[m]) for i, m in pairs]
        paths = [f"{table.code}/{item}/{measure}" for item, measure in pairs]
        lines += [*_head(heads, [1] * len(heads)), tuple(Box(printed[path], path=path) for path in paths)]
    return tuple(lines)


def _names(table: Table, name: Name) -> tuple[str, ...]:
    """Return the labels that lead to a row or column, the outermost merged one first."""
    return (*(table.spans[code] for code in name.under), name.zh)


def _over_all(table: Table) -> tuple[str, ...]:
    """Return the merged labels that no row or column names as its own: they stand over all columns."""
    owned = {code for name in (*table.items.values(), *table.measures.values()) for code in name.under}
    return tuple(text for code, text in table.spans.items() if code not in owned)


def _head(paths: Sequence[tuple[str, ...]], sizes: Sequence[int], corner: Box | None = None) -> Iterator[Line]:
    placed = sorted(_outline(paths, sizes, max(map(len, paths))))
    for level, boxes in groupby(placed, key=lambda b: b[0]):
        line = tuple(Box(text, extent, run) for _, _, text, run, extent in boxes)
        yield (corner, *line) if corner and not level else line


def _outline(paths: Sequence[tuple[str, ...]], sizes: Sequence[int], depth: int) -> Iterator[tuple[int, int, str, int, int]]:
    """Merge the equal beginnings of neighbouring paths: level, first leaf, text, size along the leaves, extent across the levels."""
    for leaf, path in enumerate(paths):
        for level, text in enumerate(path[:-1]):
            stem = path[: level + 1]
            if not leaf or paths[leaf - 1][: level + 1] != stem:
                yield level, leaf, text, sum(size for p, size in zip(paths, sizes, strict=True) if p[: level + 1] == stem), 1
        yield len(path) - 1, leaf, path[-1], sizes[leaf], depth - len(path) + 1


def delete_row(sheets: Sheets, row: str) -> Damaged:
    """Leave a row of the form (``applications/granted``) out of the document.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> damaged = delete_row(layout(load_form("2019"), {}), "applications/denied.state_secret")
    >>> [box.text for box in damaged.sheets["applications"][7]][:2], damaged.sheets["applications"][7][0].rows
    (['（三）不予公开', '2.其他法律行政法规禁止公开'], 7)
    """
    table, index, _ = _find(sheets, row)
    sheet = sheets[table]
    tall = tuple(replace(box, rows=box.rows - 1) for box in sheet[index] if box.rows > 1)
    above = [tuple(replace(b, rows=b.rows - (k + b.rows > index)) for b in line) for k, line in enumerate(sheet[:index])]
    below = [(*(() if k else tall), *line) for k, line in enumerate(sheet[index + 1 :])]
    return Damaged({**sheets, table: (*above, *below)}, {box.path: None for box in sheet[index] if box.path})


def spill(sheets: Sheets, row: str, before: int, text: str = "0") -> Damaged:
    """Let a merged cell spill: one cell too many stands before the value at position ``before`` (at the end where there is none).

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> damaged = spill(layout(load_form("2019"), {"disclosure/fees/items_last_year": 35}), "disclosure/fees", 0)
    >>> [box.text for box in damaged.sheets["disclosure"][14]]
    ['行政事业性收费', '0', '35', '']
    """
    table, index, start = _find(sheets, row)
    line, at = sheets[table][index], start + before
    return _with_line(sheets, table, index, (*line[:at], Box(text), *line[at:]))


def glue(sheets: Sheets, row: str, first: int, wide: bool = False) -> Damaged:
    """Print the values at positions ``first`` and ``first + 1`` in one cell, so that the row is one cell short.

    The cells after it move up, unless the one cell is as ``wide`` as the two.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> values = {"disclosure/regulations/newly_made": 5, "disclosure/regulations/newly_disclosed": 1}
    >>> damaged = glue(layout(load_form("2019"), values), "disclosure/regulations", 0)
    >>> [box.text for box in damaged.sheets["disclosure"][2]]
    ['规章', '51', '']
    """
    table, index, start = _find(sheets, row)
    line, at = sheets[table][index], start + first
    both = Box(line[at].text + line[at + 1].text, 1, line[at].columns + line[at + 1].columns if wide else 1)
    return _with_line(sheets, table, index, (*line[:at], both, *line[at + 2 :]))


def _find(sheets: Sheets, row: str) -> tuple[str, int, int]:
    """Return the table of a row of the form, the line that prints it, and its first official cell there."""
    table = row.split("/")[0]
    places = ((i, k) for i, line in enumerate(sheets[table]) for k, box in enumerate(line) if box.path.startswith(f"{row}/"))
    return table, *next(places)


def _with_line(sheets: Sheets, table: str, index: int, line: Line) -> Damaged:
    """Put a changed row in the place of the old one; all its values are still there, though not where they belong."""
    sheet = sheets[table]
    truth = {box.path: box.text for box in sheet[index] if box.path}
    return Damaged({**sheets, table: (*sheet[:index], line, *sheet[index + 1 :])}, truth)


def to_html(form: Form, sheets: Sheets, story: Story = Story(), charset: str = "utf-8") -> str:
    """Write a page as a county's content system would: paragraphs and spans in every cell, merged cells as spans.

    ``charset`` is what the page says of itself; encoding it is up to the caller.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> form = load_form("2019")
    >>> page = to_html(form, layout(form, {"review/reconsideration/upheld": 3}))
    >>> page.count("<table"), page.count('<td><p class="MsoNormal"><span>3</span></p></td>')
    (3, 1)
    """
    body = "".join(_html_block(block) for block in _blocks(form, sheets, story))
    signed = "".join(f'<p class="MsoNormal" style="text-align:right"><span>{escape(t)}</span></p>' for t in story.signature)
    head = f'<meta charset="{escape(charset)}"><title>{escape(story.heading)}</title>'
    return f'<!DOCTYPE html>\n<html><head>{head}</head><body>\n<div id="content">{body}{signed}</div>\n</body></html>\n'


def _html_block(block: str | Sheet) -> str:
    if isinstance(block, str):
        return f'<p class="MsoNormal"><span>{escape(block)}</span></p>\n'
    rows = "".join(f"<tr>{''.join(map(_html_cell, line))}</tr>\n" for line in block)
    return f'<table class="MsoNormalTable" border="1"><tbody>\n{rows}</tbody></table>\n'


def _html_cell(box: Box) -> str:
    spans = "".join(f' {name}="{n}"' for name, n in (("rowspan", box.rows), ("colspan", box.columns)) if n > 1)
    return f'<td{spans}><p class="MsoNormal"><span>{escape(box.text)}</span></p></td>'


def to_text(form: Form, sheets: Sheets, story: Story = Story(), layout: str = "tabs", page: int = 0) -> str:
    """Write a document flattened to text.

    Parameters
    ----------
    form : Form
        The edition, whose sections give the headings.
    sheets : mapping of str to tuple
        What :func:`layout` returned, or a damage made of it.
    story : Story
        Title, prose and signature.
    layout : {"tabs", "spaces", "lines"}
        Each row a line with a tab between cells, where a merged cell leaves its further fields empty; columns aligned by runs of
        spaces, where a blank cell cannot be seen; or each cell that is not blank on a line of its own.
    page : int
        Lines on a page; a blank line marks its end, in the middle of a table or a sentence. 0 for one endless page.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> form = load_form("2019")
    >>> text = to_text(form, layout(form, {"applications/granted/total": 7}))
    >>> next(line for line in text.splitlines() if "予以公开" in line)
    '三、本年度办理结果\\t（一）予以公开\\t\\t\\t\\t\\t\\t\\t\\t7'
    """
    rows_of = {"tabs": _tab_rows, "spaces": _space_rows, "lines": _line_rows}[layout]
    blocks = [*_blocks(form, sheets, story), *story.signature]
    parts = [(_wrapped(block), "") if isinstance(block, str) else (rows_of(block), "\n") for block in blocks]
    return "\n\n".join(_pages(parts, page)) + "\n"


def _blocks(form: Form, sheets: Sheets, story: Story) -> Iterator[str | Sheet]:
    """Give the document in reading order, without its signature: title, headings, paragraphs and tables."""
    yield story.heading
    for numeral, (code, titles) in zip(_NUMERALS, form.sections, strict=False):
        yield f"{numeral}、{titles[0]}"
        tables = [sheets[t.code] for t in form.tables.values() if t.headings == titles]
        yield from story.prose.get(code, () if tables else (_neutral(code, story),))
        yield from tables


def _neutral(code: str, story: Story) -> str:
    if code == "overview":
        period = f"自{story.year}年1月1日起至{story.year}年12月31日止"
        return f"{story.place}按照《中华人民共和国政府信息公开条例》的规定编制本年度报告，所列数据的统计期限{period}，欢迎社会各界监督。"
    if code == "problems":
        return "公开的内容还不够全面，公开的形式还不够丰富，下一步将加强培训，规范程序，及时回应群众关切，不断提高公开工作的质量和实效。"
    return "无其他需要报告的事项。"


def _wrapped(paragraph: str) -> list[str]:
    """Cut a paragraph into lines, never inside a number or a Latin word."""
    return re.findall(r".{1,40}(?![0-9A-Za-z.])", paragraph)


def _pages(parts: Sequence[tuple[list[str], str]], page: int) -> Iterator[str]:
    """Cut blocks of lines where a page ends."""
    used = 0
    for lines, joiner in parts:
        while page and used + len(lines) > page:
            if used < page:
                yield joiner.join(lines[: page - used])
            lines, used = lines[page - used :], 0
        used += len(lines)
        yield joiner.join(lines)


def _placed(sheet: Sheet) -> Iterator[tuple[list[tuple[int, Box]], int]]:
    """Give each row's boxes the columns where they start, and the number of columns that the row reaches."""
    held: list[set[int]] = [set() for _ in sheet]
    for index, line in enumerate(sheet):
        x, placed = 0, []
        for box in line:
            while x in held[index]:
                x += 1
            placed.append((x, box))
            for row in held[index : index + box.rows]:
                row.update(range(x, x + box.columns))
        yield placed, max(held[index], default=-1) + 1


def _tab_rows(sheet: Sheet) -> list[str]:
    rows = []
    for placed, columns in _placed(sheet):
        rows.append("\t".join({x: box.text for x, box in placed}.get(x, "") for x in range(columns)))
    return rows


def _space_rows(sheet: Sheet) -> list[str]:
    rows = list(_placed(sheet))
    boxes = [placed for row, _ in rows for placed in row]
    starts = [0]
    for end in range(1, max(columns for _, columns in rows) + 1):
        ends = [starts[x] + width(box.text) + 2 for x, box in boxes if x + box.columns == end]
        starts.append(max([starts[-1] + 4, *ends]))
    return [_aligned([(starts[x], box.text) for x, box in row if box.text]) for row, _ in rows]


def _aligned(texts: Sequence[tuple[int, str]]) -> str:
    return reduce(lambda line, placed: line + " " * (placed[0] - width(line)) + placed[1], texts, "")


def _line_rows(sheet: Sheet) -> list[str]:
    return [box.text for line in sheet for box in line if box.text]
