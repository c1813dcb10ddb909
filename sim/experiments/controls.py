"""What of a run is known without running it: control variates, whose means are closed forms.

Who is drawn for a lot decides nearly all of what becomes of it: it is sold in the first round in which somebody who is there can pay
the start. Whether somebody can is seen from the draws alone, and how often is a closed form (``sim.theory.rounds``). So

    e_k = 1{sold in round k by the draws} - P(sold in round k | kind, token start, pricing method, period)

has mean 0 exactly. Summed over the lots of a window it moves as the simulated number of sales does. A round counts if the lot's own
calendar lets it close in the window, and neither a withdrawal nor taking in kind forestalls it. All of this is independent of what
e_k is made of, so that the sum has mean 0 too:

    e_k       valuation error, popularity, people: how many, what the lot is worth to them, whether they return
    calendar  day of listing (of the price, where it may hang on the price whether a lot is listed), kind, method, draws of
              withdrawal, suspension, taking in kind

What the sum does not follow (defaults, people who wait or are short of money, a finite market, a cut that interest relieves) makes it
less alike, never wrong. A lot is followed with the values of the period in which it was listed, whatever period its rounds are held
in.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.experiments.replications import Replication, replicate, spans
from sim.measures import MeasureTable, WindowSpan
from sim.measures.summary import BASES, COHORT
from sim.model.arrivals import CourtArrivals, inflow
from sim.model.bidders import DRAWN, WIDTH
from sim.model.calendar import Openings, day_of
from sim.model.dated_lots import anchor, in_period
from sim.model.demand import kind_interest, mean_interest, of_round
from sim.model.lots import neighbours
from sim.model.random_streams import BLOCK, Piece, Purpose, RandomDraws
from sim.model.records import Table
from sim.model.rules import Rules, rules_of
from sim.model.traits import draws_of, traits_of
from sim.scenario.schema import Scenario
from sim.theory.appraisal import valuation_errors
from sim.theory.interest import price_multiple
from sim.theory.poisson import poisson_quantile
from sim.theory.rounds import sold_by_round
from sim.theory.values import ValueLaw

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Chances = dict[str, npt.NDArray[Any]]

# Sales in all rounds, and in the first; lots that no round has sold; starts at which lots were sold, yuan.
CONTROLS: Final = ("sold", "sold_first", "unsold", "money")
FOLLOWED: Final = "sim.experiments.controls"  # the module from which a replication with controls is reached
KNOWN: Final = 8  # scenarios of which the closed forms are kept


def followed(scenario: Scenario) -> bool:
    """Whether there are controls: not where an object finds the prices, of which no closed form is known."""
    return scenario.extensions.pricing is None


def replicate_with_controls(scenario: Scenario, number: int) -> tuple[Replication, MeasureTable]:
    """A replication, and its controls as measures."""
    one = replicate(scenario, number, "lots")
    return one, controls_of(scenario).of(number, one.records.lots)


def controls_of(scenario: Scenario) -> Controls:
    """The controls of a scenario; its closed forms are kept for the replications to come."""
    for one in _known:
        if one.scenario is scenario or one.scenario == scenario:
            return one
    _known.insert(0, Controls(scenario))
    del _known[KNOWN:]
    return _known[0]


class Controls:
    """A scenario's closed forms, and by how much its replications differ from them."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.rules = rules_of(scenario)
        periods = scenario.periods
        self.begins = np.array([day_of(begins, scenario.time.start) for begins, _ in periods])
        self.periods = [_period(self.rules, one, i) for i, (_, one) in enumerate(periods)]
        # Where the start stops a sale before it is listed, being listed says something of the valuation error.
        stopped = any(one.creditors.prior_share > 0.0 for _, one in periods)
        self.since = "priced" if stopped or scenario.extensions.reaction is not None else "listed"

    def of(self, replication: int, lots: Table) -> MeasureTable:
        """Sums over the lots of one replication, of mean 0; ``lots``: its records."""
        kinds, windows = self.scenario.kinds, spans(self.scenario)
        sums = np.zeros((len(windows), len(BASES), len(CONTROLS), len(kinds)))
        for group in neighbours(inflow(self.scenario, replication)):
            sums += self._sums(_Drawn(self, replication, lots, group), windows)
        movable = np.array([one.movable for one in kinds.values()])
        offered = list(self.scenario.offered)
        member = np.array(
            [np.ones(len(kinds), bool), *np.eye(len(kinds), dtype=bool)[: len(offered)], movable, ~movable]
        )
        return MeasureTable(
            windows=tuple(window.name for window in windows),
            segments=("all", *offered, "movable", "immovable"),
            bases=BASES,
            measures=CONTROLS,
            values=np.ascontiguousarray(np.moveaxis(sums @ member.T.astype(np.float64), 3, 1)),
        )

    def _sums(self, lots: _Drawn, windows: Sequence[WindowSpan]) -> Floats:
        """(windows, bases, controls, kinds) of courts that are drawn together."""
        shape = len(lots.since), self.periods[0].mean.shape[-1]
        sold, money, closes = np.zeros(shape), np.zeros(shape), np.full(shape, np.inf)
        period = np.maximum(np.searchsorted(self.begins, lots.since, side="right") - 1, 0)
        forestalled = np.zeros(len(lots.since), dtype=np.bool_)
        for number, one in enumerate(self.periods):
            some = np.flatnonzero(period == number)
            if len(some):
                sold[some], money[some] = lots.errors(one, some)
                closes[some], forestalled[some] = _calendar(one, self.rules.openings, lots, some)
        failed = -np.cumsum(sold, axis=1)
        last = np.where(forestalled, max(self.rules.last_auction, 0), shape[1] - 1)
        last = np.minimum(last, shape[1] - 1)[:, None]
        out = np.zeros((len(windows), len(BASES), len(CONTROLS), len(self.scenario.kinds)))
        for (w, window), basis in itertools.product(enumerate(windows), range(len(BASES))):
            inside = (closes >= window.first) & (closes < window.last)
            if basis == COHORT:
                inside &= (lots.since >= window.first)[:, None]
            ends = np.take_along_axis(inside, last, 1) * np.take_along_axis(failed, last, 1)
            columns = (
                (inside * sold).sum(axis=1), inside[:, 0] * sold[:, 0], ends[:, 0], (inside * money).sum(axis=1) * lots.value,
            )  # fmt: skip
            for c, column in enumerate(columns):
                out[w, basis, c] = np.bincount(lots.kind, column, minlength=out.shape[-1])
        return out


