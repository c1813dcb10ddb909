"""The model's measures under the conditions of facts: closed forms over whole lives of lots, a batch of draws at a time.

All that becomes of a lot depends on its first start, relative to the market value, and on the interest of its kind. So
rounds are walked once, from a row of *nodes*: first starts from where everybody can pay to where nobody ever will. Each
situation in which facts were observed (their starts and mix of lots) is then a weighting of the nodes: starts x pricing
methods x valuation errors, shared out among the four nearest nodes (cubic interpolation). Facts that were observed under
other cuts or any other condition need a walk of their own, and so do those observed under other starts where interest answers to
starts: each start of a situation then has a row of nodes of its own.

A condition that is a range is integrated over: the lots of that source are taken to open evenly over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.forward_model.durations import Passage, methods_at_end, passage
from calibration.forward_model.lot_outcomes import (
    WEIGHT,
    Look,
    Values,
    Walk,
    answers,
    interests,
    methods,
    price_excesses,
    rules,
)
from calibration.targets.evidence import Fact
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]

# First starts, in standard deviations from the mean valuation: below LOW everybody can pay (all but 3 in 100,000), and above
# TOP nobody the last start (1e-15).
LOW, TOP = -4.0, 8.0
NODES: Final = 56  # probabilities agree with an average over 25 errors to 1 in 10,000
# Conditions that need no walk; starts do where interest answers to them.
MIX: Final = r"kinds\.[^.]+\.(share|value_median|value_log_sd)"
WEIGHING: Final = {True: re.compile(MIX), False: re.compile(rf"start\..+|{MIX}")}
LEAST: Final = 1e-9  # of lots: where fewer are sold than rounding leaves, a measure of sold lots is undefined
_T, _W = np.polynomial.legendre.leggauss(4)
POINTS: Final = tuple(zip((_T + 1.0) / 2.0, _W / 2.0, strict=True))  # of a range of starts


def predicted(scenario: Scenario, values: Values, facts: Sequence[Fact]) -> Floats:
    """(n, facts): each fact's measure on its scale, at its own conditions and else at ``values`` (path -> (n,)).

    ``scenario``: as it is in one period, without dated values; the market of the place being calibrated.
    """
    plain = Look(scenario, values)
    number = plain.number
    found = np.empty((number, len(facts)))
    elastic = answers(plain) or any("price_response.elasticity" in fact.at for fact in facts)
    for conditions, mine in _alike(facts, WEIGHING[elastic]):
        look = Look(scenario, {**values, **_laid(conditions, number)})
        nodes = _Nodes(look, _starts(facts[mine[0]], look)[0])
        for _, same in _alike([facts[i] for i in mine]):
            fact = facts[mine[same[0]]]
            sums = nodes.sums(fact, Look(scenario, {**values, **_laid(fact.at, number)}))
            for i in (mine[j] for j in same):
                found[:, i] = facts[i].inner(sums.measure(facts[i].measure))
    return found


def how_much_conditions_matter(scenario: Scenario, values: Values, facts: Sequence[Fact]) -> Floats:
    """(n, facts, 2): the measure, plain, under the fact's own conditions and under the scenario's starts and cuts."""
    here = [
        replace(
            fact, at={path: at for path, at in fact.at.items() if not path.startswith(("start.", "rounds."))}
        )
        for fact in facts
    ]
    both = [predicted(scenario, values, one) for one in (facts, here)]
    plain = [[fact.plain(x[:, i]) for i, fact in enumerate(facts)] for x in both]
    return np.asarray(np.moveaxis(np.array(plain), (0, 1, 2), (2, 1, 0)))


def _alike(
    facts: Sequence[Fact], weighing: re.Pattern[str] | None = None
) -> Iterator[tuple[Mapping[str, tuple[float, float]], list[int]]]:
    """Places of facts that share their conditions and kinds; without those of ``weighing``."""
    groups: dict[object, tuple[Mapping[str, tuple[float, float]], list[int]]] = {}
    for i, fact in enumerate(facts):
        at = {path: ends for path, ends in fact.at.items() if not weighing or not weighing.fullmatch(path)}
        key = (tuple(sorted(at.items())), () if weighing else fact.kinds)
        groups.setdefault(key, (at, []))[1].append(i)
    yield from groups.values()


def _laid(at: Mapping[str, tuple[float, float]], number: int) -> dict[str, Floats]:
    """Conditions as values; a range of starts is left to ``_starts``."""
    return {path: np.full(number, low) for path, (low, high) in at.items() if low == high}


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the lots of one situation, a lot offered: (n, round) or (n,). Of sold lots, a unit of market value offered:
    ``price``, ``value``, ``reference``.
    """

    sold: Floats  # by round
    held: Floats  # rounds held, by round
    at_start: Floats  # sold at the start of their round
    ended: Floats  # with a round held that sold or failed
    unsold: Floats  # taken in kind or returned
    price: Floats
    value: Floats
    reference: Floats
    rounds: tuple[str, ...]

    def measure(self, name: str) -> Floats:
        """(n,) values of the measure that ``sim.measures`` defines under this name; nan where there is nothing to divide by."""
        sold = self.sold.sum(axis=1)
        ratios = {
            "sold_at_start": (self.at_start, sold),
            "sale_rate_final": (sold, sold + self.unsold),
            "rounds_per_lot": (self.held.sum(axis=1), self.ended),
            "price_to_value": (self.price, self.value),
            "recovery": (self.price, self.reference),
        }
        for i, one in enumerate(self.rounds):
            ratios[f"sold_{one}"] = (self.sold[:, i], sold)
            ratios[f"hazard_{one}"] = (self.sold[:, i], self.held[:, i])
        above, below = ratios[name]
        return np.asarray(np.where(below > LEAST, above / np.maximum(below, LEAST), np.nan))


