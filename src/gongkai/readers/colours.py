"""Colours of ink and paper -> how text looks in them: text in the colour of what it stands on is seen by nobody."""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache

from gongkai.core.shown import Look

Colour = tuple[float, float, float]
BLACK, WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
# Differences of colour (0 to 1) from the paper: below the first text is invisible, below the second it is hardly visible.
_SAME, _NEAR = 0.05, 0.12


def colour(printed: str | None) -> Colour | None:
    """Read six hexadecimal digits, or eight that begin with how opaque the colour is.

    Examples
    --------
    >>> colour("FFFFFF"), colour("FF000000"), colour("auto")
    ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), None)
    """
    found = re.fullmatch(r"#?(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{6})", printed or "")
    if not found:
        return None
    red, green, blue = (int(found[1][i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def tinted(base: Colour, tint: float) -> Colour:
    """Lighten a colour by a share of what is missing to white; darken it where the share is negative."""
    hue, light, rich = colorsys.rgb_to_hls(*base)
    light = light * (1 + tint) if tint < 0 else light + (1 - light) * tint
    return colorsys.hls_to_rgb(hue, min(max(light, 0.0), 1.0), rich)


@lru_cache(maxsize=4096)
def look(ink: Colour | None, paper: Colour | None) -> Look | None:
    """Say how text looks, None where nobody sees it. Ink None is drawn so that it is seen; paper None is not known.

    Examples
    --------
    >>> look(WHITE, WHITE), look(WHITE, None), look(WHITE, (0.1, 0.1, 0.4)), look(None, WHITE)
    (None, <Look.DOUBTED: 'shown, unless what cannot be known hides them'>, <Look.SHOWN: 'plainly'>, <Look.SHOWN: 'plainly'>)
    """
    if ink is None:
        return Look.SHOWN
    # What stands on unknown paper is doubted where it would not be seen on white: dark ink is meant for light paper.
    apart = max(abs(a - b) for a, b in zip(ink, WHITE if paper is None else paper, strict=True))
    if apart > _NEAR:
        return Look.SHOWN
    return None if paper is not None and apart <= _SAME else Look.DOUBTED
