"""Sums that fail in print: which indicators they touch, and what these would be on the summed rows instead of the printed total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gongkai.forms import load_form
from gongkai.indicators.definitions import Indicator, Term, cells_of
from gongkai.indicators.wide import CODE, Codes, Flags, Floats, Frames, Wide

if TYPE_CHECKING:
    import pandas as pd

KEY = ["code", "table", "item", "measure"]
LIST_SUM = "statistics_total"
Key = tuple[str | None, ...]
Sides = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True)
class Failure:
    """One identity and the reports in which it fails: their rows, both sums, and whether other sums confirm its printed total."""

    form: str
    sides: Sides
    rows: Codes
    left: Floats
    right: Floats
    confirmed: Flags
    told: Sequence[tuple[str, str]]


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

    def take(self, failure: Failure, indicator: Indicator) -> None:
        """Note a failing sum, and put the other sum in place of a side that stands whole in numerator or denominator."""
        where = _touched(failure, indicator)
        for row, words in zip(failure.rows[where], (w for w, hit in zip(failure.told, where, strict=True) if hit), strict=True):
            self.told.setdefault(int(row), []).append(words)
        gap = failure.left - failure.right
        fresh = where & ~self.moved[failure.rows] & (gap == gap)
        plain, below = _cells(indicator.numerator, 1), _cells(indicator.denominator, 1)
        for sums, cells in ((self.bottom, below), (self.bottom, _stands_for(below, failure.form)), (self.top, plain)):
            left, right = (bool(side) and side <= cells for side in failure.sides)
            if left or right:
                sums[failure.rows[fresh]] += gap[fresh] * (1 if right else -1)
                self.moved[failure.rows[fresh]] = True
                return


def failures(frames: Frames, wide: Wide) -> list[Failure]:
    """Collect the identities that fail in print, each with the reports in which it does."""
    checks = frames.checks.assign(row=frames.rows(frames.checks["report_id"]))
    broken = checks[(checks["state"] == "broken") & (checks["row"] >= 0)]
    if broken.empty:
        return []
    broken = broken.assign(form=frames.reports["form"].to_numpy()[broken["row"]])
    held = checks[(checks["state"] == "holds") & checks["row"].isin(broken["row"])]
    holds = set(zip(held["row"], _keys(held), strict=True))
    words = _words(frames, set(broken["report_id"]))
    groups = broken.groupby(["form", *KEY], dropna=False, sort=False)
    return [_failure(group, wide, holds, words) for _, group in groups]


def withdraw(failing: Sequence[Failure], wide: Wide) -> None:
    """A blank in a sum that no value can save is no longer one that zero would not contradict."""
    for failure in failing:
        for column in (wide.column[cell] for cell in failure.sides[0] | failure.sides[1] if cell in wide.column):
            codes = wide.codes[failure.rows, column]
            codes[codes == CODE["not_contradicted"]] = CODE["blank"]
            wide.codes[failure.rows, column] = codes


def contradiction(indicator: Indicator, failing: Sequence[Failure], top: Floats, bottom: Floats) -> Contradiction:
    """Say what the failing sums do to one indicator."""
    found = Contradiction(top.copy(), bottom.copy(), np.zeros(len(top), bool))
    for failure in failing:
        found.take(failure, indicator)
    return found


def _failure(group: pd.DataFrame, wide: Wide, holds: set[Any], words: Mapping[Any, tuple[str, str]]) -> Failure:
    """Turn the rows of one identity of one edition into a failure; of an indicator list, those that fail in the column of the year."""
    form, key = str(group["form"].iloc[0]), next(iter(_keys(group)))
    known, listed = _identities(form), frozenset({f"{key[1]}/{key[2]}/year"})
    sides = known.get(key, (frozenset(), listed))
    if key not in known:
        total = wide.column.get(*listed)
        group = group[(wide.values[group["row"], total] == group["right"]) if total is not None else [False] * len(group)]
    others = [k for k, (one, other) in known.items() if k != key and len(sides[1]) == 1 and sides[1] <= one | other]
    confirmed = np.array([any((row, other) in holds for other in others) for row in group["row"]], bool)
    told = [words.get((row.report_id, *key), _plain(row)) for row in group.itertuples()]
    left, right = (group[side].to_numpy(float, na_value=np.nan) for side in ("left", "right"))
    return Failure(form, sides, group["row"].to_numpy(), left, right, confirmed, told)


def _touched(failure: Failure, indicator: Indicator) -> Flags:
    """A failing sum counts if it ties numerator to denominator, or if its total is an operand that no other sum confirms."""
    above, below = _cells(indicator.numerator), _cells(indicator.denominator)
    terms = failure.sides[0] | failure.sides[1]
    meant = below | _stands_for(_cells(indicator.denominator, 1), failure.form)
    tied = bool(terms & above and terms & meant) and len(terms & (above | meant)) > 1
    total = len(failure.sides[1]) == 1 and failure.sides[1] <= above | below
    return ~failure.confirmed & total | tied


@cache
def _stands_for(cells: frozenset[str], form: str) -> frozenset[str]:
    """Return the cells that must add up to the same: received and carried in stand for processed and carried out."""
    sides = [pair for pair in _identities(form).values() if cells in pair]
    return cells.union(*(side for pair in sides for side in pair))


def _cells(terms: Sequence[Term], sign: int = 0) -> frozenset[str]:
    return frozenset(cell for t in terms if sign in (0, t.sign) for path in t.paths for cell in cells_of(path))


@cache
def _identities(form: str) -> Mapping[Key, Sides]:
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


def _words(frames: Frames, report_ids: set[str]) -> Mapping[Any, tuple[str, str]]:
    """Return what the findings say of failing sums, in both languages."""
    own = frames.findings[frames.findings["report_id"].isin(report_ids)]
    return {(i, *key): (zh, en) for i, key, zh, en in zip(own["report_id"], _keys(own), own["message_zh"], own["message"], strict=True)}


def _plain(row: Any) -> tuple[str, str]:
    said = f"{row.code}: {row.left} ≠ {row.right}"
    return said, said
