"""What the tests of behaviours share: two runs compared bit for bit, and how often lots sell in which round."""

from __future__ import annotations

import numpy as np

from sim.model.records import SCHEMAS, Outcome, Records


def same(a: Records, b: Records) -> bool:
    """Whether all four tables agree bit for bit."""
    return all(
        np.array_equal(a[name][column], b[name][column], equal_nan=code.startswith("f"))
        for name, schema in SCHEMAS.items()
        for column, code in schema.items()
    )


def sold_in(records: Records, position: int) -> int:
    """Lots sold in the round at this position."""
    return int((records.lots["sold_round"] == position).sum())


def sold(records: Records) -> int:
    return int((records.lots["outcome"] == Outcome.SOLD).sum())


def days_to_sale(records: Records) -> float:
    lots = records.lots
    return float(
        np.nanmean(np.where(lots["outcome"] == Outcome.SOLD, lots["ended"] - lots["listed"], np.nan))
    )
