"""``calibrate lots``: a court's own files read, what is wrong with them, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calibration.cli.targets import command_line
from sim.cli.shared.ending import Checks, fail, refusing, writing
from sim.cli.shared.listing import Json, rows_of, show_json
from sim.cli.shared.options import Force, Heads, Lang, Out, command, declared
from sim.cli.shared.progress import ProgressBar, tables
from sim.locale.language import said
from sim.locale.words import other

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from calibration.cli.lots_estimate import Columns
    from calibration.lots.estimate_report import Estimated
    from calibration.lots.likelihood import Format
    from calibration.lots.mapping import Selection
    from calibration.lots.protocol import Tested
    from calibration.lots.reader.read import FilesRead
    from calibration.lots.summary.tables import Summary
    from sim.reporting.pages.shell import Page

WIDTH = 140  # columns where there is no terminal to ask


@declared
class Options:
    files: Annotated[list[Path], typer.Argument()]
    mapping: Annotated[list[str] | None, typer.Option()] = None
    selection: Annotated[str | None, typer.Option()] = None
    summary: Annotated[bool, typer.Option("--summary")] = False
    defects: Annotated[Path | None, typer.Option()] = None
    totals: Annotated[Path | None, typer.Option()] = None
    facts: Annotated[Path | None, typer.Option()] = None
    estimate: Annotated[bool, typer.Option("--estimate")] = False
    protocol: Annotated[str | None, typer.Option()] = None
    format: Annotated[str, typer.Option()] = "english"
    quick: Annotated[bool, typer.Option("--quick")] = False
    out: Out = None
    heads: Heads = None
    force: Force = False
    json: Json = False
    lang: Lang


@command
def lots(options: Options) -> None:
    """Read the files; say what was read and what was set aside; leave what is requested."""
    from calibration.cli import lots_estimate
    from calibration.lots import report
    from calibration.lots.summary.tables import summary
    from sim.experiments.storage.folders import FolderError, check_target

    lang, out, checks = options.lang, options.out, Checks()
    form: Format = "english"
    with checks:
        form = lots_estimate.format_of(options.format)
    with checks:
        file = lots_estimate.protocol_of(options.protocol)
    for path in (options.defects, options.totals, options.facts):
        with checks:
            check_new(path, options.force)
    with checks, refusing(FolderError):
        if out is not None:
            check_target(out, options.force)
    checks.end()
    read = _read(options)
    lines, aside = report.lines(read, lang), report.set_aside(read, lang)
    if not options.json:
        to = tables(WIDTH)
        for line in lines + aside:
            to.print(line, markup=False, soft_wrap=True)
    found = summary(read) if options.summary or options.json or out is not None else None
    if found is not None and options.summary and not options.json:
        _show(found, read, lang)
    if options.defects is not None:
        _leave_defects(options.defects, read)
    if options.totals is not None:
        _leave_totals(options.totals, read)
    if options.facts is not None:
        _leave_facts(options.facts, read, lang, show=not options.json)
    show = not options.json
    done = lots_estimate.estimated(read, form, options.quick, lang, show=show) if options.estimate else None
    test = (
        lots_estimate.protocol_run(read, file, options.quick, lang, show=show) if file is not None else None
    )
    if options.json and found is not None:
        _json(found, [*lines, *aside], lots_estimate.columns_of(done, test), lang)
    if found is not None and out is not None:
        with refusing(FolderError):
            _leave(out, read, found, (done, test), options)


def _read(options: Options) -> FilesRead:
    """The files, or all that keeps them from being read and exit code 2."""
    from calibration.lots.mapping import find
    from calibration.lots.reader.read import read_lots
    from sim.scenario import ScenarioError

    selection = as_selection(options.selection)
    with refusing(ScenarioError), ProgressBar() as bar:

        def tick(file: str, rows: int) -> None:
            bar.show(file, rows, None, key=file)

        return read_lots(options.files, [find(name) for name in options.mapping or ()], selection, tick)


def as_selection(given: str | None) -> Selection | None:
    from calibration.lots.mapping import SELECTIONS
    from sim.scenario.errors import joined, near, quoted

    for one in SELECTIONS:
        if one == given:
            return one
    if given is not None:
        problem = said("lots.selection", value=quoted(given), names=joined(map(quoted, SELECTIONS)))
        hint = near(given, SELECTIONS)
        fail(
            said(
                "place", where="--selection", said=said("hint", said=problem, hint=hint) if hint else problem
            )
        )
    return None


def check_new(path: Path | None, force: bool) -> None:
    """Refuse, before any work, to write over a file, which may be the court's own, unless ``--force`` says so."""
    if path is not None and path.exists() and not (force and path.is_file()):
        fail(said("place", where=path, said=said("lots.exists") if path.is_file() else said("file.not")))


