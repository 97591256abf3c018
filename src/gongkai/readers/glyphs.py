"""Characters with positions -> lines of text as a reader sees them: overprints once, note signs apart, look-alikes folded."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from gongkai.core.shown import Look, shown_text

_RADICALS = str.maketrans(
    "⺁⺟⺠⻁⻄⻅⻆⻉⻋⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
    "厂母民虎西见角贝车長镸长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
)
_SAME_LINE = 0.5
# Twins overlap almost wholly, neighbours set narrow do not; a figure is no wider than this, whatever its font says.
_OVERPRINT, _FIGURE = 0.5, 0.6
# A note's sign: type this small that stands this high, or type as large that stands higher; up to which height it is of the line.
_RAISED, _SMALL, _HIGH, _HIGHEST, _BESIDE = 0.15, 0.9, 0.25, 0.9, 0.35
_NOTES = frozenset("※†‡注〔〕［］（）【】①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
# Figures set apart evenly are one number; a line of figures that a narrow cell breaks leaves no room for another.
_EVEN, _SET_APART, _FEWEST, _ROOM = 0.15, 1.2, 3, 1.2
_WORD_GAP, _LETTER_GAP, _MIXED, _OVERLAP = 0.25, 0.7, 0.3, -0.25


class Glyph(NamedTuple):
    """One printed character: ``x0``, ``x1`` and base line ``y`` (downwards) along its own line, ``cx`` and ``cy`` on the page.

    ``turn`` says how far its line is turned, in degrees clockwise; ``look`` how it looks, ``instead``
    which figures it is typed over.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    cx: float
    cy: float
    turn: int = 0
    look: Look = Look.SHOWN
    instead: str = ""


