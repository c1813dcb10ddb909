"""The report of a calibration, made of a made-up result: every number once, nothing claimed that was refused, both languages."""

from __future__ import annotations

import dataclasses
import re
from functools import cache

import fake_result
import numpy as np
import pytest

from calibration.answers.policy import OUTCOMES
from calibration.estimation.refusal import Refusal
from calibration.report import answer, first_page, names, tables
from calibration.report.answer import SHOWN
from calibration.report.page import page
from calibration.report.words import w
from sim.reporting.pages.shell import Notes, Section, render

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
ENGLISH = re.compile(r"[A-Za-z]{3,}")
NAMES = {"csv", "sha", "toml", "targets", "pareto", "hat", "daxing", "variants", "calibrate", "shanxi", "run", "vehtari"}  # in every language  # fmt: skip


@cache
def result(**kw: object) -> fake_result.Result:
    return fake_result.result(**kw)


@cache
def html(lang: str, **kw: object) -> str:
    return render(page(result(**kw), lang, {"command": ["calibrate", "run", "shanxi"], "seed": 1}))


def text(lang: str, **kw: object) -> str:
    """What people read of the page: no styles, scripts, or files to download."""
    found = re.sub(r"<(style|script|pre)\b.*?</\1>", " ", html(lang, **kw), flags=re.S)
    return re.sub(r"<[^>]*>", " ", re.sub(r"<title>.*?</title>", " ", found, flags=re.S))


def section(name: str, lang: str = "en", **kw: object) -> Section:
    return next(one for one in page(result(**kw), lang, {}).sections if one.id == name)


@BOTH
def test_the_first_page_asks_the_question_and_answers_it(lang):
    one = page(result(), lang, {})
    assert "20" in one.headline
    assert one.headline.endswith("?" if lang == "en" else "？")
    spans = first_page._main(result(), answer.main_question(fake_result.ASKED)).spans
    for outcome in SHOWN:
        assert names.change(outcome, spans[outcome], lang) in one.lead[0]


def test_the_answer_is_the_posteriors_own():
    """Points for shares, days for days; the central 95 % of the draws of the deepest cut less none."""
    effects = result().main.effects[:, 2]
    spans = first_page._main(result(), 2).spans
    low, middle, high = np.quantile(100 * effects[:, 1], [0.025, 0.5, 0.975], method="hazen")
    assert (
        names.change("sold_ever", spans["sold_ever"], "en")
        == f"+{middle:.1f} points [+{low:.1f}, +{high:.1f}]"
    )
    days = np.quantile(effects[:, 3], 0.5)
    assert names.change("days_to_sale", spans["days_to_sale"], "en").startswith(f"−{-days:.0f} days")


@BOTH
def test_the_answer_stands_on_page_and_terminal_under_one_value(lang):
    """Whatever says how the share sold changes with evidence says the same number: lead, picture, terminal, table of answers."""
    span = first_page._main(result(), 2).spans["sold_ever"]
    bare = names.bare("sold_ever", span)
    assert bare in " ".join(first_page.lines(result(), lang)).replace("个百分点", "").replace(" points", "")
    assert bare in text(lang)
    (row,) = (
        r
        for r in answer.rows(result())
        if (r["evidence"], r["policy"], r["outcome"]) == ("evidence", "cut-20", "sold_ever")
    )
    assert (row["low"], row["median"], row["high"]) == (span.low, span.median, span.high)


@BOTH
def test_three_rows_of_evidence_in_their_order(lang):
    drawn = section("short", lang).blocks[0].panels
    assert len(drawn) == len(SHOWN)
    for _, drawing in drawn:
        at = [str(drawing).index(names.evidence_name(name, lang)) for name, _ in answer.bodies(result())]
        assert at == sorted(at)


