"""The styles of a Word document -> how a run of text is set: hidden, struck out, raised, in which colour, size and font."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from gongkai.core.shown import Look
from gongkai.readers.colours import WHITE, Colour, colour, look
from gongkai.readers.docx.symbols import FONTS
from gongkai.readers.limits import within
from gongkai.readers.zipped import OFF, attribute, bare, child, children, local, parts, setting, value

if TYPE_CHECKING:
    from lxml.etree import _Element

Settings = Mapping[str, str]
# Of these, each kind of style turns what the others set: struck out by two of them is not struck out.
_TOGGLES = ("strike", "vanish")
_SWITCHES = (*_TOGGLES, "dstrike", "specVanish")
_VALUES = ("vertAlign", "position", "sz", "w", "highlight")
# What these say where they change nothing.
_PLAIN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_SWITCHES, OFF), "vertAlign": ("baseline",), "position": ("0",),
}  # fmt: skip
_COLOURS = ("color", "shd", "highlight")
_BEARING = frozenset((*_PLAIN, *_COLOURS, "sz", "w", "rFonts", "textFill"))
# More colours than any document needs are compared run by run instead.
_MOST_PAIRS = 10_000
PARAGRAPH = "paper of paragraph"
_HIGHLIGHTS = {
    "white": "FFFFFF", "yellow": "FFFF00", "green": "00FF00", "cyan": "00FFFF", "magenta": "FF00FF", "blue": "0000FF", "red": "FF0000",
    "darkBlue": "00008B", "darkCyan": "008B8B", "darkGreen": "006400", "darkMagenta": "800080", "darkRed": "8B0000",
    "darkYellow": "808000", "darkGray": "A9A9A9", "lightGray": "D3D3D3", "black": "000000",
}  # fmt: skip
_LIGHT = ("background1", "light1", "bg1", "lt1")
# In half-points: type of one point or less is invisible; a size that is nowhere set is ten points.
_TINY, _USUAL = 4, 20
# In a hundred: type set at less of its width is a line, and ink that lets more of the paper through is none.
_SQUEEZED, _CLEAR = 10, 95
# Half-points by which a figure of the same size is set higher than its neighbours: three points, as by hand for a note.
_LIFTED = 4
# The size of type and its height, where nothing is set otherwise.
ON_LINE = (float(_USUAL), 0.0)


class Styles:
    """What each style sets, with what it inherits; ``asked`` are the properties that may hide, strike out or raise anything at all."""

    def __init__(self, root: _Element | None, body: _Element) -> None:
        self.asked = asked(body) if root is None else asked(body, root)
        styles = list(children(root, "style"))
        self._styles = {attribute(s, "styleId"): s for s in styles}
        self._default = {attribute(s, "type"): attribute(s, "styleId") for s in styles if attribute(s, "default") in ("1", "true", "on")}
        self._base = own(child(root, "docDefaults/rPrDefault/rPr"))
        self.styled = cache(self._styled)

    def chain(self, name: str | None, kind: str) -> list[_Element]:
        """Return a style and those that it is based on, the last first; the default of its kind where none is named."""
        found: list[_Element] = []
        style = self._styles.get(name) if name is not None else None
        style = style if style is not None else self._styles.get(self._default.get(kind, ""))
        while style is not None and style not in found:
            found.insert(0, style)
            within("styles", len(found))
            style = self._styles.get(setting(style, "basedOn"))
        return found

    def _styled(self, table: str | None, paragraph: str | None, character: str | None) -> Settings:
        """Return what the styles of a table, a paragraph and a run set together."""
        kinds = zip((table, paragraph, character), ("table", "paragraph", "character"), strict=True)
        levels = [self._level(name, kind) for name, kind in kinds if name is not None or kind == "paragraph"]
        found = dict(self._base)
        for level in levels:
            found |= {k: v for k, v in level.items() if k not in _TOGGLES}
        for name in _TOGGLES:
            on = sum(level.get(name) == "1" for level in levels)
            found[name] = "1" if on % 2 or self._base.get(name) == "1" else ""
        return found

    def _level(self, name: str | None, kind: str) -> Settings:
        found: dict[str, str] = {}
        for style in self.chain(name, kind):
            found |= own(child(style, "rPr"))
            if any(_conceals(own(child(part, "rPr"))) for part in children(style, "tblStylePr")):
                found["specVanish"] = "1"
            behind = shading(child(style, "pPr/shd"))
            found |= {} if behind is None else {PARAGRAPH: behind}
        return found

    def paper(self, table: _Element) -> tuple[Colour | None, bool]:
        """Return the colour of a table's cells, and whether it is told: a style may shade single rows and columns."""
        properties = child(table, "tblPr")
        styles = self.chain(setting(properties, "tblStyle"), "table")
        shades = [child(s, f"{path}/shd") for s in styles for path in ("tblPr", "tcPr")]
        told = not any(child(part, "tcPr/shd") is not None for s in styles for part in children(s, "tblStylePr"))
        return painted([*shades, child(properties, "shd")]), told


