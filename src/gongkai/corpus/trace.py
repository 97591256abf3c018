"""The way back: from the key of a cell, as a citation gives it, to the file, the place in it, and why the value is what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gongkai.core.errors import ReportError, UsageError
from gongkai.core.messages import place_words, say

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.corpus.dataset import Corpus

_KEY = re.compile(r"(?:(?P<code>[^/#]+)/(?P<body>[^/#]+)/(?P<year>[^/#]+)|(?P<id>[0-9a-f]{12}))#(?P<cell>.+)")
UNKNOWN = "na"


def trace(corpus: Corpus, key: str, language: str = "zh") -> str:
    """Show file, hash and place of a cell, and explain its value from the document itself.

    Parameters
    ----------
    corpus : Corpus
        Where the key is looked up.
    key : str
        ``140430/government/2019#applications/granted/total``, with ``na`` for what is not known; or ``<report_id>#...``.
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
    found = _KEY.fullmatch(key.strip())
    if not found:
        raise UsageError(key, _FORM, (key, key), ("键见引用文字末尾", "a citation ends with its key"))
    report_id, cell = _report_id(corpus, key, found), found["cell"]
    try:
        return corpus.read(report_id).explain(cell, language)
    except UsageError as error:
        kept = corpus.cells[
            (corpus.cells["report_id"] == report_id) & (corpus.cells[["table", "item", "measure"]].agg("/".join, axis=1) == cell)
        ]
        if kept.empty:
            raise
        return _from_tables(kept.iloc[0], error, language)


_FORM = (
    "“代码/机关类别/年度#表/行/列”或“报告编号#表/行/列”",
    "code/body/year#table/item/measure or report_id#table/item/measure",
)


def _report_id(corpus: Corpus, key: str, found: re.Match[str]) -> str:
    """Return the one report that a key names."""
    reports = corpus.select(division_code=None if found["code"] in (None, UNKNOWN) else found["code"]).reports
    if found["id"]:
        fits = reports[reports["report_id"] == found["id"]]
    else:
        same = [_same(reports[column], found[name]) for column, name in (("division_code", "code"), ("body", "body"), ("year", "year"))]
        fits = reports[same[0] & same[1] & same[2]]
    if len(fits) != 1:
        shown = "; ".join(f"{r.report_id}#… ({r.path})" for r in fits.itertuples()) or "—"
        raise UsageError(
            key, ("恰好一份报告", "exactly one report"), (shown, shown),
            ("有几份时用报告编号作键", "where there are several, use the report's id as key"),
        )  # fmt: skip
    return str(fits["report_id"].iloc[0])


def _same(column: pd.Series, said: str) -> pd.Series:
    return column.isna() if said == UNKNOWN else column.astype("str") == said


def _from_tables(row: pd.Series, error: ReportError, language: str) -> str:
    value = "—" if row.isna()["value"] else f"{row['value']:g}"
    told = say(
        "corpus.kept", language, cell="/".join(row[["table", "item", "measure"]]), value=value, printed=row["printed"],
        status=say(f"status.{row['status']}", language), where=place_words(row["where"], language),
    )  # fmt: skip
    return f"{told}\n{error.in_language(language)}"
