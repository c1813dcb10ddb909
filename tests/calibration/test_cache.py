"""Steps on disk: what is read is what was computed; whatever else stands there is set aside, and never run."""

from __future__ import annotations

import pickle
import random
from dataclasses import fields

import numpy as np
import pytest
from test_codec import Mine, hostile

from calibration.cache import DAMAGED, RESULTS, Cache
from calibration.estimation.posterior import Diagnostics, Run
from sim.experiments.storage.checksum import with_checksum

GOOD = Diagnostics(np.array([1.0]), np.array([500.0]), np.array([450.0]), 0.1)
RUN = Run(np.arange(6.0).reshape(2, 3), np.array([-1.5, 2.5]), GOOD, 0.4, 7, 1.5)


def written_out(one: Run) -> list[str]:
    return [repr(getattr(one, field.name)) for field in fields(one)]


@pytest.fixture
def cache(tmp_path):
    kept = Cache(tmp_path / "steps", "about", lambda path: kept.aside.append(path))
    kept.aside = []
    return kept


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_a_result_of_every_kind_comes_back(name, cache):
    one = RESULTS[name]
    values = {field.name: np.full((2, i), 1.0 / 3.0) for i, field in enumerate(fields(one))}
    cache.put("step", name, one(**values))
    back = cache.get("step", name)
    assert type(back) is one
    for key, value in values.items():
        np.testing.assert_array_equal(getattr(back, key), value)


def test_no_flipped_bit_gives_another_result(cache):
    """The old store took 84 of 100 flipped files for what had been computed."""
    cache.put("fits", 1, RUN)
    path, draw = cache.path("fits", 1), random.Random(1)
    content = path.read_bytes()
    for _ in range(300):
        flipped = bytearray(content)
        flipped[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        assert cache.get("fits", 1) is None
    assert cache.aside == [cache.folder / DAMAGED / path.name] * 300
    cache.put("fits", 1, RUN)
    assert written_out(cache.get("fits", 1)) == written_out(RUN)


def test_a_step_under_the_name_of_another_is_not_taken_for_it(cache):
    cache.put("fits", 1, RUN)
    cache.path("fits", 1).rename(cache.path("fits", 2))
    assert cache.get("fits", 2) is None
    assert cache.get("fits", 1) is None


def test_no_step_is_unpickled(cache, tmp_path):
    canary = tmp_path / "canary"
    cache.put("fits", 1, RUN)
    path, key = cache.path("fits", 1), cache.key("fits", 1)
    path.with_suffix(".pickle").write_bytes(pickle.dumps(Mine(str(canary))))
    for data in hostile(str(canary)):
        for content in (data, with_checksum(data, key)):
            path.write_bytes(content)
            assert cache.get("fits", 1) is None
    assert not canary.exists()
