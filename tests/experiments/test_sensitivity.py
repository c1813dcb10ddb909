"""Sensitivity: indices of functions whose indices are known, run through a ledger; refusals; the command."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from sweeps import make_sweep, run
from test_sweep_command import SETS, sim

from sim.experiments.design import parse_axis
from sim.experiments.ledger import Batch, LedgerError, create
from sim.experiments.sensitivity import check_samples, indices, observed, plan, salib_seed, unit_points


def swept(folder, work, axes, method, samples, seed=1):
    """Run SALib's design of a test function; returns the ledger."""
    points = plan(tuple(axes), method, samples, seed)
    definition = {"work": f"workloads:{work}", "arguments": {}}
    paths = [axis.path for axis in axes]
    ledger = create(folder, definition, ("value",), paths, [], points.blocks(), Batch(0, 1, 5000), "", {})
    run(ledger)
    return ledger


def test_sobol_gives_the_known_indices_of_ishigami(tmp_path):
    """a = 7, b = 0.1; Saltelli et al. 2008, section 5.2: S1 = .314, .442, 0; ST = .558, .442, .244.

    Each of the six is held to the half-width of its own bootstrap interval times 1.5: about three standard errors.
    """
    pi = math.pi
    axes = [parse_axis(f"{name}={-pi}:{pi}") for name in ("x", "y", "z")]
    ledger = swept(tmp_path / "s", "Ishigami", axes, "sobol", 1024)
    values = observed(ledger, "value", "all")
    found = {i.parameter: i for i in indices(["x", "y", "z"], "sobol", 1024, 1, values)}
    a, b = 7.0, 0.1
    whole = 0.5 + a**2 / 8 + b * pi**4 / 5 + b**2 * pi**8 / 18
    alone = {"x": 0.5 * (1 + b * pi**4 / 5) ** 2 / whole, "y": a**2 / 8 / whole, "z": 0.0}
    both = 8 * b**2 * pi**8 / 225 / whole
    total = {"x": alone["x"] + both, "y": alone["y"], "z": both}
    assert total["x"] == pytest.approx(0.558, abs=0.001)
    for name, index in found.items():
        assert index.total == pytest.approx(total[name], abs=1.5 * (index.high - index.total))
        assert index.first == pytest.approx(alone[name], abs=1.5 * (index.first_high - index.first))
        assert index.high - index.low < 0.3
    assert [i.parameter for i in indices(["x", "y", "z"], "sobol", 1024, 1, values)] == ["x", "y", "z"]


def test_morris_gives_the_slopes_of_a_linear_function_exactly(tmp_path):
    axes = [parse_axis("x=0:2"), parse_axis("y=-1:3"), parse_axis("z=0:1")]
    ledger = swept(tmp_path / "s", "Linear", axes, "morris", 4)
    assert ledger.points == 4 * (3 + 1)
    found = indices(["x", "y", "z"], "morris", 4, 1, observed(ledger, "value", "all"))
    assert [i.parameter for i in found] == ["y", "x", "z"]
    assert [i.total for i in found] == pytest.approx([8.0, 6.0, 0.0])
    assert [i.first for i in found] == pytest.approx([-8.0, 6.0, 0.0])
    assert [i.spread for i in found] == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)


def test_a_measure_that_nothing_moves_has_no_indices():
    found = indices(["x", "y"], "sobol", 8, 1, np.ones(8 * 4))
    assert {i.total for i in found} == {0.0}


def test_salib_never_gets_its_zero_and_the_same_seed_gives_the_same_points():
    assert all(salib_seed(seed) % 2 == 1 for seed in range(200))
    for method in ("morris", "sobol"):
        one, same, other = (unit_points(3, method, 8, seed) for seed in (0, 0, 1))
        assert (one == same).all()
        assert not (one == other).all()
        assert one.min() >= 0.0
        assert one.max() <= 1.0


def test_numbers_of_samples():
    assert check_samples("sobol", 64, 3) is None
    assert check_samples("morris", 7, 3) is None
    assert "powers of 2" in check_samples("sobol", 60, 3)
    assert "allowed are" in check_samples("morris", 1, 3)
    assert "allowed are" in check_samples("sobol", 2**20, 3)


def test_indices_are_refused_while_runs_are_missing_or_failed_and_for_undefined_measures(tmp_path):
    ledger = make_sweep(tmp_path / "s")
    with pytest.raises(LedgerError, match=r"25 chunks of the design are missing.*sim sweep resume"):
        observed(ledger, "sum", "all")
    run(ledger)
    with pytest.raises(LedgerError, match=r"6 runs have failed.*sim sweep status"):
        observed(ledger, "sum", "all")
    good = create(
        tmp_path / "g", {"work": "workloads:Linear", "arguments": {}}, ("value",), ["x", "y"], [],
        iter([[[1.0, math.nan], [0.0, 0.0]]]), Batch(0, 1, 10), "", {},
    )  # fmt: skip
    run(good)
    with pytest.raises(LedgerError, match="undefined at 1 of 2 points"):
        observed(good, "value", "all")
    with pytest.raises(LedgerError, match="price is not among the measures"):
        observed(good, "price", "all")


def test_the_command(tmp_path):
    out = tmp_path / "s"
    parameters = ["-p", "interest.mean=0.5:3", "-p", "rounds.second.cut=0:0.3", "-p", "courts.clerks=1:3"]
    arguments = [
        *parameters,
        "-n",
        "1",
        "--samples",
        "3",
        "--chunk",
        "6",
        "--measure",
        "lots_sold,recovery",
        "--out",
        str(out),
    ]
    done = sim("sensitivity", "base", *arguments, *SETS)
    assert done.returncode == 0, done.stderr
    assert "Lots sold: most of all interest.mean" in done.stdout
    assert (out / "pictures" / "sensitivity.png").is_file()
    with (out / "sensitivity.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(r["measure"], r["parameter"]) for r in rows} == {
        (m, p)
        for m in ("lots_sold", "recovery")
        for p in ("interest.mean", "rounds.second.cut", "courts.clerks")
    }
    next((out / "chunks").glob("*.parquet")).unlink()
    refused = sim("sensitivity", str(out))
    assert refused.returncode == 2
    assert "1 chunks of the design are missing" in refused.stderr
    assert sim("sweep", "resume", str(out), "--no-pictures").returncode == 0
    again = sim("sensitivity", str(out), "--measure", "turnover", "--no-pictures", lang="zh")
    assert again.returncode == 0, again.stderr
    assert "成交金额：影响最大的是" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["base"], "at least one parameter is needed"),
        (["base", "-p", "interest.maen=1:2"], "did you mean mean?"),
        (["base", "-p", "interest.mean=2:1"], "is empty"),
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


def test_all_that_is_wrong_is_told_before_anything_runs(tmp_path):
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
