"""Simulation of online judicial auctions (网络司法拍卖): from case to hammer.

In Python::

    import sim

    shanxi = sim.load_scenario("shanxi")
    result = shanxi.run(replications=20)
    result.measures

What is named here is loaded when it is first asked for, so that ``import sim`` costs nothing; see ``sim.api``. Folders are
layers, each importing only those below it: see ``docs/design.md``, and the contracts in ``pyproject.toml``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.api.calibrations import AuditResult, CalibrationResult, audit, calibrate
    from sim.api.codebooks import codebook
    from sim.api.comparisons import CompareResult, compare
    from sim.api.extensions import Behaviour, BiddingStyle, ExtensionError, Measure, PricingMethod, Reaction
    from sim.api.optimisations import OptimiseResult, optimise
    from sim.api.runs import RunResult, run
    from sim.api.scenarios import Scenario, ScenarioError, SimError, load_scenario
    from sim.api.sensitivities import SensitivityResult, sensitivity
    from sim.api.sweeps import SweepResult, sweep

__version__ = "0.1.0"
__all__ = [
    "AuditResult",
    "Behaviour",
    "BiddingStyle",
    "CalibrationResult",
    "CompareResult",
    "ExtensionError",
    "Measure",
    "OptimiseResult",
    "PricingMethod",
    "Reaction",
    "RunResult",
    "Scenario",
    "ScenarioError",
    "SensitivityResult",
    "SimError",
    "SweepResult",
    "__version__",
    "audit",
    "calibrate",
    "codebook",
    "compare",
    "load_scenario",
    "optimise",
    "run",
    "sensitivity",
    "sweep",
]
# Where each stands. Modules are plurals, so that none is taken for the function of its name.
_HOMES = {
    "calibrations": ("AuditResult", "CalibrationResult", "audit", "calibrate"),
    "codebooks": ("codebook",),
    "comparisons": ("CompareResult", "compare"),
    "extensions": ("Behaviour", "BiddingStyle", "ExtensionError", "Measure", "PricingMethod", "Reaction"),
    "optimisations": ("OptimiseResult", "optimise"),
    "runs": ("RunResult", "run"),
    "scenarios": ("Scenario", "ScenarioError", "SimError", "load_scenario"),
    "sensitivities": ("SensitivityResult", "sensitivity"),
    "sweeps": ("SweepResult", "sweep"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # type checkers read the imports above, and complain of any other name

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module 'sim' has no attribute {name!r}")
        found = getattr(import_module(f"sim.api.{_HOME[name]}"), name)
        globals()[name] = found  # the next time it is there
        return found

    def __dir__() -> list[str]:
        return sorted(__all__)
