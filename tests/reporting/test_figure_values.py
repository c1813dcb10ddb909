"""What charts show: end points, scales, and the colour that says which way, read from panels and from matplotlib's artists.

``test_figures.py`` draws every chart in both languages; here no file is written.
"""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.text import Annotation

from sim.experiments.sensitivity import Index
from sim.reporting import figures
from sim.reporting.figures.backlog import backlog_by_court, backlog_by_kind
from sim.reporting.figures.flow import COLOURS, GAP, SALES, TRUNK
from sim.reporting.figures.forest import forest_keys, forest_panels
from sim.reporting.figures.intervals import Mark, Panel, axis_over, panel
from sim.reporting.figures.pareto import Searched, Settled, pareto
from sim.reporting.figures.tornado import tornado
from sim.reporting.style import BLACK, BLUE, GREEN, GREY, ORANGE, PALE, SKY, VERMILION


def hexes(artists: Any) -> list[str]:
    return [to_hex(one.get_facecolor()).upper() for one in artists]


def line_colour(line: Line2D) -> str:
    return str(line.get_color())


def axes(fig: Figure) -> list[Axes]:
    """Those that hold data: the legend's are switched off."""
    return [ax for ax in fig.axes if ax.axison]


# forest: differences of policies


def difference(
    measure: str, policy: str, ends: tuple[float, float, float], base: float = 1.0, window: str = "all"
) -> dict[str, Any]:
    """A row of differences.csv: mean, lower and upper end, the base's value and the policy's."""
    mean, low, high = ends
    of = {"measure": measure, "policy_name": policy, "window": window, "segment": "all", "basis": "event"}
    found = {"difference": mean, "ci_low": low, "ci_high": high, "base": base, "policy": base + mean}
    return {**of, **found, "n": 20, "pairs": 20, "sd": 1.0, "correlation": 0.5}


def only_panel(rows: list[dict[str, Any]], *windows: str) -> Panel:
    titles = {row["policy_name"]: row["policy_name"].title() for row in rows}
    (panel,) = forest_panels(rows, titles, "en", *([windows] if windows else []))
    return panel


def marks(panel: Panel) -> list[Mark]:
    return [mark for _, group in panel.groups for mark in group]


def test_a_forest_shows_rates_in_points_and_which_way_they_go_by_colour():
    rows = [
        difference("sale_rate_final", "more", (0.02, 0.01, 0.03)),
        difference("sale_rate_final", "less", (-0.02, -0.03, -0.01)),
        difference("sale_rate_final", "either", (0.01, -0.01, 0.03)),
    ]
    panel = only_panel(rows)
    assert [name for name, _ in panel.groups] == ["More", "Less", "Either"]
    assert [one.colour for one in marks(panel)] == [BLUE, ORANGE, GREY]
    ends = [(one.mean, one.low, one.high) for one in marks(panel)]
    np.testing.assert_allclose(ends, [(2.0, 1.0, 3.0), (-2.0, -3.0, -1.0), (1.0, -1.0, 3.0)])
    assert panel.reference == 0.0
    assert panel.axis.low < -3.0 < 3.0 < panel.axis.high
    assert [(key.colour, key.words) for key in forest_keys("en")] == [
        (BLUE, "higher"), (ORANGE, "lower"), (GREY, "not significant"),
    ]  # fmt: skip


def test_the_line_for_no_difference_stops_where_words_stand():
    groups = [
        ("A policy whose name is long enough for two lines of the panel", [Mark(1.0, 0.5, 1.5)]),
        ("B", [Mark(-1.0, -2.0, 0.0)] * 2),
    ]
    one = Panel("Lots sold", groups, axis_over([-2.0, 1.5], str), "", 0.0)
    fig = panel(one, "en")
    lines = [sorted(line.get_ydata()) for line in fig.findobj(Line2D) if line.get_color() == VERMILION]
    words = [
        text.get_position()[1]
        for text in fig.texts
        if text.get_text() and not text.get_text().lstrip("-").replace(".", "").isdigit()
    ]
    assert len(lines) == 2, "a stretch beside the marks of each policy"
    assert len(words) == 3
    for top, bottom in lines:
        assert bottom - top >= 15.0
        assert not [y for y in words if top < y < bottom or top < y - 9.0 < bottom]


def test_a_forest_shows_money_in_yuan_or_by_window_as_a_share_of_the_bases():
    """Turnover of a base of 200 rises by 50, to 250: a quarter of the base's."""
    (one,) = marks(only_panel([difference("turnover", "more", (50.0, 40.0, 60.0), base=200.0)]))
    assert (one.mean, one.low, one.high) == (50.0, 40.0, 60.0)
    rows = [
        difference("turnover", "more", (50.0, 40.0, 60.0), base=200.0),
        difference("turnover", "more", (5.0, -5.0, 15.0), base=50.0, window="2017"),
    ]
    panel = only_panel(rows, "all", "2017")
    assert [(m.mean, m.low, m.high) for m in marks(panel)] == [(25.0, 20.0, 30.0), (10.0, -10.0, 30.0)]
    assert marks(panel)[0].colour == BLACK
    assert [m.shape for m in marks(panel)] == ["dot", "square"]


