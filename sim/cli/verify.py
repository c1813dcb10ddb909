"""``sim verify``: progress, the table, the verdict; exit code 1 when the simulator is not what theory says."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.shared.checks import check_jobs
from sim.cli.shared.ending import fail, refusing, trouble
from sim.cli.shared.engine import ready
from sim.cli.shared.executor import lost, say_deaths
from sim.cli.shared.listing import Json, rows_of, show_json
from sim.cli.shared.options import Force, Full, Jobs, Lang, ModelEngine, Out, command, declared
from sim.cli.shared.progress import ProgressBar, tables
from sim.locale.language import said

if TYPE_CHECKING:
    from sim.verification.verdict import Found, Verdict

RED = 1
WIDTH = 110  # columns where there is no terminal to ask


@declared
class Options:
    full: Full = False
    family: Annotated[str | None, typer.Option()] = None
    seed: Annotated[int, typer.Option()] = 1
    jobs: Jobs = 0
    engine: ModelEngine = "auto"
    out: Out = None
    page: Annotated[Path | None, typer.Option("--markdown")] = None
    force: Force = False
    brief: Annotated[bool, typer.Option("--brief")] = False
    json: Json = False
    lang: Lang


@command
def verify(options: Options) -> None:
    """Run the cases, print, leave the folder and the page if they are named."""
    from sim.experiments.storage.atomic import write_whole
    from sim.experiments.storage.folders import command_line, manifest, new_folder, write_manifest
    from sim.experiments.storage.tables import write_csv
    from sim.verification.page import page
    from sim.verification.run import FULL, QUICK
    from sim.verification.tables import columns
    from sim.verification.verdict import verdict

    families = _families(options.family)
    _check(options)
    lots, began = FULL if options.full else QUICK, time.perf_counter()
    found = _found(families, lots, options)
    verdicts = [verdict(one, found) for one in families]
    seconds = time.perf_counter() - began
    if options.json:
        named = [{"family": one.family, "passed": one.passed, "cases": one.cases} for one in verdicts]
        show_json(
            {"lots": lots, "seed": options.seed, "verdicts": named, "quantities": rows_of(columns(found))}
        )
    else:
        _print(found, verdicts, lots, seconds, options)
    if options.out is not None:
        about = manifest(
            command_line(), "", kind="verify", seed=options.seed, lots=lots, seconds=round(seconds, 1), jobs=options.jobs
        )  # fmt: skip
        with new_folder(options.out, options.force) as folder:
            write_csv(folder / "verification.csv", columns(found))
            write_manifest(folder, about)
    if options.page is not None:
        text = page(found, verdicts, lots, options.seed, _again(options, options.page))
        write_whole(options.page, text.encode())
    if not all(v.passed for v in verdicts):
        raise typer.Exit(RED)


def _check(options: Options) -> None:
    """Refuse options that cannot be, and places that cannot be written or are not ours."""
    from sim.experiments.storage.folders import FolderError, check_target, check_writable
    from sim.verification.page import ours
    from sim.verification.words import w

    check_jobs(options.jobs)
    if options.seed < 0:
        fail(said("option.seed", value=options.seed))
    if options.out is not None:
        with refusing(FolderError):
            check_target(options.out, options.force)
    if options.page is not None:
        if not os.path.isdir(options.page.absolute().parent):
            fail(w("no_folder", options.lang, path=options.page.parent))
        with refusing(FolderError):
            check_writable(options.page)
        if not options.force and not ours(options.page):
            fail(w("foreign", options.lang, path=options.page))


def _again(options: Options, page_file: Path) -> str:
    """The command that makes the page, as it stands on the page."""
    command = "sim verify" + (" --full" if options.full else "")
    command += f" --family {options.family}" if options.family else ""
    return (
        command + (f" --seed {options.seed}" if options.seed != 1 else "") + f" --markdown {page_file.name}"
    )


def _families(names: str | None) -> tuple[str, ...]:
    from sim.verification.listed_cases import FAMILIES

    if names is None:
        return FAMILIES
    wanted = tuple(dict.fromkeys(name.strip() for name in names.split(",")))
    unknown = [name for name in wanted if name not in FAMILIES]
    if unknown:
        fail(said("option.family", value=",".join(unknown), names=said("join").join(FAMILIES)))
    return wanted


def _found(families: tuple[str, ...], lots: int, options: Options) -> Found:
    """Every case with its evidence, a bar on the screen meanwhile."""
    from sim.experiments.execution.executors import ExecutorError
    from sim.experiments.execution.worker_pool import pool
    from sim.verification.cases import cases
    from sim.verification.run import scenario_of, tasks_of
    from sim.verification.run import verify as verified
    from sim.verification.words import w

    todo = cases(families, options.seed)
    if options.engine == "compiled":
        ready([scenario_of(case, lots) for case in todo], 1)
    jobs = options.jobs or os.cpu_count() or 1
    total = sum(len(tasks_of(case, lots)) for case in todo)
    words = w("running", options.lang)
    try:
        with ProgressBar() as bar, pool(jobs) as workers:
            bar.show(words, 0, total)
            found = list(verified(todo, lots, workers, 2 * jobs, lambda done: bar.show(words, done, total)))
    except ExecutorError as error:
        trouble(lost(error, options.lang))
    say_deaths(workers.deaths if workers else 0, options.lang)
    return found


def _print(found: Found, verdicts: list[Verdict], lots: int, seconds: float, options: Options) -> None:
    from sim.verification.tables import HEAD, SUMMARY, reasons, rows_of, summary_rows, table
    from sim.verification.words import w

    lang = options.lang
    console = tables(WIDTH if "COLUMNS" not in os.environ else None)
    for v in [] if options.brief else verdicts:
        title = f"({v.family}) {w(f'family.{v.family}', lang)}"
        console.print(table(title, HEAD, rows_of(found, v.family, lang), lang))
    console.print(table(w("verdict", lang), SUMMARY, summary_rows(verdicts, lang), lang))
    for line in reasons(verdicts, lang):
        console.print(line, style="red", markup=False)
    if not options.brief:
        console.print(w("rare", lang), markup=False)
    console.print(
        w(
            "all", lang, cases=len(found), lots=f"{lots:,}", seed=options.seed, z=sum(v.quantities for v in verdicts),
            bad=sum(not v.passed for v in verdicts),
        ), markup=False,
    )  # fmt: skip
    console.print(w("took", lang, seconds=f"{seconds:.0f}"), markup=False)
    console.print(w("error_rate", lang), markup=False)
