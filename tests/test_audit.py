"""The audit: what is drawn, what the auditor sees, and intervals that cover the planted error rate at their stated rate."""

from __future__ import annotations

import numpy as np
import openpyxl
import pandas as pd
import pytest
from folders import SAMPLE, document, folder
from hypothesis import given
from hypothesis import strategies as st

from gongkai import read_report
from gongkai.cli import main
from gongkai.core.errors import UsageError
from gongkai.corpus.audit import STRATA, Extent, changed, draw, judge, paragraph, rates, summary, unbounded
from gongkai.corpus.audit.clustered import clustered_interval
from gongkai.corpus.audit.sheet import read_sheet, write_sheet
from gongkai.inference import wilson
from gongkai.readers import read_document
from gongkai.report import STATUSES

REPORT = read_report(SAMPLE)
REPORTS = pd.DataFrame({"report_id": [REPORT.report_id], "path": ["a/qinxian-2019.txt"], "format": ["text"], "form": ["2019"]})
CELLS_EACH = 60


def corpus(documents: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells and reports without documents: four formats, two editions, statuses as rare as they are."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"{i:012x}" for i in range(documents)])
    formats, forms = (
        rng.choice(["html", "text", "docx", "pdf"], documents, p=[0.5, 0.3, 0.15, 0.05]),
        rng.choice(["2019", "2021"], documents),
    )
    reports = pd.DataFrame({"report_id": ids, "path": ids, "format": formats, "form": forms})
    shares = [0.9, 0.03, 0.02, 0.02, 0.015, 0.01, 0.005]
    cells = pd.DataFrame({"report_id": np.repeat(ids, CELLS_EACH), "item": np.tile(np.arange(CELLS_EACH), documents).astype(str)})
    return cells.assign(status=rng.choice(STATUSES, len(cells), p=shares), value=1.0, table="review", measure="total"), reports


def planted(cells: pd.DataFrame, rate: float, alike: float, rng: np.random.Generator) -> np.ndarray:
    """Plant errors that come together in documents: each document has its own rate, whose intracluster correlation is ``alike``."""
    documents = len(cells) // CELLS_EACH
    size = 1 / alike - 1
    own = rng.beta(rate * size, (1 - rate) * size, documents) if rate else np.zeros(documents)
    return rng.random(len(cells)) < np.repeat(own, CELLS_EACH)


PLANTED = [(20, 0.05, 0.2), (60, 0.01, 0.3), (300, 0.003, 0.1)]
MORE = [(60, 0.002, 0.2), (60, 0.05, 0.05), (300, 0.05, 0.3), (20, 0.2, 0.3)]


@pytest.mark.parametrize("documents, rate, alike", [*PLANTED, *(pytest.param(*case, marks=pytest.mark.long) for case in MORE)])
def test_the_interval_covers_the_planted_rate(documents, rate, alike):
    """400 audits of 200 cells each: the rate of the corpus as it is, and that of the process it came from."""
    rng = np.random.default_rng(20240331)
    held = {"corpus": 0, "process": 0}
    for trial in range(400):
        if trial % 20 == 0:
            cells, reports = corpus(documents, trial)
        wrong = planted(cells, rate, alike, rng)
        key = draw(cells.assign(wrong=wrong), reports, 200, trial)
        _, low, high = clustered_interval(key["wrong"].to_numpy(float), key["weight"].to_numpy(), key["report_id"].to_numpy())
        held["corpus"] += low <= wrong.mean() <= high
        held["process"] += low <= rate <= high
    assert min(held.values()) >= 0.93 * 400, held


def test_an_interval_blind_to_documents_would_not_cover():
    """The test above can fail: the same audits with each cell as its own document cover the process's rate far too seldom."""
    rng, held = np.random.default_rng(1), 0
    for trial in range(200):
        cells, reports = corpus(20, trial % 10)
        key = draw(cells.assign(wrong=planted(cells, 0.2, 0.3, rng)), reports, 200, trial)
        _, low, high = clustered_interval(key["wrong"].to_numpy(float), key["weight"].to_numpy(), np.arange(len(key)))
        held += low <= 0.2 <= high
    assert held < 0.85 * 200


@pytest.mark.parametrize("documents, each", [(200, 1), (20, 10), (3, 5)])
def test_no_error_seen_is_no_proof_of_none(documents, each):
    """Where whole documents are wrong or right, a clean audit happens one time in forty at the upper limit that is stated."""
    clusters = np.repeat(np.arange(documents), each)
    rate, low, high = clustered_interval(np.zeros(len(clusters)), np.ones(len(clusters)), clusters)
    assert (rate, low) == (0, 0) and (1 - high) ** documents == pytest.approx(0.025)


def test_one_document_says_nothing_of_others():
    assert clustered_interval(np.array([0.0, 0, 1, 0]), np.ones(4), np.zeros(4)) == pytest.approx((0.25, 0.0, 1.0), abs=0.03)


@given(st.integers(2, 60), st.data())
def test_an_interval_holds_its_rate_and_an_error_never_lowers_its_upper_end(n, data):
    hits = np.array(data.draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n)))
    weights = np.array(data.draw(st.lists(st.sampled_from([1.0, 2.0, 30.0]), min_size=n, max_size=n)))
    clusters = np.array(data.draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)))
    rate, low, high = clustered_interval(hits, weights, clusters)
    assert 0 <= low <= rate <= high <= 1
    assert high >= clustered_interval(hits * 0, weights, clusters)[2] or rate == 1


