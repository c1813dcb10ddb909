"""Wave 2's likelihood: laws that it must come back to, and what it must not call impossible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, multivariate_normal, norm, t

from calibration.estimation.likelihood import FREEDOM, WIDTH, beta_binomial, by_moment, totals
from calibration.forward_model.moments import Moment, Prediction


def moment(
    observed: float, discrepancy: float = 0.0, rounding: float = 0.0, figure: str = "premium"
) -> Moment:
    return Moment(0, "w", figure, figure, figure, observed, rounding, discrepancy)


def of_prediction(moments: Sequence[Moment], prediction: Prediction) -> np.ndarray:
    """(n,) log density of what was reported, all constants in it."""
    by = by_moment(moments, prediction)
    return np.nan_to_num(by.counts.sum(axis=1) + by.totals.sum(axis=1), nan=-np.inf)


def density(draws: np.ndarray, *moments: Moment) -> float:
    """Of prints of aggregates, by draws (S, k)."""
    k = len(moments)
    prediction = Prediction(np.zeros((1, k)), np.zeros((1, k, k)), draws[None], np.full((1, k), np.nan))
    return float(np.exp(of_prediction(moments, prediction)[0]))


@pytest.mark.parametrize("discrepancy", [0.0, 0.5])
def test_an_aggregate_s_density_adds_up_to_one_whatever_the_draws(discrepancy):
    draws = np.random.default_rng(1).gamma(0.7, 1.0, (32, 1))
    middle, rest = (
        quad(lambda y: density(draws, moment(y, discrepancy)), *ends, limit=400)[0]
        for ends in ((-50.0, 60.0), (60.0, np.inf))
    )
    assert middle + rest == pytest.approx(1.0, abs=1e-3)


def test_two_aggregates_density_adds_up_to_one():
    rng = np.random.default_rng(2)
    draws = rng.multivariate_normal([0, 0], [[1, -0.8], [-0.8, 1]], 32)
    grid = np.linspace(-8, 8, 81)
    whole = sum(density(draws, moment(x), moment(y, figure="turnover")) for x in grid for y in grid)
    assert whole * (grid[1] - grid[0]) ** 2 == pytest.approx(
        1.0, abs=0.05
    )  # the copula's scores are of the draws


def test_with_many_normal_draws_the_density_is_the_normal_one():
    """4,000 draws of two correlated aggregates: within a tenth in the log, smoothing and simulation error together."""
    law = multivariate_normal([1.0, -2.0], [[1.0, -0.7], [-0.7, 1.0]])
    draws = law.rvs(4000, random_state=3)
    for y in ([1.0, -2.0], [2.0, -2.5], [0.0, -1.5], [1.5, -3.5]):
        found = np.log(density(draws, moment(y[0]), moment(y[1], figure="turnover")))
        assert found == pytest.approx(law.logpdf(y), abs=0.1)


def test_rounding_and_discrepancy_count_with_their_variance_where_draws_are_all_alike():
    sd = np.hypot(0.3, 0.4)
    scale = sd / np.sqrt(FREEDOM / (FREEDOM - 2.0))
    assert t(FREEDOM, scale=scale).std() == pytest.approx(sd)
    for y in (0.0, 0.5, -2.0):
        found = density(np.zeros((16, 1)), moment(y, discrepancy=0.3, rounding=0.4))
        assert found == pytest.approx(t(FREEDOM, scale=scale).pdf(y))


def test_a_print_beyond_all_draws_is_improbable_and_not_impossible():
    """One large lot takes a premium there; with a normal kernel 10 sd away the density was below 1e-60."""
    draws = np.random.default_rng(4).standard_normal((32, 1))
    near, far, farther = (density(draws, moment(y)) for y in (0.0, 5.0, 10.0))
    assert near > 100 * far > 100 * farther
    assert farther > 1e-6


def test_sale_rates_are_binomial_and_beta_binomial_with_a_discrepancy():
    number, rate, sd = 437, 0.6, 0.05
    sold = np.arange(number + 1)
    plain = np.array([beta_binomial(k, number, np.array([rate]), 0.0)[0] for k in sold])
    assert np.exp(plain) == pytest.approx(binom(number, rate).pmf(sold), abs=1e-12)
    spread = np.exp([beta_binomial(k, number, np.array([rate]), sd)[0] for k in sold])
    assert spread.sum() == pytest.approx(1.0)
    mean = spread @ sold
    assert mean == pytest.approx(number * rate)
    variance = number * rate * (1 - rate) + number * (number - 1) * sd**2
    assert spread @ (sold - mean) ** 2 == pytest.approx(variance)


def of_counts(mean: list[float], variance: list[float], *moments: Moment) -> np.ndarray:
    """Log likelihoods of counts under several predictions of one moment each."""
    n = len(mean)
    cov = np.array(variance)[:, None, None] * np.eye(len(moments))
    means = np.repeat(np.array(mean)[:, None], len(moments), axis=1)
    return of_prediction(moments, Prediction(means, cov, np.empty((n, 0, 0)), np.full_like(means, np.nan)))


def test_other_counts_are_normal_with_chance_rounding_and_discrepancy_as_their_variance():
    """Constants and all: densities are weighed against those of other interpretations."""
    one = moment(1.0, discrepancy=0.3, rounding=0.2, figure="lots_failed")
    mean, variance = [1.0, 1.7, 0.2], [0.04, 0.25, 1.0]
    found = of_counts(mean, variance, one)
    exact = norm.logpdf(1.0, mean, np.sqrt(np.array(variance) + 0.3**2 + 0.2**2))
    assert found == pytest.approx(exact)
    assert of_counts(mean, variance, one, one) == pytest.approx(2.0 * found)


def test_totals_of_two_windows_are_independent_of_each_other():
    rng = np.random.default_rng(6)
    draws = rng.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], 64)
    here, there = moment(0.5), replace(moment(-0.5), window=1)
    alone = density(draws[:, :1], here) * density(draws[:, 1:], there)
    assert density(draws, here, there) == pytest.approx(alone)
    assert density(draws, here, moment(-0.5)) < 0.7 * alone  # of one window they go together


def test_discrepancies_of_their_own_make_totals_go_less_together():
    """Two figures with correlation .9 and as much discrepancy again: correlation .45, 4,000 draws."""
    cov = np.array([[1.0, 0.9], [0.9, 1.0]])
    draws = np.random.default_rng(7).multivariate_normal([0, 0], cov, 4000)
    law = multivariate_normal([0.0, 0.0], cov + np.eye(2))
    same, apart = (
        np.log(density(draws, moment(1.0, 1.0), moment(y, 1.0, figure="turnover"))) for y in (1.0, -1.0)
    )
    assert same - apart == pytest.approx(law.logpdf([1.0, 1.0]) - law.logpdf([1.0, -1.0]), abs=0.12)


def test_what_cannot_be_computed_has_no_likelihood():
    assert density(np.full((16, 1), np.nan), moment(0.0)) == 0.0


def test_three_aggregates_are_student_kernels_joined_by_a_normal_copula_of_ranks():
    """Against SciPy's laws, draw by draw, ties among the draws included."""
    rng = np.random.default_rng(7)
    draws = np.round(rng.standard_normal((4, 12, 3)) * [1.0, 5.0, 0.2], 1)
    every = [moment(0.5, 0.1), moment(-2.0), moment(0.1, 0.2)]
    own = np.array([0.01, 0.0, 0.04])
    sd = draws.std(axis=1, ddof=1)
    width = np.sqrt((WIDTH * 1.06 * sd * 12**-0.2) ** 2 + own * (FREEDOM - 2.0) / FREEDOM)
    x = (np.array([0.5, -2.0, 0.1]) - draws) / width[:, None]
    marginal = np.log((t.pdf(x, FREEDOM) / width[:, None]).mean(axis=1)).sum(axis=1)
    score = norm.ppf(t.cdf(x, FREEDOM).mean(axis=1))
    z = norm.ppf((draws.argsort(axis=1, kind="stable").argsort(axis=1) + 1.0) / 13.0)
    weaker = sd / np.sqrt(sd**2 + own)
    joint = []
    for n in range(4):
        r = z[n].T @ z[n] / (z[n, :, 0] ** 2).sum() * np.outer(weaker[n], weaker[n]) * 0.98
        np.fill_diagonal(r, 1.0)
        joint.append(multivariate_normal.logpdf(score[n], cov=r) - norm.logpdf(score[n]).sum())
    assert totals(every, draws)[:, 0] == pytest.approx(marginal + np.array(joint), rel=1e-9)
