"""What ``gongkai fetch`` did not get -> outcomes of the roster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from gongkai.core.codes import Body
from gongkai.core.tables import rows_of
from gongkai.corpus.fetch.ledger import FAILED, LEDGER
from gongkai.corpus.units import bare_name
from gongkai.places import unit_id

Key = tuple[str, int, str, str]


def unfetched(folders: Iterable[Path]) -> Mapping[Key, str]:
    """Return why nothing was got at the last visit, by unit, year, body and bare name (of a government none).

    Examples
    --------
    >>> unfetched([Path("data/raw")])
    {}
    """
    last = {row["source_url"]: row for folder in folders if (folder / LEDGER).is_file() for _, row in rows_of(folder / LEDGER)}
    failed = [row for row in last.values() if row["outcome"] == FAILED and row["division_code"] and row["year"].isdecimal()]
    found: dict[Key, str] = {}
    for row in failed:
        key = key_of(row["division_code"], int(row["year"]), row["body"] or Body.GOVERNMENT, row["authority"])
        found.setdefault(key, f"not_fetched: {row['why']} {row['status']}".strip())
    return found


def key_of(code: str, year: int, body: str, authority: str) -> Key:
    """Return by what an address and a row of a roster are known to mean one report."""
    return unit_id(code), year, body, bare_name(authority, code) if body != Body.GOVERNMENT else ""