# tornado: what matters

DOWN_AND_UP = (
    Index("interest.mean", 0.30, 0.25, 0.35, -0.30, -0.35, -0.25, 0.05),
    Index("start.ratio", 0.10, 0.05, 0.15, 0.08, 0.03, 0.13, 0.02),
)


def tornado_axes(method: str, measure: str = "sale_rate_final") -> Axes:
    labels = {"interest.mean": ("interest", "关注"), "start.ratio": ("", "")}
    (ax,) = axes(tornado({measure: DOWN_AND_UP}, labels, method, "en", "all"))
    return ax


def test_bars_of_screening_are_coloured_by_sign_and_rates_are_in_points():
    ax = tornado_axes("morris")
    bars = [one for one in ax.patches if isinstance(one, Rectangle)]
    assert hexes(bars) == [VERMILION, BLUE]
    assert [bar.get_width() for bar in bars] == pytest.approx([30.0, 10.0])
    assert [bar.get_y() + bar.get_height() / 2 for bar in bars] == pytest.approx([0.0, 1.0])
    assert ax.get_ylim()[0] > ax.get_ylim()[1], "the first stands on top"
    whiskers = [line.get_xdata() for line in ax.lines if line_colour(line) == BLACK]
    np.testing.assert_allclose(whiskers, [[25.0, 35.0], [5.0, 15.0]])
    spreads = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"]
    np.testing.assert_allclose(spreads, [5.0, 2.0])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["interest (interest.mean)", "start.ratio"]
    money = [bar.get_width() for bar in tornado_axes("morris", "turnover").patches]
    assert money == pytest.approx([0.30, 0.10])


def test_bars_of_a_decomposition_are_shares_whatever_the_sign():
    ax = tornado_axes("sobol")
    assert hexes(ax.patches) == [BLUE, BLUE]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.30, 0.10])
    first = [line for line in ax.lines if line_colour(line) == ORANGE]
    np.testing.assert_allclose([line.get_xdata() for line in first[::2]], [[-0.35, -0.25], [0.03, 0.13]])
    np.testing.assert_allclose([line.get_xdata() for line in first[1::2]], [[-0.30], [0.08]])


# pareto: what was tried and what is best


def test_a_front_is_coloured_and_numbered_and_the_base_is_a_star():
    x, y = np.array([10.0, 30.0]), np.array([1.0, 3.0])
    settled = [
        Settled("1", x, y, on_front=True, base=False),
        Settled("2", x + 5.0, y, on_front=False, base=False),
        Settled("base", x - 5.0, y, on_front=False, base=True),
    ]
    found = Searched(
        [("lots_sold", 1), ("days_to_sale_mean", -1)], settled, np.array([[7.0, 8.0], [6.0, 9.0]]), 40
    )
    (ax,) = axes(pareto(found, "en", "all"))
    left, *dots = ax.lines
    assert (line_colour(left), left.get_xdata().tolist(), left.get_ydata().tolist()) == (
        PALE, [7.0, 6.0], [8.0, 9.0],
    )  # fmt: skip
    assert [(line_colour(d), d.get_marker(), d.get_xdata()[0], d.get_ydata()[0]) for d in dots] == [
        (BLUE, "o", 10.0, 30.0), (GREY, "o", 15.0, 35.0), (ORANGE, "*", 5.0, 25.0),
    ]  # fmt: skip
    across, up = (part.get_segments()[0] for part in ax.collections[:2])
    assert across.tolist() == [[9.0, 30.0], [11.0, 30.0]]
    assert up.tolist() == [[10.0, 27.0], [10.0, 33.0]]
    assert [one.get_text() for one in ax.findobj(Annotation)] == ["1"]
    assert ax.get_xlabel().endswith("→")
    assert ax.get_ylabel().endswith("←")


# flow: where lots end up

LINKS = [
    ("listed", "first", 100.0), ("first", "sold:first", 20.0), ("first", "second", 70.0), ("first", "open", 10.0),
    ("second", "sold:second", 30.0), ("second", "returned", 40.0),
]  # fmt: skip


def band_ends(ax: Axes) -> list[tuple[str, float, float]]:
    """Colour of each band and its width on its left and on its right."""
    found = []
    for patch in ax.patches:
        if isinstance(patch, PathPatch):
            points = patch.get_path().vertices
            widths = (float(points[0][1] - points[7][1]), float(points[3][1] - points[4][1]))
            found.append((hexes([patch])[0], *widths))
    return found


