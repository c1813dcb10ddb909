"""Every picture, in both languages, with data, with little and with none."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.lines import Line2D
from matplotlib.text import Text

from sim.reporting import figures, fonts
from sim.reporting.figures.bidding import HeldRound
from sim.reporting.figures.outcomes import lot_outcomes
from sim.reporting.fit import fit
from sim.reporting.fonts import drawable
from sim.reporting.style import FILE, NARROW, RC, Foot, Form, canvas, drawing, drawn, finish
from sim.reporting.text import t
from sim.scenario import load
from sim.scenario.published import Interpretation

FOOT = Foot("Made-up province", "虚构省", 7, 20)
RNG = np.random.default_rng(5)
ROW = {
    "window": "2017",
    "figure": "sale_rate",
    "measure": "sale_rate_final",
    "basis": "event",
    "impossible": False,
}
ROWS: list[dict[str, Any]] = [
    {**ROW, "published": 0.3744, "mean": 0.38, "low": 0.35, "high": 0.41},
    {**ROW, "basis": "cohort", "published": 0.3744, "mean": 0.3, "low": 0.28, "high": 0.32},
    {**ROW, "window": "2018", "published": None, "mean": 0.3, "low": 0.28, "high": 0.32},
    {
        **ROW,
        "figure": "turnover",
        "measure": "turnover",
        "published": 8.9e8,
        "mean": 7e8,
        "low": 6e8,
        "high": 8e8,
    },
    {
        **ROW,
        "figure": "premium",
        "measure": "premium_mean",
        "published": 1.8,
        "mean": 3.0,
        "low": 0.2,
        "high": 90.0,
    },
]
LINKS = [
    ("listed", "first", 100.0),
    ("first", "sold:first", 20.0),
    ("first", "second", 70.0),
    ("first", "open", 10.0),
    ("second", "sold:second", 30.0),
    ("second", "withdrawn", 1.0),
    ("second", "returned", 39.0),
]
BIDS = {"bidder": [4, 5, 4, 9], "time": [1.5, 1.999, 2.0, 2.001], "price": [1e5, 1.01e5, 1.02e5, 1.03e5]}
NO_BIDS: dict[str, list[float]] = {"bidder": [], "time": [], "price": []}
WINDOWS = {"2017": (date(2017, 1, 1), date(2017, 12, 31)), "2018": (date(2018, 1, 1), date(2018, 12, 31))}
TIMES = np.arange(0.0, 700.0, 10.0)
CURVES = {"listed": np.tile(TIMES, (3, 1)), "open": RNG.random((3, len(TIMES))) * 50}
DAYS = RNG.gamma(3, 20, 300)
PREMIUMS = np.concatenate([np.zeros(30), RNG.lognormal(-2, 1, 200), [180.0]])

BACKLOG = np.array([[1.0, 2.0, 3.0], [9.0, 8.0, 7.0]])
BARS = [("homes", 3.0, 20.0), ("甲 cars", 0.0, 4.0)]
OUTCOMES = {
    "Base": [("sold:first", 0.4), ("sold:second", 0.1), ("lots_returned", 0.5)],
    "A policy 甲 " * 9: [("lots_open", 1.0)],
}
MONTHLY = {name: RNG.random((3, 12)) * 50 for name in ("listed", "failed", "sold", "waiting", "open")}
DATED = load("base", ("from.2017-07-01.rounds.second.cut=0.05",)).scenario

Draw = Callable[[str], Figure]
DRAWINGS: dict[str, Callable[..., Any]] = {  # charts that pages have as well
    "lot_flow": lambda lang, **kw: figures.lot_flow(LINKS, lang, FOOT, **kw),
    "days_to_sale": lambda lang, **kw: figures.days_to_sale(DAYS, lang, FOOT, **kw),
    "premium_distribution": lambda lang, **kw: figures.premium_distribution(
        PREMIUMS, lang, FOOT, starts=np.ones(len(PREMIUMS)), **kw
    ),
    "open_lots": lambda lang, **kw: figures.open_lots(
        TIMES, CURVES, lang, FOOT, origin=date(2017, 1, 1), windows=WINDOWS, **kw
    ),
    "lot_outcomes": lambda lang, **kw: lot_outcomes(OUTCOMES, lang, FOOT, **kw),
    "before_and_after": lambda lang, **kw: figures.before_and_after(MONTHLY, DATED, lang, FOOT, **kw),
    "backlog_by_kind": lambda lang, **kw: figures.backlog_by_kind(BARS, lang, FOOT, **kw),
    "backlog_by_court": lambda lang, **kw: figures.backlog_by_court(
        BACKLOG, date(2017, 1, 1), 30.0, lang, FOOT, **kw
    ),
}
FULL: dict[str, Draw] = {
    "published_vs_simulated": lambda lang: figures.published_vs_simulated(fit(ROWS, None), lang, FOOT),
    **DRAWINGS,
    "bidding": lambda lang: figures.bidding(
        HeldRound(BIDS, 1e5, 1.0, 2.0045, 2.0, [2.0025, 2.0035]), lang, FOOT
    ),
}
EMPTY: dict[str, Draw] = {
    "published_vs_simulated": lambda lang: figures.published_vs_simulated(fit([], None), lang, FOOT),
    "lot_flow": lambda lang: figures.lot_flow([], lang, FOOT),
    "lot_outcomes": lambda lang: lot_outcomes({}, lang, FOOT),
    "days_to_sale": lambda lang: figures.days_to_sale([np.nan], lang, FOOT),
    "premium_distribution": lambda lang: figures.premium_distribution([], lang, FOOT),
    "backlog_by_kind": lambda lang: figures.backlog_by_kind([], lang, FOOT),
    "backlog_by_court": lambda lang: figures.backlog_by_court(
        np.zeros((0, 3)), date(2017, 1, 1), 30.0, lang, FOOT
    ),
    "open_lots": lambda lang: figures.open_lots([], {}, lang, FOOT, origin=date(2017, 1, 1)),
}
ODD: dict[str, Draw] = {
    "no bid": lambda lang: figures.bidding(HeldRound(NO_BIDS, 1e5, 1.0, 2.0, 2.0, []), lang),
    "one bid": lambda lang: figures.bidding(
        HeldRound({"bidder": [1], "time": [1.2], "price": [1e5]}, 1e5, 1, 2, 2, []), lang
    ),
    "a crowd": lambda lang: figures.bidding(HeldRound(
        {"bidder": list(range(30)), "time": np.linspace(1, 2, 30), "price": np.linspace(1e5, 2e5, 30)},
        1e5, 1, 2, 2, [], winner=3,
    ), lang),
    "a sell-off": lambda lang: figures.bidding(HeldRound(BIDS, 1e5, -30.0, 2.0045, 2.0, []), lang),
    "all at the start": lambda lang: figures.premium_distribution(np.zeros(5), lang),
    "none at the start": lambda lang: figures.premium_distribution([0.1, 0.2, 2000.0], lang),
    "sold on the day": lambda lang: figures.days_to_sale([0.0, 0.0], lang),
    "one lot": lambda lang: figures.lot_flow([("listed", "r", 1.0), ("r", "open", 1.0)], lang),
    "one replication": lambda lang: figures.open_lots([0, 1], {"open": [0, 1]}, lang, origin=date(2020, 1, 1)
    ),
    "names with signs": lambda lang: figures.published_vs_simulated(
        fit([{**ROWS[0], "window": "a$b$ 甲_{x}", "basis": "other", "high": float("nan")}], None), lang
    ),
}  # fmt: skip
needs_font = pytest.mark.skipif(fonts.chinese() is None, reason="no font with Chinese characters")
LANGS = ["en", pytest.param("zh", marks=needs_font)]


@pytest.fixture(autouse=True)
def strict() -> Iterator[None]:
    """A glyph that no font has is a warning in matplotlib: here it is a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def svg(fig: Figure) -> str:
    buffer = io.StringIO()
    with matplotlib.rc_context(RC):
        fig.savefig(buffer, format="svg")
    return buffer.getvalue()


