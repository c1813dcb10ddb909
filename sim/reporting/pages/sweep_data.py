"""What pages show of a sweep: the axes, the points, and at each point the mean and spread of every measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.experiments.sweep import axes as sweep
from sim.experiments.sweep.observation import Column
from sim.law.provisions import Rule
from sim.law.verdict import beyond, breaches
from sim.locale.signs import bracketed
from sim.measures import definitions
from sim.measures.definitions import Definition
from sim.measures.rounding import levelled
from sim.reporting.figures.outcomes import ENDS
from sim.reporting.values import parameter_value, short_name
from sim.scenario import ScenarioError, from_text
from sim.scenario.describe import parameter
from sim.scenario.schema import Kind, Scenario

Floats = npt.NDArray[np.float64]
HEADLINES = (
    "sale_rate_final", "lots_sold", "days_to_sale_mean", "recovery_all", "recovery", "premium_median", "premium_turnover", "turnover",
    "lots_open",
)  # fmt: skip
LOOKED_AT, HALVINGS = (
    9,
    24,
)  # values of a range that are held against the law; steps to where it begins to forbid


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter that was varied. ``levels``: the values tried, ascending where they are numbers; empty for a
    design that draws anywhere in [low, high]."""

    path: str
    key: tuple[str, ...]
    levels: tuple[Any, ...]
    low: float = float("nan")
    high: float = float("nan")
    kinds: Mapping[str, Kind] = field(default_factory=dict)  # the scenario's

    @classmethod
    def of(cls, varied: sweep.Axis, kinds: Mapping[str, Kind]) -> Axis:
        """As an experiment has it."""
        return cls(varied.path, varied.key, varied.levels, varied.low, varied.high, kinds)

    @property
    def numeric(self) -> bool:
        return not self.levels or all(
            isinstance(x, int | float) and not isinstance(x, bool) for x in self.levels
        )

    def short(self, lang: str) -> str:
        """What people call the parameter, in two or three words."""
        return short_name(self.key, lang, self.kinds)

    def name(self, lang: str) -> str:
        """The parameter in words, with its path."""
        declared = parameter(self.key)
        if declared is None:
            return self.path
        words = self.short(lang) if lang == "zh" else declared.meaning.split(";")[0]
        return bracketed(words, self.path, lang)

    def label_of(self, x: Any) -> str:
        """A value as people write it: shares in per cent."""
        if isinstance(x, bool) or not isinstance(x, int | float):
            return str(x).lower()
        return f"{100 * x:.4g}%" if self.unit.startswith("share") else f"{x:.4g}"

    def text_of(self, x: Any, lang: str) -> str:
        """A value with its unit."""
        return parameter_value(self.key, x, lang)

    @property
    def unit(self) -> str:
        declared = parameter(self.key)
        return declared.unit if declared else ""


@dataclass(frozen=True)
class SweepData:
    """A sweep as pages need it.

    ``values``: a tuple for each axis with the point's value; ``mean``, ``sd``: (points, columns), nan where a point
    has no result; ``runs``: (points,) replications done. Columns are (window, basis, measure).
    """

    scenario: Scenario
    axes: Sequence[Axis]
    method: str  # grid, lhs, sobol, halton
    columns: Sequence[Column]
    values: Sequence[tuple[Any, ...]]
    mean: Floats
    sd: Floats
    runs: npt.NDArray[np.int64]
    failures: int = 0
    each: Mapping[tuple[str, str], Floats] = field(
        default_factory=dict
    )  # (window, measure) -> (points, replications), nan without result
    draws: int = 0  # of the parameters, over which all points are run
    of: int = 0  # draws in their file

    @cached_property
    def position(self) -> dict[Column, int]:
        return {name: i for i, name in enumerate(self.columns)}

    @cached_property
    def windows(self) -> list[str]:
        """Whole period first."""
        found = dict.fromkeys(column[0] for column in self.columns)
        return sorted(found, key=lambda name: name != "all")

    @property
    def rounds(self) -> list[str]:
        return self.scenario.held

    @cached_property
    def measures(self) -> dict[str, Definition]:
        return definitions(self.rounds)

    def column(self, window: str, measure: str, basis: str = "") -> tuple[Floats, Floats]:
        """Mean and sd at every point, on the scenario's basis if none is given; nan where the sweep did not observe the measure."""
        i = self.position.get((window, basis or self.scenario.basis, measure))
        empty = np.full(len(self.values), np.nan)
        return (empty, empty) if i is None else (levelled(self.mean[:, i]), self.sd[:, i])

    def half(self, sd: Floats) -> Floats:
        """Half-width of the 95 % interval of the mean; nan for a single replication."""
        from scipy.special import stdtrit

        n = np.maximum(self.runs, 1).astype(np.float64)
        with np.errstate(invalid="ignore"):
            t = np.where(n > 1, stdtrit(np.where(n > 1, n - 1, 1.0), 0.975), np.nan)
            return np.asarray(t * sd / np.sqrt(n), dtype=np.float64)

    def outcomes(self, window: str) -> list[tuple[str, Floats]]:
        """Ends of the lots listed (cohort basis) as shares of them, lots sold by round first."""
        listed, _ = self.column(window, "lots_listed", "cohort")
        sold, _ = self.column(window, "lots_sold", "cohort")
        parts = [
            (f"sold:{name}", sold * self.column(window, f"sold_{name}", "cohort")[0]) for name in self.rounds
        ]
        parts += [(name, self.column(window, name, "cohort")[0]) for name in ENDS]
        with np.errstate(invalid="ignore", divide="ignore"):
            return [(name, n / listed) for name, n in parts]


@dataclass(frozen=True, slots=True)
class LawfulRange:
    """Between which values of an axis the law allows the scenario, the others being as they are; and what it says."""

    low: float | None
    high: float | None
    rule: Rule


def lawful_range(axis: Axis, scenario: Scenario, toml: str) -> LawfulRange | None:
    """The values with which the law is broken no worse than by the scenario itself; None if all of them are."""
    if not axis.numeric:
        return None
    before = breaches(scenario)

    def broken(value: float) -> Rule | None:
        try:
            found = breaches(from_text(toml, [f"{axis.path}={value}"]))
        except ScenarioError:  # what no scenario may have is said elsewhere
            return None
        worse = beyond(found, before, lambda breach: breach.brought_by(axis.path))
        return worse[0].rule if worse else None

    values = [float(value) for value in axis.levels] if axis.levels else _spread(axis.low, axis.high)
    rules = [broken(value) for value in values]
    rule = next((one for one in rules if one is not None), None)
    if rule is None:
        return None
    allowed = [i for i, one in enumerate(rules) if one is None]
    if not allowed:
        return LawfulRange(values[-1] + 1.0, None, rule)
    first, last = allowed[0], allowed[-1]
    low = _limit(broken, values[first], values[first - 1]) if first else None
    high = _limit(broken, values[last], values[last + 1]) if last < len(values) - 1 else None
    return LawfulRange(low, high, rule)


def _spread(low: float, high: float) -> list[float]:
    return [float(value) for value in np.linspace(low, high, LOOKED_AT)]


def _limit(broken: Callable[[float], object], allowed: float, forbidden: float) -> float:
    """Where between two values the law begins to forbid, the last allowed one."""
    for _ in range(HALVINGS):
        middle = (allowed + forbidden) / 2.0
        allowed, forbidden = (allowed, middle) if broken(middle) else (middle, forbidden)
    return round(allowed, 6)
