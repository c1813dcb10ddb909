"""Moments: what is observed, what parameters give, and how far chance takes it, against textbook formulas.

Expected counts and simulated totals are made up here, so that every number has an answer that needs no model.
"""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest
import small

from calibration.forward_model.expected_counts import Sums
from calibration.forward_model.forward_model import Outcome
from calibration.forward_model.moments import Moment, count, moments, predict
from calibration.forward_model.simulated_totals import AGGREGATES
from calibration.targets.reader.load import load_targets
from calibration.targets.targets import Targets
from sim.law.commission import FLAT

LOTS, SOLD = 300, 100  # as published in small.TARGETS
ERRORS = 4.5  # of Monte Carlo, in standard errors; seeds are fixed


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Targets:
    """One window in which every kind of figure is published."""
    path = tmp_path_factory.mktemp("moments") / "small.toml"
    more = 'cases = { published = 120, use = "fit" }\ncommission = "500万"\nparticipants = 400\nlots_failed = 50\nlots_ended = 160\nrounds_held = 350\n'
    path.write_text(
        small.TARGETS.replace('turnover = "1.2亿"', f'turnover = "1.2亿"\n{more}'), encoding="utf-8"
    )
    return load_targets(path)


def outcome(vectors: int = 1, replications: int = 4, draws: int = 50, **sums: float) -> Outcome:
    """Expected counts that are the same in every replication, and totals per sold lot drawn independently."""
    shape = (vectors, replications, 1, 2)
    own = {"lots_listed": 600.0, "lots_sold": 150.0, "lots_failed": 75.0, "lots_failing": 100.0, "rounds_held": 450.0,
           "cases": 240.0, "participants": 500.0, "participants2": 900.0}  # fmt: skip
    rng = np.random.default_rng(3)
    x = np.exp(rng.standard_normal((vectors, 1, 2, draws, len(AGGREGATES))) * 0.3)
    every = Sums(**{f.name: np.full(shape, {**own, **sums}[f.name]) for f in fields(Sums)})
    return Outcome(every, x, every)


def named(targets: Targets, name: str, **meanings: str) -> Moment:
    """The moment of this name, figures taken for the measures given."""
    interpretation = targets.interpretations()[0]
    taken = tuple({**dict(interpretation.measures), **meanings}.items())
    (one,) = (m for m in moments(targets, replace(interpretation, measures=taken)) if m.name == name)
    return one


def moment_of(targets: Targets, one: Moment, made: Outcome, basis: int = 0) -> tuple[float, float, float]:
    """Mean, variance and size of a count's moment at the only vector."""
    mean, variance, size = count(one, made, targets.windows["2018"], basis)
    return float(mean[0]), float(variance[0]), float(size[0])


# --- counts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.1, 0.4, 0.75, 0.9])
def test_a_count_varies_as_a_binomial_share_of_the_published_lots(targets, share):
    """ln(count / lots) of a binomial count: (1 - p) / (n p), by the delta method and by drawing such counts."""
    one = named(targets, "lots_failed")
    mean, variance, size = moment_of(targets, one, outcome(lots_failed=600.0 * share))
    assert mean == pytest.approx(math.log(share))
    assert size == pytest.approx(LOTS * share)
    assert variance == pytest.approx((1.0 - share) / (LOTS * share))
    drawn = np.log(np.random.default_rng(1).binomial(LOTS, share, 100_000) / LOTS)
    assert variance == pytest.approx(drawn.var(), rel=0.1)


def test_a_count_of_more_than_the_lots_still_varies(targets):
    """Rounds are several a lot: a floor of 5 % of what independent counts would vary by."""
    mean, variance, _ = moment_of(targets, named(targets, "rounds_held"), outcome(rounds_held=900.0))
    assert mean == pytest.approx(math.log(1.5))
    assert variance == pytest.approx(0.05 / (LOTS * 1.5))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("cases", 240.0), ("lots_failed", 75.0), ("lots_ended", 150.0 + 100.0), ("rounds_held", 450.0)],
)
def test_a_count_is_compared_by_the_lots_of_each_side(targets, name, expected):
    one = named(targets, name)
    published = {"cases": 120, "lots_failed": 50, "lots_ended": 160, "rounds_held": 350}[name]
    assert one.observed == pytest.approx(math.log(published / LOTS))
    assert moment_of(targets, one, outcome())[0] == pytest.approx(math.log(expected / 600.0))


