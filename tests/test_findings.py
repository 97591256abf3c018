"""Every code of a finding: a document that raises it, and a sound one that raises none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest

from gongkai import Report, read_report
from gongkai.core.findings import LEVELS, codes
from gongkai.forms import load_form
from gongkai.synthetic import damages as damage
from gongkai.synthetic import writers as render

FORM = load_form("2019")
ZEROS: Mapping[str, float | str | None] = {f.path: 0 for f in FORM.fields}
APPLIED = {
    f"applications/{item}/{who}": 4 for item in ("new_received", "granted", "processed_total") for who in ("natural_person", "total")
}
SOUND = {**ZEROS, **APPLIED, "disclosure/procurement/amount_yuan": "12.5万元", "disclosure/permits/change": -3}
Change = Callable[[str], str]


def page(values: Mapping[str, float | str | None] | None = None, prose: str = "", year: int = 2019) -> str:
    story = render.Story(year=year, prose={"overview": (prose,)} if prose else {})
    return render.to_html(FORM, render.layout(FORM, {**SOUND, **(values or {})}), story)


def text(values: Mapping[str, float | str | None] | None = None) -> str:
    return render.to_text(FORM, render.layout(FORM, {**SOUND, **(values or {})}), render.Story())


def broken(**changes: int) -> dict[str, float | str | None]:
    return {f"applications/{path.replace('__', '/')}": n for path, n in changes.items()}


RAISED: list[tuple[str, str | bytes]] = [
    ("balance", page(broken(carried_in__natural_person=9, carried_in__total=9))),
    ("results", page(broken(granted__natural_person=3, granted__total=3))),
    ("applicants", page(broken(carried_in__total=1, carried_out__total=1))),
    ("review_total", page({"review/reconsideration/upheld": 2})),
    ("crossing", page({"applications/partially_granted/natural_person": 2})),
    ("text_table", page(prose="本年度我县共收到政府信息公开申请7件。")),
    ("breakdown", page(prose="全年主动公开政府信息累计100条，其中：政务动态类信息60条，占总数的60.0%；其他信息30条，占总数的40.0%。")),
    ("percentage", page(prose="全年主动公开政府信息累计100条，其中：政务动态类信息60条，占总数的66.0%；其他信息40条，占总数的40.0%。")),
    ("realigned", text().replace("（七）总计\t\t4", "（七）总计\t0\t4")),
    ("uncertain", text().replace("行政处罚\t0\t0\t0", "行政处罚\t5\t0")),
    ("unreadable", page({"disclosure/permits/decisions": "约30"})),
    ("ambiguous_cell", page({"disclosure/permits/decisions": 12}).replace(">12<", ">1<br>2<")),
    ("unit_missing", page({"disclosure/procurement/amount_yuan": "12.5"})),
    ("implausible_amount", page({"disclosure/procurement/amount_yuan": "34567890万元"})),
    ("unclaimed", text().replace("行政处罚\t", "其他\t5\t6\t7\n行政处罚\t")),
    ("second_tables", text() + "全县汇总\n" + "\n".join(line for line in text().splitlines() if "\t" in line)),
    ("duplicate_row", text().replace("规范性文件\t0\t0\t0\n", "规范性文件\t0\t0\t0\n" * 2)),
    ("column_order", text().replace("本年新制作数量\t本年新公开数量", "本年新公开数量\t本年新制作数量")),
    ("blank_total", page({"applications/granted/total": None})),
    ("foreign_year", page(year=2023)),
    ("year_conflict", page().replace("2019年1月1日起至2019年12月31日", "2018年1月1日起至2018年12月31日")),
    ("impossible_year", page(year=2016)),
    ("edition_alike", re.sub("<table.*?</table>", "", page(), count=1, flags=re.DOTALL)),
    ("year_unknown", page().replace("2019", "").replace("2020", "")),
    ("dates_differ", page().replace("<body>", "<body><p>发布时间：2020-03-31</p>", 1)),
    ("missing_section", page().replace("其他需要报告的事项", "附注")),
    ("encoding_damage", page().encode().replace("总体情况".encode(), b"\xff" + "总体情况".encode(), 1) + "。".encode() * 400),
    ("blank", page({"disclosure/permits/decisions": None})),
    ("mark", page({"disclosure/permits/decisions": "—"})),
    ("absent", render.to_html(FORM, damage.delete_row(render.layout(FORM, SOUND), "applications/granted").sheets, render.Story())),
    ("absent_table", page().split("<p>四、")[0] if "<p>四、" in page() else page()[: page().rindex("行政复议")]),
    ("deduced", render.to_html(FORM, damage.delete_row(render.layout(FORM, SOUND), "applications/granted").sheets, render.Story())),
]


def read(document: str | bytes) -> Report:
    return read_report(document if isinstance(document, bytes) else document.encode())


@pytest.mark.parametrize("document", [page(), text()], ids=["page", "text"])
def test_a_sound_document_raises_nothing(document: str) -> None:
    assert list(read(document).findings["code"]) == []


@pytest.mark.parametrize("code, document", RAISED, ids=[code for code, _ in RAISED])
def test_a_code_is_raised(code: str, document: str | bytes) -> None:
    found = read(document).findings
    assert code in set(found["code"])
    assert set(found.loc[found["code"] == code, "level"]) == {codes()[code]["level"]}


def test_a_page_mark_between_rows_belongs_to_nobody_and_is_no_finding() -> None:
    assert list(read(text().replace("行政处罚\t", "- 2 -\n行政处罚\t")).findings["code"]) == []


def test_every_code_has_a_level_and_both_languages() -> None:
    for code, entry in codes().items():
        assert entry["level"] in LEVELS, code
        assert {"zh", "en"} <= set(entry), code


def test_every_code_is_raised_somewhere() -> None:
    elsewhere = {"contradicts_manifest", "corrected", "rounded", "statistics_total"}
    between = {
        "same_file",
        "carry_over", "stock_flow", "item_stock", "cumulative_restart", "copied_figures", "money_scale", "below_department",
        "two_versions", "versions_open", "two_copies",
    }  # fmt: skip
    elsewhere |= {
        "doubted_sum",
        "blank_form",
        "empty_table",
        "table_not_text",
        "empty_section",
    }  # tests/test_questions.py
    elsewhere |= {"ambiguous_place", "foreign_place", "place_conflict", "place_unknown"}  # tests/test_places_locating.py
    assert set(codes()) - {code for code, _ in RAISED} == elsewhere | between


def test_what_the_caller_says_is_held_against_the_document() -> None:
    report = read_report(page().encode(), year=2018)
    assert report.year == 2018
    assert "contradicts_manifest" in set(report.findings["code"])
    assert "contradicts_manifest" not in set(read_report(page().encode(), year=2019).findings["code"])


def test_the_gravest_come_first() -> None:
    levels = list(read(page({**broken(granted__total=3), "disclosure/permits/decisions": None}))
                  .findings["level"].map({level: i for i, level in enumerate(LEVELS)}))  # fmt: skip
    assert levels == sorted(levels)


def test_a_broken_sum_names_both_sides_and_its_place() -> None:
    found = read(page({"review/reconsideration/upheld": 2})).findings
    row = found.loc[found["code"] == "review_total"].iloc[0]
    assert (row["item"], row["expected"], row["observed"]) == ("reconsideration", "2", "0")
    assert row["where"].startswith("t3 ")
    assert "2" in row["message"] and "行政复议" in row["message_zh"]


def test_where_a_broken_row_and_a_broken_column_cross_the_cell_is_named() -> None:
    found = read(page({"applications/partially_granted/natural_person": 2})).findings
    row = found.loc[found["code"] == "crossing"].iloc[0]
    assert (row["item"], row["measure"]) == ("partially_granted", "natural_person")


def test_a_column_that_the_document_lacks_is_absent_and_said_once() -> None:
    table = text().split("三、收到和处理")[1].split("四、政府信息公开")[0]
    report = read(text().replace(table, "\n".join(line.rsplit("\t", 1)[0] for line in table.split("\n"))))
    cells = report.cells[report.cells["table"] == "applications"]
    assert set(cells.loc[cells["measure"] == "total", "status"]) == {"absent"}
    assert set(cells.loc[cells["measure"] != "total", "status"]) == {"printed"}
    assert dict(cells.loc[cells["measure"] == "total"].set_index("item")["deduced"])["granted"] == 4
    assert list(report.findings["code"]) == ["absent", "deduced"]


def test_numbers_below_heads_that_cannot_be_read_are_uncertain_and_not_absent() -> None:
    table = text().split("四、政府信息公开")[1].split("五、存在")[0]
    report = read(text().replace(table, table.replace("结果纠正", "结果某某").replace("尚未审结", "某某审结")))
    cells = report.cells[report.cells["table"] == "review"]
    assert set(cells["status"]) == {"uncertain"}
    assert "unclaimed" in set(report.findings["code"])


def test_heads_at_different_heights_are_read_by_where_they_stand() -> None:
    heads = "结果维持            其他结果            总计\n          结果纠正            尚未审结\n"
    values = "27        10        9         15        61\n"
    blocks = "".join(f"{name}\n{heads}{values}" for name in ("行政复议", "未经复议直接起诉", "复议后起诉"))
    table = text().split("四、政府信息公开行政复议、行政诉讼情况\n")[1].split("五、存在")[0]
    report = read(text().replace(table, blocks))
    assert list(report.cells.loc[report.cells["table"] == "review", "value"]) == [27, 10, 9, 15, 61] * 3


MONEY = "disclosure/fees/amount_yuan"
NEWER = load_form("2021")


def charged(printed: str, place: str = "沁县", unit: str = "万元") -> Report:
    """Read a report of 2022 whose charges are printed under a head with a unit."""
    sheets = render.layout(NEWER, {**{f.path: 0 for f in NEWER.fields}, MONEY: printed})
    document = render.to_text(NEWER, sheets, render.Story(place=place, year=2022))
    return read(document.replace("（单位：万元）", f"（单位：{unit}）"))


@pytest.mark.parametrize("unit", ["?元", "百元", "美元", "元（万元）"])
def test_an_amount_in_an_unknown_unit_is_uncertain_with_both_candidates(unit: str) -> None:
    report = charged("8234.5", unit=unit)
    reading = report.reading(MONEY)
    assert (reading.value, reading.status, reading.candidates) == (None, "uncertain", (8234.5, 82345000.0))
    finding = report.findings.set_index("code").loc["unit_missing"]
    assert all("8234.5 | 82345000" in finding[column] for column in ("message", "message_zh"))


@pytest.mark.parametrize("printed", ["8234.5百元", "8234.5美元", "8234.5?元"])
def test_an_unknown_unit_in_the_cell_is_no_yuan(printed: str) -> None:
    assert charged(printed).reading(MONEY).candidates == (8234.5, 82345000.0)


@pytest.mark.parametrize(
    ("place", "printed", "is_said"),
    [
        ("沁县", "40682080", True), ("沁县", "24252.3", False), ("沁县", "200000", False), ("沁县", "200001", True),
        ("淮安市", "961716000", True), ("淮安市", "96171.6", False), ("淮安市", "1900000", False),
        ("江苏省", "4000000", False), ("江苏省", "40000000", True), ("某处", "4000000", False),
        ("桃江县松木塘镇", "20000", True), ("桃江县松木塘镇", "200", False),
    ],
)  # fmt: skip
def test_an_amount_that_only_a_larger_authority_could_have_is_questioned(place: str, printed: str, is_said: bool) -> None:
    """The number stays as it is printed: yuan under a head of 10,000 yuan is a finding, not a fault to mend."""
    report = charged(printed, place)
    assert report.reading(MONEY).value == float(printed) * 10_000
    assert ("implausible_amount" in set(report.findings["code"])) == is_said
