"""A sweep as a workbook: the means of the headline measures at every point of the design."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiments.sweep.results import layout_of, points_a_block, summary_head, summary_lines
from sim.locale.signs import listed
from sim.reporting.sweep_pictures import labels_of
from sim.reporting.workbooks.sheets import CellWords, Cover, as_typed, leave, table_sheet, title_of, w
from sim.scenario import from_text

if TYPE_CHECKING:
    from sim.experiments.sweep.run_store import RunStore

MOST = 100_000  # rows; a longer table is no reading matter, and summary.csv has it


def sweep_workbook(store: RunStore, lang: str) -> Path | None:
    """Write a sweep's workbook into its folder; None where its table is too long for one."""
    shape = layout_of(store)
    heads = summary_head(store, shape)
    lines: list[list[Any]] = []
    for block in store.blocks(points_a_block(store)):
        lines += summary_lines(store, shape, block)
        if len(lines) > MOST:
            return None
    columns = {name: [line[i] for line in lines] for i, name in enumerate(heads)}
    scenario = from_text(store.manifest["scenario"])
    words = CellWords(lang, scenario)
    labels = labels_of(store)
    facts: dict[str, str | int] = {
        "scenario": title_of(scenario, lang),
        "parameters": listed((f"{labels[path][lang == 'zh']} ({path})" for path in store.sweep["paths"]), lang),
        "points": store.points, "replications": store.replications, "seed": scenario.run.seed,
        "command": as_typed(store.manifest["command"]),
    }  # fmt: skip
    sheets = [table_sheet(w("sheet.summary", lang), columns, words)]
    notes = [w("note.interval", lang), w("note.rates", lang)]
    return leave(store.folder, Cover(title_of(scenario, lang), facts, notes), sheets, lang)
