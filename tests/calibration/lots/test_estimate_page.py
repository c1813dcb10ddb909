"""What was estimated from lots, on their page: the headline holds every model that the rows leave, and no other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from calibration.lots import estimate_page
from calibration.lots.estimate import Estimate, space_of
from calibration.lots.estimate_report import Estimated, headline
from calibration.lots.policy_answers import OUTCOMES, Answer, Question, envelope
from sim.reporting.pages.shell import Page, render

CUT = Question("cut-20", (1.0, 0.8), (1.0, 1.0))
START = Question("start-80", (0.8, 0.8), (1.0, 1.0))


class Forty(SimpleNamespace):
    """Lots of which only the number matters."""

    def __len__(self) -> int:
        return 40


def estimated(**of: tuple[float, float, float]) -> Estimated:
    """By model: the effect's middle, its log marginal likelihood, its effective draws."""
    theta = space_of("both").from_unit(np.random.default_rng(1).random((400, 8)))
    estimates, given = {}, {}
    for model, (effect, log_marginal, draws) in of.items():
        plain = Estimate(model, space_of("both"), theta, theta[0], 0.0, log_marginal, draws, 1, 0.2)
        estimates[model] = plain
        found = np.full((400, len(OUTCOMES)), effect) + np.linspace(-0.02, 0.02, 400)[:, None]
        given[model] = [Answer(model, one, 0.5 + found, found) for one in (CUT, START)]
    lots: Any = Forty(selection="all listed", set_aside={}, varied=0.2)
    return Estimated(lots, estimates, given)


def test_the_interval_holds_the_models_that_the_rows_leave():
    found = estimated(base=(0.1, 0.0, 400.0), response=(0.2, -2.0, 400.0), waiting=(0.5, -9.0, 400.0), both=(0.9, 1.0, 20.0))  # fmt: skip
    models, low, high = envelope(found.estimates, found.given, "cut-20", "sold_ever")
    assert models == ["base", "response"]  # waiting is ruled out, both rests on few draws
    assert (low, high) == (pytest.approx(0.1 - 0.019, abs=1e-3), pytest.approx(0.2 + 0.019, abs=1e-3))
    assert headline(found, "en") == "cuts of 20 % after a failed auction, instead of none: more lots sold, in points +8.1 to +21.9"  # fmt: skip


@pytest.mark.parametrize(
    ("effects", "words"),
    [((0.1, -0.1), "说不出是增是减"), ((-0.2, -0.1), "成交减少"), ((0.2, 0.1), "多成交")],
)
def test_a_sign_is_claimed_only_where_all_agree(effects, words):
    found = estimated(base=(effects[0], 0.0, 400.0), response=(effects[1], 0.0, 400.0))
    assert words in headline(found, "zh")


def test_without_a_model_to_rely_on_there_is_no_answer():
    found = estimated(base=(0.1, 0.0, 20.0))
    assert envelope(found.estimates, found.given, "cut-20", "sold_ever")[0] == []
    assert "give no answer" in headline(found, "en")
    assert "给不出答案" in headline(found, "zh")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_question_has_a_panel_and_the_page_holds_the_numbers(lang):
    found = estimated(base=(0.1, 0.0, 400.0), response=(0.2, -2.0, 20.0))
    sections = estimate_page.sections(found, lang)
    figure = sections[0].blocks[0]
    assert len(figure.panels) == 2 * len(estimate_page.SHOWN)
    page = render(
        Page(lang=lang, kind="k", name="n", headline=headline(found, lang), lead=[], sections=sections)
    )
    assert "+10.0 [+8.1, +11.9]" in page
    assert "+20.0 [+18.1, +21.9]" in page


def test_columns_are_the_same_rows():
    found = estimated(base=(0.1, 0.0, 400.0), response=(0.2, -2.0, 400.0))
    columns = found.columns()
    assert set(columns) == {"parameters.csv", "models.csv", "answers.csv"}
    assert len(columns["answers.csv"]["policy"]) == 2 * 2 * len(OUTCOMES)
    assert columns["models.csv"]["model"] == ["base", "response"]
