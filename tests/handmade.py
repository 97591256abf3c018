"""Reports made by hand, so that what shows them is tested apart from what reads them. The numbers are those of real reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gongkai.core.model import Check, Contents, Document, Figure, Finding, Identity, Reading
from gongkai.forms import load_form
from gongkai.report import Report

FORM = load_form("2019")
QINXIAN = {
    "applications/new_received/commercial_enterprise": 1.0,
    "applications/new_received/total": 1.0,
    "applications/granted/commercial_enterprise": 1.0,
    "applications/granted/total": 1.0,
    "applications/processed_total/commercial_enterprise": 1.0,
    "applications/processed_total/total": 1.0,
    "disclosure/permits/change": -16.0,
    "disclosure/permits/decisions": 1200.0,
    "disclosure/procurement/amount_yuan": 14_725_700.0,
}
PINGTAN_2020 = {
    f"applications/{item}/{measure}": float(value)
    for item, values in {
        "new_received": (20, 1, 21),
        "granted": (6, 1, 7),
        "partially_granted": (6, 0, 6),
        "unavailable.not_held": (4, 0, 4),
        "unavailable.still_unclear": (3, 0, 3),
        "not_processed.duplicate": (3, 0, 3),
        "other": (4, 0, 4),
        "processed_total": (20, 1, 21),
    }.items()
    for measure, value in zip(("natural_person", "other_organization", "total"), values, strict=True)
}
HUAIAN_2024 = {
    f"applications/{item}/total": float(value)
    for item, value in {
        "new_received": 3119, "carried_in": 34, "granted": 1362, "partially_granted": 454, "denied.process_information": 178,
        "unavailable.not_held": 781, "not_processed.duplicate": 88, "other": 187, "processed_total": 3050, "carried_out": 103,
    }.items()
} | {"review/reconsideration/upheld": 72.0, "review/reconsideration/corrected": 64.0, "review/reconsideration/other": 178.0,
     "review/reconsideration/pending": 37.0, "review/reconsideration/total": 351.0}  # fmt: skip


def qinxian() -> Report:
    """The report of 沁县 for 2019: one request, every reconsideration cell blank, two rows realigned."""
    moved = ("denied.administrative_inquiry", "processed_total")
    statuses = {f.path: "blank" for f in FORM.fields if f.item == "reconsideration"}
    statuses |= {f.path: "realigned" for f in FORM.fields if f.item in moved}
    words = {"printed": "0 1 0 0 0 0 0 1", "reason": "one reading holds", "reason_zh": "仅一种读法成立"}
    found = [Finding("blank", "review", "reconsideration", where="line 176", words={"count": "5"})]
    found += [Finding("realigned", "applications", item, where=f"line {n}", words=words) for n, item in enumerate(moved, 133)]
    return report(QINXIAN, statuses, findings=tuple(found))


def pingtan_2020() -> Report:
    """The report of 平潭 for 2020, whose results add up to 27 against a printed total of 21."""
    return report(PINGTAN_2020, year=2020, authority="平潭综合实验区管委会", division_code=None)


def huaian_2024() -> Report:
    """The totals of 淮安 for 2024, on the form of 2019."""
    return report(HUAIAN_2024, year=2024, authority="淮安市人民政府", division_code="320800")


def report(values: Mapping[str, float], statuses: Mapping[str, str] | None = None, **about: object) -> Report:
    """Return a report whose cells are zero but for ``values``, and have no value where ``statuses`` says so."""
    given = statuses or {}
    readings = tuple(
        _reading(n, path, values.get(path, 0.0), given.get(path, "printed")) for n, path in enumerate(f.path for f in FORM.fields)
    )
    known = {r.field.path: r.value for r in readings}
    checks = tuple(_check(i, known) for i in FORM.identities if i.code != "applicants" or values in (QINXIAN, PINGTAN_2020))
    broken = tuple(_finding(c) for c in checks if c.state == "broken")
    made = Report(
        document=Document("report.txt", "2f84655cf071ec9b4c3c0f1300b7f7edcf06a16d5c0787cdd643e4ffd342a374", 1, "text", "by hand", ()),
        edition=FORM, readings=readings,
        contents=Contents(checks, broken, (), (Figure("累计3240条", 3240.0, "条", "一、(三)", False, "line 23"),)),
        year=2019, authority="沁县人民政府办公室", division_code="140430", scope=None, title="沁县 2019 年政府信息公开年度报告",
        published="2020-02-20", source=None,
    )  # fmt: skip
    return replace(made.with_findings(tuple(about.pop("findings", ()))), **about)  # type: ignore[arg-type]


def _reading(number: int, path: str, value: float, status: str) -> Reading:
    valued = status in ("printed", "realigned")
    return Reading(
        FORM.fields[number], value if valued else None, status, printed=f"{value:.0f}" if valued else "", where=f"line {number + 1}"
    )


def _check(identity: Identity, known: Mapping[str, float | None]) -> Check:
    left, right = ([known[f.path] for f in side] for side in (identity.left, identity.right))
    if None in left + right:
        return Check(identity, None, None, "undecided")
    sums = sum(v or 0 for v in left), sum(v or 0 for v in right)
    return Check(identity, *sums, "holds" if sums[0] == sums[1] else "broken")


def _finding(check: Check) -> Finding:
    i = check.identity
    return Finding(i.code, i.left[0].table, i.item, i.measure, f"{check.left:.0f}", f"{check.right:.0f}", "line 150")
