"""What every worker needs, loaded once by the process that forks them: then a worker starts in milliseconds."""

import pyarrow.parquet  # noqa: F401

import sim.experiments.sweep.chunks  # noqa: F401
from sim.experiments.provenance import RUN, SWEEP, provenance

for root in (SWEEP, RUN):
    provenance(root)  # of the code as it is loaded here, not as it may be edited later
