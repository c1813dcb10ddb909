"""Charts of a sweep: bands end where a measure does, fields have their numbers, names of values keep apart."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from sim.measures import definitions
from sim.reporting.figures.sweep import Effect, effect_panel, heat_panel
from sim.reporting.svg import fragment


def words(svg: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(svg).iter("text")]


def test_a_band_ends_where_the_measure_does() -> None:
    one, wide, free = np.array([0.5, 0.9]), np.array([5.0, 5.0]), (-math.inf, math.inf)

    def numbers(mean: np.ndarray, bounds: tuple[float, float]) -> list[float]:
        effect = Effect(np.array([0.0, 1.0]), ["a", "b"], mean, wide, bounds, (mean, mean))
        drawn = words(fragment(effect_panel(effect, str, "x", "en")))
        return [float(x.replace("−", "-")) for x in drawn if re.fullmatch(r"−?[\d.]+", x)]

    share = numbers(one, definitions([])["sale_rate_final"].bounds)
    assert min(share) >= 0.0
    assert max(share) <= 1.0
    band = Effect(one, [], one, wide, definitions([])["sale_rate_final"].bounds).band
    assert (band[0].min(), band[1].max()) == (0.0, 1.0)
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


def test_an_effect_tells_the_mean_at_each_value() -> None:
    mean = np.array([1.0, 2.0])
    effect = Effect(
        np.array([0.0, 1.0]), ["low", "high"], mean, mean / 10, (0.0, math.inf), (mean - 1, mean + 1)
    )
    svg = fragment(effect_panel(effect, lambda x: f"{x:g} days", "an effect", "en"))
    assert [e.text for e in ET.fromstring(svg).iter("title")] == ["1 days", "2 days"]
    assert {"low", "high"} <= set(words(svg))
    assert 'aria-label="an effect"' in svg


@pytest.mark.parametrize(("columns", "shown"), [(3, True), (40, False)])
def test_a_field_has_its_numbers_in_its_cells_while_there_is_room_and_as_tips_always(
    columns: int, shown: bool
) -> None:
    field = np.arange(2.0 * columns).reshape(2, columns) + 1000.0
    field[0, 0] = math.nan
    ticks = [str(i) for i in range(columns)]
    svg = fragment(heat_panel(field, ("across", ticks), ("up", ["0.0", "1.0"]), lambda x: f"{x:.0f}", "a field", "en"))  # fmt: skip
    tips = [e.text for e in ET.fromstring(svg).iter("title")]
    assert tips == [f"{x:.0f}" for x in field.ravel().tolist() if math.isfinite(x)]
    assert ("1001" in words(svg)) is shown
