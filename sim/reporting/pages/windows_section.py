"""Policies that hold from a day on: what changes in each of the windows that courts report, before that day and after."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sim.locale.signs import listed
from sim.reporting.differences import basis_note, change, headline_rows, level
from sim.reporting.pages.compare_folder import CompareFolder
from sim.reporting.pages.shell import Notes, Section
from sim.reporting.pages.table import Column, Table
from sim.reporting.pages.words import w
from sim.reporting.text import headline
from sim.reporting.text_explore import e
from sim.reporting.units import head_with_unit
from sim.scenario.keys import FROM, read_key

MEASURES: Final = ("sale_rate_final", "lots_sold", "days_to_sale_mean", "recovery_all")
ENDS: Final = ("difference", "ci_low", "ci_high")


def reform_days(folder: CompareFolder) -> list[date]:
    """The days, in order, from which policies set values otherwise than the base does."""
    paths = (read_key(str(row["key"])) for row in folder.changes())
    return sorted({date.fromisoformat(path[1]) for path in paths if path[0] == FROM and len(path) > 1})


def window_named(folder: CompareFolder, window: str, days: Sequence[date], lang: str) -> str:
    """A window, said to lie before these days, after them, or across."""
    own = folder.loaded[folder.base].scenario.time.windows[window]
    when = "before" if own.last < days[0] else "after" if own.first >= days[-1] else "across"
    return w("windows.named", lang, name=window, when=w(f"windows.{when}", lang))


def named_days(days: Sequence[date], lang: str) -> str:
    return listed(list(map(str, days)), lang)


def windows_section(folder: CompareFolder, titles: Mapping[str, str], lang: str) -> list[Section]:
    """A table of the main measures, window by window; nothing where no policy begins at a date."""
    days = reform_days(folder)
    if not days:
        return []
    windows = folder.loaded[folder.base].scenario.time.windows
    rows = [row for window in windows for row in _rows(folder, window)]

    def shown(name: str) -> Callable[[Any], str]:
        def text(row: Any) -> str:
            difference, low, high = (row[f"{name} {end}"] for end in ENDS)
            if difference == low == high == 0.0:
                return e("same", lang)
            return " ".join(change(row["measure"], difference, low, high, lang)).strip()

        return text

    columns = [
        Column(w("windows.window", lang), lambda row: window_named(folder, row["window"], days, lang)),
        Column(headline(e("measure", lang)), lambda row: head_with_unit(row["measure"], lang, own=True)),
        Column(headline(e("base", lang)), lambda row: level(row["measure"], row["base"], lang), True),
        *(Column(titles[name], shown(name), True) for name in folder.policies),
    ]
    fields = ("window", "measure", "base", *(f"{name} {end}" for name in folder.policies for end in ENDS))
    day = named_days(days, lang)
    table = Table("differences-windows", w("windows.caption", lang, day=day), columns, rows, fields)
    said = Notes([basis_note(folder.basis, lang), w("windows.months", lang)])
    return [Section("windows", w("windows", lang), w("windows.title", lang, day=day), [table, said])]


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
