"""A number is what the page shows: kinds of hiding, striking, raising, of fields and boxes in Word, in a cell that no sum guards."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import CELL, OTHERS, STRICT, N, R, W, docx, docx_parts, packed, par, relations, run, word_row

from gongkai import ReportError, read_report
from gongkai.core.model import Reading
from gongkai.forms import load_form
from gongkai.readers import read_document
from gongkai.synthetic import writers


def read(data: bytes) -> Reading:
    """Read the cell, and require that no other cell suffers."""
    readings = {r.field.path: r for r in read_report(data).readings}
    assert {path: readings[path].value for path in OTHERS} == OTHERS
    return readings[CELL]


def mark(kind: str, more: str = "", inner: str = "") -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}" {more}>{inner}</w:fldChar></w:r>'


def code(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


def computed(text: str, *results: str, begin: str = "") -> str:
    """Write a field with its code, which may hold fields, and its result."""
    return mark("begin", begin) + (text if text.startswith("<") else code(text)) + mark("separate") + "".join(results) + mark("end")


def choice(*entries: str, more: str = "") -> str:
    listed = "".join(f'<w:listEntry w:val="{e}"/>' for e in entries)
    return f"<w:ffData><w:ddList>{more}{listed}</w:ddList></w:ffData>"


def styled(kind: str, name: str, properties: str, based: str = "", more: str = "") -> str:
    parent = f'<w:basedOn w:val="{based}"/>' if based else ""
    return f'<w:style w:type="{kind}" w:styleId="{name}" {more}>{parent}{properties}</w:style>'


def box(text: str, more: str = "") -> str:
    return f"<w:drawing><inline><docPr {more}/><w:txbxContent>{par(text)}</w:txbxContent></inline></w:drawing>"


def maths(text: str) -> str:
    """Write a formula; {n} stands for n as its text."""
    return "<m:oMath xmlns:m='m'>" + re.sub(r"{(\w+)}", r"<m:r><m:t>\1</m:t></m:r>", text) + "</m:oMath>"


def either(first: str, second: str, asked: str = "wps") -> str:
    return f'<w:r><AlternateContent><Choice Requires="{asked}">{first}</Choice><Fallback>{second}</Fallback></AlternateContent></w:r>'


def ink(colour: str) -> str:
    """Write the ink as versions of Word since 2010 do."""
    return f"<x:textFill xmlns:x='x'><x:solidFill>{colour}</x:solidFill></x:textFill>"


RAISED, STRUCK, HIDDEN = '<w:vertAlign w:val="superscript"/>', "<w:strike/>", "<w:vanish/>"
WHITE = '<w:color w:val="FFFFFF"/>'
VML = "<w:pict><textbox><w:txbxContent>" + par("21574") + "</w:txbxContent></textbox></w:pict>"
CHOSEN = {"character": '<w:rStyle w:val="X"/>', "paragraph": '<w:pPr><w:pStyle w:val="X"/></w:pPr>'}
# Paragraphs of the cell, and what else its document needs; the page shows 21574.
SHOWN: dict[str, str | tuple[str, dict[str, str]]] = {
    "plain": "21574",
    "hidden": par("21574", run("9", HIDDEN)),
    "hidden, off": par("2157", run("4", '<w:vanish w:val="0"/>')),
    "hidden, off as a word": par("2157", run("4", '<w:vanish w:val="false"/>')),
    "hidden on the web alone": par("2157", run("4", "<w:webHidden/>")),
    "struck": par(run("21", STRUCK), "21574"),
    "struck twice": par(run("21", "<w:dstrike/>"), "21574"),
    "raised": par("21574", run("1", RAISED)),
    "lowered": par("21574", run("1", '<w:vertAlign w:val="subscript"/>')),
    "set higher and smaller": par(run("21574", '<w:sz w:val="24"/>'), run("1", '<w:sz w:val="14"/><w:position w:val="2"/>')),
    "set higher": par("21574", run("1", '<w:position w:val="10"/>')),
    "all of it set higher": par(run("21574", '<w:position w:val="10"/>')),
    "a hair higher": par("2157", run("4", '<w:position w:val="1"/>')),
    "of one point": par("21574", run("9", '<w:sz w:val="2"/>')),
    "white": par("21574", run("9", WHITE)),
    "nearly white": par("21574", run("9", '<w:color w:val="FEFEFE"/>')),
    "white of the theme": par("21574", run("9", '<w:color w:themeColor="background1"/>')),
    "in the colour of its shade": par("21574", run("9", '<w:color w:val="00B050"/><w:shd w:val="clear" w:fill="00B050"/>')),
    "in the colour of its marker": par("21574", run("9", '<w:color w:val="FFFF00"/><w:highlight w:val="yellow"/>')),
    "of one hundredth of its width": par("21574", run("9", '<w:w w:val="1"/>')),
    "a little narrower": par(run("21574", '<w:w w:val="80"/>')),
    "white by the ink of newer versions": par("21574", run("9", ink('<x:srgbClr x:val="FFFFFF"/>'))),
    "white of the theme by the ink of newer versions": par("21574", run("9", ink('<x:schemeClr x:val="bg1"/>'))),
    "dark by the ink of newer versions": par(run("21574", ink('<x:schemeClr x:val="tx1"/>'))),
    "grey of the theme's white": par(run("21574", ink('<x:schemeClr x:val="bg1"><x:lumMod x:val="50000"/></x:schemeClr>'))),
    "white on a marker": par("2157", run("4", f'{WHITE}<w:highlight w:val="black"/>')),
    "in the colour of its cell": (par("21574", run("9", '<w:color w:val="123456"/>')), {"cell": '<w:shd w:val="clear" w:fill="123456"/>'}),
    "white on a dark cell": (par(run("21574", WHITE)), {"cell": '<w:shd w:val="clear" w:fill="1F3864"/>'}),
    "in the colour of its paragraph": par(
        "21574", run("9", '<w:color w:val="DDDDDD"/>'), properties='<w:pPr><w:shd w:val="clear" w:fill="DDDDDD"/></w:pPr>'
    ),
    "hidden by a style": (par("21574", run("9", CHOSEN["character"])), {"styles": styled("character", "X", f"<w:rPr>{HIDDEN}</w:rPr>")}),
    "hidden by a style of a style": (
        par("21574", run("9", CHOSEN["character"])),
        {"styles": styled("character", "Y", f"<w:rPr>{HIDDEN}</w:rPr>") + styled("character", "X", "", "Y")},
    ),
    "shown by a style of a style": (
        par("2157", run("4", CHOSEN["character"])),
        {"styles": styled("character", "Y", f"<w:rPr>{HIDDEN}</w:rPr>")
         + styled("character", "X", '<w:rPr><w:vanish w:val="0"/></w:rPr>', "Y")},
    ),
    "styles in a circle": (
        par("21574", run("9", CHOSEN["character"])),
        {"styles": styled("character", "Y", f"<w:rPr>{HIDDEN}</w:rPr>", "X") + styled("character", "X", "", "Y")},
    ),
    "raised by a style": (par("21574", run("1", CHOSEN["character"])), {"styles": styled("character", "X", f"<w:rPr>{RAISED}</w:rPr>")}),
    "struck by the paragraph's style": (
        par("21547", properties=CHOSEN["paragraph"]) + par("21574"), {"styles": styled("paragraph", "X", f"<w:rPr>{STRUCK}</w:rPr>")},
    ),
    "struck by two styles": (
        par(run("21574", CHOSEN["character"].replace("X", "C")), properties=CHOSEN["paragraph"]),
        {"styles": styled("paragraph", "X", f"<w:rPr>{STRUCK}</w:rPr>") + styled("character", "C", f"<w:rPr>{STRUCK}</w:rPr>")},
    ),
    "struck by a style, not by the run": (
        par(run("21574", '<w:strike w:val="0"/>'), properties=CHOSEN["paragraph"]),
        {"styles": styled("paragraph", "X", f"<w:rPr>{STRUCK}</w:rPr>")},
    ),
    "hidden by the usual paragraph": (
        par("9", properties='<w:pPr><w:pStyle w:val="Z"/></w:pPr>') + par(run("21574", '<w:vanish w:val="0"/>')),
        {"styles": styled("paragraph", "Z", f"<w:rPr>{HIDDEN}</w:rPr>")},
    ),
    "deleted cell": (par("21574"), {"before": "<w:tbl><w:tr><w:tc><w:tcPr><w:cellDel/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>"}),
    "deleted": par("215", "<w:del><w:r><w:delText>47</w:delText></w:r></w:del>", "<w:ins>" + run("74") + "</w:ins>"),
    "moved": par("<w:moveFrom>" + run("9") + "</w:moveFrom>", "<w:moveTo>" + run("21574") + "</w:moveTo>"),
    "once set otherwise": par("2157", run("4", f"<w:rPrChange><w:rPr>{HIDDEN}</w:rPr></w:rPrChange>")),
    "field": par(computed("=SUM(LEFT)", run("21574"))),
    "field of two runs": par(computed("=SUM(LEFT)", run("215"), run("74"))),
    "field in a field's code": par(computed(code("IF ") + computed("MERGEFIELD n", run("3")) + code(" > 0"), run("21574"))),
    "field in a field's result": par(computed("IF 1", computed("MERGEFIELD n", run("21574")))),
    "fields in both": par(
        computed(code("IF ") + computed("A", run("3")) + code("x"), computed(code("B") + computed("C", run("4")), run("21574")))
    ),
    "field with a branch of text": par(computed(code("IF 1 ") + run("9") + code(" 8"), run("21574"))),
    "simple field": par('<w:fldSimple w:instr="=1+1">' + run("21574") + "</w:fldSimple>"),
    "text field": par(mark("begin", inner="<w:ffData><w:textInput><w:default w:val='9'/></w:textInput></w:ffData>")
                      + code("FORMTEXT") + mark("separate") + run("21574") + mark("end")),
    "drop-down": par(mark("begin", inner=choice("9", "21574", more='<w:result w:val="1"/>')) + code("FORMDROPDOWN") + mark("end")),
    "drop-down, first": par(mark("begin", inner=choice("21574", "9")) + code("FORMDROPDOWN") + mark("end")),
    "drop-down, usual": par(mark("begin", inner=choice("9", "21574", more='<w:default w:val="1"/>')) + code("FORMDROPDOWN") + mark("end")),
    "drop-down with a result": par(
        mark("begin", inner=choice("9", "21574", more='<w:result w:val="1"/>')) + code("FORMDROPDOWN") + mark("separate"),
        run("9") + mark("end"),
    ),
    "content control": f"<w:sdt><w:sdtPr><w:dropDownList><w:listItem w:value='9'/></w:dropDownList></w:sdtPr><w:sdtContent>{par('21574')}"
    "</w:sdtContent></w:sdt>",
    "control in a line": par("<w:sdt><w:sdtPr/><w:sdtContent>" + run("21574") + "</w:sdtContent></w:sdt>"),
    "text box": par(f"<w:r>{box('21574')}</w:r>"),
    "text box and its copy": par(either(box("21574"), VML)),
    "text box, old": par(f"<w:r>{VML}</w:r>"),
    "text box of the future": par(either(box("9"), VML, "zzz")),
    "hidden text box": par("21574", f"<w:r>{box('9', 'hidden=' + chr(34) + '1' + chr(34))}</w:r>"),
    "word art": par('<w:r><w:pict><shape><textpath string="21574"/></shape></w:pict></w:r>'),
    "formula": par(maths("{21574}")),
    "power": par(maths("<m:sSup><m:e>{21574}</m:e><m:sup>{1}</m:sup></m:sSup>")),
    "phantom": par("21574", maths("<m:phant><m:phantPr><m:show m:val='0'/></m:phantPr><m:e>{9}</m:e></m:phant>")),
    "ruby": par("<w:r><w:ruby><w:rt>" + run("9") + "</w:rt><w:rubyBase>" + run("21574") + "</w:rubyBase></w:ruby></w:r>"),
    "note": par("21574", '<w:r><w:footnoteReference w:id="1"/></w:r>'),
    "note with a mark of its own": par("21574", '<w:r><w:footnoteReference w:id="1" w:customMarkFollows="1"/><w:t>1</w:t></w:r>'),
    "comment": par('<w:commentRangeStart w:id="1"/>', "21574", '<w:r><w:commentReference w:id="1"/></w:r>'),
    "soft hyphen": par("<w:r><w:t>21</w:t><w:softHyphen/><w:t>574</w:t></w:r>"),
    "bookmark, proof": par("21", '<w:proofErr w:type="x"/><w:bookmarkStart w:id="1"/>', "574"),
    "spaces that are not kept": par("<w:r><w:t>21 </w:t></w:r><w:r><w:t>574</w:t></w:r>"),
    "symbol": par("2157", '<w:r><w:sym w:font="Symbol" w:char="F034"/></w:r>'),
    "symbol of newer versions": par("2157", '<w:r><x:symEx xmlns:x="x" x:font="Symbol" x:char="0034"/></w:r>'),
    "letters as symbols": par(run("21574", '<w:rFonts w:ascii="Symbol"/>')),
    "end of line hidden": par("21", properties="<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>") + par("574"),
    "end of line deleted": par("21", properties="<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>") + par("574"),
    "number of a list": par("21574", properties='<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'),
    "table's style": (
        par("21574", run("9", WHITE)), {"table": '<w:tblStyle w:val="T"/>', "styles": styled("table", "T", "<w:rPr><w:b/></w:rPr>")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", SHOWN)
def test_a_cell_is_what_it_shows(kind: str) -> None:
    given_as = SHOWN[kind]
    body, more = (given_as, {}) if isinstance(given_as, str) else given_as
    found = read(docx(body, **more))
    assert (found.value, found.status) == (N, "printed")


FANCY = styled(
    "table", "T", '<w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:val="clear" w:fill="000000"/></w:tcPr></w:tblStylePr>'
)  # fmt: skip
# The paragraphs, and what they may mean; None is an empty cell.
OPEN: dict[str, tuple[str, dict[str, str], set[float | None]]] = {
    "raised before": (par(run("1", RAISED), "21574"), {}, {121574.0, N}),
    "struck alone": (par(run("21574", STRUCK)), {}, {N, None}),
    "hint": (f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{par('0')}</w:sdtContent></w:sdt>", {}, {0.0, None}),
    "hint in words": (f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{par('单击')}</w:sdtContent></w:sdt>", {}, {None}),
    "lines": ("<w:p><w:r><w:t>21</w:t><w:br/><w:t>574</w:t></w:r></w:p>", {}, {N, 21.0, 574.0}),
    "paragraphs": (par("21") + par("574"), {}, {N, 21.0, 574.0}),
    "box beside a number": (par("21", f"<w:r>{box('574')}</w:r>"), {}, {N, 21.0, 574.0}),
    "hidden at the end of a paragraph alone": (par("2157", run("4", "<w:specVanish/>")), {}, {N, 2157.0}),
    "hardly seen": (par("2157", run("4", '<w:color w:val="EAEAEA"/>')), {}, {N, 2157.0}),
    "white, on what a table's style may shade": (
        par("2157", run("4", WHITE)), {"table": '<w:tblStyle w:val="T"/>', "styles": FANCY}, {N, 2157.0},
    ),
    "white, on two colours": (par("2157", run("4", f'{WHITE}<w:shd w:val="pct50" w:fill="000000"/>')), {}, {N, 2157.0}),
    "out of date": (par(computed("=SUM(LEFT)", run("21574"), begin='w:dirty="1"')), {}, {N, None}),
    "never closed": (par(mark("begin") + code("IF") + run("21574")), {}, {N, None}),
    "letter of a font": (par("2157", '<w:r><w:sym w:font="Times" w:char="F034"/></w:r>'), {}, {N, 2157.0}),
    "see-through": (par("2157", run("4", ink('<x:srgbClr x:val="000000"><x:alpha x:val="100000"/></x:srgbClr>'))), {}, {N, 2157.0}),
    "turned around": (par('<w:bdo w:val="rtl">', run("21574"), "</w:bdo>"), {}, {N, None}),
    "page number": (par("<w:r><w:pgNum/></w:r>"), {}, {None}),
    "drawing of boxes": (par("<w:r><w:drawing><inline><relIds/></inline></w:drawing></w:r>"), {}, {None}),
    "picture": (par("<w:r><w:drawing><inline><blip/></inline></w:drawing></w:r>"), {}, {None}),
    "never computed": (par(mark("begin") + code("=SUM(LEFT)") + mark("end")), {}, {None}),
    "button": (par(mark("begin") + code("MACROBUTTON A 21574") + mark("end")), {}, {N, None}),
}  # fmt: skip


@pytest.mark.parametrize("kind", OPEN)
def test_what_cannot_be_told_is_uncertain_with_its_candidates(kind: str) -> None:
    body, more, candidates = OPEN[kind]
    found = read(docx(body, **more))
    assert (found.value, found.status, set(found.candidates)) == (None, "uncertain", candidates)


UNREADABLE = {
    "unknown symbol": par("2157", '<w:r><w:sym w:font="Wingdings" w:char="F034"/></w:r>'),
    "digits in pictures": par(run("21574", '<w:rFonts w:ascii="Wingdings"/>')),
    "fraction": par(maths("<m:f><m:num>{21}</m:num><m:den>{574}</m:den></m:f>")),
    "drawn by a field": par(mark("begin") + code("EQ \\o(2,1)") + mark("end"), "574"),
    "hyphen": par("<w:r><w:t>21</w:t><w:noBreakHyphen/><w:t>574</w:t></w:r>"),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_is_no_number_is_unreadable(kind: str) -> None:
    found = read(docx(UNREADABLE[kind]))
    assert (found.value, found.status) == (None, "unreadable")


HIDE = {
    "hidden": "<w:hidden/>",
    "deleted": "<w:del/>",
    "without height": '<w:trHeight w:val="1" w:hRule="exact"/>',
}  # fmt: skip


@pytest.mark.parametrize("how", HIDE)
def test_a_hidden_row_is_as_if_it_were_not_there(how: str) -> None:
    hidden, shown = word_row("行政许可", par("3"), HIDE[how]), word_row("行政许可", par("21574"))
    assert read(docx(row=hidden + shown)).value == N
    assert read(docx(row=shown + hidden)).value == N
    alone = read(docx(row=hidden))
    nothing = {r.field.path: r for r in read_report(docx(row=" ")).readings}[CELL]
    assert (alone.value, alone.status) == (None, nothing.status)


def test_a_label_loses_what_is_struck_out_raised_or_hidden() -> None:
    label = par("行政", run("处罚", STRUCK), "许可", run("1", RAISED), run("（旧）", HIDDEN))
    assert read(docx(row=word_row(label, par("21574")))).value == N


def test_what_the_documents_defaults_hide_is_hidden() -> None:
    """The labels are set larger again, so that the cell alone is as small as the defaults say."""
    defaults = '<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="2"/></w:rPr></w:rPrDefault></w:docDefaults>'
    parts = docx_parts(par(run("21574", '<w:sz w:val="2"/>')), styles=defaults)
    text = parts["word/document.xml"].replace("<w:rPr></w:rPr>", '<w:rPr><w:sz w:val="24"/></w:rPr>')
    found = read(packed(parts | {"word/document.xml": text.replace('<w:rPr><w:sz w:val="2"/></w:rPr>', "")}))
    assert (found.value, found.status) == (None, "blank")


def test_what_a_tables_style_hides_is_hidden_unless_a_paragraphs_style_turns_it() -> None:
    styles = styled("table", "T", f"<w:rPr>{STRUCK}</w:rPr>") + styled("paragraph", "X", f"<w:rPr>{STRUCK}</w:rPr>")
    cells = "".join(
        f"<w:tc>{p}</w:tc>" for p in (par("规章"), par("7", properties=CHOSEN["paragraph"]), par(run("8", '<w:strike w:val="0"/>')))
    )
    extra = f'<w:tbl><w:tblPr><w:tblStyle w:val="T"/></w:tblPr><w:tr>{cells}</w:tr></w:tbl>'
    assert [c.text for c in read_document(docx("21574", after=extra, styles=styles)).rows[-1].cells] == ["", "7", "8"]


def test_what_one_part_of_a_tables_style_hides_may_be_hidden() -> None:
    part = f'<w:tblStylePr w:type="lastRow"><w:rPr>{HIDDEN}</w:rPr></w:tblStylePr>'
    extra = f'<w:tbl><w:tblPr><w:tblStyle w:val="T"/></w:tblPr><w:tr><w:tc>{par("规章")}</w:tc><w:tc>{par("7")}</w:tc></w:tr></w:tbl>'
    (_, cell) = read_document(docx("21574", after=extra, styles=styled("table", "T", part))).rows[-1].cells
    assert (cell.text, cell.alternatives) == ("7", ("",))


LIST = """<w:numbering xmlns:w="{}"><w:abstractNum w:abstractNumId="0"><w:lvl><w:numFmt w:val="decimal"/>{}<w:lvlText w:val="{}"/></w:lvl>
</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""
LISTED = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
NUMBERS: dict[str, tuple[str, str, str, float | None, set[float | None]]] = {
    "before a number": ("", "%1.", "21574", N, set()),
    "that touches a number": ('<w:suff w:val="nothing"/>', "%1", "21574", None, {N, 121574.0}),
    "alone": ("", "%1", "", None, {None, 1.0}),
    "in words, alone": ("", "第%1条", "", None, set()),
}  # fmt: skip


