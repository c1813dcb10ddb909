"""``sim check``: is a scenario valid, and what of it does the law not allow? Of a run's folder: what of what happened in it?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli.shared.checked import content, text
from sim.cli.shared.ending import fail, refusing, writing
from sim.cli.shared.listing import Json, show_json
from sim.cli.shared.options import (
    Force,
    Lang,
    LawOf,
    Out,
    Overrides,
    Scenario,
    as_day,
    command,
    declared,
    load_scenario,
)
from sim.locale.language import said

if TYPE_CHECKING:
    from sim.scenario import Loaded


@declared
class Options:
    scenario: Scenario
    date: LawOf = None
    overrides: Overrides = None
    out: Out = None
    force: Force = False
    json: Json = False
    lang: Lang


@command
def check(options: Options) -> None:
    """Validate, and say what is not lawful; the draws that the scenario names are validated too.

    Of a folder with a manifest: its records are held against the law.
    """
    from sim.experiments.storage.manifest import MANIFEST

    if (Path(options.scenario) / MANIFEST).is_file():
        _records(options)
        return
    if options.out is not None:
        fail(said("option.out_of_a_run", value=options.out))
    loaded = load_scenario(options.scenario, options.overrides)
    said_of_it, unlawful = text(loaded, options.lang, as_day(options.date))
    drawn = _draws(loaded, options.overrides or [], options.lang)
    if options.json:
        show_json(content(loaded, unlawful, options.lang, as_day(options.date)))
    else:
        typer.echo(said_of_it + drawn)


def _records(options: Options) -> None:
    """Hold a run's records against the law, event by event."""
    from sim.experiments.storage.tables import write_csv
    from sim.measures.against_law import AgainstTheLaw
    from sim.reporting.against_law import event_columns, record_lines, record_rows
    from sim.reporting.law import unknown_law
    from sim.reporting.pages.run_folder import recorded
    from sim.reporting.pages.shell import PageError

    if options.overrides:
        fail(said("option.set_on_a_run", folder=options.scenario, value=options.overrides[0]))
    day = as_day(options.date)
    folder = Path(options.scenario)
    if options.out is not None:
        _check_out(options.out, options.force)
    with refusing(PageError):
        run = recorded(folder)
        found = AgainstTheLaw(run.scenario, day)
        for replication, records in enumerate(run.histories(("lots", "rounds", "bids"))):
            found.add(replication, records)
    if options.out is not None:
        with writing(options.out):
            write_csv(options.out, event_columns(found, options.lang))
        typer.echo(str(options.out), err=True)
    if options.json:
        rows = record_rows(found, options.lang)
        show_json(
            {
                "folder": folder,
                "replications": replication + 1,
                "lots": found.lots,
                "rounds": found.rounds,
                "law_known": not unknown_law(run.scenario, day, options.lang),
                "limits": rows,
            }
        )
    else:
        typer.echo("\n".join(record_lines(found, folder, replication + 1, options.lang)))


def _check_out(out: Path, force: bool) -> None:
    """Refuse a name at which something stands already, or nothing can be written."""
    from sim.experiments.storage.folders import FolderError, check_writable

    if out.exists() and not (force and out.is_file()):
        fail(said("exists", file=out))
    with refusing(FolderError):
        check_writable(out)


def _draws(loaded: Loaded, overrides: Sequence[str], lang: str) -> str:
    """What is said of the draws that a scenario names, each of which must be a scenario; else nothing."""
    from sim.experiments.over_draws import SCENARIO, drawn
    from sim.reporting.text_explore import e
    from sim.scenario import ScenarioError, load

    if loaded.draws is None:
        return ""
    with refusing(ScenarioError):
        draws, defects = drawn(loaded, SCENARIO, overrides), []
    for overlay in draws.overlays:
        try:
            load(loaded.path, overrides, [overlay])
        except ScenarioError as error:
            defects += error.defects
    if defects:
        fail(ScenarioError(list(dict.fromkeys(defects))))
    return "\n" + e("draws.valid", lang, n=f"{draws.total:,}", keys=len(draws.varied), file=str(draws.path))
