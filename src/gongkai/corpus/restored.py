"""Rows of a corpus -> the reports that they were made from, without opening a document again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import Status
from gongkai.core.errors import UsageError
from gongkai.core.messages import both
from gongkai.core.model import Check, Contents, Document, Field, Figure, Finding, Form, Group, Identity, Name, Reading, Section, Table
from gongkai.core.report_ids import as_report_id
from gongkai.corpus.held import Held, Record, records
from gongkai.forms import load_form, one_of_each
from gongkai.report import Report

if TYPE_CHECKING:
    import pandas as pd

STATISTICS = "statistics"
_HEADS = ("year", "cumulative")
_TOLD = (
    "year", "authority", "division_code", "scope", "title", "published", "body", "retrieved_at", "unit_id", "located_by", "use",
)  # fmt: skip


def restore(corpus: Held, report_ids: Sequence[str]) -> list[Report]:
    """Return reports as the tables of a corpus hold them, in the order asked for.

    What only the document itself tells is not there: its rows, the readings that were weighed, the headings above an indicator list.
    ``Corpus.read`` opens the document for them.
    """
    wanted, known = [as_report_id(report_id) for report_id in report_ids], {*corpus.reports["report_id"]}
    if gone := [report_id for report_id in wanted if report_id not in known]:
        raise UsageError.of("dataset.no_report", corpus.folder, report_id=gone[0])
    parts = {name: _by_report(getattr(corpus, name), wanted) for name in ("reports", "cells", "findings", "sections", "figures", "checks")}
    same = corpus.reports.groupby(["division_code", "body", "year"])["report_id"].transform("size")
    namesakes = {*corpus.reports.loc[same > 1, "report_id"]}
    return [_report({name: part.get(i, ()) for name, part in parts.items()}, i in namesakes) for i in wanted]


def _by_report(table: pd.DataFrame, wanted: Sequence[str]) -> Mapping[str, Sequence[Record]]:
    own = table[table["report_id"].isin(wanted)]
    return {str(i): records(rows) for i, rows in own.groupby("report_id", sort=False)}


def _report(rows: Mapping[str, Sequence[Record]], has_namesakes: bool) -> Report:
    """Make one report of its rows in each table."""
    (about,) = rows["reports"]
    whole = load_form(about["form"])
    form = _edition(whole, rows["cells"])
    fields = {field.key: field for field in (*whole.fields, *form.fields)}
    document = Document(
        PurePosixPath(about["path"].split(";")[0]).name, about["sha256"], about["bytes"], about["format"], about["reader"], ()
    )
    contents = Contents(
        tuple(_checks(rows["checks"], form)), tuple(map(_finding, rows["findings"])), tuple(map(_section, rows["sections"])),
        tuple(map(_figure, rows["figures"])),
    )  # fmt: skip
    readings = tuple(
        Reading(fields[r["table"], r["item"], r["measure"]], r["value"], r["status"], r["printed"], r["where"], r["label"], r["deduced"])
        for r in rows["cells"]
    )
    told: dict[str, Any] = {name: about[name] for name in _TOLD}
    return Report(document, form, readings, contents, source=about["source_url"], has_namesakes=has_namesakes, **told)


def _section(row: Record) -> Section:
    return Section(row["number"] or "", row["title"] or "", row["text"] or "", 1, row["where"] or "")


def _figure(row: Record) -> Figure:
    texts = {name: row[name] or "" for name in ("phrase", "unit", "section", "where", "sentence")}
    return Figure(value=row["value"], approximate=row["approximate"], **texts)


def _edition(form: Form, cells: Sequence[Record]) -> Form:
    """Return the form with the rows that the report has, and with the table that an indicator list prints where it has one."""
    there = {(row["table"], row["item"]) for row in cells if row["status"] != Status.ABSENT}
    form, listed = one_of_each(form, lambda table, item: (table, item) in there), [row for row in cells if row["table"] == STATISTICS]
    if not listed:
        return form
    numbers = {item: n for n, item in enumerate(dict.fromkeys(row["item"] for row in listed), 1)}
    labels = {row["item"]: row["label"] or row["item"] for row in listed}
    measures = {code: k for k, code in enumerate(dict.fromkeys(row["measure"] for row in listed), 1)}
    items = {item: Name(item, labels[item], labels[item], f"{n:03d}") for item, n in numbers.items()}
    heads = {code: Name(code, *_head(code), f"m{k}") for code, k in measures.items()}
    fields = tuple(
        Field(STATISTICS, r["item"], r["measure"], r["unit"] or "", False, f"sta_{numbers[r['item']]:03d}_m{measures[r['measure']]}")
        for r in listed
    )
    titles, name = dict(load_form(STATISTICS).sections)[STATISTICS], both("list.table")
    table = Table(STATISTICS, name.zh, name.en, titles, False, items, heads, tuple(_groups(listed)), {})
    return replace(form, tables={**form.tables, STATISTICS: table}, fields=(*form.fields, *fields))


def _head(code: str) -> tuple[str, str]:
    """Name a column of an indicator list: those that all lists have by their word, others as printed."""
    return both(f"list.{code}") if code in _HEADS else (code, code)


def _groups(listed: Sequence[Record]) -> Iterator[Group]:
    """Yield the rows that share their columns, as each list printed them."""
    columns: dict[str, list[str]] = {}
    for row in listed:
        columns.setdefault(row["item"], []).append(row["measure"])
    together: dict[tuple[str, ...], list[str]] = {}
    for item, own in columns.items():
        together.setdefault(tuple(own), []).append(item)
    yield from (Group(tuple(items), own) for own, items in together.items())


def _checks(rows: Sequence[Record], form: Form) -> Iterator[Check]:
    """Yield the identities with their outcome; of a sum that a list spells out the tables hold only whose it is."""
    known = {(i.code, i.left[0].table, i.item, i.measure): i for i in form.identities}
    for row in rows:
        key = (row["code"], row["table"], row["item"], row["measure"])
        own = tuple(f for f in form.fields if (f.table, f.item) == (row["table"], row["item"]))
        yield Check(known.get(key) or Identity(row["code"], own, own, row["item"], row["measure"]), row["left"], row["right"], row["state"])


def _finding(row: Record) -> Finding:
    """Make a finding of its row; its words are those that the corpus holds."""
    told: dict[str, Any] = {name: row[name] for name in ("code", "table", "item", "measure", "expected", "observed", "where")}
    return Finding(**told, words={"said_zh": row["message_zh"], "said_en": row["message"]})