class _Nodes(Walk):
    """Rounds walked from a row of first starts, one for each valuation error of a walk; nothing is averaged.

    ``shares``: (n, start) first starts over reference prices, each with a row of its own where interest answers to them.
    """

    def __init__(self, look: Look, shares: Floats) -> None:
        table, demand = price_excesses(look, shares)
        self.rows = 1 if demand.response is None else shares.shape[1]
        names = [stage.name for stage in rules(look.scenario).stages]
        self.names = tuple(names)
        keep = np.stack([1.0 - look(f"rounds.{name}.cut") for name in names], axis=1)
        self.keep = np.cumprod(keep, axis=1)  # (n, round): start / first start
        # From a first start that everybody can pay to one at which nobody can pay even the last start.
        top = TOP - np.log(np.maximum(self.keep[:, -1], 1e-6)) / table.spread
        self.step = (top - LOW) / (NODES - 1)
        z = LOW + self.step[:, None] * np.arange(NODES)
        self.location, self.spread = table.location, table.spread
        first = np.exp(self.location[:, None] + self.spread[:, None] * z)[:, None, None, None, None, :]
        first = first.repeat(self.rows, axis=3)
        super().__init__(look, table, demand, first, np.ones_like(first))
        self.walk()
        self.by_node = self._by_node()
        self.way = passage(look)
        self.of_kind = interests(look)[1]
        self.in_kind = look("disposal.in_kind_second")
        reference, index = methods(look)
        of_method = methods_at_end(look)
        weight = np.stack([of_method[:, index == m].sum(axis=1) for m in range(reference.shape[1])], axis=1)
        self.priced = reference.reshape(len(reference), -1)  # (n, method x error)
        self.log_priced = np.log(self.priced)
        self.weight = (weight[..., None] * WEIGHT).reshape(self.priced.shape)

    def mean(self, x: Floats) -> Floats:
        return x

    def _add(self, **parts: Floats) -> None:
        super()._add(**{name: parts[name] for name in ("sold", "alone", "price", "again")})

    def _by_node(self) -> Floats:
        """(n, interest, row x node, what x stage + round): sold, sold to an only bidder, price where bidders competed; the same of lots
        that were put up again; and unsold by round.
        """
        of_stage = [stage.round for stage in self.stages]
        start = self.first[:, 0, :, :, 0, :, None] * self.keep[:, of_stage][:, None, None, None, :]
        sold, alone, price, again, unsold = (
            np.stack(self.columns[name], axis=-1)[:, 0, :, :, 0]
            for name in ("sold", "alone", "price", "again", "unsold")
        )
        contested = price - start * alone
        # Where next to nothing is sold both are rounding, and their ratio anything.
        twice = np.where(sold > LEAST, again / np.maximum(sold, LEAST), 0.0)
        parts = [sold, alone, contested, again, alone * twice, contested * twice, unsold]
        found = np.concatenate(parts, axis=-1)
        return found.reshape(*found.shape[:2], -1, found.shape[-1])

    def sums(self, fact: Fact, look: Look) -> Sums:
        """Sums over lots in the situation of a fact."""
        kinds = list(look.scenario.kinds)
        chosen = [kinds.index(name) for name in fact.kinds] or list(range(len(kinds)))
        share = np.stack([look(f"kinds.{kinds[i]}.share") for i in chosen], axis=1)
        share = share / share.sum(axis=1, keepdims=True)
        mean_value = np.stack(
            [
                look(f"kinds.{kinds[i]}.value_median")
                * np.exp(look(f"kinds.{kinds[i]}.value_log_sd") ** 2 / 2.0)
                for i in chosen
            ],
            axis=1,
        )
        worth = share * mean_value
        worth = worth / worth.sum(axis=1, keepdims=True)
        # (n, weighting, 1, node) x (n, 1, node, what): plain, by first start, by reference price
        averaged = np.matmul(self._weights(fact, look)[:, None], self.by_node)[:, self.of_kind[chosen]]
        return self._summed(averaged, _of_kinds(self.way, chosen), share, worth)

    def _weights(self, fact: Fact, look: Look) -> Floats:
        """(n, 3, row x node): how much of each node the lots of a situation are: plain, times first start, times reference."""
        shares, weights = _starts(fact, look)  # (n, start) each
        weight = weights[:, :, None] * self.weight[:, None]  # (n, start, method x error)
        first = shares[:, :, None] * self.priced[:, None]
        tail = (slice(None), None, None)
        z = (np.log(shares)[:, :, None] + self.log_priced[:, None] - self.location[tail]) / self.spread[tail]
        place = np.clip((z - LOW) / self.step[tail], 0.0, NODES - 1.0)
        i = np.clip(place.astype(np.intp), 1, NODES - 3)
        row = np.arange(len(i))[tail] * self.rows
        base = i + NODES * (row if self.rows == 1 else row + np.arange(self.rows)[None, :, None])
        nodes = self.rows * NODES
        found = np.zeros((3, len(i) * nodes))
        for step, cubic in zip((-1, 0, 1, 2), _cubic(place - i), strict=True):
            own = weight * cubic
            for j, times in enumerate((own, own * first, own * self.priced[:, None])):
                found[j] += np.bincount((base + step).ravel(), times.ravel(), len(i) * nodes)
        return np.asarray(np.moveaxis(found.reshape(3, len(i), nodes), 0, 1))

    def _summed(self, averaged: Floats, way: Passage, share: Floats, worth: Floats) -> Sums:
        """Averages over first starts, (n, kind, weighting, what), weighed by what gets through and added up over kinds."""
        stages, rounds = len(self.stages), len(self.names)
        plain, by_start, by_reference = (averaged[:, :, i] for i in range(3))

        def part(x: Floats, what: int) -> Floats:
            return x[..., what * stages : (what + 1) * stages]

        def through(x: Floats, what: int) -> Floats:
            """What is sold at once and what is sold after a default, (n, kind, stage)."""
            return part(x, what) * way.paid + part(x, what + 3) * way.late

        def by_round(x: Floats) -> Floats:
            return np.asarray(
                np.stack([x[..., way.of_stage == r].sum(axis=-1) for r in range(rounds)], axis=-1)
            )

        def over(weight: Floats, x: Floats) -> Floats:
            return np.asarray(np.einsum("nk,nk...->n...", weight, x))

        sold = by_round(through(plain, 0))
        failed = plain[..., 6 * stages :] * way.failed
        hammered = part(plain, 0) * (way.won + way.again)  # whatever comes of the second time
        term = rules(self.look.scenario)
        taken = np.zeros_like(failed[..., 0])
        if 0 <= term.last_auction < rounds - 1:
            taken = failed[..., term.last_auction] * self.in_kind[:, None]
        keep = self.keep[:, way.of_stage][:, None]
        price = (through(plain, 2) + keep * through(by_start, 1)).sum(axis=-1)
        return Sums(
            sold=over(share, sold), held=over(share, by_round(hammered) + failed),
            at_start=over(share, through(plain, 1).sum(axis=-1)),
            ended=over(share, sold[..., 0] + failed[..., 0]),
            unsold=over(share, failed[..., -1] + taken),
            price=over(worth, price), value=over(worth, sold.sum(axis=-1)),
            reference=over(worth, through(by_reference, 0).sum(axis=-1)),
            rounds=self.names,
        )  # fmt: skip


