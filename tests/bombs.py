"""Files of a few kilobytes that ask for gigabytes or hours: each kind in several dresses, and what is said of it when it is refused.

A line of ``BOMBS`` is the name of a file, what makes it, and words of the limit that it must be refused by.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from office import R, S, W, relations

SHEET = f'xmlns="{S}" xmlns:r="{R}"'


class Bomb(NamedTuple):
    """One file, and what of the limit it is refused by."""

    name: str
    make: Callable[[], bytes]
    told: str


def zipped(parts: Iterable[tuple[str, str | bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


# Workbooks


def workbook(sheet: str, *, strings: str = "", folder: str = "xl", last_first: bool = False, sheets: int = 1, styles: str = "") -> bytes:
    """Return a workbook of one sheet, which may be named several times."""
    named = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="worksheet{n}"/>' for n in range(1, sheets + 1))
    targets = {f"worksheet{n}": "pages/1.xml" for n in range(1, sheets + 1)}
    beside = {"sharedStrings": f'<sst xmlns="{S}">{strings}</sst>', "styles": f'<styleSheet xmlns="{S}">{styles}</styleSheet>'}
    parts = [
        ("_rels/.rels", relations(officeDocument=f"{folder}/book.xml")),
        (f"{folder}/book.xml", f"<workbook {SHEET}><sheets>{named}</sheets></workbook>"),
        (f"{folder}/_rels/book.xml.rels", relations(**targets, **{kind: f"{kind}.xml" for kind in beside})),
        *((f"{folder}/{kind}.xml", content) for kind, content in beside.items()),
        (f"{folder}/pages/1.xml", sheet),
    ]
    return zipped(reversed(parts) if last_first else parts)


def sheet(rows: str, more: str = "", before: str = "") -> str:
    return f"<worksheet {SHEET}>{before}<sheetData>{rows}</sheetData>{more}</worksheet>"


NUMBER = "<v>1</v></c>"
CORNER = f'<row r="1"><c r="A1">{NUMBER}</row><row r="1048576"><c r="XFD1048576">{NUMBER}</row>'


def attributes(prefix: str) -> str:
    return " ".join(f'{prefix}{i}=""' for i in range(3_000_000))


GREYED = (
    '<conditionalFormatting sqref="A1:XFD1048576"><cfRule type="cellIs" dxfId="0" operator="equal"><formula>0</formula></cfRule>'
    "</conditionalFormatting>"
)
ONE = f'<row r="1"><c r="A1">{NUMBER}</row>'


def prefixed(xml: str) -> str:
    """Write the names of elements with a prefix."""
    return xml.replace("</", "\0").replace("<", "<x:").replace("\0", "</x:").replace("xmlns=", "xmlns:x=")


def merges(ref: str, n: int) -> str:
    return f'<mergeCells count="{n}">{f"""<mergeCell ref="{ref}"/>""" * n}</mergeCells>'


def long_string(n: int) -> str:
    return f"<si><t>{'公开' * (n // 2)}</t></si>"


def cells(n: int, kind: Callable[[int], str]) -> str:
    return "".join(f"<row>{kind(i)}</row>" for i in range(n))


WORKBOOKS = [
    Bomb("corner.xlsx", lambda: workbook(sheet(CORNER)), "500,000 cells"),
    Bomb("corner_quotes.xlsx", lambda: workbook(sheet(CORNER).replace('"', "'")), "500,000 cells"),
    Bomb("corner_prefix.xlsx", lambda: workbook(prefixed(sheet(CORNER))), "500,000 cells"),
    Bomb("corner_folder.xlsx", lambda: workbook(sheet(CORNER), folder="表/格", last_first=True), "500,000 cells"),
    Bomb("corner_row_number.xlsx", lambda: workbook(sheet(f'<row r="1048576">{"<c/>" * 3}<c>{NUMBER}</row>')), "500,000 cells"),
    Bomb("corner_cell_alone.xlsx", lambda: workbook(sheet(f'<row><c r="$ZZZ$999999">{NUMBER}</row><row><c r="XFD1000">{NUMBER}</row>')),
         "500,000 cells"),
    Bomb("corner_spaces.xlsx", lambda: workbook(sheet(CORNER.replace("<row r=", "<row\n\tr = "))), "500,000 cells"),
    Bomb("merges_all.xlsx", lambda: workbook(sheet(f'<row r="700"><c r="ZZ700">{NUMBER}</row>', merges("A1:XFD1048576", 20_000))),
         "500,000 cells"),
    Bomb("merges_hidden_columns.xlsx", lambda: workbook(
        sheet(f'<row r="400000"><c r="A400000">{NUMBER}</row>', merges("A1:XFD1048576", 20_000),
              '<cols><col min="1" max="16384" hidden="1"/></cols>')), "500,000 cells"),
    Bomb("merges_hidden_rows.xlsx", lambda: workbook(
        sheet('<row hidden="1"/>' * 100_000 + f'<row><c r="A100001">{NUMBER}</row>', merges("A1:A100000", 20_000))), "500,000 cells"),
    Bomb("merges_many.xlsx", lambda: workbook(sheet(ONE, merges("A1:B2", 300_000))), "20,000 merged"),
    Bomb("strings_5000.xlsx", lambda: workbook(
        sheet(cells(5000, lambda _: '<c t="s"><v>0</v></c>')), strings=long_string(2_000_000)), "characters"),
    Bomb("strings_styles.xlsx", lambda: workbook(
        sheet(cells(5000, lambda i: f'<c t="s" s="{i}"><v>0</v></c>')), strings=long_string(2_000_000)), "characters"),
    Bomb("strings_spaces.xlsx", lambda: workbook(
        sheet(cells(5000, lambda i: f'<c t="s"><v>{" " * i}0</v></c>')), strings=long_string(2_000_000)), "characters"),
    Bomb("strings_sheets.xlsx", lambda: workbook(
        sheet(cells(5, lambda i: f'<c t="s" s="{i}"><v>0</v></c>')), strings=long_string(300_000), sheets=1000), "characters"),
    Bomb("strings_rich.xlsx", lambda: workbook(
        sheet(cells(5000, lambda i: f'<c t="s" s="{i}"><v>0</v></c>')),
        strings=f"<si>{'<r><rPr><strike/></rPr><t>公开</t></r><r><t>公</t></r>' * 20_000}</si>"), "characters"),
    Bomb("strings_format.xlsx", lambda: workbook(
        sheet(cells(5000, lambda i: f'<c t="str" s="1"><v>{i}x</v></c>')),
        styles=f'<numFmts><numFmt numFmtId="200" formatCode="0;0;0;{"@" * 20_000}"/></numFmts>'
               '<cellXfs><xf/><xf numFmtId="200"/></cellXfs>'), "characters"),
    Bomb("empty_rows.xlsx", lambda: workbook(sheet("<row/>" * 3_000_000 + CORNER)), "2,000,000 tags"),
    Bomb("rows.xlsx", lambda: workbook(sheet(cells(60_000, lambda _: f"<c>{NUMBER}"))), "50,000 rows"),
    Bomb("attributes.xlsx", lambda: workbook(sheet(f"<row {attributes('a')}/>")), "2,000,000 tags"),
    Bomb("conditions.xlsx", lambda: workbook(
        sheet(cells(5_000, lambda _: f"<c>{NUMBER}" * 10), GREYED * 20_000), styles="<dxfs><dxf><font><strike/></font></dxf></dxfs>"),
        "conditional formats"),
    Bomb("conditions_areas.xlsx", lambda: workbook(
        sheet(cells(5_000, lambda _: f"<c>{NUMBER}" * 10), GREYED.replace("A1:", "A1:B2 " * 300_000 + "A1:")),
        styles="<dxfs><dxf><font><strike/></font></dxf></dxfs>"), "conditional formats"),
    Bomb("columns.xlsx", lambda: workbook(sheet(ONE, before=f'<cols>{"""<col min="1" max="16384" hidden="1"/>""" * 5000}</cols>')),
         "columns"),
]  # fmt: skip


def xls(*records: tuple[int, bytes]) -> bytes:
    """Return a workbook of the oldest kind that is still written (BIFF 5), one sheet without a container."""
    begin = struct.pack("<HHHHHH", 0x0809, 8, 0x0500, 0x0010, 0, 0)
    return begin + b"".join(struct.pack("<HH", code, len(body)) + body for code, body in records) + struct.pack("<HH", 0x000A, 0)


# Word


def word(body: str, *, folder: str = "word", name: str = "document.xml", **beside: str) -> bytes:
    """Return a Word document; ``beside`` are its styles and its numbering, by these names."""
    return zipped([
        ("_rels/.rels", relations(officeDocument=f"{folder}/{name}")),
        (f"{folder}/{name}", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'),
        (f"{folder}/_rels/{name}.rels", relations(**{kind: f"{kind}.xml" for kind in beside})),
        *((f"{folder}/{kind}.xml", f'<w:{kind} xmlns:w="{W}">{content}</w:{kind}>') for kind, content in beside.items()),
    ])  # fmt: skip


def table(rows: str) -> str:
    return f"<w:tbl>{rows}</w:tbl>"


def row(cell: str, n: int) -> str:
    return f"<w:tr>{cell * n}</w:tr>"


def styled(name: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{name}"/></w:pPr><w:r><w:t>1</w:t></w:r></w:p>'


TC, PARAGRAPH = "<w:tc/>", "<w:p><w:r><w:t>1</w:t></w:r></w:p>"
GOES_ON = "<w:tc><w:tcPr><w:vMerge/></w:tcPr></w:tc>"
WIDE = '<w:tc><w:tcPr><w:gridSpan w:val="200"/></w:tcPr></w:tc>'
WORDS = [
    Bomb("rows.docx", lambda: word(table("<w:tr/>" * 1_000_000)), "50,000 rows"),
    Bomb("rows_filled.docx", lambda: word(table(row(f"<w:tc>{PARAGRAPH}</w:tc>", 1) * 200_000)), "tags"),
    Bomb("rows_tags.docx", lambda: word(table(row(f"<w:tc>{PARAGRAPH}</w:tc>", 1) * 1_000_000)), "bytes when unpacked"),
    Bomb("vmerge.docx", lambda: word(table(row(GOES_ON, 400_000))), "tags"),
    Bomb("vmerge_million.docx", lambda: word(table(row(GOES_ON, 1_000_000))), "tags"),
    Bomb("vmerge_rows.docx", lambda: word(table(row(GOES_ON, 240) * 1_500)), "cells"),
    Bomb("columns_rows.docx", lambda: word(table(row(TC, 200) * 8_000)), "cells"),
    Bomb("spans.docx", lambda: word(table(row(WIDE, 1000))), "columns"),
    Bomb("paragraphs.docx", lambda: word("<w:p/>" * 1_000_000), "50,000 rows"),
    Bomb("folder.docx", lambda: word(table("<w:tr/>" * 1_000_000), folder="文", name="一.xml"), "rows"),
    Bomb("nested_cell.docx", lambda: word(table(row(f"<w:tc>{PARAGRAPH * 300_000}</w:tc>", 1))), "rows and paragraphs"),
    Bomb("attributes.docx", lambda: word(f"<w:p {attributes('a')}/>"), "2,000,000 tags"),
    Bomb("styles.docx", lambda: word(
        styled("s0") * 3_000, styles="".join(
            f'<w:style w:type="paragraph" w:styleId="s{i}"><w:basedOn w:val="s{i + 1}"/></w:style>' for i in range(100_000))), "styles"),
    Bomb("numbers.docx", lambda: word(
        '<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>1</w:t></w:r></w:p>' * 3_000,
        numbering=f'<w:abstractNum w:abstractNumId="0"><w:lvl><w:lvlText w:val="{"%1" * 100_000}"/></w:lvl></w:abstractNum>'
                  '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'), "a number format"),
    Bomb("namespaces.docx", lambda: word(f"<w:p {attributes('xmlns:a')}/>"), "2,000,000 tags"),
]  # fmt: skip


def damaged_member(method: int) -> bytes:
    """Return a Word document whose one member is packed in another way, and damaged."""
    data = bytearray(zipped([("word/document.xml", "<w:document/>" * 1000)], method))
    at = data.index(b"word/document.xml") + len("word/document.xml")
    data[at + 4 : at + 24] = b"\xff" * 20
    return bytes(data)


ARCHIVES = [
    Bomb("bz2.docx", lambda: damaged_member(zipfile.ZIP_BZIP2), "a damaged archive"),
    Bomb("lzma.docx", lambda: damaged_member(zipfile.ZIP_LZMA), "a damaged archive"),
    Bomb("bz2_swells.docx", lambda: zipped([("word/document.xml", bytes(300_000_000))], zipfile.ZIP_BZIP2), "a damaged archive"),
    Bomb("swells.docx", lambda: zipped([("word/document.xml", b"<w:document " + b" " * 300_000_000)]), "bytes when unpacked"),
    Bomb("members.xlsx", lambda: zipped((f"{i}.xml", "") for i in range(20_000)), "10,000 members"),
]


# Pages

GOOD_PAGE = "<p>甲县2022年政府信息公开工作年度报告</p><table><tr><td>规章</td><td>1</td></tr></table>"


def page(body: str) -> bytes:
    return f"<html><body>{body}{GOOD_PAGE}</body></html>".encode()


NESTED = {
    "div": "<div>", "article": "<article>", "dl": "<dl><dd>", "comment": "<div><!-- </div> -->", "bare": "<div><!bogus </div>",
    "pi": "<div><?x </div>", "attribute": '<div title="</div>">', "script": "<div><script></div></script>", "other": "<div></span>",
    "span": "<span><div></span>", "bold": "<b><div></b>", "custom": "<x-y>", "capital": "<DIV\n>", "object": "<div><object></div></object>",
    "main": "<main/>", "details": "<details>", "font": "<font><div></font>", "svg": "<svg><g>", "style": "<div><style></div></style>",
    "textarea": "<div><textarea></div></textarea>", "close": "<div></ div>", "table": "<table><td>",
    "list": "<ul><li>", "label": "<label>", "quote": "<blockquote>", "button": "<div><button></div>",
}  # fmt: skip
STYLE = "<style>{}{{display:none}}</style>"
PLAIN = "<p>x</p>"
PAGES = [
    *(Bomb(f"nested_{kind}.html", lambda opens=opens: page(opens * 20_000), "nest") for kind, opens in NESTED.items()),
    Bomb("attributes.html", lambda: page(f"<p {' '.join(f'a{i}' for i in range(80_000))}>x</p>"), "attributes"),
    Bomb("attributes_slash.html", lambda: page(f"<p {'/'.join(f'a{i}' for i in range(80_000))}>x</p>"), "attributes"),
    Bomb("attributes_value.html", lambda: page("<p " + "".join(f'a{i}=">"' for i in range(80_000)) + ">x</p>"), "attributes"),
    Bomb("attributes_unquoted.html", lambda: page("<p " + " ".join(f'a{i}=b"' for i in range(80_000)) + ">x</p>"), "attributes"),
    Bomb("attributes_class.html", lambda: page("<x-y " + " ".join(f"a{i} =\n1" for i in range(80_000)) + ">x</x-y>"), "attributes"),
    Bomb("formatting.html", lambda: page(f"<p>{''.join(f'<font size={i}>' for i in range(2_500))}</p>{'<p>x</p>' * 4_000}"), "nests"),
    Bomb("tags.html", lambda: page("<i>" * 10 + "<br>" * 4_000_000), "tags"),
    Bomb("paragraphs.html", lambda: page("<p>x" * 1_000_000), "tags"),
    Bomb("rows.html", lambda: page(f"<table>{'<tr><td>1' * 500_000}</table>"), "tags"),
    Bomb(
        "spans.html", lambda: page(f"<table>{'<tr>' + '<td rowspan=1000 colspan=1000>1' * 200}{'<tr><td>1' * 1000}</table>" * 10), "columns"
    ),
    Bomb("attributes_body.html", lambda: page("".join(f"<body a{i}=1>" for i in range(90_000))), "attributes"),
    Bomb("attributes_all.html", lambda: page(f"<p {' '.join(f'a{i}' for i in range(990))}>x</p>" * 1_900), "500,000 attributes"),
    Bomb("options.html", lambda: page(f"<select>{'<option>1' * 90_000}"), "options"),
    Bomb("styles_ways.html", lambda: page(f"{STYLE.format('x div div div div p')}{'<div>' * 200}{PLAIN * 100}"), "style sheets"),
    Bomb("styles_ways_before.html", lambda: page(f"{STYLE.format('x~p~p ~ p')}{PLAIN * 3_000}"), "style sheets"),
    Bomb("styles_has.html", lambda: page(f"{STYLE.format('div:has(div:has(div:has(x)))')}{'<div>' * 400}"), "style sheets"),
    Bomb("styles_nth.html", lambda: page(STYLE.format("p:nth-child(2n+1)") * 300 + PLAIN * 20_000), "style sheets"),
    Bomb("styles_rules.html", lambda: page(STYLE.format(",".join(f".c{i}" for i in range(50_000))) + PLAIN * 20_000), "style sheets"),
    Bomb("styles_nested.html", lambda: page(STYLE.format(f"{':not(' * 5_000}p{')' * 5_000}") + PLAIN), "nests"),
    Bomb("styles_media.html", lambda: page(f"<style>{'@media screen{' * 5_000}p{{display:none}}{'}' * 5_000}</style>"), "nests"),
    Bomb("spans_wide.html", lambda: page(f"<table>{('<tr>' + '<td rowspan=9999 colspan=999>1' * 150) * 300}</table>"), "columns"),
]


# Text


def drawn(columns: int, rows: int, shift: int = 0) -> bytes:
    rule, line = "┌" + "─┬" * columns, "│" + "1│" * columns
    return "\n".join(
        ["甲县2022年政府信息公开工作年度报告", *(r for i in range(rows) for r in (" " * (shift * i % 7) + rule, line))]
    ).encode()


TEXTS = [
    Bomb("boxes.txt", lambda: drawn(20_000, 10), "columns"),
    Bomb("boxes_rows.txt", lambda: drawn(900, 3_000), "20 MB"),
    Bomb("boxes_shifted.txt", lambda: drawn(900, 3_000, 2), "20 MB"),
    Bomb("boxes_ascii.txt", lambda: drawn(20_000, 10).decode().translate(str.maketrans("┌┬│─", "++|-")).encode(), "columns"),
    Bomb("bars.txt", lambda: ("规章" + "│1" * 30_000 + "\n").encode() * 100, "text has more"),
    Bomb("tabs.txt", lambda: ("规章" + "\t1" * 30_000 + "\n").encode() * 100, "text has more"),
    Bomb("pipes.txt", lambda: ("|规章" + "|1" * 30_000 + "|\n").encode() * 100, "text has more"),
    Bomb("spaces.txt", lambda: ("规章" + "   1" * 30_000 + "\n").encode() * 100, "text has more"),
    Bomb("commas.txt", lambda: ("规章" + ",1" * 30_000 + "\n").encode() * 100, "text has more"),
    Bomb("lines.txt", lambda: "规章\t1\n".encode() * 1_000_000, "text has more"),
    Bomb("one_line.txt", lambda: "规章1".encode() * 2_500_000, "text has more"),
]


HEAD = "甲县2022年政府信息公开工作年度报告\n"
# As long as the limits allow, and of one kind throughout: what compared each part with all others would take minutes.
LONG = {
    "labels_in_one_line.txt": lambda: f"{HEAD}{'规章1' * 100_000}".encode(),
    "labels_in_one_paragraph.docx": lambda: word(
        f"<w:p><w:r><w:t>{HEAD}</w:t></w:r></w:p><w:p><w:r><w:t>{'公开规章1' * 300_000}</w:t></w:r></w:p>"
    ),
    "headings.txt": lambda: f"{HEAD}{'一、总体情况' + chr(10)}".encode() + "一、总体情况\n".encode() * 49_000,
    "boxes.txt": lambda: drawn(900, 450),
    "lines_of_a_cell.html": lambda: page(f"<table><tr><td>规章<td>{'1<br>' * 45_000}</table>"),
}


# PDF


def pdf(
    contents: bytes | list[bytes],
    forms: dict[str, tuple[bytes, str]] | None = None,
    *,
    pages: int = 1,
    packs: bool = True,
    pattern: str = "",
) -> bytes:
    """Return a PDF whose pages all draw the same contents; a form is its content and what its resources hold."""
    contents = contents if isinstance(contents, list) else [contents]
    names = list(forms or {})
    first = 4 + len(contents)
    own = "/XObject<<" + "".join(f"/{name} {first + i} 0 R" for i, name in enumerate(names)) + ">>"
    tiled = f"/Pattern<</P {first + len(names) + pages} 0 R>>" if pattern else ""
    kids = " ".join(f"{first + len(names) + i} 0 R" for i in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {pages}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *(_stream("", content, packs) for content in contents),
        *(_stream(f"/Type/XObject/Subtype/Form/BBox[0 0 999 999]/Resources<<{own if held == 'own' else held}>>", content, packs)
          for content, held in (forms or {}).values()),
        *[f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 3 0 R>>{own}{tiled}>>"
          f"/Contents[{' '.join(f'{4 + i} 0 R' for i in range(len(contents)))}]>>".encode()] * pages,
        _stream(f"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/Resources<<>>{pattern}", b"0 0 1 1 re f", packs),
    ]  # fmt: skip
    out, places = bytearray(b"%PDF-1.7\n"), list[int]()
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))


def _stream(head: str, content: bytes, packs: bool) -> bytes:
    body = zlib.compress(content, 9) if packs else content
    return f"<<{head}/Length {len(body)}{'/Filter/FlateDecode' if packs else ''}>>stream\n".encode() + body + b"\nendstream"


TEXT = b"BT /F 12 Tf 50 700 Td (2022 report) Tj ET\n"


def grid(n: int, stroke: bool = True) -> bytes:
    lines = (f"{i * 0.4} 0 m {i * 0.4} 700 l\n0 {i * 0.4} m 600 {i * 0.4} l\n" for i in range(n))
    boxes = (f"{i * 0.4} 0 .1 700 re\n0 {i * 0.4} 600 .1 re\n" for i in range(n))
    return "".join(f"{line}{'S' if stroke else 'f'}\n" for line in (lines if stroke else boxes)).encode() + TEXT


def tower(levels: int, each: int) -> dict[str, tuple[bytes, str]]:
    """Return forms each of which draws the next several times."""
    return {f"X{i}": (f"/X{i + 1} Do ".encode() * each if i + 1 < levels else TEXT, "own") for i in range(levels)}


PDFS = [
    Bomb("stream.pdf", lambda: pdf(b"0 0 m 1 1 l S\n" * 20_000_000), "bytes of drawing"),
    Bomb("streams.pdf", lambda: pdf([b"0 0 m 1 1 l S\n" * 200_000] * 20), "bytes of drawing"),
    Bomb("stream_pages.pdf", lambda: pdf(b"0 0 m 1 1 l S\n" * 250_000 + TEXT, pages=300), "bytes of drawing"),
    Bomb("stream_objects.pdf", lambda: pdf(b"0 0 m 1 1 l S\n" * 150_000 + TEXT), "objects"),
    Bomb("text.pdf", lambda: pdf(b"BT /F 1 Tf (" + b"1" * 3_900_000 + b") Tj ET"), "characters a page"),
    Bomb("text_pages.pdf", lambda: pdf(b"BT /F 1 Tf (" + b"1" * 100_000 + b") Tj ET", pages=300), "characters a page"),
    Bomb("nested.pdf", lambda: pdf(b"/X0 Do", tower(10, 10)), "bytes of drawing"),
    Bomb("nested_deep.pdf", lambda: pdf(b"/X0 Do", tower(4_000, 1)), "20 MB"),
    Bomb("nested_wide.pdf", lambda: pdf(b"/X0 Do " * 1_000, tower(3, 100)), "bytes of drawing"),
    Bomb("itself.pdf", lambda: pdf(b"/A Do " + TEXT, {"A": (b"/A Do " + TEXT, "own")}), "draws itself"),
    Bomb("each_other.pdf", lambda: pdf(b"/A Do " + TEXT, {"A": (b"/B Do", "own"), "B": (b"/C Do", "own"), "C": (b"/A Do", "own")}),
         "draws itself"),
    Bomb("itself_inherited.pdf", lambda: pdf(b"/A Do " + TEXT, {"A": (b"/A Do " + TEXT, "")}), "draws itself"),
    Bomb("itself_hex.pdf", lambda: pdf(b"/A Do " + TEXT, {"A": (b"/#41 Do /A Do", "own")}), "draws itself"),
    Bomb("tiles.pdf", lambda: pdf(b"/Pattern cs /P scn 0 0 600 700 re f\n" + TEXT, pattern="/XStep .001/YStep .001"), "bytes of drawing"),
    Bomb("tiles_named.pdf", lambda: pdf(b"/Pattern cs /P scn 0 0 600 700 re f\n" * 200, pattern="/XStep 1/YStep 1"), "bytes of drawing"),
    Bomb("tiles_often.pdf", lambda: pdf(b"/P scn " + b"0 0 600 700 re f\n" * 200, pattern="/XStep 1/YStep 1"), "bytes of drawing"),
    Bomb("tiles_small.pdf", lambda: pdf(
        b"/Pattern cs /P scn 0 0 600 700 re f\n" + TEXT, pattern="/XStep 10/YStep 10/Matrix[.0001 0 0 .0001 0 0]"), "bytes of drawing"),
    Bomb("grid.pdf", lambda: pdf(grid(1500)), "crossings"),
    Bomb("grid_filled.pdf", lambda: pdf(grid(1500, stroke=False)), "crossings"),
    Bomb("grid_form.pdf", lambda: pdf(b"/G Do", {"G": (grid(1500), "")}), "crossings"),
    Bomb("grid_one_path.pdf", lambda: pdf(grid(1500).replace(b"S\n", b"") + b"S\n"), "crossings"),
    Bomb("grid_pages.pdf", lambda: pdf(grid(190), pages=100), "crossings"),
    Bomb("rules.pdf", lambda: pdf(b"".join(b"0 %d.%d m 600 %d.%d l S\n" % (*divmod(i, 60), *divmod(i, 60)) for i in range(45_000)) + TEXT),
         "rules"),
]  # fmt: skip

BOMBS = [*WORKBOOKS, *WORDS, *ARCHIVES, *PAGES, *TEXTS, *PDFS]
