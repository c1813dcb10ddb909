"""The likelihood of lots: probabilities add up, and at the true parameters its slope is nothing but chance, if and only if what
is said of how the file came about is true.

False alarms: seven chi-square tests at 1 in 10,000.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import people
import pytest
from scipy.stats import chi2

from calibration.lots import likelihood
from calibration.lots.followed import Followed, followed
from calibration.lots.likelihood import Assumed, Likelihood, Values, outcomes
from calibration.lots.mapping import Selection
from sim.theory.appraisal import standard_errors

V = {"interest": 2.0, "popularity": 0.8, "location": -0.1, "spread": 0.2, "noise": 0.15, "persistence": 0.5, "price_elasticity": 2.0}  # fmt: skip
SLOW = pytest.mark.statistical
FALLS = [(1.0, 0.8, 0.8), (0.8, 0.64, 0.64), (0.7, 0.7, 0.56)]


def one_lot(rounds: int, sold: bool, **other: object) -> Followed:
    t = np.array([people.FIRST])
    made = Followed(
        np.array([FALLS[0]]), np.array([0]), np.array([rounds]), np.array([sold]), np.array([False]), np.array([np.nan]), np.array([False]), np.array([1]),
        np.array([3]), t, t, "all listed", False, 0.0, 30.0,
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]


def chance(lot: Followed, values: Values = V) -> float:
    return float(np.exp(Likelihood(lot, Assumed(ceiling=20.0)).log_likelihood(values)))


@pytest.mark.parametrize("extra", [{}, {"waiting_share": 0.5}])
def test_what_can_happen_to_a_lot_adds_up(extra):
    v = {**V, **extra}
    ways = [chance(one_lot(k, True), v) for k in (1, 2, 3)]
    assert sum(ways) + chance(one_lot(3, False), v) == pytest.approx(1.0, abs=1e-9)
    assert chance(one_lot(2, False), v) == pytest.approx(1.0 - ways[0] - ways[1])
    # of sold lots that can only have been sold in the second or third round
    seen = [chance(one_lot(k, True, selection="sold only", first=np.array([2])), v) for k in (2, 3)]
    assert sum(seen) == pytest.approx(1.0)
    later = one_lot(2, False, selection="sold only", later=np.array([True]), first=np.array([2]))
    assert chance(later, v) == pytest.approx(seen[1])
    # of lots that ended in the first two rounds: sold in one of them, for a lot that fails goes on to the third
    ended = [chance(one_lot(k, True, selection="ended in window", final=np.array([2])), v) for k in (1, 2)]
    assert sum(ended) == pytest.approx(1.0)
    ended = [chance(one_lot(k, True, selection="ended in window"), v) for k in (1, 2, 3)]
    assert sum(ended) + chance(one_lot(3, False, selection="ended in window"), v) == pytest.approx(1.0)


@pytest.mark.parametrize("stopped", [0.0, 0.1])
@pytest.mark.parametrize("selection", ["sold only", "ended in window"])
def test_what_hardly_ever_happens_is_not_made_likely_by_how_the_file_came_about(selection, stopped):
    """What became of a lot that is in the file has probabilities that add up to one, however few lots could be in it."""
    going = (1.0 - stopped) ** np.arange(3)  # the likelihood leaves out what no parameter changes
    for spread in (0.3, 0.2, 0.1, 0.06):
        v = {**V, "location": -1.2, "spread": spread, "noise": 0.02}
        of_file = {"selection": selection, "stopped": stopped, "final": np.array([2])}
        ways = [chance(one_lot(k, True, **of_file), v) * going[k - 1] for k in (1, 2)]
        if selection == "ended in window":
            ways += [chance(one_lot(k, False, **of_file), v) * going[k - 1] * stopped for k in (1, 2)]
        assert sum(ways) == pytest.approx(1.0)


@pytest.mark.parametrize("selection", ["sold only", "ended in window"])
def test_a_file_that_could_hold_no_lot_does_not_hold_these(selection):
    """Where no digit is left of the probability of a sale, the odds among sales are nothing, not one."""
    v = {**V, "location": -1.2, "spread": 0.03, "noise": 0.02, "price_elasticity": 0.0}
    lot = one_lot(1, True, selection=selection, starts=np.array([(1.5, 1.4, 1.3)]), final=np.array([2]))
    assert chance(lot, v) < 1e-200


@pytest.mark.parametrize(
    ("share", "form"), [(0.0, "open"), (0.6, "open"), pytest.param(0.6, "sealed", marks=SLOW)]
)
def test_prices_add_up(share, form):
    """A density over prices, and the atom at the start, to the probability of a sale; their mean to the revenue."""
    starts = np.array([FALLS[0]])
    out = outcomes({**V, "waiting_share": share} if share else V, Assumed(first_round=form), starts)
    for k in range(3):
        y = np.exp(np.linspace(np.log(starts[0, k]) + 2e-6, 1.5, 801))
        none = np.zeros(len(y), dtype=np.bool_)
        density = out.prices(k, np.zeros(len(y), dtype=np.intp), y, none)
        atom = out.prices(k, np.zeros(1, dtype=np.intp), starts[:, k], np.ones(1, dtype=np.bool_))[0]
        assert np.trapezoid(density, np.log(y)) + atom == pytest.approx(out.sold[0, k], rel=2e-3)
        mean = np.trapezoid(density * y, np.log(y)) + atom * starts[0, k]
        assert mean == pytest.approx(out.revenue(k)[0], rel=2e-3)


@pytest.mark.parametrize("width", [0.3, 1.0, 2.5, 8.0, 20.0])
def test_a_price_says_what_its_lots_error_was(monkeypatch, width):
    """However wide errors of reference prices are beside valuations, the density of a price is that of many points of error."""
    v = {
        **V,
        "interest": 12.0,
        "location": 0.3,
        "spread": 0.6 / width if width > 1.0 else 0.4,
        "noise": min(0.6, 0.4 * width),
    }
    starts = np.array([FALLS[0]])
    y = np.exp(np.linspace(0.05, 1.2, 40))

    def log_density(k: int) -> np.ndarray:
        found = outcomes(v, Assumed(), starts).prices(
            k, np.zeros(40, dtype=np.intp), y, np.zeros(40, dtype=np.bool_)
        )
        return np.log(np.maximum(found, 1e-9))

    shipped = [log_density(k) for k in (0, 1)]
    monkeypatch.setattr(likelihood, "errors", lambda width: standard_errors(4001, 4.0))
    assert np.array(shipped) == pytest.approx(np.array([log_density(k) for k in (0, 1)]), abs=2e-3)


def slope(of: Likelihood, values: dict[str, float], names: list[str]) -> float:
    """Score test of the true values: g' H^-1 g, chi-square with as many degrees of freedom."""
    step = 0.02
    n = len(names)

    def at(*moves: tuple[int, float]) -> float:
        v = dict(values)
        for i, sign in moves:
            v[names[i]] *= np.exp(sign * step)
        return of.log_likelihood(v)

    centre = at()
    up, down = ([at((i, sign)) for i in range(n)] for sign in (1.0, -1.0))
    g = (np.array(up) - np.array(down)) / (2.0 * step)
    h = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            if i == j:
                h[i, i] = (up[i] - 2.0 * centre + down[i]) / step**2
            else:
                both = at((i, 1.0), (j, 1.0)) + at((i, -1.0), (j, -1.0))
                h[i, j] = h[j, i] = (both - up[i] - down[i] - up[j] - down[j] + 2.0 * centre) / (
                    2.0 * step**2
                )
    return float(g @ np.linalg.solve(-h, g))


