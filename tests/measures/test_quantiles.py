"""Quantiles are numpy's, of so many of the sorted values as are known."""

from __future__ import annotations

import numpy as np
import pytest

from sim.measures.quantiles import interpolated


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.9, 1.0])
def test_each_column_has_its_own_number_of_known_values(share):
    values = np.sort(np.random.default_rng(1).random((9, 4)), axis=0)
    n = np.array([9, 4, 1, 2])
    found = interpolated(values, n, share)
    assert found == pytest.approx([np.quantile(values[:k, i], share) for i, k in enumerate(n)])


def test_one_column_alone_and_nothing_known():
    values = np.array([1.0, 2.0, 4.0])
    assert interpolated(values, np.asarray(3), 0.75) == pytest.approx(3.0)
    assert np.isnan(interpolated(np.full((3, 1), np.nan), np.array([0]), 0.5)).all()
