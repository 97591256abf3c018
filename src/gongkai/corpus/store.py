"""What has been read so far, in one SQLite file beside the tables, so that another run reads only what has changed."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from itertools import count
from pathlib import Path

from gongkai import __version__
from gongkai.core.errors import MendedWarning, ReportError, UsageError
from gongkai.core.files import refuse_unwritable, unwritable
from gongkai.core.made import digest, hash_of_files
from gongkai.core.made import packed as packed
from gongkai.core.messages import Words
from gongkai.core.report_ids import report_id_of
from gongkai.corpus.outputs import STORE as STORE
from gongkai.corpus.parts import FAILURES, MADE, NO_YEAR, WRITER, folder_of_year
from gongkai.forms import editions

_PACKAGE = Path(str(resources.files("gongkai")))
LOCK = "build.lock"
# What a reading depends on besides its document and the forms: these rooms and modules, and the libraries that they read with.
READS = ("core", "readers", "forms", "extract", "report", "places", "corpus/ingest.py", "corpus/manifest.py")
# What tables depend on besides the readings.
WRITES = ("corpus/assemble.py", "corpus/cross_checks.py", "corpus/cross_checks.toml")
_IMPORTED = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)
# SQLite notices a torn page, not a flipped bit in a value: each row has a seal, the hash of all that stands in it.
_SCHEMA = (
    "CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT, wanted TEXT, entry TEXT, seal TEXT)",
    "CREATE TABLE readings (path TEXT PRIMARY KEY, made_from TEXT, forms TEXT, part TEXT, year INTEGER, failure TEXT, seal TEXT)",
    "CREATE TABLE payloads (path TEXT PRIMARY KEY, payload BLOB)",
    "CREATE INDEX by_part ON readings (part, year)",
    "CREATE INDEX by_bytes ON files (sha256)",
)
_READINGS = (
    "SELECT readings.rowid, seal, path, made_from, forms, part, year, failure, payload FROM readings LEFT JOIN payloads USING (path)"
)


@dataclass(frozen=True, slots=True)
class StoredReading:
    """One document, read or not: what it was made from, the forms it was read by, where its rows belong, and its rows, packed."""

    path: str
    made_from: str
    forms: str
    part: str
    year: int | None
    failure: str | None
    payload: bytes | None


class Store:
    """The readings of a corpus in SQLite, saved in chunks, each in one transaction: a kill at any moment loses no saved chunk."""

    def __init__(self, folder: Path, may_begin: bool = True) -> None:
        """Open the store for writing; unless it ``may_begin`` anew, one that is damaged or not there is refused.

        Otherwise a damaged store is set aside, and so is one of another version, and those of its readings that are damaged are forgotten.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / STORE
        self._lock = _hold(folder / LOCK)
        try:
            fault = fault_of(self.path)
            if not may_begin and (fault or not self.path.exists()):
                raise fault or damaged(self.path, FileNotFoundError())
            if fault:
                _set_aside(self.path, fault)
            self.db = connect(self.path)
            self._prepare(may_begin)
        except BaseException:
            self._lock.close()
            raise

    def _prepare(self, may_begin: bool) -> None:
        if not self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            with self.db:
                for line in _SCHEMA:
                    self.db.execute(line)
        unsound = unsound_readings(self.db)
        if unsound and not may_begin:
            raise _altered(self.path, len(unsound))
        with self.db:
            self.db.executemany("DELETE FROM readings WHERE rowid = ?", [(row,) for row in unsound])
        if unsound:
            MendedWarning.tell("readings", n=len(unsound), path=self.path)

    def close(self) -> None:
        self.db.close()
        self._lock.close()

    def note(self, found: Iterable[tuple[str, str, str, str]]) -> None:
        """Record (path, sha256, wanted, entry) of every present file, and delete the readings of files that are gone."""
        with self.db:
            self.db.execute("DELETE FROM files")
            self.db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", ((*row, _seal(*row)) for row in found))
            for table in ("readings", "payloads"):
                self.db.execute(f"DELETE FROM {table} WHERE path NOT IN (SELECT path FROM files)")

    def stale(self) -> list[str]:
        """Return the paths whose reading is missing or was made from something else, by another reader or by a form that has changed."""
        made_by = [row[0] for row in self.db.execute("SELECT DISTINCT forms FROM readings")]
        valid = [forms for forms in made_by if _is_valid(forms)]
        marks = ",".join("?" * len(valid))
        return [row[0] for row in self.db.execute(
            "SELECT path FROM files WHERE path NOT IN (SELECT path FROM readings JOIN files USING (path) "
            f"WHERE made_from = wanted AND forms IN ({marks})) ORDER BY path", valid)]  # fmt: skip

    def tasks(self, paths: Iterable[str]) -> Iterator[tuple[str, str, str, str]]:
        """Yield (path, sha256, wanted, entry) of the documents that are to be read."""
        for path in paths:
            yield self.db.execute("SELECT path, sha256, wanted, entry FROM files WHERE path = ?", (path,)).fetchone()

    def known_ids(self) -> set[str]:
        return {report_id_of(row[0]) for row in self.db.execute("SELECT DISTINCT sha256 FROM files")}

    def size(self) -> int:
        return int(self.db.execute("SELECT count(*) FROM files").fetchone()[0])

    def keep(self, readings: Sequence[StoredReading]) -> None:
        """Keep a chunk of readings, all or none."""
        kept = [((r.path, r.made_from, r.forms, r.part, r.year, r.failure), r.payload) for r in readings]
        with self.db:
            rows = [(*row, _seal(*row, payload)) for row, payload in kept]
            self.db.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            self.db.executemany("INSERT OR REPLACE INTO payloads VALUES (?, ?)", [(row[0], payload) for row, payload in kept])

    def counts(self) -> tuple[int, int]:
        """Return how many files there are, and how many of them could not be read."""
        files, failed = self.db.execute("SELECT count(*), count(failure) FROM readings").fetchone()
        return int(files), int(failed)

    def made_from(self) -> dict[str, dict[str, str]]:
        """Return, for each part of the corpus, what its tables are to be made from: its readings, and the code that writes them."""
        return made_from(self.db)


