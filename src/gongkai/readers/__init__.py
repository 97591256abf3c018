"""One module per input format; each gives a Document. Content decides which, not the file's name.

A reader offers ``recognises(data: bytes) -> bool``, ``read(data: bytes) -> Content``, ``FORMAT``, and ``PRIORITY`` (lower first;
below 1 where a signature tells the format).
It raises ``Unreadable`` where the bytes are of its format and hold no document that can be read; the catalogue says what then helps.
"""

from __future__ import annotations

import hashlib
import os
import pkgutil
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol

from gongkai.core.errors import UnreadableSource, system_words
from gongkai.core.files import open_regular
from gongkai.core.messages import Words, both, listed
from gongkai.core.model import Document
from gongkai.readers.decoding import Content, Unreadable
from gongkai.readers.foreign import foreign
from gongkai.readers.limits import LIMITS, most, passed

MAX_BYTES = LIMITS["bytes"].most
Source = str | os.PathLike[str] | bytes | BinaryIO


class Reader(Protocol):
    """What each module of this folder offers."""

    FORMAT: str
    PRIORITY: int

    def recognises(self, data: bytes) -> bool: ...

    def read(self, data: bytes) -> Content: ...


def read_document(source: Source) -> Document:
    """Turn a path, bytes or an open file into a Document.

    Raises
    ------
    UnreadableSource
        If there is nothing to read, or nothing that a reader recognises.

    Examples
    --------
    >>> read_document("沁县2019年政府信息公开工作年度报告\\n规章\\t0\\t0\\t0".encode()).rows[1].cells[0].text
    '规章'
    """
    name, data = _bytes_of(source)
    try:
        reader = next((r for r in _readers() if r.recognises(data)), None)
        if (reader is None or reader.PRIORITY > 0) and (other := foreign(data)):
            raise _unreadable(name, other[0], both(f"remedy.{other[1]}"))
        if reader is None:
            raise Unreadable("unknown")
        content = reader.read(data)
    except Unreadable as error:
        raise _unreadable(name, error.found, error.advice) from error
    digest = hashlib.sha256(data).hexdigest()
    return Document(name, digest, len(data), content.format or reader.FORMAT, content.encoding, content.rows, content.meta, content.damage)


def load() -> None:
    """Import all readers, which otherwise happens when the first document is read."""
    _readers()


@cache
def _readers() -> tuple[Reader, ...]:
    found = (import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    readers: list[Reader] = [m for m in found if hasattr(m, "recognises")]
    return tuple(sorted(readers, key=lambda r: r.PRIORITY))


def _bytes_of(source: Source) -> tuple[str, bytes]:
    """Read no more than is allowed, and name the source as its user knows it."""
    if isinstance(source, bytes):
        name, data = "<bytes>", source
    elif isinstance(source, str | os.PathLike):
        name, data = str(source), _file_bytes(Path(source))
    else:
        name, data = str(getattr(source, "name", "<file>")), source.read(most("bytes") + 1)
    if len(data) > most("bytes"):
        raise _unreadable(name, passed("bytes").found, passed("bytes").advice)
    if not data.strip(b" \t\r\n\f\v\0"):
        raise _unreadable(name, both("unreadable.empty"), both("remedy.empty"))
    return name, data


def _file_bytes(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read(most("bytes") + 1)
    except OSError as error:
        why, remedy = system_words(error)
        if isinstance(error, IsADirectoryError):
            remedy = both("remedy.folder")
        elif isinstance(error, FileNotFoundError):
            remedy = _near(path) or remedy
        raise _unreadable(str(path), both("unreadable.not_opened", why=why), remedy) from error


def _near(path: Path) -> Words | None:
    """Name the files beside a missing one that are named nearly so, if there are any."""
    beside: list[str] = []
    with suppress(OSError):  # a folder that is not there, or shows nothing of itself
        beside = [p.name for p in path.parent.iterdir() if p.is_file()]
    near = get_close_matches(path.name, beside)
    return both("remedy.near", names=listed(near)) if near else None


def _unreadable(name: str, found: Words, remedy: Words) -> UnreadableSource:
    kinds = sorted({r.FORMAT for r in _readers()})
    return UnreadableSource.of("readers.unreadable", name, kinds=Words("、".join(kinds), " or ".join(kinds)), found=found, remedy=remedy)
