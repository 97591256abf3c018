"""The parts of a county study: each a heading with its content, or nothing if the report lacks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gongkai import indicators
from gongkai.core.messages import say
from gongkai.inference import percent
from gongkai.report import STATUSES
from gongkai.studies import plots, study
from gongkai.studies.fragments import Html, as_table, grouped, lead, linked, paragraph
from gongkai.studies.units import rates_of
from gongkai.studies.yearly import tell

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.report import Report
    from gongkai.studies.canvas import Picture

Part = tuple["Html | Picture", ...]


def summary(report: Report, language: str = "zh") -> Part:
    """Return what may be concluded, and how many cells of the form have which status, each explained."""
    counted = (as_table(status_table(report, language)),) if report.readings else ()
    return opening(report, language), *counted


def opening(report: Report, language: str = "zh") -> Html:
    """Say in plain words what became of the requests, each number leading to its cell; where there is no rate, why.

    Examples
    --------
    >>> from gongkai import read_report
    >>> opening(read_report("data/raw/qinxian-2019.txt"), "en")  # doctest: +ELLIPSIS
    As reported by the authority for 2019: requests received 1 , left over from the year before 0 ; ...
    """
    if "applications" not in report.edition.tables:
        return lead(study.conclusion(report, language))
    rates = rates_of(report)
    (share,) = rates[rates["indicator"] == "full_grant_share"].to_dict("records")
    counts = {item: report.reading(f"applications/{item}/total").value for item in study.COUNTED}
    if share["method"] != "wilson" or None in counts.values():
        return lead(study.conclusion(report, language))
    told = {name: percent(share[name], share["n"], language) for name in ("value", "low", "high")}
    numbers = {**{item: grouped(value) for item, value in counts.items() if value is not None}, **told}
    cells = {item: f"applications/{item}/total" for item in counts} | {"value": "applications/granted/total"}
    return linked(study.opening_words(report, language), numbers, cells)


def status_table(report: Report, language: str = "zh") -> pd.DataFrame:
    """Say in words what the statuses of a report's cells mean, and how many cells have each; statuses that none has are left out.

    Examples
    --------
    >>> from gongkai import read_report
    >>> status_table(read_report("data/raw/qinxian-2019.txt"), "en").iloc[0].to_list()
    ['printed', '165', 'the number stands in the cell']
    """
    import pandas as pd

    counts = Counter(r.status for r in report.readings)
    rows = [(say(f"status.{s}", language), grouped(counts[s]), say(f"meaning.{s}", language)) for s in STATUSES if counts[s]]
    return pd.DataFrame(rows, columns=[tell(name, language) for name in ("status", "cells", "means")], dtype="str")


def flow(report: Report, language: str = "zh") -> Part:
    """Return the figure of requests; if no total has a value, a sentence why; nothing if the report has no table of requests.

    Examples
    --------
    >>> from gongkai import read_report
    >>> len(flow(read_report("data/raw/qinxian-2019.txt"))), flow(read_report("data/raw/pingtan-2014.html"))
    (1, ())
    """
    totals = [r for r in report.readings if (r.field.table, r.field.measure) == ("applications", "total")]
    if any(r.value is not None for r in totals):
        return (plots.flow(report, language),)
    return (paragraph(study.no_flow(totals, language)),) if totals else ()


def citation(report: Report, language: str = "zh") -> Part:
    """Return how to cite a cell, where there is one."""
    return (study.heading("citation", language), study.citation(report, language)) if report.readings else ()


def form(report: Report, language: str = "zh") -> Part:
    """Return the tables, filled in, where the document has some."""
    return (study.heading("form", language), study.official_form(report, language)) if report.readings else ()


def main_indicators(report: Report, language: str = "zh") -> Part:
    """Return the main indicators, without a figure where none has a value, and nothing where the edition defines none that has one."""
    rows = rates_of(report)
    shown = indicators.lead(rows)
    valued = bool(shown["value"].notna().any())
    if not valued and "applications" not in report.edition.tables:
        return ()
    figure = (plots.indicator_figure(rows, report, language),) if valued else ()
    table = as_table(study.indicator_table(report, language))
    return study.heading("indicators", language), *figure, table, study.indicator_notes(language)


def figures(report: Report, language: str = "zh") -> Part:
    """Return the numbers of the prose, where it has some."""
    return (study.heading("figures", language), as_table(study.figure_table(report, language))) if report.contents.figures else ()


def findings(reports: Sequence[Report], language: str = "zh") -> Part:
    """Return every finding of all years, where there is one."""
    found = any(report.contents.findings for report in reports)
    return (study.heading("findings", language), as_table(study.all_findings(reports, language))) if found else ()
