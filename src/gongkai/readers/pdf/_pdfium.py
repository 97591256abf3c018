"""One page of a PDF, as the library draws and writes it -> its characters and rules, in points from the upper left corner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from pypdfium2 import raw

from gongkai.core.shown import Look
from gongkai.readers.glyphs import Glyph
from gongkai.readers.limits import within
from gongkai.readers.pdf.annotations import Added
from gongkai.readers.pdf.chars import ABOVE_BASE, Char, written
from gongkai.readers.pdf.hidden import shown_of
from gongkai.readers.pdf.items import BAND, SLANT, THIN, Box, Point, drawn, is_slanted, items_of
from gongkai.readers.pdf.lattice import Rule
from gongkai.readers.pdf.pages import Page
from gongkai.readers.pdf.weight import Traits

_CROOKED, _MOST_TURNED = 5, 0.9


def page_of(page: Any, added: Added = Added(), traits: Traits = Traits()) -> Page:  # noqa: B008
    """Read one page, turned if nearly all of its lines are: turned heads alone do not turn it.

    ``added`` is what annotations show beside what is drawn, ``traits`` what its file says that needs a closer look.
    """
    edges = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page.raw, edges)
    bounds = (edges.left, edges.bottom, edges.right, edges.top)
    items = items_of(page.raw, bounds, traits.veiled)
    turned = raw.FPDFPage_GetRotation(page.raw) * 90
    strips, surfaces = drawn(items)
    chars, unseen = shown_of(page, items, surfaces, bounds, traits, _placing(bounds, turned))
    chars += [char for note in added.notes for char in written(note, turned)]
    (turn, many), *_ = Counter(_turn(c.angle, turned) for c in chars).most_common(1) or [(0, 0)]
    turned = (turned - (turn or 0)) % 360 if many > _MOST_TURNED * len(chars) else turned
    place = _placing(bounds, turned)
    glyphs = (_glyph(c, place, turned) for c in chars)
    strips += [(strip, THIN) for strip in added.strikes]
    rules = [rule for strip, thin in strips for rule in _rule(place(*strip[:2]), place(*strip[2:]), thin)]
    within("pdf_rules", len(rules))
    across, down = tuple(r for r, flat in rules if flat), tuple(r for r, flat in rules if not flat)
    slanted = tuple(
        (*place(*strip[:2]), *place(*strip[2:])) for strip, thin in strips if thin == BAND or (thin == SLANT and is_slanted(strip))
    )
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


@lru_cache(maxsize=4096)
def _turn(angle: float, turned: int) -> int | None:
    """Return how far a line is turned clockwise on the page as it is seen; None where it is askew, as a watermark is."""
    exact = (turned - angle) % 360
    nearest = round(exact / 90) * 90
    return nearest % 360 if abs(exact - nearest) <= _CROOKED else None


def _glyph(char: Char, place: Callable[[float, float], Point], turned: int) -> Glyph | None:
    """Set one character on the page; the middle is measured from the base line, since boxes misplace punctuation."""
    turn = _turn(char.angle, turned)
    if turn is None or (char.text < " "):
        return None
    (xa, ya), (xb, yb), (x, y) = place(*char.box[:2]), place(*char.box[2:]), place(*char.origin)
    left, right = (xa, xb) if xa < xb else (xb, xa)
    up, look = ABOVE_BASE * char.size, char.look or Look.SHOWN
    if turn == 0:
        return Glyph(char.text, left, right, y, char.size, (left + right) / 2, y - up, turn, look, char.instead)
    top, bottom = min(ya, yb), max(ya, yb)
    if turn == 180:
        return Glyph(char.text, -right, -left, -y, char.size, (left + right) / 2, y + up, turn, look, char.instead)
    if turn == 90:
        return Glyph(char.text, top, bottom, -x, char.size, x + up, (top + bottom) / 2, turn, look, char.instead)
    return Glyph(char.text, -bottom, -top, x, char.size, x - up, (top + bottom) / 2, turn, look, char.instead)


def _rule(one: Point, other: Point, thin: float) -> Iterator[tuple[Rule, bool]]:
    """Yield what a strip is: a horizontal rule, a vertical one, both where it is a dot, or none."""
    (xa, ya), (xb, yb) = one, other
    if abs(yb - ya) <= thin:
        yield Rule((ya + yb) / 2, min(xa, xb), max(xa, xb)), True
    if abs(xb - xa) <= thin:
        yield Rule((xa + xb) / 2, min(ya, yb), max(ya, yb)), False
