"""Which characters of a page are seen: those without which the page would look otherwise.

Only characters that something might hide are tried (their colour, what is drawn over them, a layer), so most pages are never painted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from ctypes import c_uint, c_void_p, cast
from typing import TYPE_CHECKING, Any, NamedTuple

from pypdfium2 import raw

from gongkai.core.shown import Look

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Point = tuple[float, float]
# Type of less than this colour stands out on white, and an earlier surface hides what differs from it by less.
_LIGHT, _ALIKE = 150, 100
# Of what a character alone would paint: below the first part it is not seen, below the second it may be.
_HIDDEN, _PARTLY, _CONTRAST = 0.15, 0.6, 24
_SCALE, _PIXELS, _ROUNDS, _OVER = 2.0, 8_000_000, 6, 0.25
_PICTURE = 60_000_000
# A colour of no report, on which type of every colour is seen.
_GROUND = (0xFE, 0x01, 0xFD)


class Text(NamedTuple):
    """A text that the page draws: its handle, its place in the order of painting, its box on the page, whether its group is translucent."""

    handle: Any
    order: int
    box: Box
    veiled: bool


class Surface(NamedTuple):
    """A surface that the page paints: its place in the order of painting, its box, its colour if it has one."""

    order: int
    box: Box
    colour: tuple[int, ...] | None


class Tried(NamedTuple):
    """A character that may be hidden: its number, the address of its text, its box on the page."""

    number: int
    text: int
    box: Box


def address(handle: Any) -> int:
    return cast(handle, c_void_p).value or 0


def doubtful(texts: Sequence[Text], surfaces: Sequence[Surface], layers: bool) -> tuple[set[int], set[int]]:
    """Return the addresses of the texts that something may hide, and of those among them over which something is painted later."""
    colours = [_colour(t.handle) for t in texts]
    found = {i for i, (text, c) in enumerate(zip(texts, colours, strict=True)) if layers or text.veiled or _pale(c)}
    under, on = _behind(texts, colours, surfaces) if surfaces and texts else (set(), set())
    every, covered = ({address(texts[i].handle) for i in some} for some in (found | under | on, under))
    return every, covered


def _pale(colour: tuple[int, ...] | None) -> bool:
    return colour is None or colour[3] < _LIGHT or 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2] > _LIGHT


def _colour(handle: Any, into: tuple[Any, ...] = (c_uint(), c_uint(), c_uint(), c_uint())) -> tuple[int, ...] | None:
    """Return red, green, blue and how little shines through; None where it is a pattern."""
    if not raw.FPDFPageObj_GetFillColor(handle, *into):
        return None
    return tuple(part.value for part in into)


def surface(handle: Any, order: int, box: Box) -> Surface | None:
    """Return what a filled path or an image paints; nothing where all shines through."""
    colour = _colour(handle) if raw.FPDFPageObj_GetType(handle) == raw.FPDF_PAGEOBJ_PATH else None
    return None if colour and not colour[3] else Surface(order, box, colour)


def _behind(texts: Sequence[Text], colours: Sequence[tuple[int, ...] | None], surfaces: Sequence[Surface]) -> tuple[set[int], set[int]]:
    """Return which texts lie under a later surface, and which on one of a colour like theirs."""
    import numpy as np

    boxes, orders = np.array([t.box for t in texts]), np.array([t.order for t in texts])
    paint = np.array([c[:3] if c else (0, 0, 0) for c in colours], dtype=int)
    under, on = np.zeros(len(texts), dtype=bool), np.zeros(len(texts), dtype=bool)
    for order, (left, bottom, right, top), colour in surfaces:
        over = (boxes[:, 0] < right) & (boxes[:, 2] > left) & (boxes[:, 1] < top) & (boxes[:, 3] > bottom)
        alike = np.abs(paint - colour[:3]).max(axis=1) < _ALIKE if colour else np.zeros(len(texts), dtype=bool)
        under |= over & (orders < order)
        on |= over & alike
    return set(np.flatnonzero(under).tolist()), set(np.flatnonzero(on).tolist())


def looks(
    page: Any, items: Iterable[Any], texts: Mapping[int, Any], tried: Sequence[Tried], place: Callable[..., Point]
) -> dict[int, Look | None]:
    """Say how each tried character looks: shown, not at all (None), or doubtful since a part of it is seen."""
    handles = list(items)
    if any(_heavy(handle) for handle in handles):
        return dict.fromkeys((t.number for t in tried), Look.DOUBTED)
    found: dict[int, Look | None] = {}
    whole = _painted(page)
    for some in _rounds(tried):
        mine = {t.text for t in some}
        without = _painted_without(page, [texts[a] for a in mine])
        alone = _painted_without(page, [h for h in handles if address(h) not in mine], _GROUND)
        seen, could = _differs(whole, without), _differs(alone, _plain(alone))
        found |= {t.number: _look(_within(seen, t.box, page, place), _within(could, t.box, page, place)) for t in some}
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
    pixels: NDArray[Any] = bitmap.to_numpy()[:, :, :3].astype("int16")
    return pixels


def _plain(like: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.broadcast_to(np.array(_GROUND[::-1], dtype="int16"), like.shape)


def _differs(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    return abs(one - other).max(axis=2) >= _CONTRAST  # type: ignore[no-any-return]


def _within(pixels: NDArray[Any], box: Box, page: Any, place: Callable[..., Point]) -> int:
    """Count the pixels in the box of a character."""
    height, width = pixels.shape
    wide, high = page.get_size()
    (xa, ya), (xb, yb) = place(*box[:2]), place(*box[2:])
    columns = slice(int(max(min(xa, xb), 0) / wide * width), int(max(xa, xb, 0) / wide * width) + 1)
    rows = slice(int(max(min(ya, yb), 0) / high * height), int(max(ya, yb, 0) / high * height) + 1)
    return int(pixels[rows, columns].sum())
