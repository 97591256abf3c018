"""Tidy tables -> the panel: one row for each division, scope and year, every official cell by its short name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.core.errors import UsageError
from gongkai.core.report_ids import as_report_id
from gongkai.corpus.settling import KEY, settle
from gongkai.forms import editions, load_form

if TYPE_CHECKING:
    import pandas as pd

ABOUT = [*KEY, "unit_id", "report_id", "form", "authority", "published", "simulated"]


@cache
def short_names() -> dict[tuple[str, str, str], str]:
    """Return the short name of every cell that an official form has or had, in the order of the forms.

    Examples
    --------
    >>> short_names()["applications", "granted", "total"]
    'app_granted_total'
    """
    return {f.key: f.short for code in reversed(editions()) for f in load_form(code).fields}


def panel(reports: pd.DataFrame, cells: pd.DataFrame, body: str | None, beside: pd.DataFrame | None, duplicates: str) -> pd.DataFrame:
    """Make the panel of tidy tables; see ``Corpus.panel``."""
    chosen, aside = settle(reports, body, duplicates, lambda ids: cells[cells["report_id"].isin(ids)])
    wide = chosen[ABOUT].merge(_wide(cells[cells["report_id"].isin(chosen["report_id"])]), on="report_id", how="left")
    if beside is not None:
        wide = wide.merge(_indicators(beside), on="report_id", how="left")
    wide = wide.sort_values(KEY, ignore_index=True)
    wide.attrs["set_aside"] = aside.to_dict("records")
    return wide


def _wide(cells: pd.DataFrame) -> pd.DataFrame:
    """Spread the cells of the official forms over columns: each its value, and its status beside it."""
    import numpy as np
    import pandas as pd

    names = short_names()
    place = {key: n for n, key in enumerate(names)}
    keys = pd.MultiIndex.from_frame(cells[["table", "item", "measure"]])
    column = pd.MultiIndex.from_tuples(list(place)).get_indexer(keys)
    official = cells[column >= 0]
    row, ids = pd.factorize(official["report_id"])
    values = np.full((len(ids), len(names)), np.nan)
    statuses = np.full((len(ids), len(names)), None, dtype=object)
    values[row, column[column >= 0]] = official["value"].to_numpy(dtype=float, na_value=np.nan)
    statuses[row, column[column >= 0]] = official["status"].to_numpy(dtype=object)
    columns: dict[str, Any] = {"report_id": pd.Series(ids, dtype="str")}
    for n, name in enumerate(names.values()):
        columns[name] = pd.array(values[:, n], dtype="Float64")
        columns[f"{name}_status"] = pd.array(statuses[:, n], dtype="str")
    return pd.DataFrame(columns)


def _indicators(beside: pd.DataFrame) -> pd.DataFrame:
    """Spread indicators over columns: each its value, its n and its status."""
    needed = ("report_id", "indicator", "value", "n", "status")
    if not set(needed) <= set(getattr(beside, "columns", ())):
        has = ", ".join(map(str, getattr(beside, "columns", [type(beside).__name__])))
        raise UsageError.of("panel.no_indicators", "beside", needed=", ".join(needed), has=has)
    known = beside.assign(report_id=beside["report_id"].map(as_report_id).astype("str"))
    wide = known.pivot(index="report_id", columns="indicator", values=["value", "n", "status"])
    order = list(dict.fromkeys(beside["indicator"]))
    named = {("value", i): i for i in order} | {("n", i): f"{i}_n" for i in order} | {("status", i): f"{i}_status" for i in order}
    flat = wide.set_axis([named[c] for c in wide.columns], axis=1)
    return flat[[named[kind, i] for i in order for kind in ("value", "n", "status")]].reset_index()
