"""Numbers as text: exactly what is printed comes back, wherever a value is shown, explained, cited, exported or audited."""

from __future__ import annotations

import ast
import csv
from decimal import Decimal
from pathlib import Path

import handmade
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gongkai
from gongkai.core.messages import number_text
from gongkai.core.model import Reading
from gongkai.core.text import read_as_printed, read_number
from gongkai.corpus.audit import draw, judge
from gongkai.corpus.audit.sheet import read_sheet, write_sheet
from gongkai.corpus.codebook import codebook
from gongkai.corpus.export import export
from gongkai.extract.lists.kinds import units
from gongkai.forms import load_form
from gongkai.report.view import form_html, form_text, table_frame, value_text

PACKAGE = Path(gongkai.__file__).parent
FEES = "disclosure/fees/amount_yuan"
LIST = (
    "沁县2016年政府信息公开工作年度报告\n附表\n统计指标\t单位\t统计数\n收到申请数\t件\t9\n"
    "依申请公开信息收取的费用\t万元\t{}\n政府信息公开专项经费\t万元\t1\n"
)


@st.composite
def printed(draw, digits=9):
    """A number as it is printed, to six decimals, and as it is shown: without the zeros that end its decimals."""
    whole, decimals = draw(st.integers(0, 10**digits - 1)), draw(st.text("0123456789", max_size=6))
    bare = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole), f"{whole}.{bare}" if bare else str(whole)


@given(printed(24))
def test_a_decimal_of_any_size_is_shown_back_exactly(number):
    text, plain = number
    assert number_text(Decimal(text)) == plain and number_text(-Decimal(text)) == (f"-{plain}" if Decimal(text) else "0")


@given(printed())
def test_a_printed_number_is_shown_back_exactly_in_a_list_and_in_the_form(number):
    text, plain = number
    assert number_text(float(text)) == plain
    assert number_text(read_as_printed(text, units(), whole=False).value) == plain
    fees = load_form("2021")
    field = next(f for f in fees.fields if f.path == FEES)
    for unit in ("元", "万元", "亿元"):
        yuan = read_number(text + unit, "yuan").value
        assert value_text(Reading(field, yuan, "printed"), "zh", f"金额（{unit}）") == f"{plain} {unit}"
        assert Decimal(number_text(yuan)) == Decimal(text) * {"元": 1, "万元": 10**4, "亿元": 10**8}[unit]


