"""From a folder to a panel: the manifest that is drafted, what a person writes into it, and where every document ends up.

``choices.csv`` holds, for each real report of ``../shared``, where somebody would file it, what she would write into the manifest, and in
which panel it must stand, or why in none.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from folders import document, folder
from hypothesis import given
from hypothesis import strategies as st

from gongkai import read_corpus
from gongkai.cli import main
from gongkai.core.data import packaged
from gongkai.core.errors import UsageError
from gongkai.core.messages import LANGUAGES
from gongkai.core.tables import rows_of
from gongkai.corpus.draft import proposed
from gongkai.corpus.manifest import read_manifest
from gongkai.corpus.redraft import Words, read_words, redraft, write_to
from gongkai.corpus.said import columns
from gongkai.corpus.units import OUTCOMES
from gongkai.forms import load_form
from gongkai.studies.coverage import coverage_figure
from gongkai.synthetic.writers import Story, layout, to_html

KINDS = packaged("gongkai.studies", "coverage.toml")["status"]
HERE = Path(__file__).resolve()
SHARED = HERE.parents[2] / "shared" / "reports"
CHOICES = list(csv.DictReader((HERE.parent / "choices.csv").read_text(encoding="utf-8").splitlines()))
WRITTEN = ("division_code", "body", "authority", "year", "use", "备注")
BODIES = ("government", "department", "street_or_town")
REAL = pytest.mark.skipif(not SHARED.is_dir(), reason="no shared documents")


def table(path: Path) -> dict[str, dict[str, str]]:
    return {row["path"]: row for _, row in rows_of(path)}


def as_a_chinese_excel_saves(path: Path, rows: dict[str, dict[str, str]], separator: str = ";") -> None:
    """Write a table as Excel does where commas are decimal marks: GBK, semicolons, no mark."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    lines = [
        separator.join(f'"{row.get(n, "")}"' if separator in row.get(n, "") else row.get(n, "") for n in names) for row in rows.values()
    ]
    path.write_bytes("\r\n".join([separator.join(names), *lines, ""]).encode("gb18030"))


