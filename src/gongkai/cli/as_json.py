"""A report, its findings, or where one cell comes from as JSON, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gongkai.core.messages import harmless, tell
from gongkai.core.schema import schemas

if TYPE_CHECKING:
    from gongkai.corpus import Corpus
    from gongkai.report import Report

_FACTS = ("report_id", "title", "authority", "form", "year", "body", "scope", "division_code", "published", "simulated")
_PATH = ("table", "item", "measure")
READ = ("cells", "findings", "sections", "figures", "checks")


def tell_json(data: Mapping[str, Any]) -> None:
    """Print one JSON object; a character that a terminal would obey is escaped, so that it stays JSON and does no harm.

    Examples
    --------
    >>> tell_json({"phrase": "沁县\\u202e"})
    {
      "phrase": "沁县\\u202e"
    }
    """
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    tell("".join(c if harmless(c) == c else json.dumps(c)[1:-1] for c in text))


def facts(report: Report) -> dict[str, Any]:
    """Return what a report says of itself, and which file it is."""
    document = report.document
    return {name: getattr(report, name) for name in _FACTS} | {"file": document.name, "format": document.format, "sha256": document.sha256}


def rows(report: Report, table: str) -> list[dict[str, Any]]:
    """Return one of a report's tables, a dictionary a row, without the column that is the same in each."""
    columns = list(schemas()[table].columns)
    return [{c: v for c, v in zip(columns, row, strict=True) if c != "report_id"} for row in report.rows(table)]


def of_cell(found: Iterable[Mapping[str, Any]], cell: str) -> list[Mapping[str, Any]]:
    """Return the rows that say something of one cell, or of its whole row or column."""
    path = dict(zip(_PATH, cell.split("/"), strict=True))
    return [row for row in found if all(row[part] in (None, "", said) for part, said in path.items())]


def trace_data(corpus: Corpus, report_id: str, cell: str) -> dict[str, Any]:
    """Return a cell as a corpus holds it, its document, and the findings and identities that say something of it."""
    from gongkai.corpus.held import records

    found = {"report": corpus.reports, "cell": corpus.cells, "findings": corpus.findings, "checks": corpus.checks}
    own = {name: records(table[table["report_id"] == report_id]) for name, table in found.items()}
    return {
        "report": own["report"][0],
        "cell": next((row for row in own["cell"] if "/".join(row[part] for part in _PATH) == cell), None),
        "findings": of_cell(own["findings"], cell),
        "checks": of_cell(own["checks"], cell),
    }
