"""What measures there are, and that each is said once, in full."""

from __future__ import annotations

import pytest

from sim.measures import DEFINITIONS, INTERPRETATIONS, definitions
from sim.scenario.published import Published

VOCABULARY = {  # identifier -> Chinese name, as the project's vocabulary fixes them
    "cases": "涉及案件数", "lots_listed": "标的物数量", "rounds_held": "拍卖次数", "lots_sold": "成交量",
    "lots_failed": "最终流拍", "lots_withdrawn": "撤回", "lots_open": "未结", "lots_ended": "已结标的物",
    "sale_rate_final": "成交率（终结口径）", "sale_rate_ended": "成交率（已拍口径）", "sale_rate_listed": "成交率（上拍口径）",
    "sale_rate_round": "成交率（拍次口径）", "premium_turnover": "溢价率（总额口径）", "premium_mean": "溢价率（均值口径）",
    "premium_median": "溢价率（中位数）", "turnover": "成交金额", "commission_saved_flat": "节省佣金（5%口径）",
    "participants": "参拍人次", "participants_distinct": "参拍人数", "recovery": "变现率（成交标的物）",
}  # fmt: skip


@pytest.mark.parametrize("name", VOCABULARY)
def test_the_vocabulary_is_kept(name: str) -> None:
    assert DEFINITIONS[name].zh == VOCABULARY[name]


def test_days_to_sale_and_commission_have_all_their_interpretations() -> None:
    days = {name for name in DEFINITIONS if name.startswith("days_to_sale")}
    assert days == {"days_to_sale_mean", "days_to_sale_median", "days_to_sale_p90"}
    assert "recovery_all" in DEFINITIONS
    assert DEFINITIONS["commission_saved"].zh.startswith("节省佣金")


def test_every_published_figure_has_interpretations_and_every_interpretation_is_defined() -> None:
    assert set(INTERPRETATIONS) == set(Published.model_fields)
    assert {measure for measures in INTERPRETATIONS.values() for measure in measures} <= set(DEFINITIONS)


def test_rounds_bring_their_own_measures_under_names_that_people_use() -> None:
    found = definitions(["first", "encore"])
    assert list(found)[: len(DEFINITIONS)] == list(DEFINITIONS)
    assert list(found)[len(DEFINITIONS) :] == [
        "sold_first", "sold_encore", "hazard_first", "hazard_encore", "failed_first", "failed_encore",
    ]  # fmt: skip
    assert found["failed_first"].zh == "一拍流拍率"
    assert found["sold_encore"].en == "sold at encore"
    assert "round first" in found["sold_first"].formula


def test_everything_is_said() -> None:
    for name, definition in definitions(["first"]).items():
        assert definition.name == name
        assert all((definition.en, definition.zh, definition.unit, definition.formula))
        assert "{" not in definition.formula + definition.zh + definition.en
