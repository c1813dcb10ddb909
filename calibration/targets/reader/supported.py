"""What of a scenario calibration cannot follow: a targets file that stands on it is refused.

Listing times come from the simulator, so whatever acts before a lot's first notice is followed and is not refused: an
objection to the reference price (``courts.objection_share``, ``objection_days``, ``objection_wait_days``), reports that
have expired (``courts.report_valid_days``: the new price has an error of the same law, and the lot's method is that of
the new one). ``creditors.bid_share`` acts only where bidders are short of money, which is refused. From the first notice
on a lot goes by closed forms (``lot_outcomes``, ``durations``) and by the rule of ``listing_times``: what these leave out
stands here. What is laid over a scenario later, a policy or a draw, is held to the same (``held_to``), and so is how far a free
parameter goes (``reaching``): neither turns on what the scenario itself may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from calibration.targets.parameter_space import BY_PERIOD, MARKET, Free
from calibration.targets.reader.defects import TargetsError
from sim.locale.language import said
from sim.scenario.errors import Defect, joined
from sim.scenario.files import leaves
from sim.scenario.keys import write_key
from sim.scenario.load import Overlay
from sim.scenario.schema import EQUITY, HOME, Scenario

# Free parameters of the inflow that turn on what is not followed, where they are above 0.
TURN_ON: Final = ("courts.notice_again_days", "disposal.suspension_share")


def held_to(scenario: Scenario, laid: str) -> None:
    """Refuse a scenario over which ``laid`` was laid, if closed forms do not follow it. Raises ``TargetsError``.

    Values of its own periods, which calibration draws itself, may change at dates; nothing else may.
    """
    changed = {".".join(key) for tree in scenario.from_.values() for key in leaves(tree)}
    dated = not all(BY_PERIOD.fullmatch(path) for path in changed)
    every = [scenario] if dated else [one for _, one in scenario.periods]
    problems = dict.fromkeys(problem for one in every for problem in supported(one))
    if problems:
        raise TargetsError([Defect(laid, "", problem) for problem in problems])


def policy_followed(laid: Overlay) -> None:
    """Refuse a policy with a value that the closed forms of rounds have no place for. Raises ``TargetsError``."""
    odd = [".".join(key) for key in leaves(laid.tree) if not MARKET.fullmatch(".".join(key))]
    if odd:
        raise TargetsError([Defect(laid.name, "", said("supported.policy", name=path)) for path in odd])


def reaching(scenario: Scenario, free: Sequence[Free]) -> list[str]:
    """What free parameters would turn on at the ends of their ranges that the scenario itself has off."""
    found = []
    for one in free:
        for path in TURN_ON:
            if path in one.paths and float(one.plain(one.high)) > 0.0:
                table, key = path.split(".")
                part = getattr(scenario, table).model_copy(update={key: float(one.plain(one.high))})
                found += supported(scenario.model_copy(update={table: part}))
    return found


def supported(scenario: Scenario) -> list[str]:
    """What of a scenario the closed forms cannot follow; empty if nothing."""
    problems = [
        said("supported.base", name=path, value=f"{value:g}")
        for path, value in _off_in_base(scenario)
        if value > 0.0
    ]
    for table in ("kinds", "rounds", "pricing"):
        odd = [name for name in getattr(scenario, table) if "." in name]
        problems += [
            said("place", where=write_key((table, name)), said=said("supported.dot")) for name in odd
        ]
    own = [write_key(("kinds", name)) for name, kind in scenario.kinds.items() if kind.own]
    if own:
        problems.append(said("supported.own", kinds=joined(own)))
    if scenario.from_:
        problems.append(said("supported.dates", dates=joined(sorted(scenario.from_))))
    if scenario.interest.values != "lognormal":
        problems.append(said("supported.values", value=repr(scenario.interest.values)))
    return [*problems, *_bidding(scenario)]


def _off_in_base(scenario: Scenario) -> Iterator[tuple[str, float]]:
    """Parameters that are 0 in the base model, and must be here, where they have an effect at all."""
    yield "strategic_waiting.share", scenario.strategic_waiting.share
    yield "liquidity.short_share", scenario.liquidity.short_share
    yield "finite_market.patience_days", scenario.finite_market.patience_days
    yield "creditors.compare_share", scenario.creditors.compare_share
    yield "creditors.prior_share", scenario.creditors.prior_share
    yield "debtor_sale.share", scenario.debtor_sale.share
    yield "disposal.third_party_share", scenario.disposal.third_party_share
    yield "start.cut_relief", scenario.start.cut_relief
    if any(kind.asset == HOME for kind in scenario.kinds.values()):
        yield "eligibility.restricted_bidders", scenario.eligibility.restricted_bidders
        yield "eligibility.restricted_creditors", scenario.eligibility.restricted_creditors
    if scenario.disposal.suspension_share > 0.0:
        yield "disposal.resume_days", scenario.disposal.resume_days
    if scenario.arrivals.mode != "listing":  # else no clerk writes notices
        yield "courts.notice_again_days", scenario.courts.notice_again_days
        if any(
            kind.asset == EQUITY for kind in scenario.kinds.values()
        ):  # withdrawn before they are listed: no form counts them
            yield "debtor_sale.before_share", scenario.debtor_sale.before_share


def _bidding(scenario: Scenario) -> Iterator[str]:
    """What the closed forms of prices and of sell-offs take for granted: that bidding goes on to the second highest value,
    that whoever comes to an auction comes in time, and that people come to a sell-off evenly.
    """
    auction = scenario.auction
    if auction.bidding == "once":
        yield said("supported.once", value=repr(auction.bidding))
    if auction.bidding == "ladder" and auction.soft_close_minutes == 0.0:
        yield said("supported.soft_close")
    for name, one in scenario.rounds.items():
        if not one.held:
            continue
        if one.format == "auction" and one.overhang_minutes > 0.0:
            at = write_key(("rounds", name, "overhang_minutes"))
            yield said("supported.base", name=at, value=f"{one.overhang_minutes:g}")
        if one.format == "sell-off" and one.early_share < 1.0 and one.late_shape != 1.0:
            at = write_key(("rounds", name, "late_shape"))
            yield said("supported.evenly", name=at, value=f"{one.late_shape:g}")