@BOTH
def test_counts_of_figures_are_the_same_wherever_they_stand(lang):
    rows = tables.figure_rows(result())
    mine = tables.must(rows)
    assert (len(mine), sum(r["inside"] for r in mine)) == (15, 14)
    assert sum(tables.verdict(r) == "cannot" for r in mine) == 1
    assert first_page.met(rows, lang) == w(
        "met.title", lang, inside=13, all=14
    )  # what cannot fail does not count
    met = first_page.met(rows, lang)
    assert section("fit", lang).title == met
    assert met in first_page.lines(result(), lang)[-1]
    assert text(lang).count(met) == 2  # on the first page, and above the table of the fit
    assert len(section("fit", lang).blocks[0].rows) == len(mine)
    others = section("fit", lang).blocks[-1].rows
    assert w("met.counts", lang, inputs=6, others=3) in first_page.lines(result(), lang)[-1]
    assert [sum(r["role"] == "input" for r in others), len(others)] == [6, 9]


def test_a_figure_that_could_not_have_failed_is_said_not_to_count():
    (row,) = (
        r
        for r in tables.must(tables.figure_rows(result()))
        if (r["window"], r["figure"]) == ("2018", "premium")
    )
    assert tables.verdict(row) == "cannot"
    shown = section("fit").blocks[0]
    assert shown.marked(row) == ""
    assert "cannot fail" in shown.columns[-1].show(row)


@BOTH
def test_meeting_figures_after_polishing_is_called_construction(lang):
    said = first_page.polished(result(), lang)
    assert ("construction, not evidence" if lang == "en" else "不是证据") in said[0]
    assert w("fit.polished", lang, inside=15, all=15) == said[1]
    assert w("refused.effects", lang) in first_page.polished(result(failed=("effects",)), lang)[0]


@BOTH
def test_reasons_of_figures_that_are_not_meant_to_be_met_are_given(lang):
    notes = [line for b in section("short", lang).blocks if isinstance(b, Notes) for line in b.lines]
    for figure in result().targets.figures("held_out", "unused"):
        assert any(figure.why(lang) in line and figure.window in line for line in notes)


@BOTH
def test_what_is_drawn_and_what_is_let_in_stand_beside_the_answer(lang):
    """Six tenths of every draw's effect are let in here, the rest is drawn."""
    inside, drawn = answer.let_in(result(), "sold_ever")
    whole = result().main.effects[:, 2, OUTCOMES.index("sold_ever")]
    assert (inside.median, drawn.median) == (
        pytest.approx(0.6 * np.median(whole)),
        pytest.approx(0.4 * np.median(whole)),
    )
    assert w(
        "parameters.drawn",
        lang,
        let_in=names.change("sold_ever", inside, lang),
        drawn=names.change("sold_ever", drawn, lang),
    ) in text(lang)
    assert [row["part"] for row in tables.drawn_rows(result())] == ["let_in", "drawn"] * 3


@BOTH
def test_a_refused_answer_is_not_shown(lang):
    """Neither on the page nor in the terminal nor in the table; why stands in their place."""
    kw = {"refused": True}
    whole = text(lang, **kw)
    span = answer.effect(result(**kw), result(**kw).main, 2, "sold_ever")
    assert names.bare("sold_ever", span) not in whole
    assert w("failed.rhat", lang, value=1.2, bound=1.01) in whole
    assert w("failed.rhat", lang, value=1.2, bound=1.01) in first_page.lines(result(**kw), lang)[0]
    assert not [r for r in answer.rows(result(**kw)) if r["evidence"] == "evidence"]
    for name in ("settle", "trial", "pulls"):
        assert not tables.every(result(**kw))[name], "they are of the same draws"
    assert w("asking.none", lang) in whole
    assert all(np.isnan(r["median"]) for r in tables.interpretation_rows(result(**kw)))


