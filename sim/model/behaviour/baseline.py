"""What people do in the base model, and how to change it.

A disposal asks a ``Behaviour`` wherever people decide: creditors before the notice, after a failed round and at the end,
bidders when a round is held. ``Behaviour`` itself is the base model: where there is something to change it changes
nothing. A ``Reaction`` stands on another behaviour (``otherwise``) and says only what differs from it.

A potential bidder is (days after the opening, value in yuan, bidder number). Methods draw nothing from a shared stream:
what is random belongs to a lot, a person or both (``sim.model.counter_streams``).
"""

from __future__ import annotations

from collections.abc import Generator
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar

from sim.model.auction import ProxyAuction, bidding
from sim.model.bidders import DRAWN, Departing, PotentialBidder, again, timed
from sim.model.clock import Timer
from sim.model.rules import Stage

if TYPE_CHECKING:
    from sim.model.lots import Lot

NOBODY_WAITS: frozenset[int] = frozenset()


class Behaviour:
    """The base model: creditors are passive, bidders come once they are interested and bid up to their value."""

    known_at_opening: ClassVar[bool] = False  # whether who comes can be said only when the round opens

    def worth_selling(self, lot: Lot) -> bool:
        """Whether a lot that is priced is listed at all; may raise its first start, ``lot.start``."""
        return True

    def next_start(self, lot: Lot, start: float, before: float) -> float:
        """The start of a round that would open at ``start`` by the cut, after one at ``before``; inf: not sold."""
        return start

    def opening(self, lot: Lot, opens: float) -> float:
        """When a round opens that could open at ``opens``."""
        return opens

    def price_response(self, lot: Lot, start: float) -> float:
        """Factor on how many are interested in a round of the lot that opens at ``start``; kept as ``lot.price_response``."""
        return 1.0

    def potential_bidders(
        self, lot: Lot, stage: Stage, start: float, opens: float, held_again: int, returning: list[Departing]
    ) -> tuple[int, list[PotentialBidder]]:
        """How many are interested in a round, and those of them to whom the lot is worth the start, in order of coming.

        ``held_again``: after so many defaults; ``returning``: from the lot's rounds before.
        """
        if not held_again and stage.position < DRAWN:
            interested, eligible = lot.interested.looking(lot.place, stage, start, lot.price_response)
            if not returning:
                return interested, eligible
        else:
            fresh = timed(again(lot, stage, held_again), stage)
            interested, eligible = len(fresh), [one for one in fresh if one[1] >= start]
        back = timed([one for one in returning if one[1] >= start], stage)
        return interested + len(returning), sorted(eligible + back)

    def after_suspension(
        self, lot: Lot, opens: float, eligible: list[PotentialBidder]
    ) -> list[PotentialBidder]:
        """Of those who come, whoever still does when a suspension has moved the round's window."""
        return eligible

    def taking_part(
        self, lot: Lot, stage: Stage, start: float, deposit: float, eligible: list[PotentialBidder]
    ) -> list[PotentialBidder]:
        """Of those to whom the lot is worth its start, those who take part, in order of coming; ``deposit`` in yuan."""
        return eligible

    def standing_by(self, lot: Lot, start: float, eligible: list[PotentialBidder]) -> frozenset[int]:
        """Who of those taking part bids only once somebody else has; called in a finite market alone."""
        return NOBODY_WAITS

    def hold(
        self,
        timer: Timer,
        lot: Lot,
        auction: ProxyAuction,
        eligible: list[PotentialBidder],
        opens: float,
        leaves: float,
    ) -> Generator[Any, Any, int]:
        """The bidding, from the opening to the end; returns how many registered. ``leaves``: the lot is withdrawn then."""
        return bidding(timer, auction, eligible, opens, leaves)

    def round_ended(self, lot: Lot, result: int) -> None:
        """A round has ended: ``RoundOutcome``."""

    def departing(
        self, lot: Lot, stage: Stage, held_again: int, winner: int, persistence: float
    ) -> list[Departing]:
        """Those who went away from a round without the lot and may come back: with a probability up to ``persistence``."""
        if held_again or stage.position >= DRAWN:
            return again(lot, stage, held_again)
        return lot.interested.departing(lot.place, stage, winner, persistence, lot.price_response)

    def taken_in_kind(self, lot: Lot, start: float, by_chance: bool) -> bool:
        """Whether the creditor takes a lot that stayed unsold at ``start``; ``by_chance``: what the rates have drawn."""
        return by_chance


