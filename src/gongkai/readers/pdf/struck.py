"""Lines on a page -> which characters they strike out, and which of the lines are rules of tables."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from gongkai.core.shown import Look
from gongkai.readers.glyphs import Glyph
from gongkai.readers.pdf.lattice import Rule, joined

# How high above the base line a line strikes type out, in its size: a line below it is an underline, one above it a border.
_LOW, _HIGH = 0.12, 0.6
# How far a line may reach beyond what it strikes out; one that reaches further may be a rule that the type was set over.
_BEYOND = 1.0
# The middle of a figure, as parts of its size: what crosses it was drawn through the figure, and through those near to the line.
_CORE, _NEAR, _MIDDLE = 0.15, 0.6, 0.35

# A line so many times as wide as it is high is flat; one as high as this part of a figure marks it and does not strike it out.
_FLAT, _BROAD = 4.0, 0.45

Line = tuple[float, float, float, float]


def struck(glyphs: Sequence[Glyph], across: Sequence[Rule], slanted: Sequence[Line]) -> tuple[list[Glyph], list[Rule]]:
    """Return the characters, those struck out or perhaps struck out marked, and the rules without the lines that strike out.

    Examples
    --------
    >>> figures = [Glyph(c, 10 + 5 * i, 15 + 5 * i, 50, 10, 12.5 + 5 * i, 46.5) for i, c in enumerate("12")]
    >>> [[g.look.name for g in struck(figures, [Rule(at, 0 if wide else 10, 90 if wide else 20)], ())[0]]
    ...  for at, wide in ((47, False), (51, False), (47, True))]
    [['STRUCK', 'STRUCK'], ['SHOWN', 'SHOWN'], ['DOUBTED', 'DOUBTED']]
    """
    found, rules = list(glyphs), list(across)
    upright = sorted((g.y, i) for i, g in enumerate(glyphs) if g.turn == 0 and g.text.strip())
    tallest = max((g.size for g in glyphs), default=0.0)
    if any(_met(rule, found, upright, tallest) for rule in rules):
        for line in joined(across, 0.0):
            rules = _strike(line, found, rules, _met(line, found, upright, tallest))
    for through in slanted:
        near = [i for i, g in enumerate(found) if g.text.isdigit() and _crosses(through, g, _NEAR)]
        if any(_crosses(through, found[i], _CORE) for i in near):
            for i in near:
                found[i] = found[i]._replace(look=Look.DOUBTED)
    return found, rules


def _met(rule: Rule, glyphs: Sequence[Glyph], upright: Sequence[tuple[float, int]], tallest: float) -> list[int]:
    """Return the characters through whose middle a line runs."""
    first = bisect_left(upright, (rule.at + _LOW * 1.0, 0))
    last = bisect_right(upright, (rule.at + _HIGH * tallest, len(glyphs)))
    met = (i for _, i in upright[first:last])
    return [
        i for i in met
        if rule.start <= (glyphs[i].x0 + glyphs[i].x1) / 2 <= rule.end
        and _LOW * glyphs[i].size <= glyphs[i].y - rule.at <= _HIGH * glyphs[i].size
    ]  # fmt: skip


def _strike(line: Rule, glyphs: list[Glyph], rules: list[Rule], met: Iterable[int]) -> list[Rule]:
    """Mark what a line strikes out, and leave the line out of the rules; one that reaches further stays, and what it meets is doubtful."""
    through = list(met)
    if not through:
        return rules
    beyond = _BEYOND * max(glyphs[i].size for i in through)
    left, right = min(glyphs[i].x0 for i in through), max(glyphs[i].x1 for i in through)
    own = left - line.start <= beyond and line.end - right <= beyond
    for i in through:
        if own or glyphs[i].text.isdigit():
            glyphs[i] = glyphs[i]._replace(look=Look.STRUCK if own else Look.DOUBTED)
    return [r for r in rules if not (own and abs(r.at - line.at) < 0.5 and line.start <= r.start and r.end <= line.end)]


def _crosses(line: Line, glyph: Glyph, within: float) -> bool:
    """Say whether a slanted line or a flat band runs through a figure, no further from its middle than a part of its size."""
    (xa, ya), (xb, yb) = sorted((line[:2], line[2:]))
    x, y = (glyph.x0 + glyph.x1) / 2, glyph.y - _MIDDLE * glyph.size
    if not xa <= x <= xb:
        return False
    high = abs(yb - ya)
    flat = high * _FLAT < xb - xa
    at = (ya + yb) / 2 if flat else ya + (yb - ya) * (x - xa) / (xb - xa)
    return abs(at - y) <= within * glyph.size and (not flat or high < _BROAD * glyph.size)
