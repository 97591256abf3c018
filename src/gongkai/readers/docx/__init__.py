"""DOCX -> rows and paragraphs: merged cells both ways, text boxes, tracked changes as accepted; whatever is hidden is not printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from gongkai.core.model import Cell, Row
from gongkai.core.shown import Look, Piece, shown_text
from gongkai.core.text import is_value
from gongkai.readers.decoding import Content, Unreadable
from gongkai.readers.docx.fields import Fields
from gongkai.readers.docx.numbering import Numbering
from gongkai.readers.docx.runs import ParagraphLook, Properties, Runs, boxes, chosen, runs_on
from gongkai.readers.docx.styles import Styles, painted
from gongkai.readers.limits import Tally, counted, within
from gongkai.readers.plain import row_of
from gongkai.readers.zipped import OFF, attribute, child, is_kind, is_on, local, opened, parts, setting, value

if TYPE_CHECKING:
    from lxml.etree import _Element

FORMAT = "docx"
PRIORITY = 0
_ROOT = "document"
_WRAPPERS = frozenset(("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "body", "document"))
_META = {"title": "title", "creator": "author", "subject": "subject", "keywords": "keywords"}
_MAX_SPAN, _LONG = 200, 200
# Twips: a row of two points at most shows no text.
_FLAT = 40
_PAGE, _BOX = ParagraphLook(), ParagraphLook(told=False)


def recognises(data: bytes) -> bool:
    """Say whether a file is a ZIP that holds a Word document."""
    return is_kind(data, _ROOT)


def read(data: bytes) -> Content:
    """Turn a Word document into rows and paragraphs in reading order."""
    package = opened(data)
    name = package.main(_ROOT) or "word/document.xml"
    body = package.xml(name, "DOCX")
    properties, numbering, styles = package.xml("docProps/core.xml", "DOCX"), *(package.beside(name, n) for n in ("numbering", "styles"))
    meta = {_META[local(e)]: e.text.strip() for e in (properties if properties is not None else ()) if local(e) in _META and e.text}
    if body is not None and _holds(body, "altChunk"):
        raise Unreadable("docx_page")
    within("docx_cells", sum(1 for _ in body.iter("{*}tc")) if body is not None else 0)
    walk = _BodyWalk(Numbering(numbering, styles), Styles(styles, body), body) if body is not None else None
    rows = tuple(counted(walk.rows(body))) if walk is not None and body is not None else ()
    if not rows:
        raise Unreadable("docx_empty")
    return Content(rows, "ooxml", meta)


def _count(element: _Element | None, default: int) -> int:
    found = re.match(r"\d{1,4}", value(element) or "") if element is not None else None
    return min(int(found.group()), _MAX_SPAN) if found else default


class _BodyWalk:
    """Walks a document once, counting its paragraphs and tables."""

    def __init__(self, numbering: Numbering, styles: Styles, body: _Element) -> None:
        self.paragraphs = self.tables = 0
        self._rows = Tally("rows")
        self._numbering, self._styles = numbering, styles
        self._runs = Runs(styles, Fields(body) if _holds(body, "fldChar") else None)
        self._boxed = _holds(body, "txbxContent")

    def rows(self, parent: _Element, place: ParagraphLook = _PAGE) -> Iterator[Row]:
        held: list[Piece] = []
        for block, look in _blocks(parent):
            self._rows.add(1)
            if local(block) == "p":
                properties = parts(child(block, "pPr"))
                pieces = [*held, *self._pieces(block, properties, place, look)]
                held = pieces if runs_on(properties) else []
                yield from () if held else self._paragraph(pieces, block)
            elif _holds(block, "tbl") and any(local(inner) == "tbl" for cell in _cells_of_table(block) for inner, _ in _blocks(cell)):
                for cell in _cells_of_table(block):
                    yield from self.rows(cell, place)
            else:
                self.tables += 1
                yield from self._grid(block, self.tables)

    def _paragraph(self, pieces: list[Piece], paragraph: _Element) -> Iterator[Row]:
        text = "".join(t for look, t in pieces if look in (Look.SHOWN, Look.DOUBTED))
        lines = [line for line in text.split("\n") if line.strip()]
        self.paragraphs += bool(lines)
        for line in lines:
            yield from row_of(line, f"par {self.paragraphs}")
        for box in boxes(paragraph) if self._boxed else ():
            yield from self.rows(box, _BOX)

    def _grid(self, table: _Element, number: int) -> Iterator[Row]:
        """Turn one table into rows of cells; a cell that goes on downwards is there once."""
        begun: set[tuple[int, int]] = set()
        paper, told = self._styles.paper(table)
        around = ParagraphLook(setting(table, "tblPr/tblStyle"), paper, told)
        for r, (line, settings) in enumerate(_lines(table), 1):
            self._rows.add(1)
            x, cells, merges = _count(settings.get("gridBefore"), 0), list[Cell](), set[tuple[int, int]]()
            for cell, properties in _cells(line):
                columns = max(_count(properties.get("gridSpan"), 1), 1)
                within("columns", x + columns)
                merged = value(properties.get("vMerge"), "continue")
                here = (x, x + columns)
                if value(properties.get("hMerge"), "continue") == "continue" and cells:
                    cells[-1] = Cell(cells[-1].text, cells[-1].x0, x + columns, cells[-1].where, cells[-1].alternatives)
                elif merged != "continue" or here not in begun:
                    shade = painted([properties.get("shd")])
                    text, others = self._cell_text(cell, around if shade is None else ParagraphLook(around.table, shade))
                    cells.append(Cell(text, *here, f"t{number} r{r} c{x + 1}", others))
                merges |= {here} if merged else set()
                x += columns
            begun = merges
            yield from self._printed(cells, number)

    def _cell_text(self, cell: _Element, place: ParagraphLook) -> tuple[str, tuple[str, ...]]:
        """Return the text of a cell, that of its text boxes too, and the other texts that it may show."""
        pieces: list[Piece] = []
        for n, (block, look) in enumerate(_blocks(cell)):
            self._rows.add(n > 0)
            properties = parts(child(block, "pPr"))
            pieces += self._pieces(block, properties, place, look) if local(block) == "p" else ()
            pieces += [] if runs_on(properties) else [(Look.SHOWN, "\n")]
            for box in boxes(block) if self._boxed else ():
                for inner in box.iter("{*}p"):
                    pieces += [*self._pieces(inner, parts(child(inner, "pPr")), _BOX), (Look.SHOWN, "\n")]
        return shown_text(pieces)

    def _pieces(self, paragraph: _Element, properties: Properties, place: ParagraphLook, look: Look = Look.SHOWN) -> list[Piece]:
        """Return a paragraph with the number of its list before it; a number alone is left alone, since the two would become one.

        Where nothing else stands in a paragraph, or nothing parts the two, the number of the list may be read as the cell's.
        """
        pieces = self._runs.pieces(paragraph, properties, place)
        label, touches = self._numbering.label(properties)
        text = "".join(t for _, t in pieces)
        if label and not is_value(text):
            pieces.insert(0, (Look.SHOWN, label))
        elif label and (touches or not text.strip()) and is_value(label + text):
            pieces.insert(0, (Look.ADDED, label))
        return [(look, text) for _, text in pieces] if look is not Look.SHOWN else pieces

    def _printed(self, cells: list[Cell], number: int) -> Iterator[Row]:
        """A cell that stands alone in its row and holds paragraphs of prose is a page laid out with a table."""
        if len(cells) == 1 and len(cells[0].text) > _LONG:
            for text in cells[0].text.split("\n"):
                self.paragraphs += 1
                yield Row((Cell(text, 0, 1, f"par {self.paragraphs}"),))
        elif cells:
            yield Row(tuple(cells), number, "grid")


def _blocks(parent: _Element, look: Look = Look.SHOWN) -> Iterator[tuple[_Element, Look]]:
    """Yield the paragraphs and tables below an element, through what only wraps them, and whether they are the hint of an empty field."""
    for e in parent:
        name = local(e)
        if name in ("p", "tbl"):
            yield e, look
        elif name == "AlternateContent":
            yield from _blocks(chosen(e), look)
        elif name in _WRAPPERS:
            hint = name == "sdt" and is_on(child(e, "sdtPr"), "showingPlcHdr")
            yield from _blocks(e, Look.ADDED if hint else look)


def _inside(parent: _Element, name: str) -> Iterator[_Element]:
    for e in parent:
        if local(e) == name:
            yield e
        elif local(e) in _WRAPPERS:
            yield from _inside(e, name)


def _holds(element: _Element, name: str) -> bool:
    """Say whether something stands anywhere below an element."""
    return any(e is not element for e in islice(element.iter(f"{{*}}{name}"), 2))


def _lines(table: _Element) -> Iterator[tuple[_Element, Properties]]:
    """Yield the rows of a table that are shown, neither deleted nor hidden nor without height, and their properties."""
    for line in _inside(table, "tr"):
        properties = parts(child(line, "trPr"))
        height = properties.get("trHeight")
        flat = height is not None and attribute(height, "hRule") == "exact" and _count(height, _FLAT + 1) <= _FLAT
        if not (flat or any(name in properties and value(properties[name], "1") not in OFF for name in ("del", "hidden"))):
            yield line, properties


def _cells(line: _Element) -> Iterator[tuple[_Element, Properties]]:
    """Yield the cells of a row that are not deleted, and their properties."""
    for cell in _inside(line, "tc"):
        properties = parts(child(cell, "tcPr"))
        if "cellDel" not in properties:
            yield cell, properties


def _cells_of_table(table: _Element) -> Iterator[_Element]:
    yield from (cell for line, _ in _lines(table) for cell, _ in _cells(line))
