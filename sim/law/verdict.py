"""What of a scenario the law does not allow: by day, by kind of lot, with the article.

An unlawful scenario runs all the same: a reform is judged by trying it, and marked by saying so. Where an article can be
read in two ways and only one of them forbids, the breach is ``disputed``; where an article allows something only if something
else is so, of which the scenario says nothing, it is ``conditional``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from sim.law.provisions import SLACK, Article, Rule, Text, changes, in_force, known_from, texts, unlifted
from sim.law.scheme import Term, assets, scheme
from sim.locale.words import Words
from sim.scenario.describe import parameter
from sim.scenario.errors import written
from sim.scenario.keys import FROM, Key, read_key, write_key
from sim.scenario.schema import Kind, Scenario

w: Final = Words("law")
ALLOWED, CONDITIONAL = "allowed", "allowed on a condition"
DISPUTED, FORBIDDEN = "not allowed if bidding counts", "not allowed"
NOT_CHECKED = "not checked"  # since no law of the day is known


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that the law does not allow: the parameter that brings it about, what it comes to, and the rule."""

    path: str
    value: float  # what it comes to
    given: Any  # the parameter's own value; None where it is none of one parameter
    quantity: str
    rule: Rule
    # the day from which it is so, where that is not the whole time and not the day that its path says
    since: date | None = None
    until: date | None = None  # the last day on which it is so, where that is not the last one simulated
    kinds: tuple[
        tuple[str, str], ...
    ] = ()  # names of the kinds of lot concerned, in both languages; empty: all
    round: str = ""  # whose quantity it is, where several rounds have it
    # every kind concerned, with the share of its lots that come to it
    shares: tuple[tuple[str, float], ...] = ()
    # what is not said beside it: a reading that forbids what it forbids in any
    beneath: tuple[Breach, ...] = ()
    also: str = ""  # another parameter that has as much part in it; empty: none
    # the kind of lot whose own parameter it is, by name
    own: Mapping[str, Kind] = field(default_factory=dict, compare=False)
    no_lots: bool = False  # there are no lots of the kind, so that nothing of it happens in a run

    @property
    def article(self) -> str:
        return self.rule.article

    @property
    def disputed(self) -> bool:
        """Whether another reading of the article allows it."""
        return bool(self.rule.reading)

    @property
    def conditional(self) -> bool:
        """Whether it is allowed on a condition of which the scenario says nothing."""
        return bool(self.rule.condition)

    @property
    def verdict(self) -> str:
        """What the law says of it."""
        return CONDITIONAL if self.conditional else DISPUTED if self.disputed else FORBIDDEN

    @property
    def brief(self) -> str:
        """Parameter, article, and what the law says of it where that is not simply no."""
        said = "" if self.verdict == FORBIDDEN else f" ({self.verdict})"
        return f"{self.path}: {self.article}{said}"

    def brought_by(self, path: str) -> bool:
        """Whether a parameter brings it about."""
        return path in (self.path, self.also)

    @property
    def direct(self) -> bool:
        """Whether the rule speaks of the parameter itself."""
        return (
            isinstance(self.given, int | float)
            and not isinstance(self.given, bool)
            and self.given == self.value
        )

    @property
    def begins(self) -> date:
        """The day from which it is so."""
        key = read_key(self.path)
        return self.since or (date.fromisoformat(key[1]) if key[0] == FROM else date.min)

    def no_worse(self, than: Breach, kind: str) -> bool:
        """Whether it is the same as another for lots of a kind, no farther from the limit, for no more of them, at no other time."""
        if (self.rule.key, self.quantity, self.round) != (than.rule.key, than.quantity, than.round):
            return False
        there = dict(than.shares)
        return (
            kind in there
            and dict(self.shares)[kind] <= there[kind] + SLACK
            and self.rule.beyond(self.value) <= self.rule.beyond(than.value) + SLACK
            and self.begins >= than.begins
            and (self.until or date.max) <= (than.until or date.max)
        )

    @property
    def en(self) -> str:
        return self.said("en")

    @property
    def zh(self) -> str:
        return self.said("zh")

    def what(self, lang: str) -> str:
        """The parameter, its value, and what it comes to where that is something else."""
        if self.given is None:
            return w("that", lang, comes=self._comes(lang))
        declared = parameter(read_key(self.path))
        called = ""
        if declared is not None:
            name = (
                declared.zh
                if lang == "zh"
                else f"{declared.meaning}, {declared.unit}"
                if declared.unit
                else declared.meaning
            )
            called = w("called", lang, name=name)
        said = f"{self.path} = {_written(self.given)}{called}"
        return self.with_effect(said, lang)

    def with_effect(self, given: str, lang: str) -> str:
        """What is given, in words, and what it comes to where that is something else."""
        return given if self.direct else w("comes_to", lang, given=given, comes=self._comes(lang))

    def _comes(self, lang: str) -> str:
        share = f"{100 * self.value:.4g}"
        return w(f"comes.{self.quantity}", lang, value=f"{self.value:.4g}", share=share)

    def said(self, lang: str, what: str = "") -> str:
        """The whole sentence, with the rule and its article. ``what``: what is not allowed, where it is said in other words."""
        names = [name[lang == "zh"] for name in self.kinds]
        key = "kinds.no_lots" if self.no_lots else "kinds"
        kinds = w(key, lang, kinds=w("join", lang).join(names)) if names else ""
        says = self.rule.says_zh if lang == "zh" else self.rule.says
        condition = w(f"condition.{self.rule.condition}", lang) if self.conditional else ""
        return w(
            "conditional" if self.conditional else "disputed" if self.disputed else "forbidden", lang,
            what=what or self.what(lang), kinds=kinds, days=self.days(lang), condition=condition, says=says,
            article=self.rule.cited(lang),
        )  # fmt: skip

    def days(self, lang: str) -> str:
        """On which days it is so, where that is not the whole time."""
        key = ("since" if self.since else "") + ("until" if self.until else "")
        return w(key, lang, first=self.since, last=self.until) if key else ""