_known: list[Controls] = []


@dataclass(frozen=True, slots=True)
class _Period:
    """One period's values, by kind of lot and whether its start is a token; a round is an entry of the last axis."""

    share: Floats  # (kinds, 2, rounds): start / reference price
    multiple: Floats  # the same: factor on interest that the start makes
    mean: Floats  # the same: mean number of fresh people, at popularity 1
    sold: Floats  # (kinds, 2, methods, rounds): P(sold in the round)
    money: Floats  # the same: E[start / market value; sold in the round]
    errors: Floats  # (methods, 2): bias and noise
    law: ValueLaw
    dispersion: float
    persistence: float
    movable: npt.NDArray[np.bool_]  # (kinds,)
    rules: tuple[Rules, ...]  # by kind


def _period(rules: Rules, scenario: Scenario, number: int) -> _Period:
    """One period's values and closed forms."""
    chains, kinds = [rules.of(kind) for kind in range(len(scenario.kinds))], list(scenario.kinds.values())
    for _ in range(number):
        chains = [chain.later or chain for chain in chains]
    share = np.array(
        [_shares(chain, scenario.of_kind(k)) for k, chain in zip(scenario.kinds, chains, strict=True)]
    )
    response, market = scenario.price_response, scenario.interest
    multiple: Floats = np.ones(share.shape)
    if response.elasticity:
        multiple = price_multiple(share, np.array(response.elasticity), np.array(response.ceiling))
    interest = np.array([
        mean_interest(market.mean, chain.attention, kind_interest(scenario, kind))
        for kind, chain in zip(kinds, chains, strict=True)
    ])  # fmt: skip
    held = np.array([[one.interest if one.held else 0.0 for one in chain.stages[:DRAWN]] for chain in chains])
    mean = np.asarray(of_round(interest[:, None, None], held[:, None], multiple))
    errors = np.array([(method.bias, method.noise) for method in scenario.pricing.values()])
    law = ValueLaw(market.values, market.location, market.spread)
    persistence = market.persistence if rules.returning else 0.0
    sold, money = _closed_forms(share, mean, errors, law, (persistence, market.dispersion))
    movable = np.array([kind.movable for kind in kinds])
    return _Period(
        share,
        multiple,
        mean,
        sold,
        money,
        errors,
        law,
        market.dispersion,
        persistence,
        movable,
        tuple(chains),
    )


