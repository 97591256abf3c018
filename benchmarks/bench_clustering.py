"""What intervals and ranks at the estimated design effect promise, measured where a few people file most requests.

    make bench-inference

Provinces are drawn in ways that are not the estimator's own: requests filed in bursts that share one answer, of a size unknown to the
program, with ordinary or heavy tails; shares that go with the number of requests; counties in two clumps; shares that drift through the
years. Five years, 8 to 120 counties. Ends with 1 where a bar is not met.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
from bench_inference import SEED, Bar
from scipy import special, stats

from gongkai import inference

YEARS, MEDIAN = 5, 20
BURSTS = (1, 2, 4, 8)
COUNTIES = {8: 40, 20: 20, 40: 16, 120: 8}  # counties, and how many times they are drawn
PROVINCES = ("ordinary", "heavy tails", "shares go with n", "two clumps", "drifting shares")
TAIL = 1.8  # of the Pareto distribution: its variance is infinite


def burst_sizes(rng: np.random.Generator, n: int, mean: float, heavy: bool) -> np.ndarray:
    """Part ``n`` requests into bursts of a mean size."""
    if mean == 1:
        return np.ones(n, dtype=int)
    drawn = np.ceil(mean * (1 - 1 / TAIL) * (1 + rng.pareto(TAIL, n))).astype(int) if heavy else rng.geometric(1 / mean, n)
    ends = np.minimum(drawn.cumsum(), n)
    return np.diff(ends[: np.searchsorted(ends, n) + 1], prepend=0)


def province(rng: np.random.Generator, counties: int, mean: float, kind: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw the counts of all counties and years, and the true share of each county in the last year."""
    usual = np.maximum(1, rng.lognormal(np.log(MEDIAN), 1, counties))
    share = rng.beta(4, 4, counties)
    if kind == "shares go with n":
        share = special.expit(-1 + 0.5 * np.log(usual / MEDIAN) + rng.normal(0, 0.5, counties))
    elif kind == "two clumps":
        share = np.where(rng.random(counties) < 0.5, rng.beta(4, 16, counties), rng.beta(16, 4, counties))
    drift = rng.normal(0, 0.15, counties) if kind == "drifting shares" else np.zeros(counties)
    rows = []
    for county in range(counties):
        for year in range(YEARS):
            sizes = burst_sizes(rng, max(1, rng.poisson(usual[county])), mean, kind == "heavy tails")
            true = special.expit(special.logit(share[county]) + drift[county] * (year - YEARS + 1))
            rows.append((county, year, int((sizes * (rng.random(len(sizes)) < true)).sum()), int(sizes.sum())))
    return pd.DataFrame(rows, columns=["unit", "year", "count", "n"]), share


def seen(rng: np.random.Generator, counties: int, mean: float, kind: str) -> list[float]:
    """Draw one province; return coverage, width beside that without a design effect, the estimate and whether it is doubted."""
    table, truth = province(rng, counties, mean, kind)
    newest = table[table["year"] == YEARS - 1]
    effect = inference.design_effect(table)
    whole, plain = (inference.ranked(newest["count"], newest["n"], deff=deff) for deff in (effect, 1))
    columns = ["low", "high", "rank_low", "rank_high"]
    found, now = (one[columns].to_numpy(dtype=float).T for one in (whole, plain))
    rank = stats.rankdata(-truth)
    covered = [((one[0] <= truth) & (truth <= one[1])).mean() for one in (found, now)]
    return [*covered, ((found[2] <= rank) & (rank <= found[3])).mean(), (found[1] - found[0]).mean() / (now[1] - now[0]).mean(),
            effect.value, float(effect.why != "")]  # fmt: skip


def bursts() -> Iterator[Bar]:
    for counties, times in COUNTIES.items():
        for kind in PROVINCES:
            for mean in BURSTS:
                rng = np.random.default_rng([SEED, counties, int(mean), PROVINCES.index(kind)])
                inside, plain, ranks, wider, value, doubted = np.mean([seen(rng, counties, mean, kind) for _ in range(times)], axis=0)
                of = f"{counties} counties, {kind}, bursts of {mean}"
                least = 0.92 if counties >= 40 else 0
                yield Bar(f"posterior covers: {of}", inside, least, 1, f"design effect {value:.1f}; {plain:.2f} without")
                yield Bar(f"rank intervals cover: {of}", ranks, least, 1)
                yield Bar(f"says that it rests on few: {of}", doubted, float(counties < 40), float(counties < 40))
                if mean == 1 and kind != "drifting shares":
                    yield Bar(f"wider than for independent requests: {of}", wider, 0, 1.2)


def main() -> int:
    start, met = time.perf_counter(), True
    for bar in bursts():
        print(bar, flush=True)
        met &= bar.met
    print(f"{time.perf_counter() - start:.0f} s")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
