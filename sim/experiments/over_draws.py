"""Over which draws of the parameters something is run: those of a file, or those that the scenario names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.experiments.assignments import Claim, also_given, set_by
from sim.experiments.draws import MOST, Draws, draws_of, read_draws
from sim.locale.language import said
from sim.scenario import Defect, Loaded, ScenarioError

SCENARIO: Final = "scenario"  # the file of draws that the scenario names
USUAL: Final = 40  # draws that a comparison takes, unless others are asked for
EACH: Final = 3  # and pairs of each
MOST_RUN: Final = 10_000  # draws under which the points of a design are run


@dataclass(frozen=True, slots=True)
class Over:
    """Draws under which the points of a design are run: as many as there are replications; none: the scenario's own values."""

    scenario: str
    overrides: Sequence[str]
    draws: Draws | None

    @property
    def claims(self) -> list[Claim]:
        """The keys that they give."""
        return self.draws.varied if self.draws else []

    @property
    def given(self) -> dict[str, Any]:
        """What the user named, for a manifest."""
        about = self.draws.about() if self.draws else None
        return {"scenario": self.scenario, "overrides": list(self.overrides), "draws": about}

    def laid(self, count: int) -> list[str]:
        """So many of them. Raises ``ScenarioError`` with all that is wrong."""
        if self.draws is None:
            return []
        if count > MOST_RUN:
            problem = said("draws.most", most=f"{MOST_RUN:,}")
            raise ScenarioError([Defect(f"--replications {count}", "", problem)])
        return self.draws.laid(count, self.scenario, self.overrides)


def misdrawn(file: str | Path | None, most: int | None, count: int | None) -> list[Defect]:
    """What is wrong with the numbers asked for: of draws to be taken at most, and of replications of each."""
    wrong = []
    if most is not None and not 1 <= most <= MOST:
        wrong.append(Defect(f"--max-draws {most}", "", said("option.bounds", most=MOST)))
    elif most is not None and file is None:
        wrong.append(Defect(f"--max-draws {most}", "", said("draws.no")))
    if file is not None and count == 1:
        wrong.append(Defect("--replications 1", "", said("draws.two")))
    return wrong


def drawn(loaded: Loaded | None, file: str | Path, overrides: Sequence[str]) -> Draws:
    """The draws, of keys that nothing else sets for all of them. Raises ``ScenarioError`` with all that is wrong."""
    draws = draws_of(loaded) if loaded and file == SCENARIO else read_draws(Path(file))
    if draws is None:
        raise ScenarioError([Defect(f"--draws {SCENARIO}", "", said("draws.not_named"))])
    fixed = set_by(overrides)
    if both := [defect for claim in draws.varied for defect in also_given(claim, fixed)]:
        raise ScenarioError(both)
    return draws


def over(loaded: Loaded, file: str | Path | None, scenario: str, overrides: Sequence[str]) -> Over:
    """The draws under which points are run; none: the scenario's own values. Raises ``ScenarioError``."""
    return Over(scenario, overrides, None if file is None else drawn(loaded, file, overrides))
