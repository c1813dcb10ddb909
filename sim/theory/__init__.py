"""Closed forms: what the model must report when its assumptions are simple enough to be solved.

Pure functions of numbers or arrays (they broadcast), with fixed quadrature: exact to 1e-9 or so, fast enough to
stand inside a calibration. Money in the formulas is in units of the lot's market value unless said otherwise.
Used by ``sim.verification`` (is the simulator right?), by calibration (where is the data's ridge?) and, for values of
lots and the cutoff of those who wait, by the model, whose processes import no more than they need.
"""
