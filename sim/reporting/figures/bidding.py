"""The bidding for one lot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.locale.signs import amount
from sim.reporting import formats
from sim.reporting.style import (
    BLACK,
    GREY,
    MARKERS,
    PALE,
    PALETTE,
    VERMILION,
    Foot,
    Look,
    Picture,
    canvas,
    drawing,
    finish,
)
from sim.reporting.text import headline

SHOWN = len(PALETTE)  # bidders with a colour and a mark of their own
CROWD = 60  # bids beyond which marks would cover each other
HOUR, MINUTE = 24.0, 1440.0
Floats = npt.NDArray[Any]


class Scale(NamedTuple):
    """From days on the model's clock to units after a moment."""

    zero: float
    size: float

    def one(self, x: float) -> float:
        return (x - self.zero) * self.size

    def all(self, x: Floats) -> Floats:
        return (x - self.zero) * self.size


@dataclass(frozen=True, slots=True)
class HeldRound:
    """One round. ``bids`` has the columns bidder, time, price; ``start`` is the starting price.

    ``opens``, ``closes`` (actual end), ``scheduled_close`` and ``extensions`` (each end to which a late bid
    moved the close, as ``curves.extension_times`` gives them) are days on the model's clock.
    In a sell-off the set close is 24 hours after the first bid. ``winner`` is the last bidder unless given.
    """

    bids: Mapping[str, npt.ArrayLike]
    start: float
    opens: float
    closes: float
    scheduled_close: float
    extensions: Sequence[float]
    winner: int | None = None

    def column(self, name: str) -> Floats:
        """A column of the bids in order of time."""
        order = np.argsort(np.asarray(self.bids["time"], dtype=np.float64), kind="stable")
        return np.asarray(self.bids[name])[order].astype(np.int64 if name == "bidder" else np.float64)

    @property
    def top(self) -> float:
        """The highest price."""
        price = self.column("price")
        return float(price.max()) if len(price) else self.start


def bidding(held: HeldRound, lang: str, foot: Foot | str | None = None) -> Picture:
    """Left the whole round, right its last hour and the extensions, in minutes from the set close."""
    with drawing(lang) as look:
        fig = canvas(9.6, 4.8)
        whole, hour = fig.subplots(1, 2, sharey=True, width_ratios=(1, 1.25))
        in_days = held.closes - held.opens > 3.0
        to_left = Scale(held.opens, 1.0 if in_days else HOUR)
        to_right = Scale(held.scheduled_close, MINUTE)
        styles, handles = _styles(look, held.column("bidder"), held.winner)
        for ax, scale in ((whole, to_left), (hour, to_right)):
            _steps(ax, scale, held, styles)
            ax.axhline(held.start, color=GREY, linewidth=1.0, linestyle=(0, (1.2, 1.2)))
            ax.axvline(scale.one(held.scheduled_close), color=BLACK, linewidth=1.2, linestyle=(0, (4, 2)))
            ax.grid(axis="y", color=PALE, linewidth=0.6)
            ax.set_axisbelow(True)
        margin = max(held.top - held.start, held.start * 0.1)
        whole.set_ylim(held.start - 0.12 * margin, held.top + 0.16 * margin)
        _whole(whole, look, held.start, to_left.one(held.opens), to_left.one(held.closes), in_days)
        _hour(hour, look, to_right.one(held.closes), [to_right.one(end) for end in held.extensions])
        size, unit = formats.unit(held.top, look.lang)
        whole.yaxis.set_major_locator(MaxNLocator(7))
        whole.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y / size:,.6g}"))
        whole.set_ylabel(headline(look.t("bidding.y", unit=amount("", look.lang, unit))))
        if handles:
            hour.legend(handles=handles, loc="upper left", borderaxespad=0.3, labelspacing=0.3)
        return finish(fig, look, _title(look, held), foot)


