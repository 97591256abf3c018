"""Indicators: each right by hand on a published report, and without a value where it must have none, saying why."""

import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import handmade
import indicator_lists
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gongkai
from gongkai import indicators
from gongkai.core.errors import UsageError
from gongkai.core.model import Reading
from gongkai.extract.checks import check_identities, table_findings
from gongkai.extract.identities import Aligned
from gongkai.forms import load_form, one_of_each
from gongkai.inference import poisson, wilson

# (document, indicator, numerator, denominator, value): counted by hand from the published figures, as data/raw prints them again.
HUAIAN, SUQIAN, HONGZE = "huaian-2024.docx", "suqian-2023.txt", "hongze-2024.html"
P2014, P2016, P2020, P2021 = "pingtan-2014.html", "pingtan-2016.html", "pingtan-2020.html", "pingtan-2021.html"
WORKED = [
    (HUAIAN, "requests_received", 3119, None, 3119),
    (HUAIAN, "workload", 3119 + 34, None, 3153),
    (HUAIAN, "zero_demand", 3119, None, 0),
    (HUAIAN, "full_grant_share", 1362, 3050, 0.4466),
    (HUAIAN, "partial_grant_share", 454, 3050, 0.1489),
    (HUAIAN, "refusal_share", 2 + 31 + 5 + 6 + 8 + 12 + 9 + 105, 3050, 0.0584),
    (HUAIAN, "refusal_without_inquiries_share", 2 + 31 + 5 + 6 + 8 + 12 + 9, 3050, 0.0239),  # 178 less 105
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
    (HUAIAN, "inquiry_share", 105, 3050, 0.0344),
    (HUAIAN, "other_handling_share", 71 + 6 + 110, 3050, 0.0613),
    ("pingtan-2019.html", "other_handling_share", 0, 23, 0),  # one row on the form of 2019
    (HUAIAN, "other_remaining_share", 110, 3050, 0.0361),
    (HUAIAN, "denied_state_secret_share", 2, 178, 0.0112),
    (HUAIAN, "denied_prohibited_by_law_share", 31, 178, 0.1742),
    (HUAIAN, "denied_security_stability_share", 5, 178, 0.0281),
    (SUQIAN, "denied_third_party_rights_share", 38, 27 + 6 + 38 + 20 + 9 + 21 + 21, 0.2676),
    (P2021, "denied_internal_affairs_share", 1, 1 + 6 + 1, 0.125),
    (HUAIAN, "denied_process_information_share", 12, 178, 0.0674),
    (P2021, "denied_enforcement_files_share", 6, 8, 0.75),
    (HUAIAN, "denied_administrative_inquiry_share", 105, 178, 0.5899),
    (HUAIAN, "any_grant_natural_person_share", 1288 + 447, 2932, 0.5917),
    (HUAIAN, "any_grant_enterprise_share", 21 + 7, 53, 0.5283),
    (HUAIAN, "any_grant_organization_share", 21 + 50 + 3 + 7, 53 + 61 + 4, 0.6864),
    (SUQIAN, "refusal_natural_person_share", 27 + 6 + 38 + 20 + 9 + 21 + 20, 3375, 0.0418),
    (HUAIAN, "refusal_enterprise_share", 1 + 1, 53, 0.0377),
    (P2021, "refusal_organization_share", 0, 4 + 2, 0),
    (HUAIAN, "reconsideration_pending_share", 37, 351, 0.1054),
    (HUAIAN, "reconsideration_concluded_rate", 351 - 37, 3050, 0.103),
    (HUAIAN, "reconsideration_concluded_per_adverse", 351 - 37, 1501, 0.2092),
    (SUQIAN, "litigation_pending_share", 6 + 9, 24 + 89, 0.1327),
    (HUAIAN, "litigation_concluded_rate", 46 - 1 - 6, 3050, 0.0128),
    (HUAIAN, "litigation_concluded_per_adverse", 39, 1501, 0.026),
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
    (P2014, "requests_accepted", 1, None, 1),  # 受理依申请公开信息总数
    (P2014, "zero_accepted", 1, None, 0),
    (P2016, "zero_accepted", 0, None, 1),
    (P2014, "in_person_of_accepted_share", 0, 1, 0),
    (P2014, "online_of_accepted_share", 0, 1, 0),
    (P2014, "letter_or_fax_of_accepted_share", 1, 1, 1),
]
# The national list of 2014 to 2018, of which no published copy is in data/raw.
LISTED = (
    "沁县2016年政府信息公开工作年度报告\n附表\n统计指标\t单位\t统计数\n（一）收到申请数\t件\t9\n1.当面申请数\t件\t4\n2.传真申请数\t件\t2\n"
    "3.网络申请数\t件\t0\n4.信函申请数\t件\t3\n（二）申请办结数\t件\t8\n1.按时办结数\t件\t{on_time}\n2.延期办结数\t件\t2\n"
)
# The same list with letters and fax in one row, and both as a list prints them that counts what was accepted.
JOINT = LISTED.replace("2.传真申请数\t件\t2\n3.", "2.信函、传真申请数\t件\t5\n3.").replace("4.信函申请数\t件\t3\n", "")
ACCEPTED, JOINT_ACCEPTED = (text.replace("收到申请数", "受理依申请公开信息总数") for text in (LISTED, JOINT))
ON_LIST = [
    (LISTED, "on_time_share", 6, 8), (LISTED, "in_person_share", 4, 9), (LISTED, "fax_share", 2, 9), (LISTED, "online_share", 0, 9),
    (LISTED, "letter_share", 3, 9), (JOINT, "letter_or_fax_share", 5, 9), (LISTED, "requests_received", 9, None),
    (LISTED.replace("收到申请数", "申请总数"), "requests_received", 9, None), (ACCEPTED, "requests_accepted", 9, None),
    (ACCEPTED, "in_person_of_accepted_share", 4, 9), (ACCEPTED, "online_of_accepted_share", 0, 9),
    (ACCEPTED, "fax_of_accepted_share", 2, 9), (ACCEPTED, "letter_of_accepted_share", 3, 9),
    (JOINT_ACCEPTED, "letter_or_fax_of_accepted_share", 5, 9),
]  # fmt: skip
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


