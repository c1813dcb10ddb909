"""Sweeps: a design, its runs in chunks, the store of those finished, and the results."""
