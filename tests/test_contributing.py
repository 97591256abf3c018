"""The worked examples of CONTRIBUTING.md, each applied as it stands to a copy of the package, and used."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```diff (\S+)\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)
PRINTED = """
from gongkai.forms import load_form
from gongkai.synthetic import writers

def printed(code, year, **more):
    form = load_form(code)
    values = {f.path: 0 for f in form.fields if f.item != "other"} | {"disclosure/permits/decisions": 7}
    return writers.to_html(form, writers.layout(form, values), writers.Story("甲县", year, **more))
"""
# What each example adds, used in a process of its own.
USES = {
    "format": """
from gongkai import read_report
head = "MIME-Version: 1.0\\nContent-Type: multipart/related; boundary=x\\n\\n--x\\nContent-Type: text/html\\n"
report = read_report((head + "Content-Transfer-Encoding: 8bit\\n\\n" + printed("2021", 2022) + "\\n--x--\\n").encode())
assert (report.document.format, report.year, report.reading("disclosure/permits/decisions").value) == ("MHTML", 2022, 7)
""",
    "alias": """
from gongkai import read_report
report = read_report(printed("2021", 2022).replace("行政许可", "许可审批事项").encode())
reading = report.reading("disclosure/permits/decisions")
assert (reading.status, reading.value, reading.label, list(report.findings["code"])) == ("printed", 7, "许可审批事项", [])
""",
    "indicator": """
from gongkai import indicators, read_report
from gongkai.corpus.codebook import codebook
from gongkai.corpus import read_corpus
table = indicators.table(read_corpus("data/raw")).query("indicator == 'third_party_share'")
totals = read_corpus("data/raw").cells.query("table == 'applications' and measure == 'total'")
cells = totals.pivot(index="report_id", columns="item", values="value")
denied = cells[[item for item in cells if item.startswith("denied.")]]
expected = (denied["denied.third_party_rights"] / denied.sum(axis=1))[denied.sum(axis=1) > 0]
found = table.set_index("report_id")["value"].dropna()
assert len(found) > 2 and (abs(found - expected[found.index]) < 1e-12).all(), (found, expected)
""",
    "finding": """
from gongkai import read_report
from gongkai.corpus.codebook import codebook
pages = [printed("2021", 2022, published=day) for day in ("2023-03-31", "2023-04-01")]
early, late = (read_report(page.encode()) for page in pages)
assert (early.published, late.published) == ("2023-03-31", "2023-04-01")
assert "late" not in set(early.findings["code"])
assert late.findings["message"].iloc[-1] == "the printed date of publication is 2023-04-01, later than 2023-03-31"
assert "late" in set(codebook()["name"])
""",
    "column": """
from gongkai import read_corpus
from gongkai.corpus.codebook import meaning
panel = read_corpus("data/raw").select(division_code="350128", years=(2019, 2023)).panel()
assert len(panel) and panel["source_url"].str.startswith("http").all() and meaning("panel", "source_url", "en") == "Address of the source"
""",
    "word": """
import nbformat
from gongkai.studies.pages import study_page
for language, said in (("zh", "请先看原文"), ("en", "look at the document first")):
    assert said in study_page(nbformat.v4.new_notebook(), "甲县", language, [], "study").html
""",
    "edition": """
import tempfile
from pathlib import Path
from gongkai import read_corpus, read_report
page = printed("2027", 2027)
report = read_report(page.encode())
assert (report.form, report.year, list(report.findings["code"])) == ("2027", 2027, []) and len(report.cells) == 200
assert "企业" in page and "商业企业" not in page and "出版物" not in page
assert read_report(printed("2021", 2026).encode()).form == "2021"
folder = Path(tempfile.mkdtemp())
(folder / "a.html").write_text(page, encoding="utf-8")
assert list(read_corpus(folder).reports["form"]) == ["2027"]
""",
}


def apply(block: str, path: Path) -> None:
    """Change a file as an example says: a line that stands there once is replaced, others are added at its end, or the file is made."""
    text, at = (path.read_text(encoding="utf-8") if path.exists() else ""), None
    for line in block.splitlines(keepends=True):
        sign, own = line[0], line[1:]
        if sign == "-":
            assert text.count("\n" + own) == 1, f"{path} has not once: {own}"
            at = text.index("\n" + own) + 1
            text = text[:at] + text[at + len(own) :]
        else:
            at = len(text) if at is None else at
            text, at = text[:at] + own + text[at:], at + len(own)
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (made, source) = (root / "src/gongkai/forms" / name for name in ("2027.toml", "2021.toml"))
    assert "cp src/gongkai/forms/2021.toml src/gongkai/forms/2027.toml" in GUIDE
    shutil.copy(source, made)
    for name, block in BLOCKS:
        apply(block, root / name)
    return root


@pytest.mark.parametrize("example", USES)
def test_a_worked_example_works(copy: Path, example: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    ended = subprocess.run([sys.executable, "-c", PRINTED + USES[example]], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_every_example_is_applied() -> None:
    headed = re.findall(r"^### New (.+)$", GUIDE.split("## Worked examples")[1], flags=re.MULTILINE)
    assert len(BLOCKS) == 11 and len(headed) == len(USES) + 1  # the quirk of one county is no change of the package
