"""A number on which an extension's results depend, wherever it stands, changes what is written down of the extension."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.experiments.extension_sources import described
from sim.experiments.sweep.run_store import RunStoreError

NUMBER = itertools.count()
USED = "import sim\nimport functools\n{before}\nclass Mine(sim.PricingMethod):\n    {inside}\n    def reference(self, lot):\n        return {gives} * lot.value\n"

# What stands before the class, in it, and in the expression that its method gives; other files.
CASES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "attribute of the class": ("SHARE = 0.8", "share = SHARE", "self.share", {}),
    "default": (
        "SHARE = 0.8",
        "def share(self, share=SHARE, *, more=1.0): return share * more",
        "self.share()",
        {},
    ),
    "default of a name": ("SHARE = 0.8", "def share(self, *, share=SHARE): return share", "self.share()", {}),
    "lru_cache": ("@functools.lru_cache\ndef share(): return 0.8", "pass", "share()", {}),
    "lru_cache around what stands elsewhere": (
        "from helper import inner\nshare = functools.lru_cache(inner)",
        "pass",
        "share()",
        {"helper": "def inner(): return 0.8"},
    ),
    "lru_cache on a method": (
        "SHARE = 0.8",
        "@functools.lru_cache\n    def share(self): return SHARE",
        "self.share()",
        {},
    ),
    "partial": (
        "SHARE = 0.8\ndef times(a): return a\nshare = functools.partial(times, SHARE)",
        "pass",
        "share()",
        {},
    ),
    "partial in the class": (
        "SHARE = 0.8\ndef times(a): return a",
        "share = staticmethod(functools.partial(times, SHARE))",
        "self.share()",
        {},
    ),
    "module of a helper module": (
        "import helper",
        "pass",
        "helper.share()",
        {"helper": "import numbers_\ndef share(): return numbers_.SHARE", "numbers_": "SHARE = 0.8"},
    ),
    "module of a helper function": (
        "from helper import share",
        "pass",
        "share()",
        {
            "helper": "import near\ndef share(): return near.SHARE",
            "near": "from far import *",
            "far": "SHARE = 0.8",
        },
    ),
    "import inside a function": (
        "def share():\n    from helper import SHARE\n    return SHARE",
        "pass",
        "share()",
        {"helper": "SHARE = 0.8"},
    ),
    "what a module has computed": (
        "import helper",
        "pass",
        "helper.SHARE",
        {"helper": "import os\nSHARE = float(os.environ['SHARE_OF_TEST'])"},
    ),
    "njit": ("import numba\n@numba.njit\ndef share(): return 0.8", "pass", "share()", {}),
    "object that is called": (
        "from helper import Times\nshare = Times(0.8)",
        "pass",
        "share()",
        {
            "helper": "class Times:\n    def __init__(self, a): self.a = a\n    def __call__(self): return self.a"
        },
    ),
    "class of an object that is called": (
        "from helper import Times\nshare = Times()",
        "pass",
        "share()",
        {"helper": "class Times:\n    def __call__(self): return 0.8"},
    ),
    "one slot": (
        "class Kept:\n    __slots__ = 'share'\nkept = Kept()\nkept.share = 0.8",
        "pass",
        "kept.share",
        {},
    ),
    "closure": (
        "def make(a):\n    return lambda: a\none, other = make(1.0), make(0.8)",
        "pass",
        "one() * other()",
        {},
    ),
    "decorator": (
        "from helper import scaled\n@scaled\ndef share(): return 1.0",
        "pass",
        "share()",
        {
            "helper": "import functools\ndef scaled(f):\n    @functools.wraps(f)\n    def inner(): return 0.8 * f()\n    return inner"
        },
    ),
    "decorator of a method": (
        "from helper import scaled",
        "@scaled\n    def share(self): return 1.0",
        "self.share()",
        {
            "helper": "import functools\ndef scaled(f):\n    @functools.wraps(f)\n    def inner(self): return 0.8 * f(self)\n    return inner"
        },
    ),
    "class in a class": (
        "import helper\nclass Base:\n    Inner = helper.Base.Inner\nkept = helper.Base.Inner()\nof = helper.Base",
        "pass",
        "kept.share() + 0.0 * of.one",
        {
            "helper": "SHARE = 0.8\nclass Base:\n    one = 1.0\n    class Inner:\n        def share(self): return SHARE"
        },
    ),
    "module and function of one name": (
        "from both import both",
        "pass",
        "both()",
        {
            "both/__init__": "def both():\n    from both.both import SHARE\n    return SHARE",
            "both/both": "SHARE = 0.8",
        },
    ),
    "method of an object": (
        "class Kept:\n    def __init__(self): self.a = 0.8\n    def share(self): return self.a\nshare = Kept().share",
        "pass",
        "share()",
        {},
    ),
    "dataclass": (
        "import dataclasses\nSHARE = 0.8\n@dataclasses.dataclass(frozen=True)\nclass Kept:\n    share: float = SHARE",
        "pass",
        "Kept().share",
        {},
    ),
    "named tuple": (
        "import collections\nKept = collections.namedtuple('Kept', 'share', defaults=[0.8])",
        "pass",
        "Kept().share",
        {},
    ),
    "typed named tuple": (
        "import typing\nSHARE = 0.8\nclass Kept(typing.NamedTuple):\n    share: float = SHARE",
        "pass",
        "Kept().share",
        {},
    ),
    "singledispatch": (
        "@functools.singledispatch\ndef share(one): return 1.0\n@share.register\ndef _(one: float): return 0.8",
        "pass",
        "share(1.0)",
        {},
    ),
    "property": ("SHARE = 0.8", "@property\n    def share(self): return SHARE", "self.share", {}),
    "base": (
        "from helper import Base\nclass Kept(Base): pass",
        "pass",
        "Kept.a",
        {"helper": "class Base: a = 0.8"},
    ),
    "choice of two functions": (
        "def one(): return 0.8\ndef two(): return 0.6\nshare = {'0.8': one, '0.6': two}['0.8']",
        "pass",
        "share()",
        {},
    ),
    "member of an enum": (
        "import enum\nSHARE = 0.8\nclass Kind(enum.Enum):\n    A = SHARE",
        "pass",
        "Kind.A.value",
        {},
    ),
    "attribute of a function": (
        "SHARE = 0.8\ndef share(): return share.a\nshare.a = SHARE",
        "pass",
        "share()",
        {},
    ),
    "list of functions": ("RULES = [lambda: 1.0, lambda: 0.8]", "pass", "RULES[1]()", {}),
    "date": (
        "import datetime\nSHARE = 0.8\nDAY = datetime.timedelta(SHARE)",
        "pass",
        "DAY.total_seconds() / 86_400",
        {},
    ),
}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An extension whose number is ``share``, of files that are written and loaded anew."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(case: tuple[str, str, str, dict[str, str]], share: str) -> sim.PricingMethod:
        before, inside, gives, others = case
        texts = {"mine": USED.format(before=before, inside=inside, gives=gives), **others}
        monkeypatch.setenv("SHARE_OF_TEST", share)
        for name, text in texts.items():
            monkeypatch.delitem(sys.modules, name.replace("/__init__", "").replace("/", "."), raising=False)
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / f"{name}.py").write_text(text.replace("0.8", share), encoding="utf-8")
            stamp = next(NUMBER)
            os.utime(tmp_path / f"{name}.py", (stamp, stamp))
        importlib.invalidate_caches()
        found: sim.PricingMethod = importlib.import_module("mine").Mine()
        return found

    yield make
    for name in ("mine", "helper", "numbers_", "near", "far", "both", "both.both"):
        sys.modules.pop(name, None)


class Lot:
    value = 1.0


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_number_that_counts_is_written_down(made: Any, case: tuple[str, str, str, dict[str, str]]) -> None:
    if "numba" not in case[0]:  # compiling takes a while
        assert made(case, "0.6").reference(Lot) == pytest.approx(0.6)
    first, again, other = (
        json.dumps(described("pricing", made(case, share))) for share in ("0.8", "0.8", "0.6")
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("before", "gives", "said"),
    [
        ("import numpy\nMADE = numpy.random.default_rng(1)", "MADE.random()", "MADE is a Generator"),
        ("import numpy\nmade = numpy.frompyfunc(lambda: 0.8, 0, 1)", "made()", "made is a ufunc"),
        (
            "space = {}\nexec('def made(): return 0.8', space)\nmade = space['made']",
            "made()",
            "source of made",
        ),
        ("import threading\nMADE = threading.Lock()", "MADE.locked()", "MADE is a lock"),
    ],
)
def test_what_cannot_be_written_down_is_refused(made: Any, before: str, gives: str, said: str) -> None:
    with pytest.raises(sim.ExtensionError, match=said):
        described("pricing", made((before, "pass", gives, {}), "0.8"))


def test_python_and_packages_are_named_and_not_followed(made: Any) -> None:
    before = "import math, numpy\nimport numpy as np\nfrom math import exp\nfrom numpy import mean"
    gives = "np.sqrt(mean([exp(0.0), math.cos(0.0)])) * 0.8"
    found = described("pricing", made((before, "pass", gives, {}), "0.8"))["source"]
    found.pop("mine.Mine")
    assert found == {
        "mine.Mine.reference: exp": {"name": "math.exp"},
        "mine.Mine.reference: mean": {"name": "numpy.mean"},
    }


def test_a_sweep_does_not_go_on_where_a_helper_was_edited(made: Any, tmp_path: Path) -> None:
    case, out = CASES["module of a helper module"], tmp_path / "swp"
    village = sim.load_scenario({"courts.number": 1, "arrivals.volume": 0.02})
    vary = {"rounds.second.cut": [0.2]}
    few: dict[str, Any] = {"replications": 1, "measures": ["lots_sold"], "out": out}
    sim.sweep(village.extend(made(case, "0.8")), vary, **few)
    sim.sweep(village.extend(made(case, "0.8")), vary, **few)
    with pytest.raises(RunStoreError, match="holds another sweep"):
        sim.sweep(village.extend(made(case, "0.6")), vary, **few)
