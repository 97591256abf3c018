"""Names of places in Latin letters, as ``romanised.csv`` has them, each with how sure it is."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from gongkai.places.table import full_name, name_of, parents


class Romanised(NamedTuple):
    """A name in Latin letters; ``basis`` is ``usage``, ``reading`` or ``transcribed`` (``places/README.md``)."""

    name: str
    basis: str


@cache
def romanised_names() -> Mapping[str, Romanised]:
    """Return the names in Latin letters by the Chinese ones.

    Examples
    --------
    >>> [romanised_names()[name].name for name in ("陕西省", "山西省", "长子县", "六安市", "乐清市", "延边朝鲜族自治州")]
    ['Shaanxi', 'Shanxi', 'Zhangzi County', "Lu'an", 'Yueqing', 'Yanbian Korean Autonomous Prefecture']
    """
    text = resources.files("gongkai.places").joinpath("romanised.csv").read_text(encoding="utf-8")
    return {row["name"]: Romanised(row["romanised"], row["basis"]) for row in csv.DictReader(text.splitlines())}


def romanised(name: str | None) -> str | None:
    """Return a place's name in Latin letters; None where the table does not have it.

    Examples
    --------
    >>> romanised("平潭县"), romanised("模拟甲乾区")
    ('Pingtan County', None)
    """
    known = romanised_names().get(name or "")
    return known.name if known else None


def told_in(name: str, language: str) -> str:
    """Return a place's name as its reader reads it: in English with the Chinese one in brackets behind it.

    Examples
    --------
    >>> told_in("平潭县", "en"), told_in("平潭县", "zh"), told_in("沁县教育局", "en")
    ('Pingtan County (平潭县)', '平潭县', '沁县教育局')
    """
    known = romanised(name) if language == "en" else None
    return f"{known} ({name})" if known else name


def full_name_in(code: str, language: str) -> str:
    """Return the name of a code with those of its parents, in the order of the language.

    Examples
    --------
    >>> full_name_in("350128", "en"), full_name_in("350128", "zh")
    ('Pingtan County, Fuzhou, Fujian (福建省福州市平潭县)', '福建省福州市平潭县')
    """
    names = [romanised(name_of(one)) for one in (code, *reversed(parents(code)))]
    known = ", ".join(name for name in names if name) if all(names) else ""
    return f"{known} ({full_name(code)})" if language == "en" and known else full_name(code)
