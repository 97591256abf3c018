"""What a page hides, strikes out or raises has the same answer in every format, in a cell that no sum guards."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
import test_shown_pdf
from office import (
    AT,
    CELL,
    N,
    docx,
    dressed,
    font,
    number_cell,
    packed,
    par,
    relations,
    rich_cell,
    text_cell,
    word_row,
    xls,
    xlsx,
    xlsx_parts,
)
from office import run as word
from pdfs import Overlay, overlaid
from test_shown_docx import HIDDEN
from test_shown_docx import RAISED as SET_HIGH
from test_shown_docx import STRUCK as DELETED
from test_shown_docx import WHITE as PALE
from test_shown_html import ROW, page
from test_shown_pdf import box, line, number
from test_shown_xlsx import RAISED, STRUCK, WHITE, inline, run

from gongkai import read_report


def pdf(*marks: str) -> bytes:
    return overlaid(test_shown_pdf.page(), Overlay("".join(marks)))


def cell(*runs: str) -> bytes:
    return xlsx(**inline(*runs))


def old(text: str, at: int, **how: int) -> bytes:
    """Write a cell of the old format whose characters are set otherwise from one on, or wholly."""
    made = rich_cell(AT - 1, 1, text, at, 5) if at else text_cell(AT - 1, 1, text, 2)
    return xls(made, fonts=[font(**how)])  # type: ignore[arg-type]


def with_sheet(state: str) -> bytes:
    """Return a workbook in which another filled-in form stands on a sheet before the report's."""
    parts = xlsx_parts()
    links = relations(worksheet="worksheets/sheet1.xml", worksheet2="worksheets/sheet2.xml", styles="styles.xml")
    other = f'<sheets><sheet name="b" sheetId="2" state="{state}" r:id="worksheet2"/>'
    parts |= {"xl/workbook.xml": parts["xl/workbook.xml"].replace("<sheets>", other), "xl/_rels/workbook.xml.rels": links}
    return packed(parts | {"xl/worksheets/sheet2.xml": parts["xl/worksheets/sheet1.xml"].replace("21574", "9")})


