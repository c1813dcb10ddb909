"""docs/figures/shanxi_waiting.py: interest that sells as many lots whoever waits, and the table made of it."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import pytest
from includes import waiting

from sim.scenario.load import Overlay

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "shanxi_waiting", ROOT / "docs" / "figures" / "shanxi_waiting.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_interest_of_every_period_is_multiplied_and_nothing_else(script: ModuleType) -> None:
    tree = {
        "interest": {"mean": 2.0, "spread": 0.4},
        "from": {"2018-01-01": {"interest": {"mean": 3.0}, "kinds": {"homes": {"interest": 1.5}}}},
    }
    assert script.times(tree, 2.0) == {
        "interest": {"mean": 4.0, "spread": 0.4},
        "from": {"2018-01-01": {"interest": {"mean": 6.0}, "kinds": {"homes": {"interest": 1.5}}}},
    }


@pytest.mark.parametrize("share", [0.2, 1.0, 7.0])
def test_the_factor_is_the_one_at_which_as_many_lots_are_sold(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    """Sales that rise with interest as in the model, ever more slowly; the answer is known."""

    def simulated(overlay: Overlay, given: object, cut: float, factor: float) -> tuple[int, dict[str, float]]:
        return round(4000.0 * (1.0 - math.exp(-0.3 * factor / share))), {}

    monkeypatch.setattr(script, "simulated", simulated)
    target = round(4000.0 * (1.0 - math.exp(-0.3)))
    factor, sold, _ = script.solved(Overlay("d", {}), (), target, 1.0)
    assert abs(sold / target - 1.0) < 0.006
    assert factor == pytest.approx(share, rel=0.02)


def test_where_no_factor_sells_as_many_the_draw_is_named(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "simulated", lambda *_: (10, {}))
    with pytest.raises(ValueError, match="draw 7: no factor"):
        script.solved(Overlay("draw 7", {}), (), 2000, 1.0)


def test_the_table_has_medians_of_paired_differences(tmp_path: Path) -> None:
    head = "draw,curve,share,failed_first,with_sold,without_sold,with_recovery,without_recovery,with_days,without_days"
    rows = [f"{i},beside,0.5,0.8,{0.3 + 0.01 * i},{0.2 + 0.03 * i},0.2,0.1,40,{38 - i}" for i in range(3)]
    other = "0,instead,0.5,0.1,1,0,1,0,9,0"
    file = tmp_path / "table.csv"
    file.write_text("\n".join([head, *rows, other]), encoding="utf-8")
    assert waiting(file, "en", "beside").splitlines()[-1] == (
        "| 50% | 80% | **+8.0** (+6.2 to +9.8) | **+10.0** (+10.0 to +10.0) | **+3.0** (+2.1 to +3.9) |"
    )
