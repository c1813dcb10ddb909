"""Makes the archive of ``.ci/offline``.

``pip download --platform`` chooses wheels for another system but asks this one which packages are needed (psutil on Windows alone, say).
So the packages are followed here, from the metadata of one wheel to the next, with the markers of the other system.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import BytesParser
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parents[1]
FILES: Final = ROOT / ".ci" / "offline-files"
PROJECT: Final = "judicial-auction-sim"
MANYLINUX: Final = (
    "2_17",
    "2_24",
    "2_27",
    "2_28",
    "2_31",
    "2_34",
)  # of the C library, up to that of Debian 12 and Ubuntu 22.04


@dataclass(frozen=True)
class Platform:
    """A system: the tags of wheels that it takes, its markers, and which start scripts are for it."""

    tags: tuple[str, ...]
    markers: dict[str, str]
    starts: tuple[str, ...]
    archive: str  # kind, as ``shutil.make_archive`` names it


def _linux(machine: str) -> Platform:
    tags = (*(f"manylinux_{version}_{machine}" for version in MANYLINUX), f"manylinux2014_{machine}")
    markers = {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": machine,
    }
    return Platform(tags, markers, ("start.sh",), "tar")


PLATFORMS: Final = {
    "linux": _linux("x86_64"),
    "linux-arm": _linux("aarch64"),
    "windows": Platform(
        ("win_amd64",),
        {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
        ("start.cmd",),
        "zip",
    ),
    "macos": Platform(
        tuple(
            f"macosx_{version}_0_{kind}" for version in (14, 13, 12, 11) for kind in ("arm64", "universal2")
        ),
        {
            "os_name": "posix",
            "sys_platform": "darwin",
            "platform_system": "Darwin",
            "platform_machine": "arm64",
        },
        ("start.sh", "start.command"),
        "tar",
    ),
}


def needed(wheel: Path, extras: frozenset[str], markers: dict[str, str]) -> Iterator[Requirement]:
    """What a wheel says that it needs on a system."""
    with zipfile.ZipFile(wheel) as file:
        (name,) = [
            one for one in file.namelist() if one.endswith(".dist-info/METADATA") and one.count("/") == 1
        ]
        lines = BytesParser().parsebytes(file.read(name)).get_all("Requires-Dist") or []
    for one in map(Requirement, lines):
        if one.marker is None or any(one.marker.evaluate({**markers, "extra": e}) for e in extras or {""}):
            yield one


def gather(wheels: Path, python: str, platform: Platform) -> None:
    """Put the program's own wheel, and all that it and what it needs need, into a folder, with pip to install them by."""
    if why := pip(["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(ROOT)]):
        raise SystemExit(f"{why}offline: the program's own wheel could not be made")
    markers = {**platform.markers, "python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython",
               "platform_python_implementation": "CPython"}  # fmt: skip
    options = ["--no-deps", "--only-binary", ":all:", "--python-version", python, "--implementation", "cp"]
    options += [word for tag in platform.tags for word in ("--platform", tag)]
    todo = [
        (Requirement("pip"), frozenset[str]()),
        *((one, frozenset(one.extras)) for one in needed(_own(wheels), frozenset({"", "app"}), markers)),
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        one, extras = todo.pop()
        name = canonicalize_name(one.name)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found = _wheel(wheels, name)
        if found is None:
            fetch(wheels, f"{one.name}{one.specifier}", options)
            found = _wheel(wheels, name)
        assert found is not None
        todo += [(more, frozenset(more.extras)) for more in needed(found, extras | {""}, markers)]


def _own(wheels: Path) -> Path:
    found = _wheel(wheels, PROJECT)
    assert found is not None
    return found


def _wheel(wheels: Path, name: str) -> Path | None:
    return next(
        (one for one in wheels.glob("*.whl") if canonicalize_name(one.name.split("-")[0]) == name), None
    )


def fetch(wheels: Path, text: str, options: list[str]) -> None:
    """Get the wheel of a package; of one that is published as source alone, the wheel made here, if it is for every system."""
    constraint = ["--constraint", str(ROOT / ".ci" / "constraints.txt")]
    why = pip(["download", *options, *constraint, "--dest", str(wheels), text])
    if not why:
        return
    with tempfile.TemporaryDirectory() as place:
        if pip(["wheel", "--no-deps", *constraint, "--wheel-dir", place, text]):
            raise SystemExit(f"{why}offline: {text} could not be had; is there a network?")
        (made,) = Path(place).iterdir()
        if not made.name.endswith("-none-any.whl"):
            raise SystemExit(
                f"{why}offline: there is no wheel of {text} for that system, and {made.name} is only for this one"
            )
        shutil.copy(made, wheels)


def pip(words: list[str]) -> str:
    """Run pip; what it says when it fails."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    return done.stderr if done.returncode else ""


def fill(folder: Path, python: str, platform: Platform) -> None:
    """Start scripts, what to do with them, and checksums of everything."""
    for name in (*platform.starts, "README.txt"):
        text = (FILES / name).read_text(encoding="utf-8").replace("@PYTHON@", python)
        path = folder / name
        path.write_text(
            text, encoding="utf-8", newline="\r\n" if platform.markers["os_name"] == "nt" else "\n"
        )
        path.chmod(0o755 if name in platform.starts else 0o644)
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")


def main() -> None:
    """Make one archive and say where it is."""
    parser = argparse.ArgumentParser(
        prog="offline", description=__doc__.partition("\n")[0] if __doc__ else ""
    )
    parser.add_argument("--platform", choices=sorted(PLATFORMS), default="linux")
    parser.add_argument("--python", default="3.11", choices=("3.11", "3.12", "3.13"))
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "offline")
    given = parser.parse_args()
    platform = PLATFORMS[given.platform]
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.out, prefix="making-") as place:
        folder = Path(place) / PROJECT
        (folder / "wheels").mkdir(parents=True)
        gather(folder / "wheels", given.python, platform)
        fill(folder, given.python, platform)
        count = len(list((folder / "wheels").iterdir()))
        target = given.out / f"{PROJECT}-{given.platform}-python{given.python}"
        archive = Path(shutil.make_archive(str(target), platform.archive, place, PROJECT))
    print(f"offline: {archive}, {count} wheels, {archive.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
