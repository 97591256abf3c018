"""What readers make of bytes: encodings, spans, broken markup, layouts of text, and input that is no document."""

from __future__ import annotations

import contextlib
import io
import os
import random
import struct
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai import ReportError, read_report
from gongkai.readers import MAX_BYTES, read_document
from gongkai.readers.decoding import decode

SENTENCE = "本年新收政府信息公开申请数量为３件，办结2件。"


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", "iso-8859-1", "big5"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb2312", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_the_bytes_say_their_encoding_whatever_the_page_declares(encoding: str, declared: str) -> None:
    page = f'<html><head><meta charset="{declared}"></head><body><p>{SENTENCE}</p></body></html>'
    assert [c.text for row in read_document(page.encode(encoding)).rows for c in row.cells] == [SENTENCE]


TRADITIONAL = "本年新收政府信息公開申請數量為３件，辦結2件。"


@pytest.mark.parametrize("encoding", ["big5", "big5hkscs", "gbk", "utf-8"])
def test_traditional_characters_in_the_encodings_of_taiwan_and_of_the_mainland(encoding: str) -> None:
    rows = read_document(f"<html><body><p>{TRADITIONAL}</p></body></html>".encode(encoding)).rows
    assert [c.text for row in rows for c in row.cells] == [TRADITIONAL]


@pytest.mark.parametrize("page, include", [("utf-8", "gbk"), ("gbk", "utf-8")])
@pytest.mark.parametrize("at", range(4))
def test_a_page_put_together_from_files_of_two_encodings(page: str, include: str, at: int) -> None:
    parts = [
        "<html><body><div>甲县人民政府</div>",
        f"<p>{SENTENCE}</p>",
        "<table><tr><td>规章</td><td>３</td><td>件</td></tr></table>",
        "<p>版权所有</p>",
    ]
    document = read_document(b"".join(part.encode(include if i == at else page) for i, part in enumerate(parts)))
    assert [c.text for row in document.rows for c in row.cells] == ["甲县人民政府", SENTENCE, "规章", "３", "件", "版权所有"]
    assert document.damage == ()


@pytest.mark.parametrize("data", [SENTENCE.replace("2", "\0" + "2\0").encode(), SENTENCE.encode() + b"\0" * 5000])
def test_bytes_of_nothing_are_nothing(data: bytes) -> None:
    assert [c.text for row in read_document(data).rows for c in row.cells] == [SENTENCE]


def test_a_file_cut_inside_a_character_is_still_utf8() -> None:
    text, encoding = decode((SENTENCE * 20).encode()[:-1])
    assert encoding == "utf-8"
    assert text.startswith(SENTENCE)


def test_lost_characters_are_counted() -> None:
    data = (SENTENCE * 200).encode()
    damaged = data[:300] + b"\xff\xfe\xff" + data[303:]
    assert int(read_document(damaged).damage[0]) >= 3


GRIDS = [
    ("<table><tr><td rowspan=2>a</td><td>1</td></tr><tr><td>2</td></tr></table>", [[("a", 0, 1), ("1", 1, 2)], [("2", 1, 2)]]),
    ("<table><tr><td colspan='2;'>a</td><td>1</td></tr></table>", [[("a", 0, 2), ("1", 2, 3)]]),
    ("<table><tr><td colspan=' 3'>a<td>1<tr><td>b</table>", [[("a", 0, 3), ("1", 3, 4)], [("b", 0, 1)]]),
    ("<table><td>a</td><td>1</td></table>", [[("a", 0, 1), ("1", 1, 2)]]),
    ("<table><tr><td rowspan=99>a</td><td>1</td></tr><tr><td>2</td></tr></table><p>x</p>", [[("a", 0, 1), ("1", 1, 2)], [("2", 1, 2)]]),
    ("<table><tr><td rowspan=0>a</td><td>1</td></tr><tr><td>2</td></tr></table>", [[("a", 0, 1), ("1", 1, 2)], [("2", 1, 2)]]),
    ("<table><tr><td><span>2</span><span>1</span></td></tr></table>", [[("21", 0, 1)]]),
    ("<table><tr><td><p>0</p><p>1</p></td></tr></table>", [[("0\n1", 0, 1)]]),
    ("<table><tr><td>&nbsp;5&#12288;</td><td><br></td></tr></table>", [[("5", 0, 1), ("", 1, 2)]]),
    ("<div><table><tr><td><table><tr><td>a</td><td>1</td></tr></table></td></tr></table>", [[("a", 0, 1), ("1", 1, 2)]]),
]


@pytest.mark.parametrize("markup, grid", GRIDS)
def test_spans_and_broken_markup(markup: str, grid: list[list[tuple[str, int, int]]]) -> None:
    rows = [r for r in read_document(f"<html><body>{markup}</body></html>".encode()).rows if r.kind == "grid"]
    assert [[(c.text, c.x0, c.x1) for c in row.cells] for row in rows] == grid


LINES = [
    ("规章\t0\t1\t2", "tabs", ["规章", "0", "1", "2"]),
    ("规章 | 0 | 1 | 2 |", "tabs", ["规章", "0", "1", "2"]),
    ("| 规章 | 0 |  | 2 |", "tabs", ["规章", "0", "", "2"]),
    ("│规章│0│1│2│", "tabs", ["规章", "0", "1", "2"]),
    ("规章      0   1     2", "spaces", ["规章", "0", "1", "2"]),
    ("规章　　0　1　2", "spaces", ["规章", "0", "1", "2"]),
    ("\t一年来，虽然做了一些具体的工作，但也存在一些问题，主要表现在以下几个方面，有待完善。", "line", None),
    ("2019  年全年主动公开政府信息累计3240条。我县对政府信息公开目录进行了重新整合。", "line", None),
]