def test_bands_of_a_flow_are_as_wide_as_what_flows_and_coloured_by_where_it_ends():
    (ax,) = figures.lot_flow(LINKS, "en").axes
    assert sorted(band_ends(ax)) == sorted([
        (TRUNK, 100.0, 100.0), (TRUNK, 70.0, 70.0),
        (SALES[0], 20.0, 20.0), (SALES[0], 20.0, 20.0),  # out of the first round, and past the second
        (COLOURS["open"], 10.0, 10.0), (COLOURS["open"], 10.0, 10.0),
        (SALES[1], 30.0, 30.0), (COLOURS["returned"], 40.0, 40.0),
    ])  # fmt: skip
    nodes = [one for one in ax.patches if isinstance(one, Rectangle)]
    drawn = [(hexes([one])[0], round(one.get_x() + one.get_width() / 2), one.get_height()) for one in nodes]
    ends = [(SALES[0], 20.0), (SALES[1], 30.0), (COLOURS["returned"], 40.0), (COLOURS["open"], 10.0)]
    assert drawn == [(GREY, 0, 100.0), (GREY, 1, 100.0), (GREY, 2, 70.0), *((c, 3, n) for c, n in ends)]
    gaps = [a.get_y() - b.get_y() - b.get_height() for a, b in itertools.pairwise(nodes[3:])]
    assert gaps == pytest.approx([100.0 * GAP] * 3), "from top to bottom"


def test_a_mean_of_lots_is_shown_as_whole_lots():
    halves = [
        ("listed", "first", 121.0),
        ("first", "sold:first", 60.5),
        ("first", "open", 60.2),
        ("first", "withdrawn", 0.3),
    ]
    (ax,) = figures.lot_flow(halves, "en").axes
    said = " ".join(one.get_text() for one in ax.findobj(Annotation))
    assert "60 (50.0%)" in said
    assert "<1 (0.2%)" in said
    assert "60.5" not in said


# backlog: who waits where


def test_bars_of_a_backlog_are_stacked_in_the_colours_of_their_parts():
    (ax,) = backlog_by_kind([("homes", 3.0, 20.0), ("cars", 1.0, 4.0)], "en").axes
    bars = [one for one in ax.patches if isinstance(one, Rectangle)]
    drawn = [(colour, one.get_x(), one.get_width()) for colour, one in zip(hexes(bars), bars, strict=True)]
    assert drawn == [(GREY, 0.0, 3.0), (GREY, 0.0, 1.0), (ORANGE, 3.0, 20.0), (ORANGE, 1.0, 4.0)]
    assert [one.get_text() for one in ax.findobj(Annotation)] == ["23", "5"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_courts_stand_the_fullest_on_top_and_are_darker_the_more_wait():
    backlog = np.array([[1.0, 2.0], [9.0, 5.0], [0.0, 0.0]])
    (ax,) = backlog_by_court(backlog, date(2017, 1, 1), 31.0, "en").axes
    (cells,) = (one for one in ax.collections if isinstance(one, PolyCollection))
    strengths = cells.get_facecolor()[:, 3]
    np.testing.assert_allclose(strengths, [0.03 + 0.97 * n / 9.0 for n in (9.0, 5.0, 1.0, 2.0, 0.0, 0.0)])
    assert to_hex(cells.get_facecolor()[0]).upper() == VERMILION
    assert [one.get_text() for one in ax.findobj(Annotation)] == ["5", "2", "0"], "the last month's"
    assert [one.get_text()[-1] for one in ax.get_yticklabels()] == ["2", "1", "3"]
    assert [one.get_text() for one in ax.get_xticklabels()] == ["2017-01", "2017-02"]


# distribution: days and premiums


def upright(ax: Axes) -> dict[str, float]:
    """Vertical lines by colour."""
    return {line_colour(line): float(line.get_xdata()[0]) for line in ax.lines}


def test_days_to_sale_are_shares_with_median_and_ninetieth_percentile():
    days = [*range(100), np.nan]
    (ax,) = figures.days_to_sale(days, "en").axes
    bars = [one for one in ax.patches if isinstance(one, Rectangle)]
    assert [bar.get_x() for bar in bars][:3] == [0.0, 2.0, 4.0], "steps of two days give fifty bars"
    assert [bar.get_height() for bar in bars][:3] == pytest.approx([2.0, 2.0, 2.0])
    assert sum(bar.get_height() for bar in bars) == pytest.approx(100.0)
    assert upright(ax) == pytest.approx({BLUE: 49.5, VERMILION: 89.1})


def test_premiums_add_up_to_their_shares_and_to_their_mean():
    premiums = [0.0, 0.0, 0.1, 0.5, 0.9]
    above, below = figures.premium_distribution(premiums, "en", starts=[1.0, 1.0, 1.0, 1.0, 6.0]).axes
    at_start = [bar for bar in above.patches if hexes([bar]) == [GREEN]]
    rest = [bar for bar in above.patches if hexes([bar]) == [SKY]]
    assert [bar.get_height() for bar in at_start] == pytest.approx([40.0])
    assert sum(bar.get_height() for bar in rest) == pytest.approx(60.0)
    assert set(hexes(below.patches)) == {ORANGE}
    assert sum(bar.get_height() for bar in below.patches) == pytest.approx(100.0 * np.mean(premiums))
    # Lines stand at 1 + premium: median, mean, and the mean weighted by starting prices.
    assert upright(above) == pytest.approx({BLUE: 1.1, VERMILION: 1.3, BLACK: 1.6})
