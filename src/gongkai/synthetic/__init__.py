"""A province that does not exist: consistent reports of invented counties, printed as reports are found, each with its truth.

For tests, benchmarks, teaching and power studies. Codes, names, titles, texts and tables say that nothing of it is real.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from gongkai.core.errors import UsageError
from gongkai.core.files import refuse_unwritable
from gongkai.places import invented
from gongkai.synthetic.history import edition, history, settings
from gongkai.synthetic.printing import draw_year

__all__ = ["Place", "place", "simulate"]

COLUMNS = ("path", "division_code", "body", "scope", "year")
FRAME = ("division_code", "year", "outcome", "date")
_CHUNK = 8


@dataclass(frozen=True, slots=True)
class InventedCounty:
    """An invented county: a code that no real place has, and a name that says that it is none."""

    code: str
    name: str


def invented_county(number: int) -> InventedCounty:
    """Return the county of a number, counted from 0.

    Examples
    --------
    >>> invented_county(0), invented_county(2999).code
    (InventedCounty(code='900101', name='模拟甲乾区'), '993010')
    """
    return _places()[number]


@cache
def _places() -> tuple[InventedCounty, ...]:
    return tuple(InventedCounty(code, name) for code, name in invented().items())


def simulate(
    out: str | Path, counties: int, years: tuple[int, int], seed: int = 0, *, plain: bool = False, missing: bool = False, jobs: int = 1
) -> int:
    """Write a folder for each report, ``CODE-YEAR/report.EXT`` with ``truth.json`` beside it, and ``manifest.csv``.

    Parameters
    ----------
    out : path
        A folder that does not exist yet, or is empty.
    counties : int
        How many; more counties or years change none of the others, and the same seed gives the same bytes.
    years : tuple of int
        The first and the last year.
    seed : int
    plain : bool
        Pages and text only, nothing damaged or misprinted.
    missing : bool
        Leave a few reports out as never published, and list what was searched for in ``frame.csv``.
    jobs : int
        Processes.

    Returns
    -------
    int
        How many reports were written.

    Raises
    ------
    UsageError
        If the folder holds something, or there is no such number of counties or no form for a year.

    Examples
    --------
    >>> import tempfile
    >>> simulate(tempfile.mkdtemp(), 2, (2019, 2021))
    6
    """
    folder = Path(out)
    _refuse(folder, counties, years, seed)
    folder.mkdir(parents=True, exist_ok=True)
    write = partial(_write_county, folder, years, seed, plain, missing)
    if jobs == 1:
        written = [row for number in range(counties) for row in write(number)]
    else:
        with ProcessPoolExecutor(jobs) as executor:
            written = [row for rows in executor.map(write, range(counties), chunksize=_CHUNK) for row in rows]
    found = [row for row in written if row["path"]]
    _write_csv(folder / "manifest.csv", COLUMNS, found)
    if missing:
        _write_csv(folder / "frame.csv", FRAME, written)
    return len(found)


def _write_county(folder: Path, years: tuple[int, int], seed: int, plain: bool, missing: bool, number: int) -> list[dict[str, str]]:
    return list(_reports(folder, years, seed, plain, missing, number))


def _reports(folder: Path, years: tuple[int, int], seed: int, plain: bool, missing: bool, number: int) -> Iterator[dict[str, str]]:
    """Write the reports of one county, and say of each year what a collector finds."""
    import numpy as np

    here, known = invented_county(number), settings()["missing"]
    for year in history(seed, number, years[1]):
        rng = np.random.default_rng([seed, number, year.year])
        lost = bool(rng.random() < known["share"]) and missing
        if year.year < years[0]:
            continue
        path = "" if lost else f"{here.code}-{year.year}/report."
        if not lost:
            made = draw_year(here.name, year, rng, plain)
            path += made.extension
            (folder / path).parent.mkdir()
            (folder / path).write_bytes(made.data)
            truth = json.dumps({"id": Path(path).parent.name, **made.truth}, ensure_ascii=False, indent=1)
            (folder / path).with_name("truth.json").write_text(truth, encoding="utf-8")
        yield {
            "path": path, "division_code": here.code, "body": "government", "scope": "", "year": str(year.year),
            "outcome": known["not_found" if lost else "found"], "date": known["searched"].format(after=year.year + 1),
        }  # fmt: skip


def _write_csv(path: Path, columns: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _refuse(folder: Path, counties: int, years: tuple[int, int], seed: int) -> None:
    """Refuse what cannot be meant."""
    most = len(invented())
    if not 1 <= counties <= most:
        raise _wrong("--counties", f"1—{most}", str(counties))
    if seed < 0:
        raise _wrong("--seed", "0, 1, 2 …", str(seed))
    first, last = years
    if first > last or last > _LAST or edition(first) is None:
        oldest = next(year for year in range(first, _LAST + 1) if edition(year)) if first <= _LAST else first
        raise _wrong("--years", f"{oldest}—{_LAST}", f"{first}—{last}")
    refuse_unwritable(folder, is_folder=True, option="-o")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError.of("synthetic.not_empty", folder)


_LAST = 2099


def _wrong(option: str, expected: str, found: str) -> UsageError:
    return UsageError.of("synthetic.option", option, expected=expected, found=found)
