"""Parts of the model given as objects do what they say, travel to workers, and never share results with others."""

from __future__ import annotations

import json
import linecache
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from api import own_parts
from api.own_parts import Cautious, Exact, Falling, Listed, MeanPrice, Once, Shaded

import sim
from sim.experiments.compare import _digest
from sim.experiments.extension_sources import described
from sim.experiments.sweep.run_store import RunStore, RunStoreError
from sim.experiments.sweep.sweep import open_sweep

ROOT = Path(__file__).resolve().parents[2]
BIDS = {"interest.mean": 6.0, "auction.bidding": "proxy"}


@pytest.fixture(scope="module")
def market(village: sim.Scenario) -> sim.Scenario:
    """A village in which many bid."""
    return village.replace(BIDS)


@pytest.fixture(scope="module")
def base(market: sim.Scenario) -> sim.RunResult:
    return market.run(2)


def about(scenario: sim.Scenario) -> str:
    return scenario.extensions.digest


# what each does


def test_a_pricing_method_prices_all_lots(market: sim.Scenario, base: sim.RunResult) -> None:
    lots = market.extend(Exact()).run(2).lots
    ratio = np.log(lots["reference"] / lots["value"])
    assert 0.05 < ratio.std() < 0.2
    assert lots["method"].isna().all()
    priced = lots["reference"].notna()
    assert np.allclose(lots["cost"][priced], 0.001 * lots["reference"][priced])
    pd.testing.assert_series_equal(lots["value"], base.lots["value"])
    with pytest.raises(sim.ExtensionError, match=r"Exact.reference gave nan: it must be a number"):
        market.extend(Exact(error=float("nan"))).run(1)


def test_a_pricing_method_takes_its_days(market: sim.Scenario) -> None:
    seized = market.replace({"arrivals.mode": "arrivals", "courts.clerks": 0})
    runs = [seized.extend(Exact(days)).run(1).lots for days in (3.0, 10.0)]
    waits = [(lots["listed"] - lots["seized"]).dt.total_seconds() / 86_400 for lots in runs]
    assert (waits[1] - waits[0]).dropna().to_numpy() == pytest.approx(7.0, abs=1e-4)


def test_a_style_of_bidding_holds_the_auctions(market: sim.Scenario, base: sim.RunResult) -> None:
    pd.testing.assert_frame_equal(market.extend(sim.BiddingStyle()).run(2).bids, base.bids)
    once = market.replace({"auction.bidding": "once"}).run(2).bids
    pd.testing.assert_frame_equal(market.extend(Once()).run(2).bids, once)
    shaded = market.extend(Shaded(0.9)).run(2).lots
    both = (base.lots["outcome"] == "sold") & (shaded["outcome"] == "sold")
    assert (shaded["price"] / base.lots["price"])[both].mean() < 0.97
    with pytest.raises(sim.ExtensionError, match="a price only rises"):
        market.extend(Falling()).run(1)


def test_a_reaction_stands_on_the_scenarios_behaviour(market: sim.Scenario, base: sim.RunResult) -> None:
    pd.testing.assert_frame_equal(market.extend(sim.Reaction()).run(2).rounds, base.rounds)
    found = market.extend(Cautious()).run(2)
    first = found.registrations.merge(found.rounds, on=["replication", "lot", "attempt"])
    assert (first["value"] >= 1.1 * first["start"])[first["attempt"] == 0].all()
    assert len(found.registrations) < len(base.registrations)


def test_a_measure_is_computed_for_every_window_segment_and_basis(market: sim.Scenario) -> None:
    found = market.extend(MeanPrice(), Listed()).run(2).measures
    keys = ["window", "segment", "basis"]
    for mine, theirs in (("my_mean_price", "mean_price"), ("my_lots_listed", "lots_listed")):
        a, b = (found[found["measure"] == one].set_index(keys)["mean"].sort_index() for one in (mine, theirs))
        assert len(a) == len(b) >= 40
        pd.testing.assert_series_equal(a, b)


# compare, sweep, workers, folders


def test_policies_may_differ_in_their_parts(market: sim.Scenario) -> None:
    tried = {"shaded": market.extend(Shaded()), "no cut": {"rounds.second.cut": 0.0}}
    found = sim.compare(market, tried, replications=2)
    alone = sim.compare(market, {"shaded": market.extend(Shaded())}, replications=2, jobs=2)
    pd.testing.assert_frame_equal(found.headline.loc[["shaded"]], alone.headline)
    assert found.headline.loc[("shaded", "turnover"), "difference"] < 0.0
    assert found.found.loaded[1].scenario.title == "shaded + Shaded"
    mine = sim.compare(market.extend(MeanPrice()), {"no cut": {"rounds.second.cut": 0.0}}, replications=2)
    assert "my_mean_price" in set(mine.differences["measure"])
    digests = {
        _digest(one.loaded.scenario) for one in (market, market.extend(Shaded()), market.extend(Shaded(0.9)))
    }
    assert len(digests) == 3


def test_a_sweep_goes_on_with_the_same_parts_alone(market: sim.Scenario, tmp_path: Path) -> None:
    vary, few = (
        {"rounds.second.cut": [0.0, 0.2]},
        {"replications": 2, "measures": ["lots_sold", "my_mean_price"]},
    )
    mine, out = market.extend(Shaded(), MeanPrice()), tmp_path / "s"
    found = sim.sweep(mine, vary, **few)
    kept = sim.sweep(mine, vary, **few, out=out, jobs=2)
    pd.testing.assert_frame_equal(found.runs, kept.runs)
    again = sim.sweep(mine, vary, **few, out=out)
    pd.testing.assert_frame_equal(again.runs, kept.runs)
    with pytest.raises(RunStoreError, match="holds another sweep"):
        sim.sweep(market.extend(Shaded(0.9), MeanPrice()), vary, **few, out=out)
    with pytest.raises(RunStoreError, match="goes on only where the same are given"):
        open_sweep(out, True, lambda changed: None)
    assert RunStore(out).sweep["work"]["arguments"]["extensions"] == mine.extensions.about


