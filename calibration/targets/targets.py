"""What a targets file comes to: what was published, what it may mean, what is free, and on which scenario. ``reader`` reads it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import calibration
from calibration.targets.evidence import Fact
from calibration.targets.interpretations import Interpretation, interpretations
from calibration.targets.parameter_space import Free
from calibration.targets.published_numbers import PublishedNumber
from calibration.targets.schema import Policy, Standing
from sim.scenario import Loaded
from sim.scenario.errors import Defect

HOME: Final = Path(calibration.__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure of one window. ``measures``: what it may mean, with prior weights that add up to 1."""

    window: str
    name: str
    published: PublishedNumber
    measures: Mapping[str, float]
    role: Standing
    reason: str
    source: str
    reason_zh: str = ""

    @property
    def value(self) -> float:
        return self.published.value

    def why(self, lang: str) -> str:
        """The reason given, in this language where it is."""
        return (self.reason_zh if lang == "zh" else "") or self.reason


@dataclass(frozen=True, slots=True)
class Window:
    """A reporting window with the figures published for it. It is dated wherever a model is run; an audit needs no dates."""

    name: str
    first: date | None
    last: date | None
    figures: Mapping[str, Figure]

    @property
    def days(self) -> int:
        """Days, both ends included; 0 where the dates are not known."""
        return (self.last - self.first).days + 1 if self.first and self.last else 0

    def reported(self, figure: str) -> Figure | None:
        """A figure that was published; None for one that is only assumed."""
        one = self.figures.get(figure)
        return None if one is None or one.role == "assumed" else one

    def value(self, figure: str) -> float:
        """The published value; nan where it was not published (or only assumed)."""
        one = self.reported(figure)
        return math.nan if one is None else one.value


@dataclass(frozen=True, slots=True)
class Change:
    """A published growth rate (``ratio``) or difference between two windows."""

    figure: str
    since: str
    window: str
    published: PublishedNumber
    ratio: bool


@dataclass(frozen=True, slots=True)
class Reported:
    """What a targets file reports: enough for the audit, which runs no model."""

    path: Path
    title: str
    title_zh: str
    source: str
    windows: Mapping[str, Window]
    changes: tuple[Change, ...]
    text: str  # of the file, for the manifest
    scenario: str  # that dates the windows, as TOML; empty where the file itself does


@dataclass(frozen=True, slots=True)
class Targets(Reported):
    """A targets file as resolved: what is reported, on which scenario, and what is free."""

    loaded: Loaded
    bases: Mapping[str, float]
    discrepancy: Mapping[str, float]
    discrepancy_source: str
    free: tuple[Free, ...]
    policy: Policy
    seed: int
    evidence: tuple[Fact, ...] = ()
    warnings: tuple[Defect, ...] = ()

    def figures(self, *roles: Standing) -> Iterator[Figure]:
        """Figures of these roles (all, if none is named), window by window."""
        for window in self.windows.values():
            yield from (f for f in window.figures.values() if not roles or f.role in roles)

    @property
    def choices(self) -> dict[str, dict[str, float]]:
        """Figures that are fitted and whose meaning is open: figure -> measure -> prior weight."""
        found: dict[str, dict[str, float]] = {}
        for figure in self.figures("fit"):
            if len(figure.measures) > 1:
                found[figure.name] = dict(figure.measures)
        return found

    def interpretations(self) -> list[Interpretation]:
        """Every way to understand the figures together, likelier ones first."""
        return sorted(interpretations(self.bases_apart, self.choices), key=lambda r: -r.weight)

    @property
    def bases_apart(self) -> Mapping[str, float]:
        """Weights of the bases of counting that differ. Of a single period that begins with the run they do not: what is
        concluded in it was listed in it.
        """
        one, *more = self.windows.values()
        start = self.loaded.scenario.time.start
        if more or (one.first or start) > start:
            return self.bases
        return {next(iter(self.bases)): sum(self.bases.values())}
