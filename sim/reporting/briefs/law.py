"""What a brief says of the law: a verdict in a cell, the limits to what a policy changes, and each breach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sim.law.provisions import Rule
from sim.law.verdict import CONDITIONAL, DISPUTED, FORBIDDEN, Breach, beyond, judged
from sim.reporting.briefs.content import Line, clipped, w
from sim.reporting.law import breach_sentence
from sim.reporting.text import headline

MOST_ARTICLES, MOST_LIMITS, MOST_BREACHES = 3, 4, 6
LONGEST: Final = 340  # columns of a breach: the article stands at its end
VERDICTS: Final = {CONDITIONAL: "conditional", DISPUTED: "disputed", FORBIDDEN: "forbidden"}  # in the locale


def verdict_words(found: Sequence[Breach], before: Sequence[Breach] | None, lang: str) -> str:
    """Allowed or not, with the articles; of a policy what it adds to ``before``, what it is compared with."""
    if not found:
        return w("allowed", lang)
    new = beyond(found, before or ())
    if not new:
        return w("nothing_new", lang)
    names = articles(new, lang)
    shown = w("list", lang).join(names[:MOST_ARTICLES]) + (w("and_more", lang) if len(names) > MOST_ARTICLES else "")  # fmt: skip
    return w(VERDICTS[judged(new)], lang, articles=shown)


def articles(found: Sequence[Breach], lang: str) -> list[str]:
    """The articles that are broken, each once."""
    return list(dict.fromkeys(b.rule.article_zh if lang == "zh" else b.rule.article for b in found))


def limit_words(rules: Sequence[Rule], lang: str) -> str:
    """The limits that the law sets, with their articles; nothing where there is none."""
    said = [
        w("limit", lang, says=one.says_zh if lang == "zh" else one.says, article=one.cited(lang))
        for one in rules[:MOST_LIMITS]
    ]
    if not said:
        return ""
    words = w("semicolon", lang).join(said) + (w("and_more", lang) if len(rules) > MOST_LIMITS else "")
    return w("limits", lang, limits=words)


def breach_lines(found: Sequence[tuple[str, Breach]], lang: str) -> list[Line]:
    """Each breach once, behind what is said of whose it is."""
    said: dict[tuple[str, str, float], Line] = {}
    for label, breach in found:
        text = headline(breach_sentence(breach, lang))
        key = breach.rule.key, breach.path, breach.value
        said.setdefault(key, Line(clipped(label + text, LONGEST), bullet=True))
    lines = list(said.values())
    more = len(lines) - MOST_BREACHES
    return lines[:MOST_BREACHES] + ([Line(w("law.more", lang, n=more), bullet=True)] if more > 0 else [])
