"""Limits: what passes one is refused with its name, before it fills the memory. A limit is a row of the table.

An environment variable named ``GONGKAI_MOST_`` and the limit (``GONGKAI_MOST_ROWS=100000``) sets another, also for corpora and studies.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gongkai.core.errors import UsageError
from gongkai.core.messages import both
from gongkai.core.model import Row
from gongkai.readers.decoding import Unreadable

_SET_BY = "GONGKAI_MOST_"


class Limit(NamedTuple):
    """How many of something a file may hold, or its reading take, and why no report needs more."""

    most: int
    why: str


# A report has some two hundred cells and, as the longest of provinces, a hundred pages of prose: some 10,000 paragraphs, 1 MB of XML.
LIMITS = {
    "bytes": Limit(20_000_000, "a report with its pictures has 5,000,000"),
    # Of the process that reads a document; its memory without what every process holds.
    "seconds": Limit(120, "the largest document that the other limits allow takes 20"),
    "megabytes": Limit(420, "the largest document that the other limits allow takes 400"),
    # Office files and pages.
    "members": Limit(10_000, "each picture is one"),
    "unpacked": Limit(60_000_000, "60 times the longest report"),
    "tags": Limit(2_000_000, "or attributes, of an Office file; some 150 bytes of memory each, 300 MB in all"),
    "attributes": Limit(1_000, "a tag of a page has 10; each is compared with all others of its tag"),
    "page_tags": Limit(100_000, "a page has 3,500"),
    "page_attributes": Limit(500_000, "each takes the parser some 300 bytes; a page has 10,000"),
    "style_steps": Limit(200_000_000, "elements that style sheets have the parser compare: two seconds; a page has 2,000,000"),
    "options": Limit(10_000, "each is compared with all others of its list; a page has 100"),
    "depth": Limit(1_000, "browsers themselves stop at 512; each element of a page is compared with all around it"),
    "rows": Limit(50_000, "five of the longest reports"),
    "columns": Limit(1_000, "Word draws 63, and the widest form has 15"),
    "cells": Limit(500_000, "from the first to the last, empty ones too"),
    "characters": Limit(20_000_000, "of a workbook, each as often as it is used: a book of 10,000 pages"),
    "text": Limit(2_000_000, "a book of 1,000 pages"),
    "format": Limit(255, "Excel takes no longer one for numbers"),
    "merges": Limit(20_000, "the forms of all years have 40"),
    "conditions": Limit(3_000_000, "areas of conditional formats, for each cell with a value; a form of 400 cells with 100 has 40,000"),
    "styles": Limit(30, "based on one another; Word itself allows ten"),
    "docx_cells": Limit(150_000, "a report has 400"),
    # PDF. Each stands far above what the largest of fourteen documents at hand has (three reports, eleven pages of a browser),
    # and below what takes many seconds or gigabytes.
    "pdf_pages": Limit(400, "a report has 10"),
    "pdf_characters": Limit(300_000, "a report has 5,000"),
    "pdf_page_characters": Limit(30_000, "a page has 2,000"),
    "pdf_drawn": Limit(4_000_000, "a page has 140,000; for each the library takes some 60 bytes of memory"),
    "pdf_all_drawn": Limit(40_000_000, "280 pages have it"),
    "pdf_depth": Limit(15, "a report has 4"),
    "pdf_objects": Limit(50_000, "a page has 2,200"),
    "pdf_rules": Limit(20_000, "a page has 900"),
    "pdf_crossings": Limit(40_000, "a page has 340"),
    "pdf_all_crossings": Limit(200_000, "580 pages have it"),
    # What `gongkai fetch` waits for or follows; of a document's size the first limit holds.
    "fetch_seconds": Limit(120, "of one transfer, however slow: 5 MB at 40 kB a second"),
    "fetch_redirects": Limit(10, "browsers stop at 20, and sites need 3"),
    "fetch_pause": Limit(120, "seconds that a robots.txt asks for between two requests; sites ask for 10"),
    "fetch_documents": Limit(30, "of one page: the pages of a report as pictures are 10"),
}


def most(name: str) -> int:
    """Return a limit: that of the table, unless the environment sets another.

    Raises
    ------
    UsageError
        If the environment sets what is no number.

    Examples
    --------
    >>> most("pdf_pages")
    400
    """
    told = os.environ.get(variable(name))
    if told is None:
        return LIMITS[name].most
    if not (told.isascii() and told.isdigit()):
        raise UsageError.of("readers.no_limit", variable(name), told=told, usual=LIMITS[name].most)
    return int(told)


def variable(name: str) -> str:
    """Return the environment variable that sets a limit.

    Examples
    --------
    >>> variable("rows")
    'GONGKAI_MOST_ROWS'
    """
    return _SET_BY + name.upper()


def moved() -> dict[str, int]:
    """Return the limits that the environment sets, of what a document may hold: they decide what is read.

    Raises
    ------
    UsageError
        If it sets any limit, also another one, to what is no number.

    Examples
    --------
    >>> moved()
    {}
    """
    told = {name: most(name) for name in LIMITS if variable(name) in os.environ}
    return {name: n for name, n in told.items() if name not in ("seconds", "megabytes") and not name.startswith("fetch_")}


class Passed(Unreadable):
    """What a reader met is more than a limit allows."""


def passed(name: str) -> Passed:
    """Return the error that says which limit was passed, and how it is raised.

    Examples
    --------
    >>> passed("rows").found[1]
    'a document of more than 50,000 rows and paragraphs'
    >>> passed("rows").advice[1]
    'check that it is one report; if it is, set GONGKAI_MOST_ROWS to more than 50000, or save the report alone as a web page or as text'
    """
    n = most(name)
    refused = Passed(f"many_{name}", n=n, mega=n // 10**6)
    refused.advice = both("remedy.raise", variable=variable(name), n=n)
    return refused


class Tally:
    """How many of something a file has held so far.

    Examples
    --------
    >>> cells = Tally("cells")
    >>> cells.add(200)
    >>> cells.held
    200
    """

    def __init__(self, name: str) -> None:
        self.name, self.held, self._most = name, 0, most(name)

    def add(self, many: int) -> None:
        """Count more of it.

        Raises
        ------
        Unreadable
            If that is more than the limit allows.
        """
        self.held += many
        if self.held > self._most:
            raise passed(self.name)


def counted(rows: Iterable[Row]) -> Iterator[Row]:
    """Pass on rows as long as all that they hold is within the limits.

    Examples
    --------
    >>> from gongkai.core.model import Cell
    >>> len(list(counted([Row((Cell("规章", 0, 1, "line 1"),))])))
    1
    """
    lines, cells, characters, widest = Tally("rows"), Tally("cells"), Tally("text"), most("columns")
    for row in rows:
        lines.add(1)
        if len(row.cells) > widest:
            raise passed("columns")
        cells.add(len(row.cells))
        characters.add(sum(len(c.text) for c in row.cells))
        yield row


def within(name: str, count: int) -> int:
    """Return a count that its limit allows.

    Examples
    --------
    >>> within("rows", 200)
    200
    """
    if count > most(name):
        raise passed(name)
    return count
