"""From results to files: a run's pictures and one lot's bidding."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SMALL, scenario

from sim.experiments.replications import curve_days, replicate
from sim.experiments.run import Result
from sim.measures import summarise
from sim.measures.flows import mean_links
from sim.measures.notable_lots import notable_lots, of_lot
from sim.model.records import Records
from sim.model.simulate import simulate
from sim.reporting import figures
from sim.reporting.pictures import draw_bidding, draw_run
from sim.scenario.schema import Scenario

pytestmark = pytest.mark.pages


def result(small: Scenario, number: int = 2) -> Result:
    runs = [replicate(small, i) for i in range(number)]
    return Result(
        summary=summarise([one.measures for one in runs]), flow=mean_links([one.flow for one in runs]),
        curve_days=curve_days(small), open_lots={name: np.vstack([one.open_lots[name] for one in runs]) for name in runs[0].open_lots},
        days_to_sale=np.concatenate([one.days_to_sale for one in runs]),
        premiums=np.concatenate([one.premiums for one in runs]), months={}, replications=number, precise=True, seconds=0.0,
    )  # fmt: skip


def test_five_pictures_twice_whose_headlines_are_the_summarys(tmp_path: Path) -> None:
    small = scenario("base", *SMALL, "published.2017.lots=150.0")
    made = result(small)
    written = draw_run(tmp_path, small, made, "en")
    assert sorted(path.name for path in written) == sorted(
        path.name for path in (tmp_path / "pictures").iterdir()
    )
    assert len(written) == 10
    means = {
        measure: mean
        for window, segment, basis, measure, mean in zip(
            *(made.summary[n] for n in ("window", "segment", "basis", "measure", "mean")), strict=True
        )
        if (window, segment, basis) == ("all", "all", "event")
    }
    svg = {path.stem: path.read_text(encoding="utf-8") for path in written if path.suffix == ".svg"}
    listed, sold = (f"{means[name]:,.0f}" for name in ("lots_listed", "lots_sold"))
    assert re.search(rf"Of {listed}(\.5)? lots listed, {sold}(\.5)? were sold", svg["where_lots_end"])
    assert "by 2017-12-31" in svg["open_lots"]
    assert all("replications: 2" in text for text in svg.values())


def test_a_run_in_which_nothing_sells_still_has_its_pictures(tmp_path: Path) -> None:
    nobody = scenario("base", *SMALL, "interest.mean=0.0")
    assert len(draw_run(tmp_path, nobody, result(nobody, 1), "en")) == 10


@pytest.fixture(scope="module")
def eventful() -> tuple[Scenario, Records]:
    more = "arrivals.periods.year.cases=160", "arrivals.periods.year.lots=400", "time.end=2018-12-31"
    one = scenario("base", *SMALL, *more, "disposal.suspension_share=0.3", "start.token_share=0.1")
    return one, simulate(one, 0)


@pytest.mark.parametrize("why", ["contested", "late", "token", "suspended", "ordinary"])
def test_the_set_close_and_the_extensions_are_those_of_the_record(
    why: str, eventful: tuple[Scenario, Records], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}
    draw = figures.bidding

    def spy(held: figures.HeldRound, *rest: Any) -> Any:
        seen.update(
            closes=held.closes, end=held.scheduled_close, moves=held.extensions, prices=held.bids["price"]
        )
        return draw(held, *rest)

    monkeypatch.setattr(figures, "bidding", spy)
    small, records = eventful
    lot = of_lot(records, notable_lots(records, 3)[why])
    if not len(lot.bids["lot"]):
        assert draw_bidding(tmp_path / "lot", small, lot, "en") == []
        return
    written = draw_bidding(tmp_path / "deep" / "lot", small, lot, "en", 0)
    assert [path.name for path in written] == ["lot.png", "lot.svg"]
    most = int(np.argmax(lot.rounds["bids"]))
    assert len(seen["moves"]) == lot.rounds["extensions"][most]
    assert ([seen["end"], *seen["moves"]][-1]) == pytest.approx(seen["closes"], abs=1e-6)
    assert seen["prices"][-1] == lot.rounds["price"][most]


def test_a_lot_without_a_bid_has_no_picture(eventful: tuple[Scenario, Records], tmp_path: Path) -> None:
    small, records = eventful
    quiet = of_lot(records, notable_lots(records, 3)["unsold"])
    assert draw_bidding(tmp_path / "lot", small, quiet, "en") == []
    assert list(tmp_path.iterdir()) == []
