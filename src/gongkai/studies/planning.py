"""What a batch is to make: a study of each row, and a comparison of each prefecture and province that has counties enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gongkai import indicators
from gongkai.core.files import find_notebook
from gongkai.core.messages import LANGUAGES, marked, say
from gongkai.corpus import Corpus
from gongkai.places import is_simulated, name_of, told_in
from gongkai.studies import execute, resume
from gongkai.studies.languages import together
from gongkai.studies.notebooks import read
from gongkai.studies.outcome import RATES, Limits, Study, StudyTask
from gongkai.studies.parameters import ParameterRow
from gongkai.studies.units import FEWEST_PEERS, County, file_name

COMPARISON = "studies/province_comparison.ipynb"


def plan(
    rows: Iterable[ParameterRow], notebook: Path, folder: Path, base: Mapping[str, Any], limits: Limits, cwd: Path | None = None,
    has_index: bool = True,
) -> list[Study]:  # fmt: skip
    """Say what would be run for each row: a notebook for each language, or one run for both.

    One run is enough where the notebook does not ask for the language, or allows that its words are set twice. Of a county of which
    nothing can be read there is nothing to run.
    """
    asks = "language" in execute.declared(notebook)
    at_once = asks and together(read(notebook))
    studies = []
    for row in rows:
        pages = [(code, titled(row, code)) for code in LANGUAGES]
        once = at_once and "language" not in row.parameters
        if once:
            parts = [({**row.parameters, "language": LANGUAGES[0]}, pages)]
        elif asks and "language" not in row.parameters:
            parts = [({**row.parameters, "language": page[0]}, [page]) for page in pages]
        else:
            parts = [(dict(row.parameters), pages)]
        is_read = not row.county or row.county.problem is None or bool(row.county.reports)
        tasks = tuple(
            StudyTask(notebook, given, cwd, folder / row.folder, tuple(made), has_index, limits, once) for given, made in parts if is_read
        )
        made_from = resume.made_from(base, inputs=row.inputs, parameters=parts)
        studies.append(Study(row.folder, row.name, tasks, made_from, row.county))
    return studies


def titled(row: ParameterRow, language: str) -> str:
    """Return the title of a row's page; that of a county says where its data are simulated."""
    if row.county:
        return marked(say("page.title", language, name=told_in(row.name, language)), language, row.county.simulated)
    return row.name


def comparisons(found: Sequence[County], given: Mapping[str, Any], folder: Path, limits: Limits) -> list[Study]:
    """Plan the comparison of the counties of each prefecture, and of each province, that has more of them than a county needs as peers.

    They are made from the reports of all their counties, and run last.
    """
    together_in: defaultdict[str, list[County]] = defaultdict(list)
    for county in found:
        if county.reports and county.code and not county.code.endswith("00") and county.key == county.code:
            for digits in (county.code[:2], county.code[:4]):
                together_in[digits].append(county)
    notebook = find_notebook(COMPARISON)
    known, base = execute.declared(notebook), resume.base_of(notebook)
    rows = [
        ParameterRow(f"{digits}-{file_name(name)}", name, {**_asked(given, known), "parent": digits}, [c.inputs for c in own])
        for digits, own in sorted(together_in.items())
        if len(own) > FEWEST_PEERS and (name := _parent_name(digits))
    ]
    return [_of_parent(one, str(one.parameters["parent"])) for one in plan(rows, notebook, folder, base, limits)]


def _of_parent(study: Study, digits: str) -> Study:
    """Title the pages of a comparison by what its counties have in common."""
    titles = [(code, marked(say("page.compared", code, name=told_in(study.name, code)), code, is_simulated(digits))) for code in LANGUAGES]
    return replace(study, parent=digits, tasks=tuple(replace(task, pages=tuple(titles)) for task in study.tasks))


def newest_rates(corpus: Corpus, found: Sequence[County]) -> dict[str, Mapping[str, Mapping[str, Any]]]:
    """Return the rates that the list of studies shows, by the id of each county's newest report and by indicator."""
    ids = [county.reports[-1]["report_id"] for county in found if county.reports]
    frames = {name: (table := getattr(corpus, name))[table["report_id"].isin(ids)] for name in ("reports", "checks", "findings")}
    told: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    if ids:
        for row in indicators.table(SimpleNamespace(cells=corpus.cells_of(ids), **frames), codes=RATES).to_dict("records"):
            told[row["report_id"]][row["indicator"]] = {str(name): value for name, value in row.items()}
    return dict(told)


def _asked(given: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in known and value is not None}


def _parent_name(digits: str) -> str:
    """Name a prefecture or province; one that does not exist by its digits."""
    return name_of(digits.ljust(6, "0")) or digits
