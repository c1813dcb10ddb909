"""What rules out, what is followed, what a profile says: on objectives whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, norm
from toys import toy

from calibration import steps
from calibration.distance import minimise, objective
from calibration.evaluate import as_deviate, implausible, panel, standardised
from calibration.file.load import load_targets
from calibration.identify import profile
from calibration.inference import inverse, over_identification, power, taken_up
from calibration.policy import interval
from calibration.world import World


@pytest.fixture(scope="module")
def henan() -> World:
    targets = load_targets("henan")
    return World(targets, [steps.expose(None, targets, (), 2)], 16)


def test_all_figures_together_are_as_far_off_as_the_distance_says(henan):
    readings = henan.targets.readings()[:3]
    every = panel(henan, readings)
    theta = henan.space.from_unit(np.random.default_rng(5).random((6, len(henan.space.slots))))
    z = standardised(henan, every, theta)
    for r, reading in enumerate(readings):
        one = objective(henan, reading)
        size = [one.distance(t, inverse(one.covariance(t))) for t in theta]
        freedom = len(one.moments)
        assert z[:, every.whole(r)[-1]] == pytest.approx(as_deviate(np.array(size), freedom), rel=1e-6)


def test_a_chi_square_of_one_figure_is_that_figure_and_fifteen_missed_by_two_are_beyond_three():
    size = np.array([0.5, 1.0, 3.0, 10.0]) ** 2
    assert as_deviate(size, 1) == pytest.approx([0.5, 1.0, 3.0, 10.0])
    assert as_deviate(np.array([15 * 4.0]), 15)[0] == pytest.approx(norm.isf(chi2.sf(60.0, 15) / 2))
    assert 4.0 < as_deviate(np.array([60.0]), 15)[0] < 6.0
    assert as_deviate(np.array([1e6]), 15)[0] > 100.0


def test_a_vector_is_ruled_out_by_all_figures_together_though_by_none_alone(henan):
    every = panel(henan, henan.targets.readings()[:1])
    z = np.full((2, every.width), 2.0)
    z[:, -1] = 2.9, 3.1
    assert (implausible(every, z)[:, 0] < 3.0).tolist() == [True, False]
    z[0, -1] = np.nan
    assert implausible(every, z)[0, 0] == np.inf


def test_a_parameter_that_hardly_moves_the_figures_takes_no_degree_of_freedom():
    cov, jacobian = np.eye(3), np.array([[5.0, 0.0], [0.0, 0.01], [0.0, 0.0]])
    assert taken_up(jacobian, cov).shape == (3, 2)
    assert taken_up(jacobian, cov, np.ones(2)).shape == (3, 1)
    assert over_identification(np.ones(3), jacobian, cov, scale=np.ones(2)).freedom == 2
    seen = power(jacobian, cov, np.full(3, 3.0), scale=np.ones(2))
    assert seen[0] == pytest.approx(0.05)
    assert seen[1] == pytest.approx(seen[2])
    assert seen[1] > 0.5


def test_size_of_the_test_is_right_where_half_of_the_parameters_hardly_move_the_figures():
    rng = np.random.default_rng(3)
    jacobian = np.zeros((6, 4))
    jacobian[[0, 1, 2, 3], [0, 1, 2, 3]] = 8.0, 8.0, 0.05, 0.05
    one = np.ones(4)
    rejected = 0
    for _ in range(2000):
        print_ = rng.standard_normal(6)
        residual = np.where(np.arange(6) < 2, 0.0, print_)  # two figures are followed
        rejected += over_identification(residual, jacobian, np.eye(6), scale=one).p < 0.05
    assert abs(rejected / 2000 - 0.05) < 4.0 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_profile_of_parameters_that_are_the_figures_is_the_parabola():
    one = toy(np.eye(2), np.diag([0.25, 1.0]), np.array([1.0, -2.0]), draws=10_000, reach=4.0)
    found = profile(one, minimise(one, [np.array([0.0, 0.0])], budget=20), 0, points=9)
    assert found.at[[0, -1]].tolist() == [-4.0, 4.0]
    assert found.distance == pytest.approx((found.at - 1.0) ** 2 / 0.25, abs=0.2, rel=0.02)
    assert found.bounded == (True, True)


def test_a_set_has_ends_beside_its_central_part_and_one_vector_that_disagrees_leaves_the_sign_open():
    x = np.concatenate([np.linspace(1.0, 2.0, 999), [-0.5]])
    found = interval(x)
    assert (found.least, found.most, found.sign) == (-0.5, 2.0, 0)
    assert found.low > 1.0
    assert interval(x[:-1]).sign == 1
