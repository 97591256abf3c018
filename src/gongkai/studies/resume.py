"""The record of each study: what it was made from, so that another run makes only what has changed and can resume after a kill."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from glob import escape
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from gongkai import __version__
from gongkai.core import made
from gongkai.corpus.outputs import kind_of, marker_of
from gongkai.studies import reads
from gongkai.studies.execute import NotebookFailure, write
from gongkai.studies.outcome import Done, Limits, Study

RECORD = "record.json"
RERUN = ("changed", "failed", "all")
_WRITING = ".writing"
_HALF = re.compile(r"\.(index(\.en)?\.html|manifest\.json|gongkai\.json|failures\.csv|GongkaiSansSC-Regular\.otf)\.[^.]+(\.tmp)?")


def base_of(notebook: Path) -> dict[str, Any]:
    """Return what every study of a run depends on: notebook, library, versions."""
    package = Path(str(resources.files("gongkai")))
    library = (p for p in package.rglob("*") if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".pyc")
    needed = (re.match(r"[\w.-]+", line) for line in metadata.requires("gongkai") or () if "extra ==" not in line)
    versions = {name: metadata.version(name) for name in sorted({found[0] for found in needed if found})}
    return {
        "notebook": {"name": notebook.name, "sha256": sha256(notebook)}, "library": made.hash_of_files(package, library),
        "versions": versions | {"python": platform.python_version(), "gongkai": __version__},
    }  # fmt: skip


def made_from(base: Mapping[str, Any], **own: Any) -> dict[str, str]:
    """Hash each input of a study separately, so that a changed one can be named.

    Examples
    --------
    >>> sorted(made_from({"library": "1"}, inputs=[]))
    ['inputs', 'library']
    """
    return {name: made.digest(part) for name, part in {**base, **own}.items()}


def sha256(path: Path) -> str:
    """Hash a file, or all files below a folder except those of runs in it; the reason if it cannot be opened."""
    return made.hash_of_files(path, _input_files(path)) if os.path.isdir(path) else made.sha256(path)


def _input_files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, but not those of runs in it, which are output and not input."""
    for parent, folders, names in os.walk(folder):
        if Path(parent) != folder and kind_of(Path(parent)) == "run":
            folders.clear()
        else:
            yield from (Path(parent, name) for name in names)


def begin(folder: Path) -> None:
    """Remove what the batch has written in a study's folder, and mark the study as begun but not done."""
    clear(folder)
    write(folder / RECORD, "{}\n")


def note(folder: Path, names: Iterable[str]) -> None:
    """Record the names of a study's files before they are written: only recorded files are ever deleted, also after a crash."""
    write(folder / _WRITING, "".join(f"{name}\n" for name in sorted({*names, *_files_of_study(folder)})))


def clear(folder: Path, but: Collection[str] = ()) -> None:
    """Remove the recorded files of a study, complete or not, except its record and those to be kept; other files are the user's."""
    for name in _files_of_study(folder):
        for path in [*([] if name in but else [folder / name]), *folder.glob(f".{escape(name)}.*")]:
            path.unlink(missing_ok=True)
    for path in [folder / _WRITING, *folder.glob(f".{_WRITING}.*"), *folder.glob(f".{RECORD}.*")]:
        path.unlink(missing_ok=True)


def keep(
    folder: Path, made_from: Mapping[str, str], limits: Limits, failures: Mapping[str, NotebookFailure], read: Mapping[str, str]
) -> None:
    """Write the record of a finished study; it is the last of its files."""
    failed = {language: failure._asdict() for language, failure in failures.items()}
    files = made.hashes(folder, _files_of_study(folder))
    made.keep(folder / RECORD, {"made_from": made_from, "limits": limits, "failures": failed, "files": files, "read": read})
    (folder / _WRITING).unlink(missing_ok=True)


def _files_of_study(folder: Path) -> set[str]:
    """Return the names of the files that were written of a study, or were about to be."""
    names = {*recall(folder).get("files", {})}
    with suppress(OSError):
        names |= {*(folder / _WRITING).read_text(encoding="utf-8").split("\n")}
    return {name for name in names if name and Path(name).name == name}


def recall(folder: Path) -> dict[str, Any]:
    """Return the record of a study; a damaged one counts as missing."""
    record = made.recall(folder / RECORD)
    return record if {"made_from", "limits", "failures", "files"} <= {*record} else {}


def failures_of(record: Mapping[str, Any]) -> dict[str, NotebookFailure]:
    """Return why a study failed when it was made, by language."""
    return {language: NotebookFailure(**told) for language, told in record.get("failures", {}).items()}


def why(folder: Path, study: Study, record: Mapping[str, Any], rerun: str = "changed") -> str:
    """Return the reason why a study must be made, as a key of the messages; empty if it is complete and nothing has changed."""
    if not record:
        return "new"
    if rerun == "all":
        return "asked"
    if part := made.changed(record, study.made_from):
        return part
    if reads.changed(record.get("read", {}).items()):
        return "read"
    if record["failures"] and study.tasks and list(study.tasks[0].limits) != record["limits"]:
        return "limits"
    if record["failures"] and rerun == "failed":
        return "failed"
    return "damaged" if made.altered(folder, record) else ""


def begun(folder: Path) -> set[str]:
    """Return the folders of all studies that were ever begun in a run, and not removed; of a run that does not say so, by their records."""
    known = marker_of(folder).get("studies")
    here = {record.parent.name for record in folder.glob(f"*/{RECORD}")}
    return {name for name in here if kind_of(folder / name) == "study"} if known is None else here & {*known}


def remove_others(folder: Path, studies: Collection[str]) -> Iterator[str]:
    """Remove studies of what is no longer asked for, and what a killed run left half written; yield the former's names.

    A file that was changed since it was written belongs to the user, and stays.
    """
    for path in [*folder.glob(".*"), *folder.glob("assets/.*")]:
        if _HALF.fullmatch(path.name):
            path.unlink(missing_ok=True)
    for name in sorted(begun(folder)):
        target, files = folder / name, recall(folder / name).get("files", {})
        if name in studies:
            if files:
                (target / _WRITING).unlink(missing_ok=True)
            continue
        clear(target, made.altered(target, {"files": files}))
        (target / RECORD).unlink(missing_ok=True)
        with suppress(OSError):  # files of the user stay, and so does the folder that holds them
            target.rmdir()
        yield name


def manifest(done: Done, base: Mapping[str, Any]) -> str:
    """Compose what is known of a run from the records of its studies: nothing in it tells when the run was."""
    studies = {study.folder: _entry(done, study) for study in done.studies}
    return (
        json.dumps({"run": done.folder.name, **base, "studies": studies}, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"
    )


def _entry(done: Done, study: Study) -> dict[str, Any]:
    record = recall(done.folder / study.folder)
    inputs = [row.get("path", "") for row in study.county.inputs] if study.county else []
    return {
        "status": done.status_of(study), "name": study.name, "inputs": inputs, "parameters": study.parameters,
        "files": record.get("files", {}), "made_from": record.get("made_from", {}),
    }  # fmt: skip