def test_independent_cells_give_about_the_interval_of_independent_draws():
    hits = np.r_[np.ones(20), np.zeros(180)]
    rate, low, high = clustered_interval(hits, np.ones(200), np.arange(200))
    assert rate == 0.1 and (low, high) == pytest.approx(wilson(20, 200), abs=0.007)


def test_every_stratum_is_drawn_from_and_weights_add_up_to_the_corpus():
    cells, reports = corpus(100, 5)
    totals = []
    for seed in range(30):
        key = draw(cells, reports, 200, seed)
        assert len(key) == 200 and not key.duplicated(["report_id", "item"]).any() and (key["weight"] >= 1).all()
        totals.append(key["weight"].sum())
    assert np.mean(totals) == pytest.approx(len(cells), rel=0.02)
    assert set(key["status"]) == set(STATUSES) and set(key["format"]) == {"html", "text", "docx", "pdf"}
    pd.testing.assert_frame_equal(key, draw(cells, reports, 200, 29))
    assert not key[["report_id", "item"]].equals(draw(cells, reports, 200, 28)[["report_id", "item"]])


@pytest.mark.parametrize("n", [1, 7, 197, 198, 500])
def test_as_many_are_drawn_as_asked_for_and_no_more_than_there_are(n):
    key = draw(REPORT.cells, REPORTS, n, 3)
    assert len(key) == min(n, 198) and list(key["number"]) == list(range(1, len(key) + 1))


def sheet(tmp_path, n=40, language="zh"):
    key = draw(REPORT.cells, REPORTS, n, 4)
    return key, write_sheet(key, REPORT.cells, lambda report_id: read_document(SAMPLE), tmp_path / "audit.xlsx", language)


def test_the_sheet_is_blind_and_the_source_is_drawn_beside_it(tmp_path):
    key, (path, beside) = sheet(tmp_path)
    book = openpyxl.load_workbook(path)
    header, *rows = book["audit"].iter_rows(values_only=True)
    assert header == ("编号", "文件", "表", "行", "列", "单位", "原文中此表的位置", "您读到的", "备注")
    assert [r[0] for r in rows] == list(key["number"]) and {r[7] for r in rows} == {None}
    numbers = {v for r in rows for v in r[1:] if isinstance(v, int | float)}
    assert not numbers and len({r[6] for r in rows}) == 3
    assert not any(s in str(v) for r in rows for v in r for s in STATUSES)
    lines = [tuple(v for v in row if v) for row in book["source"].iter_rows(values_only=True)]
    assert any(row[0].startswith("一、本年新收") and row[-1] == "1" for row in lines if row)
    for number, row in enumerate(book["audit"].iter_rows(min_row=2), 2):
        target = row[6].hyperlink.location.split("!A")[1]
        assert str(row[6].value) in book["source"][f"A{target}"].value, number
    pd.testing.assert_frame_equal(pd.read_parquet(beside), key)


def test_a_sheet_is_never_written_over(tmp_path):
    sheet(tmp_path)
    with pytest.raises(UsageError, match="not there yet"):
        sheet(tmp_path)


def test_a_drawing_that_ends_early_leaves_no_sheet_in_the_way_of_the_next(tmp_path, monkeypatch):
    def gone(*_: object) -> None:
        raise UsageError("a", ("b", "b"), ("c", "c"), ("d", "d"))

    with monkeypatch.context() as broken, pytest.raises(UsageError):
        broken.setattr("gongkai.corpus.audit.sheet._draw_tables", gone)
        sheet(tmp_path)
    assert not (tmp_path / "audit.xlsx").exists()
    sheet(tmp_path)


