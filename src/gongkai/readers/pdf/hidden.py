"""The characters of a page -> those that a reader sees, with what they are typed over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from ctypes import c_uint
from math import inf
from typing import Any

from pypdfium2 import raw

from gongkai.core.shown import Look
from gongkai.readers.pdf.chars import Char, chars_of
from gongkai.readers.pdf.items import AS_IT_IS, Box, Item, Point, boxes_of, cut, sized_up
from gongkai.readers.pdf.seen import Colour, Surface, Texts, Tried, address, doubtful, is_pale, looks, paints
from gongkai.readers.pdf.weight import Traits

_OUTLINED = (raw.FPDF_TEXTRENDERMODE_STROKE, raw.FPDF_TEXTRENDERMODE_STROKE_CLIP)
_UNPAINTED = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
# How far a figure may stand from what it is typed over, in its size, and a shadow from its character.
_OVER, _TWIN = 0.5, 0.3
_PASSES, _AWAY = 4, 1e5


def shown_of(
    page: Any, items: list[Item], surfaces: list[Surface], bounds: Box, traits: Traits, place: Callable[[float, float], Point]
) -> tuple[list[Char], int]:
    """Return the characters that the page shows, and how many it writes without paint, as a scan does with what was recognised.

    ``traits`` says whether some of the page may be off or masked, and whether text may be given other words than are shown.
    """
    see_through = raw.FPDFPageObj_HasTransparency
    orders = [order for order, item in enumerate(items) if item.kind == raw.FPDF_PAGEOBJ_TEXT]
    texts = [items[order] for order in orders]
    if traits.spoken:
        _unspeak(item.handle for item in texts)
    colours, pale, unpainted, clips = _traits(texts)
    pale |= {i for i, text in enumerate(texts) if traits.layers or text.veiled or (traits.masked and see_through(text.handle))}
    over = bool(texts) and paints(surfaces, orders[0], colours)
    inner = any(t.matrix is not AS_IT_IS or t.clip is not bounds for t in texts)
    if not (over or inner or clips or pale or unpainted):
        return [c for c, _ in chars_of(page, {}, bounds, set()) if c.look], 0
    boxes = list(boxes_of(texts)) if over or clips else []
    surfaces = [sized_up(s) if s.order > orders[0] else s for s in surfaces] if over else []
    suspects, covered, hidden = doubtful(Texts(orders, boxes, colours), surfaces, pale)
    for i in hidden:
        _take_off(texts[i].handle)
    inside = {i: t for i, t in enumerate(texts) if i not in hidden and (t.matrix is not AS_IT_IS or t.clip is not bounds)}
    inside |= cut((i, texts[i], boxes[i], many) for i, many in clips.items() if i not in hidden)
    if not (suspects or unpainted or inside):
        return [c for c, _ in chars_of(page, {}, bounds, set()) if c.look], 0
    where = [address(t.handle) for t in texts]
    within = {where[i]: item for i, item in inside.items()}
    if not (suspects or unpainted):
        return [c for c, _ in chars_of(page, within, bounds, set()) if c.look], 0
    special = tuple({where[i] for i in some} for some in (suspects, unpainted, covered))

    def read() -> list[tuple[Char, int]]:
        return list(chars_of(page, within, bounds, special[0] | special[1]))

    handles = {where[i]: t.handle for i, t in enumerate(texts) if i not in hidden}
    return _without_hidden(page, [i.handle for i in items], handles, special, read, place)


def _traits(texts: Sequence[Item]) -> tuple[list[Colour], set[int], set[int], dict[int, int]]:
    """Return the colour of each text, which are pale or translucent or have a pattern, which are not painted, how many clips cut them."""
    red, green, blue, alpha = into = (c_uint(), c_uint(), c_uint(), c_uint())
    colour_of, mode_of, clip_of, count = (
        raw.FPDFPageObj_GetFillColor,
        raw.FPDFTextObj_GetTextRenderMode,
        raw.FPDFPageObj_GetClipPath,
        raw.FPDFClipPath_CountPaths,
    )
    colours, pale, unpainted, clips = list[Colour](), set[int](), set[int](), dict[int, int]()
    for i, text in enumerate(texts):
        mode = mode_of(text.handle)
        known = (raw.FPDFPageObj_GetStrokeColor if mode in _OUTLINED else colour_of)(text.handle, *into)
        colours.append((red.value, green.value, blue.value))
        if not known or is_pale(colours[-1], alpha.value):
            pale.add(i)
        if mode in _UNPAINTED:
            unpainted.add(i)
        if (many := count(clip_of(text.handle))) > 0:
            clips[i] = many
    return colours, pale, unpainted, clips


def _without_hidden(
    page: Any, drawn: list[Any], texts: Mapping[int, Any], special: tuple[set[int], ...],
    read: Callable[[], list[tuple[Char, int]]], place: Callable[[float, float], Point],
) -> tuple[list[Char], int]:  # fmt: skip
    """Return the characters that are seen, and how many are written without paint.

    Texts that are not plainly seen are moved off the page and the others read again: where one is written over another, the library
    gives only the first of equal characters.
    """
    suspects, unpainted, covered = special
    known: dict[tuple[int, Point], Look | None] = {}
    hidden: dict[tuple[int, Point], Char] = {}
    gone: set[int] = set()
    doubted: list[Char] = []
    for _ in range(_PASSES):
        found = [(c, a) for c, a in read() if a not in gone]
        new = [
            (c, a) for c, a in found if a in suspects and a not in unpainted and (a, c.origin) not in known and c.look and c.text.strip()
        ]
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
        for a in off & texts.keys():
            _take_off(texts[a])
    below = [c for (a, at), c in hidden.items() if (a, at) in known and a in covered]
    shown = [c for c, _ in found if c.look]
    return _typed_over(shown + [c for c in doubted if not any(_twins(c, o) for o in shown)], below), sum(a in unpainted for a, _ in hidden)


def _take_off(text: Any) -> None:
    """Take a text off the page, and away from the place where the library would take another for its double."""
    raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, _AWAY, _AWAY)
    raw.FPDFPageObj_SetIsActive(text, False)


def _twins(one: Char, other: Char) -> bool:
    """Say whether a character is the shadow of another."""
    return one.text == other.text and all(abs(a - b) < _TWIN * one.size for a, b in zip(one.origin, other.origin, strict=True))


def _typed_over(shown: list[Char], covered: list[Char]) -> list[Char]:
    """Say of figures what they are typed over: a file that holds two numbers for one place is asked which is meant."""
    last: tuple[int, float] | None = None
    for char in sorted((c for c in covered if c.text.isdigit()), key=lambda c: (c.origin[1], c.box[0])):
        near = [(abs(c.box[0] - char.box[0]), n) for n, c in enumerate(shown) if c.text.isdigit() and _level(c, char)]
        away, n = min(near, default=(inf, 0))
        if away <= _TWIN * char.size and shown[n].text == char.text and not shown[n].instead:
            shown[n] = shown[n]._replace(instead=char.text)
            last = (n, char.box[2])
        elif away <= _OVER * char.size or (last and char.box[0] - last[1] <= _OVER * char.size):
            n = n if away <= _OVER * char.size or not last else last[0]
            shown[n] = shown[n]._replace(instead=shown[n].instead + char.text)
            last = (n, char.box[2])
    return shown


def _level(one: Char, other: Char) -> bool:
    return abs(one.origin[1] - other.origin[1]) <= _OVER * other.size and one.angle == other.angle


def _unspeak(texts: Iterable[Any]) -> None:
    """Take from texts the words that a voice is to say instead of what is shown: the library reads those."""
    for text in texts:
        for i in range(raw.FPDFPageObj_CountMarks(text)):
            mark = raw.FPDFPageObj_GetMark(text, i)
            if raw.FPDFPageObjMark_GetParamValueType(mark, b"ActualText"):
                raw.FPDFPageObjMark_RemoveParam(text, mark, b"ActualText")
