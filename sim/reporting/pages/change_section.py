"""Before and after a date on which values change, month by month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sim.measures.months import FLOWS, STOCKS, month_edges, sale_rate
from sim.model.calendar import day_of
from sim.reporting import formats
from sim.reporting.figures.change import changes, sentence
from sim.reporting.pages.figures.curve import Curve, Span, over_time
from sim.reporting.pages.shell import Block, Figure, Notes, Section
from sim.reporting.pages.words import w
from sim.reporting.text import headline, t
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]
LOOKS = {"listed": ("ink", " dash"), "failed": ("red", ""), "sold": ("blue", " dots"), "waiting": ("grey", ""),
         "open": ("orange", "")}  # fmt: skip


def change_section(months: Mapping[str, Floats], scenario: Scenario, lang: str) -> list[Section]:
    """Nothing where nothing changes within the horizon, or no records of rounds were kept."""
    dates = changes(scenario)
    if not months or not dates:
        return []
    start = scenario.time.start
    edges = month_edges(start, scenario.time.end)
    middle = (edges[:-1] + edges[1:]) / 2.0
    span = Span(start, float(edges[-1]), changes=[day_of(day, start) for day in dates])

    def lines(names: tuple[str, ...], days: Floats) -> list[Curve]:
        return [Curve(headline(t(f"change.{one}", lang)), days, months[one], *LOOKS[one]) for one in names]

    rate = sale_rate(months["sold"], months["failed"])
    known = np.isfinite(rate)
    blocks: list[Block] = [Notes([f"{day}: {what}" for day, what in dates.items()], w("change.dates", lang))]
    blocks.append(_drawn("change.flows", lines(FLOWS, middle), span, _count, lang))
    if known.any():
        rates = Curve(w("change.rate.short", lang), middle[known], rate[known][None, :], "blue")
        blocks.append(_drawn("change.rate", [rates], span, _share, lang))
    blocks.append(_drawn("change.stocks", lines(STOCKS, edges[1:]), span, _count, lang))
    return [Section("change", w("change", lang), sentence(months, scenario, lang), blocks)]


def _drawn(key: str, curves: Sequence[Curve], span: Span, told: Callable[[float], str], lang: str) -> Figure:
    words = t(key, lang)
    return Figure(words, *over_time(curves, span, words, told))


def _count(x: float) -> str:
    return formats.count(round(x))


def _share(x: float) -> str:
    return formats.percent(x, 0)
