"""A small court whose calibration takes seconds: one window, two free parameters, two interpretations. Run as a script, it
calibrates into a folder until it is done or killed: ``small.py TARGETS OUT JOBS``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

from calibration import outputs, pipeline
from calibration.estimation.posterior import Effort
from calibration.result import Result
from calibration.settings import Settings
from calibration.targets.reader.load import load_targets

TARGETS = """\
title = "Small"
title_zh = "小法院"
source = "made up for tests"
[definitions]
sale_rate = "sale_rate_final"
premium = { premium_mean = 0.6, premium_turnover = 0.4 }
[windows."2018"]
first = 2018-01-01
last = 2018-06-30
lots = 300
sold = 100
sale_rate = "66.67%"
premium = "20.0%"
turnover = "1.2亿"
[[free]]
name = "interest"
path = "interest.mean"
transform = "log"
low = 0.1
high = 20.0
source = "test"
[[free]]
name = "value_scale"
path = "kinds.*.value_median"
scale = true
transform = "log"
low = 0.2
high = 5.0
source = "test"
"""

LESS = Effort(
    ensembles=2,
    members=32,
    totals=8,
    rounds=1,
    walkers=16,
    steps=4,
    relaid=1,
    learning=1,
    between=4,
    block=4,
    least=4,
    most=4,
)
FEWER = {"PRIOR": 16}  # of the pipeline
SETTINGS = Settings("quick", LESS, listings=1, draws=64, exported=8)


def calibrate(targets: Path, out: Path, jobs: int, lang: str = "en") -> Result:
    """Everything that ``calibrate run`` does, with less of each."""
    loaded = load_targets(targets)
    outputs.prepare(out, loaded, False)
    with patch.multiple(pipeline, **FEWER):
        result = pipeline.run(loaded, SETTINGS, jobs, pipeline.cache_of(out, loaded), lambda *_: None, False)
    asked = outputs.Asked(
        lang=lang, command=["calibrate", "run", "small"], jobs=jobs, scenario=out / "scenario.toml"
    )
    outputs.write(out, result, asked)
    return result


if __name__ == "__main__":
    calibrate(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
