"""A reform from a day on: what changes in each of the windows that courts report, before that day and after."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from sim.app.words import w
from sim.reporting.differences import basis_note, change, headline_rows, level
from sim.reporting.pages.compare_folder import CompareFolder, read_compare
from sim.reporting.pages.shell import Notes, Section
from sim.reporting.pages.table import Column, Table
from sim.reporting.text import headline, name_of

MEASURES: Final = ("sale_rate_final", "lots_sold", "days_to_sale_mean", "recovery_all")
ENDS: Final = ("difference", "ci_low", "ci_high")


def windows_section(path: Path, since: str, lang: str) -> Section:
    """A table of the main measures, window by window, each said to lie before the reform, after it, or across. Raises ``PageError``."""
    folder = read_compare(path)
    titles = folder.titles(lang)
    rows = [
        row for window in folder.loaded[folder.base].scenario.time.windows for row in _rows(folder, window)
    ]

    def shown(name: str) -> Callable[[Any], str]:
        def text(row: Any) -> str:
            difference, low, high = (row[f"{name} {end}"] for end in ENDS)
            return " ".join(change(row["measure"], difference, low, high, lang)).strip()

        return text

    columns = [
        Column(w("windows.window", lang), lambda row: w("windows.named", lang, name=row["window"], when=w(f"windows.{row['when']}", lang))),
        Column(headline(w("measure", lang)), lambda row: headline(name_of(row["measure"], lang))),
        Column(headline(w("base", lang)), lambda row: level(row["measure"], row["base"], lang), True),
        *(Column(titles[name], shown(name), True) for name in folder.policies),
    ]  # fmt: skip
    for row in rows:
        row["when"] = _when(folder, row["window"], date.fromisoformat(since))
    fields = ("window", "measure", "base", *(f"{name} {end}" for name in folder.policies for end in ENDS))
    table = Table("differences-windows", w("windows.caption", lang, day=since), columns, rows, fields)
    return Section("windows", w("windows", lang), w("windows.title", lang, day=since), [table, Notes([basis_note(folder.basis, lang), w("windows.months", lang)])])  # fmt: skip


def _rows(folder: CompareFolder, window: str) -> list[dict[str, Any]]:
    """The main measures of a window: the base's level and each policy's difference."""
    found: dict[str, dict[str, Any]] = {}
    blank = {f"{name} {end}": math.nan for name in folder.policies for end in ENDS}
    for name in folder.policies:
        for row in headline_rows([one for one in folder.on_basis if one["policy_name"] == name], window):
            if row["measure"] in MEASURES:
                mine = found.setdefault(row["measure"], {"window": window, "measure": row["measure"], "base": row["base"], **blank})  # fmt: skip
                mine |= {f"{name} {end}": row[end] for end in ENDS}
    return list(found.values())


def _when(folder: CompareFolder, window: str, day: date) -> str:
    """Where a window lies: before a day, after it, or across."""
    days = folder.loaded[folder.base].scenario.time.windows[window]
    return "before" if days.last < day else "after" if days.first >= day else "across"
