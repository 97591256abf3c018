"""What a folder of documents holds, and what its collector knows of each: ``manifest.csv`` -> entries -> reports."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from gongkai.core.errors import NoDocuments, UnreadableSource, UsageError, of_system
from gongkai.core.files import open_regular
from gongkai.core.messages import Words, both, joined, listed, storable
from gongkai.core.model import Finding
from gongkai.core.tables import EXCEL, columns_of, rows_of
from gongkai.core.text import squeeze
from gongkai.corpus.outputs import Skipped, is_table, kind_of
from gongkai.corpus.said import as_code, faults, misspelt
from gongkai.extract.corrections import Correction
from gongkai.places import body_of, foreign_names, host, locate, place_findings, sites, unit_id
from gongkai.report import Report, read_report

MANIFEST = "manifest.csv"
COLUMNS = ("path", "division_code", "body", "authority", "scope", "year", "use", "source_url", "retrieved_at", "sha256")
# Files that are found beside documents but are not documents (``Thumbs.db``, the manifest itself).
_NO_DOCUMENT = re.compile(
    r"(?i)\..*|(?:manifest|frame)\.(?:csv|xlsx)|corrections\.csv|fetched\.(?:csv|warc\.gz)|truth\.json|readme(?:\..*)?|thumbs\.db|desktop\.ini|~\$.*"
)
# What a browser keeps of a page's pictures and scripts stands beside the page, in a folder of its name with one of these endings.
_PAGE, _COMPANION = re.compile(r"(?i)(.+)\.x?html?"), ("_files", ".files", "_文件")


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One document, and what its collector knows of it; None where nothing is said. ``name`` is its path within the folder."""

    folder: Path
    name: str
    division_code: str | None = None
    body: str | None = None
    authority: str | None = None
    scope: str | None = None
    year: int | None = None
    use: str | None = None
    source_url: str | None = None
    retrieved_at: str | None = None
    sha256: str | None = None

    @property
    def path(self) -> Path:
        return self.folder / self.name

    @property
    def known(self) -> dict[str, str | int]:
        """The fields of the entry without its folder."""
        return {"name": self.name} | {c: v for c in COLUMNS if c != "path" and (v := getattr(self, c)) is not None}

    @property
    def row(self) -> dict[str, str]:
        """What the manifest says of the document, as text."""
        return {c: str(v) for c in COLUMNS if c != "path" and (v := getattr(self, c)) is not None}


def read_manifest(data_dir: str | Path) -> tuple[ManifestEntry, ...]:
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


