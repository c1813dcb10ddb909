"""The compiled engine: the model's way once more as one loop over arrays, which gives the same records as SimPy's to the last bit.

The readable model (``sim.model.disposal``, ``sim.model.auction``, ``sim.model.court``) is the reference; here its steps stand as
functions of plain arrays, in the same order and under the same names. Draws, prices' tables and rules are the model's own.
"""
