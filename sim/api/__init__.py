"""What ``import sim`` offers: scenarios as values, and a function for each thing that is done with them.

One file a concept. Nothing is computed here that the commands do not compute too: both call ``sim.experiments``.
"""
