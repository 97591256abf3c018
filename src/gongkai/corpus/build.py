"""Folders of documents -> one tidy data set: what has changed is read, over processes, and what it touches is written anew."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai import __version__
from gongkai.core.errors import UsageError
from gongkai.core.files import write
from gongkai.core.messages import say
from gongkai.corpus.assemble import assemble, write_failures
from gongkai.corpus.ingest import Task, failed, gather, wanted
from gongkai.corpus.manifest import Entry, entries, known, known_sites
from gongkai.corpus.store import Reading, Store
from gongkai.corpus.workers import spread
from gongkai.extract.corrections import Correction, read_corrections, refuse_unmatched
from gongkai.places import host

RECORD = "corpus.json"
CURATION = "curation"
CHUNK = 8
Bar = Callable[..., Any]
Corrections = Mapping[str, tuple[Correction, ...]]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: documents there are, those that could not be read, and those that were read in this run."""

    folder: Path
    documents: int
    failures: int
    read: int


@dataclass(frozen=True, slots=True)
class Work:
    """What runs the work, and what shows how far it is."""

    executor: Executor | None
    jobs: int
    bar: Bar


def build(
    folders: Sequence[str | Path], out: str | Path, *, curation: str | Path | None = None, executor: Executor | None = None, jobs: int = 1,
    language: str = "zh", quiet: bool = False,
) -> Built:  # fmt: skip
    """Read the documents of folders into the tidy tables of one corpus; a second run does only what changed.

    Parameters
    ----------
    folders : sequence of path
        Folders of documents, each with or without ``manifest.csv``.
    out : path
        The corpus. A build that was interrupted, however, goes on where it stopped.
    curation : path, optional
        The folder of ``corrections.csv``; ``curation`` beside the first of the folders unless given.
    executor : concurrent.futures.Executor, optional
        What reads the documents; ``jobs`` processes unless given.
    jobs : int
        Number of processes; with 1, all is done in this one.
    language : {"zh", "en"}
        The language of the progress bar, which ``quiet`` leaves out.

    Returns
    -------
    Built

    Raises
    ------
    UsageError
        If a folder is none, holds no document, or its manifest is faulty, or if another process writes this corpus.
    StaleCorrection
        If a correction is about a document that is not there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     build(["data/raw"], scratch, quiet=True).failures
    0
    """
    roots, target = _roots(folders), Path(out)
    curated = Path(curation or next(iter(roots.values())).parent / CURATION)
    store = Store(target)
    try:
        return _build(store, roots, target, curated, Work(executor, jobs, _bar(language, quiet)))
    finally:
        store.close()


def _build(store: Store, roots: Mapping[str, Path], target: Path, curated: Path, work: Work) -> Built:
    """Read what is stale, write what it touches, and say of the corpus that it is whole only when it is."""
    corrections, record = read_corrections(curated), target / RECORD
    store.note(_found(roots, corrections))
    _refuse_none(store, list(roots.values()))
    refuse_unmatched(corrections, store.known_ids())
    stale = store.stale()
    if stale or store.stale_parts() or not record.is_file() or record.read_text(encoding="utf-8") != _record(store, roots, curated, target):
        record.unlink(missing_ok=True)
        _read(store, (_task(roots, corrections, *noted) for noted in store.tasks(stale)), len(stale), work)
        _assemble(store, target, work)
        write_failures(store.path, target)
        write(record, _record(store, roots, curated, target))
    documents, failures = store.counts()
    return Built(target, documents, failures, len(stale))


def _roots(folders: Sequence[str | Path]) -> dict[str, Path]:
    """Name the folders: a path within the corpus begins with its folder's name where there are several."""
    if len(folders) == 1:
        return {"": Path(folders[0])}
    named = {Path(folder).resolve().name: Path(folder) for folder in folders}
    if len(named) < len(folders):
        shown = "、".join(map(str, folders))
        raise UsageError(
            shown,
            ("名称各不相同的文件夹", "folders of different names"),
            (shown, shown),
            ("改名，或分开构建", "rename one, or build them apart"),
        )
    return named


