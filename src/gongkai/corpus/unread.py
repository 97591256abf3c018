"""Documents of a corpus that could not be read: which county and years they belong to, and how they are listed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from gongkai.core.codes import Body
from gongkai.core.messages import say
from gongkai.corpus.dataset import Corpus
from gongkai.corpus.held import records as records
from gongkai.places import body_of, unit_id
from gongkai.report import Report

if TYPE_CHECKING:
    pass

# The prefix of the placeholder that stands for the hash of a file that could not be opened.
UNOPENED = "unreadable"
_REPORT = re.compile("(?:年度)?报告.*|年报.*")
Row = Mapping[str, Any]


class _Named(Protocol):
    """Anything whose columns are read by name: a row, or an object that holds one."""

    def __getitem__(self, column: str, /) -> Any: ...


_File = TypeVar("_File", bound=_Named)


def unread(corpus: Corpus) -> Mapping[str, list[Row]]:
    """Return the documents that could not be read, by the unit whose they are; under ``""`` those of which nobody knows.

    Whose one is says the corpus's table of failures; where that says nothing, and all reports of its folder are of one unit, it is of
    that one too.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> unread(read_corpus("data/raw"))
    {}
    """
    found: dict[str, list[Row]] = {}
    failed = records(corpus.failures)
    units = _units_of_folders(corpus) if any(row["division_code"] is None for row in failed) else {}
    for row in failed:
        code = row["division_code"]
        found.setdefault(unit_id(code) if code else units.get(_folder_of(row["path"]), ""), []).append(row)
    return found


def by_bytes(files: Iterable[_File]) -> list[list[_File]]:
    """Put together the files that hold the same bytes; one that could not be opened stays by itself.

    Examples
    --------
    >>> [[row["path"] for row in same] for same in by_bytes([{"path": path, "sha256": path[0]} for path in ("a1", "b1", "a2")])]
    [['a1', 'a2'], ['b1']]
    """
    same: dict[str, list[_File]] = {}
    for file in files:
        same.setdefault(file["path"] if str(file["sha256"]).startswith(UNOPENED) else file["sha256"], []).append(file)
    return list(same.values())


def of_county(corpus: Corpus | None, report: Report) -> list[Row]:
    """Return the documents of a report's county that could not be read; none where the report is not of a corpus.

    Examples
    --------
    >>> from gongkai import read_corpus, read_report
    >>> of_county(read_corpus("data/raw"), read_report("data/raw/qinxian-2019.txt", division_code="140430"))
    []
    """
    if corpus is None or not report.unit_id:
        return []
    return list(unread(corpus).get(report.unit_id, ()))


def years(files: Iterable[Row], first_year: int | None = None, last_year: int | None = None) -> set[int]:
    """Return the years asked for that files stand for which cannot be read; a department's or a street's stands for none of its county's.

    Examples
    --------
    >>> sorted(years([{"path": "沁县/2020年.html", "year": 2020}, {"path": "沁县教育局2021年年度报告.pdf", "year": 2021}]))
    [2020]
    """
    own = (file["year"] for file in files if body_of(None, _REPORT.sub("", PurePosixPath(file["path"]).stem)) in (None, Body.GOVERNMENT))
    return {year for year in own if year is not None and (first_year or year) <= year <= (last_year or year)}


def lines(files: Iterable[_File], language: str) -> list[str]:
    """Say of each document why it cannot be read, and of those that hold the same bytes together.

    Examples
    --------
    >>> lines([{"path": path, "sha256": "0", "reason": "a: empty"} for path in ("a", "b")], "en")
    ['unreadable: a, b (2 files with the same bytes): empty']
    """
    told = []
    for same in by_bytes(files):
        names = say("explain.comma", language).join(file["path"] for file in same)
        key = "unread.file" if len(same) == 1 else "unread.files"
        reason = str(same[0]["reason_zh" if language == "zh" else "reason"]).removeprefix(f"{same[0]['path']}: ")
        told.append(say(key, language, names=names, n=len(same), reason=reason))
    return told


def _units_of_folders(corpus: Corpus) -> Mapping[str, str]:
    """Return the unit of each folder all of whose reports are of one."""
    units: defaultdict[str, set[str]] = defaultdict(set)
    reports = corpus.reports
    for paths, unit in zip(reports["path"], reports["unit_id"].fillna(""), strict=True):
        for path in str(paths).split("; "):
            units[_folder_of(path)].add(str(unit))
    return {folder: min(held) for folder, held in units.items() if len(held) == 1}


def _folder_of(path: str) -> str:
    return PurePosixPath(path).parent.as_posix()
