"""A report -> what the officer who must publish it is told: findings with a step for each, and the cells that no sum guards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

from gongkai import __version__
from gongkai.core import findings as finding_words
from gongkai.core.codes import Level, State, Status
from gongkai.core.errors import refuse_language
from gongkai.core.messages import place_words, say, unturned
from gongkai.core.model import Check, Reading
from gongkai.report.templates import fill, style
from gongkai.report.view import form_html, value_text

if TYPE_CHECKING:
    from gongkai.report.report import Report

_NOTICED = (State.HOLDS, State.BROKEN)


def unguarded(readings: Sequence[Reading], checks: Sequence[Check]) -> list[Reading]:
    """Return the cells of the document in which a wrong number would break no sum.

    A sum that could not be checked guards nothing, nor does one that was used to choose a reading. Cells that are not in the
    document are left out.

    Examples
    --------
    >>> from gongkai.report import read_report
    >>> report = read_report("data/raw/qinxian-2019.txt")
    >>> cells = unguarded(report.readings, report.contents.checks)
    >>> len(cells), sum(r.field.table == "disclosure" for r in cells)
    (34, 22)
    """
    guarded = {f for check in checks if check.state in _NOTICED for f in check.identity.terms}
    return [r for r in readings if r.status != Status.ABSENT and r.field not in guarded]


def check_page(report: Report, language: str = "zh") -> str:
    """Turn a report into one page for the officer who must publish it: a whole HTML document that fetches nothing and prints well.

    Parameters
    ----------
    report : Report
    language : {"zh", "en"}
        The language of the page; printed characters stay as they are.

    Returns
    -------
    str
        Findings, each with its place and a suggested step, the cells that no sum guards, and the tables as they were read.

    Examples
    --------
    >>> from gongkai.report import read_report
    >>> page = check_page(read_report("data/raw/qinxian-2019.txt"), "en")
    >>> "Cells that no sum guards" in page, "Suggested step" in page
    (True, True)
    """
    refuse_language(language)
    tables = form_html(report.edition, report.readings, report.contents.findings, language, lists_findings=False)
    page = fill(
        "check.html.j2", language=language, css=Markup(style("page.css") + style("check.css")), heading=heading(report, language),
        verdict=verdict(report, language), levels=_levels(report, language), cells=_cells(report, language),
        tables=Markup(tables) if report.edition.tables else "", footer=say("officer.footer", language, version=__version__),
        say=partial(say, language=language),
    )  # fmt: skip
    return unturned(page)


def heading(report: Report, language: str) -> tuple[str, str]:
    """Return the title of a report, and the facts about it."""
    facts = say(
        "cli.facts", language, authority=report.authority or say("cli.no_authority", language),
        year=report.year or say("cli.no_year", language), form=getattr(report.edition, language), file=report.document.name,
    )  # fmt: skip
    return report.title or say("cli.untitled", language), facts


def verdict(report: Report, language: str) -> str:
    """Say what the findings mean for the report's publication."""
    levels = [finding_words.level(f.code) for f in report.contents.findings]
    worst = next((level for level in (Level.ERROR, Level.WARNING) if level in levels), Level.NOTE)
    return say(f"cli.verdict_{worst}", language, n=levels.count(worst))


def _levels(report: Report, language: str) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Return for each level its word and its findings: message, place and step."""
    found = [
        (level, [f for f in report.contents.findings if finding_words.level(f.code) == level])
        for level in finding_words.LEVELS
    ]  # fmt: skip
    return [
        (level, say(f"level.{level}", language), [
            (" ".join(finding_words.message(f, report.edition, language).split()), place_words(f.where, language) if f.where else "—",
             finding_words.step(f.code, language))
            for f in same
        ])
        for level, same in found if same
    ]  # fmt: skip


def _cells(report: Report, language: str) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    """Return for each table its cells that no sum guards: name, value, place, and how sure the reading is."""
    cells = unguarded(report.readings, report.contents.checks)
    return [
        (getattr(report.edition.tables[table], language), list(_rows(report, list(same), language)))
        for table, same in groupby(cells, key=lambda r: r.field.table)
    ]


def _rows(report: Report, cells: Sequence[Reading], language: str) -> Iterator[tuple[str, str, str, str]]:
    for r in cells:
        place = place_words(r.where, language) if r.where else "—"
        yield finding_words.cell_name(report.edition, r.field, language), value_text(r, language), place, say(f"sure.{r.status}", language)