@pytest.fixture
def sorted_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for choice in CHOICES:
        target = tmp_path / "报告" / choice["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(next((SHARED / choice["report"]).glob("report.*")), target)
    sample = tmp_path / "报告" / "山西省" / "长治市" / "沁县"
    shutil.copy(sample / "2019年.txt", sample / "2019年 - 副本.txt")
    (sample / "2018年.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    return tmp_path / "报告"


@REAL
def test_sorted_reports_a_person_s_choices_and_every_document_is_where_it_belongs(sorted_reports, capsys):
    """The commands are those of the README's second screen."""
    assert main(["manifest", "报告", "--jobs", "1"]) == 0
    drafted = table(sorted_reports / "manifest.csv")
    assert len(drafted) == len(CHOICES) + 2 and not any(row[name] for row in drafted.values() for name in columns("person")[1:])
    for choice in CHOICES:
        drafted[choice["path"]] |= {name: choice[name] for name in WRITTEN}
    as_a_chinese_excel_saves(sorted_reports / "manifest.csv", drafted)
    capsys.readouterr()
    assert main(["corpus", "报告", "-o", "tidy", "--jobs", "1"]) == 1  # one file cannot be read
    told = capsys.readouterr().out
    corpus = read_corpus("tidy")
    with pytest.warns(UserWarning):
        panels = {body: corpus.panel(body=body) for body in BODIES}
    for body, panel in panels.items():
        listed = corpus.reports.set_index("report_id").loc[panel["report_id"], "path"].map(lambda paths: paths.split("; ")[0])
        named = {c["path"] for c in CHOICES if c["outcome"] == body} - {"山西省/长治市/沁县/2019年.txt"}
        assert {*listed} - {"山西省/长治市/沁县/2019年 - 副本.txt"} == named
        assert not panel.duplicated([*(["authority"] if body != "government" else []), "division_code", "scope", "year"]).any()
    why = dict(zip(corpus.set_aside["path"], corpus.set_aside["why"], strict=True))
    others = {c["path"]: c["outcome"] for c in CHOICES if c["outcome"] not in ("government", "no_division")}
    expected = {path: "other_body" if outcome in BODIES else outcome for path, outcome in others.items()}
    expected |= {c["path"]: "other_body" for c in CHOICES if c["outcome"] == "no_division"}
    expected |= {"山西省/长治市/沁县/2018年.doc": "unread", "山西省/长治市/沁县/2019年.txt": "same_file"}
    assert why == expected
    instead = dict(zip(corpus.set_aside["path"], corpus.set_aside["instead"], strict=True))
    assert instead["福建省/平潭/2019年（抓取）.txt"] == "福建省/平潭/2019年.html"
    assert "面板：13 份政府报告，6 个单位，2011 至 2025 年；另有 30 份文件不在其中" in told
    assert 'corpus.panel(body="department")：11 份，不在其中 2 份' in told


@REAL
def test_a_second_draft_keeps_every_word_and_column_adds_what_is_new_and_marks_what_is_gone(sorted_reports, capsys):
    assert main(["manifest", "报告", "--jobs", "1"]) == 0
    rows = table(sorted_reports / "manifest.csv")
    for choice in CHOICES:
        rows[choice["path"]] |= {name: choice[name] for name in WRITTEN}
    as_a_chinese_excel_saves(sorted_reports / "manifest.csv", rows, ",")
    shutil.copy(sorted_reports / "福建省" / "平潭" / "2011年.txt", sorted_reports / "福建省" / "平潭" / "新.txt")
    (sorted_reports / "福建省" / "平潭" / "新.txt").open("ab").write(b"\n")
    (sorted_reports / "福建省" / "平潭" / "2014年.html").unlink()
    shutil.move(sorted_reports / "待整理" / "沭阳2025.txt", sorted_reports / "江苏省" / "宿迁市" / "沭阳县2025.txt")
    assert main(["manifest", "报告", "--jobs", "1"]) == 0
    again = table(sorted_reports / "manifest.csv")
    state = {path: row["document"] for path, row in again.items() if row["document"]}
    moved = "江苏省/宿迁市/沭阳县2025.txt"
    assert state == {
        "福建省/平潭/新.txt": "new",
        "福建省/平潭/2014年.html": "gone",
        moved: "moved",
        "山西省/长治市/沁县/2018年.doc": "unreadable",
    }
    kept = {c["path"] if c["report"] != "shuyang-2025" else moved: c for c in CHOICES}
    assert {path: [row[name] for name in WRITTEN] for path, row in again.items() if path in kept} == {
        path: [choice[name] for name in WRITTEN] for path, choice in kept.items()
    }
    assert main(["manifest", "报告", "--jobs", "1", "--lang", "en"]) == 0
    assert "not changed" not in capsys.readouterr().out.splitlines()[-1]
    third = table(sorted_reports / "manifest.csv")
    assert {p: r for p, r in third.items() if p != "福建省/平潭/新.txt" and p != moved} == {
        p: r for p, r in again.items() if p != "福建省/平潭/新.txt" and p != moved
    }


TWO = {"平潭/2019年.txt": document("平潭综合实验区"), "乙/二.txt": document("鼓楼区", 2020)}


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return folder(tmp_path / "报告", TWO)


def test_what_a_path_proposes_is_never_taken_as_a_fact():
    assert proposed("福建省/平潭/2019年.html") == ("350128", 2019)
    assert proposed("扫描 2020/2019年/1.pdf") == (None, 2019) and proposed("2019和2020/1.pdf") == (None, None)


def test_a_draft_goes_out_to_excel_and_its_words_come_back(two, capsys):
    assert main(["manifest", "报告", "-o", "清单.xlsx", "--jobs", "1"]) == 0
    assert not (two / "manifest.csv").exists()
    book = openpyxl.load_workbook("清单.xlsx")
    sheet = book["manifest"]
    head = [cell.value for cell in sheet[1]]
    assert {*columns("person")} <= {*head} and {row[0].value for row in book["columns"].iter_rows()} == {*head}
    at = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    assert "320106" in at["乙/二.txt"][head.index("read_candidates")].value
    at["乙/二.txt"][head.index("division_code")].value = 320106  # a number, as a person types it
    at["乙/二.txt"][head.index("year")].value = 2020.0
    sheet.cell(1, len(head) + 1, "备注")
    sheet.cell(at["乙/二.txt"][0].row, len(head) + 1, "南京的")
    book.save("清单.xlsx")
    assert main(["manifest", "报告", "--sheet", "清单.xlsx", "--jobs", "1"]) == 0
    row = table(two / "manifest.csv")["乙/二.txt"]
    assert (row["division_code"], row["year"], row["备注"], row["decide"]) == ("320106", "2020", "南京的", "")
    assert {e.name: e.division_code for e in read_manifest(two)} == {"平潭/2019年.txt": None, "乙/二.txt": "320106"}
    with pytest.raises(UsageError, match="--sheet"):
        raise_of(["manifest", "报告", "-o", "清单.xlsx"])
    (two / "manifest.xlsx").write_bytes(Path("清单.xlsx").read_bytes())
    with pytest.raises(UsageError, match=r"manifest\.xlsx"):
        read_manifest(two)
    (two / "manifest.csv").unlink()
    assert {e.division_code for e in read_manifest(two)} == {None, "320106"}


def raise_of(arguments: list[str]) -> None:
    """Run a command and raise the error that it tells."""
    import argparse

    from gongkai.cli import preparing

    parsed = argparse.Namespace(folder=arguments[1], out=arguments[3], sheet=[], corpus="data/tidy", jobs=1, lang="zh")
    preparing.manifest(parsed)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,division_code\n乙/二.txt,鼓楼区\n", ("320106", "350102")),
        ("path,division_code\n乙/二.txt,不存在的县\n", ("不存在的县",)),
        ("path,divison_code\n乙/二.txt,320106\n", ("divison_code", "division_code?")),
        ("path,year,use\n乙/二.txt,2020,也许\n", ("use", "也许")),
        ("path,year\n乙/二.txt,2020,多出的字\n", ("多出的字", "第 2 行")),
        ("path,read_title\n乙/二.txt,x\n乙/二.txt,y\n", ("不止一次",)),
        ("path,decide\n乙/二.txt,我的\n", ("decide",)),
    ],
)
def test_what_cannot_be_meant_is_named_and_the_manifest_stays_as_it_is(two, capsys, text, words):
    (two / "manifest.csv").write_text(text, encoding="utf-8")
    assert main(["manifest", "报告", "--jobs", "1"]) == 2
    told = capsys.readouterr().err
    assert all(word in told for word in words)
    assert (two / "manifest.csv").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_whatever_a_spreadsheet_saves_is_read_with_words_for_codes(two, encoding, separator):
    lines = ["path,division_code,body,year,retrieved_at,use,备注", "乙/二.txt,南京市鼓楼区,部门,2020年,2024/3/5,是,看过"]
    (two / "manifest.csv").write_bytes("\r\n".join(lines).replace(",", separator).encode(encoding))
    entry = {e.name: e for e in read_manifest(two)}["乙/二.txt"]
    assert entry.row == {"division_code": "320106", "body": "department", "year": "2020", "retrieved_at": "2024-03-05", "use": "yes"}


