"""Estimates of survival and of competing risks against a published example and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.lots.summary.statistics import incidence, share, spread, survival

# Remission of leukaemia under 6-mercaptopurine, weeks; a minus sign: censored (Freireich and others 1963). Estimates and standard
# errors as Kleinbaum and Klein, Survival Analysis, and Kalbfleisch and Prentice print them.
WEEKS = (6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35)
PUBLISHED = {6: (0.8571, 0.0764), 7: (0.8067, 0.0869), 10: (0.7529, 0.0963), 13: (0.6902, 0.1068), 16: (0.6275, 0.1141), 22: (0.5378, 0.1282), 23: (0.4482, 0.1346)}  # fmt: skip
DAYS = np.abs(np.array(WEEKS, np.float64))
ENDED = np.array(WEEKS) > 0


def test_kaplan_meier_as_published() -> None:
    found = survival(DAYS, ENDED)
    for week, (estimate, _) in PUBLISHED.items():
        assert found.at(week)["share"] == pytest.approx(estimate, abs=6e-5)
    assert found.at(5)["share"] == 1.0


def test_one_cause_is_kaplan_meier_with_greenwoods_error() -> None:
    found = incidence(DAYS, np.where(ENDED, 0, -1), 1)
    for week, (estimate, error) in PUBLISHED.items():
        at = int(np.searchsorted(found.times, week))
        assert 1 - found.share[at, 0] == pytest.approx(estimate, abs=6e-5)
        assert found.sd[at, 0] == pytest.approx(error, abs=6e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=40))
def test_without_censoring_shares_are_plain_shares(lots: list[tuple[int, int]]) -> None:
    days, cause = (np.array(column) for column in zip(*lots, strict=True))
    found = incidence(days.astype(np.float64), cause, 3)
    for time in range(1, 10):
        for c in range(3):
            plain = float(((days <= time) & (cause == c)).mean())
            assert found.at(time, c)["share"] == pytest.approx(plain, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(-1, 2)), min_size=1, max_size=40))
def test_all_causes_together_are_what_has_not_survived(lots: list[tuple[int, int]]) -> None:
    days, cause = (np.array(column) for column in zip(*lots, strict=True))
    found = incidence(days.astype(np.float64), cause, 3)
    together = survival(days.astype(np.float64), cause >= 0)
    for time in range(1, 10):
        total = sum(found.at(time, c)["share"] for c in range(3))
        assert total == pytest.approx(1 - together.at(time)["share"], abs=1e-9)
    assert (found.sd >= 0).all()


def test_the_error_of_one_cause_among_others_is_what_samples_show() -> None:
    """The standard deviation of estimates over 400 samples, within four of its own standard errors."""
    generator = np.random.default_rng(5)
    estimates, errors = [], []
    for _ in range(400):
        ends = generator.exponential([[10.0, 14.0, 20.0]], (150, 3))  # two causes, and censoring
        first = ends.argmin(axis=1)
        found = incidence(ends.min(axis=1), np.where(first == 2, -1, first), 2)
        at = int(np.searchsorted(found.times, 8.0, side="right")) - 1
        estimates.append(found.share[at, 0])
        errors.append(found.sd[at, 0])
    spread_ = float(np.std(estimates, ddof=1))
    assert np.mean(errors) == pytest.approx(spread_, abs=4 * spread_ / np.sqrt(2 * 400))


def test_wilson_and_quantiles() -> None:
    assert share(1, 10) == pytest.approx(
        {"share": 0.1, "low": 0.0179, "high": 0.4042}, abs=1e-4
    )  # Newcombe 1998's formula
    assert np.isnan(share(0, 0)["share"])
    assert spread(np.array([np.nan, 1.0, 3.0]))["median"] == 2.0
    assert spread(np.array([np.nan]))["n"] == 0
