"""A paragraph -> the pieces of its text, each with how it looks on the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from gongkai.core.shown import PICTURE, Look, Piece
from gongkai.readers.colours import Colour
from gongkai.readers.docx.fields import Fields, without_result
from gongkai.readers.docx.styles import ON_LINE, PARAGRAPH, Settings, Styles, line_of, look_of, own, shading
from gongkai.readers.docx.symbols import in_font, symbol
from gongkai.readers.zipped import OFF, attribute, child, is_on, local, setting, value

if TYPE_CHECKING:
    from lxml.etree import _Element

# What stands in the properties of something, by its name.
Properties = Mapping[str, "_Element"]
_UNPRINTED = frozenset((
    "del", "moveFrom", "pPr", "rPr", "txbxContent", "rt", "instrText", "delText", "delInstrText", "sectPr", "sdtPr", "sdtEndPr", "ffData",
    "numberingChange", "fPr", "sSupPr", "sSubPr", "rubyPr", "tblPr",
))  # fmt: skip
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Pictures, charts, drawings of boxes and arrows, and what is written by hand.
_PICTURES = frozenset(("blip", "imagedata", "OLEObject", "chart", "relIds", "contentPart"))
# What Word prints of the day and the page wherever it stands.
_DATES = frozenset(("dayShort", "dayLong", "monthShort", "monthLong", "yearShort", "yearLong", "pgNum"))
_NOTES = ("footnoteReference", "endnoteReference")
_ENDS = re.compile(r"[\r\n\t]+")
_STRIKES = ("strikeH", "strikeV", "strikeBLTR", "strikeTLBR")
# What Word and WPS themselves know, by the first letters of its name; where a choice asks for more, they show the fallback.
_KNOWN = ("wp", "w1", "a", "c", "v", "o", "m", "p", "w")
# If two looks apply to the same text, the later one in this list counts.
_RANKS = (Look.SHOWN, Look.DOUBTED, Look.RAISED, Look.STRUCK, Look.ADDED)


class ParagraphLook(NamedTuple):
    """Where a paragraph stands: the style of its table, the colour behind it, and whether that is told."""

    table: str | None = None
    paper: Colour | None = None
    told: bool = True


class _Around(NamedTuple):
    """What sets the runs of one paragraph, besides themselves: its place, its style, its shade, and the type of its line."""

    place: ParagraphLook
    style: str | None
    behind: str | None
    line: tuple[float, float] = ON_LINE


class Runs:
    """Reads paragraphs of one document."""

    def __init__(self, styles: Styles, fields: Fields | None) -> None:
        self._styles, self._fields = styles, fields
        self._usual = cache(self._set_by_styles)

    def pieces(self, paragraph: _Element, properties: Properties, place: ParagraphLook) -> list[Piece]:
        """Return what is printed of a paragraph that has these properties; its text boxes are not in it."""
        behind = shading(properties.get("shd")) if "shd" in self._styles.asked else None
        around = _Around(place, value(properties.get("pStyle")), behind)
        if "position" in self._styles.asked:
            found = [self._settings(r, around) for r in paragraph.iter("{*}r") if _has_text(r)]
            around = around._replace(line=line_of(found))
        pieces: list[Piece] = []
        _Emitter(self.set, around, self._fields, pieces).below(paragraph, Look.SHOWN)
        return [piece for piece in pieces if piece[1]]

    def set(self, run: _Element, around: _Around) -> tuple[Look | None, str]:
        """Return how a run looks, None where nobody sees it, and its font."""
        named, found = self._own(run)
        return self._looks(self._styled(named, around) | found, around) if found else self._usual(named, around)

    def _own(self, run: _Element) -> tuple[str | None, dict[str, str]]:
        """Return the style that a run names, and what it sets by itself of what matters in its document."""
        named, found = None, dict[str, str]()
        for e in run:
            if local(e) == "rPr":
                named = value(child(e, "rStyle")) if named is None else named
                found |= own(e, self._styles.asked)
        return named, found

    def _settings(self, run: _Element, around: _Around) -> Settings:
        named, found = self._own(run)
        return self._styled(named, around) | found

    def _styled(self, named: str | None, around: _Around) -> dict[str, str]:
        found = dict(self._styles.styled(around.place.table, around.style, named))
        return found if around.behind is None else found | {PARAGRAPH: around.behind}

    def _set_by_styles(self, named: str | None, around: _Around) -> tuple[Look | None, str]:
        return self._looks(self._styled(named, around), around)

    def _looks(self, found: Settings, around: _Around) -> tuple[Look | None, str]:
        return look_of(found, around.place.paper, around.place.told, around.line), found.get("font", "")


class _Emitter:
    """Walks one paragraph, and adds what is printed to its pieces."""

    def __init__(
        self, set_as: Callable[[_Element, _Around], tuple[Look | None, str]], around: _Around, fields: Fields | None, pieces: list[Piece]
    ) -> None:
        self._set, self._around, self._fields, self._pieces = set_as, around, fields, pieces

    def below(self, element: _Element, look: Look, font: str = "") -> None:
        for e in element:
            name = local(e)
            if name in _UNPRINTED:
                continue
            if self._fields is not None:
                computed = self._computed(e, look, self._fields)
                if computed is None:
                    continue
                look_here = computed
            else:
                look_here = look
            if name == "t":
                self._pieces.append((look_here, in_font(_text(e), font)))
            elif name == "r":
                self._run(e, look_here)
            else:
                self._other(name, e, look_here, font)

    def _computed(self, e: _Element, look: Look, fields: Fields) -> Look | None:
        """Return how something looks that may belong to a field, None where the field hides it; add what the field shows instead."""
        override = fields.looks.get(e, Look.SHOWN)
        if override is not None and e in fields.shown:
            own_look, text = fields.shown[e]
            self._pieces.append((both(both(look, override), own_look), text))
        return both(look, override) if override is not None else None

    def _other(self, name: str, e: _Element, look: Look, font: str) -> None:
        if name in _SIGNS:
            self._pieces.append((look, _SIGNS[name]))
        elif name in ("sym", "symEx"):
            own_look, text = symbol(attribute(e, "font") or "", attribute(e, "char") or "")
            self._pieces.append((both(look, own_look), text))
        elif name in ("drawing", "pict", "object"):
            self._drawn(e, look)
        else:
            self._wrapped(name, e, look, font)

    def _run(self, run: _Element, outer: Look) -> None:
        look, font = self._set(run, self._around)
        if look is None:
            return
        mark = any(local(e) in _NOTES and attribute(e, "customMarkFollows", "0") not in OFF for e in run)
        self.below(run, both(both(look, outer), Look.RAISED if mark else Look.SHOWN), font)

    def _drawn(self, e: _Element, look: Look) -> None:
        """Add the letters that are drawn as a shape, or a sign for a picture; nothing for text boxes, which are read by themselves."""
        art = [attribute(path, "string") or "" for path in e.iter("{*}textpath")]
        if any(art):
            self._pieces.append((look, "\n".join(art)))
        elif next(e.iter("{*}txbxContent"), None) is None and any(local(p) in _PICTURES for p in e.iter()):
            self._pieces.append((both(look, Look.ADDED), PICTURE))
        if next(e.iter("{*}txbxContent", "{*}textpath"), None) is None:
            self.below(e, look)

    def _wrapped(self, name: str, e: _Element, look: Look, font: str) -> None:
        """Add what stands within something else: a choice, a content control, a simple field, a formula."""
        if name == "AlternateContent":
            self.below(chosen(e), look, font)
        elif name == "sdt" and is_on(child(e, "sdtPr"), "showingPlcHdr"):
            self.below(e, Look.ADDED, font)
        elif name in ("bdo", "dir") and value(e) == "rtl":
            self.below(e, both(look, Look.DOUBTED), font)
        elif name in _DATES or name == "contentPart":
            self._pieces.append((both(look, Look.ADDED), PICTURE))
        elif name in ("sup", "sub"):
            self.below(e, both(look, Look.RAISED), font)
        elif name == "f" and child(e, "num") is not None:
            self._joined(e, ("num", "den"), "/", look)
        elif name == "phant" and setting(e, "phantPr/show", "1") in OFF:
            return
        elif name == "borderBox" and any(is_on(child(e, "borderBoxPr"), s) for s in _STRIKES):
            self.below(e, both(look, Look.STRUCK), font)
        elif name == "fldSimple":
            before = len(self._pieces)
            self.below(e, look, font)
            if len(self._pieces) == before and (piece := without_result(attribute(e, "instr") or "")):
                self._pieces.append(piece)
        else:
            self.below(e, look, font)

    def _joined(self, e: _Element, names: tuple[str, ...], sign: str, look: Look) -> None:
        for i, name in enumerate(names):
            self._pieces.append((look, sign if i else ""))
            part = child(e, name)
            if part is not None:
                self.below(part, look)


def runs_on(properties: Properties) -> bool:
    """Say whether a paragraph's end is not shown, so that the next one goes on in its line."""
    mark = properties.get("rPr")
    return mark is not None and (is_on(mark, "vanish") or is_on(mark, "specVanish") or child(mark, "del") is not None)


