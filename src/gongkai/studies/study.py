"""The sentences and tables of the county study, composed here so that notebook and pages say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai import indicators
from gongkai.core import findings
from gongkai.core.data import packaged
from gongkai.core.errors import UsageError, refuse_language
from gongkai.core.messages import marked, place_words, said_of, say
from gongkai.corpus import Corpus, read_corpus
from gongkai.inference import condition, percent, sentence
from gongkai.places import told_in
from gongkai.report import STATUSES, Report
from gongkai.report.citation import cite
from gongkai.report.view import form_html, value_text
from gongkai.studies import units as counties
from gongkai.studies.fragments import Download as Download
from gongkai.studies.fragments import Html as Html
from gongkai.studies.fragments import as_list as as_list
from gongkai.studies.fragments import as_table as as_table
from gongkai.studies.fragments import grouped as grouped
from gongkai.studies.fragments import lead as lead
from gongkai.studies.fragments import paragraph as paragraph
from gongkai.studies.fragments import subheading as subheading
from gongkai.studies.units import county_name as county_name

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.core.model import Figure, Finding, Reading

COUNTED = ("new_received", "carried_in", "processed_total", "granted")
BY_YEAR = ("new_received", "carried_in", "processed_total", "granted", "partially_granted", "carried_out")
FIRST_YEAR = 2019
CITED = "applications/processed_total/total"


def load(
    source: str, data_dir: str | Corpus, division_code: str, first_year: int | None = None, last_year: int | None = None
) -> list[Report]:
    """Return the reports of a study, the oldest first: of one file if there is a ``source``, else of one county of a corpus or folder.

    Raises
    ------
    ReportError
        If there is nothing to study.

    Examples
    --------
    >>> [report.year for report in load("", "data/raw", "140430", 2019, 2025)]
    [2019]
    """
    if source:
        return [counties.county_of_file(nearest(source))[1]]
    corpus = read_corpus(nearest(data_dir)) if isinstance(data_dir, str) else data_dir
    return counties.county_reports(corpus, str(division_code), first_year, last_year)


def corpus_of(source: str, data_dir: str) -> Corpus | None:
    """Return the corpus that a study's county is one of; none where it is made of one file.

    Examples
    --------
    >>> corpus_of("data/raw/qinxian-2019.txt", "data/raw") is None
    True
    """
    return None if source else read_corpus(nearest(data_dir))


def nearest(path: str | Path) -> Path:
    """Return a path, or the same path under the closest folder above that has it, so that a notebook also runs from its own folder.

    Raises
    ------
    UsageError
        If no folder has it.

    Examples
    --------
    >>> nearest("data/raw").name
    'raw'
    """
    here = Path.cwd()
    for steps in range(len(here.parts)):
        if (found := Path(*[".."] * steps, path)).exists():
            return found
    raise UsageError.of("studies.no_path", path, here=here)


def heading(key: str, language: str = "zh", **values: object) -> Html:
    """Return one of the study's headings.

    Examples
    --------
    >>> print(heading("citation", "en"))
    <h2>How to cite</h2>
    """
    return Html(f"<h2>{escape(_say(f'heading.{key}', language, **values))}</h2>")


def title(report: Report, language: str = "zh") -> Html:
    """Return the study's title, and below it the standing of its numbers."""
    said = _say("heading.title", language, county=told_in(counties.county_name(report), language), when=_when(report, language))
    standing = _say("heading.standing_simulated" if report.simulated else "heading.standing", language)
    return Html(f"<h1>{escape(marked(said, language, report.simulated))}</h1>" + paragraph(standing))


def years(reports: Sequence[Report], first_year: int | None, last_year: int | None) -> tuple[dict[int, Report], int, int]:
    """Return the reports by year, and the first and the last year to show: those asked for, and wider where a report lies outside.

    Examples
    --------
    >>> years([], 2019, 2025)
    ({}, 2019, 2025)
    """
    read = {r.year: r for r in reports if r.year is not None}
    shown = [year for year in (*read, first_year, last_year) if year is not None] or [FIRST_YEAR]
    return read, min(shown), max(shown)


