"""Which draws of the parameters a command runs under: those of a file, or those that the scenario names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sim.cli.ending import fail, refusing

if TYPE_CHECKING:
    from sim.experiments.claims import Claim
    from sim.experiments.draws import Draws
    from sim.scenario import Loaded

SCENARIO = "scenario"  # --draws scenario: the file that the scenario names
MOST_RUN = 10_000  # draws under which the points of a design are run


@dataclass(frozen=True, slots=True)
class Over:
    """Over which draws the points of a design are run: as many as there are replications; none: the scenario's own values."""

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
        """So many of them; one that is no scenario ends with exit code 2."""
        from sim.scenario import ScenarioError

        if self.draws is None:
            return []
        if count > MOST_RUN:
            fail(f"--replications {count}: over draws at most {MOST_RUN:,} are run")
        with refusing(ScenarioError):
            return self.draws.laid(count, self.scenario, self.overrides)

    def note(self, loaded: Loaded, count: int, lang: str) -> None:
        """Say over what is averaged, or that the scenario has draws that are not used."""
        from sim.reporting.text_explore import e

        if self.draws:
            total, file = f"{self.draws.total:,}", str(self.draws.path)
            typer.echo(e("draws.over", lang, n=f"{count:,}", total=total, file=file), err=True)
        elif loaded.draws:
            typer.echo(e("draws.not_over", lang, file=str(loaded.draws)), err=True)


def over(loaded: Loaded, file: str | None, scenario: str, overrides: Sequence[str]) -> Over:
    """The draws that are asked for; what is wrong with them ends with exit code 2."""
    return Over(scenario, overrides, None if file is None else drawn(loaded, file, overrides))


def drawn(loaded: Loaded | None, file: str, overrides: Sequence[str]) -> Draws:
    """The draws, of keys that nothing else sets for all of them; what is wrong ends with exit code 2."""
    from sim.experiments.claims import also_given, set_by
    from sim.experiments.draws import draws_of, read_draws
    from sim.scenario import ScenarioError

    with refusing(ScenarioError):
        draws = draws_of(loaded) if loaded and file == SCENARIO else read_draws(Path(file))
        if draws is None:
            fail(f"--draws {SCENARIO}: the scenario names no draws (draws = FILE)")
        fixed = set_by(overrides)
        both = [defect for claim in draws.varied for defect in also_given(claim, fixed)]
        if both:
            raise ScenarioError(both)
        return draws


def check_most(most: int | None, file: str | None) -> None:
    """Refuse a number of draws that cannot be, or where there are none."""
    from sim.experiments.draws import MOST

    if most is not None and not 1 <= most <= MOST:
        fail(f"--max-draws {most}: allowed are 1 to {MOST:,}")
    if most is not None and file is None:
        fail(f"--max-draws {most}: there are no draws; name them with --draws")


def note_draws(loaded: Loaded, lang: str) -> None:
    """Say of a scenario that is run at its own values that it has draws, and what uses them."""
    from sim.reporting.text_explore import e

    if loaded.draws:
        typer.echo(e("draws.point", lang, file=str(loaded.draws)), err=True)
