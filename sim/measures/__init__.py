"""What is observed: the statistics courts report, as pure functions of the records.

``compute`` turns the records of one replication into a ``MeasureTable``; ``summarise`` turns the tables of
many replications into tidy columns. What each measure means stands in ``DEFINITIONS`` and nowhere else.
"""

from sim.measures.compute import compute
from sim.measures.definitions import DEFINITIONS, INTERPRETATIONS, Definition, definitions
from sim.measures.summary import BASES, Gathered, MeasureTable, WindowSpan, summarise

__all__ = [
    "BASES",
    "DEFINITIONS",
    "INTERPRETATIONS",
    "Definition",
    "Gathered",
    "MeasureTable",
    "WindowSpan",
    "compute",
    "definitions",
    "summarise",
]
