"""``sim sweep`` and its verbs: make or go on with a sweep, look at it, ask for more, join its results."""

from __future__ import annotations

from pathlib import Path

import typer

from sim.cli.checks import Checks, check_measures, check_running, load_or_fail, note_unlawful
from sim.cli.draws import over
from sim.cli.engine import engine, finished, go, kept, opened, overruled, trouble, usable
from sim.cli.options import fail
from sim.experiments.execution.executors import Engine
from sim.experiments.sweep.axes import Ground
from sim.experiments.sweep.design import Design, design
from sim.experiments.sweep.results import CELLS, write_results
from sim.experiments.sweep.run_store import FAILED, Ledger, LedgerError
from sim.experiments.sweep.sweep import new_sweep, open_sweep, run_failed, run_missing
from sim.locale.numbers import counted
from sim.reporting.text_explore import e
from sim.scenario import Loaded, ScenarioError

MOST_CELLS = 10 * CELLS  # numbers up to which results are joined without being asked
REASONS = 5  # kinds of failure that status tells


def new_command(
    scenario: str,
    vary: list[str],
    method: str,
    samples: int | None,
    replications: int | None,
    measures: list[str],
    overrides: list[str],
    draws: str | None,
    out: Path | None,
    jobs: int,
    dask: str | None,
    part: str | None,
    chunk: int | None,
    fail_fast: bool,
    pictures: bool,
    force: bool,
    lang: str,
) -> None:
    """Make the sweep, or open it if it is there; run what is missing."""
    checks = Checks()
    mine = check_running(checks, jobs, chunk, replications, part)
    with checks:
        loaded = load_or_fail(scenario, overrides)
        with checks:
            check_measures(loaded, measures)
        count = loaded.scenario.run.replications if replications is None else replications
        under = over(loaded, draws, scenario, overrides)
        with checks:
            laid = under.laid(count)
        try:
            plan = design(vary, method, samples, Ground(scenario, overrides, loaded, under.claims))
        except ScenarioError as error:
            fail(error)
    checks.end()
    folder = out or Path("out") / f"sweep-{Path(str(loaded.path)).stem}"
    note_unlawful(loaded, lang)
    under.note(loaded, count, lang)
    on = engine(jobs, dask)
    try:
        with usable(folder):
            ledger = _made(
                folder,
                loaded,
                under.given,
                plan,
                count,
                measures,
                on,
                chunk,
                mine,
                laid,
                lang,
            )
            ledger = open_sweep(folder, force, lambda what: overruled(what, lang))
    except typer.Exit:
        on.close(now=True)
        raise
    _run(ledger, on, mine, fail_fast, pictures, lang)


def _made(
    folder: Path, loaded: Loaded, given: dict[str, object], plan: Design, count: int, measures: list[str],
    on: Engine, chunk: int | None, mine: tuple[int, int] | None, draws: list[str], lang: str,
) -> Ledger:  # fmt: skip
    there = folder.is_dir() and any(folder.iterdir())
    parts = mine[1] if mine else 1
    ledger = new_sweep(folder, loaded, given, plan, count, measures, on, chunk, parts, draws=draws)
    if there and ledger.replications != count:
        hint = f"; for more: sim sweep expand {folder} --replications +{count - ledger.replications}"
        fail(
            f"{folder} holds this sweep with {counted(ledger.replications, 'replication', 'replications')} of each point, not {count}"
            + (hint if count > ledger.replications else "")
        )
    if there:
        typer.echo(e("sweep.opened", lang, folder=str(folder)), err=True)
    chunks = sum(ledger.chunks_of(batch) for batch in ledger.batches)
    typer.echo(
        e(
            "sweep.made", lang, points=f"{ledger.points:,}", replications=f"{ledger.replications:,}",
            runs=f"{ledger.runs:,}", chunks=f"{chunks:,}", size=f"{ledger.batches[0].chunk:,}",
        )
    )  # fmt: skip
    return ledger


def _run(
    ledger: Ledger, on: Engine, part: tuple[int, int] | None, fail_fast: bool, pictures: bool, lang: str
) -> None:
    """Run what is missing; at the end tables, pictures, and how many failed."""
    with kept(ledger.folder, f"sim sweep resume {ledger.folder}", lang):
        go(ledger, on, lang, lambda tick: run_missing(ledger, on, part, fail_fast, tick))
        on.close()
        _finish(ledger, pictures, lang)


def _finish(ledger: Ledger, pictures: bool, lang: str) -> None:
    with usable(ledger.folder):
        state = ledger.state()
    if state.missing:  # of other parts
        typer.echo(e("sweep.part", lang, missing=f"{state.missing:,}", folder=str(ledger.folder)))
        return
    typer.echo(e("sweep.done", lang, runs=f"{ledger.runs:,}", folder=str(ledger.folder)))
    if ledger.runs * len(ledger.columns) <= MOST_CELLS:
        _join(ledger, pictures, lang)
    else:
        typer.echo(e("sweep.large", lang, folder=str(ledger.folder)))
    if state.failed_runs:
        trouble(e("sweep.failed", lang, n=f"{state.failed_runs:,}", folder=str(ledger.folder)))


