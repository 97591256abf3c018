"""What a batch of studies is and what became of it: tasks, studies, failures, and the page that lists them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from gongkai.core import findings as finding_words
from gongkai.core.codes import Status
from gongkai.core.messages import marked, say
from gongkai.core.model import Reading, brief
from gongkai.corpus.export import harmless
from gongkai.corpus.outputs import Skipped
from gongkai.corpus.unread import lines
from gongkai.forms import editions, load_form
from gongkai.places import told_in
from gongkai.report import STATUSES
from gongkai.report.view import value_text
from gongkai.studies.execute import CELL_SECONDS, MEGABYTES, NotebookFailure, write
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
class StudyTask:
    """One notebook of a study: what is run, where its files go, and language and title of each page that is made of it.

    ``twice`` says that its words are set in a second turn for the other language, so that each page has a notebook of its own.
    """

    notebook: Path
    parameters: dict[str, str | int | float | bool | None]
    cwd: Path | None
    target: Path
    pages: tuple[tuple[str, str], ...]
    has_index: bool
    limits: Limits
    twice: bool = False

    __repr__ = brief

    @property
    def kept(self) -> str:
        """Name of the executed notebook, which is kept also after a failure."""
        return NOTEBOOKS[self.pages[0][0]]


@dataclass(frozen=True)
class Study:
    """One study of a batch: its folder's name, its tasks, hashes of all that its bytes depend on, and the county that it is of, if any.

    A comparison has a ``parent`` instead: the first digits of the codes of its counties.
    """

    folder: str
    name: str
    tasks: tuple[StudyTask, ...]
    made_from: Mapping[str, str]
    county: County | None = None
    parent: str = ""

    __repr__ = brief

    @property
    def parameters(self) -> dict[str, Any]:
        """Its parameters, but for the language."""
        return {k: v for k, v in self.tasks[0].parameters.items() if k != "language"} if self.tasks else {}

    def kept(self, language: str) -> str:
        """Name of the notebook from which the page in this language is made."""
        return next((task.kept for task in self.tasks if language in dict(task.pages) and not task.twice), NOTEBOOKS[language])


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that could not be read: its row of the corpus's table of failures, and folder and name of the county whose it is."""

    row: Mapping[str, Any]
    folder: str = ""
    name: str = ""

    def __getitem__(self, column: str) -> Any:
        return self.row[column]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a batch: ``failures`` by folder and language, and by folder why a study was, or would be, run.

    ``kept`` counts the studies that had failed before and were not run again; ``outdated`` are studies that have changed and were left out,
    ``unmade`` those that an interrupt left out. ``unread`` are the documents that could not be read, ``skipped`` what lies among them and
    is gongkai's own. ``only`` is what the folders' names begin with that were asked for: of the others nothing is told and nothing counts.
    """

    folder: Path
    studies: tuple[Study, ...]
    failures: Mapping[tuple[str, str], NotebookFailure]
    why: Mapping[str, str] = field(default_factory=dict)
    kept: int = 0
    outdated: Collection[str] = ()
    unmade: Collection[str] = ()
    unread: tuple[Unread, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    only: str = ""

    __repr__ = brief

    @property
    def ran(self) -> int:
        return len(self.why)

    @property
    def failed(self) -> set[str]:
        """Folders of the studies that failed, in this run or before."""
        return {folder for folder, _ in self.failures}

    @property
    def unchanged(self) -> int:
        made = [study for study in self.studies if study.tasks or not study.county]
        return len(made) - self.ran - self.kept - len(self.outdated)

    def status_of(self, study: Study) -> str:
        """Say ``unreadable`` where no document of a county can be read; else ``failed``, ``unmade``, ``outdated`` or ``made``."""
        if study.county and not study.county.reports and not study.tasks:
            return "unreadable"
        known = {"failed": self.failed, "unmade": self.unmade, "outdated": self.outdated}
        return next((status for status, folders in known.items() if study.folder in folders), "made")

    @property
    def index(self) -> Path:
        return self.folder / INDEX

    def told(self) -> list[tuple[str, str, NotebookFailure]]:
        """Return folder, languages of the failed pages (``zh en``) and failure; pages that fail for the same reason are one entry."""
        pages: dict[tuple[str, NotebookFailure], list[str]] = {}
        for (folder, language), failure in self.failures.items():
            pages.setdefault((folder, failure), []).append(language)
        alike = ((folder, sorted(languages, reverse=True), failure) for (folder, failure), languages in pages.items())
        return sorted(((folder, " ".join(languages), failure) for folder, languages, failure in alike), key=lambda t: t[:2])

    @property
    def asked(self) -> Done:
        """The part of it that was asked for: what is told of a run on the console, and what its exit status is about."""
        failures = {key: failure for key, failure in self.failures.items() if key[0].startswith(self.only)}
        return replace(self, failures=failures, unread=tuple(u for u in self.unread if u.folder.startswith(self.only)))

    @property
    def status(self) -> int:
        """Exit status: 0 if every study that was asked for is there and every document could be read, else 1."""
        return 1 if self.asked.failures or self.asked.unread else 0


def write_failures(path: Path, done: Done) -> None:
    """Write ``failures.csv``: a row for each failed study and each unreadable file; without any, the file is removed."""
    if not (done.failures or done.unread):
        path.unlink(missing_ok=True)
        return
    stream = io.StringIO()
    table = csv.DictWriter(stream, _FAILED, restval="", lineterminator="\r\n")
    table.writeheader()
    table.writerows({name: harmless(value) for name, value in row.items()} for row in (*_failed_rows(done), *map(_unread_row, done.unread)))
    write(path, "\ufeff" + stream.getvalue())


_FAILED = ("folder", "division_code", "name", "pages", "cell", "error", "reason_zh", "reason", "notebook", "path", "year", "sha256")


def _failed_rows(done: Done) -> Iterator[dict[str, str]]:
    studies = {s.folder: s for s in done.studies}
    for folder, pages, failure in done.told():
        study = studies[folder]
        yield {
            "folder": folder, "division_code": (study.county.code if study.county else None) or "", "name": study.name, "pages": pages,
            "cell": str(failure.cell or ""), "error": failure.error, "reason_zh": failure.zh, "reason": failure.en,
            "notebook": f"{folder}/{study.kept(pages.split()[0])}",
        }  # fmt: skip


def _unread_row(unread: Unread) -> dict[str, str]:
    told = ("division_code", "error", "reason_zh", "reason", "path", "year", "sha256")
    return {"folder": unread.folder, "name": unread.name, **{name: str(unread[name] or "") for name in told}}


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
    aside, simulated = (sum(len(s.county.set_aside) for s in done.studies if s.county), [s for s in done.studies if _is_simulated(s)])
    summary = [say("index.summary" if of_counties else "index.summary_table", language, n=len(done.studies), failed=len(done.failed))]
    summary = [*([say("index.simulated", language, n=len(simulated), of=len(done.studies))] if simulated else []), *summary]
    summary += [say("index.aside", language, n=aside)] if aside else []
    summary += [say("index.unread_summary", language, n=len(done.unread))] if done.unread else []
    summary += [say("index.interrupted", language, n=len(done.unmade))] if done.unmade else []
    names = list(dict.fromkeys(name for study in done.studies for name in study.parameters))
    columns = _county_heads(language) if of_counties else [say("index.study", language), *names]
    other = next((say("page.other", language), name) for code, name in INDEXES.items() if code != language)
    told: dict[str, list[tuple[str, NotebookFailure]]] = {}
    for folder, pages, failure in done.told():
        told.setdefault(folder, []).append((pages, failure))
    unread: dict[str, list[Unread]] = {}
    for file in done.unread:
        unread.setdefault(file.folder, []).append(file)
    rows = [_index_row(done, s, told.get(s.folder, ()), unread.get(s.folder, ()), names, language) for s in done.studies]
    title = say("index.title", language) if of_counties else done.folder.resolve().name
    title += say("index.title_simulated", language) if simulated else ""
    strangers = lines((u for u in done.unread if not u.folder), language)
    return index_page(
        title, summary, [*columns, say("index.status", language)], rows, language, [other], _legend(done, language), strangers
    )


def _legend(done: Done, language: str) -> list[tuple[str, str]]:
    """Explain the words that stand in the column of states: what became of a study, then the statuses of cells that occur."""
    states = list(dict.fromkeys(done.status_of(study) for study in done.studies))
    cells = sum((study.county.cells for study in done.studies if study.county), Counter[str]())
    told = [(say(f"index.{state}", language), say(f"index.{state}_means", language)) for state in sorted(states, reverse=True)]
    return told + [(say(f"status.{kind}", language), say(f"meaning.{kind}", language)) for kind in STATUSES if cells[kind]]


def _county_heads(language: str) -> list[str]:
    heads = [say(f"index.{key}", language) for key in ("name", "code", "years", "received")]
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
            *(_county_cells(county, language) if county else (_parameter(study.parameters.get(name)) for name in names)),
            (_outcome_in_words(cells, status, language), f"{1 if failed else 0} {doubt}"),
        ),
        groups=tuple(group for group, is_there in {**has, "doubt": doubt > 0}.items() if is_there),
        failure="\n".join([*told, *lines(unread, language)]),
    )  # fmt: skip


_UNDONE, _PAGELESS = ("failed", "unreadable", "unmade"), ("unreadable", "unmade")


def _is_simulated(study: Study) -> bool:
    return bool(study.county and study.county.simulated)


def _county_cells(county: County, language: str) -> list[tuple[str, float | str | None]]:
    """Return what was read of one county, for the list of studies."""
    levels = Counter(county.levels or {})
    counts = [(str(levels[level]), float(levels[level])) if county.reports else (NOTHING, None) for level in finding_words.LEVELS]
    return [(county.code or NOTHING, county.code), _year_spans(county.reports, language), _received(county, language), *counts]


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
