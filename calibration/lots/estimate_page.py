"""What was estimated from lots, as sections of their page: the answer as a picture, what the rows say of parameters, a prediction tested."""

from __future__ import annotations

from typing import Final

from calibration.lots import estimate_report as report
from calibration.lots.estimate_report import Estimated
from calibration.lots.protocol import Tested
from calibration.lots.words import w
from sim.reporting.figures.intervals import BROAD, Mark, Panel, axis_over, panel
from sim.reporting.pages.shell import Block, Figure, Notes, Section
from sim.reporting.style import BLUE, GREY
from sim.reporting.svg import fragment

SHOWN: Final = ("sold_ever", "recovery")  # outcomes that are drawn; the table has all


def sections(found: Estimated, lang: str) -> list[Section]:
    """The policy questions answered, then the parameters."""
    answer = Section(
        "answers", w("kicker.answers", lang), report.headline(found, lang),
        [answer_figure(found, lang), report.answer_table(found.given, lang), Notes(report.sentences(found.lots, found.estimates, found.given, lang))],
        w("lead.answers", lang),
    )  # fmt: skip
    parameters = Section(
        "parameters", w("kicker.parameters", lang), w("title.parameters", lang), [report.parameter_table(found.estimates, lang)],
        w("lead.parameters", lang),
    )  # fmt: skip
    return [answer, parameters]


def tested_section(test: Tested, lang: str) -> Section:
    """A prediction beside what happened."""
    blocks: list[Block] = [
        report.moment_table(test, lang),
        report.score_table(test, lang),
        Notes([report.fitted_line(test, lang)]),
    ]
    return Section("prediction", w("kicker.prediction", lang), w("title.prediction", lang), blocks, w("lead.prediction", lang))  # fmt: skip


def answer_figure(found: Estimated, lang: str) -> Figure:
    """Effects with their intervals: a panel a question and outcome, a row a model; pale where a model rests on few draws."""
    panels = []
    questions = [one.question for one in next(iter(found.given.values()))]
    for outcome in SHOWN:
        ends = [100.0 * x for mine in found.given.values() for one in mine for x in one.interval(outcome)]
        axis = axis_over([*ends, 0.0], lambda x: f"{x:+.0f}")
        for q, question in enumerate(questions):
            groups = []
            for model, mine in found.given.items():
                low, middle, high = (100.0 * x for x in mine[q].interval(outcome))
                words = f"{report.model_name(model, lang)}  {middle:+.1f} [{low:+.1f}, {high:+.1f}]"
                few = found.estimates[model].few
                groups.append((words, [Mark(middle, low, high, GREY if few else BLUE, tip=words, faint=few)]))
            title = (
                f"{report.policy_name(question, lang)}{w('figure.of', lang)}{w(f'estimate.{outcome}', lang)}"
            )
            label = w("figure.label", lang, title=title, rows="; ".join(words for words, _ in groups))
            panels.append(Panel(title, groups, axis, label, 0.0, width=BROAD))
    shown = [(one.title, fragment(panel(one, lang))) for one in panels]
    return Figure(w("figure.answers", lang), panels=shown, big=True)
