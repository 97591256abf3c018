"""The words of findings: code, level and both languages stand in ``findings.toml``, each once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from gongkai.core.codes import Level
from gongkai.core.data import packaged
from gongkai.core.messages import filled, say
from gongkai.core.model import Field, Finding, Form, Name
from gongkai.core.text import in_yuan

LEVELS = tuple(Level)


@cache
def codes() -> Mapping[str, Mapping[str, str]]:
    """Return every finding code with its level and its words in both languages.

    Examples
    --------
    >>> codes()["balance"]["level"]
    'error'
    """
    table: Mapping[str, Mapping[str, str]] = packaged(__package__, "findings.toml")
    return table


def level(code: str) -> str:
    """Return ``error``, ``warning`` or ``note``."""
    return codes()[code]["level"]


def place(form: Form | None, table: str | None, item: str | None, measure: str | None, language: str = "zh") -> str:
    """Name a row, a column or a cell of the form as its reader knows it.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> place(load_form("2019"), "applications", "granted", "total", "en")
    '3.1 Granted · Total'
    """
    if form is None or table is None:
        return say("place.document", language)
    body = form.tables[table]
    names = ([body.items[item]] if item else []) + ([body.measures[measure]] if measure else [])
    return " · ".join(_label(n, language) for n in names) or getattr(body, language)


def _label(name: Name, language: str) -> str:
    """Name a row or a column; sentences and tables give amounts in yuan, whatever the head of the form names."""
    label: str = getattr(name, language)
    return in_yuan(label) if name.unit == "yuan" else label


def message(finding: Finding, form: Form | None, language: str = "zh") -> str:
    """Say a finding in one language.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> message(Finding("results", "applications", None, "total", "27", "21"), load_form("2019"), "en")
    'Total: the results add up to 27, the printed total is 21'
    """
    if told := finding.words.get(f"said_{language}"):
        return told
    words = {"expected": finding.expected, "observed": finding.observed, **finding.words}
    words["place"] = place(form, finding.table, finding.item, finding.measure, language)
    return filled(codes()[finding.code][language], words)


def step(code: str, language: str = "zh") -> str:
    """Return the step that is suggested to the officer who must publish the report.

    Examples
    --------
    >>> step("blank_total", "en")
    'Fill in the total; write 0 where there is none'
    """
    return codes()[code][f"do_{language}"]


def cell_name(form: Form, field: Field, language: str = "zh") -> str:
    """Name one official cell in one language."""
    return place(form, *field.key, language)
