"""Which parameters move a measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sim.api.arguments import ArgumentChecks, language, one_of
from sim.api.display import card, categories, counted
from sim.api.scenarios import Scenario, Source, taken, varied
from sim.api.shared import Values, axes_texts, executor_for, folder_for
from sim.api.sweeps import ground, made, run_through
from sim.api.wording import in_python
from sim.experiments.over_draws import Over
from sim.experiments.preconditions import no_window
from sim.experiments.sensitivity import (
    MEASURES,
    TABLE,
    USUAL,
    Index,
    Method,
    check_samples,
    columns,
    indices,
    observed,
    plan,
)
from sim.experiments.storage.folders import called
from sim.experiments.storage.tables import write_csv
from sim.experiments.sweep.axes import Axis, Ground
from sim.experiments.sweep.design import Plan, stretches
from sim.experiments.sweep.results import Runs, held
from sim.experiments.sweep.run_store import RunStoreError
from sim.locale.language import said
from sim.model.engine import using
from sim.scenario import Defect

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class SensitivityResult:
    """How much each parameter moves each measure; made by ``sim.sensitivity``.

    Attributes
    ----------
    scenario : Scenario
    method : str
    parameters : tuple of str
    window : str
    points, replications : int
    out : path or None
        The folder that was written.
    """

    scenario: Scenario
    method: str
    parameters: tuple[str, ...]
    window: str
    points: int
    replications: int
    out: Path | None
    found: Mapping[str, Sequence[Index]] = field(repr=False)  # measure -> the largest first
    runs: Runs = field(repr=False)

    @cached_property
    def indices(self) -> pd.DataFrame:
        """A row for each measure and parameter, the largest first, with 95 % intervals.

        Morris: ``mu_star``, the mean size of the change over the whole range of the parameter, in the measure's unit; ``mu``,
        the same with its sign; ``sigma``, how much it depends on the rest. Sobol: ``ST``, the share of the variance that
        would go if the parameter were known last; ``S1``, if it were known first.
        """
        import pandas as pd

        frame = pd.DataFrame(columns(self.found, self.method, self.window))
        return categories(frame, ["window", "measure", "parameter"])

    def to_frame(self) -> pd.DataFrame:
        """The same as ``indices``."""
        return self.indices

    def plot(self, kind: str = "tornado", *, lang: str | None = None) -> Figure:
        """A tornado plot, the same as that of ``sim sensitivity``.

        Parameters
        ----------
        kind : str
            ``tornado``, the only one.
        lang : str, optional
            ``en`` or ``zh``; by default what the variable SIM_LANG says, else the locale.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ArgumentError
            If there is no such picture; it says which there are.
        """
        from sim.reporting.sweep_pictures import sensitivity_picture

        one_of("kind", kind, ("tornado",))
        return sensitivity_picture(self.runs, self.found, self.window, language(lang))

    def __repr__(self) -> str:
        of = f"{self.scenario.name} to {counted(len(self.parameters), 'parameter')}"
        return f"<SensitivityResult of {of}: {self.method}, {counted(self.points, 'point')} x {self.replications:,}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        from sim.reporting.sweep_pictures import labels_of
        from sim.reporting.sweep_rows import sensitivity_cells, sensitivity_sentence
        from sim.reporting.text import headline, name_of
        from sim.reporting.text_explore import e

        lang, labels = language(None), labels_of(self.runs)
        lines = [sensitivity_sentence(name, rows, labels, lang) for name, rows in self.found.items()]
        lines.append(e(f"sensitivity.{self.method}.note", lang, n=self.replications))
        cells = {
            headline(name_of(name, lang)): sensitivity_cells(name, rows, labels, self.method, lang)
            for name, rows in self.found.items()
        }
        heads = [headline(e("measure", lang)), *next(iter(cells.values())).heads]
        shown = [[name, *row] for name, of in cells.items() for row in of.rows]
        return card(self.scenario.titled(lang), lines, pd.DataFrame(shown, columns=heads), index=False)


@in_python
def sensitivity(
    scenario: Source,
    parameters: Values,
    *,
    method: str = "morris",
    samples: int | None = None,
    replications: int | None = None,
    measures: str | Sequence[str] = (),
    window: str = "all",
    draws: str | Path | pd.DataFrame | bool | None = None,
    jobs: int = 1,
    engine: str = "auto",
    out: str | Path | None = None,
    progress: bool | None = None,
) -> SensitivityResult:
    """Which parameters move a measure: Morris' screening or Sobol's indices.

    Parameters
    ----------
    scenario : Scenario, or what ``load_scenario`` takes
    parameters : mapping
        Key of a parameter to its range ``(low, high)``, or to a list of values.
    method : {"morris", "sobol"}
        Screening, or shares of the variance.
    samples : int, optional
        Trajectories of Morris (20), base sample of Sobol (64, a power of 2).
    replications : int, optional
        Of each point; by default as the scenario says.
    measures : str or sequence of str
        By default the headline ones.
    window : str
        ``all``: the whole period.
    draws, jobs, engine, out, progress
        As ``sim.sweep`` takes them.

    Returns
    -------
    SensitivityResult

    Raises
    ------
    ScenarioError
        With everything that is wrong with what was given.
    RunStoreError
        If a run has failed or a measure is undefined at a point: indices without would be wrong; or if ``out`` holds something
        else.
    FolderError
        If ``out`` cannot be written.
    ExecutorError
        If worker processes cannot be started, or die again and again.

    Examples
    --------
    >>> import sim
    >>> village = sim.load_scenario({"courts.number": 1, "arrivals.volume": 0.05})
    >>> ranges = {"interest.mean": (1.0, 9.0), "rounds.second.cut": (0.0, 0.2)}
    >>> found = sim.sensitivity(village, ranges, samples=2, replications=1, measures=["lots_sold"])
    >>> found.indices["parameter"].iloc[0]
    'interest.mean'
    """
    scenario, checks = taken("scenario", scenario), ArgumentChecks()
    parameters, chosen = checks.mapping("parameters", parameters), checks.texts("measures", measures)
    scenario, folder = varied(scenario, parameters), checks.path("out", out)
    number, count, under, axes = checks.jobs(jobs), 0, None, tuple[Axis, ...]()
    method, window = checks.choice("method", method, USUAL), checks.text("window", window, "all")
    size = checks.whole("samples", samples, USUAL[method])
    if wrong := check_samples(method, size, len(parameters)):
        checks.defects.append(Defect("--samples", "", wrong))
    checks.defects += no_window(scenario.loaded, window)
    with ExitStack() as stack:
        with checks.check():
            count, under = ground(scenario, draws, replications, chosen, checks, stack)
        with checks.check():
            on = Ground(scenario.name, scenario.changes, scenario.loaded, under.claims if under else ())
            axes = stretches("--parameters", axes_texts(parameters, "--parameters"), on)
        by = checks.engine(engine, [scenario.loaded.scenario], count * len(axes) * max(size, 1))
        stack.enter_context(using(by))
        checks.end()
        assert under is not None
        points = plan(axes, cast(Method, method), size, scenario.loaded.scenario.run.seed)
        code = f"sim.sensitivity({scenario.code()}, {dict(parameters)!r}, method={method!r}, samples={size})"
        found, runs = _found(
            scenario, under, points, count, chosen or MEASURES, window, number, folder, progress, code
        )
    paths = tuple(axis.path for axis in axes)
    return SensitivityResult(
        scenario, method, paths, window, runs.points, runs.replications, folder, found, runs
    )


def _found(
    scenario: Scenario, under: Over, points: Plan, count: int, measures: Sequence[str], window: str, jobs: int,
    out: str | Path | None, progress: bool | None, code: str,
) -> tuple[dict[str, list[Index]], Runs]:  # fmt: skip
    """The indices of each measure, and the runs from which they are; with ``out`` the table and picture beside them."""
    with folder_for(out) as folder, executor_for(jobs) as on:
        with called(["python", "-c", f"import sim; {code}"]):
            store = made(folder, scenario, under, points, count, [], on, out is None)
        run_through(store, on, progress)
        if out is None and (failed := held(store).errors):
            last = next(iter(failed.values())).strip().splitlines()[-1]
            raise RunStoreError(said("call.failed", n=f"{len(failed):,}", first=last))
        found = {measure: indices(store, observed(store, measure, window)) for measure in measures}
        runs = held(store)
        if out is not None:
            from sim.reporting.save import save
            from sim.reporting.sweep_pictures import sensitivity_picture

            write_csv(folder / TABLE, columns(found, store.manifest["design"]["method"], window))
            save(
                sensitivity_picture(store, found, window, language(None)),
                folder / "pictures" / "sensitivity",
            )
        return found, runs