def _shares(rules: Rules, scenario: Scenario) -> Floats:
    """(2, rounds): starts as shares of the reference price, without and with a token start."""
    keep = np.cumprod([one.keep if one.held else 1.0 for one in rules.stages[:DRAWN]])
    return np.asarray(np.array([scenario.start.ratio, scenario.start.token_ratio])[:, None] * keep)


def _closed_forms(
    share: Floats, mean: Floats, errors: Floats, law: ValueLaw, market: tuple[float, float]
) -> tuple[Floats, Floats]:
    """(kinds, 2, methods, rounds): P(sold in a round), E[start / value; sold in it], over errors, popularity and people.

    ``market``: persistence, dispersion.
    """
    alike, of = np.unique(errors, axis=0, return_inverse=True)
    eta, weight = valuation_errors(*alike.T)
    rounds = range(share.shape[-1])
    starts = [share[..., i, None, None] * np.exp(eta) for i in rounds]
    sold = sold_by_round([mean[..., i, None, None] for i in rounds], law, starts, *market)
    found = sold @ weight, (sold * starts) @ weight
    one, other = (np.moveaxis(x, 0, -1)[:, :, of.ravel()] for x in found)
    return one, other


class _Drawn:
    """The lots of courts that are drawn together, as far as they are listed, and the draws that belong to them."""

    def __init__(
        self, controls: Controls, replication: int, lots: Table, group: Sequence[CourtArrivals]
    ) -> None:
        scenario = controls.scenario
        first, number = group[0].first_lot, sum(court.number for court in group)
        a, b = np.searchsorted(lots["lot"], [first, first + number])
        since = lots[controls.since][a:b].astype(np.float64)
        there = a + np.flatnonzero(np.isfinite(since))
        self.since = lots[controls.since][there].astype(np.float64)
        self.kind, self.token, self.method = (
            lots[c][there].astype(np.intp) for c in ("kind", "token", "method")
        )
        self.value = lots["value"][there].astype(np.float64)
        rows = lots["lot"][there].astype(np.intp) - first
        self.random, self.rows = RandomDraws(scenario.run.seed, replication, _pieces(group)), rows
        case = np.concatenate([np.repeat(np.arange(len(c.lots)) + c.first_case, c.lots) for c in group])
        draws = draws_of(self.random, first + np.arange(number), case)
        traits = traits_of(scenario, scenario.periods[0][1], draws)
        self.chances = {name: column[rows] for name, column in traits.chances.items()}
        self.error = draws.normal[rows, 1]
        self.counts = self.random.uniform(Purpose.COUNTS, DRAWN)[rows]
        self.returns = self.random.uniform(Purpose.RETURNS, DRAWN, WIDTH)[rows]
        self.anchor = anchor(scenario)
        self.popularity = self.random.gamma(Purpose.POPULARITY, self.anchor)[rows]
        self._shocks: dict[bool, Floats] = {}

    def shocks(self, normal: bool) -> Floats:
        """What the lot is worth to people, on the scale on which their values are drawn."""
        if normal not in self._shocks:
            draw = self.random.normal if normal else self.random.uniform
            self._shocks[normal] = draw(Purpose.SHOCKS, DRAWN, WIDTH)[self.rows]
        return self._shocks[normal]

    def errors(self, one: _Period, some: Ints) -> tuple[Floats, Floats]:
        """(lots, rounds): sold in the round by the draws, less its probability; the same of start / market value."""
        of = self.kind[some], self.token[some], self.method[some]
        bias, noise = one.errors[of[2]].T
        start = one.share[of[:2]] * np.exp(bias + noise * self.error[some])[:, None]
        mean = one.mean[of[:2]]
        if isfinite(one.dispersion):
            own = in_period(self.popularity[some], self.anchor, one.dispersion) / one.dispersion
            mean = mean * own[:, None]
        count = poisson_quantile(self.counts[some, : start.shape[1]], mean)
        unsold = self._unsold(one, some, start, count)
        before = np.concatenate([np.ones((len(some), 1)), unsold[:, :-1]], axis=1)
        sold = before - unsold
        return sold - one.sold[of], sold * start - one.money[of]

    def _unsold(self, one: _Period, some: Ints, start: Floats, count: npt.NDArray[np.int64]) -> Floats:
        """(lots, rounds): whether nobody who was there up to the round could pay the start of theirs."""
        worth = one.law.value(self.shocks(one.law.kind == "lognormal")[some, : start.shape[1]])
        worth = np.where(np.arange(WIDTH) < count[..., None], worth, 0.0)
        failed = np.ones(len(some), dtype=np.bool_)
        out = np.empty(start.shape)
        crowds: dict[
            int, list[tuple[int, Floats, Floats]]
        ] = {}  # of a lot: round, worth and return of the others
        for k in range(start.shape[1]):
            failed &= worth[:, k].max(axis=1) < start[:, k]
            for j in range(k if one.persistence else 0):
                back = self.returns[some, j] < one.persistence ** (k - j)
                failed &= np.where(back, worth[:, j], 0.0).max(axis=1) < start[:, k]
            for i in np.flatnonzero(failed & (count[:, : k + 1] > WIDTH).any(axis=1)).tolist():
                crowd = crowds.setdefault(i, [])
                if count[i, k] > WIDTH:
                    crowd.append((k, *self._others(one, int(some[i]), k, int(count[i, k]) - WIDTH)))
                failed[i] = not any(
                    (there[back < one.persistence ** (k - j)] if j < k else there).max(initial=0.0)
                    >= start[i, k]
                    for j, there, back in crowd
                )
            out[:, k] = failed
        return out

    def _others(self, one: _Period, lot: int, position: int, number: int) -> tuple[Floats, Floats]:
        """Worth and draw of return of people beyond those whom a row of draws holds, from the streams of the model."""
        at = int(self.rows[lot]), position
        responds = one.multiple[self.kind[lot], self.token[lot], position] != 1.0
        rng = self.random.alone(*((Purpose.DRAWN_BY_PRICE, *at, 1) if responds else (Purpose.MANY, *at)))
        if not responds:
            rng.random(number)  # when they come
        shock = rng.standard_normal(number) if one.law.kind == "lognormal" else rng.random(number)
        if responds and one.persistence:
            rng = self.random.alone(Purpose.DRAWN_BY_PRICE, *at, 2)
        return one.law.value(shock), rng.random(number) if one.persistence else np.ones(number)


