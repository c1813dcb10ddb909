"""Files of bids: a file a lot, or a column that tells lots apart."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from calibration.lots.histories import Bids, Times
from calibration.lots.mapping import column_of
from calibration.lots.reader.rounds import Cells


def bids_of(block: Cells) -> dict[str, Any]:
    """The bids of a block; those without a price, a time or a bidder are set aside."""
    mapping = block.of.columns.mapping
    n = len(block.rows)
    lot, bidder = block.texts(mapping.lot), block.texts(mapping.bidder)
    keyed = column_of(mapping.lot)
    if keyed is None or keyed.found(block.of.names) is None:  # the file is of one lot
        lot = pa.array([f"\n{block.file}"] * n, pa.string())
    price, when = block.amounts(mapping.price), block.times(mapping.time)
    unknown = pc.or_(pc.is_null(lot), pc.is_null(bidder)).to_numpy(zero_copy_only=False)
    kept = ~(unknown | np.isnan(price) | np.isnat(when))
    block.defects.aside("half_a_bid", n - int(kept.sum()))
    block.defects.used += int(kept.sum())
    mask = pa.array(kept)
    return {
        "lot": lot.filter(mask), "bidder": bidder.filter(mask), "price": price[kept], "time": when[kept],
        "scheduled": _scheduled(block, when)[kept],
    }  # fmt: skip


def _scheduled(block: Cells, when: Times) -> Times:
    """When bidding was to end: as a column says, or at the mapping's time of the day on which a bid was made."""
    stated = block.of.columns.mapping.scheduled
    if not isinstance(stated, dt.time):
        return block.times(stated)
    seconds = stated.hour * 3600 + stated.minute * 60 + stated.second
    days: Times = when.astype("datetime64[D]").astype("datetime64[s]")
    return days + np.timedelta64(seconds, "s")


def assembled(columns: dict[str, Any]) -> Bids:
    """Bids sorted by lot and time. A lot was to end when its last bid says."""
    lot = pc.dictionary_encode(columns["lot"]).indices.to_numpy(zero_copy_only=False).astype(np.intp)
    order = np.lexsort((columns["price"], columns["time"], lot))
    lot, price, when = lot[order], columns["price"][order], columns["time"][order]
    names = pc.dictionary_encode(columns["bidder"].take(pa.array(order))).indices
    bidder = _numbered(lot, names.to_numpy(zero_copy_only=False))
    last = np.flatnonzero(np.diff(lot, append=-1))
    return Bids(lot, bidder, price, when, columns["scheduled"][order][last])


def _numbered(lot: npt.NDArray[np.intp], names: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """0, 1, 2 ... for the bidders of each lot in the order of their first bids."""
    pairs = lot.astype(np.int64) * (int(names.max(initial=0)) + 1) + names
    _, first, of = np.unique(pairs, return_index=True, return_inverse=True)
    by_place = np.argsort(first)
    owner = lot[first[by_place]]
    begins = np.searchsorted(owner, owner)
    rank = np.empty(len(first), np.intp)
    rank[by_place] = np.arange(len(owner)) - begins
    return rank[of]
