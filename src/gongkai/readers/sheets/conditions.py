"""Conditional formats -> what cells show under them: a zero in white is shown to nobody."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gongkai.readers.sheets.layout import Shown
from gongkai.readers.sheets.places import Area, Place, area
from gongkai.readers.sheets.typeset import Differing
from gongkai.readers.zipped import OFF, attribute, child, children

if TYPE_CHECKING:
    from lxml.etree import _Element

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "equal": operator.eq, "notEqual": operator.ne, "lessThan": operator.lt, "greaterThan": operator.gt,
    "lessThanOrEqual": operator.le, "greaterThanOrEqual": operator.ge,
}  # fmt: skip


class ConditionalRule(NamedTuple):
    """How cells are set where their number compares so with another; without a comparison it cannot be told whether they are.

    A style of None shows a bar or a sign instead of the number.
    """

    areas: tuple[Area, ...]
    compare: Callable[[float, float], bool] | None
    bound: float
    style: Differing | None


def rules(page: _Element, styles: Sequence[Differing], differing: Callable[[_Element], Differing]) -> Iterator[ConditionalRule]:
    """Yield the conditions of a sheet, those of newer versions too, which hold their styles themselves."""
    for conditional in page.iter("{*}conditionalFormatting"):
        named = attribute(conditional, "sqref") or " ".join("".join(e.itertext()) for e in children(conditional, "sqref"))
        areas = tuple(filter(None, map(area, named.split())))
        for rule in children(conditional, "cfRule"):
            number, own = attribute(rule, "dxfId") or "", child(rule, "dxf")
            style = styles[int(number)] if number.isdecimal() and int(number) < len(styles) else differing(own) if own is not None else None
            bars = any(attribute(e, "showValue", "1") in OFF for e in rule)
            if bars or style is not None:
                formulas = ["".join(e.itertext()) for e in children(rule, "formula")]
                plain = len(formulas) == 1 and re.fullmatch(r"-?\d+(\.\d+)?", formulas[0]) and attribute(rule, "type") == "cellIs"
                compare = _COMPARE.get(attribute(rule, "operator") or "") if plain else None
                yield ConditionalRule(areas, compare, float(formulas[0]) if plain else 0.0, None if bars else style)


def under(
    conditions: Sequence[ConditionalRule], at: Place, value: float | None, usual: Shown, shown: Callable[[Differing], Shown]
) -> Shown:
    """Return what a cell shows under the conditions of its sheet; ``shown`` says what it shows when it is set otherwise."""
    text, others = usual
    for rule in conditions:
        if any(a <= at[0] <= c and b <= at[1] <= d for a, b, c, d in rule.areas):
            found = shown(rule.style) if rule.style is not None else ("", ())
            if rule.compare is None:
                others = (*others, *(t for t in (found[0], *found[1]) if t != text and t not in others))
            elif value is not None and rule.compare(value, rule.bound):
                return found
    return text, others
