"""The tables of a small corpus made by hand: every status, both editions, missing values of every type, hostile texts."""

from __future__ import annotations

import pandas as pd
from by_hand import FORM, HOSTILE, with_text

from gongkai.core.schema import frame
from gongkai.report import STATUSES

HOSTILES = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-1+1", "＝1+1", "'=1", '引"号', "a,b", "行\n行", HOSTILE, "县" * 700, "x" * 3000)


def tables() -> dict[str, pd.DataFrame]:
    source = with_text(*HOSTILES)
    held = {name: getattr(source, name) for name in ("cells", "findings", "sections", "figures", "checks")}
    failures = frame(
        "failures", [("a.pdf", None, 2019, None, "UnreadableSource", "empty", "空文件"), ("b", "1", None, None, "x", "y", "z")]
    )
    return {"reports": reports(source), **held, "failures": failures, "panel": panel(source)}


def reports(source) -> pd.DataFrame:
    counts = source.cells["status"].value_counts()
    known = (
        source.report_id,
        "a.txt",
        source.form,
        source.year,
        source.authority,
        None,
        "140430",
        None,
        None,
        source.title,
        None,
        None,
        None,
    )
    file = (source.document.sha256, 10, "text", "plain", "0.1.0", "2019", "folder", None, False)
    return frame("reports", [(*known, *file, *(int(counts.get(s, 0)) for s in STATUSES))])


def panel(source) -> pd.DataFrame:
    """A row for the report by hand, and one for a year in which nothing of it is known."""
    keys = {
        "division_code": ["140430"] * 2,
        "scope": pd.Series(["organ", None], dtype="str"),
        "year": pd.Series([2019, 2020], dtype="Int64"),
    }
    cells = {}
    for field, value, status in zip(FORM.fields, source.cells["value"], source.cells["status"], strict=True):
        cells[field.short] = pd.Series([value, pd.NA], dtype="Float64")
        cells[f"{field.short}_status"] = pd.Series([status, None], dtype="str")
    return pd.DataFrame({**keys, **cells})
