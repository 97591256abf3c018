"""Pages: whatever a document printed stays text, figures stand beside it, and nothing else is fetched."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from by_hand import HOSTILE, report
from selectolax.lexbor import LexborHTMLParser

from gongkai.core.errors import UsageError
from gongkai.studies.pages import IndexRow, assets, index_page, prose, study_page

PNG = base64.b64encode(b"\x89PNG\r\n").decode()


def code(source: str, *outputs: dict) -> dict:
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def shown(about: dict | None = None, **data: object) -> dict:
    return {"output_type": "display_data", "data": {k.replace("_", "/"): v for k, v in data.items()}, "metadata": about or {}}


def page(*cells: dict, title: str = "沁县", language: str = "zh") -> LexborHTMLParser:
    return LexborHTMLParser(study_page({"cells": list(cells)}, title, language, [("目录", "../index.html")]).html)


HOSTILE_CELLS = [
    {"cell_type": "markdown", "source": f"# {HOSTILE}\n\n<img src=x onerror=alert(1)> [x](javascript:alert(1))"},
    {"cell_type": "raw", "source": HOSTILE},
    code(f"x = {HOSTILE!r}", {"output_type": "stream", "name": "stdout", "text": HOSTILE}),
    code("x", {"output_type": "error", "ename": "E", "evalue": HOSTILE, "traceback": [f"\x1b[31m{HOSTILE}\x1b[0m"]}),
    code("x", shown(text_plain=HOSTILE)),
    code("x", shown(text_markdown=HOSTILE)),
    code("x", shown({"image/png": {"alt": f'"{HOSTILE}'}}, image_png=PNG)),
    code("x", shown(text_html=report(title=HOSTILE)._repr_html_())),
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_document_printed_stays_text(language):
    parsed = page(*HOSTILE_CELLS, title=HOSTILE, language=language)
    assert parsed.css("script, iframe, object, form, base") == []
    assert not [n for n in parsed.css("*") if any(name.startswith("on") for name in n.attributes)]
    assert not [n for n in parsed.css("a") if (n.attributes.get("href") or "").startswith("javascript")]
    assert parsed.css_first("title").text() == HOSTILE
    assert parsed.text().count("alert('县')") >= len(HOSTILE_CELLS)


def test_a_page_asks_no_other_host_for_anything_and_says_so():
    parsed = page(*HOSTILE_CELLS)
    policy = parsed.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"]
    allowed = {
        "style-src": "'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert dict(part.split(" ", 1) for part in policy.split("; ")) == {"default-src": "'none'", **allowed}
    assert [n.attributes["src"] for n in parsed.css("[src]")] == ["study-1.png"]
    assert parsed.css("link") == []
    assert re.findall(r"url\(([^)]*)\)", parsed.html) == ['"../assets/GongkaiSansSC-Regular.otf"']


def test_code_is_folded_away_and_silent_cells_are_told_with_the_next():
    cells = [code("language = 'zh'"), code('language = "en"'), code("show()", shown(text_plain="1"))]
    folded = page(*cells).css("details.code")
    assert [n.css_first("pre").text() for n in folded] == ["language = 'zh'\n\nlanguage = \"en\"\n\nshow()"]
    assert "open" not in folded[0].attributes


@pytest.mark.parametrize(
    "about, plain, alt",
    [
        ({"alt": "流向图：新收 1", "width": 900}, "", "流向图：新收 1"),
        ({}, "a plot", "a plot"),
        ({}, "<Figure size 640x480 with 1 Axes>", "Figure 1 (not described)"),
    ],
)
def test_a_figure_is_a_file_beside_the_page_with_its_text_and_its_width(about, plain, alt):
    made = study_page({"cells": [code("x", shown({"image/png": about}, image_png=PNG, text_plain=plain))]}, "沁县", "en", stem="study.en")
    assert dict(made.figures) == {"study.en-1.png": base64.b64decode(PNG)}
    width = {"width": str(about["width"])} if "width" in about else {}
    assert LexborHTMLParser(made.html).css_first("figure img").attributes == {"src": "study.en-1.png", "alt": alt, **width}


def test_figures_of_every_kind_are_numbered_as_they_come():
    drawing = {"output_type": "display_data", "data": {"image/svg+xml": ["<svg>", "</svg>"]}, "metadata": {}}
    made = study_page({"cells": [code("x", shown(image_png=PNG), shown(image_jpeg=PNG)), code("y", drawing)]}, "沁县")
    assert list(made.figures) == ["study-1.png", "study-2.jpg", "study-3.svg"] and made.figures["study-3.svg"] == b"<svg></svg>"


def test_the_richest_form_without_script_is_shown():
    output = {"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "1", "application/javascript": "alert(1)"}
    parsed = page(code("x", {"output_type": "execute_result", "data": output, "metadata": {}}))
    assert parsed.css_first("main td").text() == "1" and "alert" not in parsed.html


def test_tables_scroll_inside_their_box():
    assert page(code("x", shown(text_html="<table></table>"))).css_first("table").parent.attributes["class"] == "box"


def test_markdown_tables_are_rendered():
    assert prose("|年|数|\n|-|-|\n|2019|1|").count("<td>") == 2


def test_the_shared_font_has_chinese_characters_and_pages_take_them_from_it():
    [(path, font)] = assets().items()
    assert font[:4] == b"OTTO" and f'url("../{path}")' in page().html and f'url("{path}")' in index_page("x", [], ["县"], [])
    assert "U+80-10FFFF" in page(language="zh").html and "U+2070-10FFFF" in page(language="en").html


def test_two_pages_of_one_notebook_are_the_same_bytes():
    assert study_page({"cells": HOSTILE_CELLS}, "沁县") == study_page({"cells": HOSTILE_CELLS}, "沁县")


@pytest.mark.parametrize("language, search", [("zh", "查找"), ("en", "Search")])
def test_the_index_lists_counties_and_escapes_their_names(language, search):
    rows = [
        IndexRow("沁县", "140430-沁县/study.html", (("140430", "140430"), ("1", 1.0), ("完成", "0"))),
        IndexRow(
            HOSTILE, "x/study.ipynb", (("—", None), ("—", None), ("未完成", "1")), ("failed",), f"空文件 {HOSTILE}", [("笔记本", "x/y")]
        ),
    ]
    parsed = LexborHTMLParser(
        index_page("各县", ["2 个县"], ["县", "代码", "新收", "状态"], rows, language, [("English", "index.en.html")])
    )
    assert [n.text() for n in parsed.css("thead th")] == ["县", "代码", "新收", "状态"] and search in parsed.css_first(".tools").text()
    first, second = parsed.css("tbody tr")
    assert [n.text() for n in first.css("td")] == ["140430", "1", "完成"] and first.css_first("a").attributes[
        "href"
    ] == "140430-沁县/study.html"
    assert [n.attributes.get("data-key", n.text()) for n in second.css("td")] == ["", "", "1"]
    assert HOSTILE in second.css_first(".failure").text() and HOSTILE in second.css_first("th").text()
    assert [n.attributes["value"] for n in parsed.css("option")] == ["", "failed"]
    assert [n.attributes["class"] for n in parsed.css("thead .n, tbody .n")] == ["n"] * 3


def test_the_index_allows_its_own_script_and_no_other():
    parsed = LexborHTMLParser(index_page("各县", [], ["县"], [IndexRow(HOSTILE, "x", ())]))
    [script] = parsed.css("script")
    digest = base64.b64encode(hashlib.sha256(script.text().encode()).digest()).decode()
    policy = parsed.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"]
    assert f"script-src 'sha256-{digest}'" in policy and policy.startswith("default-src 'none'")


def test_what_would_turn_numbers_around_is_left_out():
    assert "县 2019" in page(code("x", shown(text_plain="县\u202e 2019"))).text()


def test_another_language_is_refused():
    with pytest.raises(UsageError):
        study_page({"cells": []}, "x", "fr")
