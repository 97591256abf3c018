"""How much of a PDF is read at most. A file beyond a limit is refused with its name: it is no report."""

from __future__ import annotations

from typing import NamedTuple

from gongkai.readers.decoding import Unreadable


class Limit(NamedTuple):
    """The most that is read, and why the limit stands there."""

    most: int
    why: str


# Each stands far above what the largest of fourteen documents at hand has (three reports, eleven pages of a browser),
# and below what takes many seconds or gigabytes.
LIMITS = {
    "pages": Limit(400, "a report has 10"),
    "characters": Limit(500_000, "a report has 5,000"),
    "drawn": Limit(4_000_000, "a page has 140,000; for each the library takes some 60 bytes of memory"),
    "depth": Limit(15, "a report has 4"),
    "objects": Limit(50_000, "a page has 2,200"),
    "rules": Limit(20_000, "a page has 900"),
    "crossings": Limit(40_000, "a page has 340"),
}


def most(what: str) -> int:
    return LIMITS[what].most


def refuse_beyond(what: str, count: int) -> None:
    """Refuse a file of which more would have to be read than is allowed."""
    if count > most(what):
        raise Unreadable(f"pdf_{what}", most=most(what))


def refuse_circles() -> None:
    """Refuse a form that draws itself, which no program writes and every program draws otherwise."""
    raise Unreadable("pdf_circle")
