"""Which draws of the parameters a command runs under: those of a file, or those that the scenario names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from sim.cli import fail
from sim.experiments.claims import also_given, set_by
from sim.experiments.draws import MOST, Draws, draws_of, read_draws
from sim.report.text_explore import e
from sim.scenario import Loaded, ScenarioError, load

SCENARIO = "scenario"  # --draws scenario: the file that the scenario names


def drawn(loaded: Loaded | None, file: str, overrides: Sequence[str]) -> Draws:
    """The draws, of keys that nothing else sets for all of them; what is wrong ends with exit code 2."""
    try:
        draws = draws_of(loaded) if loaded and file == SCENARIO else read_draws(Path(file))
        if draws is None:
            fail(f"--draws {SCENARIO}: the scenario names no draws (draws = FILE)")
        fixed = set_by(overrides)
        both = [defect for claim in draws.varied for defect in also_given(claim, fixed)]
        if both:
            raise ScenarioError(both)
    except ScenarioError as error:
        fail(error)
    return draws


def check_most(most: int | None, file: str | None) -> None:
    """Refuse a number of draws that cannot be, or where there are none."""
    if most is not None and not 1 <= most <= MOST:
        fail(f"--max-draws {most}: allowed are 1 to {MOST:,}")
    if most is not None and file is None:
        fail(f"--max-draws {most}: there are no draws; name them with --draws")


def note_draws(loaded: Loaded, lang: str) -> None:
    """Say of a scenario that is run at its own values that it has draws, and what uses them."""
    if loaded.draws:
        typer.echo(e("draws.point", lang, file=str(loaded.draws)), err=True)


def check_draws(loaded: Loaded, overrides: Sequence[str], lang: str) -> str:
    """What ``sim check`` says of the draws that a scenario names, each of which must be a scenario; else nothing."""
    if loaded.draws is None:
        return ""
    draws, defects = drawn(loaded, SCENARIO, overrides), []
    for sheet in draws.sheets:
        try:
            load(loaded.path, overrides, [sheet])
        except ScenarioError as error:
            defects += error.defects
    if defects:
        fail(ScenarioError(list(dict.fromkeys(defects))))
    return "\n" + e("draws.valid", lang, n=f"{draws.total:,}", keys=len(draws.varied), file=str(draws.path))
