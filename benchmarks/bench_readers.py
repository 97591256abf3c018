"""How fast a PDF is read, beside pdfplumber's table extraction of the same file, in one run; and that both find the same numbers.

    python benchmarks/bench_readers.py [PDF ...]

Times are medians over interleaved rounds on the machine at hand; only their ratios travel.
"""

from __future__ import annotations

import io
import logging
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pdfplumber

import gongkai
from gongkai.readers import read_document
from gongkai.text import is_value, squeeze

ROUNDS = 7
BAR = 0.25
SHARED = Path(__file__).resolve().parents[2] / "shared" / "reports"


def ours(data: bytes) -> list[list[str | None]]:
    return [[cell.text for cell in row.cells] for row in read_document(data).rows if row.kind == "grid"]


def theirs(data: bytes) -> list[list[str | None]]:
    with pdfplumber.open(io.BytesIO(data)) as book:
        return [line for page in book.pages for table in page.dedupe_chars().extract_tables() for line in table]


def numbers(rows: Iterable[list[str | None]]) -> list[list[str]]:
    """Return the numbers of each row that prints any."""
    found = ([squeeze(c) for c in row if c and is_value(c) and any(ch.isdigit() for ch in c)] for row in rows)
    return [row for row in found if row]


def medians(actions: dict[str, Callable[[bytes], object]], data: bytes, rounds: int = ROUNDS) -> dict[str, float]:
    """Time actions on the same bytes, round by round, so that a busy moment meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            start = time.perf_counter()
            action(data)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def compare(path: Path) -> bool:
    """Print one file's times; say whether the bar is kept and the numbers are the same."""
    data = path.read_bytes()
    same = numbers(ours(data)) == numbers(theirs(data))
    took = medians({"rows": read_document, "report": gongkai.read_report, "pdfplumber": theirs}, data)
    share = took["report"] / took["pdfplumber"]
    shown = ", ".join(f"{name} {1000 * seconds:.0f} ms" for name, seconds in took.items())
    print(f"{path.parent.name}: {shown}; whole reading / pdfplumber = {share:.2f}; numbers {'the same' if same else 'DIFFER'}")
    return same and share <= BAR


def main(arguments: list[str]) -> int:
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    paths = [Path(a) for a in arguments] or sorted(SHARED.glob("*/report.pdf"))
    if not paths:
        print("no PDF at hand")
        return 0
    return 0 if all([compare(p) for p in paths]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
