"""Labels and sentences of comparisons, from ``comparison.toml``, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from gongkai.core import messages as texts
from gongkai.core.data import packaged
from gongkai.core.errors import refuse_language
from gongkai.core.messages import said_of
from gongkai.indicators import indicators
from gongkai.places import full_name_in, is_simulated, name_of
from gongkai.studies.comparison.selection import digits


def tell(key: str, language: str, **values: object) -> str:
    """Fill in one text of ``comparison.toml``.

    Examples
    --------
    >>> tell("few", "en", n=3, fewest=5)
    'Counties with a value here: 3; fewer than 5 are not compared.'
    """
    refuse_language(language)
    return said_of(_load(), key, language, values)


def marked(text: str, codes: Iterable[str], language: str) -> str:
    """Return a title, with the words that its data are simulated where they are.

    Examples
    --------
    >>> marked("Refusals", ["900101"], "en"), marked("Refusals", ["140430"], "en")
    ('SIMULATED DATA. Refusals', 'Refusals')
    """
    return texts.marked(text, language, is_simulated(*codes))


def where(parent: str, language: str) -> str:
    """Name what counties have in common: their prefecture or province, or its digits where it is none of this country.

    Examples
    --------
    >>> where("3208", "zh"), where("90", "zh"), where("", "en")
    ('江苏省淮安市', '90', 'all provinces')
    """
    code = digits(parent).ljust(6, "0")
    return full_name_in(code, language) if name_of(code) else digits(parent) or tell("everywhere", language)


def label_of(code: str, language: str) -> str:
    """Return the label of an indicator.

    Examples
    --------
    >>> label_of("refusal_share", "en")
    'Denied, of all processed'
    """
    return str(getattr(indicators()[code], language))


@cache
def _load() -> Mapping[str, Any]:
    return packaged(__package__, "comparison.toml")
