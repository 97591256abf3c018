"""What a batch costs: the forking engine beside plain papermill and beside the same code as a function, in one run.

    make bench-batch                       # forty counties of a simulated province
    make bench-batch DATA=some/folder      # forty of a folder's

Each study is run all three ways before the next, so that a slow moment of the machine falls on all of them; only ratios travel. Exits
with 1 if a ratio misses its bar, a notebook differs from plain papermill's, or an unchanged study is run again.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from gongkai.corpus import Corpus
from gongkai.corpus.build import build
from gongkai.studies.batch import STUDY, find_notebook, run_studies
from gongkai.studies.execute import run_notebook, text_of
from gongkai.studies.pages import study_page
from gongkai.studies.rehearsal import as_function
from gongkai.studies.units import counties
from gongkai.synthetic import simulate
from papermill_fork import child

YEARS, BLOCKS, PAGES = (2019, 2023), 5, 8
Measured = dict[str, list[tuple[float, float]]]


def cpu() -> float:
    """Return the CPU seconds of this process and of the engine's ended children."""
    own = time.process_time()
    if server := child.Own.server:
        times = psutil.Process(server.process.pid).cpu_times()
        own += times.children_user + times.children_system
    return own


def measure(ways: Mapping[str, Callable[[Mapping[str, Any]], Any]], studies: Sequence[Mapping[str, Any]]) -> tuple[Measured, int]:
    """Run each study all ways, and count the notebooks that differ or lack a picture."""
    measured: Measured = {name: [] for name in ways}
    different = 0
    for number, parameters in enumerate(studies, start=1):
        texts = []
        for name, way in ways.items():
            start, spent = time.perf_counter(), cpu()
            result = way(parameters)
            measured[name].append((time.perf_counter() - start, cpu() - spent))
            texts += [text_of(result[0])] if name != "floor" else []
        different += len(set(texts)) != 1 or "image/png" not in texts[0]
        print(f"\r{number} of {len(studies)} studies", end="", file=sys.stderr)
    print(file=sys.stderr)
    return measured, different


def two_against_one(run: Callable[[Mapping[str, Any]], Any], studies: Sequence[Mapping[str, Any]]) -> float:
    """Return how much sooner two workers are done than one, as the median over blocks of studies."""
    size, gains = max(len(studies) // BLOCKS, 2), []
    for begin in range(0, len(studies), size):
        taken = []
        for workers in (1, 2):
            with ThreadPoolExecutor(workers) as executor:
                start = time.perf_counter()
                list(executor.map(run, studies[begin : begin + size]))
                taken.append(time.perf_counter() - start)
        gains.append(taken[0] / taken[1])
    return statistics.median(gains)


def page_against_nbconvert(notebooks: Sequence[Any]) -> float:
    from nbconvert import HTMLExporter

    exporter, ours, theirs = HTMLExporter(), [], []
    for notebook in notebooks:
        start = time.perf_counter()
        study_page(notebook, "county", "zh", [])
        middle = time.perf_counter()
        exporter.from_notebook_node(notebook)
        ours.append(middle - start)
        theirs.append(time.perf_counter() - middle)
    return statistics.median(ours) / statistics.median(theirs)


def run_again(data: Path) -> int:
    """Make all studies, and return how many fail, or are run when they are made again."""
    with tempfile.TemporaryDirectory() as reports, ThreadPoolExecutor(2) as executor:
        first, again = (run_studies(data, reports_dir=reports, executor=executor) for _ in range(2))
        return again.ran + len(first.failures)


def figure_costs(notebook: Path, parameters: Mapping[str, Any]) -> Mapping[str, float]:
    """Return what each cell that shows a figure costs in CPU seconds, by its id; ``again-`` stands before those in the second language."""
    spent: dict[str, float] = {}
    clock, known = time.process_time(), 0

    def after(cell: str, shown: list[Any]) -> None:
        nonlocal clock, known
        if any("image/png" in (one[0] if isinstance(one, tuple) else one) for one in shown[known:]):
            spent[cell] = time.process_time() - clock
        clock, known = time.process_time(), len(shown)

    as_function(notebook, after)(parameters)
    return spent


def results(data: Path, count: int) -> Iterator[tuple[str, float, str, float]]:
    """Yield what was measured, its figure, and the bar that it must not pass, upwards or downwards."""
    notebook = find_notebook(STUDY)
    studies = [{"data_dir": str(data), "division_code": c.key, "language": "zh"} for c in counties(Corpus(data))[:count]]
    floor = as_function(notebook)
    ways = {
        "floor": floor,
        "engine": lambda p: run_notebook(notebook, p, for_both=True),
        "plain": lambda p: run_notebook(notebook, p, engine=None, for_both=True),
    }
    print("a study is made for both languages at once")
    for warm in ("floor", "engine"):
        ways[warm](studies[0])
    measured, different = measure(ways, studies)
    wall, spent = ({name: statistics.median(pair[n] for pair in pairs) for name, pairs in measured.items()} for n in (0, 1))
    print("  ".join(f"{name} {wall[name]:.2f} s wall {spent[name]:.2f} s CPU" for name in ways), "(plain's CPU is its client's alone)")
    print("each figure, CPU seconds:", ", ".join(f"{cell} {cost:.2f}" for cell, cost in figure_costs(notebook, studies[0]).items()))
    yield "wall time, engine / plain papermill", wall["engine"] / wall["plain"], "<=", 0.25
    yield "wall time, engine / function", wall["engine"] / wall["floor"], "<=", 1.4
    yield "CPU time, engine / function", spent["engine"] / spent["floor"], "<=", 1.3
    yield "one process / two, wall time", two_against_one(ways["engine"], studies), ">=", 1.7
    executed = [run_notebook(notebook, parameters)[0] for parameters in studies[:PAGES]]
    yield "a page / nbconvert's", page_against_nbconvert(executed), "<=", 0.1
    yield "notebooks that differ from plain papermill's", different, "<=", 0
    yield "studies run again though nothing changed", run_again(data), "<=", 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", help="a folder of reports; a simulated province unless given")
    parser.add_argument("--studies", type=int, default=40)
    chosen = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as scratch:
        data = chosen.data or Path(scratch, "reports")
        if not chosen.data:
            simulate(data, chosen.studies, YEARS)
        corpus = build([data], Path(scratch, "corpus"), jobs=2).folder
        for name, figure, sign, bar in results(corpus.resolve(), chosen.studies):
            met = figure <= bar if sign == "<=" else figure >= bar
            missed += not met
            print(f"{name:48}{figure:8.2f}  {sign} {bar:<5} {'' if met else 'MISSED'}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
