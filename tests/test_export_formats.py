"""Every format is read back by a program that did not write it, and gives what was written."""

from __future__ import annotations

import csv
import re

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from folders import document, folder
from frames import tables
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from gongkai.cli import main
from gongkai.core.errors import TableError, UsageError
from gongkai.core.messages import say
from gongkai.core.schema import arrow_schema, frame, schemas
from gongkai.corpus.codebook import code_label, codebook, meaning, reasons
from gongkai.corpus.export import FORMATS, export
from gongkai.corpus.export import excel as workbook
from gongkai.corpus.panel import ADDED

TABLES = tables()
GAPS = {".a": "absent", ".b": "blank", ".m": "mark", ".n": "realigned", ".r": "unreadable", ".u": "uncertain"}
# Stata's names that no variable may have.
RESERVED = {"_all", "_b", "byte", "_coef", "_cons", "double", "float", "if", "in", "int", "long", "_n", "_N", "_pi", "_pred", "_rc",
            "_skip", "str", "strL", "using", "with"}  # fmt: skip


def bare(text):
    """One apostrophe less, where the writer set one before what would be a formula."""
    return text[1:] if re.match(r"'+[\s\x00]*[=+\-@＝＋－＠\t\r]", text) else text


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left, right, check_exact=True)


@pytest.mark.parametrize("name", TABLES)
def test_csv_is_read_back_by_arrow(tmp_path, name):
    export(TABLES, "csv", tmp_path)
    types = {c: pa.string() for c in TABLES[name].columns}
    options = pa.csv.ConvertOptions(column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""])
    parsing = pa.csv.ParseOptions(newlines_in_values=True)
    data = (tmp_path / f"{name}.csv").read_bytes().removeprefix(b"\xef\xbb\xbf")
    read = pa.csv.read_csv(pa.py_buffer(data), convert_options=options, parse_options=parsing).to_pandas(types_mapper=pd.ArrowDtype)
    for column, kind in TABLES[name].dtypes.items():
        texts = read[column].astype(object).map(bare, na_action="ignore").astype("str")
        back = (
            texts if kind == "str" else texts.map({"True": True, "False": False}) if kind == "bool" else pd.to_numeric(texts).astype(kind)
        )
        # A text without characters and a missing one are the same in CSV.
        expected = TABLES[name][column].replace("", None) if kind == "str" else TABLES[name][column]
        pd.testing.assert_series_equal(back.astype(kind), expected.astype(kind), check_names=False)


@pytest.mark.parametrize("name", TABLES)
def test_parquet_is_read_back_with_its_schema(tmp_path, name):
    export(TABLES, "parquet", tmp_path)
    read = pyarrow.parquet.read_table(tmp_path / f"{name}.parquet")
    if name in schemas():
        assert read.schema.equals(arrow_schema(name))
    same(pd.DataFrame({c: pd.Series(read[c].to_pylist(), dtype=kind) for c, kind in TABLES[name].dtypes.items()}), TABLES[name])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", TABLES)
def test_stata_is_read_back_by_pandas(tmp_path, name, language):
    export(TABLES, "stata", tmp_path, language)
    with pd.read_stata(tmp_path / f"{name}.dta", iterator=True, convert_missing=True, convert_categoricals=False) as reader:
        read, labels, variables = reader.read(), reader.value_labels(), reader.variable_labels()
    written = TABLES[name].rename(columns=lambda c: re.sub("_status$", "_s", c))
    assert list(read.columns) == list(written.columns)
    assert list(variables.values()) == [meaning(name, c, language)[:80] for c in TABLES[name].columns] and all(variables.values())
    for column, kind in written.dtypes.items():
        back = read[column].map(lambda v: None if str(v) == "." else GAPS.get(str(v), v))
        codes = codes_of(name, column)
        if codes:
            expected = written[column].map({c: float(i) for i, c in enumerate(codes, 1)}).fillna(0)
            sets = [set(k.items()) for k in labels.values()]
            told = {(i, code_label("status" if column.endswith("_s") else column, c, language)) for i, c in enumerate(codes, 1)}
            assert told | {(0, say("export.unsaid", language))} in sets
        elif kind == "str":
            expected = written[column].fillna("")
        else:
            status = "status" if column == "value" else f"{column}_s"
            gaps = (
                written[status].where(written[status] != "printed") if status in written else pd.Series(None, written.index, dtype=object)
            )
            expected = written[column].astype(object).where(written[column].notna(), gaps)
        assert [None if pd.isna(v) else v for v in back] == [None if pd.isna(v) else v for v in expected]


