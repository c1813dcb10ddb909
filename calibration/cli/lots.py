"""``calibrate lots``: a court's own files read, what is wrong with them, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.ending import fail, refusing, writing
from sim.cli.options import Lang, command, declared
from sim.cli.progress import ProgressBar, tables
from sim.locale.language import said

if TYPE_CHECKING:
    from calibration.lots.mapping import Selection
    from calibration.lots.reader.read import FilesRead

WIDTH = 120  # columns where there is no terminal to ask


@declared
class Options:
    files: Annotated[list[Path], typer.Argument()]
    mapping: Annotated[list[str] | None, typer.Option()] = None
    selection: Annotated[str | None, typer.Option()] = None
    defects: Annotated[Path | None, typer.Option()] = None
    lang: Lang = "zh"


@command
def lots(options: Options) -> None:
    """Read the files; say what was read and what was set aside; leave what is asked for."""
    from calibration.lots import report

    reading, lang = _read(options), options.lang
    to = tables(WIDTH)
    for line in report.lines(reading, lang) + report.set_aside(reading, lang):
        to.print(line, markup=False)
    if options.defects is not None:
        _leave_defects(options.defects, reading)


def _read(options: Options) -> FilesRead:
    """The files, or all that keeps them from being read and exit code 2."""
    from calibration.lots.mapping import find
    from calibration.lots.reader.read import read_lots
    from sim.scenario import ScenarioError

    selection = _selection(options.selection)
    with refusing(ScenarioError), ProgressBar() as bar:

        def tick(file: str, rows: int) -> None:
            bar.show(file, rows, None, key=file)

        return read_lots(options.files, [find(name) for name in options.mapping or ()], selection, tick)


def _selection(given: str | None) -> Selection | None:
    from calibration.lots.mapping import SELECTIONS
    from sim.scenario.errors import joined, near, quoted

    for one in SELECTIONS:
        if one == given:
            return one
    if given is not None:
        told = said("lots.selection", value=quoted(given), names=joined(map(quoted, SELECTIONS)))
        hint = near(given, SELECTIONS)
        fail(said("place", where="--selection", said=said("hint", said=told, hint=hint) if hint else told))
    return None


def _leave_defects(path: Path, reading: FilesRead) -> None:
    from sim.experiments.storage.tables import write_csv

    with writing(path):
        write_csv(path, reading.defects.table())
