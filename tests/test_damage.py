"""One damage in an otherwise consistent document: no cell is silently another number, and what can be proven is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import FIELDS, FORM, ROWS, Printing, Values, deletions, forms, glued, printings, spills
from test_roundtrip import by_path, errors

from gongkai import Report, read_report, render
from gongkai.model import Identity

Known = dict[str, float | None]
# Elsewhere cells are marked, and one wide cell cannot be told from a number beside a blank.
UNMARKED = ("spaces", "lines")


def misread(report: Report, values: Values) -> dict[str, tuple[float, float]]:
    """Return every cell whose number is another one: path, printed, read."""
    return {path: (values[path], v) for path, v in by_path(report)["value"].dropna().items() if v != values[path]}


def lost(report: Report) -> dict[str, str]:
    """Return the status of every cell without a value."""
    read = by_path(report)
    return dict(read.loc[read["value"].isna(), "status"])


def proven(values: Values, unknown: set[str]) -> Known:
    """Prove what follows about unknown cells, identity by identity, from sums alone and from counts being no less than zero."""
    known: Known = {path: None if path in unknown else v for path, v in values.items()}
    while step := {path: v for identity in FORM.identities for path, v in proof(identity, known).items()}:
        known |= step
    return {path: known[path] for path in unknown}


def proof(identity: Identity, known: Known) -> dict[str, float]:
    left, right = ([f.path for f in side] for side in (identity.left, identity.right))
    missing = [path for path in (*left, *right) if known[path] is None]
    gap = sum(known[p] or 0 for p in left) - sum(known[p] or 0 for p in right)
    if len(missing) == 1:
        return {missing[0]: -gap if missing[0] in left else gap}
    one_sided = all(p in left for p in missing) or all(p in right for p in missing)
    return dict.fromkeys(missing, 0.0) if missing and one_sided and not gap else {}


def assert_proofs(report: Report, values: Values) -> None:
    """What is deduced is true, and all that follows from the cells that were read is deduced."""
    expected = {path: v for path, v in proven(values, set(lost(report))).items() if v is not None}
    deduced = dict(by_path(report)["deduced"].dropna())
    assert {path: v for path, v in deduced.items() if v != values[path]} == {}
    assert {path: deduced.get(path) for path in expected} == expected


def assert_flagged(report: Report, damaged: render.Damaged) -> None:
    """Some finding names the row, or says that numbers in its table belong nowhere."""
    tables, items, _ = (set(part) for part in zip(*(path.split("/") for path in damaged.truth), strict=True))
    findings = report.findings
    named = findings.loc[findings["table"].isin(tables) & (findings["item"].isna() | findings["item"].isin(items))]
    assert set(named["code"]) & {"uncertain", "realigned", "unreadable", "unclaimed", "absent", "absent_table"}


@given(values=forms(), printing=printings(), data=st.data())
def test_a_deleted_row_is_absent_and_proven_where_it_can_be(values: Values, printing: Printing, data: st.DataObject) -> None:
    damaged = data.draw(deletions(printing.sheets(values)))
    report = read_report(printing.document(damaged.sheets))
    assert misread(report, values) == {}
    assert lost(report) == dict.fromkeys(damaged.truth, "absent")
    assert errors(report) == []
    assert_proofs(report, values)
    assert_flagged(report, damaged)


@given(values=forms(), printing=printings(), data=st.data())
def test_a_spilled_cell_moves_no_number_silently(values: Values, printing: Printing, data: st.DataObject) -> None:
    check_row(values, printing, data.draw(spills(printing.sheets(values))))


@given(values=forms(), printing=printings(), data=st.data())
def test_glued_numbers_are_no_number_silently(values: Values, printing: Printing, data: st.DataObject) -> None:
    wide = st.booleans() if printing.layout in UNMARKED else st.just(False)
    check_row(values, printing, data.draw(glued(printing.sheets(values), wide)))


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("layout", ["html", *render.LAYOUTS])
@pytest.mark.parametrize(
    ("row", "first", "numbers"),
    [
        ("disclosure/regulations", 0, (5, 1, 200)),
        ("disclosure/permits", 1, (892, -543, 895)),
        ("disclosure/permits", 0, (892, -543, 895)),
        ("disclosure/fees", 0, (35, 15)),
        ("disclosure/procurement", 0, (807, 90_568_823.4)),
        ("review/reconsideration", 3, (8, 0, 0, 5, 13)),
        ("review/direct_litigation", 3, (0, 0, 0, 0, 0)),
        ("review/litigation_after_reconsideration", 2, (0, 0, 5, 0, 5)),
        ("review/litigation_after_reconsideration", 3, (0, 0, 3, 3, 6)),
        ("review/litigation_after_reconsideration", 0, (229, 161, 223, 32, 645)),
    ],
)
def test_two_numbers_that_look_like_one(row: str, first: int, numbers: tuple[float, ...], layout: str, wide: bool) -> None:
    paths = [path for path in FIELDS if path.startswith(f"{row}/")]
    values = {**dict.fromkeys(FIELDS, 0.0), **dict(zip(paths, map(float, numbers), strict=True))}
    printing = Printing(layout, style=render.Style(money="元", plus="增 "))
    if not wide or layout in UNMARKED:
        check_row(values, printing, render.glue(printing.sheets(values), row, first, wide))


def check_row(values: Values, printing: Printing, damaged: render.Damaged) -> None:
    """Every cell of the damaged row has its true value or none, for a stated reason; all other cells are untouched."""
    report = read_report(printing.document(damaged.sheets))
    assert misread(report, values) == {}
    assert set(lost(report)) <= set(damaged.truth)
    assert set(lost(report).values()) <= {"uncertain", "unreadable"}
    assert errors(report) == []
    assert_proofs(report, values)
    assert_flagged(report, damaged)


@pytest.mark.parametrize("layout", ["html", *render.LAYOUTS])
@pytest.mark.parametrize("row", [r for r in ROWS if r.startswith("applications/")])
def test_every_deleted_row_of_applications_is_proven(row: str, layout: str) -> None:
    values = {path: 0.0 for path in FIELDS}
    values |= {
        f"applications/{item}/{who}": 4.0 for item in ("new_received", "granted", "processed_total") for who in ("natural_person", "total")
    }
    printing = Printing(layout=layout)
    report = read_report(printing.document(render.delete_row(printing.sheets(values), row).sheets))
    read = by_path(report).loc[[path for path in FIELDS if path.startswith(f"{row}/")]]
    assert set(read["status"]) == {"absent"}
    assert dict(read["deduced"].dropna()) == {path: values[path] for path in read.index}
    assert read["value"].isna().all()
