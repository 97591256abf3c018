"""What the officer is told who must publish by 31 March: each finding with place and step, and the cells that no sum guards."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from folders import SAMPLE, document

from gongkai import Report, read_report
from gongkai.cli import main
from gongkai.core.findings import codes, step
from gongkai.core.messages import say
from gongkai.report.officer import check_page, unguarded

BROKEN = document().replace(
    "一、本年新收政府信息公开申请数量\t\t0\t1\t0\t0\t0\t0\t1", "一、本年新收政府信息公开申请数量\t\t0\t1\t0\t0\t0\t0\t3"
)
RAW = SAMPLE.parent


def broken() -> Report:
    return read_report(BROKEN.encode())


class Texts(HTMLParser):
    """Gather the texts of a page that are shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden += tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag == "style"

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.texts.append(data.strip())


def test_every_code_has_a_step_in_both_languages() -> None:
    for code, entry in codes().items():
        assert entry["do_zh"] and entry["do_en"], code
        assert not re.search("[\u4e00-\u9fff]", re.sub("[元万无]", "", step(code, "en"))), code
    assert len({entry["do_zh"] for entry in codes().values()}) > 0.9 * len(codes())


@pytest.mark.parametrize("name", ["qinxian-2019.txt", "pingtan-2014.html", "pingtan-2020.html", "pingtan-2022.html"])
def test_a_cell_is_guarded_where_a_sum_that_could_be_checked_holds_it(name: str) -> None:
    report = read_report(RAW / name)
    free = {r.field for r in unguarded(report.readings, report.contents.checks)}
    checked = {f for c in report.contents.checks if c.state in ("holds", "broken") for f in c.identity.terms}
    there = {r.field for r in report.readings if r.status != "absent"}
    assert free == there - checked
    assert {r.field.item for r in report.readings if r.field in free} >= (
        {"permits", "penalties"} if report.edition.tables.get("review") else set()
    )


def test_a_sum_that_chose_a_reading_guards_nothing() -> None:
    report = read_report(SAMPLE)
    chose = [c for c in report.contents.checks if c.state == "chose"]
    free = {r.field for r in unguarded(report.readings, report.contents.checks)}
    holding = {f for c in report.contents.checks if c.state == "holds" for f in c.identity.terms}
    assert chose and {f for c in chose for f in c.identity.terms} - holding <= free


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_for_each_finding_what_where_and_which_step(language: str) -> None:
    report = broken()
    texts = Texts(check_page(report, language)).texts
    column = "message_zh" if language == "zh" else "message"
    for row in report.findings.itertuples():
        assert " ".join(str(getattr(row, column)).split()) in texts
        assert step(row.code, language) in texts
    assert say("cli.verdict_error", language, n=int((report.findings["level"] == "error").sum())) in texts
    assert texts.count("☐") == len(report.findings) + len(unguarded(report.readings, report.contents.checks))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_names_every_cell_that_no_sum_guards_with_how_sure_its_reading_is(language: str) -> None:
    report = broken()
    texts = Texts(check_page(report, language)).texts
    for status, n in Counter(r.status for r in unguarded(report.readings, report.contents.checks)).items():
        assert texts.count(say(f"sure.{status}", language)) == n


def test_an_english_page_holds_no_chinese_but_what_is_printed() -> None:
    printed = BROKEN + "其他需要报告的事项"
    words = re.findall("[\u4e00-\u9fff]+", " ".join(Texts(check_page(broken(), "en")).texts))
    assert [w for w in words if w not in printed and w not in ("无", "元")] == []


def test_the_page_fetches_nothing_and_is_made_to_be_printed() -> None:
    page = check_page(broken())
    assert "default-src 'none'" in page and "@media print" in page and "<script" not in page
    assert not re.search(r"(?:src|href|url)\s*[=(]", page)


def test_what_the_document_prints_stays_text() -> None:
    page = check_page(read_report(document("沁县").replace("属于行政查询事项\t0", "属于行政查询事项\t<b>").encode()))
    assert "<b>" not in page and "&lt;b&gt;" in page


def test_a_report_without_a_table_has_a_page_too() -> None:
    text = "甲县2013年政府信息公开工作年度报告\n一、概述\n本年报依据条例编制。\n二、主动公开政府信息情况\n公开30条。"
    page = check_page(read_report(text.encode()))
    assert say("show.nothing", "zh") in page and "<caption>" not in page


@pytest.mark.parametrize("language, saved", [("zh", "已写入"), ("en", "written")])
def test_check_saves_the_page_and_counts_what_no_sum_guards(tmp_path, capsys, language, saved) -> None:
    out = tmp_path / "核查.html"
    assert main(["check", str(SAMPLE), "-o", str(out), "--lang", language]) == 0
    told = capsys.readouterr().out
    counts = "  ".join(f"{say(f'status.{status}', language)} {n}" for status, n in {"printed": 22, "realigned": 7, "blank": 5}.items())
    assert say("cli.unguarded", language, n=34, counts=counts) in told
    assert saved in told and str(out) in told
    assert out.read_text(encoding="utf-8") == check_page(read_report(SAMPLE), language)


def test_check_without_html_says_how_the_page_is_made(capsys) -> None:
    main(["check", str(SAMPLE)])
    assert f"gongkai check {SAMPLE} -o OUT.html" in capsys.readouterr().out


def test_a_page_that_cannot_be_written_is_refused_before_any_work(tmp_path, capsys) -> None:
    assert main(["check", str(SAMPLE), "-o", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "-o" in err


def test_what_is_said_alike_of_many_rows_is_said_once(tmp_path, capsys) -> None:
    lines = [line for line in document().splitlines() if not re.match(r"\s*[1-8]\.", line)]
    path = tmp_path / "a.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    main(["check", str(path)])
    told = capsys.readouterr().out.splitlines()
    alike = [line for line in told if re.search(r"等 \d+ 项[:：]", line)]
    assert len(alike) == 1 and "2.其他法律行政法规禁止公开、3.危及“三安全一稳定”" in alike[0]
    assert len(told) < 30
