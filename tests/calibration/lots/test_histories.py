"""The columns of lots' histories: equally long, and some lots taken out of them."""

import numpy as np
import pytest

from calibration.lots.histories import COLUMNS, Bids, Histories, Outcome, Stage


def histories(lot: list[int], **columns: object) -> Histories:
    """Histories of rounds that all failed, but for the columns given."""
    n = len(lot)
    day = np.datetime64("2024-01-01T10:00:00")
    standard = {
        "lot": np.array(lot, np.intp), "number": np.ones(n, np.intp), "stage": np.full(n, Stage.AUCTION, np.int8),
        "reference": np.full(n, 100.0), "start": np.full(n, 80.0), "notice": np.full(n, day), "opened": np.full(n, day),
        "ended": np.full(n, day), "outcome": np.full(n, Outcome.FAILED, np.int8), "price": np.full(n, np.nan),
        "defaulted": np.zeros(n, bool), "bidders": np.full(n, np.nan), "bids": np.full(n, np.nan),
        "kind": np.full(n, -1, np.int8),
    }  # fmt: skip
    return Histories(**{**standard, **columns}, kinds=(), closes=day)  # type: ignore[arg-type]


def test_columns_are_equally_long() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        histories([0, 0, 1], price=np.array([np.nan]))
    with pytest.raises(ValueError, match="differ in length"):
        Bids(
            *(np.zeros(n, np.intp) for n in (1, 2)),
            np.zeros(1),
            *(np.zeros(1, "datetime64[s]") for _ in "ts"),
        )


def test_first_and_last_rows_and_lots() -> None:
    two = histories([0, 0, 0, 1, 2, 2])
    assert two.lots == 3
    assert two.first.tolist() == [0, 3, 4]
    assert two.last.tolist() == [2, 3, 5]


def test_some_lots_are_counted_anew() -> None:
    three = histories([0, 0, 1, 2, 2], start=np.array([5.0, 4.0, 3.0, 2.0, 1.0]))
    some = three.of_lots(np.array([True, False, True]))
    assert some.lot.tolist() == [0, 0, 1, 1]
    assert some.start.tolist() == [5, 4, 2, 1]
    assert some.lots == 2


def test_no_rows() -> None:
    none = histories([])
    assert none.lots == len(none) == 0
    assert none.first.tolist() == none.last.tolist() == []


def test_every_column_is_named() -> None:
    assert set(COLUMNS) | {"kinds", "closes"} == set(Histories.__dataclass_fields__)
