"""The characters of a page as the library gives them -> the same in the space of the page, with how far each can be seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ctypes import c_double
from functools import lru_cache
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Any, NamedTuple

from pypdfium2 import raw

from gongkai.core.shown import Look
from gongkai.readers.glyphs import fold_radicals
from gongkai.readers.limits import within
from gongkai.readers.pdf.annotations import Note
from gongkai.readers.pdf.items import AS_IT_IS, Box, Item, Matrix, Point, holds, through
from gongkai.readers.pdf.seen import address

_SMALLEST, _WIDEST = 0.01, 1.8
# Type that no reader of the page reads, as a part of the page's shorter side: 2 points on paper of A4; and squeezed to a line.
_TINY, _SQUEEZED = 1 / 300, 0.1
# The part of a character that a clip leaves: below the first it is not seen, below the second it may be.
_CUT_AWAY, _PARTLY = 0.3, 0.8
_FIGURE, _LINE = 0.5, 1.2
_LOST, _FIRST, _SPACE = "\ufffd", 0x20, 0x20
ABOVE_BASE = 0.35


class Char(NamedTuple):
    """One character as the library gives it: its box, its origin, the size of its type and the angle of its line."""

    text: str
    box: Box
    origin: Point
    size: float
    angle: float
    look: Look | None = Look.SHOWN
    instead: str = ""


def chars_of(page: Any, inside: Mapping[int, Item], bounds: Box, special: set[int]) -> Iterator[tuple[Char, int]]:
    """Yield the characters of a page with the addresses of their texts, as far as anything is special about these."""
    text, last, moved = raw.FPDFText_LoadPage(page.raw), 0, False
    into = (c_double(), c_double(), raw.FS_RECTF(), raw.FS_MATRIX())
    tiny, asked = _TINY * min(bounds[2] - bounds[0], bounds[3] - bounds[1]), bool(inside or special)
    within("pdf_page_characters", raw.FPDFText_CountChars(text))
    for i in range(raw.FPDFText_CountChars(text)):
        code = raw.FPDFText_GetUnicode(text, i)
        if code <= _SPACE and raw.FPDFText_IsGenerated(text, i):
            continue
        char, start = _char(text, i, code, into)
        matrix, clip, where = AS_IT_IS, bounds, 0
        if asked:
            where = address(raw.FPDFText_GetTextObject(text, i))
            if item := inside.get(where):
                matrix, clip = item.matrix, item.clip
                moved = _astray(char, start) if where != last else moved
            last = where
        moves = matrix if moved and item else AS_IT_IS
        if moves != AS_IT_IS:
            char = char._replace(origin=through(moves, char.origin), box=_moved(moves, char.box))
        left, low, right, high = char.box
        odd = char.size < tiny or right - left < _SQUEEZED * char.size
        if odd or left < clip[0] or low < clip[1] or right > clip[2] or high > clip[3]:
            char = char._replace(look=_look(char, _moved(moves, _tight_box(text, i)), clip, tiny))
        yield char, where
    raw.FPDFText_ClosePage(text)


def _moved(matrix: Matrix, box: Box) -> Box:
    if matrix == AS_IT_IS:
        return box
    (xa, ya), (xb, yb) = through(matrix, box[:2]), through(matrix, box[2:])
    return min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)


def _look(char: Char, ink: Box, clip: Box, tiny: float) -> Look | None:
    """Say how a character looks that is tiny, squeezed, or reaches over the edge of what is shown."""
    width, height = ink[2] - ink[0], ink[3] - ink[1]
    if char.size < tiny or (char.text.isalnum() and width < _SQUEEZED * char.size and char.box[2] - char.box[0] < _SQUEEZED * char.size):
        return None
    if width <= 0 or height <= 0:
        return Look.SHOWN if holds(clip, (*char.origin, *char.origin)) else None
    wide = max(min(ink[2], clip[2]) - max(ink[0], clip[0]), 0) / width
    share = wide * max(min(ink[3], clip[3]) - max(ink[1], clip[1]), 0) / height
    return None if share < _CUT_AWAY else Look.DOUBTED if share < _PARTLY else Look.SHOWN


def written(note: Note, turned: int) -> Iterator[Char]:
    """Yield the characters of words that a viewer writes into a box, upright on the page as it is seen."""
    left, bottom, right, top = note.box
    along, lines = radians(turned), note.text.split("\n")
    ux, uy = cos(along), sin(along)
    width = abs(ux) * (right - left) + abs(uy) * (top - bottom)
    for n, line in enumerate(lines):
        steps = [note.size * (_FIGURE if c.isascii() else 1.0) for c in line]
        fit, at = min(1.0, width / max(sum(steps), _SMALLEST)), -width / 2
        down = note.size * ((n - (len(lines) - 1) / 2) * _LINE + ABOVE_BASE)
        for c, step in zip(line, steps, strict=True):
            x, y = (left + right) / 2 + at * ux + down * uy, (bottom + top) / 2 + at * uy - down * ux
            end = (x + step * fit * ux - note.size * uy, y + step * fit * uy + note.size * ux)
            yield Char(fold_radicals(c), (min(x, end[0]), min(y, end[1]), max(x, end[0]), max(y, end[1])), (x, y), note.size, turned)
            at += step * fit


def _char(text: Any, i: int, code: int, into: tuple[Any, ...]) -> tuple[Char, Point]:
    """Return one character, and where its text starts; the library writes its answers into what it is given."""
    x, y, box, matrix = into
    lost = code == 0 or 0xD800 <= code <= 0xDFFF or code >= 0xFFFE or raw.FPDFText_HasUnicodeMapError(text, i) == 1
    raw.FPDFText_GetCharOrigin(text, i, x, y)
    raw.FPDFText_GetMatrix(text, i, matrix)
    size = max(abs(raw.FPDFText_GetFontSize(text, i)) * (hypot(matrix.c, matrix.d) or 1), _SMALLEST)
    raw.FPDFText_GetLooseCharBox(text, i, box)
    edges = (box.left, box.bottom, box.right, box.top)
    if box.right - box.left > _WIDEST * size:
        edges = _tight_box(text, i)
    if matrix.c and matrix.d and not matrix.b:
        edges = _unslanted(edges, matrix.c / matrix.d, y.value)
    if not lost and code < _FIRST:
        ink = _tight_box(text, i)
        lost = ink[0] < ink[2] and ink[1] < ink[3]
    char = Char(_LOST if lost else fold_radicals(chr(code)), edges, (x.value, y.value), size, _angle(matrix.a, matrix.b))
    return char, (matrix.e, matrix.f)


def _unslanted(box: Box, lean: float, base: float) -> Box:
    """Return where a character would stand that leans, if it stood upright: boxes around those that lean overlap each other."""
    left, low, right, high = box
    low_shift, high_shift = lean * (low - base), lean * (high - base)
    return left - min(low_shift, high_shift), low, right - max(low_shift, high_shift), high


@lru_cache(maxsize=1024)
def _angle(a: float, b: float) -> float:
    return degrees(atan2(b, a))


def _tight_box(text: Any, i: int) -> Box:
    """Return the box of a character's ink: of one written downwards, the library's other box is wrong."""
    left, right, bottom, top = c_double(), c_double(), c_double(), c_double()
    raw.FPDFText_GetCharBox(text, i, left, right, bottom, top)
    return left.value, bottom.value, right.value, top.value


def _astray(char: Char, start: Point) -> bool:
    """Say whether the first character of a text is not where the text starts: the library forgets the container of drawn fonts."""
    return hypot(char.origin[0] - start[0], char.origin[1] - start[1]) > _WIDEST * char.size
