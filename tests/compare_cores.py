"""Compare two states of the reader cell by cell, over documents with known cells.

PYTHONPATH=src python tests/compare_cores.py make FOLDER [--each 2]     draw documents of every kind, layout and edition
PYTHONPATH=src python tests/compare_cores.py read FOLDER OUT.json       read them with the source on PYTHONPATH
python tests/compare_cores.py diff OLD.json NEW.json                    the figures of both, and the cells that one gained or lost
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

OUTCOMES = ("right", "excused", "flagged", "missed", "wrong", "silent", "refused")


def drawn(each: int, only: str, first: int) -> Iterator[tuple[str, str, object]]:
    """Yield documents of every kind of damage, by name of the set."""
    from damages import KINDS, cases
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from strategies import EDITIONS, LAYOUTS
    from unseen import UNSEEN, unseen_cases

    few = settings(max_examples=each + 4, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck))
    plans = [(f"{k}", f"{layout}", cases(k, layout, e)) for k in KINDS for layout in LAYOUTS if layout in k.layouts for e in EDITIONS]
    plans += [(f"new: {k}", str(e), unseen_cases(k, e)) for k in UNSEEN for e in EDITIONS]
    for n, (kind, layout, strategy) in enumerate(p for p in plans if only in p[0]):
        kept: list[object] = []
        seed(n + 1000 * first)(few(given(case=strategy)(lambda case: kept.append(case))))()  # noqa: B023
        for case in kept[-each:]:
            yield kind, layout, case


def make(folder: Path, each: int, only: str, first: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "cases.pickle").open("wb") as file:
        for kind, layout, case in drawn(each, only, first):
            try:
                pickle.dump((kind, layout, case.document(), wanted(case)), file)  # type: ignore[attr-defined]
            except ValueError as error:
                print(f"{kind} {layout}: {error}")


def wanted(case: object) -> dict[str, tuple[float | None, str, bool]]:
    from truth import expected

    given = case.expected() if hasattr(case, "expected") else expected(case)  # type: ignore[arg-type]
    return {path: (e.value, e.status, e.excused) for path, e in given.items()}


def stored(folder: Path) -> Iterator[tuple[str, str, bytes, dict[str, tuple[float | None, str, bool]]]]:
    with (folder / "cases.pickle").open("rb") as file:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return


def read(folder: Path, out: Path, only: str) -> None:
    from truth import Expected, _outcome

    import gongkai

    results = []
    for n, (kind, layout, data, known) in enumerate(stored(folder)):
        if only not in kind:
            continue
        start = time.perf_counter()
        try:
            report = gongkai.read_report(data)
        except gongkai.ReportError as error:
            results.append((n, kind, layout, {path: ("refused", str(error).splitlines()[-1][:90]) for path in known}, 0.0))
            continue
        named = {(f.table, f.item, f.measure) for f in report.contents.findings}
        cells = {}
        for r in report.readings:
            f = r.field
            owners = {(f.table, item, measure) for item in (f.item, None) for measure in (f.measure, None)}
            noticed = bool(owners & named)
            e = Expected(*known.get(f.path, (None, "absent", False)))
            outcome = _outcome(r, e, noticed)
            outcome = "excused" if outcome == "right" and r.value is None and e.value is not None else outcome
            cells[f.path] = (outcome, f"printed {e.value} ({e.status}), read {r.value} ({r.status})")
        results.append((n, kind, layout, cells, time.perf_counter() - start))
    out.write_text(json.dumps(results, ensure_ascii=False))


def diff(old: Path, new: Path, most: int) -> int:
    before, after = ({r[0]: r for r in json.loads(p.read_text())} for p in (old, new))
    figures: dict[str, list[Counter[str]]] = defaultdict(lambda: [Counter(), Counter()])
    shown: Counter[str] = Counter()
    for n in sorted(before.keys() & after.keys()):
        _, kind, layout, a, _ = before[n]
        _, _, _, b, _ = after[n]
        for path in a.keys() | b.keys():
            x, y = a.get(path, ("right", "")), b.get(path, ("right", ""))
            figures[kind][0][x[0]] += 1
            figures[kind][1][y[0]] += 1
            worse = OUTCOMES.index(y[0]) > OUTCOMES.index(x[0]) or y[0] in ("silent",)
            if worse and not (shown[f"{kind} {n} {y[0]}"] or shown[kind] >= most):
                print(f"#{n} {kind} [{layout}] {path}: {x[0]} -> {y[0]}: {y[1]}")
                shown[kind] += 1
                shown[f"{kind} {n} {y[0]}"] += 1
    total = [Counter[str](), Counter[str]()]
    for kind, pair in [*figures.items(), ("TOTAL", total)]:
        cells = ["/".join(str(c[o]) for o in OUTCOMES) for c in pair]
        print(f"{kind:28} {cells[0]:36} {cells[1]:36} {pair[1]['right'] / max(1, sum(pair[1].values())):.2%}")
        if kind != "TOTAL":
            total[0].update(pair[0])
            total[1].update(pair[1])
    print(f"seconds {sum(r[4] for r in before.values()):.1f} {sum(r[4] for r in after.values()):.1f}")
    return int(bool(total[1]["silent"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("make", "read", "diff"))
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--each", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=3)
    options = parser.parse_args()
    if options.what == "make":
        make(options.paths[0], options.each, options.only, options.seed)
    elif options.what == "read":
        read(options.paths[0], options.paths[1], options.only)
    else:
        return diff(options.paths[0], options.paths[1], options.most)
    return 0


if __name__ == "__main__":
    sys.exit(main())
