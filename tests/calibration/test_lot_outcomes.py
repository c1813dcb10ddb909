"""Closed forms of a lot's rounds, as calibration arranges them, against ``sim.theory`` and quadrature over popularity.

Nothing here is Monte Carlo. Probabilities agree to a few in 10,000 (valuation errors beyond four standard deviations are
left out), prices to what the table allows from which contests are read.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from conftest import scenario
from scipy.special import roots_genlaguerre

from calibration.forward_model.lot_outcomes import STRETCHES, LotOutcomes, lot_outcomes
from sim.scenario.schema import Scenario
from sim.theory.appraisal import valuation_errors
from sim.theory.english import english
from sim.theory.interest import price_multiple
from sim.theory.rounds import Rounds, rounds
from sim.theory.values import ValueLaw

K, MEAN, BACK, RATIO, TOKEN = 0.7, 2.0, 0.4, 0.9, 0.05
INTEREST = {"homes": 1.2, "equipment": 0.5}  # two kinds of the base, which has others with these interests
METHODS = {"appraisal": (0.1, 0.3), "online_inquiry": (-0.05, 0.2)}  # bias and noise
LAW = ValueLaw("lognormal", -0.2, 0.35)
PROBABILITY = {"rel": 1e-3}
PRICE = {"rel": 3e-3}


def made(*overrides: str, **free: float) -> tuple[Scenario, LotOutcomes]:
    """Lot outcomes of one vector."""
    s = scenario(
        "base", "time.end=2019-12-31", f"interest.mean={MEAN}", f"interest.dispersion={K}",
        f"interest.persistence={BACK}", f"start.ratio={RATIO}", f"start.token_ratio={TOKEN}",
        f"interest.location={LAW.location}", f"interest.spread={LAW.spread}",
        "rounds.second.cut=0.2", "rounds.second.interest=0.8", "rounds.sell_off.cut=0.1",
        *(f"pricing.{m}.{what}={x}" for m, both in METHODS.items() for what, x in zip(("bias", "noise"), both, strict=True)),
        *overrides,
    )  # fmt: skip
    return s, lot_outcomes(s, {path: np.array([value]) for path, value in free.items()})


def theory(s: Scenario, kind: str, method: str, token: bool) -> tuple[Rounds, np.ndarray, np.ndarray]:
    """Rounds of a kind's lots by valuation error (last axis), the reference price at each error, and their weights."""
    eta, weight = valuation_errors(np.array(METHODS[method][0]), np.array(METHODS[method][1]))
    reference = np.exp(eta)
    share, reserves, mean = TOKEN if token else RATIO, [], []
    for one in s.rounds.values():
        if one.held:
            share = share * (1.0 - one.cut)
            reserves.append(share * reference)
            response = price_multiple(share, s.price_response.elasticity, s.price_response.ceiling)
            mean.append(MEAN * INTEREST[kind] * one.interest * response)
    return rounds(mean, LAW, reserves, BACK, K), reference, weight


def cell(s: Scenario, f: LotOutcomes, name: str, kind: str, method: str, token: bool) -> np.ndarray:
    """An array of ``lot_outcomes`` for one kind and method, by stage or round."""
    (interest,) = np.flatnonzero(np.isclose(f.interests[0], INTEREST[kind]))
    return np.asarray(getattr(f, name)[0, interest, int(token), f.method[list(s.pricing).index(method)]])


