"""Folders of documents -> one tidy data set: changed documents are read in parallel, and only the tables concerned are rewritten."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gongkai import __version__
from gongkai.core import isolation, made
from gongkai.core.errors import Interrupted, MendedWarning, NoDocuments, UnreadableSource, UsageError
from gongkai.core.files import clear_scratch, refuse_unnamed, refuse_unwritable
from gongkai.core.messages import say, storable
from gongkai.core.report_ids import report_id_of
from gongkai.corpus import parts
from gongkai.corpus.assemble import PartTask, assemble
from gongkai.corpus.ingest import DocumentTask, failed, gather, wanted
from gongkai.corpus.manifest import ManifestEntry, entries, known, known_sites, refuse_place
from gongkai.corpus.mending import damage, tell_mended
from gongkai.corpus.outputs import CORPUS, MARKER, Skipped, hindrance, left_out, mark, marker_of, only_ours, refuse_source, relative
from gongkai.corpus.store import Store, StoredReading, told
from gongkai.corpus.workers import spread
from gongkai.extract.corrections import CORRECTIONS, Correction, read_corrections, refuse_unmatched
from gongkai.places import host

RECORD = CORPUS
CURATION = "curation"
CHUNK = 8
Bar = Callable[..., Any]
Corrections = Mapping[str, tuple[Correction, ...]]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: documents there are, those that could not be read, those that were read in this run.

    ``skipped`` is what gongkai itself has written among the documents, and was not read.
    """

    folder: Path
    documents: int
    failures: int
    read: int
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """What runs the work, what shows how far it is, and whether it is about a part of the documents alone."""

    executor: Executor | None
    jobs: int
    bar: Bar
    is_part: bool = False


class Folder(NamedTuple):
    """The documents of one folder, and the division of each host whose documents all belong to one."""

    path: Path
    documents: Sequence[ManifestEntry]
    hosts: Mapping[str, str]


def build(
    folders: Sequence[str | Path], out: str | Path, *, curation: str | Path | None = None, executor: Executor | None = None, jobs: int = 1,
    language: str = "zh", quiet: bool = False, only: str = "",
) -> Built:  # fmt: skip
    """Read the documents of folders into the tidy tables of one corpus; a second run does only what changed.

    Parameters
    ----------
    folders : sequence of path
        Folders of documents, each with or without ``manifest.csv``.
    out : path
        The corpus: a folder that is new or empty, or the corpus of these folders, or of some of them. A build that was interrupted,
        however, goes on where it stopped.
    curation : path, optional
        The folder of ``corrections.csv``; ``curation`` beside the first folder unless given.
    executor : concurrent.futures.Executor, optional
        What reads the documents; ``jobs`` processes unless given.
    jobs : int
        Number of processes; with 1, all is done in this one.
    language : {"zh", "en"}
        The language of the progress bar, which ``quiet`` leaves out. ``only`` names the one document that is wanted.

    Returns
    -------
    Built

    Raises
    ------
    UsageError
        If a folder is none, holds no document, or its manifest is faulty; if it is itself a run of studies or a corpus; if ``out`` holds
        something else, the corpus of other folders for instance; or if another process writes this corpus.
    StaleCorrection
        If a correction is about a document that is not there.
    Interrupted
        If it is interrupted: what has been read so far is kept.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as scratch:
    ...     build(["data/raw"], scratch, quiet=True).failures
    0
    """
    roots, target = _roots(folders), Path(out)
    found, skipped = _listed_documents(roots, target, only)
    if curation is not None:
        _refuse_no_corrections(Path(curation))
    curated = Path(curation or next(iter(roots.values())).parent / CURATION)
    isolation.close()  # a process from before does not know what this one knows now
    with told(target):
        if (target / MARKER).exists() and not marker_of(target):
            MendedWarning.tell("record", path=target / MARKER)
        mark(target, "corpus", roots.values())
        with closing(Store(target)) as store:
            try:
                return _build(store, found, target, curated, Work(executor, jobs, _bar(language, quiet), bool(only)), skipped)
            except KeyboardInterrupt as stopped:
                raise _interrupted(store) from stopped
            finally:
                isolation.close()


def _listed_documents(roots: Mapping[str, Path], target: Path, only: str) -> tuple[dict[str, Folder], list[Skipped]]:
    """List the documents of folders, and what was left out of them, once a corpus of them can be written there."""
    for folder in roots.values():
        refuse_unnamed(folder)
        refuse_source(folder)
    if refused := hindrance(target, "corpus", list(roots.values())):
        raise refused
    refuse_unwritable(target, is_folder=True)
    skipped: list[Skipped] = []
    found = {root: _folder(folder, skipped, only) for root, folder in roots.items()}
    _refuse_none(found.values(), skipped)
    return found, skipped


def _build(store: Store, found: Mapping[str, Folder], target: Path, curated: Path, work: Work, skipped: Sequence[Skipped]) -> Built:
    """Read what is out of date and rewrite the tables concerned; ``corpus.json`` comes last, so it marks a complete corpus."""
    corrections, record = read_corrections(curated), target / RECORD
    roots = {root: folder.path for root, folder in found.items()}
    store.note(_found(found, corrections))
    if not work.is_part:
        refuse_unmatched(corrections, store.known_ids())
    stale, before = store.stale(), _before(record)
    clear_scratch(target.rglob(".*.tmp"))
    if stale or _stale_parts(store, target, before) or before != _record(store, roots, curated, target):
        record.unlink(missing_ok=True)
        _read_stale(store, (_task(roots, corrections, *noted) for noted in store.tasks(stale)), len(stale), work)
        _assemble(store, target, _stale_parts(store, target, before), work)
        made.keep(record, _record(store, roots, curated, target))
    documents, failures = store.counts()
    return Built(target, documents, failures, len(stale), left_out(skipped, target, "corpus", roots.values()))


