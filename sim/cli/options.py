"""What several commands have in common: the program they belong to, options of one name, and how wrong ones are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from sim.cli.program import BAD_INPUT, Program

if TYPE_CHECKING:
    from sim.scenario import Loaded

app = typer.Typer(
    name="sim",
    cls=Program,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Scenario = Annotated[str, typer.Argument(help="scenario file, or its name in scenarios/ (e.g. shanxi)")]
Overrides = Annotated[list[str] | None, typer.Option("--set", help="path.to.value=VALUE; may be repeated")]
Lang = Annotated[str, typer.Option("--lang", envvar="SIM_LANG", help="language of output: zh or en")]


def fail(message: object) -> NoReturn:
    """Say what is wrong and exit with 2."""
    typer.echo(str(message), err=True)
    raise typer.Exit(BAD_INPUT)


def as_lang(value: str) -> str:
    if value not in ("zh", "en"):
        fail(f"--lang {value}: allowed are zh and en")
    return value


def load_scenario(scenario: str, overrides: list[str] | None, **also: Any) -> Loaded:
    """The scenario, or its defects and exit code 2."""
    from sim.scenario import ScenarioError, load

    extra = [f"run.{key}={value}" for key, value in also.items() if value is not None]
    try:
        return load(scenario, [*(overrides or ()), *extra])
    except ScenarioError as error:
        fail(error)


def as_count(value: str | None) -> int | None:
    """Number of replications; 0 stands for auto, None for the scenario's own."""
    if value is None:
        return None
    if value == "auto":
        return 0
    if not value.isdigit() or not 1 <= int(value) <= 100_000:
        fail(f"--replications {value}: allowed are auto and whole numbers from 1 to 100000")
    return int(value)
