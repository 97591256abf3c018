"""What a user sees of the package in a notebook or a shell: its names, one line for each thing that holds data, and the lab."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from folders import SAMPLE

import gongkai
from gongkai import inference
from gongkai.corpus import manifest
from gongkai.forms import editions, load_form
from gongkai.studies.outcome import Done, Study
from gongkai.studies.units import counties

ROOT = SAMPLE.parents[2]
# A line of a notebook; a report was 236,751 characters.
LINE = 400


@pytest.fixture(scope="module")
def corpus():  # type: ignore[no-untyped-def]
    return gongkai.read_corpus(ROOT / "data" / "raw")


def test_a_report_shows_itself_as_one_line_of_facts():
    report = gongkai.read_report(SAMPLE)
    shown = repr(report)
    assert (
        shown
        == "Report('沁县 2019 年政府信息公开年度报告', year=2019, form='2019', findings=6, 198 cells: printed 165, blank 5, realigned 28)"
    )
    narrative = repr(gongkai.read_report("一、概述\n二、主动公开政府信息情况\n三、依申请公开政府信息情况\n四、存在的主要问题\n".encode()))
    assert "form='narrative'" in narrative and "0 cells" in narrative and "\n" not in narrative


def test_all_that_holds_data_shows_itself_in_one_line(corpus):
    held = [*counties(corpus), *map(load_form, editions()), *manifest.read_manifest(ROOT / "data" / "raw")]
    for row in corpus.reports.itertuples():
        report = corpus.read(row.report_id)
        held += [
            report,
            report.document,
            report.edition,
            *report.edition.tables.values(),
            *report.edition.identities,
            *report.document.rows,
        ]
        found = report.contents
        held += [*report.document.rows[0].cells, *report.readings, found, *found.checks, *found.findings, *found.sections, *found.figures]
    one = corpus.select(division_code="140430")
    study = Study("a", "a", (), {"inputs": "0" * 64}, counties(corpus)[0])
    held += [corpus, one, one.merge(pd.DataFrame({"division_code": ["140430"], "x": [1]}), vintage=2020)]
    held += [study, Done(Path("a"), (study,) * 100, {})]
    kinds = {type(thing).__name__ for thing in held}
    assert len(kinds) > 15 and [repr(t)[:300] for t in held if len(repr(t)) > LINE or "\n" in repr(t)] == []
    assert "reports=1, years=2019—2019, failures=0, 198 cells: printed 165" in repr(one)


def test_the_package_lists_what_it_offers_and_nothing_else():
    code = "import gongkai, sys; print(*dir(gongkai)); print(*sorted({'pandas', 'numpy'} & {*sys.modules}))"
    names, heavy = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n")[:2]
    offered = {name for name in names.split() if not name.startswith("__")}
    assert offered == {"Corpus", "Report", "ReportError", "indicators", "inference", "plots", "read_corpus", "read_report"} and heavy == ""
    assert offered == {*gongkai.__all__} - {"__version__"} and all(hasattr(gongkai, name) for name in offered)
    assert "__version__" in names.split() and not hasattr(gongkai, "read_reports")


def test_what_is_imported_late_is_listed_too():
    assert {*inference.__all__} <= {*dir(inference)} and all(hasattr(inference, name) for name in dir(inference))
    assert not {"Any", "TYPE_CHECKING", "import_module"} & {*dir(inference)}


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
@pytest.mark.parametrize("user, said", [("0", True), ("1000", False)])
def test_the_lab_starts_for_root_and_tells_others_nothing(tmp_path, user, said):
    fake = tmp_path / "id"
    fake.write_text(f"#!/bin/sh\necho {user}\n", encoding="utf-8")
    fake.chmod(0o755)
    made = ["-o", ".venv/.ready", "-o", ".venv/share/jupyter/kernels/gongkai/kernel.json"]
    ended = subprocess.run(
        ["make", "-n", *made, "lab"], cwd=ROOT, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert ended.returncode == 0 and "jupyter lab" in ended.stdout and ("--allow-root" in ended.stdout) == said
