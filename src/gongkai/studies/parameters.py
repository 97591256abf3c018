"""Tables of parameters: one row for each study of a batch, from the counties of a corpus or from a file of a researcher's own."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gongkai.core.errors import UsageError, of_system
from gongkai.core.tables import decoded
from gongkai.studies.execute import declared, refuse_unknown, refused_values, types
from gongkai.studies.pages import ASSETS
from gongkai.studies.resume import sha256
from gongkai.studies.units import County, file_name
from gongkai.studies.values import Kind, Parameters, as_columns, grouped, mistyped, value_of

NAME = "name"


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
    leaves the notebook's own value. A cell is read as what its parameter is (see :mod:`gongkai.studies.values`); where the notebook
    gives no type, as a number where the whole column is written as numbers. A file or folder that a parameter names is part of what the
    study is made from.

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
    for line in lines:
        own = {name: text for name, text in zip(head, line, strict=True)}
        _refuse_grouped(own, known, kinds, f"{path}: {line[head.index(naming)]}")
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
    asked = dict(map(_name_and_value, texts))
    _refuse_grouped(asked, known, kinds, notebook.name)
    return {name: value_of(text, known.get(name, ""), kinds.get(name)) for name, text in asked.items()}


def _refuse_grouped(texts: Mapping[str, str], known: Mapping[str, str], kinds: Mapping[str, Kind], where: str) -> None:
    """Refuse 1,000 for a parameter without a type: as a text it would run, and be something else than was meant."""
    if wrong := {name: text for name, text in texts.items() if name in known and grouped(text, kinds.get(name))}:
        raise refused_values(wrong, known, kinds, where)


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
    lines: Sequence[Mapping[str, str]], naming: str, known: Mapping[str, str], kinds: Mapping[str, Kind], given: Parameters
) -> Iterator[ParameterRow]:
    hashes: dict[str, str] = {}
    read_as = as_columns({name: [line[name] for line in lines] for name in lines[0]}, kinds)
    for line in lines:
        cells = {name: value_of(text, known[name], read_as[name]) for name, text in line.items() if name in known and text}
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
