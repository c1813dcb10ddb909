"""``sim compare``: what policies change, in words, a table and pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.shared.checks import check_jobs, refuse
from sim.cli.shared.ending import Checks, fail, refusing, trouble
from sim.cli.shared.engine import ready
from sim.cli.shared.executor import executor_for, lost, say_deaths
from sim.cli.shared.listing import Json, show_json
from sim.cli.shared.options import (
    CountOrAuto,
    DaskAt,
    DrawsFile,
    Force,
    Full,
    Heads,
    Jobs,
    Lang,
    LawOf,
    ModelEngine,
    Out,
    Overrides,
    Pictures,
    Scenario,
    Seed,
    Xlsx,
    as_count,
    as_day,
    command,
    declared,
    with_seed,
)  # fmt: skip
from sim.cli.shared.progress import ProgressBar, clock, tables
from sim.cli.shared.signals import stopping
from sim.locale.foreign import reason, translated
from sim.locale.language import said
from sim.reporting.pace import Pace
from sim.reporting.progress_bar import notes

if TYPE_CHECKING:
    from datetime import date

    from sim.experiments.checkpoint import Checkpoint
    from sim.experiments.compare import Comparison
    from sim.experiments.draws import Draws
    from sim.experiments.execution.executors import Submits
    from sim.experiments.policies import Family
    from sim.scenario import Loaded

WIDTH = 120  # columns where there is no terminal to ask


@declared
class Options:
    base: Scenario
    policies: Annotated[list[str], typer.Argument()]
    replications: CountOrAuto = None
    against: Annotated[str | None, typer.Option()] = None
    draws: DrawsFile = None
    most: Annotated[int | None, typer.Option("--max-draws")] = None
    point: Annotated[bool, typer.Option("--point")] = False
    controls: Annotated[bool, typer.Option("--controls")] = False
    date: LawOf = None
    seed: Seed = None
    jobs: Jobs = 0
    engine: ModelEngine = "auto"
    dask: DaskAt = None
    out: Out = None
    overrides: Overrides = None
    pictures: Pictures = True
    xlsx: Xlsx = False
    heads: Heads = None
    force: Force = False
    full: Full = False
    json: Json = False
    lang: Lang

    @property
    def target(self) -> Path:
        return self.out or Path("out") / f"compare-{Path(self.base).stem}"

    @property
    def values(self) -> list[str]:
        """What is set for the base and every policy."""
        return with_seed(self.overrides, self.seed)


@command
def compare(options: Options) -> None:
    """Compare, print, leave the folder; bad input ends with exit code 2 before anything runs."""
    from sim.experiments import compare as experiment
    from sim.experiments.checkpoint import Checkpoint
    from sim.experiments.compare import write_comparison
    from sim.experiments.execution.memory import TooLargeError
    from sim.experiments.over_draws import EACH
    from sim.experiments.run import AUTO
    from sim.experiments.storage.folders import FolderError
    from sim.measures.summary import NothingSharedError
    from sim.reporting.headed_copies import leave_copies
    from sim.reporting.text_explore import e

    target, lang, force = options.target, options.lang, options.force
    given = as_count(options.replications)
    law_of = as_day(options.date)
    tried, draws, loaded = _checked(options, given)
    count = (EACH if draws else AUTO) if given is None else given
    runs = len(loaded) * (len(draws.overlays) if draws else 1) * (count or 10)
    jobs = min(options.jobs or os.cpu_count() or 1, runs)
    _warn(tried, loaded, draws, lang)
    _note_law(tried, loaded, law_of, lang)
    ready([one.scenario for one in loaded], runs)
    kept = _Kept()

    def keep(plain: list[Loaded], under: list[list[Loaded]]) -> Checkpoint:
        kept.runs = checkpoint = Checkpoint(
            target, tried.names, plain, under, force, controls=options.controls
        )
        if checkpoint.number:
            number, folder = f"{checkpoint.number:,}", str(checkpoint.folder)
            notes().print(e("compare.opened", lang, n=number, folder=folder))
        return checkpoint

    def also(folder: Path, one: Comparison) -> None:
        if options.pictures:
            from sim.reporting.pictures import comparison_pictures, draw

            draw(folder, comparison_pictures(one, lang))
        if options.xlsx:
            from sim.reporting.workbooks.compare import compare_workbook

            compare_workbook(folder, one, draws, lang)
        leave_copies(folder, options.heads)

    with stopping(lambda why: kept.message(why, lang)), _stays(kept, target, lang):
        with (
            refusing(FolderError, TooLargeError, NothingSharedError),
            _workers(jobs, options.dask, lang) as (workers, ahead),
            _shown(draws, count, lang) as tick,
        ):
            result = experiment.compare(
                tried, draws, count, workers, ahead, tick, keep, controls=options.controls
            )
        with refusing(FolderError):
            write_comparison(target, result, draws, force, also, law_of=law_of)
        if kept.runs:
            kept.runs.remove()
    _say(result, draws, options)


def _checked(options: Options, count: int | None) -> tuple[Family, Draws | None, list[Loaded]]:
    """What is compared, under which draws, and the scenarios under none; everything that is wrong is said at once."""
    from sim.experiments.checkpoint import clear_finished
    from sim.experiments.policies import family
    from sim.experiments.storage.folders import FolderError, check_target
    from sim.scenario import ScenarioError

    checks, draws = Checks(), None
    with checks:
        check_jobs(options.jobs)
    with checks:
        draws = _draws(options, count, checks)
    with checks, refusing(ScenarioError):
        tried = family(options.base, options.policies, options.values, options.against)
        loaded = tried.under()
        for overlay in draws.overlays if draws else ():
            tried.under(overlay)
    clear_finished(options.target)
    with checks, refusing(FolderError):
        check_target(options.target, options.force)
    checks.end()
    return tried, draws, loaded


def _draws(options: Options, count: int | None, checks: Checks) -> Draws | None:
    """The draws to compare under; None for the base's own values."""
    from sim.experiments.over_draws import SCENARIO, USUAL, drawn, misdrawn
    from sim.scenario import ScenarioError, load

    base, file = None, options.draws
    if file in (None, SCENARIO):
        with suppress(ScenarioError):  # which is said with what is wrong with the policies
            base = load(options.base, options.values)
    if file is None and base and base.draws and not options.point:
        file = SCENARIO
    with checks:
        if options.point and options.draws is not None:
            fail(said("option.point"))
    with checks:
        refuse(misdrawn(file, options.most, count))
    if file is None or (file == SCENARIO and base is None):
        return None
    with refusing(ScenarioError):
        return drawn(base, file, options.values).thinned(options.most or USUAL)