def _pieces(group: Sequence[CourtArrivals]) -> list[Piece]:
    """Blocks of lots, as the model draws them."""
    return [
        Piece(court.court, block, min(court.number - block * BLOCK, BLOCK))
        for court in group
        for block in range(max(-(-court.number // BLOCK), 1))
    ]


def _calendar(
    one: _Period, openings: Openings, lots: _Drawn, some: Ints
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """(lots, rounds): when a sale in the round would end by the lot's own calendar, inf where none is held; (lots,): whether it does
    not come to rounds after the last auction.
    """
    kind, since = lots.kind[some], lots.since[some]
    chances = {name: column[some] for name, column in lots.chances.items()}
    never, at, movable = np.full(len(some), np.inf), openings.of_many, one.movable[kind]
    leaves = since + chances.get("leaves_after", never)
    halts, days = since + chances.get("halts_after", never), chances.get("halt_days", np.zeros(len(some)))
    lost = np.zeros(len(some), dtype=np.bool_)
    forestalled, last = _forestalled(one, kind, chances), np.array([r.last_auction for r in one.rules])[kind]
    now, out = since.copy(), np.full((len(some), one.mean.shape[-1]), np.inf)
    for i in range(out.shape[1]):
        stages = [rules.stages[i] for rules in one.rules]
        relist, notice, other, window, held, sell_off = (
            np.array([getattr(stage, name) for stage in stages])[kind]
            for name in ("relist", "notice_movable", "notice_immovable", "window", "held", "sell_off")
        )
        opens = at(now + np.where(i > 0, relist, 0.0) + np.where(movable, notice, other))
        hit = held & (halts < opens + window)
        opens = np.where(hit & (halts < opens), at(opens + days), opens + np.where(hit, days, 0.0))
        halts = np.where(hit, np.inf, halts)
        closes = opens + window
        # A sell-off ends soon after its first bid, which is drawn: half of it is what a calendar can say.
        ends = np.where(sell_off, opens + window / 2.0, closes)
        out[:, i] = np.where(held & ~lost & (leaves > closes), ends, np.inf)
        now = np.where(held, closes, now)
        lost |= forestalled & (last == i)
    return out, forestalled


def _forestalled(one: _Period, kind: Ints, chances: Chances) -> npt.NDArray[np.bool_]:
    """Whose creditor takes them, or whose debtor sells them, after the last auction if none has sold them."""
    never, no = np.ones(len(kind)), np.zeros(len(kind), dtype=np.bool_)
    taken = chances.get("u_in_kind_second", never) < np.array([r.in_kind_second for r in one.rules])[kind]
    own = chances.get("u_own_sale", never) < np.array([r.own_sale_found for r in one.rules])[kind]
    return np.asarray(own | (taken & ~chances.get("barred", no)))
