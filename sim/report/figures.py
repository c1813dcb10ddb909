"""All pictures. One function a picture: plain arrays and dicts in, a matplotlib ``Figure`` out."""

from __future__ import annotations

from sim.report.bidding_figure import bidding
from sim.report.change_figure import before_and_after
from sim.report.compare_figure import printed_vs_simulated
from sim.report.distribution_figures import days_to_sale, premium_distribution
from sim.report.flow_figure import lot_flow
from sim.report.time_figure import open_lots

__all__ = [
    "before_and_after",
    "bidding",
    "days_to_sale",
    "lot_flow",
    "open_lots",
    "premium_distribution",
    "printed_vs_simulated",
]