def popularity(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights of a Gamma(k) popularity with mean 1."""
    x, w = roots_genlaguerre(n, K - 1.0)
    return x / K, w / w.sum()


EVERY = pytest.mark.parametrize(
    ("kind", "method", "token"),
    [
        ("homes", "appraisal", False),
        ("equipment", "online_inquiry", False),
        ("homes", "online_inquiry", True),
    ],
)


@EVERY
def test_auctions_are_what_theory_says_of_rounds_with_returning_bidders(kind, method, token):
    s, f = made()
    r, reference, weight = theory(s, kind, method, token)

    def is_(name: str, wanted: np.ndarray, close: dict[str, float] = PROBABILITY) -> None:
        assert cell(s, f, name, kind, method, token)[:2] == pytest.approx(wanted[:2] @ weight, rel=0.045), (
            name
        )

    is_("sold", r.sold)
    is_("alone", r.alone)
    is_("start", r.starts * r.sold)
    is_("log_start", np.log(r.starts) * r.sold)
    is_("log_start2", np.log(r.starts) ** 2 * r.sold)
    is_("reference", reference * r.sold)
    is_("price", r.revenue, PRICE)
    is_("ratio", r.revenue / r.starts, PRICE)
    is_("first", r.revenue / r.starts[0], PRICE)
    excess = cell(s, f, "price", kind, method, token)[:2] - cell(s, f, "start", kind, method, token)[:2]
    assert excess == pytest.approx(((r.revenue - r.starts * r.sold) @ weight)[:2], rel=0.015)


@EVERY
def test_what_stays_unsold_is_what_theory_leaves(kind, method, token):
    s, f = made()
    r, reference, weight = theory(s, kind, method, token)
    left = 1.0 - r.sold_by
    for name, wanted in (("unsold", left), ("reference_unsold", left * reference)):
        assert cell(s, f, name, kind, method, token) == pytest.approx(wanted @ weight, **PROBABILITY)


@EVERY
def test_a_sell_off_is_cut_into_equal_stretches_and_sells_at_its_start(kind, method, token):
    """Who comes first of a Poisson number comes in a stretch as if none had come in those before."""
    s, f = made()
    r, reference, weight = theory(s, kind, method, token)
    g, w = popularity()
    start = r.starts[2]
    before = r.mean_active[:2].sum(axis=0)
    edges = [
        np.einsum("g,ge->e", w, np.exp(-g[:, None] * (before + r.mean_active[2] * i / STRETCHES)))
        for i in range(STRETCHES + 1)
    ]
    sold = np.array([a - b for a, b in pairwise(edges)])
    assert sold.sum(axis=0) == pytest.approx(r.sold[2], rel=1e-4)
    for name, each in (
        ("sold", 1.0), ("alone", 1.0), ("ratio", 1.0), ("square", 1.0), ("active", 1.0), ("price", start), ("start", start),
        ("first", start / r.starts[0]), ("reference", reference), ("log_start", np.log(start)),
    ):  # fmt: skip
        assert cell(s, f, name, kind, method, token)[2:] == pytest.approx(
            (sold * each) @ weight, **PROBABILITY
        ), name


@EVERY
def test_how_many_can_pay_and_what_sells_a_second_time_are_averages_over_popularity(kind, method, token):
    """Given popularity G, those who can pay are Poisson: E[A] = G m, E[A^2] = G m + (G m)^2; fresh ones of a repetition too."""
    s, f = made()
    r, _, weight = theory(s, kind, method, token)
    g, w = (x[:, None] for x in popularity())
    for i in range(2):
        before, m = r.mean_active[:i].sum(axis=0), r.mean_active[i]
        fresh = MEAN * INTEREST[kind] * list(s.rounds.values())[i].interest * LAW.sf(r.starts[i])
        reached = w * np.exp(-g * before)
        wanted = {
            "active": reached * g * m,
            "active2": reached * (g * m + (g * m) ** 2),
            "again": reached * (1.0 - np.exp(-g * m)) * (1.0 - np.exp(-g * fresh)),
        }
        for name, parts in wanted.items():
            found = cell(s, f, name, kind, method, token)[i]
            assert found == pytest.approx(parts.sum(axis=0) @ weight, **PROBABILITY), (name, i)


def test_the_square_of_the_premium_is_that_of_one_english_auction():
    s, f = made()
    eta, weight = valuation_errors(np.array(METHODS["appraisal"][0]), np.array(METHODS["appraisal"][1]))
    start = RATIO * np.exp(eta)
    one = english(MEAN * INTEREST["homes"], LAW, start, K, square=True)
    found = cell(s, f, "square", "homes", "appraisal", False)[0]
    assert found == pytest.approx((one.square / start**2) @ weight, rel=0.01)


@EVERY
@pytest.mark.parametrize("ceiling", [12.0, 2.0])
def test_interest_that_answers_to_starts_is_more_interest_round_by_round(kind, method, token, ceiling):
    """Free or the scenario's own, the batch holding draws that do not answer as well; prices of many bidders, from the table."""
    steep = {"price_response.elasticity": 3.0, "price_response.ceiling": ceiling}
    s, own = made(*(f"{path}={value}" for path, value in steep.items()))
    r, _, weight = theory(s, kind, method, token)
    plain = {"price_response.elasticity": np.array([3.0, 0.0]), "price_response.ceiling": np.full(2, ceiling)}
    free = lot_outcomes(made()[0], plain)
    for f in (own, free):
        sold = cell(s, f, "sold", kind, method, token)
        assert [sold[0], sold[1], sold[2:].sum()] == pytest.approx(r.sold @ weight, rel=2e-3)
        assert cell(s, f, "price", kind, method, token)[:2] == pytest.approx(
            (r.revenue @ weight)[:2], rel=0.012
        )
    base = made()[1]
    assert free.sold[1] == pytest.approx(base.sold[0], rel=1e-12)
    assert free.price[1] == pytest.approx(base.price[0], rel=5e-3)  # read from a table that reaches further


def test_a_cut_sells_more_where_it_draws_people():
    """The hazard of the second auction rises with the elasticity, and most of it at the deeper cut."""

    def hazard(elasticity: float, cut: float) -> float:
        s, f = made("start.ratio=1", f"rounds.second.cut={cut}", f"price_response.elasticity={elasticity}")
        sold = cell(s, f, "sold", "homes", "appraisal", False)
        return float(sold[1] / (1.0 - sold[0]))

    rises = [[hazard(e, cut) for e in (0.0, 2.0, 5.0)] for cut in (0.1, 0.2)]
    for rise in rises:
        assert rise == sorted(rise)
    assert rises[1][2] - rises[1][0] > rises[0][2] - rises[0][0] > 0.02


def test_free_parameters_take_the_place_of_the_scenario_s_own():
    s, fixed = made("interest.mean=3.5", "rounds.second.cut=0.1", "pricing.appraisal.noise=0.25")
    _, free = made(**{"interest.mean": 3.5, "rounds.second.cut": 0.1, "pricing.appraisal.noise": 0.25})
    for name in ("sold", "price", "unsold", "active2"):
        assert getattr(free, name) == pytest.approx(getattr(fixed, name), rel=2e-3), name
    assert free.sold.sum() > made()[1].sold.sum()
    assert list(s.rounds) == ["first", "second", "sell_off"]


def test_attention_that_promotion_brings_multiplies_interest():
    _, more = made("promotion.effort=2", "promotion.elasticity=0.5")
    _, same = made(f"interest.mean={MEAN * 2**0.5!r}")
    assert more.sold == pytest.approx(same.sold)


# --- the table of contests --------------------------------------------------------------------------------------------
