"""A parsed page -> what its reader sees of it: hidden elements are gone, form fields are their text, doubtful text is marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gongkai.core.shown import PICTURE, Look, Piece
from gongkai.readers.hiding import BLACK, INLINE, NEAR, SAME, WHITE, Colour, apart, colour, is_gone, is_raised, is_tiny
from gongkai.readers.styles import Declared, declared, mentioned, on_screen

# Noncharacters: no page may hold them, so what stands between two of them is marked by this module alone.
_OPEN = {Look.RAISED: "\ufdd0", Look.STRUCK: "\ufdd1", Look.DOUBTED: "\ufdd2", Look.ADDED: "\ufdd3"}
_CLOSE = "\ufdd4"
_LOOKS = {mark: look for look, mark in _OPEN.items()}
_MARKED = re.compile(r"([\ufdd0-\ufdd3])([^\ufdd0-\ufdd4]*)\ufdd4")
_ANY = re.compile(r"[\ufdd0-\ufdd4]")
_ALL = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4"
_WRITTEN = re.compile(r"&#(?:[xX]0*[fF][dD][dD][0-4]|0*649(?:7[6-9]|80))(?![0-9a-fA-F]);?")
HIDDEN = "data-hidden"

_SILENT = "script,style,template,noscript,datalist,noframes,noembed,meter,progress,svg title,svg desc,svg defs,svg metadata,audio"
_SILENT_TAGS = frozenset(re.findall(r"[a-z]+", _SILENT)) - {"title"}
_FOLDED = "td details:not([open]),th details:not([open])"
_EMBEDDED = frozenset(("object", "embed", "iframe", "video", "canvas", "img", "applet"))
_FIELDS = frozenset(("input", "select", "textarea"))
_WORDLESS = frozenset(("hidden", "checkbox", "radio", "file", "image", "password", "range", "color"))
_BANDS = frozenset(("tr", "col", "tbody", "thead", "tfoot", "colgroup"))
# Elements of a table: where one is hidden, its place stays empty, so that the other cells do not move.
_PARTS = _BANDS | {"td", "th"}
# What widely used style sheets call text that they hide. Where a page's own sheets are not in the file, it cannot be told whether they do.
_CUSTOMS = ".sr-only,.visually-hidden,.screen-reader-text,.d-none,.hidden,.hide,.invisible,.layui-hide,.element-invisible"
_COLOURS = ("color", "background-color", "background-image")
_FEWEST_ROWS = 3
_BLOCKS = re.compile(r"block|flex|grid|flow-root|list-item|table(?:-row|-caption|-cell)?")
# Generated content that can be part of a number, or of its unit.
_COUNTS = re.compile(r"[\d０-９万亿千百元—%/.-]|counter\(")


@dataclass(frozen=True, slots=True)
class _State:
    """How text looks that stands here; ``known`` says that no sheet outside the file can have coloured the paper."""

    visibility: str = "visible"
    tiny: bool = False
    gone: bool = False
    ink: Colour = BLACK
    paper: Colour = WHITE
    known: bool = True
    look: Look = Look.SHOWN

    def of_text(self) -> Look | None:
        """Return how text looks here, None where nobody sees it."""
        if self.visibility != "visible" or self.tiny or self.gone:
            return None
        contrast = apart(self.ink, self.paper)
        if contrast > NEAR or self.look in (Look.STRUCK, Look.RAISED):
            return self.look
        return None if self.ink[3] <= SAME or (self.known and contrast <= SAME) else Look.DOUBTED


_PLAIN = _State()


def render(tree: LexborHTMLParser, text: str) -> None:
    """Leave in a page what its reader sees; ``text`` is its markup, in which it is looked up what the page can have at all."""
    words = mentioned(text)
    sheets = [n.text() for n in tree.css("style") if _is_sheet(n)] if "style" in words else []
    external = ("link" in words and bool(tree.css("link[rel~=stylesheet]"))) or any("@import" in sheet for sheet in sheets)
    for node in _each(tree, _SILENT + ",body title" if words & _SILENT_TAGS else "body title"):
        node.decompose()
    for node in _each(tree, _FOLDED) if "details" in words else ():
        _fold(node)
    found, generated = declared(tree, sheets, words)
    doubted = {int(n.mem_id) for n in tree.css(_CUSTOMS)} if external else set()
    for node, place, content in generated:
        _add(node, place, content)
    if doubted or any(map(_may_hide, found.values())) or _same_colours(found):
        _Walk(found, doubted, external).run(tree)
    for node in _each(tree, ",".join(_FIELDS)) if words & _FIELDS else ():
        node.replace_with(_field(node))
    for node in _each(tree, ",".join(f"td {tag},th {tag}" for tag in _EMBEDDED)) if words & _EMBEDDED else ():
        node.replace_with("" if _is_spacer(node) else _marked(Look.ADDED, _alternative(node)))


def _each(tree: LexborHTMLParser, selector: str) -> Iterator[LexborNode]:
    """Yield each element once, those within others before them: an element that is gone takes with it what is within it."""
    return reversed({int(node.mem_id): node for node in tree.css(selector)}.values())


def unmarked(markup: str) -> str:
    """Take out of a page the noncharacters that mark text here, however they are written."""
    markup = _ANY.sub("", markup) if any(mark in markup for mark in _ALL) else markup
    return _WRITTEN.sub("", markup) if "&#" in markup else markup


def pieces_of(text: str) -> list[Piece]:
    """Part the text of a cell at the marks: what was not marked is shown."""
    pieces: list[Piece] = []
    at = 0
    for found in _MARKED.finditer(text):
        pieces += [(Look.SHOWN, text[at : found.start()]), (_LOOKS[found[1]], found[2])]
        at = found.end()
    pieces.append((Look.SHOWN, text[at:]))
    return [(look, _ANY.sub("", part)) for look, part in pieces if part]


def is_marked(text: str) -> bool:
    """Say whether part of a text is not plainly shown."""
    return not text.isascii() and bool(_ANY.search(text))


def _marked(look: Look, text: str) -> str:
    return f"{_OPEN[look]}{text}{_CLOSE}" if text else ""


def _fold(node: LexborNode) -> None:
    """Leave of details that are not open their summary, the first of them."""
    children = list(node.iter(include_text=True))
    summary = next((child.mem_id for child in children if child.tag == "summary"), None)
    for child in children:
        if child.mem_id != summary:
            child.decompose()


def _is_sheet(node: LexborNode) -> bool:
    attributes, within = node.attributes, node.parent.tag if node.parent else ""
    styled = (attributes.get("type") or "text/css").strip().lower() == "text/css"
    return styled and within not in ("noscript", "template", "svg") and on_screen(attributes.get("media") or "")


@dataclass(slots=True)
class _Walk:
    """One walk over a page that hides something: what each element declares, and what sheets outside the file may hide."""

    found: Declared
    doubted: set[int]
    external: bool

    def run(self, tree: LexborHTMLParser) -> None:
        """Mark or remove the text that is not plainly shown; a page all of whose tables are hidden shows them when it is used."""
        if tree.root is None:
            return
        gone = list(self._hidden(tree.root, replace(_PLAIN, known=not self.external)))
        every, tables = _big_tables(tree.root), [_big_tables(node) for node in gone]
        for node, held in zip(gone, tables, strict=True):
            if held and sum(tables) == every:
                list(self._hidden(node, replace(_PLAIN, look=Look.DOUBTED), top_too=False))
            else:
                _remove(node)

    def _hidden(self, top: LexborNode, state: _State, top_too: bool = True) -> Iterator[LexborNode]:
        """Yield the elements that are not there at all, and mark the text of the others."""
        stack = [(top, state)]
        while stack:
            node, state = stack.pop()
            tag = node.tag or ""
            if tag == "-text":
                _mark(node, state)
                continue
            own = self.found.get(int(node.mem_id)) if top_too or node.mem_id != top.mem_id else None
            if own and tag in ("html", "body"):  # a page that hides all of itself shows it when its scripts have run
                own = {name: value for name, value in own.items() if name in _COLOURS}
            if own:
                if is_gone(own, tag) and (own.get("display") == "none" or tag not in _PARTS):
                    yield node
                    continue
                state = _with(state, own, tag)
                _set_apart(node, own, tag, state)
            if int(node.mem_id) in self.doubted and state.look is Look.SHOWN:
                state = replace(state, look=Look.DOUBTED)
            if tag in _FIELDS:
                node.replace_with("" if state.visibility != "visible" or state.gone else _field(node))
                continue
            stack.extend((child, state) for child in reversed(list(node.iter(include_text=True))))


def _remove(node: LexborNode) -> None:
    """Take an element out of the page; a row only says that it is not there, since cells above may reach over it."""
    if node.tag == "tr":
        node.attrs[HIDDEN] = "none"
    else:
        node.decompose()


def _big_tables(node: LexborNode) -> int:
    return sum(len(t.css("tr")) > _FEWEST_ROWS for t in node.css("table"))


def _mark(node: LexborNode, state: _State) -> None:
    text = node.text_content or ""
    if state is _PLAIN or not text.strip():
        return
    look = state.of_text()
    if look is None:
        node.decompose()
    elif look is not Look.SHOWN and not is_marked(text):
        node.replace_with(_marked(look, text))


def _set_apart(node: LexborNode, own: Mapping[str, str], tag: str, state: _State) -> None:
    """Keep the place of a hidden row or column, and begin a line where an element within a line is a block of its own."""
    if tag in _BANDS and (state.visibility == "collapse" or state.gone):
        for row in [node] if tag in ("tr", "col") else node.css("tr, col"):
            row.attrs[HIDDEN] = "collapse"
    elif tag in INLINE and (_BLOCKS.fullmatch(own.get("display", "")) or own.get("float", "none") in ("left", "right")):
        node.insert_before("\n")
        node.insert_after("\n")


def _with(state: _State, own: Mapping[str, str], tag: str) -> _State:
    """Return how text looks within an element that declares something."""
    if tag in _PARTS and is_gone(own, tag):
        return replace(state, gone=True)
    visibility = own.get("visibility", "inherit")
    if visibility in ("visible", "hidden", "collapse"):
        state = replace(state, visibility=visibility)
    if "font-size" in own:
        state = replace(state, tiny=is_tiny(own["font-size"], state.tiny))
    return _aligned(_coloured(state, own), own, tag)


def _coloured(state: _State, own: Mapping[str, str]) -> _State:
    """Return the ink and the paper within an element; a picture under the text leaves open what colour the paper has."""
    if own.get("background-image", "none") != "none":
        state = replace(state, known=False)
    paper = colour(own.get("background-color", ""))
    if paper and paper[3] > SAME:
        red, green, blue = (p * paper[3] + q * (1 - paper[3]) for p, q in zip(paper[:3], state.paper[:3], strict=True))
        state = replace(state, paper=(red, green, blue, 1.0), known=own.get("background-image", "none") == "none")
    ink = colour(own.get("color", ""))
    return replace(state, ink=ink) if ink else state


def _aligned(state: _State, own: Mapping[str, str], tag: str) -> _State:
    """Return how text looks that is struck out, set high, turned around or laid over other text."""
    if "line-through" in own.get("text-decoration-line", ""):
        return replace(state, look=Look.STRUCK)
    if state.look is not Look.SHOWN:
        return state
    if is_raised(own, tag):
        return replace(state, look=Look.RAISED)
    turned = "override" in own.get("unicode-bidi", "") and own.get("direction", "") == "rtl"
    laid_over = tag in INLINE and own.get("position", "") in ("absolute", "fixed")
    return replace(state, look=Look.DOUBTED) if turned or laid_over else state


def _may_hide(own: Mapping[str, str]) -> bool:
    """Say whether an element declares anything that may change what is seen of it, its colours aside."""
    rest = {name: value for name, value in own.items() if not name.endswith("color")}
    looks = _with(_PLAIN, rest, "span") != _PLAIN if rest else False
    return looks or is_gone(own, "div") or bool(_BLOCKS.fullmatch(own.get("display", ""))) or own.get("float", "none") != "none"


def _same_colours(found: Declared) -> bool:
    """Say whether any ink of the page is like any of its papers."""
    inks = {c for own in found.values() if (c := colour(own.get("color", "")))}
    papers = {c for own in found.values() if (c := colour(own.get("background-color", "")))}
    return any(apart(ink, paper) <= NEAR for ink in inks | {BLACK} for paper in papers | {WHITE})


def _field(node: LexborNode) -> str:
    """Return what a form field shows: its value or its chosen option; a hint is no answer."""
    attributes = node.attributes
    if node.tag == "select":
        return _chosen(node)
    if node.tag == "input" and (attributes.get("type") or "text").strip().lower() in _WORDLESS:
        return ""
    text = _ANY.sub("", node.text() if node.tag == "textarea" else attributes.get("value") or "")
    return text if text.strip() else _marked(Look.ADDED, _ANY.sub("", attributes.get("placeholder") or ""))


def _chosen(node: LexborNode) -> str:
    """Return the option that a list shows: the last one that is marked as chosen, else the first that can be; a long list shows several."""
    options = [o for o in node.css("option") if "hidden" not in o.attributes]
    chosen = [o for o in options if "selected" in o.attributes]
    free = [o for o in options if "disabled" not in o.attributes]
    shown = chosen[-1:] or free[:1]
    word = _ANY.sub("", shown[0].attributes.get("label") or shown[0].text()).strip() if shown else ""
    several = "multiple" in node.attributes or (node.attributes.get("size") or "1").strip() not in ("", "0", "1")
    return _marked(Look.ADDED, word) if several else word


def _add(node: LexborNode, place: str, content: str) -> None:
    """Put generated content where the page shows it, if it can be part of a number."""
    attributes = node.attributes
    text = re.sub(r"attr\(\s*([\w-]+)[^)]*\)", lambda m: attributes.get(m[1]) or "", content)
    if content in ("none", "normal") or not _COUNTS.search(text):
        return
    marked = _marked(Look.ADDED, _ANY.sub("", text.replace("counter()", PICTURE)))
    first = next(node.iter(include_text=True), None)
    if place == "before" and first is not None:
        first.insert_before(marked)
    elif place in ("before", "after"):
        node.insert_child(marked)


def _alternative(node: LexborNode) -> str:
    """Return what is known of a number that is only a picture: its alternative text, if that is a number."""
    words = _ANY.sub("", node.attributes.get("alt") or "").strip()
    return PICTURE + (words if re.fullmatch(r"[\d,.]+", words) else "")


def _is_spacer(node: LexborNode) -> bool:
    return any(re.fullmatch(r"\s*[0-3](?:px)?\s*", node.attributes.get(side) or "") for side in ("width", "height"))