def breaches(scenario: Scenario, day: date | None = None) -> list[Breach]:
    """What of the scenario the law does not allow, in the order of the rounds: on one day, or on those simulated.

    Kinds of which there are no lots count with what their own rules bring about, and with nothing else. Day by day, the scenario of the day is held against the law of the day. What
    stays the same is named once, with the day from which it is so where that is later than the first, and the last one where
    that is earlier than the end; a value that changes at a date stands under the key of that date.
    """
    found: list[Breach] = []
    going: dict[tuple[Any, ...], int] = {}  # those of the stretch before, by place in ``found``
    before: Scenario | None = None
    for first, last, begins, one in _stretches(scenario, day):
        now = {}
        of_lots = _on(one, last, [name for name, kind in one.kinds.items() if kind.share > 0.0])
        for breach in (*of_lots, *_of_no_lots(one, last)):
            key = breach.rule.key, breach.quantity, breach.path, breach.value, breach.kinds, breach.round
            now[key] = going.get(key, len(found))
            if key in going:
                found[now[key]] = _widest(found[now[key]], breach)
                continue
            path, also = (_dated(each, before, one, begins) for each in (breach.path, breach.also))
            found.append(
                replace(
                    breach, path=path, also=also, since=None if day else _later(breach, path, first, scenario)
                )
            )
        for key, place in going.items():
            if key not in now:
                found[place] = replace(found[place], until=first - timedelta(days=1))
        going, before = now, one
    return found


def beyond(
    found: Iterable[Breach], before: Iterable[Breach], own: Callable[[Breach], bool] = lambda breach: False
) -> list[Breach]:
    """What of ``found`` is worse than ``before``, what the scenario breaks with which a policy is compared.

    A breach is no worse where for every kind of lot the scenario breaks the same rule, in the same round, at least as far and
    for as many lots. ``own``: whether a breach is brought about by a value that the policy itself sets; that is its own.
    """
    known = [one for breach in before for one in (breach, *breach.beneath)]

    def worse(breach: Breach) -> bool:
        return any(not any(breach.no_worse(one, kind) for one in known) for kind, _ in breach.shares)

    return [breach for breach in found if own(breach) or any(map(worse, (breach, *breach.beneath)))]


