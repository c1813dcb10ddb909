"""Work for sweeps in tests: tiny, and able to fail, kill its worker, or wait for a sign."""

from __future__ import annotations

import math
import os
import signal
import time
from pathlib import Path


class Sums:
    """x + y and a number that only the replication decides. Waits ``pause`` seconds a run."""

    columns = ("sum", "noise")

    def __init__(self, pause: float = 0.0, kill: str = "", killers: tuple[float, ...] = ()) -> None:
        """A run at x in ``killers`` kills its process: every time, or once if ``kill`` names a file to be made."""
        self.pause, self.kill, self.killers = pause, kill, tuple(killers)

    def prepare(self, values):
        if values["x"] == 13:
            raise ValueError("no such x")
        return values["x"], values.get("y", 0.0)

    def run(self, prepared, replication):
        x, y = prepared
        if x == 7 and replication == 1:
            raise ZeroDivisionError("x is seven")
        if x in self.killers and not (self.kill and Path(self.kill).exists()):
            if self.kill:
                Path(self.kill).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self.pause)
        return [x + y, ((replication + 1) * 0.6180339887498949) % 1.0 + 0.1 * x]


class Ishigami:
    """sin x + 7 sin^2 y + 0.1 z^4 sin x: the function whose indices everybody knows."""

    columns = ("value",)

    def prepare(self, values):
        return values["x"], values["y"], values["z"]

    def run(self, prepared, replication):
        x, y, z = prepared
        return [math.sin(x) + 7.0 * math.sin(y) ** 2 + 0.1 * z**4 * math.sin(x)]


class Linear:
    """3 x - 2 y + 0 z, and nothing else."""

    columns = ("value",)

    def prepare(self, values):
        return 3.0 * values["x"] - 2.0 * values["y"]

    def run(self, prepared, replication):
        return [prepared]


class Choices:
    """Of a place, 0, 1 or 5; 2 if held; and y."""

    columns = ("value",)

    def prepare(self, values):
        return {"a": 0.0, "b": 1.0, "c": 5.0}[values["place"]] + 2.0 * values["held"] + values["y"]

    def run(self, prepared, replication):
        return [prepared]


class Rounding:
    """0.9, the same whatever x and y are but for the last digit, and a tenth of z where there is one."""

    columns = ("value",)

    def prepare(self, values):
        return 0.9 * (
            1.0 + (1.0 if values["x"] > 0.5 else -1.0) * 3e-16 + values["y"] * 3e-16
        ) + 0.1 * values.get("z", 0.0)

    def run(self, prepared, replication):
        return [prepared]
