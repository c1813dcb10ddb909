"""How far the ends of an answer move when the simulated totals have other random numbers."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from calibration import pipeline
from calibration.answers import seeds
from calibration.answers.policy import OUTCOMES, Question
from calibration.result import Sampled
from calibration.targets.interpretations import Interpretation

N = 4000
EFFECT = np.random.default_rng(1).standard_normal(N)


def test_weights_that_are_alike_move_nothing_and_others_as_the_normal_law_has_it():
    """exp(t x) on a standard normal law shifts it by t; exp(-x^2 / 2) narrows it to sd sqrt(1/2)."""
    found = seeds.moved(EFFECT[:, None], np.array([np.full(N, 3.0), 0.5 * EFFECT, -0.5 * EFFECT**2]), N)
    same, shifted, narrower = found.ends[:, 0]
    assert (found.k < seeds.GOOD_K).all()
    assert same == pytest.approx([0.0, 0.0], abs=1e-12)
    assert shifted == pytest.approx([0.5, 0.5], abs=0.12)
    assert narrower == pytest.approx([1.96 * (1 - 0.5**0.5), -1.96 * (1 - 0.5**0.5)], abs=0.1)


def test_weights_of_a_tail_without_a_variance_are_refused():
    """exp(x) of an exponential x of mean 1.25 has a Pareto tail of k = 1.25."""
    heavy = np.random.default_rng(2).exponential(1.25, N)
    found = seeds.moved(EFFECT[:, None], heavy[None], N)
    assert found.k[0] == pytest.approx(1.25, abs=0.25)
    assert [why.code for why in found.refusal()] == ["k"]


@pytest.mark.parametrize("outcome", seeds.ANSWERS)
@pytest.mark.parametrize(("tilt", "refused"), [(0.05, ""), (0.4, "moved")])
def test_an_answer_that_hangs_on_the_seed_is_refused(tilt, refused, outcome):
    questions = [Question("cut-00", "cut", 0.0, ()), Question("cut-20", "cut", 0.2, ())]
    effects = np.zeros((N, 2, len(OUTCOMES)))
    effects[:, 1, OUTCOMES.index(outcome)] = EFFECT
    interpretation = Interpretation("event", (("sale_rate", "sale_rate_final"),), 1.0)
    one = SimpleNamespace(
        one=SimpleNamespace(interpretation=interpretation), diagnostics=SimpleNamespace(effective=float(N))
    )
    mixture = SimpleNamespace(theta=EFFECT[:, None], which=np.zeros(N, dtype=int), weights=np.ones(1))
    main = Sampled("evidence", (one,), mixture, effects, effects, ())  # type: ignore[arg-type]

    def do(name, step, tasks):
        return [tilt * other * theta[:, 0] for _, (_, theta, other) in tasks]

    sampled, moved = pipeline._steady(SimpleNamespace(do=do), main, questions)  # type: ignore[arg-type]
    assert moved.ends.shape == (2, 3, 2)
    assert [why.code for why in sampled.refused] == ([refused] if refused else [])
