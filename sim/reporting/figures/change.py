"""Before and after a date on which values change: months of what is listed, fails and is sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.ticker import FuncFormatter

from sim.locale.signs import listed
from sim.measures.months import FLOWS, STOCKS, month_edges, sale_rate
from sim.reporting import formats
from sim.reporting.figures.time import date_ticks
from sim.reporting.style import (
    BLACK,
    BLUE,
    FILE,
    GREY,
    ORANGE,
    VERMILION,
    Foot,
    Form,
    Look,
    Picture,
    drawing,
    finish,
    fold,
)
from sim.reporting.text import t
from sim.reporting.values import setting
from sim.scenario.files import leaves
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]
LOOKS = {"listed": (BLACK, (0, (4, 2))), "failed": (VERMILION, "solid"), "sold": (BLUE, (0, (1.2, 1.2))),
         "waiting": (GREY, "solid"), "open": (ORANGE, "solid")}  # fmt: skip
YEAR = 12  # months on either side that are held against each other
SHOWN = 2  # changes named at a date


def dates_of(scenario: Scenario) -> list[date]:
    """The dates within the horizon on which something changes."""
    return [begins for begins, _ in scenario.periods[1:]]


def changes(scenario: Scenario, lang: str) -> dict[date, str]:
    """What changes on each of these dates, in short and in words."""
    found = {}
    for begins, one in scenario.periods[1:]:
        keys = leaves(scenario.from_[begins.isoformat()])
        words = [setting(key, one.value(key), lang, scenario.kinds) for key in keys[:SHOWN]]
        more = [t("change.more", lang, n=len(keys) - SHOWN)] if len(keys) > SHOWN else []
        found[begins] = listed([*words, *more], lang)
    return found


def sentence(months: Mapping[str, Floats], scenario: Scenario, lang: str) -> str:
    """The sale rate of rounds in as many months before the first change as after it, a year at most."""
    start = scenario.time.start
    first = dates_of(scenario)[0]
    begins = month_edges(start, scenario.time.end)[:-1]
    at = int(np.searchsorted(begins, float((first - start).days)))
    n = min(YEAR, at, len(begins) - at)
    if n == 0:
        return t("change.plain", lang, date=first.isoformat())
    before, after = (_rate(months, part) for part in (slice(at - n, at), slice(at, at + n)))
    return t("change.title", lang, date=first.isoformat(), n=n, before=before, after=after)


def _rate(months: Mapping[str, Floats], part: slice) -> str:
    sold, failed = (float(months[name][:, part].sum()) for name in ("sold", "failed"))
    return formats.percent(sold / (sold + failed), 1) if sold + failed else formats.NOTHING


def before_and_after(
    months: Mapping[str, Floats], scenario: Scenario, lang: str, foot: Foot | str | None = None, *, form: Form = FILE
) -> Picture:  # fmt: skip
    """``months``: (replications, months) each, as ``measures.months`` names them."""
    start, edges = scenario.time.start, month_edges(scenario.time.start, scenario.time.end)
    middle = (edges[:-1] + edges[1:]) / 2.0
    with drawing(lang, form) as look:
        fig = look.canvas(8.6, 8.2)
        grid = fig.add_gridspec(3, 1, height_ratios=[1.3, 1.0, 1.3])
        flows = fig.add_subplot(grid[0])
        rates = fig.add_subplot(grid[1], sharex=flows)
        stocks = fig.add_subplot(grid[2], sharex=flows)
        for name in FLOWS:
            _curve(flows, look, name, _days(middle, start), months[name])
        for name in STOCKS:
            _curve(stocks, look, name, _days(edges[1:], start), months[name])
        rate = sale_rate(months["sold"], months["failed"])
        rates.plot(_days(middle, start), rate, color=BLUE, linewidth=1.8)
        rates.yaxis.set_major_formatter(FuncFormatter(lambda y, _: formats.percent(y, 0)))
        for ax, words in ((flows, "change.flows"), (rates, "change.rate"), (stocks, "change.stocks")):
            _finish(ax, look, words, list(changes(scenario, look.lang).items()), named=ax is flows)
        flows.set_xlim(*_days(np.array([0.0, edges[-1]]), start))
        for ax in (flows, rates, stocks):
            ax.set_ylim(0.0, ax.get_ylim()[1] * (1.25 if form.narrow and ax is not rates else 1.0))
        for ax in (flows, stocks):
            ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: formats.count(y)))
            ax.legend(loc="upper left", ncols=1 if form.narrow else 3, fontsize=8.5)
        for ax in (flows, rates):
            ax.tick_params(labelbottom=False)
        date_ticks(stocks, form)
        return finish(fig, look, sentence(months, scenario, look.lang), foot)


def _days(days: Floats, start: date) -> Floats:
    return np.asarray(days + float(date2num(start)))  # type: ignore[no-untyped-call]


def _curve(ax: Axes, look: Look, name: str, x: Floats, runs: Floats) -> None:
    colour, dash = LOOKS[name]
    if len(runs) > 1:
        low, high = np.quantile(runs, (0.025, 0.975), axis=0)
        ax.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
    ax.plot(x, runs.mean(axis=0), color=colour, linewidth=1.8, linestyle=dash, label=look.t(f"change.{name}"))


def _finish(ax: Axes, look: Look, words: str, dates: Sequence[tuple[date, str]], named: bool) -> None:
    ax.set_title(
        fold(look.t(words), 44) if look.form.narrow else look.t(words),
        loc="left",
        fontsize=10,
        pad=18 if named else 6,
    )
    ax.margins(y=0.28)
    for day, what in dates:
        at = float(date2num(day))  # type: ignore[no-untyped-call]
        ax.axvline(at, color=VERMILION, linewidth=1.2, linestyle=(0, (4, 2)))
        if named:  # of several dates only the days, for there is no room for what changes
            said = f"{day}: {what}" if len(dates) == 1 and not look.form.page else f"{day}"
            ax.annotate(
                look.safe(said), (at, 1), (0, 3), ("data", "axes fraction"), "offset points",
                ha="right", va="bottom", fontsize=8.5, color=VERMILION,
            )  # fmt: skip
