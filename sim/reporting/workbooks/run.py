"""A run as a workbook: published beside simulated, under the interpretation and under all, and every measure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.experiments.storage.folders import command_line
from sim.locale.signs import clauses
from sim.measures.definitions import INTERPRETATIONS
from sim.reporting.compare import comparison_columns, is_inside
from sim.reporting.fit import fit_of, rows_of
from sim.reporting.tables import headline_notes, verdict
from sim.reporting.text import known, name_of
from sim.reporting.workbooks.sheets import CellWords, Cover, as_typed, leave, table_sheet, title_of, w

if TYPE_CHECKING:
    from sim.experiments.run import Result
    from sim.reporting.fit import Fit
    from sim.scenario import Loaded


def run_workbook(folder: Path, loaded: Loaded, result: Result, lang: str) -> Path:
    """Write a run's workbook into its folder."""
    scenario = loaded.scenario
    rows = rows_of(scenario, result.summary)
    shown = fit_of(loaded, result.summary)
    words = CellWords(lang, scenario)
    keys = ("window", "figure", "measure", "published", "mean", "low", "high", "role")
    headlines = {
        **{key: [row[key] for row in shown.rows] for key in keys},
        "inside": ["" if row["published"] is None else int(is_inside(row)) for row in shown.rows],
        "verdict": [verdict(row, lang) for row in shown.rows],
    }
    every = comparison_columns(rows, shown.rows, lang)
    del every["name"]  # measures go by their names here
    sheets = [
        table_sheet(w("sheet.published", lang), headlines, words),
        table_sheet(w("sheet.interpretations", lang), every, words),
        table_sheet(w("sheet.measures", lang), result.summary, words),
    ]
    facts: dict[str, str | int] = {
        "scenario": w("cover.file", lang, title=title_of(scenario, lang), file=str(loaded.path)), "interpretation": interpretation(shown, lang), "seed": scenario.run.seed,
        "replications": result.replications, "command": as_typed(command_line()),
    }  # fmt: skip
    said = headline_notes(shown, rows, result.replications, lang)[:-1]  # the last speaks of the terminal
    return leave(folder, Cover(title_of(scenario, lang), facts, [*said, w("note.rates", lang)]), sheets, lang)


def interpretation(shown: Fit, lang: str) -> str:
    """The basis, and what each published figure stands for where it may stand for several things."""
    published = {row["figure"] for row in shown.rows if row["published"] is not None}
    if not published:
        return w("cover.nothing_published", lang)
    names = [
        name_of(measure, lang)
        for figure, measure in shown.measures.items()
        if figure in published and len(INTERPRETATIONS[figure]) > 1
    ]
    return clauses([known(f"basis.{shown.basis}.long", lang, shown.basis), *names], lang)
