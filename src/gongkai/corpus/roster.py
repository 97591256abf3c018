"""A list of who should have published, and a corpus -> what is there on a day: in time, late, replaced, unreadable, missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import Body
from gongkai.core.data import packaged
from gongkai.core.deadlines import deadline
from gongkai.core.errors import UsageError
from gongkai.corpus.fetch.outcomes import Key, key_of
from gongkai.corpus.held import Held, Record, records
from gongkai.corpus.said import as_code
from gongkai.corpus.units import Unit, bare_name
from gongkai.places import full_name, unit_id

if TYPE_CHECKING:
    import pandas as pd

SHEET = "roster"
IN_TIME, LATE, THERE, MISSING, NOT_YET, UNREADABLE, UNCLEAR = STATES = (
    "in_time", "late", "there", "missing", "not_yet", "unreadable", "unclear",
)  # fmt: skip
_UNUSED, _LEAST = "no", 2
_Key = tuple[str, int]
_Held = Mapping[_Key, Sequence[Record]]


def roster(corpus: Held, units: Sequence[Unit], on: date | str | None, lost: Mapping[Key, str] | None = None) -> pd.DataFrame:
    """Say of each report that should be there what is there on a day, as ``Corpus.roster`` says; ``lost`` is what was not to be fetched."""
    import pandas as pd

    day = _day(on)
    by_year = _by_year(r for r in records(corpus.reports) if r["use"] != _UNUSED)
    unread = _by_year(records(corpus.failures))
    owners: dict[_Key, list[Unit]] = defaultdict(list)
    for unit in units:
        owners[_key(unit.division_code, unit.year)].append(unit)
    taken = {id(unit): _own(unit, by_year) for unit in units}
    used = {r["report_id"] for own in taken.values() for r in own}
    rows = []
    for unit in units:
        key = _key(unit.division_code, unit.year)
        bare = [other for other in owners[key] if not taken[id(other)]]
        loose = [r for at in (key, (key[0], 0)) for r in by_year.get(at, ()) if r["report_id"] not in used]
        rows.append(_row(unit, taken[id(unit)], _alike(unit, loose), _unread_of(unit, unread, bare), day))
    for unit, row in zip(units, rows, strict=True):
        if not row["outcome"] and not row["documents"]:
            row["outcome"] = (lost or {}).get(key_of(unit.division_code, unit.year, unit.body, unit.authority))
    found = pd.DataFrame(rows, columns=list(columns()))
    whole = {"year": "Int64", "days_late": "Int64"}
    return found.astype({name: whole.get(name, "str") for name in columns()})


def _day(asked: date | str | None) -> str:
    """Return the day that is asked for as ISO writes it; today where none is."""
    if asked is None or isinstance(asked, date):
        return (asked or date.today()).isoformat()[:10]
    said = as_code("retrieved_at", asked.strip())
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError as error:
        raise UsageError.of("roster.day", "on", day=asked) from error


def columns() -> Mapping[str, Mapping[str, str]]:
    """Return the columns of a roster with their meanings in both languages."""
    held: Mapping[str, Mapping[str, str]] = packaged(__package__, "roster.toml")["columns"]
    return held


def undetermined(corpus: Held) -> int:
    """Count the documents of which nobody knows the division, or whose bytes cannot be read and whose division or year is unknown."""
    reports, failures = corpus.reports, corpus.failures
    return int(reports["division_code"].isna().sum() + (failures["division_code"].isna() | failures["year"].isna()).sum())


def _key(code: str, year: int | None) -> _Key:
    return unit_id(code[:6]), year or 0


def _by_year(rows: Iterable[Record]) -> _Held:
    """Gather rows by the unit of their county and the year; those without a year under 0."""
    held: dict[_Key, list[Record]] = defaultdict(list)
    for row in rows:
        if row["division_code"]:
            held[_key(row["division_code"], row["year"])].append(row)
    return held


def _own(unit: Unit, by_year: _Held) -> list[Record]:
    """Return the reports of one unit and year: a government's by its division, others by name too."""
    near = [r for r in by_year.get(_key(unit.division_code, unit.year), ()) if r["body"] == unit.body]
    if unit.body == Body.GOVERNMENT:
        return [r for r in near if unit_id(r["division_code"]) == unit_id(unit.division_code)]
    name = bare_name(unit.authority, unit.division_code)
    return [r for r in near if bare_name(r["authority"] or "", r["division_code"]) == name]


