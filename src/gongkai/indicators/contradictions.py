"""Sums that fail in print: which indicators they touch, and what these would be on the summed rows instead of the printed total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.forms import load_form
from gongkai.indicators.entries import Indicator, Term, cells_of
from gongkai.indicators.wide import Frames, Wide

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

KEY = ["code", "table", "item", "measure"]
LIST_SUM = "statistics_total"
Key = tuple[str | None, ...]
Sides = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True)
class Failure:
    """One identity and the reports in which it fails: their rows, both sums, and whether other sums confirm its printed total."""

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
        import numpy as np

        return np.isin(np.arange(len(self.top)), list(self.told))

    def take(self, failure: Failure, indicator: Indicator) -> None:
        """Note a failing sum, and put the other sum in place of a side that stands whole in numerator or denominator."""
        where = _touched(failure, indicator)
        for row, words in zip(failure.rows[where], (w for w, hit in zip(failure.told, where, strict=True) if hit), strict=True):
            self.told.setdefault(int(row), []).append(words)
        gap = failure.left - failure.right
        fresh = where & ~self.moved[failure.rows] & (gap == gap)
        for sums, terms in ((self.bottom, indicator.denominator), (self.top, indicator.numerator)):
            left, right = (bool(side) and side <= _cells(terms, 1) for side in failure.sides)
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
    return [one for (form, *_), group in broken.groupby(["form", *KEY], dropna=False, sort=False) for one in _failures(form, group, wide, holds, words)]


def contradiction(indicator: Indicator, failing: Sequence[Failure], top: Floats, bottom: Floats) -> Contradiction:
    """Say what the failing sums do to one indicator."""
    import numpy as np

    found = Contradiction(top.copy(), bottom.copy(), np.zeros(len(top), bool))
    for failure in failing:
        found.take(failure, indicator)
    return found


def _failures(form: str, group: pd.DataFrame, wide: Wide, holds: set[Any], words: Mapping[Any, tuple[str, str]]) -> Iterator[Failure]:
    """Turn the rows of one identity into a failure, if the edition knows it."""
    import numpy as np

    key = next(iter(_keys(group)))
    sides = _identities(form).get(key) or _list_sum(key)
    left, right = (group[side].to_numpy(float, na_value=np.nan) for side in ("left", "right"))
    rows = group["row"].to_numpy()
    if sides[1] and key[0] == LIST_SUM:
        (total,) = sides[1]
        same = wide.values[rows, wide.column[total]] == right if total in wide.column else np.zeros(len(rows), bool)
        rows, left, right, group = rows[same], left[same], right[same], group[same]
    others = [k for k, (one, other) in _identities(form).items() if k != key and len(sides[1]) == 1 and sides[1] <= one | other]
    confirmed = np.array([any((row, other) in holds for other in others) for row in rows], bool)
    told = [words.get((row.report_id, *key), _plain(row)) for row in group.itertuples()]
    yield Failure(sides, rows, left, right, confirmed, told)


def _touched(failure: Failure, indicator: Indicator) -> Flags:
    """A failing sum counts if it ties numerator to denominator, or if its total is an operand that no other sum confirms."""
    cells = [_cells(terms) for terms in (indicator.numerator, indicator.denominator)]
    terms = failure.sides[0] | failure.sides[1]
    tied = all(terms & side for side in cells)
    total = len(failure.sides[1]) == 1 and failure.sides[1] <= cells[0] | cells[1]
    return ~failure.confirmed & total | tied


def _cells(terms: Sequence[Term], sign: int = 0) -> frozenset[str]:
    return frozenset(cell for t in terms if sign in (0, t.sign) for path in t.paths for cell in cells_of(path))


@cache
def _identities(form: str) -> Mapping[Key, Sides]:
    """Return the identities of an edition by the key that its checks carry: the paths of both sides."""
    return {
        (i.code, i.left[0].table, i.item, i.measure): (frozenset(f.path for f in i.left), frozenset(f.path for f in i.right))
        for i in load_form(form).identities
    }


def _list_sum(key: Key) -> Sides:
    """A sum that an indicator list spells out is known by its total alone."""
    return frozenset(), frozenset({f"{key[1]}/{key[2]}/year"} if key[0] == LIST_SUM else ())


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
