"""What becomes of a lot under given parameters, by closed form: sold in which round, at what price, or never.

The model of ``sim.model.disposal`` without its clock: a lot of a given kind, opened at a share of its reference price
(market value x e^(bias + noise z)), offered round by round to fresh and returning bidders whose number is Poisson
given the lot's popularity. All of that is ``sim.theory.rounds``; here it is arranged so that a thousand parameter
draws take a second. What the clock decides (windows, withdrawals, queues) is ``listing_times`` and ``expected_counts``.

A *cell* is a group of lots alike in what a bidder sees: interest of the kind, token start or not, pricing method,
valuation error (points of a quadrature). A *stage* is a round, or a stretch of a sell-off's window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from sim.model.auction import DAY
from sim.model.demand import attention, mean_interest, of_round
from sim.model.rules import Rules, rules_of
from sim.scenario.schema import Scenario
from sim.theory.appraisal import standard_errors
from sim.theory.counts import none_of, two_of, weighted_none
from sim.theory.interest import price_multiple
from sim.theory.price_excess import PriceExcess, price_excess
from sim.theory.rounds import active, returning
from sim.theory.values import ValueLaw, on_unit

Floats = npt.NDArray[np.float64]
Values = Mapping[str, Floats]  # path -> (n,) values

POINTS: Final = 25  # of the average over valuation errors
REACH: Final = 4.0  # standard deviations
STRETCHES: Final = 4  # of a sell-off's window
ERROR, WEIGHT = standard_errors(POINTS, REACH)
T01, W01 = on_unit(6)


@dataclass(frozen=True, slots=True)
class Stage:
    """One round, or the ``part``-th stretch of a sell-off (None: a round of its own)."""

    round: int
    name: str
    part: int | None


_RULES: dict[int, tuple[Scenario, Rules]] = {}  # of the scenario last used: they are needed at every draw


def rules(scenario: Scenario) -> Rules:
    """``sim.model.rules.terms``, made once a scenario."""
    held = _RULES.get(id(scenario))
    if held is None or held[0] is not scenario:
        _RULES.clear()
        _RULES[id(scenario)] = held = (scenario, rules_of(scenario))
    return held[1]


def stages(scenario: Scenario) -> list[Stage]:
    """The rounds that are held, sell-offs cut into stretches."""
    found: list[Stage] = []
    for stage in rules(scenario).stages:
        parts: Sequence[int | None] = range(STRETCHES) if stage.sell_off else (None,)
        found += [Stage(stage.position, stage.name, part) for part in parts]
    return found


def sell_off_ends(window: float) -> list[float]:
    """Days from the opening of a sell-off to its end if its first bidder comes in the middle of a stretch, for each."""
    return [(i + 0.5) / STRETCHES * window + DAY for i in range(STRETCHES)]


@dataclass(frozen=True, slots=True)
class LotOutcomes:
    """A batch of n draws, averaged over valuation errors. Axes: draw, interest of kinds, token (no, yes), method, stage;
    where interest changes at dates, an axis of courses (see ``Courses``) behind that of draws.

    Probabilities are those of a lot that is never withdrawn, taken in kind or defaulted on; money is in units of the
    lot's market value. ``sold``: P(sold in the stage); ``alone``: to an only bidder who can pay; ``ratio``,
    ``square``: E[price / start; sold], E[(price / start)^2; sold]; ``first``: E[price / first start; sold];
    ``price``: E[price; sold]; ``start``: E[start; sold]; ``log_start``, ``log_start2``: E[ln start; sold] and of its
    square; ``reference``: E[reference price; sold]; ``active``, ``active2``: E[bidders who can pay;
    the stage is reached] and of their square; ``again``: P(sold, and sold again if held again). By round, last axis: ``unsold``: P(no sale up to and in the round);
    ``reference_unsold``: E[reference price; the same].
    """

    interests: Floats  # (n, distinct interests of kinds)
    method: npt.NDArray[np.intp]  # (methods,) which entry of the axis each pricing method has
    sold: Floats
    alone: Floats
    ratio: Floats
    square: Floats
    first: Floats
    price: Floats
    start: Floats
    log_start: Floats
    log_start2: Floats
    reference: Floats
    active: Floats
    active2: Floats
    again: Floats
    unsold: Floats
    reference_unsold: Floats


OF_STAGE: Final = (
    "sold", "alone", "ratio", "square", "first", "price", "start", "log_start", "log_start2", "reference", "active", "active2", "again",
)  # fmt: skip


class Look:
    """Values of parameters for a batch: free ones as arrays, the scenario's own for the rest."""

    def __init__(self, scenario: Scenario, values: Values) -> None:
        self.scenario = scenario
        self.values = values
        self.number = len(next(iter(values.values()))) if values else 1

    def __call__(self, path: str) -> Floats:
        """(n,) values of a numeric parameter."""
        if path in self.values:
            return self.values[path]
        part: object = self.scenario
        for name in path.split("."):
            part = part[name] if isinstance(part, Mapping) else getattr(part, name)
        return np.full(self.number, float(part))  # type: ignore[arg-type]


