"""The numbers that Word prints before paragraphs, and that stand nowhere in their text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from gongkai.core.numerals import numeral
from gongkai.readers.limits import within
from gongkai.readers.zipped import attribute, local, setting, value

if TYPE_CHECKING:
    from lxml.etree import _Element

_CHINESE = ("chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting", "taiwaneseCountingThousand")


# A list has no more levels: each is named by one digit.
_MOST = 9


class _Level(NamedTuple):
    """How one level of a list counts, what it prints around its numbers, where it starts, and whether the text touches its numbers."""

    kind: str
    text: str
    start: int
    touches: bool


class Numbering:
    """Counts the numbered paragraphs of a document, list by list and level by level."""

    def __init__(self, numbering: _Element | None, styles: _Element | None) -> None:
        self._lists = _lists(numbering) if numbering is not None else {}
        numbered = [s for s in styles if setting(s, "pPr/numPr/numId")] if styles is not None else []
        self._styles = {attribute(s, "styleId"): (setting(s, "pPr/numPr/numId"), setting(s, "pPr/numPr/ilvl")) for s in numbered}
        self._counts: dict[str, list[int]] = {}

    def label(self, properties: Mapping[str, _Element]) -> tuple[str, bool]:
        """Count a paragraph that has these properties, and return what is printed before it, and whether the text touches it."""
        if not self._lists:
            return "", False
        styled, own = self._styles.get(value(properties.get("pStyle")), (None, None)), properties.get("numPr")
        name = setting(own, "numId") or styled[0] or ""
        level = _number(setting(own, "ilvl") or styled[1], 0)
        levels = self._lists.get(name, [])
        if level >= len(levels):
            return "", False
        counts = self._counts.setdefault(name, [v.start - 1 for v in levels])
        counts[level] += 1
        counts[level + 1 :] = [v.start - 1 for v in levels[level + 1 :]]
        printed = {str(i): _numeral(count, v.kind) for i, (count, v) in enumerate(zip(counts, levels, strict=True), 1)}
        return re.sub(r"%(\d)", lambda found: printed.get(found[1], ""), levels[level].text), levels[level].touches


def _lists(numbering: _Element) -> Mapping[str, list[_Level]]:
    """Return the levels of each list."""
    kinds: dict[str | None, list[_Level]] = {}
    for kind in (e for e in numbering if local(e) == "abstractNum"):
        levels = islice((e for e in kind if local(e) == "lvl"), _MOST)
        kinds[attribute(kind, "abstractNumId")] = [
            _Level(
                kind=setting(v, "numFmt") or "decimal",
                text=_printed_around(setting(v, "lvlText") or ""),
                start=_number(setting(v, "start"), 1),
                touches=setting(v, "suff") == "nothing",
            )
            for v in levels
        ]
    return {attribute(e, "numId") or "": kinds.get(setting(e, "abstractNumId"), []) for e in numbering if local(e) == "num"}


def _printed_around(text: str) -> str:
    """Return what a level prints, where it is not so long that numbers fill the memory."""
    within("format", len(text))
    return text


def _number(printed: str | None, default: int) -> int:
    return int(printed) if printed and re.fullmatch(r"\d{1,4}", printed) else default


def _numeral(count: int, kind: str) -> str:
    """Print a count as a list does.

    Examples
    --------
    >>> [_numeral(n, "chineseCounting") for n in (1, 10, 12, 20, 35)], _numeral(7, "decimal"), _numeral(3, "bullet")
    (['一', '十', '十二', '二十', '三十五'], '7', '')
    """
    if kind in _CHINESE and 0 < count < 100:
        return numeral(count)
    return str(count) if kind.startswith("decimal") else ""
