"""Targets files: what they give, and a folder of broken ones, whose first lines are the messages they must give."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import pytest

from calibration.targets import HOME, TargetsError, load_targets

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.toml"))


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# ") for line in lines if line.startswith("# ")]


@pytest.mark.parametrize("path", BROKEN, ids=[p.stem for p in BROKEN])
def test_each_broken_file_gives_its_messages_and_no_other(path):
    with pytest.raises(TargetsError) as caught:
        load_targets(path)
    told = [str(defect).removeprefix(f"{path}: ") for defect in caught.value.defects]
    assert sorted(told) == sorted(expected(path))


def test_the_folder_is_not_empty():
    assert len(BROKEN) > 25


def test_a_file_that_is_not_there_suggests_one():
    with pytest.raises(TargetsError, match="did you mean shanxi"):
        load_targets("shanksi")


@pytest.mark.parametrize("text", ["title = ", "\x00", "title = 1\ntitle = 2"])
def test_what_is_no_toml_is_told_without_a_traceback(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TargetsError, match="not valid TOML"):
        load_targets(path)


def test_fewer_figures_than_free_parameters_is_a_warning_that_names_them():
    (warning,) = load_targets("henan").warnings
    assert "7 free parameters, 4 figures" in warning.problem
    assert "spread" in warning.hint


def test_without_a_scenario_the_windows_make_the_docket():
    targets = load_targets("henan")
    scenario = targets.loaded.scenario
    assert (scenario.time.start, scenario.time.end) == (
        datetime.date(2014, 3, 17),
        datetime.date(2014, 7, 23),
    )
    assert scenario.docket.mode == "listing"
    assert sum(p.lots for p in scenario.docket.periods.values()) == 1000


def test_the_example_has_ten_lines():
    assert len((HOME / "targets" / "henan.toml").read_text(encoding="utf-8").splitlines()) == 10


def test_readings_are_all_combinations_with_weights_that_add_up():
    readings = load_targets("shanxi").readings()
    assert math.isclose(sum(r.weight for r in readings), 1.0)
    assert len({r.key for r in readings}) == len(readings)
    assert {r.basis for r in readings} == {"event", "cohort"}


def test_a_figure_that_is_assumed_is_not_audited():
    window = load_targets("zhejiang").windows["2013"]
    assert window.figures["lots"].value == 1400
    assert math.isnan(window.value("lots"))
