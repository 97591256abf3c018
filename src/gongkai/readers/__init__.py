"""One module per input format; each gives a Document. Content decides which, not the file's name.

A reader offers ``recognises(data: bytes) -> bool``, ``read(data: bytes) -> Content``, ``FORMAT``, and ``PRIORITY`` (lower first;
below 1 where a signature tells the format).
It raises ``Unreadable`` where the bytes are of its format and hold no document that can be read; what then helps stands in ``advice.toml``.
"""

from __future__ import annotations

import hashlib
import os
import pkgutil
import tomllib
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from typing import BinaryIO, Protocol

from gongkai.core.errors import UnreadableSource, Words, system_words
from gongkai.core.model import Document
from gongkai.readers.decoding import Content, Unreadable
from gongkai.readers.zipped import archive

MAX_BYTES = 20_000_000
Source = str | os.PathLike[str] | bytes | BinaryIO

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# What a file begins with, what it is called, and which advice fits.
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "DOC", "old_word"), (b"{\\rtf", "RTF", "old_text"),
    (b"\x1f\x8b", "gzip", "archive"), (b"Rar!\x1a\x07", "RAR", "archive"), (b"7z\xbc\xaf\x27\x1c", "7z", "archive"),
    *((magic, kind, "picture") for magic, kind in (
        (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"BM", "BMP"), (b"RIFF", "WebP"),
        (b"II*\x00", "TIFF"), (b"MM\x00*", "TIFF"),
    )),
)  # fmt: skip


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
    reader = next((r for r in _readers() if r.recognises(data)), None)
    foreign = _foreign(data)
    if foreign and (reader is None or reader.PRIORITY > 0):
        raise _unreadable(name, *foreign)
    if reader is None:
        raise _unreadable(name, ("未知格式的二进制文件", "binary data of no known format"), _advice("unknown"))
    try:
        content = reader.read(data)
    except Unreadable as error:
        raise _unreadable(name, error.found, _advice(error.advice)) from error
    digest = hashlib.sha256(data).hexdigest()
    return Document(name, digest, len(data), content.format or reader.FORMAT, content.encoding, content.rows, content.meta, content.damage)


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
        name, data = str(getattr(source, "name", "<file>")), source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        found = (f"超过 {MAX_BYTES // 10**6} MB 的文件", f"more than {MAX_BYTES // 10**6} MB")
        raise _unreadable(name, found, _advice("too_large"))
    if not data.strip():
        raise _unreadable(name, ("空文件", "an empty file"), _advice("empty"))
    return name, data


def _file_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        (zh, en), advice = system_words(error)
        if isinstance(error, IsADirectoryError):
            advice = _advice("folder")
        elif isinstance(error, FileNotFoundError):
            advice = _near(path) or advice
        raise _unreadable(str(path), (f"打不开（{zh}）", f"a file that cannot be opened ({en})"), advice) from error


def _near(path: Path) -> Words | None:
    """Name the files beside a missing one that are named nearly so, if there are any."""
    beside: list[str] = []
    with suppress(OSError):  # a folder that is not there, or shows nothing of itself
        beside = [p.name for p in path.parent.iterdir() if p.is_file()]
    near = get_close_matches(path.name, beside)
    zh, en = _advice("near")
    return (zh.format(names="、".join(near)), en.format(names=", ".join(near))) if near else None


def _foreign(data: bytes) -> tuple[Words, Words] | None:
    """Say what a file is that no reader takes, if its first bytes tell, and what helps."""
    if data.startswith(_ZIP):
        zh, en, advice = archive(data)
        return (zh, en), _advice(advice)
    told = next((told for magic, *told in _FOREIGN if data.startswith(magic)), None)
    return ((f"{told[0]} 文件", f"a {told[0]} file"), _advice(told[1])) if told else None


@cache
def _advice(key: str) -> Words:
    """Return what helps, in Chinese and in English."""
    table = tomllib.loads(resources.files(__name__).joinpath("advice.toml").read_text(encoding="utf-8"))
    return table[key]["zh"], table[key]["en"]


def _unreadable(name: str, found: Words, advice: Words) -> UnreadableSource:
    kinds = sorted({r.FORMAT for r in _readers()})
    expected = ("、".join(kinds) + " 格式的年度报告", "an annual report as " + " or ".join(kinds))
    return UnreadableSource(name, expected, found, advice)
