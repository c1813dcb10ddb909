"""What a scenario comes to for lots of a kind, as far as the law speaks of it: starts, days, notices, failures, deposits.

Round by round, as the model holds them: the first auction that is held opens at what its own cut leaves, a round that is left
out is not there for those after it, a clerk's work on a later notice comes on top of the interval. Holidays, the hour of
opening and queues are left out and the lowest start is taken: nobody interested in the rounds before, so that a relief leaves
the whole cut. What depends on lots is seen in records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import inf, isfinite, prod
from typing import Final

from sim.law.provisions import highest
from sim.scenario.keys import Key
from sim.scenario.schema import Kind, Round, Scenario

APPRAISAL: Final = "appraisal"  # the one method that is no inquiry and no agreement


@dataclass(frozen=True, slots=True)
class Term:
    """One quantity: what it is, its value, and the parameter to which it is due, above all.

    ``round``: whose it is, where several rounds have it. ``share``: of the kind's lots, those that come to it by choice of
    the scenario: at a token start, priced by one method. ``also``: another parameter that has as much part in it.
    ``added``: what a further parameter, ``adds``, has put on top; it is due to that one where the law allows the rest.
    ``parts``: all parameters whose days add up to it, where those are more than the one named.
    """

    quantity: str
    value: float
    key: Key
    round: str = ""
    share: float = 1.0
    also: Key = ()
    added: float = 0.0
    adds: Key = ()
    parts: tuple[Key, ...] = ()


def assets(kind: Kind) -> frozenset[str]:
    """What the property is, in the words of the law's rules."""
    return frozenset({"movable" if kind.movable else "immovable"} | ({kind.asset} if kind.asset else set()))


def scheme(scenario: Scenario, kind: str, last: date) -> list[Term]:
    """Every quantity of the scenario, one without dates, for lots of a kind; ``last``: the last day looked at."""
    return list(_Deriving(scenario, kind, last).terms())