def png(fig: Figure) -> bytes:
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png")
    return buffer.getvalue()


def words(fig: Figure) -> str:
    return "\n".join(text.get_text() for text in fig.findobj(Text) if isinstance(text, Text))


@pytest.mark.parametrize("name", FULL)
def test_without_a_font_every_picture_speaks_english(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "chinese", lambda: None)
    fonts.forget()
    with pytest.warns(UserWarning, match="labelled in English") as caught:
        _, fig = FULL[name]("zh"), FULL[name]("zh")
    assert len(caught) == 1
    assert FOOT.line("en") in words(fig)
    assert drawable(words(fig), [fonts.LATIN]) == words(fig)  # as it is in English, where it is drawn


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", EMPTY)
def test_no_data_says_so(name: str, lang: str) -> None:
    assert t("no_data", lang) in words(EMPTY[name](lang))


MANY = [(a, b, n * 123.0) for a, b, n in LINKS]
LONG = [
    (a.replace("second", "一轮很长的名字, of many words that " * 3), b.replace("second", "一轮很长的名字, of many words that " * 3), n)
    for a, b, n in LINKS
]  # fmt: skip
FLOWS: dict[str, Draw] = {
    "thousands of lots": lambda lang: figures.lot_flow(MANY, lang, FOOT),
    "a round of a long name": lambda lang: figures.lot_flow(LONG, lang, FOOT),
}
ALL = {**FULL, **{f"{name}, empty": draw for name, draw in EMPTY.items()}, **ODD, **FLOWS}


