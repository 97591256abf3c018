"""What a batch of studies is and what became of it: tasks, studies, failures, and the page that lists them."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from gongkai.core.model import brief
from gongkai.corpus.export import harmless
from gongkai.corpus.outputs import Skipped
from gongkai.studies.execute import CELL_SECONDS, MEGABYTES, NotebookFailure, write
from gongkai.studies.pages import assets
from gongkai.studies.units import County

MANIFEST, FAILURES, LOG, INDEX = "manifest.json", "failures.csv", "batch.log", "index.html"
TABLE = "studies.csv"
INDEXES = {"zh": INDEX, "en": "index.en.html"}
PAGES = {"zh": "study.html", "en": "study.en.html"}
NOTEBOOKS = {"zh": "study.ipynb", "en": "study.en.ipynb"}
RECEIVED = "applications/new_received/total"
NOTHING = "—"
# The rates of a county's newest report that the list shows beside its counts.
RATES = ("full_grant_share", "refusal_share")


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
    ``rates`` are those of :data:`RATES` by report and indicator; ``runs`` says that the run still goes on.
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
    rates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    runs: bool = False

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


def write_assets(folder: Path) -> None:
    for name, data in assets().items():
        write(folder / name, data)
