"""Parameters varied over a design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sim.api.arguments import ArgumentChecks, language, one_of
from sim.api.display import SHOWN, card, categories, counted
from sim.api.progress import showing
from sim.api.scenarios import Scenario, Source, check_current, taken, varied
from sim.api.shared import Values, axes_texts, draws_file, executor_for, folder_for
from sim.api.wording import in_python
from sim.experiments.execution.executors import Executor
from sim.experiments.over_draws import Over, over
from sim.experiments.preconditions import not_measured, out_of_bounds
from sim.experiments.storage.folders import called
from sim.experiments.sweep.axes import Ground
from sim.experiments.sweep.design import Plan, design
from sim.experiments.sweep.results import (
    Runs,
    held,
    layout_of,
    points_a_block,
    summary_head,
    summary_lines,
    table_of,
    write_results,
)
from sim.experiments.sweep.run_store import RunStore, RunStoreError
from sim.experiments.sweep.scheduler import Progress
from sim.experiments.sweep.sweep import LARGEST, new_sweep, open_sweep, run_missing
from sim.locale.language import said
from sim.model.engine import using

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MOST = 1_000_000  # replications
PIECES = 32  # of the runs that stay in memory, for each worker: by so many progress moves


@dataclass(frozen=True, eq=False, repr=False)
class SweepResult:
    """A scenario at the points of a design; made by ``sim.sweep``.

    Attributes
    ----------
    scenario : Scenario
    parameters : tuple of str
        What was varied.
    points, replications : int
    out : path or None
        The folder that was written; ``sim sweep`` goes on with it.
    """

    scenario: Scenario
    parameters: tuple[str, ...]
    points: int
    replications: int
    out: Path | None
    found: Runs = field(repr=False)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """All runs: a row for each point, replication, window and basis; ``error`` says why one failed."""
        import pyarrow as pa

        shape = layout_of(self.found)
        tables = [
            table_of(self.found, shape, block) for block in self.found.blocks(points_a_block(self.found))
        ]
        return categories(pa.concat_tables(tables).to_pandas(), shape.keys)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Means of the headline measures with 95 % intervals: a row for each point, window and measure."""
        import pandas as pd

        shape = layout_of(self.found)
        lines = [
            line
            for block in self.found.blocks(points_a_block(self.found))
            for line in summary_lines(self.found, shape, block)
        ]
        frame = pd.DataFrame(lines, columns=summary_head(self.found, shape))
        return categories(frame, [*shape.keys, "measure"])

    def to_frame(self) -> pd.DataFrame:
        """The same as ``summary``."""
        return self.summary

    def plot(
        self, measures: str | Sequence[str] = (), *, window: str = "all", lang: str | None = None
    ) -> Figure:
        """Measures over what was varied, as ``sim sweep`` draws it: lines, a heat map, or clouds.

        Parameters
        ----------
        measures : str or sequence of str
            By default the headline ones.
        window : str
            ``all``: the whole period.
        lang : str, optional
            ``en`` or ``zh``; by default what the variable SIM_LANG says, else the locale.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ArgumentError
            If there is no such measure or window; it says which there are.
        """
        from sim.reporting.sweep_pictures import sweep_picture

        shape = layout_of(self.found)
        checks = ArgumentChecks()
        named = checks.texts("measures", measures)
        checks.end()
        for measure in named:
            one_of("measures", measure, shape.measures)
        one_of("window", window, dict.fromkeys(group[0] for group in shape.groups))
        return sweep_picture(self.found, language(lang), window, named)

    def __repr__(self) -> str:
        over = ", ".join(self.parameters)
        return f"<SweepResult of {self.scenario.name} over {over}: {counted(self.points, 'point')} x {self.replications:,}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        from sim.reporting.sweep_rows import sweep_cells
        from sim.reporting.text_explore import e

        lang = language(None)
        heads, rows = sweep_cells(self.found, lang, SHOWN)
        size = e(
            "sensitivity.made",
            lang,
            points=f"{self.points:,}",
            runs=f"{self.found.points * self.replications:,}",
        )
        frame = pd.DataFrame(rows, columns=heads)
        return card(self.scenario.titled(lang), [size], frame, index=False, of=self.points)


