"""A row is as long as its table says: a cell too many, a cell lost or a row that is not on the form makes no other number of any cell."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring import CONVERTED, Truth, _cells

from gongkai import read_report
from gongkai.core.model import Reading
from gongkai.core.text import is_value

Box = tuple[str, int, int]  # text, rows, columns
Pieces = list[Any]  # paragraphs, and tables of rows of boxes
DOCUMENTS = ("shuyang-2025", "qinxian-2019", "hongze-2024", "pingtan-2020", "pingtan-2021")


@cache
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_converted", CONVERTED / "make.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def document(name: str, blanks: Callable[[], bool] = lambda: False) -> tuple[Pieces, dict[str, Truth]]:
    """Return a published report as paragraphs and tables, some of its cells left empty, and what it prints by the path of the cell."""
    facts = json.loads((CONVERTED / "figures" / f"{name}.json").read_text(encoding="utf-8"))
    facts["rows"] = {row: ["" if blanks() else text for text in texts] for row, texts in facts["rows"].items() if "#" not in row}
    facts["values"] = {path: v for path, v in facts.get("values", {}).items() if facts["rows"][path.rpartition("/")[0]].count("") == 0}
    pieces = [p if isinstance(p, str) else p.rows for p in maker().pieces(facts)]
    return pieces, {"/".join(key): truth for key, truth in _cells(facts).items()}


def spread(rows: Sequence[Sequence[Box]], again: bool = False) -> list[list[str]]:
    """Give each cell of a table its place; what a merged one covers besides is empty, or says the same ``again``."""
    taken: set[tuple[int, int]] = set()
    placed: dict[tuple[int, int], str] = {}
    for r, row in enumerate(rows):
        x = 0
        for text, high, wide in row:
            while (r, x) in taken:
                x += 1
            covered = {(r + i, x + j) for i in range(high) for j in range(wide)}
            taken |= covered
            placed |= dict.fromkeys(covered, text if again else "") | {(r, x): text}
    width = max(x for _, x in taken) + 1
    return [[placed.get((r, x), "") for x in range(width)] for r in range(len(rows))]


def bare(rows: Sequence[Sequence[Box]]) -> list[list[str]]:
    return [[text for text, *_ in row] for row in rows]


def commas(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def filled_up(rows: Sequence[Sequence[str]]) -> str:
    """Fill cells up by counting characters, as inscriptis does."""
    wide = [max(len(row[x]) for row in rows if x < len(row)) for x in range(max(map(len, rows)))]
    return "\n".join("  ".join(text.ljust(wide[x]) for x, text in enumerate(row)) for row in rows)


def copied(gap: str) -> Callable[[Sequence[Sequence[Box]]], str]:
    return lambda rows: f"{gap}\n{gap}".join(f"{gap}\t{gap}".join(row).replace(2 * gap, gap) for row in bare(rows))


Writer = Callable[[Sequence[Sequence[Box]]], str]
# Where short rows are not filled up, a row has as many cells as it has; where they are, a lost cell leaves an empty one at the end.
RAGGED: dict[str, Writer] = {
    "a page": lambda rows: maker().markup(maker().Table(list(rows))),
    "a page without merged cells": lambda rows: maker().markup(maker().Table([[(text, 1, 1) for text, *_ in row] for row in rows])),
    "pipes": lambda rows: "\n".join(f"| {' | '.join(row)} |" for row in bare(rows)),
    "pipes between": lambda rows: "\n".join(" | ".join(row) for row in bare(rows)),
    "tabs": lambda rows: "\n".join("\t".join(row) for row in bare(rows)),
    "copied paragraphs": copied("\n\n"), "copied blocks": copied("\n"),
    "filled up with spaces": lambda rows: filled_up(bare(rows)),
}  # fmt: skip
PADDED: dict[str, Writer] = {
    "a grid of pipes": lambda rows: "\n".join(f"| {' | '.join(row)} |" for row in spread(rows)),
    "a grid of tabs": lambda rows: "\n".join("\t".join(row) for row in spread(rows)),
    "commas, merged cells repeated": lambda rows: commas(spread(rows, again=True)),
}
WRITERS = RAGGED | PADDED


def written(pieces: Pieces, writer: str) -> bytes:
    page = writer.startswith("a page")
    parts = [
        (maker().paragraph(p) if page else p.lstrip("# ")) if isinstance(p, str) else f"{'' if page else chr(10)}{WRITERS[writer](p)}\n"
        for p in pieces
    ]
    return ("<html><body>" + "\n".join(parts) + "</body></html>" if page else "\n".join(parts)).encode()


def read(pieces: Pieces, writer: str) -> dict[str, Reading]:
    return {r.field.path: r for r in read_report(written(pieces, writer)).readings}


def changed(readings: dict[str, Reading], truth: dict[str, Truth]) -> dict[str, tuple[Any, Any]]:
    """Return the cells that were given another value than the printed one."""
    return {p: (truth[p], readings[p].value) for p in truth if readings[p].value not in (None, truth[p][0])}


def rows_of(pieces: Pieces) -> Iterator[list[Box]]:
    """Yield the rows that print numbers."""
    yield from (row for table in pieces if not isinstance(table, str) for row in table if any(is_value(t) for t, *_ in row))


def row_named(pieces: Pieces, label: str) -> list[Box]:
    return next(row for row in rows_of(pieces) if row[0][0] == label)


def first_value(row: Sequence[Box]) -> int:
    return next(i for i, (text, *_) in enumerate(row) if is_value(text))


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_sound_document_is_read_whole_however_its_tables_are_written(name: str, writer: str) -> None:
    pieces, truth = document(name)
    readings = read(pieces, writer)
    assert {p: readings[p].value for p in truth} == {p: value for p, (value, _) in truth.items()}


# In shuyang-2025 the row 行政规范性文件 prints three numbers that no sum guards, and 行政许可 one.
LONG = {
    "an empty cell before": lambda row: row.insert(1, ("", 1, 1)), "an empty cell within": lambda row: row.insert(2, ("", 1, 1)),
    "a number within": lambda row: row.insert(2, ("7", 1, 1)), "a number at the end": lambda row: row.append(("7", 1, 1)),
    "a cell lost": lambda row: row.pop(1), "a cell lost within": lambda row: row.pop(2),
}  # fmt: skip


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("damage", LONG)
def test_a_row_too_long_or_too_short_that_no_sum_guards_has_the_printed_values_or_none(damage: str, writer: str) -> None:
    pieces, truth = document("shuyang-2025")
    LONG[damage](row_named(pieces, "行政规范性文件"))
    readings = read(pieces, writer)
    assert changed(readings, truth) == {}
    assert [p for p in truth if readings[p].value is None and truth[p][0] is not None and "normative_documents" not in p] == []


@pytest.mark.parametrize("writer", WRITERS)
def test_a_number_too_many_beside_the_only_one_leaves_open_which_it_is(writer: str) -> None:
    pieces, truth = document("shuyang-2025")
    row_named(pieces, "行政许可").append(("57", 1, 1))
    readings = read(pieces, writer)
    assert (readings["disclosure/permits/decisions"].value, changed(readings, truth)) == (None, {})


@pytest.mark.parametrize("writer", [w for w in WRITERS if "commas" not in w])
def test_a_space_within_a_number_moves_no_other_into_an_empty_cell(writer: str) -> None:
    pieces, truth = document("shuyang-2025")
    row = row_named(pieces, "行政规范性文件")
    row[1:3] = [("2 0", 1, 1), ("", 1, 1)]
    readings = read(pieces, writer)
    read_as = [(readings[f"disclosure/normative_documents/{m}"].value) for m in ("issued", "repealed", "in_force")]
    assert read_as == [None, None, truth["disclosure/normative_documents/in_force"][0]]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_row_too_long_or_too_short_makes_another_number_of_a_cell(data: st.DataObject) -> None:
    writer = data.draw(st.sampled_from(sorted(WRITERS)))
    empty = data.draw(st.sampled_from((0, 0, 40, 70))) if writer in RAGGED else 0
    pieces, truth = document(data.draw(st.sampled_from(DOCUMENTS)), lambda: data.draw(st.integers(0, 99)) < empty)
    row = data.draw(st.sampled_from(list(rows_of(pieces))))
    at = data.draw(st.integers(first_value(row), len(row) - 1))
    kind = data.draw(st.sampled_from(("blank", "number", "lost", "cut")))
    if kind in ("blank", "number"):
        row.insert(at + data.draw(st.integers(0, 1)), ("" if kind == "blank" else str(data.draw(st.integers(0, 99))), 1, 1))
    else:
        del row[at : at + 1 if kind == "lost" else None]
    assert changed(read(pieces, writer), truth) == {}, (kind, at, row)


FOREIGN = ("行政检查", "罚没收入", "其他主动公开文件", "重点领域信息", "数据开放申请", "依职权更正")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_row_that_is_not_on_the_form_costs_at_most_its_neighbours(data: st.DataObject) -> None:
    writer = data.draw(st.sampled_from(sorted(WRITERS)))
    pieces, truth = document(data.draw(st.sampled_from(DOCUMENTS)))
    before = read(pieces, writer)
    table = data.draw(st.sampled_from([p for p in pieces if not isinstance(p, str)][:2]))
    at = data.draw(st.sampled_from([i for i, row in enumerate(table) if is_value(row[-1][0])]))
    like = table[at]
    n = sum(is_value(t) for t, *_ in like)
    values = [(str(data.draw(st.integers(0, 999))), 1, wide) for _, _, wide in like[-n:]]
    outer = sum(high > 1 for _, high, _ in like[:-n])
    label = (data.draw(st.sampled_from(FOREIGN)), 1, sum(wide for *_, wide in like[outer:-n]))
    beyond = at + 1 < len(table) and len(table[at + 1]) - n == len(like) - n - outer
    for row in table[: at + 1] if outer else table[:at]:
        row[:] = [(t, high + 1 if high > 1 and beyond else high, wide) for t, high, wide in row]
    table.insert(at + 1, [label, *values])
    readings = read(pieces, writer)
    assert changed(readings, truth) == {}, (writer, label, values)
    lost = {tuple(p.split("/")[:2]) for p in truth if readings[p].value is None and before[p].value is not None}
    assert len(lost) <= 2, (writer, label, values, lost)
