"""Closed forms: what the model must report when its assumptions are simple enough to be solved.

Pure functions of numbers or arrays (they broadcast), with fixed quadrature: exact to 1e-9 or so, fast enough to
stand inside a calibration. Money in the formulas is in units of the lot's market value unless said otherwise.
Used by ``sim.verification`` (is the simulator right?) and by calibration (where is the data's ridge?).
"""

from sim.theory.appraisal import Appraised, appraised
from sim.theory.commission import commission_share, lognormal_commission, spread_of_prices
from sim.theory.english import English, english
from sim.theory.queue import Queue, queue
from sim.theory.rounds import Rounds, rounds
from sim.theory.selloff import SellOff, sell_off
from sim.theory.softclose import SoftClose, soft_close
from sim.theory.values import ValueLaw
from sim.theory.windows import resolved_any, resolved_own, sold_among_resolved

__all__ = [
    "Appraised",
    "English",
    "Queue",
    "Rounds",
    "SellOff",
    "SoftClose",
    "ValueLaw",
    "appraised",
    "commission_share",
    "english",
    "lognormal_commission",
    "queue",
    "resolved_any",
    "resolved_own",
    "rounds",
    "sell_off",
    "soft_close",
    "sold_among_resolved",
    "spread_of_prices",
]
