"""Conditional formats -> which cells they hide: a zero in white is shown to nobody."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gongkai.readers.colours import look
from gongkai.readers.sheets.formats import sections
from gongkai.readers.sheets.layout import Shown
from gongkai.readers.sheets.places import Area, Place, area
from gongkai.readers.sheets.typeset import CellStyle
from gongkai.readers.zipped import OFF, attribute, children

if TYPE_CHECKING:
    from lxml.etree import _Element

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "equal": operator.eq, "notEqual": operator.ne, "lessThan": operator.lt, "greaterThan": operator.gt,
    "lessThanOrEqual": operator.le, "greaterThanOrEqual": operator.ge,
}  # fmt: skip


class ConditionalRule(NamedTuple):
    """Cells that are hidden where their number compares so with another; without a comparison it cannot be told."""

    areas: tuple[Area, ...]
    compare: Callable[[float, float], bool] | None
    bound: float


def rules(page: _Element, styles: Sequence[CellStyle]) -> Iterator[ConditionalRule]:
    """Yield the conditions of a sheet that hide what their cells hold."""
    for conditional in children(page, "conditionalFormatting"):
        areas = tuple(filter(None, map(area, (attribute(conditional, "sqref") or "").split())))
        for rule in children(conditional, "cfRule"):
            number = attribute(rule, "dxfId") or ""
            style = styles[int(number)] if number.isdigit() and int(number) < len(styles) else None
            bars = any(attribute(e, "showValue", "1") in OFF for e in rule)
            if bars or (style is not None and _hides(style)):
                formulas = ["".join(e.itertext()) for e in children(rule, "formula")]
                plain = len(formulas) == 1 and re.fullmatch(r"-?\d+(\.\d+)?", formulas[0]) and attribute(rule, "type") == "cellIs"
                compare = _COMPARE.get(attribute(rule, "operator") or "") if plain else None
                yield ConditionalRule(areas, compare, float(formulas[0]) if plain else 0.0)


def _hides(style: CellStyle) -> bool:
    """Say whether a style shows nothing of a number: in the colour of its paper, or by a format without places for digits."""
    kinds = {t.kind for s in sections(style.code) for t in s.tokens} if style.code else {"general"}
    return look(style.font.ink, style.paper) is None or not kinds & {"digit", "general", "date"}


def hidden_by(conditions: Sequence[ConditionalRule], place: Place, value: float | None, text: str, others: tuple[str, ...]) -> Shown:
    """Return what a cell shows under the conditions of its sheet."""
    for rule in conditions:
        if any(a <= place[0] <= c and b <= place[1] <= d for a, b, c, d in rule.areas):
            if rule.compare is None:
                return text, (*others, "")
            if value is not None and rule.compare(value, rule.bound):
                return "", ()
    return text, others