def verdict(scenario: Scenario, kind: str, day: date) -> tuple[str, list[Breach]]:
    """What the law of a day says of lots of a kind under the scenario, and why it does not allow them."""
    found = _on(scenario.on(day), day, [kind])
    return judged(found), found


def first_known(scenario: Scenario, day: date | None = None) -> date | None:
    """The first day of which the law of auctions is known, where that of a day, or of the first one simulated, is not: before, single
    articles on some property at most are.
    """
    first = known_from()
    return first if (day or scenario.time.start) < first else None


def silent(scenario: Scenario, day: date | None = None) -> list[tuple[Text, Article]]:
    """Articles before whose text none is known on something that the scenario has: on a day, or on some of those simulated."""
    stretches = [(first, one) for first, _, _, one in _stretches(scenario, day)]
    return [
        (text, article)
        for text in texts()
        for article in text.articles
        if article.silent
        and text.since
        and any(first < text.since and _has(one, article, first) for first, one in stretches)
    ]


def _has(scenario: Scenario, article: Article, day: date) -> bool:
    """Whether lots of the property of an article come to something of which it says that it was silent before."""
    return any(
        term.quantity in article.silent
        for name, kind in scenario.kinds.items()
        if kind.share > 0.0 and (not article.assets or article.assets & assets(kind))
        for term in scheme(scenario, name, day)
    )


def judged(found: Iterable[Breach]) -> str:
    """The gravest of what the law says of something, in a word: allowed where it says nothing."""
    said = {one.verdict for one in found}
    return next((one for one in (FORBIDDEN, DISPUTED, CONDITIONAL) if one in said), ALLOWED)


def limits(scenario: Scenario, keys: Collection[Key], day: date) -> list[Rule]:
    """The limits that the law of a day sets to what these parameters bring about: of all kinds of which there are lots, or
    whose own parameters they are.
    """
    own = scenario.on(day)
    asked_of = {key[1] for key in keys if key[:1] == ("kinds",) and len(key) > 1}
    names = [name for name, kind in own.kinds.items() if kind.share > 0.0 or name in asked_of]
    asked = (
        rule
        for name in names
        for rule, term in _asked(scheme(own, name, day), day, assets(own.kinds[name]))
        if not set(keys).isdisjoint((term.key, term.adds, *term.parts))
    )
    return list({rule.key: rule for rule in asked}.values())


def _stretches(scenario: Scenario, day: date | None) -> Iterator[tuple[date, date, date, Scenario]]:
    """Stretches of days on which neither scenario nor law changes: first and last, the scenario's date, the scenario."""
    if day is not None:
        yield day, day, day, scenario.on(day)
        return
    time, periods = scenario.time, dict(scenario.periods)
    starts = sorted({*periods, *(one for one in changes() if time.start < one <= time.end)})
    for first, after in zip(starts, [*starts[1:], time.end + timedelta(days=1)], strict=True):
        begins = max(one for one in periods if one <= first)
        yield first, after - timedelta(days=1), begins, periods[begins]


def _widest(known: Breach, later: Breach) -> Breach:
    """A breach as it was named first, with the most lots that come to it on any day, and all that is not said beside it."""
    shares = dict(known.shares)
    for kind, share in later.shares:
        shares[kind] = max(share, shares.get(kind, 0.0))
    return replace(known, shares=tuple(shares.items()), beneath=(*known.beneath, *later.beneath))


def _dated(path: str, before: Scenario | None, now: Scenario, begins: date) -> str:
    """A parameter's path, under its date where its value is another than before."""
    if not path or before is None:
        return path
    key = read_key(path)
    return path if before.value(key) == now.value(key) else write_key((FROM, str(begins), *key))


def _later(breach: Breach, path: str, first: date, scenario: Scenario) -> date | None:
    """The day from which it is so in a stretch that begins on ``first``, where neither its path nor the scenario's start says it.

    A method that may be used from a day on, in the middle of a stretch, is not used before.
    """
    own = breach.given if isinstance(breach.given, date) else first
    said = path != breach.path or first == scenario.time.start
    return own if own > first else None if said else first


