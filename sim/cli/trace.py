"""``sim trace``: one lot's life, and a picture of its bidding."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from sim.cli.options import fail
from sim.experiments.storage.folders import FolderError, check_writable
from sim.measures.lot_history import life
from sim.measures.notable_lots import REASONS, notable, of_lot, records_of
from sim.model.records import Records
from sim.model.simulate import simulate
from sim.reporting.text import t
from sim.scenario import Loaded
from sim.scenario.schema import Scenario

PICTURES = Path("out") / "trace"  # ours to replace; a name that the user gives is not


def trace_command(
    loaded: Loaded,
    lot: str | None,
    replication: int,
    out: Path | None,
    picture: bool,
    html: bool,
    force: bool,
    lang: str,
) -> None:
    """Print the life and draw the most contested round; without a lot, say which ones are worth a look."""
    scenario = loaded.scenario
    if lot is None:
        suggest(loaded, replication, lang)
        return
    name = Path(str(loaded.path)).stem
    if out is not None and not force:
        there = [
            path
            for path in (out.with_name(f"{out.name}.{kind}") for kind in ("png", "svg", "html"))
            if os.path.exists(path)
        ]
        if there:
            fail(f"{there[0]} exists; give another --out, or --force to replace it")
    if out is not None:
        try:
            check_writable(out.with_name(f"{out.name}.html"))
        except FolderError as error:
            fail(error)
    records = _chosen(scenario, lot, replication, lang)
    number = int(records.lots["lot"][0])
    lines = life(scenario, records, lang)
    typer.echo(t("trace.title", lang, lot=number, replication=replication, seed=scenario.run.seed))
    width = max(len(line.when) for line in lines)
    for line in lines:
        typer.echo(f"{line.when:<{width}}  {line.what}" + (f"  [{line.article}]" if line.article else ""))
    if not picture and not html:
        return
    if not len(records.bids["lot"]):
        typer.echo(t("trace.no_bids", lang), err=True)
        return
    stem = out or PICTURES / f"{name}-{replication}-lot-{number}"
    try:
        if picture:
            from sim.reporting.pictures import draw_bidding

            for path in draw_bidding(stem, scenario, records, lang, replication):
                typer.echo(str(path))
        if html:
            typer.echo(str(_replay(stem.with_name(f"{stem.name}.html"), loaded, records, replication, lang)))
    except OSError as error:
        fail(f"{stem} could not be written: {error.strerror or error}")


def _replay(path: Path, loaded: Loaded, records: Records, replication: int, lang: str) -> Path:
    """Write the page that replays the most contested round."""
    from sim.experiments.storage.folders import command_line, manifest
    from sim.reporting.pages.auction_room import room_page
    from sim.reporting.pages.shell import render, write

    seed = loaded.scenario.run.seed
    told = manifest(command_line(), loaded.toml(), seed=seed, replication=replication)
    page = room_page(loaded.scenario, records, lang, told)
    assert page is not None  # there are bids
    write(path, render(page))
    return path


def _chosen(scenario: Scenario, lot: str, replication: int, lang: str) -> Records:
    """The records of a lot given by its number, or by a reason of ``REASONS``."""
    if lot.isdecimal():
        try:
            return records_of(scenario, int(lot), replication)
        except IndexError as error:
            fail(error)
    if lot not in REASONS:
        fail(f"--lot {lot}: allowed are a number from 0, or one of {', '.join(REASONS)}")
    records = simulate(scenario, replication)
    found = notable(records, _rounds(scenario))
    if lot not in found:
        fail(f"--lot {lot}: replication {replication} has no such lot; it has {', '.join(found) or 'none'}")
    return of_lot(records, found[lot])


def suggest(loaded: Loaded, replication: int, lang: str) -> None:
    """A line for each lot worth a look: its number, the word for --lot, and why."""
    records = simulate(loaded.scenario, replication)
    found = notable(records, _rounds(loaded.scenario))
    lots = len(records.lots["lot"])
    typer.echo(t("trace.suggest", lang, lots=lots, last=max(lots - 1, 0)))
    for why, lot in found.items():
        typer.echo(f"  --lot {lot:<8} --lot {why:<11} {REASONS[why][lang == 'zh']}")


def _rounds(scenario: Scenario) -> int:
    return len(scenario.held)
