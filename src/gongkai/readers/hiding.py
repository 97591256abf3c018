"""What style declarations say of the text of an element: whether it is gone, too small, set high, or of the colour of its paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from tinycss2 import color4

INLINE = frozenset((
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "mn", "msup",
    "q", "rt", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "mi", "mo", "mtext", "text", "tspan",
))  # fmt: skip
# In pixels: farther off is off the page; smaller cannot be read; a shift of more sets text off its line.
_FAR, _SMALL, _LOW = 300.0, 2.0, 2.0
# Differences of colour (0 to 1) from the paper: below the first text is invisible, below the second it is hardly visible.
SAME, NEAR = 0.05, 0.12
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "cm": 37.8, "mm": 3.78, "in": 96.0,
           "vw": 12.8, "vh": 9.0, "%": 10.0, "": 1.0}  # fmt: skip
_LENGTH = re.compile(r"(?<![\w.#-])([+-]?\d*\.?\d+)(px|pt|pc|r?em|ex|ch|cm|mm|in|vw|vh|%|)(?![\w.])")
_SIDES = ("left", "top", "right", "bottom")
_LEAST = r"0*\.?0*"

Colour = tuple[float, float, float, float]
BLACK, WHITE = (0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0)


@lru_cache(maxsize=4096)
def colour(value: str) -> Colour | None:
    """Return a colour as red, green, blue and alpha, None where a value names none; of several words the first that is one.

    Examples
    --------
    >>> colour("#fff"), colour("url(a.png) rgb(0 0 0 / 50%)"), colour("inherit")
    ((1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.5), None)
    """
    for word in (value, *re.findall(r"[a-z-]+\([^()]*\)|[#\w-]+", value)) if value else ():
        parsed = color4.parse_color(word)
        if parsed is not None and not isinstance(parsed, str):
            red, green, blue = (c or 0.0 for c in parsed.to("srgb").coordinates)
            return red, green, blue, parsed.alpha
    return None


def apart(ink: Colour, paper: Colour) -> float:
    """Return how far ink on paper is from the paper, from 0 to 1; thin ink lets the paper through."""
    return max(abs(i - p) for i, p in zip(ink[:3], paper[:3], strict=True)) * ink[3]


def is_tiny(value: str, within: bool) -> bool:
    """Say whether text of a size is too small to be seen; a percentage of size 0 is 0.

    Examples
    --------
    >>> [is_tiny(v, False) for v in ("0", "1px", "0/0 a", "italic 12px/1.5 serif", "small")], is_tiny("2em", True), is_tiny("9pt", True)
    ([True, True, True, False, False], True, False)
    """
    size = value.partition("/")[0]
    lengths = _LENGTH.findall(size)
    if not lengths:
        return within and not re.search(r"\b(?:xx?-small|small|medium|x{0,3}-?large|initial)\b", size)
    number, unit = lengths[-1]
    relative = {"%": 0.16, "em": 16.0}.get(unit)
    return (within and relative is not None) or float(number) * (relative or _PIXELS[unit]) < _SMALL


def is_raised(own: Mapping[str, str], tag: str) -> bool:
    """Say whether text within a line is set higher or lower than the line; in a cell or a block, nothing of this raises it."""
    if tag not in INLINE and not own.get("display", "").startswith("inline"):
        return False
    aligned, moved = own.get("vertical-align", ""), own.get("transform", "")
    if aligned in ("super", "sub") or own.get("font-variant-position", "") in ("super", "sub"):
        return True
    if aligned in ("top", "text-top", "bottom", "text-bottom"):
        return _is_smaller(own.get("font-size", ""))
    shifts = _pixels(aligned) + (_pixels(moved) if moved.startswith("translate") else [])
    if own.get("position") == "relative":
        shifts += [n for side in ("top", "bottom") for n in _pixels(own.get(side, ""))]
    return any(abs(n) >= _LOW for n in shifts)


def _is_smaller(size: str) -> bool:
    return "small" in size or any(float(n) * {"%": 0.16}.get(unit, _PIXELS[unit]) < 12 for n, unit in _LENGTH.findall(size))


def is_gone(own: Mapping[str, str], tag: str) -> bool:
    """Say whether nobody sees an element and all that is within it.

    Examples
    --------
    >>> [is_gone(d, "p") for d in ({"display": "none"}, {"opacity": ".0"}, {"text-indent": "-999em"}, {"text-indent": "2em"})]
    [True, True, True, False]
    """
    if own.get("display") == "none":
        return tag not in ("col", "colgroup")  # a browser shows the cells all the same
    placed = own.get("position") in ("absolute", "fixed")
    block = tag not in INLINE or placed or own.get("display", "inline") != "inline"
    return _is_clear(own) or _is_off(own, placed, block) or (block and _is_closed(own, placed))


def _is_clear(own: Mapping[str, str]) -> bool:
    """Say whether an element is see-through, or drawn at no size."""
    opacity = re.fullmatch(r"(\d*\.?\d+)(%?)", own.get("opacity", "1"))
    return (
        own.get("content-visibility") == "hidden"
        or (opacity is not None and float(opacity[1]) / (100 if opacity[2] else 1) <= SAME)
        or bool(re.search(rf"opacity\({_LEAST}%?\)", own.get("filter", "")))
        or bool(re.search(rf"scale\w*\(\s*{_LEAST}\s*[,)]", own.get("transform", "")))
    )


def _is_off(own: Mapping[str, str], placed: bool, block: bool) -> bool:
    """Say whether an element is moved off the page: far to its left or above it; to the right or below only by pages."""
    moved = placed or own.get("position") == "relative"
    sides = [(side, n) for side in _SIDES for n in _pixels(own.get(side, ""))] if moved else []
    drawn = [n for part in re.findall(r"translate\w*\(([^)]*)\)", own.get("transform", "")) for n in _pixels(part.replace(",", " "))]
    indents = [n for name in ("text-indent", "margin-left") for n in _pixels(own.get(name, ""))] if block else []
    return any((n <= -_FAR and side in ("left", "top")) or abs(n) >= 10 * _FAR for side, n in sides) or any(
        n <= -_FAR or n >= 10 * _FAR for n in drawn + indents
    )


def _is_closed(own: Mapping[str, str], placed: bool) -> bool:
    """Say whether an element is clipped to nothing: no height or width, or a shape without inside."""
    cut = own.get("clip", "")
    if placed and cut.startswith("rect") and max(map(abs, _pixels(re.sub(r"rect|[(),]", " ", cut))), default=_LOW) <= 1:
        return True
    if re.match(r"inset\(\s*(?:[5-9]\d|100)(?:\.\d+)?%|circle\(\s*0|polygon\(\s*0[ ,0px%]*\)", own.get("clip-path", "")):
        return True
    sizes = [n for name in ("width", "height", "max-width", "max-height") for n in _pixels(own.get(name, ""))]
    return own.get("overflow", "visible").split()[:1] in (["hidden"], ["clip"]) and min(sizes, default=_LOW) <= 1


def _pixels(value: str) -> list[float]:
    """Return the lengths in a value, in pixels of ordinary text."""
    return [float(n) * _PIXELS[unit] for n, unit in _LENGTH.findall(value)] if value else []
