"""What a result depends on besides its scenario: the code that computes it and the packages under it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import sim

# Packages whose versions numbers may depend on; those that only draw or print do not count.
PACKAGES = ("numpy", "scipy", "simpy", "pydantic", "tyme4py")
TELLING = ("report", "commands", "verify", "theory")  # folders of code that computes no result
TELLING_FILES = ("cli.py", "cli_explore.py", "__main__.py")


@lru_cache(maxsize=1)
def identity() -> dict[str, str]:
    """The code (a digest of its text: a commit would not see what is not committed), Python and packages."""
    home = Path(sim.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(home.rglob("*.py")):
        inside = path.relative_to(home)
        if inside.parts[0] in TELLING or inside.name in TELLING_FILES:
            continue
        digest.update(str(inside.as_posix()).encode())
        digest.update(path.read_bytes())
    packages = {name: _version(name) for name in PACKAGES}
    return {"code": digest.hexdigest()[:16], "python": platform.python_version(), **packages}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs, a line each: ``numpy: 1.26.4 then, 2.0.1 now``."""
    return [
        f"{name}: {then.get(name, 'none')} then, {now.get(name, 'none')} now"
        for name in dict.fromkeys((*then, *now))
        if then.get(name) != now.get(name)
    ]
