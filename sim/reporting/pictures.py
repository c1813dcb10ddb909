"""The pictures of a run and of one lot's bidding: from results to files, PNG and SVG each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from sim.measures.curves import closing
from sim.model.calendar import moment
from sim.model.records import Records
from sim.model.rules import terms
from sim.model.traits import NOBODY
from sim.reporting import figures
from sim.reporting.compare import comparison_rows
from sim.reporting.figures.change import changes
from sim.reporting.fit import fit, readings
from sim.reporting.save import save
from sim.reporting.style import Foot
from sim.reporting.text import t
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.experiments.run import Result

FOLDER = "pictures"  # inside a run's folder


def draw_run(folder: Path, scenario: Scenario, result: Result, lang: str) -> list[Path]:
    """Draw a run's pictures into ``folder``/pictures and return the files written."""
    foot = Foot(scenario.title, scenario.title_zh, scenario.run.seed, result.replications)
    price, start = result.premiums[:, 0], result.premiums[:, 1]
    windows = {name: (w.first, w.last) for name, w in scenario.time.windows.items()}
    rows = comparison_rows(
        scenario.published, result.summary, readings(scenario.interpretation), windows=list(windows)
    )
    shown = fit(rows, scenario.interpretation)
    pictures: dict[str, Callable[[], Figure]] = {
        "printed_and_simulated": lambda: figures.printed_vs_simulated(shown, lang, foot),
        "where_lots_end": lambda: figures.lot_flow(result.flow, lang, foot),
        "days_to_sale": lambda: figures.days_to_sale(result.days_to_sale, lang, foot),
        "premiums": lambda: figures.premium_distribution(price / start - 1.0, lang, foot, starts=start),
        "open_lots": lambda: figures.open_lots(
            result.curve_days, result.open_lots, lang, foot, origin=scenario.time.start, windows=windows
        ),
    }
    if result.months and changes(scenario):
        pictures["before_and_after"] = lambda: figures.before_and_after(result.months, scenario, lang, foot)
    written = []
    for name, draw in pictures.items():
        written += save(draw(), folder / FOLDER / name)
    return written


def draw_bidding(
    stem: Path, scenario: Scenario, records: Records, lang: str, replication: int = 0
) -> list[Path]:
    """Draw the most contested round of the one lot in ``records`` to ``stem``.png and .svg.

    Returns the files written: none for a lot for which nobody has bid.
    """
    if not len(records.bids["lot"]):
        return []
    most = int(np.argmax(records.rounds["bids"]))
    row = {name: column[most] for name, column in records.rounds.items()}
    mine = records.bids["attempt"] == row["attempt"]
    bids = {name: records.bids[name][mine] for name in ("bidder", "time", "price")}
    stage = terms(scenario).on(float(row["notice"])).stages[int(row["round"])]
    auction = scenario.on(moment(float(row["notice"]), scenario.time.start).date()).auction
    suspended, soft = float(records.lots["suspended"][0]), auction.soft_close_minutes
    end, moves = closing(row, bids["time"], stage.window, stage.sell_off, suspended, soft)
    title = scenario.title_zh if lang == "zh" else scenario.title
    foot = t(
        "foot.lot", lang, title=title, seed=scenario.run.seed, lot=int(records.lots["lot"][0]), replication=replication
    )  # fmt: skip
    winner = int(row["winner"])
    figure = figures.bidding(
        bids, float(row["start"]), float(row["opens"]), float(row["closes"]), end, moves, lang, foot,
        winner=None if winner == NOBODY else winner,
    )  # fmt: skip
    return save(figure, stem)
