"""What commands require of their options before anything runs; what is wrong is said, with exit code 2."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import typer

from sim.cli.shared.ending import Checks, fail
from sim.locale.language import said

if TYPE_CHECKING:
    from datetime import date

    from sim.scenario import Defect, Loaded


def check_running(
    checks: Checks,
    jobs: int,
    chunk: int | None = None,
    replications: int | None = None,
    part: str | None = None,
) -> tuple[int, int] | None:
    """The options that say how runs are made; what ``part`` means as (i, n)."""
    mine = None
    with checks:
        mine = shard(part)
    with checks:
        check_jobs(jobs)
    with checks:
        check_number("--replications", replications, 1_000_000)
    with checks:
        check_number("--chunk", chunk, 1_000_000)
    return mine


def shard(text: str | None) -> tuple[int, int] | None:
    """``i/n`` as (i, n)."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]) <= 100_000:
        fail(said("option.shard", value=text))
    return int(match[1]), int(match[2])


def check_jobs(jobs: int) -> None:
    from sim.experiments.preconditions import misemployed

    refuse(misemployed(jobs))


def check_number(option: str, number: int | None, most: int) -> None:
    from sim.experiments.preconditions import out_of_bounds

    refuse(out_of_bounds(option, number, most))


def note_unlawful(loaded: Loaded, lang: str, day: date | None = None) -> None:
    """Say what of the scenario the law does not allow, beside the results: on a day, or on those simulated."""
    from sim.law.verdict import CONDITIONAL, breaches, judged
    from sim.reporting.law import not_checked
    from sim.reporting.text import t

    found = breaches(loaded.scenario, day)
    for line in not_checked(loaded.scenario, day, lang):
        typer.echo(line, err=True)
    for line in [t("conditional" if judged(found) == CONDITIONAL else "unlawful", lang)] if found else []:
        typer.echo(line, err=True)
    for breach in found:
        typer.echo(f"  {breach.zh if lang == 'zh' else breach.en}", err=True)


def check_window(loaded: Loaded, window: str) -> None:
    """Refuse what is no window of the scenario."""
    from sim.experiments.preconditions import no_window

    refuse(no_window(loaded, window))


def check_measures(loaded: Loaded, measures: list[str]) -> None:
    """Refuse what is no measure of the scenario."""
    from sim.experiments.preconditions import not_measured

    refuse(not_measured(loaded, measures))


def refuse(defects: list[Defect]) -> None:
    """Say what is wrong, if anything is."""
    if defects:
        fail("\n".join(map(str, defects)))
