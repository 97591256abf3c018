"""Which report stands in the panel for a body and a year, and why each other document does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import Aside, Body, Status
from gongkai.core.errors import UsageError
from gongkai.core.messages import LANGUAGES, Words, both, say
from gongkai.core.report_ids import report_id_of
from gongkai.core.schema import frame
from gongkai.corpus.held import records

if TYPE_CHECKING:
    import pandas as pd

KEY = ["division_code", "scope", "year"]
# What to do with reports of which none is known to be the later: refuse to make a panel, or leave them out and list them.
DUPLICATES = ("refuse", "set_aside")
# The cells of the reports with these ids.
CellsOf = Callable[[Sequence[str]], "pd.DataFrame"]
_CELL = ["table", "item", "measure"]
# Hexadecimal digits of a SHA-256; what could not be opened has none.
_WHOLE = 64
_USED, _UNUSED = "yes", "no"


def settle(
    reports: pd.DataFrame, body: str | None, duplicates: str = DUPLICATES[0], cells_of: CellsOf | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose one report for each body and year, and list those set aside, each with its reason.

    A government is known by its division; a department or a town by its division and its name. Of several reports that one
    is taken which the manifest says to use; else the one published last; of those that one address gave, the last; else, where every
    number that the others have stands in one of them too, that one.

    Raises
    ------
    UsageError
        If two reports stand for one key, nothing of this settles it, and ``duplicates`` is not ``set_aside``.
    """
    import pandas as pd

    why = pd.Series(pd.NA, reports.index, dtype="object")
    instead = pd.Series(pd.NA, reports.index, dtype="object")
    for reason, holds in _reasons(reports, body):
        why = why.mask(why.isna() & holds, reason)
    for reason, replaced in _replacements(reports[why.isna()], cells_of):
        why = why.mask(why.isna() & replaced.notna().reindex(reports.index, fill_value=False), reason)
        instead = instead.fillna(replaced.reindex(reports.index))
    twice = _own_key(reports[why.isna()]).duplicated(keep=False)
    if twice.any() and duplicates == DUPLICATES[0]:
        raise _unsettled(reports[why.isna()][twice])
    why = why.mask(twice.reindex(reports.index, fill_value=False), Aside.DUPLICATE)
    aside = reports[why.notna()].assign(why=why[why.notna()], instead=instead[why.notna()])
    return reports[why.isna()], _set_aside_table(aside)


def older_versions(reports: pd.DataFrame, cells_of: CellsOf) -> pd.Series[bool]:
    """Say which reports are not to be used, or give way to another for the same body, scope and year, as in :func:`settle`."""
    unused: pd.Series[bool] = reports["use"] == _UNUSED
    for _, replaced in _replacements(reports[~unused], cells_of):
        unused |= replaced.notna().reindex(reports.index, fill_value=False)
    return unused


def others(reports: pd.DataFrame, failures: pd.DataFrame) -> pd.DataFrame:
    """List the documents that are no report of their own: those that could not be read, and further files with a report's bytes."""
    rows: list[tuple[Any, ...]] = [
        (report_id_of(f["sha256"]) if len(f["sha256"] or "") == _WHOLE else None, f["path"], f["division_code"], None, f["year"], None,
         Aside.UNREAD, None)
        for f in records(failures)
    ]  # fmt: skip
    for r in records(reports[reports["path"].str.contains("; ", regex=False)]):
        first, *more = r["path"].split("; ")
        rows += [(r["report_id"], path, *(r[name] for name in (*KEY, "body")), Aside.SAME_FILE, first) for path in more]
    return frame("set_aside", [(*row[:7], *_words(row[6]), row[7]) for row in rows])


def set_aside_words(aside: Sequence[Mapping[str, Any]], n: int) -> Words:
    """Say in both languages how many of n reports are not in the panel, by reason."""
    counts = Counter(row["why"] for row in aside)
    told = {
        language: say("corpus.comma", language).join(
            say("corpus.counted", language, why=say(f"why.{why}", language), n=times) for why, times in counts.most_common()
        )
        for language in LANGUAGES
    }
    return both("corpus.set_aside", n=n, aside=len(aside), counts=Words(**told))


def _reasons(reports: pd.DataFrame, body: str | None) -> list[tuple[Aside, pd.Series[bool]]]:
    """Return why a report stands aside whatever others there are, the reason that outranks the others first."""
    known = reports["body"]
    return [
        (Aside.NOT_USED, reports["use"] == _UNUSED),
        (Aside.OTHER_BODY, known.notna() & (known != body) & (body is not None)),
        (Aside.NO_DIVISION, reports["division_code"].isna()),
        (Aside.NO_YEAR, reports["year"].isna()),
        # The report of a department that does not name itself is not its county's.
        (Aside.NO_BODY, known.isna() & (body is not None)),
        (Aside.NO_AUTHORITY, (known != Body.GOVERNMENT) & reports["authority"].isna() & (body is not None)),
    ]


