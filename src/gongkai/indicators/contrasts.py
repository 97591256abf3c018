"""Two shares of one report set beside each other: natural persons against enterprises, with the interval of the difference and a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gongkai.core.messages import said_of
from gongkai.core.schema import NUMBER, TEXT
from gongkai.indicators.computation import OF_REPORT, table
from gongkai.indicators.definitions import load
from gongkai.inference import difference_sentence
from gongkai.inference.clustering import Effect, design_effect, falls_at, resolved
from gongkai.inference.families import mid_p
from gongkai.inference.intervals import Interval, newcombe

if TYPE_CHECKING:
    import pandas as pd

NUMBERS, TEXTS = ("difference", "low", "high", "p", "deff"), ("status", "reason", "reason_zh")
SIDES, OPERANDS = ("first", "second"), ("numerator", "denominator", "value")


def contrasts(source: Any, deff: Effect = 1, **options: Any) -> pd.DataFrame:
    """Set two shares of each report beside each other: results of natural persons against those of enterprises and organisations.

    Parameters
    ----------
    source : Report or Corpus
        As in :func:`gongkai.indicators.table`.
    deff : float, DesignEffect or "estimated"
        The design effect that intervals allow for; ``"estimated"``: that of both shares together, from the years of the units in
        ``source``.
    **options
        As in :func:`gongkai.indicators.table`: ``accept``, ``blank_as_zero``.

    Returns
    -------
    DataFrame
        A row for each report and contrast (``contrasts.toml``): ``contrast``; ``first_numerator``, ``first_denominator``, ``first_value``
        and the same of ``second``; ``difference`` of the first less the second, ``low`` and ``high`` (Newcombe, 95 %), ``p`` (exact
        mid-p of the hypothesis that both are one share, for independent requests), and ``deff``, NA where it was to be estimated and
        could not be. Where one share has no value, ``status`` is that of the first that has none, with its ``reason``.

    Notes
    -----
    Requests of few people make ``p`` too small: read it beside the design effect at which the difference could no longer be told
    (:func:`contrast_sentence`). Several contrasts, or counties, are a family of tests (:func:`gongkai.inference.discoveries`).

    Examples
    --------
    >>> import gongkai
    >>> found = contrasts(gongkai.read_report("data/raw/huaian-2024.docx")).set_index("contrast").loc["any_grant_natural_enterprise"]
    >>> [round(float(found[name]), 3) for name in ("first_value", "second_value", "difference", "low", "high", "p")]
    [0.592, 0.528, 0.063, -0.066, 0.196, 0.356]
    """
    import pandas as pd

    pairs = load("contrasts")
    codes = list(dict.fromkeys(entry[side]["of"] for entry in pairs.values() for side in SIDES))
    rows = {code: own.reset_index(drop=True) for code, own in table(source, codes=codes, **options).groupby("indicator", sort=False)}
    found = [_contrast(name, rows[entry["first"]["of"]], rows[entry["second"]["of"]], deff) for name, entry in pairs.items()]
    whole = pd.concat(found, ignore_index=True)
    order = np.arange(len(whole)).reshape(len(found), -1).T.ravel()
    return whole.iloc[order].reset_index(drop=True)


def contrast_sentence(row: pd.Series[Any], language: str = "zh") -> str:
    """Say which of two shares of a report is higher, or that it cannot be told, and at which design effect that would fall.

    Parameters
    ----------
    row : Series
        A row of :func:`contrasts`.
    language : {"zh", "en"}

    Examples
    --------
    >>> import gongkai
    >>> row = contrasts(gongkai.read_report("data/raw/suqian-2023.txt")).iloc[0]
    >>> print(contrast_sentence(row, "en"))
    share granted in full or in part: in the processes behind the counts, that of natural persons (1,494 of 3,375) is
    higher than that of commercial enterprises (19 of 99) by 16 to 32 percentage points
    (95 % interval, if these requests were independent draws from a stable process);
    from a design effect of 6.3 on, that could not be told
    """
    import pandas as pd

    entry, texts = load("contrasts")[row["contrast"]], load("reasons")["contrast"]
    if pd.isna(row["low"]):
        reason = row["reason" if language == "en" else "reason_zh"]
        of = {side: entry[side][language] for side in SIDES}
        return said_of(texts, "none", language, {**of, "what": entry[language], "reason": reason})
    deff, falls = 1.0 if pd.isna(row["deff"]) else float(row["deff"]), None
    if row["low"] > 0 or row["high"] < 0:
        falls = falls_at(lambda effect: not _holds_zero(newcombe(*_counts(row), deff=effect)))
    first, second = (_side(row, side, entry[side][language], language) for side in SIDES)
    told = difference_sentence(Interval(row["low"], row["high"]), first, second, language, deff, falls)
    return said_of(texts, "told", language, {"what": entry[language], "told": told})


def _side(row: pd.Series[Any], side: str, who: str, language: str) -> str:
    count, n = (f"{int(row[f'{side}_{name}']):,}" for name in OPERANDS[:2])
    return said_of(load("reasons")["contrast"], "side", language, {"who": who, "count": count, "n": n})


def _contrast(name: str, first: pd.DataFrame, second: pd.DataFrame, deff: Effect) -> pd.DataFrame:
    import pandas as pd

    sides = {f"{side}_{column}": own[column] for side, own in zip(SIDES, (first, second), strict=True) for column in OPERANDS}
    made = pd.DataFrame({**{column: first[column] for column in OF_REPORT}, "contrast": name, **sides})
    known, effect = first["value"].notna() & second["value"].notna(), _effect(first, second, deff)
    kinds = {**dict.fromkeys(NUMBERS, NUMBER), **dict.fromkeys(TEXTS, TEXT)}
    made = made.assign(**{column: pd.Series(pd.NA, made.index, dtype=kind) for column, kind in kinds.items()})
    for at in made.index[known]:
        counts = _counts(made.loc[at])
        ends = newcombe(*counts, deff=1.0 if np.isnan(effect) else effect)
        made.loc[at, ["difference", "low", "high", "p"]] = [first["value"][at] - second["value"][at], *ends, mid_p(*counts)]
    made["deff"] = made["deff"].mask(known, effect if not np.isnan(effect) else pd.NA)
    lacking = first["value"].isna()
    for column in TEXTS:
        made[column] = first[column].where(lacking | known, second[column])
    return made


def _effect(first: pd.DataFrame, second: pd.DataFrame, deff: Effect) -> float:
    """Return the design effect given, or that of the years of both shares, a series each; NaN where it cannot be estimated."""
    import pandas as pd

    if deff != "estimated":
        return resolved(deff)
    rows = pd.concat([first, second]).dropna(subset=["value", "division_code", "year"])
    unit = rows["division_code"] + "|" + rows["scope"].fillna("") + "|" + rows["indicator"]
    years = pd.DataFrame({"unit": unit, "year": rows["year"], "count": rows["numerator"], "n": rows["denominator"]})
    found = design_effect(years[~years.duplicated(["unit", "year"], keep=False)])
    return np.nan if found.why == "none" else found.used


def _counts(row: pd.Series[Any]) -> tuple[float, float, float, float]:
    first, n, second, other = (float(row[f"{side}_{name}"]) for side in SIDES for name in OPERANDS[:2])
    return first, n, second, other


def _holds_zero(ends: Interval) -> bool:
    return bool(ends.low <= 0 <= ends.high)
