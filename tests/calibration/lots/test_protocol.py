"""A prediction tested on rows: the protocol file, who is fitted, what is predicted and how it is scored."""

from __future__ import annotations

import numpy as np
import people
import pytest

from calibration.lots import protocol
from calibration.lots.estimate import Effort, space_of
from calibration.lots.histories import Histories
from calibration.lots.likelihood import outcomes
from calibration.targets.reader.defects import TargetsError

V = {"interest": 3.0, "popularity": 1.0, "location": -0.1, "spread": 0.15, "noise": 0.1, "persistence": 0.5}
RATIOS = (1.0, 0.8, 0.64, 0.512)
SMALL = Effort(
    prior=60, starts=1, learning=60, generations=1, draws=150, least=10.0, most=0, steps=4, candidates=4
)
TEXT = """\
title = "A city"
title_zh = "某市"
source = "made up"
source_zh = "虚构"
selection = "sold only"
format = "sealed"
[starts]
ratios = [1.0, 0.8, 0.64, 0.512]
[split]
first = 2017-01-01
last = 2018-02-28
days = 30
[model]
ceiling = 20.0
[models]
base = []
[scores]
moments = ["hazard.1", "hazard.2", "hazard.3", "price.1", "price.2", "price.3", "above.2"]
draws = 400
"""


def write(folder, text):
    path = folder / "city.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def rows() -> Histories:
    return people.histories(2500, V, [(*RATIOS, 0.4096)], 8, "sold only")


def test_the_program_has_a_protocol():
    file = protocol.load_protocol("seoul")
    assert len(file.scores.moments) == 9
    assert list(file.models) == ["base", "response", "waiting", "both"]
    assert [one.name for one in protocol.moments_of(file) if not one.later] == [
        "hazard.3",
        "hazard.4",
        "price.3",
        "price.4",
    ]


def test_all_that_is_wrong_is_reported_at_once(tmp_path):
    text = TEXT.replace("[1.0, 0.8, 0.64, 0.512]", "[1.0, 1.2, 0.64, 0.512]").replace(
        "last = 2018", "last = 2016"
    )
    text = text.replace("base = []", 'bse = []\nwaiting = ["share"]').replace('"above.2"', '"above.9"')
    with pytest.raises(TargetsError) as error:
        protocol.load_protocol(write(tmp_path, text))
    assert [one.key for one in error.value.defects] == [
        "starts.ratios",
        "split.last",
        "models.bse",
        "models.waiting",
        "scores.moments.6",
    ]
    with pytest.raises(TargetsError, match="seoul"):
        protocol.load_protocol("seol")


def test_who_is_fitted_and_what_is_not_known_of_them(tmp_path, rows):
    file = protocol.load_protocol(write(tmp_path, TEXT))
    groups = protocol.groups_of(file, rows)
    assert not (groups.fitted & groups.later).any()
    fit = groups.fit(2)
    assert fit.rounds.max() == 2
    assert fit.later.any()
    assert (fit.later <= (fit.rounds == 2)).all()
    assert np.isnan(fit.price[fit.later]).all()
    assert fit.selection == "sold only"
    ends = fit.opened + fit.final * np.timedelta64(30, "D")
    assert (ends[~fit.later] < np.datetime64("2018-04-01")).all()


def test_predictions_at_the_true_parameters(tmp_path, rows):
    """What the closed forms say of the moments lies within sampling errors of what happened, but for prices, which here are those
    of ascending auctions: their mean is the same.
    """
    file = protocol.load_protocol(write(tmp_path, TEXT))
    groups, moments = protocol.groups_of(file, rows), protocol.moments_of(file)
    said = protocol.Predicted(groups, moments, file.assumed)(V)
    for moment, mean in zip(moments, said.mean, strict=True):
        seen = protocol.observed(groups, moment)
        assert seen.number > 20
        if moment.kind != "above":
            assert abs(seen.value - mean) < 4.0 * seen.error, moment.name


def test_hazards_are_those_of_lots_in_the_file(tmp_path, rows):
    """Of sold lots more are sold in a round than of all lots."""
    file = protocol.load_protocol(write(tmp_path, TEXT))
    groups, moments = protocol.groups_of(file, rows), protocol.moments_of(file)
    said = protocol.Predicted(groups, moments, file.assumed)(V)
    sold = outcomes(V, file.assumed, groups.lots.starts).sold[0]
    assert said.mean[2] > sold[2] / (1.0 - sold[:2].sum()) + 0.02


@pytest.mark.slow
def test_a_run_end_to_end(tmp_path, rows):
    file = protocol.load_protocol(write(tmp_path, TEXT))
    found = protocol.run(file, rows, SMALL)
    assert [one.moment for one in found.of("base")] == file.scores.moments
    assert len(found.estimates["base"].theta) == SMALL.draws
    for one in found.scores:
        assert one.low <= one.mean <= one.high
        assert one.miss == (one.scored and not one.low <= one.observed.value <= one.high)
    assert found.best_chi2["base"] >= 0.0
    assert found.chi2("base") == pytest.approx(sum(one.z**2 for one in found.scores))
    assert found.estimates["base"].space.names == space_of("base").names