def _replacements(reports: pd.DataFrame, cells_of: CellsOf | None) -> list[tuple[Aside, pd.Series[Any]]]:
    """Return for each report the path of the one that replaces it, by reason; where none does, NA."""
    known = reports[reports["division_code"].notna() & reports["year"].notna()]
    twice = known[_own_key(known).duplicated(keep=False)]
    used = _by_rank(twice, (twice["use"] == _USED).astype(int))
    left = twice[used.reindex(twice.index).isna()]
    later = _by_rank(left, left["published"].fillna("")).reindex(twice.index)
    left = left[later.reindex(left.index).isna()]
    newer = _newer(left)
    left = left[newer.reindex(left.index).isna()]
    left = left[_own_key(left).duplicated(keep=False)]
    found = [(Aside.NOT_CHOSEN, used), (Aside.SUPERSEDED, later), (Aside.SUPERSEDED, newer)]
    return found + ([(Aside.COPY, _copies(left, cells_of(list(left["report_id"]))))] if cells_of and len(left) else [])


def _newer(reports: pd.DataFrame) -> pd.Series[Any]:
    """Return for each document that was fetched again from its address, and had changed, the path of the last version there."""
    known = reports[reports["source_url"].notna() & reports["retrieved_at"].notna()]
    key = _own_key(known) + "\t" + known["source_url"].astype("str")
    return _by_rank(known, known["retrieved_at"], key)


def _by_rank(reports: pd.DataFrame, rank: pd.Series[Any], key: pd.Series[str] | None = None) -> pd.Series[Any]:
    """Return the path of the highest report of each key for those below it; the key of a series unless another is given."""
    key = _own_key(reports) if key is None else key
    highest = rank.groupby(key).transform("max")
    best = reports["path"].where(rank == highest).groupby(key).transform("first")
    return best.astype("object").where(rank < highest)


def _copies(reports: pd.DataFrame, cells: pd.DataFrame) -> pd.Series[Any]:
    """Return the path of the fuller file for each that is the same report over: all its numbers stand there too, not all of them zero."""
    import pandas as pd

    values = {str(report_id): own.set_index(_CELL)["value"].dropna() for report_id, own in cells.groupby("report_id")}
    printed = cells[cells["status"] == Status.PRINTED]["report_id"].value_counts()
    replaced = pd.Series(pd.NA, reports.index, dtype="object")
    for places in _groups(reports):
        own = reports.loc[places]
        full = own["report_id"].map(lambda report_id: len(values.get(report_id, ())))
        ranked = own.assign(full=full, printed=own["report_id"].map(printed).fillna(0))
        first, *more = ranked.sort_values(["full", "printed", "path"], ascending=[False, False, True]).index
        for at in more:
            less, whole = (values.get(reports["report_id"][n], pd.Series(dtype="Float64")) for n in (at, first))
            if (less != 0).any() and less.index.isin(whole.index).all() and (whole.reindex(less.index) == less).all():
                replaced[at] = reports["path"][first]
    return replaced


def _groups(reports: pd.DataFrame) -> list[Any]:
    """Return the places of the reports that share a key."""
    return [places for places in reports.groupby(_own_key(reports)).groups.values() if len(places) > 1]


def _own_key(reports: pd.DataFrame) -> pd.Series[str]:
    """Return what tells the series of a corpus apart: division, kind of body, for others than governments the name, scope; and the year."""
    body = reports["body"].fillna("")
    who = reports["authority"].fillna(reports["report_id"]).where(body != Body.GOVERNMENT, "").where(body != "", reports["report_id"])
    parts = [reports["division_code"], reports["scope"], body, who, reports["year"].astype("str")]
    return reduce(lambda key, part: key + "\t" + part, (part.astype("str").fillna("") for part in parts))


def _set_aside_table(aside: pd.DataFrame) -> pd.DataFrame:
    """List the reports that stand aside, as their table has them."""
    known = aside[["report_id", "path", *KEY, "body", "why", "instead"]].itertuples(index=False, name=None)
    return frame("set_aside", [(*row[:-1], *_words(row[-2]), row[-1]) for row in known])


def _words(why: str) -> tuple[str, str]:
    return say(f"why.{why}", "en"), say(f"why.{why}", "zh")


def _unsettled(twice: pd.DataFrame) -> UsageError:
    lines = [f"{r.division_code} {r.year}: {r.path}" for r in twice.sort_values([*KEY, "path"]).itertuples()]
    shown = "; ".join(lines[:6]) + (f" … ({len(lines)})" if len(lines) > 6 else "")
    return UsageError.of("panel.unsettled", "panel", shown=shown)
