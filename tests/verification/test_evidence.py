"""Scores, their sums and the verdict, on made-up lots whose truth is known.

Statistical tests here have fixed seeds; each says how often it would fail without reason under another.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, halfnorm, kstest

from sim.verification.evidence import Evidence, Quantity, either, gather
from sim.verification.listed_cases import Case
from sim.verification.verdict import caught, verdict

CASE = Case("a", "made up", "none", ())


def made(rng: np.random.Generator, lots: int = 4000, bias: float = 0.0) -> Evidence:
    """A share of .4, a value of mean 2 given it, a value twice that, and a count; ``bias`` relative, in the value."""
    has = rng.random(lots) < 0.4
    value = np.where(has, rng.gamma(4.0, 0.5, lots) * (1.0 + bias), 0.0)
    return gather([
        Quantity("sale", 0.4, has, rests_on=0.4),
        Quantity("price", 2.0, value, has, rests_on=0.4),
        Quantity("premium", 4.0, 2.0 * value, has, rests_on=0.4),
        Quantity("active", 0.8, value),
    ], lots)  # fmt: skip


def test_z_scores_and_independent_ones_are_standard_normal():
    """Kolmogorov-Smirnov at .001, for each: a false alarm in 200 seeds."""
    rng = np.random.default_rng(3)
    many = [made(rng) for _ in range(800)]
    for i in range(4):
        assert kstest([one.z[i] for one in many], "norm").pvalue > 0.001
    free = [one.independent() for one in many]
    assert {len(w) for w in free} == {2}, "price, premium and active given the share are one and the same"
    assert kstest(np.abs(np.concatenate(free)), halfnorm.cdf).pvalue > 0.001  # signs are a convention
    assert kstest([float((w**2).sum()) for w in free], chi2(2).cdf).pvalue > 0.001


def test_estimates_and_errors_are_those_of_the_textbook():
    rng = np.random.default_rng(4)
    has = rng.random(10_000) < 0.3
    one = gather([Quantity("sale", 0.3, has)], len(has))
    assert one.simulated[0] == pytest.approx(has.mean())
    assert one.error[0] == pytest.approx(np.sqrt(0.3 * 0.7 / len(has)), rel=0.02)
    assert one.z[0] == pytest.approx((one.simulated[0] - 0.3) / one.error[0])


def test_poisson_counts_are_judged_as_such():
    """z of a count is (n - mean) / root of n, whatever the lots are."""
    one = gather([Quantity("listed", 0.5, np.ones(460), expected=1000.0)], 460)
    assert one.simulated[0] == pytest.approx(0.46)
    assert one.z[0] == pytest.approx((460 - 500) / np.sqrt(460))


def test_sums_over_replications_are_those_of_all_lots_together():
    rng = np.random.default_rng(5)
    has, value = rng.random(3000) < 0.5, rng.random(3000)
    whole = gather([Quantity("sale", 0.5, has), Quantity("price", 0.5, value * has, has)], 3000)
    parts = [
        gather([Quantity("sale", 0.5, h), Quantity("price", 0.5, v * h, h)], 1000)
        for h, v in zip(np.split(has, 3), np.split(value, 3), strict=True)
    ]
    total = parts[0] + parts[1] + parts[2]
    for name in ("exact", "total", "cross", "weight", "simulated", "error", "z"):
        assert np.allclose(getattr(total, name), getattr(whole, name)), name
    assert total.lots == 3000
    with pytest.raises(ValueError, match="different cases"):
        whole + gather([Quantity("sale", 0.4, has)], 3000)


def test_what_has_no_spread_is_right_or_as_wrong_as_lots_can_say():
    days = np.full(100, 31.0)
    right, wrong = (gather([Quantity("days", exact, days)], 100) for exact in (31.0, 30.0))
    assert right.z[0] == 0.0
    assert wrong.z[0] == pytest.approx(10.0), "100 lots that all say the same"
    assert not verdict("a", [(CASE, wrong)]).passed


def test_what_rests_on_few_lots_is_not_judged():
    assert either(0.99) == pytest.approx(0.01)
    assert either(0.2, 0.5) == pytest.approx(0.1)
    few = gather([Quantity("rare", 0.01, np.zeros(4000), rests_on=either(0.01))], 4000)
    assert np.isnan(few.z[0])
    assert len(few.independent()) == 0


def family(rng: np.random.Generator, cases: int = 12, **more: float):
    return [(CASE, made(rng, **more)) for _ in range(cases)]


def test_false_alarms_are_as_rare_as_said():
    """400 right families of 12 cases: about 1 in 250 may be called wrong; 10 or more would be one in 10^5."""
    rng = np.random.default_rng(6)
    wrong = [v.reasons for v in (verdict("a", family(rng, lots=1000)) for _ in range(400)) if not v.passed]
    assert len(wrong) < 10, wrong


def test_each_reason_for_a_red_verdict():
    rng = np.random.default_rng(7)
    assert verdict("a", family(rng)).passed
    reasons = lambda found: {key for key, _ in verdict("a", found).reasons}  # noqa: E731
    assert "highest" in reasons([*family(rng), (CASE, made(rng, bias=0.15))])
    leaning = reasons(family(rng, cases=40, bias=0.015))
    assert "drift" in leaning
    assert "highest" not in leaning
    broken = gather([Quantity("sale", 0.4, rng.random(4000) < 0.4)], 4000, ["lots that were sold twice: 1"])
    assert reasons([(CASE, broken)]) == {"broken"}


def scaled(one: Evidence, by: float) -> Evidence:
    return Evidence(one.names, one.exact, one.rests_on, one.total, one.cross * by * by, one.weight, one.lots)


def test_errors_said_too_large_or_too_small_are_seen():
    rng = np.random.default_rng(8)
    found = family(rng, cases=60)
    for by, key in ((3.0, "squares"), (0.6, "squares"), (0.6, "above")):
        wrong = verdict("a", [(case, scaled(one, by)) for case, one in found])
        assert key in {k for k, _ in wrong.reasons}, (by, key)


def test_a_bias_as_large_as_is_said_to_be_caught_is_caught():
    """Half the time at that size, nearly always at twice it: 20 of 20, a false alarm in some thousand."""
    rng = np.random.default_rng(9)
    size = caught(family(rng, cases=20))["a:price"]
    assert 0.005 < size < 0.02
    red = [not verdict("a", family(rng, cases=20, bias=2.0 * size)).passed for _ in range(20)]
    assert all(red)
