"""Counts and denominators of many counties, set side by side and checked once for all that compares counties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from gongkai.core.errors import UsageError
from gongkai.inference.words import FEW

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
        ``count``, ``n``, ``value`` (NA where there is nothing to divide by), and ``few``: fewer than 30 cases stand behind the value,
        so that a table or figure shows it in grey.

    Raises
    ------
    UsageError
        If a count is no part of its ``n``, or the two columns do not name the same counties.

    Examples
    --------
    >>> side_by_side({"a": 1, "b": 40}, {"a": 2, "b": 50})
       count     n  value    few
    a    1.0   2.0    0.5   True
    b   40.0  50.0    0.8  False
    """
    top, bottom = pd.Series(counts, dtype="Float64"), pd.Series(n, dtype="Float64")
    fits = kind in KINDS and top.index.equals(bottom.index) and top.index.is_unique
    unfit = (top < 0) | (bottom < 0) | (top != top.round()) | ((kind == "share") & (top > bottom)) if fits else top.isna()
    if not fits or unfit.any():
        found = ", ".join(map(str, unfit.index[unfit.fillna(False)])) or f"{kind}, {len(top)} / {len(bottom)}"
        raise UsageError(
            "inference",
            ("同一批县的整数 0 ≤ count ≤ n，每县一次，kind 为 share 或 rate",
             "whole numbers 0 <= count <= n for the same counties, each once, and kind share or rate"),
            (found, found), ("核对分子与分母", "check numerators and denominators"),
        )  # fmt: skip
    value = (top / bottom).mask(bottom == 0)
    behind = bottom if kind == "share" else top
    return pd.DataFrame({"count": top, "n": bottom, "value": value, "few": (behind < FEW).fillna(True).astype(bool)})


def beside(frame: pd.DataFrame, known: pd.Series[bool], columns: Mapping[str, Any], dtype: Any = "Float64") -> pd.DataFrame:
    """Add columns that only the known counties have; they are NA for the others.

    Examples
    --------
    >>> frame = side_by_side([1, 0], [2, 0])
    >>> beside(frame, frame["value"].notna(), {"low": [0.1]})["low"].tolist()
    [0.1, <NA>]
    """
    return frame.join(pd.DataFrame(columns, index=frame.index[known]).reindex(frame.index).astype(dtype))
