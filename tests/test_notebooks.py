"""Every notebook runs as it is committed, shows its figures and warns of nothing."""

import os
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
LESSON = "lessons/01_from_page_to_table.ipynb"
STUDY = "studies/county_study.ipynb"
RUNS = [(STUDY, {"language": "zh"}), (STUDY, {"language": "en"}), (STUDY, {"source": "data/raw/qinxian-2019.txt"})]
NOTEBOOKS = sorted(
    path.relative_to(ROOT / "notebooks").as_posix()
    for path in (ROOT / "notebooks").rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)
LONGEST_CELL = 12


def run(name, parameters, folder):
    import papermill

    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    target = folder / "run.ipynb"
    papermill.execute_notebook(ROOT / "notebooks" / name, target, parameters, cwd=ROOT, progress_bar=False, kernel_name="python3")
    return nbformat.read(target, as_version=4)


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def text(output):
    data = output.get("data", {})
    return "".join(str(data.get(kind, "")) for kind in ("text/html", "text/plain", "text/markdown")) + str(output.get("text", ""))


@pytest.mark.parametrize("name, parameters", RUNS + [(name, {}) for name in NOTEBOOKS if name != STUDY])
def test_it_runs_without_a_warning(name, parameters, tmp_path):
    notebook = run(name, parameters, tmp_path)
    shown = outputs(notebook)
    assert not [o for o in shown if o.output_type == "error" or o.get("name") == "stderr"]
    assert not [t for o in shown if (t := text(o)) and re.search(r"\w+Warning\b|Traceback", t)]
    if name == STUDY:
        assert sum("image/png" in o.get("data", {}) for o in shown) == 3
        assert all(o.metadata["image/png"]["alt"] for o in shown if "image/png" in o.get("data", {}))
        _check_language("".join(map(text, shown)), parameters.get("language", "zh"))


def test_the_exercises_of_the_lesson_can_be_solved(tmp_path):
    notebook = nbformat.read(ROOT / "notebooks" / LESSON, as_version=4)
    for number, answer in enumerate((173, 1351, 4), 1):
        cell = next(c for c in notebook.cells if f"answer_{number} = None" in c.source)
        cell.source = cell.source.replace("None", str(answer))
    nbformat.write(notebook, tmp_path / "solved.ipynb")
    assert "".join(map(text, outputs(run(tmp_path / "solved.ipynb", {}, tmp_path)))).count("对。 Right.") == 3


def test_the_lesson_does_not_print_its_answers():
    sources = " ".join(c.source for c in nbformat.read(ROOT / "notebooks" / LESSON, as_version=4).cells)
    assert not re.search(r"\b(173|1351)\b|answer_\d = (?!None)", sources)


def _check_language(said, language):
    headings = re.findall(r"<h2>(.*?)</h2>", said)
    assert len(headings) == 6
    assert all(bool(re.search(r"[\u4e00-\u9fff]", h)) == (language == "zh") for h in headings)
    assert ("as reported by the authority" in said) == (language == "en")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_is_committed_without_outputs_and_in_small_cells(name):
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert all(len(cell.source.splitlines()) <= LONGEST_CELL for cell in code)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_the_study_declares_its_parameters():
    import papermill

    declared = papermill.inspect_notebook(ROOT / "notebooks" / STUDY)
    assert set(declared) == {"division_code", "first_year", "last_year", "language", "data_dir", "source"}
