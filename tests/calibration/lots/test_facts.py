"""What rows say as facts of an evidence file: the same measures as the model's, with errors that never claim more than the rows do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from test_followed import F, P, S, W, rows
from typer.testing import CliRunner

from calibration.cli.main import app
from calibration.forward_model.evidence_measures import predicted
from calibration.lots import facts
from calibration.targets.reader.evidence import read
from sim.scenario import load

MANY = 30


def simulated(folder: Path, *sets: str) -> Path:
    """A file of lots that the base scenario makes."""
    path = folder / "cases.csv"
    words = ["simulate-lots", "base", "--cases", str(path), "--lang", "en"]
    done = CliRunner().invoke(app, [*words, *(word for one in sets for word in ("--set", one))])
    assert done.exit_code == 0, done.output
    return path


def of(*lots: list, selection: str = "all listed", price: float = 0.9) -> dict[str, facts.RowFact]:
    found = facts.row_facts(rows(*lots, price=price), selection)
    return {one.measure: one for one in found.facts}


def lots(first: int, second: int, never: int) -> list[list]:
    """Lots that sold at the first auction, at the second, and in neither."""
    return (
        [[(S, 0.8, i)] for i in range(first)]
        + [[(F, 0.8, i), (S, 0.64, i + 30)] for i in range(second)]
        + [[(F, 0.8, i), (P, 0.64, i + 20), (F, 0.64, i + 30)] for i in range(never)]
    )


def test_shares_of_rounds_held_with_their_binomial_errors():
    found = of(*lots(40, 20, 40))
    assert found["hazard_first"].value == pytest.approx(0.4)
    assert found["hazard_second"].value == pytest.approx(1 / 3)
    assert "hazard_sell_off" not in found
    whole = facts.row_facts(rows(*lots(40, 20, 40)), "all listed")
    assert found["hazard_first"].sd == pytest.approx(np.sqrt(1 / (100 * 0.4 * 0.6)) * whole.enlarged)
    assert found["hazard_second"].sd == pytest.approx(np.sqrt(1 / (60 / 3 * 2 / 3)) * whole.enlarged)
    assert whole.enlarged >= 1.0
    assert whole.conditions == {"start.ratio": 0.8, "start.token_share": 0.0, "rounds.second.cut": 0.2}
    assert whole.days == (date(2024, 1, 1), date(2024, 3, 10))


def test_price_over_reference_is_of_sums_and_its_error_the_bootstrap_s():
    prices = np.random.default_rng(1).uniform(0.8, 1.4, 200)
    one = rows(*[[(S, 0.8, i)] for i in range(200)])
    one.price[:] = prices * one.reference
    (found,) = (x for x in facts.row_facts(one, "all listed").facts if x.measure == "recovery")
    rng = np.random.default_rng(2)
    again = [np.log(rng.choice(prices, 200).mean()) for _ in range(4000)]
    assert found.value == pytest.approx(prices.mean())
    assert found.sd == pytest.approx(np.std(again), rel=0.1)


def test_independent_facts_claim_no_more_than_the_rows():
    """Their inverse covariance is below that of the correlated measures in every direction."""
    lots_ = lots(60, 30, 40)
    one = rows(*lots_)
    rng = np.random.default_rng(3)
    sold = np.isfinite(one.price)
    one.price[sold] = one.start[sold] * np.where(rng.random(sold.sum()) < 0.4, 1.0, rng.uniform(1.0, 1.5, sold.sum()))  # fmt: skip
    held, _ = facts._held(one)
    names, sums = facts._sums(one, held, "all listed")
    known = [i for i, name in enumerate(names) if facts._tells(name, *sums[i])]
    added = np.stack([facts._added(names[i], *sums[i]) for i in known])
    whole = added @ added.T
    own = np.diag([x.sd**2 for x in facts.row_facts(one, "all listed").facts])
    assert abs(np.corrcoef(added)[-1, -2]) > 0.3
    assert np.linalg.eigvalsh(own - whole).min() > -1e-12


def test_of_files_of_sold_lots_only_shares_of_sales():
    found = of(*lots(40, 20, 0), selection="sold only")
    assert set(found) == {"sold_first"}
    assert found["sold_first"].value == pytest.approx(2 / 3)


def test_what_says_nothing_is_left_out():
    """Fewer than twenty lots; all sold, none sold; token starts; withdrawn before any round."""
    assert not of(*lots(5, 5, 5))
    assert not of(*lots(MANY, 0, 0))
    assert not of(*lots(0, 0, MANY))
    token = [[(S, 0.1, i)] for i in range(MANY)]
    found = facts.row_facts(rows(*token, *lots(20, 20, 20), [(W, 0.8, 3)]), "all listed")
    assert (found.token, found.lots) == (MANY, 60)
    assert found.conditions["start.ratio"] == 0.8
    assert not facts.row_facts(rows([(W, 0.8, 3)]), "all listed").facts


def test_starts_that_differ_are_a_range():
    found = facts.row_facts(rows(*[[(S if i % 2 else F, 0.7 + 0.003 * i, i)] for i in range(100)]), "all listed")  # fmt: skip
    low, high = found.conditions["start.ratio"]
    assert (low, high) == pytest.approx((0.73, 0.967), abs=0.002)


def test_the_model_that_wrote_the_rows_predicts_them(tmp_path: Path):
    """Every fact within three and a half standard errors of the closed form at the parameters that are known."""
    cases = simulated(tmp_path, "courts.number=8", "arrivals.volume=0.2", "start.token_share=0.0")
    out = tmp_path / "own.toml"
    done = CliRunner().invoke(app, ["lots", str(cases), "--facts", str(out), "--lang", "en"])
    assert done.exit_code == 0, done.output
    ground = load("base")
    found, defects = read(out, ground, [])
    assert not defects
    assert {one.measure for one in found} >= {"hazard_first", "hazard_second", "sold_at_start", "recovery"}
    assert all(one.transport_sd == 0.0 and one.days is not None for one in found)
    said = predicted(ground.scenario, {"interest.mean": np.array([ground.scenario.interest.mean])}, found)[0]
    z = [(one.y - x) / one.sd for one, x in zip(found, said, strict=True)]
    assert np.abs(z).max() < 3.5
    assert np.abs(z).max() > 1e-3


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "a measure with 20 lots behind it"), ("zh", "20件标的物")]
)
def test_rows_that_say_nothing_are_refused_and_nothing_is_written(
    tmp_path: Path, lang: str, words: str
) -> None:
    cases, out = simulated(tmp_path, "courts.number=1", "arrivals.volume=0.002"), tmp_path / "own.toml"
    done = CliRunner().invoke(app, ["lots", str(cases), "--facts", str(out), "--lang", lang])
    assert done.exit_code == 2
    assert words in done.stderr
    assert not out.exists()