@dataclass
class _Kept:
    """Where the runs of a comparison are until it is written."""

    runs: Checkpoint | None = None

    def message(self, why: str, lang: str) -> str:
        """What is said when it stops: how much is kept, and how to go on."""
        from sim.reporting.text_explore import e

        if self.runs is None or not self.runs.number:
            return e("compare.ended", lang, why=why)
        folder = str(self.runs.folder)
        return e("compare.stopped", lang, why=why, n=f"{self.runs.number:,}", folder=folder)


@contextmanager
def _stays(kept: _Kept, target: Path, lang: str) -> Iterator[None]:
    """Whatever stops a comparison, the runs that are finished stay, and how to go on is said."""
    from concurrent.futures import CancelledError

    from sim.experiments.execution.executors import ExecutorError
    from sim.experiments.sweep.chunks import OtherCodeError

    try:
        yield
    except BaseException as error:
        if kept.runs and not kept.runs.number:
            kept.runs.remove()
        why = ""
        if isinstance(error, ExecutorError):
            why = lost(error, lang)
        elif isinstance(error, CancelledError):
            why = said("executor.gone")
        elif isinstance(error, OtherCodeError):
            why = translated(error)
        elif isinstance(error, OSError):
            why = said("out.unwritten", name=error.filename or target, why=reason(error))
        if not why:
            raise
        trouble(kept.message(why, lang))


@contextmanager
def _workers(jobs: int, dask: str | None, lang: str) -> Iterator[tuple[Submits | None, int]]:
    """Who runs, nobody but this process for a single job, and how many runs to keep under way."""
    from sim.experiments.execution.executors import ExecutorError

    if dask is None and jobs <= 1:
        yield None, 2
        return
    on = executor_for(jobs, dask)
    well = False
    try:
        yield on, on.slots
        well = True
    except Exception as error:
        if on.died(error) and not isinstance(error, ExecutorError):
            raise ExecutorError(str(error)) from error
        raise
    finally:
        on.close(now=not well)
    say_deaths(on.deaths, lang)


@contextmanager
def _shown(draws: Draws | None, count: int, lang: str) -> Iterator[Callable[[int], None]]:
    """Progress: a bar on a terminal, a line every 30 s elsewhere."""
    from sim.experiments.run import AUTO
    from sim.reporting.text_explore import e

    total = count * (len(draws.overlays) if draws else 1) if count != AUTO else None
    pace = Pace()
    with ProgressBar() as bar:

        def tick(done: int) -> None:
            def line() -> str:
                left = pace.left()
                key = (
                    "compare.progress.auto"
                    if not total
                    else "compare.progress.first"
                    if isnan(left)
                    else "compare.progress"
                )
                return e(key, lang, done=f"{done:,}", total=f"{total or 0:,}", left=clock(left))

            pace.tick(done, total or 0)
            bar.show(e("compare.pairs", lang), done, total, line=line)

        tick(0)
        yield tick


