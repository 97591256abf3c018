"""The page that lists the studies of a run, in both languages, and the same list as a table."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gongkai.core import findings as finding_words
from gongkai.core.codes import Status
from gongkai.core.messages import marked, number_text, say
from gongkai.core.model import Reading
from gongkai.corpus.export import harmless
from gongkai.corpus.unread import lines
from gongkai.forms import editions, load_form
from gongkai.inference import percent
from gongkai.places import name_of, parents, romanised, told_in
from gongkai.report import STATUSES
from gongkai.report.view import value_text
from gongkai.studies.execute import NotebookFailure, write
from gongkai.studies.fragments import grouped
from gongkai.studies.outcome import INDEXES, NOTHING, PAGES, RATES, RECEIVED, TABLE, Done, Study, Unread, write_assets
from gongkai.studies.pages import IndexRow, index_page
from gongkai.studies.units import County


def write_indexes(done: Done) -> None:
    """Write the page that lists the studies, in both languages, and what all pages share."""
    write_assets(done.folder)
    if any(study.county for study in done.studies):
        write(done.folder / TABLE, "\ufeff" + _table_of(done))
    for language, name in INDEXES.items():
        write(done.folder / name, index_of(done, language))


def index_of(done: Done, language: str = "zh") -> str:
    """Make the page that lists the studies: of counties what was read, of others their parameters."""
    of_counties = any(study.county for study in done.studies)
    aside, simulated = (sum(len(s.county.set_aside) for s in done.studies if s.county), [s for s in done.studies if _is_simulated(s)])
    listed = [study for study in done.studies if not study.parent]
    summary = [say("index.summary" if of_counties else "index.summary_table", language, n=len(listed), failed=len(done.failed))]
    summary = [*([say("index.simulated", language, n=len(simulated), of=len(listed))] if simulated else []), *summary]
    summary += [say("index.aside", language, n=aside)] if aside else []
    summary += [say("index.unread_summary", language, n=len(done.unread))] if done.unread else []
    key = "index.running" if done.runs else "index.interrupted"
    summary += [say(key, language, n=len(done.unmade) + (len(done.outdated) if done.runs else 0))] if done.unmade or done.runs else []
    names = list(dict.fromkeys(name for study in done.studies for name in study.parameters))
    columns = _county_heads(language) if of_counties else [say("index.study", language), *names]
    other = next((say("page.other", language), name) for code, name in INDEXES.items() if code != language)
    told: dict[str, list[tuple[str, NotebookFailure]]] = {}
    for folder, pages, failure in done.told():
        told.setdefault(folder, []).append((pages, failure))
    unread: dict[str, list[Unread]] = {}
    for file in done.unread:
        unread.setdefault(file.folder, []).append(file)
    there = [study for study in done.studies if not study.parent or done.status_of(study) != "made"]
    rows = [_index_row(done, s, told.get(s.folder, ()), unread.get(s.folder, ()), names, language) for s in there]
    title = say("index.title", language) if of_counties else done.folder.resolve().name
    title += say("index.title_simulated", language) if simulated else ""
    strangers = lines((u for u in done.unread if not u.folder), language)
    links = [*([(say("index.download", language), TABLE)] if of_counties else []), other]
    heads = [*columns, say("index.status", language)]
    return index_page(title, summary, heads, rows, language, links, _legend(done, language), strangers, _compared(done, language))


def _compared(done: Done, language: str, code: str = "") -> list[tuple[str, str]]:
    """Return the comparisons that are there, of one county those that it is in: their words and pages."""
    there = (s for s in done.studies if s.parent and code.startswith(s.parent if code else "") and done.status_of(s) == "made")
    return [(say("index.compared", language, name=told_in(s.name, language)), f"{s.folder}/{PAGES[language]}") for s in there]


def _table_of(done: Done) -> str:
    """Write what the list shows of each county as CSV, codes as they are and rates as fractions."""
    stream = io.StringIO()
    rates = [f"{code}{end}" for code in RATES for end in ("", "_n")]
    heads = ["folder", "division_code", "name", "name_en", "years", "received", *rates, *finding_words.LEVELS, "status"]
    table = csv.DictWriter(stream, heads, restval="", lineterminator="\r\n")
    table.writeheader()
    for study in (s for s in done.studies if s.county):
        table.writerow({name: harmless(str(value)) for name, value in _listed(done, study).items() if value is not None})
    return stream.getvalue()


def _listed(done: Done, study: Study) -> dict[str, Any]:
    """Return the row of one county in the table that goes with the list."""
    county = study.county
    assert county is not None
    rates = {f"{code}{end}": row[column] for code, row in _rates(done, county).items() for end, column in (("", "value"), ("_n", "n"))}
    known = {name: number_text(value) for name, value in rates.items() if not _is_missing(value)}
    levels, received = Counter(county.levels or {}), _received(county, "en")[1]
    return {
        "folder": study.folder, "division_code": county.code, "name": study.name, "name_en": romanised(study.name),
        "years": " ".join(str(r["year"]) for r in county.reports if r["year"] is not None),
        "received": None if received is None else number_text(received), **known,
        **{level: levels[level] for level in finding_words.LEVELS if county.reports}, "status": done.status_of(study),
    }  # fmt: skip


def _rates(done: Done, county: County) -> Mapping[str, Mapping[str, Any]]:
    return done.rates.get(county.reports[-1]["report_id"], {}) if county.reports else {}


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))


def _legend(done: Done, language: str) -> list[tuple[str, str]]:
    """Explain the words that stand in the column of states: what became of a study, then the statuses of cells that occur."""
    states = list(dict.fromkeys(done.status_of(study) for study in done.studies))
    cells = sum((study.county.cells for study in done.studies if study.county), Counter[str]())
    told = [(say(f"index.{state}", language), say(f"index.{state}_means", language)) for state in sorted(states, reverse=True)]
    return told + [(say(f"status.{kind}", language), say(f"meaning.{kind}", language)) for kind in STATUSES if cells[kind]]


def _county_heads(language: str) -> list[str]:
    heads = [say(f"index.{key}", language) for key in ("name", "place", "code", "years", "received", *RATES)]
    return heads + [say(f"level.{level}", language).capitalize() for level in finding_words.LEVELS]


def _index_row(
    done: Done, study: Study, failures: Sequence[tuple[str, NotebookFailure]], unread: Sequence[Unread], names: Sequence[str], language: str
) -> IndexRow:
    """Return the row of one study: its counts (no rates and no ranking), its state, and its unreadable files."""
    county, status = study.county, done.status_of(study)
    failed = {code for pages, _ in failures for code in pages.split()}
    cells = county.cells if county else Counter[str]()
    doubt = cells[Status.UNCERTAIN] + cells[Status.UNREADABLE]
    has = {"failed": status in _UNDONE, "unread": bool(unread), "errors": bool(county and (county.levels or {}).get("error"))}
    told = [f.zh if language == "zh" else f.en for _, f in failures]
    return IndexRow(
        name=_county_name(county, language) if county else study.name,
        target="" if status in _PAGELESS else f"{study.folder}/{study.kept(language) if language in failed else PAGES[language]}",
        cells=(
            *_cells(done, study, names, language),
            (_outcome_in_words(cells, status, language), f"{1 if failed else 0} {doubt}"),
        ),
        groups=tuple(group for group, is_there in {**has, "doubt": doubt > 0}.items() if is_there),
        failure="\n".join([*told, *lines(unread, language)]),
        links=tuple(_compared(done, language, county.code)) if county and county.code else (),
    )  # fmt: skip


_UNDONE, _PAGELESS = ("failed", "unreadable", "unmade"), ("unreadable", "unmade")


def _is_simulated(study: Study) -> bool:
    return bool(study.county and study.county.simulated)


def _cells(done: Done, study: Study, names: Sequence[str], language: str) -> list[tuple[str, float | str | None]]:
    """Return what the list shows of a study: what was read of its county, or its parameters; of a comparison nothing."""
    if study.county:
        return _county_cells(study.county, _rates(done, study.county), language)
    if study.parent:
        return [(NOTHING, None)] * (len(_county_heads(language)) - 1)
    return [_parameter(study.parameters.get(name)) for name in names]


def _county_cells(county: County, rates: Mapping[str, Mapping[str, Any]], language: str) -> list[tuple[str, float | str | None]]:
    """Return what was read of one county, for the list of studies."""
    levels = Counter(county.levels or {})
    counts = [(str(levels[level]), float(levels[level])) if county.reports else (NOTHING, None) for level in finding_words.LEVELS]
    about = [_place(county, language), (county.code or NOTHING, county.code), _year_spans(county.reports, language)]
    return [*about, _received(county, language), *(_rate(rates.get(code), language) for code in RATES), *counts]


def _place(county: County, language: str) -> tuple[str, str | None]:
    """Name the prefecture and the province of a county; the row sorts by its code."""
    names = [name_of(code) or code for code in parents(county.code or "")]
    if language == "en":
        return ", ".join(romanised(name) or name for name in reversed(names)) or NOTHING, county.code
    return "".join(names) or NOTHING, county.code


def _rate(row: Mapping[str, Any] | None, language: str) -> tuple[str, float | None]:
    """Write a rate of the newest year with what it divides."""
    if row is None or _is_missing(row["value"]):
        return NOTHING, None
    share = percent(row["value"], row["n"], language).replace(" ", "\u00a0")
    return f"{share} ({grouped(row['numerator'])}/{grouped(row['n'])})", float(row["value"])


def _parameter(value: object) -> tuple[str, float | str | None]:
    if value is None:
        return NOTHING, None
    return str(value), float(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _county_name(county: County, language: str) -> str:
    """Name a county; where nothing but an id is known of it, with its file; where it does not exist, with the words that say so."""
    known_by_id = next((r["path"] for r in county.reports if county.name.startswith(r["report_id"])), None)
    name = f"{county.name} ({known_by_id})" if known_by_id else told_in(county.name, language)
    return marked(name, language, county.simulated)


def _year_spans(reports: Sequence[Mapping[str, Any]], language: str) -> tuple[str, str | None]:
    """Write years, consecutive ones as a span; the row sorts by the newest."""
    years = sorted({r["year"] for r in reports if r["year"] is not None})
    starts = [year for year in years if year - 1 not in years]
    ends = [year for year in years if year + 1 not in years]
    spans = [str(a) if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True)]
    return (say("explain.comma", language).join(spans), str(years[-1])) if years else (NOTHING, None)


def _received(county: County, language: str) -> tuple[str, float | None]:
    """Return the applications newly received in the newest year, as read."""
    read = (county.received or {}).get(county.reports[-1]["report_id"]) if county.reports else None
    if read is None:
        return NOTHING, None
    field = next(f for f in load_form(editions()[0]).fields if f.path == RECEIVED)
    return value_text(Reading(field, *read), language), read[0]


def _outcome_in_words(cells: Mapping[str, int], status: str, language: str) -> str:
    """Say whether the study was made, and of a county how many cells have each status."""
    made = say(f"index.{status}", language)
    counted = [f"{say(f'status.{kind}', language)} {cells[kind]}" for kind in STATUSES if cells[kind]]
    return say("explain.colon", language).join([made, *([say("explain.comma", language).join(counted)] if counted else [])])
