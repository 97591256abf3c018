"""Real pages as a browser prints them and as an office suite converts them, over many page sizes: the same cells, none wrong."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from gongkai import read_report
from gongkai.core.model import Document
from gongkai.core.text import is_value, squeeze
from gongkai.readers import read_document

pytestmark = pytest.mark.long
PAGES = ("pingtan-2019", "pingtan-2020", "pingtan-2021", "pingtan-2022", "pingtan-2023")
PRINTED = ("--headless", "--no-sandbox", "--disable-gpu")
FILTERS = {
    "docx": ("HTML (StarWriter)", "docx"), "pdf": ("HTML (StarWriter)", "pdf"),
    "xlsx": ("HTML (StarCalc)", "xlsx:Calc MS Excel 2007 XML"), "xls": ("HTML (StarCalc)", "xls:MS Excel 97"),
}  # fmt: skip


@pytest.fixture(params=PAGES)
def case(request: pytest.FixtureRequest, shared: Path) -> Path:
    return shared / "reports" / str(request.param)


def chromium(page: Path, folder: Path, *options: str) -> Path:
    """Print a page as a browser does."""
    program = shutil.which("chromium") or pytest.skip("no chromium here")
    out = folder / "printed.pdf"
    command = [program, *PRINTED, f"--user-data-dir={folder / 'profile'}", *options, f"--print-to-pdf={out}", str(page)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return out


def office(source: Path, folder: Path, kind: str, reader: str | None = None) -> Path:
    """Convert a file as an office suite does."""
    program = shutil.which("soffice") or pytest.skip("no libreoffice here")
    infilter = [f"--infilter={reader}"] if reader else []
    command = [program, "--headless", f"-env:UserInstallation={(folder / 'office').as_uri()}", *infilter]
    subprocess.run([*command, "--convert-to", kind, "--outdir", str(folder), str(source)], check=True, capture_output=True, timeout=240)
    return folder / f"{source.stem}.{kind.partition(':')[0]}"


def numbers(document: Document) -> list[list[str]]:
    """Return the numbers of each row, row by row."""
    rows = ([squeeze(c.text) for c in row.cells if c.text and is_value(c.text)] for row in document.rows if row.kind != "line")
    return [row for row in rows if row]


def check(converted: Path, case: Path) -> None:
    """Require the numbers of the page in their rows, and every official cell as it was read by hand."""
    assert numbers(read_document(converted)) == numbers(read_document(case / "report.html"))
    truth = json.loads((case / "truth.json").read_text(encoding="utf-8"))
    read = {(c.table, c.item, c.measure): c.value for c in read_report(converted).cells.dropna(subset="value").itertuples()}
    wanted = {(t, i, m): v for t in ("disclosure", "applications", "review") for i, row in truth[t].items() for m, v in row.items()}
    assert read == {key: value for key, value in wanted.items() if value is not None}


@pytest.mark.parametrize("options", [(), ("--no-pdf-header-footer",)], ids=["head and foot", "plain"])
def test_printed_by_a_browser(case: Path, options: tuple[str, ...], tmp_path: Path) -> None:
    check(chromium(case / "report.html", tmp_path, *options), case)


@pytest.mark.parametrize("height", range(100, 300, 25))
def test_printed_by_a_browser_wherever_the_page_breaks(case: Path, height: int, tmp_path: Path) -> None:
    page = (case / "report.html").read_text(encoding="utf-8")
    style = f"<style>@page{{size:210mm {height}mm;margin:9mm}}</style></head>"
    (tmp_path / "page.html").write_text(page.replace("</head>", style), encoding="utf-8")
    check(chromium(tmp_path / "page.html", tmp_path, "--no-pdf-header-footer"), case)


@pytest.mark.parametrize("align", ["", "td, td * { text-align: center !important }"], ids=["left", "centred"])
def test_printed_by_a_browser_without_rules(case: Path, align: str, tmp_path: Path) -> None:
    page = (case / "report.html").read_text(encoding="utf-8")
    style = f"<style>table, td, th {{ border: none !important }} {align}</style></head>"
    (tmp_path / "page.html").write_text(re.sub(r'\sborder="?\d+"?', "", page).replace("</head>", style), encoding="utf-8")
    check(chromium(tmp_path / "page.html", tmp_path, "--no-pdf-header-footer"), case)


@pytest.mark.parametrize("kind", FILTERS)
def test_converted_by_an_office_suite(case: Path, kind: str, tmp_path: Path) -> None:
    reader, writer = FILTERS[kind]
    check(office(case / "report.html", tmp_path, writer, reader), case)


@pytest.mark.parametrize("height", [5200, 7000, 8800, 10600, 12400, 14200])
def test_printed_by_an_office_suite_wherever_the_page_breaks(case: Path, height: int, tmp_path: Path) -> None:
    source = office(case / "report.html", tmp_path, *reversed(FILTERS["docx"]))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(tmp_path / "paged.docx", "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, re.sub(rb'(<w:pgSz [^>]*?w:h=")\d+', rb"\g<1>%d" % height, part) if name == "word/document.xml" else part)
    check(office(tmp_path / "paged.docx", tmp_path, "pdf"), case)
