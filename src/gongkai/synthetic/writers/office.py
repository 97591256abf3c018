"""Boxes and a story -> a Word document or a workbook, merged cells both ways."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any

from gongkai.core.model import Form
from gongkai.forms.layout import Box, Sheet, Sheets, placed
from gongkai.synthetic.writers.story import NEUTRAL, Story, blocks

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_TYPE}"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}" Target="word/document.xml"/></Relationships>',
}
# The same report gives the same bytes, whenever it is written.
_CREATED = datetime(1980, 1, 1)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def to_docx(form: Form, sheets: Sheets, story: Story = NEUTRAL) -> bytes:
    """Write a Word document: one paragraph a line, tables with cells merged both ways.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> form = load_form("2019")
    >>> to_docx(form, layout(form, {}))[:2]
    b'PK'
    """
    found = [*blocks(form, sheets, story), *story.signature]
    body = "".join(_paragraph(block) if isinstance(block, str) else _word_table(block) for block in found)
    document = f'<w:document xmlns:w="{_W}"><w:body>{body}<w:sectPr/></w:body></w:document>'
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in {**_PARTS, "word/document.xml": document}.items():
            package.writestr(zipfile.ZipInfo(name), _DECLARATION + text)
    return data.getvalue()


def _paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _word_table(sheet: Sheet) -> str:
    rows = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in _table_rows(sheet))
    return f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr>{rows}</w:tbl>'


def _table_rows(sheet: Sheet) -> Iterator[list[str]]:
    """Yield the cells of each row; below a merged cell stands one that continues it."""
    held: dict[int, tuple[int, Box]] = {}
    for index, row in enumerate(placed(sheet)):
        held = {x: (end, box) for x, (end, box) in held.items() if end > index}
        cells = {x: _word_cell(box, "continue") for x, (_, box) in held.items()}
        cells |= {x: _word_cell(box, "restart" if box.rows > 1 else "") for x, box in row}
        held |= {x: (index + box.rows, box) for x, box in row if box.rows > 1}
        yield [cells[x] for x in sorted(cells)]


def _word_cell(box: Box, merged: str) -> str:
    span = f'<w:gridSpan w:val="{box.columns}"/>' if box.columns > 1 else ""
    merge = f'<w:vMerge w:val="{merged}"/>' if merged else ""
    return f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{_paragraph('' if merged == 'continue' else box.text)}</w:tc>"


def to_xlsx(form: Form, sheets: Sheets, story: Story = NEUTRAL) -> bytes:
    """Write a workbook: title, headings, prose and tables below each other on one sheet, whole numbers as numbers.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> form = load_form("2019")
    >>> to_xlsx(form, layout(form, {}))[:2]
    b'PK'
    """
    import xlsxwriter

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        book.set_properties({"created": _CREATED})
        page, bordered = book.add_worksheet("年度报告"), book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"})
        top = 0
        for block in [*blocks(form, sheets, story), *story.signature]:
            if isinstance(block, str):
                page.write_string(top, 0, block)
                top += 1
                continue
            for y, row in enumerate(placed(block), top):
                for x, box in row:
                    bottom = min(y + box.rows, top + len(block)) - 1
                    if bottom > y or box.columns > 1:
                        page.merge_range(y, x, bottom, x + box.columns - 1, "", bordered)
                    _write_cell(page, y, x, box.text, bordered)
            top += len(block)
    return data.getvalue()


def _write_cell(page: Any, y: int, x: int, text: str, style: object) -> None:
    """Write a whole number as a number, and all else as it is printed."""
    if text.isascii() and text.isdigit() and (text == "0" or text[0] != "0"):
        page.write_number(y, x, int(text), style)
    else:
        page.write_string(y, x, text, style) if text else page.write_blank(y, x, None, style)
