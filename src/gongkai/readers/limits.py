"""Limits of size: a larger file is refused with the name of the limit, before it fills the memory. A limit is a row of the table."""

from __future__ import annotations

from typing import NamedTuple

from gongkai.readers.decoding import Unreadable


class Limit(NamedTuple):
    """How many of something a file may hold, and why no report needs more."""

    most: int
    why: str


# A report has some two hundred cells and, as the longest of provinces, a hundred pages of prose: some 10,000 paragraphs, 1 MB of XML.
LIMITS = {
    "members": Limit(10_000, "each picture is one"),
    "unpacked": Limit(60_000_000, "60 times the longest report"),
    "tags": Limit(2_000_000, "some 150 bytes of memory each, 300 MB in all"),
    "rows": Limit(50_000, "five of the longest reports"),
    "columns": Limit(1_000, "Word draws 63, and the widest form has 15"),
    "cells": Limit(500_000, "from the first to the last, empty ones too"),
    "characters": Limit(20_000_000, "a book of 10,000 pages"),
    "merges": Limit(20_000, "the forms of all years have 40"),
}


def passed(name: str) -> Unreadable:
    """Return the error that says which limit was passed.

    Examples
    --------
    >>> passed("rows").found[1]
    'a document of more than 50,000 rows and paragraphs'
    """
    return Unreadable(f"many_{name}", n=LIMITS[name].most)


def within(name: str, count: int) -> int:
    """Return a count that its limit allows."""
    if count > LIMITS[name].most:
        raise passed(name)
    return count
