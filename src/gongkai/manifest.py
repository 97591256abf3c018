"""What a folder of documents holds, and what its collector knows of each: ``manifest.csv`` -> entries, counties, reports."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gongkai.curation import Correction
from gongkai.errors import ReportError, UnreadableSource, UsageError
from gongkai.report import Report, read_report

MANIFEST = "manifest.csv"
COLUMNS = ("path", "division_code", "body", "scope", "year", "source_url", "retrieved_at", "sha256")
KNOWN = {
    "division_code": r"\d{6}|\d{9}|\d{12}", "body": "government|department|street_or_town", "scope": "organ|government|area",
    "year": r"(?:19|20)\d\d", "retrieved_at": r"\d{4}-\d\d-\d\d(?:[T ].*)?", "sha256": "[0-9a-f]{64}",
}  # fmt: skip
# Files that systems and people put beside documents, and that are none.
_NO_DOCUMENT = re.compile(r"(?i)\..*|manifest\.csv|frame\.csv|truth\.json|readme(?:\..*)?|thumbs\.db|desktop\.ini|~\$.*")
_LONGEST_NAME = 40
_YEAR = r"[(（\[【]?[\d〇零○一二三四五六七八九]{4}年度?[)）\]】]?"
_NO_NAME = re.compile(r"(?:人民政府(?:办公[室厅])?|关于|的)*(?:(?:人民)?(?:政府)?(?:信息|政务)公开.*|年度报告.*)?$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One document, and what its collector knows of it; None where nothing is said. ``name`` is its path within the folder."""

    folder: Path
    name: str
    division_code: str | None = None
    body: str | None = None
    scope: str | None = None
    year: int | None = None
    source_url: str | None = None
    retrieved_at: str | None = None
    sha256: str | None = None

    @property
    def path(self) -> Path:
        return self.folder / self.name

    @property
    def known(self) -> dict[str, str | int]:
        """All of it but the folder, as it is."""
        return {"name": self.name} | {c: v for c in COLUMNS if c != "path" and (v := getattr(self, c)) is not None}

    @property
    def row(self) -> dict[str, str]:
        """What the manifest says of the document, as text."""
        return {c: str(v) for c in COLUMNS if c != "path" and (v := getattr(self, c)) is not None}


@dataclass(frozen=True)
class County:
    """What is studied together: the documents of one division code, or one document whose code is not known.

    ``problem`` is the first error where documents cannot be read; ``set_aside`` are documents of departments and streets.
    """

    code: str | None
    name: str
    entries: tuple[Entry, ...]
    reports: tuple[Report, ...] = ()
    problem: ReportError | None = None
    set_aside: tuple[Entry, ...] = ()

    @property
    def folder(self) -> str:
        """Name of its folder, which every file system takes: ``140430-沁县``."""
        return f"{self.code or 'nocode'}-{file_name(self.name)}"


def read_manifest(data_dir: str | Path) -> tuple[Entry, ...]:
    """Return one entry for every document of a folder, in the order of their paths, with what ``manifest.csv`` says of it.

    Raises
    ------
    UsageError
        If the folder is none, or a line of the manifest cannot mean anything: all faulty lines are named.

    Examples
    --------
    >>> [(entry.path.name, entry.division_code, entry.year) for entry in read_manifest("data/raw") if entry.year == 2019]
    [('pingtan-2019.html', '350128', 2019), ('qinxian-2019.txt', '140430', 2019)]
    """
    return tuple(sorted(entries(data_dir), key=lambda e: e.path.as_posix()))


