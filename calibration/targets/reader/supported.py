"""What of a scenario calibration cannot follow: a targets file that stands on it is refused."""

from __future__ import annotations

from sim.locale.language import said
from sim.scenario.errors import joined
from sim.scenario.keys import write_key
from sim.scenario.schema import Scenario


def supported(scenario: Scenario) -> list[str]:
    """What of a scenario the closed forms cannot follow; empty if nothing."""
    problems = [
        said("supported.base", name=path, value=f"{value:g}")
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
            said("place", where=write_key((table, name)), said=said("supported.dot")) for name in odd
        ]
    own = [write_key(("kinds", name)) for name, kind in scenario.kinds.items() if kind.own]
    if own:
        problems.append(said("supported.own", kinds=joined(own)))
    if scenario.from_:
        problems.append(said("supported.dates", dates=joined(sorted(scenario.from_))))
    if scenario.interest.values != "lognormal":
        problems.append(said("supported.values", value=repr(scenario.interest.values)))
    return problems
