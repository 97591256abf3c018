"""What models of a panel promise, on fifty simulated provinces with known truth: coverage, and the planted bias of missing reports.

    make bench-models

Counties differ, requests come in bursts that share one answer, a break of known size is planted, one cell in ten has two candidates of
which one is true, and reports are missing more often where few requests were granted: in the year before, which is seen, or in the
missing year itself, which is not. Ends with 1 where a bar is not met.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from gongkai.inference.panels import missing_bounds, multilevel, over_candidates, poisson_panel, presence_weights, share_panel

PROVINCES, COUNTIES, YEARS, BREAK, RATIO, JUMP, FITS = 50, 40, 4, 3, 1.5, 0.6, 5
BAR = 0.9  # fifty draws of .95 vary by .03


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def province(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw the panel, and the true share of each county over the years."""
    level, size = rng.normal(-0.5, 0.7, COUNTIES), rng.lognormal(3.5, 0.7, COUNTIES)
    rows = []
    for unit in range(COUNTIES):
        for year in range(1, YEARS + 1):
            bursts = rng.geometric(0.5, 1 + rng.poisson(max(size[unit] * RATIO ** (year >= BREAK) / 2 - 1, 0)))
            agreed = rng.random(len(bursts)) < logistic(level[unit] + JUMP * (year >= BREAK))
            rows.append((unit, year, int(bursts[agreed].sum()), int(bursts.sum())))
    return pd.DataFrame(rows, columns=["unit", "year", "count", "n"]), logistic(level + JUMP / 2)


def doubted(table: pd.DataFrame, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Draw tables in which each doubtful number of requests is the true one, or the other candidate, with a digit lost or doubled."""
    is_doubted = rng.random(len(table)) < 0.1
    other = np.where(rng.random(len(table)) < 0.5, table["n"] // 10, table["n"] + 10)
    return [table.assign(count=np.where(is_doubted & (rng.random(len(table)) < 0.5), other, table["n"])) for _ in range(FITS)]


def bias(table: pd.DataFrame, rng: np.random.Generator, is_seen: bool) -> tuple[float, float, bool]:
    """Return the bias of the last year's mean share without and with weights, and whether the bounds hold the truth."""
    wide = (table["count"] / table["n"]).set_axis(pd.MultiIndex.from_frame(table[["unit", "year"]])).unstack()
    last, before = wide[YEARS], wide[YEARS - 1]
    is_there = rng.random(COUNTIES) < logistic(-1 + 5 * (before if is_seen else last).to_numpy())
    weights = presence_weights(pd.DataFrame({"present": is_there.astype(int), "before": before}), ["before"])
    low, high = missing_bounds(last.where(is_there))
    weighted = float(np.average(last[is_there], weights=weights[is_there]))
    return last[is_there].mean() - last.mean(), weighted - last.mean(), low <= last.mean() <= high


def main() -> int:
    """Draw, fit, tell."""
    rng = np.random.default_rng(20240331)
    level = rng.normal(-0.5, 0.7, 1_000_000)
    gap = float((logistic(level + JUMP) - logistic(level)).mean())
    held: dict[str, list[float]] = {}
    lost: dict[str, list[tuple[float, float, bool]]] = {"seen": [], "unseen": []}
    for _ in range(PROVINCES):
        table, truth = province(rng)
        told = {
            "ratio of counts": (poisson_panel(table.assign(count=table["n"]), 1).loc[YEARS], RATIO),
            "difference of shares": (share_panel(table, 1).loc[YEARS], gap),
            "over the candidates": (over_candidates([poisson_panel(each, 1) for each in doubted(table, rng)]).loc[YEARS], RATIO),
            "share of each county": (multilevel(table), truth),
        }
        for name, (found, true) in told.items():
            held.setdefault(name, []).append(float(np.mean((found["low"] <= true) & (true <= found["high"]))))
        for name, found in lost.items():
            found.append(bias(table, rng, name == "seen"))
    for name, each in held.items():
        print(f"{'met    ' if np.mean(each) >= BAR else 'NOT MET'}  coverage, {name:<22} {np.mean(each):.3f}  [{BAR}, 1]")
    means = {name: np.mean(each, axis=0) for name, each in lost.items()}
    for name, (bare, weighted, bounds) in means.items():
        print(f"missing by what is {name:<7} bias {bare:+.4f}, weighted {weighted:+.4f}; the bounds hold the truth in {bounds:.2f}")
    cured = abs(means["seen"][1]) < abs(means["seen"][0]) / 2
    return int(min(map(np.mean, held.values())) < BAR or not cured)


if __name__ == "__main__":
    sys.exit(main())
