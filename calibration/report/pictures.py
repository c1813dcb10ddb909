"""Pictures of a calibration and of an audit as matplotlib figures, drawn as those of the other programs are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from calibration.audit import Finding, Verdict
from calibration.audit import words as audit_words
from calibration.report import names, tables
from calibration.report.answer import SHOWN, answers, main_question
from calibration.report.words import w
from calibration.result import Result
from calibration.targets.targets import Reported
from calibration.words import w as say
from sim.reporting.style import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    SKY,
    VERMILION,
    Look,
    canvas,
    drawing,
    finish,
    fold,
    no_data,
)
from sim.reporting.text import headline

COLOURS: Final = {"figures": GREY, "evidence": BLUE, "doubled": SKY}
TIMES: Final = (0.125, 0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0, 8.0)  # marks on an axis of multiples
VERDICTS: Final[Mapping[Verdict, tuple[int, str]]] = {  # how much a verdict says against a figure, and its colour
    "impossible": (6, "#D55E00"), "contradicts": (5, "#E8894A"), "unusual": (4, "#CC79A7"), "excludes": (3, "#F0E442"),
    "possible": (2, "#F7EFA0"), "implied": (1, "#EEEEEE"), "consistent": (0, "#BFE5D6"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """One row of a panel: an interval with its middle."""

    label: str
    low: float
    middle: float
    high: float
    colour: str = BLUE


def answer_picture(result: Result, lang: str) -> Figure:
    """What the policy that is asked about does, outcome by outcome, given each body of evidence."""
    with drawing(lang) as look:
        asked = main_question(result.questions)
        found = [] if asked is None else answers(result, asked)
        shown = [one for one in found if one.spans]
        if not shown or asked is None:
            fig = canvas()
            no_data(fig, look)
            return finish(fig, look, w("short.caption", look.lang, given=""), None)
        fig = canvas(3.6 * len(SHOWN) + 1.2, 1.9 + 0.45 * len(shown))
        for i, outcome in enumerate(SHOWN):
            ax = fig.add_subplot(1, len(SHOWN), i + 1)
            spans = []
            for one in shown:
                if s := one.spans.get(outcome):
                    low, middle, high = (names.scaled(outcome, x) for x in (s.low, s.median, s.high))
                    name = names.evidence_name(one.name, look.lang)
                    spans.append(Span(name, low, middle, high, COLOURS[one.name]))
            _panel(ax, look, spans, labels=i == 0)
            ax.axvline(0.0, color="#404040", linewidth=0.9, zorder=0.5)
            ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: "0" if x == 0 else f"{x:+,.6g}"))
            unit = w("unit.days" if outcome in names.DAYS else "unit.points", look.lang, x="").strip()
            ax.set_title(
                fold(headline(names.outcome_name(outcome, look.lang)), 30), loc="left", fontweight="bold"
            )
            ax.set_xlabel(unit, fontsize=8.5)
        policy = headline(names.policy_name(result.questions[asked], look.lang))
        return finish(fig, look, policy, _foot(result, look.lang))


def parameter_picture(result: Result, lang: str) -> Figure:
    """Where in its prior range each parameter lies: 0 is the lower end, 1 the upper."""
    with drawing(lang) as look:
        words = {slot.name: slot.word(look.lang) for slot in result.model.space.slots}
        spans = [
            Span(words[r["parameter"]], r["unit_low"], r["unit_median"], r["unit_high"], VERMILION if r["ends"] else BLUE)
            for r in tables.parameter_rows(result)
        ]  # fmt: skip
        fig = canvas(8.0, 1.6 + 0.34 * len(spans))
        ax = fig.add_subplot()
        _panel(ax, look, spans)
        ax.set_xlim(-0.02, 1.02)
        for x in (0.0, 1.0):
            ax.axvline(x, color=GREY, linewidth=0.8, zorder=0.5)
        return finish(fig, look, w("parameters.figure", look.lang), _foot(result, look.lang))


def fit_picture(result: Result, lang: str) -> Figure:
    """What the model predicts of each published figure that it must produce, as a multiple of it."""
    with drawing(lang) as look:
        rows = [r for r in tables.must(tables.figure_rows(result)) if r["published"] > 0.0 and r["low"] > 0.0]
        if not rows:
            fig = canvas()
            no_data(fig, look)
            return finish(fig, look, w("met.caption", look.lang), _foot(result, look.lang))
        spans = []
        for r in rows:
            low, middle, high = (r[k] / r["published"] for k in ("low", "median", "high"))
            name = names.dated(r["figure"], r["window"], look.lang)
            spans.append(Span(name, low, middle, high, BLUE if r["inside"] else ORANGE))
        fig = canvas(8.0, 1.6 + 0.34 * len(spans))
        ax = fig.add_subplot()
        _panel(ax, look, spans)
        ax.set_xscale("log")
        least, most = min(s.low for s in spans), max(s.high for s in spans)
        marks = [x for x in TIMES if least / 1.3 <= x <= most * 1.3]
        ax.set_xticks(marks, [f"{x:g}" for x in marks])
        ax.minorticks_off()
        ax.axvline(1.0, color="#404040", linewidth=0.9, zorder=0.5)
        return finish(fig, look, w("met.caption", look.lang), _foot(result, look.lang))


def _foot(result: Result, lang: str) -> str:
    targets = result.targets
    return targets.title_zh if lang == "zh" else targets.title


def _panel(ax: Axes, look: Look, spans: Sequence[Span], labels: bool = True) -> None:
    """Intervals below each other."""
    for y, one in enumerate(spans):
        ax.plot([one.low, one.high], [y, y], color=one.colour, linewidth=2.2, solid_capstyle="butt")
        ax.plot(
            [one.middle],
            [y],
            "o",
            color=one.colour,
            markersize=5,
            markeredgecolor="white",
            markeredgewidth=0.5,
        )
    ax.set_yticks(range(len(spans)), [fold(look.safe(one.label), 30) if labels else "" for one in spans])
    ax.set_ylim(len(spans) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))


def audit_picture(targets: Reported, findings: Sequence[Finding], lang: str) -> Figure:
    """Figures by windows, each with what says most against it."""
    with drawing(lang) as look:
        worst = _worst(findings)
        windows = [name for name in targets.windows if any(key[1] == name for key in worst)]
        windows += [""] if any(not key[1] for key in worst) else []
        figures = list(dict.fromkeys(figure for figure, _ in worst))
        fig = canvas(2.8 + 1.5 * max(len(windows), 1), 1.7 + 0.42 * max(len(figures), 1))
        title = say("audit.title", look.lang, title=targets.title_zh if look.lang == "zh" else targets.title)
        if not worst:
            no_data(fig, look)
            return finish(fig, look, title, None)
        ax = fig.add_subplot()
        for y, figure in enumerate(figures):
            for x, window in enumerate(windows):
                if (figure, window) in worst:
                    _cell(ax, look, x, y, worst[figure, window])
        ax.set_xlim(-0.5, len(windows) - 0.5)
        ax.set_ylim(len(figures) - 0.5, -0.5)
        heads = [look.safe(window) or say("audit.all", look.lang) for window in windows]
        ax.set_xticks(range(len(windows)), heads)
        ax.set_yticks(range(len(figures)), [fold(audit_words.figure_name(f, look.lang), 26) for f in figures])
        ax.tick_params(length=0)
        ax.xaxis.tick_top()
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        return finish(fig, look, title, None)


def _worst(findings: Sequence[Finding]) -> dict[tuple[str, str], Finding]:
    """(figure, window) -> the finding that says most against it."""
    found: dict[tuple[str, str], Finding] = {}
    for one in findings:
        at = one.figure, one.window
        if at not in found or VERDICTS[one.verdict][0] > VERDICTS[found[at].verdict][0]:
            found[at] = one
    return found


def _cell(ax: Axes, look: Look, x: int, y: int, one: Finding) -> None:
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, color=VERDICTS[one.verdict][1], linewidth=0))
    ax.text(x, y, audit_words.verdict(one, look.lang), ha="center", va="center", fontsize=8.5)
