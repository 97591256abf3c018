"""The five indicators: right, or without a value and saying why."""

from dataclasses import replace

import handmade
import pandas as pd
import pytest

from gongkai import indicators


def rows(report):
    return indicators.table(report).set_index("indicator")


def test_the_report_of_qinxian():
    found = rows(handmade.qinxian())
    assert found["value"].to_list()[:4] == [1.0, 1.0, 0.0, 0.0]
    assert found["status"].to_list() == ["realigned", "realigned", "realigned", "printed", "blank"]
    assert found.loc["full_grant_share", ["numerator", "denominator", "n", "method"]].to_list() == [1, 1, 1, "wilson"]
    assert round(found.loc["full_grant_share", "low"], 2) == 0.21 and found.loc["full_grant_share", "high"] == 1
    assert found["year"].to_list() == [2019] * 5


def test_a_blank_operand_leaves_no_value_and_is_not_zero():
    found = rows(handmade.qinxian()).loc["reconsideration_corrected_share"]
    assert found[["numerator", "denominator", "value", "low", "high", "method"]].isna().all()
    assert found["reason"].startswith("blank (blank is not zero): Administrative reconsideration · Corrected, ")
    assert found["reason_zh"].startswith("空白（空白不等于零）：行政复议 · 结果纠正、")


def test_nothing_to_divide_is_another_reason_than_blank():
    found = rows(handmade.report({})).loc["reconsideration_corrected_share"]
    assert (found["status"], found["denominator"]) == ("nothing_to_divide", 0)
    assert pd.isna(found["value"]) and "nothing to divide" in found["reason"] and "分母为 0" in found["reason_zh"]


def test_sums_that_fail_in_print_leave_no_value():
    found = rows(handmade.pingtan_2020())
    assert found["status"].to_list() == ["inconsistent"] * 3 + ["printed", "nothing_to_divide"]
    assert found.loc["full_grant_share", ["numerator", "denominator"]].to_list() == [7, 21]
    assert found["value"].isna().to_list() == [True, True, True, False, True]
    assert all(
        "27" in found.loc["full_grant_share", reason] and "21" in found.loc["full_grant_share", reason]
        for reason in ("reason", "reason_zh")
    )
    assert found.loc["backlog_ratio", "value"] == 0


def test_a_part_greater_than_the_whole_is_inconsistent_even_where_no_identity_can_say_so():
    values = {f"applications/{item}/total": n for item, n in (("new_received", 3.0), ("granted", 5.0), ("processed_total", 3.0))}
    statuses = {f.path: "blank" for f in handmade.FORM.fields if f.item == "other"}
    found = rows(handmade.report(values, statuses)).loc["full_grant_share"]
    assert found["status"] == "inconsistent" and "5" in found["reason"] and "3" in found["reason_zh"]


def test_the_backlog_is_no_binomial_share_and_has_no_interval():
    found = rows(handmade.huaian_2024()).loc["backlog_ratio"]
    assert round(found["value"], 4) == round(103 / 3153, 4)
    assert found[["low", "high", "method"]].isna().all() and found["n"] == 3153


def test_the_corrected_share_is_over_concluded_reviews():
    found = rows(handmade.huaian_2024()).loc["reconsideration_corrected_share"]
    assert found[["numerator", "denominator"]].to_list() == [64, 314] and round(found["value"], 3) == 0.204


@pytest.mark.parametrize("status", ["blank", "mark", "absent", "uncertain", "unreadable"])
def test_every_status_without_a_value_has_its_reason(status):
    found = rows(handmade.report(handmade.HUAIAN_2024, {"applications/granted/total": status})).loc["full_grant_share"]
    assert found["status"] == status and pd.isna(found["value"])
    assert found["reason"].endswith(": 3.1 Granted · Total") and found["reason_zh"].endswith("：（一）予以公开 · 总计")


def test_an_edition_without_a_definition_gives_no_value():
    report = handmade.qinxian()
    found = rows(replace(report, edition=replace(report.edition, code="1999")))
    assert (found["status"] == "other_form").all() and found["value"].isna().all() and found["reason"].notna().all()


def test_the_rows_are_always_the_same_and_typed():
    frames = [indicators.table(r) for r in (handmade.qinxian(), handmade.pingtan_2020(), handmade.report({}))]
    assert all(f["indicator"].to_list() == list(indicators.indicators()) for f in frames)
    assert all(f.dtypes.to_list() == frames[0].dtypes.to_list() for f in frames) and frames[0]["value"].dtype == "Float64"


def test_every_entry_is_complete_and_names_cells_of_its_forms():
    for entry in indicators.indicators().values():
        assert all((entry.zh, entry.en, entry.source, entry.source_en, entry.caution_zh, entry.caution_en))
        assert entry.kind in ("share", "ratio") and set(entry.operands) <= {f.path for f in handmade.FORM.fields}
        assert all(all(indicators.formula(entry, handmade.FORM, language)) for language in ("zh", "en"))


def test_reconsideration_and_litigation_are_never_added():
    assert not any("litigation" in path for entry in indicators.indicators().values() for path in entry.operands)
