"""The law in words: texts, articles and limits as lines of a terminal, and as Markdown for the page about the law."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from sim.law.provisions import Article, Rule, Text, in_force, known_from, rules, texts
from sim.law.scheme import assets
from sim.law.verdict import Breach, first_known, silent
from sim.locale.words import Words
from sim.reporting.values import setting
from sim.scenario.describe import parameter
from sim.scenario.keys import read_key
from sim.scenario.schema import Scenario

w: Final = Words("law")
ASSETS: Final = {  # what property can be, by name, and all that it is then
    "movable": frozenset({"movable"}),
    "immovable": frozenset({"immovable"}),
    "home": frozenset({"immovable", "home"}),
    "equity": frozenset({"immovable", "equity"}),
    "shares": frozenset({"immovable", "shares"}),
}

ANY: Final = frozenset().union(*ASSETS.values())


def breach_named(breach: Breach, lang: str) -> str:
    """What of a scenario the law does not allow, in words instead of keys: start ratio 60%; 起拍率为60%."""
    key = read_key(breach.path)
    if breach.given is None or parameter(key) is None:
        return breach.what(lang)
    return breach.with_effect(setting(key, breach.given, lang, breach.own), lang)


def breach_sentence(breach: Breach, lang: str) -> str:
    """The same as a whole sentence, with the rule and its article."""
    return breach.said(lang, breach_named(breach, lang))


def breach_short(breach: Breach, lang: str) -> str:
    """What it is and its article, for a list under a head that says the verdict; a condition is named."""
    key = "breach.conditional" if breach.conditional else "breach"
    condition = condition_words(breach.rule, lang)
    return w(key, lang, what=breach_named(breach, lang), condition=condition, days=breach.days(lang), article=breach.rule.cited(lang))  # fmt: skip


def condition_words(rule: Rule, lang: str) -> str:
    """Where what lies beyond a limit is allowed all the same; empty where it never is."""
    return w(f"condition.{rule.condition}", lang) if rule.condition else ""


def law_lines(lang: str, day: date | None = None, asset: str | None = None) -> list[str]:
    """Every text with its articles: of a day and of some property only, or all of them."""
    lines: list[str] = []
    for text in texts():
        if day is not None and not text.valid(day):
            continue
        articles = [one for one in text.articles if _speaks(one, asset)]
        if asset and not articles:
            continue
        lines += ["", _title(text, lang), f"  {standing(text, lang)}"]
        if text.unread_until and (day is None or day <= text.unread_until):
            lines.append(f"  {_unread(text, lang)}")
        for article in articles:
            lines += [f"  {line}" for line in _article_lines(text, article, lang, day, asset)]
    if day is not None and not lines:
        return [w("unknown", lang, day=day, first=known_from(ASSETS[asset] if asset else ANY))]
    return lines[1:]


def unknown_law(scenario: Scenario, day: date | None, lang: str) -> str:
    """That the law of a day, or of the first one simulated, is not known here, but for single articles; empty where it is."""
    first = first_known(scenario, day)
    if first is None:
        return ""
    day = day or scenario.time.start
    kinds = [assets(kind) for kind in scenario.on(day).kinds.values() if kind.share > 0.0]
    known = dict.fromkeys(rule.cited(lang, days=False) for kind in kinds for rule in in_force(day, kind))
    key = "unknown.but" if known else "unknown"
    return w(key, lang, day=day, first=first, known=w("join", lang).join(known))


def not_checked(scenario: Scenario, day: date | None, lang: str) -> list[str]:
    """What is not judged at all: on a day, or on those simulated, of whose law nothing or not everything is known here."""
    unknown = unknown_law(scenario, day, lang)
    first, last = (day, day) if day else (scenario.time.start, scenario.time.end)
    return [
        *([unknown] if unknown else []),
        *(
            _unread(text, lang) for text in texts()
            if text.unread_until and text.since and text.since <= last and first <= text.unread_until
        ),
        *(
            w("silent", lang, what=one.silent_what_zh if lang == "zh" else one.silent_what, day=text.since)
            for text, one in silent(scenario, day)
        ),
    ]  # fmt: skip


def sentences(lines: list[str], lang: str) -> str:
    """Lines as sentences, one after another."""
    return " ".join(line[:1].upper() + line[1:] + w("stop", lang) for line in lines)


def _unread(text: Text, lang: str) -> str:
    """Of what a text has articles that were not read."""
    zh = lang == "zh"
    return w("unread", lang, what=text.unread_zh if zh else text.unread, until=text.unread_until, short=text.short_zh if zh else text.short)  # fmt: skip


def change_lines(lang: str, first: date, last: date, asset: str | None = None) -> list[str]:
    """What changes after one day until another: texts with their articles, then limits."""
    lines = []
    for day, change, text, articles in _text_changes(first, last, asset):
        lines.append(w(f"change.{change}", lang, day=day, title=_title(text, lang)))
        lines.append(f"  {standing(text, lang)}")
        lines += [f"  {_article_line(article, day, asset, lang)}" for article in articles]
    for day, change, rule in _limit_changes(first, last, asset):
        lines.append(w(change, lang, day=day, rule=limit(rule, lang, days=False)))
    return lines or [w("nothing_changes", lang, first=first, last=last)]


def _text_changes(first: date, last: date, asset: str | None) -> list[tuple[date, str, Text, list[Article]]]:
    """Texts that come, are renumbered or end, by day, with the articles concerned."""
    found = []
    for text in texts():
        articles = [one for one in text.articles if _speaks(one, asset)]
        moved = [one for one in articles if one.now]
        if articles and text.since and first < text.since <= last:
            found.append((text.since, "comes", text, articles))
        if moved and text.renumbered and first < text.renumbered <= last:
            found.append((text.renumbered, "renumbered", text, moved))
        if articles and text.until and first <= text.until < last:
            found.append((text.until, "goes", text, articles))
    return sorted(found, key=lambda one: one[0])


def _limit_changes(first: date, last: date, asset: str | None) -> list[tuple[date, str, Rule]]:
    """Limits that begin to hold, or hold for the last time, by day."""
    found = []
    for rule in rules():
        if not _limits(rule, asset):
            continue
        if first < rule.since <= last:
            found.append((rule.since, "begins", rule))
        if rule.until and first <= rule.until < last:
            found.append((rule.until, "ends", rule))
    return sorted(found, key=lambda one: one[0])


def law_rows(lang: str, day: date | None = None, asset: str | None = None) -> list[dict[str, Any]]:
    """Every article for programs, with the limits that it sets: of a day and of some property only, or all of them."""
    zh = lang == "zh"
    return [
        {
            "text": text.key, "title": text.title_zh if zh else text.title, "standing": text.standing, "since": text.since,
            "until": text.until, "source": text.source, "from_memory": text.recalled,
            "article": article.number, "says": article.says_zh if zh else article.says,
            "state": state(article, _day_of(text, day), asset),
            "instead": [_named(rule, lang) for rule in _instead(article, _day_of(text, day), asset)],
            "assets": article.assets, "model": article.model_zh if zh else article.model,
            "left_out": article.left_out_zh if zh else article.left_out,
            "limits": [
                rule_row(rule, lang) for rule in article.rules
                if _limits(rule, asset) and (day is None or rule.in_force(day))
            ],
        }
        for text in texts()
        if day is None or text.valid(day)
        for article in text.articles
        if _speaks(article, asset)
    ]  # fmt: skip


def change_rows(lang: str, first: date, last: date, asset: str | None = None) -> list[dict[str, Any]]:
    """The same for programs: a row for each article of a text that comes, is renumbered or ends, then one for each limit."""
    zh = lang == "zh"
    articles = [
        {
            "day": day, "change": change, "text": text.key, "title": text.title_zh if zh else text.title, "number": text.number,
            "standing": text.standing, "source": text.source, "from_memory": text.recalled, "article": article.number,
            "now": article.now, "says": article.says_zh if zh else article.says, "assets": article.assets,
            "state": state(article, day, asset),
        }
        for day, change, text, some in _text_changes(first, last, asset)
        for article in some
    ]  # fmt: skip
    limits = [
        {"day": day, "change": change, **rule_row(rule, lang)}
        for day, change, rule in _limit_changes(first, last, asset)
    ]
    return articles + limits


def rule_row(rule: Rule, lang: str) -> dict[str, Any]:
    """One limit for programs."""
    zh = lang == "zh"
    return {
        "key": rule.key, "article": rule.article_zh if zh else rule.article, "says": rule.says_zh if zh else rule.says,
        "since": rule.since, "until": rule.until, "quantities": rule.bounds, "low": rule.low,
        "high": rule.high, "assets": rule.assets, "condition": rule.condition, "source": rule.source, "standing": rule.standing,
    }  # fmt: skip


def limit(rule: Rule, lang: str, days: bool = True) -> str:
    """A limit with its article, since when it is in force unless that stands beside it, and how far its source can be relied on."""
    return w("limit", lang, says=rule.says_zh if lang == "zh" else rule.says, article=rule.cited(lang, days))


def standing(text: Text, lang: str) -> str:
    """Whether a text is law, since when, and how it was read."""
    since = "" if text.since is None else w("from_day", lang, day=text.since)
    if text.until is not None:
        since = w("from_to", lang, first=text.since, last=text.until)
    recalled = [w(f"recalled.{what}", lang) for what in text.recalled]
    parts = [w(f"standing.{text.standing}", lang), since, w(f"source.{text.source}", lang), *recalled]
    return w("semicolon", lang).join(filter(None, parts))


def page_of_articles(lang: str) -> str:
    """Every text with a table of its articles, for the page."""
    heads = [w(f"head.{name}", lang) for name in ("article", "says", "state", "model", "left_out")]
    blocks = []
    for text in texts():
        day = _day_of(text, None)
        block = [
            f"### {_title(text, lang)}",
            "",
            standing(text, lang)[0].upper() + standing(text, lang)[1:] + w("stop", lang),
        ]
        if text.unread:
            block += ["", _unread(text, lang) + w("stop", lang)]
        if text.articles:
            block += ["", _row(*heads), _row(*("---" for _ in heads))]
        for one in text.articles:
            zh = lang == "zh"
            block.append(
                _row(
                    _number(one, lang), one.says_zh if zh else one.says, _state_words(one, day, None, lang),
                    one.model_zh if zh else one.model, one.left_out_zh if zh else one.left_out,
                )
            )  # fmt: skip
        blocks.append("\n".join(block))
    return "\n\n".join(blocks)


def page_of_limits(lang: str) -> str:
    """Every limit with its days, property and source, for the page."""
    heads = ("article", "says", "since", "until", "assets", "low", "high", "source")
    lines = [_row(*(w(f"head.{name}", lang) for name in heads)), _row(*("---" for _ in heads))]
    for rule in rules():
        says, article = (rule.says_zh, rule.article_zh) if lang == "zh" else (rule.says, rule.article)
        ends = ("" if end is None else f"{end:g}" for end in (rule.low, rule.high))
        lines.append(
            _row(
                article, says, str(rule.since), str(rule.until or ""),
                _assets(rule.assets, lang), *ends, _source(rule, lang),
            )
        )  # fmt: skip
    return "\n".join(lines)


def state(article: Article, day: date, asset: str | None = None) -> str:
    """What is made of an article on a day, for some property or any: "checked" where a limit of it holds, "ended" where limits
    of it held, else "modelled" or "left_out".
    """
    mine = [rule for rule in article.rules if _limits(rule, asset)]
    if any(rule.in_force(day) for rule in mine):
        return "checked"
    return "ended" if any(rule.since <= day for rule in mine) else "modelled" if article.model else "left_out"


def _instead(article: Article, day: date, asset: str | None) -> list[Rule]:
    """What limits on a day what an article did before all its limits ended, a limit for each article; the first that came after."""
    if state(article, day, asset) != "ended":
        return []
    found = {}
    for ended in article.rules:
        if ended.until is None or not _limits(ended, asset):
            continue
        for quantity in ended.bounds:
            later = [
                rule for rule in rules()
                if quantity in rule.bounds and rule.since > ended.until and rule.in_force(day) and _limits(rule, asset)
                and (not rule.assets or not ended.assets or rule.assets & ended.assets)
            ]  # fmt: skip
            first = min((rule.since for rule in later), default=None)
            found.update({rule.article: rule for rule in later if rule.since == first})
    return [rule for rule in rules() if found.get(rule.article) is rule]


def _state_words(article: Article, day: date, asset: str | None, lang: str) -> str:
    """The state of an article on a day; where its limits ended, since when, and what limits the same now."""
    said = state(article, day, asset)
    if said != "ended":
        return w(f"state.{said}", lang)
    last = max(rule.until for rule in article.rules if rule.until and _limits(rule, asset))
    instead = w("join", lang).join(_named(rule, lang) for rule in _instead(article, day, asset))
    return w("state.instead" if instead else "state.ended", lang, last=last, instead=instead)


def _day_of(text: Text, day: date | None) -> date:
    """The day asked for; where there is none, the last one of a text, for which its articles are said."""
    return day or text.until or date.max


def _named(rule: Rule, lang: str) -> str:
    return rule.article_zh if lang == "zh" else rule.article


def _article_line(article: Article, day: date, asset: str | None, lang: str) -> str:
    """Number, words, property and state of an article on a day."""
    of = w("of", lang, assets=_assets(article.assets, lang)) if article.assets else ""
    says = article.says_zh if lang == "zh" else article.says
    return f"{_number(article, lang)}  {says}{of} [{_state_words(article, day, asset, lang)}]".lstrip()


def _article_lines(
    text: Text, article: Article, lang: str, day: date | None, asset: str | None
) -> Iterator[str]:
    zh = lang == "zh"
    yield _article_line(article, _day_of(text, day), asset, lang)
    for rule in article.rules:
        if (day is None or rule.in_force(day)) and _limits(rule, asset):
            yield "    " + w(
                "bound", lang, says=rule.says_zh if zh else rule.says, days=_days(rule, text, lang)
            )
    for key, said in (
        ("modelled_as", article.model_zh if zh else article.model),
        ("left_out_as", article.left_out_zh if zh else article.left_out),
    ):
        if said:
            yield "    " + w(key, lang, what=said)


def _days(rule: Rule, text: Text, lang: str) -> str:
    """Days in force that are not the text's own."""
    if rule.until not in (None, text.until):
        return w("until_day", lang, day=rule.until)
    return "" if rule.since == text.since else w("since_day", lang, day=rule.since)


