"""The markup of a page -> how deep its elements nest, how many attributes they have: both cost the parser their square, so they are
counted before it is asked.

Counted is what the parser will make of the tags, and rather more than less: an end tag counts only where it surely ends something.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gongkai.readers.limits import most, passed, within

# How a browser parts markup (HTML, 13.2.5): comments, what is none but hides as one, then tags with their attributes.
_ATTRIBUTE = r"[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+"
_TOKEN = re.compile(
    rf"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+>|</(?![a-z])[^>]*+>|<(/?)([a-z][^\s/>]*+)((?:[\s/]++|{_ATTRIBUTE})*+)>?", re.I | re.S
)
_ONE = re.compile(_ATTRIBUTE)
# What stands in these is text, also what looks like a tag.
_TEXT = re.compile(r"(?is)<(script|style|textarea|title|xmp|iframe|noembed|noframes)\b[^>]*>(.*?)(?=</\1[\s/>]|\Z)")
_FOREIGN = re.compile(r"<(?:svg|math)\b", re.I)
# These hold nothing, or end with the next of their kind.
_FLAT = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "param", "frame", "p", "li",
    "dd", "dt", "option", "optgroup", "tr", "td", "th", "tbody", "thead", "tfoot", "caption", "colgroup", "rp", "rt", "html", "head",
    "body",
))  # fmt: skip
_FORMATTING = frozenset((
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
))  # fmt: skip
# What another kind's end tag does not reach beyond: of blocks, and of all else.
_WALLS = frozenset((
    "table", "object", "marquee", "applet", "template", "svg", "math", "select", "button", "foreignobject", "desc",
))  # fmt: skip
_BLOCKS = _WALLS | frozenset((
    "address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "iframe", "listing", "main", "menu", "nav",
    "ol", "pre", "search", "section", "summary", "ul", "xmp",
))  # fmt: skip
_MERGED = ("html", "body")
# Characters that one attribute takes, with what parts it from the next.
_SHORTEST = 2
_ALIKE = 3  # of equal ones that were not ended, a browser opens so many anew
# As many tags neither nest too deep nor are too many.
_FEW = 1_000
# How many elements may be looked at, or opened anew, for each tag that a page may have.
_STEPS = 10


class Tag(NamedTuple):
    """One tag: whether it ends an element, its name and its attributes."""

    ends: bool
    name: str
    attributes: str


def refuse_bombs(markup: str) -> None:
    """Refuse a page that nests too deep, or has too many tags or attributes.

    Raises
    ------
    Unreadable

    Examples
    --------
    >>> refuse_bombs("<div><p>1</p></div>")
    """
    tags = list(_tags(markup if _FOREIGN.search(markup) else _TEXT.sub("", markup)))
    _refuse_attributes(tags)
    within("options", sum(tag.name == "option" for tag in tags))
    if len(tags) > _FEW:
        _Open(tags)


def _refuse_attributes(tags: Sequence[Tag]) -> None:
    """Refuse too many attributes: of one tag, of the page and its body (a further tag adds to those of the first), and of all."""
    for tag in tags:
        if len(tag.attributes) > _SHORTEST * most("attributes"):
            within("attributes", _count(tag))
    within("attributes", sum(_count(tag) for tag in tags if tag.attributes and tag.name in _MERGED))
    if sum(len(tag.attributes) for tag in tags) > _SHORTEST * most("page_attributes"):
        within("page_attributes", sum(map(_count, tags)))


def _count(tag: Tag) -> int:
    return sum(1 for _ in _ONE.finditer(tag.attributes))


def _tags(markup: str) -> Iterator[Tag]:
    within("page_tags", markup.count("<"))
    return (Tag(bool(m[1]), m[2].lower(), m[3]) for m in _TOKEN.finditer(markup) if m[2])


class _Open:
    """The elements that are open while the tags of a page are walked through."""

    def __init__(self, tags: Iterable[Tag]) -> None:
        self._stack: list[str] = []
        self._left = Counter[str]()
        self._formatting: dict[str, list[str]] = {name: [] for name in _FORMATTING}
        self._alike = Counter[str]()
        self._anew = made = steps = 0
        deepest, most_tags = most("depth"), most("page_tags")
        for tag in tags:
            steps += self._end(tag.name) if tag.ends else self._begin(tag)
            made += self._anew if tag.name not in _FORMATTING else 0
            if len(self._stack) > deepest or steps > _STEPS * most_tags:
                raise passed("depth")
            if made > _STEPS * most_tags:
                raise passed("page_tags")

    def _begin(self, tag: Tag) -> int:
        if tag.name not in _FLAT:
            self._stack.append(tag.name)
            self._left[tag.name] += 1
        if tag.name in _FORMATTING:
            alike = tag.name + tag.attributes
            self._formatting[tag.name].append(alike)
            self._alike[alike] += 1
            self._anew += self._alike[alike] <= _ALIKE
        return 1

    def _end(self, name: str) -> int:
        """End what an end tag surely ends, and say how many elements were looked at."""
        if name in _FORMATTING and self._formatting[name]:
            alike = self._formatting[name].pop()
            self._anew -= self._alike[alike] <= _ALIKE
            self._alike[alike] -= 1
        if not self._left[name]:
            return 1
        walls = _WALLS if name in _BLOCKS else _BLOCKS
        for looked, other in enumerate(reversed(self._stack), 1):
            if other == name:
                ended = [self._stack.pop(-looked)] if name in _FORMATTING else [self._stack.pop() for _ in range(looked)]
                self._left.subtract(ended)
                return looked
            if other in walls and name not in _FORMATTING:
                return looked
        return len(self._stack) + 1