def interests(look: Look) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Distinct interests of kinds, (n, distinct), and which of them each kind has."""
    of_kind = np.stack([look(f"kinds.{name}.interest") for name in look.scenario.kinds])
    distinct, index = np.unique(of_kind, axis=0, return_inverse=True)
    return distinct.T, index.ravel()


@dataclass(frozen=True, slots=True)
class Courses:
    """The ways in which a lot's rounds can fall into periods of different interest, as a tree.

    ``periods[r]``: of each distinct beginning of a course up to round r, the period in which that round opens;
    ``parents[r]``: which beginning up to round r - 1 it goes on from; ``whole[r]``: of each whole course, its
    beginning up to round r. What two courses share is computed once.
    """

    periods: tuple[npt.NDArray[np.intp], ...]
    parents: tuple[npt.NDArray[np.intp], ...]
    whole: tuple[npt.NDArray[np.intp], ...]


def courses(opened: Sequence[tuple[int, ...]]) -> Courses:
    """The tree of distinct courses; ``opened``: for each, the period in which each round opens."""
    periods, parents, whole = [], [], []
    before: list[tuple[int, ...]] = [()]
    for r in range(len(opened[0])):
        now = sorted({course[: r + 1] for course in opened})
        periods.append(np.array([course[r] for course in now], dtype=np.intp))
        parents.append(np.array([before.index(course[:r]) for course in now], dtype=np.intp))
        whole.append(np.array([now.index(course[: r + 1]) for course in opened], dtype=np.intp))
        before = now
    return Courses(tuple(periods), tuple(parents), tuple(whole))


def lot_outcomes(
    scenario: Scenario, values: Values, interest: Floats | None = None, of: Courses | None = None
) -> LotOutcomes:
    """The outcomes of lots for a batch of parameter values. Lognormal valuations only (see ``calibration.targets.reader.supported``).

    ``interest``: (n, periods) mean interest where it changes at dates, with the courses that lots take through them.
    """
    look = Look(scenario, values)
    share = np.stack([look("start.ratio"), look("start.token_ratio")], axis=1)
    table, demand = price_excesses(look, share, interest)
    reference, method = methods(look)
    reference = reference[:, None, None, None]
    walk = Walk(look, table, demand, share[:, None, None, :, None, None] * reference, reference, of)
    walk.walk()
    columns = {name: np.stack(parts, axis=-1) for name, parts in walk.columns.items()}
    if of is None:
        columns = {name: x[:, 0] for name, x in columns.items()}
    return LotOutcomes(interests=interests(look)[0], method=method, **columns)


@dataclass(frozen=True, slots=True)
class Demand:
    """How many are interested. ``lam``: (n, periods, interests), mean number in a first round that opens at the reference price;
    ``response``: (n, round, start), factor that a round's start makes; None where interest does not answer to it.
    """

    lam: Floats
    response: Floats | None

    def fresh(self, period: npt.NDArray[np.intp], number: int, multiple: Floats) -> Floats:
        """Mean number of fresh people in a round, with the axes of a walk."""
        response: Floats | float = 1.0
        if self.response is not None:
            response = self.response[:, None, None, number, :, None, None]
        return of_round(_wide(self.lam[:, period]), _wide(multiple), response)


def answers(look: Look) -> bool:
    """Whether interest answers to starts, in any draw of the batch."""
    return bool(look("price_response.elasticity").any())


def price_responses(look: Look, share: Floats) -> Floats | None:
    """``Demand.response`` where first starts are these shares of the reference price, (n, start)."""
    if not answers(look):
        return None
    keep = np.stack([1.0 - look(f"rounds.{one.name}.cut") for one in rules(look.scenario).stages], axis=1)
    starts = share[:, None, :] * np.cumprod(keep, axis=1)[:, :, None]
    elasticity, ceiling = (
        look(f"price_response.{name}")[:, None, None] for name in ("elasticity", "ceiling")
    )
    return price_multiple(starts, elasticity, ceiling)


def price_excesses(look: Look, share: Floats, interest: Floats | None = None) -> tuple[PriceExcess, Demand]:
    """The table of price excesses of a batch, and how many are interested; ``share``: see ``price_responses``."""
    k = look("interest.dispersion")
    k = np.where(np.isinf(k), 1e9, k)
    of_kind, _ = interests(look)
    mean = look("interest.mean")[:, None] if interest is None else interest
    lam = mean_interest(mean[:, :, None], attention(look.scenario), of_kind[:, None, :])
    multiples = np.stack([look(f"rounds.{r.name}.interest") for r in rules(look.scenario).stages])
    demand = Demand(lam, price_responses(look, share))
    most, least = lam.max(axis=(1, 2)), lam.min(axis=(1, 2))
    if demand.response is not None:
        most, least = most * demand.response.max(axis=(1, 2)), least * demand.response.min(axis=(1, 2))
    high = most * multiples.max(axis=0)
    low = np.minimum(least, high) * 1e-3
    return price_excess(low, high, k, look("interest.location"), look("interest.spread")), demand


def methods(look: Look) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Distinct reference prices by method, (n, distinct, error), in units of market value; and each method's."""
    pairs = [np.stack([look(f"pricing.{m}.bias"), look(f"pricing.{m}.noise")]) for m in look.scenario.pricing]
    distinct, index = np.unique(np.stack(pairs), axis=0, return_inverse=True)
    bias, noise = distinct[:, 0].T, distinct[:, 1].T
    return np.exp(bias[..., None] + noise[..., None] * ERROR), index.ravel()


