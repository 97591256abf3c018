"""Office files are ZIP archives of XML: their parts, of bounded size, and what they say, without reaching outside."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from gongkai.readers.decoding import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_BYTES = 60_000_000
MOST_MEMBERS = 10_000


def members(data: bytes) -> frozenset[str]:
    """Return the names in an archive; none where it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(archive.namelist()[:MOST_MEMBERS])
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return frozenset()


def unpacked(data: bytes) -> int:
    """Return how large an archive says that it is when it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(m.file_size for m in archive.infolist())


def part(data: bytes, name: str) -> bytes:
    """Return one part of an archive, whatever size it claims; a bomb is refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(name) as file:
            content = file.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Unreadable(f"损坏的压缩文件（{name}）", f"a damaged archive ({name})") from error
    if len(content) > MOST_BYTES:
        raise Unreadable(f"解压后超过 {MOST_BYTES // 10**6} MB 的文件", f"more than {MOST_BYTES // 10**6} MB when unpacked")
    return content


def parsed(data: bytes, kind: str) -> _Element:
    """Parse one part without following any reference out of it."""
    from lxml import etree

    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True))
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"损坏的 {kind} 文件", f"a damaged {kind} file") from error
