"""Before and after a date: the picture and the page of a scenario in which something changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import SMALL, scenario
from test_figures import words

from sim.experiments.run import run
from sim.reporting import figures
from sim.reporting.figures.change import changes, dates_of, sentence
from sim.reporting.pages.change_section import change_section
from sim.reporting.pictures import draw_run
from sim.scenario import load

DATED = (
    "from.2017-07-01.rounds.second.cut=0.05",
    "from.2017-07-01.interest.mean=3",
    "from.2017-07-01.start.ratio=0.9",
)


def months(before: tuple[float, float], after: tuple[float, float]) -> dict[str, np.ndarray]:
    """Two replications of a year, with so many sold and failed in every month of either half."""
    sold, failed = (np.tile(np.repeat(pair, 6), (2, 1)) for pair in zip(before, after, strict=True))
    rest = {name: np.ones((2, 12)) for name in ("listed", "waiting", "open")}
    return rest | {"sold": sold, "failed": failed}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_headline_holds_as_many_months_before_against_as_many_after(lang):
    s = scenario("base", *DATED)
    said = sentence(months((1.0, 3.0), (2.0, 3.0)), s, lang)
    assert "25.0%" in said
    assert "40.0%" in said
    assert "6" in said
    late = sentence(months((1.0, 3.0), (2.0, 3.0)), scenario("base", "from.2017-12-31.start.ratio=1"), lang)
    assert "2017-12-31" in late


def test_dates_name_what_changes():
    dated = scenario("base", *DATED)
    assert list(changes(dated, "en").values()) == ["second auction cut 5%, interest mean 3, 1 more"]
    assert list(changes(dated, "zh").values()) == ["二拍降价幅度为5%、平均关注人数为3、另1项"]
    assert list(changes(dated, "en")) == dates_of(dated)
    (kind,) = changes(scenario("base", "from.2017-07-01.kinds.homes.value_median=621000"), "zh").values()
    assert kind == "住宅价值中位数为62.1万元"
    assert changes(scenario("base"), "en") == {}
    assert changes(scenario("base", "from.2017-01-01.start.ratio=1"), "en") == {}  # nothing is before it


def test_labels_of_two_dates_do_not_lie_on_each_other():
    """As in the calibrated Shanxi: what changes is too long to be named twice in one row."""
    from matplotlib.text import Annotation

    more = tuple(one.replace("2017-07-01", "2017-10-01") for one in DATED)
    fig = figures.before_and_after(months((1.0, 3.0), (2.0, 3.0)), scenario("base", *DATED, *more), "en")
    labels = [one for one in fig.findobj(Annotation) if isinstance(one, Annotation) and one.get_text()]
    assert [one.get_text() for one in labels] == ["2017-07-01", "2017-10-01"]
    first, second = (one.get_window_extent() for one in labels)
    assert first.x1 < second.x0
    (one,) = [
        one.get_text()
        for one in figures.before_and_after(
            months((1.0, 3.0), (2.0, 3.0)), scenario("base", *DATED), "en"
        ).findobj(Annotation)
    ]
    assert one.startswith("2017-07-01: second auction cut 5%")


def test_a_run_draws_it_where_something_changes_and_only_there(tmp_path: Path):
    assert not run(load("base", SMALL), tmp_path / "plain", 1).months  # five pictures: test_pictures.py
    loaded = load("base", (*SMALL, *DATED))
    result = run(
        loaded,
        tmp_path / "dated",
        1,
        also=lambda folder, result: [draw_run(folder, loaded.scenario, result, "en")],
    )
    assert (tmp_path / "dated" / "pictures" / "before_and_after.png").is_file()
    assert result.months
    fig = figures.before_and_after(result.months, loaded.scenario, "en")
    assert "2017-07-01: second auction cut 5%" in words(fig)
    (section,) = change_section(result.months, loaded.scenario, "en")
    assert section.title == sentence(result.months, loaded.scenario, "en")
    assert len(section.blocks) == 2
    assert change_section({}, loaded.scenario, "en") == []