def facts(report: Report, language: str = "zh") -> pd.DataFrame:
    """Say in one row which county, year, issuing body, scope, source and date a report states, and where it states none."""
    unstated = _unstated(language)
    sha256 = report.document.sha256[:12]
    values = {
        "county": f"{told_in(counties.county_name(report), language)}{f', {report.division_code}' if report.division_code else ''}",
        "year": _year_or_unstated(report, language),
        "authority": report.authority or unstated,
        "scope": _say(f"scope.{report.scope}", language) if report.scope else unstated,
        "source": report.source or _say("facts.file", language, name=Path(report.document.name).name, sha256=sha256),
        "published": report.published or unstated,
    }
    return _texts_frame({_say(f"facts.{key}", language): [str(value)] for key, value in values.items()})


def conclusion(report: Report, language: str = "zh") -> str:
    """Say in one sentence what may be concluded about requests, nothing included.

    Examples
    --------
    >>> from gongkai import read_report
    >>> print(conclusion(read_report("data/raw/qinxian-2019.txt"), "en"))  # doctest: +ELLIPSIS
    As reported by the authority, one request was received in 2019, processed and granted; complete as this count is, it hardly narrows
    down the rate of full grants of the process behind it (1 of 1; 95 % Wilson interval 21 %–100 %, if these requests were ... process).
    """
    return marked(_concluded(report, language), language, report.simulated)


def opening_words(report: Report, language: str) -> str:
    """Return the plain sentences of a study's first screen, the names of its numbers in braces."""
    kept = {name: f"{{{name}}}" for name in (*COUNTED, "value", "low", "high")}
    return marked(_say("conclusion.opening", language, when=_when(report, language), **kept), language, report.simulated)


def _concluded(report: Report, language: str) -> str:
    if "applications" not in report.edition.tables:
        return _say("conclusion.other_form", language, form=getattr(report.edition, language), contents=_contents(report, language))
    (share,) = indicators.table(report, codes=["full_grant_share"]).to_dict("records")
    counts = _counts(report, language)
    if share["method"] == "wilson" or share["status"] == "nothing_to_divide":
        said = sentence(share["numerator"], share["denominator"], language, _say("conclusion.of", language))
        return _say("conclusion.rate", language, counts=counts, sentence=said) + _lost(report, language)
    reason = share["reason_zh" if language == "zh" else "reason"]
    return _say("conclusion.no_rate", language, counts=counts, reason=reason) + _lost(report, language)


def by_year(reports: Sequence[Report], language: str = "zh") -> pd.DataFrame:
    """Set out one row a year: the form, what became of its requests where a form says so, how many findings there are of each level."""
    has_requests = any("applications" in report.edition.tables for report in reports)
    items = BY_YEAR if has_requests else ()
    paths = [f"applications/{item}/total" for item in items]
    rows = []
    for report in reports:
        read = {r.field.path: value_text(r, language) if r.value is None else grouped(r.value) for r in report.readings}
        levels = Counter(findings.level(f.code) for f in report.contents.findings)
        told = (*(read.get(path, "—") for path in paths), *(str(levels[level]) for level in findings.LEVELS))
        rows.append((_year_or_unstated(report, language), getattr(report.edition, language), *told))
    return _keyed_frame("by_year", ("year", "form", *items, *findings.LEVELS), rows, language)


def top_findings(report: Report, language: str = "zh", most: int = 3) -> pd.DataFrame:
    """Return the findings that matter most: gravest first, each kind once before any twice, and near an indicator first."""
    return _findings_frame(report, _ranked(report)[:most], language)


def all_findings(reports: Sequence[Report], language: str = "zh") -> pd.DataFrame:
    """Return every finding with its year, level and place, the newest year first and in it the gravest."""
    found = [(report, finding) for report in reversed(reports) for finding in sorted(report.contents.findings, key=_level)]
    rows = [(_year_or_unstated(report, language), *_finding_row(report, finding, language)) for report, finding in found]
    return _keyed_frame("findings", ("year", "level", "message", "where"), rows, language)


def indicator_table(report: Report, language: str = "zh") -> pd.DataFrame:
    """Set out the main indicators with their operands, cases, intervals, and what there is to say of them."""
    rows = [_indicator_row(report, row, language) for row in indicators.lead(counties.rates_of(report)).to_dict("records")]
    return _texts_frame({_say(f"indicators.{key}", language): [row[key] for row in rows] for key in rows[0]})


