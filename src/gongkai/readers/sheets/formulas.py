"""Formulas and the numbers stored with them -> which of these numbers were never calculated: the file holds a 0 that no reader sees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple

from gongkai.readers.sheets.places import REFERENCE, Area, Place, area

# Sums of cells and numbers, and nothing that could come to 0 without being 0.
_SUM = re.compile(r"=\+?(?:SUM\([$A-Z0-9:,. ]+\)|[$A-Z0-9.]+)(?:\+(?:SUM\([$A-Z0-9:,. ]+\)|[$A-Z0-9.]+))*", re.I)
_TERM = re.compile(rf"({REFERENCE}(?::{REFERENCE})?)|(\d+(?:\.\d+)?)")
# Five times the number of cells of a form. Beyond it sums are not followed; a 0 is doubted if the file was never calculated.
_MOST = 1000
# Terms that are compared with cells: some seconds. A form has 30,000.
_MOST_COMPARED = 20_000_000


class Formula(NamedTuple):
    """What a cell holds: its formula, none where it is a plain number, and the number stored."""

    code: str
    value: float | None


def doubted(cells: Mapping[Place, Formula], uncalculated: bool) -> frozenset[Place]:
    """Return the cells whose stored 0 cannot be believed: by what they add up, or since the file says that nothing was calculated.

    Examples
    --------
    >>> cells = {(0, 0): Formula("", 5.0), (0, 1): Formula("=SUM(A1:A9)", 0.0), (0, 2): Formula("=B1", 0.0), (0, 3): Formula("=D9", 0.0)}
    >>> sorted(doubted(cells, False)), sorted(doubted(cells, True))
    ([(0, 1), (0, 2)], [(0, 1), (0, 2)])
    """
    zeros = {place: cell.code for place, cell in cells.items() if cell.code and cell.value == 0}
    if len(zeros) > _MOST:
        return frozenset(zeros) if uncalculated else frozenset()
    sums = {place: tuple(_terms(code)) for place, code in zeros.items() if _SUM.fullmatch(code)}
    if len(cells) * sum(map(len, sums.values())) > _MOST_COMPARED:
        return frozenset(zeros) if uncalculated else frozenset()
    found = {place for place in zeros if uncalculated and place not in sums}
    held = {place for place, cell in cells.items() if cell.value} | found
    while more := {place for place, terms in sums.items() if place not in found and any(_is_held(t, held) for t in terms)}:
        found |= more
        held = more
    return frozenset(found)


Term = Area | float


def _terms(code: str) -> Iterator[Term]:
    """Yield what a sum adds up: numbers, and ranges as (top, left, bottom, right)."""
    for reference, number in _TERM.findall(code.upper()):
        found = area(reference) if reference else None
        if found or number:
            yield found or float(number)


def _is_held(term: Term, held: Set[Place]) -> bool:
    """Say whether a term is more than nothing."""
    if isinstance(term, float):
        return term != 0
    top, left, bottom, right = term
    return (top, left) in held if (top, left) == (bottom, right) else any(top <= r <= bottom and left <= c <= right for r, c in held)
