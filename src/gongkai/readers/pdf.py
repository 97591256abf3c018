"""PDF -> rows and lines: what the library draws and writes on each page, in points from the upper left corner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from ctypes import c_double, c_float, c_int, c_void_p, cast
from itertools import pairwise
from math import atan2, degrees, hypot
from threading import Lock
from typing import Any, NamedTuple

from gongkai.readers.decoding import Content, Unreadable, damage
from gongkai.readers.glyphs import Glyph, fold
from gongkai.readers.lattice import Rule
from gongkai.readers.pages import Page, rows_of

FORMAT = "pdf"
PRIORITY = 0
MOST_PAGES, MOST_GLYPHS = 400, 500_000
_MAGIC, _HEAD = b"%PDF-", 1024
_THIN, _SLANT, _CROOKED = 3.0, 0.75, 5
_DEPTH, _WIDEST = 15, 1.8
_ABOVE_BASE = 0.35
_LOST = "\ufffd"
_META = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer")
# The library keeps one state for the whole process.
_ONE_AT_A_TIME = Lock()

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
Point = tuple[float, float]
_AS_IT_IS: Matrix = (1, 0, 0, 1, 0, 0)


class _Item(NamedTuple):
    """What is drawn: its handle, its kind, the matrix of all its containers, and the part of the page that they show."""

    handle: Any
    kind: int
    matrix: Matrix
    clip: Box


class _Char(NamedTuple):
    """One character as the library gives it: its box, its origin, the size of its type and the angle of its line."""

    text: str
    box: Box
    origin: Point
    size: float
    angle: float


def recognises(data: bytes) -> bool:
    """Say whether a file begins as a PDF does; some begin with a few bytes of another kind."""
    return _MAGIC in data[:_HEAD] and not data.lstrip().startswith(b"<")


def read(data: bytes) -> Content:
    """Turn a PDF with a text layer into rows and lines in reading order."""
    import pypdfium2

    with _ONE_AT_A_TIME:
        document = _opened(data)
        try:
            if len(document) > MOST_PAGES:
                raise Unreadable(f"超过 {MOST_PAGES} 页的 PDF", f"a PDF of more than {MOST_PAGES} pages")
            pages = _pages(document)
            meta = {k.lower(): v for k in _META if (v := document.get_metadata_value(k).strip())}
        finally:
            document.close()
    rows = tuple(rows_of(pages))
    text = "".join(g.text for page in pages for g in page.glyphs)
    return Content(rows, f"pdfium {pypdfium2.PDFIUM_INFO.build}", meta, damage(text))


def _opened(data: bytes) -> Any:
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    try:
        return PdfDocument(data)
    except PdfiumError as error:
        if error.err_code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY):
            raise Unreadable("加密的 PDF（需要密码）", "an encrypted PDF (it needs a password)") from error
        raise Unreadable("损坏的 PDF", "a damaged PDF") from error


def _pages(document: Any) -> list[Page]:
    """Read all pages; a document none of whose pages prints a character is a scan."""
    from pypdfium2 import PdfiumError

    pages: list[Page] = []
    for index in range(len(document)):
        try:
            page = document[index]
        except PdfiumError as error:
            raise Unreadable(f"损坏的 PDF（第 {index + 1} 页）", f"a damaged PDF (page {index + 1})") from error
        pages.append(_page(page))
        page.close()
        if sum(len(p.glyphs) for p in pages) > MOST_GLYPHS:
            raise Unreadable(f"超过 {MOST_GLYPHS} 个字符的 PDF", f"a PDF of more than {MOST_GLYPHS} characters")
    if not any(p.glyphs for p in pages):
        raise Unreadable("没有文字层的 PDF（扫描件）", "a PDF without printed text (a scan)")
    return pages


def _page(page: Any) -> Page:
    """Read one page, turned so that most of its lines are upright."""
    from pypdfium2 import raw

    edges = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page.raw, edges)
    bounds = (edges.left, edges.bottom, edges.right, edges.top)
    items = list(_items(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, _AS_IT_IS, bounds))
    chars = list(_chars(page, [i for i in items if i.kind == raw.FPDF_PAGEOBJ_TEXT], bounds))
    turned = raw.FPDFPage_GetRotation(page.raw) * 90
    turns = Counter(_turn(c.angle, turned) for c in chars)
    turned = (turned - (turns.most_common(1)[0][0] or 0)) % 360 if turns else turned
    place = _placing(bounds, turned)
    glyphs = (_glyph(c, place, turned) for c in chars)
    rules = [rule for item in items if item.kind == raw.FPDF_PAGEOBJ_PATH for rule in _rules(item, place)]
    return Page(tuple(g for g in glyphs if g), tuple(r for r, flat in rules if flat), tuple(r for r, flat in rules if not flat))


def _placing(bounds: Box, turned: int) -> Callable[[float, float], Point]:
    """Return how a point of the file's space stands on the page as it is seen."""
    left, bottom, right, top = bounds
    ways: dict[int, Callable[[float, float], Point]] = {
        0: lambda x, y: (x - left, top - y),
        90: lambda x, y: (y - bottom, x - left),
        180: lambda x, y: (right - x, y - bottom),
        270: lambda x, y: (top - y, right - x),
    }
    return ways[turned]


