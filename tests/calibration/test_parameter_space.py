"""The prior of all parameters at once is that of each of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.targets.parameter_space import space
from calibration.targets.reader.load import load_targets


def test_the_prior_of_a_vector_is_that_of_its_numbers():
    targets = load_targets("shanxi")
    bell = replace(targets.free[0], mean=targets.free[0].low + 0.4, sd=0.7)
    parameters = space([bell, *targets.free[1:]], list(targets.windows))
    unit = np.random.default_rng(1).random((50, len(parameters.slots)))
    theta = parameters.from_unit(unit)
    theta[0, 0], theta[1, -1] = parameters.high[0] + 1.0, parameters.low[-1] - 1.0
    each = parameters.log_priors(theta)
    assert {slot.free.sd is None for slot in parameters.slots} == {True, False}  # flat ones and bells
    for i, slot in enumerate(parameters.slots):
        assert theta[2:, i] == pytest.approx(slot.free.quantile(unit[2:, i]), rel=1e-12)
        assert each[:, i] == pytest.approx(slot.free.log_prior(theta[:, i]), rel=1e-12)
    assert np.isneginf(parameters.log_prior(theta)[:2]).all()
    assert np.isfinite(parameters.log_prior(theta)[2:]).all()


def test_the_elasticity_of_interest_to_the_price_may_be_free(tmp_path):
    """Read from a targets file as any other parameter, and laid over the scenario under its path."""
    path = tmp_path / "elastic.toml"
    path.write_text(
        'title = "x"\nscenario = "shanxi-prior"\n[windows.2017]\nsold = 304\n'
        '[[free]]\npath = "price_response.elasticity"\ntransform = "identity"\nlow = 0.0\nhigh = 12.0\n',
        encoding="utf-8",
    )
    targets = load_targets(path)
    parameters = space(targets.free, list(targets.windows))
    assert parameters.names == ["price_response.elasticity"]
    assert parameters.values(np.array([[3.0]]))["price_response.elasticity"] == pytest.approx(3.0)
    laid = parameters.overlay(np.array([3.0]), {"2017": targets.windows["2017"].first}, "x")
    assert laid.tree == {"price_response": {"elasticity": 3.0}}
