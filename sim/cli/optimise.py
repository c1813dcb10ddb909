"""``sim optimise``: the best policies under several goals."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.checks import check_measures, check_running, check_window
from sim.cli.draws import Over, over
from sim.cli.ending import Checks, fail, refusing, writing
from sim.cli.executor import engine, go, kept, overruled
from sim.cli.options import (
    Chunk,
    DaskAt,
    DrawsFile,
    ForceOnly,
    Jobs,
    Lang,
    Out,
    Overrides,
    Pictures,
    Replications,
    Scenario,
    Seed,
    Window,
    command,
    declared,
    load_scenario,
    with_seed,
)  # fmt: skip
from sim.cli.progress import tables

if TYPE_CHECKING:
    from rich.table import Table

    from sim.experiments.execution.executors import Engine
    from sim.experiments.optimise.decision_variables import Lawful
    from sim.experiments.optimise.pareto_front import Goal, Limit
    from sim.experiments.optimise.search import Outcome, Search
    from sim.scenario import Loaded

WIDTH = 120  # columns where there is no terminal to ask
REPLICATIONS, FINAL = 5, 20
OVER_DRAWS = 10, 40  # the same where each is under a draw of its own
MOST_LEVERS = 8
SEARCH = "search.json"


@declared
class Options:
    scenario: Scenario
    levers: Annotated[list[str] | None, typer.Option("--lever")] = None
    maximise: Annotated[list[str] | None, typer.Option()] = None
    minimise: Annotated[list[str] | None, typer.Option()] = None
    subject_to: Annotated[list[str] | None, typer.Option()] = None
    points: Annotated[int, typer.Option()] = 48
    replications: Replications = None
    final: Annotated[int | None, typer.Option()] = None
    window: Window = "all"
    unlawful: Annotated[bool, typer.Option("--unlawful")] = False
    seed: Seed = None
    overrides: Overrides = None
    draws: DrawsFile = None
    out: Out = None
    jobs: Jobs = 0
    dask: DaskAt = None
    chunk: Chunk = None
    pictures: Pictures = True
    force: ForceOnly = False
    lang: Lang = "zh"

    @property
    def values(self) -> list[str]:
        """What is set for every policy."""
        return with_seed(self.overrides, self.seed)


@dataclass(frozen=True, slots=True)
class Planned:
    """What is searched: the options understood."""

    loaded: Loaded
    over: Over
    search: Search
    law: Lawful
    folder: Path


@command
def optimise(options: Options) -> None:
    """Search and settle, or go on where an earlier go stopped; tell the front."""
    from sim.experiments.execution.executors import EngineError
    from sim.experiments.optimise.search import NoPolicyError
    from sim.experiments.sweep.run_store import LedgerError
    from sim.reporting.text_explore import e

    planned, lang = _planned(options), options.lang
    folder = planned.folder
    planned.over.note(planned.loaded, planned.search.final, lang)
    on = engine(options.jobs, options.dask)
    try:
        with (
            writing(folder, "cannot be written to"),
            refusing(LedgerError, NoPolicyError, EngineError),
        ):
            outcome, failed = _search(planned, on, options)
    except typer.Exit:
        on.close(now=True)
        raise
    on.close()
    if failed:
        typer.echo(e("optimise.failed", lang, n=f"{failed:,}", folder=str(folder)), err=True)
    with writing(folder, kept="; all runs are kept"), kept(folder, e("stopped.same", lang), lang):
        _leave(planned, outcome, options)
    _tell(planned, outcome, lang)


def _planned(options: Options) -> Planned:
    """The options, checked; everything that is wrong is said at once."""
    from sim.experiments.optimise.decision_variables import Lawful, standing
    from sim.experiments.optimise.pareto_front import Goal
    from sim.experiments.optimise.search import Search
    from sim.experiments.sweep.axes import Ground
    from sim.experiments.sweep.design import stretches
    from sim.scenario import ScenarioError

    checks = Checks()
    usual = (REPLICATIONS, FINAL) if options.draws is None else OVER_DRAWS
    replications = usual[0] if options.replications is None else options.replications
    final = usual[1] if options.final is None else options.final
    goals = [Goal(m, 1) for m in options.maximise or ()] + [Goal(m, -1) for m in options.minimise or ()]
    limits = []
    for text in options.subject_to or ():
        with checks:
            limits.append(_limit(text))
    with checks:
        _check(goals, options.points, replications, final)
    check_running(checks, options.jobs, options.chunk)
    with checks:
        loaded = load_scenario(options.scenario, options.values)
        with checks:
            check_measures(loaded, [*(goal.measure for goal in goals), *(limit.measure for limit in limits)])
        with checks:
            check_window(loaded, options.window)
        under = over(loaded, options.draws, options.scenario, options.values)
        with checks:
            under.laid(max(replications, final))
        with refusing(ScenarioError):
            ground = Ground(options.scenario, options.values, loaded, under.claims)
            axes = stretches("--lever", options.levers or [], ground)
        if len(axes) > MOST_LEVERS:
            fail(f"{len(axes)} levers: at most {MOST_LEVERS} can be searched at once")
    checks.end()
    search = Search(
        axes, tuple(goals), tuple(limits), standing(loaded, axes), options.points, replications, final,
        loaded.scenario.run.seed,
    )  # fmt: skip
    folder = options.out or Path("out") / f"optimise-{Path(str(loaded.path)).stem}"
    return Planned(loaded, under, search, Lawful(loaded, axes), folder)


def _search(planned: Planned, on: Engine, options: Options) -> tuple[Outcome, int]:
    """Search and settle; how many runs failed."""
    from sim.experiments.optimise import search as searching
    from sim.experiments.optimise.decision_variables import Ledgers
    from sim.reporting.text_explore import e

    folder, search, law, lang = planned.folder, planned.search, planned.law, options.lang
    _remember(planned, options)
    steps = Ledgers(
        folder, planned.loaded, planned.over.given, search.axes, search.measures, options.window, on, options.chunk,
        options.force, lambda what: overruled(what, lang), lambda ledger, work: _step(ledger, on, work, lang), planned.over.laid,
    )  # fmt: skip
    with kept(folder, e("stopped.same", lang), lang):
        outcome = searching.optimise(search, law.possible if options.unlawful else law, steps)
    return outcome, steps.failed


def _step(ledger: Any, on: Engine, work: Any, lang: str) -> Any:
    from sim.reporting.text_explore import e

    name = ledger.folder.name
    typer.echo(
        e("optimise.step", lang, name=name, points=f"{ledger.points:,}", runs=f"{ledger.runs:,}"), err=True
    )
    return go(ledger, on, lang, work, e("stopped.same", lang))


def _limit(text: str) -> Limit:
    from sim.experiments.optimise.pareto_front import Limit

    match = re.fullmatch(r"\s*([\w-]+)\s*(<=|>=)\s*([-+.\deE]+)\s*(%?)\s*", text)
    try:
        if not match:
            raise ValueError
        value = float(match[3]) / (100.0 if match[4] else 1.0)
    except ValueError:
        fail(f"--subject-to {text}: must be MEASURE>=NUMBER or MEASURE<=NUMBER, for instance recovery>=80%")
    return Limit(match[1], low=value) if match[2] == ">=" else Limit(match[1], high=value)


def _check(goals: Sequence[Goal], points: int, replications: int, final: int) -> None:
    wrong = []
    if not goals:
        wrong.append("at least one goal is needed: --maximise MEASURE or --minimise MEASURE")
    named = [goal.measure for goal in goals]
    wrong += [f"{measure} is a goal twice" for measure in sorted(set(named)) if named.count(measure) > 1]
    for option, number, low, high in (
        ("--points", points, 4, 300), ("--replications", replications, 1, 100_000), ("--final", final, 2, 100_000),
    ):  # fmt: skip
        if not low <= number <= high:
            wrong.append(f"{option} {number}: allowed are {low} to {high:,}")
    if wrong:
        fail("\n".join(wrong))


def _remember(planned: Planned, options: Options) -> None:
    """Note what is searched; a folder with another search is refused, ``force`` or not, one of a changed scenario unless."""
    from sim.experiments.storage.atomic import write_whole
    from sim.experiments.storage.checksum import json_with_checksum
    from sim.experiments.sweep.run_store import LedgerError
    from sim.experiments.sweep.sweep import scenario_changes

    folder, loaded, search, draws = planned.folder, planned.loaded, planned.search, planned.over.draws
    asked: dict[str, Any] = {
        "axes": [[a.path, [str(x) for x in a.levels], repr(a.low), repr(a.high)] for a in search.axes],
        "goals": [[g.measure, g.sign] for g in search.goals],
        "limits": [[limit.measure, repr(limit.low), repr(limit.high)] for limit in search.limits],
        "numbers": [search.points, search.replications, search.final, search.seed],
        "window": options.window,
        "unlawful": options.unlawful,
        "draws": draws and draws.sha256,
    }
    file = folder / SEARCH
    if file.is_file():
        there = _searched(file)
        if {key: there.get(key) for key in asked} != asked:
            raise LedgerError(f"{folder} holds another search; give another --out")
        changed = scenario_changes(there, loaded)
        if changed and not options.force:
            lines = "".join(f"\n  {line}" for line in changed)
            raise LedgerError(
                f"{folder}: since the search was begun, its scenario has changed:{lines}\n"
                "give another --out; --force goes on and records that it was overruled"
            )
        if changed:
            overruled(changed, options.lang)
            there["overruled"] = [*there.get("overruled", []), changed]
            write_whole(file, json_with_checksum(there))
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise LedgerError(f"{folder} exists and holds no search; give another --out")
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(file, json_with_checksum({**asked, "scenario": loaded.toml()}))


def _searched(file: Path) -> dict[str, Any]:
    """What a folder's search is. Raises ``LedgerError`` for a damaged file."""
    import tomllib

    from sim.experiments.storage.checksum import DamagedError, json_without_checksum
    from sim.experiments.sweep.run_store import LedgerError

    try:
        found = json_without_checksum(file.read_bytes())
        tomllib.loads(found["scenario"])
    except (DamagedError, ValueError, KeyError, TypeError) as error:
        raise LedgerError(f"{file} is damaged ({error}); give another --out") from None
    return found