def made_from(db: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """Return, for each part of a corpus, what its tables are to be made from: the readings of each year, and the code that writes them."""
    twins = shared_bytes(db)
    entered = {path: db.execute("SELECT wanted FROM files WHERE path = ?", (path,)).fetchone()[0] for path in twins}
    rows: dict[str, dict[str, list[tuple[str, ...]]]] = {FAILURES: {NO_YEAR: failures(db)}}
    for part, year, path, made, forms in db.execute(
        "SELECT part, year, path, made_from, forms FROM readings WHERE failure IS NULL ORDER BY part, path"
    ):
        others = [part for other in twins.get(path, []) for part in (other, entered[other])]
        rows.setdefault(part, {}).setdefault(folder_of_year(year), []).append((path, made, forms, *others))
    return {part: {WRITER: writer_version(), **{year: digest(own) for year, own in years.items()}} for part, years in rows.items()}


def failures(db: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Return path, hash and reason of the documents that could not be read."""
    return db.execute(
        "SELECT path, sha256, failure FROM readings JOIN files USING (path) WHERE failure IS NOT NULL ORDER BY path"
    ).fetchall()


def connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=60)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error:
        db.close()
        raise
    return as_stored(db)


def as_stored(db: sqlite3.Connection) -> sqlite3.Connection:
    """Let texts that are damaged, and no UTF-8 any more, be read: their seal tells it."""
    db.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    return db


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open the store for reading, also in a folder without write permission, such as a shared disk."""
    still = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return as_stored(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{still}", timeout=60, uri=True))


def fault_of(path: Path, opened: Callable[[Path], sqlite3.Connection] | None = None) -> UsageError | None:
    """Say why a store cannot be used, damaged or of another version; None where it can, or where there is none yet and never was."""
    is_begun = (path.parent / MADE).is_dir()
    if not path.exists():
        return damaged(path, FileNotFoundError()) if is_begun else None
    if path.is_dir():
        return damaged(path, IsADirectoryError(os.strerror(errno.EISDIR)))
    try:
        with closing((opened or connect)(path)) as db:
            said = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            lines = {line for (line,) in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    except sqlite3.DatabaseError as error:
        if _hindrance(error):
            raise
        said = str(error)
    if said == "ok" and lines:
        return None if lines == {*_SCHEMA} else UsageError.of("store.other_version", path)
    return damaged(path, ValueError("0 B" if said == "ok" else said)) if is_begun or said != "ok" else None


def unsound_readings(db: sqlite3.Connection) -> list[int]:
    """Return the rows of readings that are no longer as they were kept."""
    return [row for row, seal, *values in db.execute(_READINGS) if _seal(*values) != seal]


def is_noted_soundly(path: str, sha256: str, wanted: str, entry: str, seal: str) -> bool:
    """Say whether what is noted of a document is still as it was."""
    return _seal(path, sha256, wanted, entry) == seal


def _seal(*values: object) -> str:
    """Hash the values of a row; damaged, they may be of any kind that SQLite knows."""
    *facts, last = values
    whole = hashlib.sha256(repr(facts).encode("utf-8", "surrogatepass"))
    whole.update(last if isinstance(last, bytes) else repr(last).encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def _set_aside(path: Path, fault: ReportError) -> None:
    """Rename a store that cannot be used, with what SQLite keeps beside it, so that another takes its place; nothing is deleted."""
    if not path.exists():
        MendedWarning.tell("store_lost", path=path)
        return
    names = (path.with_name(f"{path.stem}.damaged{n}{path.suffix}") for n in count(1))
    aside = next(name for name in names if not name.exists())
    for ending in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            os.rename(f"{path}{ending}", f"{aside}{ending}")
    MendedWarning.tell("store", path=path, found=Words(*fault.found), aside=aside.name)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn an error of SQLite or the system into one of ours: the folder cannot be written, or the file is damaged."""
    try:
        yield
    except OSError as error:
        raise unwritable(error.filename2 or error.filename or folder, error) from error
    except sqlite3.DatabaseError as error:
        number = _hindrance(error)
        if not number:
            raise damaged(folder / STORE, error) from error
        if blocking := next((path for path in (folder / LOCK, folder / STORE) if path.is_dir()), None):
            raise unwritable(blocking, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))) from error
        refuse_unwritable(folder, is_folder=True)  # which says more than SQLite: a read-only disk, for instance
        if number in (errno.EIO, errno.EACCES) and shutil.disk_usage(folder).free < _ROOM:
            number = errno.ENOSPC
        raise unwritable(folder, OSError(number, os.strerror(number), str(folder)), is_folder=True) from error


def _hindrance(error: sqlite3.Error) -> int:
    """Return the system's number for what hinders SQLite; 0 where it is the file itself."""
    name = getattr(error, "sqlite_errorname", "")
    return next((n for start, n in _HINDRANCES.items() if name.startswith(start)), 0)


def damaged(path: Path, error: Exception) -> UsageError:
    """Say that a file of a corpus is not as a build left it, or not there."""
    if isinstance(error, FileNotFoundError):
        return UsageError.of("store.lost", path)
    said = " ".join(str(error).split())[:_LONGEST] or type(error).__name__
    return UsageError.of("store.damaged", path, said=said)


def not_as_written(path: Path) -> UsageError:
    """Say that the bytes of a file are not those that were written, or that it is gone."""
    return UsageError.of("store.bytes" if path.exists() else "store.lost", path)


def _altered(path: Path, n: int) -> UsageError:
    return UsageError.of("store.altered", path, n=n)


_LONGEST = 120  # characters of what SQLite says
_ROOM = 2**20  # with less free space SQLite cannot write its journal
_HINDRANCES = {
    "SQLITE_FULL": errno.ENOSPC, "SQLITE_READONLY": errno.EACCES, "SQLITE_CANTOPEN": errno.EACCES, "SQLITE_PERM": errno.EACCES,
    "SQLITE_IOERR": errno.EIO,
}  # fmt: skip


def shared_bytes(db: sqlite3.Connection) -> dict[str, list[str]]:
    """Return, for each document whose bytes were read under several paths, all of these paths in order."""
    groups = db.execute(
        "SELECT group_concat(path, char(31)) FROM (SELECT sha256, path FROM files JOIN readings USING (path) WHERE failure IS NULL "
        "ORDER BY path) GROUP BY sha256 HAVING count(*) > 1"
    )
    return {path: paths for paths in (joined.split("\x1f") for (joined,) in groups) for path in paths}


@cache
def reader_version() -> str:
    """Return the version of all that a reading depends on besides the document and the forms: the release, and a hash of the code.

    Examples
    --------
    >>> reader_version().count("+")
    1
    """
    sources = [p for p in _sources(READS) if not _is_form(p)]
    return f"{__version__}+{_hash_of(_PACKAGE, sources, _libraries(sources))}"


@cache
def writer_version() -> str:
    """Return a hash of the code that makes tables of readings."""
    return _hash_of(_PACKAGE, _sources(WRITES))


def _sources(parts: Sequence[str]) -> list[Path]:
    """Return the files of some rooms and modules."""
    found = (p for part in parts for p in ((_PACKAGE / part).rglob("*") if (_PACKAGE / part).is_dir() else (_PACKAGE / part,)))
    return [p for p in found if p.is_file() and p.suffix in (".py", ".toml", ".csv")]


def _libraries(sources: Iterable[Path]) -> str:
    """Return the versions of the libraries that some modules import, as one line."""
    named = {name for p in sources if p.suffix == ".py" for name in _IMPORTED.findall(p.read_text(encoding="utf-8"))}
    known = metadata.packages_distributions()
    wanted = {d for name in named - sys.stdlib_module_names - {"gongkai"} for d in known.get(name, ())}
    return " ".join(f"{name}=={metadata.version(name)}" for name in sorted(wanted))


@cache
def form_version(code: str) -> str:
    """Return the version of a form's file; ``narrative`` depends on all of them, since any could come to recognise the document.

    Examples
    --------
    >>> len(form_version("2021")), form_version("2021") == form_version("2019")
    (8, False)
    """
    forms = Path(str(resources.files("gongkai.forms")))
    names = [code] if (forms / f"{code}.toml").is_file() and code != "narrative" else [p.stem for p in forms.glob("*.toml")]
    return _hash_of(forms, [forms / f"{name}.toml" for name in names])


def forms_text(codes: Iterable[str]) -> str:
    """Write down by which forms a document was read, and that these were all there were.

    Examples
    --------
    >>> forms_text(["2021"]).split()[1].split(":")[0]
    '2021'
    """
    return " ".join([",".join(editions()), *(f"{code}:{form_version(code)}" for code in sorted(set(codes)))])


def _is_valid(forms: str) -> bool:
    _, *named = forms.split()
    return forms == forms_text(name.split(":")[0] for name in named)


def _is_form(path: Path) -> bool:
    return path.parent.name == "forms" and path.suffix == ".toml"


def _hash_of(root: Path, paths: Iterable[Path], besides: str = "") -> str:
    return digest([besides, hash_of_files(root, paths)])[:8]


def _hold(path: Path) -> sqlite3.Connection:
    """Lock the folder against other builds; the system releases the lock when this process ends, even if it is killed."""
    lock = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        return lock
    except sqlite3.DatabaseError as error:
        lock.close()
        if _hindrance(error):
            raise
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise UsageError.of("store.busy", path.parent) from error
    # It is no database, which SQLite says only where nobody holds it: emptied, it is a lock again.
    os.truncate(path, 0)
    MendedWarning.tell("lock", path=path)
    return _hold(path)
