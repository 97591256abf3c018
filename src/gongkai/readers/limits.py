"""Limits of size: a larger file is refused with the name of the limit, before it fills the memory. A limit is a row of the table."""

from __future__ import annotations

from typing import NamedTuple

from gongkai.readers.decoding import Unreadable


class Limit(NamedTuple):
    """How many of something a file may hold, what it is in Chinese and in English, and why no report needs more."""

    most: int
    zh: str
    en: str
    why: str


# A report has some two hundred cells and, as the longest of provinces, a hundred pages of prose: some 10,000 paragraphs, 1 MB of XML.
LIMITS = {
    "members": Limit(10_000, "{n} 个以上成员的压缩文件", "an archive of more than {n} members", "each picture is one"),
    "unpacked": Limit(60_000_000, "解压后超过 {n} 字节的文件", "more than {n} bytes when unpacked", "60 times the longest report"),
    "tags": Limit(2_000_000, "超过 {n} 个标记的文件", "a file of more than {n} tags", "some 150 bytes of memory each, 300 MB in all"),
    "rows": Limit(50_000, "超过 {n} 行或段的文档", "a document of more than {n} rows and paragraphs", "five of the longest reports"),
    "columns": Limit(1_000, "超过 {n} 列的表格", "a table of more than {n} columns", "Word draws 63, and the widest form has 15"),
    "cells": Limit(500_000, "超过 {n} 个单元格的工作表", "a sheet of more than {n} cells", "from the first to the last, empty ones too"),
    "characters": Limit(20_000_000, "超过 {n} 个字符的文档", "a document of more than {n} characters", "a book of 10,000 pages"),
    "merges": Limit(20_000, "超过 {n} 个合并单元格的工作表", "a sheet of more than {n} merged cells", "the forms of all years have 40"),
}


def passed(name: str) -> Unreadable:
    """Return the error that says which limit was passed.

    Examples
    --------
    >>> passed("rows").found[1]
    'a document of more than 50,000 rows and paragraphs'
    """
    limit = LIMITS[name]
    n = f"{limit.most:,}"
    return Unreadable(limit.zh.format(n=n), limit.en.format(n=n))


def within(name: str, count: int) -> int:
    """Return a count that its limit allows."""
    if count > LIMITS[name].most:
        raise passed(name)
    return count
