"""Two corpora are compared exactly: whatever is planted in a table is told, and what is left out by name is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import compare_corpora
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
DOCUMENTS = ("qinxian-2019.txt", "pingtan-2020.html", "pingtan-2016.html")
STORE = shutil.ignore_patterns("readings.sqlite")
Change = Callable[[pa.Table], pa.Table]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a corpus that has rows in every table: one document breaks its sums, and one cannot be read."""
    folder = tmp_path_factory.mktemp("corpora")
    (folder / "raw").mkdir()
    for name in DOCUMENTS:
        shutil.copy(RAW / name, folder / "raw")
    (folder / "raw" / "recipe.txt").write_text("西红柿炒鸡蛋", encoding="utf-8")
    command = [sys.executable, "-m", "gongkai", "corpus", str(folder / "raw"), "-o", str(folder / "before"), "--jobs", "1"]
    subprocess.run(command, check=False, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    return folder / "before"


@pytest.fixture
def after(before: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(before, tmp_path / "after", ignore=STORE))


def plant(folder: Path, table: str, change: Change, everywhere: bool = False) -> None:
    """Change a file of a table, the one with most rows, or all of them."""
    most = max(compare_corpora.files(folder, table), key=lambda p: pq.ParquetFile(p).metadata.num_rows)
    for path in compare_corpora.files(folder, table) if everywhere else [most]:
        pq.write_table(change(pq.ParquetFile(path).read()), path)


def other(values: pa.ChunkedArray) -> pa.Array:
    """Change the first value, or give one where none is."""
    first, *rest = values.to_pylist()
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if kind in (pa.string(), pa.large_string()):
        return pa.array(["another", *rest], kind)
    return pa.array([not first if kind == pa.bool_() else (first or 0) + 1, *rest], kind)


def changed(column: str) -> Change:
    return lambda table: table.set_column(table.column_names.index(column), column, other(table[column]))


def unlettered(table: pa.Table) -> pa.Table:
    ids = pa.array([value.removeprefix("r") for value in table["report_id"].to_pylist()], pa.string())
    return table.set_column(table.column_names.index("report_id"), "report_id", ids)


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, list[str]]:
    status = compare_corpora.main([str(argument) for argument in arguments])
    return status, capsys.readouterr().out.splitlines()


