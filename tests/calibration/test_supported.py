"""What a scenario turns on and closed forms do not follow is refused under a targets file; what acts before listing is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration.targets.reader.defects import TargetsError
from calibration.targets.reader.load import load_targets
from sim.locale.language import speaking

REFUSED = {  # what is set -> what the refusal names
    '"eligibility.restricted_bidders" = 0.2': "eligibility.restricted_bidders",
    '"eligibility.restricted_creditors" = 0.2': "eligibility.restricted_creditors",
    '"debtor_sale.share" = 0.2': "debtor_sale.share",
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