def test_timing_adds_the_variance_between_replications_of_the_listing_times(targets):
    made = outcome(replications=3)
    failed = np.array([60.0, 75.0, 90.0])
    made.sums.lots_failed[:] = failed[:, None, None]
    share = 75.0 / 600.0
    _, variance, _ = moment_of(targets, named(targets, "lots_failed"), made)
    assert variance == pytest.approx((1.0 - share) / (LOTS * share) + failed.var(ddof=1) / failed.mean() ** 2)


@pytest.mark.parametrize(
    ("measure", "unsold"),
    [
        ("sale_rate_final", 75.0),
        ("sale_rate_ended", 100.0),
        ("sale_rate_listed", 600.0 - 150.0),
        ("sale_rate_round", 450.0 - 150.0),
    ],
)
def test_a_sale_rate_is_a_binomial_share_of_its_own_denominator(targets, measure, unsold):
    one = named(targets, "sale_rate", sale_rate=measure)
    assert (one.observed, one.rounding) == (pytest.approx(0.6667), 0.0)
    assert one.number == 150  # whole number that 100 of it are 66.67 %
    rate, variance, size = moment_of(targets, one, outcome())
    assert rate == pytest.approx(150.0 / (150.0 + unsold))
    assert size == pytest.approx((150.0 + unsold) * LOTS / 600.0)
    assert variance == pytest.approx(rate * (1.0 - rate) / size)


def test_beside_a_sale_rate_the_number_sold_says_how_large_its_denominator_is(targets):
    one = named(targets, "ended")
    assert one.observed == pytest.approx(math.log(SOLD / 0.6667 / LOTS))
    assert one.rounding == pytest.approx(
        0.0001 / math.sqrt(12.0) / 0.6667 * 1.5
    )  # rounded or cut off: 1.5 steps wide
    mean, variance, _ = moment_of(targets, one, outcome())
    share = (150.0 + 75.0) / 600.0
    assert mean == pytest.approx(math.log(share))
    assert variance == pytest.approx((1.0 - share) / (LOTS * share))
    listed = [
        m.name
        for m in moments(
            targets, replace(targets.interpretations()[0], measures=(("sale_rate", "sale_rate_listed"),))
        )
    ]
    assert "ended" not in listed  # the denominator is the lots themselves
    assert "sold" not in listed


def test_without_a_sale_rate_the_number_sold_is_a_count_like_others(targets):
    figures = [f for f in targets.figures("fit") if f.name != "sale_rate"]
    (one,) = (m for m in moments(targets, targets.interpretations()[0], figures) if m.figure == "sold")
    assert one.observed == pytest.approx(math.log(SOLD / LOTS))
    mean, variance, _ = moment_of(targets, one, outcome())
    assert mean == pytest.approx(math.log(0.25))
    assert variance == pytest.approx(0.75 / (LOTS * 0.25))


def test_participants_a_sale_vary_with_their_own_variance(targets):
    """``participants2`` is the variance of their number in the model's window, here of 600 lots for 300."""
    one = named(targets, "participants")
    assert one.observed == pytest.approx(math.log(400 / SOLD))
    mean, variance, size = moment_of(targets, one, outcome())
    assert mean == pytest.approx(math.log(500.0 / 150.0))
    assert variance == pytest.approx(900.0 / 500.0**2 * 600.0 / LOTS)
    assert size == pytest.approx(250.0)


# --- totals -----------------------------------------------------------------------------------------------------------


