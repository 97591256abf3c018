"""Indicators as data: each an entry of ``indicators.toml``, computed from printed cells alone, or without a value and saying why."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from gongkai import findings
from gongkai.forms import editions, load_form
from gongkai.inference import wilson
from gongkai.model import Check, Finding, Form, Reading
from gongkai.report import Report
from gongkai.tables import NUMBER, TEXT
from gongkai.texts import say

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "report_id": TEXT, "year": "Int64", "indicator": TEXT, "numerator": NUMBER, "denominator": NUMBER, "value": NUMBER, "low": NUMBER,
    "high": NUMBER, "method": TEXT, "n": NUMBER, "status": TEXT, "reason": TEXT, "reason_zh": TEXT,
}  # fmt: skip
_COMMA = {"zh": "、", "en": ", "}
WORST_FIRST = ("unreadable", "uncertain", "absent", "blank", "mark", "realigned", "printed")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: its words in both languages, its terms (signed paths), and the editions of the form that it is defined for."""

    code: str
    zh: str
    en: str
    kind: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    source: str
    source_en: str
    caution_zh: str
    caution_en: str
    forms: tuple[str, ...] = ()

    @property
    def operands(self) -> tuple[str, ...]:
        """Paths of the cells that it is computed from, unsigned."""
        return tuple(term.lstrip("-") for term in self.numerator + self.denominator)


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: str
    numerator: float | None = None
    denominator: float | None = None
    why: tuple[str, str] | None = None


@cache
def indicators() -> Mapping[str, Indicator]:
    """Return the indicators by code, in the order of their file.

    Examples
    --------
    >>> list(indicators())
    ['full_grant_share', 'any_grant_share', 'not_held_share', 'backlog_ratio', 'reconsideration_corrected_share']
    >>> indicators()["reconsideration_corrected_share"].denominator
    ('review/reconsideration/total', '-review/reconsideration/pending')
    """
    found = {code: Indicator(code, **_frozen(body)) for code, body in _load("indicators").items()}
    return {code: replace(one, forms=_editions_with(one.operands)) for code, one in found.items()}


