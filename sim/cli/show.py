"""``sim show``: every value of a scenario, laid open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.cli.shared.listing import Json, Word, holding, show_json, show_lines
from sim.cli.shared.options import Lang, Overrides, Scenario, command, declared, load_scenario

if TYPE_CHECKING:
    from sim.scenario import Loaded

_HEADS = ("path", "value", "unit", "meaning", "source", "origin")


@declared
class Options:
    scenario: Scenario
    word: Word = None
    overrides: Overrides = None
    json: Json = False
    lang: Lang


@command
def show(options: Options) -> None:
    """Print every value with its unit, source, and the file that set it."""
    from sim.scenario.table import rows

    loaded, lang = load_scenario(options.scenario, options.overrides), options.lang
    found = holding(rows(loaded, lang), options.word, lambda row: row[:1] + row[3:4])
    if options.json:
        show_json([dict(zip(_HEADS, row, strict=True)) for row in found])
    else:
        show_lines(text(loaded, lang, found if options.word else None).split("\n"))


def text(loaded: Loaded, lang: str, some: Sequence[tuple[str, ...]] | None = None) -> str:
    """Values with unit, meaning, source, and the file that set them, as aligned text, table by table; all, unless ``some`` are given."""
    from sim.cli.shared.words import w
    from sim.scenario.files import DRAWS
    from sim.scenario.table import rows

    lines: list[str] = []
    head = ""
    found = rows(loaded, lang) if some is None else some
    width = max(len(_named(path)[1]) for path, *_ in found)
    for path, value, unit, meaning, source, origin in found:
        table, name = _named(path)
        if table != head:
            head = table
            lines.append(f"\n[{table}]")
        lines.append(f"  {name or table:<{width}} = {value}{f' {unit}' if unit else ''}")
        said = f"{meaning} | {source}" if source else meaning
        lines.append(f"  {'':<{width}}   {said} | {origin}")
    if loaded.draws and some is None:
        said = w("show.draws", lang)
        lines += ["", f"draws = {loaded.draws}", f"  {said} | {loaded.origins[DRAWS]}"]
    titles = [w(f"show.{name}", lang) for name in _HEADS]
    return " | ".join((f"{titles[0]} = {titles[1]} {titles[2]}", *titles[3:])) + "\n" + "\n".join(lines)


def _named(path: str) -> tuple[str, str]:
    """The table under whose head a value is shown, and what it is called there; each date has a table of its own."""
    from sim.scenario.keys import FROM, read_key, write_key

    key = read_key(path)
    dated = key[: 2 if key[0] == FROM else 1]
    return write_key(dated), write_key(key[len(dated) :])
