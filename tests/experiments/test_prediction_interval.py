"""The interval under draws: against closed forms at its ends, against sampling in between, and its coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit

from sim.experiments.paired import paired
from sim.experiments.prediction_interval import half_width

NOMINAL = 0.95


def one(v=1.0, f=9.0, n=0.0, g=10.0, c=0.1):
    return float(half_width(*(np.array([x]) for x in (v, f, n, g, c)))[0])


@pytest.mark.parametrize("draws", [2, 3, 10, 100, 1000])
def test_without_monte_carlo_error_it_is_students_prediction_interval(draws):
    expected = stdtrit(draws - 1.0, 0.975) * np.sqrt(1.0 + 1.0 / draws)
    assert one(1.0, draws - 1.0, 0.0, 2.0 * draws, 1.0 / draws) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("draws", "pairs"), [(2, 2), (3, 5), (10, 2), (100, 20)])
@pytest.mark.parametrize("ratio", [0.3, 0.9, 1.0, 1.2])
def test_it_is_the_quantile_of_the_posterior(draws, pairs, ratio):
    """V = v f / chi2(f), N = n g / chi2(g), those with V < N thrown away; half a million of each. No outcome v - n makes a jump."""
    rng = np.random.default_rng(1)
    f, g = draws - 1.0, draws * (pairs - 1.0)
    size = 500_000
    between, within = f / rng.chisquare(f, size), ratio * g / rng.chisquare(g, size)
    kept = between >= within
    spread = np.sqrt(between * (1.0 + 1.0 / draws) - within, where=kept, out=np.zeros(size))[kept]
    half = one(1.0, f, ratio, g, 1.0 / draws)
    inside = np.abs(spread * rng.standard_normal(len(spread))) <= half
    assert inside.mean() == pytest.approx(NOMINAL, abs=4 * np.sqrt(0.95 * 0.05 / len(spread)))


def test_it_has_a_scale_no_jump_and_no_holes():
    ratios = np.linspace(0.0, 3.0, 301)
    o = np.ones(301)
    halves = half_width(o, 9 * o, ratios, 10 * o, 0.1 * o)
    assert np.isfinite(halves).all()
    assert np.abs(np.diff(halves)).max() < 0.03, "also where v - n goes below zero"
    np.testing.assert_allclose(
        half_width(1e8 * o, 9 * o, 1e8 * ratios, 10 * o, 0.1 * o), 1e4 * halves, rtol=1e-6
    )
    assert one(v=0.0, n=0.0) == 0.0
    assert 0.0 < one(v=0.0, n=1.0) == pytest.approx(one(v=1e-12, n=1.0))
    assert np.isnan(one(v=np.nan))
    assert np.isnan(one(f=0.0))


def test_it_never_becomes_the_interval_of_a_mean():
    """Means of four draws closer together than chance would have them (v - n < 0): wider than the mean's own interval."""
    means = np.array([1.0, 1.01, 0.99, 1.0])
    seen = (means[:, None] + np.array([-2.0, 0.0, 2.0]))[:, :, None]
    found = {name: float(column[0]) for name, column in paired(np.zeros_like(seen), seen).items()}
    assert found["sd_parameters"] == 0.0
    of_mean = stdtrit(8.0, 0.975) * 2.0 / np.sqrt(12.0)
    assert found["half"] == pytest.approx(of_mean)
    assert found["ci_high"] - found["difference"] > 2.0 * of_mean


def covered(draws, pairs, ratio, trials, seed, weighted=False):
    """Share of data sets whose effect, under parameters not drawn, lies in the interval; 500 of them are held at a time."""
    rng = np.random.default_rng([seed, draws, pairs, round(100 * ratio)])
    weights = np.arange(1.0, draws + 1.0) if weighted else np.ones(draws)
    inside = 0
    for _ in range(trials // 500):
        effects = np.sqrt(ratio) * rng.standard_normal((draws, 1, 500))
        seen = effects + rng.standard_normal((draws, pairs, 500))
        found = paired(np.zeros_like(seen), seen, weights / weights.sum())
        truth = np.sqrt(ratio) * rng.standard_normal(500)
        inside += int(((found["ci_low"] <= truth) & (truth <= found["ci_high"])).sum())
    return inside / trials


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("draws", "pairs", "ratio"), [(3, 3, 0.0), (5, 2, 1.0), (10, 5, 0.1), (30, 2, 0.1), (30, 2, 10.0)]
)
def test_the_interval_covers_what_it_claims(draws, pairs, ratio, weighted):
    """At least 95 % within three standard errors; benchmarks/coverage-results.md has the whole table."""
    assert covered(draws, pairs, ratio, 1000, 1, weighted) >= NOMINAL - 3 * np.sqrt(0.95 * 0.05 / 1000)


@pytest.mark.slow
@pytest.mark.parametrize("draws", [3, 5, 10, 30, 100])
@pytest.mark.parametrize("pairs", [2, 5, 20])
def test_the_interval_covers_what_it_claims_everywhere(draws, pairs):
    """Fifteen designs, five ratios each, 4,000 data sets: nowhere below 93 %, above where parameters hardly matter."""
    shares = [covered(draws, pairs, ratio, 4000, 2) for ratio in (0.0, 0.01, 0.1, 1.0, 10.0)]
    assert min(shares) >= 0.93
    assert shares[0] >= NOMINAL
    assert shares[-1] <= 0.98