SHADE = '<patternFill patternType="solid"><fgColor rgb="FFFFFFFF"/></patternFill>'
TABLE = "<tr><td>行政许可</td><td>9</td></tr>"
WORD_TABLE = f"<w:tbl>{word_row('行政许可', par('9'), '<w:hidden/>')}</w:tbl>"
Answer = tuple[float | None, str, set[float | None]]
SHOWN, EMPTY, ABSENT, EITHER = (N, "printed", set()), (None, "blank", set()), (None, "absent", set()), (None, "uncertain", {N, None})
# What is done, in each format that knows how; and what the cell then is: its value, its status, its candidates.
KINDS: dict[str, tuple[Answer, Mapping[str, Callable[[], bytes]]]] = {
    "nothing": (SHOWN, {
        "html": page, "docx": lambda: docx("21574"), "xlsx": xlsx, "xls": lambda: xls(number_cell(AT - 1, 1, N)),
        "pdf": lambda: pdf(number("21574")),
    }),
    "a hidden row": (ABSENT, {
        "html": lambda: page(row=ROW.format(cell=21574).replace("<tr", "<tr style='display:none'")),
        "docx": lambda: docx(row=word_row("行政许可", par("21574"), "<w:hidden/>")),
        "xlsx": lambda: xlsx(row='hidden="1"'),
        "xls": lambda: xls(number_cell(AT - 1, 1, N), row=0x20),
    }),
    "a row without height": (ABSENT, {
        "html": lambda: page(row=ROW.format(cell=21574).replace("<tr", "<tr style='visibility:collapse'")),
        "docx": lambda: docx(row=word_row("行政许可", par("21574"), '<w:trHeight w:val="1" w:hRule="exact"/>')),
        "xlsx": lambda: xlsx(row='ht="0" customHeight="1"'),
    }),
    "a hidden table or sheet": (SHOWN, {
        "html": lambda: page(head="", foot=f"<table hidden>{TABLE}</table>"),
        "docx": lambda: docx("21574", before=WORD_TABLE),
        "xlsx": lambda: with_sheet("veryHidden"),
    }),
    "a hidden paragraph": (SHOWN, {
        "html": lambda: page("<p hidden>9</p><p>21574</p>"),
        "docx": lambda: docx(par(word("9", HIDDEN)) + par("21574")),
        "xlsx": lambda: cell(run("9\n", WHITE), run("21574", "")),
        "pdf": lambda: pdf(number("9", 4, 12, 6, "1 g"), number("21574")),
    }),
    "hidden digits": (SHOWN, {
        "html": lambda: page("21574<span hidden>9</span>"),
        "docx": lambda: docx(par("21574", word("9", HIDDEN))),
        "pdf": lambda: pdf(number("21574"), number("9", 32, state="3 Tr")),
    }),
    "white digits": (SHOWN, {
        "html": lambda: page("21574<span style='color:#fff'>9</span>"),
        "docx": lambda: docx(par("21574", word("9", PALE))),
        "xlsx": lambda: cell(run("21574"), run("9", WHITE)),
        "xls": lambda: old("215749", 5, colour=9),
        "pdf": lambda: pdf(number("21574"), number("9", 32, state="1 g")),
    }),
    "nothing but white digits": (EMPTY, {
        "html": lambda: page("<span style='color:#fff'>21574</span>"),
        "docx": lambda: docx(par(word("21574", PALE))),
        "xlsx": lambda: xlsx(styles=dressed('<color rgb="FFFFFFFF"/>', SHADE), attributes='s="1"'),
        "xls": lambda: old("21574", 0, colour=9),
        "pdf": lambda: pdf(number("21574", state="1 g")),
    }),
    "struck digits": (SHOWN, {
        "html": lambda: page("21574<del>9</del>"),
        "docx": lambda: docx(par("21574", word("9", DELETED))),
        "xlsx": lambda: cell(run("21574"), run("9", STRUCK)),
        "xls": lambda: old("215749", 5, struck=True),
        "pdf": lambda: pdf(number("21574"), number("9", 36), line(36, 8.3, 5.6)),
    }),
    "nothing but struck digits": (EITHER, {
        "html": lambda: page("<s>21574</s>"),
        "docx": lambda: docx(par(word("21574", DELETED))),
        "xlsx": lambda: cell(run("21574", STRUCK)),
        "xls": lambda: old("21574", 0, struck=True),
        "pdf": lambda: pdf(number("21574"), line(4, 8.3, 28)),
    }),
    "a raised digit behind": (SHOWN, {
        "html": lambda: page("21574<sup>1</sup>"),
        "docx": lambda: docx(par("21574", word("1", SET_HIGH))),
        "xlsx": lambda: cell(run("21574"), run("1", RAISED)),
        "xls": lambda: old("215741", 5, raised=1),
        "pdf": lambda: pdf(number("21574"), number("1", 32, 8.3, 8.3)),
    }),
    "a raised digit before": ((None, "uncertain", {N, 121574.0}), {
        "html": lambda: page("<sup>1</sup>21574"),
        "docx": lambda: docx(par(word("1", SET_HIGH), "21574")),
        "xlsx": lambda: cell(run("1", RAISED), run("21574", "")),
        "pdf": lambda: pdf(number("1", 4, 8.3, 8.3), number("21574", 9)),
    }),
    "a number broken over lines": ((None, "uncertain", {N, 21.0, 574.0}), {
        "html": lambda: page("21<br>574"),
        "docx": lambda: docx("<w:p><w:r><w:t>21</w:t><w:br/><w:t>574</w:t></w:r></w:p>"),
        "xlsx": lambda: cell("<t>21\n574</t>"),
        "xls": lambda: xls(text_cell(AT - 1, 1, "21\n574")),
        "pdf": lambda: pdf(number("21", 4, 11, 8), number("574", 4, 1, 8)),
    }),
    "a digit in the colour of its ground": (SHOWN, {
        "html": lambda: page("21574<span style='color:#0a0;background:#0a0'>9</span>"),
        "docx": lambda: docx(par("21574", word("9", '<w:color w:val="00AA00"/><w:shd w:val="clear" w:fill="00AA00"/>'))),
        "pdf": lambda: pdf(number("21574"), box(31, 2, 12, 14, "0 0.7 0 rg"), number("9", 32, state="0 0.7 0 rg")),
    }),
}  # fmt: skip
CASES = [(kind, made) for kind, (_, ways) in KINDS.items() for made in ways]


@pytest.mark.parametrize("kind, made", CASES)
def test_every_format_gives_the_same_answer(kind: str, made: str) -> None:
    answer, ways = KINDS[kind]
    (found,) = [r for r in read_report(ways[made]()).readings if r.field.path == CELL]
    assert (found.value, found.status, set(found.candidates)) == answer
