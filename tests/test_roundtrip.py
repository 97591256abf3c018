"""A consistent form, printed in any layout, reads back unchanged."""

from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import EDITIONS, LAYOUTS, MARKED, MARKS, TEXTS, UNMARKED, Edition, Filled, Printing, filled, forms, printings

from gongkai import Report, read_report
from gongkai.synthetic import writers as render


def by_path(report: Report) -> pd.DataFrame:
    cells = report.cells
    return cells.set_index(cells["table"] + "/" + cells["item"] + "/" + cells["measure"])


def errors(report: Report) -> list[str]:
    return list(report.findings.loc[report.findings["level"] == "error", "message"])


def differences(report: Report, values: Filled) -> dict[str, tuple[object, object]]:
    """Return what was read otherwise than it was printed: path, printed, read."""
    read = by_path(report)["value"]
    return {path: (values[path], read[path]) for path in values if pd.isna(read[path]) or read[path] != values[path]}


def status(report: Report, values: Filled) -> dict[str, str]:
    """Return the status of every cell that the document has; all others of the edition are absent."""
    read = dict(by_path(report)["status"])
    assert {s for path, s in read.items() if path not in values} <= {"absent"}
    return {path: read[path] for path in values}


@pytest.mark.parametrize("layout", LAYOUTS)
@given(values=forms(), data=st.data())
def test_a_consistent_form_reads_back_unchanged(layout: str, values: Filled, data: st.DataObject) -> None:
    printing = data.draw(printings((layout,)))
    report = read_report(printing.document(values.edition, printing.sheets(values)))
    assert list(by_path(report).index) == [f.path for f in values.edition.full.fields]
    assert differences(report, values) == {}
    assert set(status(report, values).values()) == {"printed"}
    assert report.cells["deduced"].isna().all()
    assert errors(report) == []
    assert (report.form, report.year) == (values.edition.code, printing.of(values.edition).year)


@pytest.mark.parametrize("layout", LAYOUTS)
@given(values=forms(), data=st.data())
def test_a_mark_is_read_as_a_mark(layout: str, values: Filled, data: st.DataObject) -> None:
    printing = data.draw(printings((layout,)))
    chosen = data.draw(st.dictionaries(st.sampled_from(list(values)), st.sampled_from(MARKS), max_size=20))
    report = read_report(printing.document(values.edition, printing.sheets({**values, **chosen}, values.edition.form)))
    assert status(report, values) == {path: "mark" if path in chosen else "printed" for path in values}
    assert dict(by_path(report)["value"].dropna()) == {path: value for path, value in values.items() if path not in chosen}


@pytest.mark.parametrize("layout", MARKED)
@given(values=forms(), data=st.data())
def test_a_blank_cell_is_blank_and_never_zero(layout: str, values: Filled, data: st.DataObject) -> None:
    printing, blank = data.draw(printings((layout,))), blanked(data, values)
    if layout == "crawled":  # a blank at either end of a row cannot be told from the fields of merged cells
        blank -= values.edition.ends
    elif layout in ("tabs", "pipes", "boxes", "chopped"):  # one at the end may fill up a row that lost a cell: see test_rows
        blank -= values.edition.last
    report = read_report(printing.document(values.edition, printing.sheets({**values, **dict.fromkeys(blank)}, values.edition.form)))
    assert {path: s for path, s in status(report, values).items() if s != "printed"} == dict.fromkeys(blank, "blank")
    assert dict(by_path(report)["value"].dropna()) == {path: value for path, value in values.items() if path not in blank}
    assert {path: v for path, v in by_path(report)["deduced"].dropna().items() if v != values[path]} == {}


@pytest.mark.parametrize("layout", UNMARKED)
@given(values=forms(), data=st.data())
def test_a_blank_that_cannot_be_seen_moves_no_number(layout: str, values: Filled, data: st.DataObject) -> None:
    printing, blank = data.draw(printings((layout,))), blanked(data, values)
    report = read_report(printing.document(values.edition, printing.sheets({**values, **dict.fromkeys(blank)}, values.edition.form)))
    read = by_path(report)["value"].dropna()
    assert {path: (values[path], v) for path, v in read.items() if v != values[path] or path in blank} == {}


@given(values=filled(EDITIONS[0]), printing=printings(), amount=st.sampled_from(("477.35", "1472", "1,472.57")))
def test_an_amount_without_a_unit_has_no_value(values: Filled, printing: Printing, amount: str) -> None:
    path = "disclosure/procurement/amount_yuan"
    report = read_report(printing.document(values.edition, printing.sheets({**values, path: amount}, values.edition.form)))
    read = by_path(report).loc[path]
    assert (pd.isna(read["value"]), read["status"], read["printed"]) == (True, "uncertain", amount)
    assert "unit_missing" in set(report.findings["code"])


@given(values=filled(EDITIONS[1]), printing=printings())
def test_an_amount_has_the_unit_that_its_head_prints(values: Filled, printing: Printing) -> None:
    printing = replace(printing, style=render.Style(money=""))
    report = read_report(printing.document(values.edition, printing.sheets(values)))
    assert differences(report, values) == {}


