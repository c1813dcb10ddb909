"""Streams of a calibration: keyed by a purpose, as they were before the purposes had names, and made in one place."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from calibration.random_streams import Purpose, stream

CODE = Path(__file__).resolve().parents[2] / "calibration"


def test_a_stream_is_that_of_its_key_as_plain_numbers():
    """The results of calibrations that have been published hang on it."""
    for key, plain in [
        ((7, Purpose.OBSERVATIONS, 3), (7, 32, 3)),
        ((7, 2, Purpose.PROVINCE), (7, 2, 101)),
        ((Purpose.BAND,), 104),
    ]:
        assert np.array_equal(stream(*key).random(5), np.random.default_rng(plain).random(5))


@pytest.mark.parametrize("key", [(7, 32), (7, Purpose.PRIOR, Purpose.DRAWS), ()])
def test_a_key_has_one_purpose(key):
    with pytest.raises(ValueError, match="one purpose"):
        stream(*key)


def test_no_two_purposes_have_one_number():
    assert len(Purpose.__members__) == len(set(Purpose))


def test_generators_are_made_in_one_place():
    """The draws of listing times are older than the purposes."""
    made = {
        path.relative_to(CODE).as_posix()
        for path in CODE.rglob("*.py")
        if re.search(r"default_rng\(|RandomState\(", path.read_text(encoding="utf-8"))
    }
    assert made == {"random_streams.py", "forward_model/listing_times.py"}
