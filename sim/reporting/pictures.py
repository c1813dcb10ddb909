"""The pictures of a run and of one lot's bidding: from results to files, PNG and SVG each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from sim.experiments.storage.tables import write_csv
from sim.measures.curves import closing
from sim.model.calendar import moment
from sim.model.records import Records
from sim.model.rules import rules_of
from sim.model.traits import NOBODY
from sim.reporting import figures
from sim.reporting.compare import comparison_columns
from sim.reporting.differences import as_rows, on_basis
from sim.reporting.figures.change import dates_of
from sim.reporting.figures.forest import forest
from sim.reporting.figures.tradeoff import tradeoff
from sim.reporting.fit import fit, rows_of
from sim.reporting.save import save
from sim.reporting.style import Foot
from sim.reporting.text import t
from sim.scenario.departure import Departure, departure
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison
    from sim.experiments.run import Result
    from sim.measures.flows import Link
    from sim.scenario import Loaded

Pictures = dict[str, Callable[[], Figure]]
FOLDER = "pictures"  # inside a run's folder


def draw_run(
    folder: Path, scenario: Scenario, result: Result, lang: str, departs: Departure | None = None
) -> list[Path]:
    """Draw a run's pictures into ``folder``/pictures and return the files written."""
    return draw(folder, run_pictures(scenario, result, lang, departs))


def leave_run(folder: Path, loaded: Loaded, result: Result, lang: str, pictures: bool = True) -> None:
    """Write into a run's folder what people look at: published beside simulated as a table, and the pictures."""
    scenario, departs = loaded.scenario, departure(loaded)
    rows = rows_of(scenario, result.summary)
    shown = fit(rows, scenario.interpretation, departs)
    write_csv(folder / "comparison.csv", comparison_columns(rows, shown.rows, lang))
    if pictures:
        draw_run(folder, scenario, result, lang, departs)


def draw(folder: Path, pictures: Pictures) -> list[Path]:
    """Draw pictures into ``folder``/pictures and return the files written."""
    return [path for name, make in pictures.items() for path in save(make(), folder / FOLDER / name)]


def run_pictures(scenario: Scenario, result: Result, lang: str, departs: Departure | None = None) -> Pictures:
    """A run's pictures by the names of their files, each drawn when it is called. ``departs``: from the scenario whose figures were
    published.
    """
    foot = Foot(scenario.title, scenario.title_zh, scenario.run.seed, result.replications)
    price, start = result.premiums[:, 0], result.premiums[:, 1]
    windows = {name: (w.first, w.last) for name, w in scenario.time.windows.items()}
    shown = fit(rows_of(scenario, result.summary), scenario.interpretation, departs)
    pictures: Pictures = {
        "published_and_simulated": lambda: figures.published_vs_simulated(shown, lang, foot),
        "where_lots_end": lambda: figures.lot_flow(result.flow, lang, foot),
        "days_to_sale": lambda: figures.days_to_sale(result.days_to_sale, lang, foot),
        "premiums": lambda: figures.premium_distribution(price / start - 1.0, lang, foot, starts=start),
        "open_lots": lambda: figures.open_lots(
            result.curve_days, result.open_lots, lang, foot, origin=scenario.time.start, windows=windows
        ),
    }
    if result.months and dates_of(scenario):
        pictures["before_and_after"] = lambda: figures.before_and_after(result.months, scenario, lang, foot)
    return pictures


def comparison_pictures(result: Comparison, lang: str) -> Pictures:
    """A comparison's pictures by the names of their files, each drawn when it is called."""
    scenario = result.loaded[0].scenario
    foot = Foot(scenario.title, scenario.title_zh, scenario.run.seed, result.replications)
    titles = policy_titles(result, lang)
    base = titles.pop(result.names[0])
    rows = on_basis(as_rows(result.rows), result.basis)
    pictures: Pictures = {
        "differences": lambda: forest(rows, titles, base, lang, foot, (result.replications, result.draws)),
        "tradeoff": lambda: tradeoff(rows, titles, base, lang, foot),
    }
    for name, one, flow in zip(result.names, result.loaded, result.flows, strict=True):
        pictures[f"where_lots_end-{name}"] = partial(_flow, one.scenario, flow, result.replications, lang)
    return pictures


def _flow(of: Scenario, flow: list[Link], replications: int, lang: str) -> Figure:
    return figures.lot_flow(flow, lang, Foot(of.title, of.title_zh, of.run.seed, replications))


def policy_titles(result: Comparison, lang: str) -> dict[str, str]:
    """What people call the base and each policy; the policy's name where it brings no title of its own."""
    scenarios = [one.scenario for one in result.loaded]
    titles = [s.title_zh if lang == "zh" else s.title for s in scenarios]
    return {
        name: title if i == 0 or title != titles[0] else name
        for i, (name, title) in enumerate(zip(result.names, titles, strict=True))
    }


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
    stage = rules_of(scenario).on(float(row["notice"])).stages[int(row["round"])]
    auction = scenario.on(moment(float(row["notice"]), scenario.time.start).date()).auction
    suspended, soft = float(records.lots["suspended"][0]), auction.soft_close_minutes
    end, moves = closing(row, bids["time"], stage.window, stage.sell_off, suspended, soft)
    title = scenario.title_zh if lang == "zh" else scenario.title
    foot = t(
        "foot.lot", lang, title=title, seed=scenario.run.seed, lot=int(records.lots["lot"][0]), replication=replication
    )  # fmt: skip
    winner = int(row["winner"])
    held = figures.HeldRound(
        bids, float(row["start"]), float(row["opens"]), float(row["closes"]), end, moves, None if winner == NOBODY else winner
    )  # fmt: skip
    return save(figures.bidding(held, lang, foot), stem)
