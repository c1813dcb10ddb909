"""All pictures. One function a picture: plain arrays and dicts in, a matplotlib ``Figure`` out."""

from __future__ import annotations

from sim.reporting.figures.backlog import COURTS, backlog_by_court, backlog_by_kind, backlog_keys
from sim.reporting.figures.bidding import HeldRound, bidding
from sim.reporting.figures.change import before_and_after
from sim.reporting.figures.course import lot_course
from sim.reporting.figures.distribution import days_to_sale, premium_distribution
from sim.reporting.figures.flow import lot_flow
from sim.reporting.figures.published import published_vs_simulated
from sim.reporting.figures.time import open_lots

__all__ = [
    "COURTS",
    "HeldRound",
    "backlog_by_court",
    "backlog_by_kind",
    "backlog_keys",
    "before_and_after",
    "bidding",
    "days_to_sale",
    "lot_course",
    "lot_flow",
    "open_lots",
    "premium_distribution",
    "published_vs_simulated",
]
