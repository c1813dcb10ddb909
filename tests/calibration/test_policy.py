"""Policy answers and the spread of prices by closed form against the simulator, where defaults, movables and taking in kind
all weigh.

False alarms: 14 comparisons beyond 4.5 standard errors (Student t, 9 degrees of freedom), many of the same lots: one choice
of seeds in fifty.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from calibration import policy, steps
from calibration.dispersion import dispersion
from calibration.file.load import load_targets
from calibration.world import World
from sim.model import simulate
from sim.records import Outcome
from sim.scenario.files import HOME

NUMBER = 10  # replications
ERRORS = 4.5
HOLIDAYS = 0.5  # days: spring festival, which the closed form leaves out
# Lots that fail after a default and are sold in a later round are left out as well: of the defaulted so many more are sold,
# and as they are sold some 60 days later, the mean sale is so many days later.
GOING_ON, LATER = 0.06, 12.0
DEFAULTS = 0.1

SCENARIO = f"""\
extends = "{Path(HOME, "shanxi.toml").resolve()}"
title = "Shanxi with one winner in ten who does not pay, and a third taken in kind"
title_zh = "测试"
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
def world(tmp_path_factory) -> World:
    folder = tmp_path_factory.mktemp("policy")
    (folder / "more.toml").write_text(SCENARIO, encoding="utf-8")
    (folder / "targets.toml").write_text(TARGETS, encoding="utf-8")
    targets = load_targets(folder / "targets.toml")
    return World(targets, [steps.expose(None, targets, (), 2)], 4)


@pytest.fixture(scope="module")
def played(world) -> dict[str, np.ndarray]:
    """(replications, OUTCOMES) of each policy asked about here."""
    asked = {one.key: one for one in policy.questions(world) if one.key in ("cut-00", "cut-20", "start-70")}
    return {
        key: np.stack(
            [
                steps.played(world, world.space.base, "2018", dict.fromkeys(one.paths, one.value), n)
                for n in range(NUMBER)
            ]
        )
        for key, one in asked.items()
    }


def closed(world: World, key: str) -> np.ndarray:
    asked = policy.questions(world)
    number = [one.key for one in asked].index(key)
    return policy.answers(world, world.space.base[None, :], "2018", asked)[0, number]


@pytest.mark.parametrize("key", ["cut-00", "cut-20", "start-70"])
@pytest.mark.parametrize("outcome", policy.OUTCOMES)
def test_an_outcome_is_what_the_simulator_says(world, played, key, outcome):
    o = policy.OUTCOMES.index(outcome)
    found, told = played[key][:, o], closed(world, key)[o]
    se = found.std(ddof=1) / math.sqrt(NUMBER)
    left_out = HOLIDAYS + LATER * DEFAULTS if outcome == "days_to_sale" else GOING_ON * DEFAULTS * told
    assert -ERRORS * se - left_out < told - found.mean() < ERRORS * se


def test_the_effect_of_a_cut_is_what_the_simulator_says(world, played):
    o = policy.OUTCOMES.index("sold_ever")
    found = played["cut-20"][:, o] - played["cut-00"][:, o]
    told = closed(world, "cut-20")[o] - closed(world, "cut-00")[o]
    assert (
        abs(told - found.mean()) < ERRORS * found.std(ddof=1) / math.sqrt(NUMBER) + GOING_ON * DEFAULTS * told
    )


def test_prices_are_spread_as_the_simulator_spreads_them(world):
    found = []
    for n in range(NUMBER):
        lots = simulate(world.scenario, n).lots
        ended = lots["ended"].astype(float)
        sold = (lots["outcome"] == Outcome.SOLD) & (ended >= 365.0) & (ended < 730.0)
        found.append(np.log(lots["price"][sold].astype(float)).std())
    told = dispersion(world, world.space.base[None, :], "2018", "event")[0]
    se = np.std(found, ddof=1) / math.sqrt(NUMBER)
    assert 1.5 < told < 2.5
    assert abs(told - np.mean(found)) < ERRORS * se
