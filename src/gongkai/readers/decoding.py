"""Bytes -> text. What a page declares about its own charset is not believed: the bytes say it themselves."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gongkai.core.messages import both, texts
from gongkai.core.model import Row

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
HEAD = 4096
_LOST = "\ufffd"
_CONTROLS = re.compile(r"[\0-\x08\x0e-\x1f]")
# What of an encoding is needed before a page is taken for one that was put together from files of two: two characters.
_FEWEST_BYTES = 4
_SAMPLE = 20_000
_COMMON = frozenset("政府信息公开開工作年度报報告申请請的在和有不为為与與其他总總计計行规規数數量表，。、（）：的是我县縣市本一二三件")
# A page of another encoding read as UTF-8 fails at nearly every Chinese character; a damaged UTF-8 page at a few.
_DAMAGED_SHARE = 0.01


class Unreadable(Exception):
    """A reader met what it cannot open. What that is stands in the catalogue under ``unreadable``, and what helps under ``remedy``."""

    def __init__(self, key: str, /, **values: Any) -> None:
        self.found = both(f"unreadable.{key}", **values)
        self.advice = both(f"remedy.{texts()['unreadable'][key].get('advice', 'unknown')}")
        super().__init__(self.found.en)


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader found: rows, what the file says about itself, its encoding, what could not be decoded.

    ``format`` names the format where a reader knows several.
    """

    rows: tuple[Row, ...]
    encoding: str
    meta: Mapping[str, str] = field(default_factory=dict)
    damage: tuple[str, ...] = ()
    format: str = ""


def decode(data: bytes) -> tuple[str, str]:
    """Turn bytes into text and name the encoding; characters that cannot be decoded become U+FFFD, and NUL, which shows nothing, goes.

    Examples
    --------
    >>> [decode("总计".encode(e))[1] for e in ("utf-8", "gb18030", "utf-16", "utf-16-be", "utf-32")]
    ['utf-8', 'gb18030', 'utf-16-le', 'utf-16-be', 'utf-32-le']
    >>> decode("政府信息公開工作年度報告，本年新收申請".encode("big5"))[1]
    'big5'
    >>> decode("<p>二〇二二年报告</p>".encode() + "<p>本年新收</p>".encode("gbk"))
    ('<p>二〇二二年报告</p><p>本年新收</p>', 'utf-8 and gbk')
    """
    text, encoding = _decoded(data)
    return text.replace("\0", "") if "\0" in text else text, encoding


def _decoded(data: bytes) -> tuple[str, str]:
    for bom, name in BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace"), name
    if b"\0" in data and (text := _with_nothing_between(data)):
        return text, "utf-8"
    if wide := _utf32_without_bom(data) or _utf16_without_bom(data):
        return data.decode(wide, "replace"), wide
    text = data.decode("utf-8", "replace")
    lost = text.count(_LOST)
    # A file cut in the middle of a character loses one, and is still UTF-8.
    if not lost or text.find(_LOST) == len(text) - 1:
        return text, "utf-8"
    if mixed := _mixed(data):
        return mixed, "utf-8 and gbk"
    if lost <= sum(not c.isascii() for c in text) * _DAMAGED_SHARE:
        return text, "utf-8"
    return _traditional(data) or (data.decode("gb18030", "replace"), "gb18030")


def _with_nothing_between(data: bytes) -> str | None:
    """Decode Chinese text in UTF-8 after removing NUL bytes; None if it is none (UTF-16 and UTF-32 have zero bytes too)."""
    try:
        text = data.replace(b"\0", b"").decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if any(c >= "\u0800" for c in text) else None


def _mixed(data: bytes) -> str | None:
    """Decode a page that was put together from files of two encodings, None where it is of one.

    No byte below 0x40 is part of a character in either, so the pieces between such bytes are of one encoding each.
    """
    parts = re.split(rb"([\x40-\xff]+)", data)
    kinds = ["" if i % 2 == 0 or part.isascii() else _kind(part) for i, part in enumerate(parts)]
    if not all(sum(len(p) for p, k in zip(parts, kinds, strict=True) if k == kind) >= _FEWEST_BYTES for kind in ("utf-8", "gbk")):
        return None
    words, before = [], next(k for k in kinds if k in ("utf-8", "gbk"))
    for part, kind in zip(parts, kinds, strict=True):
        before = kind if kind in ("utf-8", "gbk") else before
        words.append(part.decode(before if kind else "ascii", "replace"))
    return "".join(words)


def _kind(part: bytes) -> str:
    """Say of which encoding a piece is: ``utf-8``, ``gbk``, or ``either`` where its neighbours must tell."""
    text = part.decode("utf-8", "replace")
    lost, wide = text.count(_LOST), sum(c >= "\u0800" and c != _LOST for c in text)
    if wide > lost:  # damaged UTF-8 still is for the most part, and Chinese in GBK hardly ever
        return "utf-8"
    try:
        part.decode("gbk")
    except UnicodeDecodeError:
        return "either"
    return "gbk" if lost and len(part) >= _FEWEST_BYTES else "either"


def _traditional(data: bytes) -> tuple[str, str] | None:
    """Decode Big5, None where GB 18030 makes more of the characters that every report has."""
    traditional, other = data.decode("big5hkscs", "replace"), data[:_SAMPLE].decode("gb18030", "replace")
    return (traditional, "big5") if _common(traditional[:_SAMPLE]) > _common(other) else None


def _common(text: str) -> float:
    """Return the share of characters that every report is full of."""
    wide = [c for c in text if not c.isascii()]
    return sum(c in _COMMON for c in wide) / max(1, len(wide))


def damage(text: str) -> tuple[str, ...]:
    """Say how many characters could not be decoded, if any."""
    lost = text.count(_LOST)
    return (str(lost),) if lost else ()


def is_text(head: bytes) -> bool:
    """Say whether bytes can be text at all: control characters are rare in it."""
    text, _ = decode(head)
    controls = len(_CONTROLS.findall(text)) + text[:-1].count(_LOST)
    return controls <= len(text) * 0.05


def _utf32_without_bom(data: bytes) -> str | None:
    """No character needs the highest of four bytes, and hardly one the next."""
    head = data[: min(len(data), 4096) // 4 * 4]
    for name, high in (("utf-32-le", (3, 2)), ("utf-32-be", (0, 1))):
        if len(head) >= 8 and not any(head[high[0] :: 4]) and head[high[1] :: 4].count(0) > len(head) // 4 * 0.9:
            return name if any(head) else None
    return None


def _utf16_without_bom(data: bytes) -> str | None:
    """ASCII signs and line ends in UTF-16 leave a zero in every second byte."""
    head = data[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) == 0 and not _looks_wide(head):
        return None
    if max(even, odd) > 20 * min(even, odd) and max(even, odd) > len(head) // 50:
        return "utf-16-le" if odd > even else "utf-16-be"
    return _looks_wide(head)


def _looks_wide(head: bytes) -> str | None:
    """Chinese alone has no zeros; then one of the two byte orders gives only Chinese, and UTF-8 fails."""
    if len(head) % 2 or not head:
        return None
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        for name in ("utf-16-le", "utf-16-be"):
            text = head.decode(name, "replace")
            if all("\u4e00" <= c <= "\u9fff" or c in "，。、（）：；“”\u3000\r\n\t 0123456789" for c in text):
                return name
    return None
