"""The answer: what the main policy does, with its interval, given each body of evidence.

Every number of it that the report, the terminal and the tables show comes from here, so that none is shown under two values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.answers.policy import OUTCOMES, Question, headline
from calibration.answers.summary import Interval, interval
from calibration.estimation.refusal import Refusal
from calibration.result import Result, Sampled
from calibration.targets.evidence import chosen

Floats = npt.NDArray[np.float64]

SHOWN: Final = ("sold_ever", "recovery_all", "days_to_sale")  # outcomes of the first page
ROWS: Final = (
    "figures",
    "rows",
    "evidence",
    "doubled",
)  # bodies of evidence, in the order in which they are shown
UNSTABLE: Final = 0.2  # change of an interpretation's weight under other prior ranges from which on the envelope is the answer
LIKELY: Final = 0.05  # weight from which on an interpretation belongs to the envelope


@dataclass(frozen=True, slots=True)
class Answer:
    """What one body of evidence says of one policy: a span for each of ``SHOWN``; ``refused``: why it says nothing."""

    name: str
    spans: dict[str, Interval]
    refused: tuple[Refusal, ...]


def main_question(questions: Sequence[Question]) -> int | None:
    """The policy that the report is about: the cut; where there is none, the lowest first start."""
    cut = headline(questions)
    if cut is not None and reference(questions, cut) != questions[cut]:
        return cut
    starts = [
        i for i, one in enumerate(questions) if one.family == "start" and reference(questions, i) != one
    ]
    return min(starts, key=lambda i: questions[i].value, default=None)


def reference(questions: Sequence[Question], question: int) -> Question:
    """What a policy is compared with: the first of its family."""
    return next(one for one in questions if one.family == questions[question].family)


def weights(sampled: Sampled) -> dict[str, float]:
    """Posterior weight of each interpretation, the likelier first."""
    found = sampled.mixture.weights.tolist()
    return {one.one.interpretation.key: w for one, w in zip(sampled.posteriors, found, strict=True)}


def largest_move(result: Result) -> float:
    """By how much the weight of an interpretation moves at most when the priors' ranges are halved or doubled; nan where that
    has not been computed.
    """
    own = weights(result.main)
    moves = [
        abs(other.get(key, 0.0) - own.get(key, 0.0))
        for other in (
            weights(result.variants[name]) for name in ("narrow", "wide") if name in result.variants
        )
        for key in {*own, *other}
    ]
    return max(moves, default=float("nan"))


def enveloped(result: Result) -> bool:
    """Whether the answer is the envelope over interpretations, for their weights depend on the priors' ranges."""
    return largest_move(result) > UNSTABLE


def effect(result: Result, sampled: Sampled, question: int, outcome: str) -> Interval:
    """The effect of a policy: over all interpretations by their weights, or the envelope of those that are likely."""
    x = sampled.effects[:, question, OUTCOMES.index(outcome)]
    whole = interval(x)
    if not enveloped(result):
        return whole
    likely = np.flatnonzero(sampled.mixture.weights >= LIKELY)
    each = [interval(x[sampled.mixture.which == i]) for i in likely if (sampled.mixture.which == i).any()]
    return Interval(min(s.low for s in each), whole.median, max(s.high for s in each), whole.below)


def by_interpretation(sampled: Sampled, question: int, outcome: str) -> dict[str, Interval]:
    """The effect under each interpretation that is likely: of others there are too few draws for an interval."""
    x = sampled.effects[:, question, OUTCOMES.index(outcome)]
    which, likely = sampled.mixture.which, sampled.mixture.weights >= LIKELY
    return {
        one.one.interpretation.key: interval(x[which == i])
        for i, one in enumerate(sampled.posteriors)
        if likely[i] and (which == i).any()
    }


def bodies(result: Result) -> list[tuple[str, Sampled]]:
    """The bodies of evidence that were computed, in the order in which they are shown. Where the targets file names no facts
    there is one: the published figures.
    """
    if not chosen(result.targets.evidence, "fit"):
        return [(ROWS[0], result.main)]
    found = ((name, sampled_of(result, name)) for name in ROWS)
    return [(name, sampled) for name, sampled in found if sampled is not None]


def sampled_of(result: Result, name: str) -> Sampled | None:
    """The posterior of a name, the main one included."""
    return result.main if name == result.main.name else result.variants.get(name)


def answers(result: Result, question: int) -> list[Answer]:
    """What each body of evidence that was computed says of a policy."""
    found = []
    for name, sampled in bodies(result):
        spans = {} if sampled.refused else {o: effect(result, sampled, question, o) for o in SHOWN}
        found.append(Answer(name, spans, sampled.refused))
    return found


def let_in(result: Result, outcome: str) -> tuple[Interval, Interval] | None:
    """Of the main policy's effect, what is people let in and what is people drawn by the lower start; None where a start draws nobody."""
    which = headline(result.questions)
    if result.let_in is None or which is None:
        return None
    o = OUTCOMES.index(outcome)
    return interval(result.let_in[:, o]), interval(result.main.effects[:, which, o] - result.let_in[:, o])


def rows(result: Result) -> list[Mapping[str, Any]]:
    """Every policy's effect on every outcome, given each body of evidence: the table of answers, in full."""
    found: list[Mapping[str, Any]] = []
    for name, sampled in bodies(result):
        if sampled.refused:
            continue
        for q, one in enumerate(result.questions):
            if one.key == reference(result.questions, q).key:
                continue
            for outcome in OUTCOMES:
                s = effect(result, sampled, q, outcome)
                found.append({
                    "evidence": name, "policy": one.key, "against": reference(result.questions, q).key, "outcome": outcome,
                    "median": s.median, "low": s.low, "high": s.high, "below_zero": s.below,
                })  # fmt: skip
    return found
