"""Intervals for shares of small counts, and what may be said about them: a thin layer over statsmodels."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from gongkai.errors import UsageError
from gongkai.texts import refuse_language

if TYPE_CHECKING:
    from pandas.api.typing import NAType

FEW = 30
CONFIDENCE = 0.95
TOO_WIDE = 0.5


class Interval(NamedTuple):
    """A confidence interval for a share, both ends NA where there is nothing to divide by."""

    low: float | NAType
    high: float | NAType


def wilson(count: float, n: float, confidence: float = CONFIDENCE) -> Interval:
    """Return the Wilson interval of a share.

    Parameters
    ----------
    count, n : float
        Whole numbers, ``0 <= count <= n``.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Interval
        ``(low, high)`` as shares from 0 to 1, ``(NA, NA)`` where ``n`` is 0. It holds if these requests were independent draws from a
        stable process.

    Raises
    ------
    UsageError
        If the numbers are no count out of ``n``.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(0, 3)]
    [0.0, 0.561]
    >>> wilson(0, 0)
    Interval(low=<NA>, high=<NA>)
    """
    _refuse_no_share(count, n, confidence)
    if n == 0:
        import pandas as pd

        return Interval(pd.NA, pd.NA)
    return Interval(*_ends(count, n, confidence))


def sentence(count: float, n: float, language: str = "zh", of: str = "") -> str:
    """Say what may be concluded from ``count`` of ``n``, nothing included.

    Parameters
    ----------
    count, n : float
        Whole numbers, ``0 <= count <= n``.
    language : {"zh", "en"}
        The language of the sentence.
    of : str
        What the rate is of, as it stands in the sentence: ``予以公开的``, or ``" of full grants"``.

    Returns
    -------
    str
        Without a full stop, so that it can end another sentence.

    Examples
    --------
    >>> print(sentence(1, 1, "en"))
    nothing can be said about rates
    (1 of 1; 95 % Wilson interval 21 %–100 %, if these requests were independent draws from a stable process)
    """
    texts = words(language)
    _refuse_no_share(count, n, CONFIDENCE)
    if n == 0:
        return texts["none"]
    low, high = _ends(count, n, CONFIDENCE)
    case = "nothing" if high - low > TOO_WIDE else "little" if n < FEW else "range"
    ends = {"low": percent(low, n, language), "high": percent(high, n, language)}
    return texts[case].format_map({"of": of, "count": f"{count:.0f}", "n": f"{n:.0f}", "if": texts["condition"], **ends})


def condition(language: str = "zh") -> str:
    """Return the condition that every interval stands under.

    Examples
    --------
    >>> condition("en")
    'if these requests were independent draws from a stable process'
    """
    return words(language)["condition"]


def percent(share: float, n: float, language: str = "zh") -> str:
    """Write a share as a percentage: without decimals where fewer than 30 cases stand behind it, and never rounded to none or to all.

    Examples
    --------
    >>> percent(7 / 23, 23, "en"), percent(454 / 3050, 3050, "en"), percent(1 / 3050, 3050, "zh")
    ('30 %', '14.9 %', '<0.1%')
    """
    digits = 0 if n < FEW else 1
    step, space = 10.0**-digits, "" if language == "zh" else " "
    shown = round(100 * share, digits)
    if 0 < share < 1 and shown in (0, 100):
        return f"<{step:g}{space}%" if shown == 0 else f">{100 - step:g}{space}%"
    return f"{shown:.{digits}f}{space}%"


def words(language: str) -> Mapping[str, str]:
    """Return this room's sentences in one language, ``zh`` or ``en``."""
    refuse_language(language)
    return {code: entry[language] for code, entry in _texts().items()}


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    raw: dict[str, Any] = tomllib.loads(resources.files("gongkai.inference").joinpath("inference.toml").read_text(encoding="utf-8"))
    return raw


def _ends(count: float, n: float, confidence: float) -> tuple[float, float]:
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(count, n, alpha=1 - confidence, method="wilson")
    return max(0.0, float(low)), min(1.0, float(high))


def _refuse_no_share(count: float, n: float, confidence: float) -> None:
    if not (0 <= count <= n and count == int(count) and n == int(n) and 0 < confidence < 1):
        found = f"{count} / {n}, {confidence}"
        raise UsageError(
            "wilson", ("整数 0 ≤ count ≤ n，0 < confidence < 1", "whole numbers 0 <= count <= n, and 0 < confidence < 1"), (found, found),
            ("核对分子与分母", "check numerator and denominator"),
        )  # fmt: skip
