"""The audit in words: a sentence for each finding, and the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from calibration.audit import Finding
from calibration.targets.interpretations import RATIOS, name_of_measure
from calibration.words import w
from sim.locale.words import Words
from sim.measures.definitions import DEFINITIONS
from sim.reporting.formats import money
from sim.reporting.text import known

VERDICTS: Final = Words("audit_verdict")
MONEY: Final = frozenset(
    {
        "mean",
        "starts",
        "largest",
        "median",
        "others_median",
        "median_low",
        "median_high",
        "pass_low",
        "pass_high",
    }
)
FEW: Final = 6  # numbers that are listed one by one

SENTENCES: Final = Words("audit")


def sentence(finding: Finding, lang: str) -> str:
    """What a finding says."""
    return SENTENCES(finding.key, lang, **_facts(finding, lang))


def verdict(finding: Finding, lang: str) -> str:
    """The verdict in a few words, with the interpretations that are ruled out."""
    short = VERDICTS(finding.verdict, lang)
    out = [name_of_measure(m, lang) for m in finding.rules_out if m in DEFINITIONS or m in RATIOS]
    if not out:
        return short
    key = "audit.ruled_out.alone" if finding.verdict == "excludes" else "audit.ruled_out"
    return w(key, lang, verdict=short, measures=w("audit.join", lang).join(out))


def figure_name(figure: str, lang: str) -> str:
    """What people call a reported figure."""
    if figure == "dates":
        return w("audit.dates", lang)
    return known(f"figure.{figure}", lang, name_of_measure(figure, lang) if figure in DEFINITIONS else figure)


def _facts(finding: Finding, lang: str) -> Mapping[str, Any]:
    facts = dict(finding.facts)
    if "figure" in facts:
        facts["name"] = figure_name(facts["figure"], lang)
    if finding.key.startswith("growth"):
        return {**facts, **_growth(facts, lang)}
    for name in ("nothing", "something"):
        if name in facts:
            facts[f"{name}_name"] = figure_name(facts[name], lang)
    if "measures" in facts:
        facts["measures"] = w("audit.join", lang).join(name_of_measure(m, lang) for m in facts["measures"])
    if "effective" in facts:
        number = facts["effective"]
        size = "below" if number < 1.0 else "one" if round(number) == 1 else "more"
        facts["effective"] = w(f"audit.lots.{size}", lang, number=number)
    if "premium" in facts:
        facts["times"] = 1.0 + facts["premium"]
    if "other" in facts and finding.figure == "sale_rate":
        facts["other"] = name_of_measure("lots_listed" if facts["other"] == "lots" else facts["other"], lang)
    of_money = MONEY | ({"low", "high"} if finding.key.startswith(("mean_price", "starts")) else frozenset())
    return {key: _as_text(key, value, of_money, lang) for key, value in facts.items()}


def _as_text(key: str, value: Any, of_money: frozenset[str], lang: str) -> Any:
    if isinstance(value, range):
        listed = [f"{v:,}" for v in (value if len(value) <= FEW else (value[0], value[-1]))]
        return w("audit.or" if len(value) <= FEW else "audit.to", lang).join(listed) or "–"
    if isinstance(value, tuple):
        return w("audit.to", lang).join(dict.fromkeys(f"{v:.1%}" for v in value))
    if key in of_money:
        return money(value, lang, 4 if key in ("low", "high") else 3)
    return f"{value:,}" if isinstance(value, int) else value


def _growth(facts: dict[str, Any], lang: str) -> Mapping[str, Any]:
    """Growth in per cent, differences and levels in the figure's unit."""
    figure, ratio = facts["figure"], facts["ratio"]
    in_money = figure in ("turnover", "commission")

    def level(x: float) -> str:
        return money(x, lang, 4) if in_money else f"{x:,.0f}"

    def change(x: float) -> str:
        return f"{x:,.1%}" if ratio else level(x)

    shown = level if "level" in facts else change
    return {
        "change": w("audit.grew" if ratio else "audit.rose", lang),
        **{key: shown(facts[key]) for key in ("low", "high") if key in facts},
        **({"face": change(facts["face"])} if "face" in facts else {}),
    }