def _title(text: Text, lang: str) -> str:
    short, title = (text.short_zh, text.title_zh) if lang == "zh" else (text.short, text.title)
    number = text.number if text.number and text.number != short else ""
    return w("title", lang, short=short, title=title, number=w("comma", lang) + number if number else "")


def _number(article: Article, lang: str) -> str:
    if not article.number:
        return ""
    key = "number.now" if article.now else "number"
    return w(key, lang, number=article.number, now=article.now)


def _source(rule: Rule, lang: str) -> str:
    known = w(f"source.{rule.source}", lang)
    return known if rule.standing in ("in force",) else known + w("mark.not verified", lang)


def _assets(assets: frozenset[str], lang: str) -> str:
    return w("join", lang).join(w(f"asset.{one}", lang) for one in ASSETS if one in assets)


def _speaks(article: Article, asset: str | None) -> bool:
    return _concerns(article.assets, asset)


def _concerns(assets: frozenset[str], asset: str | None) -> bool:
    return not assets or asset is None or bool(assets & ASSETS[asset])


def _limits(rule: Rule, asset: str | None) -> bool:
    """Whether a rule limits anything of some property: it speaks of it, and no rule of that property's own lifts it throughout."""
    lifted = asset is not None and any(
        rule.key in one.lifts and not one.condition and one.assets & ASSETS[asset] for one in rules()
    )
    return _concerns(rule.assets, asset) and not lifted


def _row(*cells: str) -> str:
    return (
        "| "
        + " | ".join(
            cell.replace("|", "\\|").replace("*.", "\\*.") if "`" not in cell else cell for cell in cells
        )
        + " |"
    )
