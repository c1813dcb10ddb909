"""The commands that explore policies, added to those of ``sim.cli.main``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sim.cli.options import Lang, Overrides, app, as_count, as_lang

DaskAt = Annotated[
    str | None,
    typer.Option("--dask", help="run on a dask cluster: address of its scheduler, tcp://host:8786"),
]
DrawsOf = Annotated[
    str | None,
    typer.Option(
        "--draws",
        help="parameter draws: CSV (a column a parameter), TOML ([[draws]]), or scenario: those it names",
    ),
]
OverDraws = Annotated[
    str | None,
    typer.Option(
        "--draws",
        help="run each replication under a draw of the parameters: FILE, or scenario: those it names",
    ),
]
MostDraws = Annotated[
    int | None, typer.Option("--max-draws", help="take so many draws, evenly spread over those in the file")
]


@app.command()
def compare(
    base: Annotated[str, typer.Argument(help="scenario to compare with: a file, or a name in scenarios/")],
    policies: Annotated[
        list[str], typer.Argument(help="policies: files laid over BASE, or names in scenarios/policies/")
    ],
    replications: Annotated[
        str | None,
        typer.Option(
            "--replications", "-n", help="how many (under draws: of each draw), or auto: until precise"
        ),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="policy to compare with, instead of BASE as it is; e.g. cut-00")
    ] = None,
    draws: DrawsOf = None,
    most: MostDraws = None,
    point: Annotated[
        bool, typer.Option("--point", help="at BASE's own values alone, although it names draws")
    ] = False,
    seed: Annotated[int | None, typer.Option(help="master seed")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="processes; 0 = as many as processors")] = 0,
    dask: DaskAt = None,
    out: Annotated[Path | None, typer.Option(help="folder to write; default out/compare-BASE")] = None,
    overrides: Overrides = None,
    pictures: Annotated[bool, typer.Option(help="draw the pictures")] = True,
    force: Annotated[bool, typer.Option(help="replace a folder that an earlier run left")] = False,
    full: Annotated[bool, typer.Option(help="print every window")] = False,
    lang: Lang = "zh",
) -> None:
    """What policies change: differences under common random numbers, with intervals, in words, a table and pictures.

    Over the draws of the parameters that BASE names, unless --point or --draws is given. Stopped, the same command goes on.
    """
    from sim.cli.compare import Asked, compare_command

    values = [*(overrides or ()), *([] if seed is None else [f"run.seed={seed}"])]
    compare_command(
        Asked(base, policies, against, values, draws, most, point, as_count(replications)),
        jobs,
        dask,
        out,
        pictures,
        force,
        full,
        as_lang(lang),
    )


class _Verbs(TyperGroup):
    """``sim sweep SCENARIO ...`` makes a sweep; a first word that is a verb does something to one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["new", *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed


sweep = typer.Typer(
    cls=_Verbs,
    help="Sweep parameters: sim sweep SCENARIO --vary PATH=VALUES ...; then status, resume, retry-failed, expand, compact.",
    no_args_is_help=True,
)
app.add_typer(sweep, name="sweep")

Folder = Annotated[Path, typer.Argument(help="folder of the sweep")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", help="processes; 0 = as many as processors")]
Shard = Annotated[
    str | None, typer.Option(help="i/n: run the i-th of n parts, for several machines with a shared folder")
]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="stop at the first run that fails")]
Pictures = Annotated[bool, typer.Option(help="draw the pictures")]
GoOn = Annotated[bool, typer.Option("--force", help="go on although scenario, code or packages have changed")]


@sweep.command("new", help="Make a sweep and run it; `new` may be left out.")
def sweep_new(
    scenario: Annotated[str, typer.Argument(help="scenario file, or its name in scenarios/")],
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", help="path=start:stop:step, path=low:high or path=a,b,c; may be repeated"),
    ] = None,
    design: Annotated[str, typer.Option(help="grid, lhs, sobol or halton")] = "grid",
    samples: Annotated[int | None, typer.Option(help="points of a design that is no grid")] = None,
    replications: Annotated[int | None, typer.Option("--replications", "-n", help="of each point")] = None,
    measures: Annotated[str | None, typer.Option(help="measures to keep, with commas; default all")] = None,
    seed: Annotated[int | None, typer.Option(help="master seed")] = None,
    overrides: Overrides = None,
    draws: OverDraws = None,
    out: Annotated[Path | None, typer.Option(help="folder of the sweep; default out/sweep-SCENARIO")] = None,
    jobs: Jobs = 0,
    dask: DaskAt = None,
    shard: Shard = None,
    chunk: Annotated[int | None, typer.Option(help="runs a file; default: some seconds' work")] = None,
    fail_fast: FailFast = False,
    pictures: Pictures = True,
    force: GoOn = False,
    lang: Lang = "zh",
) -> None:
    from sim.cli.sweep import new_command

    values = [*(overrides or ()), *([] if seed is None else [f"run.seed={seed}"])]
    kept = [name.strip() for name in measures.split(",")] if measures else []
    new_command(
        scenario, vary or [], design, samples, replications, kept, values, draws, out, jobs, dask, shard, chunk, fail_fast,
        pictures, force, as_lang(lang),
    )  # fmt: skip


@sweep.command("status")
def sweep_status(folder: Folder, lang: Lang = "zh") -> None:
    """What is done, what failed and why, what is missing."""
    from sim.cli.sweep import status_command

    status_command(folder, as_lang(lang))


