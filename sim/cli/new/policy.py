"""``sim new policy``: what differs from a scenario, asked, written, checked."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

import typer

from sim.cli.new.draft import (
    File,
    Title,
    Yes,
    ask_values,
    begun,
    checked_file,
    extends,
    laid,
    needed_day,
    sentence,
    title_of,
    titled,
    titles,
    write_file,
)  # fmt: skip
from sim.cli.shared.ending import fail
from sim.cli.shared.options import ForceOnly, Lang, Overrides, as_day, command, declared
from sim.cli.shared.wizard import ask

POLICY: Final = (
    "start.ratio", "rounds.second.cut", "rounds.first.notice_days_movable", "rounds.first.notice_days_immovable",
    "rounds.first.window_days", "auction.deposit", "rounds.sell_off.held", "pricing.online_inquiry.share",
    "promotion.effort", "courts.clerks",
)  # fmt: skip


@declared
class Policy:
    file: File
    base: Annotated[str, typer.Option()] = "shanxi"
    overrides: Overrides = None
    since: Annotated[str | None, typer.Option("--from")] = None
    title: Title = None
    yes: Yes = False
    force: ForceOnly = False
    lang: Lang


@command
def policy(options: Policy) -> None:
    """Ask what differs from the base, write the policy's file, check it."""
    from sim.cli.shared.words import w

    lang, path = options.lang, checked_file(options.file, options.force)
    draft = begun(options.base, options.overrides)
    draft.since = as_day(options.since, "--from")
    if not options.yes:
        typer.echo(w("new.policy.lead", lang, base=titled(draft.base, lang)))
        ask_values(draft, POLICY, lang)
        if options.since is None:
            draft.since = ask(w("new.from", lang), _day)
    values = draft.values()
    if not values:
        fail(w("new.nothing", lang, base=options.base))
    title = title_of(options.title, sentence(values, lang, draft.base), lang, options.yes)
    tree = {
        "extends": extends(options.base, path),
        **titles(title, values, lang, draft.base),
        **laid(values, draft.since),
        "sources": {"": "policy: what is tried"},
    }
    write_file(path, tree, draft.base, lang)
    typer.echo(w("new.policy.next", lang, base=options.base, file=path))


def _day(text: str) -> date | None:
    return needed_day(text) if text else None