class Walk:
    """Round by round, as ``sim.model.disposal.dispose`` does; axes draw, course, interest, token, method, error.

    ``first``, ``reference``: first start (before any cut) and reference price, in units of
    market value. Afterwards ``columns`` has for each name (of ``OF_STAGE``; of rounds: unsold, reference_unsold) a list
    of averages, (n, course, interest, token, method).
    """

    def __init__(
        self,
        look: Look,
        table: PriceExcess,
        demand: Demand,
        first: Floats,
        reference: Floats,
        of: Courses | None = None,
    ) -> None:
        self.look, self.table, self.demand = look, table, demand
        self.first, self.reference = first, reference
        self.k = _wide(table.k)
        self.stages = stages(look.scenario)
        self.of = of or courses([(0,) * len(rules(look.scenario).stages)])
        self.shape = (
            len(demand.lam),
            demand.lam.shape[2],
            *first.shape[3:],
        )  # draw, interest, token, method, error
        self.columns: dict[str, list[Floats]] = {
            name: [] for name in (*OF_STAGE, "unsold", "reference_unsold")
        }
        self.round = 0

    def mean(self, x: Floats) -> Floats:
        """Average over valuation errors."""
        return np.asarray(x @ WEIGHT)

    def walk(self) -> None:
        look, start, of = self.look, self.first, self.of
        persistence = _wide(look("interest.persistence"))
        location, spread = _wide(self.table.location), _wide(self.table.spread)
        before, back = np.zeros((2, self.shape[0], 1, self.shape[1], 1, 1, 1))
        before_z: Floats | None = None  # of the start of the round before
        for number, stage in enumerate(rules(look.scenario).stages):
            self.round = number
            parent, period = of.parents[number], of.periods[number]
            if len(parent) > 1:
                before, back = before[:, parent], back[:, parent]
            start = start * (1.0 - _wide(look(f"rounds.{stage.name}.cut")))
            fresh = self.demand.fresh(period, number, look(f"rounds.{stage.name}.interest"))
            z = (np.log(start) - location) / spread
            eligible = ndtr(-z)
            eligible_before = ndtr(-before_z) if before_z is not None and back.any() else None
            m_fresh = fresh * eligible
            m = m_fresh if eligible_before is None else active(fresh, back, eligible, eligible_before)
            reached = none_of(before, self.k)
            if stage.sell_off:
                self._sell_off(before, m, start)
            else:
                beyond = self._beyond(
                    fresh, back, z, before_z if eligible_before is not None else None, before, reached
                )
                self._auction(before, reached, m, m_fresh, start, beyond)
            before = before + m
            unsold = none_of(before, self.k)
            Walk._add(self, unsold=unsold, reference_unsold=unsold * self.reference)
            back, before_z = returning(fresh, back, persistence), z

    def _add(self, **parts: Floats) -> None:
        """Averages over valuation errors of one stage or round, for every whole course."""
        n, *rest = self.shape
        whole = self.of.whole[self.round]
        for name, part in parts.items():
            every = (
                np.broadcast_to(part, (n, part.shape[1], *rest)) if part.shape[2:] != tuple(rest) else part
            )
            mean = self.mean(every)
            self.columns[name].append(
                mean[:, whole if mean.shape[1] > 1 else np.zeros(len(whole), dtype=np.intp)]
            )

    def _auction(
        self, before: Floats, reached: Floats, m: Floats, m_fresh: Floats, start: Floats, beyond: tuple[Floats, Floats]
    ) -> None:  # fmt: skip
        """One auction: who is sold, to whom, at what."""
        k, (excess, square) = self.k, beyond
        left = none_of(before + m, k)
        sold = reached - left
        log_start, price = np.log(start), start * sold + excess
        active = m * weighted_none(before, k, reached)
        self._add(
            sold=sold,
            alone=m * weighted_none(before + m, k, left),
            ratio=price / start,
            square=sold + square / (start * start),
            first=price / self.first,
            price=price,
            start=start * sold,
            log_start=log_start * sold,
            log_start2=log_start * log_start * sold,
            reference=self.reference * sold,
            active=active,
            active2=active + m * m * (1.0 + 1.0 / k) * reached / (1.0 + before / k) ** 2,
            again=sold - none_of(before + m_fresh, k) + none_of(before + m + m_fresh, k),
        )

    def _sell_off(self, before: Floats, m: Floats, start: Floats) -> None:
        """A sell-off: who comes first starts a day's clock, is nearly always alone and pays the start."""
        edges = [none_of(before + m * (i / STRETCHES), self.k) for i in range(STRETCHES + 1)]
        log_start = np.log(start)
        for i in range(STRETCHES):
            sold = edges[i] - edges[i + 1]
            self._add(
                **dict.fromkeys(("sold", "alone", "ratio", "square", "active", "active2"), sold),
                first=start / self.first * sold, price=start * sold, start=start * sold,
                log_start=log_start * sold, log_start2=log_start * log_start * sold, reference=self.reference * sold,
                again=sold * (1.0 - edges[-1] / np.maximum(edges[0], 1e-300)),
            )  # fmt: skip

    def _beyond(
        self, fresh: Floats, back: Floats, z: Floats, before_z: Floats | None, before: Floats, reached: Floats
    ) -> tuple[Floats, Floats]:
        """Integrals of P(not sold before, two or more active above x) dx and 2 x dx from the start on."""
        past = 1.0 + before / self.k
        excess, square = self.table.read(fresh / past, z if before_z is None else np.maximum(z, before_z))
        if before_z is not None:  # between this start and the last, those who return count too
            near = self._near(fresh, back, z, before_z, past)
            excess, square = excess + near[0], square + near[1]
        return reached * excess, reached * square

    def _near(
        self, fresh: Floats, back: Floats, z: Floats, before_z: Floats, past: Floats
    ) -> tuple[Floats, Floats]:
        """The stretch between this start and the one before it, Gauss-Legendre."""
        location, spread = _wide(self.table.location), _wide(self.table.spread)
        low, high = np.exp(location + spread * z), np.exp(location + spread * before_z)
        eligible_before, law = ndtr(-before_z), ValueLaw("lognormal", location, spread)
        excess: Floats | float = 0.0
        square: Floats | float = 0.0
        for t, w in zip(T01, W01, strict=True):
            x = low + (high - low) * t
            m = active(fresh, back, law.sf(x), eligible_before) / past
            p = np.maximum(two_of(m, self.k), 0.0) * (w * (high - low))
            excess = excess + p
            square = square + 2.0 * x * p
        return np.asarray(excess), np.asarray(square)


def _wide(x: Floats) -> Floats:
    """(n,) or (n, courses, interests) with the axes of a walk."""
    return x.reshape(*x.shape, *(1,) * (6 - x.ndim))
