"""Tidy tables -> the panel: one row for each division, scope and year, every official cell by its short name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.core.errors import UsageError
from gongkai.forms import editions, load_form

if TYPE_CHECKING:
    import pandas as pd

KEY = ["division_code", "scope", "year"]
ABOUT = [*KEY, "unit_id", "report_id", "form", "authority", "published"]
_REASONS = {
    "no_division": ("没有行政区划代码", "its division is not known"),
    "no_year": ("没有年度", "its year is not known"),
    "other_body": ("不是所选机关类别的报告", "it is the report of another kind of body"),
    "superseded": ("同一年有发布更晚的一份", "another for the same year was published later"),
}


@cache
def short_names() -> dict[tuple[str, str, str], str]:
    """Return the short name of every cell that an official form has or had, in the order of the forms.

    Examples
    --------
    >>> short_names()["applications", "granted", "total"]
    'app_granted_total'
    """
    return {f.key: f.short for code in reversed(editions()) for f in load_form(code).fields}


def panel(reports: pd.DataFrame, cells: pd.DataFrame, body: str | None, beside: pd.DataFrame | None) -> pd.DataFrame:
    """Make the panel of tidy tables; see ``Corpus.panel``."""
    chosen, aside = settle(reports, body)
    wide = chosen[ABOUT].merge(_wide(cells[cells["report_id"].isin(chosen["report_id"])]), on="report_id", how="left")
    if beside is not None:
        wide = wide.merge(_indicators(beside), on="report_id", how="left")
    wide = wide.sort_values(KEY, ignore_index=True)
    wide.attrs["set_aside"] = aside.to_dict("records")
    return wide


def settle(reports: pd.DataFrame, body: str | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose one report for each division, scope and year, and list those set aside, each with its reason.

    Raises
    ------
    UsageError
        If two reports stand for one key and their dates do not say which is the later.
    """
    import pandas as pd

    other = (reports["body"].fillna("government") != body) if body else pd.Series(False, reports.index)
    why = pd.Series(pd.NA, reports.index, dtype="object")
    for reason, holds in (("other_body", other), ("no_year", reports["year"].isna()), ("no_division", reports["division_code"].isna())):
        why = why.mask(holds, reason)
    why = why.mask(older_versions(reports[why.isna()]).reindex(reports.index, fill_value=False), "superseded")
    chosen = reports[why.isna()]
    _refuse_duplicates(chosen)
    aside = reports.loc[why.notna(), ["report_id", "path", *KEY]].assign(why=why[why.notna()])
    return chosen, aside.assign(reason_zh=aside["why"].map(lambda w: _REASONS[w][0]), reason=aside["why"].map(lambda w: _REASONS[w][1]))


def older_versions(reports: pd.DataFrame) -> pd.Series[bool]:
    """Say which reports another one for the same division, body, scope and year replaces: one that is known to be published later."""
    groups = reports.groupby([*KEY, reports["body"].fillna("government")], dropna=False)["published"]
    latest = groups.transform("max")
    known: pd.Series[bool] = reports["division_code"].notna() & reports["year"].notna() & latest.notna()
    return known & (reports["published"].fillna("") < latest.fillna(""))


def _refuse_duplicates(chosen: pd.DataFrame) -> None:
    twice = chosen[chosen.duplicated(KEY, keep=False)]
    if len(twice):
        lines = [f"{r.division_code} {r.year}: {r.path}" for r in twice.sort_values([*KEY, "path"]).itertuples()]
        shown = "; ".join(lines[:6]) + (f" … ({len(lines)})" if len(lines) > 6 else "")
        raise UsageError(
            "panel", ("每个区划、口径、年度一份报告", "one report for each division, scope and year"), (shown, shown),
            ("在 manifest.csv 中以 scope、body、year 区分，或删去一份", "tell them apart by scope, body or year in manifest.csv"),
        )  # fmt: skip


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
    wide = beside.pivot(index="report_id", columns="indicator", values=["value", "n", "status"])
    order = list(dict.fromkeys(beside["indicator"]))
    named = {("value", i): i for i in order} | {("n", i): f"{i}_n" for i in order} | {("status", i): f"{i}_status" for i in order}
    flat = wide.set_axis([named[c] for c in wide.columns], axis=1)
    return flat[[named[kind, i] for i in order for kind in ("value", "n", "status")]].reset_index()
