"""A simulated province: consistent, marked as simulated, the same for the same seed, and read back without a cell wrong or missed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai import Report, read_report
from gongkai.cli import main
from gongkai.core.errors import UsageError
from gongkai.core.model import Field
from gongkai.corpus.manifest import read_entry, read_manifest
from gongkai.readers import read_document
from gongkai.synthetic import invented_county, simulate
from gongkai.synthetic import writers as render
from gongkai.synthetic.damage_kinds import DAMAGES, Seeded
from gongkai.synthetic.history import Year, history, settings
from gongkai.synthetic.printing import print_year

LAST = 2026


@given(st.integers(0, 2**32), st.integers(0, 2999))
def test_every_sum_of_every_year_holds(seed: int, number: int) -> None:
    for year in history(seed, number, LAST):
        known = dict(year.values)

        def total(side: tuple[Field, ...], known: dict[str, float] = known) -> float:
            return sum(known[f.path] for f in side)

        assert [i for i in year.form.identities if total(i.left) != total(i.right)] == []
        assert {f.path for f in year.form.fields} == set(known)
        assert all(n >= 0 for path, n in known.items() if not path.endswith("/change"))


@given(st.integers(0, 2**32), st.integers(0, 2999))
def test_every_year_ties_to_the_year_before(seed: int, number: int) -> None:
    years = list(history(seed, number, LAST))
    assert [y.year for y in years] == list(range(2014, LAST + 1))
    for before, after in pairwise(years):
        assert dict(broken(before, after)) == {}


def broken(before: Year, after: Year) -> Iterator[tuple[str, Any]]:
    """Give what does not tie between two years."""
    old, new = before.values, after.values
    for path, n in new.items():
        table, item, measure = path.split("/")
        expected: float = n
        if item == "carried_in" and old:
            expected = old[f"applications/carried_out/{measure}"]
        elif measure == "in_force" and path in old:
            expected = old[path] + new[f"{table}/{item}/issued"] - new[f"{table}/{item}/repealed"]
        elif measure == "items_last_year" and path in old:
            expected = old[path] + old[f"{table}/{item}/change"]
        if n != expected:
            yield path, (n, expected)
    for row, was in zip(after.listed, before.listed, strict=False):
        if row[3] != was[3] + row[2]:
            yield row[0], (row, was)


@given(st.integers(0, 2**32))
def test_the_list_adds_up(seed: int) -> None:
    for year in (y for y in history(seed, 1, 2018)):
        for column in (2, 3):
            n = [row[column] for row in year.listed]
            assert (n[1] + n[2], n[4] + n[5] + n[6], n[8] + n[9] + n[10] + n[11]) == (n[0], n[3], n[7])


def test_counts_are_such_as_counties_have() -> None:
    known = {(number, y.year): y for number in range(150) for y in history(5, number, 2025) if y.values}

    def sums(path: str, *years: int) -> list[float]:
        return [known[number, year].values[path] for number in range(150) for year in years]

    received = sums("applications/new_received/total", 2021, 2022, 2023)
    mean = sum(received) / len(received)
    assert 0.01 < received.count(0) / len(received) < 0.2
    assert sum((n - mean) ** 2 for n in received) / len(received) > 20 * mean
    assert sum(sums("applications/new_received/total", 2024, 2025)) > sum(sums("applications/new_received/total", 2019, 2020))
    direct, reconsidered = "review/direct_litigation/total", "review/reconsideration/total"
    assert sum(sums(direct, 2024)) < 0.5 * sum(sums(direct, 2023))
    assert sum(sums(reconsidered, 2024)) > 1.5 * sum(sums(reconsidered, 2023))
    repeated = [y.values["applications/not_processed.duplicate/natural_person"] for y in known.values()]
    assert 0.01 < sum(n > 40 for n in repeated) / len(repeated) < 0.1


def test_no_code_or_name_is_a_real_one_or_stands_twice() -> None:
    places = [invented_county(number) for number in range(3000)]
    assert len({p.code for p in places}) == len({p.name for p in places}) == 3000
    assert all(90 <= int(p.code[:2]) <= 99 and p.name.startswith("模拟") for p in places)


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("province")
    simulate(folder, 9, (2017, 2023), seed=5, missing=True)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_more_counties_and_years_change_none(province: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "more", 11, (2016, 2024), seed=5, missing=True, jobs=2)
    before, after = contents(province), contents(tmp_path / "more")
    assert {Path(name).suffix for name in before} >= {".html", ".txt", ".docx", ".xlsx"}
    assert {name: after[name] for name in before if "/" in name} == {name: data for name, data in before.items() if "/" in name}
    simulate(tmp_path / "other", 1, (2023, 2023), seed=4)
    name = "900101-2023/truth.json"
    assert contents(tmp_path / "other")[name] != before[name]


def test_title_text_and_every_table_say_that_they_are_simulated(province: Path) -> None:
    for entry in read_manifest(province):
        if entry.path.name == "truth.json" or entry.path.name == "frame.csv":
            continue
        report = read_entry(entry)
        assert report.title and "模拟" in report.title
        assert entry.division_code and entry.division_code[0] == "9"
        text = "\n".join("|".join(cell.text for cell in row.cells) for row in read_document(entry.path).rows)
        assert "This report is simulated" in text
        tables = max(1, len({r.field.table for r in report.readings}))
        assert text.count("模拟数据 simulated") == tables


def truths(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.glob("*/truth.json")):
        yield next(path.parent.glob("report.*")), json.loads(path.read_text(encoding="utf-8"))


def test_every_report_is_read_without_a_cell_wrong_or_missed(province: Path) -> None:
    found = {path.parent.name: check(read_report(path), truth) for path, truth in truths(province)}
    assert len(found) == 60
    assert {name: faults for name, (_, faults) in found.items() if faults} == {}
    assert sum(flagged for flagged, _ in found.values()) <= 0.005 * 9000


def check(report: Report, truth: dict[str, Any]) -> tuple[int, list[object]]:
    """Count the cells that are said to be uncertain though a number is printed, and list those that are wrong or missed."""
    assert (report.year, report.form, report.title) == (truth["year"], truth["template"], truth["title"])
    assert (truth["narrative_figures"][0]["value"], "件") in {(f.value, f.unit) for f in report.contents.figures}
    read = {r.field.path: r for r in report.readings}
    flagged, faults = 0, []
    for name, value, status in printed(truth, [*read]):
        found = read[name]
        said = value is not None and found.value is None and found.status in ("uncertain", "unreadable")
        flagged += said
        if not said and (found.value != value or (status and found.status != status)):
            faults.append((name, value, status, found.value, found.status))
    return flagged, faults


def printed(truth: dict[str, Any], read: list[str]) -> Iterator[tuple[str, float | None, str | None]]:
    """Give what each cell prints, and its status where only one is true."""
    rows = [value for row in truth.get("statistics", ()) for value in row["values"]]
    yield from ((path, value, None) for path, value in zip(read, rows, strict=bool(rows)) if rows)
    for table in ("disclosure", "applications", "review"):
        for item, measures in truth.get(table, {}).items():
            for measure, value in measures.items():
                yield f"{table}/{item}/{measure}", value, truth.get("status", {}).get(f"{table}.{item}.{measure}")


def test_the_manifest_and_the_frame_say_what_is_there(province: Path) -> None:
    with (province / "frame.csv").open(encoding="utf-8", newline="") as file:
        frame = list(csv.DictReader(file))
    with (province / "manifest.csv").open(encoding="utf-8", newline="") as file:
        manifest = list(csv.DictReader(file))
    assert len(frame) == 63
    found = {(row["division_code"], row["year"]) for row in frame if row["outcome"] == "found"}
    assert found == {(row["division_code"], row["year"]) for row in manifest} and len(found) < 63
    assert {row["path"].split("/")[0] for row in manifest} == {f"{code}-{year}" for code, year in found}
    assert {row["date"] for row in frame if row["year"] == "2019"} == {"2020-06-30"}


def test_plain_is_pages_and_text_with_every_sum_right(tmp_path: Path) -> None:
    assert simulate(tmp_path, 8, (2021, 2023), plain=True) == 24
    assert {p.suffix for p in tmp_path.glob("*/report.*")} == {".html", ".txt"}
    for path in tmp_path.glob("*/report.*"):
        assert read_report(path).contents.findings == ()


@pytest.mark.parametrize("kind", list(DAMAGES))
@pytest.mark.parametrize("year", [2020, 2024])
def test_every_damage_of_the_mix_in_every_layout_is_read_without_a_cell_wrong_or_missed(kind: str, year: int) -> None:
    """Each layout of the mix befalls each damage that it does not hide."""
    assert set(settings()["damages"]) == set(DAMAGES)
    *_, values = history(year, 3, year)
    for layout in (name for name in settings()["layouts"] if name not in settings()["damages"][kind].get("not", ())):
        rng = np.random.default_rng([year, *kind.encode(), *layout.encode()])
        sheets = render.layout(values.form, values.values, render.Style(money="万元"))
        damaged = DAMAGES[kind](Seeded(rng, values.form, sheets))
        made = print_year("模拟甲乾县", values, rng, layout, damaged)
        assert check(read_report(made.data), dict(made.truth))[1] == [], layout


@pytest.mark.parametrize(
    ("counties", "years", "seed"),
    [(0, (2019, 2020), 0), (3001, (2019, 2020), 0), (1, (2013, 2020), 0), (1, (2020, 2019), 0), (1, (2020, 2020), -1)],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, counties: int, years: tuple[int, int], seed: int) -> None:
    with pytest.raises(UsageError, match=r"expected .*\d"):
        simulate(tmp_path / "new", counties, years, seed)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("language", "told"), [("zh", "已写入 2 份模拟报告"), ("en", "2 simulated reports written")])
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, told: str) -> None:
    command = ["simulate", "--counties", "2", "--years", "2021", "--seed", "7", "--plain", "--jobs", "1", "--lang", language]
    assert main([*command, "-o", str(tmp_path / "new")]) == 0
    assert told in capsys.readouterr().out
    assert main([*command, "-o", str(tmp_path / "new")]) == 2
