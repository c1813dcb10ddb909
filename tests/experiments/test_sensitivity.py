"""Sensitivity: indices of functions whose indices are known, run through a store; refusals; the command."""

from __future__ import annotations

import csv
import math
from datetime import date

import numpy as np
import pytest
from commands import sim
from sweeps import about, make_sweep, run
from test_sweep_command import SETS

from sim.experiments.sensitivity import check_samples, indices, observed, plan, salib_seed
from sim.experiments.sweep.axes import Axis, parse_axis
from sim.experiments.sweep.design_file import plain
from sim.experiments.sweep.run_store import Batch, RunStoreError, create
from sim.experiments.sweep.sweep import described
from sim.experiments.trajectories import elementary_effects, scale_of, trajectories


def swept(folder, work, axes, method, samples, seed=1):
    """Run SALib's design of a test function; returns the store."""
    points = plan(tuple(axes), method, samples, seed)
    definition = {"work": work, "arguments": {}}
    manifest = about(design=points.described(), axes=[described(axis) for axis in axes])
    paths = [axis.path for axis in axes]
    coded = [axis.path for axis in axes if not plain(axis.levels)]
    store = create(
        folder, definition, ("value",), paths, coded, points.blocks(), Batch(0, 1, 5000), "", manifest
    )
    run(store)
    return store


def found(store):
    """The indices of its only measure by parameter."""
    return {one.parameter: one for one in indices(store, observed(store, "value", "all"))}


def test_sobol_gives_the_known_indices_of_ishigami(tmp_path):
    """a = 7, b = 0.1; Saltelli et al. 2008, section 5.2: S1 = .314, .442, 0; ST = .558, .442, .244.

    Each of the six is held to the half-width of its own bootstrap interval times 1.5: about three standard errors.
    """
    pi = math.pi
    axes = [parse_axis(f"{name}={-pi}:{pi}") for name in ("x", "y", "z")]
    store = swept(tmp_path / "s", "Ishigami", axes, "sobol", 1024)
    by_name = found(store)
    a, b = 7.0, 0.1
    whole = 0.5 + a**2 / 8 + b * pi**4 / 5 + b**2 * pi**8 / 18
    alone = {"x": 0.5 * (1 + b * pi**4 / 5) ** 2 / whole, "y": a**2 / 8 / whole, "z": 0.0}
    both = 8 * b**2 * pi**8 / 225 / whole
    total = {"x": alone["x"] + both, "y": alone["y"], "z": both}
    assert total["x"] == pytest.approx(0.558, abs=0.001)
    for name, index in by_name.items():
        assert index.total == pytest.approx(total[name], abs=1.5 * (index.high - index.total))
        assert index.first == pytest.approx(alone[name], abs=1.5 * (index.first_high - index.first))
        assert index.high - index.low < 0.3
    assert list(by_name) == ["x", "y", "z"], "the most important first"


def test_morris_gives_the_slopes_of_a_linear_function_exactly(tmp_path):
    axes = [parse_axis("x=0:2"), parse_axis("y=-1:3"), parse_axis("z=0:1")]
    store = swept(tmp_path / "s", "Linear", axes, "morris", 4)
    assert store.points == 4 * (3 + 1)
    by_name = found(store)
    assert list(by_name) == ["y", "x", "z"]
    assert [i.total for i in by_name.values()] == pytest.approx([8.0, 6.0, 0.0])
    assert [i.first for i in by_name.values()] == pytest.approx([-8.0, 6.0, 0.0])
    assert [i.spread for i in by_name.values()] == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)


def test_over_stretches_it_is_salibs_analysis(tmp_path):
    """The same design and the same indices as SALib's own, to the last digits but one."""
    from SALib.analyze import morris as theirs
    from SALib.sample import morris as sample

    axes = [parse_axis(f"{name}=-3:3") for name in ("x", "y", "z")]
    store = swept(tmp_path / "s", "Ishigami", axes, "morris", 10, seed=5)
    problem = {"num_vars": 3, "names": ["x", "y", "z"], "bounds": [[0.0, 1.0]] * 3}
    shares = sample.sample(problem, 10, num_levels=4, seed=salib_seed(5))
    points = store.design.values(0, store.points)
    np.testing.assert_array_equal(np.column_stack([points[name] for name in "xyz"]), -3.0 + shares * 6.0)
    values = observed(store, "value", "all")
    expected = theirs.analyze(problem, shares, values, num_levels=4, num_resamples=1000, seed=salib_seed(5))
    by_name = found(store)
    for i, name in enumerate("xyz"):
        one = by_name[name]
        np.testing.assert_allclose(
            [one.total, one.high - one.total, one.first, one.spread],
            [expected[key][i] for key in ("mu_star", "mu_star_conf", "mu", "sigma")],
            rtol=1e-12,
            atol=1e-12,
        )


