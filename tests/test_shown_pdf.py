"""A number is what the page of a PDF shows: the kinds of hiding, striking, raising and adding, in a cell that no sum guards."""

from __future__ import annotations

import io
import time
import zlib
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfs import FONTS, HEIGHT, Overlay, Rule, Text, form, overlaid, pdf, stream, table

from gongkai import Report, ReportError, read_report
from gongkai.readers import read_document

CELL = ("disclosure", "permits", "decisions")
# The lower left corner of the cell of 行政许可, and where its number begins.
X, Y, WIDE = 180, HEIGHT - 360, 80


@cache
def page() -> bytes:
    """Print section two with an empty cell, large enough for what is tried."""
    head = [[("第二十条第（五）项", 2, 1)], ["信息内容", "本年处理决定数量"]]
    first = [
        [("第二十条第（一）项", 4, 1)],
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", "0", "0", "0"],
        ["行政规范性文件", "3", "1", "8"],
    ]
    marks = [
        Text(120, 40, "青石县2022年政府信息公开工作年度报告", 14),
        Text(60, 70, "二、主动公开政府信息情况"),
        *table(first, [120, 80, 80, 80], y=100),
        *table([*head, ["行政许可", ""]], [120, 240], y=300, height=20),
        *table([[("第二十条第（六）项", 2, 1)], ["信息内容", "本年处理决定数量"], ["行政处罚", "7"], ["行政强制", "2"]], [120, 240], y=400),
    ]
    return pdf(marks)


def number(text: str, x: float = 4, y: float = 5, size: float = 10, state: str = "") -> str:
    """Write into the cell."""
    return f"q BT {state} /F {size} Tf 1 0 0 1 {X + x} {Y + y} Tm ({text}) Tj ET Q "


def box(x: float, y: float, w: float, h: float, colour: str = "1 g") -> str:
    return f"q {colour} {X + x} {Y + y} {w} {h} re f Q "


def line(x: float, y: float, w: float, rise: float = 0) -> str:
    return f"q 0.7 w {X + x} {Y + y} m {X + x + w} {Y + y + rise} l S Q "


def rect(x: float = 4, y: float = 3, w: float = 60, h: float = 14) -> str:
    return f"/Rect[{X + x} {Y + y} {X + x + w} {Y + y + h}]"


N = number("21574")
LOOK = form("BT /F 10 Tf 2 3 Td (21574) Tj ET", "0 0 60 14")
FIELDS = "/AcroForm<</Fields[X1]/DA(/F 10 Tf 0 g)/DR<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>{}>>"
PATTERN = "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 5 5]/XStep 5/YStep 5/Resources<<>>"
# A mask that is black all over shows nothing of what it masks.
MASK = form("0 g 0 0 595 842 re f").replace(b"/Subtype/Form", b"/Subtype/Form/Group<</S/Transparency/CS/DeviceGray>>")
MASKED = "/ExtGState<</G0<</SMask<</S/Luminosity/G X0>>>>>>"
OFF = "/OCProperties<</OCGs[X0]/D<</OFF[X0]>>>>"


def widget(what: str, needs: str = "", look: bytes = LOOK) -> Overlay:
    body = f"<</Type/Annot/Subtype/Widget/T(a)/DA(/F 10 Tf 0 g)/F 4{rect()}{what}>>"
    return Overlay("", ("<</Type/Annot/Subtype/Link/Rect[0 0 1 1]>>",), (look, body), catalog=FIELDS.format(needs))._replace(
        annotations=(body,), objects=(look, body)
    )


def note(what: str, flags: int = 4, look: bool = True) -> tuple[str, ...]:
    return (f"<</Type/Annot{what}/F {flags}{rect()}{'/AP<</N X0>>' if look else ''}>>",)


