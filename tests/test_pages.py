"""Index and studies in a real browser: hostile documents change nothing, nothing is fetched, 3,000 rows answer at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from browser import Tab, chromium
from folders import document, folder

from gongkai.core.messages import LANGUAGES
from gongkai.studies.batch import run_studies
from gongkai.studies.outcome import INDEXES, PAGES
from gongkai.studies.pages import IndexRow, assets, index_page, study_page

ROWS, MILLISECONDS = 3000, 200
NAME = "沁<script>pwned=1</script>\u202e县"
PROSE = '</script><script>pwned=2</script>]]> <!-- <b onclick="pwned=3">\u202e12 条</b> '
HOSTILE = {"沁县": NAME, "一、总体情况": f"一、总体情况\n{PROSE}{'长' * 2000}", "1472.57 万元": '"><img src=x onerror=pwned=4>万元'}
FILE = '"><img src=x onerror=pwned=5>.txt'
MANIFEST = "path,division_code,body,source_url\na.txt,140430,government,javascript:alert(1)\nb.txt,140430,government,javascript:alert(1)\n"
CLICK = "document.querySelectorAll('.index thead button')[{}].click()"
TYPE = "{{ const box = document.querySelector('.tools input'); box.value = '{}'; box.dispatchEvent(new Event('input')) }}"
CHOOSE = "{{ const box = document.querySelector('.tools select'); box.value = '{}'; box.dispatchEvent(new Event('change')) }}"
COLUMN = "[...document.querySelectorAll('.index tbody tr')].map((row) => row.cells[{}].textContent)"
TOLD = "document.querySelector('.tools output').textContent"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def run(tab: Tab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the studies of a hostile county with two years and a file that is empty, in both languages."""
    here = tmp_path_factory.mktemp("run")
    texts = {f"{name}.txt": hostile(year) for name, year in (("a", 2019), ("b", 2020))}
    folder(here / "raw", {**texts, FILE: ""}, MANIFEST)
    with ProcessPoolExecutor(max_workers=2) as executor:
        done = run_studies(here / "raw", reports_dir=here, run="all", executor=executor)
    assert (done.told(), [file["path"] for file in done.unread]) == ([], [FILE])
    return done.folder


