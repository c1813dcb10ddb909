"""Which engine runs: the one that is asked for, in other processes too; ``auto`` whichever pays, and it says why it does not."""

from __future__ import annotations

import pickle

import pytest
from conftest import SMALL, scenario
from two_engines import in_python

from sim.model import engine
from sim.model.engine import NotCompiledError, asked, carried, compiled_loop, compiles, make_ready, using


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiled engine, which pays from the first lot."""
    monkeypatch.setattr(engine, "PAYS", 0)
    monkeypatch.setattr(engine, "installed", lambda: True)
    monkeypatch.setattr(engine, "_on_disk", lambda: True)
    monkeypatch.setattr("sim.model.compiled.build.compiled", lambda: in_python)


def test_auto_takes_the_compiled_one_where_it_covers_the_scenario(there: None) -> None:
    with using("auto"):
        assert compiled_loop(scenario("base", *SMALL)) is in_python
        assert compiled_loop(scenario("reacting")) is None
        assert make_ready([scenario("base", *SMALL)], 1) == ()


def test_auto_names_what_it_falls_back_for(there: None) -> None:
    with using("auto"):
        assert make_ready([scenario("base", *SMALL, "finite_market.patience_days=30")], 1) == (
            "finite_market.patience_days",
        )


def test_auto_leaves_short_runs_to_simpy_and_goes_over_when_loading_pays(
    there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PAYS", 1000)
    monkeypatch.setattr(engine, "_simulated", [990])
    with using("auto"):
        assert compiled_loop(scenario("base", *SMALL)) is None
        engine.has_simulated(10)
        assert compiled_loop(scenario("base", *SMALL)) is in_python


@pytest.mark.parametrize("lacking", ["installed", "_on_disk"])
def test_auto_does_without_what_is_not_there(
    there: None, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    monkeypatch.setattr(engine, lacking, lambda: False)
    with using("auto"):
        assert compiled_loop(scenario("base", *SMALL)) is None


def test_it_is_said_beforehand_whether_it_will_be_compiled(
    there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = scenario("base", *SMALL)
    assert not compiles([base], 10**9), "it is on disk"
    monkeypatch.setattr(engine, "_on_disk", lambda: False)
    assert compiles([base], 10**9)
    assert not compiles([base], 1)
    assert not compiles([base, scenario("reacting")], 10**9), "not covered"
    with using("compiled"):
        assert compiles([base], 1)
    with using("simpy"):
        assert not compiles([base], 10**9)


def test_simpy_is_simpy(there: None) -> None:
    with using("simpy"):
        assert compiled_loop(scenario("base", *SMALL)) is None
        assert make_ready([scenario("reacting")], 1) == ()


def test_the_compiled_one_is_refused_where_it_cannot_run(
    there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reacting = scenario("base", *SMALL, "finite_market.patience_days=30")
    with using("compiled"):
        for call in (lambda: compiled_loop(reacting), lambda: make_ready([reacting], 1)):
            with pytest.raises(NotCompiledError, match=r"finite_market\.patience_days") as refused:
                call()
            assert pickle.loads(pickle.dumps(refused.value)).why == ("finite_market.patience_days",)
        monkeypatch.setattr(engine, "installed", lambda: False)
        with pytest.raises(NotCompiledError, match="numba"):
            make_ready([scenario("base", *SMALL)], 1)


def test_work_in_another_process_is_done_by_the_engine_of_this_one() -> None:
    assert carried(_engine_there) is _engine_there
    with using("simpy"):
        work = pickle.loads(pickle.dumps(carried(_engine_there)))
    assert work(0) == "simpy"
    assert asked() == "auto"


def _engine_there(task: int) -> str:
    return asked()
