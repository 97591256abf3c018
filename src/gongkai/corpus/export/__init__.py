"""Tables as files that other programs open: Chinese intact, no text of a document ever run as a formula, no reason for a gap lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.core.errors import UsageError
from gongkai.core.messages import refuse_language
from gongkai.core.schema import arrow_schema, check, schemas
from gongkai.corpus.codebook import codebook
from gongkai.corpus.export.excel import facts_of, write_workbook
from gongkai.corpus.export.stata import write_stata

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "parquet", "stata", "excel")
_FORMULA = re.compile(r"[\s\x00]*[=+\-@＝＋－＠\t\r]")
_HARMLESS = re.compile(r"[+\-]?\d[\d.,]*|-+")


def export(source: object, to: str, target: str | Path, language: str = "zh") -> list[Path]:
    """Write all tables of a corpus or a report, with their codebook.

    Parameters
    ----------
    source : Corpus, Report, or mapping of str to DataFrame
        What to write; each table that ``schema.toml`` defines is held to its schema first.
    to : {"csv", "parquet", "stata", "excel"}
        The format.
    target : path
        With the format's own ending (``.csv``, ``.parquet``, ``.dta``): the table of cells alone. Else a folder with a file for each
        table; for Excel one workbook, ``*.xlsx``.
    language : {"zh", "en"}
        The language of the codebook and of Stata's labels.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    UsageError
        If there is no such format or the file cannot be written.
    TableError
        If a table is not as its schema says.

    Examples
    --------
    >>> import tempfile
    >>> from gongkai.core.schema import frame
    >>> [path.name for path in export({"failures": frame("failures", [])}, "parquet", tempfile.mkdtemp())]
    ['failures.parquet', 'codebook.csv']
    """
    if to == "excel":
        return [write_excel(source, target, language)]
    writers: Mapping[str, tuple[str, _Writer]] = {"csv": (".csv", _csv), "parquet": (".parquet", _parquet), "stata": (".dta", write_stata)}
    if to not in writers:
        raise UsageError("export", ("、".join(FORMATS), " or ".join(FORMATS)), (to, to), ("改正格式名", "correct the name of the format"))
    refuse_language(language)
    ending, write = writers[to]
    path = Path(target)
    if path.suffix.lower() == ending:
        return [_written(write, "cells", next(t for n, t in _tables(source) if n == "cells"), path, language)]
    made = [_written(write, name, table, path / f"{name}{ending}", language) for name, table in _tables(source)]
    return [*made, _written(_csv, "codebook", codebook(language), path / "codebook.csv", language)]


def write_csv(source: object, target: str | Path, language: str = "zh") -> list[Path]:
    """Write CSV that Excel opens in Chinese: :func:`export` to ``csv``.

    Text that a spreadsheet would run as a formula has an apostrophe before it; numbers are written as they are, to 15 digits.
    """
    return export(source, "csv", target, language)


def write_frame(table: pd.DataFrame, path: str | Path) -> Path:
    """Write any one table as CSV that Excel opens in Chinese."""
    return _written(_csv, "", table, Path(path), "zh")


def write_excel(source: object, target: str | Path, language: str = "zh") -> Path:
    """Write an Excel workbook: what it is and how to read it, a sheet for each table, the codebook.

    Parameters
    ----------
    source : Corpus, Report, or mapping of str to DataFrame
        What to write. A table with more rows than a sheet holds goes on in further sheets.
    target : path
        The workbook, ``*.xlsx``.
    language : {"zh", "en"}
        The language of the first sheet and of the codebook.

    Raises
    ------
    UsageError
        If the file cannot be written or has another ending.
    """
    refuse_language(language)
    path = Path(target)
    if path.suffix.lower() != ".xlsx":
        raise UsageError(
            str(path), ("以 .xlsx 结尾的文件名", "a name ending in .xlsx"), (path.name, path.name), ("改正文件名", "correct the name")
        )
    tables = [*_tables(source), ("codebook", codebook(language))]
    facts = facts_of(source, tables)
    return _written(lambda *_: write_workbook(path, tables, facts, language), "", tables[0][1], path, language)


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula; one apostrophe less gives the text back.

    Examples
    --------
    >>> [harmless(t) for t in ("=1+1", "-16", "—", "+cmd|x", "--", "沁县", "'=x")]
    ["'=1+1", '-16', '—', "'+cmd|x", '--', '沁县', "''=x"]
    """
    bare = text.lstrip("'")
    return f"'{text}" if _FORMULA.match(bare) and not _HARMLESS.fullmatch(bare) else text


def _tables(source: object) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield every table of a source by name, held to its schema where it has one."""
    if isinstance(source, Mapping):
        named = iter(source.items())
    else:
        named = ((name, getattr(source, name)) for name in schemas() if hasattr(source, name))
        named = chain(named, (("panel", source.panel()) for _ in range(1) if hasattr(source, "panel")))
    for name, table in named:
        if name in schemas():
            check(name, table)
        yield name, table if table.index.names == [None] else table.reset_index()


_Writer = Callable[[str, "pd.DataFrame", Path, str], object]


def _written(write: _Writer, name: str, table: pd.DataFrame, path: Path, language: str) -> Path:
    """Write one file, and tell what hinders it as the user knows it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(name, table, path, language)
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def _csv(_name: str, table: pd.DataFrame, path: Path, _language: str) -> None:
    safe = table.assign(**{str(name): _harmless_all(table[name]) for name, kind in table.dtypes.items() if kind == "str"})
    safe.to_csv(path, index=False, float_format="%.15g", encoding="utf-8-sig", lineterminator="\r\n")


def _harmless_all(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Make the texts of a column harmless; only those that hold such a character at all are looked at, millions take a second."""
    risky = texts.str.contains("[=+\\-@＝＋－＠\t\r]", na=False)
    return texts.mask(risky, texts[risky].map(harmless))


def _parquet(name: str, table: pd.DataFrame, path: Path, _language: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(name) if name in schemas() else None
    pq.write_table(pa.Table.from_pandas(table, schema=schema, preserve_index=False), path)


def _unwritable(path: Path, error: Exception) -> UsageError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    advice = ("检查路径和权限；若文件已在 Excel 中打开，请先关闭", "check path and permissions; close the file if it is open in Excel")
    return UsageError(str(path), ("可写入的文件", "a file that can be written"), (reason, reason), advice)