@pytest.mark.parametrize("layout", UNMARKED)
@pytest.mark.parametrize(
    ("blank", "numbers"),
    [
        ("reconsideration", (95, 4, 0, 195, 294, 0, 189, 0, 0, 189, 268, 3, 0, 0, 271)),
        ("direct_litigation", (95, 4, 0, 195, 294, 0, 189, 0, 0, 189, 268, 3, 0, 0, 271)),
        ("litigation_after_reconsideration", (95, 4, 0, 195, 294, 0, 189, 0, 0, 189, 268, 3, 0, 0, 271)),
        # A lone total whose digits happen to add up: 1 + 8 = 9, 1 + 2 = 3, 1 = 1.
        ("litigation_after_reconsideration/corrected litigation_after_reconsideration/pending", (*[0] * 11, 189, 0, 0, 189)),
        ("reconsideration/corrected reconsideration/pending", (0, 123, 0, 0, 123, *[0] * 10)),
        ("direct_litigation/corrected", (*[0] * 5, 0, 11, 0, 0, 11, *[0] * 5)),
    ],
)
def test_blanks_are_no_reason_to_cut_other_numbers_into_pieces(blank: str, numbers: tuple[int, ...], layout: str) -> None:
    fields = EDITIONS[0].fields
    review = dict(zip([path for path in fields if path.startswith("review/")], map(float, numbers), strict=True))
    values = {**dict.fromkeys(fields, 0.0), **review}
    empty = {path for path in review if any(path.startswith(f"review/{name}") for name in blank.split())}
    printing = Printing(layout)
    sheets = printing.sheets({**values, **dict.fromkeys(empty)}, EDITIONS[0].form)
    read = by_path(read_report(printing.document(EDITIONS[0], sheets)))["value"].dropna()
    assert {path: (values[path], v) for path, v in read.items() if v != values[path] or path in empty} == {}


def blanked(data: st.DataObject, values: Filled) -> set[str]:
    """Choose cells, and sometimes whole rows, to be left blank."""
    cells = data.draw(st.sets(st.sampled_from(list(values)), max_size=12))
    rows = data.draw(st.sets(st.sampled_from(values.edition.rows), max_size=1))
    return cells | {path for path in values if path.rsplit("/", 1)[0] in rows}


SENTENCE = (
    "一年来，全县各级各部门认真落实公开条例的各项要求，把公开的内容、公开的程序和公开的时限逐项落实到人，"
    "群众关心的事项做到及时公布、准确公布、完整公布，并对各乡镇和各单位的工作情况进行了检查和通报。"
)


@given(page=st.integers(4, 60), layout=st.sampled_from(TEXTS))
def test_a_sentence_is_whole_again_across_pages(page: int, layout: str) -> None:
    story = render.Story(prose={"overview": (SENTENCE, SENTENCE[::-1][1:] + "。"), "problems": (SENTENCE,)})
    form = EDITIONS[0].form
    sections = read_report(render.to_text(form, render.layout(form, zeros()), story, layout, page).encode()).sections
    assert sum(text.count(SENTENCE) for text in sections["text"]) == 2


@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "gbk", "utf-16", "iso-8859-1", "no-such-charset"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_bytes_are_believed_and_not_the_charset(encoding: str, declared: str) -> None:
    values = Filled(EDITIONS[0], {path: float(k) for k, path in enumerate(EDITIONS[0].fields)})
    printing = Printing(encoding=encoding, charset=declared)
    assert differences(read_report(printing.document(values.edition, printing.sheets(values))), values) == {}


def test_a_file_object_reads_like_its_bytes() -> None:
    document = Printing(layout="tabs").document(EDITIONS[0], Printing().sheets(zeros()))
    assert read_report(io.BytesIO(document)).cells.equals(read_report(document).cells)


def zeros(edition: Edition = EDITIONS[0]) -> Filled:
    return Filled(edition, dict.fromkeys(edition.fields, 0.0))


@pytest.mark.parametrize(
    ("edition", "table", "shape"),
    [(EDITIONS[0], "disclosure", (18, 4)), (EDITIONS[0], "applications", (26, 10)), (EDITIONS[0], "review", (4, 15)),
     (EDITIONS[1], "disclosure", (14, 4)), (EDITIONS[1], "applications", (28, 10)), (EDITIONS[2], "applications", (26, 10))],
)  # fmt: skip
def test_a_rendered_table_has_the_official_shape(edition: Edition, table: str, shape: tuple[int, int]) -> None:
    page = render.to_html(edition.form, render.layout(edition.form, zeros(edition)))
    grids = dict(zip(edition.form.tables, pd.read_html(io.StringIO(page)), strict=True))
    assert grids[table].shape == shape
    assert not grids[table].isna().any(axis=None)


def test_the_merged_labels_stand_over_what_they_stand_over_on_a_real_page() -> None:
    sheet = render.layout(EDITIONS[0].form, {})["applications"]
    spans = {box.text: (box.rows, box.columns) for line in sheet for box in line}
    assert spans["三、本年度办理结果"] == (20, 1)
    assert (spans["（三）不予公开"], spans["（四）无法提供"], spans["（五）不予处理"]) == ((8, 1), (3, 1), (5, 1))
    assert (spans["申请人情况"], spans["法人或其他组织"], spans["自然人"]) == ((1, 7), (1, 5), (2, 1))
