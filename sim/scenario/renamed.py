"""Names that scenarios, targets and tables had before, and what they are called now.

An old name is an error that says the new one, wherever it stands: in a file, after ``--set`` or ``--vary``, in a table of
a date, among sources, at the head of a column. It is never taken for the new one in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sim.locale.language import said
from sim.scenario.keys import FROM, Key, undated, write_key

TABLES: Final[dict[str, str]] = {  # of a scenario
    "docket": "arrivals",
    "waiting": "strategic_waiting",
    "cash": "liquidity",
    "market": "finite_market",
    "printed": "published",
}
TARGETS: Final[dict[str, str]] = {"printed": "published"}  # in a figure or a change of a targets file
COLUMNS: Final[dict[str, dict[str, str]]] = {  # of tables that are written, by table
    "rounds": {"comers": "interested"},
    "comparison": {"printed": "published", "distance": "verdict"},
    "differences": {"sd_luck": "sd_monte_carlo"},
    "parameters": {"left": "sd_ratio"},
    "settle": {"left_OUTCOME": "width_ratio_OUTCOME"},
}
_BEFORE: Final = {new: old for old, new in TABLES.items()}


def new_name(key: Key) -> Key | None:
    """What a key is called now; None if it is called as it was."""
    of = undated(key)
    new = TABLES.get(of[0]) if of else None
    return None if new is None else (*key[: len(key) - len(of)], new, *of[1:])


def old_name(key: Key) -> Key:
    """What a key was called before: an order of keys by name that does not depend on the change."""
    of = undated(key)
    return (*key[: len(key) - len(of)], _BEFORE.get(of[0], of[0]), *of[1:]) if of else key


def renaming(key: Key) -> str | None:
    """``is now arrivals.volume``, for the key ``docket.volume``; None for a key that was not renamed."""
    new = new_name(key)
    return said("renamed", name=write_key(new)) if new else None


def with_new_names(tree: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario's tree under the names of now, so that what else is wrong with it can be looked for. What stands under
    both names stays as it is under the new one.
    """
    found = {name: value for name, value in tree.items() if name not in TABLES}
    for old, new in TABLES.items():
        if old in tree:
            found.setdefault(new, tree[old])
    dates = found.get(FROM)
    if isinstance(dates, dict):
        found[FROM] = {
            day: with_new_names(over) if isinstance(over, dict) else over for day, over in dates.items()
        }
    return found
