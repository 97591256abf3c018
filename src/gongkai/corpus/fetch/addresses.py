"""A list of addresses, as a person keeps it -> what is to be fetched, with what is known of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urldefrag

from gongkai.core.data import packaged
from gongkai.core.errors import UsageError
from gongkai.core.messages import Words, both, joined
from gongkai.core.tables import columns_of, rows_of
from gongkai.core.text import squeeze
from gongkai.corpus.said import as_code, faults

FACTS = ("division_code", "body", "authority", "year")
_MOST_TOLD = 20


class Address(NamedTuple):
    """One address of the list, and what its collector knows of the report there; empty where nothing is said."""

    url: str
    facts: Mapping[str, str]


def read_addresses(path: str | Path) -> list[Address]:
    """Read a list of addresses, each once.

    Parameters
    ----------
    path : path
        CSV (UTF-8, UTF-16 or GBK) or ``*.xlsx``: ``source_url``, and where known ``division_code`` (or a name that one division bears),
        ``year``, ``body``, ``authority``, or their Chinese headings, as in a roster; other columns are left alone.

    Raises
    ------
    UsageError
        If it cannot be read, has no column of addresses, or a line says of a report what cannot be meant: all such lines are named. An
        address that cannot be followed is no such fault: it will be a failure of its own.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "清单.csv")
    >>> _ = path.write_bytes("网址,区划,年度\\r\\nhttp://www.qinxian.gov.cn/1.html,沁县,2019\\r\\n".encode("gb18030"))
    >>> read_addresses(path)[0].facts["division_code"]
    '140430'
    """
    path = Path(path)
    columns = columns_of(path)
    heads = {name: column for column in reversed(columns) if (name := _heads().get(squeeze(column).lower()))}
    if "source_url" not in heads:
        raise UsageError.of("fetch.columns", path, found="、".join(columns) or "—")
    found: dict[str, Mapping[str, str]] = {}
    told: list[Words] = []
    for number, row in rows_of(path):
        url = whole(row.get(heads["source_url"], ""))
        facts = {name: as_code(name, row.get(heads[name], "").strip()) for name in FACTS if name in heads}
        told += _faults(number, url, facts, found)
        found[url] = facts
    if told:
        raise UsageError.of("fetch.faults", path, faults=joined(told[:_MOST_TOLD]))
    if not found:
        raise UsageError.of("fetch.nothing", path)
    return [Address(url, facts) for url, facts in found.items()]


def whole(url: str) -> str:
    """Return an address without the part that is the browser's own.

    Examples
    --------
    >>> whole(" http://www.qinxian.gov.cn/1.html#top ")
    'http://www.qinxian.gov.cn/1.html'
    """
    try:
        return urldefrag(url.strip())[0]
    except ValueError:  # such as http://[: it will be refused when it is to be followed
        return url.strip()


def _faults(number: int, url: str, facts: Mapping[str, str], before: Mapping[str, Mapping[str, str]]) -> Iterator[Words]:
    """Say, in both languages, what of one line cannot be meant."""
    yield from faults(number, facts)
    if not url:
        yield both("fetch.no_address", number=number)
    elif before.get(url, facts) != facts:
        yield both("fetch.twice", number=number, url=url)


@cache
def _heads() -> Mapping[str, str]:
    return {squeeze(word).lower(): name for name, words in packaged("gongkai.corpus", "roster.toml")["heads"].items() for word in words}