@pytest.mark.parametrize("text, code, numerator, denominator", ON_LIST)
def test_a_list_gives_its_counts_and_its_shares_on_time_and_by_channel(text, code, numerator, denominator):
    found = rows(document(text.format(on_time=6))).loc[code]
    assert found["numerator"] == numerator and found["value"] == numerator / (denominator or 1)
    assert found["denominator"] == denominator if denominator else pd.isna(found["denominator"])


CHANNELS = ("in_person", "online", "fax", "letter", "letter_or_fax")
RECEIVED = ["requests_received", "zero_demand", *(f"{channel}_share" for channel in CHANNELS)]
ACCEPTING = ["requests_accepted", "zero_accepted", *(f"{channel}_of_accepted_share" for channel in CHANNELS)]


@pytest.mark.parametrize("text, known, unknown", [(LISTED, RECEIVED, ACCEPTING), (ACCEPTED, ACCEPTING, RECEIVED)])
def test_what_was_accepted_never_passes_for_what_was_received(text, known, unknown):
    found = rows(document(text.format(on_time=6)))
    assert set(found.loc[unknown, "status"]) == {"absent"} and found.loc[unknown, "value"].isna().all()
    assert found.loc[[code for code in known if "letter_or_fax" not in code], "status"].eq("printed").all()


