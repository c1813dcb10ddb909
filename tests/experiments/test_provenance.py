"""What decides results is in the digest: every module that a run loads, and no other; every package that it computes with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from calibration import cache
from sim.experiments.provenance import HOME, KEEPING, OURS, RUN, SWEEP, closure, provenance

ROOTS = (SWEEP, RUN, cache.ROOT)
# Everything that people may do is on, so that what is imported only where it is asked for is imported.
DATED = "from.2018-01-01.rounds.second.cut=0.3"
ALL_ON = """
import sys, {root}
from sim.model.simulate import simulate
from sim.scenario import load
simulate(load("reacting", {overrides}).scenario, 0)
import sim.model.compiled.build, sim.model.compiled.courts, sim.model.compiled.coverage  # the other engine
print(*[name for name in sys.modules if name.split(".")[0] in ("sim", "calibration")])
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code, to be changed."""
    home = tmp_path_factory.mktemp("copy")
    for name in OURS:
        shutil.copytree(HOME / name, home / name, ignore=shutil.ignore_patterns("__pycache__", "scenarios"))
    return home


def loaded(root: str) -> set[str]:
    """Modules of ours that a process has when it has loaded the root and run a replication with everything on."""
    code = ALL_ON.format(
        root=root,
        overrides=("arrivals.volume=0.02", "courts.number=4", "price_response.elasticity=0.5", DATED),
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(ran.stdout.split())


@pytest.mark.parametrize("root", ROOTS)
def test_every_module_in_turn_changes_the_digest_exactly_where_a_run_loads_it(root: str, copy: Path) -> None:
    deciding = loaded(root)
    assert {"sim.theory.waiting", "sim.model.simulate", "sim.model.calendar"} <= deciding
    found = closure(root, copy)
    before = found.digest()
    files = {
        ".".join(path.relative_to(copy).with_suffix("").parts).removesuffix(".__init__"): path
        for name in OURS
        for path in (copy / name).rglob("*.py")
    }
    texts = {name: path.read_bytes() for name, path in files.items()}
    others = files.keys() - deciding
    assert deciding <= files.keys()
    assert len(others) > 50, "reports, commands and the like decide nothing"
    assert set(found.files) == deciding
    for name in (
        deciding if root == RUN else sorted(deciding)[::20]
    ):  # one digest for all roots: each file once is enough
        files[name].write_bytes(texts[name] + b"\n# changed\n")
        assert found.digest() != before, name
        files[name].write_bytes(texts[name])
    for name in others:  # all at once: none may change anything
        files[name].write_bytes(texts[name] + b"\n# changed\n")
    after = found.digest()
    for name in others:
        files[name].write_bytes(texts[name])
    assert after == before


def test_a_module_is_found_however_it_is_imported(tmp_path: Path) -> None:
    sim = tmp_path / "sim"
    (sim / "inner").mkdir(parents=True)
    for name in (
        "__init__",
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
        "inner/__init__",
        "inner/g",
        "inner/h",
        "unseen",
        "taken",
    ):
        (sim / f"{name}.py").write_text("")
    (sim / "root.py").write_text(
        "import sim.a\n"
        "from typing import TYPE_CHECKING\n"
        "from sim import b, c as other\n"
        "from . import d\n"
        "from .inner import g\n"
        "import numpy as np, yaml.nodes\n"
        "if TYPE_CHECKING:\n    import sim.unseen\nelse:\n    import sim.taken\n"
        "class X:\n    def f(self):\n        try:\n            from sim.e import name\n        finally:\n            pass\n"
    )
    (sim / "inner" / "g.py").write_text("from ..f import x\nfrom .h import y\nimport json\n")
    found = closure("sim.root", tmp_path)
    assert sorted(found.files) == [
        "sim", "sim.a", "sim.b", "sim.c", "sim.d", "sim.e", "sim.f", "sim.inner", "sim.inner.g", "sim.inner.h", "sim.root",
        "sim.taken",
    ]  # fmt: skip
    assert found.packages == {"numpy", "yaml"}
    (sim / "inner" / "g.py").rename(sim / "g.py")
    assert "sim.inner.h" not in closure("sim.root", tmp_path).files


@pytest.mark.parametrize("root", ROOTS)
def test_every_package_that_computes_is_there_with_its_version(root: str) -> None:
    found = provenance(root)
    packages = closure(root).packages
    assert {"numpy", "scipy", "simpy", "pydantic"} <= packages
    assert set(found) == {"code", "python"} | (packages - set(KEEPING))
    assert "none" not in found.values(), "an import name that is not the distribution's"


def test_dates_come_from_a_package_whose_version_is_in_it() -> None:
    """Openings are put off by the Spring Festival: another calendar would give other results."""
    assert "tyme4py" in provenance(RUN)
