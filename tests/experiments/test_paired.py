"""Differences within pairs, against textbook formulas and against data sets whose variances are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.experiments.paired import keys, paired, wide
from sim.measures import MeasureTable
from sim.measures.summary import NothingSharedError, places, shared

TRIALS = 4000


def table(windows, measures, values):
    shape = (len(windows), 1, 1, len(measures))
    return MeasureTable(
        tuple(windows), ("all",), ("event",), tuple(measures), np.array(values, float).reshape(shape)
    )


def pairs(rng, n, cells=1, rho=0.9, shift=0.3):
    chance = rng.standard_normal((1, n, cells))
    other = rng.standard_normal((1, n, cells))
    return chance, shift + rho * chance + np.sqrt(1 - rho**2) * other


def test_without_draws_it_is_the_paired_t_test():
    base, policy = pairs(np.random.default_rng(1), 12, 5)
    found = paired(base, policy)
    theirs = stats.ttest_rel(policy[0], base[0], axis=0).confidence_interval(0.95)
    np.testing.assert_allclose(found["ci_low"], theirs.low, rtol=1e-12)
    np.testing.assert_allclose(found["ci_high"], theirs.high, rtol=1e-12)
    difference = policy[0] - base[0]
    np.testing.assert_allclose(found["sd_monte_carlo"], difference.std(axis=0, ddof=1))
    apart = base[0].var(axis=0, ddof=1) + policy[0].var(axis=0, ddof=1)
    np.testing.assert_allclose(found["variance_reduction"], apart / difference.var(axis=0, ddof=1))
    np.testing.assert_allclose(
        found["correlation"], [np.corrcoef(base[0, :, i], policy[0, :, i])[0, 1] for i in range(5)]
    )
    low, high = np.quantile(difference, (0.025, 0.975), axis=0)
    np.testing.assert_allclose(found["low"], low)
    np.testing.assert_allclose(found["high"], high)
    assert np.isnan(found["sd_parameters"]).all()


def test_variance_reduction_is_what_correlation_buys():
    """Unit variances and correlation rho: 2 / (2 - 2 rho); standard error of its log about 2 / sqrt(n)."""
    base, policy = pairs(np.random.default_rng(2), 40_000, rho=0.9)
    assert np.log(paired(base, policy)["variance_reduction"][0]) == pytest.approx(
        np.log(10.0), abs=4 * 2 / 200
    )


def test_pairs_that_do_not_differ():
    base = np.random.default_rng(3).standard_normal((1, 8, 1))
    found = {name: column[0] for name, column in paired(base, base).items()}
    assert found["difference"] == found["ci_low"] == found["ci_high"] == 0.0
    assert found["variance_reduction"] == np.inf


def test_a_pair_counts_where_both_are_defined():
    base = np.array([[[1.0], [np.nan], [3.0], [4.0]]])
    policy = np.array([[[2.0], [5.0], [np.nan], [7.0]]])
    found = {name: column[0] for name, column in paired(base, policy).items()}
    assert (found["pairs"], found["difference"], found["base"], found["policy"]) == (2, 2.0, 2.5, 4.5)
    nothing = paired(np.full((1, 3, 1), np.nan), np.ones((1, 3, 1)))
    assert nothing["pairs"][0] == 0
    assert np.isnan(nothing["difference"][0])
    one = paired(np.ones((1, 1, 1)), np.full((1, 1, 1), 4.0))
    assert one["difference"][0] == 3.0
    assert np.isnan(one["ci_low"][0])


@pytest.mark.parametrize("weighted", [False, True])
def test_chance_and_parameters_are_separated_without_bias(weighted):
    """Effects of draws ~ N(1, 0.5^2), noise within a pair of standard deviation 0.5 to 1.5: split on average exactly."""
    rng = np.random.default_rng(4)
    draws, replications = 8, 3
    w = np.arange(1.0, draws + 1.0) if weighted else np.ones(draws)
    w = w / w.sum()
    sizes = np.linspace(0.5, 1.5, draws)[:, None, None]
    effects = rng.normal(1.0, 0.5, (draws, 1, TRIALS))
    chance = sizes * rng.standard_normal((draws, replications, TRIALS))
    found = paired(np.zeros_like(chance), effects + chance, w)
    share = w / w.sum()
    expected_luck = float((share * sizes[:, 0, 0] ** 2).sum())
    estimate = (found["sd_monte_carlo"] ** 2).mean()
    error = (found["sd_monte_carlo"] ** 2).std() / np.sqrt(TRIALS)
    assert abs(estimate - expected_luck) < 4 * error
    # What is reported is cut off at 0; what is unbiased is the estimate before that, rebuilt here from the definition.
    means = (effects + chance).mean(axis=1)
    grand = (w[:, None] * means).sum(axis=0)
    total = (w[:, None] * (means - grand) ** 2).sum(axis=0) / (1 - (w**2).sum())
    noise = (w[:, None] * (1 - w[:, None]) * chance.var(axis=1, ddof=1) / replications).sum(axis=0) / (
        1 - (w**2).sum()
    )
    raw = total - noise
    np.testing.assert_allclose(found["sd_parameters"] ** 2, np.maximum(raw, 0.0), rtol=1e-9, atol=1e-12)
    assert abs(raw.mean() - 0.25) < 4 * raw.std() / np.sqrt(TRIALS)


def test_the_interval_under_draws_covers_the_effect_in_a_world_not_drawn():
    """Nominal 95 %; over 4,000 trials the standard error is 0.34 %. Noise a third of what the parameters do."""
    rng = np.random.default_rng(5)
    effects = rng.normal(1.0, 0.6, (10, 1, TRIALS))
    chance = 0.2 * rng.standard_normal((10, 4, TRIALS))
    found = paired(np.zeros_like(chance), effects + chance)
    truth = rng.normal(1.0, 0.6, TRIALS)
    covered = ((found["ci_low"] <= truth) & (truth <= found["ci_high"])).mean()
    assert covered == pytest.approx(0.95, abs=4 * 0.0034)


@pytest.mark.parametrize("skewed", [True, False])
def test_with_many_draws_both_ends_of_the_interval_are_met_alike(skewed):
    """40 draws: effects of a lognormal law (a posterior's, bounded by 0), and of a normal one. Each side is missed in 2.5 % of trials
    or hardly more; a symmetric interval is missed above far more often than below, and holds 0 where no effect is.
    """
    rng = np.random.default_rng(15)

    def drawn(*shape):
        z = rng.standard_normal((*shape, TRIALS))
        return np.exp(0.5 * z) if skewed else z

    effects, truth = drawn(40, 1), drawn()
    found = paired(np.zeros((40, 3, TRIALS)), effects + 0.1 * rng.standard_normal((40, 3, TRIALS)))
    below, above = (truth < found["ci_low"]).mean(), (truth > found["ci_high"]).mean()
    assert below + above == pytest.approx(0.05, abs=0.015)
    assert max(below, above) < 0.04
    if skewed:
        middle, half = found["difference"], (found["ci_high"] - found["ci_low"]) / 2.0
        assert (truth > middle + half).mean() > 3.0 * (truth < middle - half).mean()
        assert (found["ci_low"] > 0.0).mean() > 2.0 * (middle - half > 0.0).mean()


def test_more_replications_narrow_chance_and_not_ignorance():
    rng = np.random.default_rng(6)
    effects = rng.normal(0.0, 1.0, (20, 1, 1))
    few, many = (effects + rng.standard_normal((20, r, 1)) for r in (5, 500))
    a, b = (paired(np.zeros_like(x), x) for x in (few, many))
    assert b["half"][0] < a["half"][0] / 5
    assert b["ci_high"][0] - b["ci_low"][0] > 3.0, "two standard deviations of the effects, at least"


def test_the_parts_of_an_interval_are_what_it_would_be_from_each_alone():
    """Without error every draw's effect is known: Student's interval for one more of ten. Without draws' spread only error is left."""
    rng = np.random.default_rng(9)
    effects = np.repeat(rng.normal(0.0, 1.0, (10, 1, 1)), 4, axis=1)
    exact = {name: column[0] for name, column in paired(np.zeros_like(effects), effects).items()}
    sd = effects[:, 0, 0].std(ddof=1)
    assert exact["half_parameters"] == pytest.approx(stats.t(9).ppf(0.975) * sd * np.sqrt(1.1))
    assert exact["half_parameters"] == pytest.approx((exact["ci_high"] - exact["ci_low"]) / 2.0, rel=1e-6)
    assert exact["half"] == pytest.approx(0.0, abs=1e-12)
    error = rng.standard_normal((10, 400, 1))
    noisy = {name: column[0] for name, column in paired(np.zeros_like(error), effects[:, :1] + error).items()}
    assert noisy["half"] == pytest.approx(stats.t(3990).ppf(0.975) * error.std() / np.sqrt(4000), rel=0.01)
    assert noisy["half_parameters"] == pytest.approx(exact["half_parameters"], rel=0.1)
    point = paired(np.zeros_like(error[:1]), error[:1])
    assert np.isnan(point["half_parameters"]).all()


def test_shared_axes_and_cells():
    a = table(["2017", "all"], ["sold", "rate"], [[1, 2], [3, 4]])
    b = table(["all"], ["rate", "sold", "more"], [[40, 30, 50]])
    axes = shared([a, b])
    assert axes == (("all",), ("all",), ("event",), ("sold", "rate"))
    assert a.values[np.ix_(*places(a, axes))].ravel().tolist() == [3, 4]
    assert b.values[np.ix_(*places(b, axes))].ravel().tolist() == [30, 40]
    assert keys(axes)["measure"] == ["sold", "rate"]
    with pytest.raises(NothingSharedError, match="no window in common"):
        shared([a, table(["2018"], ["sold"], [1])])


def test_wide_names_what_is_not_known_well_enough():
    rows = {
        "segment": ["all", "all", "homes", "all"], "basis": ["event"] * 3 + ["cohort"],
        "measure": ["rate", "other", "rate", "rate"], "half": [0.02, 9.0, 0.02, 0.02],
    }  # fmt: skip
    assert wide(rows, {"rate": 0.01}, "event") == [0]
    assert wide(rows, {"rate": 0.01}, "cohort") == [3]
    assert wide(rows, {"rate": 0.03}, "event") == []


def test_rounding_is_no_difference_and_no_spread():
    """Every pair the same but for the last digit: no effect, and pairing has not made anything 5e18 times as good."""
    base = 0.9 + 0.1 * np.random.default_rng(8).standard_normal((2, 6, 2))
    policy = base * (1.0 + 3e-16 * np.array([1, -1, 0, 1, 1, -1])[:, None])
    assert (policy != base).any()
    policy[..., 1] += 0.05  # every pair differs by the same, again but for the last digit
    for case in (slice(0, 1), slice(0, 2)):
        found = paired(base[case], policy[case])
        np.testing.assert_array_equal(found["ci_low"], found["difference"])
        np.testing.assert_array_equal(found["ci_high"], found["difference"])
        assert found["difference"][0] == 0.0
        assert found["difference"][1] == pytest.approx(0.05)
        assert (found["sd_monte_carlo"] == 0.0).all()
        assert (found["variance_reduction"] == np.inf).all()
