"""A court: cases come in, clerks prepare their lots, lots go their way (执行法院).

Clerks are few (a SimPy resource, first come first served): when cases come faster than they can be worked
off, lots wait, and the backlog is an outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any

import simpy

from sim.model.behaviour.baseline import BASELINE, Behaviour
from sim.model.clock import Begun, Clock, Timer
from sim.model.disposal import Way, dispose
from sim.model.lots import Lot
from sim.model.pricing import Pricing
from sim.model.recorder import Recorder
from sim.model.records import Outcome
from sim.model.rules import Rules

SOLD, WITHDRAWN = int(Outcome.SOLD), int(Outcome.WITHDRAWN)
NONE: Mapping[int, Sequence[Behaviour]] = {}


class Court:
    """One court within an environment; what happens there is written into ``recorder``."""

    def __init__(
        self,
        env: Clock,
        rules: Rules,
        pricing: Pricing,
        arrivals: Iterator[list[Lot]],
        recorder: Recorder,
        behaviours: Sequence[Behaviour] = (BASELINE,),
        *,
        own: Mapping[int, Sequence[Behaviour]] = NONE,
    ) -> None:
        """``own``: what people do where a kind has rules of its own, by kind."""
        self.env = env
        self.rules = rules
        self.pricing = pricing
        self.recorder = recorder
        self.behaviours = behaviours
        self.own = own
        self.clerks = simpy.Resource(env, rules.clerks) if rules.clerks else None
        env.process(self._open(arrivals))

    def _open(self, arrivals: Iterator[list[Lot]]) -> Way:
        """The arrivals: each lot starts on its way when its case comes in."""
        timer = Timer(self.env)
        way = self._listed if self.rules.listing else self._seized
        for some in arrivals:
            for lot in some:
                if lot.seized > self.env.now:
                    yield timer.at(lot.seized)
                self.recorder.open(lot)
                Begun(self.env, way(lot))

    def _listed(self, lot: Lot) -> Way:
        """A lot whose listing date is given: priced and listed on the spot."""
        rules = self.rules.on(self.env.now)
        self.pricing.choose(lot, self.env.now)
        self.pricing.price(lot, rules.period)
        lot.priced = self.env.now
        return dispose(Timer(self.env), lot, self._own(lot, rules), self.recorder, self._people(lot))

    def _seized(self, lot: Lot) -> Way:
        """A seized lot: survey by a clerk, pricing, notice by a clerk, sale, handover by a clerk."""
        timer, env = Timer(self.env), self.env
        rules = self.rules.on(env.now)
        yield from self._work(timer, rules.survey)
        yield timer.at(env.now + self.pricing.choose(lot, env.now))
        rules = priced = rules.on(env.now)
        if lot.crossing is not None:
            lot.crossing.renew(lot, rules.period)
        self.pricing.price(lot, priced.period)
        if lot.objected and rules.objection_wait:  # 2018 rules Arts 22, 23
            yield timer.at(env.now + rules.objection_wait)
            rules = rules.on(env.now)
        lot.priced = env.now
        if lot.before_days < inf:  # 2021 equity rules Art 10
            yield timer.at(env.now + lot.before_days)
            rules = rules.on(env.now)
            if lot.before_sold:
                lot.price = lot.reference * rules.sold_before_price
                return self.recorder.close(lot, WITHDRAWN, env.now)
        objection = rules.objection_work if lot.objected else 0.0
        yield from self._work(timer, rules.notice_work + rules.pricing_work + objection)
        if env.now - lot.priced > rules.on(env.now).report_valid:  # 2018 rules Art 27
            yield timer.at(env.now + self.pricing.choose(lot, env.now))
            rules = priced = rules.on(env.now)
            if lot.crossing is not None:
                lot.crossing.renew(lot, rules.period)
            self.pricing.price_again(lot, priced.period)
            lot.priced = env.now
        rules = rules.on(env.now)
        if lot.crossing is not None and rules is not priced:
            lot.crossing.renew(lot, rules.period)
            self.pricing.price(lot, priced.period)  # what it is now, with the error that the court made then
        yield from dispose(timer, lot, self._own(lot, rules), self.recorder, self._people(lot), self._work)
        if lot.outcome == SOLD:
            yield from self._work(timer, rules.on(env.now).handover)

    def _own(self, lot: Lot, rules: Rules) -> Rules:
        """The rules that hold for the lot today: its kind's own, where it has such."""
        own = self.rules.kinds.get(lot.kind)
        return rules if own is None else own.on(self.env.now)

    def _people(self, lot: Lot) -> Sequence[Behaviour]:
        """What people do, by period, under the rules of the lot's kind."""
        return self.own.get(lot.kind, self.behaviours)

    def close(self) -> None:
        """After the run: end those who still wait for a clerk, so that they go without Python's cycle collector."""
        if self.clerks is not None:
            for turn in self.clerks.queue:
                for resume in turn.callbacks:
                    resume.__self__._generator.close()
                turn.callbacks.clear()
            self.clerks.queue.clear()
            self.clerks.users.clear()

    def _work(self, timer: Timer, days: float) -> Way:
        """``days`` of a clerk's time, after waiting for one if all are busy; who needs none waits for nobody."""
        if days == 0.0:
            return
        clerks = self.clerks
        turn: Any = timer
        if clerks is not None:
            # Whoever finds a clerk free takes them, who does not queues, and whoever is done gives them to the next: a
            # request and a release without their events and ceremony, a fifth of a run of Shanxi.
            if clerks.count < clerks.capacity:
                clerks.users.append(turn)
            else:
                turn = self.env.event()
                clerks.queue.append(turn)
                yield turn
        yield timer.at(self.env.now + days)
        if clerks is not None:
            clerks.users.remove(turn)
            if clerks.queue:
                clerks._trigger_put(None)