def test_accepted_has_its_own_name_series_and_caution():
    pairs = [(indicators.indicators()[one], indicators.indicators()[other]) for one, other in zip(RECEIVED, ACCEPTING, strict=True)]
    found = rows(document(ACCEPTED.format(on_time=6)))
    for received, accepted in pairs:
        assert "受理" in accepted.zh and "accepted" in accepted.en.casefold() and "受理" not in received.zh
        assert found.loc[accepted.code, "series"] == "2014-2018" != found.loc[received.code, "series"]
        assert "看来" in accepted.caution_zh and "as it seems" in accepted.caution_en and accepted.caution_en != received.caution_en
        assert accepted.code in received.caution_zh and accepted.code in received.caution_en
        assert not any("受理" in path for path in received.operands) and all(path.startswith("statistics/") for path in accepted.operands)


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
    worked = {case[1] for case in WORKED} | {case[1] for case in ON_LIST} | {case[0] for case in JOINED}
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
        *tied, "full_grant_share", "partial_grant_share", "refusal_share", "refusal_without_inquiries_share", "unavailable_share",
        "not_processed_or_other_share", "not_held_share", "substantive_grant_share", "article16_share", "not_processed_share",
        "not_processed_petition_share", "not_processed_duplicate_share", "not_processed_excessive_share", "clearance_ratio",
        "months_of_work", "reconsideration_rate", "reconsideration_per_adverse", "litigation_rate", "litigation_per_adverse",
        "inquiry_share", "other_handling_share", *(code for code in indicators.indicators() if code.startswith("denied_")),
        "any_grant_natural_person_share", "refusal_natural_person_share", "reconsideration_concluded_rate",
        "reconsideration_concluded_per_adverse", "litigation_concluded_rate", "litigation_concluded_per_adverse",
    }  # fmt: skip
    for code in ("reconsideration_per_adverse", "litigation_per_adverse"):  # 16 as the rows stand, 10 by what the total leaves
        assert found.loc[code, "denominator"] == 16 and pd.isna(found.loc[code, "value"])
        assert all("0/16" in found.loc[code, reason] and "0/10" in found.loc[code, reason] for reason in ("reason", "reason_zh"))
    assert found.loc[["backlog_ratio", "requests_received", "natural_person_share"], "status"].to_list() == ["printed"] * 3


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
        # Of 3153 to be handled, 104 carried out leave 3049 processed.
        ("any_grant_share", "applications/carried_out/total", 104.0, "inconsistent", 1816 / 3050, 1816 / 3049),
        # Rows that the printed total contradicts: adverse replies are 1502 by the rows, 1501 by what the total leaves.
        ("reconsideration_per_adverse", "applications/not_processed.duplicate/total", 89.0, "inconsistent", 351 / 1502, 351 / 1501),
        # What is both above and below: the total leaves one fewer of the other refusals, or of all of them.
        ("article16_share", "applications/denied.process_information/total", 179.0, "inconsistent", 1, 178 / 178),
        ("requests_received", "applications/new_received/total", 3120.0, "inconsistent", 3120, 3119),
        ("zero_demand", "applications/new_received/total", 0.0, "inconsistent", 1, 0),
        # A misprint that no sum with an operand notices.
        ("natural_person_share", "review/reconsideration/total", 361.0, "printed", None, None),
    ],
)
def test_a_misprint_is_answered_both_ways_where_it_ties_the_operands(code, path, value, status, printed, summed):
    found = broken(handmade.HUAIAN_2024, code, path, value)
    assert found["status"] == status and pd.isna(found["value"]) == (status == "inconsistent")
    if printed:
        assert (found["value_printed"], found["value_summed"]) == pytest.approx((printed, summed))


# Every indicator against every identity over its operands, as the definitions spell them out.
def evaluated(report, values):
    """Return a report with these values in all its cells, and its identities evaluated anew."""
    readings = tuple(replace(r, value=values[r.field.path], status="printed") for r in report.readings)
    checks = check_identities(report.edition, Aligned(readings, (), frozenset()))
    findings = table_findings(Aligned(readings, (), frozenset()), checks, (), ())
    contents = replace(report.contents, checks=tuple(checks), findings=tuple(findings))
    return replace(report, readings=readings, contents=contents)


def filled(code):
    """Return a report of an edition in which every cell has a number and every identity holds."""
    form = one_of_each(load_form(code), lambda table, item: item.startswith("other."))
    values = {f.path: float(3 + n % 7) for n, f in enumerate(form.fields)}
    for identity in sorted(form.identities, key=lambda i: ["results", "review_total", "balance", "applicants"].index(i.code)):
        free = identity.left[0] if identity.code == "balance" else identity.right[0]
        sides = (identity.right, identity.left[1:]) if identity.code == "balance" else (identity.left, identity.right[1:])
        values[free.path] = sum(values[f.path] for f in sides[0]) - sum(values[f.path] for f in sides[1])
    own = replace(
        handmade.report({}),
        scope="area",
        edition=form,
        readings=tuple(Reading(f, 0.0, "printed") for f in form.fields),
        year=form.first_year,
    )
    return evaluated(own, values), values


def named(report, name):
    return replace(report, document=replace(report.document, sha256=hashlib.sha256(name.encode()).hexdigest()))


def refused(report):
    """Return the indicators that have an operand in an identity which fails in print."""
    broken = [{f.path for f in check.identity.terms} for check in report.contents.checks if check.state == "broken"]
    return {code for code, one in indicators.indicators().items() if any(terms.intersection(one.operands) for terms in broken)}


def withheld(report, table):
    found = table[table["report_id"] == report.report_id].set_index("indicator")
    there = set(found.index[~found["status"].isin(["other_form", "absent"])])
    assert set(found.index[found["status"] == "inconsistent"]) == refused(report) & there
    told = found[found["status"] == "inconsistent"]
    assert told["value"].isna().all() and told["low"].isna().all() and told["reason"].notna().all() and told["reason_zh"].notna().all()
    assert (told["value_printed"].notna() | (told["denominator"] == 0)).all()
    # Every one has its second answer, but for the one whose numerator is no sum.
    answered = told["value_summed"].notna() | (told.index == "applicant_concentration")
    assert answered.all(), told[~answered]
    return set(told.index)


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_an_indicator_is_inconsistent_wherever_any_identity_over_its_operands_fails(edition):
    sound, values = filled(edition)
    assert {c.state for c in sound.contents.checks} == {"holds"}
    tied = sorted({f.path for identity in sound.edition.identities for f in identity.terms})
    reports = [sound, *(named(evaluated(sound, values | {path: values[path] + 1}), path) for path in tied)]
    table = indicators.table(corpus(*reports, residents=1000), codes=list(indicators.indicators()))
    assert not withheld(sound, table)
    met = set().union(*(withheld(report, table) for report in reports[1:]))
    assert met == {code for code, one in indicators.indicators().items() if edition in one.forms and set(tied).intersection(one.operands)}