def _on(scenario: Scenario, last: date, names: Iterable[str]) -> list[Breach]:
    """Breaches of one scenario without dates on days with one law; those of several kinds are one."""
    order: list[tuple[Any, ...]] = []
    concerned: dict[tuple[Any, ...], dict[str, float]] = {}
    asked: dict[tuple[str, str], set[str]] = {}
    made: dict[tuple[Any, ...], Breach] = {}
    names = list(names)
    for name in names:
        terms = scheme(scenario, name, last)
        for rule, term in _asked(terms, last, assets(scenario.kinds[name])):
            asked.setdefault((rule.key, term.quantity), set()).add(name)
            if rule.allows(term.value):
                continue
            due, also = _due(rule, term)
            key = rule.key, term.quantity, due, term.value, term.round
            if key not in made:
                order.append(key)
                given = scenario.value(due)
                shown = given if isinstance(given, bool | int | float | str | date) else None
                made[key] = Breach(
                    write_key(due), term.value, shown, term.quantity, rule, round=term.round,
                    also=write_key(also) if also else "",
                    own={name: scenario.kinds[name]} if due[:1] == ("kinds",) else {},
                )  # fmt: skip
            concerned.setdefault(key, {})[name] = term.share
    found = []
    for key in order:
        # A quantity of movables, or of other property, says itself whose it is.
        all_of = asked[key[0], key[1]] if key[1].endswith("movable") else set(names)
        some = set(concerned[key]) != all_of and not made[key].path.startswith("kinds.")
        kinds = tuple((name, scenario.kinds[name].name_zh) for name in concerned[key]) if some else ()
        found.append(replace(made[key], kinds=kinds, shares=tuple(concerned[key].items())))
    return _settled(found)


def _due(rule: Rule, term: Term) -> tuple[Key, Key]:
    """The parameter to which it is due that a term is beyond a limit, and another that has as much part in it."""
    if term.added and rule.allows(term.value - term.added):
        return term.adds, term.key
    return term.key, term.also


def _of_no_lots(scenario: Scenario, last: date) -> Iterator[Breach]:
    """What the own rules of kinds of which there are no lots bring about: what they set themselves, and what the law would not say
    of them without.
    """
    for name, kind in scenario.kinds.items():
        if kind.share > 0.0 or not kind.own:
            continue
        plain = kind.model_copy(update={"start": None, "rounds": {}, "auction": None})
        without = _on(scenario.model_copy(update={"kinds": {**scenario.kinds, name: plain}}), last, [name])
        named = ((name, kind.name_zh),)
        yield from (
            replace(one, kinds=named, no_lots=True)
            for one in _on(scenario, last, [name])
            if ("kinds", name) in (read_key(one.path)[:2], read_key(one.also)[:2] if one.also else ())
            or not any(one.no_worse(other, name) for other in without)
        )


def _asked(terms: list[Term], day: date, of: frozenset[str]) -> Iterator[tuple[Rule, Term]]:
    """Every limit that speaks of a term; what lifts one stands in its place (``unlifted``)."""
    limits = in_force(day, of)
    for term in terms:
        yield from ((rule, term) for rule in unlifted(term.quantity, limits))


def _settled(found: list[Breach]) -> list[Breach]:
    """Without what one reading forbids where the article forbids it in any, and without what is said of more lots beside it."""
    certain = [one for one in found if not one.disputed]
    beneath: dict[int, list[Breach]] = {}  # by place in ``certain``
    kept = []
    for one in found:
        over = next((i for i, sure in enumerate(certain) if sure is not one and _covers(sure, one)), None)
        if over is None:
            kept.append(one)
        else:
            beneath.setdefault(over, []).append(one)
    under = {id(certain[i]): tuple(some) for i, some in beneath.items()}
    return [replace(one, beneath=under.get(id(one), ())) for one in kept]


def _covers(sure: Breach, one: Breach) -> bool:
    """Whether what is forbidden in any reading is what one reading forbids, or is the same value of lots at a token start."""
    same = one.disputed or (
        (sure.rule.key, sure.value) == (one.rule.key, one.value) and one.quantity == "token_deposit"
    )
    same = same and (sure.article, sure.path) == (one.article, one.path)
    return same and (not sure.kinds or (bool(one.kinds) and set(one.kinds) <= set(sure.kinds)))


def _written(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else written(value)