def _leave(planned: Planned, outcome: Outcome, options: Options) -> None:
    """front.csv, a policy file for each point of the front, the picture, the manifest."""
    from sim.experiments.optimise.decision_variables import policy_text
    from sim.experiments.storage.atomic import write_whole
    from sim.experiments.storage.folders import command_line, manifest
    from sim.experiments.storage.manifest import MANIFEST, written
    from sim.experiments.storage.tables import write_csv
    from sim.experiments.sweep.results import moments
    from sim.reporting.style import Foot

    folder, loaded, search, law = planned.folder, planned.loaded, planned.search, planned.law
    lang, window = options.lang, options.window
    write_csv(folder / "front.csv", _columns(search, outcome, law))
    policies = folder / "policies"
    policies.mkdir(exist_ok=True)
    for i in (i for i in outcome.on_front if i):
        title = ", ".join(
            f"{a.path} = {_short(v)}" for a, v in zip(search.axes, outcome.points[i], strict=True)
        )
        text = policy_text(loaded, search.axes, outcome.points[i], title, title)
        write_whole(policies / f"{_name(i)}.toml", text.encode())
    if options.pictures:
        from sim.reporting.figures.pareto import Settled, pareto
        from sim.reporting.save import save

        mean = moments(outcome.values)[0]
        goals = len(search.goals)
        settled = [
            Settled(_name(i), mean[i, :goals], _reach(search, outcome, i), i in outcome.on_front, i == 0)
            for i in range(len(outcome.points))
        ]
        # The search had other luck: the points it left stand where they stood beside the base.
        left = [i for i, point in enumerate(outcome.tried) if point not in outcome.points]
        tried = outcome.tried_values[left, :goals] - outcome.tried_values[0, :goals] + mean[0, :goals]
        of = loaded.scenario
        foot = Foot(of.title, of.title_zh, of.run.seed, search.final)
        told = [(goal.measure, goal.sign) for goal in search.goals]
        save(
            pareto(told, settled, tried, len(outcome.tried), lang, window, foot),
            folder / "pictures" / "front",
        )
    content = manifest(
        command_line(), loaded.toml(), kind="optimise", seed=search.seed, runs=outcome.runs,
        points=len(outcome.tried), front=[_name(i) for i in outcome.on_front],
    )  # fmt: skip
    write_whole(folder / MANIFEST, written(content))


