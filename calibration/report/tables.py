"""What the report's tables share: rows once, for the page and for the CSV files beside it; numbers and names in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.audit.words import figure_name
from calibration.history import TOGETHER
from calibration.readings import Reading, name_of_measure
from calibration.words import w
from sim.report import formats
from sim.report.page.table import Column, Table

Row = dict[str, Any]
Floats = npt.NDArray[np.float64]
MONEY: Final = ("turnover", "commission")
RATES: Final = ("sale_rate", "premium")


def number(x: float, digits: int = 3) -> str:
    """A plain number with as many digits as count."""
    return formats.NOTHING if not math.isfinite(x) else f"{x:.{digits}g}"


def signed_number(x: float) -> str:
    """A difference to one place, without a sign where that place is 0."""
    told = f"{x:+.1f}"
    return "0.0" if told in ("+0.0", "-0.0") else told


def z_score(z: float) -> str:
    """A standardised distance to two places."""
    told = f"{z:.2f}"
    return formats.NOTHING if not math.isfinite(z) else ("0.00" if told == "-0.00" else told)


def figure(name: str, x: float, lang: str) -> str:
    """A printed figure in its unit."""
    if not math.isfinite(x):
        return formats.NOTHING
    if name in MONEY:
        return formats.money(x, lang)
    return formats.percent(x, 1) if name in RATES else formats.count(round(x))


def reading_name(reading: Reading, lang: str) -> str:
    """A reading in words."""
    parts = [w(f"basis.{reading.basis}", lang)]
    parts += [short(measure, lang) for name, measure in reading.measures if name != "commission"]
    return (" · " if lang == "en" else "·").join(parts)


def short(measure: str, lang: str) -> str:
    """A measure without the figure's name where that is clear: "premium, mean of lots"."""
    return name_of_measure(measure, lang)


def table(
    name: str, lang: str, rows: Sequence[Row], columns: Sequence[tuple[str, Callable[[Mapping[str, Any]], str], bool]],
    fields: Sequence[str], marked: Callable[[Mapping[str, Any]], str] = lambda row: "", folded: bool = False,
) -> Table:  # fmt: skip
    return Table(
        name=name, caption=w(f"{name}.caption", lang),
        columns=[Column(w(f"col.{head}", lang), show, numeric) for head, show, numeric in columns],
        rows=rows, fields=fields, marked=marked, folded=folded,
    )  # fmt: skip


def moment_name(key: str, lang: str) -> str:
    """``premium@2018`` in words."""
    if key == TOGETHER:
        return w("moment.together", lang)
    name, _, window = key.partition("@")
    told = w("moment.ended", lang) if name == "ended" else figure_name(name, lang)
    return f"{told} {window}" if lang == "en" else f"{window}{told}"
