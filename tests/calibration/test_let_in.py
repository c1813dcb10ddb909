"""Of a cut's effect, people let in and people drawn: where first starts are the reference price, nobody is drawn if nobody responds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibration import steps
from calibration.answers import let_in, policy
from calibration.forward_model.forward_model import ForwardModel
from calibration.targets.reader.load import load_targets
from sim.scenario.files import HOME

TARGETS = """\
title = "Test"
title_zh = "测试"
source = "made up for tests"
scenario = "listed.toml"
[windows.2018]
lots = 426
sold = 124
sale_rate = "37.51%"
[[free]]
name = "interest"
path = "interest.mean"
low = 0.1
high = 50.0
[[free]]
name = "price_elasticity"
path = "price_response.elasticity"
transform = "identity"
low = 0.0
high = 15.0
"""
SCENARIO = f"""\
extends = "{Path(HOME, "shanxi-prior.toml").resolve()}"
title = "Listed as they come in"
title_zh = "测试"
arrivals.mode = "listing"
arrivals.periods.2017.last = 2017-12-31
arrivals.periods.2018 = {{ first = 2018-01-01, last = 2018-12-31, cases = 180.0, lots = 426.0 }}
arrivals.periods.2019Q1 = {{ first = 2019-01-01, last = 2019-03-31, cases = 58.0, lots = 119.0 }}
start.ratio = 1.0
start.token_share = 0.0
rounds.sell_off.cut = 0.0
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> ForwardModel:
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "listed.toml").write_text(SCENARIO, encoding="utf-8")
    (folder / "targets.toml").write_text(TARGETS, encoding="utf-8")
    targets = load_targets(folder / "targets.toml")
    return ForwardModel(targets, [steps.expose(None, targets, (), 1)], 1)


def test_who_is_let_in_is_who_would_be_there_without_any_response(model):
    cut = next(one for one in policy.questions(model) if one.key == "cut-20")
    theta = np.stack([np.log([0.5, 2.0, 8.0, 2.0]) if model.space.slots[0].free.transform == "log" else np.array([0.5, 2.0, 8.0, 2.0]), np.array([0.0, 2.0, 6.0, 14.0])], axis=1)  # fmt: skip
    calm = theta.copy()
    calm[:, 1] = 0.0
    found = let_in.drawing_nobody(model, theta, cut)
    assert found is not None
    np.testing.assert_allclose(found, policy.answers(model, calm, [cut])[:, 0], rtol=2e-4)
    with_response = policy.answers(model, theta, [cut])[:, 0]
    sold = policy.OUTCOMES.index("sold_ever")
    np.testing.assert_allclose(found[0], with_response[0], rtol=1e-9)  # who does not respond is not drawn
    assert (with_response[1:, sold] > found[1:, sold] + 0.01).all()


def test_where_no_start_draws_anybody_nothing_is_said(model):
    free = tuple(one for one in model.targets.free if one.name == "interest")
    plain = ForwardModel(replace(model.targets, free=free), model.every, 1)
    cut = next(one for one in policy.questions(plain) if one.key == "cut-20")
    assert let_in.drawing_nobody(plain, plain.space.base[None, :], cut) is None