def _before(record: Path) -> Mapping[str, Any]:
    """Return what the corpus was before; nothing where there was none, or its record is damaged."""
    before = made.recall(record)
    if record.exists() and not before:
        MendedWarning.tell("record", path=record)
    return before


def _stale_parts(store: Store, target: Path, before: Mapping[str, Any]) -> list[PartTask]:
    """Return the parts whose tables are missing, altered, or made from something else than they would be now."""
    now, told = store.made_from(), before.get("parts", {})
    names = sorted({*now, *parts.known(target)})
    return [PartTask(str(store.path), str(target), part, now.get(part, {}), reason) for part in names
            if (reason := parts.why(target, part, now.get(part, {}), told))]  # fmt: skip


def _interrupted(store: Store) -> Interrupted:
    """Say how far a build has come."""
    n = store.size()
    return Interrupted.told_as("corpus.interrupted", n=n, done=n - len(store.stale()))


def _roots(folders: Sequence[str | Path]) -> dict[str, Path]:
    """Name the folders: a path within the corpus begins with its folder's name where there are several."""
    if len(folders) == 1:
        return {"": Path(folders[0])}
    named = {Path(folder).resolve().name: Path(folder) for folder in folders}
    if len(named) < len(folders):
        shown = "、".join(map(str, folders))
        raise UsageError.of("build.same_names", shown, shown=shown)
    return named


def _folder(path: Path, skipped: list[Skipped], only: str) -> Folder:
    """List the documents of a folder; paths of what is left out begin with the folder's own."""
    listed, own = known(path), list[Skipped]()
    documents = [entry for entry in entries(path, listed, own) if only in ("", entry.name)]
    skipped += [] if only else [Skipped((path / left).as_posix(), kind) for left, kind in own]
    return Folder(path, documents, known_sites(listed))


def _found(folders: Mapping[str, Folder], corrections: Corrections) -> Iterator[tuple[str, str, str, str]]:
    """Yield path, hash, what its reading must be made from, and entry of every document."""
    for root, folder in folders.items():
        for entry in folder.documents:
            site = None if entry.division_code else folder.hosts.get(host(entry.source_url))
            path = storable(f"{root}/{entry.name}" if root else entry.name)
            sha256 = _sha256(entry)
            made_from = wanted(sha256, entry, corrections.get(report_id_of(sha256), ()), site)
            yield path, sha256, made_from, json.dumps({"root": root, "site": site, **entry.known})


def _task(roots: Mapping[str, Path], corrections: Corrections, path: str, sha256: str, made_from: str, noted: str) -> DocumentTask:
    facts = json.loads(noted)
    root, site = facts.pop("root"), facts.pop("site")
    return DocumentTask(path, ManifestEntry(roots[root], **facts), corrections.get(report_id_of(sha256), ()), site, made_from)


def _sha256(entry: ManifestEntry) -> str:
    """Hash a file; one that cannot be opened will be a failure when it is read."""
    try:
        refuse_place(entry)
    except OSError as error:
        return made.unreadable(error.strerror)
    except UnreadableSource as error:
        return made.unreadable(error.found[1])
    return made.sha256(entry.path)


def _refuse_no_corrections(folder: Path) -> None:
    """Refuse a ``--curation`` folder without ``corrections.csv``: else its corrections would silently not be applied."""
    if not (folder / CORRECTIONS).is_file():
        raise UsageError.of("build.no_corrections", folder)


def _refuse_none(folders: Iterable[Folder], skipped: Sequence[Skipped]) -> None:
    """Refuse folders without a document, before anything is written; tables that gongkai has saved are not taken for reports."""
    folders = list(folders)
    if any(folder.documents for folder in folders):
        return
    shown = "、".join(str(folder.path) for folder in folders)
    if not skipped:
        raise NoDocuments.of("build.no_document", shown)
    raise only_ours(shown, skipped)


def _read_stale(store: Store, tasks: Iterable[DocumentTask], n: int, work: Work) -> None:
    """Read what is stale; each chunk is kept as soon as it is there."""
    chunk = max(1, min(CHUNK, n // work.jobs))
    ready: list[StoredReading] = []
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


def _assemble(store: Store, target: Path, tasks: Sequence[PartTask], work: Work) -> None:
    """Write the tables of every part that has changed, or was damaged."""
    mended = damage(target, tasks)
    with work.bar(total=len(tasks), desc="corpus.writing") as shown:
        for _, result in spread(assemble, tasks, executor=work.executor, jobs=work.jobs):
            if isinstance(result, BaseException):
                raise result
            shown.update()
    tell_mended(target, mended)


def _bar(language: str, quiet: bool) -> Bar:
    """Return a function that makes progress bars, shown only in a terminal and if there is something to do."""

    def bar(total: int, desc: str) -> Any:
        from tqdm import tqdm

        return tqdm(total=total, desc=say(desc, language), unit="", disable=True if quiet or not total else None, leave=False)

    return bar


def _record(store: Store, roots: Mapping[str, Path], curated: Path, target: Path) -> dict[str, Any]:
    """Say what the corpus was built from; it holds no time, so that equal builds give equal bytes."""
    documents, failures = store.counts()
    return {
        "gongkai": __version__,
        "folders": {name: relative(folder, target) for name, folder in roots.items()},
        "curation": relative(curated, target),
        "documents": documents,
        "failures": failures,
        "parts": {part: made.digest(own) for part, own in store.made_from().items()},
    }
