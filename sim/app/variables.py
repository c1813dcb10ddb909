"""What a policy is most often made of: the parameters that the page offers, their values, and what the law says of each."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sim.app.words import w
from sim.law.provisions import Rule, in_force, unlifted
from sim.law.scheme import assets, scheme
from sim.law.verdict import Breach
from sim.locale.language import answering
from sim.reporting.law import limit
from sim.reporting.values import short_name
from sim.scenario.describe import parameter
from sim.scenario.errors import Defect
from sim.scenario.keys import FROM, read_key, undated, write_key
from sim.scenario.units import CHINESE
from sim.scenario.validate import field_of, plain_bound, said_range
from sim.scenario.validate import limits as limits_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

NUMBER: Final = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Variable:
    """A parameter to be moved. ``low``, ``high``, ``step``: of the slider, shares in per cent; what is typed may lie outside."""

    key: str
    kind: str  # share, number, whole, switch
    low: float = 0.0
    high: float = 1.0
    step: float = 1.0

    @property
    def field(self) -> str:
        """Its name in a form."""
        return self.key.replace(".", "-")

    def takes(self, text: str) -> bool:
        """Whether a text is a value of it, as a link or a form may hold one."""
        if self.kind == "switch":
            return text in ("true", "false")
        number = text.removesuffix("%") if self.kind == "share" else text
        if NUMBER.fullmatch(number) is None or (self.kind == "share") is (number == text):
            return False
        return (self.kind != "whole" or "." not in text) and self._within(
            float(number) / (100.0 if self.kind == "share" else 1.0)
        )

    def _within(self, value: float) -> bool:
        """Whether a value lies in the range that its declaration allows."""
        bounds = limits_of(field_of(read_key(self.key)))
        low, high = float(bounds.get("ge", -math.inf)), float(bounds.get("le", math.inf))
        above, below = float(bounds.get("gt", -math.inf)), float(bounds.get("lt", math.inf))
        return low <= value <= high and above < value < below

    def allowed(self, lang: str) -> str:
        """What may be typed, in the unit that stands beside it."""

        def shown(bound: Any) -> str:
            return f"{plain_bound(100.0 * bound)}%" if self.kind == "share" else plain_bound(bound)

        with answering(lang):
            between = said_range(field_of(read_key(self.key)), shown)
        return w(f"allowed.{self.kind}", lang, range=between)

    def typed(self, text: str) -> str | float | int | bool:
        """The value as a scenario file has it: a share with its sign, everything else as a number or a switch."""
        if self.kind == "switch":
            return text == "true"
        if self.kind == "share":
            return text
        return int(text) if "." not in text else float(text)

    def written(self, value: Any) -> str:
        """A scenario's value as ``takes`` has it."""
        if self.kind == "switch":
            return "true" if value else "false"
        if self.kind == "share":
            return f"{100.0 * value:.10g}%"
        return f"{value:.10g}"

    def name(self, lang: str) -> str:
        named = short_name(read_key(self.key), lang)
        return named[:1].upper() + named[1:]

    def unit(self, lang: str) -> str:
        declared = parameter(read_key(self.key))
        unit = declared.unit if declared else ""
        return CHINESE.get(unit, unit) if lang == "zh" else unit


VARIABLES: Final = (
    Variable("rounds.second.cut", "share", 0.0, 40.0, 1.0),
    Variable("start.ratio", "share", 50.0, 120.0, 1.0),
    Variable("auction.deposit", "share", 5.0, 30.0, 1.0),
    Variable("rounds.first.notice_days_movable", "number", 5.0, 60.0, 1.0),
    Variable("rounds.first.notice_days_immovable", "number", 5.0, 90.0, 1.0),
    Variable("rounds.second.notice_days_movable", "number", 3.0, 60.0, 1.0),
    Variable("rounds.second.notice_days_immovable", "number", 3.0, 60.0, 1.0),
    Variable("rounds.second.relist_days", "number", 0.0, 60.0, 1.0),
    Variable("rounds.first.window_days", "number", 1.0, 7.0, 0.5),
    Variable("rounds.second.window_days", "number", 1.0, 7.0, 0.5),
    Variable("rounds.sell_off.held", "switch"),
    Variable("promotion.effort", "number", 0.5, 4.0, 0.1),
    Variable("courts.clerks", "whole", 1.0, 10.0, 1.0),
)
BY_KEY: Final = {one.key: one for one in VARIABLES}


def variable_of(breach: Breach) -> str:
    """The variable that a breach stands beside; empty where it is none."""
    key = undated(read_key(breach.path))
    plain = key[2:] if key[:1] == ("kinds",) else key
    path = write_key(plain)
    return path if path in BY_KEY else ""


def limits(scenario: Scenario, day: date) -> dict[str, list[Rule]]:
    """Variable -> the rules of law that limit it on a day, for the kinds of lot that there are."""
    of = scenario.on(day)
    found: dict[str, dict[str, Rule]] = {}
    for name, kind in of.kinds.items():
        if kind.share <= 0.0:
            continue
        rules = in_force(day, assets(kind))
        for term in scheme(of, name, day):
            key = write_key(term.key[2:] if term.key[:1] == ("kinds",) else term.key)
            if key in BY_KEY and term.value == of.value(read_key(key)):
                kept = found.setdefault(key, {})
                kept.update((rule.key, rule) for rule in unlifted(term.quantity, rules))
    return {key: list(kept.values()) for key, kept in found.items()}


def law_texts(scenario: Scenario, day: date, lang: str) -> dict[str, str]:
    """Variable -> what the law of a day says of it, in words; variables of which it says nothing are left out."""
    return {
        key: w("semicolon", lang).join(dict.fromkeys(limit(rule, lang) for rule in rules))
        for key, rules in limits(scenario, day).items()
        if rules
    }


def tree(changes: dict[str, str], since: str = "") -> dict[str, Any]:
    """Values of variables as a scenario file has them; from a date on where one is given."""
    out: dict[str, Any] = {}
    for key, text in changes.items():
        at = out
        *tables, last = ((FROM, since) if since else ()) + read_key(key)
        for name in tables:
            at = at.setdefault(name, {})
        at[last] = BY_KEY[key].typed(text)
    return out


def as_on_the_page(defect: Defect, lang: str) -> Defect:
    """A defect of a policy whose place is named as on the page: by the variable, or by the day from which policies hold."""
    path = read_key(defect.key) if defect.key else ()
    key = undated(path)
    if write_key(key) in BY_KEY:
        return replace(defect, key=short_name(key, lang))
    return replace(defect, key=w("since", lang)) if path != key and not key else defect
