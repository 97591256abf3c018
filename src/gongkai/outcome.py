"""What a batch of studies is and what became of it: tasks, studies, failures, and the page that lists them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai import findings as words
from gongkai.counties import County
from gongkai.execute import Failure, write
from gongkai.forms import editions, load_form
from gongkai.model import Reading
from gongkai.report import STATUSES
from gongkai.show import value_text
from gongkai.site import IndexRow, assets, index_page
from gongkai.texts import say

RECORD, FAILURES, INDEX = "manifest.json", "failures.csv", "index.html"
INDEXES = {"zh": INDEX, "en": "index.en.html"}
PAGES = {"zh": "study.html", "en": "study.en.html"}
NOTEBOOKS = {"zh": "study.ipynb", "en": "study.en.ipynb"}
RECEIVED = "applications/new_received/total"
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Task:
    """One page of one study: what is run, and where its files go."""

    notebook: Path
    parameters: dict[str, str | int | float | bool | None]
    cwd: Path | None
    target: Path
    title: str
    language: str
    has_index: bool


@dataclass(frozen=True)
class Study:
    """One county's study: its tasks, and the hash of all that its bytes depend on."""

    county: County
    tasks: tuple[Task, ...]
    key: str

    @property
    def folder(self) -> str:
        return self.county.folder


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a batch: ``failures`` by folder and language, how many studies were run and how many had not changed."""

    folder: Path
    studies: tuple[Study, ...]
    failures: Mapping[tuple[str, str], Failure]
    ran: int
    unchanged: int

    @property
    def index(self) -> Path:
        return self.folder / INDEX

    def told(self) -> list[tuple[str, str, Failure]]:
        """Return folder, pages (``zh en``) and failure, once where both pages of a study fail alike."""
        pages: dict[tuple[str, Failure], list[str]] = {}
        for (folder, language), failure in self.failures.items():
            pages.setdefault((folder, failure), []).append(language)
        alike = ((folder, sorted(languages, reverse=True), failure) for (folder, failure), languages in pages.items())
        return sorted(((folder, " ".join(languages), failure) for folder, languages, failure in alike), key=lambda t: t[:2])

    @property
    def status(self) -> int:
        """Exit status: 0 if every study is there, 1 if some failed."""
        return 1 if self.failures else 0


def write_failures(path: Path, done: Done) -> None:
    """List the failures where a person looks; no failures, no list."""
    if not done.failures:
        path.unlink(missing_ok=True)
        return
    names = {s.folder: s.county for s in done.studies}
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\r\n")
    table.writerow(("folder", "division_code", "name", "pages", "cell", "error", "reason_zh", "reason", "notebook"))
    for folder, pages, failure in done.told():
        county, kept = names[folder], NOTEBOOKS[pages.split()[0]]
        row = (folder, county.code or "", county.name, pages, failure.cell or "", failure.error, failure.zh, failure.en, f"{folder}/{kept}")
        table.writerow(row)
    write(path, "\ufeff" + stream.getvalue())


def write_indexes(done: Done) -> None:
    """Write the page that lists the studies, in both languages, and what all pages share."""
    write_assets(done.folder)
    for language, name in INDEXES.items():
        write(done.folder / name, index_of(done, language))


def write_assets(folder: Path) -> None:
    for name, data in assets().items():
        write(folder / name, data)


def index_of(done: Done, language: str = "zh") -> str:
    """Make the page that lists the studies."""
    failed = len({folder for folder, _ in done.failures})
    aside = sum(len(s.county.set_aside) for s in done.studies)
    summary = [say("index.summary", language, n=len(done.studies), failed=failed)]
    summary += [say("index.aside", language, n=aside)] if aside else []
    heads = [say(f"index.{key}", language) for key in ("name", "code", "years", "received")]
    heads += [*(say(f"level.{level}", language).capitalize() for level in words.LEVELS), say("index.status", language)]
    other = next((say("page.other", language), name) for code, name in INDEXES.items() if code != language)
    told: dict[str, list[tuple[str, Failure]]] = {}
    for folder, pages, failure in done.told():
        told.setdefault(folder, []).append((pages, failure))
    rows = [_index_row(study, told.get(study.folder, ()), language) for study in done.studies]
    return index_page(say("index.title", language), summary, heads, rows, language, [other])


def _index_row(study: Study, failures: Sequence[tuple[str, Failure]], language: str) -> IndexRow:
    """Say of one county what was read: counts, no rates, no order of merit."""
    county, reports = study.county, study.county.reports
    failed = {code for pages, _ in failures for code in pages.split()}
    levels, cells = Counter(county.levels or {}), county.cells
    doubt = cells["uncertain"] + cells["unreadable"]
    groups = {"failed": bool(failed), "errors": levels["error"] > 0, "doubt": doubt > 0}
    return IndexRow(
        name=_named(county), target=f"{study.folder}/{(NOTEBOOKS if language in failed else PAGES)[language]}",
        cells=(
            (county.code or NOTHING, county.code), _years(reports, language), _received(county, language),
            *((str(levels[level]), float(levels[level])) if reports else (NOTHING, None) for level in words.LEVELS),
            (_statuses(cells, bool(failed), language), f"{1 if failed else 0} {doubt}"),
        ),
        groups=tuple(group for group, is_there in groups.items() if is_there),
        failure="\n".join(f.zh if language == "zh" else f.en for _, f in failures),
    )  # fmt: skip


def _named(county: County) -> str:
    """Name a county; where nothing but an id is known of it, with its file."""
    known_by_id = any(county.name.startswith(r["report_id"]) for r in county.reports)
    return f"{county.name} ({county.reports[0]['path']})" if known_by_id else county.name


def _years(reports: Sequence[Mapping[str, Any]], language: str) -> tuple[str, str | None]:
    """Tell the years, those that follow each other as a span; they sort by the newest."""
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
    value = None if read[0] != read[0] or not isinstance(read[0], float) else read[0]
    field = next(f for f in load_form(editions()[0]).fields if f.path == RECEIVED)
    return value_text(Reading(field, value, read[1], read[2] if isinstance(read[2], str) else None), language), value


def _statuses(cells: Mapping[str, int], failed: bool, language: str) -> str:
    """Say whether the study was made, and how many cells have each status."""
    made = say("index.failed" if failed else "index.made", language)
    counted = [f"{say(f'status.{status}', language)} {cells[status]}" for status in STATUSES if cells[status]]
    return say("explain.colon", language).join([made, *([say("explain.comma", language).join(counted)] if counted else [])])
