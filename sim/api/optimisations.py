"""The best policies under several goals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.arguments import ArgumentChecks, language, one_of
from sim.api.display import card, counted
from sim.api.progress import showing
from sim.api.scenarios import Scenario, Source, taken, varied
from sim.api.shared import Values, axes_texts, executor_for, folder_for
from sim.api.sweeps import ground
from sim.api.wording import in_python
from sim.experiments.optimise.decision_variables import Lawful, RunStores, standing
from sim.experiments.optimise.front_table import (
    FINAL,
    MOST_VARIABLES,
    OVER_DRAWS,
    REPLICATIONS,
    columns,
    limits_of,
    name_of_point,
    unfit,
)
from sim.experiments.optimise.pareto_front import Goal, Limit
from sim.experiments.optimise.search import Outcome, Search
from sim.experiments.optimise.search import optimise as searched
from sim.experiments.optimise.search_folder import leave, remember
from sim.experiments.over_draws import Over
from sim.experiments.preconditions import no_window, out_of_bounds
from sim.experiments.storage.folders import called
from sim.experiments.sweep.axes import Axis, Ground
from sim.experiments.sweep.design import stretches
from sim.experiments.sweep.run_store import RunStore
from sim.experiments.sweep.scheduler import Progress
from sim.locale.language import said
from sim.model.engine import using
from sim.scenario.errors import Defect, joined

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

POINTS = 48  # policies to try
Run = Callable[[RunStore, Callable[[Callable[[Progress], None]], Progress]], Progress]


@dataclass(frozen=True, eq=False, repr=False)
class OptimiseResult:
    """The non-dominated policies under several goals and the law's limits; made by ``sim.optimise``.

    Attributes
    ----------
    scenario : Scenario
    front : tuple of str
        Names of the non-dominated policies; ``base`` is the scenario as it is.
    runs : int
    window : str
    out : path or None
        The folder that was written.
    """

    scenario: Scenario
    front: tuple[str, ...]
    runs: int
    window: str
    out: Path | None
    search: Search = field(repr=False)
    found: Outcome = field(repr=False)
    law: Lawful = field(repr=False)

    @cached_property
    def points(self) -> pd.DataFrame:
        """The settled policies, a row each: values of the decision variables, measures and their differences from the base with 95 %
        intervals, whether it is on the front and in what share of bootstrap samples, and what of it the law forbids.
        """
        import pandas as pd

        return pd.DataFrame(columns(self.search, self.found, self.law)).set_index("policy_name")

    def policy(self, name: str) -> dict[str, Any]:
        """The values of a policy, as ``Scenario.replace`` and ``sim.compare`` take them. Raises ``KeyError`` for no such policy."""
        names = [name_of_point(i) for i in range(len(self.found.points))]
        if name not in names:
            raise KeyError(str(Defect(str(name), "", said("call.allowed", names=joined(names)))))
        values = self.found.points[names.index(name)]
        return {axis.path: value for axis, value in zip(self.search.axes, values, strict=True)}

    def to_frame(self) -> pd.DataFrame:
        """The same as ``points``."""
        return self.points

    def plot(self, kind: str = "front", *, lang: str | None = None) -> Figure:
        """The front, the same picture as that of ``sim optimise``.

        Parameters
        ----------
        kind : str
            ``front``, the only one.
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
        from sim.reporting.sweep_pictures import front_picture

        one_of("kind", kind, ("front",))
        of = self.scenario.loaded.scenario
        return front_picture(self.search, self.found, of, self.window, language(lang), law=self.law)

    def __repr__(self) -> str:
        return f"<OptimiseResult of {self.scenario.name}: {len(self.front)} on the Pareto front, {counted(self.runs, 'run')}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        from sim.reporting.sweep_rows import front_cells, front_sentences

        lang = language(None)
        heads, rows = front_cells(self.search, self.found, self.law, lang)
        lines = front_sentences(self.search, self.found, lang)
        return card(self.scenario.titled(lang), lines, pd.DataFrame(rows, columns=heads), index=False)


