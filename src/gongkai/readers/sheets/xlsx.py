"""XLSX -> sheets: what Excel shows of the values, formats, fonts and formulas that the file holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gongkai.core.shown import PICTURE
from gongkai.core.text import squeeze
from gongkai.readers.colours import BLACK, WHITE, Colour, colour, tinted
from gongkai.readers.decoding import Unreadable
from gongkai.readers.limits import Tally, within
from gongkai.readers.sheets.conditions import rules, under
from gongkai.readers.sheets.formats import BUILTIN
from gongkai.readers.sheets.formulas import Formula, doubted
from gongkai.readers.sheets.layout import Sheet, Shown
from gongkai.readers.sheets.places import LOWEST, WIDEST, Area, Place, area, place
from gongkai.readers.sheets.typeset import AS_IT_IS, CellStyle, Differing, Font, number_shown, text_shown
from gongkai.readers.zipped import OFF, Package, child, children, is_on, local, opened

if TYPE_CHECKING:
    from lxml.etree import _Element

ROOT = "workbook"
Runs = list[tuple[Font | None, str]]
T = TypeVar("T")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Points and characters: what is lower or narrower shows nothing.
_FLAT, _NARROW = 2.0, 0.2
# Points: smaller type is a line of dust; and the size that is nowhere set.
_TINY, _USUAL = 2.0, 11.0
# A part of a string that is set otherwise takes as long as so many characters.
_RUN = 100
# No number of a row, a column or a style has more digits.
_LONGEST = 7
# The colours that files name by number (ECMA-376, 18.8.27); all others are shades that nobody prints on.
_INDEXED = {0: BLACK, 1: WHITE, 8: BLACK, 9: WHITE, 64: None, 65: WHITE}
_THEME = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink")


class _Book(NamedTuple):
    """What all sheets of a workbook share."""

    package: Package
    strings: list[Runs]
    styles: list[CellStyle]
    conditional: list[Differing]
    date1904: bool
    uncalculated: bool
    theme: dict[str, Colour]
    characters: Tally


class _StoredCell(NamedTuple):
    """One cell as it is stored, its style by number; a string of its own is an element."""

    kind: str
    value: str
    style: int
    formula: str | None = None
    inline: _Element | None = None


def read_sheets(data: bytes) -> Iterator[Sheet]:
    """Yield the visible sheets of a workbook, in their order."""
    package = opened(data)
    name = package.main(ROOT) or "xl/workbook.xml"
    root = package.xml(name, "XLSX")
    sheets = package.related(name, "worksheet")
    book = _book(package, name, root)
    for sheet in children(child(root, "sheets"), "sheet") if root is not None else ():
        part = sheets.get(next((str(v) for k, v in sheet.attrib.items() if str(k).endswith("}id")), ""))
        if part is not None and sheet.get("state", "visible") == "visible":
            page = package.xml(part, "XLSX")
            if page is None:
                raise Unreadable("xlsx")
            yield _sheet(book, page, part)


def _book(package: Package, name: str, root: _Element | None) -> _Book:
    strings, styles, theme = (package.beside(name, n) for n in ("sharedStrings", "styles", "theme"))
    scheme = child(theme, "themeElements/clrScheme")
    colours = {local(named): v for named in (scheme if scheme is not None else ()) for e in named if (v := _scheme(e))}
    properties, calculation = child(root, "workbookPr"), child(root, "calcPr")
    told = calculation if calculation is not None else {}
    uncalculated = told.get("fullCalcOnLoad", "0") not in OFF or told.get("calcCompleted", "1") in OFF
    found = _styles(styles, colours)
    conditional = [_differing(e, colours) for e in children(child(styles, "dxfs"), "dxf")]
    date1904 = properties is not None and properties.get("date1904", "0") not in OFF
    return _Book(
        package,
        [_runs(s, colours) for s in children(strings, "si")],
        found,
        conditional,
        date1904,
        uncalculated,
        colours,
        Tally("characters"),
    )


def _scheme(e: _Element) -> Colour | None:
    return colour(e.get("lastClr") or e.get("val"))


def _styles(root: _Element | None, theme: dict[str, Colour]) -> list[CellStyle]:
    """Read how cells are set, by the number that they name."""
    codes = dict(BUILTIN) | {_int(e, "numFmtId"): e.get("formatCode") or "" for e in children(child(root, "numFmts"), "numFmt")}
    within("format", max(map(len, codes.values())))
    fonts = [_font(e, theme) for e in children(child(root, "fonts"), "font")]
    papers = [_paper(e, theme) for e in children(child(root, "fills"), "fill")]
    return [
        CellStyle(
            codes.get(_int(xf, "numFmtId"), "General"), _at(fonts, _int(xf, "fontId"), Font()), _at(papers, _int(xf, "fillId"), WHITE)
        )
        for xf in children(child(root, "cellXfs"), "xf")
    ]


def _differing(e: _Element, theme: dict[str, Colour]) -> Differing:
    """Read how a condition sets cells."""
    code = child(e, "numFmt")
    # Of the two colours of a condition's plain fill, the one behind is shown.
    back = _colour(child(e, "fill/patternFill/bgColor"), theme)
    shown = None if code is None else code.get("formatCode") or ""
    within("format", len(shown or ""))
    return Differing(shown, _font(child(e, "font"), theme), back)


def _at(found: Sequence[T], index: int, default: T) -> T:
    return found[index] if 0 <= index < len(found) else default


def _int(e: _Element, name: str, default: int = 0) -> int:
    found = e.get(name) or ""
    return int(found) if found.isdecimal() and len(found) <= _LONGEST else default


def _float(e: _Element, name: str, default: float) -> float:
    try:
        return float(e.get(name) or default)
    except ValueError:
        return default


def _font(e: _Element | None, theme: dict[str, Colour]) -> Font:
    raised = child(e, "vertAlign")
    high = raised is not None and raised.get("val") in ("superscript", "subscript")
    size = child(e, "sz")
    return Font(is_on(e, "strike"), high, _colour(child(e, "color"), theme), size is not None and _float(size, "val", _USUAL) <= _TINY)


def _paper(fill: _Element, theme: dict[str, Colour]) -> Colour | None:
    """Return the colour behind a cell: white where it has none, None where two colours are mixed."""
    pattern = child(fill, "patternFill")
    kind = pattern.get("patternType") if pattern is not None else ("mixed" if len(fill) else None)
    if kind in (None, "none"):
        return WHITE
    return _colour(child(pattern, "fgColor"), theme) if kind == "solid" else None


def _colour(e: _Element | None, theme: dict[str, Colour]) -> Colour | None:
    if e is None or e.get("auto", "0") not in OFF:
        return None
    if e.get("indexed") is not None:
        base = _INDEXED.get(_int(e, "indexed"))
    elif e.get("theme") is not None:
        name = _at(_THEME, _int(e, "theme"), "")
        base = theme.get(name, {"lt1": WHITE, "dk1": BLACK}.get(name))
    else:
        base = colour(e.get("rgb"))
    return tinted(base, _float(e, "tint", 0.0)) if base else None


def _runs(e: _Element, theme: dict[str, Colour]) -> Runs:
    """Read a string, part by part as it is set; how it is pronounced is no part of it."""
    found: Runs = []
    for part in e:
        if local(part) == "t":
            found.append((None, _unescaped(part.text or "")))
        elif local(part) == "r":
            properties = child(part, "rPr")
            font = _font(properties, theme) if properties is not None else None
            found.append((font, _unescaped("".join(t.text or "" for t in children(part, "t")))))
    return found


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if int(m[1], 16) not in range(0xD800, 0xE000) else "", text) if "_x" in text else text


def _sheet(book: _Book, page: _Element, part: str) -> Sheet:
    held = dict(_held(page))
    doubts = _doubted(book, held)
    zeros = all(view.get("showZeros", "1") not in OFF for view in children(child(page, "sheetViews"), "sheetView"))
    if next(page.iter("{*}tablePart"), None) is not None:
        # The colours of a list's stripes stand elsewhere.
        book = book._replace(styles=[s._replace(paper=None) if s.paper == WHITE else s for s in book.styles])
    # Most cells of a form hold one of a few numbers.
    shown = cache(partial(_shown, book, zeros))
    cells: dict[Place, Shown] = {}
    for at, one in held.items():
        book.characters.add(sum(len(text) + _RUN for _, text in _words(book, one)))
        cells[at] = shown(one, at in doubts)
    conditions = list(rules(page, book.conditional, lambda e: _differing(e, book.theme)))
    within("conditions", sum(len(rule.areas) for rule in conditions) * len(cells))
    for at in cells if conditions else ():
        one, doubt = held[at], at in doubts
        cells[at] = under(conditions, at, _value(one), cells[at], partial(_shown, book, zeros, one, doubt))
    for at, text in _boxes(book, part):
        own, others = cells.get(at, ("", ()))
        cells[at] = (text, ()) if not own and not others and text != PICTURE else (own, tuple(dict.fromkeys((*others, text))))
    return Sheet(cells, tuple(_merged(page)), *_hidden(page))


def _doubted(book: _Book, held: Mapping[Place, _StoredCell]) -> frozenset[Place]:
    if all(one.formula is None for one in held.values()):
        return frozenset()
    numbers = {at: Formula(one.formula or "", value) for at, one in held.items() if (value := _value(one)) is not None}
    return doubted(numbers, book.uncalculated)


def _held(page: _Element) -> Iterator[tuple[Place, _StoredCell]]:
    """Yield the cells that hold anything; one that does not say where it stands follows the one before it."""
    r, count = -1, 0
    for row in children(child(page, "sheetData"), "row"):
        count = within("rows", count + any(map(len, row)))
        r, c = min(_int(row, "r", r + 2) - 1, LOWEST), -1
        for e in row:
            if local(e) == "c":
                r, c = at = place(e.get("r") or "") or (r, c + 1)
                if len(e):
                    yield at, _cell(e)


def _cell(e: _Element) -> _StoredCell:
    text, code, inline = "", None, None
    for part in e:
        name = local(part)
        if name == "v":
            text = part.text or ""
        elif name == "f":
            code = "=" + (part.text or "…")
        elif name == "is":
            inline = part
    return _StoredCell(e.get("t") or "n", text, _int(e, "s"), code, inline)


def _words(book: _Book, one: _StoredCell) -> Runs:
    """Return the text of a cell, part by part: its own, one of those that all sheets share, or its value."""
    if one.kind == "inlineStr":
        return _runs(one.inline, book.theme) if one.inline is not None else []
    if one.kind != "s":
        return [(None, _unescaped(one.value))]
    number = one.value.strip()
    if not number.isdecimal() or int(number) >= len(book.strings):
        raise Unreadable("xlsx_string")
    return book.strings[int(number)]


def _value(one: _StoredCell) -> float | None:
    """Return the number that a cell stores, None where it stores none."""
    try:
        return float(one.value) if one.kind == "n" else None
    except ValueError:
        return None


def _shown(book: _Book, zeros: bool, one: _StoredCell, doubt: bool, set_otherwise: Differing = AS_IT_IS) -> Shown:
    """Return what a cell shows; a formula that was never calculated is quoted, since nobody knows what it shows."""
    value, stored, style = _value(one), one.value.strip(), set_otherwise.over(_at(book.styles, one.style, CellStyle()))
    if one.formula is not None and not stored and one.kind not in ("str", "inlineStr", "s"):
        return one.formula, ()
    if one.formula is not None and doubt:
        return one.formula, (stored,)
    if value is not None:
        return number_shown(value, style, book.date1904, zeros) if abs(value) < 1e300 else (stored, ())
    if one.kind == "b":
        return ("TRUE" if stored == "1" else "FALSE"), ()
    if one.kind in ("n", "e", "d"):
        return stored.removesuffix("T00:00:00"), ()
    return text_shown(_words(book, one), style)


def _merged(page: _Element) -> Iterator[Area]:
    references = [e.get("ref") or "" for e in children(child(page, "mergeCells"), "mergeCell")]
    within("merges", len(references))
    for reference in references:
        if found := area(reference):
            yield found


def _hidden(page: _Element) -> tuple[frozenset[int], frozenset[int]]:
    """Return the rows and columns that are hidden, by hand, by a filter, by a group that is folded, or by their size."""
    rows, r = set(), -1
    for row in children(child(page, "sheetData"), "row"):
        r = min(_int(row, "r", r + 2) - 1, LOWEST)
        if row.get("hidden", "0") not in OFF or _float(row, "ht", _FLAT) < _FLAT:
            rows.add(r)
    columns = set()
    for n, e in enumerate(children(child(page, "cols"), "col"), 1):
        within("columns", n)
        if e.get("hidden", "0") not in OFF or _float(e, "width", _NARROW) < _NARROW:
            columns |= set(range(_int(e, "min", 1) - 1, min(_int(e, "max", 1), WIDEST)))
    return frozenset(rows), frozenset(columns)


def _boxes(book: _Book, part: str) -> Iterator[tuple[Place, str]]:
    """Yield the text boxes and pictures that lie on a sheet, at the cell in which each begins."""
    for name in book.package.related(part, "drawing").values():
        drawing = book.package.xml(name, "XLSX")
        for anchor in drawing if drawing is not None else ():
            start = child(anchor, "from")
            at = [int(t) for n in ("row", "col") if (t := "".join(e.text or "" for e in children(start, n))).isdigit()]
            hidden = any(e.get("hidden", "0") not in OFF for e in anchor.iter("{*}cNvPr"))
            if len(at) == 2 and not hidden:
                lines = ["".join(t.text or "" for t in p.iter("{*}t")) for p in anchor.iter("{*}p")]
                text = "\n".join(line for line in lines if line.strip())
                if squeeze(text) or next(anchor.iter("{*}pic"), None) is not None:
                    yield (min(at[0], LOWEST - 1), min(at[1], WIDEST - 1)), text or PICTURE