# In English, whose words are the wider; in Chinese too what is drawn for everybody, and names that need its glyphs.
DRAWN = [
    pytest.param(name, "zh", marks=needs_font) if lang == "zh" else (name, "en")
    for name in ALL
    for lang in (("en", "zh") if name in FULL or name in FLOWS or name == "names with signs" else ("en",))
]


@pytest.mark.parametrize(("name", "lang"), DRAWN)
def test_every_picture_is_drawn_and_nothing_is_cut_at_an_edge(name: str, lang: str) -> None:
    """Whatever is cut leaves ink on the outermost pixels. A glyph that no font has would be a warning, here an error."""
    fig = ALL[name](lang)
    if name in FULL:
        assert FOOT.line(lang) in words(fig)
    picture = imread(io.BytesIO(drawn(fig, "png")))[..., :3]
    for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        assert edge.min() == 1.0


@pytest.mark.parametrize("lang", LANGS)
def test_a_long_headline_stays_inside(lang: str) -> None:
    note = t("fit.count", lang, inside=15, all=15) + t("fit.input", lang, n=6) + t("fit.unmet", lang, n=3)
    with drawing(lang) as look:
        fig = finish(canvas(10.5), look, note * 2, None)
    png(fig)
    assert fig.get_suptitle().count("\n") >= 1
    (headline,) = (x for x in fig.findobj(Text) if isinstance(x, Text) and x.get_text() == fig.get_suptitle())
    assert headline.get_window_extent().x1 <= fig.bbox.x1


def test_no_bid_says_so() -> None:
    assert "failed auction" in words(ODD["no bid"]("en"))


@pytest.mark.parametrize("lang", LANGS)
def test_svg_keeps_text_as_text(lang: str) -> None:
    drawn = svg(FULL["lot_flow"](lang))
    assert f">{t('withdrawn', lang).capitalize()}  1 (1.0%)<" in drawn
    assert "<use" not in drawn.split("<text", 1)[1].split("</text>", 1)[0]


def test_lots_that_pass_a_round_by_are_drawn_whatever_the_order_of_the_links() -> None:
    """As under draws of which some hold no second auction: ten lots go from the first straight to the sell-off."""
    links = [("listed", "first", 30.0), ("first", "sell_off", 10.0), ("first", "second", 20.0), ("second", "sell_off", 20.0), ("sell_off", "sold:sell_off", 30.0)]  # fmt: skip
    there, back = (words(figures.lot_flow(one, "en")) for one in (links, links[::-1]))
    assert there == back
    for label in ("First auction\n30", "Second auction\n20", "Sell-off\n30", "(100.0%)"):
        assert label in there


def test_headlines_tell_the_numbers() -> None:
    assert "Of 100 lots listed, 50 were sold, 20 of them at the first auction" in words(
        FULL["lot_flow"]("en")
    )
    assert "up to 30 days" in words(figures.days_to_sale([10.0, 30.0, 50.0], "en"))
    assert "1 of 2 figures that the model must produce" in words(FULL["published_vs_simulated"]("en"))
    assert "One sale of 10 supplies 99%" in words(figures.premium_distribution([0.1] * 9 + [99.1], "en"))
    assert "4 bids by 3 bidders" in words(FULL["bidding"]("en"))