def indicator_notes(language: str = "zh") -> Html:
    """Say under which condition the intervals hold, and of each main indicator what its reader must know and where it comes from."""
    known = indicators.indicators()
    told = [_say("indicators.condition", language, condition=condition(language)), _say("indicators.others", language, n=len(known))]
    for entry in (one for one in known.values() if one.lead):
        name, caution, source = (
            (entry.zh, entry.caution_zh, entry.source) if language == "zh" else (entry.en, entry.caution_en, entry.source_en)
        )
        told.append(_say("indicators.caution", language, name=name, caution=caution, source=source))
    return Html(f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in told)}</ul>")


def figure_table(report: Report, language: str = "zh") -> pd.DataFrame:
    """Set out the numbers of the prose as printed, each with its place."""
    rows = [(_figure(f, language), f.unit, f.phrase, f.section, place_words(f.where, language)) for f in report.contents.figures]
    return _keyed_frame("figures", ("value", "unit", "phrase", "section", "where"), rows, language)


def official_form(report: Report, language: str = "zh") -> Html:
    """Return the official form, filled in, each cell coloured by its status."""
    return Html(form_html(report.edition, report.readings, report.contents.findings, language, report.title or ""))


def citation(report: Report, language: str = "zh") -> Html:
    """Return how to cite a cell of the report, with BibTeX to unfold."""
    paths = [r.field.path for r in report.readings]
    if not paths:
        return Html(paragraph(_say("citation.no_cell", language) + (report.title or report.document.name)))
    cited = cite(report, CITED if CITED in paths else paths[0], language)
    bibtex = f"<details><summary>BibTeX</summary><pre>{escape(cited.bibtex)}</pre></details>"
    return Html(paragraph(_say("citation.text", language) + cited.text) + bibtex)


def verdict(answer: float | None, right: float, language: str = "zh", within: float = 1e-9) -> str:
    """Say whether the answer to an exercise is right (within ``within``), without giving the right answer away.

    Examples
    --------
    >>> verdict(None, 4, "en"), verdict(3, 4, "en"), verdict(4, 4, "en")
    ('No answer yet: put yours in place of None above.', 'Not yet: look at the source again.', 'Right.')
    """
    if answer is None:
        return _say("lesson.open", language)
    return _say("lesson.right" if abs(float(answer) - float(right)) <= within else "lesson.wrong", language)


def _counts(report: Report, language: str) -> str:
    values = {item: report.reading(f"applications/{item}/total").value for item in COUNTED}
    known = {
        item: _say("conclusion.no_value", language) if v is None else _say("conclusion.cases", language, n=grouped(v))
        for item, v in values.items()
    }
    single = values == {"new_received": 1, "carried_in": 0, "processed_total": 1, "granted": 1}
    return _say("conclusion.one" if single else "conclusion.counts", language, when=_when(report, language), **known)


def _lost(report: Report, language: str) -> str:
    """Say which of the counts have no value and why; empty if all have one."""
    own = [report.reading(f"applications/{item}/total") for item in COUNTED[:2]]
    told = _cells_in_words([r for r in own if r.value is None], report, language)
    return _say("conclusion.lost", language, cells=told) if told else ""


def _cells_in_words(readings: Sequence[Reading], report: Report, language: str) -> str:
    named = ((findings.cell_name(report.edition, r.field, language), value_text(r, language)) for r in readings)
    return say("explain.comma", language).join(_say("conclusion.cell", language, cell=cell, value=value) for cell, value in named)


def _contents(report: Report, language: str) -> str:
    """Say what there is in a report without a table of requests."""
    counts = {"cells": len(report.readings), "valued": sum(r.value is not None for r in report.readings)}
    told = {"sections": sum(bool(part.number or part.title) for part in report.contents.sections), "figures": len(report.contents.figures)}
    key = "conclusion.contents" if report.readings else "conclusion.no_table"
    return _say(key, language, **counts, **told)


