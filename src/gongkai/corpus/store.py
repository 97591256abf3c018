"""What has been read so far, in one SQLite file beside the tables, so that another run reads only what has changed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import sqlite3
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path

from gongkai import __version__
from gongkai.core.errors import UsageError
from gongkai.core.files import unwritable
from gongkai.core.report_ids import report_id_of
from gongkai.corpus.outputs import STORE as STORE
from gongkai.forms import editions

_PACKAGE = Path(str(resources.files("gongkai")))
LOCK = "build.lock"
# What a reading depends on besides its document and the forms: these rooms and modules, and the libraries that they read with.
READS = ("core", "readers", "forms", "extract", "report", "places", "corpus/ingest.py", "corpus/manifest.py")
# What tables depend on besides the readings.
WRITES = ("corpus/assemble.py", "corpus/cross_checks.py", "corpus/cross_checks.toml")
_IMPORTED = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, sha256 TEXT, wanted TEXT, run INTEGER, entry TEXT);
CREATE TABLE IF NOT EXISTS readings (path TEXT PRIMARY KEY, made_from TEXT, forms TEXT, part TEXT, year INTEGER, failure TEXT);
CREATE TABLE IF NOT EXISTS payloads (path TEXT PRIMARY KEY, payload BLOB);
CREATE TABLE IF NOT EXISTS parts (part TEXT PRIMARY KEY, fingerprint TEXT);
CREATE INDEX IF NOT EXISTS by_part ON readings (part, year);
CREATE INDEX IF NOT EXISTS by_bytes ON files (sha256);
"""
_VERSION = zlib.crc32(_SCHEMA.encode()) >> 1


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

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _hold(folder / LOCK)
        self.path = folder / STORE
        self.db = connect(self.path)
        self._prepare()
        self._run = int(self.db.execute("SELECT coalesce(max(run), 0) + 1 FROM files").fetchone()[0])

    def _prepare(self) -> None:
        """Create the SQLite tables; tables of another version are dropped, so that all documents are read again."""
        if self.db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            for (table,) in self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                self.db.execute(f"DROP TABLE {table}")
        self.db.executescript(_SCHEMA)
        self.db.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        self.db.close()
        self._lock.close()

    def note(self, found: Iterable[tuple[str, str, str, str]]) -> None:
        """Record (path, sha256, wanted, entry) of every present file, and delete the readings of files that are gone."""
        with self.db:
            rows = ((path, sha256, wanted, self._run, entry) for path, sha256, wanted, entry in found)
            self.db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", rows)
            self.db.execute("DELETE FROM files WHERE run <> ?", (self._run,))
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
        with self.db:
            rows = [(r.path, r.made_from, r.forms, r.part, r.year, r.failure) for r in readings]
            self.db.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?)", rows)
            self.db.executemany("INSERT OR REPLACE INTO payloads VALUES (?, ?)", [(r.path, r.payload) for r in readings])

    def stale_parts(self) -> dict[str, str]:
        """Return the parts whose documents are no longer those that their tables were made from, and the new fingerprint of each."""
        now, before = self._fingerprints(), dict(self.db.execute("SELECT part, fingerprint FROM parts"))
        return {part: now.get(part, "") for part in sorted({*now, *before}) if now.get(part) != before.get(part)}

    def settle(self, part: str, fingerprint: str) -> None:
        """Record that the tables of a part are written."""
        with self.db:
            if fingerprint:
                self.db.execute("INSERT OR REPLACE INTO parts VALUES (?, ?)", (part, fingerprint))
            else:
                self.db.execute("DELETE FROM parts WHERE part = ?", (part,))

    def counts(self) -> tuple[int, int]:
        """Return how many files there are, and how many of them could not be read."""
        files, failed = self.db.execute("SELECT count(*), count(failure) FROM readings").fetchone()
        return int(files), int(failed)

    def _fingerprints(self) -> dict[str, str]:
        hashes: dict[str, hashlib._Hash] = {}
        twins = shared_bytes(self.db)
        entered = {path: self.db.execute("SELECT wanted FROM files WHERE path = ?", (path,)).fetchone()[0] for path in twins}
        for part, path, made_from, forms in self.db.execute(
            "SELECT part, path, made_from, forms FROM readings WHERE failure IS NULL ORDER BY part, path"
        ):
            others = [part for other in twins.get(path, []) for part in (other, entered[other])]
            line = "\0".join([path, made_from, forms, *others]) + "\n"
            hashes.setdefault(part, hashlib.sha256(writer_version().encode())).update(line.encode())
        return {part: h.hexdigest() for part, h in hashes.items()}


def connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=60)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    return db


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open the store for reading, also in a folder without write permission, such as a shared disk."""
    still = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{still}", timeout=60, uri=True)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn an error of SQLite into one of ours: the folder cannot be written, or the file is damaged."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        number = next((n for start, n in _HINDRANCES.items() if name.startswith(start)), None)
        if number == errno.EIO and shutil.disk_usage(folder).free < _ROOM:
            number = errno.ENOSPC
        if number is not None:
            raise unwritable(folder, OSError(number, os.strerror(number), str(folder)), is_folder=True) from error
        raise damaged(folder / STORE, error) from error


def damaged(path: Path, error: Exception) -> UsageError:
    """Say that a file of a corpus is not as a build left it, or not there."""
    if isinstance(error, FileNotFoundError):
        return UsageError.of("store.lost", path)
    said = str(error).splitlines()[0]
    return UsageError.of("store.damaged", path, said=said)


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
    whole = hashlib.sha256(besides.encode())
    for path in sorted(paths):
        whole.update(f"{path.relative_to(root).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:8]


def _hold(path: Path) -> sqlite3.Connection:
    """Lock the folder against other builds; the system releases the lock when this process ends, even if it is killed."""
    lock = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise
        raise UsageError.of("store.busy", path.parent) from error
    return lock


def packed(facts: Mapping[str, object]) -> str:
    """Write facts as one line of text that equal facts always give."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