def lots_of(selection: Selection, said: Selection | None = None) -> Followed:
    years = 0.2 if selection == "ended in window" else 2.0
    rows = people.histories(4000, V, FALLS, 11, selection, years)
    half = people.FIRST + np.timedelta64(int(years * 365 / 2 * 86400), "s")
    window = (half, None) if selection == "ended in window" else (None, None)
    return followed(rows, said or selection, window=window, days=people.GAP, most=3)


NAMES = ["interest", "popularity", "price_elasticity"]


@pytest.mark.parametrize(
    ("selection", "format_"),
    [
        pytest.param("all listed", "english", marks=SLOW),
        pytest.param("sold only", "english"),
        pytest.param("ended in window", "english", marks=SLOW),
        pytest.param("all listed", "sealed", marks=SLOW),
        pytest.param("sold only", "sealed", marks=SLOW),
        pytest.param("ended in window", "sealed"),
    ],
)
def test_truth_is_where_the_likelihood_is_flat(selection, format_):
    lots = lots_of(selection)
    found = slope(Likelihood(lots, Assumed(format_, ceiling=20.0)), V, NAMES)
    assert found < chi2.isf(1e-4, len(NAMES))


@pytest.mark.parametrize("selection", ["sold only", pytest.param("ended in window", marks=SLOW)])
def test_a_file_that_is_not_what_is_said_gives_a_wrong_answer(selection):
    """Lots listed since the new year, seen for ten weeks: those that took long have not ended."""
    wrong = lots_of(selection, "all listed")
    found = slope(Likelihood(wrong, Assumed("sealed", ceiling=20.0)), V, NAMES)
    assert found > 2.0 * chi2.isf(1e-4, len(NAMES))