def _turn(angle: float, turned: int) -> int | None:
    """Return how far a line is turned clockwise on the page as it is seen; None where it is askew, as a watermark is."""
    exact = (turned - angle) % 360
    nearest = round(exact / 90) * 90
    return nearest % 360 if abs(exact - nearest) <= _CROOKED else None


def _chars(page: Any, texts: list[_Item], bounds: Box) -> Iterator[_Char]:
    """Yield the characters that the page prints: not those laid unseen under a scan, nor those outside of what is shown."""
    from pypdfium2 import raw

    unseen = {_address(t.handle) for t in texts if raw.FPDFTextObj_GetTextRenderMode(t.handle) == raw.FPDF_TEXTRENDERMODE_INVISIBLE}
    inside = {_address(t.handle): t for t in texts if t.matrix != _AS_IT_IS or t.clip != bounds}
    text, last, moved = raw.FPDFText_LoadPage(page.raw), 0, False
    for i in range(raw.FPDFText_CountChars(text)):
        if raw.FPDFText_IsGenerated(text, i):
            continue
        char, start = _char(text, i)
        matrix, clip = _AS_IT_IS, bounds
        if unseen or inside:
            address = _address(raw.FPDFText_GetTextObject(text, i))
            if address in unseen:
                continue
            if item := inside.get(address):
                matrix, clip = item.matrix, item.clip
                moved = _astray(char, start) if address != last else moved
            last = address
        if moved and matrix != _AS_IT_IS:
            char = char._replace(
                origin=_through(matrix, char.origin), box=(*_through(matrix, char.box[:2]), *_through(matrix, char.box[2:]))
            )
        if clip[0] <= char.origin[0] <= clip[2] and clip[1] <= char.origin[1] <= clip[3]:
            yield char
    raw.FPDFText_ClosePage(text)


def _char(text: Any, i: int) -> tuple[_Char, Point]:
    """Return one character, and where its text starts."""
    from pypdfium2 import raw

    x, y, box, matrix = c_double(), c_double(), raw.FS_RECTF(), raw.FS_MATRIX()
    code = raw.FPDFText_GetUnicode(text, i)
    lost = code == 0 or 0xD800 <= code <= 0xDFFF or code >= 0xFFFE or raw.FPDFText_HasUnicodeMapError(text, i) == 1
    raw.FPDFText_GetCharOrigin(text, i, x, y)
    raw.FPDFText_GetMatrix(text, i, matrix)
    size = raw.FPDFText_GetFontSize(text, i) * (hypot(matrix.c, matrix.d) or 1)
    raw.FPDFText_GetLooseCharBox(text, i, box)
    edges = (box.left, box.bottom, box.right, box.top)
    if box.right - box.left > _WIDEST * size:
        edges = _tight_box(text, i)
    char = _Char(_LOST if lost else fold(chr(code)), edges, (x.value, y.value), size, degrees(atan2(matrix.b, matrix.a)))
    return char, (matrix.e, matrix.f)


def _tight_box(text: Any, i: int) -> Box:
    """Return the box of a character's ink: of one written downwards, the library's other box is wrong."""
    from pypdfium2 import raw

    left, right, bottom, top = c_double(), c_double(), c_double(), c_double()
    raw.FPDFText_GetCharBox(text, i, left, right, bottom, top)
    return left.value, bottom.value, right.value, top.value


def _astray(char: _Char, start: Point) -> bool:
    """Say whether the first character of a text is not where the text starts: the library forgets the container of drawn fonts."""
    return hypot(char.origin[0] - start[0], char.origin[1] - start[1]) > _WIDEST * char.size


def _address(handle: Any) -> int:
    return cast(handle, c_void_p).value or 0


def _glyph(char: _Char, place: Callable[[float, float], Point], turned: int) -> Glyph | None:
    """Set one character on the page; the middle is measured from the base line, since boxes misplace punctuation."""
    turn = _turn(char.angle, turned)
    if turn is None or (char.text < " "):
        return None
    (xa, ya), (xb, yb), (x, y) = place(*char.box[:2]), place(*char.box[2:]), place(*char.origin)
    left, right, top, bottom, up = min(xa, xb), max(xa, xb), min(ya, yb), max(ya, yb), _ABOVE_BASE * char.size
    if turn == 0:
        return Glyph(char.text, left, right, y, char.size, (left + right) / 2, y - up, turn)
    if turn == 180:
        return Glyph(char.text, -right, -left, -y, char.size, (left + right) / 2, y + up, turn)
    if turn == 90:
        return Glyph(char.text, top, bottom, -x, char.size, x + up, (top + bottom) / 2, turn)
    return Glyph(char.text, -bottom, -top, x, char.size, x - up, (top + bottom) / 2, turn)


