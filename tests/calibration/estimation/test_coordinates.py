"""Straight coordinates: there and back, their Jacobian, and vectors with which nobody can pay."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from calibration.estimation.coordinates import FAINT, Coordinates, coordinates
from calibration.pipeline import ranged
from calibration.targets.parameter_space import space
from calibration.targets.reader.load import load_targets


@pytest.fixture(scope="module", params=[1.0, 2.0], ids=["as given", "ranges doubled"])
def straight(request: pytest.FixtureRequest) -> Coordinates:
    """Of Shanxi's parameters; a forward model holds more, of which coordinates need nothing."""
    targets = ranged(load_targets("shanxi"), request.param)
    parameters = space(targets.free, list(targets.windows))
    return coordinates(cast(Any, SimpleNamespace(space=parameters, scenario=targets.loaded.scenario)))


def test_wherever_the_prior_puts_a_vector_its_coordinates_are_finite(straight: Coordinates) -> None:
    unit = np.random.default_rng(1).uniform(1e-6, 1.0 - 1e-6, (4000, len(straight.model.space.slots)))
    y = straight.forward(straight.model.space.from_unit(unit))
    assert np.isfinite(y).all()
    assert y.min() >= FAINT


def test_there_and_back(straight: Coordinates) -> None:
    unit = np.random.default_rng(2).uniform(0.01, 0.99, (500, len(straight.model.space.slots)))
    theta = straight.model.space.from_unit(unit)
    y = straight.forward(theta)
    payers = y[:, list(straight.slots)].min(axis=1) > FAINT + 1.0
    back, _ = straight.back(y)
    assert payers.sum() > 300
    assert back[payers] == pytest.approx(theta[payers], rel=1e-6, abs=1e-6)


def test_the_jacobian_is_that_of_the_way_back_but_for_a_constant(straight: Coordinates) -> None:
    p, step = len(straight.model.space.slots), 1e-5
    off = []
    space = straight.model.space
    rng = np.random.default_rng(3)
    inside = space.from_unit(rng.uniform(0.05, 0.95, (400, p)))
    every = straight.forward(inside)
    for y in every[every.min(axis=1) > -4.0][:5]:
        _, log_jacobian = straight.back(y[None])
        up, down = (straight.back(y + sign * step * np.eye(p))[0] for sign in (1.0, -1.0))
        _, measured = np.linalg.slogdet((up - down) / (2.0 * step))
        off.append(log_jacobian[0] - measured)
    assert len(off) == 5
    assert off == pytest.approx([off[0]] * len(off), abs=1e-4)