def entries(data_dir: str | Path) -> Iterator[Entry]:
    """Yield one entry for every document of a folder, those of ``manifest.csv`` first; the documents themselves are not opened.

    Raises
    ------
    UsageError
        As :func:`read_manifest` does, before the first entry.

    Examples
    --------
    >>> next(entries("data/raw")).row["division_code"].isdecimal()
    True
    """
    folder = Path(data_dir)
    if not folder.is_dir():
        raise UsageError(str(folder), ("文档所在的文件夹", "a folder of documents"), ("没有这个文件夹", "no such folder"), _GIVE_FOLDER)
    known = _known(folder)
    yield from known.values()
    for path in (Path(parent, name) for parent, _, names in os.walk(folder) for name in names):
        name = path.relative_to(folder).as_posix()
        if name not in known and not _is_ignored(Path(name)):
            yield Entry(folder, name)


def _known(folder: Path) -> dict[str, Entry]:
    """Return what the manifest says, by path within the folder; all its faulty lines are told at once."""
    known: dict[str, Entry] = {}
    faults: list[tuple[str, str]] = []
    for number, row in enumerate(_rows(folder / MANIFEST), 2):
        entry = _entry(folder, row)
        faults += [*_faults(folder, number, row), *([_repeated(row["path"])] if entry.name in known else [])]
        known[entry.name] = entry
    if faults:
        found = ("；".join(zh for zh, _ in faults), "; ".join(en for _, en in faults))
        raise UsageError(str(folder / MANIFEST), ("每行一份文件及其已知事项", "one line a document, with what is known"), found, _MEND)
    return known


_GIVE_FOLDER = ("用 --data 指明文件夹", "name the folder with --data")
_MEND = ("改正该行", "mend the line")


def read_entry(entry: Entry, corrections: Sequence[Correction] = ()) -> Report:
    """Read one document with what its collector knows; a document whose bytes have changed since is refused.

    Raises
    ------
    ReportError
        If the bytes are not those whose SHA-256 the manifest holds, or no report can be read from them.
    """
    _refuse_changed(entry)
    report = read_report(entry.path, year=entry.year, division_code=entry.division_code, scope=entry.scope, corrections=corrections)
    source = entry.source_url or report.source
    document = replace(report.document, name=entry.name)
    return replace(report, source=source, body=entry.body, retrieved_at=entry.retrieved_at, document=document)


def counties(data_dir: str | Path) -> tuple[County, ...]:
    """Return each county of a folder, its documents read, in the order of their folders' names.

    A county whose documents cannot be read is there with its ``problem``. Documents of departments and streets are set aside where the
    government's own stand beside them.

    Examples
    --------
    >>> [(county.folder, [r.year for r in county.reports]) for county in counties("data/raw")[:2]]
    [('140430-沁县', [2019]), ('320800-淮安市', [2024])]
    """
    grouped: dict[str, list[Entry]] = {}
    for entry in read_manifest(data_dir):
        grouped.setdefault(entry.division_code or f"/{entry.path.as_posix()}", []).append(entry)
    found = [_county(entries) for entries in grouped.values()]
    times = Counter(c.folder for c in found)
    told_apart = (c if times[c.folder] == 1 else replace(c, name=f"{c.name}-{_file_id(c.entries[0])}") for c in found)
    return tuple(sorted(told_apart, key=lambda c: c.folder))


def county_reports(data_dir: str | Path, division_code: str, first_year: int | None = None, last_year: int | None = None) -> list[Report]:
    """Return the reports of one county, the oldest first.

    Parameters
    ----------
    data_dir : path
        A folder of documents, with or without ``manifest.csv``.
    division_code : str
        The county's code; where its code is not known, the name of its folder (``nocode-…``).
    first_year, last_year : int, optional
        The years wanted, both included.

    Raises
    ------
    ReportError
        If the folder has no such county, one of its documents cannot be read, no report is left in these years, or two stand for one year.

    Examples
    --------
    >>> [report.title for report in county_reports("data/raw", "140430")]
    ['沁县 2019 年政府信息公开年度报告']
    """
    found = _find(data_dir, str(division_code))
    if found.problem:
        raise found.problem
    wanted = [r for r in found.reports if _is_between(r.year, first_year, last_year)]
    if not wanted:
        years = "、".join(str(r.year) for r in found.reports)
        raise UsageError(
            f"{data_dir}: {found.folder}",
            (f"{first_year}—{last_year} 年的报告", f"reports of {first_year} to {last_year}"), (years, years),
            ("改正 first_year 与 last_year", "correct first_year and last_year"),
        )  # fmt: skip
    return wanted