@pytest.mark.parametrize(
    "axis",
    [
        parse_axis("x=0.0,1.0"),
        parse_axis("x=0.0,0.5,1.0"),
        parse_axis("x=0.0,0.1,1.0"),
        parse_axis("x=1.0,0.25,0.0"),
        parse_axis("x=0:1:0.1"),
        parse_axis("x=0:1"),
    ],
    ids=lambda axis: str(axis.levels or "stretch"),
)
def test_a_factor_with_levels_of_its_own_has_the_slope_that_it_has(tmp_path, axis):
    """f = 3 x - 2 y over [0, 1]: mu* is 3 and 2, whatever levels x has."""
    by_name = found(swept(tmp_path / "s", "Linear", [axis, parse_axis("y=0:1")], "morris", 8))
    assert (by_name["x"].total, by_name["x"].first, by_name["y"].total) == pytest.approx((3.0, 3.0, 2.0))
    assert by_name["x"].spread == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 3), (1, 4), (2, 7), (0, 1000)])
def test_whole_numbers_of_any_range(tmp_path, low, high):
    whole = Axis("x", ("x",), low=float(low), high=float(high), whole=True)
    store = swept(tmp_path / "s", "Linear", [whole, parse_axis("y=0:1")], "morris", 8)
    assert set(map(type, store.design.values(0, store.points)["x"])) == {int}
    assert found(store)["x"].total == pytest.approx(3.0 * (high - low))


def test_true_and_false_and_lists_without_an_order(tmp_path):
    """Three platforms worth 0, 1 and 5: two different ones are 10/3 apart on average; held or not makes 2."""
    places = Axis("place", ("place",), ("a", "b", "c"))
    store = swept(
        tmp_path / "s", "Choices", [places, parse_axis("held=true,false"), parse_axis("y=0:1")], "morris", 400
    )
    by_name = found(store)
    assert (by_name["held"].total, by_name["held"].first) == pytest.approx((2.0, -2.0))
    place = by_name["place"]
    error = np.std([1.0, 5.0, 4.0]) / 20.0
    assert place.total == pytest.approx(10.0 / 3.0, abs=4 * error)
    assert place.high - place.total == pytest.approx(1.96 * error, rel=0.2)
    assert by_name["y"].total == pytest.approx(1.0)


def test_dates_are_measured_in_days():
    axis = described(parse_axis("since=2017-01-01,2017-01-11,2018-01-01"))
    scale = scale_of(axis)
    assert scale.distance(date(2017, 1, 1), date(2017, 1, 11)) == pytest.approx(10 / 365)
    assert scale.distance(date(2018, 1, 1), date(2017, 1, 1)) == -1.0