@pytest.fixture(scope="module")
def big(tab: Tab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write an index with 3,000 rows in each language."""
    here = tmp_path_factory.mktemp("big")
    for name, data in assets().items():
        folder(here / name, {}).rmdir()
        (here / name).write_bytes(data)
    for language, name in INDEXES.items():
        page = index_page("各县", ["3000"], ["县", "代码", "年度", "新收", "错误", "警告", "提示", "状态"], map(row, range(ROWS)), language)
        (here / name).write_text(page, encoding="utf-8")
    return here


def hostile(year: int) -> str:
    """Return a report whose title, name, prose and cells carry markup and script."""
    text = document(year=year)
    for printed, instead in HOSTILE.items():
        text = text.replace(printed, instead)
    return text


def row(n: int) -> IndexRow:
    """Return one row as a county's is; every hundredth has failed."""
    failed, received = n % 100 == 99, n * 7919 % ROWS
    cells = ((str(130000 + n),) * 2, ("2014, 2016, 2019–2023", "2023"), ("—", None) if failed else (str(received), float(received)))
    levels = tuple((str(n % k), float(n % k)) for k in (2, 5, 7))
    return IndexRow(f"{'平潭洪泽沁'[n % 5]}{n}县", f"{n}/study.html", (*cells, *levels, ("完成 · 已印 165", "0 0")), ("failed",) * failed)


def milliseconds(tab: Tab, action: str) -> float:
    """Time what one action takes until the page is laid out again: the best of seven, since other programs run beside the browser."""
    body = f"const start = performance.now(); {action}; document.body.offsetHeight; return performance.now() - start;"
    return min(tab.run(f"(() => {{ {body} }})()") for _ in range(7))


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_thousand_rows_are_sorted_and_filtered_at_once(tab: Tab, big: Path, language: str) -> None:
    tab.open(big / INDEXES[language])
    actions = [CLICK.format(n) for n in range(8)] + [TYPE.format(words) for words in ("沁", "平 1", "2019", "没有", "")]
    took = {action: milliseconds(tab, action) for action in [*actions, CHOOSE.format("failed"), CHOOSE.format("")]}
    assert {action: t for action, t in took.items() if t >= MILLISECONDS} == {}
    assert tab.complaints == []


def test_the_index_sorts_both_ways_and_finds_what_is_typed(tab: Tab, big: Path) -> None:
    tab.open(big / "index.html")
    shown = len(tab.run(COLUMN.format(0)))
    tab.run(CLICK.format(3))
    received = [int(text) for text in tab.run(COLUMN.format(3))]
    assert shown == len(received) < ROWS and received == sorted(received, reverse=True) and received[0] == ROWS - 1
    tab.run(CLICK.format(3))
    assert tab.run(COLUMN.format(3))[:3] == ["0", "1", "2"]
    tab.run(TYPE.format("１３２９９ 沁"))  # full width
    assert tab.run(COLUMN.format(0)) == ["沁2994县", "沁2999县"] and tab.run(TOLD) == "2 / 3000"
    assert tab.run(COLUMN.format(3))[-1] == "—"  # nothing comes last, whichever way the others go
    tab.run(CLICK.format(3))
    assert tab.run(COLUMN.format(3))[-1] == "—"
    tab.run(TYPE.format(""))
    tab.run(CHOOSE.format("failed"))
    assert tab.run(TOLD) == "30 / 3000" and set(tab.run(COLUMN.format(3))) == {"—"}
    tab.run(CHOOSE.format(""))
    tab.run("document.querySelector('.more button').click()")
    assert len(tab.run(COLUMN.format(0))) == ROWS


def test_the_index_is_read_without_script(tab: Tab, big: Path) -> None:
    tab.tell("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(big / "index.html")
        assert len(tab.run(COLUMN.format(0))) == ROWS
        assert tab.run("getComputedStyle(document.querySelector('.tools')).display") == "none"
    finally:
        tab.tell("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", [*INDEXES.values(), *(f"140430-*/{page}" for page in PAGES.values())])
def test_a_hostile_document_changes_nothing(tab: Tab, run: Path, page: str, width: int) -> None:
    [path] = run.glob(page)
    tab.open(path, width)
    assert tab.run("typeof pwned") == "undefined" and tab.complaints == []
    assert {address.split("://")[0] for address in tab.asked_for} == {"file"}
    assert all(address.startswith(run.as_uri()) for address in tab.asked_for)
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.run("document.scripts.length") == page.startswith("index")
    assert not tab.run("[...document.querySelectorAll('*')].some((e) => [...e.attributes].some((a) => a.name.startsWith('on')))")
    assert "\u202e" not in tab.run("document.body.textContent")
    assert not tab.run("[...document.links].some((a) => a.protocol !== 'file:')")
    assert page.startswith("index") or "<img src=x onerror=pwned=4>" in tab.run("document.body.textContent")


@pytest.mark.parametrize("language, described", [("zh", "本年新收"), ("en", "Newly received")])
def test_a_study_shows_its_figures_and_leads_to_the_other_pages(tab: Tab, run: Path, language: str, described: str) -> None:
    [path] = run.glob(f"140430-*/{PAGES[language]}")
    tab.open(path)
    figures = tab.run("[...document.images].map((i) => [i.alt, i.naturalWidth])")
    assert len(figures) >= 3 and all(alt and width > 500 for alt, width in figures) and described in figures[0][0]
    assert tab.run("document.fonts.load('16px \"Gongkai Sans SC\"', '沁').then((found) => found.length)") == 1
    assert tab.run("[...document.querySelectorAll('details')].every((d) => !d.open)")
    other = next(name for code, name in PAGES.items() if code != language)
    links = tab.run("[...document.querySelectorAll('nav a')].map((a) => decodeURI(a.href))")
    assert links == [(run / INDEXES[language]).as_uri(), f"file://{path.with_name(other)}"] and path.with_name(other).is_file()


def test_a_script_in_the_html_of_a_cell_does_not_run(tab: Tab, tmp_path: Path) -> None:
    """The policy holds even where a library does not escape; and the browser says so, which shows that these tests hear it."""
    html = "<p>1</p><img src=x onerror='pwned=1'><script>pwned=2</script><img src='https://example.org/x.png'>"
    outputs = [{"output_type": "display_data", "data": {"text/html": html}, "metadata": {}}]
    page = study_page({"cells": [{"cell_type": "code", "source": "x", "outputs": outputs}]}, "x")
    (tmp_path / "study.html").write_text(page.html, encoding="utf-8")
    tab.open(tmp_path / "study.html")
    assert tab.run("typeof pwned") == "undefined" and "Content Security Policy" in str(tab.complaints)
    assert not any("example.org" in str(e) for e in tab.events if e["method"].startswith("Network.response"))