def test_a_folder_says_what_was_given(market: sim.Scenario, tmp_path: Path) -> None:
    result = market.extend(Exact(5.0)).run(1, out=tmp_path / "r", records="none")
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text(encoding="utf-8"))
    (one,) = manifest["extensions"]
    assert (one["is"], one["parameters"]) == ("pricing", {"error": 0.0, "takes": 5.0})
    assert "lot.value * math.exp" in one["source"]["api.own_parts.Exact"]
    assert ".extend(Exact(takes=5.0, error=0.0))" in manifest["command"][-1]
    assert result.scenario.title.endswith(" + Exact")


def test_what_only_this_process_knows_is_not_sent_to_workers(market: sim.Scenario) -> None:
    mine = market.extend(Shaded())
    assert pickle.loads(pickle.dumps(mine.extensions)) == mine.extensions
    here = type("Here", (Shaded,), {"__module__": "__main__"})
    mine.extensions.__reduce__()
    with pytest.raises(sim.ExtensionError, match=r"Here stands in the script or notebook itself.*jobs=1"):
        pickle.dumps(type(mine.extensions)(bidding=here()))


# what is written down


def test_results_are_distinguished_by_parameters_source_and_what_it_uses(
    market: sim.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = about(market.extend(Exact()))
    assert first == about(market.extend(Exact()))
    assert market.extend(Exact()) == market.extend(Exact()) != market
    assert first != about(market.extend(Exact(4.0)))
    used = described("pricing", Exact())["source"]
    assert set(used) == {
        "api.own_parts.Exact", "api.own_parts.spread", "api.own_parts.Exact.reference: SHARE",
        "api.own_parts.Exact.__init__.days=", "api.own_parts.Exact.__init__.error=",
    }  # fmt: skip
    with monkeypatch.context() as changed:
        changed.setattr(own_parts, "SHARE", 0.1)
        assert first != about(market.extend(Exact()))
    with monkeypatch.context() as changed:
        changed.setattr(own_parts, "spread", lambda share: 3.0 * share)
        assert first != about(market.extend(Exact()))
    with monkeypatch.context() as changed:
        changed.setattr(Exact, "cost", lambda self, lot: 0.0)
        assert first != about(market.extend(Exact()))


def test_a_class_of_a_notebook_is_found_in_its_cell(market: sim.Scenario) -> None:
    cell = "<cell 1>"
    text = "class Mine(Style):\n    def limit(self, auction, who, value):\n        return 0.5 * value\n"
    linecache.cache[cell] = (len(text), None, text.splitlines(keepends=True), cell)
    space = {"Style": sim.BiddingStyle, "__name__": "__main__"}
    exec(compile(text, cell, "exec"), space)
    (one,) = market.extend(space["Mine"]()).extensions.described  # type: ignore[operator]
    assert list(one["source"].values()) == [text.strip()]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Shaded, "is a class: give an object of it, Shaded()"),
        (object(), "is none of PricingMethod, BiddingStyle, Reaction, Measure"),
        (
            type("Nowhere", (sim.BiddingStyle,), {"__module__": "__main__"})(),
            "the source of Nowhere cannot be found",
        ),
        (Shaded(pd.DataFrame()), "api.own_parts.Shaded.share is a DataFrame"),  # type: ignore[arg-type]
        (type("M", (MeanPrice,), {"name": "turnover"})(), "another measure is called so"),
        (type("M", (MeanPrice,), {"name": "A b"})(), "a name is of small letters"),
        (type("M", (MeanPrice,), {"of": "all"})(), "allowed are sold, ended, listed"),
    ],
    ids=["class", "other", "no source", "no plain parameter", "name taken", "no name", "of"],
)
def test_what_cannot_be_a_part_is_refused(market: sim.Scenario, part: object, said: str) -> None:
    with pytest.raises(sim.ExtensionError) as error:
        market.extend(part)  # type: ignore[arg-type]
    assert said in str(error.value)


def test_of_each_but_measures_one_holds(market: sim.Scenario) -> None:
    with pytest.raises(sim.ExtensionError, match="two are given that are a BiddingStyle"):
        market.extend(Shaded(), Once())
    found = market.extend(Shaded(), MeanPrice()).extend(Once(), Listed())
    assert [type(one).__name__ for one in found.extensions.every] == ["Once", "MeanPrice", "Listed"]
    assert found.replace({"rounds.second.cut": 0.0}).extensions == found.extensions
    assert "+ Once" in found.title


@pytest.mark.processes
def test_a_script_runs_its_own_class_in_one_process(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sim\n\nclass Half(sim.BiddingStyle):\n    def limit(self, auction, who, value):\n        return 0.5 * value\n\n"
        "village = sim.load_scenario({'courts.number': 1, 'arrivals.volume': 0.02}).extend(Half())\n"
        "print(len(village.run(1).lots) > 0)\nvillage.run(2, jobs=2)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "SIM_LANG": "en"},
        check=False,
    )
    assert done.stdout == "True\n"
    assert "Half stands in the script or notebook itself" in done.stderr