def entries(
    data_dir: str | Path, listed: Mapping[str, ManifestEntry] | None = None, skipped: list[Skipped] | None = None
) -> Iterator[ManifestEntry]:
    """Yield one entry for every document of a folder, those of ``manifest.csv`` first; the documents themselves are not opened.

    ``listed`` is what :func:`known` returned of the folder, if that is at hand. What gongkai itself has written there (runs, corpora,
    exported tables) is no document: it is added to ``skipped``. A page saved by a browser is one document with the folder beside it. A
    folder that cannot be opened is an entry, which cannot be read.

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
    listed = known(folder) if listed is None else listed
    yield from listed.values()
    closed: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=closed.append):
        if Path(parent) != folder and (kind := kind_of(Path(parent))):
            _skip(skipped, _relative_path(parent, folder), kind)
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if name not in _companions(names))
        names += [name for name in folders if _leads_out(Path(parent, name), folder)]
        yield from _documents(folder, [name if Path(parent) == folder else f"{_relative_path(parent, folder)}/{name}" for name in names],
                              listed, skipped)  # fmt: skip
    for error in closed:
        if Path(str(error.filename)) == folder:
            raise of_system(error, "own.documents", folder)
        yield ManifestEntry(folder, _relative_path(str(error.filename), folder))


def _documents(
    folder: Path, names: Sequence[str], listed: Mapping[str, ManifestEntry], skipped: list[Skipped] | None
) -> Iterator[ManifestEntry]:
    """Yield the documents among the files of one folder that no manifest lists."""
    for name in names:
        if name in listed or _is_ignored(name):
            continue
        if is_table(folder / name):
            _skip(skipped, name, "table")
        else:
            yield ManifestEntry(folder, name)


def _companions(names: Sequence[str]) -> set[str]:
    """Return the folders that a browser has saved with these pages.

    Examples
    --------
    >>> sorted(_companions(["2019年.html", "a.txt"]))
    ['2019年.files', '2019年_files', '2019年_文件']
    """
    stems = (found[1] for name in names if (found := _PAGE.fullmatch(name)))
    return {stem + ending for stem in stems for ending in _COMPANION}


def _relative_path(path: str | Path, folder: Path) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _skip(skipped: list[Skipped] | None, path: str, kind: str) -> None:
    if skipped is not None:
        skipped.append(Skipped(path, kind))


def known_sites(listed: Mapping[str, ManifestEntry]) -> dict[str, str]:
    """Return the division of each host whose documents, as far as the manifest knows, all belong to one.

    Examples
    --------
    >>> known_sites(known("data/raw"))
    {'www.pingtan.gov.cn': '350128'}
    """
    return sites((e.source_url, e.division_code) for e in listed.values())


def known(data_dir: str | Path) -> dict[str, ManifestEntry]:
    """Return what the manifest says, by path within the folder; all its faulty lines are told at once.

    Raises
    ------
    UsageError
        If the folder is none, or a line cannot mean anything.

    Examples
    --------
    >>> known("data/raw")["qinxian-2019.txt"].division_code
    '140430'
    """
    folder = Path(data_dir)
    if not folder.is_dir():
        raise NoDocuments.of("manifest.file" if folder.is_file() else "manifest.no_folder", folder, folder=both(FOLDER))
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise of_system(error, FOLDER, folder) from error
    listed: dict[str, ManifestEntry] = {}
    found: list[Words] = []
    for number, row in _manifest_rows(path := manifest_of(folder)):
        entry = _entry(folder, row)
        found += row_faults(number, row, entry.name in listed)
        listed[entry.name] = entry
    if found:
        raise UsageError.of("manifest.faults", path, faults=joined(found))
    return listed


def manifest_of(folder: Path) -> Path:
    """Return the manifest of a folder, there or not: ``manifest.csv``, or ``manifest.xlsx`` where that stands in its place.

    Raises
    ------
    UsageError
        If both are there: nobody knows which one holds.

    Examples
    --------
    >>> manifest_of(Path("data/raw")).name
    'manifest.csv'
    """
    plain, book = folder / MANIFEST, (folder / MANIFEST).with_suffix(EXCEL)
    if plain.is_file() and book.is_file():
        raise UsageError.of("manifest.two", folder, folder=folder)
    return book if book.is_file() else plain


FOLDER = "file.folder_of_documents"


def read_entry(entry: ManifestEntry, corrections: Sequence[Correction] = (), site: str | None = None) -> Report:
    """Read one document with what its collector knows; a document whose bytes have changed since is refused.

    ``site`` is the division that other documents of the same host belong to.

    Raises
    ------
    ReportError
        If the bytes are not those whose SHA-256 the manifest holds, or no report can be read from them.
    """
    refuse_place(entry)
    _refuse_unmeant(entry)
    _refuse_changed(entry)
    report = read_report(entry.path, year=entry.year, division_code=entry.division_code, scope=entry.scope, corrections=corrections)
    url = entry.source_url or report.source
    hosts = {host(url): site} if site else None
    located = locate(report.title, report.authority, url, entry.name, entry.division_code, report.year, hosts)
    copied = foreign_names("\n".join([report.title or "", *(s.text for s in report.contents.sections)]), located.code)
    return replace(
        report.with_findings([*place_findings(located, copied), *_other_authority(entry, report)]), division_code=located.code,
        unit_id=located.code and unit_id(located.code), located_by=located.how,
        body=entry.body or body_of(entry.authority or report.authority, report.title), retrieved_at=entry.retrieved_at,
        authority=entry.authority or report.authority, use=entry.use, source=url, document=replace(report.document, name=entry.name),
    )  # fmt: skip


def _other_authority(entry: ManifestEntry, report: Report) -> list[Finding]:
    """Question an authority of the manifest that is not the one that the document names."""
    if not entry.authority or not report.authority or squeeze(entry.authority) == squeeze(report.authority):
        return []
    return [Finding("contradicts_manifest", expected=entry.authority, observed=report.authority, words={"key": "authority"})]


def refuse_place(entry: ManifestEntry) -> None:
    """Refuse a document before it is opened: a link to what is not of the folder, or a name that tables cannot hold.

    Raises
    ------
    UnreadableSource

    Examples
    --------
    >>> refuse_place(ManifestEntry(Path("data/raw"), "qinxian-2019.txt"))
    """
    if storable(entry.name) != entry.name:
        raise UnreadableSource.of("manifest.unnamed", storable(str(entry.path)))
    if _leads_out(entry.path, entry.folder):
        raise UnreadableSource.of("manifest.elsewhere", entry.path)


def _leads_out(path: Path, folder: Path) -> bool:
    """Say whether a path leads out of the folder by a link; one of a circle of links leads nowhere."""
    here, there = os.path.realpath(folder), os.path.realpath(path)
    return there != here and not there.startswith(os.path.join(here, ""))


def _manifest_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the numbered rows of the manifest, each value as the code that is meant; columns of the user's own stay as they are."""
    if not path.is_file():
        return
    refuse_columns(path)
    yield from ((number, _coded(row)) for number, row in rows_of(path))