def _name(i: int) -> str:
    return "base" if i == 0 else f"P{i}"


def _columns(search: Search, outcome: Outcome, law: Lawful) -> dict[str, list[Any]]:
    """One row a settled point: levers, measures with intervals, differences from the base, share, law."""
    from sim.experiments.sweep.results import moments

    mean, _, half, _ = moments(outcome.values)
    columns: dict[str, list[Any]] = {"policy_name": [_name(i) for i in range(len(outcome.points))]}
    for a, axis in enumerate(search.axes):
        columns[axis.path] = [point[a] for point in outcome.points]
    for m, measure in enumerate(search.measures):
        columns[measure] = mean[:, m].tolist()
        columns[f"{measure}_ci_low"], columns[f"{measure}_ci_high"] = (
            (mean[:, m] + sign * half[:, m]).tolist() for sign in (-1, 1)
        )
    for i in range(len(outcome.points)):
        for measure, row in _against_base(search, outcome, i).items():
            for name in ("difference", "ci_low", "ci_high", "low", "high"):
                key = f"{measure}_difference" + ("" if name == "difference" else f"_{name}")
                columns.setdefault(key, []).append(row[name])
    columns["on_front"] = [i in outcome.on_front for i in range(len(outcome.points))]
    columns["front_share"] = outcome.share.tolist()
    columns["unlawful"] = ["; ".join(law.against(point)) for point in outcome.points]
    return columns


