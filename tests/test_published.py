"""A folder of exported tables can be published as it is: what stands beside the tables says what is in them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest
from folders import document, folder
from frames import tables

from gongkai import read_corpus
from gongkai.core.errors import UsageError
from gongkai.core.schema import schemas
from gongkai.corpus.export import export
from gongkai.corpus.export.published import companions
from gongkai.corpus.outputs import is_table
from gongkai.synthetic import simulate

RAW = Path("data/raw")
ENDINGS = {"csv": "csv", "parquet": "parquet", "stata": "dta"}
PARSE = {"string": str, "number": float, "integer": int, "boolean": {"True": True, "False": False}.__getitem__}


@pytest.fixture(scope="module", params=["by hand", "corpus"])
def source(request):
    return tables() if request.param == "by hand" else read_corpus(RAW)


def described(target: Path) -> dict[str, dict]:
    held = json.loads((target / "datapackage.json").read_text("utf-8"))
    return {resource["name"]: resource for resource in held["resources"]}


def rows_of(path: Path, missing: list[str]) -> list[dict[str, str | None]]:
    csv.field_size_limit(1 << 24)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{name: None if text in missing else text for name, text in row.items()} for row in csv.DictReader(file)]


@pytest.mark.parametrize("to", ENDINGS)
def test_the_descriptor_names_every_file_with_its_bytes_and_hash(source, tmp_path, to):
    written = export(source, to, tmp_path)
    resources = described(tmp_path)
    named = {resource["path"] for resource in resources.values()}
    assert named | {*companions(to)} == {path.name for path in written} == {path.name for path in tmp_path.iterdir()}
    for resource in resources.values():
        data = (tmp_path / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")


def test_every_value_of_the_tables_is_as_the_descriptor_says(source, tmp_path):
    """What a validator of Data Packages checks: header, types, constraints, keys, references."""
    export(source, "csv", tmp_path)
    resources = described(tmp_path)
    assert {r["profile"] for r in resources.values()} == {"tabular-data-resource"}
    read = {name: rows_of(tmp_path / r["path"], r["schema"]["missingValues"]) for name, r in resources.items()}
    for name, resource in resources.items():
        fields, rows = resource["schema"]["fields"], read[name]
        header = (tmp_path / resource["path"]).read_text("utf-8-sig").splitlines()[0].split(",")
        assert [field["name"] for field in fields] == header and resource["rows"] == len(rows)
        for field in fields:
            values, limits = [row[field["name"]] for row in rows], field.get("constraints", {})
            _ = [PARSE[field["type"]](value) for value in values if value is not None]
            assert not (limits.get("required") and None in values)
            assert {*values} - {None} <= {*limits.get("enum", values)}
        if key := resource["schema"].get("primaryKey"):
            keys = [tuple(row[part] for part in key) for row in rows]
            assert len({*keys}) == len(keys) and not any(None in own for own in keys)
        for foreign in resource["schema"].get("foreignKeys", ()):
            there = {row[foreign["reference"]["fields"]] for row in read[foreign["reference"]["resource"]]}
            assert {row[foreign["fields"]] for row in rows} <= there


@pytest.mark.parametrize("name", schemas())
def test_every_column_is_described_in_both_languages(source, tmp_path, name):
    export(source, "csv", tmp_path)
    for resource in described(tmp_path).values():
        if resource["name"] != "codebook":
            assert [f["name"] for f in resource["schema"]["fields"] if " / " not in f.get("description", "")] == []
    if name in (held := described(tmp_path)):
        fields = held[name]["schema"]["fields"]
        assert [f["name"] for f in fields][: len(schemas()[name].columns)] == [*schemas()[name].columns]


def test_stata_and_parquet_are_described_as_they_are(source, tmp_path):
    export(source, "stata", tmp_path / "stata")
    export(source, "parquet", tmp_path / "parquet")
    for name, resource in described(tmp_path / "stata").items():
        fields = resource["schema"]["fields"]
        if resource["format"] == "dta":
            read = pd.read_stata(tmp_path / "stata" / resource["path"], convert_categoricals=False)
            assert [f["name"] for f in fields] == list(read.columns) and resource["rows"] == len(read)
            for field in (f for f in fields if "categories" in f):
                assert {*read[field["name"]]} <= {0, *(c["value"] for c in field["categories"])}
        other = described(tmp_path / "parquet")[name]
        if other["format"] == "parquet":
            columns = pyarrow.parquet.read_schema(tmp_path / "parquet" / other["path"]).names
            assert [f["name"] for f in other["schema"]["fields"]] == columns


def test_the_descriptor_names_sources_versions_and_licences(tmp_path):
    corpus = read_corpus(RAW)
    export(corpus, "csv", tmp_path)
    held = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))
    assert {s["sha256"] for s in held["sources"]} == {*corpus.reports["sha256"]}
    assert {s["path"] for s in held["sources"] if "path" in s} == {*corpus.reports["source_url"].dropna()}
    assert held["gongkai"]["reports"] == len(corpus.reports) and held["gongkai"]["simulated"] == 0
    assert {f["form"] for f in held["gongkai"]["forms"]} == {*corpus.reports["form"]}
    assert held["licenses"][0]["name"] == "MIT" and "权利属于发布机关" in held["description"]


def test_the_readme_says_the_same_in_both_languages(source, tmp_path):
    export(source, "stata", tmp_path)
    text = (tmp_path / "README.md").read_text("utf-8")
    zh, en = text.split("\n# Annual reports")
    for resource in described(tmp_path).values():
        row = re.compile(rf"\| `{re.escape(resource['path'])}` \| {resource['rows']} \|")
        assert row.search(zh) and row.search(en)
    for word in (".b", "load.do", "load.R", "pandas.read_stata", "datapackage.json", "MIT"):
        assert word in zh and word in en
    assert "{" not in text and "模拟" not in text


def test_what_is_simulated_says_so(tmp_path):
    simulate(tmp_path / "raw", 1, (2021, 2022), 1)
    corpus = read_corpus(tmp_path / "raw")
    export(corpus, "csv", tmp_path / "out")
    text = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "其中 2 份报告是模拟数据" in text and "2 of these reports are simulated" in text
    assert json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))["gongkai"]["simulated"] == 2


@pytest.mark.parametrize("to", ENDINGS)
def test_the_same_tables_give_the_same_companions(source, tmp_path, to):
    for name in ("a", "b"):
        export(source, to, tmp_path / name)
    names = [n for n in companions(to) if n != "datapackage.json" or to != "stata"]  # the hash of a .dta holds its time of writing
    assert [(tmp_path / "a" / n).read_bytes() for n in names] == [(tmp_path / "b" / n).read_bytes() for n in names]


@pytest.mark.parametrize(("to", "name"), [("csv", "README.md"), ("stata", "load.do"), ("parquet", "datapackage.json"), ("csv", "load.R")])
def test_a_file_of_somebody_else_is_never_written_over(tmp_path, to, name):
    (tmp_path / name).write_text("{}", "utf-8")
    with pytest.raises(UsageError, match=re.escape(name)):
        export(tables(), to, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [name] and (tmp_path / name).read_text("utf-8") == "{}"


@pytest.mark.parametrize("to", ENDINGS)
def test_nothing_of_an_export_is_read_as_a_report(tmp_path, to):
    raw = folder(tmp_path, {"raw/a.txt": document(), "raw/manifest.csv": "path,division_code\na.txt,140430\n"}) / "raw"
    export(read_corpus(raw), to, raw / "out")
    assert all(is_table(path) for path in (raw / "out").iterdir())
    with pytest.warns(UserWarning, match="out"):
        again = read_corpus(raw)
    assert len(again.reports) == 1 and again.failures.empty


def test_the_script_for_r_reads_as_text_what_is_text(source, tmp_path):
    export(source, "csv", tmp_path)
    script = (tmp_path / "load.R").read_text("utf-8")
    for name, resource in described(tmp_path).items():
        listed = re.search(rf"^  {name} = c\((.*)\),?$", script, re.M)
        texts = [f["name"] for f in resource["schema"]["fields"] if f["type"] == "string" and not f["name"].endswith("_status")]
        assert listed and re.findall(r'"([^"]+)"', listed[1]) == texts


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_loads_what_was_exported(tmp_path):
    corpus = read_corpus(RAW)
    export(corpus, "csv", tmp_path)
    code = 'source("load.R"); p <- gongkai(); cat(nrow(p), sum(p$app_granted_total, na.rm = TRUE), p$county[1], p$division_code[1])'
    told = subprocess.run(["Rscript", "-e", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()
    panel = corpus.panel()
    assert told == [str(len(panel)), str(int(panel["app_granted_total"].sum())), panel["county"][0], panel["division_code"][0]]


def test_the_do_file_labels_every_reason_and_sets_the_panel(tmp_path):
    export(read_corpus(RAW), "stata", tmp_path)
    script = (tmp_path / "load.do").read_text("utf-8")
    for letter, word in {"a": "absent", "b": "blank", "m": "mark", "n": "realigned", "r": "unreadable", "u": "uncertain"}.items():
        assert re.search(rf'\.{letter} "[^"]* / {word}"', script)
    assert "xtset panel_id year" in script and script.count("{") == script.count("}") and "$" not in script
    read = pd.read_stata(tmp_path / "panel.dta")
    assert {"panel_id", "year"} <= {*read.columns} and not read.duplicated(["panel_id", "year"]).any()