ANSWERS = [
    # status, value, unit, what the auditor wrote, what follows
    ("printed", 1024, "count", "1,024", "right"), ("printed", 1024, "count", "1024件", "right"), ("printed", 1024, "count", "124", "wrong"),
    ("printed", 0, "count", "空白", "wrong"), ("realigned", 3, "count", "—", "wrong"), ("printed", -16, "count", "-16", "right"),
    ("printed", 14725700, "yuan", "1472.57 万元", "right"), ("printed", 14725700, "yuan", "14725700", "right"),
    ("printed", 14725700, "yuan", "1472.57", "wrong"), ("blank", None, "count", "Blank", "right"), ("blank", None, "count", "0", "missed"),
    ("blank", None, "count", "/", "reason"), ("mark", None, "count", "无", "right"), ("mark", None, "count", "符号", "right"),
    ("absent", None, "count", "未列", "right"), ("absent", None, "count", "absent", "right"), ("absent", None, "count", "12", "missed"),
    ("uncertain", None, "count", "5", "missed"), ("uncertain", None, "count", "空白", "right"),
    ("unreadable", None, "count", "不可读", "right"),
]  # fmt: skip


@pytest.mark.parametrize("status, value, unit, answer, outcome", ANSWERS)
def test_an_answer_is_compared_with_what_was_read(status, value, unit, answer, outcome):
    key = pd.DataFrame({"number": [1, 2], "table": ["review"] * 2, "unit": [unit] * 2, "status": [status] * 2, "value": [value] * 2})
    judged = judge(key.astype({"value": "Float64"}), pd.Series({1: answer, 2: "", 3: "5"}, dtype="str"))
    assert list(judged["outcome"]) == [outcome]


@pytest.mark.parametrize("answers", [{1: "大约五件"}, {1: ""}])
def test_what_is_no_answer_is_told(answers):
    with pytest.raises(UsageError):
        judge(draw(REPORT.cells, REPORTS, 5), pd.Series(answers, dtype="str"))


def fill(path, key, errors=()):
    """Answer as a perfect auditor would, but for the numbers in ``errors``."""
    book = openpyxl.load_workbook(path)
    for row in key.itertuples():
        text = row.status if pd.isna(row.value) else row.value
        book["audit"].cell(row.number + 1, 8).value = 99 if row.number in errors else {"uncertain": "unreadable"}.get(text, text)
    book["audit"].cell(2, 8).value = None
    book.save(path)


def test_from_the_command_to_the_rates_and_the_paragraphs(tmp_path, capsys):
    raw, path = folder(tmp_path, {"raw/a.txt": document()}) / "raw", tmp_path / "audit.xlsx"
    assert main(["audit", str(raw), "-n", "50", "--seed", "7", "-o", str(path), "--lang", "en"]) == 0
    assert "50 cells drawn" in capsys.readouterr().out
    key, answers = read_sheet(path)
    assert (answers == "").all()
    assert main(["audit", str(raw), "--sheet", str(path)]) == 2
    fill(path, key, errors=(3,))
    capsys.readouterr()
    (raw / "a.txt").write_bytes((raw / "a.txt").read_bytes() + b"\n")
    assert main(["audit", str(raw), "--sheet", str(path)]) == 0
    out, err = capsys.readouterr()
    assert "语料共 1 份报告、198 个单元格" in out and "completed" in out and "49 cells from 1 report " in out and "#3 " in out
    assert "50 格" in err


def test_what_the_corpus_reads_otherwise_by_now_is_counted():
    key = draw(REPORT.cells, REPORTS, 30, 1)
    first = key.loc[0, ["table", "item", "measure"]]
    same = (REPORT.cells[["table", "item", "measure"]] == first).all(axis=1)
    assert (changed(key, REPORT.cells), changed(key, REPORT.cells.assign(value=REPORT.cells["value"].mask(same, 7)))) == (0, 1)


def test_a_sheet_without_its_key_is_told(tmp_path):
    _, (path, beside) = sheet(tmp_path)
    beside.unlink()
    with pytest.raises(UsageError, match=r"\.key\.parquet"):
        read_sheet(path)


