"""The lessons as a student and an instructor get them: in one language, with their data, without answers."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from gongkai.cli import main
from gongkai.studies import comparison
from gongkai.studies.execute import run_notebook
from gongkai.studies.exercises import Exercises
from gongkai.studies.lessons import answers, copy, prose, sources
from gongkai.synthetic.history import history

ROOT = Path(__file__).parents[1]
HAN = re.compile(r"[\u4e00-\u9fff]")
NAMED = re.compile(r"\((?:平潭|淮安|沁县|行政处罚|减[^)]*)\)|\(减, \"less\"|\"政府信息公开年报\"")


@pytest.fixture(scope="module")
def copies(tmp_path_factory) -> dict[str, Path]:
    folders = {language: tmp_path_factory.mktemp(language) for language in ("zh", "en")}
    for language, folder in folders.items():
        copy(folder, language)
    return folders


@pytest.mark.parametrize("name", [path.name for path in sources()])
def test_a_copied_lesson_speaks_one_language_and_runs_where_nothing_else_is(copies, name, monkeypatch):
    monkeypatch.chdir(copies["en"])
    for language, folder in copies.items():
        told = [cell.source for cell in nbformat.read(folder / name, as_version=4).cells]
        assert f'language = "{language}"' in "".join(told) and not any(line.startswith(">") for cell in told for line in cell.splitlines())
        assert language == "zh" or not [line for cell in told for line in cell.splitlines() if HAN.search(NAMED.sub("", line))]
    executed, failure = run_notebook(Path(name), {})
    shown = "".join(str(o.get("text", "")) for c in executed.cells for o in c.get("outputs", ()))
    assert failure is None and shown.count("No answer yet") == executed.cells[-1].get("n", shown.count("No answer yet")) > 0
    assert "答案" not in shown


def test_every_lesson_has_the_headings_of_the_other_language(copies):
    for path in sources():
        heads = {
            language: [re.match("#+ [0-9]*", line)[0] for c in nbformat.read(folder / path.name, 4).cells if c.cell_type == "markdown"
                       for line in c.source.splitlines() if line.startswith("#")]
            for language, folder in copies.items()
        }  # fmt: skip
        assert heads["zh"] == heads["en"] and len(heads["zh"]) > 4, path.name


@pytest.mark.parametrize("text, zh, en", [
    ("# 一\n\n甲\n\n> **One.** A\n>\n> B", "# 一\n\n甲", "# One\n\nA\n\nB"), ("甲\n\n> *a*", "甲", "*a*"), ("", "", ""),
    ("甲\n\n## 2. 乙\n\n丙\n\n> A\n>\n> **B.** c", "甲\n\n## 2. 乙\n\n丙", "A\n\n## 2. B\n\nC"),
    ("**练习一**　甲\n\n> **Exercise 1.** A", "**练习一**　甲", "**Exercise 1.** A"),
])  # fmt: skip
def test_prose_is_parted_by_language(text, zh, en):
    assert prose(text, "zh") == zh and prose(text, "en") == en


def test_an_answer_is_shown_to_those_alone_who_ask_and_depends_on_the_seed(capsys):
    from gongkai.inference import wilson

    check = Exercises("02", {"language": "en", "first": (13, 27), "wilson": wilson})
    check(2, 0.3)
    assert "0.3" not in capsys.readouterr().out
    check.answer(2)
    assert capsys.readouterr().out.startswith("Answer 0.3074 (within 0.005)")
    lesson = next(path for path in sources() if path.name.startswith("02"))
    assert answers(lesson, 1)[2] != answers(lesson, 2)[2] and answers(lesson, 1)[1] == answers(lesson, 2)[1]


def test_a_students_answers_are_never_overwritten(tmp_path, capsys):
    assert main(["lessons", str(tmp_path), "--lang", "en"]) == 0
    lesson = next(tmp_path.glob("02*"))
    lesson.write_text(lesson.read_text("utf-8").replace("answer_1 = None", "answer_1 = 0.481"), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("mine")
    before = lesson.read_bytes()
    assert main(["lessons", str(tmp_path), "--lang", "en"]) == 2 and lesson.name in capsys.readouterr().err
    assert lesson.read_bytes() == before and (tmp_path / "notes.txt").read_text() == "mine"


def test_an_instructor_gets_the_guide_a_seed_for_each_and_their_answers(tmp_path, capsys):
    assert main(["lessons", str(tmp_path / "l"), "--class", "2", "--lang", "en", "--jobs", "2"]) == 0
    folder = tmp_path / "l/instructor"
    tables = {name: list(csv.DictReader((folder / name).read_text("utf-8-sig").splitlines())) for name in ("seeds.csv", "answers.csv")}
    seeds = [row["seed"] for row in tables["seeds.csv"]]
    assert len({*seeds}) == 2 and {row["seed"] for row in tables["answers.csv"]} == {*seeds}
    known = tomllib.loads((ROOT / "src/gongkai/studies/exercises.toml").read_text("utf-8"))
    assert len(tables["answers.csv"]) == 2 * sum(len(known[key]) for key in known if key.isdigit())
    guide = (folder / "guide.md").read_text("utf-8")
    assert not HAN.search(guide.replace("减", ""))
    for word in ("Aim.", "Minutes.", "Common mistakes", "Rubric", f"Answers of seed {seeds[0]}"):
        assert guide.count(word) >= 7, word


@pytest.mark.long
def test_the_wheel_alone_gives_the_lessons_in_an_empty_folder(tmp_path):
    """The package as the wheel lays it out, apart from the checkout; the dependencies are those of this environment."""
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(tmp_path), str(ROOT)], check=True)
    shutil.unpack_archive(next(tmp_path.glob("*.whl")), tmp_path / "site", "zip")
    (tmp_path / "empty").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    run = [sys.executable, "-m", "gongkai", "lessons", "l", "--lang", "en", "--class", "1"]
    subprocess.run(run, cwd=tmp_path / "empty", env=environment, check=True)
    assert len([*(tmp_path / "empty/l").glob("0*.ipynb")]) == 7 and (tmp_path / "empty/l/instructor/guide.md").exists()


def panel(seed: int, counties: int, persistent: bool):
    """Draw the cases of counties over five years, twice as many from 2024 on."""
    import numpy as np
    import pandas as pd

    rng, rows = np.random.default_rng(seed), []
    for county in range(counties):
        n, mood = rng.lognormal(4, 0.5), rng.normal(0, 0.5)
        for year in range(2021, 2026):
            mood = 0.7 * mood + rng.normal(0, 0.36)
            rows.append((county, year, rng.poisson(n * 0.2 * np.exp(mood * persistent) * (1 + (year > 2023))), n))
    return pd.DataFrame(rows, columns=["county", "year", "cases", "n"])


@pytest.mark.parametrize("persistent", [False, True])
def test_a_wild_bootstrap_agrees_with_clustered_errors_where_clusters_are_many(persistent):
    import numpy as np
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    data = panel(5, 60, persistent)
    family = sm.families.Poisson()
    model = smf.glm("cases ~ C(year, Treatment(2023)) + C(county)", data, family=family, offset=np.log(data["n"]))
    clustered = comparison.year_ratios(model.fit(cov_type="cluster", cov_kwds={"groups": data["county"].to_numpy()}, use_t=True), 2023)
    wild = comparison.wild_ratios(model, data["county"], 2023, 1)
    assert wild.equals(comparison.wild_ratios(model, data["county"], 2023, 1)) and wild["ratio"].round(6).equals(
        clustered["ratio"].round(6)
    )
    widths = [np.log(ends["high"] / ends["low"]).drop(2023) for ends in (wild, clustered)]
    assert (
        (widths[0] / widths[1]).between(0.75, 1.33).all() and (wild["low"] <= wild["ratio"]).all() and (wild["ratio"] <= wild["high"]).all()
    )
    naive = comparison.year_ratios(model.fit(), 2023)
    assert persistent == ((widths[1] > 1.3 * np.log(naive["high"] / naive["low"]).drop(2023)).sum() >= 3)


def test_fewer_than_thirty_clusters_are_warned_of_in_words_and_on_the_figure():
    import pandas as pd

    ratios = pd.DataFrame({"ratio": [1.0, 2.0], "low": [1.0, 1.5], "high": [1.0, 2.5]}, index=[2023, 2024])
    for n in (29, 30):
        codes = [str(900000 + k) for k in range(n)] * 2
        said = [comparison.clusters_in_words(codes, "en"), comparison.profile_figure("x", ratios, 2023, codes, "en").alt]
        assert ["too narrow" in text for text in said] == [n < 30] * 2


def test_simulated_cases_that_are_pending_are_carried_over_and_a_county_stays_contentious():
    years = {number: [*history(1, number, 2024)] for number in range(60)}
    table = [[(y.year, y.values) for y in each if y.values] for each in years.values()]
    pairs = [(a[1], b[1]) for each in table for a, b in pairwise(each)]
    assert all(b["review/reconsideration/total"] >= a["review/reconsideration/pending"] for a, b in pairs)
    assert sum(a["review/reconsideration/pending"] for a, _ in pairs) > 20
