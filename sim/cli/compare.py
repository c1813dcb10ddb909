"""``sim compare``: what policies change, in words, a table and pictures."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sim.cli.checks import Checks, check_jobs
from sim.cli.draws import SCENARIO, check_most, drawn
from sim.cli.ending import stopping
from sim.cli.engine import clock, engine, lines, lost, say_deaths, trouble
from sim.cli.options import fail
from sim.experiments.checkpoint import Unfinished, clear_finished
from sim.experiments.compare import Comparison, compare, write_comparison
from sim.experiments.draws import Draws
from sim.experiments.execution.executors import EngineError, Submits
from sim.experiments.execution.memory import TooLargeError
from sim.experiments.policies import Family, family
from sim.experiments.run import AUTO
from sim.experiments.storage.folders import FolderError, check_target
from sim.experiments.sweep.chunks import StrangerError
from sim.law.provisions import breaches
from sim.measures.summary import NothingSharedError
from sim.reporting.differences import as_rows, headline_rows, notes, policy_table, sentence
from sim.reporting.style import Foot
from sim.reporting.text_explore import e
from sim.scenario import Loaded, ScenarioError, load
from sim.scenario.keys import displaces, write_key

WIDTH = 120  # columns where there is no terminal to ask
DRAWS, EACH = 40, 3  # draws of the parameters, and pairs of each, unless others are asked for


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared, as the user gave it."""

    base: str
    policies: list[str]
    against: str | None
    overrides: list[str]
    draws: str | None
    most: int | None
    point: bool
    count: int | None


def compare_command(
    asked: Asked,
    jobs: int,
    dask: str | None,
    out: Path | None,
    pictures: bool,
    force: bool,
    full: bool,
    lang: str,
) -> None:
    """Compare, print, leave the folder; bad input ends with exit code 2 before anything runs."""
    target = out or Path("out") / f"compare-{Path(asked.base).stem}"
    tried, draws, loaded = _checked(asked, jobs, target, force)
    count = (EACH if draws else AUTO) if asked.count is None else asked.count
    jobs = min(jobs or os.cpu_count() or 1, len(loaded) * (len(draws.sheets) if draws else 1) * (count or 10))
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    _warn(console, tried, loaded, draws, lang)
    kept = _Kept()

    def keep(plain: list[Loaded], under: list[list[Loaded]]) -> Unfinished:
        kept.runs = runs = Unfinished(target, tried.names, plain, under, force)
        if runs.number:
            told = e("compare.opened", lang, n=f"{runs.number:,}", folder=str(runs.folder))
            console.print(told)
        return runs

    with stopping(lambda why: kept.told(why, lang)), _stays(kept, target, lang):
        try:
            with (
                _workers(jobs, dask, lang) as (workers, ahead),
                _shown(draws, count, console, lang) as tick,
            ):
                result = compare(tried, draws, count, workers, ahead, tick, keep)
        except (FolderError, TooLargeError, NothingSharedError) as error:
            fail(error)
        try:
            write_comparison(
                target,
                result,
                draws,
                force,
                lambda folder, one: _draw(folder, one, lang) if pictures else None,
            )
        except FolderError as error:
            fail(error)
        if kept.runs:
            kept.runs.remove()
    if not result.precise:
        console.print(e("compare.limit", lang, n=result.replications), style="yellow")
    _tell(result, draws, full, lang)
    pairs = result.replications * max(result.draws, 1)
    typer.echo(e("compare.written", lang, folder=str(target), n=pairs, seconds=f"{result.seconds:.1f}"))


def _checked(asked: Asked, jobs: int, target: Path, force: bool) -> tuple[Family, Draws | None, list[Loaded]]:
    """What is compared, under which draws, and the scenarios under none; everything that is wrong is said at once."""
    checks, draws = Checks(), None
    with checks:
        check_jobs(jobs)
    with checks:
        draws = _draws(asked, checks)
    with checks:
        try:
            tried = family(asked.base, asked.policies, asked.overrides, asked.against)
            loaded = tried.under()
            for sheet in draws.sheets if draws else ():
                tried.under(sheet)
        except ScenarioError as error:
            fail(error)
    clear_finished(target)
    with checks:
        try:
            check_target(target, force)
        except FolderError as error:
            fail(error)
    checks.end()
    return tried, draws, loaded


