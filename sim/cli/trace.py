"""``sim trace``: the history of one lot, and a picture of its bidding."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.shared.ending import fail, refusing, writing
from sim.cli.shared.listing import Json, show_json
from sim.cli.shared.options import (
    Force,
    Lang,
    Out,
    Overrides,
    Scenario,
    Seed,
    command,
    declared,
    load_scenario,
)
from sim.locale.language import said
from sim.locale.words import other

if TYPE_CHECKING:
    from sim.model.records import Records
    from sim.scenario import Loaded
    from sim.scenario.schema import Scenario as Assumed

PICTURES = Path("out") / "trace"  # ours to replace; a name that the user gives is not

DIGITS = 18  # of a number; no replication has so many lots


@declared
class Options:
    scenario: Scenario
    lot: Annotated[str | None, typer.Option()] = None
    replication: Annotated[int, typer.Option(min=0)] = 0
    seed: Seed = None
    out: Out = None
    overrides: Overrides = None
    picture: Annotated[bool, typer.Option()] = True
    html: Annotated[bool, typer.Option("--html")] = False
    force: Force = False
    json: Json = False
    lang: Lang


@command
def trace(options: Options) -> None:
    """Print the history and draw the most contested round; without a lot, say which ones are worth a look."""
    from sim.measures.lot_history import history
    from sim.reporting.text import t

    loaded = load_scenario(options.scenario, options.overrides, options.seed)
    lang, replication = options.lang, options.replication
    if options.lot is None:
        suggest(loaded, replication, lang, options.json)
        return
    if options.out is not None:
        _check_out(options.out, options.force)
    records = _chosen(loaded.scenario, options.lot, replication, lang)
    number = int(records.lots["lot"][0])
    lines = history(loaded.scenario, records, lang)
    seed = loaded.scenario.run.seed
    if options.json:
        entries = [{"when": line.when, "what": line.what, "article": line.article} for line in lines]
        show_json({"lot": number, "replication": replication, "seed": seed, "history": entries})
    else:
        typer.echo(t("trace.title", lang, lot=number, replication=replication, seed=seed))
        width = max(len(line.when) for line in lines)
        for line in lines:
            typer.echo(f"{line.when:<{width}}  {line.what}" + (f"  [{line.article}]" if line.article else ""))
    if not options.picture and not options.html:
        return
    if not len(records.bids["lot"]):
        typer.echo(t("trace.no_bids", lang), err=True)
        return
    stem = options.out or PICTURES / f"{Path(str(loaded.path)).stem}-{replication}-lot-{number}"
    with writing(stem):
        if options.picture:
            from sim.reporting.pictures import draw_bidding

            for path in draw_bidding(stem, loaded.scenario, records, lang, replication):
                typer.echo(str(path), err=options.json)
        if options.html:
            page = _replay(stem.with_name(f"{stem.name}.html"), loaded, records, replication, lang)
            typer.echo(str(page), err=options.json)


def _check_out(out: Path, force: bool) -> None:
    """Refuse a name at which something stands already, or nothing can be written."""
    from sim.experiments.storage.folders import FolderError, check_writable

    files = [out.with_name(f"{out.name}.{kind}") for kind in ("png", "svg", "html")]
    there = [path for path in files if os.path.exists(path)]
    if there and not force:
        fail(said("exists", file=there[0]))
    with refusing(FolderError):
        check_writable(files[-1])


def _replay(path: Path, loaded: Loaded, records: Records, replication: int, lang: str) -> Path:
    """Write the page that replays the most contested round."""
    from sim.experiments.storage.folders import command_line, manifest
    from sim.reporting.pages.auction_room import room_page
    from sim.reporting.pages.shell import render, write

    seed = loaded.scenario.run.seed
    made_by = manifest(command_line(), loaded.toml(), seed=seed, replication=replication)
    pages = [room_page(loaded.scenario, records, one, made_by) for one in (lang, other(lang))]
    write(path, render(*(page for page in pages if page is not None)))  # there are bids
    return path


def _chosen(scenario: Assumed, lot: str, replication: int, lang: str) -> Records:
    """The records of a lot given by its number, or by a reason of ``REASONS``."""
    from sim.measures.notable_lots import REASONS, notable_lots, of_lot, records_of
    from sim.model.simulate import simulate

    if lot.isdecimal() and len(lot) <= DIGITS:
        with refusing(IndexError):
            return records_of(scenario, int(lot), replication)
    if lot not in REASONS:
        fail(said("option.lot", value=lot, names=said("join").join(REASONS)))
    records = simulate(scenario, replication)
    found = notable_lots(records, _rounds(scenario))
    if lot not in found:
        fail(said("option.no_lot", value=lot, n=replication, names=said("join").join(found) or said("none")))
    return of_lot(records, found[lot])


def suggest(loaded: Loaded, replication: int, lang: str, json: bool = False) -> None:
    """A line for each lot worth a look: its number, the word for --lot, and why."""
    from sim.measures.notable_lots import notable_lots, why_notable
    from sim.model.simulate import simulate
    from sim.reporting.text import t

    records = simulate(loaded.scenario, replication)
    found = notable_lots(records, _rounds(loaded.scenario))
    lots = len(records.lots["lot"])
    if json:
        shown = [
            {"lot": int(lot), "reason": why, "why": why_notable(why, lang)} for why, lot in found.items()
        ]
        show_json({"replication": replication, "lots": lots, "notable": shown})
        return
    typer.echo(t("trace.suggest", lang, lots=lots, last=max(lots - 1, 0)))
    for why, lot in found.items():
        typer.echo(f"  --lot {lot:<8} --lot {why:<11} {why_notable(why, lang)}")


def _rounds(scenario: Assumed) -> int:
    return len(scenario.held)