def _found(roots: Mapping[str, Path], corrections: Corrections) -> Iterator[tuple[str, str, str, str]]:
    """Yield path, hash, what its reading must be made from, and entry of every document."""
    for root, folder in roots.items():
        listed = known(folder)
        hosts = known_sites(listed)
        for entry in entries(folder, listed):
            site = None if entry.division_code else hosts.get(host(entry.source_url))
            path = f"{root}/{entry.name}" if root else entry.name
            sha256 = _sha256(entry.path)
            made_from = wanted(sha256, entry, corrections.get(sha256[:12], ()), site)
            yield path, sha256, made_from, json.dumps({"root": root, "site": site, **entry.known}, ensure_ascii=False)


def _task(roots: Mapping[str, Path], corrections: Corrections, path: str, sha256: str, made_from: str, noted: str) -> Task:
    facts = json.loads(noted)
    root, site = facts.pop("root"), facts.pop("site")
    return Task(path, Entry(roots[root], **facts), corrections.get(sha256[:12], ()), site, made_from)


def _sha256(path: Path) -> str:
    """Hash a file; one that cannot be opened will be a failure when it is read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"unreadable ({error.strerror})"


def _refuse_none(store: Store, folders: Sequence[Path]) -> None:
    if not store.size():
        shown = "、".join(map(str, folders))
        raise UsageError(shown, ("至少一份年度报告", "at least one report"), ("没有文件", "no file"), ("放入报告", "put reports there"))


def _read(store: Store, tasks: Iterable[Task], n: int, work: Work) -> None:
    """Read what is stale; each chunk is kept as soon as it is there."""
    chunk = max(1, min(CHUNK, n // work.jobs))
    ready: list[Reading] = []
    failures = 0
    with work.bar(total=n, desc="corpus.reading") as shown:
        for task, result in spread(gather, tasks, executor=work.executor, jobs=work.jobs, chunk=chunk):
            reading = failed(task, result) if isinstance(result, BaseException) else result
            ready.append(reading)
            if reading.failure:
                failures += 1
                shown.set_postfix_str(f"✗ {failures}")
            if len(ready) >= chunk:
                store.keep(ready)
                ready = []
            shown.update()
    store.keep(ready)


def _assemble(store: Store, target: Path, work: Work) -> None:
    """Write the tables of every part that has changed."""
    parts = store.stale_parts()
    tasks = [(str(store.path), str(target), part) for part in parts]
    with work.bar(total=len(parts), desc="corpus.writing") as shown:
        for (_, _, part), result in spread(assemble, tasks, executor=work.executor, jobs=work.jobs):
            if isinstance(result, BaseException):
                raise result
            store.settle(part, parts[part])
            shown.update()


def _bar(language: str, quiet: bool) -> Bar:
    """Return what makes progress bars: shown where a person looks on and there is something to do."""

    def bar(total: int, desc: str) -> Any:
        from tqdm import tqdm

        return tqdm(total=total, desc=say(desc, language), unit="", disable=True if quiet or not total else None, leave=False)

    return bar


def _record(store: Store, roots: Mapping[str, Path], curated: Path, target: Path) -> str:
    """Write down what the corpus was built from: nothing in it tells when."""
    documents, failures = store.counts()
    folders = {name: relative(folder, target) for name, folder in roots.items()}
    facts = {
        "gongkai": __version__,
        "folders": folders,
        "curation": relative(curated, target),
        "documents": documents,
        "failures": failures,
    }
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def relative(path: Path, start: Path) -> str:
    """Write a path as it is reached from another, so that both can be moved together; on another drive, as it is."""
    try:
        return Path(os.path.relpath(path, start)).as_posix()
    except ValueError:
        return path.resolve().as_posix()
