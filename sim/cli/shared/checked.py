"""What is said of a valid scenario: where its values are from, and what of it the law does not allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from sim.law.verdict import Breach
    from sim.scenario import Loaded
    from sim.scenario.schema import Scenario


def text(loaded: Loaded, lang: str, day: date | None = None) -> tuple[str, list[Breach]]:
    """What is said of a valid scenario, and what of it the law does not allow: on a day, or on those simulated."""
    from sim.cli.shared.words import w
    from sim.law.verdict import breaches
    from sim.reporting.law import not_checked
    from sim.scenario.table import assumed, rows

    found = rows(loaded, lang)
    files = " + ".join(str(file) for file in loaded.files)
    lines = [w("check.ok", lang, file=loaded.path, n=len(found), files=files)]
    lines.append(w("check.sources", lang, n=len(assumed(loaded))))
    years = _computed(loaded.scenario, lang)
    if years:
        lines.append(w("check.holidays", lang, years=w("check.join", lang).join(years)))
    unlawful = breaches(loaded.scenario, day)
    lines += not_checked(loaded.scenario, day, lang)
    conclusion, least = _conclusion(loaded.scenario, unlawful, lang, day)
    if conclusion:
        named = (f"  {breach.zh if lang == 'zh' else breach.en}" for breach in unlawful)
        lines += [conclusion, *named, least]
    return "\n".join(lines), unlawful


def _conclusion(
    scenario: Scenario, unlawful: Sequence[Breach], lang: str, day: date | None
) -> tuple[str, str]:
    """What the law says of it as a whole, and what was not looked at; nothing where no law is known."""
    from sim.cli.shared.words import w
    from sim.law.verdict import judged
    from sim.reporting.law import unknown_law

    if not unlawful and unknown_law(scenario, day, lang):
        return "", ""
    key, apart = f"check.{judged(unlawful)}", scenario.finite_market.stagger_days > 0.0
    least = w("check.least.apart" if apart else "check.least", lang)
    return w(f"{key}.on" if day else key, lang, day=day), least


def _computed(scenario: Scenario, lang: str) -> list[str]:
    """Stretches of years in which the break of the Spring Festival is computed instead of announced."""
    from sim.cli.shared.words import w
    from sim.law.holidays import unannounced

    if not scenario.auction.spring_festival_break:
        return []
    return [
        str(first) if first == last else w("check.years", lang, first=first, last=last)
        for first, last in unannounced(scenario.time.start, scenario.time.end)
    ]


def content(loaded: Loaded, unlawful: Sequence[Breach], lang: str, day: date | None = None) -> dict[str, Any]:
    """The same for programs: files, values that rest on assumptions, and each breach with its rule."""
    from sim.law.verdict import CONDITIONAL, judged
    from sim.reporting.law import condition_words, not_checked, unknown_law
    from sim.scenario.table import assumed, rows

    found = rows(loaded, lang)
    verdict = judged(unlawful)
    unknown = bool(unknown_law(loaded.scenario, day, lang))
    zh = lang == "zh"
    conclusion, least = _conclusion(loaded.scenario, unlawful, lang, day)
    return {
        "file": loaded.path,
        "files": loaded.files,
        "values": len(found),
        "assumptions": assumed(loaded),
        "lawful": None if verdict == CONDITIONAL or (unknown and not unlawful) else not unlawful,
        "verdict": "" if unknown and not unlawful else verdict,
        "conclusion": conclusion,
        "not_looked_at": least,
        "not_checked": not_checked(loaded.scenario, day, lang),
        "breaches": [
            {
                "path": one.path, "given": one.given, "value": one.value, "quantity": one.quantity, "since": one.since, "until": one.until,
                "kinds": [kind[zh] for kind in one.kinds], "disputed": one.disputed, "verdict": one.verdict,
                "condition": condition_words(one.rule, lang), "rule": one.rule.key,
                "article": one.rule.article_zh if zh else one.rule.article, "in_force": one.rule.since, "in_force_until": one.rule.until,
                "says": one.rule.says_zh if zh else one.rule.says,
                "in_words": one.zh if zh else one.en,
            }
            for one in unlawful
        ],
    }  # fmt: skip
