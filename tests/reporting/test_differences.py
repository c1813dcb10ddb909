"""What a comparison says in words: sales, recovery and days of every policy, each with one interval, and its two parts."""

from __future__ import annotations

import io
import math

import pytest
from rich.console import Console

from sim.reporting.differences import plus_minus, policy_table, sentence


def row(measure: str, difference: float, low: float, high: float, **more: float) -> dict:
    return {
        "measure": measure, "window": "all", "base": 100.0, "policy": 100.0 + difference, "difference": difference,
        "ci_low": low, "ci_high": high, "half": 0.01, "half_parameters": math.nan, "variance_reduction": 4.0, "pairs": 120.0,
    } | more  # fmt: skip


ROWS = [
    row("lots_sold", 24.0, -6.0, 54.0),
    row("recovery_all", -0.016, -0.02, -0.012),
    row("days_to_sale_mean", 0.0, 0.0, 0.0),
    row("turnover", 1e9, 5e8, 1.5e9),
]


def test_the_sentence_says_sales_recovery_and_days_each_with_its_interval():
    assert sentence(ROWS, "en") == (
        "Lots sold +24 lots [-6, 54], not significant; recovery, of all lots -1.6 points [-2.0, -1.2]; "
        "days to sale, mean the same in every pair."
    )
    assert sentence(ROWS, "zh") == (
        "成交量+24件 [-6, 54]，差异不显著；变现率（全部标的物）-1.6个百分点 [-2.0, -1.2]；处置周期（均值）每对均相同。"
    )


def test_what_is_undefined_is_left_out_of_the_sentence():
    rows = [row("lots_sold", 3.0, 1.0, 5.0), row("recovery_all", math.nan, math.nan, math.nan)]
    assert sentence(rows, "en") == "Lots sold +3.0 lots [1.0, 5.0]."
    assert sentence(rows[1:], "en") == "Undefined."


@pytest.mark.parametrize(
    ("measure", "half", "en", "zh"),
    [
        ("recovery", 0.0123, "±1.2", "±1.2"),
        ("lots_sold", 45.0, "±45", "±45"),
        ("days_to_sale_mean", 0.0, "±0", "±0"),
        ("turnover", 3.4e8, "±¥340 m", "±3亿元"),
        ("turnover", math.nan, "–", "–"),
    ],
)
def test_a_half_width_is_in_the_unit_of_its_difference(measure, half, en, zh):
    assert (plus_minus(measure, half, "en"), plus_minus(measure, half, "zh")) == (en, zh)


WIDE = [
    row("sale_rate_final", 0.106, 0.084, 0.129, base=0.303, policy=0.409),
    row("lots_sold", 1659.0, 1491.0, 1826.0, base=11_711.0, policy=13_369.0),
    row("days_to_sale_mean", 14.6, 14.2, 15.1, base=139.9, policy=154.5),
    row("recovery", -0.114, -0.127, -0.101, base=1.019, policy=0.905),
    row("premium_turnover", -0.005, -0.012, 0.002, base=0.049, policy=0.053),
    row("turnover", -1.44e9, -2.19e9, -0.69e9, base=12.1e9, policy=10.6e9),
]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("drawn", [True, False])
def test_the_table_fits_120_columns_and_has_both_parts_under_draws(lang, drawn):
    rows = WIDE
    if drawn:
        reach = [one["ci_high"] - one["difference"] for one in WIDE]
        rows = [one | {"half": x, "half_parameters": x} for one, x in zip(WIDE, reach, strict=True)]
    console = Console(file=io.StringIO(), width=120)
    console.print(policy_table(rows, lang))
    text = console.file.getvalue()
    assert "…" not in text
    assert {"en": "Lots sold (lots) ", "zh": "成交量（件）"}[lang] in text
    heads = {
        "en": (("Parameters", "Monte Carlo"), ("Var. reduction",)),
        "zh": (("仅参数", "仅蒙特卡洛"), ("方差缩减",)),
    }[lang]
    assert all(head in text for head in heads[not drawn])
    assert not any(head in text for head in heads[drawn])
