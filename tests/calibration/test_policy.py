"""Policy answers and the spread of prices by closed form against the simulator, where defaults, movables and taking in kind
all weigh.

False alarms: 9 comparisons beyond 4.5 standard errors (Student t, 9 degrees of freedom), many of the same lots: one choice
of seeds in fifty.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from calibration import steps
from calibration.answers import policy, simulated
from calibration.forward_model.forward_model import ForwardModel
from calibration.targets.reader.load import load_targets
from sim.scenario.files import HOME

NUMBER = 10  # replications
ERRORS = 4.5
HOLIDAYS = 0.5  # days: spring festival, which the closed form leaves out
# What closed forms leave out: a second default, and lots that fail when they are put up again and are sold in a later round,
# as one that had a bidder before is likelier to be. All lots are followed to their end here, so all of these are seen: of
# the defaulted up to .3 more are sold (measured: .16 without a cut, .27 at 20 %), some 60 days later, which makes the mean
# sale so many days later. At Shanxi's defaults (2 %) that is half a per cent of the lots sold.
GOING_ON, LATER = 0.3, 15.0
DEFAULTS = 0.1

ARRIVALS = """\
arrivals.mode = "listing"
arrivals.periods.2017.last = 2017-12-31
arrivals.periods.2018 = { first = 2018-01-01, last = 2018-12-31, cases = 1799.0, lots = 4262.0 }
arrivals.periods.2019Q1 = { first = 2019-01-01, last = 2019-03-31, cases = 579.0, lots = 1189.0 }
"""  # listed as they come in, so that nothing has to be solved
SCENARIO = f"""\
extends = "{Path(HOME, "shanxi-prior.toml").resolve()}"
title = "Shanxi with one winner in ten who does not pay, and a third taken in kind"
title_zh = "测试"
{ARRIVALS}
[disposal]
default_rate = {DEFAULTS}
in_kind_second = 0.33
"""
TARGETS = """\
title = "Test"
title_zh = "测试"
source = "made up for tests"
scenario = "more.toml"
[windows.2018]
lots = 4262
sold = 1243
sale_rate = "37.51%"
[[free]]
name = "interest"
path = "interest.mean"
low = 0.1
high = 50.0
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> ForwardModel:
    folder = tmp_path_factory.mktemp("policy")
    (folder / "more.toml").write_text(SCENARIO, encoding="utf-8")
    (folder / "targets.toml").write_text(TARGETS, encoding="utf-8")
    targets = load_targets(folder / "targets.toml")
    return ForwardModel(targets, [steps.expose(None, targets, (), 2)], 4)


def played(model: ForwardModel) -> dict[str, np.ndarray]:
    """(replications, OUTCOMES) of each policy tested here."""
    questions = [one for one in policy.questions(model) if one.key in ("cut-00", "cut-20")]
    runs = [
        simulated.played(model, model.space.base, (), "event", questions, n).outcomes for n in range(NUMBER)
    ]
    return {one.key: np.stack([run[q] for run in runs]) for q, one in enumerate(questions)}


def closed(model: ForwardModel, key: str) -> np.ndarray:
    questions = [one for one in policy.questions(model) if one.key == key]
    return policy.answers(model, model.space.base[None, :], questions)[0, 0]


@pytest.mark.statistical
def test_outcomes_and_the_effect_of_a_cut_are_what_the_simulator_says(model):
    """One test, for twenty runs of a province stand behind it: what processes shared, each of them would make."""
    found, exact = played(model), {}
    off = {}
    for key, runs in found.items():
        exact[key] = closed(model, key)
        for o, outcome in enumerate(policy.OUTCOMES):
            se = runs[:, o].std(ddof=1) / math.sqrt(NUMBER)
            left_out = (
                HOLIDAYS + LATER * DEFAULTS
                if outcome == "days_to_sale"
                else GOING_ON * DEFAULTS * exact[key][o]
            )
            gap = exact[key][o] - runs[:, o].mean()
            if not -ERRORS * se - left_out < gap < ERRORS * se:
                off[key, outcome] = gap / se
    o = policy.OUTCOMES.index("sold_ever")
    effects = found["cut-20"][:, o] - found["cut-00"][:, o]
    effect, se = exact["cut-20"][o] - exact["cut-00"][o], effects.std(ddof=1) / math.sqrt(NUMBER)
    if not abs(effect - effects.mean()) < ERRORS * se + GOING_ON * DEFAULTS * exact["cut-20"][o]:
        off["effect"] = (effect - effects.mean()) / se
    assert len(found) == 2
    assert off == {}, "gaps in standard errors"


DATED = """\
title = "Test"
title_zh = "测试"
source = "made up for tests"
scenario = "listed.toml"
[windows.2018]
lots = 4262
sold = 1243
[windows.2019Q1]
lots = 1189
sold = 271
[[free]]
name = "interest"
path = "interest.mean"
low = 0.1
high = 50.0
by_period = true
[[free]]
name = "value_scale"
path = "kinds.*.value_median"
scale = true
low = 0.2
high = 5.0
by_period = true
"""


LISTED = f"""\
extends = "{Path(HOME, "shanxi-prior.toml").resolve()}"
title = "Listed as they come in"
title_zh = "测试"
disposal.default_rate = 0.0
{ARRIVALS}
"""


@pytest.mark.statistical
def test_lots_have_the_values_of_the_periods_they_pass_through(tmp_path):
    """Six times the interest from 2019 on: two in five lots of 2018 have a round after that day."""
    (tmp_path / "listed.toml").write_text(LISTED, encoding="utf-8")
    (tmp_path / "targets.toml").write_text(DATED, encoding="utf-8")
    targets = load_targets(tmp_path / "targets.toml")
    model = ForwardModel(targets, [steps.expose(None, targets, (), 2)], 4)
    theta = np.log([0.7, 4.2, 1.5, 0.6])  # interest, scale of values: 2018, 2019 Q1
    questions = [one for one in policy.questions(model) if one.key in ("cut-00", "cut-20")]
    exact = policy.answers(model, theta[None, :], questions)[0]
    runs = np.stack([simulated.played(model, theta, (), "event", questions, n).outcomes for n in range(6)])
    both = np.concatenate([runs, runs[:, 1:] - runs[:, :1]], axis=1)
    closed_forms = np.concatenate([exact, exact[1:] - exact[:1]])
    se = both.std(axis=0, ddof=1) / math.sqrt(len(both))
    shares = exact[:, :2]  # of few replications the sd is itself known badly: at least that of as many coins
    se[:2, :2] = np.maximum(se[:2, :2], np.sqrt(shares * (1.0 - shares) / (4262 + 1189) / len(both)))
    slack = np.array(
        [0.0, 0.0, 0.0, HOLIDAYS]
    )  # steps of bids and what is read from a table: within the errors
    assert np.all(np.abs(closed_forms - both.mean(axis=0)) <= ERRORS * se + slack)
    # Each lot at the values of the period in which it is listed alone would be far off.
    alone = np.average(
        [policy.answers(model, np.log([i, i, 1.0, 1.0])[None, :], questions)[0, 1, 1] for i in (0.7, 4.2)],
        weights=[4262, 1189],
    )
    assert abs(alone - both[:, 1, 1].mean()) > ERRORS * se[1, 1]
