"""Pages: whatever a document printed stays text, nothing is fetched, and a page reads alone."""

from __future__ import annotations

import base64
import io
import re

import pytest
from by_hand import HOSTILE, report
from fontTools.ttLib import TTFont
from selectolax.lexbor import LexborHTMLParser

from gongkai.errors import UsageError
from gongkai.site import IndexRow, index_page, prose, study_page

PNG = base64.b64encode(b"\x89PNG\r\n").decode()


def code(source: str, *outputs: dict) -> dict:
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def shown(about: dict | None = None, **data: object) -> dict:
    return {"output_type": "display_data", "data": {k.replace("_", "/"): v for k, v in data.items()}, "metadata": about or {}}


def page(*cells: dict, title: str = "沁县", language: str = "zh") -> LexborHTMLParser:
    return LexborHTMLParser(study_page({"cells": list(cells)}, title, language, [("目录", "../index.html")]))


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
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:")
    assert {(n.attributes.get("src") or "")[:5] for n in parsed.css("[src]")} <= {"data:"}
    assert parsed.css("link") == []
    assert set(re.findall(r"url\((\w+:)", parsed.html)) == {"data:"}


def test_code_is_folded_away_and_silent_cells_are_told_with_the_next():
    cells = [code("language = 'zh'"), code('language = "en"'), code("show()", shown(text_plain="1"))]
    folded = page(*cells).css("details.code")
    assert [n.css_first("pre").text() for n in folded] == ["language = 'zh'\n\nlanguage = \"en\"\n\nshow()"]
    assert "open" not in folded[0].attributes


def test_a_figure_has_its_text_and_its_width_and_stands_in_the_page():
    figure = page(code("x", shown({"image/png": {"alt": "流向图：新收 1", "width": 900}}, image_png=PNG))).css_first("figure img")
    assert figure.attributes == {"src": f"data:image/png;base64,{PNG}", "alt": "流向图：新收 1", "width": "900"}
    assert page(code("x", shown(image_png=PNG, text_plain="a plot"))).css_first("img").attributes["alt"] == "a plot"


def test_the_richest_form_without_script_is_shown():
    output = {"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "1", "application/javascript": "alert(1)"}
    parsed = page(code("x", {"output_type": "execute_result", "data": output, "metadata": {}}))
    assert parsed.css_first("main td").text() == "1" and "alert" not in parsed.html


def test_tables_scroll_inside_their_box():
    assert page(code("x", shown(text_html="<table></table>"))).css_first("table").parent.attributes["class"] == "box"


def test_markdown_tables_are_rendered():
    assert prose("|年|数|\n|-|-|\n|2019|1|").count("<td>") == 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_carries_the_chinese_characters_that_it_shows(language):
    text = study_page({"cells": [code("x", shown(text_plain="沁县〇"))]}, "沁县", language)
    font = TTFont(io.BytesIO(base64.b64decode(re.search(r"data:font/woff;base64,([^)]+)", text)[1])))
    assert {ord(c) for c in "沁县〇公开"} <= set(font.getBestCmap())


def test_two_pages_of_one_notebook_are_the_same_bytes():
    assert study_page({"cells": HOSTILE_CELLS}, "沁县") == study_page({"cells": HOSTILE_CELLS}, "沁县")


def test_the_index_lists_counties_in_both_languages_and_escapes_their_names():
    rows = [
        IndexRow(
            "沁县", "140430", "2019", "1", ("0", "5", "1"), ("165", "5", "0", "0", "28", "0", "0"), (("中文", "140430-沁县/study.html"),)
        ),
        IndexRow(HOSTILE, "—", "—", "—", ("—",) * 3, ("—",) * 7, (("笔记本", "x/study.ipynb"),), f"空文件 {HOSTILE}\nempty"),
    ]
    parsed = LexborHTMLParser(index_page("各县", ["2 个县", "2 counties"], rows))
    assert parsed.css("script") == [] and HOSTILE in parsed.css_first(".failure").text()
    assert [n.text().strip() for n in parsed.css("tbody tr")[0].css("td")][:6] == ["中文", "140430", "2019", "1", "0", "5"]
    assert {"县County", "重新对位realigned"} <= {n.text().strip() for n in parsed.css("th")}
    assert parsed.css_first("tbody a").attributes["href"] == "140430-沁县/study.html"


def test_another_language_is_refused():
    with pytest.raises(UsageError):
        study_page({"cells": []}, "x", "fr")
