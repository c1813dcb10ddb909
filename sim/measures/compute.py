"""From records to measures: counts and sums by window, basis and cell of lots, then rates from the sums.

A *cell* is the finest group of lots that every segment is a union of (kind x movable x segments asked for),
so sums are taken once by cell and carried to segments by a small matrix product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.law.commission import FLAT, commission
from sim.law.provisions import highest
from sim.measures.definitions import definitions
from sim.measures.quantiles import interpolated
from sim.measures.summary import BASES, COHORT, EVENT, Floats, MeasureTable, WindowSpan
from sim.measures.user_measures import Measure, values_of
from sim.model.records import Column, Outcome, Records, RoundOutcome, Table, sold_by_debtor

Ints = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Picks = list[tuple[Ints, Ints]]  # by window: rows on the event basis, rows on the cohort basis


def compute(
    records: Records,
    windows: Sequence[WindowSpan],
    kinds: Sequence[str],
    rounds: Sequence[str],
    segments: Mapping[str, npt.ArrayLike] | None = None,
    proceeds: Mapping[str, Column] | None = None,
    *,
    own: Sequence[Measure] = (),
) -> MeasureTable:
    """Every measure for each window, segment and basis.

    ``kinds``: names of the scenario's kinds; ``rounds``: names of its held rounds, both in the order of the
    codes in the records. Segments are "all", each kind, "movable", "immovable" and those given in
    ``segments`` as masks over the rows of ``records.lots``. Windows may overlap. ``proceeds``: what each lot brought
    to whom (``sim.model.behaviour.creditors.proceeds``); without it what creditors and debtors get is undefined.
    ``own``: measures that were given as objects, after all others.
    """
    _check(records, windows, kinds, rounds)
    cells = _cells(records, kinds, segments or {})
    sums = _lots(records, windows, cells, len(rounds)) | _rounds(records, windows, cells, len(rounds))
    sums |= _proceeds(records, windows, cells, proceeds)
    sums |= _reports(records, windows, cells)
    names = definitions(rounds)
    found = _rates(sums, rounds)
    values = np.stack([found[name] for name in names], axis=-1)  # (window, basis, segment, measure)
    values = values.swapaxes(1, 2)
    if own:
        rows = [member[cells.of] for member in cells.member]
        more = [values_of(one, records, windows, rows)[..., None] for one in own]
        values = np.concatenate([values, *more], axis=-1)
    return MeasureTable(
        windows=tuple(window.name for window in windows),
        segments=cells.names,
        bases=BASES,
        measures=(*names, *(one.name for one in own)),
        values=np.ascontiguousarray(values),
    )


def _check(
    records: Records, windows: Sequence[WindowSpan], kinds: Sequence[str], rounds: Sequence[str]
) -> None:
    for codes, names, what in (
        (records.lots["kind"], kinds, "kind"),
        (records.rounds["round"], rounds, "round"),
    ):
        if len(codes) and not (codes.min() >= 0 and codes.max() < len(names)):
            raise ValueError(f"{what}: the records have codes outside the {len(names)} names given")
    if len({window.name for window in windows}) != len(windows):
        raise ValueError("two windows have the same name")


@dataclass(frozen=True, slots=True)
class _Cells:
    """Lots by cell, and the cells of each segment."""

    names: tuple[str, ...]  # of segments
    of: Ints  # (lots,) each lot's cell
    member: Mask  # (segments, cells)

    @property
    def number(self) -> int:
        return int(self.member.shape[1])

    def total(self, by_cell: Floats) -> Floats:
        """(window, basis, cells) to (window, basis, segments)."""
        return by_cell @ self.member.T.astype(np.float64)


def _cells(records: Records, kinds: Sequence[str], segments: Mapping[str, npt.ArrayLike]) -> _Cells:
    lots = records.lots
    names = ("all", *kinds, "movable", "immovable", *segments)
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"two segments are named {', '.join(twice)}")
    code = lots["kind"].astype(np.intp) * 2 + lots["movable"].astype(np.intp)
    masks = [np.asarray(mask, dtype=np.bool_) for mask in segments.values()]
    for name, mask in zip(segments, masks, strict=True):
        if mask.shape != code.shape:
            raise ValueError(f"segment {name}: the mask has shape {mask.shape}, there are {len(code)} lots")
        code = np.unique(code * 2 + mask, return_inverse=True)[1]
    _, example, of = np.unique(code, return_index=True, return_inverse=True)
    kind, movable = lots["kind"][example], lots["movable"][example].astype(np.bool_)
    rows = [np.ones(len(example), dtype=np.bool_), *(kind == i for i in range(len(kinds))), movable, ~movable]
    return _Cells(
        names, of.astype(np.intp), np.array(rows + [mask[example] for mask in masks], dtype=np.bool_)
    )


def _pick(windows: Sequence[WindowSpan], time: Column, listed: Column) -> Picks:
    """Rows whose ``time`` (never before ``listed``) is in the window, on either basis."""
    picks = []
    for window in windows:
        rows = np.flatnonzero((time >= window.first) & (time < window.last))  # type: ignore[operator]
        picks.append((rows, rows[listed[rows] >= window.first]))  # type: ignore[operator]
    return picks


def _tally(picks: Picks, code: Ints, size: int, weight: Column | None = None) -> Floats:
    """Number, or sum of ``weight``, of the picked rows by code: (window, basis, size)."""
    out = np.empty((len(picks), len(BASES), size))
    for w, bases in enumerate(picks):
        for b, rows in enumerate(bases):
            out[w, b] = np.bincount(code[rows], None if weight is None else weight[rows], minlength=size)
    return out


def _positions(picks: Picks, cells: _Cells, code: Ints, position: Column, rounds: int) -> list[Floats]:
    """The number of picked rows by segment, for each position of a round."""
    both = _tally(picks, code * rounds + position.astype(np.intp), cells.number * rounds)
    by_position = both.reshape(len(picks), len(BASES), cells.number, rounds)
    return [cells.total(by_position[..., i]) for i in range(rounds)]


@dataclass(frozen=True, slots=True)
class _Lots:
    """The table of lots, to be counted by window and cell."""

    lots: Table
    windows: Sequence[WindowSpan]
    cells: _Cells

    def entering(self) -> Picks:
        """Lots listed in each window."""
        return _pick(self.windows, self.lots["listed"], self.lots["listed"])

    def leaving(self, rows: Ints) -> Picks:
        """Of these rows, those that ended in each window."""
        return _pick(self.windows, self.lots["ended"][rows], self.lots["listed"][rows])

    def count(self, picks: Picks, rows: Ints | None = None, weight: Column | None = None) -> Floats:
        """How many were picked of ``rows``, or what they weigh together."""
        of = self.cells.of if rows is None else self.cells.of[rows]
        return self.cells.total(_tally(picks, of, self.cells.number, weight))


def _lots(records: Records, windows: Sequence[WindowSpan], cells: _Cells, rounds: int) -> dict[str, Floats]:
    """Counts and sums that the table of lots gives."""
    every = _Lots(records.lots, windows, cells)
    return _listed(every) | _unsold(every) | _sold(every, rounds) | _backlog(every)


def _listed(every: _Lots) -> dict[str, Floats]:
    """Of lots listed in a window."""
    lots, cells, entering = every.lots, every.cells, every.entering()
    by_case = np.lexsort((cells.of, lots["case"]))
    return {
        "lots_listed": every.count(entering),
        "cases": _distinct(entering, lots["case"], cells.of, cells, by_case),
        "days_to_list": every.count(entering, weight=lots["listed"] - lots["seized"]),  # type: ignore[operator]
        "starts_to_reference": every.count(entering, weight=lots["start"] / lots["reference"]),  # type: ignore[operator]
    }


def _unsold(every: _Lots) -> dict[str, Floats]:
    """Of lots that ended otherwise than by a sale."""
    outcome, reference = every.lots["outcome"], every.lots["reference"]
    sums = {}
    for name, code in (
        ("lots_in_kind", Outcome.IN_KIND), ("lots_returned", Outcome.RETURNED), ("lots_withdrawn", Outcome.WITHDRAWN),
    ):  # fmt: skip
        rows = np.flatnonzero(outcome == code)
        sums[name] = every.count(every.leaving(rows), rows)
    own = np.flatnonzero(sold_by_debtor(every.lots))
    sums["debtor_sales"] = every.count(every.leaving(own), own)
    sums["debtor_sales_turnover"] = every.count(every.leaving(own), own, every.lots["price"][own])
    failed = (outcome == Outcome.IN_KIND) | (outcome == Outcome.RETURNED)
    # Not those withdrawn in preparation.
    withdrawn = (outcome == Outcome.WITHDRAWN) & np.isfinite(every.lots["listed"])
    for name, which in (("reference_failed", failed), ("reference_withdrawn", withdrawn)):
        rows = np.flatnonzero(which)
        sums[name] = every.count(every.leaving(rows), rows, reference[rows])
    return sums


def _sold(every: _Lots, rounds: int) -> dict[str, Floats]:
    """Of lots that were sold."""
    lots, cells = every.lots, every.cells
    sold = np.flatnonzero(lots["outcome"] == Outcome.SOLD)
    leaving = every.leaving(sold)
    price, start, first_start = lots["price"][sold], lots["start_sold"][sold], lots["start"][sold]
    premium = price / start - 1.0  # type: ignore[operator]
    days = lots["ended"][sold] - lots["listed"][sold]  # type: ignore[operator]
    weights = {
        "lots_sold": None,
        "turnover": price,
        "starts": start,
        "premiums": premium,
        "premiums_first": price / first_start - 1.0,  # type: ignore[operator]
        "commission_saved": commission(price),
        "reference_sold": lots["reference"][sold],
        "value_sold": lots["value"][sold],
        "sold_at_start": price <= start,  # type: ignore[operator]
        "days": days,
    }
    sums = {name: every.count(leaving, sold, weight) for name, weight in weights.items()}
    of = cells.of[sold]
    (sums["premium_median"],) = _quantiles(leaving, premium, of, cells, (0.5,))
    sums["days_to_sale_median"], sums["days_to_sale_p90"] = _quantiles(leaving, days, of, cells, (0.5, 0.9))
    for i, column in enumerate(_positions(leaving, cells, of, lots["sold_round"][sold], rounds)):
        sums[f"sold:{i}"] = column
    return sums


def _backlog(every: _Lots) -> dict[str, Floats]:
    """Of lots open or in preparation at the end of a window; those in preparation have no cohort."""
    lots, cells, windows, size = every.lots, every.cells, every.windows, every.cells.number
    listed, ended = lots["listed"], lots["ended"]
    out = np.zeros((2, len(windows), len(BASES), size))
    for w, window in enumerate(windows):
        still = ~(ended < window.last)  # type: ignore[operator]
        was_listed = listed < window.last  # type: ignore[operator]
        is_open = still & was_listed
        out[0, w, EVENT] = np.bincount(cells.of[is_open], minlength=size)
        out[0, w, COHORT] = np.bincount(cells.of[is_open & (listed >= window.first)], minlength=size)  # type: ignore[operator]
        waiting = still & ~was_listed & (lots["seized"] < window.last)  # type: ignore[operator]
        out[1, w, EVENT] = np.bincount(cells.of[waiting], minlength=size)
    sums = {"lots_open": cells.total(out[0]), "backlog_preparing": cells.total(out[1])}
    sums["backlog_preparing"][:, COHORT] = np.nan
    return sums


def _rounds(records: Records, windows: Sequence[WindowSpan], cells: _Cells, number: int) -> dict[str, Floats]:
    """Counts and sums that the tables of rounds and registrations give."""
    lots, rounds, registrations = records.lots, records.rounds, records.registrations
    owner = _rows_of(lots["lot"], rounds["lot"])
    held = np.flatnonzero(rounds["outcome"] != RoundOutcome.STOPPED)
    lot, outcome = owner[held], rounds["outcome"][held]
    code, closes = cells.of[lot], rounds["closes"][held]
    picks = _pick(windows, closes, lots["listed"][lot])

    def count(weight: Column | None = None) -> Floats:
        return cells.total(_tally(picks, code, cells.number, weight))

    sums = {
        "rounds_held": count(),
        "participants": count(rounds["registered"][held]),
        "extensions": count(rounds["extensions"][held]),
        "defaults": count(outcome == RoundOutcome.DEFAULTED),
        "bidders_sold": count(rounds["bidders"][held] * (outcome == RoundOutcome.SOLD)),
        "eligible_sold": count(rounds["registered"][held] * (outcome == RoundOutcome.SOLD)),
    }
    for i, column in enumerate(_positions(picks, cells, code, rounds["round"][held], number)):
        sums[f"held:{i}"] = column

    failed = np.flatnonzero(outcome == RoundOutcome.FAILED)
    failures = _pick(windows, closes[failed], lots["listed"][lot[failed]])
    for i, column in enumerate(
        _positions(failures, cells, code[failed], rounds["round"][held][failed], number)
    ):
        sums[f"failed:{i}"] = column
    unsold = np.empty((len(windows), len(BASES), cells.number))
    for w, (window, bases) in enumerate(zip(windows, failures, strict=True)):
        sold = (lots["outcome"] == Outcome.SOLD) & (lots["ended"] < window.last)  # type: ignore[operator]
        for b, rows in enumerate(bases):
            has_failed = np.zeros(len(sold), dtype=np.bool_)
            has_failed[lot[failed[rows]]] = True
            unsold[w, b] = np.bincount(cells.of[has_failed & ~sold], minlength=cells.number)
    sums["lots_failing"] = cells.total(unsold)

    # A registration counts when its round was held: look the round's end up by (lot, attempt).
    bidder_lot = _rows_of(lots["lot"], registrations["lot"])
    attempts = 1 + max(
        (int(t["attempt"].max()) for t in (rounds, registrations) if len(t["attempt"])), default=0
    )
    ends = np.full((len(lots["lot"]), attempts), np.nan)
    ends[lot, rounds["attempt"][held].astype(np.intp)] = closes
    when = ends[bidder_lot, registrations["attempt"].astype(np.intp)]
    cell = cells.of[bidder_lot]
    order = np.lexsort((cell, registrations["bidder"]))
    taking_part = _pick(windows, when, lots["listed"][bidder_lot])
    sums["participants_distinct"] = _distinct(taking_part, registrations["bidder"], cell, cells, order)
    return sums


def _proceeds(
    records: Records, windows: Sequence[WindowSpan], cells: _Cells, proceeds: Mapping[str, Column] | None
) -> dict[str, Floats]:
    """Sums over the lots that ended sold, taken in kind or returned; undefined where nobody knows the claims."""
    lots = records.lots
    final = np.isin(lots["outcome"], (Outcome.SOLD, Outcome.IN_KIND, Outcome.RETURNED)) | sold_by_debtor(lots)
    rows = np.flatnonzero(final)
    picks = _pick(windows, lots["ended"][rows], lots["listed"][rows])
    sums = {}
    for name in ("claim", "creditor", "creditor_then", "debtor"):
        weight = np.full(len(rows), np.nan) if proceeds is None else proceeds[name][rows]
        sums[f"proceeds:{name}"] = cells.total(_tally(picks, cells.of[rows], cells.number, weight))
        if proceeds is None:
            sums[f"proceeds:{name}"][:] = np.nan
    back = np.where(lots["outcome"][rows] == Outcome.RETURNED, lots["reference"][rows], 0.0)
    sums["reference_returned"] = cells.total(_tally(picks, cells.of[rows], cells.number, back))
    return sums


def _reports(records: Records, windows: Sequence[WindowSpan], cells: _Cells) -> dict[str, Floats]:
    """Lots that have outlived the report on their price, each when it first did so; where no report is recorded none has."""
    lots, rounds = records.lots, records.rounds
    priced, listed = lots["priced"].astype(np.float64), lots["listed"].astype(np.float64)
    when = np.where(listed - priced > highest("report_to_notice"), listed, np.inf)
    owner = _rows_of(lots["lot"], rounds["lot"])
    opens = rounds["opens"].astype(np.float64)
    late = np.flatnonzero(opens - priced[owner] > highest("report_to_auction"))
    np.minimum.at(when, owner[late], opens[late])
    rows = np.flatnonzero(np.isfinite(when))
    picks = _pick(windows, when[rows], listed[rows])
    return {"reports_outlived": cells.total(_tally(picks, cells.of[rows], cells.number))}


def _rows_of(lots: Column, wanted: Column) -> Ints:
    """Position of each wanted lot among the rows of the table of lots."""
    order = np.argsort(lots, kind="stable")
    at = np.searchsorted(lots, wanted, sorter=order)
    if len(wanted) and (len(lots) == 0 or at.max() == len(lots) or (lots[order[at]] != wanted).any()):
        raise ValueError("the records have rounds or registrations of lots that are not in the table of lots")
    return order[at]


def _distinct(picks: Picks, ids: Column, code: Ints, cells: _Cells, order: Ints) -> Floats:
    """Number of distinct ids among the picked rows, by segment. ``order`` sorts rows by id, then cell.

    An id in several cells (a case with lots of several kinds) counts once in every segment it touches.
    """
    out = np.empty((len(picks), len(BASES), len(cells.names)))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    for w, bases in enumerate(picks):
        for b, chosen in enumerate(bases):
            marked = np.zeros(len(order), dtype=np.bool_)
            marked[rank[chosen]] = True
            rows = order[marked]
            who, cell = ids[rows], code[rows]
            another = np.ones(len(rows), dtype=np.bool_)
            another[1:] = who[1:] != who[:-1]
            pair = another.copy()
            pair[1:] |= cell[1:] != cell[:-1]
            cell, starts = cell[pair], np.flatnonzero(another[pair])
            if len(starts) == len(cell):  # every id in one cell only
                out[w, b] = cells.member @ np.bincount(cell, minlength=cells.number)
            else:
                out[w, b] = np.logical_or.reduceat(cells.member[:, cell], starts, axis=1).sum(axis=1)
    return out


def _quantiles(
    picks: Picks, values: Column, code: Ints, cells: _Cells, shares: Sequence[float]
) -> list[Floats]:
    """Interpolated quantiles of the picked values by segment; nan where a segment has none."""
    out = np.full((len(shares), len(picks), len(BASES), len(cells.names)), np.nan)
    order = np.argsort(values, kind="stable")
    for w, bases in enumerate(picks):
        for b, chosen in enumerate(bases):
            marked = np.zeros(len(values), dtype=np.bool_)
            marked[chosen] = True
            rows = order[marked[order]]
            ascending, inside = values[rows], cells.member[:, code[rows]]
            for s in range(len(cells.names)):
                mine = ascending[inside[s]]
                if len(mine):
                    number = np.asarray(len(mine))
                    out[:, w, b, s] = [interpolated(mine, number, share) for share in shares]
    return list(out)


def _over(above: Floats, below: Floats) -> Floats:
    """above / below; nan where there is nothing below."""
    ratio: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0.0)
    return ratio


def _rates(s: dict[str, Floats], rounds: Sequence[str]) -> dict[str, Floats]:
    """All measures from counts and sums."""
    sold = s["lots_sold"]
    failed = s["lots_in_kind"] + s["lots_returned"]
    ended = sold + s["lots_failing"]
    derived = {
        "lots_failed": failed,
        "lots_ended": ended,
        "sale_rate_final": _over(sold, sold + failed),
        "sale_rate_ended": _over(sold, ended),
        "sale_rate_listed": _over(sold, s["lots_listed"]),
        "sale_rate_round": _over(sold, s["rounds_held"]),
        "premium_turnover": _over(s["turnover"], s["starts"]) - 1.0,
        "premium_mean": _over(s["premiums"], sold),
        "premium_first_start_mean": _over(s["premiums_first"], sold),
        "sold_at_start": _over(s["sold_at_start"], sold),
        "mean_price": _over(s["turnover"], sold),
        "commission_saved_flat": FLAT * s["turnover"],
        "participants_per_sale": _over(s["participants"], sold),
        "bidders_per_sale": _over(s["bidders_sold"], sold),
        "eligible_per_sale": _over(s["eligible_sold"], sold),
        "rounds_per_lot": _over(s["rounds_held"], ended),
        "extensions_per_round": _over(s["extensions"], s["rounds_held"]),
        "days_to_sale_mean": _over(s["days"], sold),
        "days_to_list_mean": _over(s["days_to_list"], s["lots_listed"]),
        "recovery": _over(s["turnover"], s["reference_sold"]),
        "recovery_all": _over(
            s["turnover"], s["reference_sold"] + s["reference_failed"] + s["reference_withdrawn"]
        ),
        "price_to_value": _over(s["turnover"], s["value_sold"]),
        "start_to_reference": _over(s["starts_to_reference"], s["lots_listed"]),
        "lots_per_case": _over(s["lots_listed"], s["cases"]),
        "creditors_receive": s["proceeds:creditor"],
        "creditor_recovery": _over(s["proceeds:creditor"], s["proceeds:claim"]),
        "creditor_recovery_then": _over(s["proceeds:creditor_then"], s["proceeds:claim"]),
        "debtors_surplus": s["proceeds:debtor"],
        "debtors_keep": _over(
            s["proceeds:debtor"] + s["reference_returned"], s["reference_sold"] + s["reference_failed"]
        ),
    }
    for i, name in enumerate(rounds):
        derived[f"sold_{name}"] = _over(s[f"sold:{i}"], sold)
        derived[f"hazard_{name}"] = _over(s[f"sold:{i}"], s[f"held:{i}"])
        derived[f"failed_{name}"] = _over(s[f"failed:{i}"], s[f"held:{i}"])
    return s | derived
