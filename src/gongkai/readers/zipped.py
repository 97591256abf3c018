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
_LOCKED = 1  # the bit of a part that is encrypted


def members(data: bytes) -> frozenset[str]:
    """Return the names in an archive; none where it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(archive.namelist()[:MOST_MEMBERS])
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return frozenset()


# What else is an archive, by the name of a part that only it has: what to call it, and which advice fits.
_ARCHIVES = {
    "OFD.xml": ("OFD", "ofd"), "ppt/presentation.xml": ("PPTX", "slides"), "META-INF/container.xml": ("EPUB", "slides"),
    "META-INF/manifest.xml": ("ODF", "old_text"),
}  # fmt: skip


def archive(data: bytes) -> tuple[str, str, str]:
    """Say in Chinese and in English what an archive is that no reader recognises, and which advice fits."""
    names = members(data)
    if not names:
        return "损坏的 ZIP 或 Office 文件", "a damaged ZIP or Office file", "damaged"
    kind, advice = next((told for name, told in _ARCHIVES.items() if name in names), ("ZIP", "archive"))
    return f"{kind} 文件", f"a {kind} file", advice


def is_locked(data: bytes, name: str) -> bool:
    """Say whether a part of an archive needs a password."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            return bool(opened.getinfo(name).flag_bits & _LOCKED)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, ValueError):
        return False


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
        if is_locked(data, name):
            raise Unreadable(
                f"加密的压缩文件（{name}，需要密码）", f"an encrypted archive ({name}; it needs a password)", "locked_archive"
            ) from error
        raise Unreadable(f"损坏的压缩文件（{name}）", f"a damaged archive ({name})", "damaged") from error
    if len(content) > MOST_BYTES:
        raise Unreadable(f"解压后超过 {MOST_BYTES // 10**6} MB 的文件", f"more than {MOST_BYTES // 10**6} MB when unpacked", "too_large")
    return content


def parsed(data: bytes, kind: str) -> _Element:
    """Parse one part without following any reference out of it."""
    from lxml import etree

    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True))
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"损坏的 {kind} 文件", f"a damaged {kind} file", "damaged") from error


def local(element: _Element) -> str:
    """Return a tag without its namespace: there are two, of the transitional and of the strict standard."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: _Element, name: str, default: str | None = None) -> str | None:
    """Return an attribute, whatever its namespace."""
    return next((str(v) for k, v in element.attrib.items() if str(k).rpartition("}")[2] == name), default)


def setting(element: _Element, path: str, default: str | None = None) -> str | None:
    """Return the value of a property below an element, such as ``tcPr/gridSpan``; ``default`` where the property has no value."""
    for name in path.split("/"):
        found = next((e for e in element if local(e) == name), None)
        if found is None:
            return None
        element = found
    return attribute(element, "val", default)