@pytest.mark.parametrize("kind", NUMBERS)
def test_the_number_of_a_list_is_the_cells_only_where_it_may_be_read_so(kind: str) -> None:
    suffix, label, text, number, candidates = NUMBERS[kind]
    parts = docx_parts(par(text, properties=LISTED))
    found = read(packed(parts | {"word/numbering.xml": LIST.format(W, suffix, label)}))
    assert (found.value, set(found.candidates)) == (number, candidates)


def test_white_heads_on_a_shade_of_the_tables_style_are_still_heads() -> None:
    row = word_row(par(run("行政许可", WHITE)), par("21574"))
    assert read(docx(row=row, table='<w:tblStyle w:val="T"/>', styles=FANCY)).value == N


def test_a_field_around_paragraphs_hides_only_its_code() -> None:
    before = par(mark("begin") + code("TOC") + mark("separate") + run("目录")) + par("第一页" + "", mark("end"))
    assert read(docx("21574", before=before)).value == N


def test_a_field_that_is_never_closed_costs_no_cell() -> None:
    assert read(docx("21574", before=par(mark("begin") + code("TOC")))).value == N


# What opens in Word, by how its parts are called and kept.
def strict(parts: dict[str, str]) -> dict[str, str]:
    texts = dict(parts)
    for old, new in STRICT.items():
        texts = {n: t.replace(old, new) for n, t in texts.items()}
    return texts


