"""The files that a study read: what its notebook opened, the user's modules that it imported, and files that its code names."""

from __future__ import annotations

import hashlib
import json
import os
import re
import site
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from importlib.util import source_from_cache
from pathlib import Path

from gongkai.core.files import scratch_folder
from gongkai.corpus.outputs import kind_of
from gongkai.studies.notebooks import read
from gongkai.studies.outcome import StudyTask

CHANGING, GONE = "changed while it was read", "missing"
_LISTED = "/"
_QUOTED = re.compile(r"""(["'])([^"'\n]{1,400})\1""")
_OF_SYSTEM = ("/usr/lib", "/usr/share", "/etc", "/proc", "/sys", "/dev", "/run", "/lib")


@dataclass
class Watched:
    """One study while it runs: the file that it is written to what it opens, and afterwards the digest of each file by its path."""

    trace: Path
    digests: dict[str, str] = field(default_factory=dict)


@contextmanager
def watched(tasks: Sequence[StudyTask]) -> Iterator[Watched]:
    """Watch what the notebooks of a study open; what their parameters name counts as their inputs already, and is left out."""
    begun = time.time_ns()
    with scratch_folder() as scratch:
        seen = Watched(scratch / "opened")
        yield seen
        named = [os.path.abspath(v) for task in tasks for v in task.parameters.values() if isinstance(v, str) and v]
        apart = [path for path in named if not Path.cwd().is_relative_to(path)]
        read, written = _opened(seen.trace)
        found = (read | set(_quoted(tasks[0]))) - written
        ours = (*_OF_SYSTEM, str(scratch), str(tasks[0].target.parent.absolute()), *_libraries(), *apart)
        digests = {path: digest_of(path, begun) for path in sorted(found) if not _is_below(path, ours)}
        source = tasks[0].notebook.read_text(encoding="utf-8", errors="replace")  # a scratch file has another name in each run
        seen.digests = {_told(path): d for path, d in digests.items() if d != GONE or Path(path).name in source}


def changed(digests: Iterable[tuple[str, str]]) -> bool:
    """Say whether any of the files that were read is another one today."""
    return any(digest_of(path) != digest for path, digest in digests)


def digest_of(path: str, begun: int | None = None) -> str:
    """Hash a file, or with ``/`` behind it the names of the files in a folder; one that has changed since then is none of both."""
    if path.endswith(_LISTED):
        return _hash_of_names(Path(path))
    try:
        stat = os.stat(path)
        if begun is not None and stat.st_mtime_ns > begun:
            return CHANGING
        return _sha256(os.path.abspath(path), stat.st_mtime_ns, stat.st_size)
    except OSError:
        return GONE


@lru_cache(maxsize=4096)
def _sha256(path: str, _changed: int, _size: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash_of_names(folder: Path) -> str:
    """Hash the names of the files in a folder, as a pattern finds them; folders have a listing of their own, hidden files are none."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file() and not entry.name.startswith("."))
    except OSError:
        return GONE
    return GONE if kind_of(folder) == "run" else hashlib.sha256("\0".join(names).encode(errors="replace")).hexdigest()


def _opened(trace: Path) -> tuple[set[str], set[str]]:
    """Return what a notebook has read, of a module its source, whose compiled form is opened in its place; and what it has written."""
    lines = [json.loads(line) for line in trace.read_bytes().splitlines() if line.endswith(b"]")] if trace.exists() else []
    paths = {kind: {path for each, path in lines if each == kind} for kind in ("read", "write", "list")}
    read = {
        source_from_cache(path) if Path(path).match("__pycache__/*.*.pyc") else path for path in paths["read"] if not os.path.isdir(path)
    }
    return read | {path.rstrip(os.sep) + _LISTED for path in paths["list"]}, paths["write"]


def _quoted(task: StudyTask) -> Iterator[str]:
    """Yield the files that the code names: a library in C opens them unseen, and so does another language."""
    folder = task.cwd or Path.cwd()
    for cell in read(task.notebook).cells:
        for _, text in _QUOTED.findall(cell.source if cell.cell_type == "code" else ""):
            try:
                if (path := folder / text).is_file():
                    yield os.path.abspath(path)
            except (OSError, ValueError):  # a text that is no path
                continue


def _libraries() -> tuple[str, ...]:
    """Return where libraries and the user's own settings and caches lie: gongkai's version and the libraries' are compared themselves."""
    package = Path(str(resources.files("gongkai")))
    hidden = (str(path) for path in Path.home().glob(".*"))
    return str(package), str(package.parent / "papermill_fork"), site.getusersitepackages(), *hidden


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(path.rstrip(_LISTED) == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


def _told(path: str) -> str:
    """Write a path as one begins where the batch runs, so that a folder that was moved has the same record."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # on another drive
        return path
    return Path(relative).as_posix() + (_LISTED if path.endswith(_LISTED) else "")