def test_the_share_of_late_bids_is_that_of_the_last_hour_and_its_extensions() -> None:
    """Set close at day 2: of four bids one came on the first half day, three in the last hour or after it."""
    caption = words(FULL["bidding"]("en")).replace("\n", " ")
    assert "75 % of them in the last hour and its extensions" in caption


def test_a_war_of_many_bids_is_drawn_in_order_of_time() -> None:
    n = 100
    bids = {
        "bidder": [i % 2 for i in range(n)],
        "time": np.linspace(1.9, 2, n),
        "price": np.linspace(1e5, 2e5, n),
    }
    fig = figures.bidding(HeldRound(bids, 1e5, 1.0, 2.0, 2.0, []), "en")
    dots = [c for ax in fig.axes for c in ax.collections if len(c.get_offsets()) == n]
    assert len(dots) == 2  # one cloud a panel, both bidders in it, neither on top
    assert len({tuple(c) for c in dots[0].get_facecolors().tolist()}) == 2


def test_what_lies_beyond_the_axis_of_days_is_reported() -> None:
    days = np.append(np.full(999, 30.0), 400.0)
    fig = figures.days_to_sale(days, "en")
    assert "0.1% took longer, up to 400 days" in words(fig)
    assert fig.axes[0].get_xlim()[1] < 100


def test_what_the_model_need_not_produce_is_faint_and_the_legend_says_so() -> None:
    assert t("compare.faint", "en") not in words(FULL["published_vs_simulated"]("en"))
    given = Interpretation(basis="event", inputs=["sale_rate"])
    fig = figures.published_vs_simulated(fit(ROWS[:1], given), "en")
    assert t("compare.faint", "en") in words(fig)
    faint = sorted(line.get_alpha() for line in fig.findobj(Line2D) if line.get_alpha())
    assert faint == pytest.approx([0.2, 0.4, 0.4])  # band, mark, and the mark in the legend


def test_nothing_of_pyplot_is_loaded() -> None:
    import subprocess
    import sys

    code = "import sys, sim.reporting.figures, sim.reporting.save; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_picture_leaves_no_trace_in_matplotlib() -> None:
    before = dict(matplotlib.rcParams)
    png(FULL["days_to_sale"]("en"))
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("days", [1, 20, 89, 91, 365, 820, 3000, 20000])
def test_dates_under_lots_over_time_are_whole_months_or_days_and_no_more_than_fit(days: int) -> None:
    times = np.linspace(0.0, days, 9)
    for form, most in ((FILE, 10), (NARROW, 4)):
        fig = figures.open_lots(times, {"open": times}, "en", origin=date(2017, 1, 1), form=form)
        labels = [label.get_text() for label in fig.axes[0].get_xticklabels()]
        assert 1 <= len(labels) <= most
        assert len(set(labels)) == len(labels)
        assert all(len(label) == (5 if days < 90 else 7) for label in labels)


@pytest.mark.parametrize(("late", "heights"), [(58.0, 2), (140.0, 1)])
def test_words_of_two_days_that_are_close_stand_one_below_the_other(late: float, heights: int) -> None:
    days = np.concatenate([np.full(80, 32.0), np.full(15, late), np.full(5, 150.0)])
    fig = figures.days_to_sale(days, "en", form=NARROW)
    named = [one for one in fig.axes[0].texts if one.get_text().startswith(("Median", "90th"))]
    assert [one.get_text().split("\n")[1] for one in named] == ["32 days", f"{late:.0f} days"]
    assert len({one.xy[1] for one in named}) == heights


@pytest.mark.parametrize("form", [FILE, NARROW])
def test_names_of_premiums_do_not_touch(form: Form) -> None:
    fig = figures.premium_distribution(np.concatenate([np.zeros(40), np.geomspace(0.01, 600.0, 60)]), "en", form=form)  # fmt: skip
    below = fig.axes[1]
    left, right = np.log(below.get_xlim())
    letter = (right - left) / (42 if form is NARROW else 110)
    names = [label.get_text().split("\n")[0] for label in below.get_xticklabels()]
    ends = [(np.log(x) - letter * len(name) / 2, np.log(x) + letter * len(name) / 2) for x, name in zip(below.get_xticks(), names, strict=True)]  # fmt: skip
    assert len(ends) > 3
    assert all(a[1] < b[0] for a, b in itertools.pairwise(ends))
