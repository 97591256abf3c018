"""Documents changed at random: none crashes or hangs the reading, and no cell silently comes to have another number."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

import mutations
import pytest
from mutations import Mutant
from strategies import EDITIONS, LONG

from gongkai import Report, ReportError, read_report

SLOWEST = 5.0
MAKERS: Mapping[str, Callable[[random.Random], Mutant]] = {
    "structure": lambda chance: mutations.structural(chance, mutations.original(chance)),
    "lines": mutations.textual,
    "bytes": mutations.bytewise,
    "packed": mutations.packed,
}
# How many of each kind, and in how many parts; in the long run thirty times as many.
MANY, PARTS = 25, range(4)


def wrong(mutant: Mutant, report: Report) -> dict[str, tuple[float, str]]:
    """Return the cells that have a number which the document does not print under their label."""
    return {
        path: (reading.value, reading.status)
        for reading in report.readings
        if (path := reading.field.path) in mutant.allowed and reading.value is not None
        if not any(v is not None and abs(v - reading.value) < 1e-6 * max(1, abs(v)) for v in mutant.allowed[path])
    }


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", MAKERS)
def test_no_change_of_a_document_makes_another_number_of_a_cell(kind: str, part: int) -> None:
    many = MANY * (40 if LONG else 1)
    for seed in range(part * many, (part + 1) * many):
        mutant = MAKERS[kind](random.Random(seed))
        started = time.process_time()
        try:
            report = read_report(mutant.data)
        except ReportError:
            continue
        finally:
            assert time.process_time() - started < SLOWEST, (seed, mutant.how)
        assert wrong(mutant, report) == {}, (seed, mutant.how)


def test_the_same_seed_makes_the_same_changes() -> None:
    for make in MAKERS.values():
        assert make(random.Random(3)).data == make(random.Random(3)).data


@pytest.mark.parametrize("how", mutations.STRUCTURAL)
def test_every_change_of_the_structure_changes_documents(how: str) -> None:
    changed = 0
    for seed in range(60):
        chance = random.Random(seed)
        of = mutations.original(chance)
        code = chance.choice(sorted(of.sheets))
        sheet, _ = mutations.STRUCTURAL[how](chance, of.sheets[code])
        changed += of.document({**of.sheets, code: sheet}) != of.document()
    assert changed > 5


@pytest.mark.parametrize("path", ["review/reconsideration/total", "review/direct_litigation/pending", "review/direct_litigation/total"])
def test_the_one_total_of_a_row_that_is_empty_may_hide_a_cell_that_was_lost_before(path: str) -> None:
    edition = EDITIONS[0]
    values = {p: 3.0 * p.startswith("review/direct") * p.endswith(("upheld", "total")) for p in edition.fields}
    blank = {p: "" for p in edition.fields if p.startswith("review/reconsideration")}
    sheets = mutations.retyped(mutations.render.layout(edition.form, values, mutations.render.Style("万元"))["review"], blank)
    lost = tuple(tuple(box for box in line if box.path != path) for line in sheets)
    assert lost != sheets
    whole = mutations.render.layout(edition.form, values, mutations.render.Style("万元"))
    report = read_report(mutations.write(edition, {**whole, "review": lost}, "crawled"))
    assert [r.value for r in report.readings if r.field.table == "review" and r.value != values[r.field.path] and r.value is not None] == []
