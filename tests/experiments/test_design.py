"""Designs: what ``--vary`` means, where points lie, and what is refused."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.experiments.sweep.axes import Axis, Ground, parse_axis
from sim.experiments.sweep.design import Design, design
from sim.experiments.sweep.design_file import DesignFile, plain, write_design
from sim.scenario import ScenarioError, load


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("a.b=0:0.3:0.1", (0.0, 0.1, 0.2, 0.3)),
        ("a=0:1:0.4", (0.0, 0.4, 0.8)),
        ("a=3:1:-1", (3, 2, 1)),
        ("a=1:5:2", (1, 3, 5)),
        ("a=1,2.5,true,x", (1, 2.5, True, "x")),
        ('a="10:00","14:00"', ("10:00", "14:00")),
        ("a=1e-3", (0.001,)),
        ("auction.opens_at=10:00", ("10:00",)),  # a time, no range
        ("auction.opens_at=10:00,14:00", ("10:00", "14:00")),
        ("arrivals.exact=True,FALSE", (True, False)),
        ("courts.clerks=1.0,2", (1, 2)),
        ("start.ratio=70%:90%:10%", (0.7, 0.8, 0.9)),
        ("rounds.first.window_days=24 h:3 d:12 h", (1.0, 1.5, 2.0, 2.5, 3.0)),
    ],
)
def test_levels(text, levels):
    found = parse_axis(text).levels
    assert found == levels
    assert [type(x) for x in found] == [type(x) for x in levels]


def test_a_stretch_and_a_quoted_key():
    axis = parse_axis('arrivals.periods."2019Q1".lots = 10:20.5')
    assert (axis.key, axis.low, axis.high, axis.levels) == (
        ("arrivals", "periods", "2019Q1", "lots"),
        10.0,
        20.5,
        (),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", "must be path="),
        ("=1", "must be path="),
        ("a b=1", "must be path="),
        ("a=", "empty value"),
        ("a=1,,2", "empty value"),
        ("a=1,1", "names 1 twice"),
        ("a=1,1.0", "names 1 twice: 1 and 1.0"),
        ("a=0:0.2:3", "one value: a step of 3 leads past 0.2; did you mean 0:3:0.2"),
        ("a=5:5:1", "one value; for a single one write a=5"),
        ("a=1:1.000000000000000000001:0.0000000000000000000001", "too small to distinguish the values"),
        ("a=1e999999999999:2:1", "finite numbers"),
        ("a=0:1e400", "finite numbers"),
        ("a=0:1:1e-400", "finite numbers"),
        ("start.ratio=70 yuan:1", "not a unit of this parameter"),
        ("a=[1,2],[3]", "a table or a list"),
        ("rounds.second={cut=0.1},{cut=0.2}", "a table or a list"),
        ("a=2:1", "is empty"),
        ("a=1:1", "is empty"),
        ("a=0:1:0", "is empty"),
        ("a=0:1:-1", "is empty"),
        ("a=x:y", "made of finite numbers"),
        ("a=0:inf", "finite"),
        ("a=nan:1:1", "finite"),
        ("a=0:1:1e-9", "at most 10,000,000"),
    ],
)
def test_bad_axes(text, said):
    with pytest.raises(ValueError, match=said):
        parse_axis(text)


BASE = Ground("base", (), load("base"))
AXES = st.text(max_size=30) | st.from_regex(r"[-+.0-9eE:,\[\]{}\"'% dh]{0,14}", fullmatch=True)


def points(plan: Design, size: int = 7) -> list[tuple]:
    return [row for block in plan.blocks(size) for row in zip(*block, strict=True)]


def test_a_grid_crosses_everything_in_order():
    plan = Design((parse_axis("a=1,2"), parse_axis("b=x,y,z")))
    assert points(plan, 4) == [(1, "x"), (1, "y"), (1, "z"), (2, "x"), (2, "y"), (2, "z")]
    assert plan.points == 6


def test_a_latin_hypercube_has_one_point_in_every_stratum_of_every_axis():
    plan = Design((parse_axis("a=0:10"), parse_axis("b=-1:1")), "lhs", 50, seed=3)
    found = np.array(points(plan))
    assert sorted((found[:, 0] / 10 * 50).astype(int)) == list(range(50))
    assert sorted(((found[:, 1] + 1) / 2 * 50).astype(int)) == list(range(50))


def test_a_sobol_sequence_is_balanced_and_does_not_depend_on_the_size_of_its_parts():
    plan = Design((parse_axis("a=0:1"), parse_axis("b=0:1")), "sobol", 64, seed=1)
    found = points(plan, 64)
    assert found == points(plan, 5)
    quarters = np.array(found) >= 0.5
    assert [int((quarters == pattern).all(axis=1).sum()) for pattern in ((0, 0), (0, 1), (1, 0), (1, 1))] == [
        16
    ] * 4


@pytest.mark.parametrize("method", ["lhs", "sobol", "halton"])
def test_randomness_of_a_design_is_its_seed(method):
    axes = (parse_axis("a=0:1"), parse_axis("b=1,2,3,4"))
    one, same, other = (Design(axes, method, 40, seed) for seed in (5, 5, 6))
    assert points(one) == points(same) != points(other)
    assert len(points(one)) == 40
    values = [b for _, b in points(one)]
    assert all(values.count(level) in range(7, 14) for level in (1, 2, 3, 4))


def test_whole_numbers_stay_whole_and_reach_both_ends():
    axis = Axis("a", ("a",), low=1, high=4, whole=True)
    found = axis.at(np.array([0.0, 0.249, 0.25, 0.5, 0.999999]))
    assert found == [1, 1, 2, 3, 4]


# --- held against a scenario ------------------------------------------------------------------------------


def plan(
    *vary: str, method: str = "grid", samples: int | None = None, sets: tuple[str, ...] = (), on: str = "base"
) -> Design:
    return design(vary, method, samples, Ground(on, sets, load(on, sets)))


def test_values_come_out_as_the_scenario_takes_them():
    found = plan(
        "rounds.first.window_days=24 h,2 d", "courts.clerks=1:3:1", "start.ratio=1,2", "kinds.homes=false"
    )
    assert [axis.levels for axis in found.axes] == [(1.0, 2.0), (1, 2, 3), (1.0, 2.0), (False,)]
    assert [type(x) for x in found.axes[2].levels] == [float, float]
    assert plan("courts.clerks=1:9", method="lhs", samples=4).axes[0].whole


def test_all_defects_are_reported_at_once():
    with pytest.raises(ScenarioError) as caught:
        plan(
            "rounds.second.cut=0.1,1.5",
            "interest.maen=1,2",
            "start.ratio=2:1:0.1",
            "a=",
            method="grid",
            samples=3,
        )
    lines = str(caught.value)
    for words in (
        "cut: 1.5 is out of range",
        "did you mean mean?",
        "2:1:0.1 is empty",
        "empty value",
        "--samples",
    ):
        assert words in lines
    assert "1.5" in lines


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"vary": ["start.ratio=0.7:1"]}, "a grid needs a step"),
        ({"vary": ["start.ratio=0.7:1"], "method": "lhs"}, "needs a number of points"),
        ({"vary": ["start.ratio=0.7:1"], "method": "lhs", "samples": 0}, "allowed are 1 to"),
        ({"vary": ["start.ratio=0.7:1"], "method": "random", "samples": 5}, "allowed: grid, lhs, sobol, halton"),
        ({"vary": []}, "at least one parameter is needed"),
        ({"vary": ["start.ratio=1", "start.ratio=0.9"]}, "is varied twice"),
        ({"vary": ["start.ratio=1", 'start."ratio"=0.9']}, "start.ratio is varied twice"),
        ({"vary": ["kinds.homes=false", "kinds.homes.share=0.1,0.2"]}, "varied twice, within kinds.homes"),
        ({"vary": ["start.ratio=0.7,70%"]}, 'names 0.7 and "70%", which are one value'),
        ({"vary": ["rounds.first.window_days=24 h,1 d"]}, "which are one value, 1"),
        ({"vary": ["courts.clerks=0:100:0.5"]}, "only whole numbers"),
        ({"vary": ["interest.mean=1" + "0" * 400 + ",2"]}, "is not a number"),
        ({"vary": ["interest.mean=" + "[" * 5000 + ",1"]}, "a number is needed|characters"),
        ({"vary": ["a" * 5000 + "=1,2"]}, "unknown key"),
        ({"vary": ["courts.clerks=1.5:3"], "method": "lhs", "samples": 5}, "only whole numbers"),
        ({"vary": ["start.ratio=0.5:99"], "method": "lhs", "samples": 5}, "is out of range"),
        ({"vary": ["start.ratio=0.1:1:0.0001", "rounds.second.cut=0:0.9:0.0001"]}, "at most 10,000,000"),
    ],
)  # fmt: skip
def test_bad_designs(arguments, said):
    vary = arguments.pop("vary")
    with pytest.raises(ScenarioError, match=said):
        plan(*vary, **arguments)


@given(st.sampled_from(["start.ratio", "courts.clerks", "auction.opens_at", "time.start", "x"]), AXES)
def test_any_text_as_an_axis_is_one_or_is_refused_with_the_reason(key, text):
    with suppress(ValueError):
        axis = parse_axis(f"{key}={text}")
        assert axis.levels or axis.low < axis.high


@given(st.text(max_size=40))
@settings(max_examples=40, deadline=None)
def test_any_text_as_varied_is_held_against_the_scenario_or_refused(text):
    with pytest.raises(ScenarioError):
        design([text], "lhs", 3, BASE)


# --- on disk ----------------------------------------------------------------------------------------------


def test_points_come_back_from_disk_whatever_their_type(tmp_path):
    first, number = 600, 610
    mixed = [1 if i % 2 else "inf" for i in range(number)]
    plainly = [i / 7 for i in range(number)]
    assert (plain(mixed), plain(plainly), plain([])) == (False, True, True)
    blocks = iter([[plainly[:first], mixed[:first]], [plainly[first:], mixed[first:]]])
    assert write_design(tmp_path / "d.parquet", ["a.b", "c"], ["c"], blocks) == number
    there = DesignFile(tmp_path / "d.parquet", ["c"])
    found = there.values(first - 3, first + 4)
    assert found == {"a.b": plainly[first - 3 : first + 4], "c": mixed[first - 3 : first + 4]}


@pytest.mark.slow
@given(
    st.sampled_from(
        ["start.ratio", "courts.clerks", "auction.opens_at", "arrivals.exact", "time.start", "x"]
    ),
    AXES,
)
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_of_twenty_thousand_axes_is_one_or_is_refused_with_the_reason(key, text):
    with suppress(ValueError):
        axis = parse_axis(f"{key}={text}")
        assert axis.levels or axis.low < axis.high