@in_python
def optimise(
    scenario: Source,
    variables: Values,
    *,
    maximise: str | Sequence[str] = (),
    minimise: str | Sequence[str] = (),
    subject_to: str | Sequence[str] = (),
    points: int = POINTS,
    replications: int | None = None,
    final: int | None = None,
    window: str = "all",
    unlawful: bool = False,
    date: date | str | None = None,
    draws: str | Path | pd.DataFrame | bool | None = None,
    jobs: int = 1,
    engine: str = "auto",
    out: str | Path | None = None,
    progress: bool | None = None,
) -> OptimiseResult:
    """Search for the non-dominated policies under several goals and the law's limits.

    Parameters
    ----------
    scenario : Scenario, or what ``load_scenario`` takes
    variables : mapping
        The decision variables: key of a parameter to its range ``(low, high)``, or to a list of values.
    maximise, minimise : str or sequence of str
        Measures to make large or small.
    subject_to : str or sequence of str
        ``"MEASURE>=NUMBER"`` or ``"MEASURE<=NUMBER"``.
    points : int
        Policies to try.
    replications, final : int, optional
        Of each in the search (5, over draws 10); fresh ones of those that may be best (20, over draws 40).
    window : str
        ``all``: the whole period.
    unlawful : bool
        Try also what the law forbids, or allows on a condition only.
    date : datetime.date or str, optional
        The law of which day; default that of the days simulated.
    draws, jobs, engine, out, progress
        As ``sim.sweep`` takes them.

    Returns
    -------
    OptimiseResult

    Raises
    ------
    ScenarioError
        With everything that is wrong with what was given.
    NoPolicyError
        If no candidate is lawful, or keeps the limits.
    RunStoreError
        If ``out`` holds something else.
    FolderError
        If ``out`` cannot be written.
    ExecutorError
        If worker processes cannot be started, or die again and again.

    Examples
    --------
    >>> import sim
    >>> village = sim.load_scenario({"courts.number": 1, "arrivals.volume": 0.05})
    >>> best = sim.optimise(
    ...     village, {"start.ratio": (0.7, 1.0)}, maximise="lots_sold", points=4, replications=1, final=2
    ... )
    >>> list(best.policy(best.front[-1]))
    ['start.ratio']
    """
    scenario, checks = taken("scenario", scenario), ArgumentChecks()
    variables, folder = checks.mapping("variables", variables), checks.path("out", out)
    usual = (REPLICATIONS, FINAL) if draws is None or draws is False else OVER_DRAWS
    each, fresh = checks.whole("replications", replications, usual[0]), checks.whole("final", final, usual[1])
    points, window = checks.whole("points", points, POINTS), checks.text("window", window, "all")
    most, least = checks.texts("maximise", maximise), checks.texts("minimise", minimise)
    unlawful = checks.flag("unlawful", unlawful)
    within, day = checks.texts("subject_to", subject_to), checks.day("date", date)
    number, limits, under, axes = checks.jobs(jobs), list[Limit](), None, tuple[Axis, ...]()
    goals = [Goal(m, 1) for m in most] + [Goal(m, -1) for m in least]
    checks.defects += _unfit(goals, points, each, fresh, checks.mistyped) + no_window(scenario.loaded, window)
    with checks.check():
        limits = limits_of(within)
    with ExitStack() as stack:
        named = [*(goal.measure for goal in goals), *(limit.measure for limit in limits)]
        with checks.check():
            _, under = ground(scenario, draws, max(each, fresh), named, checks, stack)
        with checks.check():
            axes = _axes(scenario, variables, under)
        checks.defects += out_of_bounds("variables", len(axes) or None, MOST_VARIABLES)
        by = checks.engine(engine, [scenario.loaded.scenario], points * max(each, 1))
        stack.enter_context(using(by))
        checks.end()
        assert under is not None
        seed = scenario.loaded.scenario.run.seed
        base = standing(scenario.loaded, axes)
        search = Search(axes, tuple(goals), tuple(limits), base, points, each, fresh, seed)
        law = Lawful(scenario.loaded, axes, day)
        on = "" if day is None else f", date={str(day)!r}"
        code = (
            f"sim.optimise({scenario.code()}, {variables!r}, maximise={most!r}, "
            f"minimise={least!r}, subject_to={within!r}, points={points}, replications={each}, "
            f"final={fresh}, window={window!r}, unlawful={unlawful}{on})"
        )
        with called(["python", "-c", f"import sim; {code}"]):
            found = _searched(scenario, search, law, under, window, unlawful, number, folder, progress)
    front = tuple(name_of_point(i) for i in found.on_front)
    return OptimiseResult(scenario, front, found.runs, window, folder, search, found, law)


def _unfit(
    goals: Sequence[Goal], points: int, each: int, fresh: int, mistyped: Collection[str]
) -> list[Defect]:
    """What is wrong with goals and numbers; nobody knows whether there are goals where they are of a wrong kind."""
    found = unfit(goals, points, each, fresh)
    unknown = "maximise" in mistyped or "minimise" in mistyped
    return [one for one in found if not (unknown and one.file == said("goal.none"))]


def _axes(scenario: Scenario, variables: Values, under: Over | None) -> tuple[Axis, ...]:
    changes = varied(scenario, variables).changes  # the base stays where it was
    on = Ground(scenario.name, changes, scenario.loaded, under.claims if under else ())
    return stretches("--variable", axes_texts(variables, "--variable"), on)


def _searched(
    scenario: Scenario, search: Search, law: Lawful, under: Over, window: str, unlawful: bool, jobs: int,
    out: str | Path | None, progress: bool | None,
) -> Outcome:  # fmt: skip
    """Search and settle; with ``out`` every step is kept in its folder, and the front with its policy files beside them."""
    loaded = scenario.loaded
    with folder_for(out) as folder, executor_for(jobs) as on, showing("sweep.runs", progress) as shown:

        def run(store: RunStore, work: Callable[[Callable[[Progress], None]], Progress]) -> Progress:
            return work(lambda at: shown(at.done, at.runs))

        steps = RunStores(
            folder, loaded, under.given, search.axes, search.measures, window, on, None if out else 1, False,
            lambda changed: None, run, under.laid,
        )  # fmt: skip
        remember(folder, loaded, search, under, window, unlawful, False, lambda changed: None, law_of=law.day)
        found = searched(search, law.possible if unlawful else law, steps)
        if out is not None:
            leave(folder, loaded, search, found, law, lambda: _draw(folder, scenario, search, found, window))
        return found


def _draw(folder: Path, scenario: Scenario, search: Search, found: Outcome, window: str) -> None:
    from sim.reporting.save import save
    from sim.reporting.sweep_pictures import front_picture

    figure = front_picture(search, found, scenario.loaded.scenario, window, language(None))
    save(figure, folder / "pictures" / "front")
