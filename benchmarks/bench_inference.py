"""What the intervals, shrinkage, ranks, funnels and Gini of ``gongkai.inference`` promise, measured: one line a bar, and whether it is met.

    make bench-inference

Coverage of intervals is computed exactly, over every count; the rest is simulated from a fixed seed. Ends with 1 where a bar is not met.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import stats

from gongkai import inference

SEED = 20240331
BANDS = ((1, 10), (11, 30), (31, 200))
SHARES = np.round(np.arange(0.02, 0.98 + 1e-9, 0.005), 3)
COUNTIES = {5: 600, 8: 600, 15: 300, 30: 150, 100: 80}  # counties, and how many times they are drawn
FUNNELS = 100
OUTLIERS = {
    20: 0.5,
    50: 0.75,
    200: 0.85,
    500: 0.9,
    2000: 0.9,
}  # requests of the county at .80 among others at .45, and the least share found
OTHERS = {9: 60, 30: 40}  # of the one, and how many times they are drawn
VARIED = {"alike": 0.0, "standard deviation .05": 0.05, "standard deviation .15": 0.15}
LONGEST = 1000


class Bar(NamedTuple):
    """One promise: what it is of, what was measured, and between which figures it has to lie."""

    of: str
    figure: float
    least: float
    most: float
    note: str = ""

    @property
    def met(self) -> bool:
        return bool(self.least - 1e-9 <= self.figure <= self.most + 1e-9)

    def __str__(self) -> str:
        return f"{'met    ' if self.met else 'NOT MET'}  {self.of:<72} {self.figure:.4f}  [{self.least:g}, {self.most:g}]  {self.note}"


def covered(method: str, n: int, deff: float = 1) -> np.ndarray:
    """Return the probability, for each true share, that the interval of ``n`` cases contains it."""
    function = getattr(inference, method)
    low, high = np.array([function(k, n, deff=deff) for k in range(n + 1)]).T
    inside = (low[:, None] <= SHARES + 1e-12) & (high[:, None] >= SHARES - 1e-12)
    return (stats.binom.pmf(np.arange(n + 1)[:, None], n, SHARES) * inside).sum(axis=0)


def intervals() -> Iterator[Bar]:
    for low, high in BANDS:
        for method, bar in (("wilson", (0.935, 0.975)), ("clopper_pearson", (0.95, 1))):
            found = np.array([covered(method, n) for n in range(low, high + 1)])
            n, p = np.unravel_index(found.argmin(), found.shape)
            worst = f"worst {found.min():.4f} at n = {low + n}, p = {SHARES[p]:g}"
            if method == "wilson":
                yield Bar(f"coverage of wilson, mean, n {low}-{high}", found.mean(), *bar, worst)
            else:
                yield Bar(f"coverage of clopper_pearson, lowest, n {low}-{high}", found.min(), *bar, f"{worst}; mean {found.mean():.4f}")
    z = stats.norm.ppf(0.975)
    spike = 1 + z**2 / 2 - z * (1 + z**2 / 4) ** 0.5
    many = inference.wilson(1, 10**7).low * 10**7
    yield Bar("lower end of Wilson at 1 of many, times n, as its formula has it", many, spike - 1e-4, spike + 1e-4,
              f"so just below p = {spike:.4f}/n, outside the grid above, coverage falls to {np.exp(-spike):.3f}; Brown, Cai and DasGupta "
              "(2001) are remembered to name 0.1765/n and 0.838 (from memory, unverified)")  # fmt: skip


def exact_ends() -> Iterator[Bar]:
    """Of 0 of n the lower end is 0, of n of n the upper is 1, and nothing else is or is printed so."""
    functions = {name: getattr(inference, name) for name in ("wilson", "clopper_pearson")}
    wrong, printed = dict.fromkeys([*functions, "newcombe", "within_one_total", "poisson"], 0), 0
    for n in range(1, LONGEST + 1):
        for name, function in functions.items():
            for k in {0, 1, n - 1, n}:
                low, high = function(k, n)
                wrong[name] += (low == 0) != (k == 0) or (high == 1) != (k == n)
                texts = inference.percent(low, n, "en"), inference.percent(high, n, "en")
                printed += (texts[0] == "0 %") != (k == 0) or (texts[1] == "100 %") != (k == n)
        wrong["newcombe"] += inference.newcombe(n, n, 0, n).high != 1 or inference.newcombe(0, n, n, n).low != -1
        wrong["poisson"] += inference.poisson(0, n).low != 0 or inference.poisson(1, n).low <= 0
        if n <= 200:
            wrong["within_one_total"] += inference.within_one_total(n, 0, n).high != 1 or inference.within_one_total(0, n, n).low != -1
    yield from (Bar(f"ends of {name} that are not exact, n 1-{LONGEST}", found, 0, 0) for name, found in wrong.items())
    yield Bar("ends printed as none or all that are not, or the other way round", printed, 0, 0)


def clustered() -> Iterator[Bar]:
    """Thirty requests of ten people, each three times the same."""
    shares, counts = np.arange(0.05, 0.951, 0.01), np.arange(11)
    for deff, bar in ((1, (0, 0.9)), (3, (0.935, 0.975))):
        low, high = np.array([inference.wilson(3 * k, 30, deff=deff) for k in counts]).T
        inside = (low[:, None] <= shares) & (high[:, None] >= shares)
        found = (stats.binom.pmf(counts[:, None], 10, shares) * inside).sum(axis=0).mean()
        note = "too low without a design effect" if deff == 1 else ""
        yield Bar(f"coverage of wilson for 10 people x 3 equal requests, deff = {deff}", found, *bar, note)


def sizes(rng: np.random.Generator, counties: int, median: float = 10) -> np.ndarray:
    return np.maximum(1, rng.lognormal(np.log(median), 1, counties).round()).astype(int)


def posteriors(kind: str) -> Iterator[Bar]:
    """Draw counties from Beta(2, 1), or rates from Gamma(2) with mean 0.2; shrink and rank them, and see what was true."""
    rng = np.random.default_rng(SEED)
    for counties, times in COUNTIES.items():
        inside, ranked, errors = [], [], []
        for _ in range(times):
            n = sizes(rng, counties)
            truth = rng.beta(2, 1, counties) if kind == "share" else rng.gamma(2, 0.1, counties)
            k = rng.binomial(n, truth) if kind == "share" else rng.poisson(truth * n)
            found = inference.ranked(k, n, kind).astype({c: float for c in ("value", "mean", "low", "high", "rank_low", "rank_high")})
            rank = stats.rankdata(-truth)
            inside.append(found["low"].le(truth).mul(found["high"].ge(truth)).mean())
            ranked.append(found["rank_low"].le(rank).mul(found["rank_high"].ge(rank)).mean())
            errors.append([((found[column] - truth) ** 2).mean() for column in ("mean", "value")])
        spread = f"+- {2 * np.std(inside) / times**0.5:.4f}"
        yield Bar(f"{kind}: coverage of the posterior, {counties} counties", float(np.mean(inside)), 0.92, 0.97, spread)
        most = 0.99 if counties > 8 else 1  # of few ranks an interval holds more than it says, or one rank fewer too little
        yield Bar(f"{kind}: coverage of rank intervals, {counties} counties", float(np.mean(ranked)), 0.94, most)
        less = 1 - np.mean(errors, axis=0)[0] / np.mean(errors, axis=0)[1]
        if counties == 100:
            yield Bar(f"{kind}: squared error below that of raw rates, {counties} counties", less, 0.3, 1)


def between(rng: np.random.Generator, counties: int, sd: float, mean: float = 0.45) -> np.ndarray:
    """Draw true shares with a standard deviation."""
    size = mean * (1 - mean) / sd**2 - 1 if sd else 0
    return rng.beta(mean * size, (1 - mean) * size, counties) if sd else np.full(counties, mean)


def funnels() -> Iterator[Bar]:
    exact = [inference.funnel([0] * 200, range(1, 201), centre=p, between=False)["chance_95"].max() for p in SHARES[::16]]
    yield Bar("funnel: chance of a county in control, at most, n 1-200", float(max(exact)), 0, 0.05, "computed for every n and share")
    rng = np.random.default_rng(SEED)
    for kind in ("share", "rate"):
        for varied in (False, True):
            flagged, chance = [], []
            for _ in range(FUNNELS):
                n = sizes(rng, 60, 20)
                truth = 0.4 if not varied else rng.beta(4, 6, 60) if kind == "share" else rng.gamma(4, 0.1, 60)
                table = inference.funnel(rng.binomial(n, truth) if kind == "share" else rng.poisson(truth * n), n, kind, varied)
                flagged.append(((table["outside"] != "").mean(), (table["outside"] == "998").mean()))
                chance.append((table["chance_95"].mean(), table["chance_998"].mean()))
            for at, limit, close, most in ((0, "95 %", 0.004, 0.05), (1, "99.8 %", 0.001, 0.003)):
                seen, said = (float(np.mean(pairs, axis=0)[at]) for pairs in (flagged, chance))
                name = f"funnel, {kind}{', variance between counties' if varied else ''}, outside {limit} in control"
                yield Bar(name, seen, 0, min(said + close, most), f"computed {said:.4f}")


def ordinary() -> Iterator[Bar]:
    """Counties that differ as counties do, about 30 and about 300 requests each: nobody is to be called different."""
    rng = np.random.default_rng(SEED)
    for counties, times in ((5, 40), (10, 40), (30, 40)):
        for name, sd in VARIED.items():
            for median in (30, 300):
                outside, found = [], []
                for _ in range(times):
                    n = sizes(rng, counties, median)
                    k = rng.binomial(n, between(rng, counties, sd))
                    table = inference.funnel(k, n)
                    outside.append((table["outside"] != "").mean())
                    found.append(inference.against_others(k, n, "x")["flagged"].any())
                of = f"{counties} counties, {name}, n about {median}"
                room = 2 * (0.05 * 0.95 / times) ** 0.5  # two standard errors of a probability of .05
                yield Bar(f"funnel in control, outside 95 %: {of}", float(np.mean(outside)), 0, 0.05)
                yield Bar(f"family in control, false discoveries: {of}", float(np.mean(found)), 0, 0.05 + room)


def outliers() -> Iterator[Bar]:
    """One county at .80 among others at .45, of five sizes; the others keep their place."""
    rng = np.random.default_rng(SEED)
    for others, times in OTHERS.items():
        for size, least in OUTLIERS.items():
            found, disturbed = [], []
            for _ in range(times):
                n = np.append(sizes(rng, others, 30), size)
                outside = inference.funnel(rng.binomial(n, np.append(np.full(others, 0.45), 0.8)), n)["outside"] != ""
                found.append(outside.iloc[-1])
                disturbed.append(outside.iloc[:-1].mean())
            yield Bar(f"funnel: .80 of n = {size} found among {others} at .45", float(np.mean(found)), least, 1)
            yield Bar(f"funnel: the {others} others outside 95 %, beside .80 of n = {size}", float(np.mean(disturbed)), 0, 0.05)
    one = inference.funnel([900] * 30 + [1600], [2000] * 31)["outside"].tolist()
    yield Bar("funnel: .80 of 2000 among thirty at .45 of 2000, and nobody else", float(one == [""] * 30 + ["998"]), 1, 1)
    yield Bar("funnel: 45, 45, 45, 45, 80 of 100", float(inference.funnel([45] * 4 + [80], [100] * 5)["outside"].tolist()[4] != ""), 1, 1)


def one_county() -> Iterator[Bar]:
    """Under five counties nothing is said of what they have in common, and that is said."""
    for counties in range(1, inference.FEWEST):
        k, n = [0] * counties, [30] * counties
        tables = inference.shrunken(k, n)["mean"], inference.ranked(k, n)["rank"], inference.funnel(k, n)["outside"]
        silent = all(one.isna().all() for one in (*tables, inference.against_others(k, n, "x")["p"]))
        sentences = inference.ranks_sentence(inference.ranked(k, n), "en"), inference.funnel_sentence(inference.funnel(k, n), "en")
        said = all("cannot be told" in one for one in sentences)
        yield Bar(f"{counties} of 0 of 30: no shrunken share, rank, limit or test, and it is said", float(silent and said), 1, 1)


def peers() -> Iterator[Bar]:
    """The middle half of what counties like the others report on as many cases holds at least half of them."""
    rng = np.random.default_rng(SEED)
    for others, times in ((6, 500), (20, 300)):
        for sd in (0.05, 0.15):
            held = {"middle half": 0.0, "95 %": 0.0}
            for _ in range(times):
                n = sizes(rng, others + 1, 60)
                k = rng.binomial(n, between(rng, others + 1, sd))
                found = inference.predicted(k[:-1], n[:-1], n[-1])
                for name, low, high in (("middle half", 0.25, 0.75), ("95 %", 0.025, 0.975)):
                    held[name] += (found[low] <= k[-1] / n[-1] <= found[high]) / times
            yield Bar(f"peers: {others} others, sd {sd}, county in the middle half", held["middle half"], 0.45, 0.8)
            yield Bar(f"peers: {others} others, sd {sd}, county in the 95 %", held["95 %"], 0.93, 1)


def order() -> Iterator[Bar]:
    """Of the pairs that are said to be in order, the share that is not; and how many of them have intervals that overlap."""
    rng = np.random.default_rng(SEED)
    ordered, wrong, overlapping = 0, 0, 0
    for _ in range(100):
        n, truth = sizes(rng, 30, 60), rng.beta(4, 6, 30)
        k = rng.binomial(n, truth)
        table = inference.ranked(k, n)
        above = (inference.ordered(k, n) >= 0.95).fillna(False).to_numpy(dtype=bool)
        ordered += int(table["above"].sum())
        wrong += int((above & (truth[:, None] < truth)).sum())
        overlapping += int((above & (table["low"].to_numpy(float)[:, None] < table["high"].to_numpy(float))).sum())
    yield Bar("pairs in order by posterior probability .95, of them wrong", wrong / ordered, 0, 0.05, f"{ordered / 100:.0f} of 435 pairs")
    yield Bar("pairs in order whose intervals overlap", overlapping / ordered, 0.3, 1, "so overlap is no sign of no order")


def equal_counties() -> Iterator[Bar]:
    rng = np.random.default_rng(SEED)
    tables = [inference.concentration(rng.poisson(5, 100), draws=1000) for _ in range(200)]
    values, chances = (np.array([table.loc["gini", name] for table in tables], dtype=float) for name in ("value", "chance"))
    yield Bar("Gini of 100 equal counties with 5 cases each, less what is called chance", float((values - chances).mean()), -0.005, 0.005,
              f"Gini {values.mean():.3f}, chance {chances.mean():.3f}")  # fmt: skip
    said = np.mean(["lies within what chance gives" in inference.concentration_sentence(table, "en") for table in tables])
    yield Bar("equal counties within what chance gives", float(said), 0.92, 1, "95 % by construction")
    verdicts = ("says nothing", "too alike", "is more than", "is less than")
    judged = np.mean([any(word in inference.concentration_sentence(table, "en") for word in verdicts) for table in tables])
    yield Bar("equal counties that get a verdict", float(judged), 0, 0)
    unequal = [inference.concentration(rng.poisson(rng.gamma(2, 2.5, 100)), draws=1000).loc["gini", "beyond_chance"] for _ in range(50)]
    yield Bar("unequal counties, Gamma(2) with mean 5, found beyond chance", float(np.mean(unequal)), 0.95, 1)


def told(*measured: Iterator[Bar]) -> int:
    """Print each bar as soon as it is measured; return 1 where one is not met."""
    start, met = time.perf_counter(), True
    for bars in measured:
        for bar in bars:
            print(bar, flush=True)
            met &= bar.met
    print(f"{'every bar is met' if met else 'NOT EVERY BAR IS MET'} ({time.perf_counter() - start:.0f} s)")
    return 0 if met else 1


def main() -> int:
    return told(
        exact_ends(), intervals(), clustered(), one_county(), outliers(), ordinary(), funnels(), peers(), order(), equal_counties(),
        posteriors("share"), posteriors("rate"),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