def _json(found: Summary, lines: Sequence[str], estimates: Mapping[str, Columns], lang: str) -> None:
    """What was read in words, the tables of the summary and of estimates under the names of their files."""
    from calibration.lots.summary.tables import tables as made

    shown = {
        one.name: [{name: row[name] for name in one.fields} for row in one.rows] for one in made(found, lang)
    }
    shown |= {Path(name).stem: rows_of(columns) for name, columns in estimates.items()}
    show_json({"read": lines, "tables": shown})


def _show(found: Summary, read: FilesRead, lang: str) -> None:
    """The tables, one after the other."""
    from calibration.lots.summary.page import headline
    from calibration.lots.summary.tables import tables as made
    from calibration.lots.summary.tables import terminal
    from calibration.lots.words import w

    to = tables(WIDTH)
    to.print(headline(read, found, lang), style="bold", markup=False)
    for table in made(found, lang):
        to.print(terminal(table))
    if found.course is None and read.histories is not None:
        to.print(w("course.none", lang), markup=False)


def _leave_defects(path: Path, read: FilesRead) -> None:
    from sim.experiments.storage.tables import write_csv

    with writing(path):
        write_csv(path, read.defects.table())


def _leave_totals(path: Path, read: FilesRead) -> None:
    """The totals as a targets file, under the names of the files."""
    import numpy as np

    from calibration.lots.summary.totals import targets_text
    from sim.experiments.storage.atomic import write_whole

    of = read.histories
    if of is None or np.isnat(of.closes):
        fail(said("place", where="--totals", said=said("lots.no_totals")))
    names = ", ".join(one.path.name for one in read.sources)
    with writing(path):
        write_whole(path, targets_text(of, read.sources[0].path.stem, names).encode())


def _leave_facts(path: Path, read: FilesRead, lang: str, *, show: bool) -> None:
    """What the rows say as an evidence file; refused where they say nothing that a calibration could take."""
    from calibration.lots import facts
    from calibration.lots.words import w
    from sim.experiments.storage.atomic import write_whole

    if read.histories is None:
        fail(said("place", where="--facts", said=said("lots.no_totals")))
    found = facts.row_facts(read.histories, read.selection)
    if not found.facts or found.days is None:
        fail(said("place", where="--facts", said=said("lots.no_facts", least=facts.FEWEST)))
    names = ", ".join(one.path.name for one in read.sources)
    with writing(path):
        write_whole(path, facts.facts_text(found, names).encode())
    if show:
        for line in (*facts.told(found, lang), w("facts.written", lang, file=str(path))):
            typer.echo(line)


def _leave(
    out: Path,
    read: FilesRead,
    found: Summary,
    beyond: tuple[Estimated | None, Tested | None],
    options: Options,
) -> None:
    """The folder: tables, the page, the manifest. ``beyond``: what was estimated, and the prediction that was tested."""
    from calibration.cli.lots_estimate import columns_of
    from calibration.lots.estimate_page import sections, tested_section
    from calibration.lots.estimate_report import headline
    from calibration.lots.summary.page import page
    from calibration.lots.summary.tables import tables as made
    from calibration.lots.words import w
    from sim.experiments.storage.folders import manifest, new_folder, write_manifest
    from sim.experiments.storage.tables import write_csv
    from sim.reporting.headed_copies import leave_copies
    from sim.reporting.pages.shell import render, write

    lang, (done, test) = options.lang, beyond

    def whole(stem: str, lang: str) -> Page:
        first = [*(sections(done, lang) if done else []), *([tested_section(test, lang)] if test else [])]
        return page(read, found, stem, lang, first, headline(done, lang) if done else "")

    with new_folder(out, options.force) as folder:
        for table in made(found, lang):
            write_csv(
                folder / f"{table.name}.csv",
                {name: [row[name] for row in table.rows] for name in table.fields},
            )
        for name, columns in columns_of(done, test).items():
            write_csv(folder / name, columns)
        if (defects := read.defects.table())["row"]:
            write_csv(folder / "defects.csv", defects)
        leave_copies(folder, options.heads)
        stem = read.sources[0].path.stem
        write(folder / "lots.html", render(*(whole(stem, one) for one in (lang, other(lang)))))
        write_manifest(folder, manifest(command_line(), "", kind="lots"))
    typer.echo(w("written", lang, page=str(out / "lots.html")), err=options.json)
