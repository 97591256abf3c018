"""No document whose figures a person read is ever read worse than before: ``floor.csv`` holds how each was read, ``floor.py`` raises it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import floor
import pytest
import scoring
from scoring import SHARED, SHIPPED, Case, Score

KNOWN = floor.load()
HERE = scoring.cases()
DOCUMENTS = sorted((scoring.CONVERTED / "documents").iterdir())


@pytest.mark.parametrize("name", sorted({*KNOWN, *HERE}))
def test_no_document_is_read_worse_than_before(name: str) -> None:
    case = HERE.get(name)
    if case is None and not SHARED.is_dir():
        pytest.skip("no ../shared here: the real reports are not part of the repository")
    if case is None:
        pytest.skip("this case of the floor is not in ../shared any more")
    known, now = floor.known_score(KNOWN, case), case.score()
    if known is None:
        pytest.skip(f"the floor does not know {name}, or its document or truth is another now: {now}; python tests/floor.py adds it")
    assert not floor.fallen(known, now), "\n".join([f"{name}: {now}; was {known}", *now.faults[:20]])


def test_the_floor_knows_every_document_that_the_project_ships_and_each_is_there() -> None:
    assert {n for n in KNOWN if n.startswith(f"{SHIPPED}/")} == {n for n in HERE if n.startswith(f"{SHIPPED}/")}
    assert [n for n, case in HERE.items() if n.startswith(f"{SHIPPED}/") and floor.known_score(KNOWN, case) is None] == []


def test_no_converted_document_is_read_wrong() -> None:
    assert {name for name, (_, score) in KNOWN.items() if name.startswith(f"{SHIPPED}/") and score.wrong} == set()


def test_the_converted_documents_are_small_and_of_every_form_and_format() -> None:
    assert sum(path.stat().st_size for path in DOCUMENTS) < 2_000_000
    assert {path.suffix for path in DOCUMENTS} >= {".html", ".pdf", ".docx", ".xlsx", ".xls", ".txt", ".md", ".csv"}
    assert {path.name.split(".")[1].split("-")[0] for path in DOCUMENTS} == {"pandas", "office", "chromium", "copied"}


def test_every_document_has_its_maker_and_every_figure_a_document() -> None:
    code = "import make; print(*sorted(make.DOCUMENTS), sep='\\n')"
    made = subprocess.run([sys.executable, "-c", code], cwd=scoring.CONVERTED, capture_output=True, text=True, check=True).stdout.split()
    assert made == [path.name for path in DOCUMENTS]
    assert {name.split(".")[0] for name in made} == {path.stem for path in (scoring.CONVERTED / "figures").iterdir()}


@pytest.mark.parametrize(
    ("now", "worse"),
    [
        (Score(10, 2, 1, 1), False),
        (Score(11, 1, 1, 1), False),
        (Score(12, 2, 0, 0), False),
        (Score(10, 2, 2, 0), False),  # a wrong cell is missed now
        (Score(10, 3, 1, 0), False),
        (Score(9, 3, 1, 1), True),
        (Score(10, 1, 2, 1), True),
        (Score(11, 2, 0, 2), True),  # one more right does not outweigh one more wrong
        (Score(12, 0, 2, 1), True),
    ],
)
def test_a_case_may_become_better_and_never_worse(now: Score, worse: bool) -> None:
    assert bool(floor.fallen(Score(10, 2, 1, 1), now)) == worse


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "floor.csv"
    floor.save({"a": ("1", Score(10, 0, 2, 0)), "b": ("1", Score(5, 0, 0, 1)), "elsewhere": ("1", Score(3))}, path)
    return path


def case(name: str, score: Score, digest: str = "1") -> Case:
    return Case(name, digest, lambda: score)


def test_the_command_raises_the_floor_and_keeps_what_is_not_here(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = {"a": case("a", Score(12)), "b": case("b", Score(5, 0, 0, 1)), "new": case("new", Score(1))}
    assert floor.main([], here, kept) == 0
    assert floor.load(kept) == {"a": ("1", Score(12)), "b": ("1", Score(5, 0, 0, 1)), "elsewhere": ("1", Score(3)), "new": ("1", Score(1))}
    assert capsys.readouterr().out.splitlines() == [
        "a: right 12, flagged 0, missed 0, wrong 0 (was: right 10, flagged 0, missed 2, wrong 0)",
        "new: right 1, flagged 0, missed 0, wrong 0 (new)",
    ]


def test_the_command_refuses_to_lower_the_floor_even_where_another_case_has_become_better(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = kept.read_bytes()
    assert floor.main([], {"a": case("a", Score(12)), "b": case("b", Score(4, 1, 0, 1))}, kept) == 1
    assert kept.read_bytes() == before
    assert "WORSE: right 4, was 5" in capsys.readouterr().out
    assert floor.main(["a"], {"a": case("a", Score(12)), "b": case("b", Score(4, 1, 0, 1))}, kept) == 0
    assert floor.load(kept)["a"] == ("1", Score(12))


def test_another_document_under_an_old_name_is_another_case(kept: Path) -> None:
    changed = case("a", Score(1), digest="2")
    assert floor.known_score(floor.load(kept), changed) is None
    assert floor.known_score(floor.load(kept), replace(changed, digest="1")) == Score(10, 0, 2, 0)
    assert floor.main([], {"a": changed}, kept) == 0
    assert floor.load(kept)["a"] == ("2", Score(1))


def test_a_name_that_is_no_case_is_said(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert floor.main(["c"], {"a": case("a", Score(12))}, kept) == 2
    assert capsys.readouterr().out == "no such case here: c\n"


def test_what_was_never_wrong_is_held_at_that() -> None:
    clean = [score for _, score in KNOWN.values() if score.wrong == 0]
    assert len(clean) > 100
    assert all(floor.fallen(score, replace(score, wrong=1)) for score in clean)


@pytest.mark.parametrize(
    ("printed", "read", "outcome"),
    [
        ((3.0, "printed"), (3.0, "printed"), "right"), ((3.0, "printed"), (4.0, "printed"), "wrong"),
        ((3.0, "printed"), (None, "uncertain"), "flagged"), ((3.0, "printed"), (None, "blank"), "missed"),
        ((None, "blank"), (0.0, "printed"), "wrong"), ((None, "blank"), (None, "blank"), "right"),
        ((None, "blank"), (None, "mark"), "missed"), ((None, "mark"), (None, "uncertain"), "missed"),
    ],
)  # fmt: skip
def test_blank_zero_and_mark_are_different_answers(printed: scoring.Truth, read: scoring.Truth, outcome: str) -> None:
    assert scoring._outcome(*printed, *read) == outcome