def no_flow(totals: Sequence[Reading], language: str = "zh") -> str:
    """Say that no figure of requests can be drawn, since no total has a value, and what the cells print instead."""
    counts = Counter(r.status for r in totals)
    told = say("explain.comma", language).join(f"{say(f'status.{s}', language)} {counts[s]}" for s in STATUSES if counts[s])
    return _say("conclusion.no_flow", language, n=len(totals), counts=told)


def _figure(figure: Figure, language: str) -> str:
    number = grouped(figure.value)
    return _say("figures.about", language, value=number) if figure.approximate else number


def _level(finding: Finding) -> int:
    return findings.LEVELS.index(findings.level(finding.code))


def _ranked(report: Report) -> list[Finding]:
    """Order findings by level; then the first of each kind before any second; then those about operands of the main indicators."""
    operands = {path for entry in indicators.indicators().values() if entry.lead for path in entry.operands}
    near = sorted(report.contents.findings, key=lambda f: (_level(f), not _touches(f, operands)))
    seen: Counter[str] = Counter()
    times = []
    for finding in near:
        times.append(seen[finding.code])
        seen[finding.code] += 1
    return [f for _, f in sorted(zip(times, near, strict=True), key=lambda pair: (_level(pair[1]), pair[0]))]


def _touches(finding: Finding, operands: set[str]) -> bool:
    """Say whether a finding is about the cell, the row or the column of one of these cells."""
    cells = (path.split("/") for path in operands)
    return any(
        finding.table == table and finding.item in (None, item) and finding.measure in (None, measure) for table, item, measure in cells
    )


def _findings_frame(report: Report, chosen: Sequence[Finding], language: str) -> pd.DataFrame:
    return _keyed_frame("findings", ("level", "message", "where"), [_finding_row(report, f, language) for f in chosen], language)


def _finding_row(report: Report, finding: Finding, language: str) -> tuple[str, str, str]:
    message = findings.message(finding, report.edition, language)
    return say(f"level.{findings.level(finding.code)}", language), message, place_words(finding.where, language)


def _year_or_unstated(report: Report, language: str) -> str:
    return str(report.year or _unstated(language))


def _indicator_row(report: Report, row: Mapping[Any, Any], language: str) -> dict[str, str]:
    """Turn one computed indicator into the texts of its row."""
    import pandas as pd

    entry = indicators.indicators()[row["indicator"]]
    top, bottom = indicators.formula(entry, report.edition, language)
    undefined = pd.isna(row["value"])
    reason = row["reason_zh" if language == "zh" else "reason"]
    return {
        "name": getattr(entry, language),
        "numerator": _operand(top, row["numerator"], language),
        "denominator": _operand(bottom, row["denominator"], language),
        "n": _number(row["n"], language),
        "value": _say("conclusion.no_value", language) if undefined else percent(row["value"], row["n"], language),
        "interval": "" if undefined else _interval(row, language),
        "note": reason if undefined else _say("indicators.operands", language, status=indicators.status_word(row["status"], language)),
    }


def _interval(row: Mapping[Any, Any], language: str) -> str:
    if row["method"] != "wilson":
        return _say("indicators.no_interval", language)
    return "–".join(percent(row[end], row["n"], language) for end in ("low", "high"))


def _operand(formula: str, number: Any, language: str) -> str:
    return _say("indicators.equals", language, formula=formula, number=_number(number, language))


def _number(number: Any, language: str) -> str:
    import pandas as pd

    return _say("conclusion.no_value", language) if pd.isna(number) else grouped(number)


def _when(report: Report, language: str) -> str:
    return _say("facts.when" if report.year else "facts.no_year", language, year=report.year)


def _unstated(language: str) -> str:
    return _say("facts.unstated", language)


def _keyed_frame(area: str, keys: Sequence[str], rows: Sequence[tuple[str, ...]], language: str) -> pd.DataFrame:
    return _texts_frame({_say(f"{area}.{key}", language): [row[n] for row in rows] for n, key in enumerate(keys)})


def _texts_frame(columns: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(dict(columns), dtype="str")


def _say(key: str, language: str, **values: object) -> str:
    refuse_language(language)
    return said_of(_load(), key, language, values)


@cache
def _load() -> Mapping[str, Any]:
    return packaged(__package__, "study.toml")
