"""Optimisation: decision variables, the search, the Pareto front."""
