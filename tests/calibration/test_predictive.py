"""What is predicted of published figures: laws of the counts, totals of the same lots, plain units; leaving out by weights."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from calibration.answers import predictive
from calibration.answers.predictive import Forecast, sampled
from calibration.forward_model.moments import Moment, Prediction

N = 4000


def moment(name: str, figure: str, **other: float) -> Moment:
    return Moment(
        0, "2018", name, figure, "measure", 0.0, other.get("rounding", 0.0), other.get("discrepancy", 0.0)
    )


def prediction(mean: list[float], variance: list[float], size: list[float], draws: np.ndarray) -> Prediction:
    return Prediction(
        np.tile(mean, (N, 1)), np.tile(np.diag(variance), (N, 1, 1)), np.broadcast_to(draws, (N, *draws.shape)), np.tile(size, (N, 1)),
    )  # fmt: skip


def test_figures_are_drawn_by_the_laws_of_the_likelihood():
    rng = np.random.default_rng(1)
    of = [
        moment("sale_rate", "sale_rate", discrepancy=0.02),
        moment("ended", "sold", discrepancy=0.05, rounding=0.03),
        moment("turnover", "turnover"),
        moment("commission", "commission"),
    ]
    totals = np.column_stack(
        [np.full((50, 2), np.nan), 2.0 * rng.standard_normal((50, 1)), np.zeros((50, 1))]
    )
    totals[:, 3] = -totals[:, 2]
    given = prediction(
        [0.4, -0.5, np.nan, np.nan], [0.0, 0.04, 0.0, 0.0], [600.0, np.nan, np.nan, np.nan], totals
    )
    x = sampled(of, given, rng)
    assert x[:, 0].mean() == pytest.approx(0.4, abs=0.003)
    assert x[:, 0].std() == pytest.approx(math.hypot(math.sqrt(0.24 / 600), 0.02), rel=0.05)
    assert x[:, 1].std() == pytest.approx(math.sqrt(0.04 + 0.05**2 + 0.03**2), rel=0.05)
    assert np.array_equal(x[:, 2], -x[:, 3])  # totals of a window are of the same lots
    assert x[:, 2].std() == pytest.approx(totals[:, 2].std(), rel=0.05)


def test_moments_become_figures_in_plain_units():
    x = {
        "sale_rate": 0.4,
        "ended": math.log(0.5),
        "turnover": math.log(2e6),
        "commission": math.log(0.03),
        "premium": math.log(1.2),
    }
    measure = {"sale_rate": "sale_rate_final", "premium": "premium_mean"}
    arrays = {name: np.array([value]) for name, value in x.items()}
    plain = predictive._plain(arrays, measure, {"lots": 1000.0, "sold": 300.0, "turnover": 1e9})
    assert plain["sold"][0] == pytest.approx(200.0)
    assert plain["turnover"][0] == pytest.approx(4e8)
    assert plain["commission"][0] == pytest.approx(0.03 * 4e8)
    assert plain["premium"][0] == pytest.approx(0.2)
    ratio = predictive._plain(
        arrays, {**measure, "premium": "premium_mean_ratio"}, {"lots": 1000.0, "sold": 300.0, "turnover": 1e9}
    )
    assert ratio["premium"][0] == pytest.approx(1.2)


def test_a_band_that_holds_nearly_anything_cannot_fail():
    one = Forecast("2018", "turnover", "turnover", "fit", 2.0, 1.0, 2.0, 4.9, 0.5)
    assert not one.cannot_fail
    assert replace(one, high=5.1).cannot_fail
    assert replace(one, low=0.0).cannot_fail
    assert not replace(one, published=6.0, high=5.1).cannot_fail, "it has failed"
    rng = np.random.default_rng(2)
    wide = predictive._forecast(
        "2018", "premium", "premium_mean", "fit", 0.5, np.exp(rng.standard_normal(N)) - 1.0
    )
    assert wide.cannot_fail
    assert wide.quantile == pytest.approx(norm.cdf(math.log(1.5)), abs=0.02)
    assert not predictive._forecast(
        "2018", "premium", "premium_mean", "fit", 0.1, rng.uniform(0.08, 0.3, N)
    ).cannot_fail


def test_leaving_out_by_weights_gives_the_posterior_without_it():
    """Two normal observations of one normal number: without the second the mean is that of prior and first."""
    rng = np.random.default_rng(3)
    first, second = 1.0, 3.0
    both = rng.normal((first + second) / 3.0, math.sqrt(1.0 / 3.0), 200_000)  # prior N(0, 1), errors N(0, 1)
    pull, draws = predictive._pull(-norm.logpdf(second, both), both)
    assert pull == pytest.approx(first / 2.0 - (first + second) / 3.0, abs=0.02)
    assert 1.0 < draws < len(both)
