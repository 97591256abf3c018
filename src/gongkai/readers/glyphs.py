"""Characters with positions -> lines of text as a reader sees them: overprints once, raised digits raised, look-alikes folded."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_RADICALS = str.maketrans(
    "⺁⺟⺠⻁⻄⻅⻆⻉⻋⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
    "厂母民虎西见角贝车長镸长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
)
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SAME_LINE = 0.5
_OVERPRINT = 0.3
_RAISED, _SMALL = 0.15, 0.8
_WORD_GAP, _LETTER_GAP = 0.25, 0.7


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
    texts = (" ".join(p.text for p in pieces_of(line)) for line in lines_of(glyphs))
    return "\n".join(t for t in texts if t)


def pieces_of(line: Sequence[Glyph], gap: float = 1e9) -> list[Piece]:
    """Part a line where it leaves more than ``gap`` times the size of its type."""
    size = Counter(g.size for g in line).most_common(1)[0][0]
    base = Counter(round(g.y, 1) for g in line if g.size == size).most_common(1)[0][0]
    pieces: list[Piece] = []
    words, start, last = "", 0.0, 0.0
    for glyph in line:
        text = _raised(glyph, base, size)
        if text.isspace() or not text:
            words += " " if words else ""
            continue
        if words and glyph.x0 - last > gap * size:
            pieces.append(Piece(" ".join(words.split()), start, last))
            words = ""
        elif words and _apart(words[-1], text, (glyph.x0 - last) / size):
            words += " "
        start = start if words else glyph.x0
        words, last = words + text, glyph.x1
    if words:
        pieces.append(Piece(" ".join(words.split()), start, last))
    return pieces


def _raised(glyph: Glyph, base: float, size: float) -> str:
    """A small digit above the base line is a note's sign; read as a digit it would make another number."""
    raised = glyph.size < _SMALL * size and base - glyph.y > _RAISED * size
    return glyph.text.translate(SUPERSCRIPTS) if raised else glyph.text


def _apart(before: str, after: str, gap: float) -> bool:
    """Say whether a gap between two characters parts words: Chinese is often spaced out, numbers are not."""
    return gap > (_WORD_GAP if before.isascii() and after.isascii() else _LETTER_GAP)
