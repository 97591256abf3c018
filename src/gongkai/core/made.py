"""What files were made from: a sealed record beside them, by which what changed, and what was altered since, is noticed in one way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gongkai.core.files import open_regular, write

_SEAL = "seal"


def packed(facts: object) -> str:
    """Write facts as one line of text that equal facts always give.

    Examples
    --------
    >>> packed({"b": 1, "a": "县"})
    '{"a":"县","b":1}'
    """
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def digest(facts: object) -> str:
    """Return the hash of facts.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(packed(facts).encode("utf-8", "surrogatepass")).hexdigest()


def unreadable(reason: str | None) -> str:
    """Return what stands in place of the hash of a file that cannot be opened."""
    return f"unreadable ({reason})"


def sha256(path: Path) -> str:
    """Hash a file's bytes; the reason if it cannot be opened, which is the hash of no file."""
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return unreadable(error.strerror)


def hash_of_files(root: Path, paths: Iterable[Path]) -> str:
    """Hash files with their names below a folder, whatever the order in which they are given."""
    named = sorted((path.relative_to(root).as_posix(), sha256(path)) for path in paths)
    return hashlib.sha256("".join(f"{name}\0{made}\n" for name, made in named).encode("utf-8", "surrogateescape")).hexdigest()


def hashes(root: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the hash of each file of a folder."""
    return {name: sha256(root / name) for name in sorted(names)}


def keep(path: Path, facts: Mapping[str, Any]) -> None:
    """Write a record, such as ``{"made_from": ..., "files": ...}``, and seal it: it is the last of what was made."""
    write(path, sealed(facts))


def sealed(facts: Mapping[str, Any]) -> str:
    """Return the text of a record: its facts, and their hash."""
    return json.dumps({**facts, _SEAL: digest(facts)}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def recall(path: Path) -> dict[str, Any]:
    """Return the facts of a record; nothing of one that is missing, or not as it was written.

    One without a seal is of an older version, and what it says is taken for true.
    """
    try:
        with open_regular(path) as file:
            facts = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(facts, dict):
        return {}
    seal = facts.pop(_SEAL, None)
    return facts if seal is None or seal == digest(facts) else {}


def changed(record: Mapping[str, Any], made_from: Mapping[str, str]) -> str:
    """Return the first input that is no longer what a record names; empty where all are.

    Examples
    --------
    >>> changed({"made_from": {"library": "1"}}, {"library": "1", "inputs": "2"})
    'inputs'
    """
    before = record["made_from"]
    return next((name for name in {**made_from, **before} if made_from.get(name) != before.get(name)), "")


def altered(root: Path, record: Mapping[str, Any]) -> list[str]:
    """Return the files that are missing, or whose bytes are no longer those that were written."""
    return [name for name, made in record["files"].items() if sha256(root / name) != made]
