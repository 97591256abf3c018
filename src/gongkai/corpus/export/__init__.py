"""Export for other programs: Chinese characters intact, no text of a document run as a formula, the reason of every missing value kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.core.errors import UsageError, refuse_language
from gongkai.core.files import refuse_unwritable, unwritable, whole
from gongkai.core.messages import Words, number_text
from gongkai.core.schema import arrow_schema, check, schemas
from gongkai.corpus.codebook import codebook
from gongkai.corpus.export.excel import SIMULATED, facts_of, simulated_reports, write_workbook
from gongkai.corpus.export.published import Written, companions, published, refuse_others
from gongkai.corpus.export.stata import write_stata

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = {"csv": ".csv", "parquet": ".parquet", "stata": ".dta", "excel": ".xlsx"}
FORMATS = tuple(ENDINGS)
_EXACT: Callable[[Any], str] = number_text
_FORMULA = re.compile(r"[\s\x00]*[=+\-@＝＋－＠\t\r]")
_HARMLESS = re.compile(r"[+\-]?\d[\d.,]*|-+")


def export(source: object, to: str, target: str | Path, language: str = "zh") -> list[Path]:
    """Write all tables of a corpus or a report, with their codebook.

    Parameters
    ----------
    source : Corpus, Report, or mapping of str to DataFrame
        What to write; each table that ``schema.toml`` defines is held to its schema first. Of a corpus the panel too: reports for one
        division, scope and year of which none is known to be the later are not in it, and are listed in ``set_aside``.
    to : {"csv", "parquet", "stata", "excel"}
        The format.
    target : path
        With the format's own ending (``.csv``, ``.parquet``, ``.dta``): the table of cells alone, or the only one given. Else a
        folder with a file for each table, and what lets it be published: ``datapackage.json`` (schema, sources, versions, hashes), a
        README in both languages, scripts that load the tables in R and Stata. For Excel one workbook, ``*.xlsx``.
    language : {"zh", "en"}
        The language of the codebook and of Stata's labels.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    UsageError
        If there is nothing to write, there is no such format, a file cannot be written or somebody else's would be overwritten; then no
        file is.
    TableError
        If a table is not as its schema says.

    Examples
    --------
    >>> import tempfile
    >>> from gongkai.core.schema import frame
    >>> [path.name for path in export({"failures": frame("failures", [])}, "parquet", tempfile.mkdtemp())]
    ['failures.parquet', 'codebook.csv', 'datapackage.json', 'README.md', 'load.R']
    """
    refuse_language(language)
    path = refuse_target(to, target)
    if to == "excel":
        return [write_excel(source, path, language)]
    writers: Mapping[str, _Writer] = {"csv": _csv, "parquet": _parquet, "stata": write_stata}
    ending, write = ENDINGS[to], writers[to]
    if path.suffix.lower() == ending:
        return _write_together([(write, *_alone(source), path)], language)
    refuse_others(path, to)
    jobs: list[_Job] = [(write, name, table, path / f"{name}{ending}") for name, table in _checked_tables(source)]
    return _write_together([*jobs, (_csv, "codebook", codebook(language), path / "codebook.csv")], language, to)


def refuse_target(to: str, target: str | Path, option: str = "") -> Path:
    """Refuse an unknown format and a target that cannot be written, before any data are loaded.

    Examples
    --------
    >>> refuse_target("csv", "沁县.csv").name
    '沁县.csv'
    """
    if to not in FORMATS:
        raise UsageError.of("export.format", "export", known=Words("、".join(FORMATS), " or ".join(FORMATS)), to=to)
    path = Path(target)
    if to == "excel" and path.suffix.lower() != ".xlsx":
        raise UsageError.of("export.not_xlsx", path, name=path.name)
    return refuse_unwritable(path, is_folder=path.suffix.lower() != ENDINGS[to], option=option)


def write_csv(source: object, target: str | Path, language: str = "zh") -> list[Path]:
    """Write CSV that Excel opens in Chinese: :func:`export` to ``csv``.

    Text that a spreadsheet would run as a formula has an apostrophe before it; numbers are written as they are.
    """
    return export(source, "csv", target, language)


def write_frame(table: pd.DataFrame, path: str | Path) -> Path:
    """Write any one table as CSV that Excel opens in Chinese."""
    refuse_unwritable(path)
    return _write_together([(_csv, "", table, Path(path))], "zh")[0]


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
    path = refuse_target("excel", target)
    tables = [*_checked_tables(source), ("codebook", codebook(language))]
    facts = facts_of(source, tables, language)
    return _write_together([(lambda _name, _table, to, _: write_workbook(to, tables, facts, language), "", tables[0][1], path)], language)[
        0
    ]


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula; one apostrophe less gives the text back.

    Examples
    --------
    >>> [harmless(t) for t in ("=1+1", "-16", "—", "+cmd|x", "--", "沁县", "'=x")]
    ["'=1+1", '-16', '—', "'+cmd|x", '--', '沁县', "''=x"]
    """
    bare = text.lstrip("'")
    return f"'{text}" if _FORMULA.match(bare) and not _HARMLESS.fullmatch(bare) else text


