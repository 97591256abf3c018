"""Which counties may be compared: those of one division and year with the same definitions; never a city with its own counties."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

from gongkai import indicators
from gongkai.core.codes import Body
from gongkai.core.schema import frame
from gongkai.corpus.settling import settle
from gongkai.inference import FEWEST
from gongkai.studies.units import FEWEST_PEERS, NAMED_BY, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from gongkai.corpus import Corpus
    from gongkai.report import Report

LEAD = ("full_grant_share", "refusal_share", "refusal_without_inquiries_share", "any_grant_share", "not_held_share")
GOVERNMENT = Body.GOVERNMENT
_NEEDED = ("cells", "checks", "findings")
_UNSTATED = ""


def compared(
    corpus: Corpus, parent: str = "", years: tuple[int, int] | None = None, codes: Sequence[str] = LEAD, table: str | None = None
) -> pd.DataFrame:
    """Compute indicators of the counties below a division, a report each for county and year.

    Parameters
    ----------
    corpus : Corpus
    parent : str
        Code of a province or prefecture, whole or its first digits (``"32"``, ``"3208"``, ``"320800"``); empty: all counties.
    years : (int, int), optional
        First and last.
    codes : sequence of str
        Indicators.
    table : str, optional
        The only table whose cells the indicators need; less is loaded.

    Returns
    -------
    DataFrame
        Rows of :func:`gongkai.indicators.table` with ``name``. Counties alone: what a city reports may contain its counties. Where reports
        state different scopes, those of the commonest scope, "not stated" being one. ``attrs["set_aside"]`` lists the others
        (``division_code``, ``year``, ``name``, ``why``: ``no_county`` or ``other_scope``).

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> rows = compared(read_corpus("data/raw"), years=(2024, 2024), codes=["refusal_share"])
    >>> rows[["division_code", "numerator", "denominator"]].values.tolist()
    [['320813', 3.0, 95.0]]
    """
    reports = corpus.select(years=years).reports
    inside = reports["division_code"].fillna("").str.startswith(digits(parent)) & reports["division_code"].notna()
    chosen, _ = settle(reports[inside], GOVERNMENT, cells_of=lambda ids: corpus.cells[corpus.cells["report_id"].isin(ids)])
    scope = chosen["scope"].fillna(_UNSTATED)
    city = chosen["division_code"].str.endswith("00")
    commonest = scope[~city].mode().head(1)
    why = city.map({True: "no_county", False: ""}).mask(~city & ~scope.isin(commonest), "other_scope")
    kept = chosen[why == ""]
    held = corpus.select(division_code=sorted({*kept["division_code"]}), years=years, table=table) if len(kept) else None
    frames = SimpleNamespace(reports=kept, **{name: getattr(held, name) if held else frame(name, []) for name in _NEEDED})
    rows = indicators.table(frames, codes=codes)
    about = chosen.assign(name=_county_names(chosen), why=why)
    rows["name"] = rows["report_id"].map(about.set_index("report_id")["name"])
    rows.attrs["set_aside"] = about.loc[why != "", ["division_code", "year", "name", "why"]].to_dict("records")
    return rows


def one_year(rows: pd.DataFrame, code: str, year: int) -> pd.DataFrame:
    """Return the counties that have a value of one share in one year: ``name``, ``numerator``, ``denominator``, by division code.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> one_year(compared(read_corpus("data/raw")), "refusal_share", 2024)["denominator"].to_dict()
    {'320813': 95.0}
    """
    valued = rows[(rows["indicator"] == code) & (rows["year"] == year) & rows["value"].notna()]
    return valued.set_index("division_code")[["name", "numerator", "denominator"]].sort_index()


def newest(rows: pd.DataFrame, last: int) -> int:
    """Return the newest year in which enough counties have a value to be compared; failing that any county; failing that the ``last``.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> newest(compared(read_corpus("data/raw")), 2025)
    2024
    """
    counts = rows[rows["value"].notna()].groupby("year")["division_code"].nunique()
    return int(max(counts[counts >= FEWEST].index, default=max(counts.index, default=last)))


def peers(corpus: Corpus, report: Report) -> tuple[str, pd.DataFrame]:
    """Return the rows of the other counties of a county's prefecture for the same year; of its province where those are too few.

    Returns
    -------
    tuple of str and DataFrame
        The code of what they have in common, and rows as :func:`compared` gives them, or none where fewer than five others are left.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> corpus = read_corpus("data/raw")
    >>> parent, rows = peers(corpus, corpus.read("r2f84655cf071"))
    >>> parent, len(rows)
    ('14', 0)
    """
    code, year = report.division_code or "", report.year
    if year is None or not code or code.endswith("00"):
        return code[:2], _none()
    known = corpus.select(years=(year, year)).reports["division_code"].dropna()
    near = known[known.str.startswith(code[:4]) & ~known.str.endswith("00")]
    parent = code[: 4 if near.nunique() > FEWEST_PEERS else 2]
    rows = compared(corpus, parent, (year, year), table="applications")
    rows = rows[(rows["division_code"] != code) & (rows["scope"].fillna(_UNSTATED) == (report.scope or _UNSTATED))]
    return parent, rows if rows["division_code"].nunique() >= FEWEST_PEERS else rows.iloc[:0]


def digits(parent: str) -> str:
    """Return the digits that the codes below a division begin with.

    Examples
    --------
    >>> digits("320000"), digits("3208"), digits("320813"), digits("")
    ('32', '3208', '320813', '')
    """
    return re.sub("(00)+$", "", parent)


def _county_names(reports: pd.DataFrame) -> list[str]:
    return [named(*about) for about in reports[[*NAMED_BY]].itertuples(index=False, name=None)]


def _none() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in {**indicators.COLUMNS, "name": "str"}.items()})
