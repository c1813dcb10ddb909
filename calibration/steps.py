"""The steps of a calibration: pure functions of a forward model and what they are given, so that any process can do them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.answers import policy
from calibration.estimation.density import density
from calibration.estimation.ensemble import assimilated, prior_population
from calibration.estimation.posterior import Effort, Run, run
from calibration.forward_model.forward_model import ForwardModel, grid_of, overlay_at, through
from calibration.forward_model.inflow import Inflow, laid, solved
from calibration.forward_model.listing_times import listing_times, listings, spans_of
from calibration.forward_model.overlays import over
from calibration.random_streams import Purpose, stream
from calibration.targets.evidence import Fact
from calibration.targets.interpretations import Interpretation
from calibration.targets.parameter_space import space
from calibration.targets.targets import Targets

Floats = npt.NDArray[np.float64]

SCREEN: Final = Effort(members=128, totals=32)


def expose(model: None, targets: Targets, point: tuple[float, ...], replications: int) -> Inflow:
    """The arrivals at one point of the inflow's grid, solved, and its listing times by the simulator, counted."""
    parameters = space(targets.free, list(targets.windows))
    scenario = over(targets, [overlay_at(parameters, grid_of(parameters), point)])
    arrivals = solved(targets, scenario)
    scenario = laid(scenario, arrivals)
    lots = [listings(scenario, number) for number in range(replications)]
    spans = spans_of(scenario, list(targets.windows))
    return Inflow(arrivals, listing_times(scenario, lots, spans, through(targets)))


def nearest(
    model: ForwardModel, interpretation: Interpretation, facts: Sequence[Fact], widen: float, seed: int
) -> float:
    """The log likelihood of an interpretation where its population comes nearest to the figures and facts."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        one = density(model, interpretation, facts, widen).drawing(SCREEN.totals)
        rng = stream(seed, Purpose.NEAREST)
        _, terms = assimilated(one, prior_population(one, SCREEN.members, rng), rng)
        return float(np.max(terms[-1].likelihood))


def sampled(
    model: ForwardModel,
    interpretation: Interpretation,
    facts: Sequence[Fact],
    widen: float,
    seed: int,
    effort: Effort,
) -> Run:
    """The sampler on one interpretation."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(
        1
    ):  # every worker has a processor of its own: threads would only wait for each other
        return run(density(model, interpretation, facts, widen), seed, effort)


def answer(model: ForwardModel, theta: Floats) -> Floats:
    """Policy outcomes (n, questions, outcomes)."""
    return policy.answers(model, theta)