def _starts(fact: Fact, look: Look) -> tuple[Floats, Floats]:
    """First starts, as shares of the reference price, of the lots of a situation, and how many open at each: (n, start)."""
    low, high = fact.at.get("start.ratio", (0.0, 0.0))
    token = look("start.token_share")
    known = low == high
    ratios = (
        [(look("start.ratio"), 1.0)]
        if known
        else [(np.full(look.number, low + (high - low) * t), w) for t, w in POINTS]
    )
    shares = [share for share, _ in ratios]
    weights = [(1.0 - token) * w for _, w in ratios]
    if token.any():
        shares.append(look("start.token_ratio"))
        weights.append(token)
    return np.stack(shares, axis=1), np.stack(weights, axis=1)


def _cubic(t: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Lagrange's weights of the nodes -1, 0, 1, 2 at ``t``."""
    a, b, c = t + 1.0, t - 1.0, t - 2.0
    return -t * b * c / 6.0, a * b * c / 2.0, -a * t * c / 2.0, a * t * b / 6.0


def _of_kinds(way: Passage, chosen: Sequence[int]) -> Passage:
    """The passage of some kinds of lots."""
    of_kind = {
        f.name: getattr(way, f.name)[:, chosen]
        for f in fields(Passage)
        if f.name in ("won", "paid", "again", "late", "failed")
    }
    return replace(way, **of_kind)
