"""Does known truth come back? Provinces simulated at known parameters, calibrated on their print. See calibration/recovery.py.

    python benchmarks/recovery.py                    # fifty provinces, one process, about an hour; goes on if stopped
    python benchmarks/recovery.py --provinces 2      # a look; writes no results
    python benchmarks/recovery.py --tell             # the tables again, from what is in --out

Every province is a JSON file in --out. Writes recovery-results.md and recovery-results.csv when all are there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from calibration import recovery  # noqa: E402
from calibration.exposure import Exposure  # noqa: E402
from calibration.targets import Targets, load_targets  # noqa: E402
from calibration.world import World  # noqa: E402

TARGETS = HERE / "recovery.toml"
ALL = 50


def one(number: int, targets: Targets, exposures: list[Exposure], effort: recovery.Effort) -> dict[str, Any]:
    """Province ``number``, simulated and calibrated."""
    mine = recovery.seeded(targets, number)
    made = recovery.province(World(mine, exposures, effort.draws), mine.readings(), number)
    return {"number": number, **recovery.calibrate(made, exposures, effort)}


def keep(folder: Path, number: int, found: dict[str, Any]) -> None:
    """Write a province's file whole."""
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".province-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1)
    os.replace(temporary, folder / f"province-{number:03d}.json")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--provinces", type=int, default=ALL)
    parser.add_argument("--out", type=Path, default=Path("out/recovery"))
    parser.add_argument("--tell", action="store_true", help="calibrate nothing, tell what is there")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    effort, targets = recovery.Effort(), recovery.exact(load_targets(TARGETS))
    missing = [n for n in range(asked.provinces) if not (asked.out / f"province-{n:03d}.json").exists()]
    exposures = recovery.timing(targets, effort) if missing and not asked.tell else []
    for number in () if asked.tell else missing:
        found = one(number, targets, exposures, effort)
        keep(asked.out, number, found)
        r_hat = max(found.get("r_hat", {"": float("nan")}).values())
        print(f"{number:3d}  {found['seconds']:5.0f} s  {found['reading']}  R-hat {r_hat:.2f}", flush=True)


if __name__ == "__main__":
    main()
