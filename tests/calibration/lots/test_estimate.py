"""Estimates from lots: parameters that made a file lie in the posterior, and what starts that never varied leave open."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import people
import pytest
from scipy.stats import chi2, norm

from calibration.lots.estimate import (
    FULL,
    Effort,
    Estimate,
    estimate,
    lowest,
    parameters,
    separated,
    space_of,
)
from calibration.lots.followed import followed
from calibration.lots.likelihood import Assumed, Likelihood, Values
from calibration.lots.policy_answers import unseparated

V = {"interest": 2.0, "popularity": 0.8, "location": -0.1, "spread": 0.2, "noise": 0.15, "persistence": 0.5, "price_elasticity": 2.0}  # fmt: skip
FALLS = [(1.0, 0.8, 0.8), (0.8, 0.64, 0.64), (0.7, 0.7, 0.56)]
SMALL = Effort(prior=60, starts=1, learning=60, generations=3, draws=200, least=30.0, most=0, steps=8)


def likelihood(lots: int, falls: list[tuple[float, ...]] = FALLS, form: str = "english") -> Likelihood:
    rows = people.histories(lots, V, falls, 5)
    return Likelihood(followed(rows, "all listed", most=3), Assumed(form, ceiling=20.0))  # type: ignore[arg-type]


def made(theta: np.ndarray, varied: float, log_marginal: float = 0.0) -> Estimate:
    space = space_of("response")
    return Estimate("response", space, theta, theta[0], 0.0, log_marginal, 100.0, 1, varied)


def test_models_differ_in_what_is_free():
    assert set(space_of("both").names) - set(space_of("base").names) == {"price_elasticity", "waiting_share"}
    assert len(parameters()) == 8


def test_what_is_not_identified():
    space = space_of("response")
    prior = space.from_unit(np.random.default_rng(1).random((4000, len(space.names))))
    close = prior.copy()
    i = space.names.index("price_elasticity")
    close[:, i] = 2.0 + 0.1 * np.random.default_rng(2).standard_normal(len(close))
    assert not made(prior, 0.2).identified("price_elasticity")
    assert made(prior, 0.2).narrowing("price_elasticity") < 0.02
    assert made(close, 0.2).identified("price_elasticity")
    assert not made(close, 0.0).identified("price_elasticity")  # starts never varied: it is the prior's doing
    assert made(close, 0.0).identified("interest") == made(prior, 0.2).identified("interest")
    assert separated([made(close, 0.2, 4.0), made(prior, 0.2)])
    assert not separated([made(close, 0.2, 2.0), made(prior, 0.2)])


def test_a_model_of_few_draws_is_in_no_pair():
    """Its marginal likelihood is not to be relied on, so that it can neither be preferred nor put on a par."""
    prior = space_of("response").from_unit(np.random.default_rng(1).random((400, 7)))
    enough = {name: made(prior, 0.2) for name in ("base", "waiting", "both")}
    assert unseparated(enough) == [("base", "waiting"), ("base", "both"), ("waiting", "both")]
    assert unseparated(enough | {"waiting": replace(enough["waiting"], effective=99.0)}) == [("base", "both")]


def test_lowest_keeps_to_the_ends():
    at, height = lowest(lambda x: float(((x - 2.0) ** 2).sum()), np.array([0.3, 0.4]), (0.0, 1.0))
    assert at == pytest.approx([1.0, 1.0])
    assert height == pytest.approx(2.0)


def test_an_estimate_from_a_small_file():
    """Sealed bids, two hundred lots, few draws: the truth is not far from the likeliest, and the rows say something."""
    given = likelihood(200, form="sealed")
    one = estimate(given, "response", SMALL, seed=3)
    assert one.theta.shape == (200, 7)
    assert -1.0 < one.log_likelihood - given.log_likelihood(V) < chi2.isf(1e-4, 7) / 2.0
    assert one.narrowing("price_elasticity") > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("model", ["response", "both"])
def test_truth_lies_in_the_posterior(model):
    given = likelihood(2000)
    one = estimate(given, model, seed=4)
    assert one.effective > 100.0
    for name, true in V.items():
        low, _, high = one.interval(name, 0.999)
        assert low <= true <= high, name
    assert one.narrowing("price_elasticity") > 0.7


@pytest.mark.slow
def test_starts_that_never_varied_say_nothing_of_the_response():
    given = likelihood(1000, [(0.8, 0.8, 0.8)])
    one = estimate(given, "response", seed=4)
    assert not one.identified("price_elasticity")


class _TwoWays:
    """Rows that two explanations fit: few people whom a lower start draws, or more whom it does not; the first is likelier."""

    lots = SimpleNamespace(varied=0.2)
    share = 0.7

    def log_likelihood(self, values: Values) -> float:
        interest, elasticity = np.log(values["interest"]), values["price_elasticity"]
        parts = [
            np.log(share) + norm.logpdf(interest, np.log(people), 0.05) + norm.logpdf(elasticity, by, 0.12)
            for share, people, by in ((self.share, 2.0, 11.0), (1.0 - self.share, 12.0, 3.0))
        ]
        return float(np.logaddexp(*parts))


def test_of_two_explanations_none_is_lost():
    """One start alone leaves the likelier one behind at this seed, and looks sure."""
    found = estimate(_TwoWays(), "response", FULL, seed=2)  # type: ignore[arg-type]
    elasticity = found.draws()[:, found.space.names.index("price_elasticity")]
    assert found.effective > 1000.0
    assert np.mean(elasticity > 7.0) == pytest.approx(_TwoWays.share, abs=0.08)
    # Both are densities of what is flat between these ends. Laws that are fitted to their own draws find a little less: .06 to .14 here.
    assert found.log_marginal == pytest.approx(-np.log(15.0) - np.log(np.log(50.0 / 0.1)), abs=0.25)
