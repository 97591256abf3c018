"""Formats that are not read -> their right names, and which remedy works. What they are stands in ``foreign.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
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
    zipped = members(data) if data.startswith(_ZIPS) else frozenset()
    if data.startswith(_ZIPS) and not zipped:
        return both("unreadable.office"), "damaged"
    text = "" if zipped or data.startswith(_OLE) or not is_text(data[:HEAD]) else decode(data[: 4 * HEAD])[0]
    found = next((kind for kind in _knowledge()["kind"] if _fits(kind, data, text, zipped)), None)
    return (Words(found["zh"], found["en"]), found["advice"]) if found else None


@cache
def _knowledge() -> Mapping[str, Any]:
    table: Mapping[str, Any] = packaged(__package__, "foreign.toml")
    return table


def _fits(kind: Mapping[str, Any], data: bytes, text: str, zipped: frozenset[str]) -> bool:
    if not _only(kind.get("only", ""), text):
        return False
    at = kind.get("at", 0)
    bare = data[:HEAD].lstrip() if text and not at else data[: at + HEAD]
    return (
        any(bare.startswith(bytes.fromhex(start), at) for start in kind.get("starts", ()))
        or any(word in text for word in kind.get("has", ()))
        or (data.startswith(_OLE) and any(name.encode("utf-16-le") in data for name in kind.get("stream", ())))
        or any(name.replace("\\", "/").startswith(start) for start in kind.get("member", ()) for name in zipped)
        or ("mimetype" in zipped and any(part(data, "mimetype").startswith(m.encode()) for m in kind.get("mimetype", ())))
    )


def _only(which: str, text: str) -> bool:
    """Say whether a file is of the kind in which a signature counts: two letters may begin any text, and a page may hold any picture."""
    if which.startswith("root "):
        root = _ROOT.match(text)
        return root is not None and root[1].rpartition(":")[2].lower() in which.split()
    if which == "mail":
        head = _MAIL.match(text)
        return head is not None and "multipart/related" in head.group().lower()
    return which != "binary" or not text