class _Deriving:
    """The terms of one scenario and kind."""

    def __init__(self, scenario: Scenario, kind: str, last: date) -> None:
        self.of, self.kind, self.last = scenario, kind, last
        self.own = scenario.of_kind(kind)
        self.movable = "movable" if scenario.kinds[kind].movable else "immovable"
        self.rounds = [(name, one) for name, one in self.own.rounds.items() if one.held]
        self.auctions = [(name, one) for name, one in self.rounds if one.format == "auction"]
        self.prepared = scenario.arrivals.mode == "arrivals"
        # the share of lots whose debtor may sell before the first auction
        of_equity = self.prepared and "equity" in assets(scenario.kinds[kind])
        self.own_sale_first = self.own.debtor_sale.before_share if of_equity else 0.0

    def terms(self) -> Iterator[Term]:
        yield from self._pricing()
        yield from self._first_start()
        yield from self._rounds()
        yield from self._number()
        yield Term(
            "soft_close", self.own.auction.soft_close_minutes, self._key("auction", "soft_close_minutes")
        )
        if self.own.start.token_share < 1.0:
            yield Term("deposit", self.own.auction.deposit, self._key("auction", "deposit"))
        if self.own.start.token_share > 0.0:
            token = self.own.start.token_share
            yield Term(
                "token_deposit", self.own.auction.deposit, self._key("auction", "deposit"), share=token
            )
        yield Term("refund", self.own.liquidity.refund_hours, ("liquidity", "refund_hours"))
        if self.own_sale_first or (self.own.debtor_sale.share > 0.0 and self.auctions):
            yield Term("own_sale", self.own.debtor_sale.days, ("debtor_sale", "days"))
            of = "equity" if "equity" in assets(self.of.kinds[self.kind]) else "other"
            yield Term(f"own_sale_{of}", 1.0, ("debtor_sale", "share"))
        if self.own.disposal.suspension_share > 0.0 or self.own.disposal.third_party_share > 0.0:
            yield Term("cause_to_resumption", self.own.disposal.resume_days, ("disposal", "resume_days"))
        if self.prepared and self.own.courts.handover_days > 0.0:
            yield Term("handover", self.own.courts.handover_days, ("courts", "handover_days"))
        if self.auctions:
            yield from self._report()

    def _key(self, *key: str) -> Key:
        """The key of the parameter that holds for the kind: its own, or that of all."""
        value = self.of.set_value(("kinds", self.kind, *key))
        return key if value is None else ("kinds", self.kind, *key)

    def _round(self, name: str, parameter: str) -> Key:
        return self._key("rounds", name, parameter)

    def _pricing(self) -> Iterator[Term]:
        courts = self.own.courts
        if self.prepared:
            yield Term("seizure_to_valuation", courts.survey_days, ("courts", "survey_days"))
            longer = "notice_days" if courts.notice_days >= courts.pricing_days else "pricing_days"
            days = courts.pricing_days + courts.notice_days
            yield Term("price_to_sale", days, ("courts", longer))
            yield from self._objections()
            debtor, key = self.own.debtor_sale, ("debtor_sale", "before_share")
            late = self.own_sale_first * (1.0 - debtor.success)  # whose debtors find nobody
            if late > 0.0:
                yield Term("price_to_sale_debtor", days + debtor.days, ("debtor_sale", "days"), share=late, also=key)  # fmt: skip
        for name, method in self.own.pricing.items():
            if method.share <= 0.0:
                continue
            if name != APPRAISAL:
                dated = float(method.since <= self.last)
                yield Term("inquiry_without_basis", dated, ("pricing", name, "since"), name, method.share)
            elif self.prepared:
                yield Term("appraisal", method.days_high, ("pricing", name, "days_high"), share=method.share)

    def _objections(self) -> Iterator[Term]:
        """Days that an objection to the reference price takes: on its own, on top of an appraisal, until the sale begins."""
        courts, appraisal = self.own.courts, self.own.pricing.get(APPRAISAL)
        share, wait = courts.objection_share, courts.objection_wait_days
        if share <= 0.0:
            return
        if wait > 0.0:
            key: Key = ("courts", "objection_wait_days")
            yield Term("objection", wait, key, share=share)
            if appraisal is not None and appraisal.share > 0.0:
                longest = ("pricing", APPRAISAL, "days_high")
                objected = share * appraisal.share
                yield Term(
                    "appraisal_objected", appraisal.days_high + wait, key, share=objected, also=longest
                )
        if courts.objection_days > 0.0:
            days = courts.pricing_days + courts.notice_days + courts.objection_days
            yield Term("price_to_sale", days, ("courts", "objection_days"), share=share)

    def _first_start(self) -> Iterator[Term]:
        """The start of the first auction over the reference price: what its cut leaves, and those of sell-offs before it."""
        if not self.auctions:
            return
        (name, first), start = self.auctions[0], self.own.start
        place = self.rounds.index((name, first))
        left = prod(1.0 - one.cut for _, one in self.rounds[: place + 1])
        earlier, missing = next(iter(self.own.rounds.items()))
        for share, ratio, quantity, parameter in (
            (1.0 - start.token_share, start.ratio, "first_start", "ratio"),
            (start.token_share, start.token_ratio, "token_start", "token_ratio"),
        ):
            if share > 0.0:
                own = self._key("start", parameter)
                also: Key = ()
                key = self._round(name, "cut") if first.cut else own
                if name != earlier:  # an earlier round is left out, or is a sell-off
                    key = self._round(earlier, "format" if missing.held else "held")
                if parameter == "token_ratio":  # that there are such starts at all, above how low they are
                    key, also = self._key("start", "token_share"), own
                yield Term(quantity, ratio * left, key, share=share, also=also)

    def _rounds(self) -> Iterator[Term]:
        again = self.own.courts.notice_again_days
        seen = 0
        for place, (name, one) in enumerate(self.rounds):
            notice, key = self._notice(one), self._round(name, f"notice_days_{self.movable}")
            window = self._round(name, "window_days")
            if one.format == "sell-off":
                yield Term(f"sell_off_notice_{self.movable}", notice, key, name)
                yield Term("sell_off_window", one.window_days, window, name)
                if place:
                    yield from self._until_sell_off(place, one.relist_days + again)
                    yield Term("sell_off_cut", one.cut, self._round(name, "cut"), name)
                continue
            yield Term("window", one.window_days, window, name)
            if not seen:
                yield Term(f"first_notice_{self.movable}", notice, key, name)
            else:
                days = one.relist_days + again
                yield Term(f"again_notice_{self.movable}", notice, key, name)
                yield self._after_failure("failure_to_notice", days, name)
                yield self._after_failure("failure_to_bidding", days + notice, name)
                yield Term("cut", one.cut, self._round(name, "cut"), name)
            seen += 1

    def _after_failure(self, quantity: str, days: float, name: str) -> Term:
        """Days from a failure to something of the round after it, a clerk's work among them."""
        work: Key = ("courts", "notice_again_days")
        again = self.own.courts.notice_again_days
        return Term(quantity, days, self._round(name, "relist_days"), name, added=again, adds=work)

    def _until_sell_off(self, place: int, days: float) -> Iterator[Term]:
        """Days from a failure to the notice of the sell-off after it; with those of debtors who look for a buyer and find none."""
        name, debtor = self.rounds[place][0], self.own.debtor_sale
        yield self._after_failure("failure_to_sell_off_notice", days, name)
        late = debtor.share * (1.0 - debtor.success)
        if late > 0.0 and self.auctions and self.rounds[place - 1][0] == self.auctions[-1][0]:
            yield Term(
                "failure_to_sell_off_notice",
                days + debtor.days,
                ("debtor_sale", "days"),
                name,
                late,
                ("debtor_sale", "share"),
            )

    def _notice(self, one: Round) -> float:
        return one.notice_days_movable if self.movable == "movable" else one.notice_days_immovable

    def _number(self) -> Iterator[Term]:
        """How many auctions and sell-offs there are, and how many fail before a sell-off."""
        number = float(len(self.auctions))
        missing = next((name for name, one in self.own.rounds.items() if not one.held), None)
        key = ("rounds",) if missing is None else self._round(missing, "held")
        yield Term("auctions", number, ("rounds",))
        formats = [one.format for _, one in self.rounds]
        if "sell-off" in formats:
            place = formats.index("sell-off")
            sold_off = [name for name, one in self.rounds if one.format == "sell-off"]
            yield Term("sell_offs", float(len(sold_off)), self._round(sold_off[-1], "held"))
            yield Term("failures_before_sell_off", float(place), key)
        else:
            left_out = (name for name, one in self.own.rounds.items() if one.format == "sell-off")
            name = next(left_out, None)
            yield Term("sell_offs", 0.0, ("rounds",) if name is None else self._round(name, "held"))
            yield Term("auctions_at_last", number, key)

    def _report(self) -> Iterator[Term]:
        """For how long a report is taken to hold, and the ages that it comes to: of all lots, and of those that wait longer."""
        courts, debtor = self.own.courts, self.own.debtor_sale
        if self.prepared and isfinite(courts.report_valid_days):
            yield Term("report_valid", courts.report_valid_days, ("courts", "report_valid_days"))
        yield from self._age()
        objected = courts.objection_share if self.prepared and courts.objection_days > 0.0 else 0.0
        late = self.own_sale_first * (1.0 - debtor.success)
        longer = [
            (share, days, key)
            for share, days, key in (
                (objected, courts.objection_days, ("courts", "objection_days")),
                (late, debtor.days, ("debtor_sale", "days")),
            )
            if share > 0.0
        ]
        if longer:
            adds = max(longer, key=lambda one: one[1])[2]
            yield from self._age(sum(days for _, days, _ in longer), adds, prod(one[0] for one in longer))

    def _age(self, added: float = 0.0, adds: Key = (), share: float = 1.0) -> Iterator[Term]:
        """Days from the report to the first notice, and to the opening of the last auction, at the least.

        One that would no longer hold at the notice is found again on its day; where it holds for less than the year of the
        law, the days of the auction count from its end.
        """
        courts = self.own.courts
        valid = courts.report_valid_days if self.prepared else inf
        days = courts.pricing_days + courts.notice_days + added if self.prepared else 0.0
        if days > valid:
            if added:
                return
            days = 0.0
        yield Term("report_to_notice", days, ("courts", "notice_days"), share=share, added=added, adds=adds)
        parts = self._to_last_auction()
        days += sum(part for part, _ in parts)
        key = max(parts, key=lambda one: one[0])[
            1
        ]  # what takes longest: the last notice may be as short as the law lets it be
        quantity: str = "report_to_auction"
        also: Key = ()
        if valid < highest("report_valid"):
            quantity, days, also = "expiry_to_auction", days - valid, ("courts", "report_valid_days")
        summed = tuple(of for _, of in parts)
        yield Term(quantity, days, key, share=share, also=also, added=added, adds=adds, parts=summed)

    def _to_last_auction(self) -> list[tuple[float, Key]]:
        """Stretches of days from the first notice to the opening of the last auction, and the parameter that each is due to."""
        found: list[tuple[float, Key]] = []
        again = self.own.courts.notice_again_days
        for place, (name, one) in enumerate(self.rounds):
            if place:
                found += [(one.relist_days, self._round(name, "relist_days")), (again, ("courts", "notice_again_days"))]  # fmt: skip
            found.append((self._notice(one), self._round(name, f"notice_days_{self.movable}")))
            if name == self.auctions[-1][0]:
                break
            found.append((one.window_days, self._round(name, "window_days")))
        return found