SHOWN: dict[str, Overlay] = {
    "nothing special": Overlay(N),
    "white text behind": Overlay(N + number("99", 32, state="1 g")),
    "nearly white text behind": Overlay(N + number("99", 32, state="0.99 g")),
    "text of the colour of its ground": Overlay(box(1, 1, 200, 18, "0.8 0.9 1 rg") + N + number("99", 32, state="0.8 0.9 1 rg")),
    "black text on black": Overlay(N + box(40, 1, 30, 18, "0 g") + number("99", 45)),
    "white text on a dark ground": Overlay(box(1, 1, 200, 18, "0 0 0.5 rg") + number("21574", state="1 g")),
    "pale text that is seen": Overlay(number("21574", state="0.5 g")),
    "text behind a later box": Overlay(N + number("99", 32) + box(31, 1, 30, 18)),
    "text behind a later image": Overlay(
        N + number("99", 32) + f"q 30 0 0 16 {X + 31} {Y + 2} cm /X0 Do Q ",
        objects=(stream(b"\xff", "/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray"),),
        resources="/XObject<</X0 X0>>",
    ),
    "a highlight over the number": Overlay(
        N + f"q /H gs 1 1 0 rg {X + 2} {Y + 2} 60 16 re f Q ", resources="/ExtGState<</H<</BM/Multiply/ca 1>>>>"
    ),
    "a marker behind small figures": Overlay(box(2, 3, 40, 7.5, "1 1 0.5 rg") + number("21574", size=6)),
    "wholly transparent text": Overlay(N + number("99", 32, state="/T gs"), resources="/ExtGState<</T<</ca 0/CA 0>>>>"),
    "text of a transparent form": Overlay(
        N + "q /T gs /X0 Do Q ", objects=(form(number("99", 32)),), resources="/XObject<</X0 X0>>/ExtGState<</T<</ca 0/CA 0>>>>"
    ),
    "invisible type": Overlay(N + number("99", 32, state="3 Tr")),
    "white outlines": Overlay(N + number("99", 32, state="1 Tr 1 G")),
    "outlines": Overlay(number("21574", state="1 Tr 0.3 w")),
    "of a white pattern": Overlay(
        N + number("99", 32, state="/Pattern cs /P0 scn"), objects=(stream("1 g 0 0 5 5 re f", PATTERN),), resources="/Pattern<</P0 X0>>",
    ),
    "under a mask": Overlay(N + "q /G0 gs " + number("99", 32) + "Q ", objects=(MASK,), resources=MASKED),
    "a form under a mask": Overlay(
        N + "q /G0 gs /X1 Do Q ", objects=(MASK, form(number("99", 32))), resources=MASKED + "/XObject<</X1 X1>>",
    ),
    "under a broad white stroke": Overlay(N + number("99", 32) + f"q 1 G 16 w {X + 31} {Y + 9} m {X + 62} {Y + 9} l S Q "),
    "leaning": Overlay(f"BT /F 10 Tf 1 0 0.3 1 {X + 4} {Y + 5} Tm (21574) Tj ET "),
    "leaning back": Overlay(f"BT /F 10 Tf 1 0 -0.3 1 {X + 4} {Y + 5} Tm (21574) Tj ET "),
    "in a layer that another names": Overlay(
        N + "/OC /L BDC " + number("99", 32) + "EMC ", objects=("<</Type/OCMD/OCGs X1>>", "<</Type/OCG/Name(L)>>"),
        resources="/Properties<</L X0>>", catalog=OFF.replace("X0", "X1"),
    ),
    "type that only clips": Overlay(N + number("99", 32, state="7 Tr")),
    "tiny type": Overlay(N + number("99", 32, size=0.5)),
    "squeezed type": Overlay(N + number("99", 32, state="1 Tz")),
    "type clipped away": Overlay(N + f"q {X} {Y} 20 2 re W n {number('99', 32)} Q "),
    "type clipped away in a form": Overlay(
        N + "q /X0 Do Q ", objects=(form(number("99", 32), f"0 0 {X} 842"),), resources="/XObject<</X0 X0>>"
    ),
    "a layer that is off": Overlay(
        N + "/OC /L BDC " + number("99", 32) + "EMC ", objects=("<</Type/OCG/Name(L)>>",), resources="/Properties<</L X0>>", catalog=OFF
    ),
    "words for a voice": Overlay("/Span <</ActualText(99)>> BDC " + N + "EMC "),
    "no words for a voice": Overlay("/Span <</ActualText()>> BDC " + N + "EMC "),
    "a raised sign of a browser": Overlay(N + number("1", 32, 8.3, 8.3)),
    "a raised sign as large as the number": Overlay(N + number("1", 32, 8.5, 10)),
    "a small raised sign": Overlay(N + number("12", 32, 9, 6)),
    "a sign raised far": Overlay(N + number("1", 32, 12, 7)),
    "a raised sign in brackets": Overlay(N + number("[1]", 32, 8.3, 8.3)),
    "a lowered sign": Overlay(N + number("1", 32, 2.5, 7)),
    "a struck number before": Overlay(number("21547") + line(4, 8.3, 28) + number("21574", 34)),
    "a struck number before, struck by a strip": Overlay(number("21547") + box(4, 8, 28, 0.7, "0 g") + number("21574", 34)),
    "a struck digit": Overlay(number("9") + line(4, 8.3, 5.6) + number("21574", 10)),
    "struck by an annotation": Overlay(
        number("21547") + number("21574", 34),
        (f"<</Type/Annot/Subtype/StrikeOut{rect(4, 4, 28, 8)}/F 4"
         f"/QuadPoints[{X + 4} {Y + 12} {X + 32} {Y + 12} {X + 4} {Y + 4} {X + 32} {Y + 4}]>>",),
    ),
    "an underlined number": Overlay(N + line(4, 3.8, 28)),
    "a line above the number": Overlay(N + line(4, 14, 28)),
    "a text box": Overlay("", note("/Subtype/FreeText/Contents(21574)"), (LOOK,)),
    "a text box without picture": Overlay("", note("/Subtype/FreeText/Contents(21574)/DA(/F 10 Tf 0 g)", look=False)),
    "a hidden text box": Overlay(N, note("/Subtype/FreeText/Contents(9)", 2), (form("BT /F 10 Tf 30 3 Td (9) Tj ET"),)),
    "a text box that is only printed": Overlay(N, note("/Subtype/FreeText/Contents(9)", 36), (form("BT /F 10 Tf 30 3 Td (9) Tj ET"),)),
    "a comment": Overlay(N, note("/Subtype/Text/Contents(99)", look=False)),
    "the window of a comment": Overlay(N, note("/Subtype/Popup/Contents(99)/Open true", look=False)),
    "a white box laid over as an annotation": Overlay(
        N + number("99", 32), (f"<</Type/Annot/Subtype/Square/F 4{rect(31, 1, 30, 18)}/AP<</N X0>>>>",),
        (form("1 g 0 0 30 18 re f", "0 0 30 18"),)
    ),
    "a field": widget("/FT/Tx/V(21574)"),
    "a field with a picture": widget("/FT/Tx/V(21574)/AP<</N X0>>"),
    "a field whose picture is old": widget("/FT/Tx/V(21574)/AP<</N X0>>", "/NeedAppearances true",
                                          form("BT /F 10 Tf 2 3 Td (9) Tj ET", "0 0 60 14")),
    "a choice": widget("/FT/Ch/Ff 131072/V(b)/Opt[[(a)(5)][(b)(21574)]]"),
    "a list with one line chosen": widget("/FT/Ch/V(b)/Opt[[(a)(5)][(b)(21574)]]"),
    "a shadow": Overlay(number("21574", 4.8, 4.4, state="0.7 g") + N),
    "a shadow to the left": Overlay(number("21574", 3.2, 4.4, state="0.7 g") + N),
    "printed three times to be bold": Overlay(N + number("21574", 4.3) + number("21574", 4.6)),
    "written over hidden figures that begin alike": Overlay(number("21547", state="1 g") + N),
    "written over the same figures hidden": Overlay(number("21574", state="1 g") + N),
    "set narrow": Overlay(number("21574", state="50 Tz")),
    "set apart": Overlay(number("21574", state="5 Tc")),
}  # fmt: skip


