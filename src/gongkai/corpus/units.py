"""A person's list of who should have published -> its rows; ``frame.csv``, or a sheet of a province's units with Chinese headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gongkai.core.codes import Body
from gongkai.core.data import packaged
from gongkai.core.errors import UsageError
from gongkai.core.messages import Words, both, joined, number_text
from gongkai.core.tables import columns_of, rows_of
from gongkai.core.text import simplified, squeeze
from gongkai.corpus.said import as_code, faults
from gongkai.places import body_of, name_of, parents

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("found", "searched_not_found", "not_searched", "removed", "unreadable")
_DAYS = ("due", "date")
_MOST_TOLD = 20


class Unit(NamedTuple):
    """One report that should be there: whose, of which year, until when; and what a search for it has found."""

    division_code: str
    year: int
    body: str
    authority: str
    due: str
    outcome: str
    date: str

    @property
    def key(self) -> tuple[str, int, str, str]:
        """What no two rows of a list share; a government is known by its division."""
        return (
            self.division_code,
            self.year,
            self.body,
            bare_name(self.authority, self.division_code) if self.body != Body.GOVERNMENT else "",
        )


def read_units(source: str | Path | pd.DataFrame, years: Sequence[int] = ()) -> list[Unit]:
    """Read who should have published, from a file or a table.

    Parameters
    ----------
    source : path or DataFrame
        CSV or ``*.xlsx``: ``division_code`` (or a name that one division bears), ``year``, ``body``, ``authority`` (for departments and
        towns), ``due``, ``outcome``, ``date``, or their Chinese headings. All but the first may be left out; other columns are left alone.
    years : sequence of int
        The years that are asked for; of a list without years each row stands for all of them.

    Raises
    ------
    UsageError
        If it cannot be read; all faulty lines are named.

    Examples
    --------
    >>> import pandas as pd
    >>> [unit[:4] for unit in read_units(pd.DataFrame({"区划代码": ["平潭县"], "单位名称": ["平潭县教育局"]}), [2023])]
    [('350128', 2023, 'department', '平潭县教育局')]
    """
    where, columns, rows = _table(source)
    heads = {name: column for column in columns if (name := _heads().get(squeeze(column).lower()))}
    if "division_code" not in heads or ("year" not in heads and not years):
        raise UsageError.of("frame.columns", where, found="、".join(columns) or "—")
    found: list[Unit] = []
    told: list[Words] = []
    for number, row in rows:
        known = {name: _code(name, str(row.get(column, "")).strip()) for name, column in heads.items()}
        told += _faults(number, known)
        found += [] if told else [_unit(known, year) for year in _years(known, years)]
    times = Counter(unit.key for unit in found)
    told += [both("roster.repeated", key=" ".join(filter(None, map(str, key)))) for key, n in times.items() if n > 1]
    if told:
        raise UsageError.of("frame.faults", where, faults=joined(told[:_MOST_TOLD]))
    return found


def bare_name(authority: str, code: str) -> str:
    """Return the name of an authority without the names of its place, so that 沁县财政局 and 财政局 are one.

    Examples
    --------
    >>> bare_name("山西省长治市沁县财政局", "140430"), bare_name("财政局", "140430"), bare_name("沁县", "140430")
    ('财政局', '财政局', '沁县')
    """
    left = simplified(squeeze(authority))
    six = code[:6]
    for name in [name_of(one) or "" for one in (*parents(six), six)]:
        left = left.removeprefix(name) or left
    return left


def _table(source: str | Path | pd.DataFrame) -> tuple[str | Path, list[str], Iterator[tuple[int, Mapping[str, Any]]]]:
    """Return where a list stands, its columns and its numbered rows."""
    if isinstance(source, (str, Path)):
        return source, columns_of(Path(source)), rows_of(Path(source))
    texts = source.astype(object).where(source.notna(), "").map(lambda v: number_text(v) if isinstance(v, float) else str(v))
    columns = [*map(str, source.columns)]
    rows: list[Mapping[str, Any]] = [dict(zip(columns, row, strict=True)) for row in texts.itertuples(index=False, name=None)]
    return "frame", columns, enumerate(rows, 1)


def _code(name: str, said: str) -> str:
    return as_code("retrieved_at" if name in _DAYS else name, said)


def _faults(number: int, row: Mapping[str, str]) -> Iterator[Words]:
    """Say what of one line cannot be meant."""
    yield from faults(number, {**row, "retrieved_at": ""})
    if not row["division_code"]:
        yield both("roster.nowhere", number=number)
    if "year" in row and not row["year"]:
        yield both("roster.no_year", number=number)
    if row.get("outcome") and row["outcome"] not in OUTCOMES:
        yield both("roster.value", number=number, column="outcome", value=row["outcome"])
    for column in _DAYS:
        if row.get(column) and not _is_day(row[column]):
            yield both("roster.value", number=number, column=column, value=row[column])
    if _body(row) is None:
        yield both("roster.no_body", number=number, value=row.get("authority", ""))
    elif _body(row) != Body.GOVERNMENT and not row.get("authority"):
        yield both("roster.no_name", number=number)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(re.match(r"\d{4}-", text))


def _body(row: Mapping[str, str]) -> str | None:
    """Return the kind of body that is said, or that a name tells; where neither is, it is the division's own government."""
    return row.get("body") or (body_of(row["authority"]) if row.get("authority") else Body.GOVERNMENT)


def _years(row: Mapping[str, str], years: Sequence[int]) -> Sequence[int]:
    if "year" not in row:
        return years
    own = int(row["year"])
    return [own] if not years or own in years else []


def _unit(row: Mapping[str, str], year: int) -> Unit:
    said = {name: row.get(name, "") for name in ("authority", "due", "outcome", "date")}
    return Unit(row["division_code"], year, str(_body(row)), **said)


@cache
def _heads() -> Mapping[str, str]:
    return {squeeze(word).lower(): name for name, words in packaged(__package__, "roster.toml")["heads"].items() for word in words}
