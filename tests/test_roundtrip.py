"""A consistent form, printed in any layout, reads back unchanged."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import FIELDS, FORM, MARKS, ROWS, Printing, Values, forms, printings

from gongkai import Report, read_report, render


def by_path(report: Report) -> pd.DataFrame:
    cells = report.cells
    return cells.set_index(cells["table"] + "/" + cells["item"] + "/" + cells["measure"])


def errors(report: Report) -> list[str]:
    return list(report.findings.loc[report.findings["level"] == "error", "message"])


def differences(report: Report, values: render.Values) -> dict[str, tuple[object, object]]:
    """Return what was read otherwise than it was printed: path, printed, read."""
    read = by_path(report)["value"]
    return {path: (values[path], read[path]) for path in FIELDS if pd.isna(read[path]) or read[path] != values[path]}


@given(values=forms(), printing=printings())
def test_a_consistent_form_reads_back_unchanged(values: Values, printing: Printing) -> None:
    report = read_report(printing.document(printing.sheets(values)))
    assert list(by_path(report).index) == list(FIELDS)
    assert differences(report, values) == {}
    assert set(report.cells["status"]) == {"printed"}
    assert report.cells["deduced"].isna().all()
    assert errors(report) == []
    assert (report.form, report.year) == ("2019", printing.story.year)


@given(values=forms(), printing=printings(), data=st.data())
def test_a_mark_is_read_as_a_mark(values: Values, printing: Printing, data: st.DataObject) -> None:
    chosen = data.draw(st.dictionaries(st.sampled_from(list(FIELDS)), st.sampled_from(MARKS), max_size=20))
    read = by_path(read_report(printing.document(printing.sheets({**values, **chosen}))))
    expected = {path: "mark" if path in chosen else "printed" for path in FIELDS}
    assert dict(read["status"]) == expected
    assert dict(read["value"].dropna()) == {path: value for path, value in values.items() if path not in chosen}


@given(values=forms(), printing=printings(("html", "tabs")), data=st.data())
def test_a_blank_cell_is_blank_and_never_zero(values: Values, printing: Printing, data: st.DataObject) -> None:
    blank = blanked(data)
    read = by_path(read_report(printing.document(printing.sheets({**values, **dict.fromkeys(blank)}))))
    assert {path: status for path, status in read["status"].items() if status != "printed"} == dict.fromkeys(blank, "blank")
    assert dict(read["value"].dropna()) == {path: value for path, value in values.items() if path not in blank}
    assert {path: v for path, v in read["deduced"].dropna().items() if v != values[path]} == {}


@given(values=forms(), printing=printings(("spaces", "lines")), data=st.data())
def test_a_blank_that_cannot_be_seen_moves_no_number(values: Values, printing: Printing, data: st.DataObject) -> None:
    blank = blanked(data)
    read = by_path(read_report(printing.document(printing.sheets({**values, **dict.fromkeys(blank)}))))["value"].dropna()
    assert {path: (values[path], v) for path, v in read.items() if v != values[path] or path in blank} == {}


@given(values=forms(), printing=printings(), amount=st.sampled_from(("477.35", "1472", "1,472.57")))
def test_an_amount_without_a_unit_has_no_value(values: Values, printing: Printing, amount: str) -> None:
    path = "disclosure/procurement/amount_yuan"
    report = read_report(printing.document(printing.sheets({**values, path: amount})))
    read = by_path(report).loc[path]
    assert (pd.isna(read["value"]), read["status"], read["printed"]) == (True, "uncertain", amount)
    assert "unit_missing" in set(report.findings["code"])


@pytest.mark.parametrize("layout", ["spaces", "lines"])
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
    review = dict(zip([path for path in FIELDS if path.startswith("review/")], map(float, numbers), strict=True))
    values = {**dict.fromkeys(FIELDS, 0.0), **review}
    empty = {path for path in review if any(path.startswith(f"review/{name}") for name in blank.split())}
    printing = Printing(layout)
    read = by_path(read_report(printing.document(printing.sheets({**values, **dict.fromkeys(empty)}))))["value"].dropna()
    assert {path: (values[path], v) for path, v in read.items() if v != values[path] or path in empty} == {}


def blanked(data: st.DataObject) -> set[str]:
    """Choose cells, and sometimes whole rows, to be left blank."""
    cells = data.draw(st.sets(st.sampled_from(list(FIELDS)), max_size=12))
    rows = data.draw(st.sets(st.sampled_from(ROWS), max_size=1))
    return cells | {path for path in FIELDS if path.rsplit("/", 1)[0] in rows}


SENTENCE = (
    "一年来，全县各级各部门认真落实公开条例的各项要求，把公开的内容、公开的程序和公开的时限逐项落实到人，"
    "群众关心的事项做到及时公布、准确公布、完整公布，并对各乡镇和各单位的工作情况进行了检查和通报。"
)


@given(page=st.integers(4, 60), layout=st.sampled_from(render.LAYOUTS))
def test_a_sentence_is_whole_again_across_pages(page: int, layout: str) -> None:
    story = render.Story(prose={"overview": (SENTENCE, SENTENCE[::-1][1:] + "。"), "problems": (SENTENCE,)})
    sheets = render.layout(FORM, dict.fromkeys(FIELDS, 0))
    sections = read_report(render.to_text(FORM, sheets, story, layout, page).encode()).sections
    assert sum(text.count(SENTENCE) for text in sections["text"]) == 2


@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "gbk", "utf-16", "iso-8859-1", "no-such-charset"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_bytes_are_believed_and_not_the_charset(encoding: str, declared: str) -> None:
    values = {path: float(k) for k, path in enumerate(FIELDS)}
    printing = Printing(encoding=encoding, charset=declared)
    assert differences(read_report(printing.document(printing.sheets(values))), values) == {}


def test_a_file_object_reads_like_its_bytes() -> None:
    printing = Printing(layout="tabs")
    document = printing.document(printing.sheets(dict.fromkeys(FIELDS, 0)))
    assert read_report(io.BytesIO(document)).cells.equals(read_report(document).cells)


@pytest.mark.parametrize(("table", "shape"), [("disclosure", (18, 4)), ("applications", (26, 10)), ("review", (4, 15))])
def test_a_rendered_table_has_the_official_shape(table: str, shape: tuple[int, int]) -> None:
    page = render.to_html(FORM, render.layout(FORM, dict.fromkeys(FIELDS, 0)))
    grids = dict(zip(FORM.tables, pd.read_html(io.StringIO(page)), strict=True))
    assert grids[table].shape == shape
    assert not grids[table].isna().any(axis=None)


def test_the_merged_labels_stand_over_what_they_stand_over_on_a_real_page() -> None:
    sheet = render.layout(FORM, {})["applications"]
    spans = {box.text: (box.rows, box.columns) for line in sheet for box in line}
    assert spans["三、本年度办理结果"] == (20, 1)
    assert (spans["（三）不予公开"], spans["（四）无法提供"], spans["（五）不予处理"]) == ((8, 1), (3, 1), (5, 1))
    assert (spans["申请人情况"], spans["法人或其他组织"], spans["自然人"]) == ((1, 7), (1, 5), (2, 1))
