"""Days from listing to sale, and the share of lots still offered at each stage: withdrawals, defaults and lots taken in kind.

A lot may be withdrawn on any day (at a constant rate), is offered in no sell-off once it was taken in kind after the last
auction, and is put up again, once, when the winner does not pay (2016 rules Art 24).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.forward_model.lot_outcomes import Look, rules, sell_off_ends, stages
from sim.model.rules import Rules
from sim.model.traits import SUSPENDED_WITHIN
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]

WAIT: Final = 0.5  # days, mean wait for the opening hour


@dataclass(frozen=True, slots=True)
class Passage:
    """What becomes of lots of each kind by the end of each stage. (kind, stage): ``days``, ``days_again``: from listing to
    a sale, and to one after a default. (n, kind, stage), shares of lots with a winner in the stage: ``won``: still offered
    there; ``paid``: and paid for; ``again``: put up again; ``late``: and paid for then. (n, kind, round): ``failed``: share
    of lots unsold by their round that is still offered in it.
    """

    of_stage: npt.NDArray[np.intp]  # (stage,) the round
    days: Floats
    days_again: Floats
    won: Floats
    paid: Floats
    again: Floats
    late: Floats
    failed: Floats


def passage(look: Look) -> Passage:
    """The passage of lots at a batch of parameter values."""
    scenario = look.scenario
    term = rules(scenario)
    of_stage = np.array([stage.round for stage in stages(scenario)])
    notice = np.array([int(one.movable) for one in scenario.kinds.values()])  # row of ``stage_days``, by kind
    days, days_again, days_failed = (found[notice] for found in stage_days(scenario, term))
    hazard = look("disposal.withdrawal_rate")[:, None, None]
    taken = look("disposal.in_kind_second")[:, None, None]
    default = look("disposal.default_rate")[:, None, None]
    rounds = np.arange(len(term.stages))
    offered = np.where(rounds > term.last_auction, 1.0 - taken, 1.0) if term.last_auction >= 0 else np.ones_like(taken)  # fmt: skip
    held = (offered + np.zeros(len(rounds)))[:, :, of_stage]
    won = held * np.exp(-hazard * days)
    again = held * np.exp(-hazard * days_again) * default
    return Passage(
        of_stage=of_stage, days=days, days_again=days_again,
        won=won, paid=won * (1.0 - default), again=again, late=again * (1.0 - default),
        failed=offered * np.exp(-hazard * days_failed),
    )  # fmt: skip


def stage_days(scenario: Scenario, term: Rules) -> tuple[Floats, Floats, Floats]:
    """Mean days from listing to a sale in the stage, (movable (no, yes), stage), holidays left out; the same where it is
    sold after a default; and to the end of a round without a sale, (movable, round).
    """
    halted = scenario.disposal.suspension_share * scenario.disposal.suspension_days / SUSPENDED_WITHIN
    wait = 0.0 if term.openings.any_time else WAIT  # later rounds follow one that ended at the opening hour
    first: tuple[list[float], list[float]] = ([], [])
    repeated: tuple[list[float], list[float]] = ([], [])
    failed: tuple[list[float], list[float]] = ([], [])

    def later(end: float) -> float:
        """An end put off by what suspensions do on average."""
        return end + halted * min(end, SUSPENDED_WITHIN)

    for movable in (False, True):
        now = wait
        for number, stage in enumerate(term.stages):
            notice = stage.notice_movable if movable else stage.notice_immovable
            opens = now + (stage.relist if number else 0.0) + notice
            now = opens + stage.window
            ends = [now]
            if stage.sell_off:
                ends = [opens + days for days in sell_off_ends(stage.window)]
            ends = [later(end) for end in ends]
            first[movable].extend(ends)
            again = term.payment + stage.relist + notice + wait + stage.window
            repeated[movable].extend(end + again for end in ends)
            failed[movable].append(later(now))
    return np.array(first), np.array(repeated), np.array(failed)


def methods_at_end(look: Look) -> Floats:
    """(n, method) shares of pricing methods on the last day of the scenario."""
    scenario = look.scenario
    share = np.stack(
        [
            look(f"pricing.{name}.share") * (one.since <= scenario.time.end)
            for name, one in scenario.pricing.items()
        ],
        axis=1,
    )
    return np.asarray(share / share.sum(axis=1, keepdims=True))
