"""Value of information: quantities that a court could report and has not, and a trial.

For each quantity: its posterior, the sampling error that it has at this court's counts, and how much narrower each answer's
interval would be, once it is known (``variance_reduction``). Quantities are those of the scenario as it is, of all lots that the
windows list. Errors are of sampling alone: a court is assumed to count as the model does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.answers.policy import OUTCOMES, Lots, over_lots, with_tokens
from calibration.answers.summary import interval
from calibration.answers.variance_reduction import left_over
from calibration.forward_model.durations import Passage, passage
from calibration.forward_model.expected_counts import ExpectedCounts
from calibration.forward_model.forward_model import BATCH, ForwardModel
from calibration.forward_model.lot_outcomes import rules
from calibration.random_streams import Purpose, stream

Floats = npt.NDArray[np.float64]

LEAST: Final = 1e-12
YEAR: Final = 365.25
MOST: Final = 1000  # draws at which quantities are computed
REPEATS: Final = 4  # of the errors that an observation has
COURTS: Final = (10, 20, 40)  # trials that are shown, and one of all courts
MONTHS: Final = (6, 12)
# Assumption: no source says how courts of one province differ. Facts of shares from different places are taken to differ by
# .5 on the logit scale where nothing is known (``facts.ASSUMED``); courts of one province hardly differ more.
SPREAD: Final = 0.5
ANSWER: Final = "sold_ever"  # the outcome by which quantities are ordered
NAMES: Final = (
    "hazard_first", "hazard_second", "sold_second", "sold_at_start", "eligible_per_sale", "price_to_reference",
    "rounds_per_lot", "days_to_sale", "withdrawn", "in_kind", "booking",
)  # fmt: skip


_Row = tuple[Floats, Floats, Floats]
_Mean = Callable[[str, Floats, Floats, Floats], None]
_Share = Callable[[str, Floats, Floats], None]


@dataclass(frozen=True, slots=True)
class Quantities:
    """Of each quantity of ``NAMES``, (n, quantities): its expectation, and the standard error at this court's counts; ``number``:
    mean number of lots, sales or rounds behind it, (quantities,). nan where the model has no such thing.
    """

    value: Floats
    error: Floats
    number: Floats


def quantities(model: ForwardModel, theta: Floats) -> Quantities:
    """What a court could report, at parameter vectors."""
    parts = []
    for first in range(0, len(theta), BATCH):
        expected = model.expected(theta[first : first + BATCH])
        parts.append(_of(expected, Lots.of(model, expected), model.history))
    value, error, number = (np.concatenate(x) for x in zip(*parts, strict=True))
    return Quantities(value, error, number.mean(axis=0))


def _of(expected: ExpectedCounts, lots: Lots, history: float) -> tuple[Floats, Floats, Floats]:
    """(n, quantities) each: value, standard error, number."""
    f, look = expected.lot_outcomes, expected.look
    way = passage(look)
    term = rules(look.scenario)
    number = with_tokens(expected, lots.number) * history

    def by_stage(name: str, through: Floats) -> Floats:
        """(n, stage): sums over the lots of a history."""
        return np.asarray((over_lots(expected, getattr(f, name), number) * through).sum(axis=1))

    def by_round(x: Floats) -> Floats:
        return np.stack([x[..., way.of_stage == r].sum(axis=-1) for r in range(len(term.stages))], axis=-1)

    sold = by_stage("sold", way.paid) + by_stage("again", way.late)
    first_time = np.maximum(by_stage("sold", way.paid), LEAST)
    failed = (over_lots(expected, f.unsold, number) * way.failed).sum(axis=1)
    held = by_round(by_stage("sold", way.won)) + failed
    total = np.maximum(sold.sum(axis=1), LEAST)
    auctions = [stage.position for stage in term.stages if not stage.sell_off]
    found: dict[str, _Row] = {}

    def share(name: str, above: Floats, below: Floats) -> None:
        p = np.clip(above / np.maximum(below, LEAST), 0.0, 1.0)
        found[name] = p, np.sqrt(np.maximum(p * (1.0 - p), LEAST) / np.maximum(below, 1.0)), below

    def mean(name: str, first: Floats, second: Floats, below: Floats) -> None:
        """A mean over ``below`` cases, of whose values ``first`` and ``second`` are the sums and the sums of squares."""
        m = first / np.maximum(below, LEAST)
        variance = np.maximum(second / np.maximum(below, LEAST) - m * m, 0.0)
        found[name] = m, np.sqrt(variance / np.maximum(below, 1.0)), below

    for name, place in zip(("hazard_first", "hazard_second"), auctions, strict=False):
        share(name, by_round(sold)[:, place], held[:, place])
    if len(auctions) > 1:
        share("sold_second", by_round(sold)[:, auctions[1]], total)
    share("sold_at_start", by_stage("alone", way.paid).sum(axis=1), first_time.sum(axis=1))
    mean(
        "eligible_per_sale",
        by_stage("active", way.paid).sum(axis=1),
        by_stage("active2", way.paid).sum(axis=1),
        first_time.sum(axis=1),
    )
    _prices(expected, way, number, mean)
    offered = np.full(len(total), history)
    rounds = held.sum(axis=1)
    reached = held / history
    squares = history * (reached * (2.0 * np.arange(1, held.shape[1] + 1) - 1.0)).sum(axis=1)
    mean("rounds_per_lot", rounds, np.maximum(squares, 0.0), offered)
    days = np.broadcast_to(way.days, (len(total), *way.days.shape))
    at_days = over_lots(expected, f.sold, number) * way.paid
    mean(
        "days_to_sale",
        (at_days * days).sum(axis=(1, 2)),
        (at_days * days**2).sum(axis=(1, 2)),
        at_days.sum(axis=(1, 2)),
    )
    _unsold(expected, failed, total, share, found, history)
    blank = np.full(len(total), np.nan)
    rows = [found.get(name, (blank, blank, blank)) for name in NAMES]
    return tuple(np.stack([row[i] for row in rows], axis=1) for i in range(3))  # type: ignore[return-value]


def _prices(expected: ExpectedCounts, way: Passage, number: Floats, mean: _Mean) -> None:
    """Price over reference price, of lots that do not open at a token start: first start / reference is the same for all."""
    look, f = expected.look, expected.lot_outcomes
    ratio = look("start.ratio")[:, None]
    cuts = np.stack([1.0 - look(f"rounds.{one.name}.cut") for one in rules(look.scenario).stages], axis=1)
    keep = np.cumprod(cuts, axis=1)[:, way.of_stage]  # (n, stage): start of the round / first start
    usual = number * np.array([1.0, 0.0])
    first, square, sold = (
        (over_lots(expected, x, usual) * way.paid).sum(axis=1) for x in (f.first, f.square, f.sold)
    )
    mean(
        "price_to_reference", (first * ratio).sum(axis=1), (square * (keep * ratio) ** 2).sum(axis=1), sold.sum(axis=1)
    )  # fmt: skip


def _unsold(
    expected: ExpectedCounts,
    failed: Floats,
    sold: Floats,
    share: _Share,
    found: dict[str, _Row],
    history: float,
) -> None:
    """What becomes of lots that are not sold."""
    look = expected.look
    term, disposal = rules(look.scenario), look.scenario.disposal
    taken = np.zeros(len(sold))
    if 0 <= term.last_auction < failed.shape[1] - 1:
        taken = failed[:, term.last_auction] * look("disposal.in_kind_second")
    final = failed[:, -1] + taken
    share("withdrawn", history - sold - final, np.full(len(sold), history))
    share("in_kind", taken + failed[:, -1] * look("disposal.in_kind_last"), final)
    days = look("disposal.booking_days")
    if (days > 0.0).any():
        if disposal.booking_by != "never":  # cut by the end of a year, from a day like any other
            days = days * (1.0 + days / YEAR * np.expm1(-YEAR / np.maximum(days, LEAST)))
        found["booking"] = days, days / np.sqrt(np.maximum(final, 1.0)), final


@dataclass(frozen=True, slots=True)
class ObservationValue:
    """A quantity to ask the court for. ``number``: of cases behind it; ``today``, ``after``: sd of a policy's effect on the
    share of lots sold, now and once it is known; ``ratio``: (OUTCOMES,) after / today of each answer; ``width``: of the 95 %
    interval of the same effect then.
    """

    name: str
    number: float
    today: float
    after: float
    ratio: Floats
    width: float


def observation_values(
    model: ForwardModel, theta: Floats, effects: Mapping[str, Floats], seed: int
) -> dict[str, list[ObservationValue]]:
    """Quantities for each policy, the most informative first. ``effects``: (n, OUTCOMES) of each policy, at draws (n, p)."""
    some = slice(None, None, max(len(theta) // MOST, 1))
    observable = quantities(model, theta[some])
    return {policy: _ordered(observable, x[some], seed) for policy, x in effects.items()}


def _ordered(observable: Quantities, effects: Floats, seed: int) -> list[ObservationValue]:
    first = effects[:, OUTCOMES.index(ANSWER)]
    today, whole = float(first.std()), interval(first)
    found = []
    for i, name in enumerate(NAMES):
        if not np.isfinite(observable.value[:, i]).any():
            continue
        ratio = sd_ratio(effects, observable.value[:, i], observable.error[:, i], seed)
        left = float(ratio[OUTCOMES.index(ANSWER)])
        found.append(
            ObservationValue(
                name,
                float(observable.number[i]),
                today,
                today * left,
                ratio,
                (whole.high - whole.low) * left,
            )
        )
    return sorted(found, key=lambda one: one.after)


def sd_ratio(answers: Floats, value: Floats, error: Floats, seed: int) -> Floats:
    """(answers,): expected posterior sd of each answer (n, answers) over today's, once ``value`` (n,) is observed with an ``error``
    (n,); mean over ``REPEATS`` draws of the errors.
    """
    left = np.empty((REPEATS, answers.shape[1]))
    for k in range(REPEATS):
        observed = value + error * stream(seed, Purpose.OBSERVATIONS, k).standard_normal(len(value))
        left[k] = left_over(answers, observed)
    return np.asarray(left.mean(axis=0))


@dataclass(frozen=True, slots=True)
class Trial:
    """``courts`` drawn by lot, half of them with the cut and half without, for so many months. ``lots``: in both; ``today``,
    ``width``: of the 95 % interval of the effect on the share of lots sold, now and after the trial; ``spread``: the assumed sd
    between courts of the logit of that share.
    """

    courts: int
    months: int
    lots: float
    today: float
    width: float
    spread: float


def trials(model: ForwardModel, answers: Floats, seed: int, spread: float = SPREAD) -> list[Trial]:
    """``answers``: (n, 2) shares of lots sold with the policy and with what it is compared with, at draws of the posterior."""
    courts = model.scenario.courts
    cv2 = math.expm1(courts.size_log_sd**2)  # relative variance of courts' sizes
    months = sum(one.days for one in model.targets.windows.values()) / YEAR * 12.0
    a_month = model.history / max(months, 1.0) / courts.number
    effect = answers[:, 0] - answers[:, 1]
    whole = interval(effect)
    today = whole.high - whole.low
    found = []
    for number in sorted({min(k, courts.number) for k in (*COURTS, courts.number)} - {0, 1}):
        for length in MONTHS:
            arm = number / 2.0
            lots = arm * length * a_month
            p = np.clip(answers, 0.0, 1.0)
            # Sampling of lots, and differences between courts: p (1 - p) is the slope of the logit. Large courts weigh more.
            variance = (
                p * (1.0 - p) / max(lots, 1.0) + (spread * p * (1.0 - p)) ** 2 * (1.0 + cv2) / arm
            ).sum(axis=1)
            left = float(sd_ratio(effect[:, None], effect, np.sqrt(variance), seed)[0])
            found.append(Trial(number, length, 2.0 * lots, today, today * left, spread))
    return found
