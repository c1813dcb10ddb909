"""``sim trace``: one lot's life, and a picture of its bidding."""

from __future__ import annotations

from pathlib import Path

import typer

from sim.cli import fail
from sim.life import life, records_of
from sim.scenario import Loaded


def trace_command(loaded: Loaded, lot: int, replication: int, out: Path | None, lang: str) -> None:
    """Print the life; draw the most contested round where ``out`` is given."""
    try:
        records = records_of(loaded.scenario, lot, replication)
    except IndexError as error:
        fail(error)
    lines = life(loaded.scenario, records, lang)
    width = max(len(line.when) for line in lines)
    for line in lines:
        typer.echo(f"{line.when:<{width}}  {line.what}" + (f"  [{line.article}]" if line.article else ""))
    if out is not None:
        from sim.report.pictures import draw_bidding

        for path in draw_bidding(out, loaded.scenario, records, lang):
            typer.echo(str(path))
