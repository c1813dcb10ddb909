"""What lots say of parameters and policies, as tables and sentences; and how a prediction compared with what happened.

Tables are those of a page; a terminal shows the same (``summary.tables.terminal``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from calibration.lots.estimate import BEHAVIOUR, Estimate, parameters
from calibration.lots.followed import Followed
from calibration.lots.policy_answers import OUTCOMES, Answer, Question, disagreements, envelope, unseparated
from calibration.lots.protocol import Tested
from calibration.lots.words import w
from sim.reporting.pages.table import Column, Row, Table

Columns = dict[str, list[Any]]
Answers = Mapping[str, Sequence[Answer]]


@dataclass(frozen=True, slots=True)
class Estimated:
    """What was estimated from the lots of a file: under every model, the posterior and what it answers."""

    lots: Followed
    estimates: Mapping[str, Estimate]
    given: Answers = field(repr=False)

    def columns(self) -> dict[str, Columns]:
        """Tables in full, by the names of their files."""
        return {
            "parameters.csv": parameter_columns(self.estimates),
            "models.csv": model_columns(self.estimates),
            "answers.csv": answer_columns(self.given),
        }


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
    best = max(one.log_marginal for one in found.values())
    rows = [
        {"parameter": one.word(lang), **{m: _cell(e, name, lang) if name in e.space.names else "" for m, e in found.items()}}
        for name, one in parameters().items() if any(name in e.space.names for e in found.values())
    ]  # fmt: skip
    marginals = {m: f"{one.log_marginal - best:.1f}" for m, one in found.items()}
    rows.append({"parameter": w("estimate.marginal", lang), **marginals})
    columns = [_column("parameter", w("estimate.parameter", lang)), *_by_model(found, lang)]
    return _table("lots-parameters", w("estimate.parameters", lang), columns, rows)


def _cell(one: Estimate, name: str, lang: str) -> str:
    if not one.identified(name):
        return w("estimate.silent", lang)
    low, median, high = one.interval(name)
    return f"{median:.3g} [{low:.3g}, {high:.3g}]"


def answer_table(given: Answers, lang: str) -> Table:
    """Effects of policies, in points: a row a question and outcome, models across."""
    rows = [
        {
            "policy": policy_name(question.question, lang) if i == 0 else "", "outcome": w(f"estimate.{outcome}", lang),
            **{model: _points(*mine[q].interval(outcome)) for model, mine in given.items()},
        }
        for q, question in enumerate(next(iter(given.values()))) for i, outcome in enumerate(OUTCOMES)
    ]  # fmt: skip
    columns = [
        _column("policy", w("estimate.policy", lang)), _column("outcome", w("estimate.outcome", lang)), *_by_model(given, lang)
    ]  # fmt: skip
    return _table("lots-answers", w("estimate.answers", lang), columns, rows)


def headline(found: Estimated, lang: str) -> str:
    """The first question answered: one interval for all models that the rows leave."""
    policy = next(iter(found.given.values()))[0].question
    models, low, high = envelope(found.estimates, found.given, policy.key, "sold_ever")
    if not models:
        return w("estimate.no_answer", lang)
    which = "up" if low > 0.0 else "down" if high < 0.0 else "open"
    return w(f"estimate.headline.{which}", lang, policy=policy_name(policy, lang), low=f"{100 * low:+.1f}", high=f"{100 * high:+.1f}", models=_models(models, lang))  # fmt: skip


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
            said.append(
                w("estimate.few_draws", lang, model=model_name(one.model, lang), n=round(one.effective))
            )
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
                a=model_name(a, lang), b=model_name(b, lang), x=f"{100 * gap.medians[0]:+.1f}", y=f"{100 * gap.medians[1]:+.1f}",
            )
        )  # fmt: skip
    return said


def _policy(given: Answers, key: str, lang: str) -> str:
    one = next(a.question for a in next(iter(given.values())) if a.question.key == key)
    return policy_name(one, lang)


def policy_name(one: Question, lang: str) -> str:
    """A policy in words, with what it is compared with."""
    return w(f"estimate.{one.key}", lang, first=f"{100 * one.instead[0]:.0f}")


def model_name(name: str, lang: str) -> str:
    return w(f"estimate.model.{name}", lang)


def _models(names: Sequence[str], lang: str) -> str:
    return w("estimate.and", lang).join(model_name(name, lang) for name in names)


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
    rows = []
    for name in test.protocol.scores.moments:
        mine = [s for s in test.scores if s.moment == name]
        seen, (kind, _, number) = mine[0].observed, name.partition(".")
        rows.append({
            "moment": w(f"protocol.{kind}", lang, round=number), "lots": str(seen.number),
            "outcome": f"{seen.value:.3f}" if mine[0].scored else f"({seen.value:.3f})",
            **{s.model: f"{s.mean:.3f} [{s.low:.3f}, {s.high:.3f}]{' ✗' if s.miss else ''}" for s in mine},
        })  # fmt: skip
    columns = [
        _column("moment", w("protocol.moment", lang)), *(_column(name, w(f"protocol.{name}", lang), True) for name in ("lots", "outcome")),
        *_by_model(test.estimates, lang),
    ]  # fmt: skip
    title = test.protocol.title_zh if lang == "zh" else test.protocol.title
    return _table("lots-predictions", w("protocol.moments", lang, title=title), columns, rows)


def score_table(test: Tested, lang: str) -> Table:
    """Scores of the models."""
    names = ("chi2_predicted", "chi2_best_fit", "log_density", "misses", "log_marginal")
    of = score_columns(test)
    rows = [
        {"model": model_name(model, lang), **{n: f"{of[n][i]:.0f}" if n == "misses" else f"{of[n][i]:.1f}" for n in names}}
        for i, model in enumerate(of["model"])
    ]  # fmt: skip
    columns = [
        _column("model", w("protocol.model", lang)),
        *(_column(n, w(f"protocol.{n}", lang), True) for n in names),
    ]
    return _table("lots-scores", w("protocol.scores", lang), columns, rows)


def _by_model(models: Mapping[str, object], lang: str) -> list[Column]:
    return [_column(name, model_name(name, lang), True) for name in models]


def _column(key: str, head: str, numeric: bool = False) -> Column:
    def show(row: Row) -> str:
        return str(row[key])

    return Column(head, show, numeric)


def _table(name: str, caption: str, columns: Sequence[Column], rows: Sequence[Row]) -> Table:
    return Table(name, caption, columns, rows, tuple(rows[0]) if rows else ())
