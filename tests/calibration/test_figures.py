"""Pictures of the report say by themselves what to see, in which units, and what their marks mean; nothing is cut off."""

from __future__ import annotations

import copy
import dataclasses
import itertools
from functools import cache
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
import small
from calibration.identify import Profile
from calibration.validate import Validation
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from calibration import pipeline
from calibration.file.load import load_targets
from calibration.report import figures, fit_figures, fit_tables, parameter_figures, policy_figures, tables
from calibration.words import w
from sim.report.style import RC

TARGETS = (
    small.TARGETS.replace(
        'premium = "20.0%"',
        'premium = "20.0%"\nparticipants = { printed = 600, held_out = true, reason = "test", reason_zh = "测试" }',
    )
    + """
[[free]]
name = "location"
en = "mean log valuation"
zh = "估值均值"
path = "interest.location"
transform = "identity"
low = -1.2
high = 0.6
source = "test"
"""
)
DRAWN = {
    "fit": fit_figures.fit_figure, "ridge": parameter_figures.ridge_figure, "prior": parameter_figures.prior_figure,
    "profiles": parameter_figures.profiles_figure, "forest": policy_figures.forest_figure,
    "sensitivity": policy_figures.sensitivity_figure, "validation": fit_figures.predictive_figure,
}  # fmt: skip
EVERY = list(itertools.product(DRAWN, ("en", "zh"), (False, True)))
LEGENDS = {
    "fit": ["fitted", "held_out", "print"],
    "ridge": ["starts"],
    "prior": ["prior", "set"],
    "profiles": ["profile"],
    "forest": ["of_set", "of_posterior", "reference"],
    "validation": ["print"],
}
BOTH = pytest.mark.parametrize("lang", ["en", "zh"])


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> pipeline.Result:
    """The small court with what full mode would add: a posterior, profiles and validation, made up."""
    folder = tmp_path_factory.mktemp("figures")
    path = folder / "small.toml"
    path.write_text(TARGETS, encoding="utf-8")
    loaded = load_targets(path)
    made = pipeline.run(loaded, small.SETTINGS, 1, pipeline.store_of(folder, loaded), lambda *_: None)
    lead = made.alive[0]
    lead.posterior = SimpleNamespace(refused="")
    lead.likely, lead.likely_answers = lead.sample[:9], lead.answers[:9]
    lead.profiles = [
        Profile(i, np.linspace(slot.free.low, slot.free.high, 5), np.array([20.0, 5.0, 0.0, 1.0, 2.0]))
        for i, slot in enumerate(made.world.space.slots)
    ]
    fitted = [one for one in lead.fits if one.role == "fit"]
    off = [dataclasses.replace(one, low=2 * one.printed, high=3 * one.printed) for one in fitted]
    made.validation = Validation({"2018": fitted}, {"zhongshan": off, "zhejiang": fitted})
    return made


@pytest.fixture(scope="module")
def picture(result):
    """A picture, laid out; each is made once."""

    @cache
    def draw(name: str, lang: str, narrow: bool = False) -> Figure:
        fig = DRAWN[name](result, lang, narrow)
        with matplotlib.rc_context(RC):
            fig.draw_without_rendering()
        return fig

    return draw


def words(fig: Figure) -> list[str]:
    """All that is written in a picture, lines joined."""
    return ["".join(text.get_text().split("\n")) for text in fig.findobj(Text) if text.get_text().strip()]


def labels(fig: Figure) -> list[list[str]]:
    """Names of rows, by panel."""
    return [[t.get_text().replace("\n", " ") for t in ax.get_yticklabels()] for ax in fig.axes]


def legend(fig: Figure) -> list[str]:
    return [t.get_text() for one in fig.legends for t in one.get_texts()]


@pytest.mark.parametrize(("name", "lang", "narrow"), EVERY)
def test_every_picture_has_a_headline_and_is_of_the_width_asked_for(picture, name, lang, narrow):
    fig = picture(name, lang, narrow)
    assert fig.get_suptitle()
    assert fig.get_figwidth() == (figures.NARROW if narrow else figures.WIDE)


@pytest.mark.parametrize(("name", "lang", "narrow"), EVERY)
def test_nothing_is_cut_off(picture, name, lang, narrow):
    fig = picture(name, lang, narrow)
    box = fig.get_tightbbox()
    width, height = fig.get_size_inches()
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= width
    assert box.y1 <= height


@pytest.mark.parametrize(("name", "lang", "narrow"), EVERY)
def test_names_of_rows_and_columns_do_not_overlap(picture, name, lang, narrow):
    for ax in picture(name, lang, narrow).axes:
        for ticks in (ax.get_xticklabels(), ax.get_yticklabels()):
            boxes = [t.get_window_extent() for t in ticks if t.get_text()]
            for one, other in itertools.pairwise(boxes):
                assert not one.shrunk(0.95, 0.95).overlaps(other.shrunk(0.95, 0.95))


@BOTH
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", LEGENDS)
def test_a_legend_says_what_marks_mean(picture, name, lang, narrow):
    told = legend(picture(name, lang, narrow))
    for key in LEGENDS[name]:
        assert w(f"fig.{key}", lang) in told


