"""Policy answers: what a cut after the first failed auction, or a lower first start, does at given parameters.

By closed form, of the lots that come in (windows do not matter): share sold at the first auction, share sold at all,
recovery (turnover / reference prices of all lots, what stays unsold at 0) and mean days to sale. Kinds are weighted by
number, recovery by value. A cut applies to the second held auction, and the sell-off keeps its start; a first start
applies to all lots that do not open at a token start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.fates import Look, Values, fates, interests, rules
from calibration.passage import methods_at_end, passage
from calibration.world import BATCH, World
from sim.rounding import without_rounding
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]

OUTCOMES: Final = ("sold_first", "sold_ever", "recovery_all", "days_to_sale")
SIGNS: Final = (
    1.0  # share of the set that must agree for a sign to be called known: no vector of it is less possible
)
ROUNDING: Final = 1e-9  # of shares
LEAST: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Question:
    """One policy: a key, the family it is compared in, and the values it lays over the scenario."""

    key: str
    family: str  # "cut" or "start"
    value: float
    paths: tuple[str, ...]


def questions(world: World) -> list[Question]:
    """The policies that the targets file asks about, the first of each family being the reference."""
    asked = world.targets.policy
    found = []
    cut = second_auction(world.scenario)
    if cut is not None:
        found += [Question(f"cut-{round(100 * c):02d}", "cut", c, (f"rounds.{cut}.cut",)) for c in asked.cuts]
    found += [Question(f"start-{round(100 * s):02d}", "start", s, ("start.ratio",)) for s in asked.starts]
    return found


def second_auction(scenario: Scenario) -> str | None:
    """Name of the second auction that is held, if there is one."""
    auctions = [stage.name for stage in rules(scenario).stages if not stage.sell_off]
    return auctions[1] if len(auctions) > 1 else None


def outcomes(scenario: Scenario, values: Values) -> Floats:
    """(n, OUTCOMES) at parameter values."""
    look = Look(scenario, values)
    f = fates(scenario, values)
    names = list(scenario.kinds)
    share = np.stack([look(f"kinds.{k}.share") for k in names], axis=1)
    share = share / share.sum(axis=1, keepdims=True)
    worth = share * np.stack(
        [look(f"kinds.{k}.value_median") * np.exp(look(f"kinds.{k}.value_log_sd") ** 2 / 2.0) for k in names],
        axis=1,
    )
    _, interest = interests(look)
    methods = methods_at_end(look)
    token = look("start.token_share")
    tokens = np.stack([1.0 - token, token], axis=1)

    def over(x: Floats, weight: Floats) -> Floats:
        """(n, interest, token, method group, last) to (n, kind, last): mean over lots, times ``weight`` (n, kind)."""
        by_kind = np.einsum("nktml,nt,nm->nkl", x[:, interest][:, :, :, f.method], tokens, methods)
        return np.asarray(by_kind * weight[..., None])

    way = passage(look)
    # What is sold after a default is like what was sold before.
    twice = f.again / np.maximum(f.sold, LEAST)
    at_first, at_last = over(f.sold, share) * way.paid, over(f.again, share) * way.late
    sold = at_first + at_last
    price = over(f.price, worth) * way.paid + over(f.price * twice, worth) * way.late
    last = f.sold.shape[-1] - 1
    reference = over(f.reference, worth).sum(axis=(1, 2)) + over(f.reference_unsold, worth)[
        :, :, way.of_stage[last]
    ].sum(axis=1)
    number = sold.sum(axis=(1, 2))
    days = (at_first * way.days + at_last * way.days_again).sum(axis=(1, 2)) / np.maximum(number, LEAST)
    return np.stack([sold[:, :, 0].sum(axis=1), number, price.sum(axis=(1, 2)) / reference, days], axis=1)


def answers(world: World, theta: Floats, window: str, asked: Sequence[Question] | None = None) -> Floats:
    """(n, questions, OUTCOMES) at parameter vectors, as they hold for a window."""
    asked = questions(world) if asked is None else asked
    found = np.empty((len(theta), len(asked), len(OUTCOMES)))
    for first in range(0, len(theta), BATCH):
        part = theta[first : first + BATCH]
        values = world.space.values(part, window)
        for q, one in enumerate(asked):
            laid = {**values, **{path: np.full(len(part), one.value) for path in one.paths}}
            found[first : first + len(part), q] = outcomes(world.scenario, laid)
    return found


def effects(world: World, found: Floats, asked: Sequence[Question] | None = None) -> Floats:
    """(n, questions, OUTCOMES): difference from the first policy of the same family."""
    asked = questions(world) if asked is None else asked
    first = {one.family: q for q, one in reversed(list(enumerate(asked)))}
    base = found[:, [first[one.family] for one in asked]]
    return without_rounding(found - base, np.maximum(np.abs(found), np.abs(base)))


def explanation(world: World, theta: Floats, window: str) -> npt.NDArray[np.bool_]:
    """(n,): whether lots that nobody bids for are explained by valuation errors (True) or by popularity (False).

    Which of the two makes the expected number of bidders differ more between lots: popularity by the variance of the
    log of a Gamma(k, 1/k), trigamma(k); errors by their variance times the squared elasticity of the number of those
    who can pay to the start, (phi / Phi / spread)^2 at the mean start.
    """
    from scipy.special import ndtr, polygamma

    look = Look(world.scenario, world.space.values(theta, window))
    methods = methods_at_end(look)
    names = list(world.scenario.pricing)
    bias = sum(look(f"pricing.{m}.bias") * methods[:, i] for i, m in enumerate(names))
    noise = np.sqrt(sum(look(f"pricing.{m}.noise") ** 2 * methods[:, i] for i, m in enumerate(names)))
    z = (look("interest.location") - bias - np.log(look("start.ratio"))) / look("interest.spread")
    elasticity = (
        np.exp(-z * z / 2.0) / np.sqrt(2.0 * np.pi) / np.maximum(ndtr(z), 1e-300) / look("interest.spread")
    )
    k = look("interest.dispersion")
    by_popularity = np.where(np.isinf(k), 0.0, polygamma(1, np.where(np.isinf(k), 1.0, k)))
    return np.asarray((elasticity * noise) ** 2 > by_popularity)


@dataclass(frozen=True, slots=True)
class Interval:
    """What a set of answers says of one number: middle, central part (``low`` to ``high``) and ends. ``sign``: +1 or -1 where
    the set agrees on it, 0 where it does not.
    """

    low: float
    median: float
    high: float
    least: float
    most: float
    sign: int
    agreeing: float  # share of the set on the more frequent side
    number: int


def interval(x: Floats, weights: Floats | None = None, level: float = 0.95) -> Interval:
    """Central ``level`` of a set of numbers and whether its sign is known."""
    known = np.isfinite(x)
    x = x[known]
    if not len(x):
        return Interval(np.nan, np.nan, np.nan, np.nan, np.nan, 0, np.nan, 0)
    w = np.ones(len(x)) if weights is None else weights[known]
    order = np.argsort(x)
    at = (np.cumsum(w[order]) - 0.5 * w[order]) / w.sum()
    low, median, high = (float(np.interp(q, at, x[order])) for q in ((1 - level) / 2, 0.5, (1 + level) / 2))
    up = float(w[x > 0].sum() / w.sum())
    down = float(w[x < 0].sum() / w.sum())
    sign = 1 if up >= SIGNS - ROUNDING else -1 if down >= SIGNS - ROUNDING else 0
    return Interval(low, median, high, float(x.min()), float(x.max()), sign, max(up, down), len(x))
