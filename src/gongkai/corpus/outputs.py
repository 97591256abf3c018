"""Recognise gongkai's own output (runs, corpora, exports) by the records in it, so that it is not read as reports or overwritten."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from gongkai.core.errors import UsageError
from gongkai.core.files import open_regular, write
from gongkai.core.messages import LANGUAGES, Words, both, say
from gongkai.core.schema import schemas

MARKER, CORPUS, STORE = "gongkai.json", "corpus.json", "readings.sqlite"
_FONT = Path("assets", "GongkaiSansSC-Regular.otf")
# The record files by which an output folder is recognised: file name, the keys that its JSON must have, and the kind of folder.
_RECORDS = (
    (CORPUS, {"gongkai", "folders"}, "corpus"), ("manifest.json", {"run", "library", "studies"}, "run"),
    ("record.json", {"made_from", "files"}, "study"),
)  # fmt: skip
_KIN = {"half": "corpus"}
# Sheet names of our workbooks, and the first columns of exported tables that are not corpus tables: panel, codebook, comparison.
_SHEETS = ({"about", "codebook"}, {"audit", "source"}, {"manifest", "columns"}, {"worklist", "columns"}, {"roster", "columns"})
_HEADS = (
    ("division_code", "scope", "year"),
    ("part", "table", "name"),
    ("path", "division_code", "year"),
    ("path", "division_code", "body"),
    ("source_url", "outcome", "status"),
    ("division_code", "place", "body"),
)
_NOTHING = re.compile(r"(?i)\..*|thumbs\.db|desktop\.ini")
_SHOWN = 5
# What the first line of a README or a script beside exported tables says.
_EXPORTED = b"gongkai export"
# How many bytes of a file are looked at, and how many bytes Stata's format reserves for the name of a column.
_HEAD, _STATA_NAME = 1 << 16, 129


class Skipped(NamedTuple):
    """One of gongkai's own outputs among the documents: its path, and its kind (``run``, ``study``, ``corpus``, ``half``, ``table``)."""

    path: str
    kind: str


def kind_of(folder: Path) -> str | None:
    """Say which output of gongkai a folder is: ``run``, ``study``, ``corpus``, ``half`` (a corpus not built to its end) or None.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     before = kind_of(Path(scratch))
    ...     mark(Path(scratch), "run", [])
    ...     before, kind_of(Path(scratch))
    (None, 'run')
    """
    for name, keys, kind in _RECORDS:
        if keys <= {*_json(folder / name)}:
            return kind
    if os.path.isfile(folder / STORE):  # a folder that may not be read cannot be recognised
        return "half"
    marked = _json(folder / MARKER).get("gongkai")
    return "half" if marked == "corpus" else marked or ("run" if os.path.isfile(folder / _FONT) else None)


def is_corpus(folder: Path) -> bool:
    """Say whether a folder is a corpus, built to its end or not."""
    return kind_of(folder) in ("corpus", "half")


def is_table(path: Path) -> bool:
    """Say whether a file is one of our tables: exported, an audit's sheet or its key, whatever it is called now."""
    look = _LOOKS.get(path.suffix.lower())
    try:
        return bool(look and os.path.isfile(path) and look(path))
    except Exception:  # five libraries look into files of any kind: what they stumble over is left to the readers, which say what is wrong
        return False


def mark(folder: Path, kind: str, sources: Iterable[Path], **more: Any) -> None:
    """Mark a folder as gongkai's output before anything else is written there: its kind, and what it is made from."""
    facts = {"gongkai": kind, "sources": sorted(relative(source, folder) for source in sources), **more}
    text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    if not (folder / MARKER).is_file() or (folder / MARKER).read_bytes() != text.encode():
        write(folder / MARKER, text)


def marker_of(folder: Path) -> Mapping[str, Any]:
    """Return what :func:`mark` has written down of a folder; of another folder nothing."""
    return _json(folder / MARKER)


def sources_of(folder: Path) -> list[Path]:
    """Return what a run or a corpus is made from, as far as it says so."""
    told = _json(folder / MARKER).get("sources") or [*_json(folder / CORPUS).get("folders", {}).values()]
    return [_resolved(folder / path) for path in told]


def refuse_source(folder: Path) -> None:
    """Refuse to read what gongkai has written as if it were reports.

    Raises
    ------
    UsageError
    """
    if kind := kind_of(folder):
        made = "、".join(map(_short_path, sources_of(folder))) or "DIR"
        told = {"found": both(f"own.{kind}"), "advice": both(f"own.{kind}_advice", sources=made, folder=folder)}
        raise UsageError.of("own.no_source", folder, documents=both("own.documents"), **told)