def _draws(asked: Asked, checks: Checks) -> Draws | None:
    """The draws to compare under; None for the base's own values."""
    base, file = None, asked.draws
    if file in (None, SCENARIO):
        with suppress(ScenarioError):  # which is said with what is wrong with the policies
            base = load(asked.base, asked.overrides)
    if file is None and base and base.draws and not asked.point:
        file = SCENARIO
    with checks:
        if asked.point and asked.draws is not None:
            fail("--point: compares without draws, and --draws names some; leave out one of the two")
    with checks:
        check_most(asked.most, file)
    with checks:
        if file is not None and asked.count == 1:
            fail(
                "--replications 1: under draws at least 2 are needed, or parameters and Monte Carlo error cannot be separated"
            )
    if file is None or (file == SCENARIO and base is None):
        return None
    return drawn(base, file, asked.overrides).thinned(asked.most or DRAWS)


@dataclass
class _Kept:
    """Where the runs of a comparison are until it is written."""

    runs: Unfinished | None = None

    def told(self, why: str, lang: str) -> str:
        """What is said when it stops: how much is kept, and how to go on."""
        if self.runs is None or not self.runs.number:
            return e("compare.ended", lang, why=why)
        folder = str(self.runs.folder)
        return e("compare.stopped", lang, why=why, n=f"{self.runs.number:,}", folder=folder)


@contextmanager
def _stays(kept: _Kept, target: Path, lang: str) -> Iterator[None]:
    """Whatever stops a comparison, the runs that are finished stay, and how to go on is said."""
    try:
        yield
    except BaseException as error:
        if kept.runs and not kept.runs.number:
            kept.runs.remove()
        why = ""
        if isinstance(error, EngineError):
            why = lost(error, lang)
        elif isinstance(error, CancelledError):
            why = "the engine gave up its tasks: its scheduler may be gone"
        elif isinstance(error, StrangerError):
            why = str(error)
        elif isinstance(error, OSError):
            why = f"{error.filename or target} could not be written: {error.strerror or error}"
        if not why:
            raise
        trouble(kept.told(why, lang))


@contextmanager
def _workers(jobs: int, dask: str | None, lang: str) -> Iterator[tuple[Submits | None, int]]:
    """Who runs, nobody but this process for a single job, and how many runs to keep under way."""
    if dask is None and jobs <= 1:
        yield None, 2
        return
    on = engine(jobs, dask)
    well = False
    try:
        yield on, on.slots
        well = True
    except Exception as error:
        if on.died(error) and not isinstance(error, EngineError):
            raise EngineError(str(error)) from error
        raise
    finally:
        on.close(now=not well)
    say_deaths(on.deaths, lang)


@contextmanager
def _shown(draws: Draws | None, count: int, console: Console, lang: str) -> Iterator[Callable[[int], None]]:
    """Progress: a bar on a terminal, a line every 30 s elsewhere."""
    total = count * (len(draws.sheets) if draws else 1) if count != AUTO else None
    if not console.is_terminal:
        began = time.monotonic()

        def line(done: int) -> str:
            left = (time.monotonic() - began) / done * (total - done) if total and done else math.nan
            key = "compare.progress" if total else "compare.progress.auto"
            return e(key, lang, done=f"{done:,}", total=f"{total or 0:,}", left=clock(left))

        yield lines(console, line)
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task(e("compare.pairs", lang), total=total)
        yield lambda done: progress.update(task, completed=done)


