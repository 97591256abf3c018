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
# A surface so many times as high as a text, or as wide as it is high, was not laid over it to write another there.
# And of a text of which it covers this part nobody reads the rest.
_ANEW, _ACROSS, _MOST, _PAIRS = 5, 50, 0.7, 50_000
# A colour that no report uses, on which type of every other colour is visible.
_GROUND = (0xFE, 0x01, 0xFD)


class Texts(NamedTuple):
    """The texts of a page: their places in the order of painting, their boxes on the page, their colours."""

    orders: Sequence[int]
    boxes: Sequence[Box]
    colours: Sequence[Colour]


class Surface(NamedTuple):
    """A surface that the page paints: its place in the order of painting, its box, its colour if it has one.

    ``solid`` says that nothing can be seen through it, all over its box; that costs time to find, from the ``item``.
    """

    order: int
    box: Box
    colour: Colour | None
    item: Any = None
    solid: bool = False


class Suspects(NamedTuple):
    """The numbers of texts: those that may be hidden, those of them over which something small is painted, and those hidden for sure."""

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


def doubtful(texts: Texts, surfaces: Sequence[Surface], pale: set[int]) -> Suspects:
    """Say which texts something may hide; those that are ``pale`` or in a group that may shine through are known."""
    under, hidden = _under(texts, surfaces) if surfaces else (set(), set())
    on = _alike(texts, surfaces) if surfaces and _any_alike(texts.colours, surfaces) else set()
    return Suspects((pale | on | under) - hidden, under - hidden, hidden)


def surface(item: Any, order: int, box: Box) -> Surface | None:
    """Return what a filled path paints; nothing where nearly all shines through."""
    red, green, blue, alpha = into = (c_uint(), c_uint(), c_uint(), c_uint())
    plain = raw.FPDFPageObj_GetFillColor(item.handle, *into)
    if plain and alpha.value < _SHEER:
        return None
    return Surface(order, box, (red.value, green.value, blue.value) if plain else None, item)


def is_pale(colour: Colour, alpha: int) -> bool:
    """Say whether type of a colour hardly stands out on white, or lets much through.

    Examples
    --------
    >>> is_pale((250, 250, 250), 255), is_pale((0, 0, 0), 20), is_pale((200, 0, 0), 255)
    (True, True, False)
    """
    return 30 * colour[0] + 59 * colour[1] + 11 * colour[2] > 100 * _LIGHT or alpha < _LIGHT


def is_sheer(group: Any, masked: bool) -> bool:
    """Say whether what a form draws lets much of the page through; in a file with masks, one may hide it."""
    if masked and raw.FPDFPageObj_HasTransparency(group):
        return True
    into = (c_uint(), c_uint(), c_uint(), c_uint())
    return bool(raw.FPDFPageObj_GetFillColor(group, *into) and into[3].value < _LIGHT)


def _under(texts: Texts, surfaces: Sequence[Surface]) -> tuple[set[int], set[int]]:
    """Return which texts lie under a later surface, and which wholly under a solid one far larger than they are: a page drawn anew."""
    import numpy as np

    left, bottom, right, top = boxes = np.array(texts.boxes, dtype="float32").T
    orders = np.array(texts.orders)
    later = [s for s in surfaces if s.order > orders[0]]
    under, hidden = set[int](), set[int]()
    for start in range(0, len(later), step := max(_PAIRS // len(orders), 1)):
        some = later[start : start + step]
        others = np.array([s.box for s in some], dtype="float32").T[:, :, None]
        met = (orders < np.array([s.order for s in some])[:, None]) & (left < others[2]) & (right > others[0])
        over, below = np.nonzero(met & (bottom < others[3]) & (top > others[1]))
        a, b = others[:, over, 0], boxes[:, below]
        width, height = b[2] - b[0], b[3] - b[1]
        wide, high = np.minimum(a[2], b[2]) - np.maximum(a[0], b[0]), np.minimum(a[3], b[3]) - np.maximum(a[1], b[1])
        anew = (
            np.array([s.solid for s in some])[over]
            & ((a[3] - a[1] > _ANEW * height) | (a[2] - a[0] > _ACROSS * height))
            & (wide * high >= _MOST * width * height)
        )
        under |= set(below[wide * high > _LEAST * width * height].tolist())
        hidden |= set(below[anew].tolist())
    return under | hidden, hidden


def _any_alike(colours: Sequence[Colour], surfaces: Sequence[Surface]) -> bool:
    inks, grounds = set(colours), {s.colour for s in surfaces if s.colour}
    return any(max(abs(a - b) for a, b in zip(ink, ground, strict=True)) < _ALIKE for ink in inks for ground in grounds)


def _alike(texts: Texts, surfaces: Sequence[Surface]) -> set[int]:
    """Return which texts stand on a surface of a colour like theirs."""
    import numpy as np

    left, bottom, right, top = np.array(texts.boxes).T
    x, y, orders, ground = (left + right) / 2, (bottom + top) / 2, np.array(texts.orders), np.full((len(texts.orders), 3), 255)
    for order, box, colour, *_ in surfaces:
        if colour:
            ground[(orders > order) & (box[0] < x) & (x < box[2]) & (box[1] < y) & (y < box[3])] = colour
    return set(np.flatnonzero(np.abs(np.array(texts.colours, dtype=int) - ground).max(axis=1) < _ALIKE).tolist())


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
