"""Pictures of a calibration and of an audit as matplotlib figures, drawn as those of the other programs are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.axes import Axes

from calibration.audit import Finding, Verdict
from calibration.audit import words as audit_words
from calibration.report import figures, names, tables
from calibration.report.answer import answers, main_question
from calibration.report.words import w
from calibration.result import Result
from calibration.targets.targets import Reported
from calibration.words import w as say
from sim.reporting.figures.intervals import sheet
from sim.reporting.style import Look, Picture, canvas, drawing, finish, fold, no_data
from sim.reporting.text import headline

VERDICTS: Final[Mapping[Verdict, tuple[int, str]]] = {  # how much a verdict says against a figure, and its colour
    "impossible": (6, "#D55E00"), "contradicts": (5, "#E8894A"), "unusual": (4, "#CC79A7"), "excludes": (3, "#F0E442"),
    "possible": (2, "#F7EFA0"), "implied": (1, "#EEEEEE"), "consistent": (0, "#BFE5D6"),
}  # fmt: skip


def answer_picture(result: Result, lang: str) -> Picture:
    """What the main policy does, outcome by outcome, given each body of evidence."""
    with drawing(lang) as look:
        question = main_question(result.questions)
        found = [] if question is None else [one for one in answers(result, question) if one.spans]
        if not found or question is None:
            return sheet([], 1, w("short.caption", look.lang, given=""), look.lang, None)
        policy = headline(names.policy_name(result.questions[question], look.lang))
        return sheet(figures.answer_panels(found, look.lang), 3, policy, look.lang, _foot(result, look.lang))


def parameter_picture(result: Result, lang: str) -> Picture:
    """Where in its prior range each parameter lies: 0 is the lower end, 1 the upper."""
    with drawing(lang) as look:
        panels = figures.parameter_panels(result, look.lang)
        return sheet(panels, 2, w("parameters.figure", look.lang), look.lang, _foot(result, look.lang))


def fit_picture(result: Result, lang: str) -> Picture:
    """What the model predicts of each published figure, as a multiple of it."""
    with drawing(lang) as look:
        rows = tables.figure_rows(result)
        rows = rows if tables.must(rows) else []
        panels, keys = figures.met_panels(rows, look.lang), figures.met_keys(rows, look.lang)
        return sheet(panels, 3, w("met.caption", look.lang), look.lang, _foot(result, look.lang), keys)


def _foot(result: Result, lang: str) -> str:
    targets = result.targets
    return targets.title_zh if lang == "zh" else targets.title


def audit_picture(targets: Reported, findings: Sequence[Finding], lang: str) -> Picture:
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
