"""What the DOCX reader makes of merged cells, wrappers, tracked changes, hidden text and damaged archives."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from gongkai import ReportError, read_report
from gongkai.readers import read_document

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"


def docx(body: str, namespace: str = TRANSITIONAL, **parts: str) -> bytes:
    """Pack a body into the least that is a Word document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>')
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return out.getvalue()


def par(*runs: str, properties: str = "") -> str:
    return f"<w:p>{properties}{''.join(r if r.startswith('<') else run(r) for r in runs)}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def cell(text: str = "", span: int = 1, merge: str = "", body: str = "") -> str:
    merged = {"": "", "begin": '<w:vMerge w:val="restart"/>', "go on": "<w:vMerge/>"}[merge]
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{merged}</w:tcPr>{body or par(text)}</w:tc>'


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(c if c.startswith('<') else cell(c) for c in cells)}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def lines(body: str, namespace: str = TRANSITIONAL) -> list[str]:
    return [c.text for r in read_document(docx(body, namespace)).rows for c in r.cells]


def test_the_blank_form_has_all_its_cells_and_no_value(shared: Path) -> None:
    report = read_report(shared / "reports" / "template-2021-blank" / "report.docx")
    cells = report.cells[report.cells.item != "other"]
    assert (report.form, len(cells), set(cells.status)) == ("2021", 200, {"blank"})
    places = dict(zip(report.cells.item + "/" + report.cells.measure, report.cells["where"], strict=True))
    assert places["granted/total"] == "t2 r6 c10"


@pytest.mark.parametrize("namespace", [TRANSITIONAL, STRICT])
def test_merged_cells_are_there_once_with_the_columns_that_they_cover(namespace: str) -> None:
    body = table(
        row(cell("信息内容", 2), cell("数量", 2)),
        row(cell("（三）不予公开", 1, "begin"), "1.属于国家秘密", "12", "0"),
        row(cell("", 1, "go on"), "2.其他法律", "3", ""),
        row(cell("（四）无法提供", 1, "begin"), "1.不掌握", "5", "6"),
    )
    found = [[(c.text, c.x0, c.x1, c.where) for c in r.cells] for r in read_document(docx(body, namespace)).rows]
    assert found == [
        [("信息内容", 0, 2, "t1 r1 c1"), ("数量", 2, 4, "t1 r1 c3")],
        [("（三）不予公开", 0, 1, "t1 r2 c1"), ("1.属于国家秘密", 1, 2, "t1 r2 c2"), ("12", 2, 3, "t1 r2 c3"), ("0", 3, 4, "t1 r2 c4")],
        [("2.其他法律", 1, 2, "t1 r3 c2"), ("3", 2, 3, "t1 r3 c3"), ("", 3, 4, "t1 r3 c4")],
        [("（四）无法提供", 0, 1, "t1 r4 c1"), ("1.不掌握", 1, 2, "t1 r4 c2"), ("5", 2, 3, "t1 r4 c3"), ("6", 3, 4, "t1 r4 c4")],
    ]


def test_a_row_that_begins_further_right_keeps_its_columns() -> None:
    (found,) = read_document(docx(table(row("3", properties='<w:gridBefore w:val="2"/>')))).rows
    assert [(c.text, c.x0) for c in found.cells] == [("3", 2)]


def test_a_cell_that_goes_on_from_nothing_is_a_cell() -> None:
    assert lines(table(row(cell("7", merge="go on"), "8"))) == ["7", "8"]


def test_rows_cells_and_runs_are_found_through_whatever_wraps_them() -> None:
    wrapped = "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>"
    body = wrapped.format(table(wrapped.format(row(wrapped.format(cell("规章")), "1"))))
    body += par(
        wrapped.format(run("全年")), "<w:hyperlink>" + run("公开") + "</w:hyperlink>", "<w:smartTag>" + run("3条") + "</w:smartTag>"
    )
    assert lines(body) == ["规章", "1", "全年公开3条"]


def test_tracked_changes_are_read_as_accepted() -> None:
    gone = "<w:del><w:r><w:delText>99</w:delText></w:r></w:del><w:moveFrom>" + run("88") + "</w:moveFrom>"
    assert lines(par("收到", gone, "<w:ins>" + run("12") + "</w:ins>", "件")) == ["收到12件"]
    assert lines(table(row("规章", "1"), row("作废", "2", properties="<w:del/>"))) == ["规章", "1"]


