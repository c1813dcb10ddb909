"""Little's law: what is open = what comes in a day x days it stays; in every path exactly, and against theory."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import ROOT, SMALL, scenario
from scipy.stats import chi2

from sim.measures.curves import open_lots_curve
from sim.model.records import Outcome
from sim.model.rules import horizon
from sim.model.simulate import simulate
from sim.scenario import load


@pytest.mark.parametrize(
    "settings", [(), ("arrivals.mode=listing",), ("interest.mean=0.5", "disposal.suspension_share=0.5")]
)
def test_in_every_run_the_open_lots_are_the_inflow_times_the_stay(settings):
    """Mean of the curve of open lots = listed a day x mean days open, cut off at the end of the run: an identity.

    The curve is sampled every hour, so the two may differ by half an hour a lot at most.
    """
    drawn = scenario("base", *SMALL, *settings)
    lots = simulate(drawn, 0).lots
    end = horizon(drawn)
    listed = lots["listed"][~np.isnan(lots["listed"])]
    stay = np.where(np.isnan(lots["ended"]), end, lots["ended"])[~np.isnan(lots["listed"])] - listed
    grid = np.arange(0.0, end, 1.0 / 24.0) + 1.0 / 48.0
    open_lots = open_lots_curve(simulate(drawn, 0), grid)["open"].mean()
    inflow, days = len(listed) / end, stay.mean()
    assert len(listed) > 100
    assert open_lots == pytest.approx(inflow * days, abs=inflow / 48.0)


def test_lots_that_wait_for_clerks_obey_it_too():
    """The backlog of seized and not yet listed lots, clerks being few."""
    drawn = scenario("base", *SMALL, "courts.clerks=1", "courts.survey_days=6", "time.end=2018-12-31")
    lots = simulate(drawn, 0).lots
    end = horizon(drawn)
    until = np.fmin(np.fmin(lots["listed"], lots["ended"]), end)
    until = np.where(np.isnan(until), end, until)
    grid = np.arange(0.0, end, 1.0 / 24.0) + 1.0 / 48.0
    waiting = [((lots["seized"] <= t) & (until > t)).sum() for t in grid]
    assert np.mean(waiting) == pytest.approx(len(until) / end * (until - lots["seized"]).mean(), abs=0.05)
    assert (lots["outcome"] == Outcome.PREPARING).sum() < len(until)
    assert (until - lots["seized"]).mean() > 60.0, "clerks must be few for this to bite"


def test_the_number_open_is_poisson_with_the_mean_that_theory_gives():
    """Lots listed at a rate of nu a day that stay W days: in the steady state Poisson(nu E[W]) are open (M/G/inf).

    Two rounds with hazards .3 and .5 and ends on days 31 and 57: E[W] = .3 x 31 + .7 x 57. Looked at every 60
    days, longer than any stay, so that the counts are independent. False timers: 1 in 1,000 for the mean, 1 in 1,000
    for the dispersion; the seed is fixed.
    """
    first, second = -np.log(0.7), -np.log(0.5)
    settings = (
        "interest.values=uniform", "interest.spread=2", "start.ratio=1.0", f"interest.mean={2 * first}",
        f"rounds.second.interest={second / first}", "rounds.second.held=true", "rounds.second.cut=0",
        "arrivals.periods.quarter.cases=0", "arrivals.periods.quarter.lots=0", "run.seed=5",
        "time.start=2000-01-01", "arrivals.periods.year.first=2000-01-01", "arrivals.periods.year.last=2017-12-31",
        "arrivals.periods.year.cases=32875", "arrivals.periods.year.lots=32875",
    )  # fmt: skip
    drawn = load(ROOT / "scenarios" / "verify" / "windows.toml", settings).scenario
    rate = 32_875 / 6575
    expected = rate * (0.3 * 31 + 0.7 * 57)
    counts = np.concatenate(
        [open_lots_curve(simulate(drawn, n), np.arange(60.0, 6575.0, 60.0))["open"] for n in range(2)]
    )
    assert len(counts) == 218
    assert abs(counts.mean() - expected) < 3.29 * np.sqrt(expected / len(counts))
    scatter = ((counts - expected) ** 2).sum() / expected
    assert 0.0005 < chi2.sf(scatter, len(counts)) < 0.9995
