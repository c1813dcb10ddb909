"""The M/D/1 queue against the whole distribution of its wait, which Crommelin found apart from the moments."""

from __future__ import annotations

from math import exp, factorial

import pytest
from scipy.integrate import quad

from sim.theory.queue import queue

FAR = 20  # days of work: longer waits are rarer than 1e-9 at these loads


def beyond(load: float, t: float) -> float:
    """P(wait > t), t in units of a lot's work (Crommelin 1932); its terms cancel, so that loads must be small."""
    return 1.0 - (1.0 - load) * sum(
        (load * (k - t)) ** k / factorial(k) * exp(load * (t - k)) for k in range(int(t) + 1)
    )


@pytest.mark.parametrize(("load", "work"), [(0.1, 1.0), (0.25, 3.0), (0.3, 0.5)])
def test_moments_are_those_of_the_whole_distribution(load, work):
    found = queue(load / work, work)
    mean, square = (
        sum(quad(lambda t, n=n: n * t ** (n - 1) * beyond(load, t), k, k + 1)[0] for k in range(FAR))
        for n in (1, 2)
    )
    assert found.idle == pytest.approx(1.0 - beyond(load, 0.0))
    assert found.wait == pytest.approx(work * mean, rel=1e-6)
    assert found.variance == pytest.approx(work**2 * (square - mean**2), rel=1e-6)


def test_a_clerk_with_more_to_do_than_time_is_refused():
    assert queue(0.75, 1.0).wait == pytest.approx(1.5), (
        "half of the wait where work is exponential (M/M/1: 3)"
    )
    for load in (0.0, 1.0, 1.2):
        with pytest.raises(ValueError, match="below 1"):
            queue([0.5, load], 1.0)