def asked(*roots: _Element) -> frozenset[str]:
    """Return the properties of runs that somewhere in a document or its styles may have it that text is not seen, or not as its line is.

    Nearly all documents set colours and sizes and hide nothing with them: of these, only what may hide is looked at run by run.
    """
    found = {(e.tag, *e.items()) for root in roots for e in root.iter(*(f"{{*}}{name}" for name in _BEARING))}
    told = [(bare(tag), {bare(k): v for k, v in items}) for tag, *items in found]
    names = {name for name, values in told if name in _PLAIN and values.get("val", "1") not in _PLAIN[name]}
    names |= {"sz"} if "position" in names or any(_tiny(values) for name, values in told if name == "sz") else set()
    names |= {"rFonts"} if any(v.casefold() in FONTS for name, values in told if name == "rFonts" for v in values.values()) else set()
    names |= {"w"} if any(_squeezed(values.get("val")) for name, values in told if name == "w") else set()
    if any(name == "textFill" for name, _ in told) and any(_filled(e) for root in roots for e in root.iter("{*}textFill")):
        return frozenset((*names, *_COLOURS, "textFill"))
    inks = {_ink(values) for name, values in told if name == "color"}
    papers = {"FFFFFF", *(_fill(values) for name, values in told if name == "shd")}
    papers |= {_HIGHLIGHTS.get(values.get("val", ""), "") for name, values in told if name == "highlight"}
    pairs = product(map(colour, inks), map(colour, papers))
    coloured = len(inks) * len(papers) > _MOST_PAIRS or any(look(ink, paper) is not Look.SHOWN for ink, paper in pairs)
    return frozenset(names | (set(_COLOURS) if coloured else set()))


def own(properties: _Element | None, names: Set[str] = _BEARING) -> dict[str, str]:
    """Return what one place sets by itself, that bears on whether and how text is seen."""
    found: dict[str, str] = {}
    for e in properties if properties is not None and names else ():
        name = local(e)
        if name not in names:
            continue
        if name in _SWITCHES:
            found[name] = "" if attribute(e, "val", "1") in OFF else "1"
        elif name in _VALUES:
            found[name] = attribute(e, "val") or ""
        elif name == "color":
            found["ink"] = _ink(_attributes(e))
        elif name == "shd":
            found["paper of run"] = _fill(_attributes(e))
        elif name == "rFonts":
            found["font"] = attribute(e, "ascii") or attribute(e, "hAnsi") or ""
        elif name == "textFill":
            found |= _filled(e)
    return found


