"""The law as data: the texts of ``texts/``, their articles, and the limits that articles set, each with its days in force.

A text's table says when it came into force, whether it is law, and how it was read; an article says what it is about, what
of it is modelled and what is left out; a rule bounds quantities that a scenario comes to (``scheme.py``), for some assets or
for all. Whoever changes the law changes a file there, and no code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from sim.locale.words import Words

w: Final = Words("law")
SLACK: Final = 1e-9
LAW: Final = ("in force", "not verified")  # standings of a text whose rules are held against a scenario
READ: Final = ("read in full", "read")  # sources of which nothing need be said beside a limit


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """One text: a set of rules, a notice, guidance, a draft."""

    key: str
    short: str
    short_zh: str
    number: str
    title: str
    title_zh: str
    since: date | None
    until: date | None  # its last day; None: none is known
    standing: str  # "in force", "not verified", "guidance", "draft"
    source: str  # "read in full", "read" (how far is not said), "read in part", "second hand", "memory"
    recalled: tuple[str, ...]  # what of it is from memory all the same: "day", "number"
    renumbered: date | None
    # of what it has articles that were not read, so that nothing of it is checked; empty: of nothing
    unread: str
    unread_zh: str
    unread_until: date | None  # the last day on which they count
    articles: tuple[Article, ...]

    def valid(self, day: date) -> bool:
        """Whether it was there on a day."""
        return self.since is not None and self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, eq=False)
class Article:
    """One article, in own words; ``now``: its number since the text was renumbered."""

    number: str
    now: str
    says: str
    says_zh: str
    model: str
    model_zh: str
    left_out: str
    left_out_zh: str
    assets: frozenset[str]  # empty: all
    rules: tuple[Rule, ...]
    cites: frozenset[str]  # lines of a lot's history under which it stands (``sim.measures.lot_history``)
    # parts of a scenario on which no text is known before its own, so that they are not checked before, and what that is in words
    silent: frozenset[str]
    silent_what: str
    silent_what_zh: str


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One limit. ``low`` and ``high`` are inclusive, as are the days ``since`` and ``until``."""

    key: str
    article: str
    article_zh: str
    says: str
    says_zh: str
    since: date
    until: date | None
    bounds: frozenset[str]  # quantities
    low: float | None
    high: float | None
    assets: frozenset[str]  # for which it holds; empty: all
    lifts: frozenset[str]  # keys of rules that do not hold where this one does
    reading: str  # "bidding": another reading of the same article allows what it forbids
    condition: str  # "report", "review": what lies beyond it is allowed where that is so, of which a scenario says nothing
    source: str
    standing: str

    def allows(self, value: float) -> bool:
        return (self.low is None or value >= self.low - SLACK) and (
            self.high is None or value <= self.high + SLACK
        )

    def beyond(self, value: float) -> float:
        """How far a value lies beyond the limit, on the side on which it does; 0 within."""
        below = 0.0 if self.low is None else self.low - value
        above = 0.0 if self.high is None else value - self.high
        return max(below, above, 0.0)

    def in_force(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def holds(self, day: date, assets: frozenset[str]) -> bool:
        """Whether it is in force on a day for property that is all of these."""
        return self.in_force(day) and (not self.assets or bool(self.assets & assets))

    def cited(self, lang: str, days: bool = True) -> str:
        """Its article, the days on which it is in force unless they stand beside it, and how far its source can be relied on."""
        in_force = "in_force.since" if self.until is None else "in_force.to"
        return w(
            "cited", lang, article=self.article_zh if lang == "zh" else self.article,
            days=w(in_force, lang, first=self.since, last=self.until) if days else "",
            mark=w(f"mark.{self.mark}", lang) if self.mark else "",
        )  # fmt: skip

    @property
    def mark(self) -> str:
        """How far its source can be relied on; empty: read, and in force."""
        return (
            self.standing if self.standing == "not verified" else "" if self.source in READ else self.source
        )


@lru_cache(maxsize=1)
def texts() -> tuple[Text, ...]:
    """All texts, by the day on which they came into force; what never did comes last."""
    found = [
        _text(one.name.removesuffix(".toml"), tomllib.loads(one.read_text(encoding="utf-8")))
        for one in files("sim.law").joinpath("texts").iterdir()
        if one.name.endswith(".toml")
    ]
    return tuple(sorted(found, key=lambda text: (text.since or date.max, text.key)))


def cited(day: date, lang: str, event: str, of: frozenset[str] = frozenset()) -> str:
    """The article under which something befell property that is all of these: of the youngest text of the day that has one.

    An article of a text that was renumbered later bears both numbers, and its new one since; one of a text of which it is not
    verified whether it is in force says so. Empty if no text of the day has any.
    """
    for text in reversed(texts()):
        article = next((one for one in text.articles if event in one.cites and (not one.assets or one.assets & of)), None)  # fmt: skip
        if article is not None and text.valid(day):
            return _cited(text, article, day, lang)
    return ""


def _cited(text: Text, article: Article, day: date, lang: str) -> str:
    short, number, now = text.short_zh if lang == "zh" else text.short, article.number, article.now
    if not number:
        return short
    if text.standing == "not verified":
        return w("cite.unverified", lang, short=short, number=number)
    if text.renumbered is None or not now:
        return w("cite", lang, short=short, number=number)
    if day >= text.renumbered:
        return w("cite", lang, short=short, number=now)
    return w("cite.now", lang, short=short, number=number, now=now)


@lru_cache(maxsize=1)
def events_cited() -> frozenset[str]:
    """Every line of a lot's history under which some article stands."""
    return frozenset(event for text in texts() for article in text.articles for event in article.cites)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every limit of the law, in the order of texts and articles."""
    return tuple(
        rule
        for text in texts()
        if text.standing in LAW
        for article in text.articles
        for rule in article.rules
    )


def known_from(of: frozenset[str] | None = None) -> date:
    """The first day of which the law of auctions is known here at all; with ``of`` that of some law, for property that is all of these."""
    return min(
        text.since
        for text in texts()
        if text.since and text.standing in LAW
        and any(not one.assets or (of is not None and one.assets & of) for one in text.articles)
    )  # fmt: skip


def in_force(day: date, assets: frozenset[str]) -> list[Rule]:
    """The limits that hold on a day for property that is all of these, those that another one lifts among them."""
    return [rule for rule in rules() if rule.holds(day, assets)]


def unlifted(quantity: str, of: Iterable[Rule]) -> list[Rule]:
    """What is left of limits that hold together, for one quantity, where some lift others.

    A limit that is lifted on a condition stays as a limit of the article that lifts it: beyond it the condition must be met.
    """
    mine = [rule for rule in of if quantity in rule.bounds]
    lifting = {key: rule for rule in mine for key in rule.lifts}
    kept = []
    for rule in mine:
        lifter = lifting.get(rule.key)
        if lifter is None:
            kept.append(rule)
        elif lifter.condition:
            kept.append(replace(lifter, low=rule.low, high=rule.high))
    return kept


@lru_cache(maxsize=16)
def highest(quantity: str) -> float:
    """The limit from above that the latest rule sets to a quantity, whatever the day. Raises ``KeyError`` if none does."""
    found = [rule for rule in rules() if quantity in rule.bounds and rule.high is not None]
    if not found:
        raise KeyError(quantity)
    return float(max(found, key=lambda rule: rule.since).high or 0.0)


@lru_cache(maxsize=1)
def changes() -> tuple[date, ...]:
    """The days on which a limit begins to hold, or holds no longer."""
    begins = {rule.since for rule in rules()}
    ends = {date.fromordinal(rule.until.toordinal() + 1) for rule in rules() if rule.until}
    return tuple(sorted(begins | ends))


def _text(key: str, table: dict[str, Any]) -> Text:
    recalled = tuple(what for what in ("day", "number") if table.get(f"{what}_from_memory"))
    return Text(
        key=key,
        recalled=recalled,
        since=table.get("from"),
        until=table.get("until"),
        renumbered=table.get("renumbered"),
        unread=table.get("unread", ""),
        unread_zh=table.get("unread_zh", ""),
        unread_until=table.get("unread_until"),
        articles=tuple(_articles(key, table)),
        **{
            name: table[name]
            for name in ("short", "short_zh", "number", "title", "title_zh", "standing", "source")
        },
    )


def _articles(key: str, text: dict[str, Any]) -> Iterator[Article]:
    for article in text.get("article", ()):
        number = article["number"]
        named = f"{text['short']} Art {number}" if number else text["short"]
        named_zh = f"{text['short_zh']}第{number}条" if number else text["short_zh"]
        assets = frozenset(article.get("assets", ()))
        if article.get("now") and any("until" not in rule for rule in article.get("rule", ())):
            named, named_zh = (
                w("cite.now", lang, short=short, number=number, now=article["now"])
                for lang, short in (("en", text["short"]), ("zh", text["short_zh"]))
            )
        limits = tuple(
            _rule(f"{key}.{number}.{rule.get('name', place)}", named, named_zh, assets, text, rule)
            for place, rule in enumerate(article.get("rule", ()))
        )
        optional = ("now", "model", "model_zh", "left_out", "left_out_zh", "silent_what", "silent_what_zh")
        words = {name: article.get(name, "") for name in optional}
        yield Article(
            number, says=article["says"], says_zh=article["says_zh"], assets=assets, rules=limits,
            cites=frozenset(article.get("cites", ())), silent=frozenset(article.get("silent", ())), **words,
        )  # fmt: skip


def _rule(
    key: str, named: str, named_zh: str, assets: frozenset[str], text: dict[str, Any], rule: dict[str, Any]
) -> Rule:
    return Rule(
        key=key,
        article=named,
        article_zh=named_zh,
        says=rule["says"],
        says_zh=rule["says_zh"],
        since=rule.get("from", text["from"]),
        until=rule.get("until", text.get("until")),
        bounds=frozenset(rule["bounds"]),
        low=rule.get("low"),
        high=rule.get("high"),
        assets=frozenset(rule["assets"]) if "assets" in rule else assets,
        lifts=frozenset(rule.get("lifts", ())),
        reading=rule.get("reading", ""),
        condition=rule.get("condition", ""),
        source=rule.get("source", text["source"]),
        standing=text["standing"],
    )