def _items(
    container: Any, count: Callable[[Any], int], get: Callable[[Any, int], Any], matrix: Matrix, clip: Box, depth: int = 0
) -> Iterator[_Item]:
    """Yield what is drawn on a page, also inside of forms."""
    from pypdfium2 import raw

    for i in range(count(container)):
        handle = get(container, i)
        kind = raw.FPDFPageObj_GetType(handle)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEPTH:
            inner, shown = _times(_matrix(handle), matrix), _clipped(handle, matrix, clip)
            yield from _items(handle, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, shown, depth + 1)
        else:
            yield _Item(handle, kind, matrix, _clipped(handle, matrix, clip) if kind == raw.FPDF_PAGEOBJ_PATH else clip)


def _clipped(handle: Any, matrix: Matrix, clip: Box) -> Box:
    """Return what a clip leaves of the part of the page that is shown."""
    from pypdfium2 import raw

    path = raw.FPDFPageObj_GetClipPath(handle)
    for n in range(raw.FPDFClipPath_CountPaths(path) if path else 0):
        segments = (raw.FPDFClipPath_GetPathSegment(path, n, i) for i in range(raw.FPDFClipPath_CountPathSegments(path, n)))
        points = [_through(matrix, _point(s)) for s in segments]
        if points:
            xs, ys = zip(*points, strict=True)
            clip = (max(clip[0], min(xs)), max(clip[1], min(ys)), min(clip[2], max(xs)), min(clip[3], max(ys)))
    return clip


def _point(segment: Any) -> Point:
    from pypdfium2 import raw

    x, y = c_float(), c_float()
    raw.FPDFPathSegment_GetPoint(segment, x, y)
    return x.value, y.value


def _matrix(item: Any) -> Matrix:
    from pypdfium2 import raw

    m = raw.FS_MATRIX()
    return (m.a, m.b, m.c, m.d, m.e, m.f) if raw.FPDFPageObj_GetMatrix(item, m) else _AS_IT_IS


def _times(m: Matrix, n: Matrix) -> Matrix:
    """Return the matrix that does what ``m`` does, then ``n``."""
    return (
        m[0] * n[0] + m[1] * n[2], m[0] * n[1] + m[1] * n[3], m[2] * n[0] + m[3] * n[2], m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4], m[4] * n[1] + m[5] * n[3] + n[5],
    )  # fmt: skip


def _through(m: Matrix, point: Sequence[float]) -> Point:
    x, y = point
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def _rules(item: _Item, place: Callable[[float, float], Point]) -> Iterator[tuple[Rule, bool]]:
    """Yield the rules that a path draws, each with whether it is horizontal: straight strokes, and filled strips."""
    from pypdfium2 import raw

    fill, stroke, width = c_int(), c_int(), c_float()
    raw.FPDFPath_GetDrawMode(item.handle, fill, stroke)
    matrix = _times(_matrix(item.handle), item.matrix)
    parts = list(_subpaths(item.handle, matrix))
    strips: list[tuple[Point, Point, float]] = []
    if stroke.value and raw.FPDFPageObj_GetStrokeWidth(item.handle, width) and width.value * hypot(matrix[0], matrix[1]) <= _THIN:
        strips = [(a, b, _SLANT) for part in parts for a, b in pairwise(part) if a and b]
    elif fill.value:
        corners = ([p for p in part if p] for part in parts)
        strips = [((min(x), min(y)), (max(x), max(y)), _THIN) for x, y in (zip(*c, strict=True) for c in corners)]
    for (xa, ya), (xb, yb), thin in strips:
        if min(abs(xb - xa), abs(yb - ya)) <= thin and (shown := _shown((xa, ya, xb, yb), item.clip)):
            yield from _strip(place(*shown[:2]), place(*shown[2:]), thin)


def _shown(strip: Box, clip: Box) -> Box | None:
    """Return the part of a strip that is shown, if it has a length."""
    (xa, xb), (ya, yb) = sorted(strip[::2]), sorted(strip[1::2])
    left, bottom, right, top = clip
    if xa > right or xb < left or ya > top or yb < bottom:
        return None
    shown = (max(xa, left), max(ya, bottom), min(xb, right), min(yb, top))
    return shown if shown[2] - shown[0] or shown[3] - shown[1] else None


def _subpaths(path: Any, matrix: Matrix) -> Iterator[list[Point | None]]:
    """Yield the points of each part of a path on the page; None stands before the end of a curve."""
    from pypdfium2 import raw

    part: list[Point | None] = []
    for i in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, i)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO and part:
            yield part
            part = []
        if kind == raw.FPDF_SEGMENT_BEZIERTO:
            part.append(None)
        part.append(_through(matrix, _point(segment)))
        if raw.FPDFPathSegment_GetClose(segment):
            part.append(part[0])
    if part:
        yield part


def _strip(one: Point, other: Point, thin: float) -> Iterator[tuple[Rule, bool]]:
    """Yield what a strip is: a horizontal rule, a vertical one, both where it is a dot, or none."""
    (xa, ya), (xb, yb) = one, other
    if abs(yb - ya) <= thin:
        yield Rule((ya + yb) / 2, min(xa, xb), max(xa, xb)), True
    if abs(xb - xa) <= thin:
        yield Rule((xa + xb) / 2, min(ya, yb), max(ya, yb)), False
