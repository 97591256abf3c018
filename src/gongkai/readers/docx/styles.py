"""The styles of a Word document -> how a run of text is set: hidden, struck out, raised, in which colour, size and font."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from gongkai.core.shown import Look
from gongkai.readers.colours import WHITE, Colour, colour, look
from gongkai.readers.zipped import OFF, attribute, child, children, local, setting

if TYPE_CHECKING:
    from lxml.etree import _Element

Settings = Mapping[str, str]
# Of these, each kind of style turns what the others set: struck out by two of them is not struck out.
_TOGGLES = ("strike", "vanish")
_SWITCHES = (*_TOGGLES, "dstrike", "specVanish")
_VALUES = ("vertAlign", "position", "sz", "highlight")
_HIGHLIGHTS = {
    "white": "FFFFFF", "yellow": "FFFF00", "green": "00FF00", "cyan": "00FFFF", "magenta": "FF00FF", "blue": "0000FF", "red": "FF0000",
    "darkBlue": "00008B", "darkCyan": "008B8B", "darkGreen": "006400", "darkMagenta": "800080", "darkRed": "8B0000",
    "darkYellow": "808000", "darkGray": "A9A9A9", "lightGray": "D3D3D3", "black": "000000",
}  # fmt: skip
_LIGHT = ("background1", "light1")
# In half-points: type of one point or less is invisible; a size that is nowhere set is ten points.
_TINY, _USUAL = 4, 20
# Half-points by which a figure of the same size is set higher than its neighbours: three points, as by hand for a note.
_LIFTED = 4


class Styles:
    """What each style sets, with what it inherits."""

    def __init__(self, root: _Element | None) -> None:
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
            found |= own(child(style, "rPr")) | shading(child(style, "pPr"), "paper of paragraph")
        return found

    def paper(self, table: _Element) -> tuple[Colour | None, bool]:
        """Return the colour of a table's cells, and whether it is told: a style may shade single rows and columns."""
        properties = child(table, "tblPr")
        styles = self.chain(setting(properties, "tblStyle"), "table")
        shades = [child(s, path) for s in styles for path in ("tblPr", "tcPr")]
        told = not any(child(part, "tcPr/shd") is not None for s in styles for part in children(s, "tblStylePr"))
        return painted([*shades, properties]), told


def own(properties: _Element | None) -> dict[str, str]:
    """Return what one place sets by itself, that bears on whether and how text is seen."""
    found: dict[str, str] = {}
    for e in properties if properties is not None else ():
        name = local(e)
        if name in _SWITCHES:
            found[name] = "" if attribute(e, "val", "1") in OFF else "1"
        elif name in _VALUES:
            found[name] = attribute(e, "val") or ""
        elif name == "color":
            light = attribute(e, "themeColor") in _LIGHT and attribute(e, "themeShade") is None
            found["ink"] = attribute(e, "val") or ("FFFFFF" if light else "")
        elif name == "shd":
            found["paper of run"] = _fill(e)
        elif name == "rFonts":
            found["font"] = attribute(e, "ascii") or attribute(e, "hAnsi") or ""
        elif name == "textFill" and child(e, "noFill") is not None:
            found["unfilled"] = "1"
    return found


def shading(properties: _Element | None, name: str) -> dict[str, str]:
    """Return the colour behind what has these properties, under a name."""
    shade = child(properties, "shd")
    return {name: _fill(shade)} if shade is not None else {}


def painted(properties: Iterable[_Element | None]) -> Colour | None:
    """Return the colour that the last of several properties paints."""
    found = [c for p in properties if (c := colour(shading(p, "").get("")))]
    return found[-1] if found else None


def _fill(shade: _Element) -> str:
    """Return the colour of a shade; one that is drawn of two colours is neither, and nobody can tell which ink it hides."""
    pattern = attribute(shade, "val") or "clear"
    if pattern in ("nil", "clear"):
        return attribute(shade, "fill") or ""
    return attribute(shade, "color") or "" if pattern == "solid" else "mixed"


def look_of(found: Settings, paper: Colour | None, told: bool, beside: tuple[float, float]) -> Look | None:
    """Say how a run looks that is set so, None where nobody sees it. ``beside`` is the size and the height of the type on its line."""
    size, height = measures(found)
    if found.get("vanish") == "1" or size <= _TINY:
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


def line_of(runs: Iterable[Settings]) -> tuple[float, float]:
    """Return the size of the largest type of a line, and how high the line stands: where nothing stands on it, the lowest that is set."""
    measured = [measures(found) for found in runs] or [(_USUAL, 0.0)]
    heights = [height for _, height in measured]
    return max(size for size, _ in measured), 0.0 if 0.0 in heights else min(heights)


def measures(found: Settings) -> tuple[float, float]:
    """Return the size of type and how far it is set above the line, in half-points."""
    return _number(found.get("sz"), _USUAL), _number(found.get("position"), 0.0)


def _inked(found: Settings, paper: Colour | None, told: bool) -> Look | None:
    """Compare the ink of a run with the nearest colour behind it."""
    behind = (_HIGHLIGHTS.get(found.get("highlight", "")), found.get("paper of run"), found.get("paper of paragraph"))
    nearest = next((b for b in behind if b not in (None, "", "auto")), None)
    if nearest is not None:
        return look(colour(found.get("ink")), colour(nearest))
    return look(colour(found.get("ink")), (paper or WHITE) if told else None)


def _number(printed: str | None, default: float) -> float:
    try:
        return float(printed or default)
    except ValueError:
        return default