def _alike(unit: Unit, loose: Sequence[Record]) -> list[str]:
    """Return the documents of no other row that may be this unit's: of an unknown body or year, or with a name that holds its own."""
    return [r["path"] for r in loose if r["year"] in (None, unit.year) and _may_be(unit, r)]


def _may_be(unit: Unit, report: Record) -> bool:
    if unit.body == Body.GOVERNMENT or report["body"] is None:
        return report["body"] in (None, unit.body)
    own, other = bare_name(unit.authority, unit.division_code), bare_name(report["authority"] or "", report["division_code"])
    return report["body"] == unit.body and (not other or (min(len(own), len(other)) >= _LEAST and (own in other or other in own)))


def _unread_of(unit: Unit, unread: _Held, bare: Sequence[Unit]) -> tuple[list[str], bool]:
    """Return the unreadable files that may be a unit's, and whether they can be no other's.

    They can be no other's if its name stands in the path, or nobody else of the place and year is missing.
    """
    paths = [f["path"] for f in unread.get(_key(unit.division_code, unit.year), ())]
    named = {path: [other for other in bare if _names(other, path)] for path in paths}
    own = [path for path in paths if unit in named[path]]
    if own:
        return own, True
    free = [path for path in paths if not named[path]]
    return free, len(bare) == 1


def _names(unit: Unit, path: str) -> bool:
    return unit.body != Body.GOVERNMENT and bare_name(unit.authority, unit.division_code) in path


def _row(unit: Unit, own: Sequence[Record], alike: Sequence[str], unread: tuple[list[str], bool], on: str) -> dict[str, Any]:
    """Say what came of one report that should be there."""
    due = unit.due or deadline(unit.body, unit.year)
    there = [r for r in own if (r["published"] or _fetched(r) or on) <= on]
    after = [r["published"] for r in own if r["published"] and r["published"] > on]
    unsure = [r["path"] for r in own if r not in there and not r["published"]]
    known = {
        "division_code": unit.division_code, "place": full_name(unit.division_code[:6], unit.year), "body": unit.body,
        "authority": unit.authority or None, "year": unit.year, "due": due, "outcome": unit.outcome or None,
        "published_after": min(after, default=None), "documents": "; ".join(r["path"] for r in there) or None,
    }  # fmt: skip
    if there:
        return known | _timed(there, due)
    paths, is_certain = unread
    maybe = [*unsure, *alike, *paths]
    state = UNREADABLE if paths and is_certain and not (unsure or alike) else UNCLEAR if maybe else MISSING
    if state == MISSING and (due is None or on <= due):
        state = MISSING if due is None else NOT_YET
    return known | {"state": state, "days_late": _days(due, on) if state == MISSING else None, "may_be": "; ".join(maybe) or None}


def _timed(there: Sequence[Record], due: str | None) -> dict[str, Any]:
    """Say of reports that are there whether the first of them came in time, and when it was replaced."""
    dates = [r["published"] for r in there if r["published"]]
    first = min(dates) if len(dates) == len(there) else None
    soonest = min([*dates, *(day for r in there if (day := _fetched(r)))], default=None)
    state = THERE if due is None else IN_TIME if soonest and soonest <= due else LATE if first else THERE
    return {
        "state": state,
        "days_late": {IN_TIME: 0, LATE: _days(due, first)}.get(state),
        "published": min(dates, default=None),
        "replaced_on": _replaced_on(there),
    }


def _replaced_on(there: Sequence[Record]) -> str | None:
    """Return the day of the latest version where a scope has versions of several days."""
    days: dict[str | None, set[str]] = defaultdict(set)
    for report in there:
        days[report["scope"]] |= {report["published"]} - {None}
    return max((max(own) for own in days.values() if len(own) > 1), default=None)


def _fetched(report: Record) -> str | None:
    """Return the day on which a document was fetched: by then it was there."""
    return report["retrieved_at"][:10] if report["retrieved_at"] else None


def _days(due: str | None, day: str | None) -> int | None:
    """Return by how many days a day is after the deadline."""
    return max((date.fromisoformat(day) - date.fromisoformat(due)).days, 0) if due and day else None
