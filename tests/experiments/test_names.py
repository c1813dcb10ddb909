"""Names that the user chooses are kept apart from what stands beside them, whatever characters they hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ROOT
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.storage.spreadsheet import rows_of
from sim.measures.definitions import DEFINITIONS, ROUND_DEFINITIONS
from sim.reporting.pages.sweep_folder import read_sweep
from sim.scenario import load
from sim.scenario.keys import write_key
from sim.scenario.schema import TAKEN_ROUNDS

NAMES = ["2017/H1", "a.b,c:d", "[red]x[/red] {y} $z$ <b>&", "=1+1 q\"u'o", "全省　上半年"]
WINDOW, KIND = "2017/H1", "a.b,c:d"


@pytest.fixture(scope="module")
def odd(tmp_path_factory) -> Path:
    """Base in small, with windows, kinds and a method of every odd name, and a round that has a Chinese one."""
    import tomli_w

    days = {"first": load("base").scenario.time.start, "last": load("base").scenario.time.end}
    base = load("base").tree
    kind = {"share": 0.3, "movable": False, "value_median": 1e5, "value_log_sd": 1.0, "interest": 2.0}
    tree = {
        "extends": str(ROOT / "scenarios" / "base.toml"),
        "arrivals": {"exact": True, "periods": {"year": {"cases": 20.0, "lots": 40.0}}},
        "courts": {"number": 2},
        "time": {"windows": dict.fromkeys(NAMES, days)},
        "kinds": {name: {**kind, "name_zh": name} for name in NAMES},
        "platforms": {name: {"name_zh": name, "used": True, "audience": 0.5} for name in NAMES[:2]},
        "pricing": dict.fromkeys(NAMES[:2], base["pricing"]["appraisal"]),
        "rounds": {"二拍-b": base["rounds"]["second"]},
        "sources": {write_key(("kinds", KIND, "share")): "a paper"},
    }
    path = tmp_path_factory.mktemp("odd") / "odd.toml"
    path.write_text(tomli_w.dumps(tree), encoding="utf-8")
    return path


def sim(*arguments: object) -> str:
    result = CliRunner().invoke(app, [*map(str, arguments), "--lang", "en"])
    assert result.exit_code == 0, result.output
    return result.output


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table as they were before Excel was kept from taking texts for formulas."""
    return list(rows_of(path))


SHARE = write_key(("kinds", KIND, "share"))
FEW = ("-n", 1, "-j", 1, "--no-pictures", "--out")


def test_a_sweep_keeps_windows_bases_and_measures_apart(odd, tmp_path):
    sim("sweep", odd, "--vary", f"{SHARE}=0.1,5", "--vary", "start.ratio=0.7,0.9", *FEW, tmp_path / "s")
    found = rows(tmp_path / "s" / "summary.csv")
    assert {row["window"] for row in found} == {"2017", *NAMES, "all"}
    assert {row["basis"] for row in found} == {"event"}
    assert {row[SHARE] for row in found} == {"0.1", "5.0"}
    whole = {(r["point"], r["measure"]): r["mean"] for r in found if r["window"] == "all"}
    for row in found:  # every window is the whole year
        assert row["mean"] == whole[row["point"], row["measure"]]
    data = read_sweep(tmp_path / "s")
    assert data.windows == ["all", "2017", *NAMES]
    assert data.axes[0].key == ("kinds", KIND, "share")
    sold, _ = data.column(WINDOW, "lots_sold")
    assert sold.tolist() == [float(whole[str(p), "lots_sold"]) for p in range(4)]
    for command in ("report", "explore"):
        sim(command, tmp_path / "s")


def test_sensitivity_finds_a_window_with_a_stroke(odd, tmp_path):
    axes = ("-p", f"{SHARE}=0.1,5", "-p", "start.ratio=0.7:0.9")
    sim("sensitivity", odd, *axes, "--samples", 2, "--window", WINDOW, *FEW, tmp_path / "s")
    found = rows(tmp_path / "s" / "sensitivity.csv")
    assert {(row["window"], row["parameter"]) for row in found} == {(WINDOW, SHARE), (WINDOW, "start.ratio")}


def test_optimise_finds_a_window_with_a_stroke_and_measures_of_a_round(odd, tmp_path):
    sim(
        "optimise", odd, "--variable", f"{SHARE}=0.1,5", "--variable", "start.ratio=0.7:0.9", "--window", WINDOW,
        "--maximise", "sold_二拍-b", "--subject-to", "sold_二拍-b>=0%", "--points", 4, "--final", 2, *FEW, tmp_path / "o",
    )  # fmt: skip
    found = rows(tmp_path / "o" / "front.csv")
    assert {float(row[SHARE]) for row in found} <= {0.1, 0.3, 5.0}
    for policy in (tmp_path / "o" / "policies").glob("*.toml"):
        assert load(policy).scenario.kinds[KIND].share in (0.1, 5.0)


def test_policies_of_any_name_are_compared(odd, tmp_path):
    policies = []
    for name in ("a,b: 'c'.d <b>&[x] $y$", "政策 一"):
        policies.append(tmp_path / f"{name}.toml")
        policies[-1].write_text('[start]\nratio = 0.8\n[sources]\n"" = "policy: x"\n', encoding="utf-8")
    sim("compare", odd, *policies, "--full", "-n", 1, "-j", 1, "--no-pictures", "--out", tmp_path / "c")
    found = rows(tmp_path / "c" / "differences.csv")
    assert {row["policy_name"] for row in found} == {path.stem for path in policies}
    assert {row["window"] for row in found} == {"2017", *NAMES, "all"}
    assert {row["segment"] for row in found} >= set(NAMES)
    manifest = json.loads((tmp_path / "c" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["policies"] == [path.stem for path in policies]
    page = sim("report", tmp_path / "c").strip().splitlines()[-1]
    assert "<b>&" not in Path(page).read_text(encoding="utf-8").split("<body", 1)[1]


def test_a_name_that_no_picture_can_have_is_refused_before_anything_runs(odd, tmp_path):
    policy = tmp_path / ("政策" * 30 + ".toml")
    policy.write_text("[start]\nratio = 0.8\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["compare", str(odd), str(policy), "--out", str(tmp_path / "c")])
    assert result.exit_code == 2
    assert "at most 150 bytes" in result.output
    assert not (tmp_path / "c").exists()


def test_a_source_of_a_key_with_dots_is_found(odd):
    assert load(odd).source(("kinds", KIND, "share"), "x") == "a paper"
    assert SHARE.removeprefix("kinds.") in sim("show", odd)


def test_no_round_can_be_called_so_that_two_measures_have_one_name():
    stems = [name.removesuffix("{round}") for name in ROUND_DEFINITIONS]
    clashing = {name.removeprefix(stem) for name in DEFINITIONS for stem in stems if name.startswith(stem)}
    assert clashing <= set(TAKEN_ROUNDS)