def moved(parts: dict[str, str], name: str, target: str = "") -> dict[str, str]:
    """Call the main part otherwise."""
    main = "word/document.xml"
    return {name if n == main else n: t.replace(main, target or name) for n, t in parts.items()}


OTHER_NAMES = {
    "document2": lambda p: moved(p, "word/document2.xml"),
    "another folder": lambda p: moved(p, "报告/正文.xml", "/报告/正文.xml"),
    "quoted": lambda p: moved(p, "w/a b.xml", "w/a%20b.xml"),
    "backslashes": lambda p: {n.replace("/", "\\"): t for n, t in p.items()},
    "backslashes in relations": lambda p: moved(p, "word/document.xml", "word\\document.xml"),
    "capitals": lambda p: {n.upper(): t for n, t in p.items()},
    "strict": strict,
    "no relations": lambda p: {n: t for n, t in p.items() if not n.endswith(".rels")},
    "relations that lead nowhere": lambda p: p | {"_rels/.rels": relations(officeDocument="gone.xml")},
}  # fmt: skip


@pytest.mark.parametrize("how", OTHER_NAMES)
def test_what_word_opens_is_opened(how: str) -> None:
    assert read(packed(OTHER_NAMES[how](docx_parts(par("21574", run("9", HIDDEN)))))).value == N


