"""The ``calibrate`` commands. Thin: each imports what it needs inside itself, so that ``--help`` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import Lang, as_lang, fail
from sim.cli.program import Program, Version, start

if TYPE_CHECKING:
    from calibration.targets.targets import Reported, Targets

app = typer.Typer(
    name="calibrate",
    cls=Program,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

TargetsFile = Annotated[
    str, typer.Argument(help="targets file, or its name in calibration/targets/ (e.g. shanxi)")
]


def _load(name: str) -> Targets:
    """The targets, their warnings told; or their defects and exit code 2."""
    from calibration.targets.reader.load import load_targets
    from sim.scenario import ScenarioError

    try:
        targets = load_targets(name)
    except ScenarioError as error:
        fail(error)
    for warning in targets.warnings:
        typer.echo(f"warning: {warning}", err=True)
    return targets


def _reported(name: str) -> Reported:
    """What a targets file reports; or its defects and exit code 2."""
    from calibration.targets.reader.load import load_reported
    from sim.scenario import ScenarioError

    try:
        return load_reported(name)
    except ScenarioError as error:
        fail(error)


@app.callback()
def calibrate(version: Version = False) -> None:
    """From published figures to parameters and policy answers (由公布数字到参数与政策答案): audit, then run."""


@app.command()
def audit(
    targets: TargetsFile,
    out: Annotated[Path | None, typer.Option(help="folder for the table as CSV and as a page")] = None,
    force: Annotated[bool, typer.Option(help="replace a folder that an earlier audit left")] = False,
    lang: Lang = "zh",
) -> None:
    """What the published figures say about each other, before any model is run."""
    from calibration.cli.commands import audit_command

    as_lang(lang)
    audit_command(_reported(targets), out, force, lang)


@app.command()
def run(
    targets: TargetsFile,
    out: Annotated[Path | None, typer.Option(help="folder to write; default out/calibrate-TARGETS")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="fewer draws, for a first look; diagnostics may refuse them")
    ] = False,
    variants: Annotated[
        bool,
        typer.Option(help="also the answers from the figures alone, with errors doubled, under other priors"),
    ] = True,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", help="processes; 0 = as many as processors", min=0)
    ] = 0,
    scenario: Annotated[
        Path | None,
        typer.Option(help="also write the calibrated scenario here, its draws and the answers beside it"),
    ] = None,
    force: Annotated[bool, typer.Option(help="use a folder that holds another run of this program")] = False,
    lang: Lang = "zh",
) -> None:
    """Estimate parameters from the published figures and the evidence, and answer the policy question over all that is left
    open; goes on if stopped. Exit code 4: done, but the draws fail their diagnostics and the answer is refused, or no point
    of the posterior meets the figures and no scenario is written.
    """
    from calibration.cli.commands import Run, run_command

    as_lang(lang)
    loaded = _load(targets)
    folder = out or Path("out") / f"calibrate-{loaded.path.stem}"
    run_command(loaded, Run(folder, quick, variants, jobs, scenario, force), lang)


def main() -> None:
    """Entry point."""
    start(app)


if __name__ == "__main__":
    main()
