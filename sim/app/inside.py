"""One policy looked into, as a job: what its courts report, the flow of lots, queues by court, months before and after, lots' histories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from sim.app.comparing import ANSWER, POLICIES, in_each_language, title_of
from sim.app.jobs import Handle, RefusedError
from sim.app.question import Question, family_of, read_question
from sim.app.words import w
from sim.experiments.run import Result, run
from sim.experiments.storage.folders import called
from sim.locale.language import spoken
from sim.model.engine import make_ready
from sim.reporting.pictures import leave_run
from sim.reporting.workbooks.run import run_workbook

REPLICATIONS: Final = 3


def only(question: Question, number: int) -> Question:
    """The question of one policy alone; number 0: of none, the scenario as it is. Raises ``RefusedError``."""
    if not 0 <= number <= len(question.policies):
        raise RefusedError(w("refused.no_policy", spoken()), 422)
    mine = question.policies[number - 1 : number] if number else ()
    mine = tuple(one for one in mine if one.changes)
    return replace(question, policies=mine, effort="usual")


def run_title(question: Question, base: str, lang: str) -> str:
    """What such a job is called."""
    return w("inside.title", lang, what=title_of(question, base, lang) if question.policies else base)


def work(number: int, bases: Callable[[], Mapping[str, Path | str]]) -> Callable[[Handle], None]:
    """What is done for it, by ``number`` processes."""

    def done(handle: Handle) -> None:
        known, lang = bases(), handle.job.lang
        question = read_question(str(handle.job.request["query"]), known)
        base = known[question.scenario]
        loaded = family_of(question, base, handle.folder / POLICIES).under()[-1]
        make_ready([loaded.scenario], REPLICATIONS)

        def also(folder: Path, result: Result) -> None:
            leave_run(folder, loaded, result, lang, pictures=False)
            for one, own in in_each_language(folder):
                run_workbook(own, loaded, result, one)

        handle.tick(0, REPLICATIONS, "run")
        with called(_command(str(base), question)), handle.lock:
            run(
                loaded, handle.folder / ANSWER, REPLICATIONS, jobs=max(2, min(number, REPLICATIONS)), force=True,
                also=also, tick=lambda done: handle.tick(done),
            )  # fmt: skip
        handle.answered(final=True)

    return done


def _command(base: str, question: Question) -> list[str]:
    """The command: a policy over a base is one file of the archive."""
    return ["sim", "run", "answer/scenario.toml" if question.policies else base, "-n", str(REPLICATIONS)]
