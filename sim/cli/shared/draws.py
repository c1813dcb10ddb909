"""What commands say of draws of the parameters; which they run under is decided in ``sim.experiments.over_draws``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sim.experiments.over_draws import Over
    from sim.scenario import Loaded


def note_over(under: Over, loaded: Loaded, count: int, lang: str) -> None:
    """Say over what is averaged, or that the scenario has draws that are not used."""
    from sim.reporting.text_explore import e

    if under.draws:
        total, file = f"{under.draws.total:,}", str(under.draws.path)
        typer.echo(e("draws.over", lang, n=f"{count:,}", total=total, file=file), err=True)
    elif loaded.draws:
        typer.echo(e("draws.not_over", lang, file=str(loaded.draws)), err=True)


def note_draws(loaded: Loaded, lang: str) -> None:
    """Say of a scenario that is run at its own values that it has draws, and what uses them."""
    from sim.reporting.text_explore import e

    if loaded.draws:
        typer.echo(e("draws.point", lang, file=str(loaded.draws)), err=True)
