"""Which measure a published figure may stand for, and the scale on which model and published figure are compared.

A *figure* is what a court publishes (``sale_rate``), a *measure* is a defined number of the model
(``sale_rate_final``). Besides the measures of ``sim.measures`` two interpretations of a premium are known here: a published
premium may be price / start itself, not what it exceeds 1 by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from calibration.words import w
from sim.measures.definitions import DEFINITIONS, INTERPRETATIONS

RATIOS: Final[
    dict[str, str]
] = {  # interpretation of a premium as price / start -> the measure it exceeds by 1
    "premium_turnover_ratio": "premium_turnover",
    "premium_mean_ratio": "premium_mean",
}
COMPUTED: Final = (  # measures that calibration can compare with published figures
    "cases", "lots_listed", "rounds_held", "lots_sold", "lots_failed", "lots_ended", "sale_rate_final",
    "sale_rate_ended", "sale_rate_listed", "sale_rate_round", "premium_turnover", "premium_mean", "premium_median",
    "premium_first_start_mean", "turnover", "mean_price", "commission_saved", "commission_saved_flat",
    "participants", "participants_distinct", "participants_per_sale",
)  # fmt: skip
MEASURES: Final = (*COMPUTED, *RATIOS)
UNSOLD: Final[
    dict[str, str]
] = {  # interpretation of a sale rate -> what makes up its denominator besides the sold
    "sale_rate_final": "lots_failed",
    "sale_rate_ended": "lots_failing",
    "sale_rate_listed": "lots_not_sold",
    "sale_rate_round": "rounds_not_sold",
}
FURTHER: Final = (
    "rounds_held",
    "lots_failed",
    "lots_ended",
)  # counts that some courts publish under these names
FIGURES: Final = (*INTERPRETATIONS, *FURTHER)
COUNTS: Final = ("cases", "lots", "sold", "participants", *FURTHER)
BASES: Final = ("event", "cohort")


def candidates(figure: str) -> tuple[str, ...]:
    """Measures that a figure may stand for, the likelier first."""
    if figure == "premium":
        return (*INTERPRETATIONS["premium"], "premium_first_start_mean", *RATIOS)
    return INTERPRETATIONS.get(figure, (figure,))


def name_of_measure(measure: str, lang: str) -> str:
    """What people call an interpretation."""
    if measure in RATIOS:
        return w(f"measure.{measure}", lang)
    definition = DEFINITIONS[measure]
    return definition.zh if lang == "zh" else definition.en


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One way to understand all published figures together: a measure for each figure, and the basis of counting."""

    basis: str
    measures: tuple[tuple[str, str], ...]  # (figure, measure), only figures with a choice
    weight: float  # prior probability

    @property
    def key(self) -> str:
        return "+".join([self.basis, *(measure for _, measure in self.measures)])

    def measure(self, figure: str, otherwise: str) -> str:
        return dict(self.measures).get(figure, otherwise)


def interpretations(
    bases: Mapping[str, float], choices: Mapping[str, Mapping[str, float]]
) -> Iterator[Interpretation]:
    """All combinations of a basis and a measure for each figure, with the product of their weights."""
    figures = list(choices)
    for basis, *measures in product(bases, *(choices[f] for f in figures)):
        weight = bases[basis]
        for figure, measure in zip(figures, measures, strict=True):
            weight *= choices[figure][measure]
        yield Interpretation(basis, tuple(zip(figures, measures, strict=True)), weight)