def test_styles_of_another_name_are_found_through_the_relations() -> None:
    parts = docx_parts(par("21574", run("9", CHOSEN["character"])), styles=styled("character", "X", f"<w:rPr>{HIDDEN}</w:rPr>"))
    parts["word/styles7.xml"] = parts.pop("word/styles.xml")
    assert read(packed(parts | {"word/_rels/document.xml.rels": relations(styles="styles7.xml")})).value == N


CELL_ROW = "<w:tr><w:tc><w:p/></w:tc></w:tr>"
MERGED = "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>"
WIDE = '<w:gridSpan w:val="9999"/>'
TOO_MUCH = {
    "rows": (f"<w:tbl>{'<w:tr><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr>' * 60_000}</w:tbl>", "50,000 rows"),
    "tags": (f"<w:tbl>{CELL_ROW * 400_000}</w:tbl>", "2,000,000 tags"),
    "columns": (f"<w:tbl><w:tr>{MERGED * 100_000}</w:tr></w:tbl>", "1,000 columns"),
    "wide columns": (f"<w:tbl><w:tr>{MERGED.replace('<w:vMerge/>', WIDE) * 9}</w:tr></w:tbl>", "1,000 columns"),
    "bytes": (par("1" * 70_000_000), "60,000,000 bytes"),
    "a web page inside": (f'<w:altChunk xmlns:r="{R}" r:id="a"/>', "a web page (.altChunk.); what to do: open it in Word"),
}  # fmt: skip


