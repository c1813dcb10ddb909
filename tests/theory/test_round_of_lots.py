"""Rounds of a lot with and without people who wait: against ``rounds``, ``waiting``, ``none``, and sealed against ascending bids."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from sim.theory import sealed
from sim.theory.counts import first_after, none, twice_weighted_none, weighted_none
from sim.theory.popularity import popularity
from sim.theory.round_of_lots import lot_rounds
from sim.theory.rounds import rounds
from sim.theory.values import ValueLaw
from sim.theory.waiting import Prospect, Prospects, bidding_at_once, cutoff, waiting

LAW = ValueLaw("lognormal", -0.15, 0.25)
STARTS = [1.0, 0.8, 0.64]
LAM = [np.array(3.0), np.array(4.5), np.array(6.0)]


def of(persistence, size, wait=None, starts=STARTS):
    sf = [LAW.sf(r) for r in starts]
    return lot_rounds(LAM[: len(starts)], sf, starts, persistence, size, wait)


@pytest.mark.parametrize("size", [np.inf, 0.4])
@pytest.mark.parametrize("persistence", [0.0, 0.6])
def test_nobody_waits(persistence, size):
    theory = rounds(LAM, LAW, STARTS, persistence, size)
    found = of(persistence, size)
    for k, one in enumerate(found):
        before = STARTS[max(k - 1, 0)]
        assert one.sold == pytest.approx(theory.sold[k], abs=1e-12)
        assert one.lone == pytest.approx(theory.alone[k], abs=1e-12)
        assert one.revenue(LAW, before) == pytest.approx(theory.revenue[k], abs=1e-6)


@pytest.mark.parametrize("form", ["sealed", "open"])
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_some_wait(form, share):
    """Two rounds, one popularity: the game of ``waiting``."""
    p = Prospect(3.0, LAW, 1.0, 0.8, 0.95, share, 4.5, 0.6, form)
    theory = waiting(p)
    found = of(0.6, np.inf, (share, LAW.sf(theory.cutoff), form), STARTS[:2])
    for k, one in enumerate(found):
        assert one.sold == pytest.approx(theory.sold[k], abs=1e-12)
        assert one.lone == pytest.approx(theory.alone[k], abs=1e-12)
        assert one.revenue(LAW, theory.cutoff if k == 0 else 1.0) == pytest.approx(
            theory.revenue[k], abs=2e-4
        )


@pytest.mark.parametrize(("form", "share"), [("sealed", 0.0), ("sealed", 0.5), ("open", 0.5)])
def test_density_is_the_derivative(form, share):
    wait = (share, np.asarray(0.1), form) if share else None
    for one in of(0.6, np.inf if share else 0.7, wait):
        for s in (0.05, 0.2, 0.3):
            up, down = one.above(np.asarray(s + 1e-6)), one.above(np.asarray(s - 1e-6))
            assert one.density(np.asarray(s)) == pytest.approx((up - down) / 2e-6, rel=1e-5)


@pytest.mark.parametrize("form", ["sealed", "open"])
def test_many_cutoffs_at_once(form):
    rng = np.random.default_rng(4)
    n = 60
    p = Prospects(
        lam=rng.uniform(0.1, 30, n), location=rng.normal(-0.2, 0.2, n), spread=rng.uniform(0.05, 0.6, n), start=np.ones(n),
        again=rng.choice([0.8, 0.02, 1e-9], n), worth=rng.uniform(0.5, 1, n), share=rng.uniform(0, 1, n),
        fresh=rng.uniform(0, 20, n), back=rng.uniform(0, 1, n), stay=rng.uniform(0, 1, n),
    )  # fmt: skip
    found = bidding_at_once(p, form)
    for i in range(n):
        law = ValueLaw("lognormal", p.location[i], p.spread[i])
        rest = [
            float(getattr(p, name)[i])
            for name in ("start", "again", "worth", "share", "fresh", "back", "stay")
        ]
        c = cutoff(Prospect(float(p.lam[i]), law, *rest[:6], form, rest[6]))
        assert found[i] == pytest.approx(float(law.sf(c)) if np.isfinite(c) else 0.0, abs=1e-5)


@pytest.mark.parametrize("k", [0.15, 0.6, 3.0, 15.0])
def test_popularity(k):
    at, weight = popularity(k)
    for a in (0.1, 1.0, 10.0, 100.0):
        assert np.sum(weight * np.exp(-at * a)) == pytest.approx(none(a, k), abs=2e-3)


def test_second_derivative():
    for k in (0.3, np.inf):
        slope = (weighted_none(1.0 - 1e-6, k) - weighted_none(1.0 + 1e-6, k)) / 2e-6
        assert twice_weighted_none(1.0, k) == pytest.approx(slope, rel=1e-8)


@pytest.mark.parametrize("size", [np.inf, 0.5])
@pytest.mark.parametrize("wait", [None, 0.4])
def test_sealed_bids_bring_what_ascending_ones_do(size, wait):
    if wait and np.isfinite(size):
        return
    for k, one in enumerate(of(0.6, size, (wait, np.asarray(0.1), "sealed") if wait else None)):
        bids, higher = sealed.winning_bids(one, LAW)
        assert (np.diff(bids) >= -1e-12).all()
        assert bids[0] == pytest.approx(one.start)
        assert sealed.mean_bid(bids, higher) == pytest.approx(
            one.revenue(LAW, STARTS[max(k - 1, 0)]), rel=5e-4
        )
        assert sealed.above(one.start, bids, higher) == pytest.approx(one.sold, rel=1e-9)


def test_a_sealed_bid_by_quadrature():
    one = of(0.0, 0.5)[0]
    bids, higher = sealed.winning_bids(one, LAW)

    def h(x):
        return float(weighted_none(3.0 * LAW.sf(x), 0.5))

    v = 1.2
    bid = v - quad(h, 1.0, v)[0] / h(v)
    at = float(none(0.0, 0.5) - none(3.0 * LAW.sf(v), 0.5))
    assert sealed.above(bid, bids, higher) == pytest.approx(at, rel=1e-4)


@pytest.mark.parametrize("k", [0.4, np.inf])
def test_small_probabilities_of_a_sale_keep_their_digits(k):
    """A file of sold lots divides by them: with digits lost, whatever parameters sell nothing would look likeliest."""
    assert first_after(1e-30, k) == pytest.approx(1e-30, rel=1e-12, abs=0.0)
    assert first_after(0.3, k, 0.5) == pytest.approx(none(0.5, k) - none(0.8, k), rel=1e-12)
