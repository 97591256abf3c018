"""HTML -> rows and paragraphs: spans expanded, nested and broken markup mended by the parser as a browser would."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gongkai.core.model import Cell, Row
from gongkai.core.shown import Look, shown_text, tidy
from gongkai.readers.converted import printed, restored
from gongkai.readers.decoding import BOMS, HEAD, Content, damage, decode
from gongkai.readers.limits import counted, within
from gongkai.readers.nesting import refuse_bombs
from gongkai.readers.rendered import HIDDEN, is_marked, pieces_of, render, unmarked

FORMAT = "html"
PRIORITY = 1
_TAGS = re.compile(rb"<\s*(?:!doctype|html|head|body|meta|table|div|p|span|title|font|td)\b", re.I)
_BLOCKS = frozenset(
    ("p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tbody", "thead", "tfoot", "tr", "td", "th",
     "section", "article", "header", "footer", "center", "blockquote", "pre", "hr", "dd", "dt", "dl", "form", "body")
)  # fmt: skip
_SILENT = frozenset(("script", "style", "noscript", "template", "head", "select", "option", "textarea"))
_HEADING = re.compile(r"\s*[一二三四五六七]、\S")
_FEWEST_ROWS = 3
_NEARLY_ALL = 0.9
_MAX_SPAN = 200
_LONG = 200
# The cells of a row as (words, colspan, rowspan), and how the row is hidden, if it is.
_Printed = tuple[list[tuple[list[str], int, int]], str]


def recognises(data: bytes) -> bool:
    """Say whether a file begins as a web page does: as text, since half of 值 in UTF-16 is a ``<``, and the other half a ``P``."""
    wide = next((name for mark, name in BOMS if data.startswith(mark)), "")
    head = data[:HEAD].decode(wide, "ignore").encode("utf-8", "ignore") if wide else data[:HEAD]
    return bool(_TAGS.search(head.replace(b"\x00", b"")))


def read(data: bytes) -> Content:
    """Turn a page into rows and paragraphs in reading order."""
    text, encoding = decode(data)
    text = unmarked(text)
    refuse_bombs(text)
    tree = LexborHTMLParser(text)
    meta = _meta(tree)
    render(tree, text)
    return Content(tuple(restored(counted(_rows(tree)))), encoding, meta, damage(text))


def _meta(tree: LexborHTMLParser) -> dict[str, str]:
    """Collect what the page says about itself: title, meta tags, canonical address."""
    title = tree.css_first("title")
    found = {"title": title.text(strip=True) if title else ""}
    for node in tree.css("meta[name][content], meta[property][content]"):
        attributes = node.attributes
        name = (attributes.get("name") or attributes.get("property") or "").lower()
        found.setdefault(name, (attributes.get("content") or "").strip())
    for node in tree.css("link[rel=canonical]"):
        found.setdefault("canonical", node.attributes.get("href") or "")
    return {k: v for k, v in found.items() if v}


def _rows(tree: LexborHTMLParser) -> Iterator[Row]:
    """Walk the page once; the innermost tables are grids, the tables around them only lay out the page."""
    layout = {_address(outer) for inner in tree.css("table table") for outer in _ancestors(inner) if outer.tag == "table"}
    main = _main(tree)
    words: list[str] = []
    tables = paragraphs = 0
    aside = main is not None
    for node, entering in _walk(tree.root, layout):
        tag = node.tag or ""
        if tag == "-text":
            words.append(node.text_content or "")
            continue
        if tag in _BLOCKS:
            (text, others), words = _paragraph(words), []
            if text:
                paragraphs += 1
                yield Row((Cell(text, 0, 1, f"par {paragraphs}", others),), aside=aside)
            aside = not entering if _address(node) == main else aside
        if tag == "table" and entering and _address(node) not in layout:
            tables += 1
            for row in _grid(node, tables):
                long = _paragraphs_of(row)
                if not long:
                    yield row
                for text in long:
                    paragraphs += 1
                    yield Row((Cell(text, 0, 1, f"par {paragraphs}"),), aside=aside)
    text, others = _paragraph(words)
    if text:
        yield Row((Cell(text, 0, 1, f"par {paragraphs + 1}", others),), aside=aside)


def _paragraph(words: list[str]) -> tuple[str, tuple[str, ...]]:
    """Join the words of a paragraph, in which a line end is a space."""
    text = " ".join("".join(words).split())
    return shown_text(pieces_of(text)) if is_marked(text) else (text, ())


def _main(tree: LexborHTMLParser) -> int | None:
    """Find the innermost element that holds nearly all headings and tables of the page: around it stand navigation and foot."""
    marks = [n for n in tree.css("table") if len(n.css("tr")) > _FEWEST_ROWS]
    marks += [
        n for n in (tree.root.traverse(include_text=True) if tree.root else ()) if n.tag == "-text" and _HEADING.match(n.text_content or "")
    ]
    held: Counter[int] = Counter()
    depth: dict[int, int] = {}
    for mark in marks:
        around = [n for n in _ancestors(mark) if n.tag in _BLOCKS]
        held.update(map(_address, around))
        depth.update((_address(n), len(around) - i) for i, n in enumerate(around))
    enough = [a for a, n in held.items() if n >= _NEARLY_ALL * len(marks)]
    return max(enough, key=depth.__getitem__, default=None)


def _paragraphs_of(row: Row) -> list[str]:
    """A cell that stands alone in its row and holds paragraphs of prose is a page laid out with a table."""
    alone = row.cells[0].text if len(row.cells) == 1 else ""
    return [line.strip() for line in alone.split("\n") if line.strip()] if len(alone) > _LONG else []


def _walk(root: LexborNode | None, layout: set[int]) -> Iterator[tuple[LexborNode, bool]]:
    """Visit the nodes in order, each element again when it ends; grids and silent elements are not entered."""
    stack = [(root, True)] if root is not None else []
    while stack:
        node, entering = stack.pop()
        yield node, entering
        tag = node.tag or ""
        if not entering or tag == "-text" or tag in _SILENT or (tag == "table" and _address(node) not in layout):
            continue
        if tag in _BLOCKS:
            stack.append((node, False))
        stack.extend((child, True) for child in reversed(list(node.iter(include_text=True))))


def _address(node: LexborNode) -> int:
    return int(node.mem_id)


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    while node.parent is not None:
        node = node.parent
        yield node


def _grid(table: LexborNode, number: int) -> Iterator[Row]:
    """Turn one table into rows of cells with the columns that they cover."""
    printed = _without_hidden(list(_printed_rows(table)))
    gone = _hidden_columns(table)
    shown = 0
    for at, (cells, hidden) in zip(_placed(printed), printed, strict=True):
        shown += not hidden
        kept = [
            _cell(words, x, columns, f"t{number} r{shown} c{x + 1}")
            for x, (words, columns, _) in zip(at, cells, strict=True)
            if not (gone and gone.issuperset(range(x, x + columns)))
        ]
        if kept and not hidden:
            yield Row(tuple(kept), number, "grid")


def _placed(printed: Sequence[_Printed]) -> list[list[int]]:
    """Return the column in which each cell of each row begins: cells of the rows above may reach into a row."""
    taken: dict[int, int] = {}
    places = []
    for r, (cells, _) in enumerate(printed):
        at, x = [], 0
        for _, columns, height in cells:
            while taken.get(x, 0) > r:
                x += 1
            at.append(x)
            within("columns", x + columns)
            last = len(printed) if height == 0 else min(r + height, len(printed))
            taken.update(dict.fromkeys(range(x, x + columns), last))
            x += columns
        places.append(at)
    return places


def _without_hidden(printed: list[_Printed]) -> list[_Printed]:
    """Drop the rows that are not there; where a merged cell was made to reach over them, they keep their place."""
    without = [row for row in printed if row[1] != "none"]
    if len(without) == len(printed) or all(height == 1 for cells, _ in printed for *_, height in cells):
        return without
    return min((without, printed), key=_ragged)


def _ragged(printed: Sequence[_Printed]) -> int:
    """Count the rows that end in another column than most."""
    ends = Counter(at[-1] + cells[-1][1] for at, (cells, _) in zip(_placed(printed), printed, strict=True) if at)
    return sum(ends.values()) - max(ends.values(), default=0)


def _hidden_columns(table: LexborNode) -> frozenset[int]:
    """Return the columns that the table says are collapsed."""
    gone, x = set(), 0
    for col in table.css("col"):
        span = max(1, _span(col.attributes.get("span")))
        gone |= set(range(x, x + span)) if HIDDEN in col.attributes else set()
        x += span
    return frozenset(gone)


def _printed_rows(table: LexborNode) -> Iterator[_Printed]:
    """Yield each row's cells as (words, colspan, rowspan) and how it is hidden, in one pass over the table's nodes."""
    row: list[tuple[list[str], int, int]] = []
    started, hidden = False, ""
    for node in table.traverse(include_text=True):
        tag = node.tag
        if tag == "-text":
            if row:
                row[-1][0].append(node.text_content or "")
        elif tag == "tr":
            if started:
                yield row, hidden
            row, started, hidden = [], True, node.attributes.get(HIDDEN) or ""
        elif tag in ("td", "th"):
            attributes = node.attributes
            row.append(([], max(1, _span(attributes.get("colspan"))), _span(attributes.get("rowspan"), 1)))
        elif tag in _BLOCKS and row:
            row[-1][0].append("\n")
    if started:
        yield row, hidden


def _span(printed: str | None, default: int = 1) -> int:
    found = re.match(r"\s*(\d{1,4})", printed) if printed else None
    return min(int(found.group(1)), _MAX_SPAN) if found else default


def _cell(words: list[str], x: int, columns: int, where: str) -> Cell:
    """Read what a cell shows, and what else it may mean."""
    text = "".join(words)
    others: tuple[str, ...] = ()
    if is_marked(text):
        text, others = shown_text(pieces_of(text))
    elif "\n" in (text := tidy(text)) and text[0].isdigit():
        text, others = shown_text([(Look.SHOWN, text)])
    return Cell(printed(text), x, x + columns, where, others)
