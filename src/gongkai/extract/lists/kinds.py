"""What a cell or a word of an indicator list is: blank, number, mark, unit or text; and what is known of such lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.model import Cell, Row
from gongkai.core.text import MARKS, is_value, plain, squeeze

Run = tuple[list[Cell], list[Cell], list[Cell]]
# Marks that also stand inside a label.
_NO_MARKS = frozenset("、.*")


@cache
def knowledge() -> Mapping[str, Any]:
    """Return what is known of indicator lists: the words of ``statistics.toml``."""
    return packaged("gongkai.forms", "statistics.toml")


@lru_cache(maxsize=4096)
def matches(name: str, text: str) -> bool:
    """Say whether a text matches one of the patterns under ``words``; those of ends must stand at its end, ``topics`` anywhere."""
    pattern = knowledge()["words"][name]
    shape = rf"(?:{pattern})$" if name in ("ends", "counts", "headings") else pattern if name == "topics" else rf"^(?:{pattern})"
    return bool(re.search(shape, text))


@cache
def units() -> frozenset[str]:
    """Return the units that a list may print."""
    return frozenset(knowledge()["words"]["units"])


def unit_of(text: str) -> str:
    """Return the unit that a text is, alone or in brackets, or nothing.

    Examples
    --------
    >>> unit_of("（单位：条）"), unit_of("万 元"), unit_of("公开")
    ('条', '万元', '')
    """
    bare = re.sub(r"^[（(]?(?:单位[:：]|單位[:：])?|[）)]$", "", squeeze(text))
    return bare if bare in units() else ""


def bracketed_unit(text: str) -> str:
    """Return the unit that stands in brackets in a head or a label, or nothing.

    Examples
    --------
    >>> bracketed_unit("收到申请数（单位：件）"), bracketed_unit("专职人员数（不含兼职）")
    ('件', '')
    """
    return next((u for inner in re.findall(r"[（(]([^（）()]*)[）)]", text) if (u := unit_of(inner))), "")


@lru_cache(maxsize=65536)
def kind_of(text: str) -> str:
    """Say what a cell of a list is: ``blank``, ``number``, ``mark``, ``unit`` or ``text``.

    Examples
    --------
    >>> [kind_of(t) for t in ("", "78,967", "5篇", "约30", "----", "万元", "1.当面申请数", "、")]
    ['blank', 'number', 'number', 'number', 'mark', 'unit', 'text', 'text']
    """
    bare = squeeze(plain(text))
    if not bare:
        return "blank"
    if bare in MARKS:
        return "text" if bare in _NO_MARKS else "mark"
    if bare in units():
        return "unit"
    number = re.match(r"[\d,.]*\d[\d,.]*", bare)
    return "number" if is_value(bare) or (number and (bare[number.end() :] in units() or number.end() == len(bare))) else "text"


def told_apart(names: Sequence[str]) -> Iterator[str]:
    """Tell equal names apart by a number.

    Examples
    --------
    >>> list(told_apart(["统计数", "统计数", "统计数.2"]))
    ['统计数', '统计数.2', '统计数.2.2']
    """
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    for name in names:
        unique = name
        while unique in taken:
            seen[name] += 1
            unique = f"{name}.{seen[name] + 1}"
        taken.add(unique)
        yield unique


def words_of(row: Row) -> Iterator[Cell]:
    """Part a line at its white space, and a unit from the number (件0) or from the label (收费金额元) that is stuck to it."""
    alone = any(unit_of(word) for cell in row.cells for word in cell.text.split())
    for cell in row.cells:
        for word in cell.text.split():
            stuck = re.fullmatch(r"(\D{1,2})([\d,.]+)", word)
            parts = stuck.groups() if stuck and unit_of(stuck[1]) else (word,) if alone else _label_and_unit(word)
            yield from (replace(cell, text=part) for part in parts)


def _label_and_unit(word: str) -> tuple[str, ...]:
    found = re.fullmatch(rf"(.+(?:{knowledge()['words']['counts']}))({'|'.join(sorted(units(), key=len, reverse=True))})", word)
    return found.groups() if found else (word,)


def runs_of(words: Sequence[Cell]) -> Iterator[Run]:
    """Part the words of a line into (label, unit, numbers), again and again where line ends were lost."""
    label: list[Cell] = []
    units: list[Cell] = []
    cells: list[Cell] = []
    for i, word in enumerate(words):
        kind = _word_kind(words, i)
        if kind == "text" and (units or cells):
            yield label, units, cells
            label, units, cells = [], [], []
        {"text": label, "unit": units}.get(kind, cells).append(word)
    yield label, units, cells


def _word_kind(words: Sequence[Cell], i: int) -> str:
    """Say what a word is; a number with a point before words is their numbering, and one character of a spaced-out word is no unit."""
    text = squeeze(words[i].text)
    kind, after = kind_of(text), kind_of(words[i + 1].text) if i + 1 < len(words) else ""
    if kind == "number" and after == "text" and re.fullmatch(r"[（(]?\d{1,2}[)）.．]", text):
        return "text"
    return "text" if kind == "unit" and i and after == "text" and len(squeeze(words[i + 1].text)) == 1 else kind
