"""How much an indicator depends on what stands below the line, and on whose cases the report counts: denominators, and scopes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gongkai.core.errors import UsageError
from gongkai.core.messages import listed
from gongkai.indicators.computation import table
from gongkai.indicators.definitions import Indicator, Term, cells_of, chosen, define, load

if TYPE_CHECKING:
    import pandas as pd

KEY = ["division_code", "year"]
AT = "@"


def by_denominator(source: Any, code: str, extra: Any = None, **options: Any) -> pd.DataFrame:
    """Compute one share with every denominator that is in use for it.

    Parameters
    ----------
    source : Report or Corpus
        As in :func:`gongkai.indicators.table`.
    code : str
        Of a share whose denominator is one of ``alternatives.toml``: of all processed, received plus carried in, ...
    extra, **options
        As in :func:`gongkai.indicators.table`.

    Returns
    -------
    DataFrame
        The rows of :func:`gongkai.indicators.table`, one for each report and denominator, with ``case`` (the denominator's code) in front,
        its words (``meaning_zh``, ``meaning``) and ``own`` (whether it is the indicator's own) behind. A denominator that the numerator
        lies partly outside of is left out; one that it need not be a part of (newly received) gives a ratio without an interval.

    Raises
    ------
    UsageError
        If the code is unknown or its denominator has no alternatives.

    Examples
    --------
    >>> import gongkai
    >>> found = by_denominator(gongkai.read_report("data/raw/huaian-2024.docx"), "any_grant_share")
    >>> found[["case", "numerator", "denominator", "own"]].values.tolist()  # doctest: +NORMALIZE_WHITESPACE
    [['processed', 1816.0, 3050.0, True], ['workload', 1816.0, 3153.0, False], ['received', 1816.0, 3119.0, False],
     ['granted_or_denied', 1816.0, 1994.0, False]]
    """
    import pandas as pd

    known, families = chosen(extra), load("alternatives").values()
    shares = ((name, one) for name, one in known.items() if one.kind == "share")
    able = {name: family for name, one in shares for family in families if _cells(one) in map(_of, family.values())}
    if code not in able:
        raise UsageError.of("indicators.unknown", "code", known=listed(able), unknown=code)
    one, family, rows = known[code], able[code], []
    for case, other in _others(one, family):
        own = _of(family[case]) == _cells(one)
        computed = table(source, extra=[other], codes=[other.code], **options)
        about = {"indicator": code, "meaning_zh": family[case]["zh"], "meaning": family[case]["en"], "own": own}
        rows.append(computed.assign(**about))
        rows[-1].insert(0, "case", case)
    return pd.concat(rows, ignore_index=True)


def by_scope(source: Any, code: str, **options: Any) -> pd.DataFrame:
    """Set the reports of one division and year that count different bodies (its own organ, all its bodies, the whole area) side by side.

    Parameters
    ----------
    source : Corpus
        As in :func:`gongkai.indicators.table`; a single report has one scope.
    code : str
        Of the indicator.
    **options
        As in :func:`gongkai.indicators.table`.

    Returns
    -------
    DataFrame
        The rows of :func:`gongkai.indicators.table` of every division and year with two scopes or more, by division and year, with
        ``scopes`` (how many have a value), ``lowest`` and ``highest`` (NA unless two have). A scope that no report prints is a scope of
        its own, ``unknown`` in ``case``: it may be any of the others.

    Examples
    --------
    >>> import gongkai
    >>> by_scope(gongkai.read_report("data/raw/huaian-2024.docx"), "any_grant_share").empty
    True
    """
    rows = table(source, codes=[code], **options).dropna(subset=KEY)
    rows.insert(0, "case", rows["scope"].fillna("unknown"))
    several = rows[rows.groupby(KEY)["case"].transform("nunique") > 1].sort_values([*KEY, "case"], kind="stable").reset_index(drop=True)
    values = several.groupby(KEY)["value"]
    scopes = values.transform("count")
    lowest, highest = values.transform("min"), values.transform("max")
    return several.assign(scopes=scopes, lowest=lowest.where(scopes > 1), highest=highest.where(scopes > 1))


def _others(one: Indicator, family: Mapping[str, Any]) -> Iterator[tuple[str, Indicator]]:
    """Yield the indicator with each denominator of its family that its numerator may be set over."""
    top = {cell for term in one.numerator for path in term.paths for cell in cells_of(path)}
    for case, entry in family.items():
        sides = {"numerator": [_written(term) for term in one.numerator], "denominator": entry["terms"]}
        made = define(f"{one.code}{AT}{case}", zh=one.zh, en=one.en, kind=entry["kind"], **sides)
        added, away = ({c for t in made.denominator if t.sign == sign for path in t.paths for c in cells_of(path)} for sign in (1, -1))
        if not top & away and (top <= added or not entry.get("within")):
            yield case, replace(made, breaks=one.breaks, scale=one.scale)


def _written(term: Term) -> list[str]:
    return [("-" if term.sign < 0 else "") + path for path in term.paths]


def _cells(one: Indicator) -> frozenset[tuple[int, str]]:
    return frozenset((term.sign, path) for term in one.denominator for path in term.paths)


def _of(entry: Mapping[str, Any]) -> frozenset[tuple[int, str]]:
    return frozenset((-1 if path.startswith("-") else 1, path.removeprefix("-")) for path in entry["terms"])
