"""The parts of a corpus, a province each and the failures: what the tables of each were made from, and whether they are still that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from gongkai.core import made

# The folder of the parts' records, and the part of the documents that could not be read.
MADE, FAILURES = "made", "failures"
DAMAGED = "damaged"
WRITER = "writer"
NO_YEAR = "none"
Years = tuple[int | None, int | None]


def record_of(folder: Path, part: str) -> Path:
    """Return where the record of a part stands."""
    return folder / MADE / f"{part}.json"


def why(folder: Path, part: str, made_from: Mapping[str, str], told: Mapping[str, str]) -> str:
    """Return the reason why the tables of a part must be made: ``new``, the input that changed, ``damaged``; empty where they stand.

    ``told`` is what the parts were made from as ``corpus.json`` says: a part of it that has no record has lost it.
    """
    record = made.recall(record_of(folder, part))
    if not record:
        return DAMAGED if part in told else "new"
    return made.changed(record, made_from) or (DAMAGED if made.altered(folder, record) else "")


def keep(folder: Path, part: str, made_from: Mapping[str, str], files: Iterable[Path]) -> None:
    """Record, after the tables of a part, what they were made from; a part that is no more has none.

    A kill before it leaves a record whose inputs or files are no longer those that there are: the part will be made again.
    """
    names = [path.relative_to(folder).as_posix() for path in files]
    if made_from:
        made.keep(record_of(folder, part), {"made_from": made_from, "files": made.hashes(folder, names)})
    else:
        record_of(folder, part).unlink(missing_ok=True)


def kept_years(folder: Path, part: str, made_from: Mapping[str, str]) -> set[str]:
    """Return the years of a part whose readings, and files but for findings, are still those of its record, written by the same code."""
    record = made.recall(record_of(folder, part))
    before = record.get("made_from", {})
    if not record or before.get(WRITER) != made_from.get(WRITER):
        return set()
    lost = {PurePosixPath(name).parent.name for name in made.altered(folder, record) if not name.startswith("findings/")}
    return {year for year, own in made_from.items() if before.get(year) == own} - lost - {WRITER}


def folder_of_year(year: int | None) -> str:
    """Return the name of a year's folder.

    Examples
    --------
    >>> folder_of_year(2020), folder_of_year(None)
    ('2020', 'none')
    """
    return NO_YEAR if year is None else str(year)


def known(folder: Path) -> list[str]:
    """Return the parts that have a record."""
    return sorted(path.stem for path in (folder / MADE).glob("*.json"))


def held(folder: Path, part: str, told: str) -> Mapping[str, Any] | None:
    """Return the record of a part; None if it is lost, altered, or of tables made from something else than ``corpus.json`` says."""
    record = made.recall(record_of(folder, part))
    return record if record and made.digest(record["made_from"]) == told else None


def named(record: Mapping[str, Any], table: str, years: Years) -> dict[str, str]:
    """Return those files of a part, with their hashes, that hold a table's rows of the years asked for."""
    found = {PurePosixPath(name): made for name, made in record["files"].items()}
    return {str(path): made for path, made in found.items() if path.parts[0].removesuffix(".parquet") == table and _is_of(path, years)}


def _is_of(path: PurePosixPath, years: Years) -> bool:
    return years == (None, None) or path.parent.name == "" or is_within(path.parent.name, years)


def is_within(year: str, years: Years) -> bool:
    """Say whether the folder of a year lies between the first and the last that are asked for.

    Examples
    --------
    >>> is_within("2020", (2019, None)), is_within(NO_YEAR, (2019, None))
    (True, False)
    """
    return year != NO_YEAR and (years[0] or 0) <= int(year) <= (years[1] or 9999)