def _join(ledger: Ledger, pictures: bool, lang: str) -> None:
    try:
        with kept(ledger.folder, f"sim sweep compact {ledger.folder}", lang):
            for path in write_results(ledger):
                typer.echo(str(path))
            if pictures:
                from sim.reporting.sweep_pictures import draw_sweep

                for path in draw_sweep(ledger, lang):
                    if path.suffix == ".png":
                        typer.echo(str(path))
    except LedgerError as error:
        trouble(error)
    except OSError as error:
        trouble(f"{ledger.folder} could not be written: {error.strerror or error}; all runs are kept")


def status_command(folder: Path, lang: str) -> None:
    """What is done, what failed and why, what is missing."""
    with usable(folder):
        ledger = Ledger(folder)
        state = ledger.state()
        typer.echo(
            e(
                "sweep.status", lang, folder=str(folder), points=f"{ledger.points:,}", replications=f"{ledger.replications:,}",
                done=f"{finished(ledger):,}", runs=f"{ledger.runs:,}", failed=f"{state.failed_runs:,}",
                missing=f"{state.missing:,}", damaged=f"{state.damaged:,}",
            )
        )  # fmt: skip
        for what, (n, where) in _reasons(ledger).items():
            typer.echo("  " + e("sweep.reason", lang, n=f"{n:,}", what=what, where=where))


def _reasons(ledger: Ledger) -> dict[str, tuple[int, str]]:
    """Last line of the tracebacks -> how many, and the values of the first run that has it."""
    found: dict[str, tuple[int, str]] = {}
    for chunk in ledger.failures(ledger.state()):
        number, index = (int(part) for part in chunk.name.split("-")[:2])
        rows = ledger.read_chunk(number, index)
        for run in chunk.only:
            lines = [line for line in (rows.errors[run - chunk.start] or "").strip().splitlines() if line]
            what = lines[-1] if lines else "?"
            point, replication = chunk.place(run)
            values = ", ".join(f"{path}={value}" for path, value in chunk.values(point).items())
            n, where = found.get(what, (0, f"{values}, replication {replication}"))
            found[what] = n + 1, where
    return dict(sorted(found.items(), key=lambda item: -item[1][0])[:REASONS])


def resume_command(
    folder: Path,
    jobs: int,
    dask: str | None,
    part: str | None,
    fail_fast: bool,
    pictures: bool,
    force: bool,
    lang: str,
) -> None:
    """Run what is missing."""
    checks = Checks()
    mine = check_running(checks, jobs, part=part)
    with checks:
        ledger = opened(folder, force, lang)
    checks.end()
    with usable(folder):
        missing = ledger.state(thorough=mine is None).missing
    if not missing and mine is None:
        typer.echo(e("sweep.nothing", lang))
        _finish(ledger, pictures, lang)
        return
    _run(ledger, engine(jobs, dask), mine, fail_fast, pictures, lang)


def retry_command(
    folder: Path, jobs: int, dask: str | None, fail_fast: bool, pictures: bool, force: bool, lang: str
) -> None:
    """Run failed runs again."""
    ledger = opened(folder, force, lang)
    with usable(folder):
        state = ledger.state()
    if not any(FAILED in chunks for chunks in state.chunks):
        typer.echo(e("sweep.no_failures", lang))
        return
    on = engine(jobs, dask)
    with kept(folder, f"sim sweep resume {folder}", lang):
        go(ledger, on, lang, lambda tick: run_failed(ledger, on, fail_fast, tick))
        on.close()
        _finish(ledger, pictures, lang)


def expand_command(
    folder: Path,
    more: str,
    jobs: int,
    dask: str | None,
    fail_fast: bool,
    pictures: bool,
    force: bool,
    lang: str,
) -> None:
    """More replications of every point."""
    number = more.removeprefix("+")
    checks = Checks()
    check_running(checks, jobs)
    with checks:
        if not more.startswith("+") or not number.isdecimal() or not 1 <= int(number) <= 1_000_000:
            fail(f"--replications {more}: must be + and how many more, for instance +20")
    with checks:
        ledger = opened(folder, force, lang)
        drawn = len(ledger.sweep["work"]["arguments"].get("draws", []))
        if drawn and number.isdecimal() and int(number) % drawn:
            fail(
                f"--replications {more}: the sweep is over {drawn} draws, which must count alike: +{drawn}, +{2 * drawn}, ..."
            )
    checks.end()
    on = engine(jobs, dask)  # before the sweep is told that there will be more
    with usable(folder):
        ledger.expand(int(number))
    _run(ledger, on, None, fail_fast, pictures, lang)


def compact_command(folder: Path, pictures: bool, lang: str) -> None:
    """Join the chunks into one table."""
    with usable(folder):
        ledger = Ledger(folder)
        missing = ledger.state().missing
    if missing:
        fail(
            f"{folder}: {counted(missing, 'chunk is', 'chunks are')} missing; run them first: sim sweep resume {folder}"
        )
    _join(ledger, pictures, lang)
