"""Characters with positions -> lines of text as a reader sees them: overprints once, raised digits raised, look-alikes folded."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

_RADICALS = str.maketrans(
    "⺁⺟⺠⻁⻄⻅⻆⻉⻋⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
    "厂母民虎西见角贝车長镸长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
)
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SAME_LINE = 0.5
_OVERPRINT = 0.3
_RAISED, _SMALL = 0.15, 0.8
_WORD_GAP, _LETTER_GAP, _MIXED, _OVERLAP = 0.25, 0.7, 0.3, -0.25


class Glyph(NamedTuple):
    """One printed character: ``x0``, ``x1`` and base line ``y`` (downwards) along its own line, ``cx`` and ``cy`` on the page.

    ``turn`` says how far its line is turned, in degrees clockwise.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    cx: float
    cy: float
    turn: int = 0


class Piece(NamedTuple):
    """A run of characters on one line that only wide gaps part from the others."""

    text: str
    x0: float
    x1: float
    run: tuple[Glyph, ...] = ()


@lru_cache(maxsize=8192)
def fold(char: str) -> str:
    """Turn radicals and compatibility forms, which only look like a character, into that character; superscripts stay.

    Examples
    --------
    >>> "".join(map(fold, "⾏⽆⼤⻓²①１"))
    '行无大长²①１'
    """
    code = ord(char)
    if 0x2F00 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF or 0xFE10 <= code <= 0xFE4F or 0x2F800 <= code <= 0x2FA1F:
        return unicodedata.normalize("NFKC", char)
    return char.translate(_RADICALS)


def lines_of(glyphs: Iterable[Glyph]) -> Iterator[list[Glyph]]:
    """Group characters into lines, each from left to right and without overprints; turned lines come after upright ones."""
    by_line = sorted(glyphs, key=lambda g: (g.turn, g.y))
    line: list[Glyph] = []
    for glyph in by_line:
        if line and (glyph.turn != line[0].turn or glyph.y - line[0].y > _SAME_LINE * max(glyph.size, line[0].size)):
            yield _once(line)
            line = []
        line.append(glyph)
    if line:
        yield _once(line)


def _once(line: list[Glyph]) -> list[Glyph]:
    """Keep one of the equal characters that are printed over each other, as bold type and shadows are made."""
    kept: list[Glyph] = []
    for glyph in sorted(line, key=lambda g: g.x0):
        if not any(k.text == glyph.text and glyph.x0 - k.x0 < _OVERPRINT * glyph.size for k in kept[-3:]):
            kept.append(glyph)
    return kept


def text_of(glyphs: Iterable[Glyph]) -> str:
    """Return the text of a cell, line by line."""
    texts = (piece_of(line).text for line in lines_of(glyphs))
    return "\n".join(t for t in texts if t)


def runs_of(line: Sequence[Glyph], gap: float) -> list[list[Glyph]]:
    """Part a line where it leaves more than ``gap`` times the size of its type, and more than is set between letters and Chinese."""
    runs: list[list[Glyph]] = []
    for glyph in (g for g in line if g.text.strip()):
        if runs and glyph.x0 - runs[-1][-1].x1 <= _set(runs[-1][-1], glyph, gap) * glyph.size:
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    return runs


def _set(before: Glyph, after: Glyph, gap: float) -> float:
    return max(gap, _MIXED) if before.text.isascii() != after.text.isascii() else gap


def piece_of(line: Sequence[Glyph]) -> Piece:
    """Return the text of a line, its words parted where it leaves room between them."""
    size = Counter(g.size for g in line).most_common(1)[0][0]
    base = Counter(round(g.y, 1) for g in line if g.size == size).most_common(1)[0][0]
    words, last = "", 0.0
    for glyph in line:
        text = _raised(glyph, base, size)
        if not text.strip():
            words += " "
            continue
        if words and _apart(words[-1], text, (glyph.x0 - last) / size):
            words += " "
        words, last = words + text, glyph.x1
    return Piece(" ".join(words.split()), line[0].x0, line[-1].x1, tuple(line))


def _raised(glyph: Glyph, base: float, size: float) -> str:
    """A small digit above the base line is a note's sign; read as a digit it would make another number."""
    raised = glyph.size < _SMALL * size and base - glyph.y > _RAISED * size
    return glyph.text.translate(SUPERSCRIPTS) if raised else glyph.text


def _apart(before: str, after: str, gap: float) -> bool:
    """Say whether a gap parts words, or one is printed over the other: Chinese is often spaced out, numbers are not."""
    room = _WORD_GAP if before.isascii() and after.isascii() else _LETTER_GAP
    return gap > room or (gap < _OVERLAP and before.isalnum() and after.isalnum())