def refuse_columns(path: Path) -> None:
    """Refuse a manifest without paths, or with a column that is likely a misspelt one of ours: its values would silently not count."""
    columns = columns_of(path)
    if meant := misspelt(columns):
        found = listed(f"{name} → {known}?" for name, known in meant.items())
        raise UsageError.of("manifest.misspelt", path, columns=listed(COLUMNS), found=found)
    if "path" not in columns:
        raise UsageError.of("manifest.columns", path, columns=listed(COLUMNS), found=listed(columns))


def row_faults(number: int, row: Mapping[str, str], is_repeated: bool) -> Iterator[Words]:
    """Say, in both languages, what in one line of the manifest cannot be meant; its values may be codes, or words for them."""
    inside = os.path.normpath(row["path"] or "..")
    if os.path.isabs(inside) or inside.split(os.sep)[0] == "..":
        yield both("manifest.outside", number=number, path=row["path"])
    yield from faults(number, _coded(row))
    if is_repeated:
        yield both("manifest.repeated", path=row["path"])


def _coded(row: Mapping[str, str]) -> dict[str, str]:
    return {column: as_code(column, said) for column, said in row.items()}


def _entry(folder: Path, row: Mapping[str, str]) -> ManifestEntry:
    said = {c: row[c] for c in COLUMNS if c not in ("path", "year") and row.get(c)}
    year = int(row["year"]) if (row.get("year") or "").isdecimal() else None
    return ManifestEntry(folder, os.path.normpath(row["path"]).replace(os.sep, "/"), **said, year=year)


def _is_ignored(name: str) -> bool:
    return any(_NO_DOCUMENT.fullmatch(part) for part in name.split("/"))


def _refuse_unmeant(entry: ManifestEntry) -> None:
    """Refuse a day that no calendar has, and a value of several lines: a quote that is not closed swallows the lines below it."""
    if any("\n" in value for value in entry.row.values()):
        raise UsageError.of("manifest.unclosed", entry.path)
    try:
        date.fromisoformat((entry.retrieved_at or "2000-01-01")[:10])
    except ValueError as error:
        raise UsageError.of("manifest.no_day", entry.path, day=entry.retrieved_at) from error


def _refuse_changed(entry: ManifestEntry) -> None:
    if entry.sha256:
        actual = _digest(entry.path)
        if actual != entry.sha256:
            raise UsageError.of("manifest.changed", entry.path, sha256=entry.sha256, actual=actual)


def _digest(path: Path) -> str:
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise of_system(error, "file.readable", path, UnreadableSource) from error
