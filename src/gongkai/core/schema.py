"""The tables that leave the library: columns, types and meanings, as ``schema.toml`` defines them; frames and schemas made from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from gongkai.core.data import packaged
from gongkai.core.errors import TableError
from gongkai.core.messages import Words, both

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

TEXT, NUMBER = "str", "Float64"


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """One column: its pandas type, what it means in both languages, whether it may be missing, and what may stand there."""

    type: str
    zh: str
    en: str
    required: bool = False
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table: what its rows are in both languages, the columns that name a row, and all columns in order."""

    zh: str
    en: str
    key: tuple[str, ...]
    columns: Mapping[str, ColumnSchema]


@cache
def schemas() -> Mapping[str, TableSchema]:
    """Return every table's schema by name.

    Examples
    --------
    >>> list(schemas())
    ['reports', 'cells', 'findings', 'sections', 'figures', 'checks', 'failures', 'set_aside']
    >>> schemas()["cells"].columns["value"].type
    'Float64'
    """
    raw = packaged(__package__, "schema.toml")
    return {
        name: TableSchema(t["zh"], t["en"], tuple(t["key"]), {c: _read_column(b) for c, b in t["columns"].items()})
        for name, t in raw.items()
    }


def _read_column(body: Mapping[str, Any]) -> ColumnSchema:
    return ColumnSchema(**{**body, "codes": _codes(body.get("codes", ()))})


def _codes(listed: str | Sequence[str]) -> tuple[str, ...]:
    """Return the codes that are listed, or the names of the package's files that fit a pattern: the file of a form is named by its code."""
    if not isinstance(listed, str):
        return tuple(listed)
    folder, _, ending = listed.partition("/*")
    names = (file.name for file in resources.files("gongkai").joinpath(folder).iterdir())
    return tuple(sorted(name.removesuffix(ending) for name in names if name.endswith(ending)))


def frame(table: str, rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Turn rows into a DataFrame whose columns have the contract's types even where it is empty.

    Examples
    --------
    >>> frame("failures", []).dtypes["year"]
    Int64Dtype()
    """
    import pandas as pd

    columns = schemas()[table].columns
    listed = list(rows)
    data = list(zip(*listed, strict=True)) if listed else [()] * len(columns)
    return pd.DataFrame(
        {name: pd.Series(list(values), dtype=column.type) for (name, column), values in zip(columns.items(), data, strict=True)}
    )


def arrow_schema(table: str) -> pa.Schema:
    """Return the schema that a table is written to Parquet with.

    Examples
    --------
    >>> arrow_schema("cells").field("value").type
    DataType(double)
    """
    import pyarrow as pa

    kinds = {"str": pa.string(), "Float64": pa.float64(), "Int64": pa.int64(), "bool": pa.bool_()}
    return pa.schema([pa.field(n, kinds[c.type], nullable=not c.required) for n, c in schemas()[table].columns.items()])


def to_pandas(read: pa.Table) -> pd.DataFrame:
    """Turn what was read of a table's file into a DataFrame of the contract's types.

    Examples
    --------
    >>> import pyarrow as pa
    >>> to_pandas(pa.table({"year": pa.array([2019, None])})).dtypes["year"]
    Int64Dtype()
    """
    import pandas as pd
    import pyarrow as pa

    types = {pa.string(): pd.StringDtype(na_value=float("nan")), pa.float64(): pd.Float64Dtype(), pa.int64(): pd.Int64Dtype()}
    found: pd.DataFrame = read.to_pandas(types_mapper=types.get)
    return found


def check(table: str, data: pd.DataFrame) -> None:
    """Hold a table to its schema: its columns and types, nothing required missing, no unknown code, no key twice.

    Raises
    ------
    TableError
        Naming the table, the column, the row and the value that is not as it should be.

    Examples
    --------
    >>> check("failures", frame("failures", []))
    >>> check("failures", frame("failures", [("a.pdf", None, 2019, None, None, "empty", "空")]))
    Traceback (most recent call last):
    ...
    gongkai.core.errors.TableError: failures.error[0]: 应为有值；实为空值；建议：修改写出该表的程序。
    failures.error[0]: expected a value; found nothing; what to do: mend what wrote the table.
    """
    schema = schemas()[table]
    if list(data.columns) != list(schema.columns):
        raise _fault(table, None, ", ".join(schema.columns), ", ".join(map(str, data.columns)))
    for name, column in schema.columns.items():
        _check_column(table, name, column, data[name])
    if schema.key and (twice := _repeats_key(data, schema.key)).any():
        row = int(twice.argmax())
        found = "/".join(str(data[name].iloc[row]) for name in schema.key)
        raise _fault(f"{table}.{'+'.join(schema.key)}", row, both("table.key"), found)


def _check_column(table: str, name: str, column: ColumnSchema, values: pd.Series[Any]) -> None:
    place = f"{table}.{name}"
    if values.dtype.name != column.type:
        raise _fault(place, None, column.type, values.dtype.name)
    missing = values.isna()
    if column.required and missing.any():
        raise _fault(place, int(missing.argmax()), both("table.value"), both("table.nothing"))
    if column.codes and (wrong := ~(missing | values.isin(column.codes))).any():
        row = int(wrong.argmax())
        raise _fault(place, row, ", ".join(column.codes), repr(values.iloc[row]))


def _repeats_key(data: pd.DataFrame, key: Sequence[str]) -> pd.Series[bool]:
    """Mark the rows whose key occurs in an earlier row; values are replaced by integers first, which is many times faster than texts."""
    import pandas as pd

    numbers = pd.Series(0, index=data.index)
    for name in key:
        codes, kinds = pd.factorize(data[name])
        numbers = numbers * (len(kinds) + 1) + codes + 1
    return numbers.duplicated()


def _fault(place: str, row: int | None, expected: str | Words, found: str | Words) -> TableError:
    where = place if row is None else f"{place}[{row}]"
    return TableError.of("table.fault", where, expected=expected, found=found)
