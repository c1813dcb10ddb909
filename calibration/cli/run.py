"""``calibrate run``: every step from published figures to policy answers, its folder and report."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from calibration.cli.targets import TargetsFile, command_line, load
from calibration.words import w
from sim.cli.shared.checks import check_jobs
from sim.cli.shared.ending import fail, refusing, trouble
from sim.cli.shared.executor import lost
from sim.cli.shared.listing import Json, show_json
from sim.cli.shared.options import Force, Heads, Lang, Out, Xlsx, command, declared
from sim.cli.shared.progress import ProgressBar, tables
from sim.cli.shared.signals import stopping
from sim.locale.foreign import reason
from sim.locale.language import said
from sim.reporting.progress_bar import notes

if TYPE_CHECKING:
    from calibration.result import Result
    from calibration.targets.targets import Targets

REFUSED: Final = 4  # exit code: done, but the draws fail their diagnostics or no representative may be used
WIDTH = 120  # columns where there is no terminal to ask


@declared
class Options:
    targets: TargetsFile
    out: Out = None
    quick: Annotated[bool, typer.Option("--quick")] = False
    variants: Annotated[bool, typer.Option()] = True
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0)] = 0
    scenario: Annotated[Path | None, typer.Option()] = None
    xlsx: Xlsx = False
    heads: Heads = None
    force: Force = False
    json: Json = False
    lang: Lang


@command
def run(options: Options) -> None:
    """Run every step, with progress; leave the folder; print the short answer."""
    from calibration import outputs

    targets, lang = load(options.targets), options.lang
    folder = options.out or Path("out") / f"calibrate-{targets.path.stem}"
    check_jobs(options.jobs)
    if options.scenario is not None and not options.variants:
        fail(said("option.whole"))
    with refusing(outputs.OutputError):
        outputs.prepare(folder, targets, options.force)
    began = time.perf_counter()
    result, report = _result(targets, folder, options)
    if options.json:
        _json(result, folder)
    else:
        _say(result, lang)
    seconds = f"{time.perf_counter() - began:.0f}"
    typer.echo(w("written", lang, report=str(report), folder=str(folder), seconds=seconds), err=options.json)
    if result.main.refused or (result.point is not None and result.point.refused):
        raise typer.Exit(REFUSED)


def _result(targets: Targets, folder: Path, options: Options) -> tuple[Result, Path]:
    """What the steps give, and where its report is."""
    from calibration import outputs, pipeline, settings
    from calibration.report.names import step_name
    from sim.experiments.execution.executors import ExecutorError
    from sim.scenario import ScenarioError

    lang, jobs = options.lang, options.jobs or os.cpu_count() or 1
    effort = settings.QUICK if options.quick else settings.FULL

    def damaged(path: Path) -> None:
        notes().print(w("step.damaged", lang, path=str(path)))

    def words(why: str) -> str:
        return w("stopped", lang, why=why, folder=str(folder))

    with stopping(words):
        try:
            with refusing(ScenarioError), ProgressBar(stays=True) as bar:

                def tick(step: str, done: int, total: int) -> None:
                    bar.show(step_name(step, lang), done, total, key=step)

                cache = pipeline.cache_of(folder, targets, damaged)
                result = pipeline.run(targets, effort, jobs, cache, tick, options.variants)
                asked = outputs.Asked(
                    lang=lang,
                    command=command_line(),
                    jobs=jobs,
                    scenario=options.scenario,
                    xlsx=options.xlsx,
                    heads=options.heads,
                )
                report = outputs.write(folder, result, asked)
        except ExecutorError as error:
            trouble(words(lost(error, lang)))
        except OSError as error:
            trouble(words(f"{error.filename or folder}: {reason(error)}"))
    return result, report


def _json(result: Result, folder: Path) -> None:
    """The rows of the answers and of the figures, under the names of their files' columns, and why draws or a scenario are refused."""
    from calibration.report import answer
    from calibration.report.tables import figure_rows

    refused = [] if result.point is None else result.point.refused
    show_json(
        {
            "folder": folder,
            "refused": [str(why) for why in (*result.main.refused, *refused)],
            "answers": answer.rows(result),
            "figures": figure_rows(result),
        }
    )


def _say(result: Result, lang: str) -> None:
    """The short answer."""
    from calibration.report.first_page import lines

    to = tables(WIDTH)
    for i, line in enumerate(lines(result, lang)):
        to.print(line, style="bold" if i == 0 else "", markup=False)
