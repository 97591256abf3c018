"""Tidy tables -> the panel: one row for each division, scope and year, every official cell by its short name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import Body
from gongkai.core.errors import UsageError
from gongkai.core.report_ids import as_report_id
from gongkai.corpus.settling import KEY, settle
from gongkai.forms import editions, load_form
from gongkai.places import level_of, name_of, parents, romanised

if TYPE_CHECKING:
    import pandas as pd

ABOUT = [*KEY, "unit_id", "report_id", "form", "authority", "published", "simulated"]
LEVELS = ("province", "prefecture", "county")
# Columns that no table of a corpus has, with their types; ``messages.toml`` says what they mean.
IN_ENGLISH = tuple(f"{level}_en" for level in LEVELS)
ADDED = {"panel_id": "Int64", **dict.fromkeys((*LEVELS, *IN_ENGLISH), "str")}
# The digits of a scope in ``panel_id``; one that is not printed is 0.
_SCOPES = {"organ": 1, "government": 2, "area": 3}


@cache
def short_names() -> dict[tuple[str, str, str], str]:
    """Return the short name of every cell that an official form has or had, in the order of the forms.

    Examples
    --------
    >>> short_names()["applications", "granted", "total"]
    'app_granted_total'
    """
    return {f.key: f.short for code in reversed(editions()) for f in load_form(code).fields}


def panel(reports: pd.DataFrame, cells: pd.DataFrame, body: str | None, indicators: pd.DataFrame | None, duplicates: str) -> pd.DataFrame:
    """Make the panel of tidy tables; see ``Corpus.panel``."""
    import pandas as pd

    chosen, aside = settle(reports, body, duplicates, lambda ids: cells[cells["report_id"].isin(ids)])
    about = pd.concat([chosen[ABOUT], _panel_ids(chosen), _names(chosen)], axis=1)
    wide = about.merge(_wide(cells[cells["report_id"].isin(chosen["report_id"])]), on="report_id", how="left")
    if indicators is not None:
        wide = wide.merge(_spread(indicators), on="report_id", how="left")
    wide = wide.sort_values(KEY, ignore_index=True)
    wide.attrs["set_aside"] = aside.to_dict("records")
    return wide


def place_names(code: str, year: int | None) -> dict[str, str | None]:
    """Return the names of a division and of those above it, as they were at the end of a year, by level; None where there is none.

    Examples
    --------
    >>> place_names("320803", 2010), place_names("110101", 2020)["prefecture"], place_names("140000", 2020)["county"]
    ({'province': '江苏省', 'prefecture': '淮安市', 'county': '楚州区'}, None, None)
    """
    six = code[:6]
    held = {level_of(one): name_of(one, year) for one in (*parents(six), six)}
    return {level: held.get(level) for level in LEVELS}


def _names(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the names of the places of some reports, in Chinese and in Latin letters, in the reports' order."""
    import pandas as pd

    known = zip(reports["division_code"], reports["year"], strict=True)
    rows = [place_names(code, int(year)) for code, year in known]
    both = [{**row, **{f"{level}_en": romanised(name) for level, name in row.items()}} for row in rows]
    return pd.DataFrame(both, index=reports.index, columns=[*LEVELS, *IN_ENGLISH]).astype("str")


def _panel_ids(reports: pd.DataFrame) -> pd.Series[int]:
    """Number the series of a panel: the digits of the unit, one of the scope, and three that tell bodies of one unit apart.

    The three are 000 for a government, so that its number is the same in every corpus; the others are numbered by name within a panel.
    """
    import pandas as pd

    named = reports["authority"].fillna(reports["report_id"]).where(reports["body"].notna(), reports["report_id"])
    who = (reports["body"].fillna("") + "\t" + named).mask(reports["body"] == Body.GOVERNMENT, "")
    series = reports["unit_id"].astype("str") + reports["scope"].map(_SCOPES).fillna(0).astype(int).astype("str")
    others = who[who != ""].groupby(series[who != ""]).rank(method="dense").reindex(reports.index).fillna(0)
    digits = series + others.astype(int).astype("str").str.zfill(3)
    return pd.to_numeric(digits, errors="coerce").astype("Int64").rename("panel_id")


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


def _spread(indicators: pd.DataFrame) -> pd.DataFrame:
    """Spread indicators over columns: each its value, its n and its status."""
    needed = ("report_id", "indicator", "value", "n", "status")
    if not set(needed) <= set(getattr(indicators, "columns", ())):
        has = ", ".join(map(str, getattr(indicators, "columns", [type(indicators).__name__])))
        raise UsageError.of("panel.no_indicators", "indicators", needed=", ".join(needed), has=has)
    known = indicators.assign(report_id=indicators["report_id"].map(as_report_id).astype("str"))
    wide = known.pivot(index="report_id", columns="indicator", values=["value", "n", "status"])
    order = list(dict.fromkeys(indicators["indicator"]))
    named = {("value", i): i for i in order} | {("n", i): f"{i}_n" for i in order} | {("status", i): f"{i}_status" for i in order}
    types = {"value": "Float64", "n": "Float64", "status": "str"}  # the exposure of a rate may be no whole number
    flat = wide.set_axis([named[c] for c in wide.columns], axis=1).astype({named[c]: types[c[0]] for c in wide.columns})
    return flat[[named[kind, i] for i in order for kind in ("value", "n", "status")]].reset_index()
