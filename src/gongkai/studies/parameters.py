"""Tables of parameters: one row for each study of a batch, from the counties of a corpus or from a file of a researcher's own."""

from __future__ import annotations

import ast
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gongkai.core.errors import UsageError, of_system
from gongkai.core.tables import decoded
from gongkai.studies.execute import Parameters, declared, literal, mistyped, refuse_unknown, types
from gongkai.studies.pages import ASSETS
from gongkai.studies.resume import sha256
from gongkai.studies.units import County, file_name

NAME = "name"
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?|True|False")


class ParameterRow(NamedTuple):
    """One study that is asked for: its folder, its name, what the notebook is given, and what its bytes depend on besides."""

    folder: str
    name: str
    parameters: Parameters
    inputs: Sequence[Any]
    county: County | None = None


def read_rows(path: Path, notebook: Path, given: Parameters) -> list[ParameterRow]:
    """Read a table of parameters in CSV, one row for each study.

    The column ``name``, else the first, names the studies; each other column is a parameter that the notebook declares. An empty cell
    leaves the notebook's own value. A cell is a number where it is written as one, unless the notebook's own value is text. A file or
    folder that a parameter names is part of what the study is made from.

    Raises
    ------
    UsageError
        If there is no such file or no row in it, a column is unknown to the notebook, a row has too many cells, or two have one name.
    """
    known, kinds = declared(notebook), types(notebook)
    table = _read_csv(path)
    head, lines = table[0], table[1:]
    naming = NAME if NAME in head else head[0]
    unknown = [column for column in head if column not in known and column != NAME]
    if unknown or len(set(head)) < len(head):
        columns = ", ".join([NAME, *sorted(known)])
        raise UsageError.of("studies.table_columns", path, columns=columns, found="、".join(unknown or head))
    if faulty := [str(n) for n, line in enumerate(lines, 2) if len(line) != len(head) or not line[head.index(naming)]]:
        raise UsageError.of("studies.table_lines", path, n=len(head), naming=naming, found=", ".join(faulty[:20]))
    rows = list(_parameter_rows([dict(zip(head, line, strict=True)) for line in lines], naming, known, kinds, given))
    for row in (row for row in rows if mistyped(row.parameters, kinds)):
        refuse_unknown(notebook, row.parameters, f"{path}: {row.name}")
    times = Counter([ASSETS, *(row.folder.casefold() for row in rows)])
    if twice := "、".join(row.name for row in rows if times[row.folder.casefold()] > 1):
        raise UsageError.of("studies.table_names", path, naming=naming, found=twice[:200])
    return rows


def given_values(notebook: Path, texts: Sequence[str]) -> Parameters:
    """Turn ``NAME=VALUE`` of a command line into values of the types of the notebook's own: digits stay text where its own value is text.

    Examples
    --------
    >>> from gongkai.core.files import find_notebook
    >>> given_values(find_notebook("studies/county_study.ipynb"), ["first_year=2019", "division_code=140430", "last_year=abc"])
    {'first_year': 2019, 'division_code': '140430', 'last_year': 'abc'}
    """
    known, kinds = declared(notebook), types(notebook)
    return {name: _typed_value(value, known.get(name, ""), kinds.get(name)) for name, value in map(_name_and_value, texts)}


def _name_and_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name.isidentifier() and equals):
        raise UsageError.of("studies.parameter", "-p", text=text)
    return name, value


def _read_csv(path: Path) -> list[list[str]]:
    """Return the head and the lines of a table, as a spreadsheet or a program may have saved it."""
    try:
        lines = csv.reader(io.StringIO(decoded(path.read_bytes()), newline=""))
    except OSError as error:
        raise of_system(error, "studies.table", path) from error
    table = [[cell.strip() for cell in line] for line in lines if any(cell.strip() for cell in line)]
    if len(table) < 2 or not all(table[0]):
        raise UsageError.of("studies.table_empty", path, found="，".join(table[0]) if table else "—")
    return table


def _parameter_rows(
    lines: Sequence[Mapping[str, str]], naming: str, known: Mapping[str, str], kinds: Mapping[str, type], given: Parameters
) -> Iterator[ParameterRow]:
    hashes: dict[str, str] = {}
    for line in lines:
        cells = {name: _typed_value(text, known[name], kinds.get(name)) for name, text in line.items() if name in known and text}
        values = {**given, **cells}
        for value in values.values():
            if isinstance(value, str) and value not in hashes:
                hashes[value] = _content(value)
        inputs = {name: hashes[value] for name, value in values.items() if isinstance(value, str) and hashes[value]}
        yield ParameterRow(file_name(line[naming]), line[naming], values, [inputs])


def _content(value: str) -> str:
    """Hash the file or folder that a parameter may name; a folder that contains the batch itself is not hashed."""
    try:
        path = Path(value).resolve()
        return sha256(path) if path.exists() and not Path.cwd().is_relative_to(path) else ""
    except (OSError, ValueError):
        return ""


def _typed_value(text: str, default: str, kind: type | None = None) -> str | int | float | None:
    """Turn a cell into a number, unless it begins with 0, as codes do, or the notebook's own value is text.

    ``2019.0`` becomes 2019 where the notebook's own value (``kind``) is an int; ``None`` becomes None where its own value is None.

    Examples
    --------
    >>> [_typed_value(text, "0") for text in ("12", "-0.50", "0571", "True", "沁县")], _typed_value("140430", "'140430'")
    ([12, -0.5, '0571', True, '沁县'], '140430')
    """
    if default == text == "None":
        return None
    if kind is str or isinstance(literal(default), str) or not _NUMBER.fullmatch(text):
        return text
    value: int | float = ast.literal_eval(text)
    return int(value) if kind is int and isinstance(value, float) and value.is_integer() else value
