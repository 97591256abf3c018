"""Doubtful cells go out to be decided by a person, and come back as corrections with reasons and who decided."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from gongkai import read_corpus
from gongkai.cli import main
from gongkai.core.messages import LANGUAGES
from gongkai.core.tables import rows_of
from gongkai.corpus.build import build
from gongkai.corpus.trace import trace
from gongkai.forms import load_form
from gongkai.synthetic.writers import Story, layout, to_html

FORM = load_form("2021")
ITEMS = ("granted", "partially_granted", "denied.state_secret", "unavailable.not_held", "not_processed.petition")
PATHS = [f"applications/{item}/natural_person" for item in ITEMS]
YEARS = range(2021, 2025)
COUNTIES = {"甲县": "900101", "乙县": "910102"}


def planted(name: str, year: int) -> bytes:
    """Return a report in which a person typed letters for digits in five cells."""
    values = {f.path: 0 for f in FORM.fields if f.item != "other"}
    return to_html(FORM, layout(FORM, {**values, **dict.fromkeys(PATHS, "l2")}), Story(name, year)).encode()


@pytest.fixture
def doubtful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Forty doubts: five cells in each of eight reports."""
    monkeypatch.chdir(tmp_path)
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = ["path,division_code,body"]
    for name, code in COUNTIES.items():
        for year in YEARS:
            (raw / f"{name}{year}.html").write_bytes(planted(name, year))
            rows.append(f"{name}{year}.html,{code},government")
    (raw / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    build([raw], "tidy", quiet=True)
    return tmp_path


def fill(sheet: Path, answers: dict[int, tuple[object, str, str]]) -> list[dict[str, str]]:
    """Fill in rows of a work list, by their number from 0, as a person does in Excel."""
    book = openpyxl.load_workbook(sheet)
    table = book["worklist"]
    head = [cell.value for cell in table[1]]
    for number, said in answers.items():
        for column, value in zip(("decision", "reason", "decided_by"), said, strict=True):
            table.cell(number + 2, head.index(column) + 1, value)
    book.save(sheet)
    return [row for _, row in rows_of(sheet)]


def test_forty_doubts_go_out_come_back_half_decided_and_the_corpus_shows_exactly_these(doubtful, capsys):
    before = read_corpus("tidy").cells
    assert main(["worklist", "tidy", "-o", "doubts.xlsx"]) == 0
    assert "8 份报告中的 40 格" in capsys.readouterr().out
    answers = {n: (12, "字母 l 是数字 1", "张三") for n in range(12)}
    answers |= {n: ("存疑", "原文不清", "李四") for n in range(12, 16)} | {n: ("空白", "格中无字", "李四") for n in range(16, 20)}
    rows = fill(doubtful / "doubts.xlsx", answers)
    assert len(rows) == 40 and {(row["printed"], row["status"], row["in_panel"]) for row in rows} == {("l2", "unreadable", "yes")}
    assert main(["worklist", "tidy", "--sheet", "doubts.xlsx"]) == 0
    assert main(["corpus", "raw", "-o", "tidy", "--jobs", "1"]) == 0
    after = read_corpus("tidy").cells
    key = ["report_id", "table", "item", "measure"]
    both = before.merge(after, on=key, suffixes=("", "_after"))
    assert len(both) == len(before) == len(after)
    changed = both[(both["status"] != both["status_after"]) | (both["value"].fillna(-1) != both["value_after"].fillna(-1))]
    cells = changed["report_id"] + "#" + changed[key[1:]].agg("/".join, axis=1)
    decided = {f"{row['report_id']}#{row['cell']}": row["decision"] for row in rows if row["decision"]}
    seen = dict(zip(cells, zip(changed["status_after"], changed["value_after"].fillna(-1), strict=True), strict=True))
    means = {"12": ("realigned", 12.0), "存疑": ("uncertain", -1.0), "空白": ("blank", -1.0)}
    assert seen == {cell: means[decision] for cell, decision in decided.items()} and len(seen) == 20
    corpus = read_corpus("tidy")
    for row in rows:
        told = "".join(trace(corpus, f"{row['report_id']}#{row['cell']}", language) for language in LANGUAGES)
        said = (f"（{row['reason']} — {row['decided_by']}）", f"({row['reason']} — {row['decided_by']})")
        assert [text in told for text in said] == [bool(row["decision"])] * 2
    assert len(corpus.worklist()) == 20


def test_given_back_twice_nothing_is_taken_twice_and_a_change_is_told(doubtful, capsys):
    curation = doubtful / "curation"
    curation.mkdir()
    first = ["report_id,cell,printed,value,reason,备注"]
    (curation / "corrections.csv").write_bytes("\n".join([*first, ""]).encode("gb18030"))
    main(["worklist", "tidy"])
    fill(doubtful / "doubts.xlsx", {0: (12, "看过", "张三"), 1: (13, "看过", "张三")})
    assert main(["worklist", "tidy", "--sheet", "doubts.xlsx"]) == 0
    with (curation / "corrections.csv").open(encoding="utf-8-sig", newline="") as file:
        kept = list(csv.DictReader(file))
    assert [(row["value"], row["decided_by"], row["备注"]) for row in kept] == [("12", "张三", ""), ("13", "张三", "")]
    capsys.readouterr()
    assert main(["worklist", "tidy", "--sheet", "doubts.xlsx", "--lang", "en"]) == 0
    assert "0 new decisions, 0 changed, 2 there before; 38 left open" in capsys.readouterr().out
    fill(doubtful / "doubts.xlsx", {0: (21, "再看过", "李四")})
    assert main(["worklist", "tidy", "--sheet", "doubts.xlsx"]) == 0
    assert "由 12 改为 21" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("一打", "看过", "张三"), "一打"),
        ((12, "", "张三"), "reason"),
        ((12, "看过", ""), "decided_by"),
    ],
)
def test_a_decision_that_cannot_be_taken_is_named_and_none_is(doubtful, capsys, said, words):
    main(["worklist", "tidy"])
    fill(doubtful / "doubts.xlsx", {0: (12, "看过", "张三"), 5: said})
    assert main(["worklist", "tidy", "--sheet", "doubts.xlsx"]) == 2
    told = capsys.readouterr().err
    assert words in told and "第 7 行" in told
    assert not (doubtful / "curation" / "corrections.csv").exists()


def test_rows_mixed_up_in_sorting_and_cells_decided_twice_are_named(doubtful, capsys):
    main(["worklist", "tidy"])
    rows = fill(doubtful / "doubts.xlsx", {0: (12, "看过", "张三"), 1: (12, "看过", "张三")})
    table = [{**rows[0], "printed": "别的"}, rows[1], rows[1], {**rows[2], "cell": "applications/nothing/total", "decision": "1"}]
    with Path("doubts.csv").open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(table)
    assert main(["worklist", "tidy", "--sheet", "doubts.csv"]) == 2
    told = capsys.readouterr().err
    assert all(word in told for word in ("别的", "第 3 行已有判定", "applications/nothing/total"))


def test_the_list_shows_what_each_reading_would_break_and_puts_the_most_consequential_first():
    found = read_corpus("data/raw").worklist("en", everything=True)
    weighed = found[found["candidates"].str.contains("; ")]
    assert weighed["breaks"].str.contains(":").all()
    order = list(zip(~found["in_panel"], -found["open"], strict=True))
    assert order == sorted(order)
