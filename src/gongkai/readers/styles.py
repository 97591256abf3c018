"""Style sheets and style attributes -> what each element of a page declares of the properties that can hide text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import comb
from typing import Any

import tinycss2
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from gongkai.readers.limits import Tally, passed

Declaration = tuple[str, str, bool]
Declared = dict[int, dict[str, str]]
# Media queries and pseudo-classes are judged for a desktop screen with the mouse elsewhere.
_SCREEN = {"width": 1280.0, "height": 900.0, "device-width": 1280.0, "device-height": 900.0}
_SHOWN_AS = {"orientation": "landscape", "hover": "hover", "pointer": "fine", "scripting": "enabled", "prefers-color-scheme": "light"}
_ACTED_ON = frozenset(("hover", "focus", "focus-within", "focus-visible", "active", "target", "visited", "fullscreen", "popover-open"))
_ALIASES = {"background": "background-color", "text-decoration": "text-decoration-line", "font": "font-size", "overflow-x": "overflow",
            "overflow-y": "overflow", "inset-block-start": "top", "inset-inline-start": "left", "-webkit-text-fill-color": "color",
            "-webkit-clip-path": "clip-path", "-webkit-transform": "transform"}  # fmt: skip
RELEVANT = frozenset((
    "display", "visibility", "content-visibility", "opacity", "filter", "transform", "clip", "clip-path", "text-indent", "position", "left",
    "right", "top", "bottom", "margin-left", "width", "height", "max-width", "max-height", "overflow", "font-size", "color",
    "background-color", "background-image", "text-decoration-line", "vertical-align", "unicode-bidi", "direction", "content", "float",
    "font-variant-position", "z-index",
))  # fmt: skip
_MENTIONS = re.compile("|".join((*sorted(RELEVANT, key=len, reverse=True), *_ALIASES)), re.I)
_PLAIN_STYLE = re.compile(r"[^\"'()\\/{}]*")
_ZERO = (0, 0, 0)
# What in a selector has an element compared with those above or before it; and what may hold more of it.
_HOPS = re.compile(r"\s*~\s*|(?<![>+~\s])\s+(?![>+~\s])|:has\(|:nth-[a-z-]+\(")
_NESTED = re.compile(r"[(\[\"'\\]")


@dataclass(frozen=True, slots=True)
class StyleRule:
    """One selector with its weight, what it declares, and the pseudo-element that it is about, if any."""

    selector: str
    weight: tuple[int, int, int]
    declarations: tuple[Declaration, ...]
    pseudo: str = ""


def mentioned(text: str) -> frozenset[str]:
    """Return which elements and attributes a page mentions: what is not among them need not be looked for."""
    markup = text.encode("utf-8", "replace").lower()  # bytes are searched in half the time
    tags = (tag.decode() for tag in set(_TAGS.findall(markup)))
    return frozenset((*tags, *(f"[{name.decode()}]" for name in _ATTRIBUTES if name in markup)))


def declared(tree: LexborHTMLParser, sheets: Sequence[str], words: frozenset[str]) -> tuple[Declared, list[tuple[LexborNode, str, str]]]:
    """Return what wins on each element by its address, and the text that the sheets put before or after elements.

    Origin, importance, weight and order decide as they do in a browser.
    """
    won: dict[int, dict[str, tuple[tuple[Any, ...], str]]] = {}
    generated: list[tuple[LexborNode, str, str]] = []

    def declare(node: LexborNode, rank: int, weight: tuple[int, int, int], order: int, declarations: Iterable[Declaration]) -> None:
        own = won.setdefault(int(node.mem_id), {})
        for name, value, important in declarations:
            key = (important, rank, weight, order)
            if name not in own or own[name][0] <= key:
                own[name] = (key, value)

    for needed, selector, hints in _HINTS:
        for node in tree.css(selector) if words.intersection(needed.split()) else ():
            declare(node, 0, _ZERO, 0, hints)
    for node in tree.css("[bgcolor],[background],font[color],body[text]") if words & _OLD else ():
        declare(node, 1, _ZERO, 0, _attributes(node))
    rules = [r for sheet in sheets for r in rules_of(sheet)]
    _refuse_costly(tree, {rule.selector for rule in rules})
    for order, rule in enumerate(rules):
        for node in _matching(tree, rule.selector):
            if rule.pseudo:
                generated += [(node, rule.pseudo, value) for name, value, _ in rule.declarations if name == "content"]
            else:
                declare(node, 2, rule.weight, order, rule.declarations)
    for node in tree.css("[style]") if "[style]" in words else ():
        declare(node, 3, _ZERO, 0, inline(node.attributes.get("style") or ""))
    return {address: {n: v for n, (_, v) in own.items()} for address, own in won.items() if own}, generated


# What a browser's own style sheet says; looked for only on pages that mention one of the words.
_HINTS: tuple[tuple[str, str, tuple[Declaration, ...]], ...] = (
    ("[hidden] [popover] dialog rp annotation annotation-xml", "[hidden],dialog:not([open]),[popover],rp,annotation,annotation-xml",
     (("display", "none", False),)),
    ("del s strike", "del,s,strike", (("text-decoration-line", "line-through", False),)),
    ("sup sub rt", "sup,sub,rt", (("vertical-align", "super", False),)),
    ("msup msub", "msup > :nth-child(2),msub > :nth-child(2)", (("vertical-align", "super", False),)),
    ("bdo", "bdo[dir=rtl]", (("unicode-bidi", "bidi-override", False), ("direction", "rtl", False))),
    ("mark", "mark", (("background-color", "yellow", False),)),
)  # fmt: skip
_OLD = frozenset(("[background=]", "[color=]", "[color =]"))
_ATTRIBUTES = (b"hidden", b"popover", b"style", b"background=", b"color=", b"color =")
# All but the commonest elements, which change nothing themselves.
_TAGS = re.compile(rb"<(?![/!]|(?:t[dr]|span|font|p|div)\b)([a-z][a-z-]*)")


def _attributes(node: LexborNode) -> Iterator[Declaration]:
    """Yield what the attributes of older pages say of colours."""
    found = node.attributes
    if found.get("bgcolor"):
        yield "background-color", _old_colour(found["bgcolor"] or ""), False
    if found.get("background"):
        yield "background-image", "url", False
    if colour := found.get("color") or found.get("text"):
        yield "color", _old_colour(colour), False


def _old_colour(text: str) -> str:
    return f"#{text.strip()}" if re.fullmatch(r"[0-9a-fA-F]{6}", text.strip()) else text.strip().lower()


@lru_cache(maxsize=4096)
def inline(style: str) -> tuple[Declaration, ...]:
    """Return the relevant declarations of a style attribute.

    Examples
    --------
    >>> inline("COLOR: White; font: 0/0 a; margin:0; display:none !important")
    (('color', 'white', False), ('font-size', '0/0 a', False), ('display', 'none', True))
    """
    if not _MENTIONS.search(style):
        return ()
    if _PLAIN_STYLE.fullmatch(style):  # nothing in it that could hide a semicolon: no parser is needed
        pairs = (part.partition(":") for part in style.split(";"))
        return tuple(
            d for name, _, value in pairs for d in _declaration(name.strip().lower(), value, "!important" in value.replace(" ", "").lower())
        )
    try:
        return tuple(_declarations(tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)))
    except RecursionError as error:
        raise passed("depth") from error


def _declarations(parsed: Iterable[Any]) -> Iterator[Declaration]:
    for one in parsed:
        if one.type == "declaration":
            value = _content(one.value) if one.lower_name == "content" else tinycss2.serialize(one.value)
            yield from _declaration(one.lower_name, value, one.important)


def _declaration(name: str, value: str, important: bool) -> Iterator[Declaration]:
    name = _ALIASES.get(name, name)
    if name in RELEVANT:
        value = value if name == "content" else re.sub(r"\s*!\s*important", "", value.strip().lower())
        yield name, value, important
        if name == "background-color" and re.search(r"url\(|gradient", value):
            yield "background-image", value, important


def _content(tokens: Sequence[Any]) -> str:
    """Write generated content as text: strings as they are, an attribute as ``attr(name)``, whatever else counts as ``counter()``."""
    words = []
    for token in tokens:
        if token.type == "string":
            words.append(token.value)
        elif token.type == "function":
            words.append(tinycss2.serialize([token]) if token.lower_name == "attr" else "counter()")
    return "".join(words)


@lru_cache(maxsize=64)
def rules_of(sheet: str) -> tuple[StyleRule, ...]:
    """Parse a style sheet into the rules that hold on a screen and can hide text; sites repeat theirs on every page.

    Examples
    --------
    >>> for rule in rules_of("@media print { p { display: none } } td.old > i, #x::after { display: none; margin: 0 }"):
    ...     print(rule.selector, rule.weight, rule.declarations, rule.pseudo)
    td.old > i (0, 1, 2) (('display', 'none', False),)
    #x (1, 0, 1) (('display', 'none', False),) after
    """
    if not _MENTIONS.search(sheet):
        return ()
    try:
        return tuple(_rules(tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)))
    except RecursionError as error:
        raise passed("depth") from error


def _rules(parsed: Iterable[Any], within: str = "") -> Iterator[StyleRule]:
    for node in parsed:
        if node.type == "at-rule" and node.content is not None and _applies(node.lower_at_keyword, tinycss2.serialize(node.prelude)):
            yield from _rules(tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True), within)
        elif node.type == "qualified-rule":
            body = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
            declarations = tuple(_declarations(body))
            for tokens in _parted(node.prelude):
                selector, weight, pseudo = _selector(tokens)
                whole = selector.replace("&", within) if "&" in selector else f"{within} {selector}".strip()
                if selector and declarations and "cloak" not in selector:  # a cloak is lifted as soon as the page's scripts run
                    yield StyleRule(whole, weight, declarations, pseudo)
                if selector:
                    yield from _rules((n for n in body if n.type in ("qualified-rule", "at-rule")), whole)


def _applies(keyword: str, prelude: str) -> bool:
    if keyword == "media":
        return on_screen(prelude)
    return keyword in ("layer", "scope") or (keyword == "supports" and not prelude.strip().lower().startswith("not"))


def on_screen(query: str) -> bool:
    """Say whether a media query holds on the screen of a desk.

    Examples
    --------
    >>> [on_screen(q) for q in ("screen", "print", "(max-width: 600px)", "not print", "print, screen and (min-width:50em)", "")]
    [True, False, False, True, True, True]
    """
    return any(_one_query(q.strip().lower()) for q in query.split(","))


def _one_query(query: str) -> bool:
    negated, query = query.startswith("not "), re.sub(r"^(?:not|only)\s+", "", query)
    terms = [t.strip() for t in re.split(r"\band\b", query)]
    return all(map(_term, terms)) is not negated


def _term(term: str) -> bool:
    if not term.startswith("("):
        return term in ("all", "screen", "")
    name, _, value = (part.strip() for part in term.strip("() ").partition(":"))
    bound = re.fullmatch(r"(min-|max-)?([a-z-]+)", name)
    size = re.match(r"([\d.]+)(px|r?em)?", value)
    if bound and bound[2] in _SCREEN and size:
        pixels, screen = float(size[1]) * (16 if (size[2] or "").endswith("em") else 1), _SCREEN[bound[2]]
        return screen >= pixels if bound[1] == "min-" else screen <= pixels if bound[1] else screen == pixels
    return _SHOWN_AS.get(name) == value or (not value and name in _SCREEN)


def _parted(tokens: Sequence[Any]) -> list[list[Any]]:
    """Part a list of selectors at its commas."""
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _selector(tokens: Sequence[Any]) -> tuple[str, tuple[int, int, int], str]:
    """Return a selector without its pseudo-element, its weight, and the pseudo-element; nothing where it needs a mouse or a keyboard."""
    kept: list[Any] = []
    weight, pseudo, colons, before = [0, 0, 0], "", 0, ""
    for token in tokens:
        name = str(getattr(token, "lower_name", getattr(token, "lower_value", "")))
        if colons and (colons == 2 or name in ("before", "after", "first-letter", "first-line")):
            pseudo, kept = name, kept[:-colons]
            weight[2] += 1
        elif colons and name in _ACTED_ON:
            return "", _ZERO, ""
        else:
            kept.append(token)
            weight = [a + b for a, b in zip(weight, _weight(token, bool(colons), before), strict=True)]
        literal = token.value if token.type == "literal" else ""
        colons = colons + 1 if literal == ":" else 0
        before = literal
    return tinycss2.serialize(kept).strip() or ("*" if pseudo else ""), (weight[0], weight[1], weight[2]), pseudo


def _weight(token: Any, after_colon: bool, before: str) -> tuple[int, int, int]:
    if token.type == "hash":
        return 1, 0, 0
    if token.type == "[] block" or (token.type == "ident" and (after_colon or before == ".")):
        return 0, 1, 0
    if token.type == "function":
        if token.lower_name in ("is", "not", "has"):
            return max((_selector(part)[1] for part in _parted(token.arguments)), default=_ZERO)
        return 0, int(token.lower_name != "where"), 0
    return 0, 0, int(token.type == "ident")


def _refuse_costly(tree: LexborHTMLParser, selectors: Set[str]) -> None:
    """Refuse sheets whose selectors take too long: each looks at all elements, one such as ``a b c`` at each way up from each ``c``.

    The parser goes back over every choice of elements for the words before the last, so each of these multiplies its work.
    """
    everything = tree.css("*")
    work, ways = Tally("style_steps"), _Ways(everything)
    work.add(len(selectors) * len(everything))
    for selector in selectors:
        if hops := len(_HOPS.findall(selector)):
            last = selector if _NESTED.search(selector) else _HOPS.split(selector)[-1]
            ends = len(everything) if last == selector else len(_matching(tree, last))
            work.add(ends * comb(ways.most, hops))


class _Ways:
    """How many elements stand above or before one, at most."""

    def __init__(self, everything: Sequence[LexborNode]) -> None:
        self._everything = everything

    @cached_property
    def most(self) -> int:
        depth: dict[int, int] = {}
        beside = Counter[int]()
        for node in self._everything:  # in the order of the page, so that each comes after the one it stands in
            above = node.parent.mem_id if node.parent else 0
            depth[node.mem_id] = depth.get(above, 0) + 1
            beside[above] += 1
        return max(*depth.values(), *beside.values(), 1)


def _matching(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        found: list[LexborNode] = tree.css(selector)
    except SelectolaxError:  # a selector that only other browsers know, or none at all
        return []
    return found
