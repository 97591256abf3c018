"""Indicators: each right by hand on a published report, and without a value where it must have none, saying why."""

import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import handmade
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gongkai
from gongkai import indicators
from gongkai.core.errors import UsageError
from gongkai.inference import poisson, wilson

# (document, indicator, numerator, denominator, value): counted by hand from the published figures, as data/raw prints them again.
HUAIAN, SUQIAN, HONGZE = "huaian-2024.docx", "suqian-2023.txt", "hongze-2024.html"
P2014, P2016, P2020, P2021 = "pingtan-2014.html", "pingtan-2016.html", "pingtan-2020.html", "pingtan-2021.html"
WORKED = [
    (HUAIAN, "requests_received", 3119, None, 3119),
    (P2014, "requests_received", 1, None, 1),  # 受理依申请公开信息总数
    (HUAIAN, "workload", 3119 + 34, None, 3153),
    (P2016, "zero_demand", 0, None, 1),
    (P2014, "zero_demand", 1, None, 0),
    (HUAIAN, "full_grant_share", 1362, 3050, 0.4466),
    (HUAIAN, "partial_grant_share", 454, 3050, 0.1489),
    (HUAIAN, "refusal_share", 2 + 31 + 5 + 6 + 8 + 12 + 9 + 105, 3050, 0.0584),
    (HUAIAN, "unavailable_share", 769 + 11 + 1, 3050, 0.2561),
    (HUAIAN, "not_processed_or_other_share", 62 + 25 + 1 + 71 + 6 + 110, 3050, 0.0902),
    (HUAIAN, "any_grant_share", 1362 + 454, 3050, 0.595),
    (HUAIAN, "any_grant_of_workload_share", 1362 + 454, 3153, 0.576),
    (HUAIAN, "substantive_grant_share", 1816, 1816 + 178, 0.911),
    (HUAIAN, "article16_share", 8 + 12 + 9, 178, 0.163),
    (HUAIAN, "not_held_share", 769, 3050, 0.252),
    (SUQIAN, "not_processed_share", 305 + 39 + 0 + 58 + 4, 3486, 0.1165),
    (SUQIAN, "not_processed_petition_share", 305, 3486, 0.0875),
    (SUQIAN, "not_processed_duplicate_share", 39, 3486, 0.0112),
    (SUQIAN, "not_processed_excessive_share", 58, 3486, 0.0166),
    (HUAIAN, "backlog_ratio", 103, 3153, 0.0327),
    (HUAIAN, "clearance_ratio", 3050, 3153, 0.9673),
    (HUAIAN, "months_of_work", 103, 3050, 12 * 103 / 3050),
    (P2021, "natural_person_share", 64, 70, 0.9143),
    (SUQIAN, "commercial_enterprise_share", 99, 3511, 0.0282),
    (SUQIAN, "research_institution_share", 0, 3511, 0),
    (P2021, "public_interest_organization_share", 2, 70, 0.0286),
    (HUAIAN, "legal_service_organization_share", 61, 3119, 0.0196),
    (P2021, "other_organization_share", 4, 70, 0.0571),
    (P2021, "applicant_concentration", 64 * 63 + 2 * 1 + 4 * 3, 70 * 69, 0.8377),
    (HUAIAN, "reconsideration_rate", 351, 3050, 0.1151),
    (HUAIAN, "reconsideration_per_adverse", 351, 454 + 178 + 781 + 88, 0.2338),
    (HUAIAN, "litigation_rate", 26 + 20, 3050, 0.0151),
    (HUAIAN, "litigation_per_adverse", 46, 1501, 0.0306),
    (HUAIAN, "reconsideration_corrected_of_total_share", 64, 351, 0.182),
    (HUAIAN, "reconsideration_corrected_share", 64, 351 - 37, 0.204),
    (HUAIAN, "reconsideration_corrected_of_decided_share", 64, 72 + 64, 0.471),
    (HUAIAN, "reconsideration_other_of_total_share", 178, 351, 0.507),
    (HUAIAN, "reconsideration_other_share", 178, 314, 0.5669),
    (HUAIAN, "litigation_corrected_of_total_share", 4 + 1, 46, 0.1087),
    (HUAIAN, "litigation_corrected_share", 5, 46 - 1 - 6, 0.1282),
    (HUAIAN, "litigation_corrected_of_decided_share", 5, 13 + 12 + 5, 0.1667),
    (HUAIAN, "litigation_other_share", 8 + 1, 39, 0.2308),
    (HUAIAN, "direct_suit_share", 26, 46, 0.5652),
    (HUAIAN, "normative_documents_made", 8, None, 8),
    (P2020, "normative_documents_made", 77, None, 77),
    (SUQIAN, "normative_document_churn", 489, 597 + 489, 0.4503),
    (HUAIAN, "permits_decided", 447228, None, 447228),
    (HUAIAN, "penalties_decided", 3985758, None, 3985758),
    ("qinxian-2019.txt", "blank_cells_ratio", 5, 198, 0.0253),
    ("qinxian-2019.txt", "sections_missing", 1, None, 1),
    (P2020, "identities_broken_ratio", 2, 40, 0.05),  # the column of natural persons and that of all
    (P2020, "identities_broken_cases", (26 - 20) + (27 - 21), None, 12),
    (P2021, "text_table_conflicts", 0, None, 0),
    (P2014, "in_person_share", 0, 1, 0),
    (P2014, "online_share", 0, 1, 0),
    (P2014, "letter_or_fax_share", 1, 1, 1),
]
# The national list of 2014 to 2018, of which no published copy is in data/raw.
LISTED = (
    "沁县2016年政府信息公开工作年度报告\n附表\n统计指标\t单位\t统计数\n（一）收到申请数\t件\t9\n1.当面申请数\t件\t4\n2.传真申请数\t件\t2\n"
    "3.网络申请数\t件\t0\n4.信函申请数\t件\t3\n（二）申请办结数\t件\t8\n1.按时办结数\t件\t{on_time}\n2.延期办结数\t件\t2\n"
)
ON_LIST = [("on_time_share", 6, 8), ("in_person_share", 4, 9), ("fax_share", 2, 9), ("online_share", 0, 9), ("letter_share", 3, 9)]
# What the package cannot know of a report alone: the user joins it, or a year before is there.
JOINED = [
    ("demand", 3119, 4_000_000, 7.7975),
    ("permits_per_1000", 447228, 4_000_000, 111.807),
    ("penalties_per_1000", 3985758, 4_000_000, 996.4395),
    ("boilerplate_rank", 3, None, 3),
    ("days_late", 0, None, 0),
    ("carry_over_gap", 0, None, 0),
]


