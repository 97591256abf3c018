"""A county as the subject of a study: its reports through the years, and those that were unreadable or set aside."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai import indicators
from gongkai.core.codes import Body
from gongkai.core.errors import NothingToStudy, UsageError
from gongkai.core.model import brief
from gongkai.core.report_ids import as_report_id, report_id_of
from gongkai.corpus import Corpus
from gongkai.corpus.manifest import MANIFEST, ManifestEntry, read_entry, read_manifest
from gongkai.corpus.restored import restore
from gongkai.corpus.settling import older_versions
from gongkai.corpus.unread import Row, by_bytes, records, unread
from gongkai.corpus.watched import read_watched
from gongkai.forms import load_form
from gongkai.places import is_simulated, name_of, unit_id
from gongkai.report import STATUSES, Report

if TYPE_CHECKING:
    import pandas as pd

_LONGEST_NAME = 40
_YEAR = r"[(（\[【]?[\d〇零○一二三四五六七八九]{4}年度?[)）\]】]?"
_NO_NAME = re.compile(r"(?:人民政府(?:办公[室厅])?|关于|的)*(?:(?:人民)?(?:政府)?(?:信息|政务)公开.*|年度报告.*)?$")
# What web pages and programs put before a title, such as ``Page8-``.
_BEFORE = re.compile(r"^[\W\da-zA-Z_]+(?=[\u4e00-\u9fff])")
_BELOW = (Body.DEPARTMENT, Body.STREET_OR_TOWN)
_RECEIVED = ("applications", "new_received", "total")
_NO_CODE = "nocode"
FEWEST_PEERS = 5
# The columns of a report that its county is named by.
NAMED_BY = ("unit_id", "body", "title", "authority", "report_id")
Problem = tuple[str, str]


@dataclass(frozen=True)
class County:
    """What is studied together: the government's reports of one unit, or those of one other body, or one document of unknown place.

    ``reports`` are rows of the corpus's table, the oldest first; ``failures`` its documents that could not be read; ``set_aside`` the
    reports of departments and streets, and versions that a later one replaces. ``problem`` says, in both languages, why there is nothing
    to study. ``received`` is value, status and printed text of the applications newly received, by report. ``beside`` changes with the
    reports of the other counties of its province for its newest year, since a study shows its county among them.
    """

    code: str | None
    name: str
    key: str
    reports: tuple[Mapping[str, Any], ...] = ()
    failures: tuple[Mapping[str, Any], ...] = ()
    set_aside: tuple[Mapping[str, Any], ...] = ()
    problem: Problem | None = None
    levels: Mapping[str, int] | None = None
    said: str = ""
    received: Mapping[str, tuple[Any, ...]] | None = None
    beside: str = ""

    __repr__ = brief

    @property
    def folder(self) -> str:
        """Name of its folder, which every file system takes: ``140430-沁县``."""
        return f"{self.code or _NO_CODE}-{file_name(self.name)}"

    @property
    def simulated(self) -> bool:
        """Whether one of its reports is of a division that does not exist, or it is one itself."""
        return any(row.get("simulated") for row in self.reports) or is_simulated(self.code)

    @property
    def cells(self) -> Counter[str]:
        """Count cells by status."""
        return Counter({status: sum(r[f"cells_{status}"] for r in self.reports) for status in STATUSES})

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """Everything that its study depends on, as text: the rows of reports and failures, and the messages of findings."""
        rows = [*self.reports, *self.failures, *self.set_aside]
        return [*({k: str(v) for k, v in row.items()} for row in rows), {"findings": self.said, "beside": self.beside}]


def counties(corpus: Corpus) -> tuple[County, ...]:
    """Return each county of a corpus, in the order of their folders' names.

    A county of which nothing can be read is there with its ``problem``; a file that cannot be read is no county by itself, and one that
    nobody knows the place of is in :func:`unread` alone. Departments and streets are set aside where the government's own
    report stands beside them; without one, each is studied by itself.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> [(c.folder, [r["year"] for r in c.reports]) for c in counties(read_corpus("data/raw")) if c.code == "140430"]
    [('140430-沁县', [2019])]
    """
    found = [*_group_by_county(corpus), *_unread(corpus)]
    times = Counter(c.folder for c in found)
    told_apart = (c if times[c.folder] == 1 else replace(c, name=f"{c.name}-{_mark(c)}") for c in found)
    return tuple(sorted(told_apart, key=lambda c: c.folder))


def county_reports(corpus: Corpus, wanted: str, first_year: int | None = None, last_year: int | None = None) -> list[Report]:
    """Return the reports of one county as the corpus holds them, the oldest first; no document is opened.

    Parameters
    ----------
    corpus : Corpus
        Where they are.
    wanted : str
        A division code of the county, of any year; where no code is known, the ``key`` of the county.
    first_year, last_year : int, optional
        The years wanted, both included. A report that states no year is never dropped in silence.

    Raises
    ------
    ReportError
        If there is no such county, none of its documents could be read, none is left in these years, or two stand for one year.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> [report.title for report in county_reports(read_corpus("data/raw"), "140430")]
    ['沁县 2019 年政府信息公开年度报告']
    """
    wanted = "-".join(map(as_report_id, wanted.split("-", 1))) if wanted.startswith(_NO_CODE) else wanted
    part = replace(corpus, units=(unit_id(wanted),)) if wanted.isdecimal() else corpus
    known = counties(part)
    county = next((c for c in known if wanted in (c.key, c.code) or (c.code and unit_id(wanted) == c.code)), None)
    if county is None:
        names = "、".join(c.folder for c in known[:20]) or "—"
        raise UsageError.of("studies.no_county", f"{corpus.folder}", names=names, wanted=wanted)
    if county.problem:
        raise NothingToStudy(*county.problem)
    rows = [r for r in county.reports if _is_between(r["year"], first_year, last_year)]
    if not rows:
        years = "、".join(str(r["year"]) for r in county.reports)
        raise UsageError.of("studies.no_year", f"{corpus.folder}: {county.folder}", first_year=first_year, last_year=last_year, years=years)
    return restore(part, [row["report_id"] for row in rows])


def county_of_file(source: str | Path) -> tuple[County, Report]:
    """Return the county of one file, and its report, with what a ``manifest.csv`` beside it says.

    Raises
    ------
    ReportError
        If there is no such file, or no report can be read from it.

    Examples
    --------
    >>> county_of_file("data/raw/qinxian-2019.txt")[0].folder
    '140430-沁县'
    """
    path = Path(source)
    known = read_manifest(path.parent) if (path.parent / MANIFEST).is_file() else ()
    entry = next((e for e in known if e.path.resolve() == path.resolve()), ManifestEntry(path.parent, path.name))
    report = read_watched(read_entry, path, entry)
    row = {"report_id": report.report_id, "path": path.name, "sha256": report.document.sha256, **entry.row}
    return County(report.unit_id, county_name(report), path.name, said=str(row)), report


def rates_of(report: Report) -> pd.DataFrame:
    """Return the indicators of a report, computed once however often tables, figures and languages ask.

    Examples
    --------
    >>> rates_of(county_of_file("data/raw/qinxian-2019.txt")[1])["indicator"].is_unique
    True
    """
    held = vars(report)
    if "_rates" not in held:
        held["_rates"] = indicators.table(report)
    rates: pd.DataFrame = held["_rates"].copy()
    return rates


def county_name(report: Report) -> str:
    """Return the name of a report's county; see :func:`named`."""
    return named(report.unit_id or report.division_code, report.body, report.title, report.authority, report.report_id)


