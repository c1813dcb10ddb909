"""What a scenario turns on and closed forms do not follow is refused under a targets file; what acts before listing is not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from calibration.answers.policy import Question, answers
from calibration.answers.simulated import played
from calibration.forward_model.overlays import over
from calibration.targets.reader.defects import TargetsError
from calibration.targets.reader.load import load_targets
from calibration.targets.targets import Targets
from sim.locale.language import speaking
from sim.scenario.load import Overlay

REFUSED = {  # what is set -> what the refusal names
    '"eligibility.restricted_bidders" = 0.2': "eligibility.restricted_bidders",
    '"eligibility.restricted_creditors" = 0.2': "eligibility.restricted_creditors",
    '"debtor_sale.share" = 0.2': "debtor_sale.share",
    '"disposal.third_party_share" = 0.2': "disposal.third_party_share",
    '"debtor_sale.before_share" = 0.2': "debtor_sale.before_share",
    '"start.cut_relief" = 0.5': "start.cut_relief",
    '"disposal.suspension_share" = 0.1, "disposal.resume_days" = 3.0': "disposal.resume_days",
    '"courts.notice_again_days" = 0.5': "courts.notice_again_days",
    '"auction.bidding" = "once"': "auction.bidding",
    '"auction.soft_close_minutes" = 0.0': "auction.soft_close_minutes",
    '"rounds.first.overhang_minutes" = 5.0': "rounds.first.overhang_minutes",
    '"rounds.sell_off.late_shape" = 4.0': "rounds.sell_off.late_shape",
    '"kinds.homes.rounds.second.cut" = 0.1': "kinds.homes",
}
FOLLOWED = (
    '"courts.objection_share" = 0.2, "courts.objection_days" = 0.5, "courts.objection_wait_days" = 10.0',
    '"courts.report_valid_days" = 200.0',
    '"creditors.bid_share" = 0.5',
    '"disposal.suspension_share" = 0.0, "disposal.resume_days" = 3.0',
    '"auction.bidding" = "proxy", "auction.soft_close_minutes" = 0.0',
    '"rounds.sell_off.held" = false, "rounds.sell_off.late_shape" = 4.0',
    '"rounds.sell_off.late_shape" = 4.0, "rounds.sell_off.early_share" = 1.0',
    '"rounds.first.late_shape" = 4.0',
)
SMALL = """\
title = "x"
scenario = "shanxi-prior"
SET[windows.2017]
lots = 700
sold = 304
[[free]]
path = "interest.mean"
low = 0.1
high = 20.0
"""


def refusals(folder: Path, values: str, lang: str = "en") -> list[str]:
    """What is said of a targets file that sets these values in its scenario."""
    path = folder / "x.toml"
    path.write_text(
        f'title = "x"\nscenario = "shanxi-prior"\nset = {{ {values} }}\n[windows.2017]\nsold = 304\n',
        encoding="utf-8",
    )
    with speaking(lang):
        try:
            load_targets(path)
        except TargetsError as error:
            return [str(one) for one in error.defects]
    return []


@pytest.mark.parametrize(("values", "name"), REFUSED.items(), ids=list(REFUSED.values()))
def test_what_closed_forms_do_not_follow_is_refused_by_name(tmp_path, values, name):
    for lang, word in (
        ("en", ["the closed forms", "calibration follows"]),
        ("zh", ["校准依据", "解析式"]),
    ):
        said = refusals(tmp_path, values, lang)
        assert len(said) == 1, said
        assert name in said[0]
        assert any(one in said[0] for one in word)


@pytest.mark.parametrize("values", FOLLOWED)
def test_what_closed_forms_follow_or_never_meet_is_not_refused(tmp_path, values):
    assert refusals(tmp_path, values) == []


def small(folder: Path, values: str = "", more: str = "") -> Targets:
    path = folder / "small.toml"
    path.write_text(
        SMALL.replace("SET", f"set = {{ {values} }}\n" if values else "") + more, encoding="utf-8"
    )
    return load_targets(path)


@pytest.mark.parametrize(("path", "value"), [("debtor_sale.share", 0.2), ("disposal.resume_days", 3.0), ("rounds.first.overhang_minutes", 5.0), ("start.cut_relief", 0.5)])  # fmt: skip
def test_what_is_laid_over_a_targets_scenario_is_held_to_the_same(tmp_path, path, value):
    """By the words of the targets' own refusal, and by the name of what is laid over."""
    targets = small(tmp_path, '"disposal.suspension_share" = 0.1')
    with pytest.raises(TargetsError) as refused:
        over(targets, [Question("mine", "mine", value, (path,)).laid])
    assert [one.file for one in refused.value.defects] == ["mine"]
    assert str(refused.value.defects[0]).startswith(
        f"mine: {path} is {value:g}; calibration follows the base model"
    )
    over(targets, [Question("mine", "mine", 0.8, ("start.ratio",)).laid])


@pytest.mark.parametrize("path", ["debtor_sale.share", "rounds.first.window_days"])
def test_a_policy_that_closed_forms_do_not_follow_is_refused_before_anything_runs(tmp_path, path):
    """One that a scenario may not have, and one that it may: its closed forms have no place for it."""
    targets = small(tmp_path)
    model = SimpleNamespace(targets=targets)  # nothing else of it is asked for
    odd = Question("odd", "odd", 0.9, (path,))
    for ask in (
        lambda: answers(model, np.zeros((1, 2)), [odd]),
        lambda: played(model, np.zeros(2), (), "event", [odd], 0),
    ):
        with pytest.raises(TargetsError, match=path):
            ask()


def test_values_that_calibration_draws_may_change_at_dates_and_no_others(tmp_path):
    targets = small(tmp_path)
    over(targets, [Overlay("draw", {"from": {"2018-03-01": {"interest": {"mean": 2.0}}}})])
    with pytest.raises(TargetsError, match="2018-03-01"):
        over(targets, [Overlay("reform", {"from": {"2018-03-01": {"rounds": {"second": {"cut": 0.1}}}}})])


@pytest.mark.parametrize("path", ["courts.notice_again_days", "disposal.suspension_share"])
def test_a_free_parameter_may_not_reach_what_closed_forms_do_not_follow(tmp_path, path):
    """Though the scenario itself has it off."""
    free = f'[[free]]\npath = "{path}"\nlow = 0.01\nhigh = 0.4\n'
    off = '"disposal.suspension_share" = 0.0, "disposal.resume_days" = 3.0'
    with pytest.raises(TargetsError) as refused:
        small(tmp_path, off, free)
    named = "disposal.resume_days" if path.startswith("disposal") else path
    assert [named in str(one) for one in refused.value.defects] == [True]
