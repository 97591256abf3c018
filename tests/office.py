"""Small Office files made by hand, each the same report with one cell, row or part as a test wants it."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
P = "http://schemas.openxmlformats.org/package/2006/relationships"
STRICT = {
    W: "http://purl.oclc.org/ooxml/wordprocessingml/main",
    S: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    R: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
CELL = "disclosure/permits/decisions"
N = 21574.0
OTHERS = {
    "disclosure/regulations/in_force": 14.0, "disclosure/normative_documents/in_force": 138.0, "disclosure/penalties/decisions": 3862.0,
    "disclosure/coercive_measures/decisions": 245.0, "disclosure/fees/amount_yuan": 12_345_000.0,
}  # fmt: skip
TITLE = ["甲县2022年政府信息公开工作年度报告", "二、主动公开政府信息情况"]
_DECIDED = ["信息内容", "本年处理决定数量", "", ""]
ABOVE = [
    ["第二十条第（一）项", "", "", ""], ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"], ["规章", "1", "0", "14"],
    ["行政规范性文件", "17", "6", "138"], ["第二十条第（五）项", "", "", ""], _DECIDED,
]  # fmt: skip
BELOW = [
    ["第二十条第（六）项", "", "", ""], _DECIDED, ["行政处罚", "3862", "", ""], ["行政强制", "245", "", ""],
    ["第二十条第（八）项", "", "", ""], ["信息内容", "本年收费金额（单位：万元）", "", ""], ["行政事业性收费", "1234.5", "", ""],
]  # fmt: skip
# The row of the sheet, from 1, in which the cell stands.
AT = len(TITLE) + len(ABOVE) + 1


def packed(parts: Mapping[str, str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def relations(**targets: str) -> str:
    """Write relations; each is called by its kind, and named by it."""
    found = "".join(f'<Relationship Id="{kind}" Type="{R}/{kind.rstrip("0123456789")}" Target="{to}"/>' for kind, to in targets.items())
    return f'<Relationships xmlns="{P}">{found}</Relationships>'


# Word


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def par(*runs: str, properties: str = "") -> str:
    return f"<w:p>{properties}{''.join(r if r.startswith('<') else run(r) for r in runs)}</w:p>"


def word_row(label: str, body: str, properties: str = "", cell: str = "") -> str:
    wide = f'<w:tc><w:tcPr><w:gridSpan w:val="3"/>{cell}</w:tcPr>{body}</w:tc>'
    named = par(label) if not label.startswith("<") else label
    return f"<w:tr><w:trPr>{properties}</w:trPr><w:tc><w:tcPr/>{named}</w:tc>{wide}</w:tr>"


def _word_line(texts: Sequence[str]) -> str:
    cells = "".join(f"<w:tc><w:tcPr/>{par(t)}</w:tc>" for t in texts)
    return word_row(texts[0], par(texts[1])) if not any(texts[2:]) and texts[1] else f"<w:tr>{cells}</w:tr>"


def docx_parts(
    body: str = "", row: str = "", table: str = "", styles: str = "", cell: str = "", before: str = "", after: str = ""
) -> dict[str, str]:
    """Write the parts of a report in Word, whose cell holds these paragraphs."""
    middle = row or word_row("行政许可", body if body.startswith(("<w:p>", "<w:sdt>")) else par(body), cell=cell)
    rows = "".join(map(_word_line, ABOVE)) + middle + "".join(map(_word_line, BELOW))
    text = f"{''.join(map(par, TITLE))}{before}<w:tbl><w:tblPr>{table}</w:tblPr>{rows}</w:tbl>{after}"
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(officeDocument="word/document.xml"),
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{text}</w:body></w:document>',
    }
    return parts | ({"word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>'} if styles else {})


def docx(body: str = "", **more: str) -> bytes:
    return packed(docx_parts(body, **more))


# Excel


def xlsx_parts(
    cell: str = "<v>21574</v>", attributes: str = "", row: str = "", styles: str = "", strings: str = "", book: str = "", sheet: str = "",
    head: str = "", calc: str = "",
) -> dict[str, str]:  # fmt: skip
    """Write the parts of a report in Excel, whose cell holds this and has these attributes."""
    lines = [[t] for t in TITLE] + ABOVE + [["行政许可"]] + BELOW
    rows = ""
    for r, texts in enumerate(lines, 1):
        cells = "".join(_excel_cell(r, c, t) for c, t in enumerate(texts) if t)
        cells += f'<c r="B{r}" {attributes}>{cell}</c>' if r == AT else ""
        rows += f'<row r="{r}" {row if r == AT else ""}>{cells}</row>'
    styled = f'<styleSheet xmlns="{S}">{styles or _CELL_FORMATS.format("")}</styleSheet>'
    return {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(officeDocument="xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": relations(worksheet="worksheets/sheet1.xml", styles="styles.xml", sharedStrings="sharedStrings.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}">{book}<sheets><sheet name="a" sheetId="1" r:id="worksheet"/></sheets>'
        f"{calc}</workbook>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{S}" xmlns:r="{R}">{head}<sheetData>{rows}</sheetData>{sheet}</worksheet>',
        "xl/styles.xml": styled,
        "xl/sharedStrings.xml": f'<sst xmlns="{S}">{strings}</sst>',
    }


_CELL_FORMATS = '<fonts><font/></fonts><fills><fill/></fills><cellXfs><xf numFmtId="0"/>{}</cellXfs>'


def _excel_cell(r: int, c: int, text: str) -> str:
    reference = f"{'ABCD'[c]}{r}"
    if text.replace(".", "").isdigit():
        return f'<c r="{reference}"><v>{text}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def xlsx(*args: str, **more: str) -> bytes:
    return packed(xlsx_parts(*args, **more))


def formatted(code: str) -> str:
    """Write styles of which number 1 has a format."""
    return f'<numFmts><numFmt numFmtId="170" formatCode="{escape(code, {chr(34): "&quot;"})}"/></numFmts>' + _CELL_FORMATS.format(
        '<xf numFmtId="170"/>'
    )


def dressed(font: str = "", fill: str = "") -> str:
    """Write styles of which number 1 has a font and a fill."""
    fonts = f"<fonts><font/><font>{font}</font></fonts><fills><fill/><fill>{fill}</fill></fills>"
    return f'{fonts}<cellXfs><xf numFmtId="0"/><xf numFmtId="0" fontId="1" fillId="1"/></cellXfs>'


# Excel 97: records of a workbook, in the container that such files have


def record(code: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def _text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _bof(kind: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def font(struck: bool = False, raised: int = 0, colour: int = 0x7FFF) -> bytes:
    return record(0x31, struct.pack("<HHHHHBBBB", 200, 8 if struck else 0, colour, 400, raised, 0, 0, 0, 0) + b"\x05\x00Arial")


def _xf(format_key: int = 0, font_index: int = 0) -> bytes:
    return record(0xE0, struct.pack("<HHHBBBBIIH", font_index, format_key, 0, 0, 0, 0, 0, 0, 0, 0x20C0))


def text_cell(r: int, c: int, text: str, style: int = 0) -> bytes:
    return record(0x0204, struct.pack("<HHH", r, c, style) + _text(text))


def number_cell(r: int, c: int, value: float, style: int = 0) -> bytes:
    return record(0x0203, struct.pack("<HHHd", r, c, style, value))


def rich_cell(r: int, c: int, text: str, at: int, font_index: int) -> bytes:
    runs = struct.pack("<HHH", 1, at, font_index)
    return record(0x00D6, struct.pack("<HHH", r, c, 0) + _text(text) + runs)


def formula_cell(r: int, c: int, result: bytes) -> bytes:
    return record(0x0006, struct.pack("<HHH", r, c, 0) + result + struct.pack("<HIH", 0, 0, 0))


def xls(
    cell: bytes = b"", code: str = "", fonts: Sequence[bytes] = (), extra: bytes = b"", visible: int = 0, row: int = 0,
    instead: Mapping[tuple[int, int], bytes] | None = None,
) -> bytes:  # fmt: skip
    """Write a report in the old format. Style 1 has the format ``code``, style 2 the first of ``fonts``, which is number 5.

    ``instead`` holds cells that stand there instead of those of the report.
    """
    lines = [[t] for t in TITLE] + ABOVE + [["行政许可"]] + BELOW
    cells = b""
    for r, texts in enumerate(lines):
        cells += record(0x0208, struct.pack("<HHHHHHI", r, 0, 4, 300, 0, 0, (row if r == AT - 1 else 0) | 0x100))
        for c, text in enumerate(texts):
            usual = number_cell(r, c, float(text)) if text.replace(".", "").isdigit() else text_cell(r, c, text) if text else b""
            cells += (instead or {}).get((r, c), usual)
        cells += cell if r == AT - 1 else b""
    page = _bof(0x10) + extra + cells + record(0x0A)
    # The font of number 4 is the one that no file holds.
    styles = font() * 4 + b"".join(fonts) + (record(0x041E, struct.pack("<H", 170) + _text(code)) if code else b"")
    styles += _xf() + _xf(170 if code else 0) + _xf(0, 5 if fonts else 0)
    size = len(_bof(5) + styles + record(0x85, b"\0" * 6 + _text_short("a")) + record(0x0A))
    sheet = record(0x85, struct.pack("<IBB", size, visible, 0) + _text_short("a"))
    return _contained(_bof(5) + styles + sheet + record(0x0A) + page)


def _text_short(text: str) -> bytes:
    return struct.pack("<BB", len(text), 0) + text.encode("ascii")


def _contained(stream: bytes) -> bytes:
    """Put a stream into a compound file: sector 0 is its table, 1 its list of streams, the rest the stream."""
    stream += b"\0" * (-len(stream) % 512) + b"\0" * max(0, 4096 - len(stream) - (-len(stream) % 512))
    count = len(stream) // 512
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    entries = b"".join(_entry(name, kind, start, size) for name, kind, start, size in (
        ("Root Entry", 5, 0xFFFFFFFE, 0), ("Workbook", 2, 2, len(stream))
    )).ljust(512, b"\0")  # fmt: skip
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return head + struct.pack("<I", 0) + b"\xff" * (512 - len(head) - 4) + table + entries + stream


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    coded = name.encode("utf-16-le")
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 1 if kind == 5 else 0xFFFFFFFF)
    return coded.ljust(64, b"\0") + struct.pack("<HBB", len(coded) + 2, kind, 1) + links + b"\0" * 36 + struct.pack("<IIxxxx", start, size)
