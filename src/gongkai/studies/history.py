"""A county's reports through the years: the tables that a corpus has, of this county alone, and from them one row a year."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gongkai import indicators
from gongkai.core.codes import State
from gongkai.core.schema import frame
from gongkai.forms import editions, load_form
from gongkai.report import Report

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class History:
    """The reports of one county, the oldest first, with every year from ``first`` to ``last``, whether there is a report or not.

    ``reports``, ``cells``, ``checks``, ``findings`` and ``figures`` are DataFrames as those of a corpus, with ``year`` beside; so
    :func:`gongkai.indicators.table` takes a history as it takes a corpus. A report that states no year is in none of them; what is
    found in it is in ``found``.

    Examples
    --------
    >>> import gongkai
    >>> history = History.of([gongkai.read_report("data/raw/qinxian-2019.txt")], 2018, 2020)
    >>> history.wide("applications", measure="total")["new_received"].to_list()
    [<NA>, 1, <NA>]
    """

    read: tuple[Report, ...]
    first: int
    last: int
    unread: frozenset[int] = frozenset()
    own: tuple[Report, ...] = ()

    @classmethod
    def of(cls, reports: Sequence[Report], first: int | None = None, last: int | None = None, unread: Collection[int] = ()) -> History:
        """Take the reports of a county, one a year: where two of a year state another scope, the one of the newest report's scope."""
        dated = sorted((r for r in reports if r.year is not None), key=lambda r: (r.year, r.scope == reports[-1].scope))
        read = tuple({r.year: r for r in dated}.values())
        known = [year for year in (*(r.year for r in read), *unread, first, last) if year is not None]
        return cls(read, min(known, default=0), max(known, default=-1), frozenset(unread), tuple(reports))

    @property
    def years(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def index(self) -> pd.Index[int]:
        """Every year, as the index of what has a row a year."""
        import pandas as pd

        return pd.Index(self.years, dtype="int64", name="year")

    @cached_property
    def forms(self) -> Mapping[int, str]:
        """The form of each year's report."""
        return {int(r.year or 0): r.form for r in self.read}

    @cached_property
    def found(self) -> pd.DataFrame:
        """The findings of all reports, also of those that state no year or stand beside another of their year."""
        return _together(self.own, "findings")

    @cached_property
    def simulated(self) -> bool:
        return any(r.simulated for r in self.read)

    @cached_property
    def reports(self) -> pd.DataFrame:
        import pandas as pd

        about = ("report_id", "form", "year", "division_code", "scope", "published", "body", "unit_id")
        return pd.DataFrame([{name: getattr(report, name) for name in about} for report in self.read], columns=about)

    @cached_property
    def cells(self) -> pd.DataFrame:
        return _together(self.read, "cells")

    @cached_property
    def checks(self) -> pd.DataFrame:
        return _together(self.read, "checks")

    @cached_property
    def findings(self) -> pd.DataFrame:
        return _together(self.read, "findings")

    @cached_property
    def figures(self) -> pd.DataFrame:
        return _together(self.read, "figures")

    def wide(self, table: str, item: str = "", measure: str = "", what: str = "value") -> pd.DataFrame:
        """Set out one column of a table of the form, or one row, by year.

        Parameters
        ----------
        table : str
            ``applications``, ``review`` or ``disclosure``.
        item, measure : str
            One of them: the row, whose cells become the columns, or the column, whose cells do.
        what : {"value", "status"}

        Returns
        -------
        DataFrame
            A row for every year, a column for each cell that any edition of the form has, in its order. NA where there is no value.
        """
        asked = (table, item, measure, what)
        if asked not in self._known:
            self._known[asked] = self._wide(*asked)
        return self._known[asked].copy()

    @cached_property
    def _known(self) -> dict[tuple[str, ...], pd.DataFrame]:
        """What has been set out before: a table, its figure and both languages ask for the same."""
        return {}

    def _wide(self, table: str, item: str, measure: str, what: str) -> pd.DataFrame:
        cells = self.cells
        own = cells[(cells["table"] == table) & (cells["measure" if measure else "item"] == (measure or item))]
        other = "item" if measure else "measure"
        codes = [getattr(f, other) for code in editions()[::-1] for f in load_form(code).fields if f.table == table]
        found = own.pivot(index="year", columns=other, values=what)
        whole = found.reindex(self.index, columns=list(dict.fromkeys(codes)))
        return _whole(whole.astype("Float64" if what == "value" else "str")).rename_axis(columns=None)

    def grouped(self, groups: Mapping[str, Sequence[str]], measure: str = "total") -> pd.DataFrame:
        """Add up rows of the table of applications: ``denied`` stands for all rows below it. One row without a value leaves no sum."""
        import pandas as pd

        sums = {int(r.year or 0): {name: _sum(r, codes, measure) for name, codes in groups.items()} for r in self.read}
        table = pd.DataFrame.from_dict(sums, "index", dtype="Float64", columns=[*groups])
        return _whole(table.reindex(self.index))

    @cached_property
    def rates(self) -> pd.DataFrame:
        """Every indicator of every year, also those that :func:`gongkai.indicators.table` gives only when asked."""
        return indicators.table(self, codes=[*indicators.indicators()])

    def indicator(self, code: str, what: str = "value") -> pd.Series[Any]:
        """Return one indicator by year."""
        rows = self.rates[self.rates["indicator"] == code]
        return _whole(rows.set_index("year")[[what]].reindex(self.index))[what].rename(code)

    def broken(self, code: str, measure: str = "total") -> set[int]:
        """Return the years in whose report an identity, such as ``results``, fails in print."""
        checks: Any = self.checks
        return {
            int(y) for y in checks[(checks["code"] == code) & (checks["measure"] == measure) & (checks["state"] == State.BROKEN)]["year"]
        }

    def joined(self, years: Collection[int]) -> list[list[int]]:
        """Part years into runs whose numbers may be joined by a line: no year is missing and no break lies between.

        Examples
        --------
        >>> History((), 2018, 2023).joined([2019, 2020, 2021, 2023])
        [[2019, 2020], [2021], [2023]]
        """
        starts = {entry["year"] for entry in indicators.breaks().values()}
        runs: list[list[int]] = []
        for year in sorted(years):
            if runs and runs[-1][-1] == year - 1 and year not in starts:
                runs[-1].append(year)
            else:
                runs.append([year])
        return runs


def extent(values: pd.Series[Any]) -> dict[str, Any]:
    """Say how many years have a value, which is the least and the greatest and of which year, and the newest.

    Returns
    -------
    dict
        ``n``, ``of``, ``first``, ``last``, ``least``, ``least_year``, ``most``, ``most_year``, ``newest``, ``newest_year``; without any
        value an empty one.

    Examples
    --------
    >>> import pandas as pd
    >>> extent(pd.Series([3, None, 5], index=[2019, 2020, 2021], dtype="Int64"))["most_year"]
    2021
    """
    known: Any = values.dropna()
    if known.empty:
        return {}
    low, high = known.astype(float).idxmin(), known.astype(float).idxmax()
    return {
        "n": len(known), "of": len(values), "first": int(values.index[0]), "last": int(values.index[-1]),
        "least": known[low], "least_year": int(low), "most": known[high], "most_year": int(high),
        "newest": known.iloc[-1], "newest_year": int(known.index[-1]),
    }  # fmt: skip


def apart(rows: pd.DataFrame, history: History) -> dict[str, int]:
    """Count the pairs of neighbouring years of one series whose intervals have nothing in common, and all such pairs.

    Parameters
    ----------
    rows : DataFrame
        Of one indicator, from :func:`gongkai.indicators.table`.
    """
    known: Any = rows.dropna(subset=["low", "high"]).set_index("year")
    pairs = [(a, b) for run in history.joined([int(y) for y in known.index]) for a, b in pairwise(run)]
    far = [known.loc[a, "low"] > known.loc[b, "high"] or known.loc[b, "low"] > known.loc[a, "high"] for a, b in pairs]
    return {"pairs": len(pairs), "apart": sum(map(bool, far))} if pairs else {}


def _together(reports: Sequence[Report], name: str) -> pd.DataFrame:
    """Set the same table of several reports one below the other, with the year of each row."""
    import pandas as pd

    parts: list[pd.DataFrame] = [getattr(report, name) for report in reports] or [frame(name, [])]
    whole = pd.concat(parts, ignore_index=True)
    years = {report.report_id: report.year for report in reports}
    return whole.assign(year=pd.array([years[i] for i in whole["report_id"]], dtype="Int64"))


def _sum(report: Report, codes: Sequence[str], measure: str) -> float | None:
    """Add up the rows that a report's own edition has under these codes."""
    fields = (f for f in report.edition.fields if (f.table, f.measure) == ("applications", measure))
    values = [report.reading(f.path).value for f in fields if any(f.item == code or f.item.startswith(f"{code}.") for code in codes)]
    return sum(v for v in values if v is not None) if values and None not in values else None


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Show as whole numbers the columns that hold nothing else."""
    numbers = [name for name in frame if str(frame[name].dtype) == "Float64" and bool((frame[name].dropna() % 1 == 0).all())]
    return frame.astype(dict.fromkeys(numbers, "Int64"))
