"""Amounts of money + the level of the authority -> those that only a far larger one could have; the limits stand in ``amounts.toml``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from gongkai.core.data import packaged
from gongkai.core.messages import number_text
from gongkai.core.model import Finding, Reading
from gongkai.extract.narrative.titles import named_by
from gongkai.places import body_of, level_of, locate


def implausible_amounts(readings: Sequence[Reading], level: Callable[[], str]) -> Iterator[Finding]:
    """Find printed amounts beyond what an authority of its level has in a year; the level is asked for only where one may be.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> fees = next(f for f in load_form("2021").fields if f.item == "fees")
    >>> [f.expected for f in implausible_amounts([Reading(fees, 4e11, "printed")], lambda: "county")]
    ['2000000000']
    >>> list(implausible_amounts([Reading(fees, 4e7, "printed")], lambda: "county"))
    []
    """
    limits = packaged(__package__, "amounts.toml")
    for r in readings:
        known = limits.get(r.field.item, {}) if r.field.unit == "yuan" else {}
        if known and r.value is not None and r.value > min(known.values()) and r.value > known[name := level()]:
            words = {f"level_{code}": text for code, text in limits["names"][name].items()}
            yield Finding(
                "implausible_amount", r.field.table, r.field.item, r.field.measure, number_text(known[name]), number_text(r.value),
                r.where, words,
            )  # fmt: skip


def authority_level(title: str | None, authority: str | None, code: str | None = None, year: int | None = None) -> str:
    """Return the level of an authority: that of its division, or below it; where that is in no table, the one that its name ends like.

    What cannot be told is taken for a province, which no amount is too large for.

    Examples
    --------
    >>> [authority_level(title, None) for title in ("沁县2019年政府信息公开年度报告", "淮安市2024年政府信息公开年度报告", None)]
    ['county', 'prefecture', 'province']
    """
    code = code or locate(title, authority, year=year).code
    if body_of(authority, title) == "street_or_town":
        return "street_or_town"
    if code is None:
        place = named_by(title or authority or "")[1]
        endings = packaged(__package__, "amounts.toml")["endings"]
        return next((name for name, ending in endings.items() if re.search(f"{ending}(?:人民政府.*)?$", place)), "province")
    return level_of(code)
