"""The readings of one part of a corpus -> its tables as Parquet: a file for each table, year and part, sorted by division."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gongkai.core.files import whole
from gongkai.core.model import Finding
from gongkai.core.schema import arrow_schema, check, frame, schemas, to_pandas
from gongkai.corpus import parts
from gongkai.corpus.cross_checks import find_between
from gongkai.corpus.ingest import TABLES, Columns, unpack
from gongkai.corpus.parts import folder_of_year
from gongkai.corpus.store import connect, failures, shared_bytes
from gongkai.places import breaks
from gongkai.report.report import STATUSES, finding_row

if TYPE_CHECKING:
    import pyarrow as pa

# Every file repeats the county and year of each row, so that reading one county can skip the rest.
PLACED = ("division_code", "unit_id", "year")
_ROWS_A_GROUP = 2048
# How many cells are compared in one batch; prefectures are never split, so a batch may be larger.
_TOGETHER = 1_000_000
# The columns of a cell that checks across years need.
_COMPARED = ["report_id", "table", "item", "measure", "value", "unit", "status", "where"]
_ENTERED = ("division_code", "body", "scope", "year")
_REPORT = list(schemas()["reports"].columns)
_ID, _PATH, _BODY, *_PLACES = (_REPORT.index(name) for name in ("report_id", "path", "body", *PLACED))
Part = Mapping[str, Columns]


class PartTask(NamedTuple):
    """A part whose tables are to be written, and why: the store, the corpus, its name, what it is made from (nothing, if it is no more)."""

    store: str
    folder: str
    part: str
    made_from: Mapping[str, str]
    why: str


def assemble(tasks: Sequence[PartTask]) -> list[str]:
    """Write the tables of parts, and then the record of each; return the parts."""
    for task in tasks:
        collects = gc.isenabled()
        gc.disable()  # millions of small objects live until they are written, and none of them is a cycle
        try:
            _assemble(Path(task.store), Path(task.folder), task.part, task.made_from)
        finally:
            if collects:
                gc.enable()
    return [task.part for task in tasks]


def _assemble(store: Path, folder: Path, part: str, made_from: Mapping[str, str]) -> None:
    with closing(connect(store)) as db:
        written = {_write_failures(db, folder)} if part == parts.FAILURES else _write_part(db, folder, part, made_from)
    # Files of years that a part no longer has.
    for path in {path for table in TABLES for path in folder.glob(f"{table}/*/{part}.parquet")} - written:
        path.unlink()
    parts.keep(folder, part, made_from, written)


def _write_part(db: Any, folder: Path, part: str, made_from: Mapping[str, str]) -> set[Path]:
    """Write the tables of a part; of a year with the same readings as before only the findings, in which other years speak too."""
    twins, kept = shared_bytes(db), parts.kept_years(folder, part, made_from)
    written: set[Path] = set()
    reports: list[pa.Table] = []
    cells: list[pa.Table] = []
    found: dict[str, list[dict[str, Columns]]] = {}
    for (year,) in db.execute("SELECT DISTINCT year FROM readings WHERE part = ? AND failure IS NULL ORDER BY 1", (part,)).fetchall():
        of_year, named = _of_year(db, twins, part, year), folder_of_year(year)
        if not of_year:
            continue
        found[named] = [{name: report[name] for name in ("reports", "findings")} for report in of_year]
        files = {table: folder / table / named / f"{part}.parquet" for table in TABLES if table != "findings"}
        made = {} if named in kept else {table: _made(table, of_year) for table in files}
        written |= {*files.values()}
        for table, rows in made.items():
            _save(files[table], table, rows)
        reports.append(made["reports"] if made else _loaded(files["reports"]))
        cells.append(_packed(made["cells"] if made else _loaded(files["cells"], ["at_unit_id", *_COMPARED])))
    across = _across(reports, cells) if reports else {}
    for named, told in found.items():
        rows = _made("findings", [_with(report, across.get(report["reports"][_ID][0], ())) for report in told])
        written.add(_save(folder / "findings" / named / f"{part}.parquet", "findings", rows))
    return written


def _loaded(path: Path, columns: list[str] | None = None) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.ParquetFile(path).read(columns)


def _write_failures(db: Any, folder: Path) -> Path:
    """Write the table of the documents that could not be read."""
    import pyarrow as pa

    told = [(path, *known[:2], sha256, *known[2:]) for path, sha256, known in ((p, s, json.loads(f)) for p, s, f in failures(db))]
    rows = pa.Table.from_pandas(frame("failures", told), arrow_schema("failures"), preserve_index=False)
    return _save(folder / "failures.parquet", "failures", rows)


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


def _of_year(db: Any, twins: Mapping[str, Sequence[str]], part: str, year: int | None) -> list[Part]:
    """Return the columns of each report of one part and year; a report that stands under several paths is there once and names them all."""
    found = []
    for path, payload in db.execute(
        "SELECT path, payload FROM readings JOIN payloads USING (path) WHERE part = ? AND year IS ? AND failure IS NULL ORDER BY path",
        (part, year),
    ):
        paths = twins.get(path, [path])
        if paths[0] == path:
            report = unpack(payload)
            report["reports"][_PATH] = ["; ".join(paths)]
            found.append(_with(report, _entered_as(db, report["reports"][_ID][0], paths)) if len(paths) > 1 else report)
    return sorted(found, key=_by_place)


def _entered_as(db: Any, report_id: str, paths: Sequence[str]) -> list[tuple[Any, ...]]:
    """Report a file that the collector has entered in the manifest as several different reports."""
    noted = {path: json.loads(db.execute("SELECT entry FROM files WHERE path = ?", (path,)).fetchone()[0]) for path in paths}
    said = {path: ", ".join(str(facts[name]) for name in _ENTERED if facts.get(name)) for path, facts in noted.items()}
    if len(set(filter(None, said.values()))) < 2:
        return []
    told = "; ".join(f"{path} ({facts or '—'})" for path, facts in said.items())
    return [finding_row(report_id, Finding("same_file", observed=told), None)]


def _by_place(report: Part) -> tuple[str, str, str]:
    row = [column[0] for column in report["reports"]]
    return row[_PLACES[0]] or "", row[_BODY] or "", row[_ID]


def _made(table: str, of_year: Sequence[Part]) -> pa.Table:
    """Concatenate the rows of several reports and add the columns with their county and year."""
    import pyarrow as pa

    schema = placed_schema(table)
    columns: list[list[Any]] = [[] for _ in schema]
    for report in of_year:
        own = report[table]
        n = len(own[0]) if own else 0
        placed = [report["reports"][i] * n for i in _PLACES]
        for column, values in zip(columns, [*placed, *own], strict=False):
            column.extend(values)
    return pa.Table.from_arrays([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema)


def _save(path: Path, table: str, rows: pa.Table) -> Path:
    """Hold a table to its schema, and write it whole or not at all."""
    import pyarrow.parquet as pq

    check(table, to_pandas(rows.select(list(schemas()[table].columns))))
    with whole(path) as scratch:
        pq.write_table(rows, scratch, row_group_size=_ROWS_A_GROUP, compression="zstd")
    return path


def _with(report: Part, more: Iterable[Sequence[Any]]) -> Part:
    """Add findings to those that a report has by itself."""
    rows = [*zip(*report["findings"], strict=True), *more]
    return {**report, "findings": [list(column) for column in zip(*rows, strict=True)]}


def _packed(cells: pa.Table) -> pa.Table:
    """Keep the compared columns as categories, since few different texts repeat many times."""
    import pyarrow as pa

    kept = cells.select(["at_unit_id", *_COMPARED]).combine_chunks()
    for i, field in enumerate(kept.schema):
        if pa.types.is_string(field.type):
            kept = kept.set_column(i, field.name, kept[field.name].dictionary_encode())
    return kept


def _across(reports: Sequence[pa.Table], cells: Sequence[pa.Table]) -> dict[str, list[list[Any]]]:
    """Return the findings of checks between reports, by report; prefectures are compared in batches that fit into memory."""
    import pyarrow as pa

    listed = to_pandas(pa.concat_tables(reports).select(_REPORT))
    prefecture = listed["unit_id"].str[:4]
    sizes = (listed.groupby(prefecture)[[f"cells_{status}" for status in STATUSES]].sum().sum(axis=1).cumsum() // _TOGETHER).astype(int)
    by_report: dict[str, list[list[Any]]] = {}
    for _, group in listed.groupby(prefecture.map(sizes)):
        near = [_unpacked(table, set(group["unit_id"])) for table in cells]
        for row in find_between(group, to_pandas(pa.concat_tables(near)), breaks=breaks).to_numpy().tolist():
            by_report.setdefault(row[0], []).append([None if value != value else value for value in row])
    return by_report


def _unpacked(cells: pa.Table, units: set[str]) -> pa.Table:
    """Return the cells of some units with their categories turned back into texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pc.is_in(cells["at_unit_id"].cast(pa.string()), value_set=pa.array(sorted(units)))
    return cells.filter(wanted).select(_COMPARED).cast(pa.schema([arrow_schema("cells").field(name) for name in _COMPARED]))
