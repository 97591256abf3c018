"""Tables of a corpus that were lost or altered since they were written -> noticed, made again from the store, and said."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from gongkai.core import made
from gongkai.core.errors import MendedWarning, ReportError, UsageError
from gongkai.core.files import refuse_unwritable
from gongkai.core.messages import listed
from gongkai.core.report_ids import report_id_of
from gongkai.corpus import parts, selection
from gongkai.corpus.assemble import PartTask, assemble
from gongkai.corpus.outputs import CORPUS, MARKER, marker_of
from gongkai.corpus.parts import Years
from gongkai.corpus.store import (
    STORE,
    Store,
    connect_to_read,
    fault_of,
    is_noted_soundly,
    made_from,
    not_as_written,
    told,
    unsound_readings,
)

_SHOWN, _SHORT = 5, 12


def files_of(folder: Path, record: Mapping[str, Any], table: str, years: Years, codes: Collection[str]) -> list[Path]:
    """Return the files of a table that hold the years and divisions asked for, also of a corpus of an older version, which has no seals."""
    if "parts" in record:
        return sound_files(folder, record, table, years, codes)
    if table == parts.FAILURES:
        return [folder / "failures.parquet"]
    return selection.files(folder / table, selection.parts(folder, record["documents"] > record["failures"]), years, codes)


def sound_files(folder: Path, record: Mapping[str, Any], table: str, years: Years, codes: Collection[str]) -> list[Path]:
    """Return the files of a table that hold the years and divisions asked for; what is not as it was written is made again first.

    Raises
    ------
    UsageError
        If it cannot be made again: without the store, or with one of another state; where nobody may write; while another process does.
    """
    provinces = {code[:2] for code in codes}
    wanted = {part: made for part, made in record["parts"].items() if table == parts.FAILURES or not provinces or part in provinces}
    if faulty := [part for part, told in wanted.items() if _is_faulty(folder, part, told, table, years)]:
        mend(folder, record, faulty)
    held = (parts.held(folder, part, told) or {"files": {}} for part, told in wanted.items())
    return sorted(folder / name for record in held for name in parts.named(record, table, years))


def _is_faulty(folder: Path, part: str, told: str, table: str, years: Years) -> bool:
    record = parts.held(folder, part, told)
    return record is None or bool(made.altered(folder, {"files": parts.named(record, table, years)}))


def mend_all(folder: Path) -> None:
    """Make all tables of a corpus again that are not as they were written."""
    record = made.recall(folder / CORPUS)
    held = {part: parts.held(folder, part, told) for part, told in record.get("parts", {}).items()}
    if faulty := [part for part, own in held.items() if own is None or made.altered(folder, own)]:
        mend(folder, record, faulty)


def mend(folder: Path, record: Mapping[str, Any], faulty: Collection[str]) -> None:
    """Make the tables of parts again from the store, without the documents."""
    try:
        refuse_unwritable(folder, is_folder=True)
    except ReportError as error:  # a reader is told what is wrong with the corpus, not that nobody may write there
        raise next(_faults_of_tables(folder, {part: record["parts"][part] for part in faulty}), error) from error
    with told(folder), closing(Store(folder, may_begin=False)) as store:
        now = store.made_from()
        tasks = [PartTask(str(store.path), str(folder), part, now.get(part, {}), parts.DAMAGED) for part in faulty]
        if made.recall(folder / CORPUS) != record or any(made.digest(task.made_from) != record["parts"][task.part] for task in tasks):
            raise UsageError.of("store.other_state", folder)
        names = damage(folder, tasks)
        assemble(tasks)
    tell_mended(folder, names)


def damage(folder: Path, tasks: Iterable[PartTask]) -> list[str]:
    """Return the files of parts that are missing or were altered; of a part whose record is no longer its own, the record."""
    names = []
    for task in (task for task in tasks if task.why == parts.DAMAGED):
        path = parts.record_of(folder, task.part)
        record = made.recall(path)
        is_own = bool(record) and not made.changed(record, task.made_from)
        names += made.altered(folder, record) if is_own else [path.relative_to(folder).as_posix()]
    return names


def tell_mended(folder: Path, names: Sequence[str]) -> None:
    """Say which files were damaged and have been made again."""
    if names:
        shown = listed([*names[:_SHOWN], *(["…"] if len(names) > _SHOWN else [])])
        MendedWarning.tell("tables", n=len(names), names=shown, path=folder)


def faults(folder: Path) -> Iterator[ReportError]:
    """Yield everything of a corpus that is not as a build left it, and each document that has changed since; nothing is written.

    Examples
    --------
    >>> import tempfile
    >>> from gongkai.corpus.build import build
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     list(faults(build(["data/raw"], scratch, quiet=True).folder))
    []
    """
    record = made.recall(folder / CORPUS)
    if not record.get("parts"):
        yield not_as_written(folder / CORPUS)
    if not marker_of(folder):
        yield not_as_written(folder / MARKER)
    now = record.get("parts", {})
    store = folder / STORE
    if fault := fault_of(store, connect_to_read) or (None if store.exists() else not_as_written(store)):
        yield fault
    else:
        with told(folder), closing(connect_to_read(store)) as db:
            found = list(_faults_of_store(folder, db, record))
            yield from found
            if not any(fault.where == str(store) for fault in found):
                now = {part: made.digest(own) for part, own in made_from(db).items()}
    yield from _faults_of_tables(folder, record.get("parts", now), now)


def _faults_of_store(folder: Path, db: Connection, record: Mapping[str, Any]) -> Iterator[ReportError]:
    """Yield readings that were altered, and documents that are no longer those that were read."""
    if unsound := unsound_readings(db):
        yield UsageError.of("store.altered", folder / STORE, n=len(unsound))
    for path, sha256, wanted, entry, seal in db.execute("SELECT path, sha256, wanted, entry, seal FROM files ORDER BY path"):
        if not is_noted_soundly(path, sha256, wanted, entry, seal):
            yield UsageError.of("store.altered", folder / STORE, n=1)
        elif record and not sha256.startswith(made.unreadable("")[:-1]):
            noted = json.loads(entry)
            document = folder / record["folders"][noted["root"]] / noted["name"]
            if (found := made.sha256(document)) != sha256:
                yield UsageError.of("dataset.changed", document, report_id=report_id_of(sha256), found=found[:_SHORT])


def _faults_of_tables(folder: Path, listed: Mapping[str, str], now: Mapping[str, str] | None = None) -> Iterator[ReportError]:
    """Yield the tables that are missing, altered, or made from other readings than those of the store."""
    for part in sorted({*listed, *(now or ())}):
        record = parts.held(folder, part, listed.get(part, ""))
        if record is None or (now is not None and listed.get(part) != now.get(part)):
            yield not_as_written(parts.record_of(folder, part))
        for name in made.altered(folder, record or {"files": {}}):
            yield not_as_written(folder / name)
