"""Pages of a sweep: the points' means are those of the runs, whatever order they stand in; what is missing is said."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from page_folders import AXES
from test_run_page import HAN, csv_of
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.sweep.run_store import RunStore
from sim.reporting.pages.explore_page import CODES, base_state, between, coded, explore_page
from sim.reporting.pages.folder_page import folder_page
from sim.reporting.pages.run_folder import read_manifest
from sim.reporting.pages.shell import render
from sim.reporting.pages.sweep_data import Axis, SweepData
from sim.reporting.pages.sweep_folder import MANY, _spread, read_sweep


@pytest.fixture(scope="module")
def sweep(sweep_folder: Path) -> SweepData:
    return read_sweep(sweep_folder)


def test_means_and_spreads_are_those_of_the_runs_in_the_order_of_the_levels(
    sweep_folder: Path, sweep: SweepData
) -> None:
    store = RunStore(sweep_folder)
    (block,) = store.blocks()
    points = list(itertools.product(*AXES.values()))
    for i, values in enumerate(sweep.values):
        runs = block.values[points.index(values)]
        # a measure counts in the replications in which it exists, as in summary.csv
        defined = [column[np.isfinite(column)] for column in runs.T]
        mean = [x.mean() if len(x) else np.nan for x in defined]
        sd = [x.std(ddof=1) if len(x) > 1 else np.nan for x in defined]
        np.testing.assert_allclose(sweep.mean[i], mean, rtol=1e-9, equal_nan=True)
        np.testing.assert_allclose(sweep.sd[i], sd, rtol=1e-6, atol=1e-9, equal_nan=True)
    assert sweep.method == "grid"
    assert [axis.levels for axis in sweep.axes] == [tuple(sorted(levels)) for levels in AXES.values()]
    assert sweep.values == list(itertools.product(*(axis.levels for axis in sweep.axes)))
    assert (sweep.runs == 2).all()


def test_sections_stand_in_order_and_english_is_english(sweep_folder: Path) -> None:
    for lang in ("zh", "en"):
        page = render(folder_page(sweep_folder, lang))
        assert re.findall(r'<section id="([a-z]+)"', page) == ["effects", "heat", "points", "manifest"]
        if lang == "en":
            assert not HAN.search(re.sub(r"<(pre|script|style)\b.*?</\1>", "", page, flags=re.S))


def test_the_table_of_points_holds_all_of_them(sweep_folder: Path, sweep: SweepData) -> None:
    rows = csv_of(render(folder_page(sweep_folder, "zh")), "points")
    assert len(rows) == len(sweep.values) == 24
    mean, _ = sweep.column("all", "lots_sold")
    assert [float(row["lots_sold mean"]) for row in rows] == mean.tolist()
    assert [tuple(float(row[path]) for path in AXES) for row in rows] == sweep.values


def test_values_of_parameters_have_their_units(sweep_folder: Path) -> None:
    """In the table of points, where days stand beside shares."""
    for lang, days in (("zh", ("7天", "10天")), ("en", ("7 days", "10 days"))):
        table = render(folder_page(sweep_folder, lang)).split('data-name="points"')[1].split("</table>")[0]
        found = re.findall(r"<tr><td[^>]*>([^<]*)</td>|<td[^>]*>([^<]*)</td>|<th[^>]*>([^<]*)</th>", table)
        cells = {cell for row in found for cell in row}
        assert {*days, "70%", "100%"} <= cells
        assert not {"7", "10"} & cells


def test_ends_of_lots_are_shares_that_add_up(sweep: SweepData) -> None:
    shares = sum(share for _, share in sweep.outcomes("all"))
    np.testing.assert_allclose(shares, 1.0, atol=0.05)  # ratios of means, not means of ratios


def test_numbers_are_packed_to_a_hundred_thousandth_of_the_largest() -> None:
    import base64

    x = np.array([0.0, 1.5, np.nan, 3.0, 1e-9])
    packed = coded(x)
    code = np.frombuffer(base64.b64decode(packed["u16"]), dtype="<u2")
    assert code[2] == CODES + 1
    np.testing.assert_allclose(code[[0, 1, 3, 4]] * packed["max"] / CODES, x[[0, 1, 3, 4]], atol=3.0 / CODES)


def test_the_base_is_where_the_scenario_stands_or_as_near_as_it_gets(sweep: SweepData) -> None:
    state = base_state(sweep)
    assert state[0] == 2.0  # start.ratio 1.0 is the last of .7, .8, 1.0
    assert state[1] == 2.0
    assert state[2] == 1.0  # payment within 10 days


def test_missing_and_failed_points_are_reported(sweep_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    shutil.copytree(sweep_folder, folder)
    next((folder / "chunks").glob("0-0000000-*")).unlink()
    data = read_sweep(folder)
    missing = int((data.runs == 0).sum())
    assert 0 < missing < 24
    assert np.isnan(data.mean[data.runs == 0]).all()
    page = render(explore_page(data, read_manifest(folder), "en"))
    assert f"no result yet at {missing} of 24 points" in page
    assert f"no result yet at {missing} of 24 points" in render(folder_page(folder, "en"))
    for path in (folder / "chunks").iterdir():
        path.unlink()
    result = CliRunner().invoke(app, ["explore", str(folder)])
    assert result.exit_code == 2
    assert "has no results yet" in result.output


def test_numbers_that_hardly_occur_twice_are_a_stretch() -> None:
    drawn = Axis("start.ratio", ("start", "ratio"), tuple(np.linspace(0.7, 1.0, 24).tolist()))
    assert (_spread(drawn, 24).levels, _spread(drawn, 24).low, _spread(drawn, 24).high) == ((), 0.7, 1.0)
    assert _spread(drawn, 240).levels == drawn.levels, "values that come again and again are levels"
    named = Axis("auction.bidding", ("auction", "bidding"), ("proxy", "ladder"))
    assert _spread(named, 2) == named


def test_a_run_is_no_sweep(run_folder: Path) -> None:
    result = CliRunner().invoke(app, ["explore", str(run_folder)])
    assert result.exit_code == 2
    assert "is not the folder of a sweep" in result.output


def test_the_command_writes_a_page_whose_data_are_the_sweep(
    sweep_folder: Path, sweep: SweepData, tmp_path: Path
) -> None:
    out = tmp_path / "parameters.html"
    result = CliRunner().invoke(app, ["explore", str(sweep_folder), "--out", str(out), "--lang", "en"])
    assert result.exit_code == 0, result.output
    text = out.read_text(encoding="utf-8")
    meta = {**data_of(text, "sweep"), **data_of(text, "numbers")}
    assert meta["points"] == 24
    assert meta["grid"]
    assert [axis["path"] for axis in meta["axes"]] == list(AXES)
    assert meta["axes"][1]["rule"]["high"] == 0.2, "a cut of 30 % is a reform"
    assert meta["windows"][0] == "all"
    assert len(meta["columns"]) == len(meta["windows"]) * (len(meta["measures"]) + len(meta["outcomes"]))


def data_of(page: str, name: str) -> dict[str, Any]:
    """What a page holds for its scripts under a name."""
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_single_runs_stand_in_the_page_as_they_were_run(sweep_folder: Path) -> None:
    import base64

    store = RunStore(sweep_folder)
    (block,) = store.blocks()
    points = list(itertools.product(*AXES.values()))
    data = read_sweep(sweep_folder, each=True)
    column = store.columns.index(("all", data.scenario.basis, "turnover"))
    runs = np.array([block.values[points.index(values)][:, column] for values in data.values])
    np.testing.assert_array_equal(data.each["all", "turnover"], runs)
    packed = between(runs)
    code = np.frombuffer(base64.b64decode(packed["u16"]), dtype="<u2").reshape(runs.shape)
    step = packed["max"] / CODES
    np.testing.assert_allclose(code * step + packed["min"], runs, atol=step)
    assert read_sweep(sweep_folder).each == {}, "other pages do not need them"


def test_ten_thousand_points_stay_under_five_megabytes(sweep: SweepData) -> None:
    points = 10_000
    rng = np.random.default_rng(1)
    many = SweepData(
        scenario=sweep.scenario,
        axes=[
            Axis("start.ratio", ("start", "ratio"), (), 0.5, 1.0),
            Axis("rounds.second.cut", ("rounds", "second", "cut"), (), 0.0, 0.3),
        ],
        method="scattered",
        columns=sweep.columns,
        values=[tuple(x) for x in rng.uniform((0.5, 0.0), (1.0, 0.3), (points, 2)).tolist()],
        mean=rng.uniform(0.1, 1.0, (points, len(sweep.columns))),
        sd=rng.uniform(0.01, 0.1, (points, len(sweep.columns))),
        runs=np.full(points, 10),
    )
    page = render(explore_page(many, {"scenario": ""}, "zh"))
    assert len(page.encode()) < 5_000_000
    assert points > MANY