BASELINE = Behaviour()


class Reaction(Behaviour):
    """People who react: derive from it, and give an object of it to ``Scenario.extend``.

    It stands on what people do otherwise, ``self.otherwise``, and all that a subclass does not define is done as there; what can be
    defined is what ``Behaviour`` has. What an object remembers it remembers of one court in one replication.

    Examples
    --------
    >>> import sim
    >>> class Cautious(sim.Reaction):
    ...     "Nobody takes part in a lot's first round who values it at less than a tenth more than its start."
    ...     def taking_part(self, lot, stage, start, deposit, eligible):
    ...         eligible = self.otherwise.taking_part(lot, stage, start, deposit, eligible)
    ...         return [one for one in eligible if lot.rounds or one[1] >= 1.1 * start]
    """

    otherwise: Behaviour

    def __init__(self, otherwise: Behaviour = BASELINE) -> None:
        self.otherwise = otherwise

    @property
    def known_at_opening(self) -> bool:  # type: ignore[override]
        """As without the reaction."""
        return self.otherwise.known_at_opening

    def worth_selling(self, lot: Lot) -> bool:
        return self.otherwise.worth_selling(lot)

    def next_start(self, lot: Lot, start: float, before: float) -> float:
        return self.otherwise.next_start(lot, start, before)

    def opening(self, lot: Lot, opens: float) -> float:
        return self.otherwise.opening(lot, opens)

    def price_response(self, lot: Lot, start: float) -> float:
        return self.otherwise.price_response(lot, start)

    def potential_bidders(
        self, lot: Lot, stage: Stage, start: float, opens: float, held_again: int, returning: list[Departing]
    ) -> tuple[int, list[PotentialBidder]]:
        return self.otherwise.potential_bidders(lot, stage, start, opens, held_again, returning)

    def after_suspension(
        self, lot: Lot, opens: float, eligible: list[PotentialBidder]
    ) -> list[PotentialBidder]:
        return self.otherwise.after_suspension(lot, opens, eligible)

    def taking_part(
        self, lot: Lot, stage: Stage, start: float, deposit: float, eligible: list[PotentialBidder]
    ) -> list[PotentialBidder]:
        return self.otherwise.taking_part(lot, stage, start, deposit, eligible)

    def standing_by(self, lot: Lot, start: float, eligible: list[PotentialBidder]) -> frozenset[int]:
        return self.otherwise.standing_by(lot, start, eligible)

    def hold(
        self,
        timer: Timer,
        lot: Lot,
        auction: ProxyAuction,
        eligible: list[PotentialBidder],
        opens: float,
        leaves: float,
    ) -> Generator[Any, Any, int]:
        return self.otherwise.hold(timer, lot, auction, eligible, opens, leaves)

    def round_ended(self, lot: Lot, result: int) -> None:
        self.otherwise.round_ended(lot, result)

    def departing(
        self, lot: Lot, stage: Stage, held_again: int, winner: int, persistence: float
    ) -> list[Departing]:
        return self.otherwise.departing(lot, stage, held_again, winner, persistence)

    def taken_in_kind(self, lot: Lot, start: float, by_chance: bool) -> bool:
        return self.otherwise.taken_in_kind(lot, start, by_chance)


def stood_on(reaction: Reaction, otherwise: Behaviour) -> Reaction:
    """A reaction as one run has it: on what people do otherwise, with nothing left of another run."""
    mine = deepcopy(reaction)
    object.__setattr__(mine, "otherwise", otherwise)
    return mine
