"""One damage in an otherwise consistent document: no cell is silently another number, and what can be proven is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from zlib import crc32

import pytest
from _pytest.mark import ParameterSet
from converters import printed
from damages import KINDS, NAMED, Case, Kind, cases, labelled_rows, long_rows
from defacing import lose_label
from hypothesis import Phase, given, seed, settings
from strategies import EDITIONS, EXAMPLES, LAYOUTS, LONG, Edition, Filled, Printing
from test_roundtrip import by_path, errors
from truth import tally

from gongkai import Report, read_report
from gongkai.core.model import Identity
from gongkai.synthetic import damages as damage
from gongkai.synthetic import writers as render

Known = dict[str, float | None]
MISTAKES = ("results", "applicants", "balance", "review_total")


def turns() -> Iterator[ParameterSet]:
    """Give every damage in every layout, each in one edition in turn, in the long run in all."""
    pairs = [(kind, layout) for kind in KINDS for layout in LAYOUTS if layout in kind.layouts]
    for n, (kind, layout) in enumerate(pairs):
        for edition in EDITIONS if LONG else EDITIONS[n % len(EDITIONS) :][:1]:
            yield pytest.param(kind, layout, edition)


# What is said once of a whole table, in place of a finding for each of its rows.
HOLLOW = {"blank_form", "empty_table", "table_not_text"}


@pytest.mark.parametrize(("kind", "layout", "edition"), list(turns()), ids=str)
def test_no_damage_makes_another_number_of_a_cell(
    kind: Kind, layout: str, edition: Edition, record_property: Callable[[str, object], None]
) -> None:
    examples = settings(max_examples=max(3, EXAMPLES // 20))
    examine(kind, layout, edition, examples, Case.document, lambda counts: record_property("damage", (kind.name, layout, counts)))


@pytest.mark.parametrize("edition", EDITIONS, ids=str)
@pytest.mark.parametrize("layout", render.ON_ONE_LINE)
def test_a_whole_document_on_one_line_has_the_printed_numbers_or_says_which_it_cannot_tell(layout: str, edition: Edition) -> None:
    examples = settings(max_examples=max(3, EXAMPLES // 5))
    examine(NAMED["none"], layout, edition, examples, Case.document, lambda counts: None)


def examine(
    kind: Kind, layout: str, edition: Edition, many: settings, made: Callable[[Case], bytes], record: Callable[[dict[str, int]], None]
) -> None:
    """Read documents with one kind of damage, and count what became of their cells."""
    counted: Counter[str] = Counter()

    def examined(case: Case) -> None:
        report = read_report(made(case))
        counts, faults = tally(case, report)
        counted.update(counts, documents=1)
        unsaid = [fault for fault in faults if fault.startswith(("silent", "missed"))]
        assert unsaid == []
        check_findings(case, report)

    run = many(given(case=cases(kind, layout, edition))(examined))
    try:
        (run if LONG else seed(crc32(f"{kind} {layout}".encode()))(run))()
    finally:
        record(dict(counted))


@pytest.mark.long
@pytest.mark.parametrize("edition", EDITIONS, ids=str)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if {"html", "xlsx"} <= {*kind.layouts}], ids=str)
def test_no_damage_of_a_printed_page_makes_another_number_of_a_cell(
    kind: Kind, edition: Edition, tmp_path_factory: pytest.TempPathFactory, record_property: Callable[[str, object], None]
) -> None:
    def printed_page(case: Case) -> bytes:
        folder = tmp_path_factory.mktemp("page")
        page = replace(case, printing=replace(case.printing, encoding="utf-8", charset="utf-8"))
        (folder / "page.html").write_bytes(page.document())
        return printed(folder / "page.html", folder)

    two = settings(max_examples=2, phases=[Phase.generate])
    examine(kind, "html", edition, two, printed_page, lambda counts: record_property("damage", (kind.name, "pdf", counts)))


def check_findings(case: Case, report: Report) -> None:
    """The damage is named; a mistake of the authority is found in its row or column; a sound document is not accused of any."""
    assert report.form == case.edition.code
    found, codes = set(report.findings["code"]), set(case.damaged.codes)
    assert not codes or found & (codes | HOLLOW)
    wrong = [path for path, text in case.damaged.truth.items() if case.damaged.clean and text and text.isdigit()]
    if wrong:
        check_mistake(report, wrong[0])
    else:
        assert errors(report) == []
        assert_proofs(report, case.values)


def check_mistake(report: Report, path: str) -> None:
    """A broken sum names the row or the column, and where both break, the cell."""
    table, item, measure = path.split("/")
    findings = [f for f in report.contents.findings if f.table == table and f.code in MISTAKES]
    rows, columns = (any(f.item == item for f in findings), any(f.measure == measure for f in findings))
    assert rows or columns, path
    crossings = {(f.item, f.measure) for f in report.contents.findings if f.code == "crossing"}
    assert not (rows and columns) or (item, measure) in crossings, path


def lost(report: Report, values: Filled) -> dict[str, str]:
    """Return the status of every cell without a value."""
    read = by_path(report).loc[list(values)]
    return dict(read.loc[read["value"].isna(), "status"])


def proven(edition: Edition, values: render.Values, unknown: set[str]) -> Known:
    """Prove what follows about unknown cells, identity by identity, from sums alone and from counts being no less than zero."""
    known: Known = {path: None if path in unknown else v for path, v in values.items()}  # type: ignore[misc]
    while step := {path: v for identity in edition.identities for path, v in proof(identity, known).items()}:
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


def assert_proofs(report: Report, values: Filled) -> None:
    """What is deduced is true, and all that follows from the cells that were read is deduced."""
    expected = {path: v for path, v in proven(values.edition, values, set(lost(report, values))).items() if v is not None}
    deduced = dict(by_path(report).loc[list(values), "deduced"].dropna())
    assert {path: v for path, v in deduced.items() if v != values[path]} == {}
    assert {path: deduced.get(path) for path in expected} == expected


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
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
    edition = EDITIONS[0]
    paths = [path for path in edition.fields if path.startswith(f"{row}/")]
    values = Filled(edition, {**dict.fromkeys(edition.fields, 0.0), **dict(zip(paths, map(float, numbers), strict=True))})
    printing = Printing(layout, style=render.Style(money="元", plus="增 "))
    sheets = printing.sheets(values)
    if layout not in NAMED["glued, wide" if wide else "glued"].layouts or row not in long_rows(values, printing, sheets):
        pytest.skip("another damage could look like this one")
    case = Case(values, printing, sheets, damage.glue(sheets, row, first, wide=wide))
    report = read_report(case.document())
    assert tally(case, report)[1] == []
    check_findings(case, report)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("edition", EDITIONS, ids=str)
def test_every_deleted_row_of_applications_is_proven(edition: Edition, layout: str) -> None:
    values = Filled(edition, dict.fromkeys(edition.fields, 0.0))
    values |= {
        f"applications/{item}/{who}": 4.0 for item in ("new_received", "granted", "processed_total") for who in ("natural_person", "total")
    }
    printing = Printing(layout)
    for row in (r for r in labelled_rows(edition) if r.startswith("applications/") and not edition.is_alternative(r)):
        report = read_report(printing.document(edition, damage.delete_row(printing.sheets(values), row).sheets))
        read = by_path(report).loc[[path for path in values if path.startswith(f"{row}/")]]
        assert set(read["status"]) == {"absent"}, row
        assert dict(read["deduced"].dropna()) == {path: values[path] for path in read.index}, row
        assert read["value"].isna().all(), row


def test_a_row_without_its_label_is_named_where_its_numbers_run_on_behind_another_row() -> None:
    edition = EDITIONS[0]
    values = Filled(
        edition, {**dict.fromkeys(edition.fields, 0.0), "disclosure/permits/decisions": 828.0, "disclosure/fees/change": -179.0}
    )
    values |= {"disclosure/other_services/items_last_year": 95.0, "disclosure/other_services/decisions": 193.0}
    printing = Printing("run")
    sheets = printing.sheets(values)
    case = Case(values, printing, sheets, lose_label(sheets, "disclosure/other_services"))
    report = read_report(case.document())
    assert {("uncertain", "permits"), ("uncertain", "other_services")} <= {(f.code, f.item) for f in report.contents.findings}
    assert tally(case, report)[1] == []
