"""Policy answers: what a cut after the first failed auction, or a lower first start, does over the whole history.

By closed form, of all lots that are listed in the reporting windows, each followed to its end, whenever that is: share
sold at the first auction, share sold at all, recovery (turnover / reference prices of all lots, those withdrawn and unsold
among them) and mean days to sale. Every lot has the values of the periods that it passes through, and windows weigh by the
lots that they report, so that outcomes are ratios of totals over the run. A cut applies to the second held auction, and
the sell-off keeps its start; a first start applies to all lots that do not open at a token start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.answers.totals import shares_of_total
from calibration.forward_model import overlays
from calibration.forward_model.durations import passage
from calibration.forward_model.expected_counts import ExpectedCounts
from calibration.forward_model.forward_model import BATCH, ForwardModel
from calibration.forward_model.lot_outcomes import WEIGHT, methods, rules
from calibration.targets.parameter_space import put
from calibration.targets.reader.supported import policy_followed
from sim.measures.rounding import without_rounding
from sim.scenario.load import Overlay
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]

OUTCOMES: Final = ("sold_first", "sold_ever", "recovery_all", "days_to_sale")
HEADLINE: Final = "cut-20"  # less "cut-00": the question that every first page answers
LEAST: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Question:
    """One policy: a key, the family it is compared in, and the values it lays over the scenario."""

    key: str
    family: str  # "cut" or "start"
    value: float
    paths: tuple[str, ...]

    @property
    def laid(self) -> Overlay:
        """The values as they are laid over a scenario."""
        overlay = Overlay(self.key, {})
        for path in self.paths:
            put(overlay.tree, path, self.value)
        return overlay


def questions(model: ForwardModel) -> list[Question]:
    """The policies that the targets file asks about, the first of each family being the reference."""
    wanted = model.targets.policy
    found = []
    cut = second_auction(model.scenario)
    if cut is not None:
        found += [
            Question(f"cut-{round(100 * c):02d}", "cut", c, (f"rounds.{cut}.cut",)) for c in wanted.cuts
        ]
    found += [Question(f"start-{round(100 * s):02d}", "start", s, ("start.ratio",)) for s in wanted.starts]
    return found


def headline(wanted: Sequence[Question]) -> int | None:
    """Place of the question that comes first: the cut of 20 %, else the deepest; None where no cut is among them."""
    cuts = [
        (one.key == HEADLINE, one.value, place) for place, one in enumerate(wanted) if one.family == "cut"
    ]
    return max(cuts)[2] if cuts else None


def second_auction(scenario: Scenario) -> str | None:
    """Name of the second auction that is held, if there is one."""
    auctions = [stage.name for stage in rules(scenario).stages if not stage.sell_off]
    return auctions[1] if len(auctions) > 1 else None


def followed(model: ForwardModel, wanted: Sequence[Question] | None = None) -> Sequence[Question]:
    """The policies, or those that the targets file asks about; one that closed forms do not follow is refused by name."""
    if wanted is None:
        return questions(model)  # cuts and starts: these they follow
    for one in wanted:
        overlays.over(model.targets, [one.laid])
        policy_followed(one.laid)
    return wanted


def answers(model: ForwardModel, theta: Floats, wanted: Sequence[Question] | None = None) -> Floats:
    """(n, questions, OUTCOMES) at parameter vectors."""
    wanted = followed(model, wanted)
    found = np.empty((len(theta), len(wanted), len(OUTCOMES)))
    for first in range(0, len(theta), BATCH):
        part = theta[first : first + BATCH]
        lots: Lots | None = None
        for q, one in enumerate(wanted):
            expected = model.expected(part, dict.fromkeys(one.paths, one.value))
            lots = lots or Lots.of(model, expected)
            found[first : first + len(part), q] = outcomes(expected, lots)
    return found


def effects(model: ForwardModel, found: Floats, wanted: Sequence[Question] | None = None) -> Floats:
    """(n, questions, OUTCOMES): difference from the first policy of the same family."""
    wanted = questions(model) if wanted is None else wanted
    first = {one.family: q for q, one in reversed(list(enumerate(wanted)))}
    base = found[:, [first[one.family] for one in wanted]]
    return without_rounding(found - base, np.maximum(np.abs(found), np.abs(base)))


@dataclass(frozen=True, slots=True)
class Lots:
    """The lots of a batch, which no policy changes. (n, kind, route, method group): ``number``, a lot of the history;
    ``worth``: the same by market value, as an expected share of the history's total.
    """

    number: Floats
    worth: Floats

    @classmethod
    def of(cls, model: ForwardModel, expected: ExpectedCounts) -> Lots:
        listed = expected.listing_times.listed.mean(axis=1)  # (n or 1, route, movable, method, window)
        by_window = listed.sum(axis=(1, 3), keepdims=True)
        weight = np.where(by_window > 0.0, model.weight * listed / np.maximum(by_window, LEAST), 0.0)
        group = expected.lot_outcomes.method
        one_hot = (group[:, None] == np.arange(group.max() + 1)).astype(np.float64)
        by_group = np.einsum("nrbmw,mg->nbrg", weight, one_hot)
        share = expected.share[:, :, None, None]
        number = (
            share
            * np.broadcast_to(by_group, (len(share), *by_group.shape[1:]))[:, expected.movable.astype(int)]
        )
        number = number / number.sum(axis=(1, 2, 3), keepdims=True)
        return cls(number, _by_value(model, expected, number))


def _by_value(model: ForwardModel, expected: ExpectedCounts, number: Floats) -> Floats:
    """Lots weighed by their market value: what each cell has of the total of a history of this many lots."""
    periods = len(expected.dated.kinds)
    listed_in = np.array([route[0] for route in expected.dated.routes])
    cells = np.stack([number[:, :, listed_in == p].sum(axis=(2, 3)) for p in range(periods)], axis=2)
    n, kinds = number.shape[:2]
    median, log_sd = (
        expected.of_kinds(name).reshape(n, kinds, periods) for name in ("value_median", "value_log_sd")
    )
    share = shares_of_total(
        model.history * cells.reshape(n, -1), median.reshape(n, -1), log_sd.reshape(n, -1)
    ).reshape(cells.shape)
    each = share / np.maximum(cells, LEAST)
    return np.asarray(number * each[:, :, listed_in, None])


def outcomes(expected: ExpectedCounts, lots: Lots) -> Floats:
    """(n, OUTCOMES) under one policy."""
    f, look = expected.lot_outcomes, expected.look
    way = passage(look)
    number, worth = (with_tokens(expected, x) for x in (lots.number, lots.worth))

    def over(x: Floats, weight: Floats) -> Floats:
        return over_lots(expected, x, weight)

    # What is sold after a default is like what was sold before; of next to nothing the share is of rounding.
    twice = np.clip(f.again / np.maximum(f.sold, LEAST), 0.0, 1.0)
    at_first, at_last = over(f.sold, number) * way.paid, over(f.again, number) * way.late
    sold = at_first + at_last
    price = over(f.price, worth) * way.paid + over(f.price * twice, worth) * way.late
    reference = np.einsum("nkrg,ng->n", lots.worth, (methods(look)[0] @ WEIGHT))
    total = sold.sum(axis=(1, 2))
    days = (at_first * way.days + at_last * way.days_again).sum(axis=(1, 2)) / np.maximum(total, LEAST)
    first = sold[:, :, way.of_stage == 0].sum(axis=(1, 2))
    return np.stack([first, total, price.sum(axis=(1, 2)) / reference, days], axis=1)


def with_tokens(expected: ExpectedCounts, lots: Floats) -> Floats:
    """Lots (n, kind, route, method group) by whether they open at a token start, last axis."""
    return np.asarray(lots[..., None] * expected.token[:, None, None, None])


def over_lots(expected: ExpectedCounts, x: Floats, weight: Floats) -> Floats:
    """Sums over lots: of ``lot_outcomes`` (n, [course,] interest, token, method group, last), weighed, to (n, kind, last)."""
    by_kind = expected.by_route(x)[:, :, expected.interest]  # (n, route, kind, token, method group, last)
    return np.asarray(np.einsum("nrktms,nkrmt->nks", by_kind, weight, optimize=True))
