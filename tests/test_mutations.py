"""Documents changed at random: none crashes or hangs the reading, and no cell silently comes to have another number."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

import mutations
import pytest
from mutations import Mutant, Original
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


def with_second(chance: random.Random, of: Original) -> bytes:
    """Put the tables of another report behind a report, or none where they cannot be cut out."""
    other = next(o for _ in range(1000) if (o := mutations.original(chance)).writer == of.writer and o.edition.code == of.edition.code)
    own, second = of.document().decode(), other.document().decode()
    tables = second[second.find("二、主动公开政府信息情况") : second.find("五、")]
    end = own.rfind("</body>") if "</body>" in own else len(own)
    return f"{own[:end]}\n附件：下属单位汇总\n{tables}\n{own[end:]}".encode()


def with_more(how: str, chance: random.Random, of: Original) -> bytes:
    """Add a note, a row that is not on the form, or a second set of tables to a report."""
    if how == "second tables":
        return with_second(chance, of)
    code = chance.choice([code for code, sheet in of.sheets.items() if how != "stranger_between" or code != "review"])
    return of.document({**of.sheets, code: mutations.STRUCTURAL[how](chance, of.sheets[code])[0]})


@pytest.mark.parametrize("how", ["text_between", "stranger_between", "second tables"])
def test_what_is_added_to_a_report_changes_no_value_but_to_none_with_a_finding_and_costs_one_cell_in_a_hundred(how: str) -> None:
    every = lost = 0
    for seed in range(1200 if LONG else 30):
        chance = random.Random(seed)
        of = next(o for _ in range(99) if (o := mutations.original(chance)).writer not in ("docx", "xlsx") and any(o.truth.values()))
        before, after = (read_report(data, form=of.edition.code) for data in (of.document(), with_more(how, chance, of)))
        old = {r.field.path: r.value for r in before.readings}
        changed = {r.field.path: r.value for r in after.readings if r.value != old[r.field.path]}
        assert {p: v for p, v in changed.items() if v is not None} == {}, (seed, of.name)
        assert not changed or {*map(str, after.contents.findings)} - {*map(str, before.contents.findings)}, (seed, of.name)
        every, lost = every + sum(v is not None for v in old.values()), lost + len(changed)
    assert lost <= every / 100, (lost, every)
