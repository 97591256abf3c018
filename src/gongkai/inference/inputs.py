"""Counts and denominators of many counties as one table, checked in one place for all functions that compare counties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gongkai.core.errors import UsageError
from gongkai.inference.phrases import FEW, FEWEST

Array: TypeAlias = NDArray[np.float64]
Column: TypeAlias = "Sequence[float] | Mapping[str, float] | pd.Series[float]"
KINDS = ("share", "rate")


def side_by_side(counts: Column, n: Column, kind: str = "share") -> pd.DataFrame:
    """Set counts beside what they are counted out of (``share``) or over (``rate``).

    Parameters
    ----------
    counts, n : sequence, mapping or Series
        One number for each county, in the same order or under the same names; NA where a county has none.
    kind : {"share", "rate"}
        Whether ``counts`` are parts of ``n``, or cases over an exposure.

    Returns
    -------
    DataFrame
        ``count``, ``n``, ``value`` (NA where there is nothing to divide by), ``few``: fewer than 30 cases stand behind the value,
        so that a table or figure shows it in grey; and ``why``: why nothing is said of the county beside the others: ``no_cases``, or
        ``few_counties`` where fewer than five counties have a value, else empty.

    Raises
    ------
    UsageError
        If a count is no part of its ``n``, or the two columns do not name the same counties.

    Examples
    --------
    >>> side_by_side({"a": 1, "b": 40}, {"a": 2, "b": 50})
       count     n  value    few           why
    a    1.0   2.0    0.5   True  few_counties
    b   40.0  50.0    0.8  False  few_counties
    """
    top, bottom = pd.Series(counts, dtype="Float64"), pd.Series(n, dtype="Float64")
    fits = kind in KINDS and top.index.equals(bottom.index) and top.index.is_unique
    unfit = (top < 0) | (bottom < 0) | (top != top.round()) | ((kind == "share") & (top > bottom)) if fits else top.isna()
    if not fits or unfit.any():
        found = ", ".join(map(str, unfit.index[unfit.fillna(False)])) or f"{kind}, {len(top)} / {len(bottom)}"
        raise UsageError.of("inference.pairs", "inference", found=found)
    value = (top / bottom).mask(bottom == 0)
    behind, enough = bottom if kind == "share" else top, value.notna().sum() >= FEWEST
    why = pd.Series("" if enough else "few_counties", top.index, dtype="str").mask(value.isna(), "no_cases")
    return pd.DataFrame({"count": top, "n": bottom, "value": value, "few": (behind < FEW).fillna(True).astype(bool), "why": why})


def numbers(frame: pd.DataFrame, deff: float = 1) -> tuple[pd.Series[bool], Array, Array]:
    """Return which counties may be set beside each other, and their counts and denominators, both divided by a design effect.

    Examples
    --------
    >>> numbers(side_by_side([1, 2, 3, 4, 0], [5, 5, 5, 5, 5]))[1].tolist(), len(numbers(side_by_side([1, 2], [5, 5]))[1])
    ([1.0, 2.0, 3.0, 4.0, 0.0], 0)
    """
    known = frame["why"] == ""
    k, n = (frame.loc[known, name].to_numpy(dtype=float) / deff for name in ("count", "n"))
    return known, k, n


def of_whole(k: Array, n: Array) -> tuple[Array, Array]:
    """Round denominators to whole numbers of answers, at least one, and keep the shares: what is to be expected is counted in whole cases.

    Examples
    --------
    >>> [column.tolist() for column in of_whole(np.array([3.2, 0.1, 4]), np.array([6.4, 0.2, 8]))]
    [[3.0, 0.5, 4.0], [6.0, 1.0, 8.0]]
    """
    whole = np.maximum(n.round(), 1)
    return np.where(whole == n, k, k / n * whole), whole


def beside(frame: pd.DataFrame, known: pd.Series[bool], columns: Mapping[str, Any], dtype: Any = "Float64") -> pd.DataFrame:
    """Add columns that only the known counties have; they are NA for the others.

    Examples
    --------
    >>> frame = side_by_side([1, 0], [2, 0])
    >>> beside(frame, frame["value"].notna(), {"low": [0.1]})["low"].tolist()
    [0.1, <NA>]
    """
    return frame.join(pd.DataFrame(columns, index=frame.index[known]).reindex(frame.index).astype(dtype))
