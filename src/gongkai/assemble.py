"""The readings of one part of a corpus -> its tables as Parquet: a file for each table, year and part, sorted by division."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.between import find_between
from gongkai.gather import TABLES, unpack_rows
from gongkai.places import breaks
from gongkai.store import connect, shared_bytes
from gongkai.tables import arrow_schema, check, frame, schemas, to_pandas

if TYPE_CHECKING:
    import pyarrow as pa

# Which county and year a row is of stands in every file, so that a reader of one county skips the rest.
PLACED = ("division_code", "unit_id", "year")
NO_YEAR = "none"
_ROWS_A_GROUP = 2048
# A row of a table, and the row of its report.
Placed = tuple[list[Any], Sequence[Any]]
# What is compared across years needs no more of a cell than this.
_COMPARED = ("report_id", "table", "item", "measure", "value", "unit", "status", "where")


def assemble(tasks: Sequence[tuple[str, str, str]]) -> list[str]:
    """Write the tables of parts, each given by store, folder and part; return the parts."""
    for store, folder, part in tasks:
        _assemble(Path(store), Path(folder), part)
    return [part for _, _, part in tasks]


def _assemble(store: Path, folder: Path, part: str) -> None:
    db = connect(store)
    written: set[Path] = set()
    reports: dict[str, list[Any]] = {}
    cells: list[pa.Table] = []
    found: dict[str, list[Placed]] = {}
    for (year,) in db.execute("SELECT DISTINCT year FROM readings WHERE part = ? AND failure IS NULL ORDER BY 1", (part,)).fetchall():
        of_year, named = _of_year(db, part, year), _named(year)
        rows: dict[str, list[Placed]] = {
            table: [(report["reports"][0], row) for report in of_year for row in report[table]] for table in TABLES
        }
        found[named] = rows.pop("findings")
        written |= {_write(folder, table, named, part, placed) for table, placed in rows.items()}
        cells.append(_compared(rows["cells"]))
        reports |= {row[0]: row for _, row in rows["reports"]}
    for row in _across(list(reports.values()), cells) if reports else ():
        own = reports[row[0]]
        found[_named(own[_YEAR])].append((own, row))
    written |= {_write(folder, "findings", named, part, sorted(rows, key=_by_place)) for named, rows in found.items()}
    # What a part has no more, and what a killed process left half written.
    for path in {*folder.glob(f"*/*/{part}.parquet"), *folder.glob(f"*/*/{part}.*.tmp")} - written:
        path.unlink()


_REPORT = list(schemas()["reports"].columns)
_YEAR = _REPORT.index("year")
_PLACES = [_REPORT.index(name) for name in PLACED]


def _of_year(db: Any, part: str, year: int | None) -> list[Mapping[str, list[list[Any]]]]:
    """Return the rows of each report of one part and year; a report that stands under several paths is there once and names them all."""
    twins = shared_bytes(db)
    found = []
    for path, payload in db.execute(
        "SELECT path, payload FROM readings JOIN payloads USING (path) WHERE part = ? AND year IS ? AND failure IS NULL ORDER BY path",
        (part, year),
    ):
        paths = twins.get(path, path)
        if paths.split("; ")[0] == path:
            rows = unpack_rows(payload)
            rows["reports"][0][1] = paths
            found.append(rows)
    return sorted(found, key=lambda rows: _by_place((rows["reports"][0], [])))


def write_failures(store: Path, folder: Path) -> None:
    """Write the table of the documents that could not be read."""
    rows = connect(store).execute(
        "SELECT path, sha256, failure FROM readings JOIN files USING (path) WHERE failure IS NOT NULL ORDER BY path"
    )
    told = [(path, sha256, json.loads(failure)) for path, sha256, failure in rows]
    for path in folder.glob("failures.*.tmp"):
        path.unlink()
    _save(folder / "failures.parquet", "failures", arrow_schema("failures"), [(path, *f[:2], sha256, *f[2:]) for path, sha256, f in told])


def _named(year: int | None) -> str:
    return NO_YEAR if year is None else str(year)


def _by_place(pair: Placed) -> tuple[str, str, str]:
    report = pair[0]
    return report[_PLACES[0]] or "", report[_REPORT.index("body")] or "", report[0]


def _write(folder: Path, table: str, year: str, part: str, rows: Sequence[Placed]) -> Path:
    """Write one file, whole or not at all."""

    path = folder / table / year / f"{part}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    _save(path, table, placed_schema(table), [(*(report[i] for i in _PLACES), *row) for report, row in rows])
    return path


def _save(path: Path, table: str, schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> None:
    """Hold a table to its schema, and write it whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    made = pa.Table.from_arrays([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema)
    check(table, to_pandas(made.select(list(schemas()[table].columns))))
    scratch = path.with_suffix(f".{os.getpid()}.tmp")
    pq.write_table(made, scratch, row_group_size=_ROWS_A_GROUP, compression="zstd")
    os.replace(scratch, path)


def placed_schema(table: str) -> pa.Schema:
    """Return the schema of a table's files: which county and year each row is of, then the table's own columns.

    Examples
    --------
    >>> placed_schema("cells").names[:5]
    ['at_division_code', 'at_unit_id', 'at_year', 'report_id', 'table']
    """
    import pyarrow as pa

    known = arrow_schema("reports")
    return pa.schema([*(known.field(name).with_name(f"at_{name}") for name in PLACED), *arrow_schema(table)])


def _compared(rows: Sequence[Placed]) -> pa.Table:
    import pyarrow as pa

    names = list(schemas()["cells"].columns)
    kept = [names.index(name) for name in _COMPARED]
    columns = list(zip(*([row[i] for i in kept] for _, row in rows), strict=True)) or [()] * len(kept)
    arrays = [pa.array(values, arrow_schema("cells").field(n).type) for n, values in zip(_COMPARED, columns, strict=True)]
    return pa.table(arrays, names=list(_COMPARED))


def _across(reports: Sequence[Sequence[Any]], cells: Sequence[pa.Table]) -> list[Sequence[Any]]:
    """Return the findings that only several reports together can give."""
    import pyarrow as pa

    found = find_between(frame("reports", reports), to_pandas(pa.concat_tables(cells, promote_options="default")), breaks=breaks)
    return [[None if value != value else value for value in row] for row in found.to_numpy().tolist()]