def _styles(
    look: Look, who: npt.NDArray[np.generic], winner: int | None
) -> tuple[dict[int, tuple[str, str]], list[Line2D]]:
    """Colour and mark of each bidder in order of first bid, and the legend; the winner is always shown."""
    seen = list(dict.fromkeys(who.tolist()))
    shown = seen if len(seen) <= SHOWN else seen[: SHOWN - 1]
    won = winner if winner in seen else next(reversed(who.tolist()), None)
    if won is not None and won not in shown:
        shown = [*shown[:-1], won]
    dots = len(who) > CROWD
    styles = {b: (PALETTE[i], "o" if dots else MARKERS[i]) for i, b in enumerate(shown)}
    handles = []
    for bidder, (colour, marker) in styles.items():
        words = headline(look.t("bidding.bidder", n=seen.index(bidder) + 1))
        if bidder == won:
            words += look.t("bidding.winner")
        handles.append(
            Line2D([], [], color=colour, marker=marker, linestyle="none", markersize=6, label=words)
        )
    if len(seen) > len(shown):
        words = look.t("bidding.others", n=len(seen) - len(shown))
        handles.append(Line2D([], [], color=GREY, marker=".", linestyle="none", markersize=7, label=words))
    return styles, handles


def _steps(ax: Axes, scale: Scale, held: HeldRound, styles: dict[int, tuple[str, str]]) -> None:
    who, when, price = (held.column(name) for name in ("bidder", "time", "price"))
    if not len(when):
        return
    path = np.array([when[0], *when, held.closes]), np.array([held.start, *price, price[-1]])
    ax.step(scale.all(path[0]), path[1], where="post", color=GREY, linewidth=0.9, zorder=1)
    if len(when) > CROWD:  # small dots in order of time, or the last bidder drawn hides the other one
        colours = [styles.get(bidder, (GREY, "."))[0] for bidder in who.tolist()]
        ax.scatter(scale.all(when), price, s=9, c=colours, linewidths=0, zorder=3)
        return
    for bidder in dict.fromkeys(who.tolist()):
        mine = who == bidder
        colour, marker = styles.get(bidder, (GREY, "."))
        size = 26 if bidder in styles else 18
        ax.scatter(
            scale.all(when[mine]),
            price[mine],
            s=size,
            color=colour,
            marker=marker,
            linewidths=0.4,
            edgecolors="white",
            zorder=3,
        )


def _whole(ax: Axes, look: Look, start: float, left: float, right: float, in_days: bool) -> None:
    pad = 0.03 * (right - left)
    ax.set_xlim(left - pad, right + pad)
    if not in_days:
        ax.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 3, 4, 6, 10]))
    ax.set_title(headline(look.t("bidding.whole")), loc="left")
    ax.set_xlabel(headline(look.t("bidding.x_days" if in_days else "bidding.x_hours")))
    text = f"{headline(look.t('bidding.start'))} {formats.money(start, look.lang)}"
    ax.annotate(text, (left, start), (0, -3), textcoords="offset points", fontsize=8.5, color=GREY, va="top")


def _hour(ax: Axes, look: Look, end: float, moved: list[float]) -> None:
    ax.set_xlim(-60.0, max(end, 0.0) + 0.05 * (60.0 + max(end, 0.0)))
    for x in moved:
        ax.axvline(x, 0.95, 1.0, color=VERMILION, linewidth=0.9)  # a rug along the top
    ax.set_title(headline(look.t("bidding.hour")), loc="left")
    ax.set_xlabel(headline(look.t("bidding.x_minutes")))
    ax.annotate(
        headline(look.t("bidding.close")), (0, 0), (-4, 3), ("data", "axes fraction"), "offset points",
        ha="right", va="bottom", fontsize=8.5,
    )  # fmt: skip
    if moved:
        ax.axvspan(0, max(moved), color=VERMILION, alpha=0.07, linewidth=0, zorder=0)
        ax.annotate(
            headline(look.t("bidding.extensions", n=len(moved))),
            (1, 1),
            (0, 3),
            "axes fraction",
            "offset points",
            ha="right",
            va="bottom",
            fontsize=9,
            color=VERMILION,
        )


def _title(look: Look, held: HeldRound) -> str:
    who, when = held.column("bidder"), held.column("time")
    prices = {"start": formats.money(held.start, look.lang), "price": formats.money(held.top, look.lang)}
    if not len(who):
        return look.t("bidding.none", **prices)
    if len(who) == 1:
        return look.t("bidding.one", **prices)
    late = round(100.0 * float(np.mean(when > held.scheduled_close - 1 / HOUR)))
    return look.t("bidding.title", bids=len(who), bidders=len(set(who.tolist())), late=late, **prices)