@sweep.command("resume")
def sweep_resume(
    folder: Folder,
    jobs: Jobs = 0,
    dask: DaskAt = None,
    shard: Shard = None,
    fail_fast: FailFast = False,
    pictures: Pictures = True,
    force: GoOn = False,
    lang: Lang = "zh",
) -> None:
    """Run what is missing: after a crash, a full disk, a stop."""
    from sim.cli.sweep import resume_command

    resume_command(folder, jobs, dask, shard, fail_fast, pictures, force, as_lang(lang))


@sweep.command("retry-failed")
def sweep_retry(
    folder: Folder,
    jobs: Jobs = 0,
    dask: DaskAt = None,
    fail_fast: FailFast = False,
    pictures: Pictures = True,
    force: GoOn = False,
    lang: Lang = "zh",
) -> None:
    """Run failed runs again."""
    from sim.cli.sweep import retry_command

    retry_command(folder, jobs, dask, fail_fast, pictures, force, as_lang(lang))


@sweep.command("expand")
def sweep_expand(
    folder: Folder,
    replications: Annotated[str, typer.Option("--replications", "-n", help="+R: R more of each point")],
    jobs: Jobs = 0,
    dask: DaskAt = None,
    fail_fast: FailFast = False,
    pictures: Pictures = True,
    force: GoOn = False,
    lang: Lang = "zh",
) -> None:
    """Ask for more replications of every point, and run them."""
    from sim.cli.sweep import expand_command

    expand_command(folder, replications, jobs, dask, fail_fast, pictures, force, as_lang(lang))


@sweep.command("compact")
def sweep_compact(folder: Folder, pictures: Pictures = True, lang: Lang = "zh") -> None:
    """Join the chunks into one table, in the order of the design."""
    from sim.cli.sweep import compact_command

    compact_command(folder, pictures, as_lang(lang))


@app.command()
def sensitivity(
    scenario: Annotated[
        str, typer.Argument(help="scenario file or name; or the folder of a design that has been run")
    ],
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameters", "-p", help="path=low:high (or path=a,b,c); may be repeated"),
    ] = None,
    method: Annotated[str, typer.Option(help="morris: screening; sobol: shares of the variance")] = "morris",
    samples: Annotated[
        int | None, typer.Option(help="trajectories of morris (20), base sample of sobol (64, a power of 2)")
    ] = None,
    replications: Annotated[int | None, typer.Option("--replications", "-n", help="of each point")] = None,
    measures: Annotated[
        str | None, typer.Option("--measure", help="measures, with commas; default the headline ones")
    ] = None,
    window: Annotated[str, typer.Option(help="which window; all = whole horizon")] = "all",
    seed: Annotated[int | None, typer.Option(help="master seed")] = None,
    overrides: Overrides = None,
    draws: OverDraws = None,
    out: Annotated[Path | None, typer.Option(help="folder; default out/sensitivity-SCENARIO")] = None,
    jobs: Jobs = 0,
    dask: DaskAt = None,
    shard: Shard = None,
    chunk: Annotated[int | None, typer.Option(help="runs a file; default: some seconds' work")] = None,
    pictures: Pictures = True,
    force: GoOn = False,
    lang: Lang = "zh",
) -> None:
    """Which parameters move a measure: Morris' screening or Sobol's indices, with intervals and a tornado plot."""
    from sim.cli.sensitivity import sensitivity_command

    values = [*(overrides or ()), *([] if seed is None else [f"run.seed={seed}"])]
    named = [name.strip() for name in measures.split(",")] if measures else []
    sensitivity_command(
        scenario, parameters or [], method, samples, replications, named, window, values, draws, out, jobs, dask, shard,
        chunk, pictures, force, as_lang(lang),
    )  # fmt: skip


@app.command()
def optimise(
    scenario: Annotated[str, typer.Argument(help="scenario file, or its name in scenarios/")],
    levers: Annotated[
        list[str] | None, typer.Option("--lever", help="path=low:high (or path=a,b,c); may be repeated")
    ] = None,
    maximise: Annotated[list[str] | None, typer.Option(help="measure to make large; may be repeated")] = None,
    minimise: Annotated[list[str] | None, typer.Option(help="measure to make small; may be repeated")] = None,
    subject_to: Annotated[
        list[str] | None, typer.Option(help="MEASURE>=NUMBER or MEASURE<=NUMBER; may be repeated")
    ] = None,
    points: Annotated[int, typer.Option(help="policies to try")] = 48,
    replications: Annotated[
        int | None,
        typer.Option("--replications", "-n", help="of each in the search; default 5, over draws 10"),
    ] = None,
    final: Annotated[
        int | None,
        typer.Option(help="fresh replications of those that may be best; default 20, over draws 40"),
    ] = None,
    window: Annotated[str, typer.Option(help="which window; all = whole horizon")] = "all",
    unlawful: Annotated[bool, typer.Option("--unlawful", help="try also what today's law forbids")] = False,
    seed: Annotated[int | None, typer.Option(help="master seed")] = None,
    overrides: Overrides = None,
    draws: OverDraws = None,
    out: Annotated[Path | None, typer.Option(help="folder; default out/optimise-SCENARIO")] = None,
    jobs: Jobs = 0,
    dask: DaskAt = None,
    chunk: Annotated[int | None, typer.Option(help="runs a file; default: some seconds' work")] = None,
    pictures: Pictures = True,
    force: GoOn = False,
    lang: Lang = "zh",
) -> None:
    """The policies that no other beats under several goals and the law's limits; the same command goes on after a stop."""
    from sim.cli.optimise import optimise_command

    values = [*(overrides or ()), *([] if seed is None else [f"run.seed={seed}"])]
    optimise_command(
        scenario, levers or [], maximise or [], minimise or [], subject_to or [], points, replications, final, window,
        unlawful, values, draws, out, jobs, dask, chunk, pictures, force, as_lang(lang),
    )  # fmt: skip
