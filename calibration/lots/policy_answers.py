"""Policy answers from lots: what a cut after a failed auction, or a lower first start, would do for lots like those of the rows.

By closed form at draws of the posterior, under each model. A lot opens at the rows' usual share of its reference price, falls after each
failure as it usually does, and is offered as often as the rows have it; a policy changes the fall, or the first start. Outcomes are of a
lot listed, followed to its end: share sold at the first auction, share sold at all, and recovery, the hammer price over the reference
price, 0 where nothing is sold. Who does not pay is left out, as is who is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from calibration.lots.estimate import Estimate, plain, separated
from calibration.lots.followed import Followed
from calibration.lots.histories import Floats
from calibration.lots.likelihood import Assumed, outcomes

OUTCOMES: Final = ("sold_first", "sold_ever", "recovery")
DRAWS: Final = 400
ROUNDS: Final = 4  # that a lot is offered at most, in a file whose lots go on until they are sold


@dataclass(frozen=True, slots=True)
class Question:
    """A policy and what it is compared with, as paths of starts / reference price."""

    key: str
    starts: tuple[float, ...]
    instead: tuple[float, ...]


def questions(lots: Followed) -> list[Question]:
    """A cut of 20 % against none; a first start of 80 and of 70 % against the rows' usual one."""
    usual = usual_path(lots)
    falls = [b / a for a, b in pairwise(usual)]
    # What usually falls after the first failure falls under a policy; a sell-off that keeps its start keeps it.
    fall = [f if i and f > 0.999 else 0.8 for i, f in enumerate(falls)]
    found = [Question("cut-20", _path(usual[0], fall), _path(usual[0], [1.0] * len(falls)))]
    starts = [share for share in (0.8, 0.7) if abs(share - usual[0]) > 0.005]
    return found + [Question(f"start-{round(100 * x)}", _path(x, falls), usual) for x in starts]


def usual_path(lots: Followed) -> tuple[float, ...]:
    """The rows' median starts / reference price, by round."""
    length = ROUNDS if lots.endless else lots.starts.shape[1]
    return tuple(float(np.median(lots.starts[lots.path, k])) for k in range(length))


def _path(first: float, falls: Sequence[float]) -> tuple[float, ...]:
    return (first, *(first * float(x) for x in np.cumprod(falls)))


def outcomes_of(values: Mapping[str, float], assumed: Assumed, starts: tuple[float, ...]) -> Floats:
    """(OUTCOMES,) at one parameter vector."""
    out = outcomes(values, assumed, np.array([starts]))
    sold = out.sold[0]
    recovery = sum(float(out.revenue(k)[0]) for k in range(len(starts)))
    return np.array([sold[0], sold.sum(), recovery])


@dataclass(frozen=True, slots=True)
class Answer:
    """One question under one model. (draws, OUTCOMES): under the policy, and less what it is compared with."""

    model: str
    question: Question
    found: Floats
    effect: Floats

    def interval(self, outcome: str, level: float = 0.95) -> tuple[float, float, float]:
        """Of the effect: lower end, median, upper end."""
        x = self.effect[:, OUTCOMES.index(outcome)]
        low, middle, high = np.quantile(x, [(1.0 - level) / 2.0, 0.5, (1.0 + level) / 2.0])
        return float(low), float(middle), float(high)

    def sign(self, outcome: str) -> int:
        """1 or -1 where the 95 % interval lies on one side of 0, else 0."""
        low, _, high = self.interval(outcome)
        return 1 if low > 0.0 else -1 if high < 0.0 else 0


def answers(found: Estimate, lots: Followed, assumed: Assumed, draws: int = DRAWS) -> list[Answer]:
    """Every question under one model."""
    chosen = np.linspace(0, len(found.theta) - 1, min(draws, len(found.theta))).astype(np.intp)
    values = plain(found.space, found.theta[chosen])
    result = []
    for one in questions(lots):
        under = np.array([outcomes_of(v, assumed, one.starts) for v in values])
        instead = np.array([outcomes_of(v, assumed, one.instead) for v in values])
        result.append(Answer(found.model, one, under, under - instead))
    return result


def envelope(
    estimates: Mapping[str, Estimate], given: Mapping[str, Sequence[Answer]], question: str, outcome: str
) -> tuple[list[str], float, float]:
    """The models that the rows leave, and one interval of an effect for them all: from the lowest 95 % end to the highest.

    Left are the models that no other is preferred to by a Bayes factor of twenty; those that rest on few draws are not counted, and where all do
    there is no answer: no models, nan.
    """
    trusted = [name for name, one in estimates.items() if not one.few]
    best = max(trusted, key=lambda name: estimates[name].log_marginal, default=None)
    left = [name for name in trusted if best and not separated([estimates[best], estimates[name]])]
    ends = [one.interval(outcome) for name in left for one in given[name] if one.question.key == question]
    if not ends:
        return [], float("nan"), float("nan")
    return left, min(low for low, _, _ in ends), max(high for _, _, high in ends)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An outcome on which two models that the rows do not separate give answers that differ: whose medians, and by how much."""

    question: str
    outcome: str
    models: tuple[str, str]
    medians: tuple[float, float]


def unseparated(estimates: Mapping[str, Estimate]) -> list[tuple[str, str]]:
    """Pairs of models between which the rows do not decide. A model whose marginal likelihood rests on few draws is in none."""
    names = [name for name, one in estimates.items() if not one.few]
    return [
        (a, b) for i, a in enumerate(names) for b in names[i + 1 :] if not separated([estimates[a], estimates[b]])
    ]  # fmt: skip


def disagreements(given: Mapping[str, Sequence[Answer]], pairs: Sequence[tuple[str, str]]) -> list[Disagreement]:  # fmt: skip
    """Where models that rows do not separate answer differently: the median of one lies outside the other's 95 % interval."""
    found = []
    for first, second in pairs:
        for a, b in zip(given[first], given[second], strict=True):
            for outcome in OUTCOMES:
                (low_a, mid_a, high_a), (low_b, mid_b, high_b) = (x.interval(outcome) for x in (a, b))
                if not (low_a <= mid_b <= high_a and low_b <= mid_a <= high_b):
                    found.append(Disagreement(a.question.key, outcome, (first, second), (mid_a, mid_b)))
    return found
