"""A corpus -> the draft of its manifest: what was read of each document, what its path proposes, and what a person must decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import Aside, Body
from gongkai.core.report_ids import report_id_of
from gongkai.corpus.held import Held, records
from gongkai.corpus.rereading import noted_words
from gongkai.corpus.said import columns
from gongkai.places import body_of, full_name, likely, locate, mentioned

if TYPE_CHECKING:
    import pandas as pd


Row = dict[str, str]
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_BODILESS = (None, Body.GOVERNMENT)


def facts(corpus: Held) -> dict[str, Row]:
    """Return what was read of every document, by its path within the corpus, in the columns that are ``drafted``."""
    by_path: dict[str, Row] = {}
    noted = noted_words(corpus)
    unsettled = _rivals(corpus)
    prose: Any = corpus.sections.groupby("report_id")["text"].agg("\n".join) if len(corpus.sections) else {}
    for report in records(corpus.reports):
        first, *more = report["path"].split("; ")
        words = noted.get(first, {})
        text = str(prose.get(report["report_id"], ""))
        read = {**_read(report, words, first, text), "same_as": "; ".join(unsettled.get(first, ()))}
        by_path[first] = {**read, **_proposed_columns(first), "decide": "; ".join(_open(report, words, first in unsettled))}
        for path in more:
            by_path[path] = {**read, **_proposed_columns(path), "same_as": first}
    for failure in records(corpus.failures):
        by_path[failure["path"]] = _unreadable(failure)
    return {path: {name: by_path[path].get(name, "") for name in columns("drafted")} for path in sorted(by_path)}


def unplaced(corpus: Held, everything: bool = False) -> pd.DataFrame:
    """Return the documents of which a person must decide something, or all, as ``gongkai manifest`` drafts them; texts throughout."""
    import pandas as pd

    noted = noted_words(corpus)
    person = {path: {name: str(words.get(name, "")) for name in columns("person")[1:]} for path, words in noted.items()}
    rows = [{"path": path, **person.get(path, {}), **row} for path, row in facts(corpus).items() if everything or row["decide"]]
    return pd.DataFrame(rows, columns=[*columns("person"), *columns("drafted")]).fillna("").astype("str")


def proposed(path: str) -> tuple[str | None, int | None]:
    """Return the division and the year that folders and the file's name propose; neither is ever taken as a fact.

    Examples
    --------
    >>> proposed("福建省/平潭/2019年.html"), proposed("平潭-2020.txt"), proposed("新建文件夹/1.pdf")
    (('350128', 2019), ('350128', 2020), (None, None))
    """
    parts = PurePath(path).with_suffix("").parts
    code = locate(parts[-1], path=PurePath(path)).code
    if code is None:
        near = likely([re.sub(r"[\W\d_]+", "", parts[-1])], locate(None, path=PurePath(path)).code)
        code = near[0] if len(near) == 1 else None
    named = ({*_YEAR.findall(part)} for part in reversed(parts))
    return code, next((int(min(years)) for years in named if len(years) == 1), None)


def _read(report: Mapping[str, Any], words: Mapping[str, Any], path: str, text: str) -> Row:
    """Say what the document itself tells; where the manifest has overruled it, what can still be told without it."""
    authority = None if words.get("authority") else report["authority"]
    place = locate(report["title"], authority, report["source_url"], PurePath(path), None, report["year"])
    code, how = (report["division_code"], report["located_by"]) if not words.get("division_code") else (place.code, place.how)
    year = report["year"] if not words.get("year") or str(words["year"]) in (report["title"] or "") else None
    found = {
        "read_title": report["title"], "read_authority": authority, "read_year": year, "report_id": report["report_id"],
        "read_body": body_of(authority, report["title"]), "read_division_code": code, "read_division": code and full_name(code[:6]),
        "read_by": code and how,
        "read_candidates": "" if code else _candidates(place.candidates, [authority, report["title"]], path, text),
    }  # fmt: skip
    return {name: "" if value is None else str(value) for name, value in found.items()}


def _candidates(ambiguous: Iterable[str], said: Iterable[str | None], path: str, text: str) -> str:
    """List the divisions that a report may be of, each with what speaks for it."""
    from_path = proposed(path)[0]
    found = {"name": (*ambiguous, *likely(said, from_path)), "path": (from_path,) if from_path else (), "text": mentioned(text)}
    first: dict[str, str] = {}
    for how, codes in found.items():
        for code in codes:
            first.setdefault(code, how)
    return "; ".join(f"{code} {full_name(code)} ({how})" for code, how in first.items())


def _open(report: Mapping[str, Any], words: Mapping[str, Any], is_rivalled: bool) -> Iterator[str]:
    """Yield the columns that a person must fill in before the report can stand in a panel."""
    if words.get("use") == "no":
        return
    if not report["division_code"]:
        yield "division_code"
    if report["body"] is None:
        yield "body"
    if report["body"] not in _BODILESS and not report["authority"]:
        yield "authority"
    if not report["year"]:
        yield "year"
    if is_rivalled:
        yield "use"


def _proposed_columns(path: str) -> Row:
    code, year = proposed(path)
    return {"path_division_code": code or "", "path_division": full_name(code) if code else "", "path_year": str(year or "")}


def _unreadable(failure: Mapping[str, Any]) -> Row:
    has_bytes = len(failure["sha256"] or "") == 64
    return {
        **_proposed_columns(failure["path"]), "document": "unreadable", "reason": failure["reason"],
        "report_id": report_id_of(failure["sha256"]) if has_bytes else "",
    }  # fmt: skip


def _rivals(corpus: Held) -> Mapping[str, list[str]]:
    """Return for each document of which none is known to be the later the others, by their paths; of all kinds of bodies."""
    from gongkai.corpus.settling import settle

    aside = settle(corpus.reports, None, "set_aside", corpus.cells_of)[1]
    rows = records(aside[aside["why"] == Aside.DUPLICATE].merge(corpus.reports[["report_id", "authority"]], on="report_id"))
    groups: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        who = row["authority"] if row["body"] not in _BODILESS else None
        groups.setdefault((row["division_code"], row["scope"], row["year"], row["body"], who), []).append(row["path"].split("; ")[0])
    return {path: [other for other in paths if other != path] for paths in groups.values() for path in paths}
