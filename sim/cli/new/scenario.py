"""``sim new scenario``: what a place is like, asked, written, checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final

import typer

from sim.cli.new.draft import (
    Draft,
    File,
    Title,
    Yes,
    ask_values,
    begun,
    checked_file,
    extends,
    laid,
    merged,
    needed,
    needed_day,
    sentence,
    title_of,
    titled,
    titles,
    write_file,
)  # fmt: skip
from sim.cli.shared.ending import fail, refusing
from sim.cli.shared.options import ForceOnly, Lang, Overrides, command, declared
from sim.cli.shared.wizard import ask
from sim.locale.language import said

SCENARIO: Final = (
    "courts.number", "courts.clerks", "start.ratio", "rounds.second.cut", "auction.deposit",
    "pricing.online_inquiry.share", "interest.mean",
)  # fmt: skip
VOLUME: Final = "arrivals.volume"  # asked where the base's days and windows are those of published figures
MOST: Final = 1e7  # cases or lots


@declared
class Place:
    file: File
    base: Annotated[str, typer.Option()] = "base"
    first: Annotated[str | None, typer.Option()] = None
    last: Annotated[str | None, typer.Option()] = None
    cases: Annotated[float | None, typer.Option()] = None
    lots: Annotated[float | None, typer.Option()] = None
    overrides: Overrides = None
    title: Title = None
    source: Annotated[str | None, typer.Option()] = None
    yes: Yes = False
    force: ForceOnly = False
    lang: Lang


@command
def scenario(options: Place) -> None:
    """Ask what a place is like, write the scenario's file, check it."""
    from sim.cli.shared.words import w

    lang, path = options.lang, checked_file(options.file, options.force)
    draft = begun(options.base, options.overrides)
    own = not draft.base.scenario.published and not draft.base.scenario.from_
    asked = None if options.yes else lang
    if asked:
        typer.echo(w("new.scenario.lead", lang, base=titled(draft.base, lang)))
    if not own and any(one is not None for one in (options.first, options.last, options.cases, options.lots)):
        fail(w("new.published", lang, base=options.base))
    time = _time(draft, options, asked) if own else {}
    if asked:
        ask_values(draft, SCENARIO if own else (VOLUME, *SCENARIO), lang)
    values = draft.values()
    if not values and not time:
        fail(w("new.nothing", lang, base=options.base))
    words = sentence(values, lang, draft.base) or w("new.period", lang, **_ends(time))
    title = title_of(options.title, words, lang, options.yes)
    source = options.source or (
        "assumption" if options.yes else ask(w("new.source", lang), needed, "assumption")
    )
    tree = merged({"extends": extends(options.base, path), **titles(title, values, lang, draft.base)}, time)
    tree = merged(tree, laid(values, None)) | {"sources": {"": source}}
    write_file(path, tree, draft.base, lang)
    typer.echo(w("new.scenario.next", lang, file=path))


def _time(draft: Draft, options: Place, asked: str | None) -> dict[str, Any]:
    """Days, reporting windows (a calendar year each) and what comes in, where they differ from the base; else nothing."""
    from sim.cli.shared.words import w

    scenario = draft.base.scenario
    periods = scenario.arrivals.periods
    usual = {
        "first": str(scenario.time.start), "last": str(scenario.time.end),
        "cases": f"{sum(one.cases for one in periods.values()):g}",
        "lots": f"{sum(one.lots for one in periods.values()):g}",
    }  # fmt: skip
    given: dict[str, Any] = {}
    for name, otherwise in usual.items():
        check: Callable[[str], Any] = needed_day if name in ("first", "last") else _number
        option = getattr(options, name)
        if option is not None or not asked:
            with refusing(ValueError):
                given[name] = check(otherwise if option is None else str(option))
        else:
            given[name] = ask(w(f"new.{name}", asked), check, otherwise)
    if given["last"] < given["first"]:
        fail(w("new.order", options.lang, first=given["first"], last=given["last"]))
    if given == {
        name: (needed_day if name in ("first", "last") else _number)(text) for name, text in usual.items()
    }:
        return {}
    first, last = given["first"], given["last"]
    windows: dict[str, Any] = dict.fromkeys(scenario.time.windows, False)
    for year in range(first.year, last.year + 1):
        windows[str(year)] = {"first": max(first, date(year, 1, 1)), "last": min(last, date(year, 12, 31))}
    arrivals: dict[str, Any] = dict.fromkeys(periods, False)
    arrivals["answered"] = {"first": first, "last": last, "cases": given["cases"], "lots": given["lots"]}
    return {"time": {"start": first, "end": last, "windows": windows}, "arrivals": {"periods": arrivals}}


def _ends(time: dict[str, Any]) -> dict[str, Any]:
    return (
        {"first": time["time"]["start"], "last": time["time"]["end"]} if time else {"first": "", "last": ""}
    )


def _number(text: str) -> float:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        number = -1.0
    if not 0.0 < number <= MOST:
        raise ValueError(said("new.number", value=text, most=f"{MOST:,.0f}"))
    return number