def test_hidden_text_is_not_printed_and_raised_digits_are_no_part_of_a_number() -> None:
    assert lines(par("3", run("4", "<w:vanish/>"), run("5", '<w:vanish w:val="0"/>'))) == ["35"]
    assert lines(par("3", run("2", '<w:vertAlign w:val="superscript"/>'))) == ["3"]


def test_breaks_part_lines_and_paragraphs_part_lines_of_a_cell() -> None:
    assert lines("<w:p><w:r><w:t>一、总体情况</w:t><w:br/><w:t>全年</w:t></w:r></w:p>") == ["一、总体情况", "全年"]
    assert lines(table(row(cell(body=par("本年") + par("制发")), "1"))) == ["本年\n制发", "1"]


def test_a_paragraph_with_tabs_is_a_row() -> None:
    (found,) = read_document(docx("<w:p><w:r><w:t>规章</w:t><w:tab/><w:t>0</w:t><w:tab/><w:t>1</w:t></w:r></w:p>")).rows
    assert (found.kind, [c.text for c in found.cells]) == ("tabs", ["规章", "0", "1"])


def test_a_table_around_tables_only_lays_out_the_page() -> None:
    inner = table(row("规章", "1"))
    found = read_document(docx(table(row(cell(body=par("二、主动公开政府信息情况") + inner))))).rows
    assert [(r.kind, r.where) for r in found] == [("line", "par 1"), ("grid", "t1 r1 c1")]


def test_a_text_box_is_read_once() -> None:
    box = "<w:txbxContent>" + par("某县2024年政府信息公开年度报告") + "</w:txbxContent>"
    both = f"<w:AlternateContent><w:Choice>{box}</w:Choice><w:Fallback>{box}</w:Fallback></w:AlternateContent>"
    assert lines(par(f"<w:r>{both}</w:r>", "正文")) == ["正文", "某县2024年政府信息公开年度报告"]


def test_title_and_author_of_the_file_are_kept() -> None:
    core = '<p xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>年度报告</d:title><d:creator>某县政府</d:creator></p>'
    assert read_document(docx(par("一"), docProps__core=core)).meta == {"title": "年度报告", "author": "某县政府"}


def huge() -> bytes:
    return docx("<w:p>" + "<w:r><w:t>0</w:t></w:r>" * 3_000_000 + "</w:p>")


BAD = {
    "no text": (docx(par("")), "without text"),
    "broken XML": (docx("<w:p>"), "damaged"),
    "a bomb": (huge(), "unpacked"),
    "a cut archive": (docx(par("一"))[:200], "ZIP"),
    "an archive of something else": (b"PK\x03\x04" + b"\0" * 40, "ZIP"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_document_is_a_clear_error(name: str) -> None:
    data, said = BAD[name]
    with pytest.raises(ReportError, match=said):
        read_document(data)


def test_entities_and_external_parts_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密", encoding="utf-8")
    entity = f'<!DOCTYPE d [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    body = "<w:body><w:p><w:r><w:t>一&e;</w:t></w:r></w:p></w:body>"
    xml = f'{entity}<w:document xmlns:w="{TRANSITIONAL}">{body}</w:document>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", xml)
    assert "秘密" not in "".join(c.text for r in read_document(out.getvalue()).rows for c in r.cells)


NUMBERING = f"""<w:numbering xmlns:w="{TRANSITIONAL}">
<w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>
</w:abstractNum><w:num w:numId="7"><w:abstractNumId w:val="1"/></w:num></w:numbering>"""
STYLES = f"""<w:styles xmlns:w="{TRANSITIONAL}"><w:style w:styleId="Heading1">
<w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:style></w:styles>"""


def numbered(level: int) -> str:
    return f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr></w:pPr>'


def test_numbers_that_word_prints_by_itself_are_read() -> None:
    styled = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'
    body = par("总体情况", properties=numbered(0)) + par("第一", properties=numbered(1)) + par("第二", properties=numbered(1))
    body += par("主动公开政府信息情况", properties=styled) + par("第一", properties=numbered(1)) + par("无号")
    found = read_document(docx(body, word__numbering=NUMBERING, word__styles=STYLES)).rows
    assert [r.cells[0].text for r in found] == ["一、总体情况", "1.第一", "2.第二", "二、主动公开政府信息情况", "1.第一", "无号"]


def test_no_number_is_printed_before_a_number() -> None:
    body = table(row(cell("规章"), cell(body=par("5", properties=numbered(1)))))
    (found,) = read_document(docx(body, word__numbering=NUMBERING)).rows
    assert [c.text for c in found.cells] == ["规章", "5"]
