"""Expected counts and sums of each window: probabilities of ``lot_outcomes`` times the lots of ``listing_times``.

Lots are independent given when they are listed, so expectations add up over them. A withdrawal (at a constant rate a
day) takes the share of lots that its hazard says by the time a round ends; a lot taken in kind goes no further than
the last auction; a winner who defaults puts the lot up again, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from calibration.forward_model.listing_times import BOOKED, ListingTimes
from calibration.forward_model.lot_outcomes import (
    Look,
    LotOutcomes,
    Values,
    courses,
    interests,
    lot_outcomes,
    rules,
    stages,
)
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]

LEAST = 1e-30


@dataclass(frozen=True, slots=True)
class Sums:
    """Expected counts of a batch, (n, replication of the listing times, window, basis)."""

    lots_listed: Floats
    cases: Floats
    lots_sold: Floats
    lots_failed: Floats
    lots_failing: Floats  # with a failed round in the window and no sale by its end
    rounds_held: Floats
    participants: Floats
    participants2: Floats  # variance of the participants, lots being listed by a Poisson process


@dataclass(frozen=True, slots=True)
class Mix:
    """What the sold lots of a window are like, by cell: kind x period of listing x token start (last axis, token fastest).

    (n, window, basis, cell): ``weight``: expected number sold; ``alone``: share sold at the start; ``excess``, ``excess_sd``: of
    price / start - 1 among the others; ``log_start``, ``start_sd``: of ln(start / value); ``first``: mean of start / first
    start, weighted by price / start. (n, kind x period): ``median``, ``log_sd`` of market values.
    """

    weight: Floats
    alone: Floats
    excess: Floats
    excess_sd: Floats
    log_start: Floats
    start_sd: Floats
    first: Floats
    median: Floats
    log_sd: Floats


def blend(parts: Sequence[ListingTimes], weights: Floats) -> ListingTimes:
    """Listing times of a batch between some that were counted: ``weights`` (n, parts); each array gets a draw axis."""
    return ListingTimes(
        **{
            f.name: np.einsum("np,p...->n...", weights, np.stack([getattr(part, f.name) for part in parts]))
            for f in fields(ListingTimes)
        }
    )


@dataclass(frozen=True, slots=True)
class Dated:
    """Values that change at dates. ``routes``: of the listing times; ``interest``: (n, periods), by the day of opening, None where
    it does not change; ``kinds``: the values of each period of listing, by path.
    """

    routes: tuple[tuple[int, ...], ...]
    interest: Floats | None
    kinds: tuple[Values, ...]


class ExpectedCounts:
    """Expected sums of a batch of parameter values under listing times with a draw axis (n or 1)."""

    def __init__(
        self, scenario: Scenario, values: Values, listing_times: ListingTimes, dated: Dated | None = None
    ) -> None:
        self.look = Look(scenario, values)
        self.scenario, self.listing_times = scenario, listing_times
        self.dated = dated or Dated(((0,) * (1 + len(rules(scenario).stages)),), None, (values,))
        opened = [route[1:] for route in self.dated.routes]
        if self.dated.interest is None:
            found = lot_outcomes(scenario, values)
            self.course = np.zeros(len(opened), dtype=np.intp)
        else:
            distinct = sorted(set(opened))
            found = lot_outcomes(scenario, values, self.dated.interest, courses(distinct))
            self.course = np.array([distinct.index(one) for one in opened], dtype=np.intp)
        self.lot_outcomes: LotOutcomes = found
        self.of_stage = np.array([stage.round for stage in stages(scenario)])
        names = list(scenario.kinds)
        share = np.stack([self.look(f"kinds.{name}.share") for name in names], axis=1)
        self.share = share / share.sum(axis=1, keepdims=True)  # (n, kind)
        self.movable = np.array([scenario.kinds[name].movable for name in names])
        _, self.interest = interests(self.look)
        token = self.look("start.token_share")
        self.token = np.stack([1.0 - token, token], axis=1)
        group = np.zeros((self.look.number, 2, found.interests.shape[1]))  # movable x interest
        for i, (movable, interest) in enumerate(zip(self.movable, self.interest, strict=True)):
            group[:, int(movable), interest] += self.share[:, i]
        self.group = group
        self.default = self.look("disposal.default_rate")
        self.hazard = self.look("disposal.withdrawal_rate")
        self.going = self._going()

    def _going(self) -> Floats:
        """(n, round): share of lots that are offered in the round, though unsold, because nobody took them in kind."""
        term = rules(self.scenario)
        rounds = np.arange(len(term.stages))
        taken = self.look("disposal.in_kind_second")[:, None]
        return np.where(rounds > term.last_auction, 1.0 - taken, 1.0) if term.last_auction >= 0 else np.ones((self.look.number, len(rounds)))  # fmt: skip

    def by_route(self, x: Floats) -> Floats:
        """(n, [course,] ...) to (n, route, ...)."""
        return x[:, None] if self.dated.interest is None else x[:, self.course]

    def over_lots(self, x: Floats) -> Floats:
        """(n, [course,] interest, token, method group, last) to (n, route, movable, method, last): averages over lots."""
        mean = np.einsum("n...utms,ngu,nt->n...gms", x, self.group, self.token, optimize=True)
        return self.by_route(np.asarray(mean[..., self.lot_outcomes.method, :]))

    def staying(self, lag: Floats) -> Floats:
        """Share of lots not withdrawn after ``lag`` days; lag (n or 1, replication, ...)."""
        mean = lag.mean(axis=1, keepdims=True)
        return np.asarray(np.exp(-self.hazard.reshape(-1, *(1,) * (lag.ndim - 1)) * mean))

    def number(self, name: str) -> Floats:
        """(n or 1, replication, route, movable, method, last, window, basis): lots that come there, not withdrawn before."""
        return np.asarray(
            getattr(self.listing_times, name) * self.staying(getattr(self.listing_times, f"{name}_lag"))
        )

    def count(self, name: str, probability: Floats) -> Floats:
        """Expected number of those ends: probability (n, route, movable, method, last) to (n, replication, window, basis)."""
        return _over(self.booked() if name == "booked" else self.number(name), probability)

    def booked(self) -> Floats:
        """Lots that fail in a round and are booked inside the window, as ``number``."""
        at = np.interp(self.look("disposal.booking_days"), BOOKED, np.arange(len(BOOKED)))
        weight = np.maximum(1.0 - np.abs(at[:, None] - np.arange(len(BOOKED))), 0.0)
        number, days = (
            np.einsum("nk,nrk...->nr...", weight, np.broadcast_to(x, (len(weight), *x.shape[1:])))
            for x in (self.listing_times.booked, self.listing_times.booked * self.listing_times.booked_lag)
        )
        return np.asarray(number * self.staying(days / np.maximum(number, LEAST)))

    def sums(self) -> Sums:
        """Expected counts."""
        f, e = self.lot_outcomes, self.listing_times
        of_stage = self.going[:, self.of_stage][:, None, None, None, :]
        paid = 1.0 - self.default[:, None, None, None, None]
        sold = self.over_lots(f.sold) * of_stage
        again = self.over_lots(f.again) * of_stage * (1.0 - paid) * paid
        by_sale = self.count("sold", sold * paid) + self.count("again", again)
        unsold = self.over_lots(f.unsold) * self.going[:, None, None, None, :]
        ends = self._final(unsold)
        hammered = self.count("sold", sold)
        n = len(sold)
        by_group = e.listed.sum(axis=(2, 4))  # over routes and methods
        listed = np.einsum(
            "nrgw,ng->nrw", np.broadcast_to(by_group, (n, *by_group.shape[1:])), self.group.sum(axis=2)
        )
        return Sums(
            lots_listed=np.broadcast_to(listed[..., None], (*listed.shape, e.sold.shape[-1])),
            cases=np.broadcast_to(e.cases[..., None], (*listed.shape, e.sold.shape[-1])),
            lots_sold=by_sale,
            lots_failed=self.count("booked", ends),
            lots_failing=self.count("first", unsold) - self.count("rescued", sold * paid),
            rounds_held=hammered + self.count("failed", unsold) + self.count("again", sold * (1.0 - paid)),
            participants=self._active(self.lot_outcomes.active),
            participants2=self._active(self.lot_outcomes.active2),
        )

    def _final(self, unsold: Floats) -> Floats:
        """P(the lot's way ends, unsold, with this round): taken in kind after the last auction, or after the last round."""
        term = rules(self.scenario)
        ends = np.zeros_like(unsold)
        if 0 <= term.last_auction < len(term.stages) - 1:
            ends[..., term.last_auction] = (
                unsold[..., term.last_auction] * self.look("disposal.in_kind_second")[:, None, None, None]
            )
        ends[..., -1] = unsold[..., -1]
        return ends

    def _active(self, active: Floats) -> Floats:
        """Registrations: bidders who can pay the start, in rounds that ended in the window.

        Of an auction they are counted when it ends, sold or failed alike, at the same time.
        """
        active = self.over_lots(active) * self.going[:, self.of_stage][:, None, None, None, :]
        return self.count("sold", active)

    def mix(self) -> Mix:
        """What sold lots are like, window by window."""
        sold, alone, ratio, square, log_start, log_start2, first = self._of_sold_lots(
            ("sold", "alone", "ratio", "square", "log_start", "log_start2", "first")
        )
        sold = np.maximum(sold, LEAST)
        contested = np.maximum(sold - alone, LEAST)
        excess = np.maximum(ratio - sold, 0.0) / contested
        second = np.maximum(square - 2.0 * ratio + sold, 0.0) / contested
        mean = log_start / sold
        return Mix(
            weight=sold, alone=alone / sold, excess=excess, excess_sd=np.sqrt(np.maximum(second - excess**2, 0.0)),
            log_start=mean, start_sd=np.sqrt(np.maximum(log_start2 / sold - mean**2, 0.0)),
            first=first / np.maximum(ratio, LEAST), median=self.of_kinds("value_median"), log_sd=self.of_kinds("value_log_sd"),
        )  # fmt: skip

    def _of_sold_lots(self, names: Sequence[str]) -> Floats:
        """(name, n, window, basis, cell): sums over sold lots, cells as those of ``Mix``."""
        f = self.lot_outcomes
        group = np.arange(f.method.max() + 1)[:, None] == f.method

        def number(name: str) -> Floats:
            """(n or 1, kind, 1, route, method group, stage, window, basis): lots that come there, of each kind as if all were."""
            by_method = self.number(name).mean(axis=1)[:, :, self.movable.astype(int)]
            return np.asarray(np.einsum("nrkmswb,gm->nkrgswb", by_method, group)[:, :, None])

        def of(name: str) -> Floats:
            """(n, kind, token, route or 1, method group, stage): without courses, all routes are alike."""
            return np.moveaxis(self.by_route(getattr(f, name))[:, :, self.interest], 1, 3)

        paid = 1.0 - self.default[:, None, None, None, None, None]
        going = self.going[:, self.of_stage][:, None, None, None, None, :] * paid
        # A lot that is sold after a default is like one sold in its round; how many there are is what differs.
        twice = of("again") / np.maximum(of("sold"), LEAST) * (1.0 - paid)
        lots = going[..., None, None] * (number("sold") + twice[..., None, None] * number("again"))
        per = np.stack([of(name) for name in names], axis=3)
        *cell, _, _, _, windows, bases = lots.shape
        listed_in = np.array([route[0] for route in self.dated.routes])
        parts = []
        for p in range(len(self.dated.kinds)):
            mine = np.flatnonzero(listed_in == p)
            many = per.shape[4] > 1
            one, ends = (
                (per[:, :, :, :, mine], lots[:, :, :, mine])
                if many
                else (per, lots[:, :, :, mine].sum(axis=3))
            )
            parts.append(one.reshape(*cell, len(names), -1) @ ends.reshape(*cell, -1, windows * bases))
        found = np.stack(parts, axis=2) * (self.share[:, :, None] * self.token[:, None])[:, :, None, :, None, None]  # fmt: skip
        found = np.moveaxis(found, (4, 0, 5, 1, 2, 3), range(6))
        return np.asarray(found.reshape(len(names), len(self.share), windows, bases, -1))

    def of_kinds(self, name: str) -> Floats:
        """(n, kind x period of listing) values of lots."""
        by_period = [Look(self.scenario, values) for values in self.dated.kinds]
        return np.stack(
            [look(f"kinds.{k}.{name}") for k in self.scenario.kinds for look in by_period], axis=1
        )


def _over(number: Floats, probability: Floats) -> Floats:
    """(n, replication, window, basis): ends at which lots arrive times the probability that it is theirs."""
    n, shape = len(probability), np.broadcast_shapes(probability.shape[1:], number.shape[2:6])
    wide = np.broadcast_to(probability, (n, *shape)).reshape(n, -1)
    lots = np.broadcast_to(number, (n, *number.shape[1:])).reshape(n, number.shape[1], wide.shape[1], -1)
    found = np.einsum("nc,nrcx->nrx", wide, lots)
    return np.asarray(found.reshape(n, number.shape[1], *number.shape[6:]))
