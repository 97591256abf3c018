"""What a page draws, as the library gives it -> texts with what is shown of them, strips that may be rules, surfaces that hide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ctypes import c_float, c_int
from itertools import pairwise
from math import hypot
from typing import Any, NamedTuple

from pypdfium2 import raw

from gongkai.readers.limits import most, within
from gongkai.readers.pdf.seen import Surface, address, is_sheer, surface

# How thick a rule may be, and how far from straight; from which height or width on a surface can be the ground of a page drawn anew.
THIN, SLANT, _SHEET, _BAND = 3.0, 0.75, 40.0, 300.0
# A curve or a surface so many times as wide as it is high, and lower than a line of type, is no rule, but may strike out.
BAND, _WIDE, _LOW = -1.0, 4.0, 8.0
# A stroke too broad for a rule covers what is below it.
_BROAD = -2.0
# A path of no more segments has one part, of which a box says all.
_ONE_BOX = 5
_IN_FORM = (raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject)

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
Point = tuple[float, float]
AS_IT_IS: Matrix = (1, 0, 0, 1, 0, 0)


class Item(NamedTuple):
    """What is drawn: its handle, its kind, the matrix of all its containers, and the part of the page that they show.

    ``veiled`` says that a container may shine through.
    """

    handle: Any
    kind: int
    matrix: Matrix
    clip: Box
    veiled: bool


def items_of(page: Any, bounds: Box, masked: bool = False) -> list[Item]:
    """Return what is drawn on a page, also inside of forms; ``masked`` says that the file has forms under masks."""
    found: list[Item] = []
    _collect(page, (raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject), AS_IT_IS, bounds, (), masked, found)
    return found


def _collect(
    container: Any, ways: tuple[Any, Any], matrix: Matrix, clip: Box, around: tuple[bool, ...], masked: bool, into: list[Item]
) -> None:
    """Collect what a page or a form draws; ``around`` says of each form around it whether it may shine through."""
    count, get = ways
    many, veiled, kind_of = count(container), any(around), raw.FPDFPageObj_GetType
    within("pdf_objects", many + len(into))
    for i in range(many):
        handle = get(container, i)
        kind = kind_of(handle)
        if kind == raw.FPDF_PAGEOBJ_FORM and len(around) < most("pdf_depth"):
            inner, shown = _times(_matrix(handle), matrix), _clipped(handle, matrix, clip)
            _collect(handle, _IN_FORM, inner, shown, (*around, is_sheer(handle, masked)), masked, into)
        else:
            into.append(Item(handle, kind, matrix, clip, veiled))


def _clipped(handle: Any, matrix: Matrix, clip: Box) -> Box:
    """Return what a clip leaves of the part of the page that is shown."""
    path = raw.FPDFPageObj_GetClipPath(handle)
    for n in range(raw.FPDFClipPath_CountPaths(path) if path else 0):
        if points := _corners(path, n):
            clip = _inner(clip, _around([through(matrix, point) for point in points]))
    return clip


def _corners(path: Any, n: int) -> list[Point]:
    """Return the points of a part of a clip, of an upright rectangle only as many as say where it is."""
    x, y, points = c_float(), c_float(), list[Point]()
    many = raw.FPDFClipPath_CountPathSegments(path, n)
    for i in range(many):
        raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(path, n, i), x, y)
        points.append((x.value, y.value))
        if i == 2 and many <= _ONE_BOX and _is_corner(*points):
            break
    return points


def _is_corner(a: Point, b: Point, c: Point) -> bool:
    return (a[0] == b[0] and b[1] == c[1]) or (a[1] == b[1] and b[0] == c[0])


def _matrix(item: Any) -> Matrix:
    m = raw.FS_MATRIX()
    return (m.a, m.b, m.c, m.d, m.e, m.f) if raw.FPDFPageObj_GetMatrix(item, m) else AS_IT_IS


def _times(m: Matrix, n: Matrix) -> Matrix:
    """Return the matrix that does what ``m`` does, then ``n``."""
    return (
        m[0] * n[0] + m[1] * n[2], m[0] * n[1] + m[1] * n[3], m[2] * n[0] + m[3] * n[2], m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4], m[4] * n[1] + m[5] * n[3] + n[5],
    )  # fmt: skip


def through(m: Matrix, point: Sequence[float]) -> Point:
    x, y = point
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def boxes_of(items: Iterable[Item]) -> Iterator[Box]:
    """Yield the boxes of what is drawn, on the page."""
    left, bottom, right, top = into = (c_float(), c_float(), c_float(), c_float())
    ask = raw.FPDFPageObj_GetBounds
    for item in items:
        ask(item.handle, *into)
        box = (left.value, bottom.value, right.value, top.value)
        yield box if item.matrix is AS_IT_IS else _box_through(item.matrix, box)


def _box_through(m: Matrix, box: Box) -> Box:
    if m[1] or m[2] or m[0] < 0 or m[3] < 0:
        return _around([through(m, (x, y)) for x in box[::2] for y in box[1::2]])
    return m[0] * box[0] + m[4], m[3] * box[1] + m[5], m[0] * box[2] + m[4], m[3] * box[3] + m[5]


def cut(texts: Iterable[tuple[int, Item, Box, int]]) -> dict[int, Item]:
    """Return the texts of which their own clips, so many, leave only a part; texts that follow each other share them."""
    found: dict[int, Item] = {}
    clips: dict[tuple[int, int, Matrix, Box], Box] = {}
    for where, item, box, many in texts:
        path = raw.FPDFPageObj_GetClipPath(item.handle)
        key = (many, address(raw.FPDFClipPath_GetPathSegment(path, many - 1, 0)), item.matrix, item.clip)
        clip = clips[key] if key in clips else clips.setdefault(key, _clipped(item.handle, item.matrix, item.clip))
        if not holds(clip, box):
            found[where] = item._replace(clip=clip)
    return found


def holds(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def drawn(items: Sequence[Item]) -> tuple[list[tuple[Box, float]], list[Surface]]:
    """Return the strips that paths draw, each with how thin a rule must be there, and the surfaces that hide what is below them."""
    strips: list[tuple[Box, float]] = []
    surfaces: list[Surface | None] = []
    for order, item in enumerate(items):
        if item.kind == raw.FPDF_PAGEOBJ_PATH:
            for strip, thin, filled in _strips(item):
                if thin == _BROAD:
                    surfaces.append(Surface(order, _inner(strip, item.clip), None))
                elif filled and min(abs(strip[2] - strip[0]), abs(strip[3] - strip[1])) > THIN:
                    surfaces.append(surface(item, order, _inner(strip, item.clip)))
                    strips += [(shown, BAND)] if (shown := _shown(strip, item.clip, BAND)) else []
                elif thin and (shown := _shown(strip, item.clip, thin)):
                    strips.append((shown, thin))
        elif item.kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING):
            surfaces.append(Surface(order, next(boxes_of([item])), None))
    return strips, [s for s in surfaces if s]


def _inner(box: Box, clip: Box) -> Box:
    return max(box[0], clip[0]), max(box[1], clip[1]), min(box[2], clip[2]), min(box[3], clip[3])


def sized_up(over: Surface) -> Surface:
    """Say of a large surface where it hides all below: an upright rectangle, as its own clips leave it, that lets nothing through."""
    item, large = over.item, over.box[3] - over.box[1] > _SHEET or over.box[2] - over.box[0] > _BAND
    if not large or not over.colour or not item or raw.FPDFPageObj_HasTransparency(item.handle):
        return over
    (part, *more), m = list(_subpaths(item.handle, AS_IT_IS)) or [[]], _matrix(item.handle)
    points = {p for p in part if p}
    box = not more and None not in part and len(points) == 4 and len({p[0] for p in points}) == len({p[1] for p in points}) == 2
    if not box or not (_upright(m) and _upright(item.matrix) and _cuts_straight(item.handle)):
        return over
    return over._replace(box=_inner(over.box, _clipped(item.handle, item.matrix, item.clip)), solid=True)


def _upright(m: Matrix) -> bool:
    return not (m[1] or m[2]) or not (m[0] or m[3])


def _cuts_straight(handle: Any) -> bool:
    """Say whether the clips of what is drawn are upright rectangles."""
    path = raw.FPDFPageObj_GetClipPath(handle)
    many = raw.FPDFClipPath_CountPaths(path) if path else 0
    return all(len(corners) == 3 for n in range(many) if (corners := _corners(path, n)))


def _strips(item: Item) -> Iterator[tuple[Box, float, bool]]:
    """Yield two opposite corners of each straight stroke and of each filled part of a path, how thin a rule must be there (nothing:
    it is none), and whether it is filled.
    """
    fill, stroke, width = c_int(), c_int(), c_float()
    raw.FPDFPath_GetDrawMode(item.handle, fill, stroke)
    if fill.value and not stroke.value and raw.FPDFPath_CountSegments(item.handle) <= _ONE_BOX:
        yield next(boxes_of([item])), THIN, True
        return
    matrix = _times(_matrix(item.handle), item.matrix)
    parts = list(_subpaths(item.handle, matrix)) if fill.value or stroke.value else []
    lines = stroke.value and raw.FPDFPageObj_GetStrokeWidth(item.handle, width) and width.value * hypot(matrix[0], matrix[1]) <= THIN
    if stroke.value and not lines and not fill.value:
        yield next(boxes_of([item])), _BROAD, False
    if lines:
        yield from (((*a, *b), SLANT, False) for part in parts for a, b in pairwise(part) if a and b)
        yield from ((_around([p for p in part if p]), BAND, False) for part in parts if None in part)
    filled = [_around([p for p in part if p]) for part in parts] if fill.value else []
    for i, box in enumerate(filled):
        if not any(hole != box and holds(box, hole) and 2 * _area(hole) > _area(box) for hole in filled[i + 1 : i + 3]):
            yield box, 0.0 if lines else THIN, True


def _around(points: Sequence[Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def is_slanted(strip: Box) -> bool:
    return abs(strip[2] - strip[0]) > THIN and abs(strip[3] - strip[1]) > THIN


def _shown(strip: Box, clip: Box, thin: float) -> Box | None:
    """Return the part of a strip that is shown, if it has a length; a slanted line and a band are left as they are."""
    if thin == BAND:
        high = strip[3] - strip[1]
        return strip if high <= _LOW and strip[2] - strip[0] > _WIDE * high else None
    if min(abs(strip[2] - strip[0]), abs(strip[3] - strip[1])) > thin:
        return strip if is_slanted(strip) else None
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
