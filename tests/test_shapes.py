"""What counties have in common: one clump, a rate that goes with log n, two clumps, each weighed by how well it fits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from gongkai.inference import ranked, shape_sentence, shapes, shrunken
from gongkai.inference.mixtures import MANY, LogN, Mixture, Part, TwoClumps, _single, shaped
from gongkai.inference.models import integrated


def counties(kind: str, counties: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = np.maximum(1, rng.lognormal(3, 1, counties)).astype(int)
    truth = {
        "one_clump": rng.beta(4, 4, counties),
        "log_n": special.expit(-1 + 0.7 * np.log(n / 20) + rng.normal(0, 0.4, counties)),
        "two_clumps": np.where(rng.random(counties) < 0.5, rng.beta(4, 16, counties), rng.beta(16, 4, counties)),
    }[kind]
    return rng.binomial(n, truth).astype(float), n.astype(float), truth


@pytest.mark.parametrize("kind", ["one_clump", "log_n", "two_clumps"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_shape_that_the_counties_were_drawn_in_weighs_most(kind: str, seed: int) -> None:
    found = shapes(*counties(kind, 120, seed)[:2])
    assert found.idxmax() == kind and found.sum() == pytest.approx(1)


@pytest.mark.parametrize("shape", [LogN, TwoClumps])
def test_the_evidence_is_that_of_a_fine_grid(shape: type) -> None:
    """The same integral by brute force over three or four dimensions."""
    k, n, _ = counties("log_n", 24, 3)
    grid = integrated(k, n, "share")
    own = shape(grid.model, k, n)
    axes = [np.linspace(-6, 6, 49), np.linspace(-3, 9, 25), np.linspace(-2, 2, 33) if shape is LogN else np.linspace(-2, 3, 26)]
    axes += [] if shape is LogN else [np.linspace(-8, 8, 33)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    step = np.prod([axis[1] - axis[0] for axis in axes])
    brute = special.logsumexp(np.concatenate([own.log_density(part) for part in np.array_split(points, 40)])) + np.log(step)
    assert own.part()[0] == pytest.approx(brute, abs=0.15)


def test_few_counties_are_taken_for_one_clump() -> None:
    k, n, _ = counties("two_clumps", MANY - 1, 4)
    assert shapes(k, n).to_dict() == {"one_clump": 1.0, "log_n": 0.0, "two_clumps": 0.0}


def test_a_small_county_is_drawn_to_where_small_counties_lie() -> None:
    n = np.repeat([4.0, 400.0], 30)
    k = np.r_[np.tile([0.0, 1.0], 15), np.tile([280.0, 320.0], 15)]
    found = shrunken(k.tolist(), n.tolist())
    assert found["mean"].iloc[1] < 0.3 < 0.65 < found["mean"].iloc[-1]


def test_small_counties_are_covered_where_the_share_goes_with_n() -> None:
    inside = []
    for seed in range(6):
        k, n, truth = counties("log_n", 60, 10 + seed)
        found = shrunken(k.tolist(), n.tolist()).astype({"low": float, "high": float})
        inside += [(found["low"].le(truth) & found["high"].ge(truth))[n < 10]]
    assert np.concatenate(inside).mean() >= 0.92


def test_ranks_are_covered_where_counties_fall_into_two_clumps() -> None:
    inside = []
    for seed in range(4):
        k, n, truth = counties("two_clumps", 120, 20 + seed)
        found, rank = ranked(k.tolist(), n.tolist()), stats.rankdata(-truth)
        inside.append(float((found["rank_low"].le(rank) & found["rank_high"].ge(rank)).mean()))
    assert np.mean(inside) >= 0.93


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("kind", ["share", "rate"])
def test_counties_of_one_clump_get_no_wider_intervals(kind: str, seed: int) -> None:
    k, n, _ = counties("one_clump", 40, seed)
    grid, whole = integrated(k, n, kind), shaped(k, n, kind)
    single = Mixture(grid.model, (Part("one_clump", *_single(grid, k, n), grid.weight),))
    wide, narrow = (one.quantile(0.975) - one.quantile(0.025) for one in (whole, single))
    assert wide.mean() < 1.1 * narrow.mean() and (kind == "rate" or (wide < 1.2 * narrow).all())


def test_quantiles_of_the_mixture_are_those_of_its_draws() -> None:
    k, n, _ = counties("two_clumps", 40, 5)
    found = shaped(k, n, "share")
    drawn = found.draw(np.random.default_rng(0), 20_000)
    assert np.abs(np.quantile(drawn, 0.025, axis=0) - found.quantile(0.025)).max() < 0.02
    assert np.abs(drawn.mean(axis=0) - found.mean()).max() < 0.01


@pytest.mark.parametrize(
    "k, n", [([0] * 30, range(1, 31)), (range(1, 31), range(1, 31)), ([0, 5] * 15, [5] * 30), ([1] * 20, [10**6] * 20)]
)
@pytest.mark.parametrize("kind", ["share", "rate"])
def test_extreme_counts_have_intervals(k: list[int], n: list[int], kind: str) -> None:
    found = shrunken(list(k), list(n), kind).astype({c: float for c in ("low", "mean", "high")})
    assert (found["low"] <= found["mean"]).all() and (found["mean"] <= found["high"]).all() and (found["low"] >= 0).all()


@pytest.mark.parametrize(
    ("kind", "units", "zh", "en"),
    [
        ("log_n", 120, "比率随件数变化", "goes with the number of cases"), ("two_clumps", 120, "分成两群", "two clumps"),
        ("one_clump", 120, "一群", "one clump"), ("one_clump", 12, "不足 20 个", "fewer than 20"),
    ],
)  # fmt: skip
def test_the_sentence_says_which_shape_the_counties_have(kind: str, units: int, zh: str, en: str) -> None:
    k, n, _ = counties(kind, units, 1)
    assert zh in shape_sentence(shapes(k, n), units, "zh") and en in shape_sentence(shapes(k, n), units, "en")
