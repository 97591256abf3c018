"""Coverage: which divisions should have published, and whether their report is there, was searched for, or is missing."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.core.codes import Body
from gongkai.core.errors import UsageError
from gongkai.core.tables import decoded

if TYPE_CHECKING:
    import pandas as pd

FRAME = "frame.csv"
OUTCOMES = ("found", "searched_not_found", "not_searched", "removed", "unreadable")
KEY = ["division_code", "year"]


def read_frame(source: str | Path | pd.DataFrame) -> pd.DataFrame:
    """Read the list of who should have published: division_code, year, outcome, date; from a file or as a table.

    Raises
    ------
    UsageError
        If it cannot be read, a column is missing, an outcome is none of those known, or a division and year stand there twice.
    """
    import pandas as pd

    path = "frame" if isinstance(source, pd.DataFrame) else source
    try:
        table = source if isinstance(source, pd.DataFrame) else pd.read_csv(
            StringIO(decoded(Path(source).read_bytes())), dtype="str", keep_default_na=False
        )  # fmt: skip
    except OSError as error:
        raise _faulty(path, error.strerror or type(error).__name__) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _faulty(path, str(error)) from error
    frame = table.astype("str").where(table.notna(), "")
    if not {*KEY, "outcome"} <= {*frame.columns}:
        raise _faulty(path, ", ".join(map(str, frame.columns)))
    wrong = frame[~frame["outcome"].isin(OUTCOMES) | ~frame["year"].str.fullmatch(r"\d{4}") | frame.duplicated(KEY, keep=False)]
    if len(wrong):
        raise _faulty(path, "; ".join(",".join(row) for row in wrong[[*KEY, "outcome"]].head(5).itertuples(index=False)))
    date = frame["date"] if "date" in frame else pd.Series("", frame.index, dtype="str")
    return frame.assign(year=frame["year"].astype("Int64"), date=date.mask(date == ""))[[*KEY, "outcome", "date"]]


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


def _faulty(path: str | Path, found: str) -> UsageError:
    wanted = f"division_code, year, outcome ({', '.join(OUTCOMES)})"
    return UsageError.of("frame.row", path, wanted=wanted, found=found)
