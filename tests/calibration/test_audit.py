"""The audit: Shanxi's figures, other courts', and errors planted in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from calibration.audit import AGAINST, Finding, audit, ruled_out
from calibration.audit.words import sentence, verdict
from calibration.targets.reader.defects import TargetsError
from calibration.targets.reader.load import load_reported
from calibration.targets.targets import HOME

PLACES = sorted(p.stem for p in (HOME / "targets").glob("*.toml"))


def found(name: str | Path) -> dict[tuple[str, str, str], Finding]:
    return {(f.key, f.window, f.figure): f for f in audit(load_reported(name))}


def against(name: str | Path) -> set[tuple[str, str, str]]:
    return {key for key, f in found(name).items() if f.verdict in (*AGAINST, "unusual")}


@pytest.fixture(scope="module")
def shanxi():
    return found("shanxi")


@pytest.mark.parametrize(
    ("window", "rounded", "truncated", "outside"),
    [("2017", [812], [], [1759]), ("2018", [3314], [3313], [948, 949]), ("2019Q1", [437], [437], [752])],
)
def test_shanxi_has_one_whole_denominator_a_window_and_it_is_not_the_lots(
    shanxi, window, rounded, truncated, outside
):
    facts = shanxi["denominator", window, "sale_rate"].facts
    assert (list(facts["rounded"]), list(facts["truncated"])) == (rounded, truncated)
    listed = shanxi["rate.not_listed", window, "sale_rate"]
    assert list(listed.facts["outside"]) == outside
    assert listed.verdict == "excludes"
    assert listed.rules_out == ("sale_rate_listed",)


def test_shanxi_participants_of_2018_are_impossible_and_its_turnover_of_2017_was_cut_off(shanxi):
    assert shanxi["people_below_sold", "2018", "participants"].verdict == "impossible"
    growth = shanxi["growth.only_truncated", "2018", "turnover"]
    assert growth.facts["low"] == pytest.approx(24.485e8 / 2.74, rel=1e-6)
    assert 8.9e8 <= growth.facts["low"] < growth.facts["high"] < 9.0e8


def test_shanxi_2019_may_be_nothing_but_a_short_window(shanxi):
    effect = shanxi["window_effect", "2019Q1", "sale_rate"]
    assert effect.verdict == "possible"
    assert effect.facts["z"] > 9
    one = effect.facts
    for days, sold, ended, lots in ((365, 1243, 3314, 4262), (90, 271, 437, 1189)):
        assert lots * one["sold"] * (1 - one["days_to_sale"] / days) == pytest.approx(sold)
        assert lots * one["failed"] * (1 - one["days_to_failure"] / days) == pytest.approx(ended - sold)


def test_shanxi_commission_says_how_prices_are_spread(shanxi):
    spreads = [shanxi["commission.spread", w, "commission"].facts for w in ("2017", "2018", "2019Q1")]
    assert [round(s["spread"], 4) for s in spreads] == [1.9767, 1.9551, 1.7597]
    assert [round(s["effective"], 1) for s in spreads] == [6.1, 27.2, 12.3]


def test_what_shanxi_rules_out():
    assert ruled_out(audit(load_reported("shanxi"))) == {
        "sale_rate": {"sale_rate_listed"},
        "participants": {"participants", "participants_distinct"},
        "premium": {"premium_turnover_ratio", "premium_mean_ratio"},
        "commission": {"commission_saved_flat"},
    }


def test_zhongshan_divides_by_final_outcomes_and_reckons_five_per_cent():
    zhongshan = found("zhongshan")
    assert zhongshan["rate.is_final", "2014", "sale_rate"].verdict == "consistent"
    assert zhongshan["rate.not_count", "2014", "sale_rate"].rules_out == ("sale_rate_round",)
    assert zhongshan["commission.flat", "2014", "commission"].verdict == "possible"


def test_zhejiangs_rate_is_no_share_of_its_completed_items():
    one = found("zhejiang")["numerator.none", "2013", "sale_rate"]
    assert not one.facts["numerators"]
    assert one.rules_out == ("sale_rate_ended",)


PLANTED = [  # (as published, as planted, what finds it)
    ("sold = 304", "sold = 3040", {("growth.wrong", "2018", "sold"), ("rate.above_lots", "2017", "sale_rate")}),
    ("sold = 1243", "sold = 12430", {("growth.wrong", "2018", "sold"), ("rate.above_lots", "2018", "sale_rate")}),
    ("sold = 271", "sold = 2710", {("people_below_sold", "2019Q1", "participants")}),
    ('turnover = "8.9亿"', 'turnover = "89亿"', {("growth.wrong", "2018", "turnover"), ("commission.outside_mean", "2017", "commission")}),
    ('turnover = "24.49亿"', 'turnover = "244.9亿"', {("growth.wrong", "2018", "turnover")}),
    ('turnover = "3.65亿"', 'turnover = "36.5亿"', {("commission.outside_mean", "2019Q1", "commission")}),
    ('commission = "2504.29万"', 'commission = "25042.9万"', {("growth.wrong", "2018", "commission"), ("commission.outside_mean", "2017", "commission")}),
    ('commission = "1315.87万"', 'commission = "131.587万"', {("commission.outside_mean", "2019Q1", "commission")}),
    ('sale_rate = "62.01%"', 'sale_rate = "6.201%"', {("rate.above_lots", "2019Q1", "sale_rate")}),
    ("cases = 1799", "cases = 179", {("growth.wrong", "2018", "cases")}),
]  # fmt: skip


@pytest.mark.parametrize(("was", "planted", "finds"), PLANTED, ids=[p[1] for p in PLANTED])
def test_a_figure_multiplied_by_ten_is_found(tmp_path, was, planted, finds):
    text = (HOME / "targets" / "shanxi.toml").read_text(encoding="utf-8")
    assert text.count(was) == 1
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace(was, planted), encoding="utf-8")
    assert finds <= against(wrong) - against("shanxi")


SPARSE = """
title = "x"
[windows.w]
lots = {lots}
sold = {sold}
sale_rate = "{rate}"
premium = "{premium}"
turnover = {turnover}
"""


@pytest.mark.parametrize("times", [0.1, 1.0, 10.0])
@pytest.mark.parametrize(
    "figures",
    [
        {"lots": 2571, "sold": 304, "rate": "37.44%", "premium": "13.44%", "turnover": 890_000_000},
        {"lots": 4262, "sold": 1243, "rate": "37.51%", "premium": "181.39%", "turnover": 2_449_000_000},
        {"lots": 1189, "sold": 271, "rate": "62.01%", "premium": "101.55%", "turnover": 365_000_000},
        {"lots": 340, "sold": 185, "rate": "86.85%", "premium": "22.12%", "turnover": 159_500_000},
    ],
    ids=["2017", "2018", "2019Q1", "Zhongshan"],
)
def test_a_turnover_with_a_digit_more_or_less_is_found_in_a_sparse_file(tmp_path, figures, times):
    """Nothing else is reported of it: no commission, no growth, no other window. Only the mean price can tell."""
    path = tmp_path / "sparse.toml"
    path.write_text(
        SPARSE.format(**{**figures, "turnover": int(figures["turnover"] * times)}), encoding="utf-8"
    )
    flagged = {
        one.key for one in audit(load_reported(path)) if one.figure == "turnover" and one.verdict == "unusual"
    }
    assert flagged == (set() if times == 1.0 else {"mean_price_far"})


@pytest.mark.parametrize("was", ["37.44%", "37.51%", "62.01%"])
def test_a_sale_rate_multiplied_by_ten_is_refused_before_any_audit(tmp_path, was):
    text = (HOME / "targets" / "shanxi.toml").read_text(encoding="utf-8")
    planted = f"{10 * float(was[:-1]):g}%"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace(f'sale_rate = "{was}"', f'sale_rate = "{planted}"'), encoding="utf-8")
    with pytest.raises(TargetsError, match=rf'"{re.escape(planted)}": a rate is between 0 and 100 %'):
        load_reported(wrong)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_finding_has_a_sentence_in_both_languages(place, lang):
    for finding in audit(load_reported(place)):
        said = sentence(finding, lang)
        assert "{" not in said
        assert any("\u4e00" <= c <= "\u9fff" for c in verdict(finding, lang)) is (lang == "zh")