@BOTH
def test_a_variant_that_is_refused_has_no_interval(lang):
    bad = dataclasses.replace(result().variants["doubled"], refused=(Refusal("rhat", 1.2, 1.01),))
    one = dataclasses.replace(result(), variants={**result().variants, "doubled": bad})
    found = {a.name: a for a in answer.answers(one, 2)}
    assert found["doubled"].spans == {}
    assert w("row.refused", lang, name=names.evidence_name("doubled", lang)) in str(page(one, lang, {}).sections[0].blocks[0].panels[0][1])  # fmt: skip


@BOTH
def test_without_variants_the_page_says_so(lang):
    page_text = text(lang, variants=False)
    assert w("short.alone", lang) in page_text
    assert w("interpretations.still", lang) in page_text


@BOTH
def test_without_facts_there_is_one_body_of_evidence(lang):
    """The published figures: nothing is said to be with evidence that is without."""
    bare = dataclasses.replace(result().targets, evidence=())
    one = dataclasses.replace(result(), targets=bare, scored=None, tensions=[])
    assert [name for name, _ in answer.bodies(one)] == ["figures"]
    assert {r["evidence"] for r in answer.rows(one)} == {"figures"}
    assert first_page.lead(one, lang) == first_page.lead(result(), lang)
    shown = page(one, lang, {})
    assert names.evidence_name("doubled", lang) not in str(shown.sections[0].blocks[0].panels[0][1])
    assert w("short.alone", lang) not in render(shown)


def test_weights_that_move_make_the_envelope_the_answer():
    """The interval then holds that of every interpretation that is likely, and the page says why."""
    moved = fake_result.sampled(result().targets, "wide", 0.05, [0.4, 0.58, 0.02], seed=5)
    one = dataclasses.replace(result(), variants={**result().variants, "wide": moved})
    assert answer.largest_move(one) == pytest.approx(0.3)
    assert not answer.enveloped(result())
    assert answer.enveloped(one)
    span = answer.effect(one, one.main, 2, "sold_ever")
    each = answer.by_interpretation(one.main, 2, "sold_ever")
    likely = list(each.values())[:2]
    assert span.low == min(s.low for s in likely)
    assert span.high == max(s.high for s in likely)
    assert "envelope" in first_page.lead(one, "en")[0]
    assert "0.30" in first_page.lead(one, "en")[0]


def test_what_is_left_of_a_parameter_is_never_less_than_nothing():
    """Posterior over prior spread on the scale of sampling: finite, positive, and near 1 where the variance was not reduced."""
    rows = tables.parameter_rows(result())
    assert all(0.0 < r["sd_ratio"] < 1.0 for r in rows)
    free = result().model.space
    rng = np.random.default_rng(3)
    prior = dataclasses.replace(
        result().main.mixture,
        theta=free.from_unit(rng.random((4000, len(free.slots)))),
        which=np.zeros(4000, dtype=int),
    )
    one = dataclasses.replace(result(), main=dataclasses.replace(result().main, mixture=prior))
    assert all(r["sd_ratio"] == pytest.approx(1.0, abs=0.05) for r in tables.parameter_rows(one))
    assert {r["ends"] for r in tables.parameter_rows(one)} == {""}


def test_an_end_binds_where_draws_crowd_against_it():
    free = result().model.space
    rng = np.random.default_rng(3)
    unit = rng.random((4000, len(free.slots)))
    unit[:1000, 0] = rng.uniform(0.96, 1.0, 1000)
    which = np.zeros(4000, dtype=int)
    high = dataclasses.replace(result().main.mixture, theta=free.from_unit(unit), which=which)
    one = dataclasses.replace(result(), main=dataclasses.replace(result().main, mixture=high))
    assert [r["ends"] for r in tables.parameter_rows(one)][:2] == ["high", ""]