def _filled(fill: _Element) -> dict[str, str]:
    """Return what newer versions of Word say of the ink, where it is not dark: none, one that is see-through, or one of another colour."""
    if child(fill, "noFill") is not None or any(_number(value(e), 0.0) >= 1000 * _CLEAR for e in fill.iter("{*}alpha")):
        return {"unfilled": "1"}
    named = setting(fill, "solidFill/schemeClr")
    light = named in _LIGHT and not len(parts(child(fill, "solidFill/schemeClr")))
    ink = setting(fill, "solidFill/srgbClr") or ("FFFFFF" if light else "")
    return {"ink": ink} if look(colour(ink), WHITE) is not Look.SHOWN else {}


def _attributes(e: _Element) -> dict[str, str]:
    return {bare(str(k)): str(v) for k, v in e.items()}


def _ink(values: Settings) -> str:
    light = values.get("themeColor") in _LIGHT and "themeShade" not in values
    return values.get("val") or ("FFFFFF" if light else "")


def _tiny(values: Settings) -> bool:
    return _number(values.get("val"), _USUAL) <= _TINY


def shading(shade: _Element | None) -> str | None:
    """Return the colour behind what has this shade."""
    return _fill(_attributes(shade)) if shade is not None else None


def painted(shades: Iterable[_Element | None]) -> Colour | None:
    """Return the colour that the last of several shades paints."""
    found = [c for shade in shades if (c := colour(shading(shade)))]
    return found[-1] if found else None


def _fill(values: Settings) -> str:
    """Return the colour of a shade; one that is drawn of two colours is neither, and nobody can tell which ink it hides."""
    pattern = values.get("val") or "clear"
    if pattern in ("nil", "clear"):
        return values.get("fill") or ""
    return values.get("color") or "" if pattern == "solid" else "mixed"


def look_of(found: Settings, paper: Colour | None, told: bool, beside: tuple[float, float]) -> Look | None:
    """Say how a run looks that is set so, None where nobody sees it. ``beside`` is the size and the height of the type on its line."""
    size, height = measures(found)
    if found.get("vanish") == "1" or size <= _TINY or _squeezed(found.get("w")):
        return None
    seen = _inked(found, paper, told)
    if seen is None or found.get("strike") == "1" or found.get("dstrike") == "1":
        return Look.STRUCK if seen else None
    if found.get("vertAlign") in ("superscript", "subscript"):
        return Look.RAISED
    lift = abs(height - beside[1])
    if lift >= _LIFTED or (lift and size < beside[0]):
        return Look.RAISED
    return Look.DOUBTED if found.get("specVanish") == "1" or found.get("unfilled") == "1" else seen


def _conceals(found: Settings) -> bool:
    """Say whether what one part of a table sets hides, strikes out or raises, its ink aside: the same part may have a dark ground."""
    return look_of({**found, "ink": ""}, None, False, ON_LINE) is not Look.SHOWN


def line_of(runs: Iterable[Settings]) -> tuple[float, float]:
    """Return the size of the largest type of a line, and how high the line stands: where nothing stands on it, the lowest that is set."""
    measured = [measures(found) for found in runs] or [(_USUAL, 0.0)]
    heights = [height for _, height in measured]
    return max(size for size, _ in measured), 0.0 if 0.0 in heights else min(heights)


def measures(found: Settings) -> tuple[float, float]:
    """Return the size of type and how far it is set above the line, in half-points."""
    return _number(found.get("sz"), _USUAL), _number(found.get("position"), 0.0)


def _squeezed(share: str | None) -> bool:
    return 0 < _number((share or "").rstrip("%"), 100.0) < _SQUEEZED


def _inked(found: Settings, paper: Colour | None, told: bool) -> Look | None:
    """Compare the ink of a run with the nearest colour behind it."""
    behind = (_HIGHLIGHTS.get(found.get("highlight", "")), found.get("paper of run"), found.get(PARAGRAPH))
    nearest = next((b for b in behind if b not in (None, "", "auto")), None)
    if nearest is not None:
        return look(colour(found.get("ink")), colour(nearest))
    return look(colour(found.get("ink")), (paper or WHITE) if told else None)


def _number(printed: str | None, default: float) -> float:
    try:
        return float(printed or default)
    except ValueError:
        return default
