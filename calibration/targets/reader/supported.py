"""What of a scenario calibration cannot follow: a targets file that stands on it is refused."""

from __future__ import annotations

from sim.scenario.keys import write_key
from sim.scenario.schema import Scenario


def supported(scenario: Scenario) -> list[str]:
    """What of a scenario the closed forms cannot follow; empty if nothing."""
    problems = [
        f"{path} is {value:g}; calibration follows the base model, in which it is 0"
        for path, value in (
            ("strategic_waiting.share", scenario.strategic_waiting.share),
            ("liquidity.short_share", scenario.liquidity.short_share),
            ("finite_market.patience_days", scenario.finite_market.patience_days),
            ("creditors.compare_share", scenario.creditors.compare_share),
            ("creditors.prior_share", scenario.creditors.prior_share),
        )
        if value > 0.0
    ]
    for table in ("kinds", "rounds", "pricing"):
        odd = [name for name in getattr(scenario, table) if "." in name]
        problems += [
            f"{write_key((table, name))}: calibration takes no name with a dot in it" for name in odd
        ]
    if scenario.from_:
        dates = ", ".join(sorted(scenario.from_))
        problems.append(f"from {dates}: calibration does not follow values that change at a date")
    if scenario.interest.values != "lognormal":
        problems.append(
            f"interest.values is {scenario.interest.values!r}; closed forms of rounds need lognormal"
        )
    return problems
