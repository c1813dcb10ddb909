"""What ``calibrate lots`` does beyond reading: estimates from the rows, and a prediction tested on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calibration.lots.words import w
from sim.cli.shared.ending import fail, refusing
from sim.cli.shared.progress import ProgressBar, tables
from sim.locale.language import said

if TYPE_CHECKING:
    from calibration.lots.estimate_report import Estimated
    from calibration.lots.likelihood import Format
    from calibration.lots.protocol import Protocol, Tested
    from calibration.lots.reader.read import FilesRead

Columns = Mapping[str, Sequence[Any]]
WIDTH = 160  # columns where there is no terminal to ask
FORMATS: tuple[Format, ...] = ("english", "sealed")


def format_of(given: str) -> Format:
    """The form of bidding that the option names."""
    from sim.scenario.errors import joined, near, quoted

    for one in FORMATS:
        if one == given:
            return one
    problem = said("lots.format", value=quoted(given), names=joined(map(quoted, FORMATS)))
    hint = near(given, FORMATS)
    return fail(
        said("place", where="--format", said=said("hint", said=problem, hint=hint) if hint else problem)
    )


def estimated(found: FilesRead, form: Format, quick: bool, lang: str, *, show: bool = True) -> Estimated:
    """Estimate every model, and print what was found."""
    from calibration.lots import estimate_report as report
    from calibration.lots.estimate import EXTRA, FULL, QUICK, estimate
    from calibration.lots.followed import followed
    from calibration.lots.likelihood import Assumed, Likelihood
    from calibration.lots.policy_answers import answers
    from calibration.lots.summary.tables import terminal

    if found.histories is None:
        fail(said("lots.no_rounds"))
    lots = followed(found.histories, found.selection)
    sold = int(lots.sold.sum())
    if not 0 < sold < int(lots.rounds.sum()):
        fail(said("lots.one_outcome", sold=sold, rounds=int(lots.rounds.sum())))
    assumed = Assumed(form)
    likelihood, estimates, given = Likelihood(lots, assumed), {}, {}
    with ProgressBar() as bar:
        for i, model in enumerate(EXTRA):
            bar.show(w(f"estimate.model.{model}", lang), i, len(EXTRA), key="models")
            estimates[model] = estimate(likelihood, model, QUICK if quick else FULL)
            given[model] = answers(estimates[model], lots, assumed)
    done = report.Estimated(lots, estimates, given)
    if show:
        to = tables(WIDTH)
        to.print(report.headline(done, lang), style="bold", markup=False)
        to.print(terminal(report.answer_table(given, lang)))
        to.print(terminal(report.parameter_table(estimates, lang)))
        for line in report.sentences(lots, estimates, given, lang):
            to.print(line, markup=False)
    return done


def protocol_of(name: str | None) -> Protocol | None:
    """The protocol that the option names."""
    from calibration.lots.protocol import load_protocol
    from sim.scenario import ScenarioError

    with refusing(ScenarioError):
        return None if name is None else load_protocol(name)


def protocol_run(found: FilesRead, file: Protocol, quick: bool, lang: str, *, show: bool = True) -> Tested:
    """Fit, predict and compare as a protocol says, and print what came out."""
    from calibration.lots import estimate_report as report
    from calibration.lots import protocol
    from calibration.lots.estimate import FULL, QUICK
    from calibration.lots.summary.tables import terminal

    if found.histories is None:
        fail(said("lots.no_rounds"))
    with ProgressBar() as bar:

        def tick(model: str) -> None:
            bar.show(w(f"estimate.model.{model}", lang), list(file.models).index(model), len(file.models), key="models")  # fmt: skip

        test = protocol.run(file, found.histories, QUICK if quick else FULL, tick)
    if show:
        to = tables(WIDTH)
        to.print(report.fitted_line(test, lang), markup=False)
        to.print(terminal(report.moment_table(test, lang)))
        to.print(terminal(report.score_table(test, lang)))
    return test


def columns_of(done: Estimated | None, test: Tested | None) -> dict[str, Columns]:
    """The tables that a folder keeps, by the names of their files."""
    from calibration.lots import estimate_report as report

    found: dict[str, Columns] = {} if done is None else dict(done.columns())
    if test is not None:
        found |= {"predictions.csv": report.moment_columns(test), "scores.csv": report.score_columns(test)}
        found |= {} if done else {"parameters.csv": report.parameter_columns(test.estimates)}
    return found
