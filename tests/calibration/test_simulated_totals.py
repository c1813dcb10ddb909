"""Simulated totals against sums that are written out lot by lot, in plain NumPy."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.stats import norm

from calibration.forward_model.expected_counts import Mix
from calibration.forward_model.simulated_totals import (
    AGGREGATES,
    GRID,
    RandomDraws,
    random_draws,
    simulated_totals,
)
from sim.law.commission import commission

SEED, LOTS, DRAWS = 4, (40, 250), 12


def mix(vectors: int = 3) -> Mix:
    """Two windows, one basis, four cells with and without token starts; the second cell sells next to nothing."""
    rng = np.random.default_rng(8)
    shape = (vectors, 2, 1, 8)

    def between(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, shape)

    weight = between(5.0, 60.0)
    weight[..., 2:4] = 1e-9
    return Mix(
        weight=weight, alone=between(0.1, 0.9), excess=between(0.05, 0.6), excess_sd=between(0.1, 0.8),
        log_start=between(-0.8, 0.1), start_sd=between(0.01, 0.4), first=between(0.7, 1.0),
        median=rng.uniform(2e5, 3e6, (vectors, 4)), log_sd=rng.uniform(0.3, 1.4, (vectors, 4)),
    )  # fmt: skip


def plainly(of: Mix, row: int, window: int, x: RandomDraws) -> np.ndarray:
    """The means of one vector's sold lots, (draws, AGGREGATES)."""
    own = {f.name: getattr(of, f.name)[row, window, 0].reshape(-1, 2) for f in fields(Mix) if f.name not in ("median", "log_sd")}  # fmt: skip
    kept = np.flatnonzero(own["weight"].sum(axis=1) > 1e-3)
    own = {name: values[kept] for name, values in own.items()}
    centre, spread = np.log(of.median[row][kept]), of.log_sd[row][kept]
    share = own["weight"].sum(axis=1) / own["weight"].sum()
    grid = np.linspace((centre - 5.5 * spread).min(), (centre + 5.5 * spread).max(), GRID)
    law = norm(centre, spread)
    log_value = np.interp(x.value, law.cdf(grid[:, None]) @ share, grid)
    at = np.clip(np.searchsorted(grid, log_value, side="left") - 1, 0, GRID - 2)
    height = share * law.pdf(grid[:, None])
    chance = np.cumsum(height[at] + height[at + 1], axis=1)
    cell = (x.kind[:, None] > chance[:, :-1] / chance[:, -1:]).sum(axis=1)
    token = (x.token < own["weight"][cell, 1] / own["weight"][cell].sum(axis=1)).astype(int)
    mine = {name: values[cell, token] for name, values in own.items()}
    square = np.log1p((mine["excess_sd"] / mine["excess"]) ** 2)  # a lognormal law with this mean and sd
    above = np.exp(np.log(mine["excess"]) - square / 2.0 + np.sqrt(square) * x.price_excess)
    ratio = 1.0 + np.where(x.alone >= mine["alone"], above, 0.0)
    start = np.exp(log_value + mine["log_start"] + mine["start_sd"] * x.start)
    price = start * ratio
    lots = np.stack([price, start, ratio, ratio * mine["first"], commission(price)])
    means = np.stack([lots[:, x.draw == d].mean(axis=1) for d in range(x.draws)])
    medians = [np.median(ratio[x.draw == d]) - 1.0 for d in range(x.draws)]
    return np.column_stack([means, medians])


@pytest.mark.parametrize("window", [0, 1])
def test_totals_are_the_sums_of_their_lots(window):
    """To eleven digits, which are lost to the order of additions and to no approximation."""
    of, x = mix(), random_draws(SEED, LOTS, DRAWS)[window]
    found = simulated_totals(of, window, 0, x, median=True)
    for row in range(3):
        assert found[row] == pytest.approx(plainly(of, row, window, x), rel=1e-11)


def test_vectors_do_not_depend_on_those_beside_them_and_where_nothing_is_sold_there_are_no_means():
    of, x = mix(), random_draws(SEED, LOTS, DRAWS)[0]
    of.weight[1] = 0.0
    together = simulated_totals(of, 0, 0, x)
    assert np.isnan(together[1]).all()
    alone = Mix(**{f.name: getattr(of, f.name)[2:] for f in fields(Mix)})
    assert together[2, :, :-1] == pytest.approx(simulated_totals(alone, 0, 0, x)[0, :, :-1], rel=1e-13)
    nothing = replace(of, weight=np.zeros_like(of.weight))
    assert simulated_totals(nothing, 0, 0, x).shape == (3, DRAWS, len(AGGREGATES))
    assert np.isnan(simulated_totals(nothing, 0, 0, x)).all()


def test_the_first_draws_are_the_same_however_many_there_are():
    few, many = (simulated_totals(mix(), 1, 0, random_draws(SEED, LOTS, draws)[1]) for draws in (3, DRAWS))
    assert few[..., :-1] == pytest.approx(many[:, :3, :-1], rel=1e-11)