class Piece(NamedTuple):
    """A run of characters on one line that only wide gaps part from the others; ``alternatives`` as those of a cell."""

    text: str
    x0: float
    x1: float
    run: tuple[Glyph, ...] = ()
    alternatives: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def fold_radicals(char: str) -> str:
    """Turn radicals and compatibility forms, which only look like a character, into that character; superscripts stay.

    Examples
    --------
    >>> "".join(map(fold_radicals, "⾏⽆⼤⻓²①１"))
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
        if not kept or glyph.x0 - kept[-1].x0 >= _OVERPRINT * glyph.size:
            kept.append(glyph)
            continue
        twin = next((i for i in range(max(len(kept) - 3, 0), len(kept)) if kept[i].text == glyph.text and _is_over(kept[i], glyph)), None)
        if twin is None:
            kept.append(glyph)
        elif kept[twin].look is not Look.SHOWN and glyph.look is Look.SHOWN:
            kept[twin] = glyph
    return kept


def _is_over(one: Glyph, other: Glyph) -> bool:
    wide = min(one.x1 - one.x0, other.x1 - other.x0) or other.size
    return other.x0 - one.x0 < _OVERPRINT * min(wide, _FIGURE * other.size if other.text.isascii() else wide)


def noted(glyphs: Iterable[Glyph]) -> Iterator[Glyph]:
    """Set the signs of notes back on the line of what they are written after, and say that they are raised."""
    before: Glyph | None = None
    raised: Glyph | None = None
    for glyph in glyphs:
        if before and glyph.y < before.y and _is_note(before, glyph) and (raised is None or raised.y == glyph.y):
            raised, glyph = glyph, glyph._replace(y=before.y, cx=glyph.cx, cy=before.cy, look=_noted(glyph))
        else:
            raised = None
        before = glyph
        yield glyph


def _is_note(before: Glyph, glyph: Glyph) -> bool:
    """Say whether a character stands right behind another, smaller and higher, or as large and yet higher."""
    if glyph.turn != before.turn or not -_BESIDE <= (glyph.x0 - before.x1) / before.size <= _BESIDE or not _is_sign(glyph.text):
        return False
    rise, size = (before.y - glyph.y) / before.size, glyph.size / before.size
    return _RAISED < rise <= _HIGHEST if size <= _SMALL or before.look is Look.RAISED else size < 1.1 and _HIGH < rise <= _SAME_LINE


def _is_sign(text: str) -> bool:
    return text.isascii() or text in _NOTES


def _noted(glyph: Glyph) -> Look:
    return Look.RAISED if glyph.look is Look.SHOWN else glyph.look


def shown_of(found: Iterable[list[Glyph]], width: float) -> tuple[str, tuple[str, ...]]:
    """Return the text of the lines of a cell of some width, and the other texts that it may mean."""
    lines = [line for line in found if any(g.text.strip() for g in line)]
    pieces: list[tuple[Look, str]] = []
    for n, line in enumerate(lines):
        pieces += [(Look.SHOWN, "" if _goes_on(lines[n - 1], line, width) else "\n")] if n else []
        pieces += looks_of(_closed_up(line))
    text, others = _shown(pieces)
    return text, others + _typed_over([g for line in lines for g in line])


def _typed_over(glyphs: Sequence[Glyph]) -> tuple[str, ...]:
    """Return the text that stands in a place where another was typed over it, if any does."""
    if all(g.instead in ("", g.text) for g in glyphs):
        return ()
    return ("".join(g.instead if g.text.isdigit() else g.text for g in glyphs if g.text.strip()),)


def _shown(pieces: list[tuple[Look, str]]) -> tuple[str, tuple[str, ...]]:
    if all(look is Look.SHOWN for look, _ in pieces):
        text = "".join(text for _, text in pieces)
        if "\n" not in text or not text.replace("\n", "").isdigit():
            return "\n".join(" ".join(t.split()) for t in text.split("\n") if t.strip()), ()
    return shown_text(pieces)


def _goes_on(above: Sequence[Glyph], line: Sequence[Glyph], width: float) -> bool:
    """Say whether a number goes on in the next line, since the cell is too narrow for it."""
    figures = all(g.text.isdigit() or g.text in ",." for g in (*above, *line) if g.text.strip())
    return figures and above[0].turn == line[0].turn and width - (above[-1].x1 - above[0].x0) <= _ROOM * above[-1].size


def _closed_up(line: list[Glyph]) -> list[Glyph]:
    """Close up the figures of a cell that stand apart evenly: they are one number that is spaced out."""
    figures = [g for g in line if g.text.strip()]
    gaps = [(b.x0 - a.x1) / b.size for a, b in pairwise(figures)]
    if len(figures) < _FEWEST or not all(g.text.isdigit() for g in figures) or min(gaps) <= _WORD_GAP:
        return line
    even = max(gaps) - min(gaps) <= _EVEN and max(gaps) <= _SET_APART
    return [a._replace(x1=b.x0) for a, b in pairwise(figures)] + figures[-1:] if even else line


def runs_of(line: Sequence[Glyph], gap: float, mixed: float = _MIXED) -> list[list[Glyph]]:
    """Part a line where it leaves more than ``gap`` times the size of its type, and than the ``mixed`` set between letters and Chinese."""
    runs: list[list[Glyph]] = []
    for glyph in (g for g in line if g.text.strip()):
        if runs and glyph.x0 - runs[-1][-1].x1 <= _set(runs[-1][-1], glyph, gap, mixed) * glyph.size:
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    return runs


def _set(before: Glyph, after: Glyph, gap: float, mixed: float) -> float:
    return max(gap, mixed) if before.text.isascii() != after.text.isascii() else gap


def piece_of(line: Sequence[Glyph]) -> Piece:
    """Return the text of a line, its words parted where it leaves room between them."""
    text, alternatives = _shown(looks_of(line))
    return Piece(text, line[0].x0, line[-1].x1, tuple(line), alternatives + _typed_over(line))


def looks_of(line: Sequence[Glyph]) -> list[tuple[Look, str]]:
    """Return the text of a line in pieces that look alike."""
    first = line[0]
    flat = all(g.y == first.y and g.size == first.size for g in line)
    base, size = (first.y, first.size) if flat else _base(line)
    pieces: list[tuple[Look, str]] = []
    words, at, before, last = "", first.look, "", 0.0
    for glyph in line:
        text = glyph.text
        look = glyph.look if flat else _look(glyph, base, size)
        if look is not at:
            pieces.append((at, words))
            words, at = "", look
        if not text.strip():
            words += " "
        else:
            if before.strip() and _apart(before, text, (glyph.x0 - last) / size):
                words += " "
            words, last = words + text, glyph.x1
        before = text
    return [*pieces, (at, words)]


def _base(line: Sequence[Glyph]) -> tuple[float, float]:
    """Return the base line of a line, and the size of its type: those of most of its large characters, the lower of equals."""
    large = _SMALL * max(g.size for g in line)
    (y, size), _ = max(Counter((round(g.y, 1), g.size) for g in line if g.size > large).items(), key=lambda c: (c[1], c[0][0]))
    return y, size


def _look(glyph: Glyph, base: float, size: float) -> Look:
    """A sign above or below the base line is a note's; read as a digit it would make another number."""
    off = abs(base - glyph.y) / size
    if off <= _RAISED or not _is_sign(glyph.text):
        return glyph.look
    return _noted(glyph) if glyph.size <= _SMALL * size or off > _HIGH else glyph.look


def _apart(before: str, after: str, gap: float) -> bool:
    """Say whether a gap parts words, or one is printed over the other: Chinese is often spaced out, numbers are not."""
    room = _WORD_GAP if before.isascii() and after.isascii() else _LETTER_GAP
    return gap > room or (gap < _OVERLAP and before.isalnum() and after.isalnum())
