"""A comparison as a job: a coarse answer first, better ones as runs come in; runs that are kept are not run again."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.app.jobs import Handle, RefusedError
from sim.app.question import EFFORTS, PLAIN, Question, command_of, family_of, read_question
from sim.app.variables import tree
from sim.app.words import w
from sim.experiments.checkpoint import Checkpoint, clear_finished
from sim.experiments.compare import Comparison, compare, write_comparison
from sim.experiments.draws import Draws, draws_of
from sim.experiments.execution.executors import Executor
from sim.experiments.storage.folders import called
from sim.locale.language import spoken
from sim.locale.words import LANGUAGES
from sim.model.engine import compiles, make_ready
from sim.reporting.pictures import comparison_pictures, draw
from sim.reporting.workbooks.compare import compare_workbook
from sim.scenario.errors import joined

if TYPE_CHECKING:
    from sim.experiments.policies import Family
    from sim.scenario import Loaded

ANSWER, POLICIES = "answer", "policies"
PICTURE = "differences"  # the one that is offered; the full page has the others
Stage = tuple[int, int]  # draws (0: the scenario's own values), pairs of runs of each


def stages(question: Question, draws: Draws | None) -> list[Stage]:
    """Draws and pairs of each, a stage after another; each has at least what the one before had."""
    if draws is None:
        return [(0, count) for count in PLAIN[question.effort]]
    return list(EFFORTS[question.effort])


def work(
    workers: Callable[[], Executor], bases: Callable[[], Mapping[str, Path | str]]
) -> Callable[[Handle], None]:
    """What is done for a comparison, by ``workers``."""

    def done(handle: Handle) -> None:
        known = bases()
        question = read_question(str(handle.job.request["query"]), known)
        base = known[question.scenario]
        family = family_of(question, base, handle.folder / POLICIES)
        draws = draws_of(family.under()[0])
        _Run(handle, question, str(base), family, draws, workers()).all()

    return done


@dataclass(frozen=True, slots=True)
class _Run:
    """The stages of one comparison."""

    handle: Handle
    question: Question
    base: str
    family: Family
    draws: Draws | None
    workers: Executor

    @property
    def stages(self) -> list[Stage]:
        return stages(self.question, self.draws)

    @property
    def pairs(self) -> list[int]:
        return [max(number, 1) * count for number, count in self.stages]

    def all(self) -> None:
        """One stage after another, each with an answer."""
        self.handle.tick(0, self._total(), "compare")
        for place, (number, count) in enumerate(self.stages):
            self._make_ready(place)
            self._stage(place, number, count, self._before(place))

    def _make_ready(self, place: int) -> None:
        """The engine: for the first answer alone, which is there sooner than the engine is compiled, then for all others."""
        scenarios = [one.scenario for one in self.family.under()]
        runs = (self.pairs[0] if place == 0 else sum(self.pairs[place:])) * len(scenarios)
        if compiles(scenarios, runs):
            self.handle.tick(self._before(place), what="compile")
        make_ready(scenarios, runs)
        self.handle.tick(self._before(place), what="compare")

    def _before(self, place: int) -> int:
        """Pairs of the stages before that this one does not take over."""
        return sum(
            self.pairs[i - 1]
            for i in range(1, len(self.stages))
            if i <= place and self.stages[i][0] != self.stages[i - 1][0]
        )

    def _total(self) -> int:
        return self._before(len(self.stages) - 1) + self.pairs[-1]

    def _stage(self, place: int, number: int, count: int, before: int) -> None:
        handle, kept = self.handle, []
        under = self.draws.thinned(number) if self.draws and number else None
        target = handle.folder / f"draws-{number}"
        clear_finished(target)

        def keep(plain: list[Loaded], each: list[list[Loaded]]) -> Checkpoint:
            kept.append(Checkpoint(target, self.family.names, plain, each, force=True))
            return kept[0]

        result = compare(
            self.family, under, count, self.workers, self.workers.slots,
            lambda done: handle.tick(before + done), keep,
        )  # fmt: skip
        last = place == len(self.stages) - 1
        self._write(result, under, (number, count), last)
        if last or self.stages[place + 1][0] != number:
            kept[0].remove()
        handle.answered(last)

    def _write(self, result: Comparison, under: Draws | None, stage: Stage, last: bool) -> None:
        def also(folder: Path, one: Comparison) -> None:
            for lang, own in in_each_language(folder):
                compare_workbook(own, one, under, lang)
                if last:
                    draw(own, {PICTURE: comparison_pictures(one, lang)[PICTURE]})

        with self.handle.lock, called(command_words(self.question, self.base, stage)):
            write_comparison(self.handle.folder / ANSWER, result, under, True, also)


def in_each_language(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each language with a folder of its own for what people take away: they may read the page in the other one by then."""
    for lang in LANGUAGES:
        own = folder / lang
        own.mkdir(exist_ok=True)
        yield lang, own


def command_words(question: Question, base: str, stage: Stage) -> list[str]:
    """The command that makes the answer of a stage again, beside the policies' files."""
    number, count = stage
    draws = ["--max-draws", str(number)] if number else []
    return [*command_of(question, base), *draws, "-n", str(count)]


def command_line_of(manifest: Mapping[str, Any]) -> str:
    """The command by which a folder says that it can be made again."""
    return shlex.join(str(word) for word in manifest.get("command", ()))


def title_of(question: Question, base: str, lang: str) -> str:
    """What a job is called: its policies and its scenario."""
    return w("job.title", lang, policies=w("semicolon", lang).join(question.names(lang)), base=base)


def family_in_memory(question: Question, base: str | Path) -> Family:
    """Base and those policies that change something, tried and not written. Raises ``ScenarioError`` with everything that is wrong."""
    from sim.experiments.policies import Policy, family
    from sim.scenario.load import Overlay

    names = question.names(spoken())
    policies = [
        Policy(f"policy-{i}", Overlay(name, tree(dict(one.changes), question.since)))
        for i, (name, one) in enumerate(zip(names, question.policies, strict=True), start=1)
        if one.changes
    ]
    return family(base, policies)


def last_command(question: Question, base: str, draws: bool) -> str:
    """The command that makes the last answer again."""
    stage = EFFORTS[question.effort][-1] if draws else (0, PLAIN[question.effort][-1])
    return shlex.join(command_words(question, base, stage))


def check_question(question: Question) -> None:
    """Refuse what compares nothing. Raises ``RefusedError``."""
    if not question.policies:
        raise RefusedError(w("refused.no_policy", spoken()), 422)
    empty = [str(i) for i, one in enumerate(question.policies, start=1) if not one.changes]
    if empty:
        raise RefusedError(w("refused.empty", spoken(), n=joined(empty)), 422)