def codes_of(name, column):
    if column.endswith("_s"):
        return schemas()["cells"].columns["status"].codes
    known = schemas()[name if name in schemas() else "reports"].columns
    return known[column].codes if column in known else ()


def test_stata_says_why_a_cell_has_no_number(tmp_path):
    (path,) = export(TABLES, "stata", tmp_path / "cells.dta", "zh")
    assert path.read_bytes()[:40].startswith(b"<stata_dta><header><release>118<")
    read = pd.read_stata(path, convert_missing=True)
    gaps = dict(zip(read["status"], read["value"].map(str), strict=True))
    assert {status: gaps[code_label("status", status, "zh")] for status in ("blank", "mark", "absent", "uncertain", "unreadable")} == {
        status: f".{reasons()[status]}" for status in ("blank", "mark", "absent", "uncertain", "unreadable")
    }


@pytest.mark.parametrize("convert_missing", [False, True])
@pytest.mark.parametrize("name", TABLES)
def test_pandas_opens_stata_without_taking_counts_for_categories(tmp_path, name, convert_missing):
    export(TABLES, "stata", tmp_path)
    read = pd.read_stata(tmp_path / f"{name}.dta", convert_missing=convert_missing)
    coded = {c for c in read.columns if codes_of(name, c)}
    assert {c for c, kind in read.dtypes.items() if kind == "category"} == coded


def test_every_name_is_one_that_stata_takes():
    names = [c for table in TABLES.values() for c in table.columns] + list(codebook("en").query("part == 'cell'")["name"])
    assert [n for n in names if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,31}", n) or n in RESERVED or re.fullmatch(r"str\d+", n)] == []


def test_excel_is_read_back_by_calamine(tmp_path):
    (path,) = export(TABLES, "excel", tmp_path / "a.xlsx", "en")
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["about", *TABLES, "codebook"]
    for name, table in TABLES.items():
        header, *rows = book.get_sheet_by_name(name).to_python()
        assert header == list(table.columns)
        texts = [[("" if pd.isna(v) else v) for v in row] for row in table.itertuples(index=False, name=None)]
        assert rows == texts
    assert [row[:2] for row in book.get_sheet_by_name("about").to_python()[:2]] == [["reports", "1"], ["cells", "198"]]


def test_a_table_larger_than_a_sheet_goes_on_in_further_sheets(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 101)
    (path,) = export(TABLES, "excel", tmp_path / "a.xlsx")
    book = CalamineWorkbook.from_path(path)
    names = ["cells", "cells 2"]
    sheets = [book.get_sheet_by_name(n).to_python() for n in names]
    assert [len(s) for s in sheets] == [101, 99] and sheets[0][0] == sheets[1][0]
    assert "cells 3" not in book.sheet_names
    assert [row[2] for s in sheets for row in s[1:]] == list(TABLES["cells"]["item"])


