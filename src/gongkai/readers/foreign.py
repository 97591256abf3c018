"""Formats that are not read -> their right names, and which remedy works. What they are stands in ``foreign.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.messages import Words, both
from gongkai.readers.decoding import HEAD, decode, is_text
from gongkai.readers.zipped import members, part

_ZIPS, _OLE = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0"
_ROOT = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>\s*)*<([\w.:-]+)", re.S | re.I)
_MAIL = re.compile(r"\s*(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+", re.I)


def foreign(data: bytes) -> tuple[Words, str] | None:
    """Return the name of a format that is not read, in Chinese and in English, and the key of its ``remedy``.

    Examples
    --------
    >>> foreign(b"{\\\\rtf1 ...}")
    (Words(zh='RTF 文档', en='an RTF document'), 'word')
    >>> foreign("沁县2019年政府信息公开工作年度报告".encode()) is None
    True
    """
    file = _File(data)
    if data.startswith(_ZIPS) and not file.members:
        return both("unreadable.office"), "damaged"
    found = next((kind for kind in _knowledge()["kind"] if _fits(kind, file) and _only(kind.get("only", ""), file)), None)
    return (Words(found["zh"], found["en"]), found["advice"]) if found else None


@cache
def _knowledge() -> Mapping[str, Any]:
    table: Mapping[str, Any] = packaged(__package__, "foreign.toml")
    kinds = [{**kind, "starts": tuple(bytes.fromhex(start) for start in kind.get("starts", ()))} for kind in table["kind"]]
    return {**table, "kind": kinds}


class _File:
    """A file, and what is looked up in it only where it is asked for."""

    def __init__(self, data: bytes) -> None:
        self.data, self.bare = data, data[:HEAD].lstrip()

    @cached_property
    def members(self) -> frozenset[str]:
        return members(self.data) if self.data.startswith(_ZIPS) else frozenset()

    @cached_property
    def text(self) -> str:
        return decode(self.data[: 4 * HEAD])[0] if is_text(self.data[:HEAD]) else ""

    @cached_property
    def may_be_mail_or_xml(self) -> bool:
        """Whether it is worth the while to decode it."""
        head = self.data[: 4 * HEAD].replace(b"\0", b"")
        return b"xmlns" in head or b"<svg" in head or b"multipart/related" in head.lower()


def _fits(kind: Mapping[str, Any], file: _File) -> bool:
    at = kind.get("at", 0)
    if kind["starts"] and (file.data[at:] if at else file.bare).startswith(kind["starts"]):
        return True
    if "has" in kind:
        return file.may_be_mail_or_xml and any(word in file.text for word in kind["has"])
    if "stream" in kind:
        return file.data.startswith(_OLE) and any(name.encode("utf-16-le") in file.data for name in kind["stream"])
    if "mimetype" in kind:
        return "mimetype" in file.members and part(file.data, "mimetype").startswith(tuple(m.encode() for m in kind["mimetype"]))
    return any(name.replace("\\", "/").startswith(tuple(kind.get("member", ()))) for name in file.members)


def _only(which: str, file: _File) -> bool:
    """Say whether a file is of the kind in which a signature counts: two letters may begin any text, and a page may hold any picture."""
    if which.startswith("root "):
        root = _ROOT.match(file.text)
        return root is not None and root[1].rpartition(":")[2].lower() in which.split()
    if which == "mail":
        head = _MAIL.match(file.text)
        return head is not None and "multipart/related" in head.group().lower()
    return which != "binary" or not file.text
