"""What models of a panel promise, on fifty simulated provinces with known truth: coverage, and the planted bias of missing reports.

    make bench-models

Counties differ, requests come in bursts that share one answer, a break is planted. Ends with 1 where a bar is not met.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from gongkai.inference.panels import missing_bounds, multilevel, poisson_panel, presence_weights, share_panel

PROVINCES, COUNTIES, YEARS, BREAK, RATIO, JUMP = 50, 40, 4, 3, 1.5, 0.6
BAR = 0.9


def logistic(x):
    return 1 / (1 + np.exp(-x))


def province(rng):
    """Return the panel, the average difference that was planted, and each county's share over the years."""
    level, size = rng.normal(-0.5, 0.7, COUNTIES), rng.lognormal(3.5, 0.7, COUNTIES)
    rows = []
    for unit in range(COUNTIES):
        for year in range(1, YEARS + 1):
            bursts = rng.geometric(0.5, 1 + rng.poisson(max(size[unit] * RATIO ** (year >= BREAK) / 2 - 1, 0)))
            agreed = rng.random(len(bursts)) < logistic(level[unit] + JUMP * (year >= BREAK))
            rows.append((unit, year, int(bursts[agreed].sum()), int(bursts.sum())))
    return pd.DataFrame(rows, columns=["unit", "year", "count", "n"]), logistic(level + JUMP / 2)


def main() -> int:
    rng = np.random.default_rng(20240331)
    wide = rng.normal(-0.5, 0.7, 1_000_000)
    gap = float((logistic(wide + JUMP) - logistic(wide)).mean())
    hits, bias = {"poisson": [], "share": [], "multilevel": []}, []
    for _ in range(PROVINCES):
        table, truth = province(rng)
        ratio = poisson_panel(table.assign(count=table["n"]), 1).loc[YEARS]
        share = share_panel(table, 1).loc[YEARS]
        units = multilevel(table)
        hits["poisson"].append(ratio["low"] <= RATIO <= ratio["high"])
        hits["share"].append(share["low"] <= gap <= share["high"])
        hits["multilevel"].append(((units["low"] <= truth) & (truth <= units["high"])).mean())
        bias.append(missing(table, rng))
    bare, weighted, held = np.mean(bias, axis=0)
    for name, found in hits.items():
        print(f"{'met    ' if np.mean(found) >= BAR else 'NOT MET'}  coverage, {name:<12} {np.mean(found):.3f}  [{BAR}, 1]")
    print(f"planted bias of missing reports: {bare:+.4f} as they are, {weighted:+.4f} weighted; bounds hold the truth in {held:.2f}")
    return int(min(np.mean(f) for f in hits.values()) < BAR or held < 1 or abs(weighted) >= abs(bare))


def missing(table, rng):
    """Return the bias of the last year's mean share without and with weights, and whether the bounds hold the truth."""
    last = table[table["year"] == YEARS].reset_index(drop=True)
    before = table[table["year"] == YEARS - 1].reset_index(drop=True)
    shares, old = last["count"] / last["n"], before["count"] / before["n"]
    present = rng.random(COUNTIES) < logistic(-1 + 5 * old - 1.0 * (np.log(before["n"]) - 4))
    weights = presence_weights(pd.DataFrame({"present": present.astype(int), "old": old, "size": np.log(before["n"])}), ["old", "size"])
    low, high = missing_bounds(shares.where(present).to_list())
    truth = shares.mean()
    return shares[present].mean() - truth, np.average(shares[present], weights=weights[present]) - truth, low <= truth <= high


if __name__ == "__main__":
    sys.exit(main())
