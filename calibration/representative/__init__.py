"""The representative: one point of the posterior, polished in the simulator, as a scenario."""