def _against_base(search: Search, outcome: Outcome, i: int) -> dict[str, dict[str, float]]:
    from sim.experiments.paired import paired

    found = paired(outcome.values[:1], outcome.values[i : i + 1])
    return {
        measure: {name: float(column[m]) for name, column in found.items()}
        for m, measure in enumerate(search.measures)
    }


def _reach(search: Search, outcome: Outcome, i: int) -> Any:
    """Half-widths of the intervals of the differences from the base: (goals,)."""
    import numpy as np

    rows = list(_against_base(search, outcome, i).values())[: len(search.goals)]
    return np.nan_to_num(np.array([(row["ci_high"] - row["ci_low"]) / 2.0 for row in rows]))


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _tell(planned: Planned, outcome: Outcome, lang: str) -> None:
    """The front as a table, and how to go on."""
    from sim.reporting.text_explore import e

    under, search, law, folder = planned.over, planned.search, planned.law, planned.folder
    console = tables(WIDTH)
    console.print(
        e("optimise.answer", lang, n=len(outcome.on_front), tried=len(outcome.tried), runs=f"{outcome.runs:,}"),
        markup=False, style="bold",
    )  # fmt: skip
    console.print(_table(search, outcome, law, lang))
    names = [f"{_name(a)} = {_name(b)}" for a, b in outcome.alike]
    key = "optimise.alike" if names else "optimise.all_apart"
    console.print(e(key, lang, pairs=(", " if lang == "en" else "，").join(names)), markup=False)
    console.print(e("optimise.note", lang, n=search.final), markup=False)
    if under.draws:
        console.print(e("optimise.over", lang, n=search.final, first=search.replications), markup=False)
    found = [i for i in outcome.on_front if i]
    if found:
        file = folder / "policies" / f"{_name(found[0])}.toml"
        sets = [
            part for text in under.overrides for part in ("--set", text)
        ]  # what the policy file does not hold
        typer.echo(e("optimise.try", lang, base=under.scenario, file=shlex.join([str(file), *sets])))
    typer.echo(str(folder / "front.csv"))


def _table(search: Search, outcome: Outcome, law: Lawful, lang: str) -> Table:
    """The base, then the front, by the first goal."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from sim.experiments.sweep.results import moments
    from sim.reporting.differences import change, level
    from sim.reporting.text import headline, name_of
    from sim.reporting.text_explore import e

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("", no_wrap=True)
    for axis in search.axes:
        table.add_column(axis.path.replace(".", ".\n"), justify="right", overflow="fold")
    for measure in search.measures:
        table.add_column(headline(name_of(measure, lang)), justify="right")
    table.add_column(headline(e("optimise.share", lang)), justify="right")
    mean = moments(outcome.values)[0]
    order = sorted((i for i in outcome.on_front if i), key=lambda i: -search.goals[0].sign * mean[i, 0])
    for i in [0, *order]:
        cells = [_name(i) + (" *" if law.against(outcome.points[i]) else ""), *map(_short, outcome.points[i])]
        for m, (measure, row) in enumerate(_against_base(search, outcome, i).items()):
            told = level(measure, float(mean[i, m]), lang)
            if i:
                told += "\n" + " ".join(
                    change(measure, row["difference"], row["ci_low"], row["ci_high"], lang)
                )
            cells.append(told)
        cells.append(f"{100 * outcome.share[i]:.0f}%" if i or 0 in outcome.on_front else "")
        table.add_row(*map(escape, cells))
    return table
