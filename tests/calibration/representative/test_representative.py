"""The vector that stands for a posterior: the medoid, what polishing makes of it, and when it is refused."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from calibration.answers import policy
from calibration.forward_model.inflow import Arrivals
from calibration.forward_model.moments import Moment, Prediction
from calibration.representative import medoid as representative
from calibration.representative.polish import FigureReproduced, Polished, polished
from calibration.targets.interpretations import Interpretation

RATE, LOTS, SOLD, TURNOVER = 0.5, 2000.0, 400.0, 4.0e8
MOMENTS = (
    Moment(0, "w", "sale_rate", "sale_rate", "sale_rate_final", RATE, 0.0, 0.02, 800.0),
    Moment(0, "w", "turnover", "turnover", "turnover", math.log(TURNOVER / SOLD), 0.0, 0.1),
)
SD = np.array([0.015, 0.2])  # of one replication
SLOPES = np.array([[0.05, 0.0, 0.0, 0.03], [0.1, 0.5, 0.0, 0.0]])
BIAS = np.array([0.06, -0.4])  # of closed forms: what the simulator gives lies so much higher


class Table:
    """One replication of a simulator whose figures are linear in four parameters."""

    def __init__(self, y: np.ndarray, arrivals: Arrivals, number: int) -> None:
        rng = np.random.default_rng(number)
        rate, log_price = [RATE, MOMENTS[1].observed] + SLOPES @ y + BIAS + SD * rng.standard_normal(2)
        lots = 0.7 * arrivals.lots[0] + 300.0 + 20.0 * rng.standard_normal()
        sold = 0.2 * lots
        self.held = {"sale_rate_final": rate, "lots_sold": sold, "lots_listed": lots, "cases": 0.9 * arrivals.cases[0],
                     "turnover": sold * math.exp(log_price)}  # fmt: skip

    def value(self, measure: str, window: str, segment: str = "all", basis: str = "event") -> float:
        assert window == "w"
        return float(self.held[measure])


def of_figure(name: str, value: float, measure: str, role: str) -> SimpleNamespace:
    return SimpleNamespace(window="w", name=name, value=value, measures={measure: 1.0}, role=role)


FIGURES = [
    of_figure("lots", LOTS, "lots_listed", "input"),
    of_figure("cases", 900.0, "cases", "input"),
    of_figure("sale_rate", RATE, "sale_rate_final", "fit"),
    of_figure("turnover", TURNOVER, "turnover", "fit"),
    of_figure("sold", 4000.0, "lots_sold", "held_out"),
]


def toy() -> Any:
    """A density whose closed forms have the right slopes and lie off by ``BIAS``."""
    window = SimpleNamespace(value=lambda name: {"lots": LOTS, "cases": 900.0, "sold": SOLD}[name])
    targets = SimpleNamespace(
        windows={"w": window}, figures=lambda *roles: [f for f in FIGURES if f.role in roles]
    )
    paths = ("interest.mean", "kinds.homes.value_median", "disposal.booking_days", "interest.spread")
    slots = [SimpleNamespace(free=SimpleNamespace(paths=(path,))) for path in paths]
    space = SimpleNamespace(low=np.full(4, -9.0), high=np.full(4, 9.0), slots=slots)

    def predict(theta: np.ndarray) -> Prediction:
        mean = np.array([RATE, MOMENTS[1].observed]) + theta @ SLOPES.T
        none = np.empty(0)
        return Prediction(mean, np.broadcast_to(np.diag(SD**2), (len(theta), 2, 2)), none, none)

    solved = Arrivals(("w",), np.array([900.0]), np.array([2000.0]), ())
    model = SimpleNamespace(
        targets=targets, space=space, grid=SimpleNamespace(slots=()), arrivals=lambda theta: solved
    )
    straight = SimpleNamespace(back=lambda y: (y, np.zeros(len(y))))
    return SimpleNamespace(
        moments=MOMENTS,
        interpretation=Interpretation("event", (), 1.0),
        model=model,
        straight=straight,
        predict=predict,
    )


def test_polishing_meets_the_figures_and_leaves_alone_what_they_do_not_tell():
    calls: list[tuple[int, ...]] = []

    def play(theta: np.ndarray, arrivals: Arrivals, numbers: Any) -> list[Any]:
        calls.append(tuple(numbers))
        return [Table(theta, arrivals, n) for n in numbers]

    begin = np.array([0.3, -0.2, 0.7, 0.4])
    arrivals = Arrivals(("w",), np.array([900.0]), np.array([2000.0]), ())
    found = polished(toy(), begin, np.eye(4), arrivals, play)
    off = SLOPES @ found.y + BIAS
    assert (np.abs(off) < 0.5 * SD).all()
    assert np.abs(SLOPES @ begin + BIAS)[0] > 5.0 * SD[0]  # it was far off
    assert found.y[2:] == pytest.approx(
        begin[2:], abs=1e-9
    )  # no figure informs one; the other is not among those that are moved
    assert 0.7 * found.arrivals.lots[0] + 300.0 == pytest.approx(LOTS, rel=0.01)
    assert 0.9 * found.arrivals.cases[0] == pytest.approx(900.0, rel=1e-3)
    assert {f.figure: (f.must, f.inside) for f in found.figures} == {
        "lots": (True, True), "cases": (True, True), "sale_rate": (True, True), "turnover": (True, True), "sold": (False, False),
    }  # fmt: skip
    shown = set(calls[-1])
    assert shown >= set(range(20))  # those that sim run shows
    assert not shown & {n for numbers in calls[:-1] for n in numbers}


def test_the_medoid_comes_first_and_then_what_is_nearest_to_it():
    y = np.array([[-2.0, 0.0], [-1.0, 0.3], [0.1, 0.0], [1.0, -0.3], [2.5, 0.0], [30.0, 5.0]])
    order = representative.medoid_first(y).tolist()
    assert order[0] == 2
    assert order[-1] == 5
    # Whitened: the same whatever the units.
    assert representative.medoid_first(y * [1.0, 1e6]).tolist() == order


def judged(
    monkeypatch: pytest.MonkeyPatch, log_posterior: float, effect: float, inside: bool
) -> tuple[str, ...]:
    one = toy()
    one.log_posterior = lambda y: np.full(len(y), log_posterior)
    own = np.full((1, 2, len(policy.OUTCOMES)), effect)
    own[:, 0] = 0.0
    monkeypatch.setattr(policy, "questions", lambda model: ["cut-00", "cut-20"])
    monkeypatch.setattr(policy, "answers", lambda model, theta, questions: own)
    monkeypatch.setattr(policy, "effects", lambda model, found, questions: found)
    likely = np.linspace(-50.0, -10.0, 101)
    effects = np.linspace(0.0, 1.0, 101)[:, None, None] * np.ones((2, len(policy.OUTCOMES)))
    effects[:, 0] = 0.0
    figure = FigureReproduced(
        "w", "sold", "lots_sold", 5.0 if inside else 50.0, 1.0, 4.0, 9.0, 0.6 if inside else 1.0, "fit"
    )
    place = Polished(np.zeros(4), Arrivals((), np.empty(0), np.empty(0), ()), (figure,))
    return representative._judged(SimpleNamespace(one=one), place, likely, effects, 1).refused  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("log_posterior", "effect", "inside", "refused"),
    [
        (-20.0, 0.5, True, ()),
        (-45.8, 0.3, True, ()),
        (-46.5, 0.5, True, ("density",)),  # less likely than nine in ten draws
        (-20.0, 0.2, True, ("effects",)),
        (-20.0, 0.8, True, ("effects",)),
        (-49.0, 0.9, False, ("figures", "density", "effects")),
    ],
)
def test_what_is_unlikely_untypical_or_off_is_refused(monkeypatch, log_posterior, effect, inside, refused):
    assert judged(monkeypatch, log_posterior, effect, inside) == refused


def test_draws_from_which_a_published_total_is_far_are_not_polished(monkeypatch):
    y = np.array([[0.0, 0.0], [0.5, 0.0], [-0.5, 0.2], [2.0, -1.0]])
    spread = np.linspace(-1.0, 1.0, 101)
    middle = np.array(
        [3.0, 0.2, -0.3, 0.0]
    )  # of the first draw's totals: all of them above what was published
    moments = [SimpleNamespace(observed=0.0), SimpleNamespace(observed=0.0)]

    def predict(theta: Any) -> Any:
        draws = np.zeros((len(theta), 101, 2))
        draws[:, :, 1] = theta[:, :1] + spread
        return SimpleNamespace(draws=draws)

    one = SimpleNamespace(
        aggregates=[1], moments=moments, predict=predict, straight=SimpleNamespace(back=lambda y: (y, 0.0))
    )
    of: Any = SimpleNamespace(one=one)
    monkeypatch.setattr(representative, "_below", lambda of, theta, effects: np.full((len(theta), 2, 9), 0.5))
    monkeypatch.setattr(representative, "medoid_first", lambda y: np.arange(len(y)))
    y[:, 0] = middle
    assert list(representative._candidates(of, y, np.empty(0))) == [1, 2, 3]
    y[:, 0] = 3.0
    assert list(representative._candidates(of, y, np.empty(0))) == [0]  # there is no other


def test_a_figure_that_cannot_fail_is_no_excuse_for_one_at_the_edge_of_its_band(monkeypatch):
    wide = FigureReproduced("w", "premium", "premium_mean", 1.1, 1.0, 4.0, 9.0, 0.03, "fit")
    assert wide.inside
    assert not wide.counts
    monkeypatch.setattr(representative, "_below", lambda of, theta, effects: np.full((1, 2, 9), 0.5))
    of: Any = SimpleNamespace(one=toy())
    of.one.log_posterior = lambda y: np.zeros(len(y))
    place = Polished(np.zeros(4), Arrivals((), np.empty(0), np.empty(0), ()), (wide,))
    assert representative._judged(of, place, np.full(3, -1.0), np.empty(0), 1).refused == ("figures",)
