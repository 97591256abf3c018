"""A paragraph -> the pieces of its text, each with how it looks on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from gongkai.core.shown import PICTURE, Look, Piece
from gongkai.readers.colours import Colour
from gongkai.readers.docx.fields import Fields, without_result
from gongkai.readers.docx.styles import Settings, Styles, line_of, look_of, own, shading
from gongkai.readers.docx.symbols import in_font, symbol
from gongkai.readers.zipped import OFF, attribute, child, children, is_on, local, setting

if TYPE_CHECKING:
    from lxml.etree import _Element

_UNPRINTED = frozenset((
    "del", "moveFrom", "pPr", "rPr", "txbxContent", "rt", "instrText", "delText", "delInstrText", "sectPr", "sdtPr", "sdtEndPr", "ffData",
    "numberingChange", "fPr", "sSupPr", "sSubPr", "rubyPr", "tblPr",
))  # fmt: skip
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_NOTES = ("footnoteReference", "endnoteReference")
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


class Runs:
    """Reads paragraphs of one document."""

    def __init__(self, styles: Styles, fields: Fields | None) -> None:
        self._styles, self._fields = styles, fields

    def pieces(self, paragraph: _Element, place: ParagraphLook) -> list[Piece]:
        """Return what is printed of a paragraph; its text boxes are not in it."""
        properties = child(paragraph, "pPr")
        style, behind = setting(properties, "pStyle"), shading(properties, "paper of paragraph")
        settings = {r: self._set(r, place.table, style) | behind for r in paragraph.iter("{*}r")}
        line = line_of([found for r, found in settings.items() if _has_text(r)])
        looks = {r: look_of(found, place.paper, place.told, line) for r, found in settings.items()}
        fonts = {r: found.get("font", "") for r, found in settings.items()}
        return [piece for piece in _Emitter(looks, fonts, self._fields).below(paragraph, Look.SHOWN) if piece[1]]

    def _set(self, run: _Element, table: str | None, paragraph: str | None) -> dict[str, str]:
        found: Settings = self._styles.styled(table, paragraph, setting(run, "rPr/rStyle"))
        merged = dict(found)
        for properties in children(run, "rPr"):
            merged |= own(properties)
        return merged

    def runs_on(self, paragraph: _Element) -> bool:
        """Say whether a paragraph's end is not shown, so that the next one goes on in its line."""
        mark = child(paragraph, "pPr/rPr")
        return mark is not None and (is_on(mark, "vanish") or is_on(mark, "specVanish") or child(mark, "del") is not None)


class _Emitter:
    """Walks one paragraph."""

    def __init__(self, looks: dict[_Element, Look | None], fonts: dict[_Element, str], fields: Fields | None) -> None:
        self._looks, self._fonts, self._fields = looks, fonts, fields

    def below(self, element: _Element, look: Look, font: str = "") -> Iterator[Piece]:
        for e in element:
            yield from self._of(e, look, font)

    def _of(self, e: _Element, look: Look, font: str) -> Iterator[Piece]:
        name = local(e)
        if name in _UNPRINTED:
            return
        if self._fields and (e in self._fields.looks or e in self._fields.shown):
            override = self._fields.looks.get(e, look)
            if override is None:
                return
            look = _both(look, override)
            if e in self._fields.shown:
                own_look, text = self._fields.shown[e]
                yield _both(look, own_look), text
        if name == "r":
            yield from self._run(e, look)
        elif name == "t":
            yield look, in_font(_text(e), font)
        elif name in _SIGNS:
            yield look, _SIGNS[name]
        elif name == "sym":
            own_look, text = symbol(attribute(e, "font") or "", attribute(e, "char") or "")
            yield _both(look, own_look), text
        elif name in ("drawing", "pict", "object"):
            yield from self._drawn(e, look)
        else:
            yield from self._wrapped(name, e, look, font)

    def _run(self, run: _Element, outer: Look) -> Iterator[Piece]:
        look = self._looks.get(run, Look.SHOWN)
        if look is None:
            return
        mark = any(attribute(n, "customMarkFollows", "0") not in OFF for name in _NOTES for n in children(run, name))
        yield from self.below(run, _both(_both(look, outer), Look.RAISED if mark else Look.SHOWN), self._fonts.get(run, ""))

    def _drawn(self, e: _Element, look: Look) -> Iterator[Piece]:
        """Yield the letters that are drawn as a shape, or a sign for a picture; nothing for text boxes, which are read by themselves."""
        art = [attribute(path, "string") or "" for path in e.iter("{*}textpath")]
        if any(art):
            yield look, "\n".join(art)
        elif next(e.iter("{*}txbxContent"), None) is None and any(local(p) in ("blip", "imagedata", "OLEObject") for p in e.iter()):
            yield _both(look, Look.ADDED), PICTURE
        yield from self.below(e, look) if next(e.iter("{*}txbxContent", "{*}textpath"), None) is None else ()

    def _wrapped(self, name: str, e: _Element, look: Look, font: str) -> Iterator[Piece]:
        """Yield what stands within something else: a choice, a content control, a simple field, a formula."""
        if name == "AlternateContent":
            yield from self.below(chosen(e), look, font)
        elif name == "sdt" and is_on(child(e, "sdtPr"), "showingPlcHdr"):
            yield from self.below(e, Look.ADDED, font)
        elif name in ("sup", "sub"):
            yield from self.below(e, _both(look, Look.RAISED), font)
        elif name == "f" and child(e, "num") is not None:
            yield from self._joined(e, ("num", "den"), "/", look)
        elif name == "phant" and setting(e, "phantPr/show", "1") in OFF:
            return
        elif name == "borderBox" and any(is_on(child(e, "borderBoxPr"), s) for s in _STRIKES):
            yield from self.below(e, _both(look, Look.STRUCK), font)
        elif name == "fldSimple":
            inside = list(self.below(e, look, font))
            yield from inside or filter(None, [without_result(attribute(e, "instr") or "")])
        else:
            yield from self.below(e, look, font)

    def _joined(self, e: _Element, names: tuple[str, ...], sign: str, look: Look) -> Iterator[Piece]:
        for i, name in enumerate(names):
            yield look, sign if i else ""
            part = child(e, name)
            yield from self.below(part, look) if part is not None else ()


def _both(one: Look, other: Look) -> Look:
    return max(one, other, key=_RANKS.index)


def _has_text(run: _Element) -> bool:
    return any(local(e) in ("t", "sym") for e in run)


def _text(e: _Element) -> str:
    """Return the text of an element; the spaces at its ends count where the document says that they are kept."""
    text = re.sub(r"[\r\n\t]+", " ", e.text or "")
    return text if attribute(e, "space") == "preserve" or not text.strip() else text.strip(" ")


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