def test_tabs_alone_are_a_row_of_blank_cells_and_one_tab_is_none() -> None:
    rows = read_document(b"a\tb\tc\n\t\t\n\t\n\nd\te\tf").rows
    assert [[c.text for c in row.cells] for row in rows] == [["a", "b", "c"], ["", "", ""], ["d", "e", "f"]]


@pytest.mark.parametrize("line, kind, cells", LINES)
def test_a_line_is_parted_where_it_is_a_row(line: str, kind: str, cells: list[str] | None) -> None:
    (row,) = read_document(line.encode()).rows
    assert row.kind == kind
    assert cells is None or [c.text for c in row.cells] == cells


def test_places_are_lines_of_the_file() -> None:
    rows = read_document("标题\r\n\r\n规章\t0\r\n".encode()).rows
    assert [r.where for r in rows] == ["line 1", "line 3 c1"]


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))


BAD = {
    "empty": b"",
    "only white space": " \r\n　".encode(),
    "a picture named .txt": png(),
    "a page without a report": "<html><body><h1>天气预报</h1><table><tr><td>总计</td><td>3</td></tr></table></body></html>".encode(),
    "prose without a report": "今天天气很好，全县共有3人。\n第二天也很好。".encode(),
    "random bytes": bytes(range(256)) * 40,
    "a truncated page": b"<html><head><title>",
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "a DOCX": b"PK\x03\x04" + b"\0" * 40,
    "deeply nested": b"<div>" * 500_000,
    "deeply nested and closed": b"<div>" * 500_000 + b"</div>" * 500_000,
    "many columns": b"<table><tr>" + b"<td colspan=1000>" * 2000,
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_clear_error_in_both_languages(name: str, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(BAD[name])
    start = time.monotonic()
    with pytest.raises(ReportError) as caught:
        read_report(path)
    assert time.monotonic() - start < 20
    assert str(path) in str(caught.value)
    for language, words in (("zh", ("应为", "实为", "建议")), ("en", ("expected", "found", "what to do"))):
        assert all(word in caught.value.in_language(language) for word in words)


@pytest.mark.parametrize("filler", ["政府信息公开工作取得新的进展。", "规章 0 0 0 ", "规章\t0\t0\t0\n", "<td>0</td>"])
def test_fifty_megabytes_are_refused_at_once(filler: str, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(filler.encode() * (50_000_000 // len(filler.encode())))
    start = time.monotonic()
    with pytest.raises(ReportError, match="20 MB"):
        read_report(path)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    "filler", ["政府信息公开工作取得新的进展。\n", "规章 0 0 0 ", "规章\t0\t0\t0\n", "0\n", "总计\n1\n", "3240条，占8.4%；"]
)
def test_a_long_text_ends_in_a_report_or_an_error_and_never_hangs(filler: str) -> None:
    start = time.monotonic()
    with contextlib.suppress(ReportError):
        read_report((filler * (300_000 // len(filler.encode()))).encode())
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("path", ["missing.txt", "."])
def test_a_path_that_cannot_be_opened_is_a_report_error(path: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="cannot be opened"):
        read_report(tmp_path / path)


def test_path_bytes_and_file_give_the_same_report(sample: Path) -> None:
    data = sample.read_bytes()
    reports = [read_report(s) for s in (sample, str(sample), data, io.BytesIO(data), os.fspath(sample))]
    assert {r.report_id for r in reports} == {reports[0].report_id}
    assert all(r.cells.equals(reports[0].cells) for r in reports)


def test_no_input_is_larger_than_what_is_read() -> None:
    with pytest.raises(ReportError):
        read_report(io.BytesIO(b"0" * (MAX_BYTES + 1)))


def test_what_stands_around_a_report_on_its_page_is_no_part_of_it() -> None:
    report = "<p>一、总体情况</p><p>我县认真做好公开工作。</p><p>二、存在的问题</p><p>公开的内容还不够全面。</p>"
    page = f"<body><div>首页</div><ul><li>政务公开</li></ul><div class=x>{report}</div><div>版权所有 ICP备12345678号</div></body>"
    rows = read_document(page.encode()).rows
    assert [(row.cells[0].text, row.aside) for row in rows if row.aside] == [
        ("首页", True),
        ("政务公开", True),
        ("版权所有 ICP备12345678号", True),
    ]


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_broken_documents_end_in_a_report_or_a_report_error(seed: int, sample: Path) -> None:
    chance = random.Random(seed)
    lines = sample.read_text(encoding="utf-8").split("\n")
    for _ in range(chance.randint(1, 30)):
        i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[i], lines[j] = chance.choice([lines[j], "", lines[i] * 2, lines[i][::-1]]), lines[i][: chance.randint(0, 40)]
    with contextlib.suppress(ReportError):
        report = read_report("\n".join(lines).encode())
        assert len(report.cells) in (198, 207) or report.form in ("statistics", "narrative")
        assert report.findings["message_zh"].notna().all()
