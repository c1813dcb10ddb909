"""What lots say of parameters and policies, as tables and sentences; and how a prediction compared with what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calibration.lots.estimate import BEHAVIOUR, Estimate, parameters
from calibration.lots.followed import Followed
from calibration.lots.policy_answers import OUTCOMES, Answer, disagreements, unseparated
from calibration.lots.protocol import Tested
from calibration.lots.words import w

if TYPE_CHECKING:
    from rich.table import Table

Columns = dict[str, list[Any]]
Answers = Mapping[str, Sequence[Answer]]


def parameter_columns(found: Mapping[str, Estimate]) -> Columns:
    """A row a parameter and model."""
    rows = []
    for model, one in found.items():
        best = one.space.plain(one.best[None])[0]
        for i, name in enumerate(one.space.names):
            low, median, high = one.interval(name)
            rows.append(
                (model, name, best[i], median, low, high, one.narrowing(name), int(one.identified(name)))
            )
    names = ("model", "parameter", "likeliest", "median", "low", "high", "narrower", "identified")
    return _columns(names, rows)


def model_columns(found: Mapping[str, Estimate]) -> Columns:
    """A row a model."""
    rows = [
        (model, one.log_likelihood, one.log_marginal, one.effective, one.evaluations) for model, one in found.items()
    ]  # fmt: skip
    return _columns(("model", "log_likelihood", "log_marginal", "effective_draws", "evaluations"), rows)


def answer_columns(given: Answers) -> Columns:
    """A row a question, outcome and model: the outcome under the policy, and the effect with its interval."""
    rows = []
    for model, mine in given.items():
        for one in mine:
            for i, outcome in enumerate(OUTCOMES):
                low, median, high = one.interval(outcome)
                under = float(sorted(one.found[:, i])[len(one.found) // 2])
                starts = " ".join(f"{x:.4g}" for x in one.question.starts)
                instead = " ".join(f"{x:.4g}" for x in one.question.instead)
                rows.append((one.question.key, outcome, model, under, median, low, high, starts, instead))
    names = ("policy", "outcome", "model", "under_it", "effect", "low", "high", "starts", "instead_of")
    return _columns(names, rows)


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Columns:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def parameter_table(found: Mapping[str, Estimate], lang: str) -> Table:
    """Parameters down, models across: median and 95 % interval."""
    table = _table(
        w("estimate.parameters", lang), [w("estimate.parameter", lang), *(_model(m, lang) for m in found)]
    )
    for name, one in parameters().items():
        if any(name in e.space.names for e in found.values()):
            cells = [_cell(e, name, lang) if name in e.space.names else "" for e in found.values()]
            table.add_row(one.word(lang), *cells)
    marginals = [
        f"{one.log_marginal - max(x.log_marginal for x in found.values()):.1f}" for one in found.values()
    ]
    table.add_row(w("estimate.marginal", lang), *marginals)
    return table


def _cell(one: Estimate, name: str, lang: str) -> str:
    if not one.identified(name):
        return w("estimate.silent", lang)
    low, median, high = one.interval(name)
    return f"{median:.3g} [{low:.3g}, {high:.3g}]"


def answer_table(given: Answers, lang: str) -> Table:
    """Effects of policies, in points: a row a question and outcome, models across."""
    table = _table(w("estimate.answers", lang), [w("estimate.policy", lang), w("estimate.outcome", lang), *(_model(m, lang) for m in given)])  # fmt: skip
    for q, question in enumerate(one.question for one in next(iter(given.values()))):
        for i, outcome in enumerate(OUTCOMES):
            name = (
                w(f"estimate.{question.key}", lang, first=f"{100 * question.instead[0]:.0f}")
                if i == 0
                else ""
            )
            table.add_row(
                name,
                w(f"estimate.{outcome}", lang),
                *(_points(*mine[q].interval(outcome)) for mine in given.values()),
            )
    return table


def _points(low: float, median: float, high: float) -> str:
    return f"{100 * median:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"


def sentences(lots: Followed, found: Mapping[str, Estimate], given: Answers, lang: str) -> list[str]:
    """What was followed, and what the rows do not decide."""
    said = [w("estimate.lots", lang, lots=len(lots), selection=w(f"selection.{lots.selection}", lang))]
    said += [w(f"estimate.aside.{reason}", lang, n=n) for reason, n in lots.set_aside.items()]
    for name in BEHAVIOUR:
        where = [
            model for model, one in found.items() if name in one.space.names and not one.identified(name)
        ]
        if where:
            why = "never_varied" if lots.varied < 0.01 else "not_identified"
            said.append(
                w(f"estimate.{why}", lang, name=parameters()[name].word(lang), models=_models(where, lang))
            )
    for one in found.values():
        if one.few:
            said.append(w("estimate.few_draws", lang, model=_model(one.model, lang), n=round(one.effective)))
    pairs = unseparated(found)
    if pairs:
        said.append(
            w(
                "estimate.unseparated",
                lang,
                pairs=w("estimate.join", lang).join(_models(pair, lang) for pair in pairs),
            )
        )
    for gap in disagreements(given, pairs):
        a, b = gap.models
        said.append(
            w(
                "estimate.disagree", lang, policy=_policy(given, gap.question, lang), outcome=w(f"estimate.{gap.outcome}", lang),
                a=_model(a, lang), b=_model(b, lang), x=f"{100 * gap.medians[0]:+.1f}", y=f"{100 * gap.medians[1]:+.1f}",
            )
        )  # fmt: skip
    return said


def _policy(given: Answers, key: str, lang: str) -> str:
    one = next(a.question for a in next(iter(given.values())) if a.question.key == key)
    return w(f"estimate.{key}", lang, first=f"{100 * one.instead[0]:.0f}")


def _model(name: str, lang: str) -> str:
    return w(f"estimate.model.{name}", lang)


def _models(names: Sequence[str], lang: str) -> str:
    return w("estimate.and", lang).join(_model(name, lang) for name in names)


def moment_columns(test: Tested) -> Columns:
    """A row a moment and model: prediction, interval, outcome."""
    rows = [
        (s.model, s.moment, s.observed.number, s.mean, s.low, s.high, s.observed.value, s.observed.error, s.z, s.log_density, int(s.scored), int(s.miss))
        for s in test.scores
    ]  # fmt: skip
    names = (
        "model", "moment", "lots", "predicted", "low", "high", "outcome", "sampling_error", "z", "log_density", "scored", "miss",
    )  # fmt: skip
    return _columns(names, rows)


def score_columns(test: Tested) -> Columns:
    """A row a model: chi2 of the prediction and of the best fit, misses, evidence."""
    rows = [
        (m, test.chi2(m), test.best_chi2[m], test.log_density(m), sum(s.miss for s in test.of(m)), one.log_likelihood, one.log_marginal, one.effective)
        for m, one in test.estimates.items()
    ]  # fmt: skip
    names = (
        "model", "chi2_predicted", "chi2_best_fit", "log_density", "misses", "log_likelihood", "log_marginal", "effective_draws",
    )  # fmt: skip
    return _columns(names, rows)


def fitted_line(test: Tested, lang: str) -> str:
    """How many lots were fitted, ended later, were set aside."""
    lots = test.lots
    later = int((lots.ended >= test.later_from).sum())
    return w(
        "protocol.fitted", lang, fitted=len(test.fitted), later=later, aside=sum(lots.set_aside.values())
    )


def moment_table(test: Tested, lang: str) -> Table:
    """Moments down, models across; a miss is marked."""
    table = _table(
        w("protocol.moments", lang, title=test.protocol.title_zh if lang == "zh" else test.protocol.title),
        [w("protocol.moment", lang), w("protocol.lots", lang), w("protocol.outcome", lang), *(_model(m, lang) for m in test.estimates)],
    )  # fmt: skip
    for name in test.protocol.scores.moments:
        mine = [s for s in test.scores if s.moment == name]
        seen = mine[0].observed
        kind, _, number = name.partition(".")
        table.add_row(
            w(f"protocol.{kind}", lang, round=number),
            str(seen.number),
            f"{seen.value:.3f}" if mine[0].scored else f"({seen.value:.3f})",
            *(f"{s.mean:.3f} [{s.low:.3f}, {s.high:.3f}]{' ✗' if s.miss else ''}" for s in mine),
        )
    return table


def score_table(test: Tested, lang: str) -> Table:
    """Scores of the models."""
    names = ("chi2_predicted", "chi2_best_fit", "log_density", "misses", "log_marginal")
    columns = score_columns(test)
    table = _table(
        w("protocol.scores", lang), [w("protocol.model", lang), *(w(f"protocol.{n}", lang) for n in names)]
    )
    for i, model in enumerate(columns["model"]):
        cells = [f"{columns[n][i]:.0f}" if n == "misses" else f"{columns[n][i]:.1f}" for n in names]
        table.add_row(_model(model, lang), *cells)
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for i, name in enumerate(columns):
        table.add_column(escape(name), justify="left" if i == 0 else "right", overflow="fold")
    return table
