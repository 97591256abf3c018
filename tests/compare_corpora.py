"""Compare two built corpora, table by table and cell by cell: ``python tests/compare_corpora.py BEFORE AFTER [options]``.

BEFORE and AFTER are folders that ``gongkai corpus`` made, perhaps with two versions of the package: they are read as Parquet, never by
gongkai. Every table found in either is compared: its columns and their types, its rows, and their order within a report. How rows are
spread over files is no difference, and neither is the order of reports. Differences are printed by table, at most ``--most`` for each.

    --ignore COLUMN        leave a column out, in every table or, as TABLE.COLUMN, in one; may be given several times
    --ignore-id-prefix     take report ids with and without their leading ``r`` as the same, also inside texts
    --ignore-words         leave out the words of findings and failures (message, message_zh, reason, reason_zh)
    --ignore-version       leave out what says which program read a document (reader, version, form_version)

To compare what two versions read, leaving aside what only says so in other words:

    python tests/compare_corpora.py before after --ignore-id-prefix --ignore-words --ignore-version

Exit status 0 where nothing differs, 1 where something does, 2 where a folder is no corpus.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

# What every corpus has; any other table that is found is compared too.
TABLES = ("reports", "cells", "checks", "findings", "sections", "figures", "failures")
# What names a row, to print a changed row as one difference; a row that has none of these is printed as lost and new.
KEYS = ("report_id", "path", "table", "item", "measure", "code", "number", "phrase")
WORDS = ("findings.message", "findings.message_zh", "failures.reason", "failures.reason_zh")
VERSION = ("reports.reader", "reports.version", "reports.form_version")
NO_COLUMN = "<no such column in this file>"
_ID = re.compile(r"\br(?=[0-9a-f]{12}\b)")
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """A table without the columns that are left out: names, types, rows in the order of the files."""

    types: dict[str, str]
    rows: list[Row]

    @property
    def names(self) -> list[str]:
        return list(self.types)


def main(arguments: Sequence[str]) -> int:
    options = parsed(arguments)
    ignored = {*options.ignore, *(name for group in options.ignored for name in group)}
    mistake = mistaken(options.before, options.after, ignored)
    if mistake:
        print(mistake)
        return 2
    total = 0
    for name in sorted({*tables(options.before), *tables(options.after)}):
        before, after = (load(folder, name, ignored, options.ignore_id_prefix) for folder in (options.before, options.after))
        said = list(differences(before, after))
        print(f"{name}: {len(before.rows):,} and {len(after.rows):,} rows, {len(said)} differences")
        print("".join(f"    {line}\n" for line in said[: options.most]), end="")
        print(f"    ... {len(said) - options.most} more\n" if len(said) > options.most else "", end="")
        total += len(said)
    print(f"{total} differences" if total else "nothing differs")
    return 1 if total else 0


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--ignore", action="append", default=[], metavar="COLUMN")
    parser.add_argument("--ignore-id-prefix", action="store_true")
    parser.add_argument("--ignore-words", action="append_const", dest="ignored", const=WORDS, default=[])
    parser.add_argument("--ignore-version", action="append_const", dest="ignored", const=VERSION, default=[])
    parser.add_argument("--most", type=int, default=20, metavar="N")
    return parser.parse_args(arguments)


def mistaken(before: Path, after: Path, ignored: set[str]) -> str:
    """Say why the two cannot be compared: a folder that is no corpus, or a column that neither has."""
    for folder in (before, after):
        lost = [name for name in TABLES if not list(files(folder, name))]
        if lost:
            return f"{folder} is no corpus: it has no {', '.join(lost)}"
    unknown = ignored - columns(before) - columns(after)
    return f"no such column: {', '.join(sorted(unknown))}" if unknown else ""


def tables(folder: Path) -> Iterator[str]:
    """Yield the tables of a corpus: a folder of Parquet files each, or one file."""
    yield from {path.relative_to(folder).parts[0].removesuffix(".parquet") for path in folder.rglob("*.parquet")}


def files(folder: Path, name: str) -> Iterator[Path]:
    one = folder / f"{name}.parquet"
    yield from [one] if one.is_file() else sorted((folder / name).rglob("*.parquet"))


def columns(folder: Path) -> set[str]:
    """Name every column of a corpus, alone and with its table."""
    names = {(name, column) for name in tables(folder) for path in files(folder, name) for column in pq.read_schema(path).names}
    return {column for _, column in names} | {f"{name}.{column}" for name, column in names}


def load(folder: Path, name: str, ignored: set[str], without_prefix: bool) -> Table:
    """Read a table; a missing one has neither columns nor rows, and missing is not the same as not a number."""
    parts = [pq.ParquetFile(path).read() for path in files(folder, name)]
    fields = [field for part in parts for field in part.schema if not {field.name, f"{name}.{field.name}"} & ignored]
    kinds: dict[str, set[str]] = {field.name: set() for field in fields}
    for field in fields:
        kinds[field.name].add(typed(field.type))
    types = {column: " or ".join(sorted(found)) for column, found in kinds.items()}
    rows: list[Row] = []
    for part in parts:
        values = [part[c].to_pylist() if c in part.column_names else [NO_COLUMN] * part.num_rows for c in types]
        rows += zip(*([plain(v, without_prefix) for v in column] for column in values), strict=True)
    return Table(types, rows)


def typed(kind: pa.DataType) -> str:
    """Name a type; how a text is stored is no difference."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return "string" if pa.types.is_string(kind) or pa.types.is_large_string(kind) else str(kind)


