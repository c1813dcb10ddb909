"""The ``calibrate`` commands. Each has a file; what is heavy is imported when a command runs, so that ``--help`` answers at once."""

from __future__ import annotations

import typer

from calibration.cli.audit import audit
from calibration.cli.lots import lots
from calibration.cli.new import new
from calibration.cli.run import run
from calibration.cli.simulated_lots import simulated_lots
from sim.cli.shared.help import helped
from sim.cli.shared.program import Program, Version, start

app = typer.Typer(
    name="calibrate",
    cls=helped("calibrate", Program),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _calibrate(version: Version = False) -> None:
    pass


app.command("audit", cls=helped("calibrate audit"))(audit)
app.command("lots", cls=helped("calibrate lots"))(lots)
app.command("new", cls=helped("calibrate new"))(new)
app.command("simulate-lots", cls=helped("calibrate simulate-lots"))(simulated_lots)
app.command("run", cls=helped("calibrate run"))(run)


def main() -> None:
    """Entry point."""
    start(app)


if __name__ == "__main__":
    main()