@pytest.mark.parametrize("text", [LISTED, JOINT, ACCEPTED, JOINT_ACCEPTED], ids=["separate", "joint", "accepted", "accepted joint"])
def test_an_indicator_of_a_list_is_inconsistent_wherever_a_sum_over_its_operands_fails(text):
    lines = text.format(on_time=6).splitlines(keepends=True)
    for n in range(3, len(lines)):
        value = int(lines[n].split()[-1])
        report = document("".join([*lines[:n], lines[n].replace(f"\t{value}\n", f"\t{value + 1}\n"), *lines[n + 1 :]]))
        mine = indicators.define("fax", en="x", kind="count", numerator=["statistics/传真申请数/year"])
        found = indicators.table(report, extra=mine)
        broken = any(check.state == "broken" for check in report.contents.checks)
        assert broken == bool(withheld(report, found[found["indicator"] != "fax"]))
        failing = any(f.item == "传真申请数" for c in report.contents.checks if c.state == "broken" for f in c.identity.terms)
        known = "printed" if "传真申请数" in set(report.cells["item"]) else "absent"
        assert found["status"].iloc[-1] == ("inconsistent" if failing else known)


def test_a_sum_of_a_list_says_nothing_against_what_is_read_from_the_form(root):
    form = (root / "data" / "raw" / "qinxian-2019.txt").read_text(encoding="utf-8")
    found = rows(document(form + "\n" + LISTED.format(on_time=6).split("附表\n")[1].replace("当面申请数\t件\t4", "当面申请数\t件\t5")))
    assert found.loc[["requests_received", "in_person_share"], "status"].to_list() == ["printed", "inconsistent"]
    assert found.loc["requests_received", "value"] == 1


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


# What a caution must say in both languages, and what it has no evidence for.
CAUTIONS = [
    ("refusal_share", ["行政查询", "178 件中的 105 件", "refusal_without_inquiries_share", "看来"],
     ["inquiries", "105 of 178", "refusal_without_inquiries_share", "as it seems"]),
    ("refusal_without_inquiries_share", ["行政查询", "看来", "第三十六条"], ["inquiries", "seems", "article 36"]),
    ("direct_suit_share", ["部分公开也须先复议", "逾期不答复看来", "第二十三条", "未能核对", "尚未审结"],
     ["partial refusal", "as it seems, the lack of a reply", "art. 23", "could be checked", "may count again next year"]),
    *((code, ["尚未审结", "次年可能再计一次"], ["pending", "may count again next year"]) for code in (
        "reconsideration_rate", "reconsideration_per_adverse", "litigation_rate", "litigation_per_adverse",
        "reconsideration_corrected_of_total_share", "reconsideration_other_of_total_share", "litigation_corrected_of_total_share")),
    *((code, ["没有报送", "分不出"], ["none reported", "does not tell"]) for code in (
        "permits_decided", "permits_per_1000", "penalties_decided", "penalties_per_1000")),
    ("any_grant_of_workload_share", ["不高于"], ["never higher than"]),
]  # fmt: skip


@pytest.mark.parametrize("code, zh, en", CAUTIONS, ids=[case[0] for case in CAUTIONS])
def test_a_caution_says_what_its_source_says_in_both_languages(code, zh, en):
    for language, words in (("zh", zh), ("en", en)):
        caution = indicators.codebook(language).set_index("indicator").loc[code, "caution"]
        assert all(word in caution for word in words), [word for word in words if word not in caution]


def test_every_total_of_reviews_warns_of_pending_cases_and_nothing_is_said_without_evidence():
    for one in indicators.indicators().values():
        totals = {f"review/{item}/total" for item in ("reconsideration", "direct_litigation", "litigation_after_reconsideration")}
        if totals.intersection(one.operands) and not any(path.endswith("/pending") for path in one.operands):
            assert "次年可能再计一次" in one.caution_zh and "may count again next year" in one.caution_en, one.code
        assert not any(word in one.caution_zh + one.caution_en for word in ("漏报", "omission", "故低于", "so it is lower"))


