"""Office files are ZIP archives of XML: their parts, found by how they relate to each other, of bounded size, and what they say."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from gongkai.readers.decoding import Unreadable
from gongkai.readers.limits import LIMITS, passed, within

if TYPE_CHECKING:
    from lxml.etree import _Element

SIGNATURE = b"PK\x03\x04"
_HEAD = 4096
_ROOT = re.compile(r"<(?:[\w.-]+:)?(\w+)[\s>/]")
# The standard of Office packages knows no other methods; of bzip2 and LZMA a few bytes unpack to gigabytes at once.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError)
_USUAL = {"document": ("word/document.xml",), "workbook": ("xl/workbook.xml",)}


class Package:
    """The parts of one file. Names are compared as Office does: without case, with either slash."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise Unreadable("损坏的压缩文件", "a damaged archive", "damaged") from error
        found = self._archive.infolist()
        within("members", len(found))
        self._members = {_key(m.orig_filename): m for m in found}
        self._left = LIMITS["unpacked"].most

    @property
    def names(self) -> frozenset[str]:
        return frozenset(m.filename for m in self._members.values())

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._members

    def part(self, name: str, most: int = -1) -> bytes:
        """Return a part, or its first ``most`` bytes, whatever size it claims; a bomb is refused."""
        member = self._members.get(_key(name))
        if member is not None and member.flag_bits & 1:
            raise Unreadable("加密的压缩文件（需要密码）", "an encrypted archive (it needs a password)", "locked_archive")
        if member is None or member.compress_type not in _METHODS:
            raise Unreadable(f"损坏的压缩文件（{name}）", f"a damaged archive ({name})", "damaged")
        try:
            with self._archive.open(member) as file:
                content = file.read(most if most >= 0 else self._left + 1)
        except _BROKEN as error:
            raise Unreadable(f"损坏的压缩文件（{name}）", f"a damaged archive ({name})", "damaged") from error
        if most < 0:
            self._left -= len(content)
            if self._left < 0:
                raise passed("unpacked")
        return content

    def xml(self, name: str, kind: str) -> _Element | None:
        """Return the root of a part, None where there is no such part."""
        return parsed(self.part(name), kind) if name in self else None

    def main(self, root: str) -> str | None:
        """Return the name of the main part where its root element is ``root``, whatever the part is called."""
        targets = [*self.related("", "officeDocument").values(), *_USUAL.get(root, ())]
        return next((t for t in targets if t in self and self._root(t) == root), None)

    def _root(self, name: str) -> str:
        """Return the name of the first element of a part, without reading all of it."""
        head = self.part(name, _HEAD).replace(b"\0", b"").decode("utf-8", "replace")
        found = _ROOT.search(re.sub(r"<[?!].*?>", "", head, flags=re.S))
        return found[1] if found else ""

    def related(self, name: str, kind: str) -> dict[str, str]:
        """Return the parts to which a part relates in one way, by the identifier that it calls them by; ``""`` is the whole package."""
        folder, base = posixpath.split(name)
        relations = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"), "Office")
        found = {}
        for relation in relations if relations is not None else ():
            if (attribute(relation, "Type") or "").endswith(f"/{kind}") and attribute(relation, "TargetMode") != "External":
                target = (attribute(relation, "Target") or "").replace("\\", "/")
                joined = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[attribute(relation, "Id") or ""] = joined if joined in self else unquote(joined)
        return found

    def beside(self, main: str, kind: str) -> _Element | None:
        """Return the root of the one part to which the main part relates in one way, or which stands beside it under its usual name."""
        named = next(iter(self.related(main, kind).values()), None)
        usual = posixpath.join(posixpath.dirname(main), f"{kind}.xml")
        return self.xml(named if named is not None and named in self else usual, "Office")


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()


def members(data: bytes) -> frozenset[str]:
    """Return the names in an archive; none where it is damaged."""
    opened = package(data)
    return opened.names if opened else frozenset()


def part(data: bytes, name: str) -> bytes:
    """Return the bytes of one part of an archive."""
    return Package(data).part(name)


def package(data: bytes) -> Package | None:
    """Open a file as a package, where it is one."""
    if not data.startswith(SIGNATURE):
        return None
    try:
        return Package(data)
    except Unreadable:
        return None


def is_kind(data: bytes, root: str) -> bool:
    """Say whether a file is a package whose main part has this root element, or would have it if it could be unpacked."""
    opened = package(data)
    if opened is None:
        return False
    try:
        return opened.main(root) is not None
    except Unreadable:
        return any(name in opened for name in _USUAL[root])


def parsed(data: bytes, kind: str) -> _Element:
    """Parse one part without following any reference out of it."""
    from lxml import etree

    within("tags", data.count(b"<"))
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True))
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"损坏的 {kind} 文件", f"a damaged {kind} file", "damaged") from error


def local(element: _Element) -> str:
    """Return a tag without its namespace: there are two, of the transitional and of the strict standard."""
    return _bare(element.tag) if isinstance(element.tag, str) else ""


@lru_cache(maxsize=4096)
def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def attribute(element: _Element, name: str, default: str | None = None) -> str | None:
    """Return an attribute, whatever its namespace."""
    return next((str(v) for k, v in element.attrib.items() if _bare(str(k)) == name), default)


def child(element: _Element | None, path: str) -> _Element | None:
    """Return the first element below another at a path of names, such as ``tcPr/gridSpan``."""
    for name in path.split("/"):
        element = next(element.iterchildren(f"{{*}}{name}"), None) if element is not None else None
    return element


def children(element: _Element | None, name: str) -> Iterator[_Element]:
    """Yield the elements of one name directly below another."""
    yield from element.iterchildren(f"{{*}}{name}") if element is not None else ()


def setting(element: _Element | None, path: str, default: str | None = None) -> str | None:
    """Return the value of a property below an element, such as ``tcPr/gridSpan``; ``default`` where the property has no value."""
    found = child(element, path)
    return attribute(found, "val", default) if found is not None else None


OFF = ("0", "false", "off", "none")


def is_on(element: _Element | None, path: str) -> bool:
    """Say whether a switch below an element is there and on."""
    return setting(element, path, "1") not in (None, *OFF)