def _warn(console: Console, tried: Family, loaded: list[Loaded], draws: Draws | None, lang: str) -> None:
    if draws:
        used = f"{len(draws.sheets):,}"
        console.print(e("draws.used", lang, n=used, total=f"{draws.total:,}", file=str(draws.path)))
    keys = [claim.key for claim in draws.varied] if draws else []
    for policy in tried.tried:
        mine = [claim.key for claim in policy.gives()]
        both = [write_key(key) for key in keys if any(displaces(own, key) for own in mine)]
        if both:
            told = e("note.drawn", lang, policy=policy.name, keys=", ".join(both))
            console.print(told, style="yellow")
        if policy.written_for:
            told = e(
                "note.stranger",
                lang,
                policy=policy.name,
                written=policy.written_for.stem,
                base=tried.base.stem,
            )
            console.print(told, style="yellow")
    said = set()
    for name, one in zip(tried.names, loaded, strict=True):
        for breach in breaches(one.scenario):
            words = breach.zh if lang == "zh" else breach.en
            if words not in said:
                console.print(f"{name}: {words}", style="yellow")
            said.add(words)


def _titles(result: Comparison, lang: str) -> dict[str, str]:
    """What people call the base and each policy; the file's name where it brings no title of its own."""
    scenarios = [one.scenario for one in result.loaded]
    titles = [s.title_zh if lang == "zh" else s.title for s in scenarios]
    return {
        name: title if i == 0 or title != titles[0] else name
        for i, (name, title) in enumerate(zip(result.names, titles, strict=True))
    }


def _draw(folder: Path, result: Comparison, lang: str) -> None:
    from sim.reporting.figures.flow import lot_flow
    from sim.reporting.figures.forest import forest
    from sim.reporting.figures.tradeoff import tradeoff
    from sim.reporting.save import save

    scenario = result.loaded[0].scenario
    foot = Foot(scenario.title, scenario.title_zh, scenario.run.seed, result.replications)
    titles = _titles(result, lang)
    base = titles.pop(result.names[0])
    rows = as_rows(result.rows)
    pictures = folder / "pictures"
    save(forest(rows, titles, base, lang, foot, result.replications, result.draws), pictures / "differences")
    save(tradeoff(rows, titles, base, lang, foot), pictures / "tradeoff")
    for name, one, flow in zip(result.names, result.loaded, result.flows, strict=True):
        of = one.scenario
        mine = Foot(of.title, of.title_zh, of.run.seed, result.replications)
        save(lot_flow(flow, lang, mine), pictures / f"where_lots_end-{name}")


def _tell(result: Comparison, draws: Draws | None, full: bool, lang: str) -> None:
    """Each policy: a sentence, a table; what the columns mean at the end."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    narrow = console.width < (WIDTH if lang == "en" else 100)
    titles = _titles(result, lang)
    rows = as_rows(result.rows)
    base = result.loaded[0]
    for name, one in zip(result.names[1:], result.loaded[1:], strict=True):
        mine = [r for r in rows if r["policy_name"] == name]
        key = "against.same" if _like(one, base) else "against"
        console.print(
            e(key, lang, policy=titles[name], base=titles[result.names[0]]), style="bold", markup=False
        )
        console.print(sentence(headline_rows(mine), lang), markup=False)
        if full:
            windows = [*base.scenario.time.windows, "all"]
            shown = [r for w in windows for r in headline_rows(mine, w)]
            console.print(policy_table(shown, lang, True, narrow))
        else:
            console.print(policy_table(headline_rows(mine), lang, False, narrow))
        for note, names in (("note.apart", result.apart[name]), ("note.lacking", result.lacking[name])):
            if names:
                console.print(e(note, lang, policy=name, names=", ".join(names)), markup=False)
    for line in notes(result.replications, result.draws, draws.total if draws else 0, lang):
        console.print(line, markup=False)


def _like(one: Loaded, other: Loaded) -> bool:
    """Whether two scenarios differ in nothing but their titles."""
    titles = {"title": "", "title_zh": ""}
    return one.scenario.model_copy(update=titles) == other.scenario.model_copy(update=titles)