def _checked_tables(source: object) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield every table of a source by name, held to its schema where it has one; where reports are simulated, its rows say which are."""
    invented = simulated_reports(source)
    named = source.items() if isinstance(source, Mapping) else _tables_of(source)
    for name, table in named:
        if not hasattr(table, "dtypes"):
            raise _no_source(table)
        if name in schemas():
            check(name, table)
        yield name, _with_simulated(table if table.index.names == [None] else table.reset_index(), invented)


def _with_simulated(table: pd.DataFrame, invented: Collection[str]) -> pd.DataFrame:
    """Add the column ``simulated`` to a table that may be passed on by itself, where one of the reports is."""
    if not invented or "report_id" not in table or SIMULATED in table:
        return table
    return table.assign(**{SIMULATED: table["report_id"].isin(invented)})


def _tables_of(source: object) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables of a report or a corpus; of the latter the panel too, without reports of which none is known to be the later."""
    if hasattr(source, "dtypes") or not hasattr(source, "cells"):
        raise _no_source(source)
    yield from ((name, getattr(source, name)) for name in schemas() if hasattr(source, name))
    if hasattr(source, "panel"):
        yield "panel", source.panel(duplicates="set_aside")


def _alone(source: object) -> tuple[str, pd.DataFrame]:
    """Return the table that is written where a target is one file: the only one there is, else that of the cells."""
    given = source if isinstance(source, Mapping) else {"cells": getattr(source, "cells", None)}
    only = given if len(given) == 1 else {"cells": given.get("cells")}
    name, table = next(iter(_checked_tables(only)))
    return name, _with_simulated(table, simulated_reports(source))


def _no_source(source: object) -> UsageError:
    return UsageError.of("export.source", "export", kind=type(source).__name__)


_Writer = Callable[[str, "pd.DataFrame", Path, str], object]
_Job = tuple[_Writer, str, "pd.DataFrame", Path]


def _write_together(jobs: Sequence[_Job], language: str, to: str | None = None) -> list[Path]:
    """Write all files to temporary names and rename them together at the end; errors name the target that the user gave.

    With the format that a folder of tables has, also what lets it be published stands beside them.
    """
    path = jobs[0][-1]
    written: list[Written] = []
    beside = [path.parent / name for name in companions(to)] if to else []
    try:
        with ExitStack() as all_whole:
            for write, name, table, path in jobs:
                written.append(Written(name, table, path.name, all_whole.enter_context(whole(path))))
                write(name, table, written[-1].scratch, language)
            contents = published(written, to) if to else {}
            for path in beside:
                all_whole.enter_context(whole(path)).write_text(contents[path.name], encoding="utf-8", newline="\n")
    except OSError as error:
        raise unwritable(path, error) from error
    return [*(path for *_, path in jobs), *beside]


def _csv(_name: str, table: pd.DataFrame, path: Path, _language: str) -> None:
    safe = table.assign(**{str(name): _harmless_all(table[name]) for name, kind in table.dtypes.items() if kind == "str"})
    safe.to_csv(path, index=False, float_format=_EXACT, encoding="utf-8-sig", lineterminator="\r\n")


def _harmless_all(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Make the texts of a column harmless; texts without a special character are skipped, so that millions take a second."""
    risky = texts.str.contains("[=+\\-@＝＋－＠\t\r]", na=False)
    return texts.mask(risky, texts[risky].map(harmless))


def _parquet(name: str, table: pd.DataFrame, path: Path, _language: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(name) if name in schemas() else None
    if schema is not None and SIMULATED in table and SIMULATED not in schema.names:
        schema = schema.append(pa.field(SIMULATED, pa.bool_(), nullable=False))
    pq.write_table(pa.Table.from_pandas(table, schema=schema, preserve_index=False), path)
