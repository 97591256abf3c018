"""What a batch of studies is and what became of it: tasks, studies, failures, and the page that lists them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from gongkai.core import findings as words
from gongkai.core.messages import say
from gongkai.core.model import Reading
from gongkai.forms import editions, load_form
from gongkai.report import STATUSES
from gongkai.report.view import value_text
from gongkai.studies.execute import CELL_SECONDS, MEGABYTES, Failure, write
from gongkai.studies.pages import IndexRow, assets, index_page
from gongkai.studies.units import County

MANIFEST, FAILURES, LOG, INDEX = "manifest.json", "failures.csv", "batch.log", "index.html"
INDEXES = {"zh": INDEX, "en": "index.en.html"}
PAGES = {"zh": "study.html", "en": "study.en.html"}
NOTEBOOKS = {"zh": "study.ipynb", "en": "study.en.ipynb"}
RECEIVED = "applications/new_received/total"
NOTHING = "—"


class Limits(NamedTuple):
    """What one notebook may take: seconds for each cell, megabytes of memory."""

    seconds: int = CELL_SECONDS
    megabytes: int | None = MEGABYTES


@dataclass(frozen=True, slots=True)
class Task:
    """One notebook of a study: what is run, where its files go, and language and title of each page that is made of it."""

    notebook: Path
    parameters: dict[str, str | int | float | bool | None]
    cwd: Path | None
    target: Path
    pages: tuple[tuple[str, str], ...]
    has_index: bool
    limits: Limits

    @property
    def kept(self) -> str:
        """Name of the notebook that was run, which a failure leaves."""
        return NOTEBOOKS[self.pages[0][0]]


@dataclass(frozen=True)
class Study:
    """One study of a batch: its folder's name, its tasks, hashes of all that its bytes depend on, and the county that it is of, if any."""

    folder: str
    name: str
    tasks: tuple[Task, ...]
    made_from: Mapping[str, str]
    county: County | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Its parameters, but for the language."""
        return {k: v for k, v in self.tasks[0].parameters.items() if k != "language"} if self.tasks else {}

    def kept(self, language: str) -> str:
        """Name of the notebook from which the page in this language is made."""
        return next((task.kept for task in self.tasks if language in dict(task.pages)), NOTEBOOKS[language])


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a batch: ``failures`` by folder and language, and by folder why a study was, or would be, run.

    ``kept`` counts the studies that had failed before and were not run again; ``outdated`` are studies that have changed and were left out.
    """

    folder: Path
    studies: tuple[Study, ...]
    failures: Mapping[tuple[str, str], Failure]
    why: Mapping[str, str] = field(default_factory=dict)
    kept: int = 0
    outdated: Collection[str] = ()

    @property
    def ran(self) -> int:
        return len(self.why)

    @property
    def failed(self) -> set[str]:
        """Folders of the studies that failed, in this run or before."""
        return {folder for folder, _ in self.failures}

    @property
    def unchanged(self) -> int:
        return len(self.studies) - self.ran - self.kept - len(self.outdated)

    def status_of(self, study: Study) -> str:
        """Say ``failed``, ``outdated`` or ``made``."""
        return "failed" if study.folder in self.failed else "outdated" if study.folder in self.outdated else "made"

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
        """Exit status: 0 if every study is there, 1 if some failed, in this run or before."""
        return 1 if self.failures else 0


def write_failures(path: Path, done: Done) -> None:
    """List the failures where a person looks; no failures, no list."""
    if not done.failures:
        path.unlink(missing_ok=True)
        return
    studies = {s.folder: s for s in done.studies}
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\r\n")
    table.writerow(("folder", "division_code", "name", "pages", "cell", "error", "reason_zh", "reason", "notebook"))
    for folder, pages, failure in done.told():
        study = studies[folder]
        code = study.county.code if study.county else None
        kept = f"{folder}/{study.kept(pages.split()[0])}"
        table.writerow((folder, code or "", study.name, pages, failure.cell or "", failure.error, failure.zh, failure.en, kept))
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
    """Make the page that lists the studies: of counties what was read, of others their parameters."""
    of_counties = any(study.county for study in done.studies)
    aside = sum(len(s.county.set_aside) for s in done.studies if s.county)
    summary = [say("index.summary" if of_counties else "index.summary_table", language, n=len(done.studies), failed=len(done.failed))]
    summary += [say("index.aside", language, n=aside)] if aside else []
    names = list(dict.fromkeys(name for study in done.studies for name in study.parameters))
    columns = _county_heads(language) if of_counties else [say("index.study", language), *names]
    other = next((say("page.other", language), name) for code, name in INDEXES.items() if code != language)
    told: dict[str, list[tuple[str, Failure]]] = {}
    for folder, pages, failure in done.told():
        told.setdefault(folder, []).append((pages, failure))
    rows = [_index_row(done, study, told.get(study.folder, ()), names, language) for study in done.studies]
    title = say("index.title", language) if of_counties else done.folder.resolve().name
    return index_page(title, summary, [*columns, say("index.status", language)], rows, language, [other])


def _county_heads(language: str) -> list[str]:
    heads = [say(f"index.{key}", language) for key in ("name", "code", "years", "received")]
    return heads + [say(f"level.{level}", language).capitalize() for level in words.LEVELS]


def _index_row(done: Done, study: Study, failures: Sequence[tuple[str, Failure]], names: Sequence[str], language: str) -> IndexRow:
    """Say of one study what it is of: counts, no rates, no order of merit; and whether it is there."""
    county, status = study.county, done.status_of(study)
    failed = {code for pages, _ in failures for code in pages.split()}
    cells = county.cells if county else Counter[str]()
    doubt = cells["uncertain"] + cells["unreadable"]
    groups = {"failed": status == "failed", "errors": bool(county and (county.levels or {}).get("error")), "doubt": doubt > 0}
    return IndexRow(
        name=_named(county) if county else study.name,
        target=f"{study.folder}/{study.kept(language) if language in failed else PAGES[language]}",
        cells=(
            *(_county_cells(county, language) if county else (_parameter(study.parameters.get(name)) for name in names)),
            (_statuses(cells, status, language), f"{1 if failed else 0} {doubt}"),
        ),
        groups=tuple(group for group, is_there in groups.items() if is_there),
        failure="\n".join(f.zh if language == "zh" else f.en for _, f in failures),
    )  # fmt: skip


def _county_cells(county: County, language: str) -> list[tuple[str, float | str | None]]:
    """Say of one county what was read."""
    levels = Counter(county.levels or {})
    counts = [(str(levels[level]), float(levels[level])) if county.reports else (NOTHING, None) for level in words.LEVELS]
    return [(county.code or NOTHING, county.code), _years(county.reports, language), _received(county, language), *counts]


def _parameter(value: object) -> tuple[str, float | str | None]:
    if value is None:
        return NOTHING, None
    return str(value), float(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


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


def _statuses(cells: Mapping[str, int], status: str, language: str) -> str:
    """Say whether the study was made, and of a county how many cells have each status."""
    made = say(f"index.{status}", language)
    counted = [f"{say(f'status.{kind}', language)} {cells[kind]}" for kind in STATUSES if cells[kind]]
    return say("explain.colon", language).join([made, *([say("explain.comma", language).join(counted)] if counted else [])])
