"""What of a question the law does not allow: a policy that breaks the law of the chosen day is compared only where that is asked for."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from typing import TYPE_CHECKING

from sim.app.jobs import RefusedError
from sim.app.question import Question
from sim.app.variables import variable_of
from sim.app.words import w
from sim.law.verdict import ALLOWED, CONDITIONAL, Breach, beyond, breaches, judged
from sim.locale.language import spoken
from sim.reporting.law import breach_sentence, not_checked

if TYPE_CHECKING:
    from sim.scenario.load import Loaded
    from sim.scenario.schema import Scenario


def day_of(question: Question, scenario: Scenario) -> date:
    """Whose law counts: the day that was chosen, else the last one that is simulated."""
    return date.fromisoformat(question.day) if question.day else scenario.time.end


def unlawful(question: Question, scenario: Scenario, policies: Sequence[Loaded]) -> list[list[Breach]]:
    """What each policy of a question breaks on the day whose law counts, worse than the scenario itself does (``beyond``).

    ``policies``: those that change something, in their order; one that changes nothing breaks nothing.
    """
    day = day_of(question, scenario)
    before = breaches(scenario, day)
    tried, found = iter(policies), []
    for one in question.policies:
        own = breaches(next(tried).scenario, day) if one.changes else []
        found.append(_worse(own, before, one.changes))
    return found


def _worse(found: Sequence[Breach], before: Sequence[Breach], changes: Container[str]) -> list[Breach]:
    return beyond(found, before, lambda breach: variable_of(breach) in changes)


def refusal(question: Question, scenario: Scenario, found: Sequence[Sequence[Breach]], lang: str) -> str:
    """Why a question is not answered as it is, and what to tick; empty where it is."""
    broken = [name for name, own in zip(question.names(lang), found, strict=True) if own]
    if question.unlawful or not broken:
        return ""
    day, names = day_of(question, scenario), w("semicolon", lang).join(broken)
    key = (
        "refused.conditional"
        if all(judged(own) in (ALLOWED, CONDITIONAL) for own in found)
        else "refused.unlawful"
    )
    return w(key, lang, day=day, policies=names, tick=w("unlawful", lang))


def check_lawful(question: Question, scenario: Scenario, policies: Sequence[Loaded]) -> None:
    """Refuse what breaks the law of the day, unless it was asked for. Raises ``RefusedError``."""
    lang = spoken()
    if said := refusal(question, scenario, unlawful(question, scenario, policies), lang):
        raise RefusedError(said, 422)


def marks(question: Question, scenario: Scenario, policies: Sequence[Loaded], lang: str) -> list[str]:
    """What of the law of the chosen day is not known or not read, then a line for each policy that breaks it, with the articles; none
    where no day was chosen, for pages themselves mark what breaks the law of the days simulated.
    """
    if not question.day:
        return []
    found = unlawful(question, scenario, policies)
    return not_checked(scenario, day_of(question, scenario), lang) + [
        w(
            "unlawful.mark",
            lang,
            day=question.day,
            policy=name,
            what=" ".join(breach_sentence(one, lang) for one in own),
        )
        for name, own in zip(question.names(lang), found, strict=True)
        if own
    ]
