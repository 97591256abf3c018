"""How a corpus of thousands is built and loaded, each figure beside the bar that it must meet, all in one run.

    make bench-corpus              30,000 simulated reports, HTML and text
    make bench-corpus REPORTS=3000

Two processes against one, the parent's memory, a second run with one changed file, and one county's years against the whole. Exit status 1
where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FIRST, LAST = 2019, 2030
YEARS = LAST - FIRST + 1
BUILD = """
import json, resource, sys, time
from gongkai.corpus.build import build
if __name__ == "__main__":
    start = time.perf_counter()
    built = build([sys.argv[1]], sys.argv[2], jobs=int(sys.argv[3]), quiet=True)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "read": built.read,
                      "failures": built.failures}))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=30_000)
    parser.add_argument("--folder", type=Path, help="keep the simulated reports here, and use them where they are")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gongkai-bench-") as scratch:
        work = chosen.folder or Path(scratch)
        whole, tenth = simulated(work / "whole", chosen.reports), simulated(work / "tenth", chosen.reports // 10)
        bars = [*speed(tenth, Path(scratch)), *size(whole, tenth, Path(scratch)), *loading(Path(scratch) / "whole")]
    for what, figure, bar, met in bars:
        print(f"{'met   ' if met else 'MISSED'}  {what}: {figure} ({bar})")
    return 0 if all(met for *_, met in bars) else 1


def simulated(folder: Path, reports: int) -> Path:
    if not folder.is_dir():
        years = f"{FIRST}-{LAST}"
        command = [
            sys.executable,
            "-m",
            "gongkai",
            "simulate",
            "--counties",
            str(reports // YEARS),
            "--years",
            years,
            "--plain",
            "-o",
            str(folder),
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def build(folder: Path, out: Path, jobs: int) -> dict[str, float]:
    """Build a corpus in a process of its own, so that its memory is its own."""
    done = subprocess.run([sys.executable, "-c", BUILD, str(folder), str(out), str(jobs)], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    print(f"  {folder.name}, {jobs} process{'es' if jobs > 1 else ''}: {found}", flush=True)
    if found["failures"]:
        from gongkai import read_corpus

        raise SystemExit(read_corpus(out).failures["reason"].head().to_string())
    return found


def speed(folder: Path, scratch: Path) -> list[tuple[str, str, str, bool]]:
    """Build the same reports with one process and with two, in turn."""
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(2):
        for jobs in seconds:
            seconds[jobs].append(build(folder, scratch / f"speed-{jobs}-{turn}", jobs)["seconds"])
    ratio = min(seconds[1]) / min(seconds[2])
    return [("two processes against one", f"{ratio:.2f} times as fast", "at least 1.5", ratio >= 1.5)]


def size(whole: Path, tenth: Path, scratch: Path) -> list[tuple[str, str, str, bool]]:
    """Build all and a tenth of it, then change one file and build again."""
    few, all_ = build(tenth, scratch / "tenth", 2), build(whole, scratch / "whole", 2)
    one = next(p for p in sorted(whole.rglob("report.*")) if p.suffix == ".html")
    before = one.read_bytes()
    one.write_bytes(before + b"\n<!-- changed -->")
    again = build(whole, scratch / "whole", 2)
    one.write_bytes(before)
    share, growth = again["seconds"] / all_["seconds"], all_["mb"] / few["mb"]
    return [
        ("memory of the parent", f"{all_['mb']:.0f} MB", "under 1024", all_["mb"] < 1024),
        ("memory against that of a tenth of the reports", f"{growth:.3f} times", "at most 1.1", growth <= 1.1),
        ("a run with one changed file against the first", f"{share:.1%}", "at most 3 %", share <= 0.03 and again["read"] == 1),
    ]


def loading(folder: Path) -> list[tuple[str, str, str, bool]]:
    """Load one county's years, and everything."""
    from gongkai import read_corpus

    code = read_corpus(folder).reports["division_code"].sort_values().iloc[-1]
    seconds: dict[str, list[float]] = {"whole": [], "county": []}
    for _ in range(3):
        for name, corpus in (("county", read_corpus(folder).select(division_code=code)), ("whole", read_corpus(folder))):
            start = time.perf_counter()
            rows = len(corpus.cells)
            seconds[name].append(time.perf_counter() - start)
            if name == "county" and not YEARS * 190 < rows < YEARS * 210:
                raise SystemExit(f"{code} has {rows} cells")
            del corpus
    share = min(seconds["county"]) / min(seconds["whole"])
    return [("one county's years against the whole", f"{share:.2%}", "under 1 %", share < 0.01)]


if __name__ == "__main__":
    sys.exit(main())