def test_unplaced_is_the_same_table(two):
    (two / "manifest.csv").write_text("path,body\n乙/二.txt,government\n", encoding="utf-8")
    corpus = read_corpus(two)
    found = corpus.unplaced()
    assert found[["path", "body", "decide"]].values.tolist() == [["乙/二.txt", "government", "division_code"]]
    assert "320106" in found["read_candidates"].iloc[0] and found["path_year"].tolist() == [""]
    assert corpus.unplaced(everything=True)["path"].tolist() == sorted(TWO)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "said"), [("平潭", "350128"), ("140421", "140404"), ("沐阳县", "321322"), ("鼓楼区", "410204")])
def test_a_place_is_looked_up_by_name_or_code_with_its_changes(capsys, name, said, language):
    assert main(["places", name, "--lang", language]) == 0
    assert said in capsys.readouterr().out


def test_a_department_that_does_not_name_itself_is_not_its_county_s_report(tmp_path):
    """Where only the folder tells the division, the numbers of a bureau would stand for those of the county."""
    form = load_form("2021")
    bare = to_html(form, layout(form, {f.path: 1 for f in form.fields if f.item != "other"}), Story("", 2022)).replace("人民政府", "")
    corpus = read_corpus(folder(tmp_path, {"山西省/沁县/1.html": bare}))
    assert corpus.reports["division_code"].tolist() == ["140430"] and corpus.reports["body"].isna().all()
    assert corpus.set_aside["why"].tolist() == ["no_body"]
    with pytest.warns(UserWarning):
        assert corpus.panel().empty
    assert "in_corpus" not in {*corpus.coverage()["status"]}


