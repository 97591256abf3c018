"""Join a user's table to a panel across changes of division codes: recoded divisions are matched, split or merged ones never."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gongkai.core.errors import UsageError
from gongkai.core.messages import listed
from gongkai.core.model import brief
from gongkai.places.table import Change, breaks, in_force, name_of, unit_id

if TYPE_CHECKING:
    import pandas as pd

_MOST_SHOWN = 10


@dataclass(frozen=True)
class Merged:
    """Every row of the frame with the table's columns, and what found no partner on either side, with ``reason`` and ``break``.

    ``reason`` is ``no_row`` (nothing to join), ``break`` (a merge, split or new division lies between the two years) or
    ``other_vintage`` (the table's code was not in force about the year stated).
    """

    frame: pd.DataFrame
    unmatched_left: pd.DataFrame
    unmatched_right: pd.DataFrame

    __repr__ = brief


def merge(frame: pd.DataFrame, table: pd.DataFrame, on: str = "division_code", year: str = "year", *, vintage: int) -> Merged:
    """Join a table to a frame by division, whatever codes the two use.

    Parameters
    ----------
    frame : DataFrame
        One row for each report; it never gains or loses one.
    table : DataFrame
        The user's own columns by division code, and by year where it has that column.
    on, year : str
        The columns with the division code and the year; without a year, a unit with any break is not joined.
    vintage : int
        The year whose codes the table uses.

    Returns
    -------
    Merged

    Raises
    ------
    UsageError
        If a column is missing, or the table has two rows for one division (and year).

    Examples
    --------
    >>> import pandas as pd
    >>> panel = pd.DataFrame({"division_code": ["140421", "330110"], "year": [2016, 2016]})
    >>> people = pd.DataFrame({"division_code": ["140404", "330110"], "people": [33, 134]})
    >>> joined = merge(panel, people, vintage=2022)
    >>> joined.frame["people"].tolist()
    [33.0, nan]
    >>> joined.unmatched_left[["division_code", "reason", "break"]].values.tolist()
    [['330110', 'break', '2021 split 330110 -> 330110;330113']]
    """
    import pandas as pd

    _need(on, frame, table)
    vintage = _of_years(vintage)
    by_year = year in frame.columns and year in table.columns
    left, right = _keys(frame, on, year, by_year), _keys(table, on, year, by_year)
    late = ["other_vintage" if name_of(c) and not in_force(c, vintage) else "" for c in map(_code, table[on])]
    at = {key: i for i, (key, reason) in enumerate(zip(right, late, strict=True)) if not reason}
    _refuse_doubles([key for key, reason in zip(right, late, strict=True) if not reason])
    years = frame[year] if year in frame.columns else [None] * len(frame)
    crossed = [_crossed(code, y, vintage) for code, y in zip(map(_code, frame[on]), years, strict=True)]
    found = [-1 if b else at.get(key, -1) for key, b in zip(left, crossed, strict=True)]
    added = table.drop(columns=[on, year] if by_year else on).reset_index(drop=True).reindex(found).set_axis(frame.index)
    added.columns = pd.Index([f"{c}_table" if c in frame.columns else c for c in added.columns])
    refused = {key: b for key, b in zip(left, crossed, strict=True) if b}
    reasons = [(r, "") if r else ("break", refused[k]) if k in refused else ("no_row", "") for k, r in zip(right, late, strict=True)]
    used = {*found}
    return Merged(
        pd.concat([frame, added], axis=1),
        _unjoined(frame, [None if i >= 0 else ("break" if b else "no_row", b) for i, b in zip(found, crossed, strict=True)]),
        _unjoined(table, [None if i in used else reason for i, reason in enumerate(reasons)]),
    )


def _code(value: object) -> str:
    """Read a code as spreadsheets keep it: as a number, or as twelve digits that end in six zeros.

    Examples
    --------
    >>> _code(140430), _code("140430.0"), _code("140430000000"), _code("900101")
    ('140430', '140430', '140430', '900101')
    """
    text = str(value).strip().removesuffix(".0")
    return text.removesuffix("000000") if len(text) == 12 else text


def _keys(frame: pd.DataFrame, on: str, year: str, by_year: bool) -> list[tuple[str, str]]:
    years = frame[year].map(_code) if by_year else [""] * len(frame)
    return [(unit_id(_code(c)), y) for c, y in zip(frame[on], years, strict=True)]


def _crossed(code: str, year: object, vintage: int) -> str:
    """Name the merge, split or other change of a division between two years; if the year is unknown, any such change since 2008."""
    known = _code(year)
    sides = [int(known), vintage] if known.isdigit() else [0, 9999]
    return "; ".join(_said(b) for b in breaks(code) if min(sides) < b.year <= max(sides))


def _said(change: Change) -> str:
    return f"{change.year} {change.kind} {';'.join(change.old)} -> {';'.join(change.new)}"


def _unjoined(frame: pd.DataFrame, reasons: Sequence[tuple[str, str] | None]) -> pd.DataFrame:
    kept = [r for r in reasons if r]
    lost = frame.iloc[[i for i, r in enumerate(reasons) if r]]
    return lost.assign(reason=[r for r, _ in kept], **{"break": [b for _, b in kept]})


def _need(on: str, frame: pd.DataFrame, table: pd.DataFrame) -> None:
    for held in (frame, table):
        columns = getattr(held, "columns", [type(held).__name__])
        if on not in columns:
            found = "、".join(map(str, columns[:_MOST_SHOWN])) + (" …" if len(columns) > _MOST_SHOWN else "")
            raise UsageError.of("places.column", "merge", on=on, found=found)


def _of_years(vintage: object) -> int:
    text = _code(vintage)
    if not re.fullmatch(r"(?:19|20)\d\d", text):
        raise UsageError.of("places.vintage", "vintage", text=text)
    return int(text)


def _refuse_doubles(keys: Sequence[tuple[str, str]]) -> None:
    twice = sorted(f"{unit} {year}".strip() for (unit, year), n in Counter(keys).items() if n > 1)
    if twice:
        raise UsageError.of("places.doubles", "merge", twice=listed(twice))
