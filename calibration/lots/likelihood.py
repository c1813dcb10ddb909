"""How likely the histories of lots are under the model's closed forms, given how they came to be in the file.

A lot's reference price is the market value times an error, so in units of the reference price all valuations of a lot are shifted
alike; averages run over that shift and, where people wait, over the lot's popularity (``sim.theory.round_of_lots``). A history is
a row of failures and a sale, at a price if prices are of ascending auctions (``english``); of sealed bids (``sealed``) only the
rounds and the mean price by round count, for the mean is that of an ascending auction and single bids are not.

A file of sold lots shows those that sold in a round which it could have seen, a file of ended ones those that ended in one: the
likelihood is divided by the probability of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from calibration.lots.followed import Followed
from calibration.lots.histories import Bools, Floats, Ints
from sim.model.demand import of_round
from sim.theory.appraisal import standard_errors
from sim.theory.interest import price_multiple
from sim.theory.popularity import popularity
from sim.theory.round_of_lots import Group, LotRound, Term, lot_rounds
from sim.theory.values import ValueLaw
from sim.theory.waiting import Form, Prospects, bidding_at_once

Format = Literal["english", "sealed"]
Values = Mapping[str, float]  # of parameters.toml, plain

REACH: Final = 4.0  # standard deviations of the valuation error
POINTS: Final = 16  # of them, beside one, for each time that the error is as wide as valuations: a lot's price says what its error was
LEAST: Final = 1e-300
FARTHEST: Final = 1e6  # standard errors; where next to nothing is sold the mean price is rounding


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is not estimated. ``worth``: to a bidder who waits, of a gain one round later; ``ceiling``: of the response to a start."""

    format: Format = "english"
    first_round: Form = "open"
    worth: float = 0.88  # as in the base scenario: offered again with probability 0.9, discount 0.98
    ceiling: float = 12.0  # as in the base scenario


def errors(width: float) -> tuple[Floats, Floats]:
    """Points and weights of standard valuation errors that are ``width`` times as wide as valuations.

    Given its price, what a lot's error may have been is as narrow as valuations are: too few points miss it, and the log likelihood of
    400 lots is wrong by hundreds where errors are 16 times as wide. With these it is right to some .02 at any width.
    """
    return _errors(1 + POINTS * max(ceil(width), 1))


