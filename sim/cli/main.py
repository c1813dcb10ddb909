"""The commands. Thin: each imports what it needs inside itself, so that ``sim --help`` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import Lang, Overrides, Scenario, app, as_count, as_lang, load_scenario
from sim.cli.program import Version, start


@app.callback()
def sim_(version: Version = False) -> None:
    """Simulation of online judicial auctions (网络司法拍卖模拟): run scenarios, look at one lot, check the law."""


@app.command()
def run(
    scenario: Scenario,
    replications: Annotated[
        str | None, typer.Option("--replications", "-n", help="how many, or auto: until precise")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="master seed")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="processes; 0 = as many as processors")] = 0,
    out: Annotated[Path | None, typer.Option(help="folder to write; default out/SCENARIO")] = None,
    overrides: Overrides = None,
    records: Annotated[str, typer.Option(help="which records to keep: none, lots, all")] = "all",
    pictures: Annotated[bool, typer.Option(help="draw the pictures")] = True,
    force: Annotated[bool, typer.Option(help="replace a folder that an earlier run left")] = False,
    full: Annotated[bool, typer.Option(help="print every reading of the printed figures")] = False,
    lang: Lang = "zh",
) -> None:
    """Run a scenario: print what the simulated courts report beside what was printed; leave a folder."""
    from sim.cli.run import run_command

    run_command(
        load_scenario(scenario, overrides, seed=seed),
        as_count(replications),
        jobs,
        out,
        records,
        pictures,
        force,
        full,
        as_lang(lang),
    )


@app.command()
def show(scenario: Scenario, overrides: Overrides = None, lang: Lang = "zh") -> None:
    """Every value of a scenario with its unit, source, and the file that set it."""
    from sim.cli.show import show as render

    typer.echo(render(load_scenario(scenario, overrides), as_lang(lang)))


@app.command()
def check(scenario: Scenario, overrides: Overrides = None, lang: Lang = "zh") -> None:
    """Validate a scenario and say what of it today's law does not allow."""
    from sim.cli.draws import check_draws
    from sim.cli.show import check as render

    loaded = load_scenario(scenario, overrides)
    text, _ = render(loaded, as_lang(lang))
    typer.echo(text + check_draws(loaded, overrides or [], lang))


@app.command()
def schema() -> None:
    """JSON Schema of scenario files, for editors."""
    import json

    from sim.scenario.describe import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command("list")
def list_(lang: Lang = "zh") -> None:
    """Scenarios, policies and targets that can be named, with their titles."""
    from sim.cli.catalogue import list_command

    list_command(as_lang(lang))


@app.command()
def measures(
    scenario: Annotated[str, typer.Argument(help="whose rounds are named")] = "base", lang: Lang = "zh"
) -> None:
    """Every measure: its name, what it is called, its unit and its formula."""
    from sim.cli.catalogue import measures_command

    measures_command(scenario, as_lang(lang))


@app.command()
def trace(
    scenario: Scenario,
    lot: Annotated[
        str | None,
        typer.Option(
            help="number of the lot, from 0, or contested, unsold, defaulted ...; none: what there is"
        ),
    ] = None,
    replication: Annotated[int, typer.Option(help="which replication", min=0)] = 0,
    seed: Annotated[int | None, typer.Option(help="master seed")] = None,
    out: Annotated[
        Path | None, typer.Option(help="picture of the bidding, without ending; default in out/trace")
    ] = None,
    overrides: Overrides = None,
    picture: Annotated[bool, typer.Option(help="draw the bidding")] = True,
    html: Annotated[
        bool, typer.Option("--html", help="a page that replays the bidding: play, pause, step")
    ] = False,
    force: Annotated[bool, typer.Option(help="replace the picture named by --out")] = False,
    lang: Lang = "zh",
) -> None:
    """One lot's life, line by line, with dates and articles, and a picture of its bidding."""
    from sim.cli.trace import trace_command

    loaded = load_scenario(scenario, overrides, seed=seed)
    trace_command(loaded, lot, replication, out, picture, html, force, as_lang(lang))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="folder that sim run, compare or sweep has written")],
    out: Annotated[Path | None, typer.Option(help="file to write; default report.html in the folder")] = None,
    force: Annotated[bool, typer.Option(help="replace a file that is not a page of this program")] = False,
    lang: Lang = "zh",
) -> None:
    """A folder as one page: figures, tables to copy, how to make it again; one file, opens anywhere."""
    from sim.cli.report import report_command

    report_command(folder, out, force, as_lang(lang))


@app.command()
def explore(
    folder: Annotated[Path, typer.Argument(help="folder that sim sweep has written")],
    out: Annotated[
        Path | None, typer.Option(help="file to write; default explore.html in the folder")
    ] = None,
    force: Annotated[bool, typer.Option(help="replace a file that is not a page of this program")] = False,
    lang: Lang = "zh",
) -> None:
    """A sweep as a page of levers: move them and see sales, days, recovery and premium change; one file."""
    from sim.cli.explore import explore_command

    explore_command(folder, out, force, as_lang(lang))


@app.command()
def verify(
    full: Annotated[bool, typer.Option(help="ten times as many auctions: 200,000 a case")] = False,
    family: Annotated[
        str | None,
        typer.Option(help="families of formulas, with commas (a,a2,b,c,c2,d,e,f,g,h); default all"),
    ] = None,
    seed: Annotated[int, typer.Option(help="luck of the runs, and parameters of the cases drawn")] = 1,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="processes; 0 = as many as processors")] = 0,
    out: Annotated[Path | None, typer.Option(help="folder for the table as CSV; none by default")] = None,
    page: Annotated[
        Path | None, typer.Option("--markdown", help="file to write as a page (Markdown)")
    ] = None,
    force: Annotated[bool, typer.Option(help="replace a folder that an earlier run left")] = False,
    brief: Annotated[bool, typer.Option("--brief", help="print the verdicts only")] = False,
    lang: Lang = "zh",
) -> None:
    """The simulator against closed forms: exact, simulated, standard error, z; exit code 1 when theory is not met."""
    from sim.cli.verify import verify_command

    verify_command(full, family, seed, jobs, out, page, force, brief, as_lang(lang))


import sim.cli.experiments_options  # noqa: E402, F401  (adds its commands, which stand last in the help)


def main() -> None:
    """Entry point."""
    start(app)