@BOTH
def test_axes_are_named_with_their_units(picture, lang):
    for name in ("fit", "validation"):
        for ax in picture(name, lang).axes:
            assert ax.get_xlabel() == w("fig.ratio", lang)
    for ax in picture("forest", lang).axes:
        assert ("百分点" if lang == "zh" else "percentage points") in ax.get_xlabel()
    assert picture("profiles", lang).get_supylabel() == w("fig.distance", lang)
    assert picture("prior", lang).get_supylabel() == w("fig.density", lang)
    assert all(ax.get_xlabel() for name in ("prior", "profiles") for ax in picture(name, lang).axes)
    for ax in picture("ridge", lang).axes:
        assert ax.get_xlabel()
        assert ax.get_ylabel()
    cells, scale = picture("sensitivity", lang).axes
    assert cells.get_xlabel()
    assert cells.get_ylabel()
    assert scale.get_xlabel() == w("fig.shift", lang)


@BOTH
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", ["fit", "validation"])
def test_premiums_are_drawn_and_named_as_1_plus_premium(picture, name, lang, narrow):
    told = [label for panel in labels(picture(name, lang, narrow)) for label in panel]
    assert sum(("1+溢价率" if lang == "zh" else "1 + premium") in label for label in told) == (
        1 if name == "fit" else 3
    )


def test_a_premium_that_is_price_over_start_already_is_left_as_it_is(result):
    (row,) = (r for r in fit_tables.fit_rows(result.alive[0]) if r["figure"] == "premium")
    ratio = {**row, "measure": "premium_mean_ratio", "printed": 1.2}
    assert fit_figures.row_name(row, [row], "en").startswith("1 + ")
    assert not fit_figures.row_name(ratio, [ratio], "en").startswith("1 + ")
    assert fit_figures._relative({**row, "printed": 0.2}, 0.8) == pytest.approx(np.log(1.5))
    assert fit_figures._relative(ratio, 1.8) == pytest.approx(np.log(1.5))


@BOTH
def test_a_figure_with_two_measures_is_told_apart_by_them(picture, lang):
    (panel,) = labels(picture("fit", lang))
    assert len(set(panel)) == len(panel)
    for measure in ("participants", "participants_distinct"):
        assert tables.short(measure, lang).replace(" ", "") in [label.replace(" ", "") for label in panel]


def test_places_have_chinese_names_on_chinese_pictures(picture):
    told = " ".join(words(picture("validation", "zh")))
    assert "zhongshan" not in told.lower()
    assert "zhejiang" not in told.lower()
    assert "中山市第一人民法院" in told
    assert "浙江" in told
    assert "Zhejiang" in words(picture("validation", "en"))
    assert fit_tables.place_name("nowhere", "zh") == "nowhere"
    assert fit_tables.place_name("zhejiang", "zh").startswith("浙江")


def test_print_inside_and_outside_the_prediction_are_told_apart_and_not_by_the_colours_of_the_fit(picture):
    told = legend(picture("validation", "en"))
    assert [w(f"fig.{key}", "en") in told for key in ("inside", "outside")] == [True, True]
    assert fit_figures.SCORES[0].colour not in {mark.colour for mark in fit_figures.ROLES.values()}


def test_readings_have_colours_and_explanations_have_markers_of_their_own(picture, result):
    assert len(set(figures.COLOURS)) >= 6
    for lang, narrow in itertools.product(("en", "zh"), (False, True)):
        told = "".join(legend(picture("ridge", lang, narrow))).replace("\n", "").replace(" ", "")
        for case in result.alive:
            assert tables.reading_name(case.reading, lang).replace(" ", "") in told
        assert all(w(f"group.{key}", lang).replace(" ", "") in told for key in ("noise", "popularity"))


def test_a_posterior_is_an_outline_among_parameters_and_a_diamond_among_policies(picture, result):
    fig = picture("prior", "en")
    outlines = [
        p for ax in fig.axes for p in ax.patches if to_hex(p.get_edgecolor()) == figures.ORANGE.lower()
    ]
    assert len(outlines) == len(result.world.space.slots)
    assert any(label.startswith("posterior") for label in legend(fig))
    markers = {line.get_marker() for ax in picture("forest", "en").axes for line in ax.lines}
    assert "D" in markers


def test_a_set_of_few_vectors_says_how_many_they_are(picture):
    few = [label for label in labels(picture("forest", "en"))[0] if label.startswith("posterior")]
    assert few
    assert all("(n=9)" in label for label in few)


@BOTH
def test_readings_with_long_names_are_numbered_among_policies_and_named_in_the_legend(
    result, lang, monkeypatch
):
    monkeypatch.setattr(policy_figures, "LONG", 3)
    fig = policy_figures.forest_figure(result, lang, True)
    number = w("fig.reading", lang, number=1)
    assert any(label.startswith(number) for label in labels(fig)[0])
    assert any(label.startswith(w("group.posterior", lang, reading=number)) for label in labels(fig)[0])
    for i, case in enumerate(result.alive):
        name = tables.reading_name(case.reading, lang)
        told = w("fig.numbered", lang, reading=w("fig.reading", lang, number=i + 1), name=name)
        assert told in [one.replace("\n", " " if lang == "en" else "") for one in legend(fig)]


@BOTH
@pytest.mark.parametrize("name", DRAWN)
def test_without_anything_to_draw_a_picture_still_says_what_it_would_show(result, name, lang):
    nothing = copy.copy(result)
    nothing.validation = None
    nothing.cases = [copy.copy(case) for case in result.cases]
    for case in nothing.cases:
        case.history = dataclasses.replace(case.history, sample=case.history.sample[:0])
        case.fits = [one for one in case.fits if one.role == "fit"]
    assert DRAWN[name](nothing, lang, True).get_suptitle()
