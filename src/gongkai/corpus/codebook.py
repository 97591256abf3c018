"""The codebook: every table, column, code, official cell and finding with its meaning, from the files that the code itself reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from gongkai.core import findings
from gongkai.core.data import packaged
from gongkai.core.errors import refuse_language
from gongkai.core.messages import say
from gongkai.core.model import Field, Form
from gongkai.core.schema import schemas
from gongkai.corpus.panel import ADDED
from gongkai.forms import editions, load_form

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("part", "table", "name", "value", "meaning", "type", "required", "unit", "editions")
STATUS_SUFFIX = "_status"


def codebook(language: str = "zh") -> pd.DataFrame:
    """Return what every name in the tables means, in one language.

    Parameters
    ----------
    language : {"zh", "en"}
        The language of the meanings.

    Returns
    -------
    DataFrame
        ``part`` is ``table``, ``column``, ``code`` (what may stand in a column; of a status also its missing value in Stata), ``cell``
        (an official cell: its short name, path, unit and editions) or ``finding``.

    Examples
    --------
    >>> book = codebook("en")
    >>> book.loc[book["name"] == "app_granted_total", ["value", "meaning", "editions"]].values.tolist()
    [['applications/granted/total', '3.1 Granted · Total', '2019; 2021']]
    """
    import pandas as pd

    refuse_language(language)
    rows = [
        row + ("",) * (len(COLUMNS) - len(row))
        for part in (_table_entries, _code_entries, _cell_entries, _finding_entries)
        for row in part(language)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def meaning(table: str, column: str, language: str) -> str:
    """Say what a column of a table means; of the wide table also the columns named after official cells.

    Examples
    --------
    >>> meaning("cells", "status", "zh"), meaning("panel", "app_granted_total_status", "en")
    ('这一格有没有数，为什么', '3.1 Granted · Total: why it has a number or none')
    """
    known = {**schemas()["reports"].columns, **(schemas()[table].columns if table in schemas() else {})}
    if column in known:
        return str(getattr(known[column], language))
    if column in ADDED:
        return say(f"panel.{column}", language)
    form, field = shorts().get(column.removesuffix(STATUS_SUFFIX), (None, None))
    if form is None or field is None:
        return ""
    name = findings.cell_name(form, field, language)
    return name if column == field.short else say("export.reason", language, cell=name)


def code_label(column: str, code: str, language: str) -> str:
    """Say what a code that stands in a column means in few words.

    Examples
    --------
    >>> code_label("status", "mark", "zh"), code_label("form", "2019", "en"), code_label("table", "review", "en")
    ('符号', 'form of the reporting years 2019 and 2020', 'Reconsideration and litigation')
    """
    if column == "form":
        return str(getattr(load_form(code), language))
    tables = {name: table for edition in editions() for name, table in load_form(edition).tables.items()}
    if column == "table":
        return str(getattr(tables.get(code, load_form("statistics")), language))
    return say(f"{column}.{code}", language)


@cache
def reasons() -> Mapping[str, str]:
    """Return the letter of Stata's extended missing value for each status that leaves a cell without a number."""
    return packaged(__package__, "missing.toml")


@cache
def shorts() -> Mapping[str, tuple[Form, Field]]:
    """Return every official cell by its short name, with the newest edition that has it."""
    return {field.short: (form, field) for form in map(load_form, editions()) for field in form.fields}


def _table_entries(language: str) -> Iterator[tuple[str, ...]]:
    for table, schema in schemas().items():
        yield "table", table, table, "; ".join(schema.key), str(getattr(schema, language))
        for name, column in schema.columns.items():
            required = "yes" if column.required else ""
            yield "column", table, name, "; ".join(column.codes), str(getattr(column, language)), column.type, required
    yield "table", "panel", "panel", "division_code; scope; year", say("export.panel", language)
    for name, kind in ADDED.items():
        yield "column", "panel", name, "", say(f"panel.{name}", language), kind


def _code_entries(language: str) -> Iterator[tuple[str, ...]]:
    for column, codes in dict.fromkeys((n, c.codes) for t in schemas().values() for n, c in t.columns.items() if c.codes):
        for code in codes:
            more = say("explain.colon", language) + say(f"meaning.{code}", language) if column == "status" else ""
            missing = f".{reasons()[code]}" if column == "status" and code in reasons() else ""
            yield "code", "", column, code, code_label(column, code, language) + more, missing


def _cell_entries(language: str) -> Iterator[tuple[str, ...]]:
    for short, (form, field) in shorts().items():
        found_in = "; ".join(e for e in editions() if any(f.short == short for f in load_form(e).fields))
        yield "cell", field.table, short, field.path, findings.cell_name(form, field, language), "Float64", "", field.unit, found_in


def _finding_entries(language: str) -> Iterator[tuple[str, ...]]:
    for code, entry in findings.codes().items():
        yield "finding", "findings", code, entry["level"], entry[language]
