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
from gongkai.readers.limits import Passed, most, passed, within

if TYPE_CHECKING:
    from lxml.etree import _Element

SIGNATURE, _MEMBER = b"PK\x03\x04", b"PK\x01\x02"
_HEAD, _SIGN = 4096, 16
_ROOT = re.compile(r"<(?:[\w.-]+:)?(\w+)[\s>/]")
# The standard of Office packages knows no other methods; of bzip2 and LZMA a few bytes unpack to gigabytes at once.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError)
_USUAL = {"document": ("word/document.xml",), "workbook": ("xl/workbook.xml",)}


class Package:
    """The parts of one file. Names are compared as Office does: without case, with either slash."""

    def __init__(self, data: bytes) -> None:
        within("members", data.count(_MEMBER))
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise Unreadable("archive") from error
        self._members = {_key(m.orig_filename): m for m in self._archive.infolist()}
        self._left = most("unpacked")
        self._relations: dict[str, list[tuple[str, str, str]]] = {}
        self._roots: dict[str, str] = {}

    def renewed(self) -> Package:
        """Return the package as if nothing had been unpacked yet."""
        self._left = most("unpacked")
        return self

    @property
    def names(self) -> frozenset[str]:
        return frozenset(m.filename for m in self._members.values())

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._members

    def part(self, name: str, first: int = -1) -> bytes:
        """Return a part, or its ``first`` bytes alone, whatever size it claims; a bomb is refused."""
        member = self._members.get(_key(name))
        if member is not None and member.flag_bits & 1:
            raise Unreadable("locked_archive")
        if member is None or member.compress_type not in _METHODS:
            raise Unreadable("part", name=name)
        try:
            with self._archive.open(member) as file:
                content = file.read(first if first >= 0 else self._left + 1)
        except _BROKEN as error:
            raise Unreadable("part", name=name) from error
        if first < 0:
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
        if name not in self._roots:
            head = self.part(name, _HEAD).replace(b"\0", b"").decode("utf-8", "replace")
            found = _ROOT.search(re.sub(r"<[?!].*?>", "", head, flags=re.S))
            self._roots[name] = found[1] if found else ""
        return self._roots[name]

    def related(self, name: str, kind: str) -> dict[str, str]:
        """Return the parts to which a part relates in one way, by the identifier that it calls them by; ``""`` is the whole package."""
        if name not in self._relations:
            self._relations[name] = list(self._related(name))
        return {identifier: target for identifier, type_, target in self._relations[name] if type_.endswith(f"/{kind}")}

    def _related(self, name: str) -> Iterator[tuple[str, str, str]]:
        """Yield what a part says of each part to which it relates: what it calls it by, in which way, and its name."""
        folder, base = posixpath.split(name)
        relations = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"), "Office")
        for relation in relations if relations is not None else ():
            if attribute(relation, "TargetMode") != "External":
                target = (attribute(relation, "Target") or "").replace("\\", "/")
                joined = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                part = joined if joined in self else unquote(joined)
                yield attribute(relation, "Id") or "", attribute(relation, "Type") or "", part

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


@lru_cache(maxsize=1)
def package(data: bytes) -> Package | None:
    """Open a file as a package, where it is one: once for all readers that ask whether it is theirs."""
    if not data.startswith(SIGNATURE):
        return None
    try:
        return Package(data)
    except Passed:
        raise
    except Unreadable:
        return None


def opened(data: bytes) -> Package:
    """Open a file as a package that is read from the start; one that cannot be opened is refused."""
    return (package(data) or Package(data)).renewed()


def is_kind(data: bytes, root: str) -> bool:
    """Say whether a file is a package whose main part has this root element, or would have it if it could be unpacked."""
    found = package(data)
    if found is None:
        return False
    try:
        return found.main(root) is not None
    except Unreadable:
        return any(name in found for name in _USUAL[root])


def parsed(data: bytes, kind: str) -> _Element:
    """Parse one part without following any reference out of it."""
    from lxml import etree

    # Of the two bytes of UTF-16, one is the sign itself; each attribute has two quotation marks.
    within("tags", max(data.count(b"<"), (data.count(b'"') + data.count(b"'")) // 2))
    if b"<" not in data[:_SIGN]:  # an encoding that no Office file has
        raise Unreadable("xml", kind=kind)
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True))
    except etree.XMLSyntaxError as error:
        raise Unreadable("xml", kind=kind) from error


class _Names(dict[object, str]):
    """Names without their namespaces, each parted once; what is no element has none."""

    def __missing__(self, name: object) -> str:
        if len(self) >= _MOST_NAMES:
            self.clear()
        bare = self[name] = name.rpartition("}")[2] if isinstance(name, str) else ""
        return bare


_MOST_NAMES = 4096
_NAMES = _Names()


def bare(name: str) -> str:
    """Return a name without its namespace."""
    return _NAMES[name]


def local(element: _Element) -> str:
    """Return a tag without its namespace: there are two, of the transitional and of the strict standard."""
    return _NAMES[element.tag]


def attribute(element: _Element, name: str, default: str | None = None) -> str | None:
    """Return an attribute, whatever its namespace."""
    for key, value in element.items():
        if _NAMES[key] == name:
            return str(value)
    return default


def child(element: _Element | None, path: str) -> _Element | None:
    """Return the first element below another at a path of names, such as ``tcPr/gridSpan``."""
    for name in path.split("/"):
        if element is None or not len(element):
            return None
        element = next((e for e in element if _NAMES[e.tag] == name), None)
    return element


def children(element: _Element | None, name: str) -> Iterator[_Element]:
    """Yield the elements of one name directly below another."""
    return (e for e in element if _NAMES[e.tag] == name) if element is not None else iter(())


def parts(element: _Element | None) -> dict[str, _Element]:
    """Return the elements directly below another by their names, of several of one name the first."""
    return {_NAMES[e.tag]: e for e in reversed(element)} if element is not None else {}


def value(element: _Element | None, default: str | None = None) -> str | None:
    """Return the value of a property; ``default`` where it is there and has none."""
    return attribute(element, "val", default) if element is not None else None


def setting(element: _Element | None, path: str, default: str | None = None) -> str | None:
    """Return the value of a property below an element, such as ``tcPr/gridSpan``; ``default`` where the property has no value."""
    return value(child(element, path), default)


OFF = ("0", "false", "off", "none")


def is_on(element: _Element | None, path: str) -> bool:
    """Say whether a switch below an element is there and on."""
    return setting(element, path, "1") not in (None, *OFF)
