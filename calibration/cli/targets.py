"""What the commands have in common: the targets file, and the command as it was given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.shared.ending import refusing
from sim.locale.language import said

if TYPE_CHECKING:
    from calibration.targets.targets import Reported, Targets

TargetsFile = Annotated[str, typer.Argument()]


def load(name: str) -> Targets:
    """The targets, their warnings printed; or their defects and exit code 2."""
    from calibration.targets.reader.load import load_targets
    from sim.scenario import ScenarioError

    with refusing(ScenarioError):
        targets = load_targets(name)
    for warning in targets.warnings:
        typer.echo(said("warning", said=warning), err=True)
    return targets


def reported(name: str) -> Reported:
    """What a targets file reports; or its defects and exit code 2."""
    from calibration.targets.reader.load import load_reported
    from sim.scenario import ScenarioError

    with refusing(ScenarioError):
        return load_reported(name)


def command_line() -> list[str]:
    """The command as the user gave it, without the path of the program."""
    return ["calibrate", *sys.argv[1:]]
