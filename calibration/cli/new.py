"""``calibrate new``: a file for published figures: a workbook to be filled in, or, question by question, a targets file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from calibration.words import w
from sim.cli.shared.ending import Checks, fail, refusing, writing
from sim.cli.shared.options import Force, Lang, command, declared
from sim.cli.shared.wizard import as_it_stands, ask, refuse_existing
from sim.locale.language import said

if TYPE_CHECKING:
    from collections.abc import Callable

SUFFIXES = (".toml", ".xlsx")


@declared
class Options:
    file: Annotated[Path, typer.Argument()]
    xlsx: Annotated[bool, typer.Option("--xlsx")] = False
    force: Force = False
    lang: Lang


@command
def new(options: Options) -> None:
    """Write the file; a targets file is checked as an audit would."""
    path, lang = options.file, options.lang
    if not path.suffix:
        path = path.with_suffix(".xlsx" if options.xlsx else ".toml")
    _check(path, options)
    if path.suffix == ".xlsx":
        from calibration.targets.template import write_template

        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_template(path, lang)
        typer.echo(w("new.template", lang, file=str(path)))
        return
    from sim.experiments.storage.atomic import write_whole

    text = _asked(lang)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    _audited(path)
    typer.echo(w("new.written", lang, file=str(path)))


def _check(path: Path, options: Options) -> None:
    checks = Checks()
    with checks:
        if path.suffix not in SUFFIXES or (options.xlsx and path.suffix != ".xlsx"):
            fail(said("new.suffix", path=path))
    with checks:
        refuse_existing(path, options.force)
    checks.end()


def _audited(path: Path) -> None:
    """What is wrong with the file that was written, if anything is."""
    from calibration.targets.reader.load import load_reported
    from sim.scenario import ScenarioError

    with refusing(ScenarioError):
        load_reported(path)


def _asked(lang: str) -> str:
    """The targets file that the answers make."""
    import tomli_w

    from calibration.targets.template import FIGURES

    typer.echo(w("new.lead", lang))
    title = ask(w("new.title", lang), _needed)
    source = ask(w("new.source", lang), as_it_stands)
    tree: dict[str, Any] = {"title": title, "title_zh": title} | ({"source": source} if source else {})
    courts = ask(w("new.courts", lang), _whole)
    if courts:
        tree["set"] = {"courts.number": courts}
    windows: dict[str, Any] = {}
    while True:
        name = ask(w("new.window" if not windows else "new.next", lang), _unused(windows))
        if not name:
            break
        windows[name] = _window(name, FIGURES, lang)
    return tomli_w.dumps({**tree, "windows": windows})


def _window(name: str, figures: tuple[str, ...], lang: str) -> dict[str, Any]:
    """The days of a window and its figures; those that were not published are left out."""
    from calibration.targets.reader.workbook import figure_word

    found: dict[str, Any] = {}
    for end in ("first", "last"):
        day = ask(w(f"new.{end}", lang, window=name), _day)
        if day is not None:
            found[end] = day
    for figure in figures:
        given = ask(w("new.figure", lang, window=name, figure=figure_word(figure, lang)), _published)
        if given is not None:
            found[figure] = given
    return found


def _needed(text: str) -> str:
    if not text:
        raise ValueError(said("wizard.needed"))
    return text


def _whole(text: str) -> int:
    from calibration.targets.reader.workbook import MOST_COURTS

    if text and not (text.isdecimal() and 1 <= int(text) <= MOST_COURTS):
        raise ValueError(said("new.courts", value=text, most=MOST_COURTS))
    return int(text or 0)


def _unused(windows: dict[str, Any]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text in windows:
            raise ValueError(said("sheet.twice", value=text))
        return text if windows else _needed(text)

    return check


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(said("sheet.date", value=text)) from None


def _published(text: str) -> int | str | None:
    from calibration.targets.published_numbers import as_published_number

    if not text:
        return None
    number = as_published_number(text)
    return int(number.exact) if not number.digit and number.exact.denominator == 1 else text
