"""One page of a PDF, as the library draws and writes it -> its characters and rules, in points from the upper left corner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ctypes import c_double, c_float, c_int
from itertools import pairwise
from math import atan2, cos, degrees, hypot, inf, radians, sin
from typing import Any, NamedTuple

from pypdfium2 import raw

from gongkai.core.shown import Look
from gongkai.readers.glyphs import Glyph, fold
from gongkai.readers.pdf.annotations import Added, Note
from gongkai.readers.pdf.lattice import Rule
from gongkai.readers.pdf.limits import most, refuse_beyond
from gongkai.readers.pdf.pages import Page
from gongkai.readers.pdf.seen import Surface, Text, Tried, address, doubtful, is_sheer, looks, surface

_THIN, _SLANT, _CROOKED = 3.0, 0.75, 5
_SMALLEST = 0.01
_WIDEST = 1.8
# Type that no reader of the page reads, as a part of the page's shorter side: 2 points on paper of A4; and squeezed to a line.
_TINY, _SQUEEZED = 1 / 300, 0.1
# The part of a character that a clip leaves: below the first it is not seen, below the second it may be.
_CUT_AWAY, _PARTLY = 0.3, 0.8
_UNPAINTED = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_FIGURE, _LINE, _TWIN, _PASSES, _AWAY = 0.5, 1.2, 0.3, 4, 1e5
_ABOVE_BASE, _MOST_TURNED = 0.35, 0.9
_LOST, _FIRST = "\ufffd", 0x20

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
Point = tuple[float, float]
_AS_IT_IS: Matrix = (1, 0, 0, 1, 0, 0)


class _Item(NamedTuple):
    """What is drawn: its handle, its kind, the matrix of all its containers, and the part of the page that they show.

    ``veiled`` says that a container may shine through.
    """

    handle: Any
    kind: int
    matrix: Matrix
    clip: Box
    veiled: bool


class _Char(NamedTuple):
    """One character as the library gives it: its box, its origin, the size of its type and the angle of its line."""

    text: str
    box: Box
    origin: Point
    size: float
    angle: float
    look: Look | None = Look.SHOWN
    instead: str = ""


def page_of(page: Any, added: Added = Added(), layers: bool = False, spoken: bool = False) -> Page:  # noqa: B008
    """Read one page, turned if nearly all of its lines are: turned heads alone do not turn it.

    ``added`` is what annotations show beside what is drawn, ``layers`` says that some of the page may be off, ``spoken`` that text
    may be given other words than are shown.
    """
    edges = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page.raw, edges)
    bounds = (edges.left, edges.bottom, edges.right, edges.top)
    items = list(_items(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, _AS_IT_IS, bounds))
    turned = raw.FPDFPage_GetRotation(page.raw) * 90
    strips, surfaces = _drawn(items)
    chars, unseen = _seen(page, items, surfaces, bounds, (layers, spoken), _placing(bounds, turned))
    chars += [char for note in added.notes for char in _written(note, turned)]
    (turn, many), *_ = Counter(_turn(c.angle, turned) for c in chars).most_common(1) or [(0, 0)]
    turned = (turned - (turn or 0)) % 360 if many > _MOST_TURNED * len(chars) else turned
    place = _placing(bounds, turned)
    glyphs = (_glyph(c, place, turned) for c in chars)
    strips += [(strip, _THIN) for strip in added.strikes]
    rules = [rule for strip, thin in strips for rule in _rule(place(*strip[:2]), place(*strip[2:]), thin)]
    refuse_beyond("rules", len(rules))
    across, down = tuple(r for r, flat in rules if flat), tuple(r for r, flat in rules if not flat)
    slanted = tuple((*place(*strip[:2]), *place(*strip[2:])) for strip, thin in strips if thin == _SLANT and _is_slanted(strip))
    return Page(tuple(g for g in glyphs if g), across, down, slanted, unseen)


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


def _seen(
    page: Any, items: list[_Item], surfaces: list[Surface], bounds: Box, traits: tuple[bool, bool], place: Callable[[float, float], Point]
) -> tuple[list[_Char], int]:
    """Return the characters that the page shows, and how many it writes without showing them."""
    texts = {address(item.handle): (order, item) for order, item in enumerate(items) if item.kind == raw.FPDF_PAGEOBJ_TEXT}
    if traits[1]:
        _unspeak(item.handle for _, item in texts.values())
    drawn = [Text(item.handle, order, _bounds(item), item.veiled) for order, item in texts.values()]
    suspects, covered, hidden = doubtful(drawn, surfaces, traits[0])
    for a in hidden:
        _take_off(texts.pop(a)[1].handle)
    unpainted = {a for a, (_, t) in texts.items() if raw.FPDFTextObj_GetTextRenderMode(t.handle) in _UNPAINTED}
    inside = {a: t for a, (_, t) in texts.items() if t.matrix != _AS_IT_IS or t.clip != bounds}
    inside |= _cut([t for _, t in texts.values()], [d for d in drawn if address(d.handle) not in hidden] if hidden else drawn)
    handles = {a: t.handle for a, (_, t) in texts.items()}
    if not suspects and not unpainted:
        found = [c for c, _ in _chars(page, inside, bounds, suspects)]
        return [c for c in found if c.look], 0
    return _without_hidden(page, [i.handle for i in items], handles, (suspects, unpainted, covered), lambda s: list(_chars(page, inside, bounds, s)), place)


def _without_hidden(
    page: Any, drawn: list[Any], texts: Mapping[int, Any], special: tuple[set[int], set[int], set[int]],
    read: Callable[[set[int]], list[tuple[_Char, int]]], place: Callable[[float, float], Point],
) -> tuple[list[_Char], int]:  # fmt: skip
    """Return the characters that are seen, and how many are not.

    Texts that are not plainly seen are moved off the page and the others read again: where one is written over another, the library
    gives only the first of equal characters.
    """
    suspects, unpainted, covered = special
    known: dict[tuple[int, Point], Look | None] = {}
    hidden: dict[tuple[int, Point], _Char] = {}
    gone: set[int] = set()
    doubted: list[_Char] = []
    for _ in range(_PASSES):
        found = [(c, a) for c, a in read(suspects | unpainted) if a not in gone]
        new = [(c, a) for c, a in found if a in suspects and a not in unpainted and (a, c.origin) not in known and c.look and c.text.strip()]
        tried = [Tried(n, a, c.box) for n, (c, a) in enumerate(new)]
        judged = looks(page, drawn, texts, tried, place) if tried else {}
        known |= {(a, c.origin): judged[n] for n, (c, a) in enumerate(new)}
        found = [(c._replace(look=None if a in unpainted else known.get((a, c.origin), c.look)), a) for c, a in found]
        hidden |= {(a, c.origin): c for c, a in found if not c.look and c.text.strip()}
        off = {a for c, a in found if c.look is not Look.SHOWN}
        doubted += [c for c, a in found if a in off and c.look]
        if not off:
            break
        gone |= off
        for a in off:
            _take_off(texts[a])
    below = [c for (a, at), c in hidden.items() if (a, at) in known and a in covered]
    shown = [c for c, _ in found if c.look]
    return _typed_over(shown + [c for c in doubted if not any(_twins(c, o) for o in shown)], below), len(hidden)


def _take_off(text: Any) -> None:
    """Take a text off the page, and away from the place where the library would take another for its double."""
    raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, _AWAY, _AWAY)
    raw.FPDFPageObj_SetIsActive(text, False)


def _twins(one: _Char, other: _Char) -> bool:
    """Say whether a character is the shadow of another."""
    return one.text == other.text and all(abs(a - b) < _TWIN * one.size for a, b in zip(one.origin, other.origin, strict=True))


def _typed_over(shown: list[_Char], covered: list[_Char]) -> list[_Char]:
    """Say of figures what they are typed over: a file that holds two numbers for one place is asked which is meant."""
    last: tuple[int, float] | None = None
    for char in sorted((c for c in covered if c.text.isdigit()), key=lambda c: (c.origin[1], c.box[0])):
        near = [(abs(c.box[0] - char.box[0]), n) for n, c in enumerate(shown) if c.text.isdigit() and _level(c, char)]
        away, n = min(near, default=(inf, 0))
        if away <= _TWIN * char.size and shown[n].text == char.text and not shown[n].instead:
            shown[n] = shown[n]._replace(instead=char.text)
            last = (n, char.box[2])
        elif away <= _FIGURE * char.size or (last and char.box[0] - last[1] <= _FIGURE * char.size):
            n = n if away <= _FIGURE * char.size or not last else last[0]
            shown[n] = shown[n]._replace(instead=shown[n].instead + char.text)
            last = (n, char.box[2])
    return shown


def _level(one: _Char, other: _Char) -> bool:
    return abs(one.origin[1] - other.origin[1]) <= _FIGURE * other.size and one.angle == other.angle


def _unspeak(texts: Iterable[Any]) -> None:
    """Take from texts the words that a voice is to say instead of what is shown: the library reads those."""
    for text in texts:
        for i in range(raw.FPDFPageObj_CountMarks(text)):
            mark = raw.FPDFPageObj_GetMark(text, i)
            if raw.FPDFPageObjMark_GetParamValueType(mark, b"ActualText"):
                raw.FPDFPageObjMark_RemoveParam(text, mark, b"ActualText")


def _bounds(item: _Item) -> Box:
    left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
    raw.FPDFPageObj_GetBounds(item.handle, left, bottom, right, top)
    if item.matrix == _AS_IT_IS:
        return left.value, bottom.value, right.value, top.value
    return _around([_through(item.matrix, (x.value, y.value)) for x in (left, right) for y in (bottom, top)])


def _cut(texts: Sequence[_Item], drawn: Sequence[Text]) -> dict[int, _Item]:
    """Return the texts of which their own clip leaves only a part; texts that follow each other share a clip."""
    found: dict[int, _Item] = {}
    clips: dict[tuple[int, int, Box], Box] = {}
    for item, text in zip(texts, drawn, strict=True):
        path = raw.FPDFPageObj_GetClipPath(item.handle)
        many = raw.FPDFClipPath_CountPaths(path) if path else 0
        if many > 0:
            key = (many, address(raw.FPDFClipPath_GetPathSegment(path, many - 1, 0)), item.clip)
            clip = clips[key] if key in clips else clips.setdefault(key, _clipped(item.handle, item.matrix, item.clip))
            if not _holds(clip, text.box):
                found[address(item.handle)] = item._replace(clip=clip)
    return found


def _holds(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _chars(page: Any, inside: Mapping[int, _Item], bounds: Box, special: set[int]) -> Iterator[tuple[_Char, int]]:
    """Yield the characters of a page with the addresses of their texts, as far as anything is special about these."""
    text, last, moved = raw.FPDFText_LoadPage(page.raw), 0, False
    into = (c_double(), c_double(), raw.FS_RECTF(), raw.FS_MATRIX())
    tiny, asked = _TINY * min(bounds[2] - bounds[0], bounds[3] - bounds[1]), bool(inside or special)
    refuse_beyond("characters", raw.FPDFText_CountChars(text))
    for i in range(raw.FPDFText_CountChars(text)):
        if raw.FPDFText_IsGenerated(text, i):
            continue
        char, start = _char(text, i, into)
        matrix, clip, where = _AS_IT_IS, bounds, 0
        if asked:
            where = address(raw.FPDFText_GetTextObject(text, i))
            if item := inside.get(where):
                matrix, clip = item.matrix, item.clip
                moved = _astray(char, start) if where != last else moved
            last = where
        moves = matrix if moved and item else _AS_IT_IS
        if moves != _AS_IT_IS:
            char = char._replace(origin=_through(moves, char.origin), box=_moved(moves, char.box))
        left, low, right, high = char.box
        odd = char.size < tiny or right - left < _SQUEEZED * char.size
        if odd or left < clip[0] or low < clip[1] or right > clip[2] or high > clip[3]:
            char = char._replace(look=_look(char, _moved(moves, _tight_box(text, i)), clip, tiny))
        yield char, where
    raw.FPDFText_ClosePage(text)


def _moved(matrix: Matrix, box: Box) -> Box:
    if matrix == _AS_IT_IS:
        return box
    (xa, ya), (xb, yb) = _through(matrix, box[:2]), _through(matrix, box[2:])
    return min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)


def _look(char: _Char, ink: Box, clip: Box, tiny: float) -> Look | None:
    """Say how a character looks that is tiny, squeezed, or reaches over the edge of what is shown."""
    width, height = ink[2] - ink[0], ink[3] - ink[1]
    if char.size < tiny or (char.text.isalnum() and width < _SQUEEZED * char.size and char.box[2] - char.box[0] < _SQUEEZED * char.size):
        return None
    if width <= 0 or height <= 0:
        return Look.SHOWN if _holds(clip, (*char.origin, *char.origin)) else None
    wide = max(min(ink[2], clip[2]) - max(ink[0], clip[0]), 0) / width
    share = wide * max(min(ink[3], clip[3]) - max(ink[1], clip[1]), 0) / height
    return None if share < _CUT_AWAY else Look.DOUBTED if share < _PARTLY else Look.SHOWN


def _written(note: Note, turned: int) -> Iterator[_Char]:
    """Yield the characters of words that a viewer writes into a box, upright on the page as it is seen."""
    left, bottom, right, top = note.box
    along, lines = radians(turned), note.text.split("\n")
    ux, uy = cos(along), sin(along)
    width = abs(ux) * (right - left) + abs(uy) * (top - bottom)
    for n, line in enumerate(lines):
        steps = [note.size * (_FIGURE if c.isascii() else 1.0) for c in line]
        fit, at = min(1.0, width / max(sum(steps), _SMALLEST)), -width / 2
        down = note.size * ((n - (len(lines) - 1) / 2) * _LINE + _ABOVE_BASE)
        for c, step in zip(line, steps, strict=True):
            x, y = (left + right) / 2 + at * ux + down * uy, (bottom + top) / 2 + at * uy - down * ux
            end = (x + step * fit * ux - note.size * uy, y + step * fit * uy + note.size * ux)
            yield _Char(fold(c), (min(x, end[0]), min(y, end[1]), max(x, end[0]), max(y, end[1])), (x, y), note.size, turned)
            at += step * fit


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
    if not lost and code < _FIRST:
        ink = _tight_box(text, i)
        lost = ink[0] < ink[2] and ink[1] < ink[3]
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


def _glyph(char: _Char, place: Callable[[float, float], Point], turned: int) -> Glyph | None:
    """Set one character on the page; the middle is measured from the base line, since boxes misplace punctuation."""
    turn = _turn(char.angle, turned)
    if turn is None or (char.text < " "):
        return None
    (xa, ya), (xb, yb), (x, y) = place(*char.box[:2]), place(*char.box[2:]), place(*char.origin)
    left, right, top, bottom, up = min(xa, xb), max(xa, xb), min(ya, yb), max(ya, yb), _ABOVE_BASE * char.size
    look = char.look or Look.SHOWN
    if turn == 0:
        return Glyph(char.text, left, right, y, char.size, (left + right) / 2, y - up, turn, look, char.instead)
    if turn == 180:
        return Glyph(char.text, -right, -left, -y, char.size, (left + right) / 2, y + up, turn, look, char.instead)
    if turn == 90:
        return Glyph(char.text, top, bottom, -x, char.size, x + up, (top + bottom) / 2, turn, look, char.instead)
    return Glyph(char.text, -bottom, -top, x, char.size, x - up, (top + bottom) / 2, turn, look, char.instead)


def _items(
    container: Any, count: Callable[[Any], int], get: Callable[[Any, int], Any], matrix: Matrix, clip: Box, within: tuple[bool, ...] = ()
) -> Iterator[_Item]:
    """Yield what is drawn on a page, also inside of forms; ``within`` says of each form whether it may shine through."""
    refuse_beyond("objects", count(container))
    for i in range(count(container)):
        handle = get(container, i)
        kind = raw.FPDFPageObj_GetType(handle)
        if kind == raw.FPDF_PAGEOBJ_FORM and len(within) < most("depth"):
            inner, shown = _times(_matrix(handle), matrix), _clipped(handle, matrix, clip)
            veiled = is_sheer(handle)
            yield from _items(handle, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, shown, (*within, veiled))
        else:
            yield _Item(handle, kind, matrix, clip, any(within))


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


def _drawn(items: Sequence[_Item]) -> tuple[list[tuple[Box, float]], list[Surface]]:
    """Return the strips that paths draw, each with how thin a rule must be there, and the surfaces that hide what is below them."""
    strips: list[tuple[Box, float]] = []
    surfaces: list[Surface | None] = []
    for order, item in enumerate(items):
        if item.kind == raw.FPDF_PAGEOBJ_PATH:
            for strip, thin, filled in _strips(item):
                if filled and min(abs(strip[2] - strip[0]), abs(strip[3] - strip[1])) > _THIN:
                    surfaces.append(surface(item.handle, order, _inner(strip, item.clip), whole=_is_box(item.handle)))
                elif thin and (shown := _shown(strip, item.clip, thin)):
                    strips.append((shown, thin))
        elif item.kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING):
            surfaces.append(surface(item.handle, order, _bounds(item)))
    return strips, [s for s in surfaces if s]


def _inner(box: Box, clip: Box) -> Box:
    return max(box[0], clip[0]), max(box[1], clip[1]), min(box[2], clip[2]), min(box[3], clip[3])


def _is_box(path: Any) -> bool:
    """Say whether a path is one upright rectangle that no clip of its own cuts."""
    clip = raw.FPDFPageObj_GetClipPath(path)
    (part, *more), m = list(_subpaths(path, _AS_IT_IS)) or [[]], _matrix(path)
    points = {p for p in part if p}
    xs, ys = {p[0] for p in points}, {p[1] for p in points}
    upright = not (m[1] or m[2]) or not (m[0] or m[3])
    return not more and None not in part and len(points) == 4 and len(xs) == len(ys) == 2 and upright and _spares(clip, path)


def _spares(clip: Any, path: Any) -> bool:
    """Say whether a clip leaves all of a path."""
    left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
    raw.FPDFPageObj_GetBounds(path, left, bottom, right, top)
    whole = (left.value, bottom.value, right.value, top.value)
    return not clip or _clipped(path, _AS_IT_IS, whole) == whole


def _strips(item: _Item) -> Iterator[tuple[Box, float, bool]]:
    """Yield two opposite corners of each straight stroke and of each filled part of a path, how thin a rule must be there (nothing:
    it is none), and whether it is filled.
    """
    fill, stroke, width = c_int(), c_int(), c_float()
    raw.FPDFPath_GetDrawMode(item.handle, fill, stroke)
    matrix = _times(_matrix(item.handle), item.matrix)
    parts = list(_subpaths(item.handle, matrix)) if fill.value or stroke.value else []
    lines = stroke.value and raw.FPDFPageObj_GetStrokeWidth(item.handle, width) and width.value * hypot(matrix[0], matrix[1]) <= _THIN
    if lines:
        yield from (((*a, *b), _SLANT, False) for part in parts for a, b in pairwise(part) if a and b)
    filled = [_around([p for p in part if p]) for part in parts] if fill.value else []
    for i, box in enumerate(filled):
        if not any(hole != box and _holds(box, hole) and 2 * _area(hole) > _area(box) for hole in filled[i + 1 : i + 3]):
            yield box, 0.0 if lines else _THIN, True


def _around(points: Sequence[Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _is_slanted(strip: Box) -> bool:
    return abs(strip[2] - strip[0]) > _THIN and abs(strip[3] - strip[1]) > _THIN


def _shown(strip: Box, clip: Box, thin: float) -> Box | None:
    """Return the part of a strip that is shown, if it has a length; a slanted line is left as it is."""
    if min(abs(strip[2] - strip[0]), abs(strip[3] - strip[1])) > thin:
        return strip if _is_slanted(strip) else None
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