@in_python
def sweep(
    scenario: Source,
    vary: Values,
    *,
    design: str = "grid",
    samples: int | None = None,
    replications: int | None = None,
    measures: str | Sequence[str] = (),
    draws: str | Path | pd.DataFrame | bool | None = None,
    jobs: int = 1,
    engine: str = "auto",
    out: str | Path | None = None,
    progress: bool | None = None,
) -> SweepResult:
    """Run a scenario at the points of a design, every point on the same random draws.

    Parameters
    ----------
    scenario : Scenario, or what ``load_scenario`` takes
    vary : mapping
        Key of a parameter to its values: a list; ``(low, high)``, from which a design other than a grid draws;
        ``(start, stop, step)``; or a text as ``sim sweep --vary`` takes it. What ``replace`` has set of it gives way.
    design : {"grid", "lhs", "sobol", "halton"}
    samples : int, optional
        Points of a design that is no grid.
    replications : int, optional
        Of each point; by default as the scenario says.
    measures : str or sequence of str
        Measures to keep; by default all.
    draws : optional
        Run each replication under a draw of the parameters: a file, a table, ``"scenario"`` or ``True``: those that it names;
        by default, and with ``False``, none.
    jobs : int, default 1
        Processes; 0 for as many as there are processors. Results do not depend on it.
    engine : {"auto", "simpy", "compiled"}
        How the model is run; results do not depend on it.
    out : str or path, optional
        The sweep's folder, as ``sim sweep`` makes it. What is in it already of the same sweep is not run again. Without one
        everything stays in memory.
    progress : bool, optional
        Whether to show it; by default in notebooks only.

    Returns
    -------
    SweepResult

    Raises
    ------
    ScenarioError
        With everything that is wrong with what was given.
    FolderError
        If ``out`` cannot be written.
    RunStoreError
        If ``out`` holds something else, or the same sweep with another number of replications.
    ExecutorError
        If worker processes cannot be started, or die again and again.

    Examples
    --------
    >>> import sim
    >>> village = sim.load_scenario({"courts.number": 1, "arrivals.volume": 0.05})
    >>> cuts = sim.sweep(village, {"rounds.second.cut": [0.0, 0.2]}, replications=2, measures=["lots_sold"])
    >>> cuts
    <SweepResult of base over rounds.second.cut: 2 points x 2>
    >>> cuts.summary.query("window == 'all'")["rounds.second.cut"].tolist()
    [0.0, 0.2]
    """
    scenario, checks = taken("scenario", scenario), ArgumentChecks()
    vary, named = checks.mapping("vary", vary), checks.texts("measures", measures)
    scenario, size = varied(scenario, vary), checks.whole("samples", samples, None)
    design = checks.text("design", design, "grid" if size is None else "lhs")
    number, count, under, plan, folder = checks.jobs(jobs), 0, None, None, checks.path("out", out)
    with ExitStack() as stack:
        with checks.check():
            count, under = ground(scenario, draws, replications, named, checks, stack)
        with checks.check():
            texts = axes_texts(vary, "--vary")
            on = Ground(scenario.name, scenario.changes, scenario.loaded, under.claims if under else ())
            plan = _design(texts, design, size, on)
        runs = count * (plan.points if plan else 0)
        stack.enter_context(using(checks.engine(engine, [scenario.loaded.scenario], runs)))
        checks.end()
        assert plan is not None
        assert under is not None
        code = f"sim.sweep({scenario.code()}, {dict(vary)!r}, design={design!r}, samples={size!r})"
        found = swept(scenario, under, plan, count, named, number, folder, progress, code)
    paths = tuple(axis.path for axis in plan.axes)
    return SweepResult(scenario, paths, found.points, found.replications, folder, found)


_design: Callable[..., Plan] = design  # the parameter of ``sweep`` bears its name


def ground(
    scenario: Scenario,
    draws: str | Path | pd.DataFrame | bool | None,
    replications: int | None,
    measures: Sequence[str],
    checks: ArgumentChecks,
    stack: ExitStack,
) -> tuple[int, Over]:
    """Number of replications, and the draws under which they are run; what is wrong with either is noted."""
    check_current(scenario)
    checks.defects += not_measured(scenario.loaded, measures)
    count = checks.whole("replications", replications, scenario.loaded.scenario.run.replications)
    checks.defects += out_of_bounds("--replications", count, MOST)
    of, named = scenario.loaded, (scenario.name, scenario.changes)
    under = over(of, None, *named)
    with checks.check():
        under = over(of, draws_file(draws, checks, stack), *named)
        under.laid(count)
    return count, under


def swept(
    scenario: Scenario, under: Over, plan: Plan, count: int, measures: Sequence[str], jobs: int,
    out: str | Path | None, progress: bool | None, code: str,
) -> Runs:  # fmt: skip
    """Run a design; in memory, or with ``out`` in its folder, tables and pictures beside it."""
    with folder_for(out) as folder, executor_for(jobs) as on:
        with called(["python", "-c", f"import sim; {code}"]):
            store = made(folder, scenario, under, plan, count, measures, on, out is None)
        run_through(store, on, progress)
        if out is None:
            return held(store)
        write_results(store)
        from sim.reporting.sweep_pictures import draw_sweep

        draw_sweep(store, language(None))
        return store


def made(
    folder: Path, scenario: Scenario, under: Over, plan: Plan, count: int, measures: Sequence[str], on: Executor,
    passing: bool,
) -> RunStore:  # fmt: skip
    """The sweep on disk, new or continued. ``passing``: its folder is temporary, so pieces are as small as progress wants."""
    workers = max(on.slots // 2, 1)
    chunk = max(1, min(LARGEST, plan.points * count // (PIECES * workers))) if passing else None
    new_sweep(
        folder, scenario.loaded, under.given, plan, count, list(measures), on, chunk, draws=under.laid(count)
    )
    store = open_sweep(folder, False, lambda changed: None, scenario.loaded.scenario.extensions)
    if store.replications != count:
        raise RunStoreError(said("call.held", folder=folder, n=store.replications, count=count))
    return store


def run_through(store: RunStore, on: Executor, progress: bool | None) -> None:
    """Run what is missing."""
    with showing("sweep.runs", progress) as shown:

        def tick(at: Progress) -> None:
            shown(at.done, at.runs)

        run_missing(store, on, tick=tick)