def _editions_with(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the editions that have all of these cells."""
    return tuple(code for code in editions() if {f.path for f in load_form(code).fields}.issuperset(paths))


def formula(indicator: Indicator, form: Form, language: str = "zh") -> tuple[str, str]:
    """Write numerator and denominator with the labels of the official form, or of the newest that has them.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> formula(indicators()["reconsideration_corrected_share"], load_form("2019"), "en")[1]
    'Administrative reconsideration · Total − Administrative reconsideration · Pending'
    """
    named = form if form.code in indicator.forms else load_form(indicator.forms[-1])
    return _in_words(indicator.numerator, named, language), _in_words(indicator.denominator, named, language)


def sums_in_words(check: Check, report: Report, language: str = "zh") -> str:
    """Say both sums of an identity that fails in print, in the words of its finding."""
    identity = check.identity
    left, right = ("?" if side is None else f"{side:.0f}" for side in (check.left, check.right))
    own = Finding(identity.code, identity.left[0].table, identity.item, identity.measure, left, right)
    same = (f for f in report.notices if (f.code, f.table, f.item, f.measure) == (own.code, own.table, own.item, own.measure))
    return findings.message(next(same, own), report.edition, language)


def status_word(status: str, language: str = "zh") -> str:
    """Return the word for a status of :func:`table`.

    Examples
    --------
    >>> status_word("nothing_to_divide", "en"), status_word("blank", "zh")
    ('nothing to divide by', '空白')
    """
    own = _load("reasons")["status"].get(status)
    return str(own[language]) if own else say(f"status.{status}", language)


def table(report: Report) -> pd.DataFrame:
    """Compute every indicator of one report.

    Parameters
    ----------
    report : Report
        A report that has been read.

    Returns
    -------
    DataFrame
        One row for each indicator, always the same rows. ``value``, ``low`` and ``high`` are shares from 0 to 1. ``status`` is the worst
        status among the operands where there is a value; else it says why there is none: an operand's status, ``inconsistent``,
        ``nothing_to_divide`` or ``other_form``, in words under ``reason`` and ``reason_zh``. Intervals (``method``) hold if the requests
        were independent draws from a stable process. All figures are as reported by the authority.

    Notes
    -----
    Only printed values are used: neither what the identities deduce nor zero takes the place of a blank.
    """
    import pandas as pd

    rows = [_row(report, indicator) for indicator in indicators().values()]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _row(report: Report, indicator: Indicator) -> tuple[Any, ...]:
    found = _outcome(report, indicator)
    value = low = high = method = None
    if found.why is None and found.numerator is not None and found.denominator:
        value = found.numerator / found.denominator
        if indicator.kind == "share":
            (low, high), method = wilson(found.numerator, found.denominator), "wilson"
    reason_zh, reason = found.why or (None, None)
    known = (report.report_id, report.year, indicator.code, found.numerator, found.denominator)
    return *known, value, low, high, method, found.denominator, found.status, reason, reason_zh


def _outcome(report: Report, indicator: Indicator) -> _Outcome:
    """Turn the printed operands into numerator and denominator, or into the reason why they cannot be divided."""
    if report.form not in indicator.forms:
        return _Outcome("other_form", why=_why("other_form", form_zh=report.edition.zh, form_en=report.edition.en))
    operands = [report.reading(path) for path in dict.fromkeys(indicator.operands)]
    status = min((r.status for r in operands), key=WORST_FIRST.index)
    top, bottom = _total(report, indicator.numerator), _total(report, indicator.denominator)
    if broken := _broken(report, operands):
        sums = [(sums_in_words(check, report, "zh"), sums_in_words(check, report, "en")) for check in broken]
        return _Outcome(
            "inconsistent",
            top,
            bottom,
            _why("inconsistent", sums_zh="；".join(zh for zh, _ in sums), sums_en="; ".join(en for _, en in sums)),
        )
    if top is None or bottom is None:
        return _Outcome(status, top, bottom, _ailments([r for r in operands if r.value is None], report.edition))
    if bottom == 0:
        return _Outcome("nothing_to_divide", top, bottom, _why("nothing_to_divide"))
    if not 0 <= top <= bottom:
        return _Outcome("inconsistent", top, bottom, _why("part_exceeds_whole", numerator=f"{top:.0f}", denominator=f"{bottom:.0f}"))
    return _Outcome(status, top, bottom)


def _total(report: Report, terms: tuple[str, ...]) -> float | None:
    """Add signed terms; one term without a value leaves none."""
    total = 0.0
    for term in terms:
        value = report.reading(term.lstrip("-")).value
        if value is None:
            return None
        total += -value if term.startswith("-") else value
    return total


def _broken(report: Report, operands: list[Reading]) -> list[Check]:
    """Return the identities that fail in print and have one of the operands among their terms."""
    fields = {r.field for r in operands}
    return [c for c in report.evaluated if c.state == "broken" and fields.intersection(c.identity.terms)]


def _ailments(readings: list[Reading], form: Form) -> tuple[str, str]:
    """Say what ails operands without a value, those with the same ailment together."""
    alike: dict[tuple[str, str], list[Reading]] = {}
    for reading in readings:
        alike.setdefault((reading.status, reading.printed or ""), []).append(reading)
    parts: dict[str, list[str]] = {"zh": [], "en": []}
    for (status, printed), group in alike.items():
        for language, said in parts.items():
            cells = _COMMA[language].join(findings.cell_name(form, r.field, language) for r in group)
            said.append(_load("reasons")["operand"][status][language].format(cells=cells, printed=printed))
    return "；".join(parts["zh"]), "; ".join(parts["en"])


def _why(reason: str, **words: str) -> tuple[str, str]:
    entry = _load("reasons")[reason]
    return entry["zh"].format_map(words), entry["en"].format_map(words)


def _in_words(terms: tuple[str, ...], form: Form, language: str) -> str:
    by_path = {f.path: f for f in form.fields}
    names = [(" − " if t.startswith("-") else " + ") + findings.cell_name(form, by_path[t.lstrip("-")], language) for t in terms]
    return "".join(names).removeprefix(" + ")


def _frozen(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in body.items()}


@cache
def _load(name: str) -> Mapping[str, Any]:
    return tomllib.loads(resources.files("gongkai.indicators").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