def _warn(tried: Family, loaded: list[Loaded], draws: Draws | None, lang: str) -> None:
    """Say what a reader of the comparison has to know of its policies."""
    from sim.reporting.text_explore import e
    from sim.scenario.keys import displaces, write_key

    console = notes()
    if draws:
        used = f"{len(draws.overlays):,}"
        console.print(e("draws.used", lang, n=used, total=f"{draws.total:,}", file=str(draws.path)))
    keys = [claim.key for claim in draws.varied] if draws else []
    for policy in tried.tried:
        mine = [claim.key for claim in policy.gives()]
        both = [write_key(key) for key in keys if any(displaces(own, key) for own in mine)]
        if both:
            note = e("note.drawn", lang, policy=policy.name, keys=", ".join(both))
            console.print(note, style="yellow")
        if policy.written_for:
            written, base = policy.written_for.stem, tried.base.stem
            note = e("note.stranger", lang, policy=policy.name, written=written, base=base)
            console.print(note, style="yellow")


def _note_law(tried: Family, loaded: list[Loaded], day: date | None, lang: str) -> None:
    """Say what of base and policies the law does not allow, each thing once: on a day, or on those simulated."""
    from sim.law.verdict import breaches
    from sim.reporting.law import not_checked

    console = notes()
    for line in not_checked(loaded[0].scenario, day, lang):
        console.print(line, style="yellow")
    said = set()
    for name, one in zip(tried.names, loaded, strict=True):
        for breach in breaches(one.scenario, day):
            words = breach.zh if lang == "zh" else breach.en
            if words not in said:
                console.print(f"{name}: {words}", style="yellow")
            said.add(words)


def _say(result: Comparison, draws: Draws | None, options: Options) -> None:
    """What was found, and where it is."""
    from sim.reporting.text_explore import e

    lang = options.lang
    if not result.precise:
        notes().print(e("compare.limit", lang, n=result.replications), style="yellow")
    if options.json:
        _json(result, options)
    else:
        _report(result, draws, options.full, lang)
    pairs = result.replications * max(result.draws, 1)
    words = e("compare.written", lang, folder=str(options.target), n=pairs, seconds=f"{result.seconds:.1f}")
    typer.echo(words, err=options.json)


def _json(result: Comparison, options: Options) -> None:
    """The rows of the tables under the names of differences.csv: of the whole period, with --full of every window."""
    from sim.reporting.differences import as_rows, headline_rows, on_basis, verdict, verdict_code

    rows = on_basis(as_rows(result.rows), result.basis)
    windows = [*(result.loaded[0].scenario.time.windows if options.full else ()), "all"]
    shown = [
        {**row, "verdict": verdict_code(row), "in_words": verdict(row, options.lang)}
        for name in result.names[1:]
        for window in windows
        for row in headline_rows([one for one in rows if one["policy_name"] == name], window)
    ]
    about = {"folder": options.target, "replications": result.replications, "draws": result.draws}
    show_json({**about, "base": result.names[0], "differences": shown})


def _report(result: Comparison, draws: Draws | None, full: bool, lang: str) -> None:
    """Each policy: a sentence, a table; what the columns mean at the end."""
    from sim.reporting.differences import (
        as_rows,
        basis_note,
        controls_note,
        headline_rows,
        on_basis,
        policy_table,
        sentence,
    )
    from sim.reporting.differences import notes as explanations
    from sim.reporting.pictures import policy_titles
    from sim.reporting.text_explore import e, of_base

    console = tables(WIDTH)
    narrow = console.width < (WIDTH if lang == "en" else 100)
    titles = policy_titles(result, lang)
    rows = on_basis(as_rows(result.rows), result.basis)
    base = result.loaded[0]
    for name, one in zip(result.names[1:], result.loaded[1:], strict=True):
        mine = [r for r in rows if r["policy_name"] == name]
        title = titles[result.names[0]]
        key, title = ("against.same", title) if _like(one, base) else ("against", of_base(title, lang))
        console.print(e(key, lang, policy=titles[name], base=title), style="bold", markup=False)
        console.print(sentence(headline_rows(mine), lang), markup=False)
        if full:
            windows = [*base.scenario.time.windows, "all"]
            shown = [r for w in windows for r in headline_rows(mine, w)]
            console.print(policy_table(shown, lang, True, narrow))
        else:
            console.print(policy_table(headline_rows(mine), lang, False, narrow))
        if result.controls:
            console.print(controls_note(headline_rows(mine), lang), markup=False)
        for note, names in (("note.apart", result.apart[name]), ("note.lacking", result.lacking[name])):
            if names:
                console.print(e(note, lang, policy=name, names=", ".join(names)), markup=False)
    if full:
        console.print(basis_note(result.basis, lang), markup=False)
    for line in explanations(result.replications, result.draws, draws.total if draws else 0, lang):
        console.print(line, markup=False)


def _like(one: Loaded, other: Loaded) -> bool:
    """Whether two scenarios differ in nothing but their titles."""
    titles = {"title": "", "title_zh": ""}
    return one.scenario.model_copy(update=titles) == other.scenario.model_copy(update=titles)