def named(code: object, body: object, title: object, authority: object, otherwise: str) -> str:
    """Return the name that a division's code has; a department or street, or without a code, what title or authority names, else an id.

    Examples
    --------
    >>> named("140421", "government", None, None, "r2f84655cf071"), named("140430", "department", "沁县教育局2019年年度报告", None, "")
    ('上党区', '沁县教育局')
    """
    of_code = name_of(unit_id(code)) if isinstance(code, str) and body not in _BELOW else None
    texts = [text for text in (title, authority) if isinstance(text, str)]
    return of_code or next((name for text in texts if (name := place_name(text))), otherwise)


def place_name(text: str) -> str:
    """Return the name in a title or an authority, without the year and words that are no part of a name.

    Examples
    --------
    >>> [place_name(t) for t in ("沁县 2019 年政府信息公开年度报告", "（2019年度）沁县人民政府信息公开年报", "Page8-沁县人民政府办公室")]
    ['沁县', '沁县', '沁县']
    """
    parts = re.split(_YEAR, "".join(text.split()))
    return next((name for part in parts if (name := _NO_NAME.sub("", _BEFORE.sub("", part)))), "")


def file_name(text: str) -> str:
    """Turn a name into one that every file system takes.

    Examples
    --------
    >>> file_name("沁县"), file_name("../a:b?")
    ('沁县', 'a_b')
    """
    return re.sub(r"[^\w-]+", "_", text)[:_LONGEST_NAME].strip("_-") or "x"


