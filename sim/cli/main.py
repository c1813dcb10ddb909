"""The commands of ``sim``. Each has a file; what is heavy is imported when a command runs, so that ``sim --help`` answers at once."""

from __future__ import annotations

from typing import Any

import typer

from sim.cli import sweep
from sim.cli.app import app_
from sim.cli.brief import brief
from sim.cli.check import check
from sim.cli.compare import compare
from sim.cli.explore import explore
from sim.cli.law import law
from sim.cli.list import list_
from sim.cli.measures import measures
from sim.cli.new.policy import policy
from sim.cli.new.scenario import scenario
from sim.cli.optimise import optimise
from sim.cli.report import report
from sim.cli.run import run
from sim.cli.schema import schema
from sim.cli.sensitivity import sensitivity
from sim.cli.shared.help import helped
from sim.cli.shared.program import Program, Version, start
from sim.cli.show import show
from sim.cli.trace import trace
from sim.cli.verify import verify

app = typer.Typer(
    name="sim",
    cls=helped("sim", Program),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _sim(version: Version = False) -> None:
    pass


for one in (
    run, show, check, law, schema, list_, measures, trace, report, brief, explore, verify, compare, sensitivity, optimise,
    app_,
):  # fmt: skip
    name = one.__name__.rstrip("_")
    app.command(name, cls=helped(f"sim {name}"))(one)


class _Verbs(helped("sim sweep", typer.core.TyperGroup)):  # type: ignore[misc]
    """``sim sweep SCENARIO ...`` makes a sweep; a first word that is a verb does something to one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["new", *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed


verbs = typer.Typer(cls=_Verbs, no_args_is_help=True)
for verb in (sweep.new, sweep.status, sweep.resume, sweep.retry_failed, sweep.expand, sweep.compact):
    name = verb.__name__.replace("_", "-")
    verbs.command(name, cls=helped(f"sim sweep {name}"))(verb)
app.add_typer(verbs, name="sweep")

made = typer.Typer(cls=helped("sim new", typer.core.TyperGroup), no_args_is_help=True)
for verb in (policy, scenario):
    made.command(verb.__name__, cls=helped(f"sim new {verb.__name__}"))(verb)
app.add_typer(made, name="new")


def main() -> None:
    """Entry point."""
    start(app)