def test_the_share_without_inquiries_stands_beside_the_share_of_refusals(published):
    shown = indicators.lead(published[HUAIAN].reset_index()).set_index("indicator")["numerator"]
    assert shown.index.to_list().index("refusal_without_inquiries_share") == shown.index.to_list().index("refusal_share") + 1
    assert shown["refusal_share"] - shown["refusal_without_inquiries_share"] == 105


def test_entries_are_complete_and_never_add_two_stages_of_one_dispute():
    for one in indicators.indicators().values():
        assert all((one.zh, one.en, one.source, one.source_en, one.caution_zh, one.caution_en, one.family))
        assert all(all(indicators.formula(one, handmade.FORM, language)[: 1 + bool(one.denominator)]) for language in ("zh", "en"))
        assert len({path.split("/")[1] == "reconsideration" for path in one.operands if path.startswith("review/")}) < 2
        assert not one.lead or one.kind in ("share", "ratio")


# What an indicator list may lack, contradict or print otherwise: each of its rows and each value of them.
LIST_ROWS = LISTED.format(on_time=7).splitlines(keepends=True)[3:]
DAMAGED_LISTS = {
    **{f"without {row.split(chr(9))[0]}": LISTED.format(on_time=7).replace(row, "") for row in LIST_ROWS},
    **{
        f"{row.split(chr(9))[0]} printed {value!r}": LISTED.format(on_time=7).replace(row, re.sub(r"\d+\n", f"{value}\n", row))
        for row in LIST_ROWS
        for value in ("", "—", "99", "l2")
    },
    "no total, no heading of it": LISTED.format(on_time=7).replace(LIST_ROWS[0], "").replace(LIST_ROWS[5], ""),
    "totals that are called otherwise": LISTED.format(on_time=7)
    .replace("收到申请数", "本年受理的申请数")
    .replace("申请办结数", "办结总数"),
    "two lists that differ": LISTED.format(on_time=7) + LISTED.format(on_time=6).split("附表\n")[1].replace("9\n", "10\n"),
    "a form beside it": Path("data/raw/qinxian-2019.txt").read_text(encoding="utf-8") + "\n" + LISTED.format(on_time=7).split("附表\n")[1],
}


@pytest.mark.parametrize("damage", DAMAGED_LISTS)
def test_a_damaged_list_gives_every_indicator_a_value_or_its_reason(damage):
    report = document(DAMAGED_LISTS[damage])
    every = list(indicators.indicators())
    for found in (rows(report, codes=every), rows(corpus(report, document(LISTED.format(on_time=6))), codes=every)):
        assert (found["value"].notna() != found["reason"].notna()).all()
        assert (found["reason"].isna() == found["reason_zh"].isna()).all()


@given(indicator_lists.printed(), st.sampled_from(indicator_lists.LAYOUTS))
@settings(max_examples=30)
def test_every_list_gives_every_indicator_a_value_or_its_reason(printed, layout):
    found = rows(gongkai.read_report(indicator_lists.document(printed.sheet, layout)), codes=list(indicators.indicators()))
    assert (found["value"].notna() != found["reason"].notna()).all()


def test_a_cell_is_named_by_the_edition_that_has_it():
    both = indicators.define(
        "both", en="both", kind="share", denominator=[["applications/new_received/total", "statistics/收到申请数/year"]],
        numerator=[["applications/other.remaining/total", "statistics/按时办结数/year"]], forms=["2021", "statistics"],
    )  # fmt: skip
    report = document(DAMAGED_LISTS["a form beside it"].replace("按时办结数\t件\t7", "按时办结数\t件\t"))
    found = rows(reread(report, "applications/new_received/total", value=None, status="blank"), extra=both, codes=["both"]).loc["both"]
    assert found["status"] == "blank" and "1. Newly received" in found["reason"] and "按时办结数" in found["reason_zh"]


def test_a_share_of_the_workload_is_said_to_be_no_higher_not_lower():
    entry = indicators.indicators()["any_grant_of_workload_share"]  # equal where nothing is carried out
    assert "故不高于" in entry.caution_zh and "never higher" in entry.caution_en


def test_intervals_of_the_table_end_exactly_where_nothing_or_everything_was_counted():
    rows = indicators.table(gongkai.read_corpus("data/raw"))
    shares = rows[(rows["method"] == "wilson") & rows["value"].notna()]
    assert ((shares["low"] == 0) == (shares["numerator"] == 0)).all() and (shares["numerator"] == 0).sum() > 5
    assert ((shares["high"] == 1) == (shares["numerator"] == shares["n"])).all() and (shares["numerator"] == shares["n"]).any()
