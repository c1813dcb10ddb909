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

from calibration.fates import STRETCHES, Look, Values, fates, interests, rules, stages
from calibration.world import BATCH, World
from sim.auction import DAY
from sim.lots import SUSPENDED_WITHIN
from sim.rounding import without_rounding
from sim.scenario.schema import Scenario
from sim.terms import Terms

Floats = npt.NDArray[np.float64]

OUTCOMES: Final = ("sold_first", "sold_ever", "recovery_all", "days_to_sale")
SIGNS: Final = (
    1.0  # share of the set that must agree for a sign to be called known: no vector of it is less possible
)
ROUNDING: Final = 1e-9  # of shares
WAIT: Final = 0.5  # days, mean wait for the opening hour
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
    term = rules(scenario)
    names = list(scenario.kinds)
    share = np.stack([look(f"kinds.{k}.share") for k in names], axis=1)
    share = share / share.sum(axis=1, keepdims=True)
    worth = share * np.stack(
        [look(f"kinds.{k}.value_median") * np.exp(look(f"kinds.{k}.value_log_sd") ** 2 / 2.0) for k in names],
        axis=1,
    )
    _, interest = interests(look)
    methods = _methods_at_end(look)
    token = look("start.token_share")
    tokens = np.stack([1.0 - token, token], axis=1)

    def over(x: Floats, weight: Floats) -> Floats:
        """(n, interest, token, method group, last) to (n, kind, last): mean over lots, times ``weight`` (n, kind)."""
        by_kind = np.einsum("nktml,nt,nm->nkl", x[:, interest][:, :, :, f.method], tokens, methods)
        return np.asarray(by_kind * weight[..., None])

    of_stage = np.array([stage.round for stage in stages(scenario)])
    notice = np.array([int(one.movable) for one in scenario.kinds.values()])  # row of ``stage_days``, by kind
    first, repeated = (days[notice] for days in stage_days(scenario, term))  # (kind, stage)
    hazard = look("disposal.withdrawal_rate")[:, None, None]
    taken = look("disposal.in_kind_second")[:, None]
    offered = np.where(of_stage > term.last_auction, 1.0 - taken, 1.0)[:, None]
    # Who defaults puts the lot up again, once (2016 rules Art 24), and what is then sold is like what was sold before.
    default = look("disposal.default_rate")[:, None, None]
    paid = offered * np.exp(-hazard * first) * (1.0 - default)
    late = offered * np.exp(-hazard * repeated) * (1.0 - default) * default
    twice = f.again / np.maximum(f.sold, LEAST)
    at_first, at_last = over(f.sold, share) * paid, over(f.again, share) * late
    sold = at_first + at_last
    price = over(f.price, worth) * paid + over(f.price * twice, worth) * late
    last = f.sold.shape[-1] - 1
    reference = over(f.reference, worth).sum(axis=(1, 2)) + over(f.reference_unsold, worth)[
        :, :, of_stage[last]
    ].sum(axis=1)
    number = sold.sum(axis=(1, 2))
    days = (at_first * first + at_last * repeated).sum(axis=(1, 2)) / np.maximum(number, LEAST)
    return np.stack([sold[:, :, 0].sum(axis=1), number, price.sum(axis=(1, 2)) / reference, days], axis=1)


def stage_days(scenario: Scenario, term: Terms) -> tuple[Floats, Floats]:
    """Mean days from listing to a sale in the stage, (movable (no, yes), stage), holidays left out; and the same where it
    is sold after a default.
    """
    halted = scenario.disposal.suspension_share * scenario.disposal.suspension_days / SUSPENDED_WITHIN
    wait = 0.0 if term.openings.any_time else WAIT  # later rounds follow one that ended at the opening hour
    first: tuple[list[float], list[float]] = ([], [])
    repeated: tuple[list[float], list[float]] = ([], [])
    for movable in (False, True):
        now = wait
        for number, stage in enumerate(term.stages):
            notice = stage.notice_movable if movable else stage.notice_immovable
            opens = now + (stage.relist if number else 0.0) + notice
            now = opens + stage.window
            ends = [now]
            if stage.sell_off:
                ends = [opens + (i + 0.5) / STRETCHES * stage.window + DAY for i in range(STRETCHES)]
            ends = [end + halted * min(end, SUSPENDED_WITHIN) for end in ends]
            first[movable].extend(ends)
            again = term.payment + stage.relist + notice + wait + stage.window
            repeated[movable].extend(end + again for end in ends)
    return np.array(first), np.array(repeated)


def _methods_at_end(look: Look) -> Floats:
    """(n, method) shares of pricing methods on the last day of the scenario."""
    scenario = look.scenario
    share = np.stack(
        [
            look(f"pricing.{name}.share") * (one.since <= scenario.time.end)
            for name, one in scenario.pricing.items()
        ],
        axis=1,
    )
    return np.asarray(share / share.sum(axis=1, keepdims=True))


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
    methods = _methods_at_end(look)
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