@settings(max_examples=40)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=6),
    number=st.decimals(-(10**12), 10**12, places=2).map(float),
)
def test_any_text_and_number_comes_back(tmp_path_factory, texts, number):
    folder = tmp_path_factory.mktemp("any")
    data = frame("figures", [("abc", text, number, None, "一", False, "line 1", text) for text in texts])
    for to in FORMATS[:3]:
        export({"figures": data}, to, folder)
    with open(folder / "figures.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(bare(r["phrase"]), float(r["value"])) for r in rows] == [(t, number) for t in texts]
    read = pd.read_stata(folder / "figures.dta")
    assert list(read["phrase"]) == texts and set(read["value"]) == {number}
    assert pyarrow.parquet.read_table(folder / "figures.parquet")["phrase"].to_pylist() == texts


def test_the_codebook_names_every_column_code_cell_and_finding_in_both_languages():
    zh, en = codebook("zh"), codebook("en")
    assert list(zh["name"]) == list(en["name"]) and (zh["meaning"] != "").all() and (en["meaning"] != "").all()
    assert zh["meaning"].str.contains(r"[\u4e00-\u9fff]").all() and not en["meaning"].str.contains(r"[\u4e00-\u9fff]{9}").any()
    columns = set(map(tuple, en.query("part == 'column'")[["table", "name"]].to_numpy()))
    assert columns == {(t, c) for t, schema in schemas().items() for c in schema.columns} | {("panel", c) for c in ADDED}
    cells = en.query("part == 'cell'").set_index("name")
    assert cells.index.is_unique and {"2019", "2021", "2019; 2021"} == set(cells["editions"])
    assert en.query("part == 'code' and value == 'blank'")["type"].item() == ".b"


def test_the_codebook_travels_with_every_export(tmp_path):
    for to in FORMATS:
        paths = export(TABLES, to, tmp_path / f"{to}.xlsx", "en")
        books = [path for path in paths if path.name == "codebook.csv"]
        assert to == "excel" or "Status" not in books[0].read_text("utf-8-sig")[:200]


BROKEN = {
    "a column is missing": lambda t: t.drop(columns="unit"),
    "another type": lambda t: t.assign(value=t["value"].astype("str")),
    "a gap": lambda t: t.assign(status=t["status"].where(t.index != 5)),
    "an unknown code": lambda t: t.assign(status=t["status"].where(t.index != 5, "guessed")),
    "a key twice": lambda t: pd.concat([t, t.iloc[[5]]], ignore_index=True),
}
TOLD = {
    "a column is missing": "cells: ",
    "another type": "cells.value: ",
    "a gap": "cells.status[5]: ",
    "an unknown code": "cells.status[5]: expected .*'guessed'",
    "a key twice": "cells.report_id.*[198]: .*",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_table_that_breaks_its_schema_is_not_written(tmp_path, fault):
    with pytest.raises(TableError) as told:
        export({"cells": BROKEN[fault](TABLES["cells"])}, "csv", tmp_path)
    assert re.match(TOLD[fault].replace("[", r"\["), told.value.in_language("en")) and not list(tmp_path.iterdir())


def test_an_unknown_format_is_told(tmp_path):
    with pytest.raises(UsageError, match="csv or parquet or stata or excel"):
        export(TABLES, "spss", tmp_path)


def test_the_command_saves_a_corpus_with_its_panel(tmp_path, capsys):
    raw = folder(tmp_path, {"raw/a.txt": document(), "raw/manifest.csv": "path,division_code\na.txt,140430\n"}) / "raw"
    for to in FORMATS:
        assert main(["export", str(raw), "--to", to, "-o", str(tmp_path / f"{to}.xlsx"), "--lang", "en"]) == 0
    assert "written: " in capsys.readouterr().out
    names = {*schemas(), "panel", "codebook"}
    assert {p.name for p in (tmp_path / "csv.xlsx").glob("*.csv")} == {f"{name}.csv" for name in names}
    assert set(CalamineWorkbook.from_path(tmp_path / "excel.xlsx").sheet_names) == {"about", *names}
    panel = pd.read_stata(tmp_path / "stata.xlsx" / "panel.dta")
    assert len(panel) == 1 and panel["app_granted_total"].item() == 1 and panel["app_granted_total_s"].item() == "printed"
    assert main(["export", str(raw), "--to", "spss", "-o", "x"]) == 2
