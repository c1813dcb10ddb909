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
from sim.scenario.schema import Scenario
from sim.terms import Terms

Floats = npt.NDArray[np.float64]

OUTCOMES: Final = ("sold_first", "sold_ever", "recovery_all", "days_to_sale")
SIGNS: Final = 0.95  # share of the set that must agree for a sign to be called known
WAIT: Final = 0.5  # days, mean wait for the opening hour


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
        """(n, interest, token, method group, last) to (n, last): mean over lots weighted by ``weight`` (n, kind)."""
        by_kind = np.einsum("nktml,nt,nm->nkl", x[:, interest][:, :, :, f.method], tokens, methods)
        return np.asarray(np.einsum("nkl,nk->nl", by_kind, weight))

    of_stage = np.array([stage.round for stage in stages(scenario)])
    staying = np.stack([np.exp(-look("disposal.withdrawal_rate") * t) for t in stage_days(term)], axis=1)
    taken = look("disposal.in_kind_second")[:, None]
    offered = np.where(of_stage > term.last_auction, 1.0 - taken, 1.0) * staying
    sold = over(f.sold, share) * offered
    price = over(f.price, worth) * offered
    last = f.sold.shape[-1] - 1
    reference = over(f.reference, worth).sum(axis=1) + over(f.reference_unsold, worth)[:, of_stage[last]]
    days = (sold * stage_days(term)).sum(axis=1) / np.maximum(sold.sum(axis=1), 1e-300)
    return np.stack([sold[:, 0], sold.sum(axis=1), price.sum(axis=1) / reference, days], axis=1)


def stage_days(term: Terms) -> Floats:
    """(stage,) days from listing to a sale in the stage, of immovables."""
    now, found = 0.0, []
    for number, stage in enumerate(term.stages):
        opens = now + (stage.relist if number else 0.0) + stage.notice_immovable + WAIT
        if stage.sell_off:
            found += [opens + (i + 0.5) / STRETCHES * stage.window + DAY for i in range(STRETCHES)]
        else:
            found.append(opens + stage.window)
        now = opens + stage.window
    return np.array(found)


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
    return np.asarray(found - found[:, [first[one.family] for one in asked]])


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
    """What a set of answers says of one number. ``sign``: +1 or -1 where the set agrees on it, 0 where it does not."""

    low: float
    median: float
    high: float
    sign: int
    agreeing: float  # share of the set on the more frequent side
    number: int


def interval(x: Floats, weights: Floats | None = None, level: float = 0.95) -> Interval:
    """Central ``level`` of a set of numbers and whether its sign is known."""
    known = np.isfinite(x)
    x = x[known]
    if not len(x):
        return Interval(np.nan, np.nan, np.nan, 0, np.nan, 0)
    w = np.ones(len(x)) if weights is None else weights[known]
    order = np.argsort(x)
    at = (np.cumsum(w[order]) - 0.5 * w[order]) / w.sum()
    low, median, high = (float(np.interp(q, at, x[order])) for q in ((1 - level) / 2, 0.5, (1 + level) / 2))
    up = float(w[x > 0].sum() / w.sum())
    down = float(w[x < 0].sum() / w.sum())
    sign = 1 if up >= SIGNS else -1 if down >= SIGNS else 0
    return Interval(low, median, high, sign, max(up, down), len(x))