def both(one: Look, other: Look) -> Look:
    """Return how something looks that looks both ways."""
    return one if one is other else max(one, other, key=_RANKS.index)


def _has_text(run: _Element) -> bool:
    return any(local(e) in ("t", "sym") for e in run)


def _text(e: _Element) -> str:
    """Return the text of an element; the spaces at its ends count where the document says that they are kept."""
    text = _ENDS.sub(" ", e.text or "")
    bare = text.strip(" ")
    return text if len(bare) == len(text) or not text.strip() or attribute(e, "space") == "preserve" else bare


def chosen(alternatives: _Element) -> _Element:
    """Return the content that Word shows of several: each is there for programs that know more or less."""
    for e in alternatives:
        asked = (attribute(e, "Requires") or "w").split()
        if local(e) == "Choice" and all(name.startswith(_KNOWN) for name in asked):
            return e
    fallback = child(alternatives, "Fallback")
    return fallback if fallback is not None else alternatives


def boxes(element: _Element) -> Iterator[_Element]:
    """Yield the text boxes that hang on a paragraph, each once."""
    if next(element.iter("{*}txbxContent"), None) is None:
        return
    for e in element:
        name = local(e)
        if name == "txbxContent":
            yield e
        elif name == "AlternateContent":
            yield from boxes(chosen(e))
        elif name not in ("del", "moveFrom") and not _is_hidden_shape(e):
            yield from boxes(e)


def _is_hidden_shape(e: _Element) -> bool:
    """Say whether a drawing is one that is not shown."""
    name = local(e)
    if name in ("inline", "anchor"):
        properties = child(e, "docPr")
        return properties is not None and attribute(properties, "hidden", "0") not in OFF
    return "visibility:hidden" in (e.get("style") or "").replace(" ", "")