def shown(over: Overlay) -> tuple[Report, float | None, str]:
    report = read_report(overlaid(page(), over))
    (reading,) = [r for r in report.readings if r.field.key == CELL]
    return report, reading.value, reading.status


@pytest.mark.parametrize("kind", SHOWN)
def test_a_number_is_what_the_page_shows(kind: str) -> None:
    _, value, status = shown(SHOWN[kind])
    assert (value, status) == (21574, "printed")


TWINS = ["11", "66", "100", "11011", "77777"]


@pytest.mark.parametrize("squeeze", [40, 50, 70, 100])
@pytest.mark.parametrize("digits", TWINS)
def test_equal_digits_set_narrow_stay_as_many(digits: str, squeeze: int) -> None:
    assert shown(Overlay(number(digits, state=f"{squeeze} Tz")))[1] == int(digits)


DOUBTFUL: dict[str, tuple[Overlay, set[str]]] = {
    "a number typed over a covered one": (Overlay(number("21547") + box(2, 2, 60, 16) + N), {"21574", "21547"}),
    "a shorter number typed over a covered one": (Overlay(number("21547") + box(2, 2, 60, 16) + number("9")), {"9", "21547"}),
    "half of a figure covered": (Overlay(N + number("9", 32) + box(31, 1, 30, 8)), {"215749", "21574"}),
    "struck alone": (Overlay(N + line(4, 8.3, 28)), {"", "21574"}),
    "a line across the cell through the number": (Overlay(N + line(1, 8.3, 150)), {"21574", ""}),
    "a slanted line through a figure": (Overlay(N + line(3, 4, 30, 9)), {"21574", ""}),
    "a wave through the number": (
        Overlay(N + f"q 0.7 w {X + 4} {Y + 8} m {X + 10} {Y + 10} {X + 24} {Y + 6.5} {X + 32} {Y + 8} c S Q "), {"21574", ""},
    ),
    "a thick line through the number": (Overlay(N + box(4, 6.5, 28, 3.4, "0.7 g")), {"21574", ""}),
    "faint figures": (Overlay(N + number("9", 32, state="0.9 g")), {"215749", "21574"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_what_cannot_be_told_is_uncertain_with_all_that_it_may_be(kind: str) -> None:
    over, texts = DOUBTFUL[kind]
    _, value, status = shown(over)
    assert (value, status) == (None, "uncertain")
    cells = [c for row in read_document(overlaid(page(), over)).rows for c in row.cells if c.alternatives]
    assert len(cells) == 1
    assert {cells[0].text, *cells[0].alternatives} == texts


def test_words_below_a_page_drawn_anew_cost_nothing_where_others_are_tried() -> None:
    anew = number("99") + "q 1 g 0 0 595 842 re f Q " + N + number("9", 32, state="1 g")
    assert "21574" in {c.text for row in read_document(overlaid(page(), Overlay(anew))).rows for c in row.cells}


@pytest.mark.parametrize("turned", [90, 180, 270])
@pytest.mark.parametrize("kind", ["white text behind", "text behind a later box", "text behind a later image", "a struck number before"])
def test_a_page_that_the_viewer_turns_shows_the_same(kind: str, turned: int) -> None:
    book = pypdfium2.PdfDocument(overlaid(page(), SHOWN[kind]))
    book[0].set_rotation(turned)
    out = io.BytesIO()
    book.save(out)
    (reading,) = [r for r in read_report(out.getvalue()).readings if r.field.key == CELL]
    assert reading.value == 21574


def test_what_stands_outside_of_the_crop_is_not_shown() -> None:
    book = pypdfium2.PdfDocument(overlaid(page(), Overlay(N + number("99", 32))))
    book[0].set_cropbox(0, 0, X + 32, HEIGHT)
    out = io.BytesIO()
    book.save(out)
    cells = [c.text for row in read_document(out.getvalue()).rows for c in row.cells]
    assert "21574" in cells


def test_a_scan_over_what_was_recognised_is_refused_by_that_name() -> None:
    scan = drawing(f"0.9 g 0 0 300 300 re f BT 3 Tr /F 12 Tf 20 200 Td (12345678) Tj ET {TEXT.replace('123', '1')}")
    with pytest.raises(ReportError, match="recognised"):
        read_document(scan)


KINDS = {
    "white": lambda x, y: number("9", x - X, y - Y, state="1 g"),
    "covered": lambda x, y: number("9", x - X, y - Y) + box(x - X - 1, y - Y - 3, 8, 12),
    "unpainted": lambda x, y: number("9", x - X, y - Y, state="3 Tr"),
    "tiny": lambda x, y: number("9", x - X, y - Y, size=0.5),
    "struck": lambda x, y: number("9", x - X, y - Y) + line(x - X, y - Y + 3.3, 5.6),
    "raised": lambda x, y: number("1", x - X, y - Y + 3.3, 8.3, 8.3),
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.integers(50, 430), st.integers(HEIGHT - 470, HEIGHT - 60))
def test_what_is_hidden_struck_or_raised_anywhere_changes_no_value_but_to_none(kind: str, x: int, y: int) -> None:
    plain = read_report(overlaid(page(), Overlay(N)))
    changed = read_report(overlaid(page(), Overlay(N + KINDS[kind](x, y))))
    before = {r.field.key: r.value for r in plain.readings}
    after = {r.field.key: r.value for r in changed.readings}
    wrong = {k: (before[k], v) for k, v in after.items() if v is not None and v != before[k]}
    assert not wrong
    if kind in ("white", "unpainted", "tiny"):
        assert after == before


def test_a_ticked_box_is_no_four() -> None:
    body = f"<</Type/Annot/Subtype/Widget/FT/Btn/T(a)/V/Yes/AS/Yes/F 4{rect(60, 3, 14, 14)}/AP<</N<</Yes X0>>>>>>"
    ticked = Overlay(N, (body,), (form("BT /Z 10 Tf 2 3 Td (4) Tj ET", "0 0 14 14"),), catalog="/AcroForm<</Fields[]>>")
    assert shown(ticked)[1] is None


def test_a_number_that_a_narrow_cell_breaks_is_whole() -> None:
    cells = [Rule(60, 100, 160, 100), Rule(60, 140, 160, 140), *(Rule(x, 100, x, 140) for x in (60, 140, 160))]
    made = pdf([*cells, Text(62, 114, "行政许可"), Text(141, 114, "215"), Text(141, 128, "74")])
    (row,) = [r for r in read_document(made).rows if r.kind == "grid"]
    assert (row.cells[1].text, row.cells[1].alternatives) == ("21574", ())


def test_two_numbers_below_each_other_in_a_wide_cell_are_not_one() -> None:
    cells = [Rule(60, 100, 300, 100), Rule(60, 140, 300, 140), *(Rule(x, 100, x, 140) for x in (60, 140, 300))]
    made = pdf([*cells, Text(62, 114, "行政许可"), Text(141, 114, "215"), Text(141, 128, "74")])
    (row,) = [r for r in read_document(made).rows if r.kind == "grid"]
    assert row.cells[1].alternatives


# ---- files that ask for more than any report needs


TEXT = "BT /F 12 Tf 20 200 Td (123) Tj ET "


def drawing(content: str, *forms: bytes, packed: bool = False, names: str = "") -> bytes:
    """Print a page that draws something with the forms A, B, …, which have the object numbers 10, 11, …"""
    body = zlib.compress(content.encode()) if packed else content.encode()
    drawn = "".join(f"/{chr(65 + i)} {10 + i} 0 R" for i in range(len(forms)))
    objects = [
        (1, b"<</Type/Catalog/Pages 2 0 R>>"),
        (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        (3, f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 5 0 R/Resources<<{FONTS}/XObject<<{drawn}>>>>{names}>>".encode()),
        (5, stream(body, "/Filter/FlateDecode" if packed else "")),
        *enumerate(forms, 10),
    ]
    return b"%PDF-1.7\n" + b"".join(b"%d 0 obj %s endobj\n" % o for o in objects) + b"trailer<</Root 1 0 R>>"


def nested(content: str, name: str = "", number: int = 0) -> bytes:
    return form(content, "0 0 300 300", f"/XObject<</{name} {number} 0 R>>" if name else "")


HATCH = "".join(f"{i / 5} 0 m {i / 5} 300 l 0 {i / 5} m 300 {i / 5} l S " for i in range(1500))
STAMP = "/Annots[<</Type/Annot/Subtype/Stamp/Rect[0 0 99 99]/AP<</N 10 0 R>>>>]"
BOOK = "BT /F 1 Tf 0 290 Td " + "".join(f"0 -0.04 Td ({f'{i:06d}' * 16}) Tj " for i in range(6_000)) + "ET"
TOO_MUCH = {
    "forms within forms": (drawing("/A Do", *(nested("/X Do " * 10, "X", 11 + i) for i in range(10)), form(TEXT)), "forms within forms"),
    "a form drawn without end": (drawing("/A Do " * 100_000, form(TEXT * 1000)), "forms within forms"),
    "a form that draws itself": (drawing(TEXT + "/A Do", nested(TEXT + "/X Do", "X", 10)), "draws itself"),
    "forms that draw each other": (drawing(TEXT + "/A Do", nested("/X Do", "X", 11), nested("/X Do", "X", 10)), "draws itself"),
    "a stamp of forms within forms": (
        drawing(TEXT, nested("/X Do " * 50_000, "X", 11), form(TEXT * 100), names=STAMP), "forms within forms",
    ),
    "a stream that swells": (drawing("0 0 m 1 1 l S " * 5_000_000, packed=True), "streams that swell"),
    "a page of 1,500 by 1,500 rules": (drawing(HATCH + TEXT), "crossings"),
    "a page of a hundred thousand boxes": (drawing("0 0 5 5 re f " * 100_000 + TEXT), "drawn objects"),
    "more characters than a book": (drawing(BOOK), "characters"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_a_file_that_asks_for_too_much_is_refused_by_name(kind: str) -> None:
    data, name = TOO_MUCH[kind]
    start = time.perf_counter()
    with pytest.raises(ReportError, match=name):
        read_document(data)
    assert time.perf_counter() - start < 10


def test_the_form_bomb_of_a_collector_is_refused_by_name(shared: Path) -> None:
    with pytest.raises(ReportError, match="forms within forms"):
        read_document(shared / "hostile" / "pdf_form_bomb.pdf")


def test_digits_set_narrow_by_a_collector_keep_their_twins(shared: Path) -> None:
    texts = [c.text for row in read_document(shared / "hostile" / "narrow-digits-50pct.pdf").rows for c in row.cells]
    assert {"11", "66"} <= set(texts)


def test_forms_that_office_programs_nest_are_read() -> None:
    document = read_document(drawing("/A Do", nested("/X Do", "X", 11), nested("/X Do", "X", 12), form(TEXT)))
    assert document.rows[0].cells[0].text == "123"


@pytest.mark.parametrize("code", ["01", "0d", "41", "80", "ff"])
def test_a_glyph_that_means_no_character_is_unreadable_and_not_left_out(code: str) -> None:
    names = f"/Encoding<</Type/Encoding/Differences[{int(code, 16)}/g1]>>/FirstChar {int(code, 16)}/LastChar {int(code, 16)}/Widths[600]"
    font = f"<</Type/Font/Subtype/Type3/FontBBox[0 0 600 700]/FontMatrix[.001 0 0 .001 0 0]/CharProcs<</g1 X0>>{names}>>"
    glyph = stream("600 0 d0 0 0 500 700 re f")
    text = f"BT /G 10 Tf 1 0 0 1 {X + 32} {Y + 5} Tm <{code}> Tj ET"
    drawn = stream(text, "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</G X1>>>>")
    over = Overlay(N + "/X2 Do ", (), (glyph, font, drawn), resources="/XObject<</X2 X2>>")
    assert shown(over)[1] is None