def test_a_corpus_does_not_differ_from_its_copy_however_its_rows_are_spread_over_files(
    before: Path, after: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = list(compare_corpora.files(after, "cells"))
    assert len(parts) > 1
    together = pa.concat_tables([pq.ParquetFile(path).read() for path in reversed(parts)])
    shutil.rmtree(after / "cells")
    pq.write_table(together, after / "cells.parquet")
    status, lines = run(capsys, before, after)
    assert (status, lines[-1]) == (0, "nothing differs")
    assert len(lines) == 1 + len(compare_corpora.TABLES)
    assert all(int(line.split(":")[1].split()[0].replace(",", "")) for line in lines[:-1]), "a table without rows proves nothing"


@pytest.mark.parametrize("table", compare_corpora.TABLES)
def test_a_value_planted_in_any_column_of_any_table_is_told(
    table: str, before: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for column in pq.read_schema(next(compare_corpora.files(before, table))).names:
        after = Path(shutil.copytree(before, tmp_path / column, ignore=STORE))
        plant(after, table, changed(column))
        status, lines = run(capsys, before, after)
        assert status == 1
        assert any((f"{column} " in line and " became " in line) or ": is new: " in line for line in lines), column
        assert [line.split(":")[0] for line in lines if " rows, " in line and " rows, 0 " not in line] == [table]
        assert run(capsys, before, after, "--ignore", f"{table}.{column}")[0] == 0, column


@pytest.mark.parametrize("table", compare_corpora.TABLES)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(lambda t: t.slice(1), ": is gone: ", id="a row lost"),
        pytest.param(lambda t: pa.concat_tables([t, t.slice(0, 1)]), ": is new: ", id="a row twice"),
        pytest.param(lambda t: t.drop_columns([t.column_names[-1]]), "<no such column in this file>", id="a column lost in a file"),
        pytest.param(lambda t: t.append_column("more", pa.array(["x"] * t.num_rows)), "column more: is new", id="a new column"),
    ],
)
def test_rows_and_columns_lost_or_new_are_told(
    table: str, change: Change, said: str, before: Path, after: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(after, table, change)
    status, lines = run(capsys, before, after)
    assert status == 1
    one_file = table == "failures" and said.startswith("<")  # a column that its only file has not is gone
    assert any((": is gone" if one_file else said) in line for line in lines)


def test_a_column_lost_or_of_another_type_is_told(before: Path, after: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plant(after, "checks", lambda t: t.drop_columns(["left"]), everywhere=True)
    plant(after, "cells", lambda t: t.set_column(0, t.column_names[0], pa.nulls(t.num_rows, pa.int8())), everywhere=True)
    status, lines = run(capsys, before, after)
    assert status == 1
    assert "    column left: is gone" in lines
    assert "    column at_division_code: string became int8" in lines


@pytest.mark.parametrize("table", ["cells", "checks", "findings", "sections", "figures"])
def test_rows_in_another_order_within_a_report_are_told(table: str, before: Path, after: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plant(after, table, lambda t: t.take(list(range(t.num_rows))[::-1]))
    status, lines = run(capsys, before, after)
    assert status == 1
    assert any("its rows stand in another order" in line for line in lines)


@pytest.mark.parametrize(
    ("was", "now"),
    [([1.0], [1]), ([1.0], [True]), ([None], [0.0]), ([None], [""]), ([float("nan")], [None]), (["1"], [1.0]), ([0.1], [0.1 + 1e-17 * 4])],
)
def test_values_that_look_alike_are_not_the_same(was: list[object], now: list[object]) -> None:
    rows = [[(compare_corpora.plain(value, False),) for value in values] for values in (was, now)]
    before, after = (compare_corpora.Table({"value": "any"}, values) for values in rows)
    assert len(list(compare_corpora.differences(before, after))) == (0 if repr(was) == repr(now) else 1)
    assert not list(compare_corpora.differences(before, before))


def test_a_column_is_left_out_in_every_table_by_its_name_alone(before: Path, after: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plant(after, "cells", changed("where"))
    plant(after, "findings", changed("where"))
    assert run(capsys, before, after, "--ignore", "cells.where")[0] == 1
    assert run(capsys, before, after, "--ignore", "where")[0] == 0


def test_a_changed_cell_is_one_line_that_names_it(before: Path, after: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plant(after, "cells", changed("value"))
    _, lines = run(capsys, before, after)
    found = [line for line in lines if line.startswith("    ")]
    assert len(found) == 1
    assert " disclosure " in found[0] and found[0].endswith("value 0.0 became 1.0")


def test_ids_with_and_without_their_letter_may_count_as_the_same(before: Path, after: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for table in set(compare_corpora.TABLES) - {"failures"}:
        plant(after, table, unlettered, everywhere=True)
    assert run(capsys, before, after)[0] == 1
    assert run(capsys, before, after, "--ignore-id-prefix")[0] == 0
    plant(after, "cells", changed("report_id"))
    assert run(capsys, before, after, "--ignore-id-prefix")[0] == 1


def test_words_and_versions_may_be_left_out_and_nothing_else_with_them(
    before: Path, after: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (*compare_corpora.WORDS, *compare_corpora.VERSION):
        plant(after, name.split(".")[0], changed(name.split(".")[1]))
    assert run(capsys, before, after, "--ignore-words")[0] == 1
    assert run(capsys, before, after, "--ignore-version")[0] == 1
    assert run(capsys, before, after, "--ignore-words", "--ignore-version")[0] == 0
    plant(after, "findings", changed("expected"))
    assert run(capsys, before, after, "--ignore-words", "--ignore-version")[0] == 1


def test_a_long_list_of_differences_is_cut_and_counted(before: Path, after: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plant(after, "cells", lambda t: t.slice(30))
    _, lines = run(capsys, before, after, "--most", "5")
    assert "    ... 25 more" in lines
    assert lines[-1] == "30 differences"


@pytest.mark.parametrize(
    ("arguments", "said"), [(["--ignore", "cells.worth"], "no such column: cells.worth"), ([], "is no corpus: it has no cells")]
)
def test_a_mistake_is_said(arguments: list[str], said: str, before: Path, after: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not arguments:
        shutil.rmtree(after / "cells")
    status, lines = run(capsys, before, after, *arguments)
    assert status == 2
    assert said in lines[-1]


def test_it_needs_nothing_of_the_package(before: Path) -> None:
    code = "import sys, compare_corpora; compare_corpora.main(sys.argv[1:]); assert not [m for m in sys.modules if m.startswith('gongkai')]"
    folder = Path(compare_corpora.__file__).parent
    subprocess.run([sys.executable, "-c", code, str(before), str(before)], cwd=folder, check=True, capture_output=True)