@lru_cache(maxsize=64)
def _errors(points: int) -> tuple[Floats, Floats]:
    return standard_errors(points, REACH)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What becomes of lots on some paths. ``rounds``: arrays (path, valuation error, popularity), averaged with ``weight``."""

    rounds: list[LotRound]
    law: ValueLaw
    weight: Floats

    def mean(self, x: Floats) -> Floats:
        """Average over valuation errors and popularity, (paths,)."""
        return np.asarray((x * self.weight).sum(axis=(-2, -1)))

    @property
    def sold(self) -> Floats:
        """(paths, K): P(sold in round k)."""
        return np.stack([self.mean(one.sold) for one in self.rounds], axis=1)

    @property
    def unsold(self) -> Floats:
        """(paths, K + 1): P(no sale in the first k rounds)."""
        parts = [self.mean(one.unsold) for one in self.rounds]
        return np.stack([np.ones_like(parts[0]), *parts], axis=1)

    def revenue(self, k: int) -> Floats:
        """(paths,): E[price / reference; sold in the round of place ``k``]."""
        return self.mean(self.rounds[k].revenue(self.law, self.rounds[max(k - 1, 0)].start))

    def prices(self, k: int, path: Ints, price: Floats, at_start: Bools) -> Floats:
        """(lots,): P(sold in round k at the start), or the density of ln price, for lots on these paths at prices / reference."""
        one = _taken(self.rounds[k], path)
        price = np.maximum(price, np.asarray(one.start)[:, 0, 0])
        location = np.asarray(self.law.location)
        z = (np.log(price)[:, None, None] - location) / np.asarray(self.law.spread)
        density = (
            one.density(ValueLaw(spread=1.0).sf(np.exp(z))) * np.exp(-z * z / 2.0) / np.sqrt(2.0 * np.pi)
        )
        density = self.mean(density / np.asarray(self.law.spread))
        return np.where(at_start, self.mean(one.lone), density)


def outcomes(values: Values, assumed: Assumed, starts: Floats) -> Outcomes:
    """Lots on paths (paths, K) of starts / reference price, under plain values of the parameters."""
    share = values.get("waiting_share", 0.0)
    dispersion: float = values["popularity"]
    at, of = popularity(dispersion) if share else (np.ones(1), np.ones(1))
    size = np.inf if share else dispersion
    error, weight = errors(values["noise"] / values["spread"])
    location = values["location"] - values["noise"] * error[None, :, None]
    spread = values["spread"]
    law = ValueLaw("lognormal", location, spread)
    columns = [starts[:, k, None, None] for k in range(starts.shape[1])]
    elasticity, ceiling = np.asarray(values.get("price_elasticity", 0.0)), np.asarray(assumed.ceiling)
    mean = np.asarray(values["interest"] * at)
    lam = [of_round(mean, np.ones(1), price_multiple(start, elasticity, ceiling)) for start in columns]
    sf = [law.sf(start) for start in columns]
    wait = None
    if share:
        each = (lam[0], location, spread, columns[0], columns[1], assumed.worth, share, lam[1], values["persistence"], 1.0)  # fmt: skip
        prospects = Prospects(*(np.asarray(one, dtype=np.float64) for one in each))
        wait = share, bidding_at_once(prospects, assumed.first_round), assumed.first_round
    found = lot_rounds(lam, sf, columns, values["persistence"], size, wait)
    return Outcomes(found, law, weight[:, None] * of)


def _taken(one: LotRound, path: Ints) -> LotRound:
    """The round of each lot."""

    def take(x: npt.ArrayLike) -> Floats:
        a = np.asarray(x, dtype=np.float64)
        return a[path] if a.ndim == 3 and len(a) > 1 else a

    terms = tuple(
        Term(t.sign, take(t.past), tuple(Group(take(g.mean), take(g.low), take(g.high)) for g in t.groups))
        for t in one.terms
    )
    start = np.broadcast_to(take(one.start), (len(path), 1, 1))
    return LotRound(start, take(one.past), take(one.opening), take(one.lone), terms, one.size)


@dataclass(frozen=True)
class Likelihood:
    """Of the followed lots, as a function of plain values."""

    lots: Followed
    assumed: Assumed

    @cached_property
    def _priced(self) -> Bools:
        """Lots whose price counts by itself."""
        return self.lots.sold & (self.lots.price > 0.0) & (self.assumed.format == "english")

    @cached_property
    def _alike(self) -> tuple[Ints, Ints]:
        """Distinct (path, rounds, sold, later, first, final) of lots whose price does not count, and how many there are."""
        lots = self.lots
        columns = (lots.path, lots.rounds, lots.sold, lots.later, lots.first, lots.final)
        table = np.stack(columns, axis=1)[~self._priced].astype(np.intp)
        return np.unique(table, axis=0, return_counts=True)

    @cached_property
    def _selected(self) -> tuple[Ints, Ints]:
        """Distinct (path, first, final), and how many."""
        table = np.stack([self.lots.path, self.lots.first, self.lots.final], axis=1)
        return np.unique(table, axis=0, return_counts=True)

    @cached_property
    def _means(self) -> list[tuple[int, float, float, Floats]]:
        """Of sealed bids, by round: its place, the mean price, its standard error, and the share of its sales on each path."""
        lots, found = self.lots, []
        for k in range(lots.starts.shape[1]) if self.assumed.format == "sealed" else ():
            mine = lots.sold & (lots.rounds == k + 1) & np.isfinite(lots.price)
            if mine.sum() > 1:
                price = lots.price[mine]
                of_path = np.bincount(lots.path[mine], minlength=len(lots.starts)) / mine.sum()
                found.append(
                    (k, float(price.mean()), float(price.std(ddof=1) / np.sqrt(len(price))), of_path)
                )
        return found

    def log_likelihood(self, values: Values) -> float:
        """Up to a constant."""
        out = outcomes(values, self.assumed, self.lots.starts)
        sold, unsold = out.sold, out.unsold
        total = self._of_rounds(sold, unsold) + self._of_prices(out) - self._of_selection(sold, unsold)
        for k, price, error, of_path in self._means:
            per_sale = out.revenue(k) / np.maximum(sold[:, k], LEAST)
            total -= 0.5 * min(abs(price - float(of_path @ per_sale)) / error, FARTHEST) ** 2
        return float(total)

    def _of_rounds(self, sold: Floats, unsold: Floats) -> float:
        (path, rounds, won, later, _, final), number = self._alike[0].T, self._alike[1]
        seen_later = self._between(sold, path, rounds + 1, final)
        chance = np.where(
            won, sold[path, np.maximum(rounds, 1) - 1], np.where(later, seen_later, unsold[path, rounds])
        )
        return float(number @ np.log(np.maximum(chance, LEAST)))

    def _of_prices(self, out: Outcomes) -> float:
        lots, total = self.lots, 0.0
        for k in np.unique(lots.rounds[self._priced]):
            mine = self._priced & (lots.rounds == k)
            chance = out.prices(int(k) - 1, lots.path[mine], lots.price[mine], lots.at_start[mine])
            total += float(np.log(np.maximum(chance, LEAST)).sum())
        return total

    def _of_selection(self, sold: Floats, unsold: Floats) -> float:
        """Log of the probability that the lots are in the file."""
        if self.lots.selection == "all listed":
            return 0.0
        (path, first, final), number = self._selected[0].T, self._selected[1]
        chance = self._between(sold if self.lots.selection == "sold only" else self._ended(sold, unsold), path, first, final)  # fmt: skip
        # A file that next to no lot could be in has the probability of its rounds, nothing, not nothing over nothing.
        return float(number @ np.log(np.where(chance > LEAST, chance, 1.0)))

    def _ended(self, sold: Floats, unsold: Floats) -> Floats:
        """(paths, K): P(a lot that is not withdrawn before round k ends with it): sold, withdrawn after it, or unsold in the last one.

        Not the difference of the shares that go on: where hardly anything is sold, all its digits are rounding.
        """
        ended = sold + self.lots.stopped * unsold[:, 1:]
        ended[:, -1] += (1.0 - self.lots.stopped) * unsold[:, -1]
        return np.asarray(ended)

    def _between(self, ended: Floats, path: Ints, first: Ints, final: Ints) -> Floats:
        """P(ended in one of the rounds from ``first`` to ``final``, and not withdrawn before); ``ended``: (paths, K), by round."""
        k = np.arange(1, ended.shape[1] + 1)
        within = (k >= first[:, None]) & (k <= final[:, None])
        return np.asarray((within * (ended * self._going_on(len(k)))[path]).sum(axis=1))

    def _going_on(self, length: int) -> Floats:
        """Share of lots that are not withdrawn before each round."""
        return np.asarray((1.0 - self.lots.stopped) ** np.arange(length))
