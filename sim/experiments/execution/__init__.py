"""Execution: where replications run, in this process, in a pool of workers or on a cluster."""
