"""One notebook in two languages: its code runs once, and only what says words again."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType

import nbformat
import pytest

from gongkai.core.files import find_notebook
from gongkai.studies.batch import run_table
from gongkai.studies.languages import spoken, together, twice
from gongkai.studies.notebooks import read

COUNTS = "from pathlib import Path\nlog = Path(name + '.log')\nlog.write_text((log.read_text() if log.exists() else '') + 'x')\nn = 6 * 7"
SAYS = "word = {'zh': '件', 'en': 'cases'}[language]\nprint(n, word)"
AGAIN = MappingProxyType({"gongkai": {"words_run_again": True}})


def study(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell('name = ""\nlanguage = "zh"', metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=dict(AGAIN)), path)
    return path


def test_the_code_runs_once_and_each_language_has_its_page_and_its_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("name\n甲\n", encoding="utf-8")
    done = run_table(study(tmp_path / "n.ipynb", COUNTS, SAYS, "print(word)"), tmp_path / "t.csv", tmp_path / "out")
    assert done.told() == [] and (tmp_path / "甲.log").read_text() == "x"
    for name, word, other in (("study", "件", "cases"), ("study.en", "cases", "件")):
        page = (tmp_path / "out" / "甲" / f"{name}.html").read_text(encoding="utf-8")
        kept = json.loads((tmp_path / "out" / "甲" / f"{name}.ipynb").read_text(encoding="utf-8"))
        told = ["".join(o["text"]) for cell in kept["cells"] for o in cell.get("outputs", ())]
        assert told == [f"42 {word}\n", f"{word}\n"] and f"42 {word}" in page and f"42 {other}" not in page
        assert any(f'language = "{name[6:] or "zh"}"' in "".join(cell["source"]) for cell in kept["cells"])
        assert len(kept["cells"]) == 5


@pytest.mark.parametrize("fails, pages", [("language == 'en' and 1 / 0", ["study.html"]), ("language and 1 / 0", []), ("n / 0", [])])
def test_a_failure_of_one_language_costs_the_other_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, pages: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("name\n甲\n", encoding="utf-8")
    done = run_table(study(tmp_path / "n.ipynb", COUNTS, SAYS, fails), tmp_path / "t.csv", tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out" / "甲").glob("*.html")) == pages
    ((_, languages, failure),) = done.told()
    assert (languages, failure.error) == ("en" if pages else "zh en", "ZeroDivisionError")
    assert failure.cell == 4 + 1  # the cell with this run's parameters stands before it


@pytest.mark.parametrize("sources, again", [
    (["a = 1", "b = {'zh': a}[language]", "c = a", "print(b)"], [1, 3]),
    (["title = 'x'", "f(title)", "title = words[language]", "g(title)"], [0, 1, 2, 3]),
    (["def say(): return language", "x = 1", "say()"], [0, 2]),
    (["%matplotlib inline", "%time print(language)"], [1]), ([], []),
])  # fmt: skip
def test_what_depends_on_the_language_runs_again(sources: list[str], again: list[int]) -> None:
    assert spoken(sources) == again


@pytest.mark.parametrize("name", ["county_study", "province_comparison"])
def test_the_own_notebooks_read_their_data_once(name: str) -> None:
    notebook = read(find_notebook(f"studies/{name}.ipynb"))
    again = [cell.source for cell in twice(notebook).cells[len(notebook.cells) :]]
    assert together(notebook) and not any("read_corpus(" in s or "study.load(" in s or "compared(corpus" in s for s in again)