def rows(source, **options):
    return indicators.table(source, **options).set_index("indicator")


def document(text):
    return gongkai.read_report(text.encode())


def reread(report, path, **changes):
    """Return a report in which one cell was read differently."""
    return replace(report, readings=tuple(replace(r, **changes) if r.field.path == path else r for r in report.readings))


def corpus(*reports, **columns):
    """Stand in for a corpus: the same DataFrames, with columns of the user joined."""
    about = ("report_id", "form", "year", "division_code", "scope", "published", "body")
    frame = pd.DataFrame([{name: getattr(r, name) for name in about} for r in reports]).assign(**columns)
    return SimpleNamespace(
        reports=frame, **{name: pd.concat([getattr(r, name) for r in reports]) for name in ("cells", "checks", "findings")}
    )


@pytest.fixture(scope="module")
def published(root):
    every = list(indicators.indicators())
    return {name: rows(gongkai.read_report(root / "data" / "raw" / name), codes=every) for name in {HONGZE, *(case[0] for case in WORKED)}}


@pytest.mark.parametrize("name, code, numerator, denominator, value", WORKED, ids=lambda v: v if isinstance(v, str) else "")
def test_a_published_report_gives_what_is_computed_by_hand(published, name, code, numerator, denominator, value):
    found = published[name].loc[code]
    assert found["numerator"] == numerator and (found["denominator"] == denominator if denominator else pd.isna(found["denominator"]))
    assert found["value"] == pytest.approx(value, abs=5.1e-4) and pd.isna(found["reason"])
    interval = {"share": wilson, "rate": poisson}.get(indicators.indicators()[code].kind)
    if interval:
        assert (found["low"], found["high"]) == pytest.approx(tuple(interval(numerator, denominator)))
        assert found["method"] == interval.__name__ and found["low"] <= found["value"] <= found["high"]
    else:
        assert found[["low", "high", "method"]].isna().all()