@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_no_report_is_is_refused_by_name(what: str) -> None:
    after, said = TOO_MUCH[what]
    with pytest.raises(ReportError, match=said):
        read_document(docx("21574", after=after))


def test_merged_cells_down_many_rows_are_read_in_no_time() -> None:
    rows = f"<w:tr>{MERGED * 60}</w:tr>" * 2000
    assert read_document(docx("21574", after=f"<w:tbl>{rows}</w:tbl>"))


@pytest.mark.parametrize("method, data", [(12, b"BZh9" + b"\0" * 40), (14, b"\0" * 60)])
def test_methods_that_office_does_not_know_are_damage(method: int, data: bytes) -> None:
    """They would raise errors of their own, or unpack to gigabytes at once."""
    made = bytearray(packed({"word/document.xml": "<w:document/>"}, 0))
    for at in (made.find(b"PK\x03\x04") + 8, made.find(b"PK\x01\x02") + 10):
        made[at] = method
    with pytest.raises(ReportError, match="damaged"):
        read_document(bytes(made))


FORM = load_form("2021")
VALUES = {f.path: float(11 + n % 7) for n, f in enumerate(FORM.fields)}
SUITE = writers.to_docx(FORM, writers.layout(FORM, VALUES))
UNSEEN = [HIDDEN, STRUCK, RAISED, WHITE, '<w:sz w:val="2"/>', '<w:color w:val="FFFFFF"/><w:i/>']


@given(st.data())
def test_unseen_characters_anywhere_change_no_value_but_to_none(data: st.DataObject) -> None:
    """Hidden, struck-out and raised digits are put anywhere into a document of the suite."""
    with zipfile.ZipFile(io.BytesIO(SUITE)) as archive:
        parts = {n: archive.read(n).decode() for n in archive.namelist()}
    text = parts["word/document.xml"]
    places = [m.start() for m in re.finditer(r"<w:r>|</w:p>", text)]
    for at in sorted(data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=9, unique=True)), reverse=True):
        extra = run(data.draw(st.sampled_from(["1", "9", "21", "0"])), data.draw(st.sampled_from(UNSEEN)))
        text = text[:at] + extra + text[at:]
    before = {r.field.path: r.value for r in read_report(SUITE).readings}
    after = {r.field.path: r.value for r in read_report(packed(parts | {"word/document.xml": text})).readings}
    assert {p: v for p, v in after.items() if v is not None and v != before[p]} == {}
