"""What is counted of a report instead of printed in it: blanks, broken sums, findings, days late, the gap to the year before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gongkai.core.codes import State, Status
from gongkai.core.deadlines import deadline
from gongkai.indicators.wide import CODE, Floats, Frames, Wide

if TYPE_CHECKING:
    import pandas as pd

CARRIED = ("applications/carried_out/total", "applications/carried_in/total")
NATIONAL_FORMS = ("disclosure", "applications", "review")


def with_counts(wide: Wide, frames: Frames) -> Wide:
    """Fill the columns ``report/group/name``; what cannot be known of a report is absent, with no value."""
    for path, column in wide.column.items():
        if path.startswith("report/"):
            _, group, name = path.split("/")
            values = _GROUPS[group](frames, wide, name)
            wide.values[:, column] = values
            wide.codes[:, column] = np.where(np.isnan(values), CODE[Status.ABSENT], CODE[Status.PRINTED])
    return wide


def _count_status(frames: Frames, wide: Wide, name: str) -> Floats:
    """Count the official cells with a status; ``present`` counts those that the document has at all."""
    status = frames.cells["status"]
    counted = (status != Status.ABSENT if name == "present" else status == name) & frames.cells["table"].isin(NATIONAL_FORMS)
    return _tally(frames, frames.cells["report_id"][counted])


def _count_findings(frames: Frames, wide: Wide, name: str) -> Floats:
    return _tally(frames, frames.findings["report_id"][frames.findings["code"] == name])


def _count_identities(frames: Frames, wide: Wide, name: str) -> Floats:
    """Count the identities in a state, or add up by how many cases the broken ones fail; unknown where a term is blank."""
    checks = frames.checks[frames.checks["state"] == (State.BROKEN if name == "gap" else name)]
    if name != "gap":
        return _tally(frames, checks["report_id"])
    return _tally(frames, checks["report_id"], (checks["left"] - checks["right"]).abs().to_numpy(float, na_value=np.nan))


def _between(frames: Frames, wide: Wide, name: str) -> Floats:
    return {"days_late": _days_late, "carry_over_gap": _carry_over_gap}[name](frames, wide)


def _days_late(frames: Frames, wide: Wide) -> Floats:
    """Days from the deadline to the date of publication, 0 in time; NaN where date, year or kind of body is not known."""
    import pandas as pd

    pairs = zip(frames.reports["body"].astype(object).where(frames.reports["body"].notna(), None), frames.reports["year"], strict=True)
    days = [None if pd.isna(year) else deadline(body, int(year)) for body, year in pairs]
    published, due = (pd.to_datetime(dates, errors="coerce") for dates in (frames.reports["published"], pd.Series(days, dtype="str")))
    late = (published.reset_index(drop=True) - due).dt.days
    return np.asarray(late.clip(lower=0), np.float64)


def _carry_over_gap(frames: Frames, wide: Wide) -> Floats:
    """Cases by which what is carried in differs from what the one report of the year before carried out."""
    keys = frames.reports[["division_code", "unit_id", "body", "scope", "year"]]
    out, taken = (keys.assign(cases=wide.values[:, wide.column[path]]) for path in CARRIED)
    once = out[~keys.duplicated(keep=False)].assign(year=lambda frame: frame["year"] + 1)
    both = taken.merge(once, on=list(keys), how="left", suffixes=("", "_before"))
    gap = (both["cases"] - both["cases_before"]).abs()
    return gap.where(both["division_code"].notna() & both["year"].notna()).to_numpy(float, na_value=np.nan)


def _given(frames: Frames, wide: Wide, name: str) -> Floats:
    """Numbers that the user has joined to ``reports``; ``residents_of_scope`` only where the report prints its scope."""
    import pandas as pd

    column = name.removesuffix("_of_scope")
    if column not in frames.reports:
        return np.full(len(frames.reports), np.nan)
    numbers = pd.to_numeric(frames.reports[column], errors="coerce").to_numpy(float, na_value=np.nan)
    return np.where(frames.reports["scope"].notna() | (column == name), numbers, np.nan)


def _tally(frames: Frames, report_ids: pd.Series, weights: Floats | None = None) -> Floats:
    rows = frames.rows(report_ids)
    kept = None if weights is None else weights[rows >= 0]
    return np.asarray(np.bincount(rows[rows >= 0], kept, minlength=len(frames.reports)), np.float64)


_GROUPS: Mapping[str, Callable[[Frames, Wide, str], Floats]] = {
    "statuses": _count_status, "findings": _count_findings, "identities": _count_identities, "between": _between, "given": _given,
}  # fmt: skip
