"""What a court would publish of these lots, under every interpretation: as rows, and as a targets file.

Rows become the records that the simulator writes, so that every figure is computed as ``sim.measures`` defines it.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import tomli_w

from calibration.lots.histories import HELD, Histories, Outcome
from calibration.lots.summary.lots import End, ends
from calibration.lots.summary.statistics import Floats, coalesced
from calibration.targets.interpretations import BASES, RATIOS, candidates
from sim.measures.compute import compute
from sim.measures.summary import MeasureTable, WindowSpan
from sim.model import records as simulated

COUNTS: Final = {  # figure -> measure
    "lots": "lots_listed", "sold": "lots_sold", "rounds_held": "rounds_held", "lots_failed": "lots_failed",
    "lots_ended": "lots_ended",
}  # fmt: skip
CHOICES: Final = ("sale_rate", "premium", "turnover", "commission", "participants")
UNKNOWN: Final = ("participants_distinct",)  # files do not say who is who in different rounds
MOST_YEARS: Final = 12
USUAL_BASIS: Final = "event"
USUAL: Final = {
    "sale_rate": "sale_rate_ended",
    "premium": "premium_mean",
}  # what a platform's statistics count
_ENDED: Final = {
    End.SOLD: simulated.Outcome.SOLD, End.IN_KIND: simulated.Outcome.IN_KIND, End.WITHDRAWN: simulated.Outcome.WITHDRAWN,
    End.UNSOLD: simulated.Outcome.RETURNED,
}  # fmt: skip
Row = dict[str, Any]


def windows(of: Histories) -> dict[str, tuple[date, date]]:
    """The calendar years that the files have seen, from the first date in them to the last."""
    times = np.concatenate([of.notice, of.opened, of.ended])
    times = times[~np.isnat(times)]
    if not len(times):
        return {}
    first, last = _day(times.min()), _day(of.closes)
    years = range(max(first.year, last.year - MOST_YEARS + 1), last.year + 1)
    return {f"{y}": (max(first, date(y, 1, 1)), min(last, date(y, 12, 31))) for y in years}


def _day(time: np.datetime64) -> date:
    day: date = time.astype("datetime64[D]").item()
    return day


def total_rows(of: Histories) -> list[Row]:
    """Every figure of every window under every interpretation, on both bases; nan where the files do not say."""
    spans = windows(of)
    table = _measured(of, spans)
    rows = []
    for name, (first, last) in spans.items():
        for figure in (*COUNTS, *CHOICES):
            for measure in (COUNTS[figure],) if figure in COUNTS else candidates(figure):
                if measure in UNKNOWN:
                    continue
                row: Row = {
                    "window": name,
                    "first": first,
                    "last": last,
                    "figure": figure,
                    "measure": measure,
                }
                for basis in BASES:
                    row[basis] = _value(of, table, name, basis, measure)
                rows.append(row)
    return rows


def _measured(of: Histories, spans: dict[str, tuple[date, date]]) -> MeasureTable:
    start = min(first for first, _ in spans.values())
    edges = [
        WindowSpan(name, float((first - start).days), float((last - start).days + 1))
        for name, (first, last) in spans.items()
    ]
    return compute(_records(of, np.datetime64(start, "s")), edges, ["lots"], ["round"])


def _value(of: Histories, table: MeasureTable, window: str, basis: str, measure: str) -> float:
    """A measure; premiums as price / start are their measures plus 1, and registrations need to be in the files."""
    if measure == "participants" and not np.isfinite(of.bidders[np.isin(of.outcome, HELD)]).all():
        return np.nan
    named = RATIOS.get(measure, measure)
    at = (
        table.windows.index(window),
        table.segments.index("all"),
        table.bases.index(basis),
        table.measures.index(named),
    )
    return float(table.values[at]) + (measure in RATIOS)


def _records(of: Histories, start: np.datetime64) -> simulated.Records:
    """The rows as a simulation would have written them; what they do not say is nan."""
    held = np.flatnonzero(np.isin(of.outcome, HELD) & ~np.isnat(of.ended))
    rounds = _blank(simulated.ROUNDS, len(held))
    rounds |= {
        "lot": of.lot[held], "closes": _days(of.ended[held], start), "start": of.start[held], "price": of.price[held],
        "registered": np.nan_to_num(of.bidders[held]).astype(np.int32), "outcome": np.where(of.outcome[held] == Outcome.SOLD, simulated.RoundOutcome.SOLD, simulated.RoundOutcome.FAILED),
    }  # fmt: skip
    return simulated.Records(
        _lots(of, start), rounds, _blank(simulated.REGISTRATIONS, 0), _blank(simulated.BIDS, 0)
    )


def _lots(of: Histories, start: np.datetime64) -> simulated.Table:
    """A row a lot. Waiting, suspended and defaulted lots are open, for they may come again."""
    first, last, code = of.first, of.last, ends(of)
    outcome = np.full(of.lots, simulated.Outcome.OPEN, np.int8)
    for end, ended in _ENDED.items():
        outcome[code == end] = ended
    final = outcome != simulated.Outcome.OPEN
    listed = coalesced([of.notice[first], of.opened[first], of.ended[first]])
    over = coalesced([of.ended[last], of.opened[last], of.notice[last]])
    sold = outcome == simulated.Outcome.SOLD
    found = _blank(simulated.LOTS, of.lots)
    return found | {
        "lot": np.arange(of.lots), "case": np.arange(of.lots), "listed": _days(listed, start),
        "ended": np.where(final, _days(over, start), np.nan), "outcome": outcome, "start": of.start[first],
        "reference": of.reference[first], "price": np.where(final, of.price[last], np.nan),
        "start_sold": np.where(sold, of.start[last], np.nan), "sold_round": np.where(sold, 0, -1).astype(np.int16),
    }  # fmt: skip


def _blank(schema: dict[str, str], n: int) -> simulated.Table:
    """A table of the simulator of which nothing is known."""
    return {name: np.full(n, np.nan) if code == "f8" else np.zeros(n, code) for name, code in schema.items()}


def _days(times: npt.NDArray[np.datetime64], start: np.datetime64) -> Floats:
    found: Floats = (times - start).astype("timedelta64[s]").astype(np.float64) / 86_400
    found[np.isnat(times)] = np.nan
    return found


def targets_text(of: Histories, title: str, source: str) -> str:
    """The totals as a targets file, a window a year, counted by event, each figure under the interpretation that platforms use; as
    comments beside it, ready to take its place, the same figure under every other.
    """
    rows = total_rows(of)
    lines = [f"title = {_quoted(title)}", f"source = {_quoted(source)}", f'basis = "{USUAL_BASIS}"', ""]
    for name, (first, last) in windows(of).items():
        lines += [f'[windows."{name}"]', f"first = {first}", f"last = {last}"]
        for figure in (*COUNTS, *CHOICES):
            lines += _lines(
                figure, [row for row in rows if row["window"] == name and row["figure"] == figure]
            )
        lines.append("")
    return "\n".join(lines)


def _lines(figure: str, rows: list[Row]) -> list[str]:
    """One figure: as it stands in the file, then as comments under the other interpretations."""
    usual = USUAL.get(figure, rows[0]["measure"]) if rows else ""
    found = []
    for row in sorted(rows, key=lambda one: one["measure"] != usual):
        for basis in sorted(BASES, key=lambda one: one != USUAL_BASIS):
            value, ours = row[basis], row["measure"] == usual and basis == USUAL_BASIS
            if np.isfinite(value) and (
                figure != "sale_rate" or value <= 1
            ):  # no rate above 1 can be published
                line = f"{figure} = {_written(figure, value, row['measure'])}"
                found.append(line if ours else f"# {basis}: {line}")
    return [
        line
        for i, line in enumerate(found)
        if i == 0 or line.partition(": ")[2] != found[i - 1].removeprefix("# event: ")
    ]


def _written(figure: str, value: float, measure: str) -> str:
    """A figure as a court publishes it: counts as they are, rates with two decimals of per cent, amounts to the yuan."""
    if figure in COUNTS:
        return f"{round(value)}"
    if figure == "participants":
        return f'{{ published = {round(value)}, measures = "{measure}" }}'
    text = f"{100 * value:.2f}%" if figure in ("sale_rate", "premium") else f"{round(value)}"
    return f'{{ published = "{text}", measures = "{measure}", rounding = "rounded" }}'


def _quoted(text: str) -> str:
    return tomli_w.dumps({"x": text}).partition(" = ")[2].strip()