def test_published_totals_are_compared_by_the_lot_and_the_yuan(targets):
    assert named(targets, "turnover").observed == pytest.approx(math.log(1.2e8 / SOLD))
    assert named(targets, "commission", commission="commission_saved").observed == pytest.approx(
        math.log(5e6 / 1.2e8)
    )
    assert named(targets, "premium", premium="premium_mean").observed == pytest.approx(math.log(1.2))
    assert named(targets, "premium", premium="premium_mean_ratio").observed == pytest.approx(math.log(0.2))
    assert named(targets, "turnover").rounding == pytest.approx(0.1e8 * 1.5 / math.sqrt(12.0) / 1.2e8)
    assert named(targets, "premium", premium="premium_mean").rounding == pytest.approx(
        0.0015 / math.sqrt(12.0) / 1.2
    )
    flat = replace(targets.interpretations()[0], measures=(("commission", "commission_saved_flat"),))
    # At 5 % of turnover the commission is a density like every other, or interpretations with one figure less would weigh more.
    assert "commission" in {m.name for m in moments(targets, flat)}


@pytest.mark.parametrize(
    ("figure", "measure", "of"),
    [
        ("turnover", "turnover", lambda x: x["turnover"]),
        ("commission", "commission_saved", lambda x: x["commission_saved"] / x["turnover"]),
        ("premium", "premium_turnover", lambda x: x["turnover"] / x["starts"]),
        ("premium", "premium_mean", lambda x: x["ratios"]),
        ("premium", "premium_first_start_mean", lambda x: x["firsts"]),
        ("premium", "premium_median", lambda x: 1.0 + x["premium_median"]),
        ("premium", "premium_turnover_ratio", lambda x: x["turnover"] / x["starts"]),
        ("premium", "premium_mean_ratio", lambda x: x["ratios"]),
    ],
)
def test_an_aggregate_is_the_log_of_what_its_measure_is_defined_as(targets, figure, measure, of):
    """``sim.measures``: premium of turnover = sum of prices / sum of starts - 1, mean premium = mean of price / start - 1."""
    one, made = named(targets, figure, **{figure: measure}), outcome()
    for basis in (0, 1):
        found = predict(made, [one], targets, basis)
        x = dict(zip(AGGREGATES, np.moveaxis(made.totals[0, 0, basis], -1, 0), strict=True))
        assert found.draws[0, :, 0] == pytest.approx(np.log(of(x)))
        assert found.mean[0, 0] == pytest.approx(np.log(of(x)).mean())


def test_without_the_number_sold_turnover_is_of_as_many_as_the_model_sells(targets):
    window = targets.windows["2018"]
    fewer = {name: one for name, one in window.figures.items() if name != "sold"}
    bare = replace(targets, windows={"2018": replace(window, figures=fewer)})
    one, made = named(bare, "turnover"), outcome()
    assert one.observed == pytest.approx(math.log(1.2e8))
    assert predict(made, [one], bare, 0).draws[0, :, 0] == pytest.approx(
        np.log(made.totals[0, 0, 0, :, 0] * 150.0)
    )


def test_a_flat_commission_is_five_per_cent(targets):
    one = replace(
        named(targets, "commission", commission="commission_saved"), measure="commission_saved_flat"
    )
    assert predict(outcome(), [one], targets, 0).draws == pytest.approx(math.log(FLAT))


def test_totals_of_a_window_have_the_covariance_of_their_draws_and_counts_none_with_them(targets):
    interpretation = replace(targets.interpretations()[0], measures=(("premium", "premium_turnover"),))
    of, made = moments(targets, interpretation), outcome(vectors=2, draws=200)
    found = predict(made, of, targets, 1)
    shared = [i for i, one in enumerate(of) if one.aggregate]
    assert len(shared) == 3
    for n in range(2):
        block = found.cov[n][np.ix_(shared, shared)]
        assert block == pytest.approx(np.cov(found.draws[n][:, shared].T))
        rest = found.cov[n].copy()
        rest[np.ix_(shared, shared)] = 0.0
        assert np.count_nonzero(rest - np.diag(np.diag(rest))) == 0
    turnover, premium = (
        next(i for i, one in enumerate(of) if one.name == n) for n in ("turnover", "premium")
    )
    # ln price and ln price - ln start, both drawn with variance .09: covariance .09, within 4.5 standard errors.
    assert found.cov[0, turnover, premium] == pytest.approx(0.09, abs=ERRORS * 0.09 * math.sqrt(3.0 / 200))