@pytest.mark.parametrize("code, numerator, denominator", ON_LIST)
def test_the_national_list_gives_shares_on_time_and_by_channel(code, numerator, denominator):
    found = rows(document(LISTED.format(on_time=6))).loc[code]
    assert found[["numerator", "denominator"]].to_list() == [numerator, denominator] and found["value"] == numerator / denominator


@pytest.mark.parametrize("code, numerator, denominator, value", JOINED)
def test_what_the_user_joins_is_used_and_is_not_known_else(root, code, numerator, denominator, value):
    report = gongkai.read_report(root / "data" / "raw" / HUAIAN)
    report = replace(report, scope="area", division_code="320800", body="government", published="2025-03-01")
    before = replace(report, year=2023, document=replace(report.document, sha256="f" * 64))
    before = reread(before, "applications/carried_out/total", value=34.0)
    every = list(indicators.indicators())
    found = indicators.table(corpus(report, before, residents=4_000_000, boilerplate_rank=3), codes=every)
    found = found[found["year"] == 2024].set_index("indicator").loc[code]
    assert (found["numerator"], found["value"]) == (numerator, pytest.approx(value))
    assert found["denominator"] == denominator if denominator else pd.isna(found["denominator"])
    assert not denominator or found["low"] < found["value"] < found["high"]
    alone = rows(replace(report, scope=None, published=None), codes=every).loc[code]
    assert alone["status"] == "absent" and pd.isna(alone["value"]) and alone["reason"].startswith("not known: ")


def test_every_indicator_has_a_worked_example_and_a_row_in_the_codebook():
    worked = {case[1] for case in WORKED} | {case[0] for case in ON_LIST} | {case[0] for case in JOINED}
    assert worked == set(indicators.indicators())
    for language in ("zh", "en"):
        book = indicators.codebook(language)
        assert book["indicator"].to_list() == list(indicators.indicators())
        assert (book[["label", "kind", "numerator", "editions", "series", "caution", "source"]] != "").all(axis=None)


def test_the_five_groups_add_up_to_all(published):
    five = [code for code, one in indicators.indicators().items() if one.family == "five_groups"]
    for name in (HUAIAN, SUQIAN, HONGZE, P2021):
        assert len(five) == 5 and published[name].loc[five, "value"].sum() == pytest.approx(1)


def test_the_row_of_2019_kept_in_a_form_of_2021_counts_as_other(published):
    found = published[HONGZE]
    assert found.loc["not_processed_or_other_share", "status"] == "printed" and found.loc["any_grant_share", "numerator"] == 59


# Every case without a value.
OF_2019 = [code for code, one in indicators.indicators().items() if "2019" in one.forms and "report/" not in str(one.operands)]
SAID = {"blank": "blank is not zero", "mark": "no number", "absent": "not in", "uncertain": "readings", "unreadable": "read as"}


