"""A number is what the page shows: kinds of hiding, striking, raising and of forms on web pages, in a cell that no sum guards."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai import read_report
from gongkai.core.model import Reading
from gongkai.readers import read_document
from gongkai.readers.decoding import decode

CELL = "disclosure/permits/decisions"
PAGE = """<!DOCTYPE html><html><head><meta charset=utf-8><title>甲县2022年政府信息公开工作年度报告</title>{head}</head><body {body}>
<p>甲县2022年政府信息公开工作年度报告</p><p>二、主动公开政府信息情况</p>
<table {table}><tr><td colspan=4>第二十条第（一）项</td></tr>
<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>
<tr><td>规章</td><td>1</td><td>0</td><td>14</td></tr><tr><td>行政规范性文件</td><td>17</td><td>6</td><td>138</td></tr>
<tr><td colspan=4>第二十条第（五）项</td></tr><tr><td>信息内容</td><td colspan=3>本年处理决定数量</td></tr>
{row}
<tr><td colspan=4>第二十条第（六）项</td></tr><tr><td>信息内容</td><td colspan=3>本年处理决定数量</td></tr>
<tr><td>行政处罚</td><td colspan=3>3862</td></tr><tr><td>行政强制</td><td colspan=3>245</td></tr>
<tr><td colspan=4>第二十条第（八）项</td></tr><tr><td>信息内容</td><td colspan=3>本年收费金额（单位：万元）</td></tr>
<tr><td>行政事业性收费</td><td colspan=3>1234.5</td></tr></table>{foot}</body></html>"""
ROW = "<tr><td>行政许可</td><td colspan=3>{cell}</td></tr>"
OTHERS = {
    "disclosure/regulations/in_force": 14.0, "disclosure/normative_documents/in_force": 138.0, "disclosure/penalties/decisions": 3862.0,
    "disclosure/coercive_measures/decisions": 245.0, "disclosure/fees/amount_yuan": 12_345_000.0,
}  # fmt: skip
N = 21574.0


def page(cell: str = "21574", row: str = ROW, head: str = "", body: str = "", table: str = "", foot: str = "") -> bytes:
    return PAGE.format(row=row.replace("{cell}", cell), head=head, body=body, table=table, foot=foot).encode()


def read(data: bytes) -> Reading:
    """Read the cell, and require that no other cell suffers."""
    readings = {r.field.path: r for r in read_report(data).readings}
    assert {path: readings[path].value for path in OTHERS} == OTHERS
    return readings[CELL]


def span(style: str, text: str = "9") -> str:
    return f'21574<span style="{style}">{text}</span>'


LINK = "<link rel=stylesheet href=site.css>"
HIDDEN = [
    "display:none", "DISPLAY : None", "display:none!important", "visibility:hidden", "visibility:collapse", "font-size:0", "font-size:0px",
    "font-size:1px", "font:0/0 a", "opacity:0", "opacity:0%", "filter:opacity(0)", "color:#fff", "color:white", "color:rgb(255,255,255)",
    "color:rgba(0,0,0,0)", "color:transparent", "color:#fefefe", "-webkit-text-fill-color:transparent", "background:#000",
    "color:red;background:red", "position:absolute;left:-9999px", "position:absolute;top:-999em", "position:fixed;right:99999px",
    "display:inline-block;text-indent:-9999px", "display:block;text-indent:-9999px;overflow:hidden",
    "position:absolute;clip:rect(0,0,0,0)", "position:absolute;clip:rect(1px 1px 1px 1px)", "display:inline-block;width:0;overflow:hidden",
    "position:absolute;width:1px;height:1px;overflow:hidden", "display:inline-block;max-height:0;overflow:hidden", "transform:scale(0)",
    "position:absolute;clip-path:inset(50%)", "content-visibility:hidden", "transform:translateX(-9999px)", "mso-hide:all;display:none",
    "text-decoration:line-through", "text-decoration:red line-through", "text-decoration-line:underline line-through",
    "vertical-align:super", "vertical-align:sub", "vertical-align:40%", "vertical-align:5px", "vertical-align:top;font-size:8px",
    "position:relative;top:-.5em;font-size:75%", "position:relative;bottom:4pt", "font-variant-position:super",
    "background:url('data:image/png;base64,AA==');display:none",
]  # fmt: skip
VISIBLE = [
    "color:red", "display:inline", "visibility:visible", "opacity:.9", "font-size:8px", "background:yellow", "color:#fff;background:#00f",
    "vertical-align:baseline", "vertical-align:middle", "text-decoration:underline", "text-indent:-2em", "position:relative;top:0",
    "display:inline-block", "margin-left:4px", "overflow:hidden", "transform:none", "letter-spacing:2px", "font:bold 12px/0 serif",
]  # fmt: skip


@pytest.mark.parametrize("style", HIDDEN)
def test_what_a_style_hides_is_no_digit(style: str) -> None:
    assert (
        read(page(span(style))).value,
        read(page("<p>21574<font class=x>9</font></p>", head=f"<style>p .x {{{style}}}</style>")).value,
    ) == (N, N)


@pytest.mark.parametrize("style", VISIBLE)
def test_what_a_style_shows_is_a_digit(style: str) -> None:
    assert read(page(span(style, "0"))).value == N * 10


SHOWN = {
    "hidden": "21574<span hidden>9</span>",
    "until found": "21574<span hidden=until-found>9</span>",
    "script": "21574<script>9</script>",
    "style": "<style>p{margin:9}</style>21574",
    "template": "21574<template>9</template>",
    "noscript": "21574<noscript>9</noscript>",
    "nested silent": "21574<noscript><style>a{b:9}</style><script>9</script></noscript>",
    "title": "21574<title>9</title>",
    "datalist": "21574<datalist><option>9</datalist>",
    "picture beside": "21574<object data=a.swf>9</object>",
    "picture in picture": "21574<object data=a.swf><embed src=b><img src=c></object>",
    "svg title": "<svg><title>9</title></svg>21574",
    "meter": "21574<meter value=9>9</meter>",
    "closed details": "21574<details><summary></summary>9<b>8</b></details>",
    "dialog": "21574<dialog>9</dialog>",
    "popover": "21574<div popover>9</div>",
    "sup": "21574<sup>1</sup>",
    "sup in brackets": "<sup>[1]</sup>21574",
    "sup with link": "21574<sup><a href=#n>12</a></sup>",
    "sup, circled": "21574<sup>①</sup>",
    "two notes": "21574<sup>1,</sup><sup>2</sup>",
    "sub": "21574<sub>2</sub>",
    "ruby": "<ruby>21574<rp>(</rp><rt>9</rt><rp>)</rp></ruby>",
    "del and ins": "<del>21547</del><ins>21574</ins>",
    "s": "<s>9</s>21574",
    "strike": "21574<strike>9</strike>",
    "within del": "<del><b>21</b>547</del> 21574",
    "input": "<input value=21574>",
    "input number": "<input type=number value=21574 max=9>",
    "hidden input": "21574<input type=hidden value=9>",
    "checkbox": "21574<input type=checkbox value=9 checked>",
    "radio": "<input type=radio value=9>21574",
    "unseen input": "21574<input style='display:none' value=9>",
    "invisible input": "21574<span style='visibility:hidden'><input value=9></span>",
    "select": "<select><option>1<option selected>21574<option>9</select>",
    "select, nothing chosen": "<select><option>21574<option>9</select>",
    "select, first cannot be": "<select><option disabled>请选择<option>21574</select>",
    "select, label": "<select><option selected label=21574>9</select>",
    "select, groups": "<select><optgroup label=9><option>1<option selected>21574</optgroup></select>",
    "textarea": "<textarea rows=9>21574</textarea>",
    "button": "<button>21574</button>",
    "aria-hidden": "<span aria-hidden=true>21574</span>",
    "title attribute": "<span title=9 data-x=9>21574</span>",
    "wbr": "21<wbr>574",
    "soft hyphen": "21&shy;574",
    "zero width": "21&#8203;57&#8205;4&#65279;",
    "left-to-right mark": "&lrm;21574&#8236;",
    "comment": "21<!--9-->574",
    "shown again": "<span style='visibility:hidden'>9<b style='visibility:visible'>21574</b></span>",
    "size again": "<span style='font-size:0'>9<b style='font-size:12px'>21574</b></span>",
    "colour again": "<span style='color:#fff'>9<b style='color:#000'>21574</b></span>",
    "on its own paper": "<span style='background:#333'><b style='color:#fff'>21574</b></span>",
    "font on paper": "<font color=white>9</font>21574",
    "hidden, shown by style": "<span hidden style='display:inline'>21574</span>",
    "block set high": "<div style='vertical-align:super'>21574</div>",
    "annotation": "<math><semantics><mn>21574</mn><annotation>9</annotation></semantics></math>",
    "power": "<math><msup><mn>21574</mn><mn>1</mn></msup></math>",
}  # fmt: skip


@pytest.mark.parametrize("kind", SHOWN)
def test_a_cell_is_what_it_shows(kind: str) -> None:
    found = read(page(SHOWN[kind]))
    assert (found.value, found.status) == (N, "printed")


# The cell, and what it may mean; None is an empty cell.
OPEN: dict[str, tuple[str, set[float | None]]] = {
    "line end between digits": ("21<br>574", {21574.0, 21.0, 574.0}),
    "paragraphs": ("<p>21</p><p>574</p>", {21574.0, 21.0, 574.0}),
    "blocks": ("<span style='display:block'>21</span><span style='display:block'>574</span>", {21574.0, 21.0, 574.0}),
    "apart": ("<span style='float:left'>5</span><span style='float:right'>93</span>", {5.0, 93.0, 593.0}),
    "raised before": ("<sup>1</sup>21574", {121574.0, 21574.0}),
    "raised within": ("21<sup>5</sup>74", {21574.0, 2174.0}),
    "raised and long": ("2<sup>1574</sup>", {21574.0, 2.0}),
    "raised alone": ("<sup>3</sup>", {3.0, None}),
    "struck alone": ("<s>21574</s>", {21574.0, None}),
    "before": ("<span class=b>1574</span>", {1574.0, 21574.0}),
    "after, from an attribute": ("<span class=a data-n=4>2157</span>", {2157.0, 21574.0}),
    "after, counted": ("<span class=c></span>", {None}),
    "hint": ("<input placeholder=21574>", {21574.0, None}),
    "list of several": ("<select multiple><option>1<option selected>21574</select>", {21574.0, None}),
    "picture": ("<img src=a.png alt=21574>", {21574.0, None}),
    "picture without words": ("<img src=a.png>", {None}),
    "laid over": ("21574<span style='position:absolute;left:0'>3</span>", {21574.0, 215743.0}),
    "turned": ("<bdo dir=rtl>47512</bdo>", {47512.0, None}),
    "on a picture": ("21574<span style='background:url(a.png)'><i style='color:#fff'>9</i></span>", {21574.0, 215749.0}),
    "hardly seen": ("21574<span style='color:#eaeaea'>9</span>", {21574.0, 215749.0}),
}
GENERATED = "<style>.b::before{content:'2'}.a:after{content:attr(data-n)}.c::before{content:counter(n)}</style>"


@pytest.mark.parametrize("kind", OPEN)
def test_what_cannot_be_told_is_uncertain_with_its_candidates(kind: str) -> None:
    cell, candidates = OPEN[kind]
    data = page(cell, head=GENERATED)
    found = read(data)
    assert (found.value, found.status, set(found.candidates)) == (None, "uncertain", candidates)
    assert [(f.code, f.item, f.measure) for f in read_report(data).contents.findings if f.code == "ambiguous_cell"] == [
        ("ambiguous_cell", "permits", "decisions")
    ]


SHEETS = {
    "class": (".x{display:none}", True),
    "print only": ("@media print{.x{display:none}}", False),
    "screen": ("@media screen and (min-width:600px){.x{display:none}}", True),
    "small screens": ("@media (max-width:600px){.x{display:none}}", False),
    "supports": ("@supports (display:grid){.x{display:none}}", True),
    "weight": ("td .x{display:none} .x{display:inline}", True),
    "weight against": ("td .x{display:inline} .x{display:none}", False),
    "identity": ("#i{display:none} table tr td .x{display:inline}", True),
    "order": (".x{display:inline} .x{display:none}", True),
    "order against": (".x{display:none} .x{display:inline}", False),
    "important": (".x{display:none!important} td #i.x{display:inline}", True),
    "unknown selector first": ("::-webkit-x{a:b} .y:hover,.x{display:none}", True),
    "hover": (".x:hover{display:none}", False),
    "not hovered": (".x:not(:hover){display:none}", True),
    "comment and string": ("/* } */ .y::after{content:'}'} .x{display:none}", True),
    "nested": ("td{.x{display:none}}", True),
    "nested, and": (".x{&.x{display:none}}", True),
    "child of a cell": ("td>span{display:none}", True),
    "last child": ("td span:last-child{font-size:0}", True),
    "where": (":where(#i){display:none} .x{display:inline}", False),
    "cdo": ("<!-- .x{display:none} -->", True),
}


@pytest.mark.parametrize("kind", SHEETS)
def test_rules_of_the_page_decide_as_in_a_browser(kind: str) -> None:
    sheet, hides = SHEETS[kind]
    assert read(page("21574<span class=x id=i>0</span>", head=f"<style>{sheet}</style>")).value == (N if hides else N * 10)


def test_a_sheet_for_print_or_of_another_language_is_no_sheet_of_the_screen() -> None:
    for sheet in ("<style media=print>", "<style type=text/less>", "<noscript><style>", "<style media='not screen'>"):
        assert read(page("21574<span class=x>0</span>", head=sheet + ".x{display:none}</style></noscript>")).value == N * 10


def test_style_attributes_beat_rules_and_important_rules_beat_them() -> None:
    cell = "21574<span class=x style='display:inline'>0</span>"
    assert read(page(cell, head="<style>.x{display:none}</style>")).value == N * 10
    assert read(page(cell, head="<style>.x{display:none!important}</style>")).value == N


OLD = "<tr {hide}><td>行政许可</td><td colspan=3>{other}</td></tr>"
HIDE = ["hidden", "style='display:none'", "style='visibility:collapse'", "style='visibility:hidden'", "class=x", "style='opacity:0'"]


@pytest.mark.parametrize("hide", HIDE)
@pytest.mark.parametrize("after", [True, False])
def test_a_hidden_row_is_as_if_it_were_not_there(hide: str, after: bool) -> None:
    old, head = OLD.replace("{hide}", hide).replace("{other}", "3"), "<style>.x{display:none}</style>"
    assert read(page(row=ROW + old if after else old + ROW, head=head)).value == N
    alone = read(page(row=old, head=head))
    assert (alone.value, alone.status) == (None, read(page(row="")).status)


def test_hidden_cells_columns_groups_and_tables_are_not_there() -> None:
    assert read(page(row="<tr><td style='display:none'>9</td><td>行政许可</td><td hidden>8</td><td colspan=3>21574</td></tr>")).value == N
    assert read(page(row=f"<tbody style='display:none'>{OLD.format(hide='', other=3)}</tbody>{ROW}")).value == N
    assert read(page(row=f"<tbody style='visibility:collapse'>{OLD.format(hide='', other=3)}</tbody><tbody>{ROW}")).value == N
    copy = page(row=OLD.format(hide="", other=9)).decode().partition("<body >")[2].partition("</body>")[0]
    assert read(page(foot=f"<div style='display:none'>{copy}</div>")).value == N
    assert (
        read(page(foot=f"<div class=mobile>{copy}</div>", head="<style>@media(min-width:700px){.mobile{display:none}}</style>")).value == N
    )


def grid(markup: str) -> list[list[str]]:
    return [[c.text for c in row.cells] for row in read_document(f"<html><body>{markup}</body></html>".encode()).rows if row.kind == "grid"]


def test_a_collapsed_column_is_not_there() -> None:
    columns = "<col><col style='visibility:collapse'><col>"
    assert grid(f"<table>{columns}<tr><td>a<td>1<td>2<tr><td>b<td>3<td>4</table>") == [["a", "2"], ["b", "4"]]


@pytest.mark.parametrize("span, first", [(3, "<td>2"), (2, "<td>b<td>9<td>2")])
def test_a_merged_cell_may_count_the_hidden_rows_or_not(span: int, first: str) -> None:
    """What keeps the table straight is what was meant."""
    hidden = "<tr style='display:none'><td>0<td>0" if span == 3 else "<tr style='display:none'><td>x<td>0<td>0"
    rows = f"<tr><td rowspan={span}>a<td>1<td>1{hidden}<tr><td>2<td>2<tr><td>b<td>3<td>3"
    found = [[(c.text, c.x0) for c in row.cells] for row in read_document(f"<html><body><table>{rows}</table>".encode()).rows]
    assert found == [[("a", 0), ("1", 1), ("1", 2)], [("2", 1), ("2", 2)], [("b", 0), ("3", 1), ("3", 2)]]


@pytest.mark.parametrize("cell", ["<span class=sr-only>9</span>", "<i class='d-none'>9</i>", "<font color=white>9</font>"])
def test_what_a_sheet_outside_the_file_may_hide_is_uncertain(cell: str) -> None:
    found = read(page("21574" + cell, head=LINK))
    assert (found.status, set(found.candidates)) == ("uncertain", {21574.0, 215749.0})


def test_white_heads_on_a_paper_that_is_not_in_the_file_are_still_heads() -> None:
    white = page(head=LINK).decode().replace("<td>信息内容</td>", "<td style='color:#fff'>信息内容</td>")
    assert read(white.replace("<td>行政许可</td>", "<td><font color=#ffffff>行政许可</font></td>").encode()).value == N


def test_a_report_in_a_hidden_part_of_the_page_is_uncertain_and_not_lost() -> None:
    whole = page().decode().replace("<table ", "<div style='display:none'><table ").replace("</table>", "</table></div>")
    found = {r.field.path: r for r in read_report(whole.encode()).readings}[CELL]
    assert (found.value, found.status, set(found.candidates)) == (None, "uncertain", {N, None})


@pytest.mark.parametrize("head, body", [
    ("<style>body{visibility:hidden;opacity:0}</style>", ""), ("", "style='display:none'"),
    ("<style>[v-cloak]{display:none}</style>", "v-cloak"),
])  # fmt: skip
def test_a_page_that_hides_all_of_itself_until_its_scripts_run_is_shown(head: str, body: str) -> None:
    assert read(page(head=head, body=body)).value == N


def test_a_label_loses_what_is_struck_out_raised_or_hidden() -> None:
    row = ROW.replace("行政许可", "行政<s>处罚</s>许可<sup>1</sup><span style='display:none'>（旧）</span>")
    assert read(page(row=row)).value == N


def test_prose_is_what_it_shows() -> None:
    shown = "本年新收申请2<del>3</del>1<sup>3</sup>件<span hidden>，办结99件</span>。"
    rows = read_document(f"<html><body><p>{shown}</p></body></html>".encode()).rows
    assert [c.text for row in rows for c in row.cells] == ["本年新收申请21件。"]


ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "data" / "raw").glob("*.html"))
UNSEEN = ["<span style='display:none'>{}</span>", "<b hidden>{}</b>", "<i style='font-size:0'>{}</i>", "<script>{}</script>",
          "<input type=hidden value={}>",          "<font color='#ffffff'>{}</font>",
          "<em style='position:absolute;left:-9999px'>{}</em>"]  # fmt: skip
MARKED = ["<del>{}</del>", "<sup>{}</sup>", "<span style='vertical-align:super'>{}</span>", "<s>{}</s>", "<sub>{}</sub>"]


@cache
def values(path: Path) -> dict[str, float | None]:
    return {r.field.path: r.value for r in read_report(path).readings}


@settings(max_examples=60)
@given(path=st.sampled_from(PAGES), data=st.data())
def test_what_is_put_into_a_page_unseen_changes_nothing_and_what_is_struck_or_raised_no_value_but_to_none(
    path: Path, data: st.DataObject
) -> None:
    page = decode(path.read_bytes())[0]
    places = [m.start() + 1 for m in re.finditer(r">[^<]*\S[^<]*<", page[page.index("<table") : page.rindex("</table")])]
    unseen = data.draw(st.booleans())
    at = page.index("<table") + data.draw(st.sampled_from(places))
    at += data.draw(st.integers(0, page.index("<", at) - at))
    put = data.draw(st.sampled_from(UNSEEN if unseen else MARKED)).format(data.draw(st.integers(0, 99)))
    read = {r.field.path: r.value for r in read_report((page[:at] + put + page[at:]).encode()).readings}
    before = values(path)
    assert read.keys() == before.keys()
    assert all(read[k] == before[k] or (read[k] is None and not unseen) for k in read), put
