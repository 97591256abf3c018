"""DOCX -> rows and paragraphs: merged cells both ways, text boxes, tracked changes as accepted; whatever is hidden is not printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gongkai.core.model import Cell, Row
from gongkai.core.text import is_value
from gongkai.readers.decoding import Content, Unreadable
from gongkai.readers.glyphs import SUPERSCRIPTS
from gongkai.readers.numbering import Numbering
from gongkai.readers.plain import row_of
from gongkai.readers.zipped import local, members, parsed, part, setting

if TYPE_CHECKING:
    from lxml.etree import _Element

FORMAT = "docx"
PRIORITY = 0
_SIGNATURE = b"PK\x03\x04"
_BODY = "word/document.xml"
_PARTS = (_BODY, "docProps/core.xml", "word/numbering.xml", "word/styles.xml")
_WRAPPERS = frozenset(("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "body", "document", "AlternateContent", "Choice"))
_UNPRINTED = frozenset(("del", "moveFrom", "pPr", "Fallback", "txbxContent", "rt", "instrText", "delText", "sectPr"))
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_META = {"title": "title", "creator": "author", "subject": "subject", "keywords": "keywords"}
_OFF = ("0", "false", "off")
_MAX_SPAN, _LONG = 200, 200


def recognises(data: bytes) -> bool:
    """Say whether a file is a ZIP that holds a Word document."""
    return data.startswith(_SIGNATURE) and _BODY in members(data)


def read(data: bytes) -> Content:
    """Turn a Word document into rows and paragraphs in reading order."""
    names = members(data)
    body, properties, numbering, styles = (parsed(part(data, n), "DOCX") if n in names else None for n in _PARTS)
    meta = {_META[local(e)]: e.text.strip() for e in (properties if properties is not None else ()) if local(e) in _META and e.text}
    rows = tuple(_Walk(Numbering(numbering, styles)).rows(body)) if body is not None else ()
    if not rows:
        raise Unreadable("没有文字的 DOCX", "a DOCX without text")
    return Content(rows, "ooxml", meta)


def _count(element: _Element, path: str, default: int) -> int:
    found = re.match(r"\d{1,4}", setting(element, path) or "")
    return min(int(found.group()), _MAX_SPAN) if found else default


class _Walk:
    """Walks a document once, counting its paragraphs and tables."""

    def __init__(self, numbering: Numbering) -> None:
        self.paragraphs = self.tables = 0
        self.numbering = numbering

    def rows(self, parent: _Element) -> Iterator[Row]:
        for block in _blocks(parent):
            if local(block) == "p":
                yield from self._paragraph(block)
            elif any(local(inner) == "tbl" for cell in _cells_of_table(block) for inner in _blocks(cell)):
                for cell in _cells_of_table(block):
                    yield from self.rows(cell)
            else:
                self.tables += 1
                yield from self._grid(block, self.tables)

    def _paragraph(self, paragraph: _Element) -> Iterator[Row]:
        lines = [line for line in self._printed_text(paragraph).split("\n") if line.strip()]
        self.paragraphs += bool(lines)
        for line in lines:
            yield from row_of(line, f"par {self.paragraphs}")
        for box in _boxes(paragraph):
            yield from self.rows(box)

    def _grid(self, table: _Element, number: int) -> Iterator[Row]:
        """Turn one table into rows of cells; a cell that goes on downwards is there once."""
        begun: set[tuple[int, int]] = set()
        for r, line in enumerate(_lines(table), 1):
            x, cells = _count(line, "trPr/gridBefore", 0), []
            for cell in _cells(line):
                columns = max(_count(cell, "tcPr/gridSpan", 1), 1)
                merged = setting(cell, "tcPr/vMerge", "continue")
                place = (x, x + columns)
                if merged != "continue" or place not in begun:
                    cells.append(Cell(self._cell_text(cell), *place, f"t{number} r{r} c{x + 1}"))
                begun = {p for p in begun if p[1] <= place[0] or p[0] >= place[1]} | ({place} if merged else set())
                x += columns
            yield from self._printed(cells, number)

    def _cell_text(self, cell: _Element) -> str:
        lines = (" ".join(line.split()) for block in _blocks(cell) for line in self._printed_text(block).split("\n"))
        return "\n".join(line for line in lines if line)

    def _printed_text(self, paragraph: _Element) -> str:
        """Return a paragraph with the number of its list before it; a number alone is left alone, since the two would become one."""
        label, text = self.numbering.label(paragraph), _text(paragraph)
        return text if is_value(text) else label + text

    def _printed(self, cells: list[Cell], number: int) -> Iterator[Row]:
        """A cell that stands alone in its row and holds paragraphs of prose is a page laid out with a table."""
        if len(cells) == 1 and len(cells[0].text) > _LONG:
            for text in cells[0].text.split("\n"):
                self.paragraphs += 1
                yield Row((Cell(text, 0, 1, f"par {self.paragraphs}"),))
        elif cells:
            yield Row(tuple(cells), number, "grid")


def _blocks(parent: _Element) -> Iterator[_Element]:
    """Yield the paragraphs and tables below an element, through whatever only wraps them."""
    for child in parent:
        if local(child) in ("p", "tbl"):
            yield child
        elif local(child) in _WRAPPERS:
            yield from _blocks(child)


def _inside(parent: _Element, name: str) -> Iterator[_Element]:
    for child in parent:
        if local(child) == name:
            yield child
        elif local(child) in _WRAPPERS:
            yield from _inside(child, name)


def _lines(table: _Element) -> Iterator[_Element]:
    """Yield the rows of a table that were not deleted."""
    deleted = ("trPr/del", "trPr/hidden")
    yield from (line for line in _inside(table, "tr") if not any(setting(line, p, "1") not in (None, *_OFF) for p in deleted))


def _cells(line: _Element) -> Iterator[_Element]:
    yield from _inside(line, "tc")


def _cells_of_table(table: _Element) -> Iterator[_Element]:
    yield from (cell for line in _lines(table) for cell in _cells(line))


def _text(element: _Element) -> str:
    """Return the text of a paragraph as it is printed."""
    name = local(element)
    if name in _UNPRINTED or (name == "r" and setting(element, "rPr/vanish", "1") not in (None, *_OFF)):
        return ""
    if name == "t":
        return re.sub(r"[\r\n\t]+", " ", element.text or "")
    if name in _SIGNS:
        return _SIGNS[name]
    text = "".join(map(_text, element))
    return text.translate(SUPERSCRIPTS) if name == "r" and setting(element, "rPr/vertAlign") == "superscript" else text


def _boxes(element: _Element) -> Iterator[_Element]:
    """Yield the text boxes that hang on a paragraph, each once: a second copy is there for older programs."""
    for child in element:
        if local(child) == "txbxContent":
            yield child
        elif local(child) not in ("Fallback", "del", "moveFrom"):
            yield from _boxes(child)
