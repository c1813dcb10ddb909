"""One lot's contested round, replayed: the price as it climbs, who bids, the end as it moves, the clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from sim.measures.curves import closing
from sim.measures.lot_history import history
from sim.model.calendar import moment
from sim.model.records import Records
from sim.model.rules import rules_of
from sim.reporting import formats
from sim.reporting.pages.manifest import manifest_rows
from sim.reporting.pages.shell import History, Html, Page, Section, environment
from sim.reporting.pages.table import Column, Table
from sim.reporting.pages.words import w
from sim.reporting.text import round_name, t
from sim.scenario.schema import Scenario

DAY = 86_400.0  # seconds
BEFORE = 3_600.0  # the replay begins an hour before the set close, or when bidding opens
COLOURS = ("blue", "orange", "green", "red", "purple", "sky")  # of bidders, in order of their first bid
SHOWN = (
    "play",
    "pause",
    "none",
    "leading",
    "outbid",
    "registered",
    "ended",
    "extended",
    "bidder",
    "set.close",
)


def room_data(scenario: Scenario, records: Records) -> dict[str, Any] | None:
    """The round with most bids of the one lot in ``records``; None if nobody has bid.

    Times are seconds after the opening of bidding, whole milliseconds; prices are yuan.
    """
    if not len(records.bids["lot"]):
        return None
    most = int(np.argmax(records.rounds["bids"]))
    row = {name: column[most] for name, column in records.rounds.items()}
    stage = rules_of(scenario).on(float(row["notice"])).stages[int(row["round"])]
    auction = scenario.on(moment(float(row["notice"]), scenario.time.start).date()).auction
    mine = records.bids["attempt"] == row["attempt"]
    bids = {name: records.bids[name][mine] for name in ("bidder", "time", "price")}
    opens, soft = float(row["opens"]), auction.soft_close_minutes
    end, moves = closing(
        row, bids["time"], stage.window, stage.sell_off, float(records.lots["suspended"][0]), soft
    )
    here = records.registrations["attempt"] == row["attempt"]
    entered = {name: records.registrations[name][here] for name in ("bidder", "time", "value")}
    order = list(dict.fromkeys([*bids["bidder"].tolist(), *entered["bidder"].tolist()]))

    def seconds(day: Any) -> float:
        return round((float(day) - opens) * DAY, 3)

    return {
        "round": stage.name,
        "opens": f"{moment(opens, scenario.time.start):%Y-%m-%dT%H:%M:%S}",
        "start": float(row["start"]),
        "increment": float(row["start"]) * auction.increment,
        "begin": max(0.0, seconds(end) - BEFORE),
        "close": seconds(end),
        "ends": [seconds(one) for one in moves],
        "closed": seconds(row["closes"]),
        "soft": soft * 60.0,
        "winner": order.index(int(row["winner"])) if int(row["winner"]) in order else -1,
        "bids": [
            [seconds(day), order.index(who), round(float(price), 2)]
            for who, day, price in zip(bids["bidder"].tolist(), bids["time"], bids["price"], strict=True)
        ],
        "bidders": [
            [seconds(day), float(round(value, 2)), order.index(who)]
            for who, day, value in zip(entered["bidder"].tolist(), entered["time"], entered["value"].tolist(), strict=True)
        ],
    }  # fmt: skip


def room_block(data: Mapping[str, Any], lang: str) -> Html:
    """The replay as a part of a page that loads ``room.js``."""
    words = {key: w(f"room.{key}", lang) for key in SHOWN}
    content = json.dumps(
        {**data, "words": words, "colours": COLOURS}, ensure_ascii=False, separators=(",", ":")
    )
    template = environment().get_template("room.html.j2")
    return Html(Markup(template.render(data=content, w=lambda key: w(key, lang))))


def room_page(scenario: Scenario, records: Records, lang: str, manifest: Mapping[str, Any]) -> Page | None:
    """The page that ``sim trace --html`` writes; None for a lot on which nobody has bid."""
    data = room_data(scenario, records)
    if data is None:
        return None
    lines = [(one.when, one.what, one.article) for one in history(scenario, records, lang)]
    lot = int(records.lots["lot"][0])
    title = w("room.title", lang, round=round_name(data["round"], lang), lot=lot)
    return Page(
        lang=lang,
        kind=w("room.kind", lang),
        name=scenario.title_zh if lang == "zh" else scenario.title,
        headline=_headline(data, lang),
        sections=[
            Section("room", w("room", lang), title, [room_block(data, lang), _bids(data, lang)]),
            Section("history", w("room.history", lang), w("room.history.title", lang), [History(w("room.history", lang), lines, open=True)]),
        ],
        manifest=manifest_rows(manifest, lang),
        scripts=("room.js",),
    )  # fmt: skip


def _headline(data: Mapping[str, Any], lang: str) -> str:
    bids = data["bids"]
    prices = {"start": formats.money(data["start"], lang), "price": formats.money(bids[-1][2], lang)}
    if len(bids) == 1:
        return t("bidding.one", lang, **prices)
    late = round(100.0 * sum(when > data["close"] - BEFORE for when, _, _ in bids) / len(bids))
    return t(
        "bidding.title", lang, bids=len(bids), bidders=len({who for _, who, _ in bids}), late=late, **prices
    )


def _bids(data: Mapping[str, Any], lang: str) -> Table:
    """Every bid, for those who read rather than watch."""
    opens = np.datetime64(data["opens"])
    rows = [
        {
            "time": str(opens + np.timedelta64(round(when * 1000), "ms"))[:23],
            "bidder": who + 1,
            "price": price,
        }
        for when, who, price in data["bids"]
    ]
    columns = [
        Column(w("room.clock", lang), lambda r: str(r["time"]).replace("T", " ")[:19]),
        Column(w("room.bidder", lang), lambda r: str(r["bidder"]), True),
        Column(w("room.price.axis", lang), lambda r: f"{r['price']:,.0f}", True),
    ]
    return Table(
        "bids", w("room.all", lang, n=len(rows)), columns, rows, ("time", "bidder", "price"), folded=True
    )