@pytest.mark.parametrize(
    "value, text",
    [
        (0.1 + 0.2, "0.3"), (1234.56 * 10000, "12345600"), (29.999999999999996, "30"), (1.1 * 3, "3.3"), (-0.0, "0"), (1e-7, "0.0000001"),
        (1e16, "10000000000000000"), (1e22, "10000000000000000000000"), (123456789.123456, "123456789.123456"), (0.001, "0.001"),
        (3, "3"), (Decimal("1E+3"), "1000"), (Decimal("0.10"), "0.1"),
    ],
)  # fmt: skip
def test_a_number_is_shown_without_noise_without_exponent_and_without_loss(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize("text", ["123456789012.123456", "0.1234567890123456789", "9007199254740993"])
def test_what_no_float_holds_is_no_value(text):
    assert read_as_printed(text, units(), whole=False).status == "unreadable"
    assert read_number(text + "元", "yuan").status == "unreadable"


@pytest.mark.parametrize("text", ["0.001", "0.125", "1472.57", "12345678.000001"])
def test_an_amount_of_a_list_is_shown_explained_cited_and_exported_as_printed(text, tmp_path):
    report = gongkai.read_report(LIST.format(text).encode())
    path = next(f"statistics/{item}/year" for item in report.cells["item"] if item.endswith("收取的费用"))
    assert text in [line.split()[-1] for line in form_text(report.edition, report.readings, []).splitlines() if "收取的费用" in line]
    assert f">{text}</td>" in form_html(report.edition, report.readings, [])
    assert report.explain(path, "en").splitlines()[0].endswith(f": {text}") and f": {text} (" in report.cite(path, "en").text
    export(report, "csv", tmp_path, "en")
    with open(tmp_path / "cells.csv", encoding="utf-8-sig", newline="") as file:
        assert {row["item"]: row["value"] for row in csv.DictReader(file)}[path.split("/")[1]] == text


@pytest.mark.parametrize("right, wrong", [(0.125, 0.12), (0.001, 0), (1472.57, 1472.5)])
def test_the_auditors_own_number_is_not_rounded(tmp_path, right, wrong):
    report = gongkai.read_report(LIST.format(right).encode())
    about = pd.DataFrame({"report_id": [report.report_id], "path": ["a.txt"], "format": ["text"], "form": ["statistics"]})
    key = draw(report.cells, about, 3)
    path, _ = write_sheet(key, report.cells, lambda _: report.document, tmp_path / "audit.xlsx")
    number = int(key.loc[key["item"].str.endswith("收取的费用"), "number"].iloc[0])
    for answer, outcome in ((right, "right"), (wrong, "wrong")):
        book = openpyxl.load_workbook(path)
        book["audit"].cell(number + 1, 8).value = answer
        book.save(path)
        assert list(judge(*read_sheet(path))["outcome"]) == [outcome]


# Heads and the unit that they name.
def charged(printed_amount):
    """A form of 2021 with one amount, as its cell prints it under 本年收费金额（单位：万元）."""
    form = load_form("2021")
    yuan = read_number(printed_amount, "yuan", head_unit="万元").value
    return form, [Reading(f, yuan if f.path == FEES else 0.0, "printed", printed_amount if f.path == FEES else "0") for f in form.fields]


@pytest.mark.parametrize(
    "printed_amount, wan, yuan", [("96171.6", "96171.6", "961716000"), ("0.001", "0.001", "10"), ("1元", "0.0001", "1")]
)
def test_an_amount_stands_in_the_unit_that_its_head_names(printed_amount, wan, yuan):
    form, readings = charged(printed_amount)
    page, text = form_html(form, readings, []), form_text(form, readings, [])
    assert f">{wan} 万元</td>" in page and f"{wan} 万元" in text and " 元" not in page + text
    assert f"{yuan} yuan" in form_html(form, readings, [], "en") and "(yuan)" in form_text(form, readings, [], "en")
    frame = {language: table_frame(form, readings, "disclosure", language) for language in ("zh", "en")}
    assert frame["zh"].loc["行政事业性收费", "本年收费金额（单位：万元）"] == float(wan)
    assert frame["en"].loc["Administrative charges", "Charged this year (yuan)"] == float(yuan)


def test_where_an_amount_is_told_in_yuan_its_name_says_yuan(root):
    report = gongkai.read_report(root / "data" / "raw" / "huaian-2024.docx")
    for told in (report.explain(FEES), report.cite(FEES).text, report.cite(FEES).bibtex):
        assert "本年收费金额（单位：元）" in told and "961716000 元" in told and "万元" not in told


# One function.
FORMATS = set("eEfFgG%")
# Estimates (shares, intervals, mean ranks) are rounded on purpose; they are no values of cells.
ESTIMATES = ("inference", "studies/comparison")
# What a workbook shows of a number is read by the workbook's own number formats.
SHOWN = ("readers/sheets/formats.py",)


def numbers_formatted(tree):
    """Yield the lines where a number may become text by its own rule: a format, or the integer in front of a point."""
    for node in ast.walk(tree):
        spec = ""
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            spec = "".join(str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "format" and len(node.args) == 2:
            spec = str(getattr(node.args[1], "value", ""))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(getattr(node.left, "value", None), str):
            spec = node.left.value.rstrip()
        if isinstance(node, ast.keyword) and node.arg == "float_format" and isinstance(node.value, ast.Constant):
            spec = str(node.value.value)
        whole = isinstance(node, ast.IfExp) and ast.unparse(node.body).startswith("str(int(")
        if whole or (spec and spec[-1] in FORMATS):
            yield getattr(node, "lineno", 0)


def test_nothing_else_turns_values_into_text():
    found = {
        (str(path.relative_to(PACKAGE)), line)
        for path in sorted(PACKAGE.rglob("*.py"))
        for line in numbers_formatted(ast.parse(path.read_text(encoding="utf-8")))
        if not path.relative_to(PACKAGE).as_posix().startswith((*ESTIMATES, *SHOWN))
    }
    assert {path for path, _ in found} == {"core/messages.py"} and len(found) == 2, found


@pytest.mark.parametrize(
    "code",
    ["f'{x:g}'", "f'{x:,.2f}'", "format(x, '.15g')", "'%.2f' % x", "str(int(x)) if x == int(x) else repr(x)", "f(float_format='%.15g')"],
)
def test_another_way_to_write_a_number_would_be_seen(code):
    assert list(numbers_formatted(ast.parse(code)))


def test_an_amount_in_a_correction_and_in_a_kept_table_has_all_its_digits():
    from gongkai.corpus import trace
    from gongkai.extract import corrections as curation

    assert curation._text(14725700.5) == "14725700.5"
    row = handmade.qinxian().cells.iloc[0].copy()
    row["value"] = 1472570000.5
    assert "1472570000.5" in trace._from_tables(row, gongkai.core.errors.UsageError("a", ("b", "b"), ("c", "c"), ("d", "d")), "en")


def test_an_exported_amount_is_labelled_in_the_unit_it_is_kept_in():
    book = codebook("zh").set_index("value").loc[FEES]
    assert (book["meaning"], book["unit"]) == ("行政事业性收费 · 本年收费金额（单位：元）", "yuan")
