"""A report made by hand, with every status a cell can have, so that what shows reports is tested apart from what reads them."""

from __future__ import annotations

from dataclasses import replace

from gongkai.core.model import Check, Contents, Document, Finding, Reading, Section
from gongkai.forms import load_form
from gongkai.report import Report

FORM = load_form("2019")
HOSTILE = "<script>alert('县')</script>"
SPILLED = "8. 属于行政查询事项\t0\t0\t0\t0\t0\t0\t0"

READ = {
    "applications/new_received/commercial_enterprise": Reading(
        FORM.fields[0], 1.0, "printed", "1", "line 57 c2", "一、本年新收政府信息公开申请数量"
    ),
    "applications/denied.administrative_inquiry/total": Reading(
        FORM.fields[0], 0.0, "realigned", SPILLED, "line 70", candidates=(0.0, None)
    ),
    "disclosure/procurement/amount_yuan": Reading(FORM.fields[0], 14725700.0, "printed", "1472.57 万元", "line 44 c3", "政府集中采购"),
    "review/reconsideration/upheld": Reading(FORM.fields[0], None, "blank", "", "line 97 c1", "行政复议", deduced=0.0),
    "review/reconsideration/corrected": Reading(FORM.fields[0], None, "mark", "—", "line 97 c2", "行政复议"),
    "review/reconsideration/other": Reading(FORM.fields[0], None, "uncertain", "12", "line 97 c3", "行政复议", candidates=(1.0, 12.0)),
    "review/reconsideration/pending": Reading(FORM.fields[0], None, "unreadable", HOSTILE, "line 97 c4", "行政复议"),
    "review/reconsideration/total": Reading(FORM.fields[0], None, "absent"),
}
FINDINGS = (
    Finding("results", "applications", None, "total", "27", "21", "line 82"),
    Finding("realigned", "applications", "denied.administrative_inquiry", None, None, None, "line 70",
            {"printed": SPILLED, "reason": "one reading breaks fewer identities", "reason_zh": "该读法违背的勾稽关系较少"}),
    Finding("unreadable", "review", "reconsideration", "pending", None, None, "line 97 c4", {"printed": HOSTILE}),
    Finding("blank", "review", "reconsideration", None, None, None, "line 97", {"count": "1"}),
)  # fmt: skip


def readings() -> tuple[Reading, ...]:
    plain = (Reading(f, 0.0, "printed", "0", "line 60 c1", "标签") for f in FORM.fields)
    return tuple(replace(READ[r.field.path], field=r.field) if r.field.path in READ else r for r in plain)


def checks() -> tuple[Check, ...]:
    return tuple(
        Check(i, 27.0, 21.0, "broken") if (i.code, i.measure) == ("results", "total") else Check(i, 0.0, 0.0, "holds")
        for i in FORM.identities
    )


def report(title: str = "沁县2019年政府信息公开工作年度报告", sha256: str = "ab" * 32) -> Report:
    document = Document("qinxian.txt", sha256, 10, "text", "plain", ())
    sections = (Section("一", "总体情况", f"=1+1 {HOSTILE}", 1, "line 3"),)
    contents = Contents(checks(), FINDINGS, sections, ())
    return Report(document, FORM, readings(), contents, 2019, "沁县人民政府", "140430", None, title, "2020-02-20", None)


def with_text(*texts: str) -> Report:
    """Return the report with a section for each of these texts."""
    sections = tuple(Section("一", "总体情况", text, 1, "line 3") for text in texts)
    return replace(report(), contents=replace(report().contents, sections=sections))