def hindrance(folder: Path, kind: str, sources: Sequence[Path], option: str = "-o") -> UsageError | None:
    """Say why a ``run`` or ``corpus`` made from these sources cannot be written to a folder; None where it can.

    It may hold what was made from the same sources or from some of them: nothing of that is lost. A file of somebody else is never in
    danger, since a folder that is not ours must be empty.
    """
    held = kind_of(folder) if os.path.isdir(folder) else None  # a name that is too long is told by whoever tries to write it
    told = {"target": both("own.target"), "elsewhere": both("own.elsewhere", option=option)}
    if held is None:
        if not os.path.isdir(folder) or not _holds_something(folder, sources):  # a file in its place is told by whoever tries to write it
            return None
        return UsageError.of("own.taken", folder, found=both("own.strange"), **told)
    if _KIN.get(held, held) != kind:
        return UsageError.of("own.taken", folder, found=both(f"own.{held}"), **told)
    here = {_resolved(source) for source in sources}
    if others := [source for source in sources_of(folder) if source not in here]:
        made = "、".join(map(_short_path, others))
        return UsageError.of("own.of_others", folder, what=both(f"own.{held}"), sources=made, option=option, **told)
    return None


def left_out(found: Sequence[Skipped], target: Path, kind: str, sources: Iterable[Path]) -> tuple[Skipped, ...]:
    """Add to what was left out the folder that is being written, if it lies among the documents and was not there yet."""
    here = _resolved(target)
    is_inside = any(here.is_relative_to(_resolved(source)) for source in sources)
    is_told = any(here.is_relative_to(_resolved(Path(path))) for path, _ in found)
    return (*found, Skipped(target.as_posix(), kind)) if is_inside and not is_told else tuple(found)


def skipped_line(skipped: Sequence[Skipped], language: str) -> str:
    """Say in one line what was left out.

    Examples
    --------
    >>> skipped_line([Skipped("reports/study", "run")], "en")
    'not read, since gongkai wrote it: reports/study (a run of studies)'
    """
    tables = Counter(PurePath(path).parent for path, kind in skipped if kind == "table")
    single = [say("own.one", language, path=path, kind=say(f"own.{kind}", language)) for path, kind in skipped
              if kind != "table" or tables[PurePath(path).parent] == 1]  # fmt: skip
    shown = [say("own.several", language, path=folder.as_posix(), n=n) for folder, n in tables.items() if n > 1] + single
    more = [say("own.more", language, n=len(shown) - _SHOWN)] if len(shown) > _SHOWN else []
    return say("own.skipped", language, names=say("explain.comma", language).join([*shown[:_SHOWN], *more]))


def only_ours(where: str, skipped: Sequence[Skipped]) -> UsageError:
    """Return the error of a place that holds no report, but what gongkai has written of some."""
    names = Words(*(skipped_line(skipped, language) for language in LANGUAGES))
    return UsageError.of("own.tables", where, documents=both("own.documents"), names=names)


def relative(path: Path, start: Path) -> str:
    """Write a path as it is reached from another, so that both can be moved together; on another drive, as it is."""
    try:
        return Path(os.path.relpath(path, start)).as_posix()
    except ValueError:
        return path.resolve().as_posix()


def _json(path: Path) -> Mapping[str, Any]:
    try:
        with open_regular(path) as file:
            found = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _short_path(path: Path) -> str:
    """Return a path relative to the current folder if that is shorter."""
    return min(relative(path, Path.cwd()), path.as_posix(), key=len)


def _holds_something(folder: Path, sources: Sequence[Path]) -> bool:
    """Say whether a folder holds more than the corpus of a run that ended before it wrote any study."""
    held = (path for path in folder.iterdir() if not _NOTHING.fullmatch(path.name))
    return any(not kind_of(path) or hindrance(path, "corpus", sources) for path in held)


@cache
def _our_first_columns() -> frozenset[tuple[str, ...]]:
    return frozenset({*_HEADS, *(tuple(schema.columns)[:3] for schema in schemas().values())})


def _is_ours(columns: Iterator[str]) -> bool:
    return tuple(name for name, _ in zip(columns, range(3), strict=False)) in _our_first_columns()


def _csv(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.readline(_HEAD).decode("utf-8-sig").strip()
    return _is_ours(iter(head.split(",")))


def _xlsx(path: Path) -> bool:
    with zipfile.ZipFile(path) as book, book.open("xl/workbook.xml") as file:
        names = {*re.findall(r'<(?:\w+:)?sheet [^>]*?name="([^"]*)"', file.read(_HEAD).decode("utf-8", "replace"))}
    return any(sheets <= names for sheets in _SHEETS)


def _parquet(path: Path) -> bool:
    import pyarrow.parquet as pq

    return _is_ours(iter(pq.read_schema(path).names))


def _stata(path: Path) -> bool:
    """Look at the names of the columns: in the format that we write, each takes as many bytes."""
    with path.open("rb") as file:
        names = file.read(_HEAD).partition(b"<varnames>")[2]
    return _is_ours(names[at : at + _STATA_NAME].split(b"\0")[0].decode() for at in range(0, len(names), _STATA_NAME))


def _descriptor(path: Path) -> bool:
    return {"gongkai", "resources"} <= {*_json(path)}


def _script(path: Path) -> bool:
    """Say whether a text file says in its first line that an export has put it beside its tables."""
    with path.open("rb") as file:
        return _EXPORTED in file.readline(_HEAD)


_LOOKS: Mapping[str, Callable[[Path], bool]] = {
    ".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet, ".dta": _stata, ".json": _descriptor,
    **dict.fromkeys((".md", ".r", ".do"), _script),
}  # fmt: skip