def county_of_file(source: str | Path) -> County:
    """Return the county of one file, with what a ``manifest.csv`` beside it says of it."""
    path = Path(source)
    if not path.is_file():
        raise UnreadableSource(
            str(path), ("一份年度报告", "an annual report"), ("没有这个文件", "no such file"), ("检查路径", "check the path")
        )
    known = read_manifest(path.parent) if (path.parent / MANIFEST).is_file() else ()
    return _county([next((e for e in known if e.path.resolve() == path.resolve()), Entry(path.parent, path.name))])


def single(source: str | Path) -> list[Report]:
    """Return the report of one file as a list of one, so that a study of a file and a study of a county are made alike.

    Examples
    --------
    >>> [report.division_code for report in single("data/raw/qinxian-2019.txt")]
    ['140430']
    """
    county = county_of_file(source)
    if county.problem:
        raise county.problem
    return list(county.reports)


def county_name(report: Report) -> str:
    """Derive the county's name from the report's title; failing that, from its authority; failing that, its id."""
    return place_name(report.title or "") or place_name(report.authority or "") or report.report_id


def place_name(text: str) -> str:
    """Cut the year and all that is no name off a title or an authority.

    Examples
    --------
    >>> [place_name(t) for t in ("沁县 2019 年政府信息公开年度报告", "（2019年度）沁县人民政府信息公开工作年度报告", "沁县人民政府办公室")]
    ['沁县', '沁县', '沁县']
    """
    parts = re.split(_YEAR, "".join(text.split()))
    return next((name for part in parts if (name := _NO_NAME.sub("", part))), "")


def file_name(text: str) -> str:
    """Turn a name into one that every file system takes.

    Examples
    --------
    >>> file_name("沁县"), file_name("../a:b?")
    ('沁县', 'a_b')
    """
    return re.sub(r"[^\w-]+", "_", text)[:_LONGEST_NAME].strip("_-") or "x"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of the manifest, as a spreadsheet or a program may have saved it."""
    if not path.is_file():
        return
    reader = csv.DictReader(io.StringIO(_decoded(path.read_bytes()), newline=""))
    unknown = sorted(set(reader.fieldnames or ()) - set(COLUMNS))
    if unknown or "path" not in (reader.fieldnames or ()):
        found = "、".join(reader.fieldnames or ())
        raise UsageError(str(path), (f"列名 {'、'.join(COLUMNS)}", f"the columns {', '.join(COLUMNS)}"), (found, found), _MEND)
    for row in reader:
        stripped = {k: sys.intern((v or "").strip()) for k, v in row.items() if k is not None}
        if any(stripped.values()):
            yield stripped


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _faults(folder: Path, number: int, row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Say, in both languages, what in one line of the manifest cannot be meant."""
    path = folder / row["path"]
    if not row["path"] or not path.resolve().is_relative_to(folder.resolve()):
        yield f"第 {number} 行的 path “{row['path']}” 不在该文件夹内", f"line {number}: path {row['path']!r} is not in the folder"
    elif not path.is_file():
        yield f"第 {number} 行的文件“{row['path']}”不存在", f"line {number}: there is no file {row['path']!r}"
    for column, pattern in KNOWN.items():
        if (value := row.get(column, "")) and not re.fullmatch(pattern, value.lower() if column == "sha256" else value):
            yield f"第 {number} 行的 {column} 为“{value}”", f"line {number}: {column} is {value!r}"


def _repeated(path: str) -> tuple[str, str]:
    return f"“{path}”出现不止一次", f"{path!r} stands there more than once"


