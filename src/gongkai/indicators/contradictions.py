"""Sums that fail in print: which indicators they touch, and what these would be if the other side of the sum were right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gongkai.core.codes import State, Status
from gongkai.extract.lists.statistics import SUM as LIST_SUM
from gongkai.extract.lists.statistics import known_sums, sum_key
from gongkai.forms import load_form
from gongkai.indicators.definitions import Indicator, Term, cells_of
from gongkai.indicators.wide import CODE, Codes, Flags, Floats, Frames, Wide

if TYPE_CHECKING:
    import pandas as pd

KEY = ["code", "table", "item", "measure"]
Key = tuple[str | None, ...]
Sides = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True)
class FailedIdentity:
    """One identity and the reports in which it fails: the cells of both sides, their rows, both sums, and what the findings say."""

    form: str
    sides: Sides
    rows: Codes
    left: Floats
    right: Floats
    told: Sequence[tuple[str, str]]

    @property
    def cells(self) -> frozenset[str]:
        return self.sides[0] | self.sides[1]


class Shift(NamedTuple):
    """How many times the difference between both sides is added to numerator and denominator if one cell is corrected by it."""

    top: int
    bottom: int


@dataclass
class Contradiction:
    """What failing sums do to one indicator: the sums in words by row, and numerator and denominator with the other sum put in."""

    top: Floats
    bottom: Floats
    moved: Flags
    told: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def hit(self) -> Flags:
        return np.isin(np.arange(len(self.top)), list(self.told))

    def take(self, failure: FailedIdentity, indicator: Indicator, where: Flags) -> None:
        """Record a failing sum that has an operand as a term, and compute the indicator as the other side of the sum implies."""
        for row, words in zip(failure.rows[where], (w for w, hit in zip(failure.told, where, strict=True) if hit), strict=True):
            self.told.setdefault(int(row), []).append(words)
        gap = np.where(where, failure.left - failure.right, np.nan)
        for shift in _shifts(failure, indicator):
            top, bottom = self.top[failure.rows] + shift.top * gap, self.bottom[failure.rows] + shift.bottom * gap
            able = ~self.moved[failure.rows] & _possible(indicator, top, bottom)
            self.top[failure.rows[able]], self.bottom[failure.rows[able]] = top[able], bottom[able]
            self.moved[failure.rows[able]] = True


def failures(frames: Frames, wide: Wide) -> list[FailedIdentity]:
    """Collect the identities that fail in print, each with the reports in which it does."""
    checks = frames.checks.assign(row=frames.rows(frames.checks["report_id"]))
    broken = checks[(checks["state"] == State.BROKEN) & (checks["row"] >= 0)]
    if broken.empty:
        return []
    broken = broken.assign(form=frames.reports["form"].to_numpy()[broken["row"]])
    words = _finding_messages(frames, set(broken["report_id"]))
    groups = broken.groupby(["form", *KEY], dropna=False, sort=False)
    return [_failure(group, wide, words) for _, group in groups]


def withdraw(failing: Sequence[FailedIdentity], wide: Wide) -> None:
    """Withdraw the status ``not_contradicted`` from a blank in a sum that fails whatever value the blank has."""
    for failure in failing:
        for column in (wide.column[cell] for cell in failure.sides[0] | failure.sides[1] if cell in wide.column):
            codes = wide.codes[failure.rows, column]
            codes[codes == CODE["not_contradicted"]] = CODE[Status.BLANK]
            wide.codes[failure.rows, column] = codes


def contradiction(indicator: Indicator, failing: Sequence[FailedIdentity], wide: Wide, top: Floats, bottom: Floats) -> Contradiction:
    """Say what the failing sums do to one indicator: any that has one of its operands as a term makes it inconsistent."""
    found = Contradiction(top.copy(), bottom.copy(), np.zeros(len(top), bool))
    for failure in failing:
        where = np.zeros(len(failure.rows), bool)
        for term in indicator.terms:
            where |= wide.taken(term, failure.cells)[failure.rows]
        if where.any():
            found.take(failure, indicator, where)
    return found


def with_totals(operands: Sequence[str]) -> tuple[str, ...]:
    """Add to the operands of an indicator list the totals that they are parts of: a total tells which column its sum fails in."""
    parts = {sum_key(path.split("/")[1]): path for path in operands if path.startswith("statistics/")}
    names = (name for total, own, name in known_sums() if own & parts.keys())
    return (*operands, *(f"statistics/{name}/year" for name in names))


def _failure(group: pd.DataFrame, wide: Wide, words: Mapping[Any, tuple[str, str]]) -> FailedIdentity:
    """Turn the rows of one identity of one edition into a failure; of an indicator list, those that fail in the column of the year."""
    form, key = str(group["form"].iloc[0]), next(iter(_keys(group)))
    sides = _identities_by_key(form).get(key)
    if sides is None:
        sides = _list_sums(f"{key[1]}/{key[2]}/year", wide)
        total = wide.column.get(*sides[1])
        group = group[(wide.values[group["row"], total] == group["right"]) if total is not None else [False] * len(group)]
    told = [words.get((row.report_id, *key), _sum_as_text(row)) for row in group.itertuples()]
    left, right = (group[side].to_numpy(float, na_value=np.nan) for side in ("left", "right"))
    return FailedIdentity(form, sides, group["row"].to_numpy(), left, right, told)


def _list_sums(total: str, wide: Wide) -> Sides:
    """Return the sides of a sum of an indicator list: of its parts, those that any indicator is computed from."""
    parts = frozenset[str]().union(*(own for key, own, _ in known_sums() if key == sum_key(total.split("/")[1])))
    rows = (path for path in wide.column if path.startswith("statistics/"))
    return frozenset(path for path in rows if sum_key(path.split("/")[1]) in parts), frozenset({total})


def _shifts(failure: FailedIdentity, indicator: Indicator) -> Iterator[Shift]:
    """Yield the ways in which the other side of a failing sum can be right; the denominator is changed if possible, else the numerator.

    A single cell takes the whole difference: one that is in the denominator only, in both, or in the numerator only;
    a denominator that must add up to the same as a side of the sum (received and carried in, to processed and carried out) moves too.
    """
    above, below = _weights(() if indicator.kind == "concentration" else indicator.numerator), _weights(indicator.denominator)
    equal = dict.fromkeys(_stands_for(frozenset(below), failure.form) - below.keys(), 1)
    for cells in (below.keys() - above.keys(), equal.keys() - above.keys(), below.keys() & above.keys(), above.keys() - below.keys()):
        signs = {cell: -1 if cell in failure.sides[0] else 1 for cell in cells & failure.cells}
        ways = {Shift(sign * above.get(cell, 0), sign * {**equal, **below}.get(cell, 0)) for cell, sign in signs.items()}
        if len(ways) == 1:
            yield ways.pop()


def _possible(indicator: Indicator, top: Floats, bottom: Floats) -> Flags:
    """Say where numerator and denominator are such that an authority could have printed them."""
    able: Flags = (top >= 0) & (bottom > 0) & ((top <= bottom) | (indicator.kind != "share"))
    return able


def _weights(terms: Sequence[Term]) -> dict[str, int]:
    """Return the sign with which each cell is counted."""
    return {cell: term.sign for term in terms for path in term.paths for cell in cells_of(path)}


@cache
def _stands_for(cells: frozenset[str], form: str) -> frozenset[str]:
    """Return the cells of the other side of the balance: received plus carried in equals processed plus carried out."""
    sides = [pair for pair in _identities_by_key(form).values() if cells in pair]
    return cells.union(*(side for pair in sides for side in pair))


@cache
def _identities_by_key(form: str) -> Mapping[Key, Sides]:
    """Return the identities of an edition by the key that its checks carry: the paths of both sides."""
    return {
        (i.code, i.left[0].table, i.item, i.measure): (frozenset(f.path for f in i.left), frozenset(f.path for f in i.right))
        for i in load_form(form).identities
    }


def _keys(frame: pd.DataFrame) -> Iterator[Key]:
    """Yield the key of each row; the sums of a list do not name their column."""
    columns = [frame[name].astype(object).where(frame[name].notna(), None) for name in KEY]
    for code, table, item, measure in zip(*columns, strict=True):
        yield code, table, item, None if code == LIST_SUM else measure


def _finding_messages(frames: Frames, report_ids: set[str]) -> Mapping[Any, tuple[str, str]]:
    """Return what the findings say of failing sums, in both languages."""
    own = frames.findings[frames.findings["report_id"].isin(report_ids)]
    return {(i, *key): (zh, en) for i, key, zh, en in zip(own["report_id"], _keys(own), own["message_zh"], own["message"], strict=True)}


def _sum_as_text(row: Any) -> tuple[str, str]:
    said = f"{row.code}: {row.left} ≠ {row.right}"
    return said, said
