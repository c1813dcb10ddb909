"""One round's bidding: the rules (a plain object that knows no SimPy) and the process that lives through it.

Law: 2016 rules, Arts 10 (the start is the reserve), 11 (one bidder is enough), 18 (registration until the
end), 20 (ascending, increments, a bid in the last five minutes moves the end to five minutes after it),
21 (a priority purchaser wins at an equal price); 2017 notice (the first bid of a sell-off starts 24 hours).

Two styles of bidding, one outcome. ``ProxyAuction`` moves the price at once to where a contest would end: the
lesser of the newcomer's value and the best one. ``LadderAuction`` lets the two keenest walk there by hand, bid
by bid. The same bidders win in both and prices differ by one increment at most, because both compare limits in
whole increments and the first to hold a limit keeps it against an equal one. (But for this: who comes at the last
minute with the leader's limit may move the end by proxy, and by hand find no step left to bid. A third who
comes only thanks to that is heard by proxies alone.) A third style is for theory: ``OnceAuction`` takes one bid of one
increment from everybody who comes, and the last one wins (bids at a given rate: the closed form of the soft close).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import count
from math import exp, log1p
from typing import TYPE_CHECKING

from sim.locale.language import said
from sim.model.bidders import PotentialBidder
from sim.model.clock import Timer
from sim.model.random_streams import Purpose
from sim.model.records import pack_bid, pack_registration
from sim.model.rules import Rules
from sim.scenario.extensions import ExtensionError

if TYPE_CHECKING:
    from sim.model.lots import Lot
    from sim.model.recorder import Recorder

NOBODY = -1
NEVER, NAN = float("inf"), float("nan")
DAY = 1.0  # length of the clock that the first bid of a sell-off starts
LONGEST_WAR = 2000  # a bid takes this part of what is left to climb at least (a start of 1 yuan on a villa)
ANSWERS = 32  # delays drawn at once; a war takes some dozens


# The rules of an auction that both engines go by: the objects below, and the compiled loop (sim.model.compiled), whose
# auctions are rows of an array with the same names.


def steps(auction: ProxyAuction, value: float) -> int:
    """Whole increments above the start that ``value`` pays for."""
    return int((value - auction.start) / auction.increment + 1e-9)


def ascend(auction: ProxyAuction, who: int, value: float) -> None:
    """Who leads and at what price once everybody has bid as far as they would go."""
    if auction.leader == NOBODY:
        auction.leader, auction.best = who, value
    elif abs(value - auction.best) < auction.increment and steps(auction, value) == steps(
        auction, auction.best
    ):
        auction.price = auction.start + steps(auction, value) * auction.increment
        if who == auction.priority:
            auction.leader, auction.best = who, value
    elif value > auction.best:
        auction.price = auction.best
        auction.leader, auction.best = who, value
    else:
        auction.price = value
    auction.asking = auction.price + auction.increment


def step_up(auction: ProxyAuction, who: int, value: float) -> None:
    """The newcomer leads, one increment above the standing price; a priority purchaser may also bid that price."""
    if auction.leader != NOBODY and value >= auction.asking:
        auction.price += auction.increment
    auction.leader, auction.best = who, value
    auction.asking = auction.price + auction.increment


def move_end(auction: ProxyAuction, now: float) -> None:
    """A bid moves the end: by the soft close, or as the first bid of a sell-off."""
    auction.placed += 1
    if auction.sell_off and auction.placed == 1:
        auction.closes = now + DAY
    elif auction.closes - now < auction.soft_close:
        auction.closes = now + auction.soft_close
        auction.extensions += 1


def next_step(auction: LadderAuction, who: int) -> int:
    """The step ``who`` would take now; the standing one if they cannot go higher."""
    at, left = auction.step, auction.target - auction.step
    if at < 0:
        return 0
    stride = int(auction.jump * left) if left > auction.single_steps else 1
    if stride * LONGEST_WAR < left:
        stride = left // LONGEST_WAR
    step = at + (stride if stride > 1 else 1)
    limit, short = auction.limit, auction.target - 1
    if who != auction.leader:  # the weaker never takes the stronger's last step
        limit = short if limit == auction.target else auction.target
    elif step == short and limit == auction.target:  # one short they would be left unable to answer
        return limit
    if step > limit:  # as far as they can, if that is further than it stands
        return limit if limit > at else at
    return step


class ProxyAuction:
    """The rules of an ascending auction, as a proxy for each bidder would play it."""

    __slots__ = (
        "answers_at", "asking", "attempt", "best", "bidders", "bids", "closes", "entry_deadline", "extensions", "increment",
        "leader", "lot", "placed", "price", "priority", "registrations", "sell_off", "soft_close", "start",
    )  # fmt: skip

    def __init__(
        self,
        rules: Rules,
        recorder: Recorder,
        lot: Lot,
        start: float,
        closes: float,
        sell_off: bool = False,
    ) -> None:
        self.bids, self.registrations = recorder.bids, recorder.registrations
        self.lot, self.attempt, self.priority = lot.lot, lot.rounds, lot.priority
        self.start = self.price = self.asking = start
        self.increment = start * rules.increment
        self.soft_close = rules.soft_close
        self.closes = closes
        self.entry_deadline = closes  # of newcomers; the ladder's answers may go on to ``closes``
        self.sell_off = sell_off
        self.leader = NOBODY
        self.best = 0.0  # what the leader would pay
        self.placed = self.bidders = self.extensions = 0
        self.answers_at = NEVER

    def enter(self, who: int, value: float, now: float) -> None:
        """A registered newcomer who can pay what is asked makes themselves heard."""
        self._contest(who, value)
        self._bid(who, self.price, now)
        self.bidders += 1
        self.entry_deadline = self.closes

    def answer(self) -> None:
        """Proxies answer at once: nothing is ever pending."""

    _contest = ascend
    _steps = steps
    _move_end = move_end

    def _bid(self, who: int, price: float, now: float) -> None:
        """Record a bid, which may move the end."""
        self.bids.append(pack_bid(self.lot, self.attempt, who, now, price))
        self._move_end(now)

    def hammer(self) -> float:
        """The standing price; nan without a bid."""
        return self.price if self.placed else NAN


class EmptyAuction:
    """A round to which nobody comes who could pay the start."""

    leader = NOBODY
    bidders = placed = extensions = 0

    def hammer(self) -> float:
        """No bid, no price."""
        return NAN


class OnceAuction(ProxyAuction):
    """Everybody who comes and can bids one increment above the standing price, once."""

    __slots__ = ()

    _contest = step_up


class LadderAuction(ProxyAuction):
    """Bidding by hand: a newcomer bids one step, whoever is outbid answers, until one of the two gives up.

    ``price``, ``leader`` and ``best`` say where the contest will end (as in the proxy auction); ``step`` and
    ``holder`` say where it stands. A bid takes one increment, or, where more than ``single_steps`` are left to climb, the share
    ``jump`` of them (nobody bids ten thousand single steps from a token start). Answers take longer in extensions, after the end
    that was set. The weaker of the two never takes the
    stronger's last step: on equal terms the first to hold a limit keeps it.
    """

    __slots__ = (
        "answer_step",
        "answerer",
        "challenger",
        "delays",
        "holder",
        "jump",
        "limit",
        "set_end",
        "single_steps",
        "step",
        "target",
    )

    def __init__(
        self,
        rules: Rules,
        recorder: Recorder,
        lot: Lot,
        start: float,
        closes: float,
        sell_off: bool = False,
    ) -> None:
        super().__init__(rules, recorder, lot, start, closes, sell_off)
        self.jump, self.single_steps = rules.jump, rules.single_steps
        self.set_end = closes  # after it bidding goes on in extensions alone
        self.delays = answer_delays(rules, lot, lot.rounds)
        self.holder = self.answerer = self.challenger = NOBODY
        self.step = -1  # increments above the start of the standing bid
        self.answer_step = self.target = self.limit = 0

    def hammer(self) -> float:
        return self.start + self.step * self.increment if self.placed else NAN

    def enter(self, who: int, value: float, now: float) -> None:
        before = self.leader
        self._contest(who, value)
        self.challenger = before if who == self.leader else who
        self.target = self._steps(self.price)  # where the challenger gives up
        self.limit = self._steps(self.best)  # where the leader would
        # New interest ends as it would with proxies: answers keep the auction open but bring nobody new.
        if self.sell_off and before == NOBODY:
            self.entry_deadline = self.set_end = now + DAY
        elif self.entry_deadline - now < self.soft_close:
            self.entry_deadline = now + self.soft_close
        placed = self.placed
        self._raise(who, self._next_step(who), now)
        self.bidders += self.placed > placed  # who could only take the leader's last step says nothing

    def answer(self) -> None:
        """The outbid one of the two keenest answers."""
        self._raise(self.answerer, self.answer_step, self.answers_at)

    def _raise(self, who: int, step: int, now: float) -> None:
        """``who`` bids if the rules of the war let them; then the other one, if they can, prepares an answer."""
        leader = self.leader
        if step > self.step or (who == leader == self.priority != self.holder):
            self.step, self.holder = step, who
            self._bid(who, self.start + step * self.increment, now)
        self.answerer = answerer = leader if self.holder != leader else self.challenger
        answers = NEVER
        if answerer != NOBODY:
            self.answer_step = self._next_step(answerer)
            if self.answer_step > self.step:
                answers = now + self.delays(now >= self.set_end)
                if answers >= self.closes:  # only without a soft close: the end is known, they hurry
                    soon = now + (self.closes - now) / 2.0
                    answers = soon if soon < self.closes else now
        self.answers_at = answers

    _next_step = next_step


class BiddingStyle:
    """How people bid, and how a price comes of it: derive from it, and give an object of it to ``Scenario.extend``.

    All auctions are then held so; registration, extensions and the end of a sell-off stay as the law has them. One object is used
    in all auctions, so it remembers nothing of one: what stands in an auction is written there.

    Examples
    --------
    >>> import sim
    >>> class Shaded(sim.BiddingStyle):
    ...     "Nobody goes beyond 95 % of what the lot is worth to them."
    ...     def limit(self, auction, who, value):
    ...         return 0.95 * value
    """

    def limit(self, auction: OwnAuction, who: int, value: float) -> float:
        """How far a newcomer goes to whom the lot is worth ``value``; who would not pay ``auction.asking`` only watches."""
        return value

    def contest(self, auction: OwnAuction, who: int, limit: float) -> None:
        """Who leads, at what price, once a newcomer has bid: sets ``leader``, ``best`` (the leader's limit), ``price`` and
        ``asking`` of the auction. Unless defined otherwise, the ascending auction: whoever goes farthest leads, at the next
        one's limit."""
        auction.ascend(who, limit)


class OwnAuction(ProxyAuction):
    """An auction in a style of bidding that was given as an object."""

    __slots__ = ("style",)

    def __init__(
        self,
        rules: Rules,
        recorder: Recorder,
        lot: Lot,
        start: float,
        closes: float,
        sell_off: bool = False,
    ) -> None:
        super().__init__(rules, recorder, lot, start, closes, sell_off)
        assert rules.own_bidding is not None
        self.style = rules.own_bidding

    def enter(self, who: int, value: float, now: float) -> None:
        limit = self.style.limit(self, who, value)
        if limit >= self.asking or (who == self.priority and limit >= self.price):
            super().enter(who, limit, now)

    def ascend(self, who: int, limit: float) -> None:
        """As in the ascending auction."""
        ascend(self, who, limit)

    def _contest(self, who: int, value: float) -> None:
        before = self.price
        self.style.contest(self, who, value)
        if not before <= self.price < NEVER or self.leader == NOBODY:
            of = f"{type(self.style).__qualname__}.contest"
            raise ExtensionError(
                said("part.rising", of=of, before=repr(before), after=repr(self.price), leader=self.leader)
            )


def auction_of(
    rules: Rules, recorder: Recorder, lot: Lot, start: float, closes: float, sell_off: bool
) -> ProxyAuction:
    """The auction of one round of a lot, in the scenario's style of bidding."""
    style = STYLES[rules.bidding] if rules.own_bidding is None else OwnAuction
    return style(rules, recorder, lot, start, closes, sell_off)


STYLES: dict[str, type[ProxyAuction]] = {
    "proxy": ProxyAuction, "ladder": LadderAuction, "once": OnceAuction,
}  # fmt: skip


def mean_answer(rules: Rules, extended: bool) -> float:
    """Mean time the outbid take to answer, days; ``extended``: once the end that was set is past."""
    return rules.reply_extended if extended else rules.reply


def answered_within(rules: Rules, extended: bool) -> float:
    """The share of exponential answers that come before the soft close runs out; without one, within five means."""
    mean = mean_answer(rules, extended)
    return 1.0 - exp(-(rules.soft_close if rules.soft_close > 0.0 else mean * 5.0) / mean)


def answer_delays(rules: Rules, lot: Lot, attempt: int) -> Callable[[bool], float]:
    """How long the outbid take to answer, days: exponential, cut off where the soft close would run out on them. Called with whether the
    end that was set is past.
    """
    draws = _draws(lot, attempt)

    def delay(extended: bool) -> float:
        # Python's log1p, which is the same on every processor and in the compiled engine; NumPy's is not.
        return -mean_answer(rules, extended) * log1p(-answered_within(rules, extended) * next(draws))

    return delay


def _draws(lot: Lot, attempt: int) -> Iterator[float]:
    """Uniform numbers for the answers of one round; a generator, so that a round without a contest (four of five) makes no stream."""
    for some in count():
        rng = lot.interested.random.alone(Purpose.REPLIES, lot.row, attempt, some)
        yield from rng.random(ANSWERS).tolist()


def bidding(
    timer: Timer, auction: ProxyAuction, eligible: Iterable[PotentialBidder], opens: float, leaves: float
) -> Generator[Timer, None, int]:
    """From the opening to the end; returns how many registered.

    Sleeps from bid to bid: who cannot pay the start does not register, who cannot pay what is
    asked only watches, and neither changes anything. ``leaves`` is when the lot is withdrawn, if ever.
    """
    lot, attempt, start, priority = auction.lot, auction.attempt, auction.start, auction.priority
    register = auction.registrations.append
    registered = 0
    shut = auction.entry_deadline if auction.entry_deadline < leaves else leaves
    for offset, value, who in eligible:
        if value < start:
            continue
        when = opens + offset
        while (answers := auction.answers_at) <= when and answers < leaves:  # the war goes on until they come
            yield timer.at(answers)
            auction.answer()
        if when >= shut or when >= auction.closes:
            break
        registered += 1
        register(pack_registration(lot, attempt, who, when, value, who == priority))
        if value >= auction.asking or (who == priority and value >= auction.price):
            yield timer.at(when)
            auction.enter(who, value, when)
            shut = auction.entry_deadline if auction.entry_deadline < leaves else leaves
    while (answers := auction.answers_at) < leaves and answers != NEVER:
        yield timer.at(answers)
        auction.answer()
    yield timer.at(auction.closes if auction.closes < leaves else leaves)
    return registered