def test_rates_stand_for_the_corpus_by_kind_and_by_stratum():
    cells, reports = corpus(100, 2)
    key = draw(cells.assign(unit="count"), reports, 200, 1)
    answers = key.set_index("number")["status"].map(lambda status: "2" if status == "realigned" else "1")
    judged = judge(key, answers)
    found = rates(judged).set_index(["by", "group", "kind"])
    assert found.loc[("status", "realigned", "wrong"), "rate"] == 1 and found.loc[("status", "printed", "wrong"), "rate"] == 0
    share = (cells["status"] == "realigned").mean()
    low, rate, high = found.loc[("all", "", "wrong"), ["low", "rate", "high"]]
    assert low <= share <= high and rate == pytest.approx(share, rel=0.5)
    assert {by for by, _, _ in found.index} == {"all", "cells", *STRATA}
    assert "重新对位" in summary(judged) and "realigned" in summary(judged, "en")
    for language, words in (("zh", "随机种子 1"), ("en", "seed 1")):
        assert words in paragraph(judged, 200, len(cells), 100, language)
    assert changed(key, cells) == 0


EVERY = [(12, 0.05, 0.2, 200), (12, 0.003, 0.3, 200), (20, 0.02, 0.1, 400), (3, 0.1, 0.2, 100)]


@pytest.mark.parametrize("documents, rate, alike, n", EVERY)
def test_where_every_document_was_drawn_the_interval_covers_the_corpus_and_is_narrower(documents, rate, alike, n):
    rng, held, narrower = np.random.default_rng(5), 0, 0
    for trial in range(200):
        if trial % 20 == 0:
            cells, reports = corpus(documents, trial)
        wrong = planted(cells, rate, alike, rng)
        key = draw(cells.assign(wrong=wrong), reports, n, trial)
        assert key["report_id"].nunique() == documents
        drawn = key["wrong"].to_numpy(float), key["weight"].to_numpy(), key["report_id"].to_numpy()
        _, low, high = clustered_interval(*drawn, every=True)
        held += low <= wrong.mean() <= high
        _, wide_low, wide_high = clustered_interval(*drawn)
        narrower += high - low <= wide_high - wide_low
    assert held >= 0.93 * 200 and narrower >= 0.9 * 200, (held, narrower)


def test_a_corpus_read_again_whole_has_no_interval_left():
    hits, documents = np.r_[np.ones(3), np.zeros(197)], np.arange(200) // 20
    assert clustered_interval(hits, np.ones(200), documents, every=True) == (0.015, 0.015, 0.015)


def test_rates_are_told_for_numbers_other_than_zero_and_for_the_operands_of_indicators():
    key = draw(REPORT.cells, REPORTS, 198, 1)
    answers = pd.Series({row.number: row.status if pd.isna(row.value) else "7" if row.value else "0" for row in key.itertuples()})
    judged = judge(key, answers.replace({"uncertain": "unreadable"}).astype("str"))
    operand = "applications/granted/total"
    found = rates(judged, operands=[operand]).set_index(["by", "group", "kind"])
    above = judged["value"].fillna(0) != 0
    assert found.loc[("cells", "nonzero", "wrong"), ["n", "errors"]].tolist() == [above.sum(), (above & (judged["value"] != 7)).sum()]
    assert found.loc[("cells", "operands", "wrong"), ["n", "errors", "rate"]].tolist() == [1, 1, 1]
    assert "读作非零的格" in summary(judged) and "computed from" in summary(judged, "en", operands=[operand])
    whole = rates(judged, extent=Extent(198, 1)).set_index(["by", "group", "kind"]).loc[("all", "", "wrong")]
    assert whole["low"] == whole["rate"] == whole["high"]
    assert "每份报告都抽到了" in paragraph(judged, 198, 198, 1) and "cannot bound" not in paragraph(judged, 198, 198, 1, "en")
    assert "cannot bound" in paragraph(judged, 198, 19800, 100, "en") and "限不住" in paragraph(judged, 198, 19800, 100)


@pytest.mark.parametrize("documents, limit", [(1, "98"), (5, "53"), (12, "27"), (29, "12"), (35, "11"), (36, None), (1000, None)])
def test_few_documents_cannot_bound_an_error_rate_and_that_is_said(documents, limit):
    zh, en = unbounded(documents, "zh"), unbounded(documents, "en")
    assert (zh, en) == ("", "") if limit is None else (f"{limit}" in zh and f"{limit}" in en and "36" in zh and "36 reports" in en)