@pytest.mark.parametrize("number", [2, 3, 4, 5, 8])
def test_all_levels_are_met_and_equally_often(number):
    """Of an odd number the middle one is met twice as often (Morris 1991 wants even numbers)."""
    axis = Axis("x", ("x",), tuple(float(i) for i in range(number)))
    (met,) = trajectories((axis,), 4000, 1)
    counts = np.bincount(np.array(met, dtype=int), minlength=number)
    weights = np.ones(number)
    if number % 2:
        weights[number // 2] = 2.0
    expected = 8000 * weights / weights.sum()
    assert np.abs(counts - expected).max() < 4 * np.sqrt(8000 / number)
    assert (np.abs(np.diff(np.reshape(met, (-1, 2)), axis=1)) == number // 2).all()


def test_steps_that_did_not_move_are_left_out():
    """As in designs of before, which squeezed levels onto a grid that they do not fit."""
    scales = [scale_of({"path": "x", "levels": [0, 1]}), scale_of({"path": "y", "low": 0.0, "high": 2.0})]
    columns = [[0, 1, 1, 1, 1, 1], [0.0, 0.0, 1.0, 0.0, 0.0, 2.0]]
    x, y = elementary_effects(columns, scales, np.array([0.0, 3.0, 4.0, 1.0, 1.0, 3.0]))
    assert x.tolist() == [3.0]
    assert y.tolist() == [2.0, 2.0]


def test_rounding_is_no_effect(tmp_path):
    """Differences of 1e-16 in a measure of 0.9, as recovery has them when all values are scaled."""
    axes = [parse_axis("x=0:1"), parse_axis("y=0:1")]
    for method, samples in (("sobol", 8), ("morris", 4)):
        still = found(swept(tmp_path / f"a-{method}", "Rounding", axes, method, samples))
        assert {(one.total, one.low, one.high, one.first) for one in still.values()} == {(0.0, 0.0, 0.0, 0.0)}
    moved = found(swept(tmp_path / "b", "Rounding", [*axes, parse_axis("z=0:1")], "morris", 4))
    assert (moved["x"].total, moved["y"].total) == (0.0, 0.0)
    assert moved["z"].total == pytest.approx(0.1)


def test_salib_never_gets_its_zero_and_the_same_seed_gives_the_same_points():
    assert all(salib_seed(seed) % 2 == 1 for seed in range(200))
    axes = (parse_axis("x=0:1"), Axis("n", ("n",), low=1.0, high=5.0, whole=True))
    for method in ("morris", "sobol"):
        one, same, other = (next(plan(axes, method, 8, seed).blocks()) for seed in (0, 0, 1))
        assert one == same != other


def test_numbers_of_samples():
    assert check_samples("sobol", 64, 3) is None
    assert check_samples("morris", 7, 3) is None
    assert "powers of 2" in check_samples("sobol", 60, 3)
    assert "allowed are" in check_samples("morris", 1, 3)
    assert "allowed are" in check_samples("sobol", 2**20, 3)


def test_indices_are_refused_while_runs_are_missing_or_failed_and_for_undefined_measures(tmp_path):
    store = make_sweep(tmp_path / "s")
    with pytest.raises(RunStoreError, match=r"25 chunks of the design are missing.*sim sweep resume"):
        observed(store, "sum", "all")
    run(store)
    with pytest.raises(RunStoreError, match=r"6 runs have failed.*sim sweep status"):
        observed(store, "sum", "all")
    good = create(
        tmp_path / "g", {"work": "Linear", "arguments": {}}, ("value",), ["x", "y"], [],
        iter([[[1.0, math.nan], [0.0, 0.0]]]), Batch(0, 1, 10), "", about(),
    )  # fmt: skip
    run(good)
    with pytest.raises(RunStoreError, match="undefined at 1 of 2 points"):
        observed(good, "value", "all")
    with pytest.raises(RunStoreError, match="price is not among the measures"):
        observed(good, "price", "all")


def test_the_command(tmp_path):
    out = tmp_path / "s"
    parameters = ["-p", "interest.mean=0.5:3", "-p", "rounds.second.cut=0:0.3", "-p", "courts.clerks=1:3"]
    arguments = [
        *parameters, "-n", "1", "-j", "1", "--samples", "3", "--chunk", "6", "--measure", "lots_sold,recovery", "--out", str(out),
    ]  # fmt: skip
    done = sim("sensitivity", "base", *arguments, *SETS)
    assert done.returncode == 0, done.stderr
    assert "Lots sold: most of all interest.mean" in done.stdout
    assert (out / "pictures" / "sensitivity.png").is_file()
    with (out / "sensitivity.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {(r["measure"], r["parameter"]) for r in rows} == {
        (m, p)
        for m in ("lots_sold", "recovery")
        for p in ("interest.mean", "rounds.second.cut", "courts.clerks")
    }
    next((out / "chunks").glob("*.parquet")).unlink()
    refused = sim("sensitivity", str(out))
    assert refused.returncode == 2
    assert "1 chunk of the design is missing" in refused.stderr
    assert sim("sweep", "resume", str(out), "-j", "1", "--no-pictures").returncode == 0
    again = sim("sensitivity", str(out), "--measure", "turnover", "--no-pictures", lang="zh")
    assert again.returncode == 0, again.stderr
    assert "成交金额：影响最大的是" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["base"], "at least one parameter is needed"),
        (["base", "-p", "interest.maen=1:2"], "did you mean mean?"),
        (["base", "-p", "interest.mean=2:1"], "is empty"),
        (["base", "-p", "interest.mean=2"], "one value only"),
        (["base", "-p", "interest.mean=1:2", "--method", "anova"], "allowed are morris and sobol"),
        (["base", "-p", "interest.mean=1:2", "--method", "sobol", "--samples", "10"], "powers of 2"),
        (["base", "-p", "interest.mean=1:2", "--measure", "lots_sould"], "did you mean lots_sold?"),
        (["docs"], "has no manifest.json"),
    ],
)
def test_bad_input(arguments, said):
    done = sim("sensitivity", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_all_that_is_wrong_is_reported_before_anything_runs(tmp_path):
    done = sim(
        "sensitivity", "base", "-p", "interest.maen=1:2", "-p", "start.ratio=1:1", "--method", "anova", "-n", "0",
        "--chunk", "-1", "--window", "1999", "--measure", "lots_sould", "--shard", "0/2", "--out", str(tmp_path / "s"),
    )  # fmt: skip
    assert done.returncode == 2
    for words in (
        "did you mean mean?", "1:1 is empty", "--method anova", "--replications 0", "--chunk -1",
        "--window 1999: the scenario has", "did you mean lots_sold?", "--shard 0/2",
    ):  # fmt: skip
        assert words in done.stderr
    assert not (tmp_path / "s").exists()
