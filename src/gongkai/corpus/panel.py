"""Tidy tables -> the panel: one row for each division, scope and year, every official cell by its short name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import Aside, Body
from gongkai.core.errors import UsageError
from gongkai.core.messages import LANGUAGES, Words, both, say
from gongkai.core.report_ids import as_report_id
from gongkai.core.schema import frame
from gongkai.forms import editions, load_form

if TYPE_CHECKING:
    import pandas as pd

KEY = ["division_code", "scope", "year"]
ABOUT = [*KEY, "unit_id", "report_id", "form", "authority", "published", "simulated"]
# What to do with reports of which none is known to be the later: refuse to make a panel, or leave them out and list them.
DUPLICATES = ("refuse", "set_aside")


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
    chosen, aside = settle(reports, body, duplicates)
    wide = chosen[ABOUT].merge(_wide(cells[cells["report_id"].isin(chosen["report_id"])]), on="report_id", how="left")
    if beside is not None:
        wide = wide.merge(_indicators(beside), on="report_id", how="left")
    wide = wide.sort_values(KEY, ignore_index=True)
    wide.attrs["set_aside"] = aside.to_dict("records")
    return wide


def settle(reports: pd.DataFrame, body: str | None, duplicates: str = DUPLICATES[0]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose one report for each division, scope and year, and list those set aside, each with its reason.

    Raises
    ------
    UsageError
        If two reports stand for one key, their dates do not say which is the later, and ``duplicates`` is not ``set_aside``.
    """
    import pandas as pd

    other = (reports["body"].fillna(Body.GOVERNMENT) != body) if body else pd.Series(False, reports.index)
    why = pd.Series(pd.NA, reports.index, dtype="object")
    for reason, holds in (
        (Aside.OTHER_BODY, other),
        (Aside.NO_YEAR, reports["year"].isna()),
        (Aside.NO_DIVISION, reports["division_code"].isna()),
    ):
        why = why.mask(holds, reason)
    why = why.mask(older_versions(reports[why.isna()]).reindex(reports.index, fill_value=False), Aside.SUPERSEDED)
    twice = reports[why.isna()].duplicated(KEY, keep=False)
    if twice.any() and duplicates == "refuse":
        raise _unsettled(reports[why.isna()][twice])
    why = why.mask(twice.reindex(reports.index, fill_value=False), Aside.DUPLICATE)
    return reports[why.isna()], _set_aside_table(reports[why.notna()], why[why.notna()])


def set_aside_words(aside: Sequence[Mapping[str, Any]], n: int) -> Words:
    """Say in both languages how many of n reports are not in the panel, by reason."""
    counts = Counter(row["why"] for row in aside)
    told = {
        language: say("corpus.comma", language).join(
            say("corpus.counted", language, why=say(f"why.{why}", language), n=times) for why, times in counts.most_common()
        )
        for language in LANGUAGES
    }
    return both("corpus.set_aside", n=n, aside=len(aside), counts=Words(**told))


def _set_aside_table(aside: pd.DataFrame, why: pd.Series[Any]) -> pd.DataFrame:
    """List the reports that stand aside, as their table has them."""
    known = aside[["report_id", "path", *KEY, "body"]].itertuples(index=False, name=None)
    rows = [(*own, reason, say(f"why.{reason}", "en"), say(f"why.{reason}", "zh")) for own, reason in zip(known, why, strict=True)]
    return frame("set_aside", rows)


def older_versions(reports: pd.DataFrame) -> pd.Series[bool]:
    """Say which reports another one for the same division, body, scope and year replaces: one that is known to be published later."""
    groups = reports.groupby([*KEY, reports["body"].fillna(Body.GOVERNMENT)], dropna=False)["published"]
    latest = groups.transform("max")
    known: pd.Series[bool] = reports["division_code"].notna() & reports["year"].notna() & latest.notna()
    return known & (reports["published"].fillna("") < latest.fillna(""))


def _unsettled(twice: pd.DataFrame) -> UsageError:
    lines = [f"{r.division_code} {r.year}: {r.path}" for r in twice.sort_values([*KEY, "path"]).itertuples()]
    shown = "; ".join(lines[:6]) + (f" … ({len(lines)})" if len(lines) > 6 else "")
    return UsageError.of("panel.unsettled", "panel", shown=shown)


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
