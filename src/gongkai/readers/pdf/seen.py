"""Which characters of a page are seen: those without which the page would look otherwise.

Only characters that something might hide are tried (their colour, what is drawn over them, a layer), so most pages are never painted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from ctypes import c_uint
from sys import byteorder
from typing import TYPE_CHECKING, Any, NamedTuple

from pypdfium2 import raw

from gongkai.core.shown import Look

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Colour = tuple[int, int, int]
# Type of less than this colour stands out on white, and an earlier surface hides what differs from it by less.
_LIGHT, _ALIKE = 150, 100
# Of what a character alone would paint: below the first part it is not seen, below the second it may be.
_HIDDEN, _PARTLY, _CONTRAST = 0.15, 0.6, 24
_SCALE, _PIXELS, _ROUNDS, _OVER = 2.0, 8_000_000, 6, 0.25
_PICTURE = 60_000_000
# What lets more through hides nothing; and what covers less of a text.
_SHEER, _LEAST = 64, 0.1
# A surface so many times as high as a text was not laid over it to write another there.
_ANEW, _PAIRS = 5, 1_000_000
# A colour that no report uses, on which type of every other colour is visible.
_GROUND = (0xFE, 0x01, 0xFD)


class Text(NamedTuple):
    """A text that the page draws: its handle, its place in the order of painting, its box on the page, whether its group is translucent."""

    handle: Any
    order: int
    box: Box
    veiled: bool


class Surface(NamedTuple):
    """A surface that the page paints: its place in the order of painting, its box, its colour if it has one.

    ``solid`` says that nothing can be seen through it, all over its box.
    """

    order: int
    box: Box
    colour: Colour | None
    solid: bool = False


class Suspects(NamedTuple):
    """The numbers of texts: those that something may hide, those over which something small is painted, and those hidden for sure."""

    tried: set[int]
    covered: set[int]
    hidden: set[int]


class Tried(NamedTuple):
    """A character that may be hidden: its number, the address of its text, its box on the page."""

    number: int
    text: int
    box: Box


def address(handle: Any) -> int:
    return int.from_bytes(bytes(handle), byteorder)


def paints(surfaces: Sequence[Surface], first: int, colours: Sequence[Colour]) -> bool:
    """Say whether a surface may hide a text, of which the ``first`` stands there in the order of painting."""
    return any(s.order > first for s in surfaces) or _any_alike(colours, surfaces)


def doubtful(texts: Sequence[Text], colours: Sequence[Colour], pale: set[int], surfaces: Sequence[Surface], layers: bool) -> Suspects:
    """Say which texts something may hide."""
    found = {i for i, text in enumerate(texts) if layers or text.veiled} | pale
    under, hidden = _under(texts, surfaces) if surfaces and texts else (set(), set())
    found |= _alike(texts, colours, surfaces) if _any_alike(colours, surfaces) else set()
    return Suspects((found | under) - hidden, under - hidden, hidden)


def inks(handles: Sequence[Any]) -> tuple[list[Colour], set[int]]:
    """Return the colour of each text, and which of them are pale, translucent, or painted with a pattern."""
    red, green, blue, alpha = into = (c_uint(), c_uint(), c_uint(), c_uint())
    ask, colours, pale = raw.FPDFPageObj_GetFillColor, list[Colour](), set[int]()
    for i, handle in enumerate(handles):
        known = ask(handle, *into)
        r, g, b = colour = (red.value, green.value, blue.value)
        if not known or 30 * r + 59 * g + 11 * b > 100 * _LIGHT or alpha.value < _LIGHT:
            pale.add(i)
        colours.append(colour)
    return colours, pale


def surface(handle: Any, order: int, box: Box, whole: bool = False) -> Surface | None:
    """Return what a filled path or an image paints, the ``whole`` box or not; nothing where nearly all shines through."""
    red, green, blue, alpha = into = (c_uint(), c_uint(), c_uint(), c_uint())
    plain = raw.FPDFPageObj_GetType(handle) == raw.FPDF_PAGEOBJ_PATH and raw.FPDFPageObj_GetFillColor(handle, *into)
    if plain and alpha.value < _SHEER:
        return None
    solid = bool(whole and plain and not raw.FPDFPageObj_HasTransparency(handle))
    return Surface(order, box, (red.value, green.value, blue.value) if plain else None, solid)


def is_sheer(group: Any) -> bool:
    """Say whether what a form draws lets much of the page through."""
    into = (c_uint(), c_uint(), c_uint(), c_uint())
    return bool(raw.FPDFPageObj_GetFillColor(group, *into) and into[3].value < _LIGHT)


def _under(texts: Sequence[Text], surfaces: Sequence[Surface]) -> tuple[set[int], set[int]]:
    """Return which texts lie under a later surface, and which wholly under a solid one far larger than they are: a page drawn anew."""
    import numpy as np

    boxes, orders = np.array([t.box for t in texts]).T, np.array([t.order for t in texts])
    later = [s for s in surfaces if s.order > texts[0].order]
    under, hidden = np.zeros(len(texts), dtype=bool), np.zeros(len(texts), dtype=bool)
    for start in range(0, len(later), step := max(_PAIRS // len(texts), 1)):
        some = later[start : start + step]
        others = np.array([s.box for s in some]).T[:, :, None]
        wide = np.minimum(boxes[2], others[2]) - np.maximum(boxes[0], others[0])
        high = np.minimum(boxes[3], others[3]) - np.maximum(boxes[1], others[1])
        before = orders < np.array([s.order for s in some])[:, None]
        width, height = boxes[2] - boxes[0], boxes[3] - boxes[1]
        under |= (before & (wide > 0) & (high > 0) & (wide * high > _LEAST * width * height)).any(axis=0)
        solid = np.array([s.solid for s in some])[:, None] & (others[3] - others[1] > _ANEW * height)
        hidden |= (before & solid & (wide >= width) & (high >= height)).any(axis=0)
    return set(np.flatnonzero(under | hidden).tolist()), set(np.flatnonzero(hidden).tolist())


def _any_alike(colours: Sequence[Colour], surfaces: Sequence[Surface]) -> bool:
    inks, grounds = set(colours), {s.colour for s in surfaces if s.colour}
    return any(max(abs(a - b) for a, b in zip(ink, ground, strict=True)) < _ALIKE for ink in inks for ground in grounds)


def _alike(texts: Sequence[Text], colours: Sequence[Colour], surfaces: Sequence[Surface]) -> set[int]:
    """Return which texts stand on a surface of a colour like theirs."""
    import numpy as np

    left, bottom, right, top = np.array([t.box for t in texts]).T
    x, y, orders, ground = (left + right) / 2, (bottom + top) / 2, np.array([t.order for t in texts]), np.full((len(texts), 3), 255)
    for order, box, colour, _ in surfaces:
        if colour:
            ground[(orders > order) & (box[0] < x) & (x < box[2]) & (box[1] < y) & (y < box[3])] = colour
    return set(np.flatnonzero(np.abs(np.array(colours, dtype=int) - ground).max(axis=1) < _ALIKE).tolist())


def looks(
    page: Any, drawn: Sequence[Any], texts: Mapping[int, Any], tried: Sequence[Tried], place: Callable[..., Point]
) -> dict[int, Look | None]:
    """Say how each tried character looks: shown, not at all (None), or doubtful since a part of it is seen."""
    if any(_heavy(handle) for handle in drawn):
        return dict.fromkeys((t.number for t in tried), Look.DOUBTED)
    found: dict[int, Look | None] = {}
    whole = _painted(page)
    for some in _rounds(tried):
        mine = {t.text for t in some}
        without = _painted_without(page, [texts[a] for a in mine])
        alone = _painted_without(page, [h for h in drawn if address(h) not in mine], _GROUND)
        for t in some:
            at = _pixels(whole.shape, t.box, page, place)
            found[t.number] = _look(_differs(whole[at], without[at]), _differs(alone[at], _GROUND[::-1]))
    late = {t.number for t in tried} - found.keys()
    return found | dict.fromkeys(late, Look.DOUBTED)


def _look(seen: int, could: int) -> Look | None:
    share = seen / could if could else 0.0
    return None if share < _HIDDEN else Look.DOUBTED if share < _PARTLY else Look.SHOWN


def _heavy(handle: Any) -> bool:
    """Say whether an image is too large to be painted."""
    width, height = c_uint(), c_uint()
    image = raw.FPDFPageObj_GetType(handle) == raw.FPDF_PAGEOBJ_IMAGE
    return bool(image and raw.FPDFImageObj_GetImagePixelSize(handle, width, height) and width.value * height.value > _PICTURE)


def _rounds(tried: Sequence[Tried]) -> list[list[Tried]]:
    """Part the characters so that texts printed over each other are not tried together; those beyond the last round are left out."""
    over: dict[int, set[int]] = {}
    ordered = sorted(tried, key=lambda t: t.box[0])
    for i, one in enumerate(ordered):
        for other in ordered[i + 1 :]:
            if other.box[0] >= one.box[2]:
                break
            if other.text != one.text and _overlap(one.box, other.box) > _OVER:
                over.setdefault(one.text, set()).add(other.text)
                over.setdefault(other.text, set()).add(one.text)
    turn: dict[int, int] = {}
    for text in dict.fromkeys(t.text for t in tried):
        taken = {turn.get(o) for o in over.get(text, ())}
        turn[text] = next(n for n in range(len(over) + 1) if n not in taken)
    return [some for n in range(_ROUNDS) if (some := [t for t in tried if turn[t.text] == n])]


def _overlap(one: Box, other: Box) -> float:
    """Return the part of the smaller box that two boxes share."""
    shared = max(min(one[2], other[2]) - max(one[0], other[0]), 0) * max(min(one[3], other[3]) - max(one[1], other[1]), 0)
    area = min((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
    return shared / area if area > 0 else 0.0


def _painted_without(page: Any, handles: Sequence[Any], ground: tuple[int, int, int] = (255, 255, 255)) -> NDArray[Any]:
    for handle in handles:
        raw.FPDFPageObj_SetIsActive(handle, False)
    painted = _painted(page, ground)
    for handle in handles:
        raw.FPDFPageObj_SetIsActive(handle, True)
    return painted


def _painted(page: Any, ground: tuple[int, int, int] = (255, 255, 255)) -> NDArray[Any]:
    width, height = page.get_size()
    scale = min(_SCALE, (_PIXELS / max(width * height, 1)) ** 0.5)
    bitmap = page.render(scale=scale, fill_color=(*ground, 255), draw_annots=False, may_draw_forms=False)
    return bitmap.to_numpy()[:, :, :3]  # type: ignore[no-any-return]


def _differs(one: NDArray[Any], other: NDArray[Any] | tuple[int, ...]) -> int:
    """Count the pixels that look otherwise."""
    import numpy as np

    return int((np.abs(one.astype("int16") - other).max(axis=2) >= _CONTRAST).sum()) if one.size else 0


def _pixels(shape: tuple[int, ...], box: Box, page: Any, place: Callable[..., Point]) -> tuple[slice, slice]:
    """Return where on the painted page a box is."""
    wide, high = page.get_size()
    (xa, ya), (xb, yb) = place(*box[:2]), place(*box[2:])
    columns = slice(int(max(min(xa, xb), 0) / wide * shape[1]), int(max(xa, xb, 0) / wide * shape[1]) + 1)
    return slice(int(max(min(ya, yb), 0) / high * shape[0]), int(max(ya, yb, 0) / high * shape[0]) + 1), columns
