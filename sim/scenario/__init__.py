"""What is assumed: TOML files made into one frozen, validated ``Scenario``, or every defect at once."""

from sim.scenario.errors import Defect, ScenarioError, SimError
from sim.scenario.files import find
from sim.scenario.load import Loaded, from_text, load

__all__ = ["Defect", "Loaded", "ScenarioError", "SimError", "find", "from_text", "load"]
