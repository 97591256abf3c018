"""A number is what the page shows: formats, fonts, formulas, conditions and what is hidden in Excel, in a cell that no sum guards."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import (
    ABOVE,
    AT,
    BELOW,
    CELL,
    OTHERS,
    STRICT,
    TITLE,
    N,
    dressed,
    font,
    formatted,
    formula_cell,
    number_cell,
    packed,
    record,
    relations,
    rich_cell,
    text_cell,
    xls,
    xlsx,
    xlsx_parts,
)

from gongkai import ReportError, read_report
from gongkai.core.model import Reading
from gongkai.forms import load_form
from gongkai.readers import read_document
from gongkai.synthetic import writers

FEES = "disclosure/fees/amount_yuan"


def readings(data: bytes) -> dict[str, Reading]:
    return {r.field.path: r for r in read_report(data).readings}


def read(data: bytes) -> Reading:
    """Read the cell, and require that no other cell suffers."""
    found = readings(data)
    assert {path: found[path].value for path in OTHERS} == OTHERS
    return found[CELL]


def value(number: object) -> str:
    return f"<v>{number}</v>"


def inline(*runs: str) -> dict[str, str]:
    return {"cell": f"<is>{''.join(runs)}</is>", "attributes": 't="inlineStr"'}


def run(text: str, properties: str | None = None) -> str:
    return f"<r>{'' if properties is None else f'<rPr>{properties}</rPr>'}<t>{text}</t></r>"


def condition(rule: str, font_colour: str = "FFFFFFFF", code: str = "") -> dict[str, str]:
    """Write a condition on the cell, and the style that it gives."""
    look = f'<numFmt numFmtId="171" formatCode="{code}"/>' if code else f'<font><color rgb="{font_colour}"/></font>'
    styles = f"{formatted('0')}<dxfs><dxf>{look}</dxf></dxfs>"
    return {"styles": styles, "sheet": f'<conditionalFormatting sqref="B1 B{AT}:C{AT}">{rule}</conditionalFormatting>'}


def box(text: str, more: str = "") -> dict[str, str]:
    """Return the parts of a sheet on whose cell lies a text box."""
    drawn = f"<sp><nvSpPr><cNvPr {more}/></nvSpPr><txBody><p><r><t>{text}</t></r></p></txBody></sp>" if text else "<pic/>"
    return {
        "xl/drawings/drawing1.xml": f"<wsDr><twoCellAnchor><from><col>1</col><row>{AT - 1}</row></from>{drawn}</twoCellAnchor></wsDr>",
        "xl/worksheets/_rels/sheet1.xml.rels": relations(drawing="../drawings/drawing1.xml"),
    }


def newer(rule: str) -> str:
    """Write a condition on the cell as versions of Excel since 2010 do."""
    inner = f"<x:conditionalFormatting>{rule}<x:sqref>B{AT}</x:sqref></x:conditionalFormatting>"
    return f"<extLst xmlns:x='x'><ext><x:conditionalFormattings>{inner}</x:conditionalFormattings></ext></extLst>"


STRUCK, RAISED, WHITE = "<strike/>", '<vertAlign val="superscript"/>', '<color rgb="FFFFFFFF"/>'
SOLID = '<patternFill patternType="solid"><fgColor rgb="{}"/></patternFill>'
CALC, PART = '<calcPr fullCalcOnLoad="1"/>', '<calcPr calcCompleted="0"/>'
S1 = 's="1"'
# The cell and its workbook; the page shows 21574.
SHOWN: dict[str, dict[str, str]] = {
    "plain": {},
    "text": {"cell": value("21574"), "attributes": 't="str"'},
    "text of all sheets": {"cell": value(0), "attributes": 't="s"', "strings": "<si><t>21574</t></si>"},
    "raised": inline(run("21574"), run("1", RAISED)),
    "lowered": inline(run("21574"), run("1", '<vertAlign val="subscript"/>')),
    "struck": inline(run("21547", STRUCK), run("21574", "")),
    "struck, off": inline(run("21574", '<strike val="0"/>')),
    "struck, of all sheets": {
        "cell": value(1), "attributes": 't="s"', "strings": f"<si><t>9</t></si><si>{run('21', STRUCK)}{run('21574', '')}</si>",
    },
    "white": inline(run("21574"), run("9", WHITE)),
    "white of the theme": inline(run("21574"), run("9", '<color theme="0"/>')),
    "white by number": inline(run("21574"), run("9", '<color indexed="9"/>')),
    "in the colour of its cell": inline(run("21574"), run("9", '<color rgb="FF00B050"/>'))
    | {"styles": dressed(fill=SOLID.format("FF00B050")), "attributes": 't="inlineStr" s="1"'},
    "white on a dark cell": {"styles": dressed(WHITE, SOLID.format("FF1F3864")), "attributes": S1},
    "struck in a cell that is not": inline(run("9", STRUCK), run("21574")),
    "of one point": inline(run("21574"), run("9", '<sz val="1"/>')),
    "pronounced": inline("<t>21574</t>", '<rPh sb="0" eb="1"><t>2</t></rPh>'),
    "escaped": inline("<t>21574_x000D_</t>"),
    "with its unit": {"styles": formatted('0"件"'), "attributes": S1},
    "in thousands": {"styles": formatted("#,##0"), "attributes": S1},
    "rounded": {"cell": value(21573.6), "styles": formatted("0"), "attributes": S1},
    "scaled": {"cell": value(21574000), "styles": formatted("0,"), "attributes": S1},
    "accounts": {"styles": formatted('_ * #,##0_ ;_ * -#,##0_ ;_ * "-"??_ ;_ @_ '), "attributes": S1},
    "white by its format, on a dark cell": {
        "styles": dressed(fill=SOLID.format("FF1F3864")).replace('numFmtId="0" fontId', 'numFmtId="170" fontId').replace(
            "<fonts>", '<numFmts><numFmt numFmtId="170" formatCode="[White]0"/></numFmts><fonts>', 1
        ),
        "attributes": S1,
    },
    "in two colours": {"styles": formatted("[Red]0;[Blue]-0"), "attributes": S1},
    "by size": {"styles": formatted('[<100]"少";[>=100]0'), "attributes": S1},
    "with the local word for general": {"styles": formatted('G/通用格式"件"'), "attributes": S1},
    "in a text's format": {"styles": formatted("@"), "attributes": S1},
    "formula": {"cell": "<f>SUM(B1:B2)</f><v>21574</v>"},
    "formula of a writer": {"cell": "<f>SUM(B1:B2)</f><v>21574</v>", "calc": CALC},
    "merged": {"sheet": f'<mergeCells><mergeCell ref="B{AT}:D{AT}"/></mergeCells>'},
    "merged over all": {"sheet": f'<mergeCells><mergeCell ref="B{AT}:XFD1048576"/></mergeCells>'.replace("XFD1048576", f"D{AT}")},
    "a formatted cell in the last row": {"sheet": '<sheetData><row r="1048576"><c r="B1048576" s="0"/></row></sheetData>'},
    "condition that does not hold": condition('<cfRule type="cellIs" operator="equal" dxfId="0"><formula>0</formula></cfRule>'),
    "condition that shows": condition('<cfRule type="expression" dxfId="0"><formula>A1</formula></cfRule>', "FFFF0000"),
    "a row of its own height": {"row": 'ht="30" customHeight="1"'},
    "in a wide column": {"head": '<cols><col min="2" max="2" width="20"/></cols>'},
}  # fmt: skip


@pytest.mark.parametrize("kind", SHOWN)
def test_a_cell_is_what_it_shows(kind: str) -> None:
    found = read(xlsx(**SHOWN[kind]))
    assert (found.value, found.status) == (N, "printed")


MORE_THAN_9 = '<cfRule type="cellIs" operator="greaterThan" dxfId="0"><formula>9</formula></cfRule>'
# The cell, and what it may mean; None is an empty cell.
OPEN: dict[str, tuple[dict[str, str], set[float | None]]] = {
    "as a day": ({"styles": formatted('yyyy"年"m"月"d"日"'), "attributes": S1}, {N}),
    "as a year": ({"styles": formatted("yyyy"), "attributes": S1}, {N, 1959.0}),
    "as a time": ({"styles": formatted("[h]:mm"), "attributes": S1}, {N}),
    "as a power": ({"styles": formatted("0.00E+00"), "attributes": S1}, {N}),
    "raised before": (inline(run("1", RAISED), run("21574", "")), {121574.0, N}),
    "struck alone": ({"styles": dressed(STRUCK), "attributes": S1}, {N, None}),
    "lines": (inline("<t>21\n574</t>"), {N, 21.0, 574.0}),
    "hardly seen": (inline(run("2157"), run("4", '<color rgb="FFEAEAEA"/>')), {N, 2157.0}),
    "white on two colours": (
        {"styles": dressed(WHITE, '<patternFill patternType="gray125"/>'), "attributes": S1}, {N, None},
    ),
    "white in a list with stripes": (
        {"styles": dressed(WHITE), "attributes": S1, "sheet": '<tableParts><tablePart/></tableParts>'}, {N, None},
    ),
    "condition that cannot be told": (condition('<cfRule type="expression" dxfId="0"><formula>A1</formula></cfRule>'), {N, None}),
    "sign alone, of newer versions": ({"sheet": newer('<x:cfRule type="iconSet"><x:iconSet showValue="0"/></x:cfRule>')}, {N, None}),
    "condition of newer versions": (
        {"sheet": newer('<x:cfRule type="expression"><x:dxf><x:font><x:color rgb="FFFFFFFF"/></x:font></x:dxf></x:cfRule>')}, {N, None},
    ),
    "struck by a condition": (
        condition(MORE_THAN_9) | {"styles": formatted("0") + "<dxfs><dxf><font><strike/></font></dxf></dxfs>"}, {N, None},
    ),
    "ink that is nowhere set, on a dark cell": ({"styles": dressed(fill=SOLID.format("FF101010")), "attributes": S1}, {N, None}),
    "bar alone": (condition('<cfRule type="dataBar"><dataBar showValue="0"/></cfRule>'), {N, None}),
    "0 that was never calculated": ({"cell": "<f>COUNTA(B1:B2)</f><v>0</v>", "calc": CALC}, {0.0}),
    "0 where not all was calculated": ({"cell": "<f>COUNTA(B1:B2)</f><v>0</v>", "calc": PART}, {0.0}),
    "0 of a sum that is none": ({"cell": "<f>SUM(B1:B9)</f><v>0</v>"}, {0.0}),
    "0 of numbers": ({"cell": "<f>SUM(10000,11574)</f><v>0</v>"}, {0.0}),
    "0 of another cell": ({"cell": "<f>D5+$B$6</f><v>0</v>"}, {0.0}),
}  # fmt: skip


@pytest.mark.parametrize("kind", OPEN)
def test_what_cannot_be_told_is_uncertain_with_its_candidates(kind: str) -> None:
    parts, candidates = OPEN[kind]
    found = read(xlsx(**parts))
    assert (found.value, found.status, set(found.candidates)) == (None, "uncertain", candidates)


# The cell, and the status and text that it has.
NO_NUMBER: dict[str, tuple[dict[str, str], str, str]] = {
    "never calculated": ({"cell": "<f>SUM(10000,11574)</f>"}, "unreadable", "=SUM(10000,11574)"),
    "never calculated, empty value": ({"cell": "<f>SUM(B1:B2)</f><v></v>"}, "unreadable", "=SUM(B1:B2)"),
    "error": ({"cell": "<f>A1/0</f><v>#REF!</v>", "attributes": 't="e"'}, "unreadable", "#REF!"),
    "truth": ({"cell": value(1), "attributes": 't="b"'}, "unreadable", "TRUE"),
    "percent": ({"cell": value(0.5), "styles": formatted("0%"), "attributes": S1}, "unreadable", "50%"),
    "no such day": ({"cell": value(1e30), "styles": formatted("yyyy-mm-dd"), "attributes": S1}, "unreadable", "#########"),
    "hidden by its format": ({"styles": formatted(";;;"), "attributes": S1}, "blank", ""),
    "text hidden by its format": (inline("<t>21574</t>") | {"styles": formatted(";;;"), "attributes": 't="inlineStr" s="1"'}, "blank", ""),
    "zero hidden by its format": ({"cell": value(0), "styles": formatted("0;-0;"), "attributes": S1}, "blank", ""),
    "zeros hidden in the sheet": ({"cell": value(0), "head": '<sheetViews><sheetView showZeros="0"/></sheetViews>'}, "blank", ""),
    "all white": ({"styles": dressed(WHITE), "attributes": S1}, "blank", ""),
    "in the colour of its cell": ({"styles": dressed('<color rgb="FF00B050"/>', SOLID.format("FF00B050")), "attributes": S1}, "blank", ""),
    "hidden by a condition": (condition(MORE_THAN_9), "blank", ""),
    "hidden by a condition's format": (
        condition(MORE_THAN_9, code=";;;"), "blank", "",
    ),
    "white by its format": ({"styles": formatted("[White]0"), "attributes": S1}, "blank", ""),
    "white by the number of a colour": ({"styles": formatted("[Color 2]0"), "attributes": S1}, "blank", ""),
    "rounded by a condition": (condition(MORE_THAN_9, code="0%"), "unreadable", "2157400%"),
    "all of one point": ({"styles": dressed('<sz val="1"/>'), "attributes": S1}, "blank", ""),
    "text that a formula leaves empty": ({"cell": '<f>IF(1,"")</f><v></v>', "attributes": 't="str"'}, "blank", ""),
    "a dash for zero": ({"cell": value(0), "styles": formatted('0;-0;"—"'), "attributes": S1}, "mark", "—"),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_NUMBER)
def test_a_cell_without_a_number_says_what_it_shows(kind: str) -> None:
    parts, status, printed = NO_NUMBER[kind]
    found = read(xlsx(**parts))
    assert (found.value, found.status, found.printed) == (None, status, printed)


@pytest.mark.parametrize("calc", ["", CALC])
def test_a_calculated_zero_is_a_zero(calc: str) -> None:
    """Sums of nothing but zeros are believed, whoever wrote them."""
    found = read(xlsx("<f>SUM(C1:D9)+C10</f><v>0</v>".replace("C1:D9", "C8:C9"), calc=calc))
    assert (found.value, found.status) == (0.0, "printed")


FORMATS = {
    "words for ten thousand": (12_345_000, '0!.0,"万元"', 12_345_000.0),
    "unit behind": (1234.5, '0.00"万元"', 12_345_000.0),
    "scaled, under the head's unit": (1_234_500, "0.0,", 12_345_000.0),
    "yuan": (12_345_000, '#,##0"元"', 12_345_000.0),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_an_amount_is_in_the_unit_that_is_shown(kind: str) -> None:
    number, code, yuan = FORMATS[kind]
    parts = xlsx_parts(styles=formatted(code))
    sheet = parts["xl/worksheets/sheet1.xml"].replace("><v>1234.5</v>", f' s="1"><v>{number}</v>')
    assert readings(packed(parts | {"xl/worksheets/sheet1.xml": sheet}))[FEES].value == yuan


def test_a_text_box_is_the_text_of_the_cell_below_it() -> None:
    empty = xlsx_parts(cell="")
    assert read(packed(empty | box("21574"))).value == N
    assert read(packed(xlsx_parts() | box("9", 'hidden="1"'))).value == N
    assert set(read(packed(xlsx_parts() | box("9"))).candidates) == {N, 9.0}
    assert read(packed(empty | box(""))).status == "uncertain"


HIDE = {"hidden": 'hidden="1"', "flat": 'ht="0" customHeight="1"', "folded": 'hidden="1" outlineLevel="1"', "true": 'hidden="true"'}


@pytest.mark.parametrize("how", HIDE)
def test_a_hidden_row_is_as_if_it_were_not_there(how: str) -> None:
    alone = read(xlsx(row=HIDE[how]))
    nothing = readings(packed({n: t.replace("行政许可", "") for n, t in xlsx_parts(cell="").items()}))[CELL]
    assert (alone.value, alone.status) == (None, nothing.status)


@pytest.mark.parametrize("how", ['hidden="1"', 'width="0" customWidth="1"'])
def test_a_hidden_column_is_as_if_it_were_not_there(how: str) -> None:
    parts = xlsx_parts(head=f'<cols><col min="3" max="3" {how}/></cols>')
    sheet = parts["xl/worksheets/sheet1.xml"].replace(f'<c r="B{AT}" >', f'<c r="C{AT}"><v>9</v></c><c r="B{AT}">')
    rows = read_document(packed(parts | {"xl/worksheets/sheet1.xml": sheet})).rows
    assert all(c.x0 != 2 for row in rows for c in row.cells)


def test_what_is_merged_over_a_hidden_row_is_still_shown() -> None:
    merge = f'<mergeCells><mergeCell ref="A{AT - 1}:A{AT}"/></mergeCells>'
    parts = xlsx_parts(sheet=merge)
    sheet = parts["xl/worksheets/sheet1.xml"].replace(f'<row r="{AT - 1}" >', f'<row r="{AT - 1}" hidden="1">')
    found = read_document(packed(parts | {"xl/worksheets/sheet1.xml": sheet})).rows
    assert [c.text for row in found if row.where.endswith(f"r{AT} c1") for c in row.cells][:2] == ["信息内容", "21574"]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_as_if_it_were_not_there(state: str) -> None:
    parts = xlsx_parts()
    old = f'<sheet name="b" sheetId="2" state="{state}" r:id="worksheet2"/>'
    copy = parts["xl/worksheets/sheet1.xml"].replace("21574", "9").replace("2022", "2021")
    links = relations(worksheet="worksheets/sheet1.xml", worksheet2="worksheets/sheet2.xml", styles="styles.xml")
    parts |= {"xl/workbook.xml": parts["xl/workbook.xml"].replace("<sheets>", "<sheets>" + old)}
    assert read(packed(parts | {"xl/worksheets/sheet2.xml": copy, "xl/_rels/workbook.xml.rels": links})).value == N


def renamed(parts: dict[str, str], old: str, new: str) -> dict[str, str]:
    return {n.replace(old, new): t.replace(old, new) for n, t in parts.items()}


def strict(parts: dict[str, str]) -> dict[str, str]:
    for old, new in STRICT.items():
        parts = {n: t.replace(old, new) for n, t in parts.items()}
    return parts


OTHER_NAMES = {
    "workbook2": lambda p: renamed(p, "workbook.xml", "workbook2.xml"),
    "backslashes": lambda p: {n.replace("/", "\\"): t for n, t in p.items()},
    "capitals": lambda p: {n.upper(): t for n, t in p.items()},
    "strict": strict,
    "absolute targets": lambda p: {n: t.replace('Target="worksheets/', 'Target="/xl/worksheets/') for n, t in p.items()},
    "backslashes in targets": lambda p: {n: t.replace('Target="worksheets/', 'Target="worksheets\\') for n, t in p.items()},
    "single quotes": lambda p: {n: t.replace('"', "'") for n, t in p.items() if "styles" not in n},
    "cells without names": lambda p: {n: t.replace(f'<c r="B{AT}" >', "<c>") for n, t in p.items()},
}  # fmt: skip


@pytest.mark.parametrize("how", OTHER_NAMES)
def test_what_excel_opens_is_opened(how: str) -> None:
    assert read(packed(OTHER_NAMES[how](xlsx_parts()))).value == N


FAR = '<row r="{r}"><c r="{c}{r}"><v>1</v></c></row>'
TOO_MUCH = {
    "a far corner": (FAR.format(r=1_048_576, c="XFD"), "", "500,000 cells"),
    "a far corner in single quotes": (FAR.format(r=1_048_576, c="XFD").replace('"', "'"), "", "500,000 cells"),
    "rows": ("".join(FAR.format(r=r, c="A") for r in range(100, 60_200)), "", "50,000 rows"),
    "tags": ("<row><c><v>1</v></c></row>" * 400_000, "", "2,000,000 tags"),
    "characters": ('<row><c t="s"><v>0</v></c></row>' * 5000, "1" * 32_000, "20,000,000 characters"),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_no_report_is_is_refused_by_name(what: str) -> None:
    rows, string, said = TOO_MUCH[what]
    parts = xlsx_parts(strings=f"<si><t>{string}</t></si>")
    sheet = parts["xl/worksheets/sheet1.xml"].replace("</sheetData>", rows + "</sheetData>")
    with pytest.raises(ReportError, match=said):
        read_document(packed(parts | {"xl/worksheets/sheet1.xml": sheet}))


def test_many_merged_cells_are_refused_by_name() -> None:
    merges = "".join(f'<mergeCell ref="A{r}:B{r}"/>' for r in range(1, 30_000))
    with pytest.raises(ReportError, match="20,000 merged cells"):
        read_document(xlsx(sheet=f"<mergeCells>{merges}</mergeCells>"))


def test_a_day_that_no_calendar_has_costs_nothing_else() -> None:
    """A library for dates ended the whole process at one; here it is a cell that shows signs for being too wide."""
    for number in ("1e300", "-1e300", "-1", "2958466", "99999999999"):
        assert read(xlsx(value(number), S1, styles=formatted("yyyy-mm-dd"))).value is None


# The old format: the cell and its workbook, and what it shows.
TEXT = struct.pack("<BxxxxxH", 3, 0xFFFF)
OLD_SHOWN = {
    "plain": {"cell": number_cell(AT - 1, 1, N)},
    "text": {"cell": text_cell(AT - 1, 1, "21574")},
    "with its unit": {"cell": number_cell(AT - 1, 1, N, 1), "code": '0"件"'},
    "scaled": {"cell": number_cell(AT - 1, 1, 21_574_000.0, 1), "code": "0,"},
    "raised": {"cell": rich_cell(AT - 1, 1, "215741", 5, 5), "fonts": [font(raised=1)]},
    "struck": {"cell": rich_cell(AT - 1, 1, "215749", 5, 5), "fonts": [font(struck=True)]},
    "white": {"cell": rich_cell(AT - 1, 1, "215749", 5, 5), "fonts": [font(colour=9)]},
    "formula": {"cell": formula_cell(AT - 1, 1, struct.pack("<d", N))},
}
OLD_NONE = {
    "hidden by its format": ({"cell": number_cell(AT - 1, 1, N, 1), "code": ";;;"}, "blank"),
    "all white": ({"cell": number_cell(AT - 1, 1, N, 2), "fonts": [font(colour=9)]}, "blank"),
    "as a day": ({"cell": number_cell(AT - 1, 1, N, 1), "code": "yyyy-mm-dd"}, "uncertain"),
    "never calculated": ({"cell": formula_cell(AT - 1, 1, TEXT)}, "uncertain"),
    "0 that was never calculated": (
        {"cell": formula_cell(AT - 1, 1, struct.pack("<d", 0.0)), "extra": record(0x5E, b"\0\0")}, "uncertain",
    ),
    "error": ({"cell": record(0x0205, struct.pack("<HHHBB", AT - 1, 1, 0, 0x17, 1))}, "unreadable"),
    "truth": ({"cell": record(0x0205, struct.pack("<HHHBB", AT - 1, 1, 0, 1, 0))}, "unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("kind", OLD_SHOWN)
def test_a_cell_of_the_old_format_is_what_it_shows(kind: str) -> None:
    found = read(xls(**OLD_SHOWN[kind]))  # type: ignore[arg-type]
    assert (found.value, found.status) == (N, "printed")


@pytest.mark.parametrize("kind", OLD_NONE)
def test_a_cell_of_the_old_format_without_a_number_says_why(kind: str) -> None:
    parts, status = OLD_NONE[kind]
    found = read(xls(**parts))  # type: ignore[arg-type]
    assert (found.value, found.status) == (None, status)


OLD_CELLS = [(r, c, t) for r, line in enumerate([*ABOVE, [], *BELOW], len(TITLE)) for c, t in enumerate(line) if t.isdigit()]
OLD_UNSEEN = {"struck": font(struck=True), "raised": font(raised=1), "white": font(colour=9)}


@given(st.lists(st.sampled_from(OLD_CELLS), min_size=1, max_size=6, unique=True), st.sampled_from(["1", "9", "21"]), st.data())
def test_unseen_characters_of_the_old_format_change_no_value(cells: list[tuple[int, int, str]], more: str, data: st.DataObject) -> None:
    """Struck-out, raised and white digits are put behind numbers of a workbook of the old format."""
    made = {(r, c): rich_cell(r, c, text + more, len(text), 5) for r, c, text in cells}
    changed = xls(number_cell(AT - 1, 1, N), fonts=[OLD_UNSEEN[data.draw(st.sampled_from(sorted(OLD_UNSEEN)))]], instead=made)
    assert read(changed).value == N


def test_a_calculated_zero_of_the_old_format_is_a_zero() -> None:
    assert read(xls(formula_cell(AT - 1, 1, struct.pack("<d", 0.0)))).value == 0.0


def test_rows_columns_and_sheets_that_the_old_format_hides_are_not_there() -> None:
    cell = number_cell(AT - 1, 1, N)
    assert read(xls(cell, row=0x20)).value is None
    column = record(0x7D, struct.pack("<HHHHHH", 2, 2, 2000, 0, 1, 0))
    rows = read_document(xls(cell + number_cell(AT - 1, 2, 9.0), extra=column)).rows
    assert all(c.x0 != 2 for row in rows for c in row.cells)
    with pytest.raises(ReportError, match="without content"):
        read_document(xls(cell, visible=1))


def test_a_far_corner_of_the_old_format_is_refused_by_name() -> None:
    with pytest.raises(ReportError, match="500,000 cells"):
        read_document(xls(number_cell(65_535, 255, 1.0)))


@given(st.data())
def test_a_broken_workbook_ends_in_a_report_or_a_report_error(data: st.DataObject) -> None:
    """Whatever bytes are changed, nothing else escapes: no error of a library, no panic."""
    made = bytearray(data.draw(st.sampled_from([xls(number_cell(AT - 1, 1, N)), xlsx()])))
    for at in data.draw(st.lists(st.integers(0, len(made) - 1), max_size=6)):
        made[at] = data.draw(st.integers(0, 255))
    with suppress(ReportError):
        read_document(bytes(made))


FORM = load_form("2021")
VALUES = {f.path: float(11 + n % 7) for n, f in enumerate(FORM.fields)}
SUITE = writers.to_xlsx(FORM, writers.layout(FORM, VALUES))
UNSEEN = [STRUCK, RAISED, WHITE]
# What stands in the suite's workbook as a number.
NUMBER = re.compile(r'<c r="([A-Z]+\d+)" s="(\d+)"><v>(\d+)</v></c>')


@given(st.data())
def test_unseen_characters_anywhere_change_no_value_but_to_none(data: st.DataObject) -> None:
    """Struck-out, raised and white digits are put beside numbers of a workbook of the suite; rows are hidden."""
    with zipfile.ZipFile(io.BytesIO(SUITE)) as archive:
        parts = {n: archive.read(n).decode() for n in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    text = parts[name]
    cells = list(NUMBER.finditer(text))
    chosen = data.draw(st.lists(st.sampled_from(range(len(cells))), min_size=1, max_size=9, unique=True))
    for found in (cells[i] for i in sorted(chosen, reverse=True)):
        shown, unseen = run(found[3]), run(data.draw(st.sampled_from(["1", "9", "21"])), data.draw(st.sampled_from(UNSEEN)))
        runs = shown + unseen if data.draw(st.booleans()) else unseen + shown
        new = f'<c r="{found[1]}" s="{found[2]}" t="inlineStr"><is>{runs}</is></c>'
        text = text[: found.start()] + new + text[found.end() :]
    for row in data.draw(st.lists(st.sampled_from(range(5, 40)), max_size=2)):
        text = text.replace(f'<row r="{row}"', f'<row hidden="1" r="{row}"', 1)
    before, after = readings(SUITE), readings(packed(parts | {name: text}))
    assert {p: r.value for p, r in after.items() if r.value is not None and r.value != before[p].value} == {}
