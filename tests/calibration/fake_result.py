"""A made-up result of a calibration of Shanxi: random draws where posteriors would be, so that the report needs no sampler."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from calibration.answers.policy import OUTCOMES, Question
from calibration.answers.scores import FactScores
from calibration.estimation.mixture import Mixture
from calibration.estimation.posterior import Diagnostics
from calibration.forward_model.forward_model import since
from calibration.result import Result, Sampled
from calibration.settings import QUICK
from calibration.targets.evidence import Scores, chosen
from calibration.targets.own_rows import _replaced
from calibration.targets.parameter_space import space
from calibration.targets.reader.load import load_targets

DRAWS = 400
GOOD = {"bulk": np.array([2100.0, 2500.0]), "marginal_sd": 0.04}
ASKED = [
    Question("cut-00", "cut", 0.0, ()), Question("cut-10", "cut", 0.1, ()), Question("cut-20", "cut", 0.2, ()),
    Question("start-100", "start", 1.0, ()), Question("start-70", "start", 0.7, ()),
]  # fmt: skip


def diagnostics(rhat: float = 1.003, **more: float) -> Diagnostics:
    return Diagnostics(rhat=np.array([1.001, rhat]), tail=np.array([640.0, 900.0]), **{**GOOD, **more})  # type: ignore[arg-type]


def sampled(
    targets: Any, name: str, size: float, weights: list[float], refused: bool = False, seed: int = 1
) -> Sampled:
    """Effects that grow with the cut, lognormal around ``size``; interpretations with these weights."""
    rng = np.random.default_rng(seed)
    parameters = space(targets.free, list(targets.windows))
    theta = parameters.from_unit(rng.beta(4, 3, (DRAWS, len(parameters.slots))))
    which = np.repeat(np.arange(len(weights)), np.round(np.array(weights) * DRAWS).astype(int))[:DRAWS]
    which = np.concatenate([which, np.zeros(DRAWS - len(which), dtype=which.dtype)])
    cut = np.array([one.value if one.family == "cut" else 1.0 - one.value for one in ASKED])
    effects = np.zeros((DRAWS, len(ASKED), len(OUTCOMES)))
    base = rng.lognormal(np.log(size), 0.5, DRAWS) * (1.0 + 0.3 * which)
    effects[:, :, 1] = base[:, None] * cut / 0.2
    effects[:, :, 2] = 0.8 * effects[:, :, 1] + rng.normal(0, 0.003, DRAWS)[:, None] * cut
    effects[:, :, 3] = -rng.normal(4, 3, DRAWS)[:, None] * cut / 0.2
    bad = diagnostics(1.2)
    why = tuple(
        replace(one, interpretation=interpretation.key)
        for interpretation in targets.interpretations()[: len(weights) if refused else 0]
        for one in bad.refusal()
    )
    posteriors = [
        SimpleNamespace(
            one=SimpleNamespace(interpretation=interpretation), log_marginal=-40.0 - i,
            run=SimpleNamespace(evaluations=4800, accepted=0.4, log_marginals=np.full(4, -40.0 - i)),
            diagnostics=bad if refused else diagnostics(), theta=theta[which == i],
        )
        for i, interpretation in enumerate(targets.interpretations()[: len(weights)])
    ]  # fmt: skip
    mixed = Mixture(theta, which, np.array(weights))
    return Sampled(name, tuple(posteriors), mixed, effects, effects, why)  # type: ignore[arg-type]


def forecasts(targets: Any) -> list[Any]:
    """Bands around what was published; one missed, one that cannot fail."""
    found = []
    for i, figure in enumerate(targets.figures("fit", "held_out")):
        x, wide = figure.value, 0.12
        low, high = x * (1 - wide), x * (1 + wide)
        if i == 3:
            low, high = 1.1 * x, 1.4 * x
        if figure.name == "premium" and figure.window == "2018":
            low, high = 0.1 * x, 9.0 * x
        measure = next(iter(figure.measures))
        found.append(SimpleNamespace(
            window=figure.window, figure=figure.name, measure=measure, key=f"{figure.name}@{figure.window}", role=figure.role,
            published=x, low=low, median=(low + high) / 2, high=high, quantile=0.004 if i == 3 else 0.4,
            cannot_fail=high > 5 * low,
        ))  # fmt: skip
    return found


class FakeModel:
    """What the report and the files of draws need of a forward model."""

    def __init__(self, targets: Any) -> None:
        self.targets, self.windows = targets, list(targets.windows)
        self.space = space(targets.free, self.windows)

    def overlay(self, theta: Any, name: str, arrivals: Any = None) -> Any:
        return self.space.overlay(theta, since(self.targets), name)


def point(targets: Any, theta: Any, failed: tuple[str, ...]) -> Any:
    """A representative that meets every figure, or is refused."""
    figures = [
        SimpleNamespace(counts=one.role == "fit", inside="figures" not in failed) for one in targets.figures()
    ]
    return SimpleNamespace(
        interpretation=targets.interpretations()[0],
        theta=theta,
        arrivals=None,
        figures=figures,
        refused=failed,
    )


def result(
    refused: bool = False,
    variants: bool = True,
    weights: tuple[float, ...] = (0.7, 0.28, 0.02),
    failed: tuple[str, ...] = (),
    rows: bool = False,
) -> Result:
    """The whole of it; ``refused``: whether its draws are, ``failed``: what its representative does not do; ``rows``: beside the
    court's own rows of 2019.
    """
    targets = load_targets("shanxi")
    if rows:
        late = list(targets.windows)[-1]
        targets = replace(targets, windows={**targets.windows, late: _replaced(targets.windows[late])})
    mine = list(weights)
    model = FakeModel(targets)
    main = sampled(targets, "evidence", 0.045, mine, refused)
    others = {}
    if variants:
        others = {
            "figures": sampled(targets, "figures", 0.03, mine, seed=2), "doubled": sampled(targets, "doubled", 0.05, mine, seed=3),
            "narrow": sampled(targets, "narrow", 0.05, mine, seed=4), "wide": sampled(targets, "wide", 0.05, mine, seed=5),
            "historic-10": sampled(targets, "historic-10", 0.06, mine, seed=6), "historic-00": sampled(targets, "historic-00", 0.08, mine, seed=7),
        }  # fmt: skip
        if rows:
            others["rows"] = sampled(targets, "rows", 0.04, [1.0], seed=8)
    facts = chosen(targets.evidence, "fit", "held_out")
    y = np.array([fact.value for fact in facts])
    scores = Scores(
        np.full(len(y), 0.4),
        np.full(len(y), -0.25),
        0.7 * y,
        1.02 * y,
        np.minimum(1.3 * y, 0.99 + 0.5 * (y > 1)),
        np.full(len(y), 200.0),
    )
    observation_values = [
        SimpleNamespace(name=name, number=240, today=0.08, after=0.03, ratio=np.full(len(OUTCOMES), ratio), width=ratio)
        for name, ratio in (("sold_second", 0.55), ("eligible_per_sale", 0.71), ("sold_at_start", 0.83), ("booking", 0.98))
    ]  # fmt: skip
    trials = [
        SimpleNamespace(courts=20, months=12, width=0.031, today=0.094, lots=900, spread=0.5),
        SimpleNamespace(courts=60, months=12, width=0.021, today=0.094, lots=2700, spread=0.5),
    ]
    tensions = [
        SimpleNamespace(name=fact.name, kind="fact", pull=0.004, quantile=0.4, draws=190.0) for fact in facts
    ]
    tensions += [SimpleNamespace(name="premium@2018", kind="figure", pull=-0.012, quantile=0.99, draws=90.0)]
    return Result(
        targets=targets, model=model, settings=QUICK, findings=[], excluded={"commission": {"commission_saved_flat"}},
        questions=ASKED, main=main, variants=others, prior=np.linspace(0.0, 0.3, 4)[:, None, None] * np.ones((4, len(ASKED), len(OUTCOMES))),
        forecasts=forecasts(targets), tensions=tensions, scored=FactScores(facts, scores, np.stack([y, 0.9 * y], axis=1)),
        observation_values={"cut-20": observation_values, "cut-10": observation_values[::-1]}, trials=trials, point=point(targets, main.mixture.theta[0], failed), let_in=0.6 * main.effects[:, 2], seconds={"listings": 11.0, "evidence": 120.0, "narrow": 31.0},
    )  # type: ignore[arg-type]  # fmt: skip