def test_an_end_binds_where_it_does_so_under_one_interpretation_alone():
    """A tenth of all draws at the end, which is twice the prior's, but a third of those of the second interpretation."""
    free = result().model.space
    unit = np.random.default_rng(3).random((4000, len(free.slots)))
    which = np.repeat([0, 1], [2800, 1200])
    unit[which == 0, 0] *= 0.95
    unit[3600:, 0] = 0.97
    mixture = dataclasses.replace(
        result().main.mixture, theta=free.from_unit(unit), which=which, weights=np.array([0.7, 0.3])
    )
    one = dataclasses.replace(result(), main=dataclasses.replace(result().main, mixture=mixture))
    assert tables.parameter_rows(one)[0]["ends"] == "high"


def test_the_representative_is_placed_among_the_draws_of_its_interpretation():
    one = result()
    theta = one.main.posteriors[0].theta[:, 0]
    row = tables.parameter_rows(one)[0]
    assert row["representative_quantile"] == (theta < one.point.theta[0]).mean()


def test_held_out_facts_and_figures_are_scored_and_counted_once():
    rows = tables.score_rows(result())
    held = [one for one in result().targets.evidence if one.use == "held_out"]
    assert {r["item"] for r in rows} == {one.name for one in held}, (
        "participants are counted otherwise: no test"
    )
    assert section("scores").title.startswith(f"{tables.scores_inside(rows)} of {len(rows)} ")


def test_nothing_held_out_is_said():
    one = dataclasses.replace(result(), forecasts=[], scored=None)
    assert next(s for s in page(one, "en", {}).sections if s.id == "scores").title == w("scores.none", "en")


def test_the_sign_of_an_effect_is_known_or_its_probability_given():
    lines = first_page.unknown(result(), tables.figure_rows(result()), "en")
    spans = first_page._main(result(), 2).spans
    open_ = [o for o in SHOWN if 0.025 < spans[o].below < 0.975]
    assert open_ == ["days_to_sale"]
    assert sum("probability of a fall" in line for line in lines) == len(open_)


@pytest.mark.parametrize("kw", [{}, {"refused": True}, {"variants": False}], ids=str)
def test_the_chinese_page_has_no_english(kw):
    found = {word.lower() for word in ENGLISH.findall(text("zh", **kw))}
    assert found <= NAMES


@BOTH
def test_every_table_has_a_row_of_each_kind_and_its_file(lang):
    files = tables.every(result())
    assert [name for name, rows in files.items() if not rows] == [
        "narrowed"
    ]  # there are no rows of its own court
    for one in page(result(), lang, {}).sections:
        for block in one.blocks:
            if type(block).__name__ == "Table":
                assert block.rows
                assert block.csv.count("\r\n") == len(block.rows) + 1
                assert all(isinstance(c.show(block.rows[0]), str) for c in block.columns)


@BOTH
def test_pages_of_one_sheet_and_eight_sections_at_most(lang):
    one = page(result(), lang, {})
    assert one.sheet
    assert len(one.sections) <= 8


@BOTH
def test_beside_the_court_s_own_rows_a_table_says_what_each_narrows(lang):
    """One more row on the first page, figures that were replaced counted, and a column for rows alone."""
    en = lang == "en"
    said = text(lang, rows=True)
    assert ("given four bodies" if en else "四种证据") in said
    assert ("own rows alone" if en else "只用本院逐条数据") in said
    assert ("Replaced by the court" if en else "由本院同期逐条数据代替") in said
    assert ("replaced by own rows" if en else "由本院逐条数据代替") in said
    one = tables.narrowed_table(result(rows=True), lang)
    assert len(one.rows) == len(result(rows=True).model.space.slots) + 1
    assert one.rows[-1]["narrowed"] == "sold_ever"
    assert one.rows[-1]["left_figures"] < one.rows[-1]["left_together"]
    assert [one.columns[i].show(one.rows[0])[-1] for i in (1, 2, 3)] == ["%"] * 3
    assert not tables.narrowed_rows(result())
    assert "narrowed" not in {one.id for one in section("parameters", lang).blocks if hasattr(one, "id")}