def plain(value: Any, without_prefix: bool) -> Any:
    """Return a value that equals itself, and only its own kind: 1, 1.0 and True are three values, and not a number is one."""
    if isinstance(value, str):
        return _ID.sub("", value) if without_prefix else value
    return None if value is None else (type(value).__name__, repr(value))


def shown(value: Any) -> str:
    """Print a value as Python does: a text in quotes, 1 and 1.0 as they are."""
    return value[1] if isinstance(value, tuple) else repr(value)


def differences(before: Table, after: Table) -> Iterator[str]:
    """Yield what differs: columns, types, rows; and where the rows are the same, their order within a report."""
    for name in {**before.types, **after.types}:
        was, now = before.types.get(name), after.types.get(name)
        if was != now:
            yield f"column {name}: " + ("is new" if was is None else "is gone" if now is None else f"{was} became {now}")
    shared = [name for name in before.names if name in after.types]
    rows, others = (list(picked(table, shared)) for table in (before, after))
    lost, new = Counter(rows) - Counter(others), Counter(others) - Counter(rows)
    yield from paired(shared, lost.elements(), new.elements())
    if not lost and not new:
        yield from reordered(shared, rows, others)


def picked(table: Table, names: Sequence[str]) -> Iterator[Row]:
    places = [table.names.index(name) for name in names]
    return (tuple(row[i] for i in places) for row in table.rows)


def paired(names: Sequence[str], lost: Iterable[Row], new: Iterable[Row]) -> Iterator[str]:
    """Yield each changed row with the columns in which it differs, and each row that is only in one."""
    keys = [i for i, name in enumerate(names) if name in KEYS]
    waiting: dict[Row, list[Row]] = defaultdict(list)
    for row in new:
        waiting[tuple(row[i] for i in keys)].append(row)
    for row in lost:
        key = tuple(row[i] for i in keys)
        if waiting[key]:
            other = waiting[key].pop(0)
            changed = [f"{name} {shown(a)} became {shown(b)}" for name, a, b in zip(names, row, other, strict=True) if a != b]
            yield f"{told(names, row)}: {'; '.join(changed)}"
        else:
            yield f"{told(names, row)}: is gone: {', '.join(map(shown, row))}"
    yield from (f"{told(names, row)}: is new: {', '.join(map(shown, row))}" for rows in waiting.values() for row in rows)


def reordered(names: Sequence[str], was: Iterable[Row], now: Iterable[Row]) -> Iterator[str]:
    """Yield each report whose rows stand in another order; a table without reports has no order."""
    if "report_id" not in names:
        return
    place = names.index("report_id")
    orders: tuple[dict[Any, list[Row]], dict[Any, list[Row]]] = (defaultdict(list), defaultdict(list))
    for order, rows in zip(orders, (was, now), strict=True):
        for row in rows:
            order[row[place]].append(row)
    yield from (f"{report}: its rows stand in another order" for report in orders[0] if orders[0][report] != orders[1][report])


def told(names: Sequence[str], row: Row) -> str:
    """Name a row by what it is of."""
    keys = [value for name, value in zip(names, row, strict=True) if name in KEYS and value is not None]
    return " ".join(value if isinstance(value, str) else shown(value) for value in keys)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
