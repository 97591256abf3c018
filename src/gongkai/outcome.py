"""What a batch of studies is and what became of it: tasks, studies, failures, and the page that lists them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gongkai import findings as words
from gongkai.execute import Failure, write
from gongkai.manifest import County
from gongkai.report import STATUSES, Report
from gongkai.show import value_text
from gongkai.site import IndexRow, index_page
from gongkai.texts import LANGUAGES, say

RECORD, FAILURES, INDEX = "manifest.json", "failures.csv", "index.html"
PAGES = {"zh": "study.html", "en": "study.en.html"}
NOTEBOOKS = {"zh": "study.ipynb", "en": "study.en.ipynb"}
RECEIVED = "applications/new_received/total"


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


def index_of(done: Done) -> str:
    failed = len({folder for folder, _ in done.failures})
    aside = sum(len(s.county.set_aside) for s in done.studies)
    told = [
        [say("index.summary", language, n=len(done.studies), failed=failed)] + ([say("index.aside", language, n=aside)] if aside else [])
        for language in LANGUAGES
    ]
    title = " · ".join(say("index.title", language) for language in LANGUAGES)
    return index_page(title, [" ".join(lines) for lines in told], [_index_row(done, s) for s in done.studies])


def _index_row(done: Done, study: Study) -> IndexRow:
    """Say of one county what was read: counts, no rates, no order of merit."""
    county, reports = study.county, study.county.reports
    failures = [(pages.split(), f) for folder, pages, f in done.told() if folder == study.folder]
    failed = {language for pages, _ in failures for language in pages}
    made = [(say(f"index.page_{lang}", lang), f"{study.folder}/{page}") for lang, page in PAGES.items() if lang not in failed]
    left = [(say("index.notebook", lang), f"{study.folder}/{NOTEBOOKS[lang]}") for lang in LANGUAGES if lang in failed]
    return IndexRow(
        name=_named(county), code=county.code or "—",
        years="、".join(str(r.year or "—") for r in reports) or "—", received=_received(reports),
        levels=_counted(reports, words.LEVELS, [words.level(f.code) for r in reports for f in r.notices]),
        statuses=_counted(reports, STATUSES, [reading.status for r in reports for reading in r.readings]),
        links=tuple(made + left), failure="\n".join(f"{f.zh}\n{f.en}" for _, f in failures),
    )  # fmt: skip


def _named(county: County) -> str:
    """Name a county; where nothing but an id is known of it, with its file."""
    known_by_id = any(county.name.startswith(r.report_id) for r in county.reports)
    return f"{county.name} ({county.entries[0].name})" if known_by_id else county.name


def _counted(reports: Sequence[Report], kinds: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    """Count each kind; where nothing was read there is nothing to count, which is not zero."""
    counts = Counter(found)
    return tuple(str(counts[kind]) if reports else "—" for kind in kinds)


def _received(reports: Sequence[Report]) -> str:
    """Return the applications newly received in each year, as read."""
    cells = [next((x for x in r.readings if x.field.path == RECEIVED), None) for r in reports]
    read = [value_text(cell, "zh") if cell else "—" for cell in cells]
    return read[0] if len(read) == 1 else "，".join(f"{r.year or '—'}: {text}" for r, text in zip(reports, read, strict=True)) or "—"
