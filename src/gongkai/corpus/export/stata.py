"""Stata 118: codes as labelled integers, and why a cell has no number as an extended missing value.

No label stands on the numbers themselves, since pandas would take counts for categories; the do-file that comes along sets them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.core.messages import say
from gongkai.core.schema import schemas
from gongkai.corpus.codebook import STATUS_SUFFIX, code_label, meaning, reasons, shorts
from gongkai.report import STATUSES

if TYPE_CHECKING:
    import pandas as pd

# Stata keeps no more characters of a variable's or a file's label.
LABEL = 80
_SUFFIX = "_s"
# As many bytes as must be written to a full disk before it refuses.
_PROBE = 2**20
# Where Stata's format has the time of writing: behind this mark, after the number of its characters. The labels before it are short.
_STAMP, _EPOCH, _HEAD = b"<timestamp>\x11", b"01 Jan 1960 00:00", 4096
# The number of a code that is missing: with a dot in its place, pandas cannot open labelled columns with ``convert_missing=True``.
_UNSAID = 0


def write_stata(name: str, table: pd.DataFrame, path: Path, language: str) -> None:
    """Write one table. Texts of more than 2,045 bytes become strL; a missing text is an empty one, since Stata knows no other.

    Parameters
    ----------
    name : str
        The table's name, by which its columns are labelled.
    table : DataFrame
        The table. Where a status stands beside a number, the number gets the reasons for its gaps. In a wide table the column of statuses
        is called ``_s`` for ``_status``, since Stata keeps 32 characters of a name and the writer adds some to that of its labels.
    path : Path
        The file.
    language : {"zh", "en"}
        The language of the labels.
    """
    import pandas as pd
    import pyreadstat

    table = table.rename(columns=stata_name)
    codes = {column: known for column in map(str, table.columns) if (known := codes_of(name, column))}
    labels: dict[str, dict[Any, str]] = {
        c: {i: code_label(_value_label(c), code, language) for i, code in enumerate(known, 1)} | {_UNSAID: say("export.unsaid", language)}
        for c, known in codes.items()
    }
    gaps = {value: status for value, status in _companions(table) if status in codes}
    columns = {c: _stata_column(table[c], codes.get(c, ()), table[gaps[c]] if c in gaps else None) for c in map(str, table.columns)}
    try:
        pyreadstat.write_dta(
            pd.DataFrame(columns), str(path), version=14, file_label=_table_title(name, language)[:LABEL],
            column_labels={c: meaning(name, _kept(c), language)[:LABEL] for c in columns}, variable_value_labels=labels,
            missing_user_values={c: sorted(reasons().values()) for c in gaps},
        )  # fmt: skip
    except pyreadstat.ReadstatError as error:
        raise _of_system(path, error) from error
    _without_clock(path)


def _of_system(path: Path, error: Exception) -> Exception:
    """Return the system's error that the writer does not pass on, found by writing there as much as it began to; else its own."""
    try:
        with tempfile.TemporaryFile(dir=path.parent) as probe:
            probe.write(bytes(_PROBE))
    except OSError as refused:
        return refused
    return error


def _without_clock(path: Path) -> None:
    """Write a fixed day in the place of the time of writing, so that equal tables are equal files: Stata counts its days from that one."""
    with path.open("r+b") as file:
        at = file.read(_HEAD).index(_STAMP) + len(_STAMP)
        file.seek(at)
        file.write(_EPOCH)


def stata_name(column: str) -> str:
    """Return what a column is called in Stata.

    Examples
    --------
    >>> stata_name("app_granted_total_status"), stata_name("status")
    ('app_granted_total_s', 'status')
    """
    short = column.removesuffix(STATUS_SUFFIX)
    return short + _SUFFIX if short != column and short in shorts() else column


def _table_title(name: str, language: str) -> str:
    return str(getattr(schemas()[name], language)) if name in schemas() else name


def codes_of(table: str, column: str) -> tuple[str, ...]:
    """Return the codes that may stand in a column, in the order of Stata's numbers; those of wide tables are those of the long ones.

    Examples
    --------
    >>> codes_of("panel", "app_granted_total_s") == codes_of("cells", "status"), codes_of("panel", "county")
    (True, ())
    """
    if _kept(column) != column:
        return STATUSES
    known: Mapping[str, Any] = schemas()[table if table in schemas() else "reports"].columns
    return tuple(known[column].codes) if column in known else ()


def _value_label(column: str) -> str:
    return "status" if _kept(column) != column else column


def _kept(column: str) -> str:
    """Return the name that a column had before it was shortened."""
    short = column.removesuffix(_SUFFIX)
    return short + STATUS_SUFFIX if short != column and short in shorts() else column


def _companions(table: pd.DataFrame) -> list[tuple[str, str]]:
    names = set(map(str, table.columns))
    pairs = [("value", "status"), *((n, n + _SUFFIX) for n in names)]
    return [(value, status) for value, status in pairs if {value, status} <= names]


def _stata_column(values: pd.Series[Any], codes: tuple[str, ...], statuses: pd.Series[Any] | None) -> pd.Series[Any]:
    """Turn a column into what Stata holds: codes into numbers, gaps into letters, texts without end marks inside."""
    if codes:
        return values.map({code: i for i, code in enumerate(codes, 1)}).fillna(_UNSAID).astype("Int64")
    if values.dtype == "str":
        return values.fillna("").str.replace("\0", "", regex=False)
    if statuses is not None:
        gaps = statuses.map(dict(reasons())).astype(object)
        return values.astype(object).where(values.notna(), gaps.where(gaps.notna(), None))
    return values
