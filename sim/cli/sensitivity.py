"""``sim sensitivity``: which parameters move a measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.cli.checks import Checks, check_measures, check_running, check_window, load_or_fail
from sim.cli.draws import over
from sim.cli.engine import engine, go, kept, opened, overruled, usable
from sim.cli.options import fail
from sim.experiments.sensitivity import PURPOSE, Index, Method, check_samples, indices, observed, plan
from sim.experiments.storage.tables import write_csv
from sim.experiments.sweep.axes import Ground
from sim.experiments.sweep.design import stretches
from sim.experiments.sweep.run_store import Ledger, LedgerError
from sim.experiments.sweep.sweep import new_sweep, open_sweep, run_missing
from sim.locale.numbers import counted
from sim.reporting.differences import kind_of
from sim.reporting.style import Foot
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e
from sim.scenario import ScenarioError

MEASURES = ("sale_rate_final", "lots_sold", "days_to_sale_mean", "recovery")
WIDTH = 120  # columns where there is no terminal to ask
SMALL = 0.05  # of the largest effect
TABLE = "sensitivity.csv"


def sensitivity_command(
    scenario: str,
    parameters: list[str],
    method: str,
    samples: int | None,
    replications: int | None,
    measures: list[str],
    window: str,
    overrides: list[str],
    draws: str | None,
    out: Path | None,
    jobs: int,
    dask: str | None,
    part: str | None,
    chunk: int | None,
    pictures: bool,
    force: bool,
    lang: str,
) -> None:
    """Make the design and run it, or take one that has been run (SCENARIO is its folder); tell the indices."""
    if Path(scenario).is_dir() and not parameters:
        if overrides or samples is not None or replications is not None or draws is not None:
            fail(
                f"{scenario} is a design that has been run: --set, --seed, --samples, --replications and --draws cannot change it"
            )
        ledger = opened(Path(scenario), force, lang)
    else:
        ledger = _run(
            scenario, parameters, method, samples, replications, measures, window, overrides, draws, out, jobs, dask, part,
            chunk, force, lang,
        )  # fmt: skip
        if part is not None and ledger.state().missing:
            typer.echo(
                e("sweep.part", lang, missing=f"{ledger.state().missing:,}", folder=str(ledger.folder))
            )
            return
    with kept(ledger.folder, e("stopped.same", lang), lang):
        _tell(ledger, measures, window, pictures, lang)


def _run(
    scenario: str,
    parameters: list[str],
    method: str,
    samples: int | None,
    replications: int | None,
    measures: list[str],
    window: str,
    overrides: list[str],
    draws: str | None,
    out: Path | None,
    jobs: int,
    dask: str | None,
    part: str | None,
    chunk: int | None,
    force: bool,
    lang: str,
) -> Ledger:
    checks = Checks()
    mine = check_running(checks, jobs, chunk, replications, part)
    number = samples if samples is not None else (20 if method == "morris" else 64)
    with checks:
        if method not in ("morris", "sobol"):
            fail(f"--method {method}: allowed are morris and sobol")
        wrong = check_samples(method, number, len(parameters))
        if wrong:
            fail(f"--samples {wrong}")
    with checks:
        loaded = load_or_fail(scenario, overrides)
        with checks:
            check_measures(loaded, measures)
        with checks:
            check_window(loaded, window)
        count = loaded.scenario.run.replications if replications is None else replications
        under = over(loaded, draws, scenario, overrides)
        with checks:
            laid = under.laid(count)
        try:
            axes = stretches("--parameters", parameters, Ground(scenario, overrides, loaded, under.claims))
        except ScenarioError as error:
            fail(error)
    checks.end()
    points = plan(axes, cast(Method, method), number, loaded.scenario.run.seed)
    under.note(loaded, count, lang)
    folder = out or Path("out") / f"sensitivity-{Path(str(loaded.path)).stem}"
    on = engine(jobs, dask)
    try:
        with usable(folder):
            parts = mine[1] if mine else 1
            ledger = new_sweep(folder, loaded, under.given, points, count, [], on, chunk, parts, draws=laid)
            if ledger.replications != count:
                raise LedgerError(
                    f"{folder} holds this design with {counted(ledger.replications, 'replication', 'replications')} of each point, not {count}"
                )
            ledger = open_sweep(folder, force, lambda what: overruled(what, lang))
    except typer.Exit:
        on.close(now=True)
        raise
    typer.echo(e("sensitivity.made", lang, points=f"{ledger.points:,}", runs=f"{ledger.runs:,}"))
    again = e("stopped.same", lang)
    with kept(folder, again, lang):
        go(ledger, on, lang, lambda tick: run_missing(ledger, on, mine, False, tick), again)
        on.close()
    return ledger


def _tell(ledger: Ledger, measures: Sequence[str], window: str, pictures: bool, lang: str) -> None:
    design = ledger.manifest.get("design", {})
    method = design.get("method")
    if design.get("purpose") != PURPOSE:
        fail(f"{ledger.folder} was not made by sim sensitivity: it is a sweep, of design {method}")
    found: dict[str, list[Index]] = {}
    with usable(ledger.folder):
        for measure in measures or MEASURES:
            values = observed(ledger, measure, window)
            found[measure] = indices(ledger, values)
    labels = _labels(ledger)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    for measure, rows in found.items():
        console.print(_sentence(measure, rows, labels, lang), markup=False)
        console.print(_table(measure, rows, labels, method, lang))
    console.print(e(f"sensitivity.{method}.note", lang, n=ledger.replications), markup=False)
    try:
        write_csv(ledger.folder / TABLE, _columns(found, method, window))
        typer.echo(str(ledger.folder / TABLE))
        if pictures:
            from sim.reporting.figures.tornado import tornado
            from sim.reporting.save import save
            from sim.reporting.sweep_pictures import titles

            foot = Foot(*titles(ledger.manifest["scenario"]), ledger.manifest["seed"], ledger.replications)
            figure = tornado(found, labels, method, lang, window, foot)
            typer.echo(str(save(figure, ledger.folder / "pictures" / "sensitivity")[0]))
    except OSError as error:
        fail(f"{ledger.folder} could not be written: {error.strerror or error}; all runs are kept")


def _labels(ledger: Ledger) -> dict[str, tuple[str, str]]:
    from sim.reporting.figures.sweep import names_of
    from sim.scenario.validate import field_of

    keys: Mapping[str, Sequence[str]] = ledger.sweep["work"]["arguments"].get("keys", {})
    return {path: names_of(field_of(tuple(keys.get(path, ())))) for path in ledger.sweep["paths"]}


def _name(path: str, labels: Mapping[str, tuple[str, str]], lang: str) -> str:
    name = labels[path][lang == "zh"]
    return f"{name} ({path})" if name else path


def _sentence(measure: str, rows: Sequence[Index], labels: Mapping[str, tuple[str, str]], lang: str) -> str:
    """The parameter that moves the measure most, and how many others are not small beside it."""
    moving = [row for row in rows if row.total >= SMALL * rows[0].total]
    name = headline(name_of(measure, lang))
    if rows[0].total <= 0.0:
        return e("sensitivity.none", lang, measure=name)
    return e(
        "sensitivity.most",
        lang,
        measure=name,
        parameter=_name(moving[0].parameter, labels, lang),
        n=len(moving),
        all=len(rows),
    )


def _table(
    measure: str, rows: Sequence[Index], labels: Mapping[str, tuple[str, str]], method: str, lang: str
) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(headline(e("sensitivity.parameter", lang)), no_wrap=True)
    heads = ("total", "first") if method == "sobol" else ("size", "signed", "spread")
    for head in heads:
        table.add_column(headline(e(f"sensitivity.{head}", lang)), justify="right", no_wrap=True)
    for row in rows:
        cells = [
            f"{_number(measure, row.total, method)} [{_number(measure, row.low, method)}, {_number(measure, row.high, method)}]"
        ]
        if method == "sobol":
            cells.append(f"{row.first:z.2f} [{row.first_low:z.2f}, {row.first_high:z.2f}]")
        else:
            cells += [_number(measure, row.first, method), _number(measure, row.spread, method)]
        table.add_row(*map(escape, [_name(row.parameter, labels, lang), *cells]))
    return table


def _number(measure: str, x: float, method: str) -> str:
    if method == "sobol":
        return f"{x:z.2f}"
    return f"{100 * x:z.2f}%" if kind_of(measure) == "rate" else f"{x:,.4g}"


def _columns(found: Mapping[str, Sequence[Index]], method: str, window: str) -> dict[str, list[Any]]:
    total, first = ("mu_star", "mu") if method == "morris" else ("ST", "S1")
    heads = (
        "window",
        "measure",
        "parameter",
        total,
        f"{total}_low",
        f"{total}_high",
        first,
        f"{first}_low",
        f"{first}_high",
        "sigma",
    )
    rows = [
        (window, measure, i.parameter, i.total, i.low, i.high, i.first, i.first_low, i.first_high, i.spread)
        for measure, indices_ in found.items()
        for i in indices_
    ]
    return {head: [row[c] for row in rows] for c, head in enumerate(heads)}