def _entry(folder: Path, row: Mapping[str, str]) -> Entry:
    said = {c: row[c] for c in COLUMNS if c not in ("path", "year", "sha256") and row.get(c)}
    year = int(row["year"]) if (row.get("year") or "").isdecimal() else None
    return Entry(folder, Path(row["path"]).as_posix(), **said, year=year, sha256=(row.get("sha256") or "").lower() or None)


def _is_ignored(path: Path) -> bool:
    return any(_NO_DOCUMENT.fullmatch(part) for part in path.parts)


def _refuse_changed(entry: Entry) -> None:
    if entry.sha256:
        actual = hashlib.sha256(_bytes(entry.path)).hexdigest()
        if actual != entry.sha256:
            raise UsageError(
                str(entry.path),
                (f"SHA-256 {entry.sha256}（{MANIFEST}）", f"SHA-256 {entry.sha256} ({MANIFEST})"), (actual, actual),
                ("文件已被改动：恢复原文件，或核实后改正 manifest.csv", "the file has changed: restore it, or check and mend manifest.csv"),
            )  # fmt: skip


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableSource(
            str(path), ("可读的文件", "a readable file"), (reason, reason), ("检查权限", "check its permissions")
        ) from error


def _county(entries: Sequence[Entry]) -> County:
    """Read the documents of one county; the first that cannot be read is its problem."""
    governments = [e for e in entries if e.body in (None, "government")]
    studied = tuple(governments or entries)
    aside = tuple(e for e in entries if e not in studied)
    code = entries[0].division_code
    try:
        reports = _one_a_year(studied, [read_entry(e) for e in studied])
    except ReportError as problem:
        return County(code, _name_of_unread(studied), studied, (), problem, aside)
    return County(code, county_name(reports[-1]), studied, reports, None, aside)


def _one_a_year(entries: Sequence[Entry], read: Sequence[Report]) -> tuple[Report, ...]:
    """Order reports by year; the same bytes twice are one report, and two reports for one year and scope cannot both be meant."""
    distinct = {r.report_id: r for r in read}
    ordered = sorted(distinct.values(), key=lambda r: (r.year or 0, r.published or "", r.report_id))
    times = Counter((r.year, r.scope) for r in ordered if r.year)
    for (year, scope), n in times.items():
        if n > 1:
            names = "、".join(r.document.name for r in ordered if (r.year, r.scope) == (year, scope))
            raise UsageError(
                str(entries[0].path.parent),
                (f"{year} 年的一份报告", f"one report for {year}"), (names, names),
                ("删去一份，或在 manifest.csv 的 scope、year、body 中区分", "remove one, or tell them apart by scope, year or body"),
            )  # fmt: skip
    return tuple(ordered)


def _name_of_unread(entries: Iterable[Entry]) -> str:
    """Name a county of which nothing may be readable: by the first document that is, else by its file."""
    paths = list(entries)
    for entry in paths:
        try:
            return county_name(read_report(entry.path))
        except ReportError:
            continue
    return paths[0].path.stem


def _file_id(entry: Entry) -> str:
    return hashlib.sha256(_bytes(entry.path)).hexdigest()[:12]


def _find(data_dir: str | Path, wanted: str) -> County:
    """Find a county by its code, for which nothing else is read, or by the name of its folder."""
    coded = [e for e in read_manifest(data_dir) if e.division_code == wanted]
    if coded:
        return _county(coded)
    known = counties(data_dir)
    found = next((c for c in known if c.folder == wanted), None)
    if found is None:
        names = "、".join(c.folder for c in known) or "—"
        raise UsageError(
            str(data_dir), (f"其中的县：{names}", f"a county of the folder: {names}"), (wanted, wanted),
            ("改正 division_code，或在 manifest.csv 中登记", "correct division_code, or enter it in manifest.csv"),
        )  # fmt: skip
    return found


def _is_between(year: int | None, first: int | None, last: int | None) -> bool:
    """Say whether a year is wanted; a report that states none is never dropped in silence."""
    return year is None or ((first is None or year >= first) and (last is None or year <= last))
