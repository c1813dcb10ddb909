"""A comparison as a workbook: what each policy changes in short, and every difference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.experiments.storage.folders import command_line
from sim.locale.signs import listed
from sim.reporting.differences import as_rows, basis_note, headline_rows, notes, on_basis, verdict
from sim.reporting.pictures import policy_titles
from sim.reporting.workbooks.sheets import CellWords, Cover, as_typed, leave, table_sheet, w

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison
    from sim.experiments.draws import Draws

SHORT = ("policy_name", "window", "measure", "base", "policy", "difference", "ci_low", "ci_high", "pairs")


def compare_workbook(folder: Path, result: Comparison, draws: Draws | None, lang: str) -> Path:
    """Write a comparison's workbook into its folder."""
    base = result.loaded[0]
    titles = policy_titles(result, lang)
    words = CellWords(lang, base.scenario, {"policy_name": lambda name: titles.get(name, name)})
    rows = on_basis(as_rows(result.rows), result.basis)
    short = [
        row
        for name in result.names[1:]
        for window in [*base.scenario.time.windows, "all"]
        for row in headline_rows([one for one in rows if one["policy_name"] == name], window)
    ]
    headlines = {
        **{key: [row[key] for row in short] for key in SHORT},
        "verdict": [verdict(row, lang) for row in short],
    }
    sheets = [
        table_sheet(w("sheet.headlines", lang), headlines, words),
        table_sheet(w("sheet.differences", lang), result.rows, words),
    ]
    facts: dict[str, str | int] = {
        "scenario": w("cover.file", lang, title=titles[result.names[0]], file=str(base.path)),
        "policies": listed((titles[name] for name in result.names[1:]), lang),
        "seed": base.scenario.run.seed, "replications": result.replications,
    }  # fmt: skip
    if draws:
        facts["draws"] = w("cover.draws_of", lang, n=result.draws, file=draws.path.name)
    facts["command"] = as_typed(command_line())
    said = [
        *notes(result.replications, result.draws, draws.total if draws else 0, lang),
        basis_note(result.basis, lang),
        w("note.rates", lang),
    ]
    title = w("cover.compared", lang, base=titles[result.names[0]])
    return leave(folder, Cover(title, facts, said), sheets, lang)