def _group_by_county(corpus: Corpus) -> Iterator[County]:
    """Group the reports into counties."""
    reports = corpus.reports.sort_values(["year", "published", "report_id"], na_position="first", ignore_index=True)
    government = reports["body"] == Body.GOVERNMENT
    has_own = government.groupby(reports["unit_id"]).transform("any").reindex(reports.index, fill_value=False)
    alone = ~government & ~has_own.astype(bool)
    whose = reports["authority"].fillna(reports["title"]).fillna(reports["report_id"])
    key = reports["unit_id"].mask(alone, reports["unit_id"] + "-" + whose).fillna(_NO_CODE + "-" + reports["report_id"])
    older = older_versions(reports, corpus.cells_of)
    studied = ((government | alone | reports["unit_id"].isna()) & ~older).to_list()
    rows, levels, said, received = records(reports), _levels(corpus), _said(corpus), _received(corpus)
    failed, beside = unread(corpus), _peer_fingerprints(rows, said)
    for named_by, places in ((str(k), places) for k, places in key.groupby(key, sort=False).groups.items()):
        own, aside = [rows[n] for n in places if studied[n]], [rows[n] for n in places if not studied[n]]
        ids = [row["report_id"] for row in own]
        twice = _twice(own)
        yield County(
            None if named_by.startswith(_NO_CODE) else own[-1]["unit_id"],
            named(*(own[-1][about] for about in NAMED_BY)), named_by, tuple(own),
            tuple(failed.get(own[-1]["unit_id"], ())), tuple(aside), _two_for_one_year(twice) if twice else None,
            sum((levels[i] for i in ids), Counter()), "\n".join(said.get(i, "") for i in ids),
            {i: received[i] for i in ids if i in received}, beside.get(_province(own[-1]), ""),
        )  # fmt: skip


def _peer_fingerprints(rows: Sequence[Row], said: Mapping[str, str]) -> Mapping[tuple[str, Any], str]:
    """Fingerprint the reports of each province and year in which there are enough counties for one to be shown among the others."""
    together: defaultdict[tuple[str, Any], list[Row]] = defaultdict(list)
    for row in rows:
        together[_province(row)].append(row)
    many = {key: own for key, own in together.items() if len({row["unit_id"] for row in own}) > FEWEST_PEERS}
    texts = {key: "\n".join(sorted(f"{row} {said.get(row['report_id'])}" for row in own)) for key, own in many.items()}
    return {key: hashlib.sha256(text.encode()).hexdigest() for key, text in texts.items()}


def _province(row: Row) -> tuple[str, Any]:
    return (row["unit_id"] or _NO_CODE)[:2], row["year"]


def _twice(own: Sequence[Row]) -> list[Row]:
    """Return the reports that stand for one year and scope together with another."""
    times = Counter((row["year"], row["scope"]) for row in own)
    return [row for row in own if row["year"] is not None and times[row["year"], row["scope"]] > 1]


def _unread(corpus: Corpus) -> Iterator[County]:
    """Return a county for each unit of whose documents none could be read."""
    known = {*corpus.reports["unit_id"].dropna(), ""}
    for unit, own in unread(corpus).items():
        if unit not in known:
            name = name_of(unit) or Path(own[0]["path"]).stem
            zh, en = ("\n".join(same[0][column] for same in by_bytes(own)) for column in ("reason_zh", "reason"))
            yield County(unit, name, unit, failures=tuple(own), problem=(zh, en))


def _levels(corpus: Corpus) -> Mapping[str, Counter[str]]:
    """Count the findings of each report by level."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for report_id, level in zip(corpus.findings["report_id"], corpus.findings["level"], strict=True):
        counts[report_id][level] += 1
    return counts


def _said(corpus: Corpus) -> Mapping[str, str]:
    told = corpus.findings.groupby("report_id")["message"].agg("\n".join)
    return {str(i): text for i, text in told.items()}


def _received(corpus: Corpus) -> Mapping[str, tuple[Any, ...]]:
    """Return value, status and printed text of the applications newly received, by report; None for what is missing."""
    if not any(load_form(form).tables for form in corpus.reports["form"].unique()):
        return {}
    cells = records(corpus.cell(*_RECEIVED))
    return {row["report_id"]: (row["value"], row["status"], row["printed"]) for row in cells}


def _two_for_one_year(twice: Sequence[Row]) -> Problem:
    names = "、".join(row["path"] for row in twice)
    years = "、".join(map(str, sorted({row["year"] for row in twice})))
    error = UsageError.of("studies.two_for_a_year", years, names=names)
    return error.words


def _mark(county: County) -> str:
    """Return the id of a county's first document, which tells counties of the same name apart."""
    first: Sequence[Mapping[str, Any]] = county.reports or county.failures
    return str(first[0].get("report_id") or report_id_of(str(first[0]["sha256"])))


def _is_between(year: Any, first: int | None, last: int | None) -> bool:
    return year is None or ((first is None or year >= first) and (last is None or year <= last))
