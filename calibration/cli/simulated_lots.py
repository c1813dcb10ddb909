"""``calibrate simulate-lots``: files of simulated lots as a court would export them, to try things on where all is known."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from calibration.cli.lots import as_selection, check_new
from sim.cli.shared.ending import Checks, fail, writing
from sim.cli.shared.options import Force, Lang, Overrides, Scenario, Seed, command, declared, load_scenario
from sim.locale.language import said


@declared
class Options:
    scenario: Scenario
    cases: Annotated[Path, typer.Option()]
    bids: Annotated[Path | None, typer.Option()] = None
    closes: Annotated[str | None, typer.Option()] = None
    since: Annotated[str | None, typer.Option()] = None
    selection: Annotated[str | None, typer.Option()] = None
    overrides: Overrides = None
    seed: Seed = None
    force: Force = False
    lang: Lang


@command
def simulated_lots(options: Options) -> None:
    """Run a scenario once and write its lots, and their bids, as files of the shapes that courts have."""
    from calibration.lots.simulated_files import NUMBER, bid_table, case_table, write_table
    from calibration.lots.words import w
    from sim.model.simulate import simulate

    days: dict[str, date | None] = {}
    checks = Checks()
    for name, text in (("closes", options.closes), ("since", options.since)):
        with checks:
            days[name] = _day(f"--{name}", text)
    with checks:
        selection = as_selection(options.selection)
    for path in (options.cases, options.bids):
        with checks:
            check_new(path, options.force)
    with checks:
        if options.bids is not None and options.bids.resolve() == options.cases.resolve():
            fail(said("place", where="--bids", said=said("lots.same_file")))
    checks.end()
    scenario = load_scenario(options.scenario, options.overrides, options.seed).scenario
    records = simulate(scenario)
    table = case_table(scenario, records, days["closes"], selection or "all listed", days["since"])
    with writing(options.cases):
        write_table(options.cases, table)
    typer.echo(w("simulated.cases", options.lang, n=len(set(table[NUMBER])), path=str(options.cases)))
    if options.bids is not None:
        table = bid_table(scenario, records, set(table[NUMBER]))
        with writing(options.bids):
            write_table(options.bids, table)
        typer.echo(w("simulated.bids", options.lang, n=len(table[NUMBER]), path=str(options.bids)))


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(said("place", where=option, said=said("not.date", value=text)))
