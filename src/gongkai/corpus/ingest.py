"""One document of a corpus -> one reading for the store: its tables, or the reason why it cannot be read; never an exception."""

from __future__ import annotations

import errno
import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from pathlib import PurePath
from typing import Any, NamedTuple

from gongkai.core.errors import ReportError
from gongkai.core.isolation import ENDED, Stopped
from gongkai.core.messages import harmless, storable
from gongkai.corpus.manifest import ManifestEntry, read_entry
from gongkai.corpus.store import StoredReading, form_version, forms_text, packed, reader_version
from gongkai.corpus.watched import OutOfMemory, TooSlow, as_report_error, is_killed, watched
from gongkai.extract.corrections import Correction
from gongkai.places import host, locate
from gongkai.readers.limits import moved
from gongkai.report import STATUSES, Report

TABLES = ("reports", "cells", "findings", "sections", "figures", "checks")
NOWHERE = "00"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# What hinders a file and stays so until somebody changes the file, its name or its rights; a changed document is read anyway.
_LASTING = (None, errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENXIO, errno.ENODEV,
            errno.ESPIPE)  # fmt: skip
Columns = list[list[Any]]


def wanted(sha256: str, entry: ManifestEntry, corrections: Sequence[Correction], site: str | None) -> str:
    """Return the hash of all that a reading is made from besides the forms."""
    parts = [
        sha256,
        packed(entry.row),
        site or "",
        *(packed({n: getattr(c, n) for n in Correction.__slots__}) for c in corrections),
        reader_version(),
        *([packed(limits)] if (limits := moved()) else []),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


class DocumentTask(NamedTuple):
    """One document to be read: its path within the corpus, its entry, its corrections, its site, and what its reading is made from."""

    path: str
    entry: ManifestEntry
    corrections: tuple[Correction, ...]
    site: str | None
    wanted: str


def gather(tasks: Sequence[DocumentTask]) -> list[StoredReading]:
    """Read documents, each where it can do no harm, whatever runs this: an error in one costs no other its result."""
    return [_read(task) for task in tasks]


def _read(task: DocumentTask) -> StoredReading:
    try:
        return watched(_reading, task)
    except Exception as error:
        return failed(task, error)


def failed(task: DocumentTask, error: BaseException) -> StoredReading:
    """Keep why a document could not be read, as the last columns of the table of failures."""
    told = as_report_error(error, task.path)
    kind = type(told if isinstance(error, ReportError | Stopped | OSError | MemoryError | BrokenExecutor) else error).__name__
    zh, en = (
        told.in_language(code).replace(str(task.entry.path), task.path).replace(storable(str(task.entry.path)), task.path)
        for code in ("zh", "en")
    )
    code, year = supposed(task.entry, task.path, task.site)
    row = [harmless(said) if isinstance(said, str) else said for said in (code, year, kind, en, zh)]
    made_from = "" if passes(error) else task.wanted
    return StoredReading(
        task.path, made_from, forms_text(["narrative"]), NOWHERE, task.entry.year, json.dumps(row, ensure_ascii=False), None
    )


def passes(error: BaseException) -> bool:
    """Say whether a failure is of the machine or of a neighbour, not of the bytes: the next run then tries the document again.

    Examples
    --------
    >>> passes(MemoryError()), passes(OSError(5, "Input/output error")), passes(ValueError())
    (True, True, False)
    """
    if isinstance(error, TooSlow | OutOfMemory | MemoryError | BrokenExecutor) or (isinstance(error, Stopped) and _is_passing(error)):
        return True
    causes = (error, error.__cause__)
    return any(isinstance(cause, OSError) and cause.errno not in _LASTING for cause in causes)


def _is_passing(error: Stopped) -> bool:
    """Say whether a reading was stopped by limits of the machine, and has not by itself ended its process."""
    return error.why != ENDED or is_killed(error)


def supposed(entry: ManifestEntry, path: str, site: str | None = None) -> tuple[str | None, int | None]:
    """Guess division and year of a document that cannot be read: from the manifest, else from its name and folders.

    This is never used for a report that was read; it only says in which county's series the unreadable file is missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> supposed(ManifestEntry(Path("data"), "山西省/沁县/2020年.html"), "山西省/沁县/2020年.html")
    ('140430', 2020)
    """
    parts = PurePath(entry.folder.resolve().name, path).with_suffix("").parts
    named = ({*_YEAR.findall(part)} for part in reversed(parts))
    year = entry.year or next((int(min(years)) for years in named if len(years) == 1), None)
    hosts = {host(entry.source_url): site} if site else None
    return locate(parts[-1], None, entry.source_url, PurePath(*parts), entry.division_code, year, hosts).code, year


def _reading(task: DocumentTask) -> StoredReading:
    try:
        report = read_entry(task.entry, task.corrections, task.site)
        return _kept(task.path, report, wanted(report.document.sha256, task.entry, task.corrections, task.site))
    # A fault of ours in one document is a row with its reason, and costs no other document its result. A panic of a library that is
    # written in Rust is no Exception.
    except BaseException as error:
        return failed(task, error)


def _kept(path: str, report: Report, made_from: str) -> StoredReading:
    rows: dict[str, list[tuple[Any, ...]]] = {name: report.rows(name) for name in TABLES[1:]}
    rows["reports"] = [_row(path, report)]
    used = {report.form, *(["statistics"] if any(r.field.table == "statistics" for r in report.readings) else [])}
    part = (report.division_code or NOWHERE)[:2]
    columns = {name: list(zip(*table, strict=True)) for name, table in rows.items()}
    payload = zlib.compress(json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode(), 1)
    return StoredReading(path, made_from, forms_text(used), part, report.year, None, payload)


def _row(path: str, report: Report) -> tuple[Any, ...]:
    """Return the report's row of the table of reports."""
    counts = Counter(r.status for r in report.readings)
    document, code = report.document, report.division_code
    return (
        report.report_id, path, report.form, report.year, report.authority, report.body, code, report.unit_id, report.scope, report.title,
        report.published, report.source, report.retrieved_at, document.sha256, document.size, document.format, document.reader,
        reader_version(), form_version(report.form), report.located_by, report.use, report.simulated,
        *(counts[status] for status in STATUSES),
    )  # fmt: skip


def unpack(payload: bytes) -> dict[str, Columns]:
    """Return the columns of every table of one report; an empty table has none."""
    columns: dict[str, Columns] = json.loads(zlib.decompress(payload))
    return columns
