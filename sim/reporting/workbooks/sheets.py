"""Tables as sheets: heads and codes in words, numbers as they are in the CSV, each in the format of its measure."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from sim.experiments.storage.workbook import AS_TEXT, WHOLE_NUMBER, Cell, Sheet, write_workbook
from sim.locale.signs import listed
from sim.locale.words import Words
from sim.measures.definitions import DEFINITIONS, UNITS_ZH
from sim.reporting.differences import kind_of, window_name
from sim.reporting.text import headline, known, name_of
from sim.reporting.values import key_name
from sim.scenario.schema import Scenario

Columns = Mapping[str, Sequence[Any]]
Row = Mapping[str, Any]
Word = Callable[[Any], Any]

FILE: Final = "tables.xlsx"  # in a folder of results
w: Final = Words("workbook")
_heads: Final = Words("columns")
# Columns whose numbers are in the unit of the row's measure, and those that are a difference of such numbers.
MEASURED: Final = frozenset(
    [
        "published",
        "mean",
        "sd",
        "low",
        "high",
        "ci_low",
        "ci_high",
        "base",
        "policy",
        "sd_monte_carlo",
        "sd_parameters",
        "half",
        "half_parameters",
        "value",
        "median",
    ]
)
DIFFERENCES: Final = frozenset({"difference", "ci_low", "ci_high", "low", "high"})  # where there is the first
FORMATS: Final = {"count": "#,##0.0", "rate": "0.0%", "yuan": "#,##0", "days": "0.0", "ratio": "0.00"}
PLAIN: Final = "#,##0.0###"
YES_NO: Final = ("inside", "impossible", "cannot_fail")


def heads(columns: Sequence[str], lang: str) -> list[str]:
    """What columns are called: in words where there are some, a parameter by its name, else as it stands. Intervals stand
    beside means, or beside differences.
    """
    beside = "difference." if "difference" in columns else ""
    found = []
    for one in columns:
        key = f"{beside}{one}" if f"{beside}{one}" in _heads else one
        found.append(_heads(key, lang) if key in _heads else key_name(one, lang))
    return found


@dataclass(frozen=True, slots=True)
class CellWords:
    """What codes in cells are called. ``more``: column -> its words, beside those that every table has."""

    lang: str
    scenario: Scenario | None = None
    more: Mapping[str, Word] = field(default_factory=dict)

    def __call__(self, column: str, value: Any) -> Any:
        lang = self.lang
        if column in self.more:
            return self.more[column](value)
        if column in YES_NO:
            return "" if value in ("", None) else w("yes" if int(value) else "no", lang)
        if not isinstance(value, str):
            return value
        if column == "window":
            return window_name(value, lang)
        if column == "basis":
            return known(f"basis.{value}", lang, value)
        if column == "measure":
            return headline(name_of(value, lang))
        if column == "figure":
            return headline(known(f"figure.{value}", lang, value))
        if column == "segment":
            return self._segment(value)
        if column in ("role", "kind") and f"{column}.{value}" in w:
            return w(f"{column}.{value}", lang)
        return value

    def _segment(self, value: str) -> str:
        if value == "all":
            return w("segment.all", self.lang)
        kind = self.scenario.kinds.get(value) if self.scenario else None
        if self.lang == "zh":
            return kind.name_zh if kind else value
        return headline(value.replace("_", " "))


def table_sheet(
    name: str, columns: Columns, words: CellWords, kind: Callable[[Row], str] | None = None
) -> Sheet:
    """A table as a sheet. ``kind``: of a row's numbers; by its measure unless given. A column says the unit of measures."""
    lang = words.lang
    names = list(columns)
    apart = DIFFERENCES if "difference" in names else frozenset()
    unit = kind is None and "measure" in columns
    where = names.index("measure") + 1 if unit else -1
    called = heads(names, lang)
    if unit:
        called[where:where] = heads(["unit"], lang)
    rows = []
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(names, values, strict=True))
        of = kind(row) if kind else kind_of(str(row["measure"])) if unit else ""
        cells = [Cell(words(one, row[one]), shown(one, row[one], of, signed=one in apart)) for one in names]
        if unit:
            cells.insert(where, Cell(unit_of(str(row["measure"]), lang)))
        rows.append(cells)
    return Sheet(name, called, rows)


def shown(column: str, value: Any, kind: str, *, signed: bool = False) -> str:
    """The format in which a number is shown."""
    if isinstance(value, str):
        return AS_TEXT
    if value is None or isinstance(value, date):
        return "General"
    whole = isinstance(value, int) or (math.isfinite(value) and float(value).is_integer())
    if signed and kind:
        plain = FORMATS[kind]
        return f"+{plain};-{plain};0"
    if column in MEASURED and kind:
        return WHOLE_NUMBER if kind == "count" and (whole or abs(value) >= 100) else FORMATS[kind]
    return WHOLE_NUMBER if whole else PLAIN


def unit_of(measure: str, lang: str) -> str:
    """The unit of a measure; numbers of rates are shown in per cent, and their differences are percentage points."""
    known_ = DEFINITIONS.get(measure)
    unit = known_.unit if known_ else "share"
    return UNITS_ZH[unit] if lang == "zh" else unit


@dataclass(frozen=True, slots=True)
class Cover:
    """What the first sheet says: the title, what was computed and how (a key of ``cover.*`` -> value), how to read the sheets."""

    title: str
    facts: Mapping[str, str | int]
    notes: Sequence[str] = ()

    def sheet(self, others: Sequence[Sheet], lang: str) -> Sheet:
        facts = {**self.facts, "sheets": listed((one.name for one in others), lang)}
        rows = [[Cell(w(f"cover.{key}", lang), strong=True), Cell(value)] for key, value in facts.items()]
        for i, line in enumerate(self.notes):
            rows.append([Cell(w("cover.notes", lang) if i == 0 else "", strong=True), Cell(line.strip())])
        return Sheet(w("cover", lang), [w("cover.what", lang), self.title], rows, wide=(22, 100))


def leave(folder: Path, cover: Cover, sheets: Sequence[Sheet], lang: str) -> Path:
    """The workbook in a folder of results, its cover first."""
    path = folder / FILE
    write_workbook(path, [cover.sheet(sheets, lang), *sheets], cover.title)
    return path


def title_of(scenario: Scenario, lang: str) -> str:
    """What people call a scenario."""
    return scenario.title_zh if lang == "zh" else scenario.title


def as_typed(words: Sequence[str]) -> str:
    """A command as it can be given again."""
    return shlex.join(words)
