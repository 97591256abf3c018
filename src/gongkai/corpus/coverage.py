"""Coverage: which divisions should have published, and whether their report is there, was searched for, or is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.core.codes import Body
from gongkai.core.errors import UsageError
from gongkai.corpus.held import Held
from gongkai.corpus.units import Unit, read_units

if TYPE_CHECKING:
    import pandas as pd

FRAMES = ("frame.csv", "frame.xlsx")
KEY = ["division_code", "year"]


def read_frame(source: str | Path | pd.DataFrame) -> pd.DataFrame:
    """Read which governments should have published: division_code, year, outcome, date; from a file or as a table.

    What is not said of an outcome is ``not_searched``; departments and towns are left to the roster.

    Raises
    ------
    UsageError
        If it cannot be read, a column is missing, an outcome is none of those known, or a division and year stand there twice.
    """
    import pandas as pd

    rows = [(u.division_code, u.year, u.outcome or "not_searched", u.date or None) for u in read_units(source) if u.body == Body.GOVERNMENT]
    listed = pd.DataFrame(rows, columns=[*KEY, "outcome", "date"])
    return listed.astype({"division_code": "str", "year": "Int64", "outcome": "str", "date": "str"})


def frame_of(corpus: Held) -> Path | None:
    """Return the list that stands in a folder of the documents, if there is one."""
    return next((folder / name for folder in folders_of(corpus) for name in FRAMES if (folder / name).is_file()), None)


def folders_of(corpus: Held) -> list[Path]:
    """Return the folders of the documents."""
    return [corpus.at(folder) for folder in corpus.record["folders"].values()]


def units_of(corpus: Held, frame: str | Path | pd.DataFrame | None, years: Sequence[int] = ()) -> list[Unit]:
    """Return who should have published, of those divisions and years that are selected.

    Raises
    ------
    UsageError
        If there is no list.
    """
    import pandas as pd

    known = frame if frame is not None else frame_of(corpus)
    if known is None:
        raise UsageError.of("roster.no_frame", corpus.folder)
    units = read_units(known, years)
    rows = pd.DataFrame([(u.division_code, u.year) for u in units], columns=KEY).astype({"division_code": "str", "year": "Int64"})
    return [units[n] for n in corpus.inside(rows).index]


def coverage(reports: pd.DataFrame, failures: pd.DataFrame, frame: pd.DataFrame | None) -> pd.DataFrame:
    """Say of each division and year what there is.

    Parameters
    ----------
    reports, failures : DataFrame
        Tables of a corpus.
    frame : DataFrame or None
        As :func:`read_frame` gives it. Without it nobody has said who should have published, and what is missing is ``not_in_corpus``:
        nothing follows about the authority.

    Returns
    -------
    DataFrame
        division_code, year, ``status``: ``in_corpus``; ``unreadable`` (the file is there); the frame's outcome; ``found_not_in_corpus``
        (somebody found it, and it was not given to the corpus); or ``not_in_corpus``. ``date`` of the search; and ``conflict``: the frame
        says that it was not found, and the corpus has it.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> corpus = read_corpus("data/raw").select(division_code="140430")
    >>> coverage(corpus.reports, corpus.failures, None)[["division_code", "year", "status"]]
      division_code  year     status
    0        140430  2019  in_corpus
    """
    import pandas as pd

    read = reports.loc[reports["body"] == Body.GOVERNMENT, KEY].dropna().drop_duplicates()
    unread = failures[KEY].dropna().drop_duplicates()
    whole = pd.concat([read, unread, _expected(read, frame)]).drop_duplicates().sort_values(KEY, ignore_index=True)
    here, damaged = _among(whole, read), _among(whole, unread)
    listed = frame if frame is not None else pd.DataFrame(columns=[*KEY, "outcome", "date"]).astype("str").astype({"year": "Int64"})
    said = whole.merge(listed, on=KEY, how="left")
    outcome = said["outcome"].replace("found", "found_not_in_corpus")
    status = outcome.fillna("not_in_corpus").mask(damaged, "unreadable").mask(here, "in_corpus")
    conflict = here & outcome.isin(["searched_not_found", "removed"])
    return whole.assign(status=status, date=said["date"], conflict=conflict)


def _expected(read: pd.DataFrame, frame: pd.DataFrame | None) -> pd.DataFrame:
    """Return who is in the frame; without one, every division of the corpus in every year of it."""
    if frame is not None:
        return frame[KEY]
    return read[["division_code"]].drop_duplicates().merge(read[["year"]].drop_duplicates(), how="cross")


def _among(whole: pd.DataFrame, some: pd.DataFrame) -> pd.Series:
    return whole.merge(some.assign(here=True), on=KEY, how="left")["here"].notna()