TWINS = {"甲.txt": document(), "乙.txt": document() + "\n"}


@pytest.mark.parametrize(
    ("change", "use", "why"),
    [
        (("", ""), {}, {"甲.txt": "copy"}),
        (("1200", ""), {}, {"乙.txt": "copy"}),
        (("1200", "1201"), {}, {"甲.txt": "duplicate", "乙.txt": "duplicate"}),
        (("1200", "1201"), {"乙.txt": "是"}, {"甲.txt": "not_chosen"}),
        (("1200", "1201"), {"乙.txt": "否"}, {"乙.txt": "not_used"}),
        (("1200", "1201"), {"乙.txt": "no", "甲.txt": "no"}, {"甲.txt": "not_used", "乙.txt": "not_used"}),
    ],
)
def test_twins_are_settled_by_a_person_or_where_one_has_all_numbers_of_the_other(tmp_path, change, use, why):
    second = TWINS["乙.txt"].replace(*change) if change[0] else TWINS["乙.txt"]
    rows = "".join(f"{name},140430,{use.get(name, '')}\n" for name in TWINS)
    corpus = read_corpus(folder(tmp_path, {"甲.txt": TWINS["甲.txt"], "乙.txt": second}, f"path,division_code,use\n{rows}"))
    assert dict(zip(corpus.set_aside["path"], corpus.set_aside["why"], strict=True)) == why
    if {*why.values()} == {"duplicate"}:
        assert corpus.unplaced()["decide"].tolist() == ["use", "use"]
        with pytest.raises(UsageError):
            corpus.panel()
    elif "instead" in corpus.set_aside and len(why) == 1 and "no" not in use.values():
        taken = ({*TWINS} - {*why}).pop()
        assert pd.isna(corpus.set_aside["instead"].iloc[0]) or corpus.set_aside["instead"].iloc[0] == taken


@pytest.mark.parametrize("language", LANGUAGES)
def test_coverage_as_a_figure_has_a_sign_for_whatever_became_of_a_report(language):
    statuses = ["in_corpus", "unreadable", "found_not_in_corpus", "not_in_corpus", *OUTCOMES[1:4]]
    rows = pd.DataFrame({"division_code": "140430", "year": pd.array(range(2017, 2024), "Int64"), "status": statuses})
    picture = coverage_figure(rows, language)
    assert picture.png().startswith(b"\x89PNG") and all(f"{kind['sign']} {kind[language]}" in picture.alt for kind in KINDS.values())
    assert coverage_figure(rows.head(0), language).png().startswith(b"\x89PNG")


def test_a_corpus_draws_its_coverage_where_asked(two, capsys):
    assert main(["corpus", "报告", "-o", "tidy", "--coverage", "图.png", "--jobs", "1"]) == 0
    assert Path("图.png").read_bytes().startswith(b"\x89PNG") and "图.png" in capsys.readouterr().out


WORD = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@given(words=st.lists(st.tuples(WORD, WORD), min_size=1, max_size=4))
def test_no_word_of_a_person_is_changed_by_being_written_and_read(tmp_path_factory, ending, words):
    path = tmp_path_factory.mktemp("words") / f"清单{ending}"
    rows = {f"{n}.txt": {"path": f"{n}.txt", "authority": one, "备注": other} for n, (one, other) in enumerate(words)}
    first = redraft(path.parent, {}, Words(rows, ("备注",), drafted=False))
    path.write_bytes(write_to(path, first))
    again = redraft(path.parent, {}, read_words(path))
    assert again.rows == first.rows and again.columns == first.columns
    assert {row["path"]: (row["authority"], row["备注"]) for row in again.rows} == {n: (r["authority"], r["备注"]) for n, r in rows.items()}
