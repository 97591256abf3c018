"""From the key at the end of a citation back to the file, the place of the cell in it, and why it has its value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gongkai.core.errors import ReportError, UsageError
from gongkai.core.messages import both, number_text, place_words, say
from gongkai.core.report_ids import as_report_id

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.corpus.dataset import Corpus

_KEY = re.compile(r"(?:(?P<code>[^/#]+)/(?P<body>[^/#]+)/(?P<year>[^/#]+)|(?P<id>(?i:r?[0-9a-f]+)))#(?P<cell>.+)")
UNKNOWN = "na"
_MOST = 6
_PARTS = {"code": "division_code", "body": "body", "year": "year"}


def trace(corpus: Corpus, key: str, language: str = "zh") -> str:
    """Show file, hash and place of a cell, and explain its value from the document itself.

    Parameters
    ----------
    corpus : Corpus
        Where the key is looked up.
    key : str
        ``140430/government/2019#applications/granted/total``, or ``<report_id>#...``; a citation ends with its key.
    language : {"zh", "en"}
        The language of the text.

    Returns
    -------
    str
        Where the document is gone or has changed, what the corpus holds of the cell, and why there is no more.

    Raises
    ------
    UsageError
        If the key means nothing, no report fits it, or several do; they are named.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> print(trace(read_corpus("data/raw"), "140430/government/2019#applications/granted/total", "en"))
    3.1 Granted · Total: 1
    ...
      file        qinxian-2019.txt (text), SHA-256 ...
    ...
    """
    report_id, cell = traced(corpus, key)
    try:
        return corpus.read(report_id).explain(cell, language)
    except UsageError as error:
        kept = corpus.cells[
            (corpus.cells["report_id"] == report_id) & (corpus.cells[["table", "item", "measure"]].agg("/".join, axis=1) == cell)
        ]
        if kept.empty:
            raise
        return _from_tables(kept.iloc[0], error, language)


def traced(corpus: Corpus, key: str) -> tuple[str, str]:
    """Return which report and which of its cells a key means; raises as :func:`trace` does."""
    found = _KEY.fullmatch(key.strip())
    if not found:
        raise UsageError.of("trace.key", key, key=key)
    return _report_id(corpus, key, found), found["cell"]


def _report_id(corpus: Corpus, key: str, found: re.Match[str]) -> str:
    """Return the one report that a key names."""
    reports = corpus.reports
    fits = near = reports["report_id"] == as_report_id(found["id"])
    if not found["id"]:
        said = {part: _same(reports[column], found[part]) for part, column in _PARTS.items()}
        fits, near = said["code"] & said["body"] & said["year"], reports["report_id"].notna()
        for part, same in said.items():
            near &= same | (found[part] == UNKNOWN)
    if fits.sum() != 1:
        raise _not_one(corpus, key, found, reports[near])
    return str(reports.loc[fits, "report_id"].iloc[0])


def _not_one(corpus: Corpus, key: str, found: re.Match[str], near: pd.DataFrame) -> UsageError:
    """Say what a key lacks, and which reports it may mean."""
    lacking = ", ".join(column for part, column in _PARTS.items() if found[part] == UNKNOWN)
    more = " …" if len(near) > _MOST else ""
    shown = "; ".join(f"{r.report_id}#{found['cell']} ({r.path})" for r in near.head(_MOST).itertuples()) + more or "—"
    one = both("trace.one_lacking", lacking=lacking) if lacking else both("trace.one")
    if near.empty:
        return UsageError.of("trace.none", key, one=one, known=_known(corpus, found["code"]))
    return UsageError.of("trace.several", key, one=one, shown=shown)


def _known(corpus: Corpus, code: str | None) -> str:
    """Say which keys there are, those of the division first."""
    ranked = corpus.reports.sort_values("division_code", key=lambda codes: codes != code, kind="stable")
    named = ranked[[*_PARTS.values()]].notna().all(axis=1)
    keys = ranked[[*_PARTS.values()]].astype("str").fillna("na").agg("/".join, axis=1).where(named, ranked["report_id"])
    return ", ".join(list(dict.fromkeys(keys))[:8]) or "—"


def _same(column: pd.Series, said: str) -> pd.Series:
    """Mark the reports that one part of a key matches; an unknown part (``na``) matches the reports for which the corpus lacks it too."""
    return column.isna() if said == UNKNOWN else column.astype("str") == said


def _from_tables(row: pd.Series, error: ReportError, language: str) -> str:
    value = "—" if row.isna()["value"] else number_text(row["value"])
    told = say(
        "corpus.kept", language, cell="/".join(row[["table", "item", "measure"]]), value=value, printed=row["printed"],
        status=say(f"status.{row['status']}", language), where=place_words(row["where"], language),
    )  # fmt: skip
    return f"{told}\n{error.in_language(language)}"
