"""Bytes -> text. What a page declares about its own charset is not believed: the bytes say it themselves."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field

from gongkai.core.model import Row

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
HEAD = 4096
_LOST = "\ufffd"
# A page of another encoding read as UTF-8 fails at nearly every Chinese character; a damaged UTF-8 page at a few.
_DAMAGED_SHARE = 0.01


class Unreadable(Exception):
    """A reader met what it cannot open; says what that is, in Chinese and in English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.found = (zh, en)


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
    """Turn bytes into text and name the encoding; characters that cannot be decoded become U+FFFD.

    Examples
    --------
    >>> [decode("总计".encode(e))[1] for e in ("utf-8", "gb18030", "utf-16", "utf-16-be")]
    ['utf-8', 'gb18030', 'utf-16-le', 'utf-16-be']
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace"), name
    wide = _utf16_without_bom(data)
    if wide:
        return data.decode(wide, "replace"), wide
    text = data.decode("utf-8", "replace")
    lost = text.count(_LOST)
    if not lost or lost <= max(sum(not c.isascii() for c in text) * _DAMAGED_SHARE, _cut_tail(data)):
        return text, "utf-8"
    return data.decode("gb18030", "replace"), "gb18030"


def damage(text: str) -> tuple[str, ...]:
    """Say how many characters could not be decoded, if any."""
    lost = text.count(_LOST)
    return (str(lost),) if lost else ()


def is_text(head: bytes) -> bool:
    """Say whether bytes can be text at all: control characters are rare in it."""
    text, _ = decode(head)
    controls = sum(c < " " and c not in "\t\n\r\f\v" for c in text) + text[:-1].count(_LOST)
    return controls <= len(text) * 0.05


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


def _cut_tail(data: bytes) -> int:
    """A file cut in the middle of a character loses one, and is still UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return int(error.start >= len(data) - 3)
    return 0
