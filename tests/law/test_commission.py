"""The commission schedule of 2004, against worked values and its own logic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.law.commission import BANDS, FLAT, commission

WORKED = {  # yuan -> yuan, each rate on its part only
    0.0: 0.0, 1e6: 50_000, 2e6: 100_000, 5e6: 190_000, 1e7: 340_000, 2e7: 540_000, 5e7: 1.14e6, 1e8: 1.64e6, 3e8: 2.64e6,
}  # fmt: skip
PRICE = st.floats(0.0, 1e12, allow_nan=False)


@pytest.mark.parametrize("price", WORKED)
def test_worked_values(price: float) -> None:
    assert float(commission(price)) == pytest.approx(WORKED[price], rel=1e-12, abs=1e-9)


def test_shape_and_undefined_prices_are_kept() -> None:
    found = commission([[1e6, np.nan], [2e6, 1e7]])
    assert found.shape == (2, 2)
    assert np.isnan(found[0, 1])
    assert commission([]).shape == (0,)


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        commission([1.0, -1.0])


@given(PRICE, PRICE)
def test_more_for_a_dearer_lot_and_never_above_the_flat_rate(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert float(commission(low)) <= float(commission(high)) * (1 + 1e-12)
    assert float(commission(high)) <= FLAT * high * (1 + 1e-12)


@given(PRICE, PRICE)
def test_one_dear_lot_pays_no_more_than_two_cheap_ones(a: float, b: float) -> None:
    """The schedule is concave: this is why commission / turnover tells how unequal prices are."""
    assert float(commission(a + b)) <= float(commission(a) + commission(b)) * (1 + 1e-9) + 1e-9


def test_no_jump_at_the_end_of_a_band() -> None:
    ends = np.array([upper for upper, _ in BANDS if np.isfinite(upper)])
    assert np.abs(commission(ends * (1 + 1e-9)) - commission(ends)) == pytest.approx(0, abs=0.1)


def test_the_flat_rate_is_that_of_the_first_band() -> None:
    """Courts that report 5 % of turnover take all lots for such as sell below two million yuan."""
    assert FLAT == BANDS[0][1] == 0.05
    assert float(commission(1.5e6)) == pytest.approx(FLAT * 1.5e6)
