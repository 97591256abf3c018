"""What files call the cells of a sheet (C12, $A$1:B9) -> row and column from 0."""

from __future__ import annotations

import re
from functools import lru_cache

Place = tuple[int, int]
# Top, left, bottom, right.
Area = tuple[int, int, int, int]
WIDEST, LOWEST = 16_384, 1_048_576
REFERENCE = r"\$?[A-Z]{1,3}\$?[0-9]{1,7}"
_PARTS = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


@lru_cache(maxsize=65536)
def place(reference: str) -> Place | None:
    """Turn the name of a cell into row and column; None where it is none.

    Examples
    --------
    >>> place("C12"), place("$XFD$1"), place("?")
    ((11, 2), (0, 16383), None)
    """
    found = _PARTS.fullmatch(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return min(max(int(found[2]), 1), LOWEST) - 1, min(column, WIDEST) - 1


def area(reference: str) -> Area | None:
    """Turn the name of a cell, or of a rectangle of cells, into its sides.

    Examples
    --------
    >>> area("B2"), area("$D$3:B2")
    ((1, 1, 1, 1), (1, 1, 2, 3))
    """
    start, _, end = reference.partition(":")
    first, last = place(start), place(end or start)
    if first is None or last is None:
        return None
    return min(first[0], last[0]), min(first[1], last[1]), max(first[0], last[0]), max(first[1], last[1])
