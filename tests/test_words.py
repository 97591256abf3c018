"""Words: one thing is one thing in every English sentence, addresses are links, lists explain their words, and help says nothing twice."""

from __future__ import annotations

import re
import string
import tomllib
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import handmade
import pytest
from folders import document, folder
from selectolax.lexbor import LexborHTMLParser

from gongkai.cli import main
from gongkai.core.messages import LANGUAGES, filled, say
from gongkai.studies import study
from gongkai.studies.fragments import as_table, paragraph
from gongkai.studies.listing import index_of
from gongkai.studies.outcome import Done, Study
from gongkai.studies.pages import IndexRow, index_page

PACKAGE = Path(study.__file__).parent
# Words that are said of several things: after a number in one sentence each must have a word for one.
SEVERAL = ("applications", "cells", "characters", "columns", "counties", "documents", "errors", "files", "findings", "folders", "items",
           "lines", "numbers", "pages", "places", "reports", "rows",
           "seconds", "sections", "studies", "tests", "units", "warnings")  # fmt: skip
# What is never one: the indicators of the package.
NEVER_ONE = {"study.indicators.others"}


def english() -> list[tuple[str, str]]:
    """Return every English text of the package with its file and name."""
    found = []

    def walk(name: str, body: object) -> None:
        if isinstance(body, dict):
            for key, value in body.items():
                walk(f"{name}.{key}", value) if not (key == "en" and isinstance(value, str)) else found.append((name, value))

    for path in sorted(PACKAGE.rglob("*.toml")):
        if path.parent.name not in ("forms", "simulate"):
            walk(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    return found


def test_no_english_text_sets_a_word_for_several_behind_a_number_that_may_be_one() -> None:
    pattern = re.compile(r"\{(\w+)\} (?:more |other |simulated |identical )*(" + "|".join(SEVERAL) + r")\b")
    assert [name for name, text in english() if pattern.search(text) and name not in NEVER_ONE] == []


def counted() -> list[tuple[str, str]]:
    return [(name, text) for name, text in english() if re.search(r"\{\w+:[^{}]*\|", text)]


@pytest.mark.parametrize("name, text", counted(), ids=lambda value: value[:40])
def test_every_counted_text_is_filled_in_for_none_one_and_two(name: str, text: str) -> None:
    bare = re.sub(r"\{(\w+):[^{}]*\|[^{}]*\}", r"{\1}", text)
    names = {field for _, field, _, _ in string.Formatter().parse(bare) if field}
    for n in (0, 1, 2, "0", "1", "2"):
        said = filled(text, dict.fromkeys(names, n))
        assert not re.search(r"[{}|]", said)
        assert not re.search(rf"\b1 (?:more |other )?({'|'.join(SEVERAL)})\b", said), said


@pytest.mark.parametrize("n, said", [(0, "0 findings: "), (1, "1 finding: "), (2, "2 findings: ")])
def test_the_command_line_counts(n: int, said: str) -> None:
    assert say("cli.found", "en", n=n, counts="") == said
    assert say("cli.verdict_warning", "en", n=1) == "No errors; 1 warning, please look at it."
    assert say("index.summary", "en", n=1, failed=0).startswith("1 study, 0 not completed.")


@pytest.mark.parametrize("title, authority", [
    ("宿迁市2023年政府信息公开工作年度报告", "宿迁市人民政府"), ("福建省2020年政府信息公开工作年度报告", None),
    ("沁县2019年政府信息公开年度报告", None), (None, "沁县教育局"),
])  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_study_of_a_city_a_province_or_a_bureau_is_not_called_one_of_a_county(title: str, authority: str, language: str) -> None:
    report = replace(handmade.report({}), title=title, authority=authority)
    said = repr(study.title(report, language)) + " ".join(study.facts(report, language).columns)
    said = said.replace("Qinxian County", "")  # the place that its code names
    assert "县级" not in said and "县（" not in said and "county" not in said.lower()
    assert not any(word in say(f"index.{key}", language) for key in ("title", "name") for word in ("县", "ount"))


def links(html: str) -> list[dict[str, str | None]]:
    return [a.attributes for a in LexborHTMLParser(html).css("a")]


ADDRESSES = [
    ("https://www.pingtan.gov.cn/zwgk/t2015_80791.htm", "https://www.pingtan.gov.cn/zwgk/t2015_80791.htm"),
    ("http://a.gov.cn/x?a=1&b=2", "http://a.gov.cn/x?a=1&b=2"),
    ("HTTP://A.GOV.CN/公开/1.html", "HTTP://A.GOV.CN/公开/1.html"),
    ("javascript:alert(1)", None), ("data:text/html,<script>alert(1)</script>", None), ("ftp://a.gov.cn/x", None), ("www.a.gov.cn", None),
    ('http://a.cn/"onmouseover="alert(1)', None), ("http://a.cn/<script>", None), ("http://", None), (" http://a.cn and more", None),
    ("xhttp://a.cn", None), ("file:///etc/passwd", None), ("http://a.cn/'x", None),
]  # fmt: skip


@pytest.mark.parametrize("source, target", ADDRESSES)
def test_the_address_of_a_source_is_a_link_and_nothing_else_is(source: str, target: str | None) -> None:
    table = as_table(study.facts(replace(handmade.qinxian(), source=source), "zh"))
    assert links(table) == ([{"href": target, "rel": "noopener"}] if target else [])
    assert " ".join(source.split()) in " ".join(LexborHTMLParser(table).text().split()) and "<script" not in table


@pytest.mark.parametrize("language, tail", [*product(LANGUAGES, ["/x.htm", "/x?a=1&b=2"])])
def test_the_address_in_a_citation_is_a_link_without_the_stop_behind_it(language: str, tail: str) -> None:
    report = replace(handmade.qinxian(), source=f"https://www.qinxian.gov.cn{tail}")
    assert links(study.citation(report, language)) == [{"href": f"https://www.qinxian.gov.cn{tail}", "rel": "noopener"}]
    assert links(paragraph("见“http://a.cn/1”，http://a.cn/2。 javascript:x")) == [
        {"href": address, "rel": "noopener"} for address in ("http://a.cn/1", "http://a.cn/2")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_states_of_the_index_are_explained(tmp_path: Path, language: str) -> None:
    from gongkai import read_corpus
    from gongkai.studies.units import counties

    folder(tmp_path, {"a.txt": document()})
    done = Done(tmp_path, tuple(Study(c.folder, c.name, (), {}, c) for c in counties(read_corpus(tmp_path))), {})
    page = LexborHTMLParser(index_of(done, language))
    told = {n.css_first("dt").text(): n.css_first("dd").text() for n in page.css(".legend div")}
    for word in ("printed", "blank", "realigned"):
        assert told[say(f"status.{word}", language)] == say(f"meaning.{word}", language)
    assert say("index.made", language) in told and say("status.mark", language) not in told
    said = page.css_first("tbody td:last-child").text()
    assert all(word in told for word in re.findall(r"[^\W\d_]+(?: [^\W\d_]+)*", said))


def test_a_legend_is_escaped_and_none_is_no_list() -> None:
    rows = [IndexRow("a", "a", (("1", 1.0),))]
    assert "<b>" not in index_page("x", [], ["a", "b"], rows, legend=[("<b>", "<b>")])
    assert "<dl" not in index_page("x", [], ["a", "b"], rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_does_not_say_a_word_twice(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help", "--lang", language])
    lines = [line.strip().rstrip(":：") for line in capsys.readouterr().out.splitlines()]
    assert not [one for one, other in pairwise(lines) if one and one == other]
