"""Drawings: scales, ticks, folding, text that stays text."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measures import definitions
from sim.reporting.pages.figures.effect import effect
from sim.reporting.pages.figures.svg import Drawing, Scale, folded, ticks, width_of


@given(st.floats(-1e6, 1e6), st.floats(0.01, 1e9), st.integers(1, 9))
def test_ticks_lie_inside_are_evenly_spaced_and_not_too_many(low: float, span: float, most: int) -> None:
    found = ticks(low, low + span, most)
    assert len(found) <= most + 1
    room = 1e-6 * max(abs(low), span)
    assert all(low - room <= x <= low + span + room for x in found)
    steps = [b - a for a, b in pairwise(found)]
    assert all(step == pytest.approx(steps[0], rel=1e-3, abs=1e-9) for step in steps)


def test_ticks_of_nothing() -> None:
    assert ticks(3.0, 3.0) == [3.0]
    assert ticks(math.nan, 1.0) == []


def test_a_scale_goes_from_value_to_pixel_and_clamps_when_asked() -> None:
    scale = Scale(0.0, 10.0, 100.0, 200.0)
    assert (scale(0.0), scale(5.0), scale(10.0)) == (100.0, 150.0, 200.0)
    assert scale.inside(99.0) == 200.0
    assert Scale(1.0, 100.0, 0.0, 2.0, math.log10)(10.0) == pytest.approx(1.0)
    assert Scale(5.0, 5.0, 0.0, 1.0)(5.0) == 0.0


def test_lines_fold_before_they_are_too_long() -> None:
    words = ["一二三四", "五六七八", "九十"]
    assert folded(words, 1000.0) == [[0, 1, 2]]
    assert folded(words, width_of("一二三四五六七八") + 20) == [[0, 1], [2]]
    assert folded(words, 1.0) == [[0], [1], [2]]


def test_text_stays_text_and_is_escaped() -> None:
    drawing = Drawing(100, 50, 'a "label" <b>')
    drawing.text(1, 2, "拍卖 & <script>")
    drawing.rect(0, 0, 5, 5, "f-blue", tip="5 < 6")
    root = ET.fromstring(str(drawing.render()))
    assert root.attrib["aria-label"] == 'a "label" <b>'
    assert [e.text for e in root.iter("text")] == ["拍卖 & <script>"]
    assert [e.text for e in root.iter("title")] == ["5 < 6"]


def test_a_band_ends_where_the_measure_does() -> None:
    one, wide, free = np.array([0.5, 0.9]), np.array([5.0, 5.0]), (-math.inf, math.inf)

    def numbers(mean: np.ndarray, bounds: tuple[float, float]) -> list[float]:
        drawn = effect(np.array([0.0, 1.0]), ["a", "b"], mean, wide, (mean, mean), str, "x", bounds)
        return [float(x) for x in re.findall(r">(-?[\d.]+)</text>", str(drawn))]

    share = numbers(one, definitions([])["sale_rate_final"].bounds)
    assert min(share) >= 0.0
    assert max(share) <= 1.0
    assert max(numbers(one, definitions([])["recovery"].bounds)) > 1.0
    assert min(numbers(-one, free)) < -2.0


def test_only_shares_of_a_whole_end_at_one_and_only_debts_go_below_zero() -> None:
    found = definitions(["first"])
    assert {name for name, one in found.items() if one.bounds[1] == 1.0} == {
        "sale_rate_final", "sale_rate_ended", "sale_rate_round", "sold_at_start", "sold_first", "hazard_first",
        "failed_first",
    }  # fmt: skip
    assert found["sale_rate_listed"].bounds == (0.0, math.inf), "lots listed earlier are sold too"
    assert found["premium_first_start_mean"].bounds[0] == -math.inf, "a lot may go under its first start"
