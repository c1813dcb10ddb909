"""Densities of published numbers: they add up to one, and no interpretation gains by the unit in which a number is written."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad

from calibration import steps
from calibration.estimation.likelihood import FREEDOM, by_moment
from calibration.estimation.mixture import effective, weights
from calibration.forward_model.expected_counts import Sums
from calibration.forward_model.forward_model import ForwardModel, grid_of
from calibration.forward_model.moments import Prediction, moments
from calibration.targets.interpretations import Interpretation
from calibration.targets.parameter_space import space
from calibration.targets.published_numbers import as_published_number
from calibration.targets.reader.load import load_targets
from calibration.targets.targets import Targets

WINDOW = "2018"


@pytest.fixture(scope="module")
def court() -> Targets:
    """One window of Shanxi."""
    whole = load_targets("shanxi")
    return replace(whole, windows={WINDOW: whole.windows[WINDOW]})


def reporting(court: Targets, **values: float) -> Targets:
    """The same court with other numbers."""
    window = court.windows[WINDOW]
    figures = dict(window.figures)
    for name, x in values.items():
        figures[name] = replace(figures[name], published=replace(figures[name].published, exact=Fraction(x)))
    return replace(court, windows={WINDOW: replace(window, figures=figures)})


def interpretation(court: Targets, **measures: str) -> Interpretation:
    """Final sale rate, mean premium and saving by bands, or otherwise where it is said."""
    chosen = {
        "sale_rate": "sale_rate_final", "premium": "premium_mean", "commission": "commission_saved", **measures
    }  # fmt: skip
    return Interpretation("event", tuple(chosen.items()), 1.0)


def log_density(court: Targets, how: Interpretation, *names: str, draws: float = 0.3) -> float:
    """Of the figures of these names as published; the model says the same of them whatever is published."""
    of = [one for one in moments(court, how) if one.figure in names]
    middle = {"sale_rate": 0.4, "ended": math.log(0.7), "premium": 1.0, "turnover": 14.5, "commission": -3.4}
    mean = np.array([[middle[one.name] for one in of]])
    cov = np.diag([0.0 if one.aggregate else 0.01 for one in of])[None]
    z = np.random.default_rng(1).standard_normal((1, 64, len(of)))
    flat = np.array([one.measure == "commission_saved_flat" for one in of])
    prediction = Prediction(
        mean, cov, mean[:, None] + draws * np.where(flat, 0.0, z), np.full(mean.shape, 600.0)
    )
    by = by_moment(of, prediction)
    return float(by.counts.sum() + by.totals.sum())


def per_unit(court: Targets, how: Interpretation, name: str) -> float:
    """The integral over the number that is published under this name."""
    given = 0.0 if name != "commission" else math.log(court.windows[WINDOW].value("turnover"))
    shift = 1.0 if how.measure("premium", "") == "premium_mean" and name == "premium" else 0.0
    sold = math.log(court.windows[WINDOW].value("sold")) if name == "turnover" else 0.0

    def height(log_x: float) -> float:
        x = math.exp(log_x + given + sold)  # over the log, so that all of the law is covered
        return math.exp(log_density(reporting(court, **{name: x - shift}), how, name)) * x

    middle = {"premium": 1.0, "turnover": 14.5, "commission": -3.4}[name]
    return float(quad(height, middle - 9.0, middle + 9.0, points=[middle], limit=200, epsabs=1e-5)[0])


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("premium", {}),
        ("premium", {"premium": "premium_mean_ratio"}),
        ("turnover", {}),
        ("commission", {}),
        ("commission", {"commission": "commission_saved_flat"}),
    ],
)
def test_the_density_of_a_published_total_adds_up_to_one(court, name, how):
    """Premiums are published as price / start or as what that exceeds 1 by, totals as amounts: each with its own Jacobian."""
    assert per_unit(court, interpretation(court, **how), name) == pytest.approx(1.0, abs=0.004)


def test_sold_and_sale_rate_together_add_up_to_one(court):
    """Over all pairs (sold, rate): how many lots ended is sold / rate, and of these so many were sold."""
    small = reporting(court, lots=40.0)  # some 28 of which end
    how = interpretation(court)
    total = 0.0
    for ended in range(15, 56):
        for sold in range(1, ended + 1):
            rate = sold / ended
            step = sold * (1.0 / (ended - 0.5) - 1.0 / (ended + 0.5))  # rates that belong to so many ended
            found = log_density(reporting(small, sold=sold, sale_rate=rate), how, "sold", "sale_rate")
            total += math.exp(found) * step
    assert total == pytest.approx(1.0, abs=0.01)


UNITS = {"turnover": 1e-8, "premium": 100.0, "commission": 1e-4, "sale_rate": 100.0}


def test_the_unit_in_which_a_number_is_written_changes_no_interpretation_s_weight(court):
    """In another unit every density is divided by the same number, so that weights are the same.

    A density of x is one of c x once it is divided by c: the Jacobian of each moment must be that of the number as
    published, not of what the interpretation makes of it. Were one missing, weights would move by factors of x.
    """
    hows = [
        interpretation(court, premium=premium, commission=commission)
        for premium, commission in (
            ("premium_mean", "commission_saved"), ("premium_mean_ratio", "commission_saved"),
            ("premium_turnover", "commission_saved"), ("premium_mean", "commission_saved_flat"),
        )
    ]  # fmt: skip
    names = ("sold", "sale_rate", "turnover", "premium", "commission")
    before = [log_density(court, how, *names) for how in hows]
    # Numerically: the density of the number in the other unit, as the derivative of probability by that number.
    after = [in_other_units(court, how, names) for how in hows]
    assert weights([1.0] * len(hows), after) == pytest.approx(weights([1.0] * len(hows), before), rel=1e-6)
    assert np.ptp(before) > 0.1  # they do differ


SAME_DIGITS = {"turnover": "2,449 m", "commission": "75.9403 m", "premium": "1.8139", "sale_rate": "0.3751"}
MORE_DIGITS = {"turnover": "244900万"}  # 24.49亿 to the last 万, as if that had been published


@pytest.mark.parametrize(("written", "apart"), [(SAME_DIGITS, 1e-12), (MORE_DIGITS, 1e-4)])
def test_how_a_published_number_is_written_changes_no_interpretation_s_weight(court, written, apart):
    """The same number, read from another text; with more digits only what the digits leave open is less."""
    window = court.windows[WINDOW]
    figures = dict(window.figures)
    for name, text in written.items():
        own = figures[name].published
        read = as_published_number(text, own.rounding)
        assert (read.exact, read.text) != (own.exact, own.text)
        assert read.exact == own.exact
        figures[name] = replace(figures[name], published=read)
    rewritten = replace(court, windows={WINDOW: replace(window, figures=figures)})
    hows = [
        interpretation(court, premium=premium, commission=commission)
        for premium in ("premium_mean", "premium_turnover")
        for commission in ("commission_saved", "commission_saved_flat")
    ]
    names = ("sold", "sale_rate", "turnover", "premium", "commission")
    before, after = ([log_density(one, how, *names) for how in hows] for one in (court, rewritten))
    assert weights([1.0] * 4, after) == pytest.approx(weights([1.0] * 4, before), rel=apart, abs=1e-300)
    assert np.ptp(before) > 0.1  # they do differ


def in_other_units(court: Targets, how: Interpretation, names: tuple[str, ...]) -> float:
    """Log density of the numbers as written in other units: moments are recomputed, their Jacobians taken numerically."""
    of = moments(court, how)
    whole = log_density(court, how, *names) - sum(one.log_jacobian for one in of if one.figure in names)
    for one in of:
        if one.figure in names and one.figure != "sold" and one.name != "sale_rate":
            whole += math.log(abs(slope(court, how, one.figure)) / UNITS[one.figure])
    rate = next((one for one in of if one.name == "ended"), None)
    assert rate is not None
    return whole + math.log(1.0 / court.windows[WINDOW].value("sale_rate") / UNITS["sale_rate"])


def slope(court: Targets, how: Interpretation, name: str) -> float:
    """d moment / d number as published, by a small step."""
    x = court.windows[WINDOW].value(name)
    ends = [
        next(one.observed for one in moments(reporting(court, **{name: x * f}), how) if one.figure == name)
        for f in (1.0 - 1e-5, 1.0 + 1e-5)
    ]
    return (ends[1] - ends[0]) / (2e-5 * x)


def test_premium_as_ratio_and_as_excess_have_jacobians_of_their_own(court):
    """x = price / start - 1 has d ln(1 + x) / dx = 1 / (1 + x); x = price / start has 1 / x."""
    x = court.windows[WINDOW].value("premium")
    for measure, expected in (("premium_mean", 1.0 / (1.0 + x)), ("premium_mean_ratio", 1.0 / x)):
        (one,) = [m for m in moments(court, interpretation(court, premium=measure)) if m.figure == "premium"]
        assert math.exp(one.log_jacobian) == pytest.approx(expected)
        assert math.exp(one.log_jacobian) == pytest.approx(
            slope(court, interpretation(court, premium=measure), "premium"), rel=1e-6
        )


def test_a_commission_that_is_a_flat_share_is_a_density_and_not_left_out(court):
    """The model knows the share exactly, so its law has the width of discrepancy and rounding alone."""
    how = interpretation(court, commission="commission_saved_flat")
    (one,) = [m for m in moments(court, how) if m.figure == "commission"]
    near, far = (
        log_density(reporting(court, commission=x), how, "commission")
        for x in (
            court.windows[WINDOW].value("turnover") * math.exp(-3.4),
            court.windows[WINDOW].value("turnover") * math.exp(-3.4 + 4 * one.discrepancy),
        )
    )
    assert near - far == pytest.approx(
        2.0 * math.log1p(16.0 / (FREEDOM - 2.0)) + 4 * one.discrepancy, rel=0.05
    )


def test_timing_has_the_variance_of_the_basis_that_is_counted_on():
    """A forward model that counts on the cohort basis alone must not take the variance of the event's counts."""
    targets = load_targets("zhongshan")
    (point,) = grid_of(space(targets.free, list(targets.windows))).points
    model = ForwardModel(targets, [steps.expose(None, targets, point, 2)], 2)
    model.runs = Sums(**{
        f.name: np.random.default_rng(i).random(getattr(model.runs, f.name).shape) for i, f in enumerate(fields(Sums))
    })  # fmt: skip
    for b, basis in enumerate(("event", "cohort")):
        own = model.counting(basis).outcome(model.space.base[None, :]).runs
        assert own.lots_sold[..., 0] == pytest.approx(model.runs.lots_sold[..., b])


def test_an_interpretation_that_weighs_little_adds_no_draws_to_the_mixture() -> None:
    assert effective(np.array([1.0]), [400.0]) == pytest.approx(400.0)
    assert effective(np.array([0.5, 0.5]), [400.0, 400.0]) == pytest.approx(800.0)
    assert effective(np.array([0.99, 0.01]), [400.0, 4000.0]) == pytest.approx(400.0 / 0.99**2, rel=1e-4)
