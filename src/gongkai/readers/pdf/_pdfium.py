"""One page of a PDF, as the library draws and writes it -> its characters and rules, in points from the upper left corner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from ctypes import c_double, c_float, c_int, c_void_p, cast
from itertools import pairwise
from math import atan2, degrees, hypot
from typing import Any, NamedTuple

from pypdfium2 import raw

from gongkai.readers.glyphs import Glyph, fold
from gongkai.readers.pdf.lattice import Rule
from gongkai.readers.pdf.pages import Page

_THIN, _SLANT, _CROOKED = 3.0, 0.75, 5
_SMALLEST = 0.01
_DEPTH, _WIDEST = 15, 1.8
_ABOVE_BASE, _MOST_TURNED = 0.35, 0.9
_LOST = "\ufffd"

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


def page_of(page: Any) -> Page:
    """Read one page, turned if nearly all of its lines are: turned heads alone do not turn it."""
    edges = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page.raw, edges)
    bounds = (edges.left, edges.bottom, edges.right, edges.top)
    items = list(_items(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, _AS_IT_IS, bounds))
    chars = list(_chars(page, [i for i in items if i.kind == raw.FPDF_PAGEOBJ_TEXT], bounds))
    turned = raw.FPDFPage_GetRotation(page.raw) * 90
    (turn, many), *_ = Counter(_turn(c.angle, turned) for c in chars).most_common(1) or [(0, 0)]
    turned = (turned - (turn or 0)) % 360 if many > _MOST_TURNED * len(chars) else turned
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
    unseen = {_address(t.handle) for t in texts if raw.FPDFTextObj_GetTextRenderMode(t.handle) == raw.FPDF_TEXTRENDERMODE_INVISIBLE}
    inside = {_address(t.handle): t for t in texts if t.matrix != _AS_IT_IS or t.clip != bounds}
    text, last, moved = raw.FPDFText_LoadPage(page.raw), 0, False
    into = (c_double(), c_double(), raw.FS_RECTF(), raw.FS_MATRIX())
    for i in range(raw.FPDFText_CountChars(text)):
        if raw.FPDFText_IsGenerated(text, i):
            continue
        char, start = _char(text, i, into)
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


def _char(text: Any, i: int, into: tuple[Any, ...]) -> tuple[_Char, Point]:
    """Return one character, and where its text starts; the library writes its answers into what it is given."""
    x, y, box, matrix = into
    code = raw.FPDFText_GetUnicode(text, i)
    lost = code == 0 or 0xD800 <= code <= 0xDFFF or code >= 0xFFFE or raw.FPDFText_HasUnicodeMapError(text, i) == 1
    raw.FPDFText_GetCharOrigin(text, i, x, y)
    raw.FPDFText_GetMatrix(text, i, matrix)
    size = max(abs(raw.FPDFText_GetFontSize(text, i)) * (hypot(matrix.c, matrix.d) or 1), _SMALLEST)
    raw.FPDFText_GetLooseCharBox(text, i, box)
    edges = (box.left, box.bottom, box.right, box.top)
    if box.right - box.left > _WIDEST * size:
        edges = _tight_box(text, i)
    char = _Char(_LOST if lost else fold(chr(code)), edges, (x.value, y.value), size, degrees(atan2(matrix.b, matrix.a)))
    return char, (matrix.e, matrix.f)


def _tight_box(text: Any, i: int) -> Box:
    """Return the box of a character's ink: of one written downwards, the library's other box is wrong."""
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
    for i in range(count(container)):
        handle = get(container, i)
        kind = raw.FPDFPageObj_GetType(handle)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEPTH:
            inner, shown = _times(_matrix(handle), matrix), _clipped(handle, matrix, clip)
            yield from _items(handle, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, shown, depth + 1)
        else:
            yield _Item(handle, kind, matrix, clip)


def _clipped(handle: Any, matrix: Matrix, clip: Box) -> Box:
    """Return what a clip leaves of the part of the page that is shown."""
    path = raw.FPDFPageObj_GetClipPath(handle)
    for n in range(raw.FPDFClipPath_CountPaths(path) if path else 0):
        segments = (raw.FPDFClipPath_GetPathSegment(path, n, i) for i in range(raw.FPDFClipPath_CountPathSegments(path, n)))
        points = [_through(matrix, _point(s)) for s in segments]
        if points:
            xs, ys = zip(*points, strict=True)
            clip = (max(clip[0], min(xs)), max(clip[1], min(ys)), min(clip[2], max(xs)), min(clip[3], max(ys)))
    return clip


def _point(segment: Any) -> Point:
    x, y = c_float(), c_float()
    raw.FPDFPathSegment_GetPoint(segment, x, y)
    return x.value, y.value


def _matrix(item: Any) -> Matrix:
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
    strips = (((xa, ya, xb, yb), thin) for (xa, ya), (xb, yb), thin in _strips(item) if min(abs(xb - xa), abs(yb - ya)) <= thin)
    for strip, thin in strips:
        if shown := _shown(strip, item.clip):
            yield from _rule(place(*shown[:2]), place(*shown[2:]), thin)


def _strips(item: _Item) -> Iterator[tuple[Point, Point, float]]:
    """Yield two opposite corners of each straight stroke and of each filled part of a path, and how thin a rule must be there."""
    fill, stroke, width = c_int(), c_int(), c_float()
    raw.FPDFPath_GetDrawMode(item.handle, fill, stroke)
    matrix = _times(_matrix(item.handle), item.matrix)
    if stroke.value and raw.FPDFPageObj_GetStrokeWidth(item.handle, width) and width.value * hypot(matrix[0], matrix[1]) <= _THIN:
        yield from ((a, b, _SLANT) for part in _subpaths(item.handle, matrix) for a, b in pairwise(part) if a and b)
    elif fill.value:
        for part in _subpaths(item.handle, matrix):
            xs, ys = zip(*(p for p in part if p), strict=True)
            yield (min(xs), min(ys)), (max(xs), max(ys)), _THIN


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
    a, b, c, d, e, f = matrix
    part: list[Point | None] = []
    x, y = c_float(), c_float()
    for i in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, i)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if kind == raw.FPDF_SEGMENT_MOVETO and part:
            yield part
            part = []
        if kind == raw.FPDF_SEGMENT_BEZIERTO:
            part.append(None)
        part.append((a * x.value + c * y.value + e, b * x.value + d * y.value + f))
        if raw.FPDFPathSegment_GetClose(segment):
            part.append(part[0])
    if part:
        yield part


def _rule(one: Point, other: Point, thin: float) -> Iterator[tuple[Rule, bool]]:
    """Yield what a strip is: a horizontal rule, a vertical one, both where it is a dot, or none."""
    (xa, ya), (xb, yb) = one, other
    if abs(yb - ya) <= thin:
        yield Rule((ya + yb) / 2, min(xa, xb), max(xa, xb)), True
    if abs(xb - xa) <= thin:
        yield Rule((xa + xb) / 2, min(ya, yb), max(ya, yb)), False
