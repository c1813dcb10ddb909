"""The commands that explore policies, added to those of ``sim.cli``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli import Lang, Overrides, app, as_count, as_lang


@app.command()
def compare(
    base: Annotated[str, typer.Argument(help="scenario to compare with: a file, or a name in scenarios/")],
    policies: Annotated[
        list[str], typer.Argument(help="policies: files laid over BASE, or names in scenarios/policies/")
    ],
    replications: Annotated[
        str | None,
        typer.Option(
            "--replications", "-n", help="how many (under --draws: of each draw), or auto: until precise"
        ),
    ] = None,
    draws: Annotated[
        Path | None, typer.Option(help="parameter draws: CSV (a column a parameter) or TOML ([[draws]])")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="master seed")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="processes; 0 = as many as processors")] = 0,
    out: Annotated[Path | None, typer.Option(help="folder to write; default out/compare-BASE")] = None,
    overrides: Overrides = None,
    pictures: Annotated[bool, typer.Option(help="draw the pictures")] = True,
    force: Annotated[bool, typer.Option(help="replace a folder that an earlier run left")] = False,
    full: Annotated[bool, typer.Option(help="print every window")] = False,
    lang: Lang = "zh",
) -> None:
    """What policies change: differences under the same luck, with intervals, in words, a table and pictures."""
    from sim.commands.compare import compare_command

    values = [*(overrides or ()), *([] if seed is None else [f"run.seed={seed}"])]
    compare_command(
        base, policies, values, draws, as_count(replications), jobs, out, pictures, force, full, as_lang(lang)
    )
