"""The sentences of this package, from ``inference.toml``, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.errors import refuse_language
from gongkai.core.messages import said_of

FEW = 30
FEWEST = 5  # with four counties or fewer, mean and spread depend more on the prior than on the counts


def condition(language: str = "zh", deff: float = 1) -> str:
    """Return the condition that every interval stands under: independent requests, or so many of them as one, by the design effect.

    Examples
    --------
    >>> condition("en")
    'if these requests were independent draws from a stable process'
    >>> condition("en", 2.5)
    'if every 2.5 of these requests told as much as one independent draw from a stable process'
    """
    texts = sentence_texts(language)
    return texts["condition"] if deff == 1 else texts["condition_design"].format(deff=f"{deff:.1f}")


def percent(share: float, n: float, language: str = "zh") -> str:
    """Write a share as a percentage: without decimals where fewer than 30 cases stand behind it, and never rounded to none or to all.

    Examples
    --------
    >>> percent(7 / 23, 23, "en"), percent(454 / 3050, 3050, "en"), percent(1 / 3050, 3050, "zh"), percent(0, 3050, "zh")
    ('30 %', '14.9 %', '<0.1%', '0%')
    """
    digits = 0 if n < FEW else 1
    step, space = 10.0**-digits, "" if language == "zh" else " "
    shown = round(100 * share, digits)
    if share in (0, 1):
        return f"{100 * share:.0f}{space}%"
    if 0 < share < 1 and shown in (0, 100):
        return f"<{step:g}{space}%" if shown == 0 else f">{100 - step:g}{space}%"
    return f"{shown:.{digits}f}{space}%"


def sentence_texts(language: str) -> Mapping[str, str]:
    """Return this room's sentences in one language, ``zh`` or ``en``.

    Examples
    --------
    >>> sentence_texts("en")["none"]
    'there is nothing to divide by, so there is no rate to speak of'
    """
    refuse_language(language)
    return {code: entry[language] for code, entry in _texts().items()}


def tell(code: str, language: str, under: float = 1, /, **values: Any) -> str:
    """Fill in one sentence of this room, and the condition that it stands ``under``: a design effect.

    Examples
    --------
    >>> tell("none", "zh")
    '没有可以作分母的件数，无比率可言'
    """
    return said_of(sentence_texts(language), code, language, {"if": condition(language, under), **values})


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    raw = packaged(__package__, "inference.toml")
    return raw