@pytest.mark.parametrize("code", OF_2019)
@pytest.mark.parametrize("status", SAID)
def test_an_operand_without_a_value_leaves_none_and_is_named(code, status):
    operands = indicators.indicators()[code].operands
    for path in [f.path for f in handmade.FORM.fields if f.path in operands][:: max(1, len(operands) // 2)]:
        found = rows(handmade.report(handmade.HUAIAN_2024, {path: status}), codes=[code]).loc[code]
        assert found["status"] == found["operands"] == status and pd.isna(found["value"]) and pd.isna(found["low"])
        table, item, _ = path.split("/")
        name = handmade.FORM.tables[table].items[item]
        assert SAID[status] in found["reason"] and name.en in found["reason"] and name.zh in found["reason_zh"]


def test_nothing_to_divide_is_another_reason_than_blank():
    found = rows(handmade.report({}))
    divided = [code for code, one in indicators.indicators().items() if one.denominator and "2019" in one.forms and not one.off_zh]
    divided = [code for code in divided if not code.startswith(("blank_cells", "identities"))]
    assert set(found.loc[divided, "status"]) == {"nothing_to_divide"} and found.loc[divided, "value"].isna().all()
    assert set(found.loc[divided, "denominator"]) == {0} and found.loc["refusal_share", "reason_zh"] == "分母为 0，没有可除的件数"
    assert found.loc["zero_demand", "value"] == 1


def test_one_request_has_no_concentration():
    assert rows(handmade.qinxian()).loc["applicant_concentration", "status"] == "nothing_to_divide"


def test_the_report_of_qinxian():
    found = rows(handmade.qinxian())
    assert found.loc["full_grant_share", ["numerator", "denominator", "n", "method", "operands"]].to_list() == [
        1,
        1,
        1,
        "wilson",
        "realigned",
    ]
    blank = found.loc["reconsideration_corrected_share"]
    assert blank[["numerator", "denominator", "value", "low", "high", "method"]].isna().all()
    assert blank["reason"].startswith("blank (blank is not zero): Administrative reconsideration · Corrected, ")
    assert blank["reason_zh"].startswith("空白（空白不等于零）：行政复议 · 结果纠正、")


def test_a_group_that_ails_as_a_whole_is_named_as_one():
    statuses = {f.path: "blank" for f in handmade.FORM.fields if f.item.startswith("denied.")}
    found = rows(handmade.report(handmade.HUAIAN_2024, statuses)).loc["refusal_share"]
    assert (found["reason"], found["reason_zh"]) == (
        "blank (blank is not zero): 3.3 Denied · Total",
        "空白（空白不等于零）：（三）不予公开 · 总计",
    )


def test_sums_that_fail_in_print_give_both_answers_and_no_point_value(published):
    found = published[P2020]
    tied = ["any_grant_share", "any_grant_of_workload_share"]
    assert found.loc[tied, ["numerator", "denominator"]].to_numpy().tolist() == [[13, 21]] * 2
    for code in tied:
        row = found.loc[code]
        assert row["status"] == "inconsistent" and row[["value", "low", "high", "method"]].isna().all()
        assert (row["value_printed"], row["value_summed"]) == (13 / 21, 13 / 27)
        assert all(said in row[reason] for reason in ("reason", "reason_zh") for said in ("13/21", "13/27"))
    assert set(found[found["status"] == "inconsistent"].index) == {
        *tied, "full_grant_share", "partial_grant_share", "refusal_share", "unavailable_share", "not_processed_or_other_share",
        "not_held_share", "substantive_grant_share", "article16_share", "not_processed_share", "not_processed_petition_share",
        "not_processed_duplicate_share", "not_processed_excessive_share",
    }  # fmt: skip
    assert found.loc[["backlog_ratio", "clearance_ratio", "reconsideration_rate"], "status"].to_list() == ["printed"] * 3


def broken(values, code, path, value):
    """Misprint one cell, and take one indicator."""
    return rows(handmade.report({**values, path: value})).loc[code]


@pytest.mark.parametrize(
    "code, path, value, status, printed, summed",
    [
        # 3119 + 34 against 3050 + 104: what was to be handled is 3153, or 3154 by what became of it.
        ("backlog_ratio", "applications/carried_out/total", 104.0, "inconsistent", 104 / 3153, 104 / 3154),
        # The total of reconsiderations has no other sum to vouch for it.
        ("reconsideration_rate", "review/reconsideration/total", 361.0, "inconsistent", 361 / 3050, 351 / 3050),
        ("reconsideration_corrected_share", "review/reconsideration/total", 361.0, "inconsistent", 64 / 324, 64 / 314),
        # A misprint elsewhere in the column does not touch what no failing sum ties together.
        ("any_grant_share", "applications/carried_out/total", 104.0, "printed", None, None),
    ],
)
def test_a_misprint_is_answered_both_ways_where_it_ties_the_operands(code, path, value, status, printed, summed):
    found = broken(handmade.HUAIAN_2024, code, path, value)
    assert found["status"] == status and pd.isna(found["value"]) == (status == "inconsistent")
    if printed:
        assert (found["value_printed"], found["value_summed"]) == pytest.approx((printed, summed))


def test_a_list_that_contradicts_itself_is_inconsistent_too():
    found = rows(document(LISTED.format(on_time=7))).loc["on_time_share"]
    assert (found["status"], found["value_printed"], found["value_summed"]) == ("inconsistent", 7 / 8, 7 / 9)


def test_a_part_greater_than_the_whole_is_inconsistent_even_where_no_identity_can_say_so():
    values = {f"applications/{item}/total": n for item, n in (("new_received", 3.0), ("granted", 5.0), ("processed_total", 3.0))}
    statuses = {f.path: "blank" for f in handmade.FORM.fields if f.item == "other"}
    found = rows(handmade.report(values, statuses)).loc["full_grant_share"]
    assert found["status"] == "inconsistent" and "5" in found["reason"] and "3" in found["reason_zh"]


def test_an_edition_without_a_definition_gives_no_value(published):
    found = published[P2016]
    assert (found.loc["workload", ["status"]] == "other_form").all() and "统计表" in found.loc["workload", "reason_zh"]
    assert found.loc["on_time_share", "status"] == "absent" and "按时办结数" in found.loc["on_time_share", "reason"]


# What may be asked for.
def test_what_is_put_back_in_place_counts_only_where_accepted():
    found = rows(handmade.qinxian(), accept=("printed",)).loc["full_grant_share"]
    assert found["status"] == "realigned" and pd.isna(found["value"]) and "not accepted" in found["reason"]


def with_proof(path, proof):
    return reread(handmade.report(handmade.HUAIAN_2024, {path: "blank"}), path, deduced=proof)


@pytest.mark.parametrize(
    "proof, options, status, value",
    [
        (0.0, {}, "blank", None),
        (0.0, {"blank_as_zero": True}, "blank_as_zero", 0.0),
        (None, {"blank_as_zero": True}, "not_contradicted", None),
        (178.0, {"blank_as_zero": True}, "blank", None),
        (178.0, {"accept": ("printed", "deduced")}, "deduced", 178 / 3050),
    ],
)
def test_a_blank_is_zero_only_where_a_printed_total_admits_nothing_else(proof, options, status, value):
    found = rows(with_proof("applications/denied.security_stability/total", proof), **options, codes=["refusal_share"]).iloc[0]
    value = None if value is None else (178 + (proof or 0)) / 3050
    assert found["status"] == status and (pd.isna(found["value"]) if value is None else found["value"] == value)


def test_a_blank_in_a_sum_that_nothing_can_save_is_not_said_to_be_uncontradicted():
    blank = reread(handmade.pingtan_2020(), "applications/denied.state_secret/total", value=None, status="blank")
    assert rows(blank, blank_as_zero=True).loc["refusal_share", "status"] == "blank"


def test_indicators_off_by_default_say_why_and_are_computed_when_asked_for():
    off = indicators.codebook("en").query("not default")
    assert set(off["indicator"]) == {
        "demand", "permits_decided", "permits_per_1000", "penalties_decided", "penalties_per_1000", "days_late", "boilerplate_rank"
    }  # fmt: skip
    assert (off["off"].str.len() > 20).all() and not set(off["indicator"]) & set(rows(handmade.qinxian()).index)
    assert rows(handmade.qinxian(), codes=["permits_decided"])["value"].to_list() == [1200]


@pytest.mark.parametrize("options", [{"accept": ("blank",)}, {"codes": ["grant_share"]}, {"extra": "no/such/file.toml"}])
def test_what_cannot_be_asked_for_is_refused(options):
    with pytest.raises(UsageError):
        indicators.table(handmade.qinxian(), **options)


# A user's own.
MINE = """[third_party]
zh = "涉第三方"
en = "Third parties"
kind = "share"
numerator = "applications/denied.third_party_rights/total"
denominator = ["applications/processed_total/total"]
caution_en = "Few."
breaks = ["form"]
"""


def test_a_users_entry_has_interval_reason_and_codebook_row_from_a_file_and_from_a_notebook(tmp_path, root):
    (tmp_path / "mine.toml").write_text(MINE, encoding="utf-8")
    mine = indicators.define(
        "third_party", zh="涉第三方", en="Third parties", kind="share", numerator="applications/denied.third_party_rights/total",
        denominator="applications/processed_total/total", caution_en="Few.", breaks=["form"],
    )  # fmt: skip
    report = gongkai.read_report(root / "data" / "raw" / HUAIAN)
    for extra in (tmp_path / "mine.toml", str(tmp_path / "mine.toml"), mine, [mine]):
        found = rows(report, extra=extra).iloc[-1]
        assert (found.name, found["numerator"], found["denominator"], found["method"], found["series"]) == (
            "third_party",
            6,
            3050,
            "wilson",
            "2021-",
        )
        assert found["low"] < 6 / 3050 < found["high"]
        book = indicators.codebook("en", extra).iloc[-1]
        assert book["indicator"] == "third_party" and book["caution"] == "Few." and "2021 new form" in book["series"]
    assert "blank" in rows(handmade.report({}, {"applications/processed_total/total": "blank"}), extra=mine).iloc[-1]["reason"]
    assert "third_party" not in rows(report).index


def test_a_users_list_label_and_finding_and_column_can_be_operands():
    mine = [
        indicators.define(
            "fax_or_letter",
            en="x",
            kind="share",
            numerator=["statistics/传真申请数/year", "statistics/信函申请数/year"],
            denominator="statistics/收到申请数/year",
        ),
        indicators.define("notes", en="x", kind="count", numerator="report/findings/absent"),
        indicators.define("level", en="x", kind="count", numerator="report/given/level"),
    ]
    report = document(LISTED.format(on_time=6))
    found = indicators.table(corpus(report, level=7.5), extra=mine, codes=[one.code for one in mine])
    assert found["value"].to_list() == [5 / 9, 0, 7.5]


@pytest.mark.parametrize(
    "entry, fault",
    [
        ({"kind": "share", "numerator": ["applications/granted/total"]}, "no label"),
        ({"en": "x", "numerator": ["applications/granted/total"]}, "kind None"),
        ({"en": "x", "kind": "score", "numerator": ["applications/granted/total"]}, "kind 'score'"),
        ({"en": "x", "kind": "share", "numerator": ["applications/granted/total"]}, "mine.denominator is missing"),
        ({"en": "x", "kind": "count"}, "mine.numerator is missing"),
        ({"en": "x", "kind": "count", "numerator": ["applications/grants/total"]}, "'applications/grants/total' is no cell"),
        ({"en": "x", "kind": "count", "numerator": 5}, "5 is no cell"),
        ({"en": "x", "kind": "count", "numerator": ["report/stars/five"]}, "is no cell"),
        ({"en": "x", "kind": "count", "numerator": ["report/between/nothing"]}, "is no cell"),
        ({"en": "x", "kind": "count", "numerator": ["applications/granted/total"], "colour": "red"}, "unknown key or value: colour"),
        ({"en": "x", "kind": "count", "numerator": ["applications/granted/total"], "breaks": ["2024"]}, "there is no 2024"),
        ({"en": "x", "kind": "count", "numerator": ["applications/granted/total"], "scale": "many"}, "scale"),
        (
            {"en": "x", "kind": "ratio", "numerator": ["disclosure/fees/change"], "denominator": ["disclosure/fees/amount_yuan"]},
            "no edition",
        ),
    ],
)
def test_a_faulty_entry_is_refused_by_name(entry, fault):
    with pytest.raises(UsageError) as refused:
        indicators.define("mine", **entry)
    assert fault in refused.value.in_language("en") and "mine" in refused.value.in_language("zh")


def test_faults_of_a_file_are_named_all_at_once(tmp_path):
    (tmp_path / "mine.toml").write_text(MINE.replace("denied.third", "denied.fourth") + "[any_grant_share]\nen = 'x'\nkind = 'count'\n")
    with pytest.raises(UsageError, match="fourth_party_rights") as refused:
        indicators.table(handmade.qinxian(), extra=tmp_path / "mine.toml")
    assert "any_grant_share is the name of a built-in indicator" in str(refused.value) and "mine.toml" in str(refused.value)
    (tmp_path / "mine.toml").write_text("[[[")
    with pytest.raises(UsageError, match="cannot be read as TOML"):
        indicators.codebook("en", tmp_path / "mine.toml")


# Series.
@pytest.mark.parametrize(
    "code, form, year, series",
    [
        ("reconsideration_rate", "2021", 2023, "-2023"),
        ("reconsideration_rate", "2021", 2024, "2024-"),
        ("normative_documents_made", "2019", 2020, "-2020"),
        ("normative_documents_made", "2019", 2023, "-2020"),  # an old form in a later year stays what it is
        ("normative_documents_made", "2021", 2020, "2021-"),
        ("any_grant_share", "2019", 2020, "all"),
        ("blank_cells_ratio", "statistics", 2016, "-2018"),
    ],
)
def test_series_change_where_numbers_stop_being_comparable(code, form, year, series):
    report = corpus(replace(handmade.qinxian(), year=year))
    report.reports["form"] = form
    assert rows(report).loc[code, "series"] == series


def test_a_year_not_known_joins_no_series_that_its_year_decides():
    found = rows(replace(handmade.qinxian(), year=None))
    assert pd.isna(found.loc["litigation_rate", "series"]) and found.loc["any_grant_share", "series"] == "all"


# One code path.
def test_a_corpus_gives_the_rows_of_its_reports_in_their_order(root):
    reports = [gongkai.read_report(root / "data" / "raw" / name) for name in (P2020, P2016, HUAIAN, "qinxian-2019.txt")]
    alone = pd.concat([indicators.table(r) for r in reports], ignore_index=True)
    together = indicators.table(corpus(*reports))
    pd.testing.assert_frame_equal(together, alone)
    whole = indicators.table(gongkai.read_corpus(root / "data" / "raw"))
    assert whole.dtypes.to_list() == alone.dtypes.to_list() == list(map(pd.api.types.pandas_dtype, indicators.COLUMNS.values()))
    assert len(indicators.table(corpus(*reports[:1]), codes=[])) == 0


def test_what_the_year_before_carried_out_must_come_from_one_report(root):
    report = replace(handmade.huaian_2024(), division_code="320800")
    before = [replace(report, year=2023, document=replace(report.document, sha256=c * 64)) for c in "ab"]
    for others, status, gap in ((before[:1], "printed", 103 - 34), (before, "absent", None), ([], "absent", None)):
        found = indicators.table(corpus(report, *others), codes=["carry_over_gap"]).iloc[0]
        assert found["status"] == status and (pd.isna(found["value"]) if gap is None else found["value"] == gap)


@pytest.mark.parametrize(
    "body, year, published, late",
    [
        ("government", 2020, "2021-04-02", 2),
        ("department", 2020, "2021-02-02", 2),
        ("department", 2017, "2018-04-02", 2),
        (None, 2017, "2018-03-01", 0),
        (None, 2020, "2021-04-02", None),
        ("street_or_town", 2020, "2021-04-02", None),
        ("government", 2020, "2021年", None),
    ],
)
def test_days_late_need_the_date_and_the_kind_of_body(body, year, published, late):
    found = rows(replace(handmade.qinxian(), body=body, year=year, published=published), codes=["days_late"]).iloc[0]
    assert pd.isna(found["value"]) if late is None else found["value"] == late


CELLS = st.sampled_from([f.path for f in handmade.FORM.fields])


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(CELLS, st.integers(0, 9), max_size=12), st.dictionaries(CELLS, st.sampled_from(list(SAID)), max_size=6))
def test_every_row_has_a_value_or_a_reason_and_shares_stay_between_none_and_all(values, statuses):
    found = indicators.table(handmade.report({path: float(n) for path, n in values.items()}, statuses))
    assert (found["value"].isna() == found["reason"].notna()).all() and (found["reason"].isna() == found["reason_zh"].isna()).all()
    shares = found[found["method"] == "wilson"]
    assert ((shares["low"] <= shares["value"]) & (shares["value"] <= shares["high"]) & shares["value"].between(0, 1)).all()
    assert (found["value_printed"].isna() | (found["status"] == "inconsistent")).all()


def test_the_rooms_of_statistics_open_by_name():
    code = "import sys, gongkai; assert 'pandas' not in sys.modules; print(gongkai.indicators.table, gongkai.inference.wilson)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_entries_are_complete_and_never_add_two_stages_of_one_dispute():
    for one in indicators.indicators().values():
        assert all((one.zh, one.en, one.source, one.source_en, one.caution_zh, one.caution_en, one.family))
        assert all(all(indicators.formula(one, handmade.FORM, language)[: 1 + bool(one.denominator)]) for language in ("zh", "en"))
        assert len({path.split("/")[1] == "reconsideration" for path in one.operands if path.startswith("review/")}) < 2
        assert not one.lead or one.kind in ("share", "ratio")
